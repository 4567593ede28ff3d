/* room.h - how much of the machine is taken: what fits beside what runs, and whose turn it is when something does not.
 *
 * Whoever comes first in the scheduler's order and does not fit *waits*: what overtakes it may take only what would be
 * left over beside it.  So it starts at the latest when all that ran when it began to wait has ended, and until then
 * nothing stands idle that it could not use anyway. */
#ifndef WEFT_RUNTIME_ROOM_H
#define WEFT_RUNTIME_ROOM_H

#include <stdbool.h>
#include <stdint.h>

#define ROOM_CPU INT64_C(1000000000) /* one cpu */

struct need {
	int64_t cpu; /* billionths of a cpu */
	int64_t mem; /* bytes */
};
struct room {
	struct need all, free;
	struct need want; /* of the one that waits */
	struct need over; /* taken by those that overtook it */
	uint64_t who;     /* the one that waits */
	bool waits;
	uint32_t turn;    /* changes with `who`; from 1 */
};
struct taken { /* what room_give gives back */
	struct need need;
	uint32_t turn; /* 0: it overtook nobody */
};

void room_init(struct room *m, struct need all);
/* May WHO start now?  OVERTAKES: one that comes before it in order was told no and nothing was given back since. */
bool room_fits(struct room *m, uint64_t who, struct need n, bool overtakes);
/* It starts; room_fits must have said yes with the same arguments. */
struct taken room_take(struct room *m, struct need n, bool overtakes);
/* It has ended. */
void room_give(struct room *m, const struct taken *t);

#endif
