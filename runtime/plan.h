/* plan.h - what is out of date, and why: the scheduler run without running anything.
 *
 * An instance is current when the journal has a success with the same action digest, its inputs have the contents
 * recorded then, and its outputs are still those it made (runtime.md section 2).  What depends on an instance that
 * will run may turn out current when that has made the same files again: V_MAYBE, decided while running. */
#ifndef WEFT_RUNTIME_PLAN_H
#define WEFT_RUNTIME_PLAN_H

#include "runtime/action.h"
#include "runtime/recall.h"
#include "runtime/remade.h"
#include "runtime/run.h"
#include "runtime/sched.h"
#include "runtime/target.h"

enum verdict { /* one byte an instance; V_CURRENT first, V_UNSEEN last */
	V_CURRENT,
	V_NEW,        /* never ran */
	V_FAILED,     /* its last attempt did not succeed */
	V_UNFINISHED, /* in_place: an attempt began and did not end */
	V_POLICY,     /* recorded by another version of these rules */
	V_ACTION,     /* a part of the action changed */
	V_INPUT,      /* an input's content changed */
	V_NO_INPUT,   /* an input is missing */
	V_OUTPUT,     /* an output is not what was made */
	V_NO_OUTPUT,  /* an output is missing */
	V_TEMP,       /* a temp output is needed again */
	V_FORCED,     /* --force */
	V_MAYBE,      /* an input will be made again */
	V_LATER,      /* its inputs are known only after another task */
	V_UNSEEN,     /* not part of this plan */
};
#define V_RUNS(v) ((v) != V_CURRENT && (v) != V_UNSEEN)

struct decision {
	enum verdict v;
	uint32_t part;      /* V_ACTION: enum action_part */
	const char *file;   /* V_INPUT, V_NO_INPUT, V_OUTPUT, V_NO_OUTPUT, V_MAYBE, V_TEMP: which; in the arena */
	uint32_t old_tag, new_tag; /* V_INPUT: first four bytes of the digests; 0: not recorded */
};

struct plan_task {
	uint8_t *v;         /* [count] enum verdict, `one` when there is one; NULL while nothing of it was looked at */
	uint8_t *temp;      /* [count] a temp output of it is needed again; NULL: none */
	uint32_t count;     /* of v */
	uint8_t one;
	bool unknown : 1;   /* its instances are known only later */
	bool read : 1;      /* by tasks that are part of the plan */
	bool forced : 1;
	bool begun : 1;     /* while running: what it reads through mounts was looked at again */
};
struct plan_counts {
	uint64_t current, runs, maybe; /* instances; runs includes maybe */
	uint32_t unknown;              /* tasks */
};
struct plan {
	const struct job *given, *job; /* job: expandable */
	const struct run_options *opt;
	struct arena *arena;
	struct diags *d;
	const char *ws;        /* real path of the workspace */
	struct stores *stores;
	struct containers *images;
	struct journal *journal;
	struct history *h;
	struct disk *disk;
	struct actor *actor;
	struct target *target; /* what was asked for */
	uint32_t ntarget;
	struct plan_task *task;
	struct plan_counts counts;
	struct recall *recall; /* actions remembered, while planning; NULL: none */
	struct recall_maker *maker; /* ... to be remembered */
	uint64_t recall_key;   /* of both */
	uint64_t recalled;     /* instances that were current by what is remembered */
	bool looked;           /* for what is remembered */
	struct remade remade;  /* files that will be made again; empty while running */
	uint32_t *writer;      /* tasks that will publish through mounts again */
	uint32_t nwriter, writercap;
	bool fresh;            /* nothing ever succeeded here */
	bool nothing;          /* --failed, and nothing did: nothing is wanted */
	struct buf key, digests; /* scratch */
};

/* A look at the workspace: no lock is taken, nothing is written. */
struct looking {
	struct journal *journal;
	struct plan *plan;
	char *base;
};
/* With the targets of the options understood; 0, 3, 4 or 64 after diagnostics.  plan_look_end in any case. */
int plan_look(struct looking *l, const struct job *j, const struct run_options *o, struct diags *d);
void plan_look_end(struct looking *l);

/* .weft of the job's workspace, which need not exist; heap. */
char *plan_base(const struct job *j);
/* The pieces a plan is made with: lock and journal are the caller's.  NULL after diagnostics. */
struct plan *plan_new(const struct job *j, const struct run_options *o, struct journal *journal, struct diags *d);
void plan_free(struct plan *p);
/* Understand the targets; false after diagnostics. */
bool plan_targets(struct plan *p);
/* Is everything current, by what the last look found?  Then it is decided, without a look at the journal. */
bool plan_settled(struct plan *p);
/* Decide everything that is asked for. */
void plan_decide_all(struct plan *p);
/* Make the journal smaller when most of it is dead. */
void plan_compact(struct plan *p);
/* Is it the plan that the options say was kept?  false after a diagnostic (E1012) that says what moved. */
bool plan_expected(struct plan *p);
/* It turned out so. */
void plan_set(struct plan *p, uint32_t task, uint32_t inst, enum verdict v);
/* "count[NA1]" */
const char *plan_label(struct plan *p, uint32_t task, int64_t inst, struct arena *a);
/* From now on files are as they are: nothing "will be" made again. */
void plan_begin_run(struct plan *p);
/* While running, before an instance is decided: those before it have published what it reads. */
void plan_look_again(struct plan *p, uint32_t task);
/* Decide one instance as things are now, with the cause; strings in the arena.  ACTION (may be NULL) is filled in when
 * it could be worked out: a->error otherwise. */
struct decision plan_decide(struct plan *p, uint32_t task, uint32_t inst, struct arena *a, struct action *act);
enum verdict plan_verdict(const struct plan *p, uint32_t task, uint32_t inst);
/* Is it a part of the plan? */
bool plan_task_any(const struct plan_task *t);
/* How many instances of a task have each verdict, but V_UNSEEN. */
void plan_tally(const struct plan *p, uint32_t task, uint32_t n[V_UNSEEN]);
/* Its key as the journal has it; valid until the next call. */
const char *plan_key(struct plan *p, uint32_t task, int64_t inst);
const char *plan_task_name(const struct plan *p, uint32_t task);
/* glob_fn: outputs of current instances, as recorded. */
bool plan_glob(void *plan, uint32_t task, int64_t inst, uint32_t port, struct jvalue *out);
/* What would run and why, and all that this depends on, as one number for each task and one in all. */
struct digest plan_digest(struct plan *p, uint64_t *each);

#endif
