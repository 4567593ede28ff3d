/* past.h - what the journal says about runs: all of them in short, one of them instance by instance.
 *
 * For reading commands: no lock is taken, and a run that is still going on is one whose end is not there yet.
 * Strings point into the journal.  Memory: 12 to 30 bytes an instance of the one run. */
#ifndef WEFT_RUNTIME_PAST_H
#define WEFT_RUNTIME_PAST_H

#include "runtime/journal.h"
#include "runtime/record.h"

#include <sys/types.h>

enum past_life { PAST_ENDED, PAST_LIVE, PAST_CUT /* its process ended without a word */ };

struct past_run {
	struct rec_run run;
	struct rec_run_end end; /* PAST_ENDED; else counts of what is recorded, and the last time there */
	enum past_life life;
	uint32_t pid;           /* of its process */
	uint64_t from, to;      /* where its records stand */
};

enum past_state { PAST_RUNNING, PAST_DONE, PAST_FAILED, PAST_CANCELLED, PAST_AGAIN /* failed, to be tried again */, PAST_STATES };

struct past_attempt { /* the last one of an instance */
	struct rec_who who;
	enum past_state state;
	uint32_t attempt;
	int64_t instance, begin_ms, end_ms, wall_ms, cpu_ms, max_rss; /* -1 unknown */
	uint8_t cause;      /* enum run_cause */
	int32_t status;
	bool adopted;
	const char *text;   /* detail of a failure, "" */
	const char *id;     /* the engine's, "" */
	struct rec_done done; /* PAST_DONE: what was recorded of it, its outputs too */
};
struct past_task {
	const char *name;
	uint64_t n[PAST_STATES];
	int64_t wall_ms, longest_ms; /* of those that are done */
};

#define PAST_LONGEST_MS (INT64_C(1) << 40) /* 34 years: a longer time is a damaged or forged one, and not added */
/* "running", "done"...; what a run that is over calls PAST_RUNNING and PAST_AGAIN: "lost" and "failed". */
const char *past_word(enum past_state s, enum past_life life);
enum { PAST_UNKNOWN = -1 /* it cannot be told */, PAST_OTHER = -2 /* one of another machine, or out of sight */ };
/* Which process holds the workspace's lock; 0: none. */
pid_t past_holder(const char *base);
/* All runs, oldest first; heap, to be freed.  holder: as past_holder says. */
struct past_run *past_runs(const struct journal *j, pid_t holder, uint32_t *n);

struct past;
struct past *past_read(const struct journal *j, const struct past_run *r);
void past_free(struct past *p);
/* Tasks of which something is recorded, in the order of their beginning. */
uint32_t past_ntask(const struct past *p);
const struct past_task *past_task(const struct past *p, uint32_t i);
/* How many instances are in this state. */
uint64_t past_count(const struct past *p, enum past_state s);
/* Instances in the order of their last record.  false when fn stopped it. */
typedef bool past_fn(void *ctx, const struct past_attempt *a);
bool past_each(const struct past *p, past_fn *fn, void *ctx);

#endif
