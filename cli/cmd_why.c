/* cmd_why.c - weft why: the chain of causes of one target. */
#include "cli/runargs.h"

#include <string.h>

#include "cli/find.h"

static const struct opt why_opts[] = {
	OPT_RUN_INPUTS,
	{ 0, "json", NULL, "the same facts as JSON (schema weft.why/1)", NULL, false, FILL_NONE },
	OPT_ERROR_FORMAT,
	OPT_LINTS,
	OPT_END,
};

static int why(struct runargs *a, const struct job *j, struct diags *d)
{
	const char *target = a->run.ntargets == 1 ? a->run.targets[0] : NULL;
	if (!target)
		return opts_error(a->o, "why wants one target, after the file of the workflow: a task, task[key] or a file");
	a->run.ntargets = 0;
	return why_job(j, &a->run, target, d);
}

static int exec(struct opts *o)
{
	struct run_options more = { .json = opts_flag(o, "json") };
	return runargs_do(o, why, &more);
}

const struct command cmd_why = {
	.name = "why",
	.usage = "[OPTIONS] [FILE] TARGET",
	.summary = "say why a target would run, down to the first causes",
	.help = "  weft why merge                 of the workflow in this directory\n"
		"  weft why job.weft 'count[2]'\n"
		"  weft why job.weft merge_result.txt\n"
		"\n"
		"The first line is the target's own cause.  When that is an input which will be made again, the next lines say\n"
		"why that is, and so on.\n",
	.opts = why_opts,
	.exec = exec,
};
