/* engine.h - the one interface between the scheduler and whatever runs instances.
 *
 * An engine only emits events; the run's state is set by run.c alone (task_move).
 * Waiting happens only in loop.c: an engine says what it waits for. */
#ifndef WEFT_RUNTIME_ENGINE_H
#define WEFT_RUNTIME_ENGINE_H

#include "job/job.h"
#include "runtime/cause.h"

#include <poll.h>

struct run;
struct stage;

struct attempt_id {
	uint32_t task;
	int64_t instance;
	int attempt; /* from 1 */
};
struct made_file { /* what a successful attempt left behind */
	const char *path; /* as the port names it, or the absolute place a mount published it at */
	uint32_t port;    /* output port; UINT32_MAX: a mount or mapping */
	bool temp;
};
struct made_files {
	struct made_file *v;
	uint32_t n, cap;
};
enum event_kind { EV_STARTED, EV_ENDED };
struct event {
	struct attempt_id id;
	enum event_kind kind;
	enum run_cause cause; /* EV_ENDED: R_DONE or why not */
	int status;           /* exit status or signal number */
	int64_t wall_ms, cpu_ms, max_rss; /* as far as known, else -1 */
	int64_t mem_limit, mem_peak; /* R_OOM: bytes; limit 0: none of its own, peak -1: unknown */
	bool full;            /* it failed where no room was left on the disk */
	bool cut;             /* it wanted more memory than there is and had all there is */
	const char *engine_id; /* run.c's, from run_submitted; engines leave it */
	const char *text;     /* detail for a person, valid during the call; may be NULL */
	const struct made_files *made; /* R_DONE: its outputs, all in place, valid during the call; NULL when there are none */
	const struct stage *stage; /* where its files are, valid during the call; NULL when it had none */
};
typedef void event_fn(void *ctx, const struct event *ev);

struct engine_ops {
	const char *name;
	/* Attempts run on other machines: this one's cpus do not say how many, and its kernel not how. */
	bool remote;
	/* Nothing really happens: no lock, no journal, no directory, and time passes as the engine has it (run_forecast.c). */
	bool forecast;
	/* MUST.  Prepare; false after a diagnostic. */
	bool (*open)(struct run *r);
	/* MUST.  Start one attempt; never blocks on the work itself.  false: no room now, try again after an event. */
	bool (*submit)(struct run *r, struct attempt_id id);
	/* MUST.  Ask all attempts to end (TERM, KILL after grace_ms; 0: KILL now); each still emits EV_ENDED with R_CANCEL.
	 * May be called again with less grace. */
	void (*cancel)(struct run *r, int grace_ms);
	/* MUST.  The same for those attempts of which run_cancelled says so; the others go on. */
	void (*cancel_some)(struct run *r, int grace_ms);
	/* MUST.  Add descriptors with run_watch; returns ms until the engine wants a turn (-1: a timer or never). */
	int (*watch)(struct run *r);
	/* MUST.  A timer of loop.h set by the engine (ids from 1) is due. */
	void (*timer)(struct run *r, uint32_t id);
	/* MUST.  Look at what happened and emit events.  The callback never submits. */
	void (*turn)(struct run *r, event_fn *emit, void *ctx);
	/* MUST.  Everything stopped, nothing left behind. */
	void (*close)(struct run *r);
	/* MAY.  Look at what is wanted before anything is made, even the run's directory; false after diagnostics.
	 * r->slots may be set: how many instances at once make sense without -j. */
	bool (*check)(struct run *r);
	/* MAY; without it everything does.  Does this attempt fit beside what runs?  Asked right before its submit; false:
	 * its task is passed over until something has ended.  `passed`: how many were since then, before this one in order. */
	bool (*fits)(struct run *r, struct attempt_id id, uint32_t passed);
	/* MAY.  After a crash: the directory of the run to go on with, below RUNS; NULL: begin a new one.  The lock is held. */
	const char *(*resume)(struct run *r, const char *runs);
	/* MAY.  Without a driver: end what the run in r->dir has left with the engine, all or the targets; counts jobs.  Of r
	 * there are directory, options, arena and diagnostics only.  The lock is held.  false: there was nothing, or after
	 * diagnostics. */
	bool (*left)(struct run *r, const char *const *target, uint32_t n, uint32_t *jobs);
};
/* All of them, ended by NULL. */
extern const struct engine_ops *const engine_all[];
/* By its name; NULL. */
const struct engine_ops *engine_named(const char *name);
#define ENGINE(id) extern const struct engine_ops engine_##id;
#include "runtime/engines.def"
#undef ENGINE

#endif
