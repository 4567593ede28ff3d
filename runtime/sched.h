/* sched.h - what may run next: dense arrays, Kahn's counters, one setter.  No I/O, no clock, no processes.
 *
 * A task is opened (its instances get a state byte) when every task it waits for as a whole has finished; until
 * then it costs the same whatever its count.  EDGE_SAME predecessors are counted per instance in a second byte.
 * An attempt number is kept only for instances that were tried more than once.
 *
 * What a failure does: instances that need the failed one are skipped (I_SKIP), all others stay runnable; whether
 * the run goes on at all is the caller's decision. */
#ifndef WEFT_RUNTIME_SCHED_H
#define WEFT_RUNTIME_SCHED_H

#include "job/job.h"

enum inst_state {
	I_OFF,    /* not asked for (targets) */
	I_WAIT,   /* waits for other instances */
	I_READY,  /* may be submitted */
	I_RUN,    /* an attempt was submitted */
	I_OK,     /* succeeded */
	I_FAIL,   /* failed for good */
	I_SKIP,   /* needs something that failed */
	I_KEPT,   /* was current: nothing had to be run */
	I_CANCEL, /* was ended, or kept from beginning, by request or with the run; whoever needs it stays I_WAIT */
	I_COUNT
};

enum task_phase {
	TP_OFF,   /* not asked for, or its `if` is false */
	TP_CLOSED, /* waits for whole tasks; no instance has a state yet */
	TP_OPEN,  /* instances have states */
	TP_DONE,  /* every wanted instance is final */
};

struct smany; /* what only a task of more than one instance needs */
struct stask {
	uint8_t phase;   /* enum task_phase */
	uint8_t one;     /* the state byte of a task with one instance */
	uint8_t same;    /* EDGE_SAME predecessors */
	bool failed : 1; /* TP_DONE: not all wanted instances are I_OK */
	bool dead : 1;   /* a whole task that this one needs failed: skipped when its turn comes */
	bool inheap : 1; /* or held */
	bool sparse : 1; /* only some instances are wanted */
	bool ready : 1;  /* its one instance is to be handed out */
	uint32_t cause;  /* dead: a task that failed or was skipped */
	uint32_t need;   /* unfinished EDGE_ALL predecessors */
	uint32_t count;  /* instances; UINT32_MAX while unknown */
	uint32_t left;   /* wanted instances that are not final */
	int32_t priority;
	struct smany *many; /* NULL while there is no need */
};

struct sched;
/* Asked when a task of unknown count opens: the number of its instances, -1 when they cannot be known. */
typedef int64_t count_fn(void *ctx, uint32_t task);

/* All tasks wanted.  The job must not have cycles. */
struct sched *sched_new(const struct job *j, count_fn *count, void *ctx);
void sched_free(struct sched *s);
/* Want only what was named with sched_want, and what that needs; call before sched_start. */
void sched_want(struct sched *s, uint32_t task, uint32_t lo, uint32_t hi);
void sched_want_task(struct sched *s, uint32_t task);
/* Open what waits for nothing. */
void sched_start(struct sched *s);
/* The next instance to submit by priority, then order of the file; false when none is ready.  It stays I_READY. */
bool sched_pop(struct sched *s, uint32_t *task, uint32_t *inst);
/* The only setter of an instance's state; checks the move against the table of legal moves. */
void task_move(struct sched *s, uint32_t task, uint32_t inst, enum inst_state to);
/* A task whose instances got states since the last call, in order; false when there is none. */
bool sched_opened(struct sched *s, uint32_t *task);
/* A task that finished since the last call, in order; false when there is none. */
bool sched_news(struct sched *s, uint32_t *task);
const struct stask *sched_task(const struct sched *s, uint32_t task);
/* How many of its instances are in a state; the state of one of an open task; is the instance wanted? */
bool stask_opened(const struct stask *t); /* do its instances have states? */
uint32_t stask_n(const struct stask *t, enum inst_state st);
enum inst_state stask_state(const struct stask *t, uint32_t inst);
bool stask_wants(const struct stask *t, uint32_t inst);
/* Sum over all tasks of the instances in a state. */
uint64_t sched_sum(const struct sched *s, enum inst_state st);
/* Wanted instances as far as counts are known, and whether some are not. */
uint64_t sched_total(const struct sched *s, bool *unknown);
/* root[task] = the task whose failure keeps this one from finishing (itself when it failed), else UINT32_MAX. */
void sched_blame(const struct sched *s, uint32_t *root);
/* Memory held, for budgets. */
uint64_t sched_bytes(const struct sched *s);
/* The attempt an instance is in, or would be in if submitted now: 1, or more after I_RUN -> I_READY. */
int sched_attempt(const struct sched *s, uint32_t task, uint32_t inst);
/* Put back what sched_pop gave out last and could not be submitted; it comes first of its task again. */
void sched_unpop(struct sched *s, uint32_t task, uint32_t inst);
/* Like task_move from I_RUN to I_READY, but it is given out only after sched_again. */
void sched_later(struct sched *s, uint32_t task, uint32_t inst);
void sched_again(struct sched *s, uint32_t task, uint32_t inst);
/* sched_unpop, and give out nothing of this task until sched_resume. */
void sched_hold(struct sched *s, uint32_t task, uint32_t inst);
/* Tasks that were held have their turn again. */
void sched_resume(struct sched *s);

#endif
