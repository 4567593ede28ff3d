/* cmd_shell.c - weft shell: a shell where an instance runs. */
#include "cli/runargs.h"
#include "runtime/alone.h"

static const struct opt shell_opts[] = {
	{ 'c', "command", "TEXT", "run this there instead of asking", NULL, false, FILL_NONE },
	OPT_RUN_INPUTS,
	{ 0, "fresh", NULL, "a fresh work directory, whatever a failed attempt has left", NULL, false, FILL_NONE },
	{ 0, "keep", NULL, "leave the work directory when the shell ends", NULL, false, FILL_NONE },
	{ 0, "no-sandbox", NULL, "use no namespaces; refuses tasks that need mounts", NULL, false, FILL_NONE },
	{ 'q', "quiet", NULL, "do not say what it is", NULL, false, FILL_NONE },
	OPT_ERROR_FORMAT,
	OPT_LINTS,
	OPT_END,
};

static int alone(struct runargs *a, const struct job *j, struct diags *d)
{
	struct alone how = { .shell = true, .command = opts_value(a->o, "command"), .fresh = opts_flag(a->o, "fresh"),
		.keep = opts_flag(a->o, "keep") };
	if (a->run.ntargets != 1)
		return opts_error(a->o, "it wants one instance: weft shell 'task[key]'");
	return alone_job(j, &a->run, &how, d);
}

static int exec(struct opts *o)
{
	struct run_options more = { .no_sandbox = opts_flag(o, "no-sandbox"), .quiet = opts_flag(o, "quiet") };
	return runargs_do(o, alone, &more);
}

const struct command cmd_shell = {
	.name = "shell",
	.usage = "[OPTIONS] [FILE] TASK[KEY]",
	.summary = "open a shell where an instance runs, to debug it",
	.help = "  weft shell 'count[2]'          of the workflow in this directory\n"
		"  weft shell job.weft merge -c 'ls -l; env'\n"
		"\n"
		"The shell has the instance's work directory, environment, mounts and sandbox.  When its last attempt failed and\n"
		"its directory was kept, the shell gets a copy of that: what it had written is there.  Otherwise, or with\n"
		"--fresh, it is staged anew.  The instance's command is shown, to be typed.\n"
		"\n"
		"When the shell ends its directory goes; nothing is published or recorded.  The exit status is the shell's.\n",
	.opts = shell_opts,
	.exec = exec,
};
