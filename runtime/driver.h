/* driver.h - struct run: all that one run has, for the files of runtime/ only. */
#ifndef WEFT_RUNTIME_DRIVER_H
#define WEFT_RUNTIME_DRIVER_H

#include "base/diag.h"
#include "runtime/engine.h"
#include "runtime/loop.h"
#include "runtime/request.h"
#include "runtime/run.h"
#include "runtime/sched.h"
#include "runtime/stage.h"
#include "runtime/state.h"

struct progress;
struct events;
struct failures;
struct cancels;

enum { CANCEL_GRACE_MS = 4000 /* TERM to KILL when a signal or a request stops something: back within 5 s */ };

enum run_stop { STOP_NOT, STOP_FAILURE, STOP_ASKED /* weft cancel */, STOP_SIGNAL, STOP_ERROR /* of our own */ };

struct active { /* a task with running instances */
	uint32_t task, running;
};

struct run {
	const struct job *job;       /* the caller's, or our copy when tasks are expanded while running */
	const struct run_options *opt;
	struct diags *d;
	struct run_result *res;
	struct arena *arena;         /* as long as the run */
	const char *base;            /* .weft of the workspace */
	const char *dir;             /* .weft/runs/NNNN with the workspace before it */
	const char *shown;           /* the same, as a person would name it from here */
	int lock;                    /* descriptor of .weft/lock */
	uint32_t jobs;               /* instances at once */
	uint32_t slots;              /* what the engine proposes for that; 0: as many as cpus */
	struct retries *retries;     /* attempts that wait; NULL before the first */
	struct pools *pools;         /* clusters as pools of machines; NULL when not asked for */
	struct requests *requests;   /* of engines that hold them against this machine, else NULL */
	uint32_t running;
	struct active *active;       /* [jobs] */
	uint32_t nactive;
	int64_t start;               /* clock_ms */
	enum run_stop stop;
	uint32_t signals;            /* acted upon */
	bool broken;                 /* the engine cannot go on; it has queued a diagnostic */
	bool partial;                /* a tolerated failure happened */
	bool hard;                   /* a failure that makes the run fail */
	uint32_t *root;              /* [ntask] sched_blame at the end; NULL without failures */

	struct plan *plan;
	struct ledger *ledger;
	struct journal *journal;
	uint32_t number;             /* of the run; 0 until it has a directory */
	uint32_t *readers;           /* [ntask] tasks that read a task's temp outputs and have not finished */

	struct sched *sched;
	struct loop loop;
	bool looping;                /* the loop is open */
	struct stager *stager;
	struct state *state;
	const struct engine_ops *engine;
	void *engine_data;
	struct progress *progress;
	struct failures *failures;
	uint32_t unforeseen;         /* tasks that a forecast had to leave out */
	struct cancels *cancels;     /* what weft cancel has asked for */
	struct events *events;       /* and who is told of them */
};

/* ---- run_dir.c ---- */
/* Make .weft in the workspace and take its lock; 0, or the exit code after a diagnostic. */
int run_dir_lock(struct run *r);
/* Make .weft/runs/NNNN; false after a diagnostic. */
bool run_dir_make(struct run *r);
/* ---- run_temp.c ---- */
/* Count who reads temp outputs. */
void temps_begin(struct run *r);
/* A task has finished: temp outputs that nobody reads any more are removed. */
void temps_done(struct run *r, uint32_t task);
/* ---- run_cancel.c ---- */
/* The run has its directory: take requests to cancel from there. */
void cancels_open(struct run *r);
void cancels_free(struct run *r);
/* As engine_ops.watch and .turn. */
int cancels_watch(struct run *r);
void cancels_turn(struct run *r);
/* Was this instance, or its task, named by a request? */
bool run_cancelled(const struct run *r, uint32_t task, uint32_t inst);
/* (run.c) Stop everything, as asked. */
void run_stop_asked(struct run *r);
/* ---- run_forecast.c ---- */
/* The plan, and what a run needs, without touching anything; 0, or the exit code after diagnostics. */
int forecast_look(struct run *r);
int forecast_open(struct run *r);
/* A task whose instances are known only while it runs has none here. */
int64_t forecast_unknown(struct run *r, uint32_t task);
/* Sum up and print. */
void forecast_conclude(struct run *r);
/* ---- run_detach.c ---- */
/* --detach: into a session of its own; what is said from here on goes into the run's directory.  false after a diagnostic. */
bool detach_leave(struct run *r);
/* The run goes on: who has started it need not wait. */
void detach_ready(struct run *r);
/* ---- run_public.c ---- */
/* n bytes without the values of secrets; s itself when there are none, else a copy in the arena and *n changed. */
const char *run_public(const struct run *r, struct arena *a, const char *s, size_t *n);
/* A command to be shown: no secrets, paths of the run as a person would name them. */
char **run_words(const struct run *r, struct arena *a, char *const *argv);
/* ---- for files like run_forecast.c (run.c) ---- */
/* What became of all instances, into r->res; and that as "1 failed, 3 ok", "" when nothing was there. */
void run_sum_up(struct run *r);
void run_add_counts(struct buf *b, const struct run_result *res);
/* ---- for engines (run.c) ---- */
/* Wait for a descriptor too; returns its place in loop.fds. */
uint32_t run_watch(struct run *r, int fd, short events);
/* An attempt is known to the engine by this id from now on. */
void run_submitted(struct run *r, struct attempt_id id, const char *engine_id);
/* "count[NA1]" into b; a task with one instance and no dimensions is just its name. */
void run_label(const struct run *r, uint32_t task, int64_t instance, struct buf *b);
/* A path as seen from the current directory when it lies below it. */
const char *run_shown(struct run *r, const char *path);

#endif
