/* seats.h - which attempts may run on this machine at once: cpus, memory and machines of clusters, for engines that hold to them. */
#ifndef WEFT_RUNTIME_SEATS_H
#define WEFT_RUNTIME_SEATS_H

#include "runtime/pool.h"

struct seats {
	struct room room;
	struct ask ask;    /* of the attempt that seats_fit was asked about last */
	bool blocked;      /* one before it in order waits for cpus or memory */
	const char *never; /* why it can never run here, NULL if it can */
};

/* engine_ops.check: hold everything that is wanted against the machine; sets r->pools, r->requests, r->slots. */
bool seats_check(struct run *r);
void seats_open(struct run *r, struct seats *s);
/* engine_ops.fits */
bool seats_fit(struct run *r, struct seats *s, struct attempt_id id, uint32_t passed);
/* The attempt that was asked about last starts, or one has ended. */
struct taken seats_take(struct run *r, struct seats *s, uint32_t task);
void seats_give(struct run *r, struct seats *s, uint32_t task, const struct taken *t);

#endif
