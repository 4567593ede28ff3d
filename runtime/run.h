/* run.h - run a job: options in, exit code out.  The only entry for the command line. */
#ifndef WEFT_RUNTIME_RUN_H
#define WEFT_RUNTIME_RUN_H

#include "base/buf.h"
#include "base/digest.h"
#include "job/job.h"
#include "job/site.h"
#include "runtime/cause.h"

#include <stdio.h>

struct store_map { /* oss://bucket -> directory on this machine */
	const char *bucket, *dir;
};
enum run_role {
	RUN_HERE,   /* this process starts the attempts */
	RUN_DRIVER, /* other machines do */
	RUN_MEMBER, /* this is such a machine: the run's directory is another one's */
	RUN_ALONE,  /* one instance beside whatever runs (alone.h); the run's directory is its own */
	RUN_NOTHING, /* nothing is run: what would be is written down (export.h) */
};
struct run_options {
	const char *engine;     /* "local" */
	uint32_t jobs;          /* -j: instances at once; 0 = as the site says, or one a cpu */
	int64_t cpus, memory;   /* what they may take together: billionths of a cpu, bytes; 0 = as the site
	                         * says, or what this machine has */
	uint32_t seed;          /* --seed: of engine sim; 0: as the site says */
	bool pools;             /* clusters are pools of machines: as many instances at once as there are */
	uint8_t role;           /* enum run_role; RUN_DRIVER is run_job's to set */
	uint32_t alone;         /* RUN_ALONE: the task */
	const char *job_id;     /* RUN_MEMBER: as the driver has it */
	const char *notes;      /* RUN_MEMBER: directory for what members tell each other */
	const char *endpoint, *token_file; /* of the engine: --slurm, --slurm-token; NULL: as the site says */
	bool keep_going;        /* -k: start what does not depend on a failure; overrides fail_fast */
	int detach;             /* descriptor to tell about it; 0: stay (run_detach.c) */
	bool no_sandbox;        /* --no-sandbox: refuse nothing that needs no mount, use no namespaces */
	const struct site *site; /* engines, pools, partitions; may be NULL.  Its stores are among these: */
	const struct store_map *stores;
	uint32_t nstores;
	const char *const *targets; /* task or task[key]; empty: everything */
	uint32_t ntargets;
	const char *const *force;   /* tasks to run whatever the journal says */
	uint32_t nforce;
	bool only_failed;           /* --failed: what did not succeed last time, and what that needs */
	bool touch;                 /* --touch: run nothing, take the outputs that are there as made */
	bool any_change;            /* plan --detailed-exitcode: 2 when something would run */
	bool json, all;             /* plan: for programs; every instance, not the first of many */
	const char *save;           /* plan -o: where to keep it */
	const char *const *saved_for; /* ... and the command line that run repeats, NULL at the end */
	const struct digest *expect; /* run of a kept plan: refuse when it would do something else */
	const uint64_t *expect_task; /* ... each task's part of that, to say what moved; [nexpect] */
	uint32_t nexpect;
	const char *ui;         /* auto, tty, plain, json: nothing but failures */
	const char *events;     /* "-", "fd:N" or a path to write events to; NULL: nowhere */
	bool color, unicode, quiet, verbose;
	const char *word;       /* the command: NULL is "run" */
	const char *source;     /* path of the workflow file, for messages; NULL: `repeat` says it all */
	char *const *repeat;    /* options and targets that a proposal to run it again has to repeat, NULL at the end */
	const struct jsecret *secrets; const char *const *secret_values;
	FILE *out, *err;
};
struct run_result {
	uint32_t ok, failed, skipped, cancelled, retried;
	uint32_t current, cut;  /* not run: as they were; as they were after all, though inputs were made again */
	const char *dir;        /* .weft/runs/ID, in the job's arena */
	const char *logs;       /* where stdout/stderr files are */
	uint8_t cause;          /* enum run_cause of the attempt that ended last, and its exit status or signal */
	int status;
	int signal;             /* the run was ended by this signal, 0 if not */
	bool asked;             /* weft cancel has ended it, or a part of it */
	uint32_t unstarted;     /* instances never started because the run was stopped */
	int64_t wall_ms;
};
/* Run everything, or the targets and what they need.  Progress and failures go to o->err, the last line to o->out.
 * What is current is not run (plan.h).
 * Returns 0, 1 (a task failed), 3 (the job cannot be run, diagnostics say why), 4 (run directory, storage or output
 * cannot be written), 5 (ended by weft cancel, or a part of it), 6 (another run has the workspace, or a kept plan is
 * stale), 7 (only tolerated failures),
 * 64 (no such target), 128+n (ended by signal n).  Diagnostics are queued in d; the caller prints them. */
int run_job(const struct job *j, const struct run_options *o, struct diags *d, struct run_result *res);

/* What run_job would do, printed to o->out: for people, or JSON (schema weft.plan/1).  Takes no lock and writes
 * nothing (but o->save).  0, 2 (o->any_change and something would run), 3, 4, 64 as above. */
int plan_job(const struct job *j, const struct run_options *o, struct diags *d);
/* Remove (DRY: list) outputs that the workflow no longer makes and that are as they were recorded.  0, 4 (some could not
 * be removed), 6. */
int clean_job(const struct job *j, const struct run_options *o, bool dry, struct diags *d);
/* The command line that does it again, as a shell takes it: "weft run [FLAG] FILE OPTIONS". */
void run_again(const struct run_options *o, const char *flag, struct buf *b);
/* Why one target would run, and why what it needs would, down to the first causes. */
int why_job(const struct job *j, const struct run_options *o, const char *target, struct diags *d);

#endif
