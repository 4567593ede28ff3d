/* engine_slurm.h - what the files of the Slurm engine share.
 *
 *   engine_slurm.c  the engine's operations, one turn
 *   slurm_open.c    the shared directory, what an earlier driver has left
 *   slurm_ask.c     what instances ask for, and a submission's text
 *   slurm_send.c    ready instances -> batches -> submissions (job arrays)
 *   slurm_watch.c   one status request for everything, outages
 *   slurm_tell.c    what is said of the token
 *   slurm_cancel.c  cancelling all, or what was named
 *   slurm_left.c    without a driver: what a run has left
 *   slurm_settle.c  records -> events; what to think of an element without one
 *
 * An instance that was submitted is an element of a submission.  What its record says counts (remote.h); what Slurm
 * says of its job only explains why there is none. */
#ifndef WEFT_RUNTIME_ENGINE_SLURM_H
#define WEFT_RUNTIME_ENGINE_SLURM_H

#include "runtime/driver.h"
#include "runtime/remote.h"
#include "runtime/slurm_api.h"
#include "runtime/slurm_need.h"

enum {
	NAME_TASK_MAX = 40,      /* of a task's name in a job's name */
	ARRAY_MAX = 1000,        /* elements of an array; Slurm's default MaxArraySize is 1001 */
	POSTS_MAX = 4,           /* submissions under way */
	POLL_MIN_MS = 1000, POLL_MAX_MS = 30000,
	POLL_SHARE = 10,         /* the server may be busy with us one in so many of its time ... */
	CPU_SHARE = 50,          /* ... we with its answers one in so many of ours ... */
	POLL_REST_MS = 300000,   /* ... as long as that keeps us from asking for no longer than this */
	SETTLED_MS = 5000,       /* after so long Slurm has written down what it has acknowledged */
	RECORD_MS = 10000,       /* from the end of a job to its record, or to giving up the wait for it */
	RECORD_LATE_MS = 60000,  /* ... when the job ended well: other machines' files come into sight late */
	FREE_TRIES = 3,          /* submissions of an attempt that were lost before it began */
	REFUSALS_MAX = 10,       /* refusals in a row, with nothing of ours in the queue, before we believe them */
	PATIENCE_S = 1800,       /* without an answer before we give up, unless WEFT_SLURM_PATIENCE says */
};

enum elem_state {
	EL_ENDED,   /* its event was emitted, or it was moved */
	EL_FOUND,   /* left by an earlier driver; nobody has asked for it yet */
	EL_SENT,    /* submitted; it waits, as far as we know */
	EL_RUNS,
	EL_OVER,    /* Slurm says it has ended: its record is due */
	EL_JUDGED,  /* its record is there; what Slurm says is due, to tell why it was ended */
	EL_LATE,    /* its record is there; its outputs are not in sight yet */
	EL_REFUSED, /* sub->text says why */
	EL_GONE,    /* cancelled: EV_ENDED is due */
};
struct elem {
	uint32_t instance;
	int32_t attempt;    /* as the scheduler counts */
	uint8_t state;      /* enum elem_state */
	uint8_t job;        /* enum slurm_state: the last that was seen */
	uint8_t seen;       /* in this poll (its low bits) */
	uint8_t tries : 7;  /* free submissions before */
	uint8_t cancel : 1; /* by request, when its id is known */
	int32_t due;        /* seconds since the engine began: when to look again */
};
struct batch { /* ready instances of one task that ask for the same */
	uint32_t task;
	struct slurm_ask ask;
	struct elem *el;
	uint32_t n, cap, taken; /* [taken, n) are left */
	int64_t since;      /* clock_ms of the oldest */
};
enum sub_state { SUB_POSTED, SUB_UNSURE, SUB_KNOWN };
struct sub { /* a submission: an array of Slurm's */
	uint32_t number, task, n, left;
	uint8_t state;      /* enum sub_state */
	bool cancelled;     /* Slurm was asked to */
	struct slurm_ask ask;
	int64_t id;         /* Slurm's, 0 unknown */
	int64_t at;         /* clock_ms of the answer to its submission */
	uint32_t seen;      /* poll in which its name was seen last */
	int16_t rest;       /* state of the elements that have no line of their own in this poll; -1: none */
	uint8_t absent;     /* full lists without it */
	const char *text;   /* of a refusal; heap */
	struct elem *el;
};
struct adopted { /* an element that an earlier driver has left */
	uint32_t task, instance, number, index;
	int32_t attempt;
};

struct slurm {
	struct run *r;
	struct slurm_api *api;
	const char *dir;         /* RUNDIR/remote */
	const char *mark;        /* "-weft-HEX-": part of all names of ours */
	const char *script_head; /* of the job script, up to the number */
	int64_t top;             /* the highest priority of a task */
	const char *partition, *account, *qos; /* NULL: Slurm's own defaults */
	int64_t begin;           /* clock_ms */
	int64_t patience;        /* ms */
	int notify;              /* inotify of DIR/end, -1 */
	uint32_t notify_at;      /* its place in loop.fds */
	bool remote_fs;          /* others' files come into sight late: look for records often */
	bool cancelling, leave;  /* leave: do not touch the jobs */
	bool user_known;
	int64_t cancel_by;       /* clock_ms when waiting for cancelled ones ends */
	uint32_t generation;     /* of the job's file */
	uint32_t *open_task;     /* tasks whose instances are not known yet */
	uint32_t nopen;
	uint8_t *globbed;        /* [ntask] all its globs are in the file; NULL: none */

