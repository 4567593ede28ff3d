/* stage.h - one attempt from an empty work directory to published results.
 *
 * Life of an attempt, as an engine drives it:
 *   stage_prepare -> stage_spawn -> (pidfd readable) stage_reap -> stage_collect if it was R_DONE -> stage_drop
 * stage_drop is due after every successful stage_prepare, whatever came between.  Nothing here waits for the
 * task: spawn returns at once, and what goes wrong while the child is set up is what stage_reap reports.
 *
 * The process that stage_spawn starts is an init of ours: it holds the whole process tree, takes it down when
 * it ends or when the driver dies, and hands back the status of the command.  Use stage_signal, not kill. */
#ifndef WEFT_RUNTIME_STAGE_H
#define WEFT_RUNTIME_STAGE_H

#include "job/job.h"
#include "runtime/cause.h"
#include "runtime/engine.h"
#include "runtime/expand.h"
#include "runtime/run.h"

#include <sys/types.h>

struct publish;
struct stager;

enum { STAGE_CGROUPS = 8 };

struct stage_error {
	enum run_cause cause; /* R_INPUT, R_SPAWN... */
	const char *text;     /* for a person, one line; valid until the next call that takes the stager */
	bool absent;          /* R_INPUT: because a file is not there, as far as this machine sees */
};

struct stage {
	struct attempt_id id;
	struct arena *arena;         /* everything below; freed by stage_drop */
	const char *dir;             /* the attempt's own directory below RUNDIR/work */
	const char *workdir;         /* where the command starts */
	char **argv, **env;          /* NULL-terminated */
	const char *out, *err;       /* stdout and stderr while it runs (absolute) */
	const char *out_final, *err_final; /* where stage_collect or stage_drop puts them (absolute) */
	pid_t pid;                   /* of the init; 0 before spawn and after reap */
	int pidfd;                   /* closed by stage_reap; -1 when there is none */

	struct made_files made;      /* outputs, after stage_collect said R_DONE; in the arena */

	/* The engine may set these between prepare and spawn. */
	int cgroup[STAGE_CGROUPS];   /* descriptors of cgroup.procs files the command joins; stay the engine's */
	uint32_t ncgroup;
	int in;                      /* stdin of the command, 0: /dev/null */
	int terminal;                /* all its streams and its controlling terminal, 0: none */
	uint64_t limit_data;           /* RLIMIT_DATA of the command in bytes, 0 = none */
	int64_t limit_cpu;           /* RLIMIT_CPU in seconds, 0 = none */

	struct stage_state *state;   /* stage.c's own */
};

struct stage_end {
	enum run_cause cause;        /* R_DONE, R_EXIT, R_SIGNAL or R_SPAWN; the engine knows of time-outs and memory */
	int status;                  /* exit status or signal number */
	int64_t cpu_ms, max_rss;     /* of the command and what it waited for; -1 unknown.  max_rss in bytes */
	const char *text;            /* R_SPAWN: what failed; else NULL.  In the stage's arena */
};

/* Look at the whole job once: stores, packages, mounts, what the kernel allows.  RUNDIR exists and is the run's
 * own (.weft/runs/ID).  NULL after diagnostics.  The stager keeps pointers to all its arguments. */
struct stager *stager_new(const struct job *j, const struct run_options *o, const char *rundir, struct diags *d);
/* Remove what is left below RUNDIR/work (but for kept work directories) and the unpacked packages. */
void stager_free(struct stager *s);
/* "job-" and 32 hexadecimal digits, the same for one RUNDIR as long as it exists; BATCH_COMPUTE_DAG_JOB_ID and in
 * log names. */
const char *stager_job_id(const struct stager *s);
/* RUNDIR/logs, absolute. */
const char *stager_logs(const struct stager *s);
/* Fill in a context for jx_eval, task_argv...: job, task, instance, callbacks.  The arena is the caller's. */
void stager_context(struct stager *s, struct attempt_id id, struct arena *a, struct jctx *c);
/* The jctx.glob callback, ctx = the stager: matches of a glob port as collected by stage_collect. */
bool stager_glob(void *stager, uint32_t task, int64_t instance, uint32_t port, struct jvalue *out);
/* Requests that grow with the attempt end here: billionths of a cpu and bytes. */
void stager_most(struct stager *s, int64_t cpu, int64_t mem);
/* Where matches of instances come from that did not run this time. */
void stager_known(struct stager *s, glob_fn *known, void *ctx);
/* The same, known from elsewhere. */
void stager_glob_set(struct stager *s, struct attempt_id id, uint32_t port, uint8_t type, const char *const *path, uint32_t n);
/* The file or directory on this machine that a path of a port means; NULL if there is none. */
const char *stager_place(struct stager *s, struct arena *a, const char *path);
/* "none", "pid namespace"...: what instances are isolated with, for doctor and --verbose. */
const char *stager_isolation(const struct stager *s);

/* The time limit in ms: the shorter of the task's time-out and of the `time` it asks for. */
int64_t stage_limit(struct jctx *c);
int64_t stage_time_limit(struct stager *s, struct attempt_id id);
/* Make the work directory of an attempt: package, inputs, command, environment, streams. */
bool stage_prepare(struct stager *s, struct attempt_id id, struct stage *out, struct stage_error *err);
/* "bash" or "sh": what runs its script when that names no interpreter. */
const char *stage_shell(const struct stager *s, const struct stage *st);
/* Run these words instead of its command (not copied); between prepare and spawn. */
void stage_instead(struct stage *st, char **argv);
/* Start it.  -1 and *err: nothing was started.  *pidfd (also in the stage) becomes readable at the end. */
pid_t stage_spawn(struct stager *s, struct stage *st, int *pidfd, struct stage_error *err);
/* TERM goes to every process of the attempt; KILL ends them all, and init with them. */
void stage_signal(struct stage *st, int sig);
/* The end of a started attempt.  false: it still runs.  When true nothing of it is alive any more. */
bool stage_reap(struct stager *s, struct stage *st, struct stage_end *end);
/* After R_DONE: check that every declared output exists, publish outputs, mounts and logs by rename.
 * R_DONE, R_MISSING or R_COLLECT; *text (stage's arena) says which outputs or what failed, NULL when R_DONE. */
enum run_cause stage_collect(struct stager *s, struct stage *st, char **text);
/* The first half of that: *p is what is to be committed, R_DONE; the caller says when it is. */
enum run_cause stage_gather(struct stager *s, struct stage *st, struct publish **p, char **text);
/* Can it be committed without keeping others waiting? */
bool stage_is_quick(const struct stager *s, const struct publish *p);
void stage_published(struct stage *st);
/* What is left of it stays in the workspace, logs too: its stores do not answer.  Copies that were begun are noted for a later run. */
void stage_strand(struct stager *s, struct stage *st);
/* The same for an attempt that was collected on another machine, which says it has made these files: are they its outputs, listed
 * as stage_collect lists them?  Paths and ports are looked at, `temp` is set, and what globs have matched is remembered.
 * false: *why (arena). */
bool stager_told(struct stager *s, struct attempt_id id, struct arena *a, struct made_files *m, char **why);
/* Put the logs at their final names if that was not done yet, remove the attempt's directory unless it is to be
 * kept, and free the stage.  Ends the attempt first when it is still running. */
void stage_drop(struct stager *s, struct stage *st, bool keep_workdir);

/* Likewise, but its logs go nowhere. */
void stage_forget(struct stager *s, struct stage *st, bool keep_workdir);

#endif
