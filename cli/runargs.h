/* runargs.h - what run, plan, why and clean have in common: their options, from a command line to struct run_options. */
#ifndef WEFT_CLI_RUNARGS_H
#define WEFT_CLI_RUNARGS_H

#include "cli/compiled.h"
#include "runtime/run.h"

#define OPT_SLURM                                                                                                     \
	{ 0, "slurm", "ENDPOINT", "Slurm runs them: unix:/PATH, http://HOST:PORT or exec:COMMAND is its slurmrestd", NULL, \
		false, FILL_NONE },                                                                                    \
	{ 0, "slurm-token", "FILE", "the token for it, read again when it changes (else SLURM_JWT)", NULL, false, FILL_FILE }
#define OPT_STORE                                                                                                     \
	{ 0, "store", "oss://BUCKET=DIR", "a directory of this machine stands for a bucket; may be repeated", NULL,    \
		true, FILL_NONE }
#define OPT_RUN_INPUTS                                                                                                \
	{ 'f', "file", "FILE", "the workflow; every operand is then a target", NULL, false, FILL_FILE },               \
	OPT_STORE,                                                                                                     \
	OPT_INPUTS,                                                                                                    \
	{ 0, "engine", "NAME", "what runs the instances: local, this machine, slurm, or sim, which only forecasts", NULL,  \
		false, FILL_NONE },                                                                                    \
	OPT_SLURM,                                                                                                     \
	{ 0, "force", "TASK", "run this task whatever the journal says; may be repeated", NULL, true, FILL_NONE },    \
	OPT_NO_CACHE

struct runargs {
	const struct opts *o;
	struct arena *arena;
	struct load load;
	struct run_options run;
	const char *path;      /* the workflow */
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

#endif
