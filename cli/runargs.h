/* runargs.h - what run, plan, why and clean have in common: their options, from a command line to struct run_options. */
#ifndef WEFT_CLI_RUNARGS_H
#define WEFT_CLI_RUNARGS_H

#include "cli/compiled.h"
#include "runtime/run.h"

#define OPT_SLURM                                                                                                     \
	{ 0, "slurm", "ENDPOINT", "Slurm runs them: unix:/PATH, http://HOST:PORT or exec:COMMAND is its slurmrestd", NULL, \
		false, FILL_NONE },                                                                                    \
	{ 0, "slurm-token", "FILE", "the token for it, read again when it changes (else SLURM_JWT)", NULL, false, FILL_FILE }
/* Rows for run and sub: how much at once; where; how it is watched. */
#define OPT_RUN_ROOM                                                                                                  \
	{ 'j', "jobs", "N", "run at most N instances at once (default: one a processor)", NULL, false, FILL_NONE },    \
	{ 0, "cpus", "N", "cpus that all instances together may ask for (default: those of this machine)", NULL, false, FILL_NONE }, \
	{ 0, "memory", "SIZE", "memory that all instances together may ask for (default: that of this machine)", NULL, false, \
		FILL_NONE },                                                                                           \
	{ 0, "pools", NULL, "as many instances of a cluster at once as it has machines (site file, nodes)", NULL, false, FILL_NONE }, \
	{ 'k', "keep-going", NULL, "after a failure go on with what does not depend on it", NULL, false, FILL_NONE }
#define OPT_RUN_WATCH                                                                                                 \
	{ 0, "detach", NULL, "go on in the background: weft attach follows the run, weft cancel ends it", NULL, false, FILL_NONE }, \
	{ 0, "no-sandbox", NULL, "use no namespaces; refuses tasks that need mounts", NULL, false, FILL_NONE },        \
	{ 0, "ui", "MODE", "progress: auto, tty (an area that updates), plain, or json (events on standard output)",   \
		"auto|tty|plain|json", false, FILL_NONE },                                                             \
	{ 0, "events", "TO", "write what happens as JSON lines: to a file, to fd:N, or - for standard output", NULL, false, \
		FILL_FILE },                                                                                           \
	{ 'q', "quiet", NULL, "show only failures and the last line", NULL, false, FILL_NONE },                        \
	{ 'v', "verbose", NULL, "show the commands too", NULL, false, FILL_NONE }
#define OPT_STORE                                                                                                     \
	{ 0, "store", "oss://BUCKET=DIR", "a directory of this machine stands for a bucket; may be repeated", NULL,    \
		true, FILL_NONE }
#define OPT_ENGINE                                                                                                    \
	{ 0, "engine", "NAME", "what runs the instances: local, this machine, slurm, or sim, which only forecasts", NULL,  \
		false, FILL_ENGINE },                                                                                  \
	OPT_SLURM
#define OPT_RUN_INPUTS                                                                                                \
	{ 'f', "file", "FILE", "the workflow; every operand is then a target", NULL, false, FILL_FILE },               \
	OPT_STORE,                                                                                                     \
	OPT_INPUTS,                                                                                                    \
	OPT_ENGINE,                                                                                                    \
	{ 0, "force", "TASK", "run this task whatever the journal says; may be repeated", NULL, true, FILL_NONE },    \
	OPT_NO_CACHE

struct runargs {
	const struct opts *o;
	struct arena *arena;
	struct load load;
	struct run_options run;
	const char *path;      /* the workflow */
	struct cfg_line *line; /* runargs_line */
	bool anew;             /* ... every task, whatever the journal says */
	uint32_t first;        /* operand that is the first target */
	struct store_map *stores;
	uint32_t nstores, scap;
	const char **secrets;
	const char **force;
};
/* The stores of --store into a->stores, and those of a site file that no --store names.  false after a message. */
bool runargs_stores(struct runargs *a);
void runargs_site_stores(struct runargs *a, const struct site *s);

/* Compile what the command line names, fill in run_options, call FN; its exit code, or that of what went wrong.
 * Diagnostics that FN queues are printed. */
typedef int runargs_fn(struct runargs *a, const struct job *j, struct diags *d);
int runargs_do(const struct opts *o, runargs_fn *fn, const struct run_options *more);
/* The same for a command line whose options are keys of a job.cfg, with a path as session_options.line has it. */
int runargs_line(const struct opts *o, struct cfg_line *line, const char *path, runargs_fn *fn, const struct run_options *more);
/* ... every task of it, whatever the journal says. */
int runargs_line_anew(const struct opts *o, struct cfg_line *line, const char *path, runargs_fn *fn, const struct run_options *more);
/* Run, or plan with --dry-run, as the options of OPT_RUN_ROOM and OPT_RUN_WATCH say: calls DO with what they make of
 * run_options, in the background with --detach.  FN is what DO hands on to runargs_do or runargs_line. */
typedef int runargs_start(const struct opts *o, runargs_fn *fn, const struct run_options *more, void *arg);
int runargs_run(const struct opts *o, runargs_start *start, void *arg);

#endif
