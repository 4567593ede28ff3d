/* cmd_clean.c - weft clean --stale: outputs that nothing makes any more. */
#include "cli/runargs.h"

static const struct opt clean_opts[] = {
	{ 0, "stale", NULL, "outputs of tasks and instances that are no longer in the workflow", NULL, false, FILL_NONE },
	{ 'n', "dry-run", NULL, "only list them", NULL, false, FILL_NONE },
	OPT_RUN_INPUTS,
	{ 0, "json", NULL, "one JSON object (schema weft.clean/1)", NULL, false, FILL_NONE },
	OPT_ERROR_FORMAT,
	OPT_LINTS,
	OPT_END,
};

static int clean(struct runargs *a, const struct job *j, struct diags *d)
{
	return clean_job(j, &a->run, opts_flag(a->o, "dry-run"), d);
}

static int exec(struct opts *o)
{
	struct run_options more = { .json = opts_flag(o, "json") };
	if (!opts_flag(o, "stale"))
		return opts_error(o, "say what to clean: --stale");
	return runargs_do(o, clean, &more);
}

const struct command cmd_clean = {
	.name = "clean",
	.usage = "--stale [OPTIONS] [FILE]",
	.summary = "remove outputs that no task makes any more",
	.help = "  weft clean --stale -n          list what would be removed\n"
		"  weft clean --stale             remove it\n"
		"\n"
		"Stale is a file or directory that a successful instance made, when the workflow no longer has that instance, or\n"
		"it no longer makes that file: a task was removed or renamed, a row left its table, an output got another name.\n"
		"A file is removed only while its content is still what was recorded; one that was changed since is kept and\n"
		"named.  With parameters (--set) the workflow is what they make of it: give them here as for a run.\n",
	.opts = clean_opts,
	.exec = exec,
};
