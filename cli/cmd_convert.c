/* cmd_convert.c - weft convert: a job.cfg or a job description as .weft text. */
#include "cli/find.h"
#include "cli/render.h"

static const struct opt convert_opts[] = {
	{ 'o', "output", "FILE", "write to FILE instead of standard output", NULL, false, FILL_FILE },
	OPT_ERROR_FORMAT,
	OPT_END,
};

static int convert(const struct opts *o, const char *path)
{
	struct load l;
	if (!load_open(&l, o, false))
		return EXIT_USAGE;
	l.session->opt.keep_comments = true;
	session_parse(l.session, path);
	load_report(l.session->diags, o, stderr);
	int rc = load_status(l.session->diags);
	if (!rc)
		rc = render_weft(&l.session->ast, opts_value(o, "output"));
	load_close(&l);
	return rc;
}

static int exec(struct opts *o)
{
	return with_workflow(o, convert);
}

const struct command cmd_convert = {
	.name = "convert",
	.usage = "[OPTIONS] [FILE]",
	.summary = "turn a job.cfg or a job description into a .weft file",
	.help = "  weft convert job.cfg -o job.weft\n"
		"  weft convert job.json | less\n"
		"\n"
		"The .weft text compiles to the same job description, byte for byte.\n",
	.opts = convert_opts,
	.exec = exec,
};