	struct slurm_ask *fixed; /* [ntask] of tasks whose requests are constant; minutes 0: not looked at */
	struct batch *batch;
	uint32_t nbatch, batchcap;
	uint64_t waiting;        /* instances in batches */
	struct sub **sub;        /* by number; [0] unused */
	uint32_t nsub, subcap;
	uint64_t live;           /* elements submitted and not ended */
	uint32_t posts;          /* submissions under way */
	uint32_t array_max, chunk; /* elements of a submission: at most, now */
	uint32_t refusals;
	int64_t hold_until, pause_ms;

	bool polling, full;      /* a status request is under way; it asks for everything */
	bool single;             /* ... and about one job */
	bool urgent;             /* the next one is not to wait for better times */
	uint32_t poll;
	int64_t poll_at, next_poll, last_full, interval, poll_cpu, scan_at, due_at;
	int64_t since;           /* Unix time of the last list */
	int64_t down_since;      /* clock_ms; 0: it answers */
	bool outage;             /* it was away, or may have been: ids may have been given out twice since */
	bool told_down, told_busy;
	bool told_trouble, told_soon, told_last; /* of the token */

	uint64_t *ready;         /* number << 32 | index: look at its record */
	uint32_t nready, readycap;
	struct adopted *adopted; /* sorted */
	uint32_t nadopted;
	int64_t dropped;         /* the job that was cancelled last */
	const char *stale;       /* mark of an earlier run whose jobs are to be cancelled; NULL */
	uint32_t kept;           /* work directories of failed attempts */
	bool zombies;            /* something that was given up may still run */
};

/* ---- engine_slurm.c ---- */
/* Where Slurm is and who asks: options and environment before the site file.  false after a diagnostic. */
bool slurm_configure(struct slurm *s, struct slurm_conf *c);

/* ---- slurm_open.c ---- */
bool slurm_dir_open(struct slurm *s);
void slurm_dir_close(struct slurm *s);
const char *slurm_resume(struct run *r, const char *runs);
/* The element that an earlier driver has left of this instance; NULL if none. */
const struct adopted *slurm_adopted(const struct slurm *s, uint32_t task, uint32_t instance);
/* The glob outputs that a submission's task may read, for its machines. */
bool slurm_globs(struct slurm *s, const struct sub *u);
/* The job's file, written anew when more is known of it. */
bool slurm_job_file(struct slurm *s);

/* ---- slurm_ask.c ---- */
/* false: *why (in the arena). */
bool slurm_ask_of(struct slurm *s, struct attempt_id id, struct slurm_ask *out, struct arena *a, const char **why);
/* Settings and `slurm { }` blocks against the server's schema; E1084. */
bool slurm_ask_check(struct slurm *s);
/* The JSON of a submission. */
void slurm_body(struct slurm *s, const struct sub *u, struct buf *b);

/* ---- slurm_send.c ---- */
void slurm_enqueue(struct slurm *s, struct attempt_id id, uint32_t tries);
/* Submit what is due; ms until more is. */
int slurm_send(struct slurm *s);
struct sub *slurm_sub(struct slurm *s, uint32_t number);
struct sub *slurm_sub_new(struct slurm *s, uint32_t number, uint32_t task, uint32_t n);
/* Cancel a job of Slurm's whose instances are ours no more. */
void slurm_drop(struct slurm *s, int64_t id);
/* Slurm's id of an element is known: into the journal. */
void slurm_known(struct slurm *s, const struct sub *u, const struct elem *el);
/* The same for all of a submission that are asked for. */
void slurm_all_known(struct slurm *s, const struct sub *u);
/* Cancel one element. */
void slurm_drop_element(struct slurm *s, const struct sub *u, uint32_t index);
/* An element has ended or moved. */
void slurm_elem_end(struct slurm *s, struct sub *u, struct elem *el);

/* ---- slurm_watch.c ---- */
/* Begin a status request when it is time; ms until the next. */
int slurm_poll(struct slurm *s);
/* There is something new to look at; something has to be found out. */
void slurm_poll_new(struct slurm *s);
void slurm_poll_soon(struct slurm *s);
/* An attempt has ended well: as long as they do, nobody need ask, but now and then.  A list of all jobs of a cluster is dear. */
void slurm_poll_later(struct slurm *s);
/* The server did not answer, or did. */
void slurm_down(struct slurm *s, const char *why);
void slurm_up(struct slurm *s);
void slurm_say(struct slurm *s, const char *text);

/* ---- slurm_tell.c ---- */
/* Say what is the matter with the token, and that it expires. */
void slurm_tell(struct slurm *s);

/* ---- slurm_cancel.c ---- */
void slurm_engine_cancel(struct run *r, int grace_ms);
void slurm_engine_cancel_some(struct run *r, int grace_ms);
void slurm_cancel_job(struct slurm *s, struct sub *u);
/* While everything is being cancelled: what has started meanwhile; ALL: wait for nothing any more. */
void slurm_cancel_sub(struct slurm *s, struct sub *u, bool all);

/* ---- slurm_left.c ---- */
bool slurm_left(struct run *r, const char *const *target, uint32_t n, uint32_t *jobs);

/* ---- slurm_settle.c ---- */
/* The time, or all of the patience that there is if that is less. */
int64_t slurm_most(const struct slurm *s, int64_t ms);
/* Have a record looked at in the next turn. */
void slurm_look(struct slurm *s, uint32_t number, uint32_t index);
/* Slurm's word about an element. */
void slurm_over(struct slurm *s, struct sub *u, uint32_t index, enum slurm_state state);
/* "17.3": a record has come. */
void slurm_notice(struct slurm *s, const char *file);
/* All names of DIR/end. */
void slurm_scan(struct slurm *s);
/* Emit what is due. */
void slurm_settle(struct slurm *s, event_fn *emit, void *ctx);
/* Whether an attempt that nobody has seen is ours to give up; marks it. */
bool slurm_void(struct slurm *s, const struct sub *u, uint32_t index, const char *what);

#endif
