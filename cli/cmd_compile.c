/* cmd_compile.c - weft compile: the BatchCompute job description. */
#include "cli/find.h"
#include "cli/render.h"

static const struct opt compile_opts[] = {
	{ 'o', "output", "FILE", "write to FILE instead of standard output", NULL, false, FILL_FILE },
	OPT_ERROR_FORMAT,
	OPT_LINTS,
	OPT_INPUTS,
	OPT_END,
};

static int compile(const struct opts *o, const char *path)
{
	struct load l;
	if (!load_open(&l, o, true))
		return EXIT_USAGE;
	session_compile(l.session, path);
	load_warn_secrets(&l);
	load_report(l.session->diags, o, stderr);
	int rc = load_status(l.session->diags);
	if (!rc)
		rc = render_json(o, l.session->job, opts_value(o, "output"));
	load_close(&l);
	return rc;
}

static int exec(struct opts *o)
{
	return with_workflow(o, compile);
}

const struct command cmd_compile = {
	.name = "compile",
	.usage = "[OPTIONS] [FILE]",
	.summary = "print the BatchCompute job description (JSON)",
	.help = "  weft compile job.weft -o job.json\n"
		"  weft compile job.cfg | jq .DAG.Dependencies\n"
		"\n"
		"Checks the workflow and prints its job description, API version 2015-11-11, in canonical form: the same\n"
		"workflow and parameters always give the same bytes.  What BatchCompute cannot say stands in objects named\n"
		"Weft, which the service ignores; weft reads the description back without loss.\n",
	.opts = compile_opts,
	.exec = exec,
};
