/* cmd_run.c - weft run: run a workflow on this machine. */
#include "cli/kept.h"
#include "cli/runargs.h"

static const struct opt run_opts[] = {
	OPT_RUN_ROOM,
	OPT_RUN_INPUTS,
	{ 0, "failed", NULL, "only what did not succeed last time, and what that needs", NULL, false, FILL_NONE },
	{ 0, "touch", NULL, "run nothing; take the outputs that are there as made", NULL, false, FILL_NONE },
	{ 0, "seed", "N", "forecast another world (engine sim)", NULL, false, FILL_NONE },
	{ 'n', "dry-run", NULL, "only say what would run, as weft plan", NULL, false, FILL_NONE },
	OPT_RUN_WATCH,
	OPT_ERROR_FORMAT,
	OPT_LINTS,
	OPT_END,
};

static int start(const struct opts *o, runargs_fn *fn, const struct run_options *more, void *arg)
{
	(void)arg;
	return o->nargs == 1 && is_kept_plan(o->args[0]) ? run_kept(o, fn, more) : runargs_do(o, fn, more);
}

static int exec(struct opts *o)
{
	return runargs_run(o, start, NULL);
}

const struct command cmd_run = {
	.name = "run",
	.usage = "[OPTIONS] [FILE] [TARGET]...",
	.summary = "run a workflow on this machine",
	.help = "  weft run                       the workflow in this directory\n"
		"  weft run job.weft --set parts=8 -j 4\n"
		"  weft run job.weft merge        only merge and what it needs\n"
		"  weft run job.weft 'count[3]'   only this instance and what it needs\n"
		"  weft run --file job.cfg -r oss://your-bucket/log-count/:/home/input \\\n"
		"      -w oss://your-bucket/log-count/:/home/output --store oss://your-bucket=bucket\n"
		"\n"
		"Every instance starts in a fresh directory that holds its package and its declared inputs.  Outputs reach\n"
		"their places by rename, when the command has succeeded and all of them exist.  Mounts appear at their\n"
		"absolute paths, for the instance alone.  --store says which directory stands for a bucket, or for nas://HOST:/PATH;\n"
		"a site file says it once for all (weft-site(5)).\n"
		"\n"
		"A run leaves what it did in .weft/runs.  Ctrl-C stops every process; a second one leaves at once.\n"
		"\n"
		"  weft run --detach job.weft     goes on when the terminal is closed; then weft attach and weft cancel\n",
	.opts = run_opts,
	.exec = exec,
};
