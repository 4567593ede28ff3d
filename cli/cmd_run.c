/* cmd_run.c - weft run: run a workflow on this machine. */
#include "cli/detach.h"
#include "cli/kept.h"
#include "cli/runargs.h"

#include <string.h>

static const struct opt run_opts[] = {
	{ 'j', "jobs", "N", "run at most N instances at once (default: one a processor)", NULL, false, FILL_NONE },
	{ 0, "cpus", "N", "cpus that all instances together may ask for (default: those of this machine)", NULL, false, FILL_NONE },
	{ 0, "memory", "SIZE", "memory that all instances together may ask for (default: that of this machine)", NULL, false,
		FILL_NONE },
	{ 0, "pools", NULL, "as many instances of a cluster at once as it has machines (site file, nodes)", NULL, false, FILL_NONE },
	{ 'k', "keep-going", NULL, "after a failure go on with what does not depend on it", NULL, false, FILL_NONE },
	OPT_RUN_INPUTS,
	{ 0, "failed", NULL, "only what did not succeed last time, and what that needs", NULL, false, FILL_NONE },
	{ 0, "touch", NULL, "run nothing; take the outputs that are there as made", NULL, false, FILL_NONE },
	{ 0, "seed", "N", "forecast another world (engine sim)", NULL, false, FILL_NONE },
	{ 0, "detach", NULL, "go on in the background: weft attach follows the run, weft cancel ends it", NULL, false, FILL_NONE },
	{ 'n', "dry-run", NULL, "only say what would run, as weft plan", NULL, false, FILL_NONE },
	{ 0, "no-sandbox", NULL, "use no namespaces; refuses tasks that need mounts", NULL, false, FILL_NONE },
	{ 0, "ui", "MODE", "progress: auto, tty (an area that updates), plain, or json (events on standard output)",
		"auto|tty|plain|json", false, FILL_NONE },
	{ 0, "events", "TO", "write what happens as JSON lines: to a file, to fd:N, or - for standard output", NULL, false,
		FILL_FILE },
	{ 'q', "quiet", NULL, "show only failures and the last line", NULL, false, FILL_NONE },
	{ 'v', "verbose", NULL, "show the commands too", NULL, false, FILL_NONE },
	OPT_ERROR_FORMAT,
	OPT_LINTS,
	OPT_END,
};

static int run(struct runargs *a, const struct job *j, struct diags *d)
{
	struct run_result res = { 0 };
	a->run.color = !a->run.detach && use_color(a->o, stderr);
	a->run.unicode = use_unicode();
	return opts_flag(a->o, "dry-run") ? plan_job(j, &a->run, d) : run_job(j, &a->run, d, &res);
}

static int exec(struct opts *o)
{
	struct run_options more = { .keep_going = opts_flag(o, "keep-going"),
		.pools = opts_flag(o, "pools"), .no_sandbox = opts_flag(o, "no-sandbox"),
		.quiet = opts_flag(o, "quiet"), .verbose = opts_flag(o, "verbose"), .touch = opts_flag(o, "touch"),
		.only_failed = opts_flag(o, "failed"), .events = opts_value(o, "events") };
	const char *ui = opts_value(o, "ui");
	int fd, rc;
	if (ui && strcmp(ui, "json") == 0 && !more.events)
		more.events = "-";
	if (opts_flag(o, "detach") && !opts_flag(o, "dry-run") && !opts_flag(o, "touch")) {
		detach_fork(&fd, &rc);
		if (fd < 0)
			return rc;
		more.detach = fd;
	}
	if (o->nargs == 1 && is_kept_plan(o->args[0]))
		return run_kept(o, run, &more);
	return runargs_do(o, run, &more);
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
