/* cmd_exec.c - weft exec: one instance by itself, with its streams on the terminal. */
#include "cli/runargs.h"
#include "runtime/alone.h"

static const struct opt exec_opts[] = {
	OPT_RUN_INPUTS,
	{ 0, "keep", NULL, "leave its work directory, and say where it is", NULL, false, FILL_NONE },
	{ 0, "no-sandbox", NULL, "use no namespaces; refuses tasks that need mounts", NULL, false, FILL_NONE },
	{ 'v', "verbose", NULL, "say where it works and what it runs", NULL, false, FILL_NONE },
	OPT_ERROR_FORMAT,
	OPT_LINTS,
	OPT_END,
};

static int alone(struct runargs *a, const struct job *j, struct diags *d)
{
	struct alone how = { .keep = opts_flag(a->o, "keep") };
	if (a->run.ntargets != 1)
		return opts_error(a->o, "it wants one instance: weft exec 'task[key]'");
	return alone_job(j, &a->run, &how, d);
}

static int exec(struct opts *o)
{
	struct run_options more = { .no_sandbox = opts_flag(o, "no-sandbox"),
		.quiet = !opts_flag(o, "verbose") && !opts_flag(o, "keep") };
	return runargs_do(o, alone, &more);
}

const struct command cmd_exec = {
	.name = "exec",
	.usage = "[OPTIONS] [FILE] TASK[KEY]",
	.summary = "run one instance by itself, to debug it",
	.help = "  weft exec 'count[2]'           of the workflow in this directory\n"
		"  weft exec --file job.cfg split --store oss://your-bucket=bucket\n"
		"\n"
		"The instance is staged as weft run stages it: package, inputs, mounts, environment (BATCH_COMPUTE_DAG_JOB_ID,\n"
		"_TASK_ID, _INSTANCE_ID ...), sandbox.  Its standard output and error come out of this command as they are\n"
		"written, and its exit status is this command's; 128+n when signal n ended it.\n"
		"\n"
		"Nothing is published, recorded or retried, and time limits do not count; weft run publishes.  What it\n"
		"needs has to be there: weft run TASK makes it.\n",
	.opts = exec_opts,
	.exec = exec,
};
