/* event.h - what happens to a job, its tasks and its instances, in the service's words, and whoever wants to hear it.
 *
 * run.c says each change of state once, through the functions at the end.  An event goes to every sink that wants its
 * kind.  A sink takes it at once and never waits: what has to be sent is sent in turn(), which is called when the
 * journal is in its file, so that nothing is told that a crash would undo.  doc/events.md shows the messages. */
#ifndef WEFT_RUNTIME_EVENT_H
#define WEFT_RUNTIME_EVENT_H

#include "base/diag.h"
#include "runtime/engine.h"
#include "runtime/loop.h"

enum event_object { EO_JOB, EO_TASK, EO_INSTANCE };
enum event_state { ES_WAITING, ES_RUNNING, ES_STOPPED, ES_FINISHED, ES_FAILED, ES_STATES };
/* What an event is called is EVENT_KIND(EO_TASK, ES_FAILED) or EVENT_PRIORITY; a set of kinds has their EVENT_BITs. */
#define EVENT_KIND(object, state) ((uint32_t)(object) * ES_STATES + (uint32_t)(state))
#define EVENT_BIT(kind) (UINT32_C(1) << (kind))
enum { EVENT_PRIORITY = 3 * ES_STATES, EVENT_KINDS, EVENT_ALL = (1 << EVENT_KINDS) - 1 };

struct events;

struct job_event { /* valid during the call that tells it */
	const struct events *of;
	uint32_t kind;            /* EVENT_KIND(...) */
	uint64_t seq;             /* from 1, without gaps within one process; counts also what a sink does not want */
	int64_t at_us;            /* Unix time in microseconds, as are all times here; 0: not reached */
	int64_t created_us;       /* EO_JOB */
	int64_t start_us, end_us; /* of the job, the task, or the attempt */
	uint32_t task;            /* EO_TASK, EO_INSTANCE */
	int64_t instance;         /* EO_INSTANCE, as all below but text, from and to */
	int attempt;              /* from 1; OnInstanceWaiting: the one to come */
	enum run_cause cause;     /* why the attempt ended that this is about; R_DONE */
	int status;               /* its exit status or signal */
	int64_t wall_ms, cpu_ms, max_rss, mem_limit, mem_peak; /* of it; -1 unknown, mem_limit 0: none */
	const char *engine_id;    /* the engine's own name of it; NULL: it has none */
	const char *text;         /* detail for a person without secrets, may be NULL; EO_JOB: how it ended */
	int from, to;             /* EVENT_PRIORITY */
};

struct event_sink {
	uint32_t wants; /* EVENT_BITs of what it is told; set before events_add */
	/* MUST.  Take one; may allocate within a limit, must not wait. */
	void (*tell)(struct event_sink *s, const struct job_event *ev);
	/* MAY.  Before the loop waits: add descriptors (loop_watch); ms until turn() is due without them, -1: never. */
	int (*watch)(struct event_sink *s, struct loop *l);
	/* MUST.  Once a turn: send what can be sent without waiting. */
	void (*turn)(struct event_sink *s, const struct loop *l);
	/* MUST.  The last event was told, the final screen is out: send the rest within a bounded time, say in d what was
	 * lost, free.  false: what was lost makes the run fail with 4. */
	bool (*close)(struct event_sink *s, struct diags *d);
	struct event_sink *next; /* events_add's */
};

/* ---- for sinks ---- */
/* "OnTaskFailed". */
const char *event_text(uint32_t kind);
/* The kind that a text names; false when there is none. */
bool event_find(const char *text, uint32_t *kind);
/* The message as the service words it, one JSON object without a line end: what is a number there is a string here.
 * `more`: with a member Weft of what the service does not say. */
void event_message(const struct job_event *ev, bool more, struct buf *b);
/* The job they are about, and its id ("job-...", "" when nothing had to be run). */
const struct job *events_job(const struct events *e);
const char *events_job_id(const struct events *e);

/* ---- for run.c ---- */
struct run;
struct events *events_new(struct run *r);
/* The sink is the events' from now on. */
void events_add(struct events *e, struct event_sink *s);
/* Before each wait, and after it, as for the sinks. */
int events_watch(struct events *e, struct loop *l);
void events_turn(struct events *e, const struct loop *l);
/* Close all sinks and free; false when one said so.  NULL is fine. */
bool events_free(struct events *e, struct diags *d);

/* The job waits, and with it every task that is wanted. */
void events_begin(struct events *e);
/* A task has instances now. */
void events_opened(struct events *e, uint32_t task);
/* An attempt was handed to the engine. */
void events_running(struct events *e, struct attempt_id id);
/* The engine's own name of it, and that name; "" when it has none. */
void events_submitted(struct events *e, struct attempt_id id, const char *engine_id);
const char *events_engine_id(const struct events *e, struct attempt_id id);
/* It ended; `again`: it will be tried again. */
void events_ended(struct events *e, const struct event *ev, bool again);
/* Its inputs were made again as they were: it is as good as done. */
void events_kept(struct events *e, uint32_t task, uint32_t inst);
/* It was cancelled before it began. */
void events_stopped(struct events *e, uint32_t task, uint32_t inst);
/* A task is over. */
void events_task(struct events *e, uint32_t task);
/* There is nothing to do: no job, but an end of it all the same, for those who wait for one. */
void events_nothing(struct events *e);
/* The job is over, and with it what has not been told to be: `state` is its own, `text` how it ended. */
void events_end(struct events *e, enum event_state state, const char *text);

#endif
