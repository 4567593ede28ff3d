/* cmd_graph.c - weft graph: draw a workflow. */
#include "cli/find.h"
#include "cli/render.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define FORMATS "dot|svg|png|pdf|mermaid|json"

static const struct opt graph_opts[] = {
	{ 'o', "output", "FILE", "write to FILE; its ending tells the format", NULL, false, FILL_FILE },
	{ 0, "format", "FORMAT", "dot (default), svg, png, pdf, mermaid or json", FORMATS, false, FILL_NONE },
	{ 0, "files", NULL, "name the files on the arrows", NULL, false, FILL_NONE },
	{ 0, "expand", "TASK", "draw TASK instance by instance; may be repeated", NULL, true, FILL_NONE },
	OPT_ERROR_FORMAT,
	OPT_INPUTS,
	OPT_END,
};

/* --format, else the ending of -o, else dot; NULL after a message */
static const char *choose_format(const struct opts *o)
{
	const char *given = opts_value(o, "format");
	const char *out = opts_value(o, "output");
	const char *f = given ? given : render_format(out);
	if (!f && out && strcmp(out, "-") != 0) {
		opts_error(o, "cannot tell the format from %s: add --format", out);
		return NULL;
	}
	f = f ? f : "dot";
	bool binary = strcmp(f, "png") == 0 || strcmp(f, "pdf") == 0;
	if (binary && (!out || strcmp(out, "-") == 0) && isatty(STDOUT_FILENO)) {
		opts_error(o, "a %s picture is not for a terminal: add -o FILE", f);
		return NULL;
	}
	return f;
}

/* Draw although the check failed, when all that failed is a cycle. */
static bool only_cycles(const struct session *s)
{
	for (uint32_t i = 0; i < s->diags->n; i++)
		if (s->diags->v[i].severity == SEV_ERROR && strcmp(code_text(s->diags->v[i].code), "E0701") != 0)
			return false;
	return s->job && s->job->cyclic;
}

static int draw(const struct opts *o, struct session *s, const char *format)
{
	const char **expand = NULL;
	uint32_t n = 0, cap = 0, i = 0;
	for (const char *t; (t = opts_each(o, "expand", &i));) {
		expand = grow(expand, &cap, n + 1, sizeof *expand);
		expand[n++] = t;
	}
	struct graph_options g = { .format = format, .files = opts_flag(o, "files"), .expand = expand, .nexpand = n };
	int rc = render_graph(o, s, &g, opts_value(o, "output"));
	free(expand);
	return rc;
}

static int graph(const struct opts *o, const char *path, const char *format)
{
	struct load l;
	if (!load_open(&l, o, true))
		return EXIT_USAGE;
	bool ok = session_compile(l.session, path);
	load_report(l.session->diags, o, stderr);
	int rc = ok ? EXIT_OK : EXIT_INVALID;
	if (ok || only_cycles(l.session)) {
		int drawn = draw(o, l.session, format);
		rc = drawn ? drawn : rc;
	}
	load_close(&l);
	return rc;
}

static int exec(struct opts *o)
{
	if (o->nargs > 1)
		return opts_error(o, "one file at a time, not also %s", o->args[1]);
	const char *format = choose_format(o);
	char *path = !format ? NULL : o->nargs ? xstrdup(o->args[0]) : only_workflow(o);
	int rc = path ? graph(o, path, format) : EXIT_USAGE;
	free(path);
	return rc;
}

const struct command cmd_graph = {
	.name = "graph",
	.usage = "[OPTIONS] [FILE]",
	.summary = "draw a workflow: dot, svg, png, pdf, mermaid, json",
	.help = "  weft graph job.weft -o job.svg\n"
		"  weft graph job.cfg --files --format png -o - | display\n"
		"  weft graph job.weft --expand count -o count.pdf\n"
		"\n"
		"One box a task with its number of instances, one arrow a dependency.  A workflow whose only fault is a\n"
		"cycle is drawn too, with the cycle in red; the exit status is then 3.\n",
	.opts = graph_opts,
	.exec = exec,
};
