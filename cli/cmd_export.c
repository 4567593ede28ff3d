/* cmd_export.c - weft export: a workflow written down for others to run. */
#include "cli/out.h"
#include "cli/runargs.h"
#include "runtime/export.h"

#include <stdlib.h>
#include <string.h>

static const struct opt export_opts[] = {
	{ 'o', "output", "FILE", "commands: write to FILE instead of standard output", NULL, false, FILL_FILE },
	{ 'f', "file", "FILE", "the workflow", NULL, false, FILL_FILE },
	{ 0, "store", "oss://BUCKET=DIR", "a directory of this machine stands for a bucket; may be repeated", NULL, true, FILL_NONE },
	OPT_INPUTS,
	OPT_NO_CACHE,
	OPT_ERROR_FORMAT,
	OPT_LINTS,
	OPT_END,
};

static int refuse_targets(const struct runargs *a)
{
	return opts_error(a->o, "a whole workflow is exported, not %s", a->run.targets[0]);
}

static const char *directory; /* operand of sbatch */

static int sbatch(struct runargs *a, const struct job *j, struct diags *d)
{
	return a->run.ntargets ? refuse_targets(a) : export_sbatch(j, &a->run, directory, d);
}

static int commands_json(struct runargs *a, const struct job *j, struct diags *d)
{
	struct buf b;
	int rc;

	if (a->run.ntargets)
		return refuse_targets(a);
	buf_init(&b, (size_t)4 << 30);
	rc = export_commands(j, &a->run, &b, d);
	if (!rc && !out_write(opts_value(a->o, "output"), b.p, b.len))
		rc = EXIT_UNREACHABLE;
	buf_free(&b);
	return rc;
}

/* The rest of the operands, as other commands have them. */
static struct opts without(const struct opts *o, uint32_t n)
{
	struct opts rest = *o;

	rest.args += n;
	rest.nargs -= n;
	rest.rest = o->rest > n ? o->rest - n : 0;
	return rest;
}

static int exec(struct opts *o)
{
	struct run_options more = { 0 };
	const char *kind = o->nargs ? o->args[0] : "";
	struct opts rest;

	if (!strcmp(kind, "commands")) {
		rest = without(o, 1);
		return runargs_do(&rest, commands_json, &more);
	}
	if (strcmp(kind, "sbatch"))
		return opts_error(o, *kind ? "there is no export %s: sbatch or commands" : "export what: sbatch or commands?", kind);
	if (o->nargs < 2)
		return opts_error(o, "export sbatch wants a directory");
	if (opts_value(o, "output"))
		return opts_error(o, "--output is for commands: sbatch writes into the directory %s", o->args[1]);
	directory = o->args[1];
	rest = without(o, 2);
	return runargs_do(&rest, sbatch, &more);
}

const struct command cmd_export = {
	.name = "export",
	.usage = "[OPTIONS] sbatch DIR [FILE] | commands [FILE]",
	.summary = "write a workflow as sbatch scripts, or as a list of commands, for others to run",
	.help = "  weft export sbatch scripts job.weft && sh scripts/submit.sh --wait\n"
		"  weft export commands job.weft | jq -r '.[].directory'\n"
		"\n"
		"sbatch writes plain scripts for Slurm, an array for a scatter, with dependencies, and submit.sh, which submits\n"
		"all of them or none.  They do what weft run does, and need no weft.  What they cannot do is refused; what they do\n"
		"otherwise stands in DIR/README.md.  DIR is new, or was made by this before.\n"
		"\n"
		"commands prints a JSON list with an object for each instance: arguments or script, directory, environment, inputs,\n"
		"outputs, image, digest.\n",
	.opts = export_opts,
	.exec = exec,
};
