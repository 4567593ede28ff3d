/* cmd_plan.c - weft plan: what would run, and why. */
#include "cli/kept.h"
#include "cli/runargs.h"

#include <string.h>

static const struct opt plan_opts[] = {
	OPT_RUN_INPUTS,
	{ 'o', "output", "FILE", "keep the plan in NAME.weftplan; weft run FILE does exactly that, or refuses", NULL, false, FILL_FILE },
	{ 0, "json", NULL, "the same facts as JSON (schema weft.plan/1)", NULL, false, FILL_NONE },
	{ 0, "all", NULL, "every instance, not the first of many", NULL, false, FILL_NONE },
	{ 0, "failed", NULL, "only what did not succeed last time, and what that needs", NULL, false, FILL_NONE },
	{ 0, "detailed-exitcode", NULL, "exit with 2 when something would run", NULL, false, FILL_NONE },
	OPT_ERROR_FORMAT,
	OPT_LINTS,
	OPT_END,
};

/* The command line that weft run repeats: the file, then options and targets. */
static void for_keeping(struct runargs *a)
{
	uint32_t n = 0;
	while (a->run.repeat[n])
		n++;
	const char **w = arena_zalloc(a->arena, n + 2, sizeof *w);
	w[0] = a->path;
	for (uint32_t i = 0; i < n; i++)
		w[i + 1] = a->run.repeat[i];
	a->run.saved_for = w;
}

static int plan(struct runargs *a, const struct job *j, struct diags *d)
{
	for_keeping(a);
	return plan_job(j, &a->run, d);
}

static int exec(struct opts *o)
{
	struct run_options more = { .save = opts_value(o, "output"), .json = opts_flag(o, "json"), .all = opts_flag(o, "all"),
		.any_change = opts_flag(o, "detailed-exitcode"), .only_failed = opts_flag(o, "failed") };
	if (more.save && !is_kept_plan(more.save)) /* weft run knows it by its name */
		return opts_error(o, "a kept plan is called NAME.weftplan, not %s", more.save);
	return runargs_do(o, plan, &more);
}

const struct command cmd_plan = {
	.name = "plan",
	.usage = "[OPTIONS] [FILE] [TARGET]...",
	.summary = "say what would run, and why",
	.help = "  weft plan                      the workflow in this directory\n"
		"  weft plan job.weft count       the instances of count that would run\n"
		"  weft plan -o p.weftplan && weft run p.weftplan\n"
		"  weft plan --json | jq '.tasks[] | select(.counts.new)'\n"
		"\n"
		"A task's line begins with + (never ran), ~ (out of date), ! (failed last time), = (current) or ? (known only\n"
		"later).  Out of date is what has another command, environment, package or image than at its last success, an\n"
		"input with other content, or an output that is missing or is not what was made.  Times of files, comments,\n"
		"layout, resources and limits do not matter.  `only if their inputs change` are instances whose inputs will be\n"
		"made again: when these turn out the same, nothing more is run.\n"
		"\n"
		"A target is a task, `task[key]`, `task[3-7]`, or a file that a task makes.  Nothing is run and nothing locked.\n",
	.opts = plan_opts,
	.exec = exec,
};
