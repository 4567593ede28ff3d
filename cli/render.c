/* render.c - see render.h. */
#include "cli/render.h"

#include "base/buf.h"
#include "cli/out.h"

#include <string.h>

enum { TEXT_MAX = 1 << 30 };

int render_json(const struct opts *o, const struct job *j, const char *path)
{
	struct buf b;
	buf_init(&b, TEXT_MAX);
	bool fits = job_write(j, &b);
	if (!fits)
		fprintf(stderr, "weft %s: the job description is larger than 1 GB\n", o->cmd->name);
	bool ok = fits && out_write(path, b.p, b.len);
	buf_free(&b);
	return ok ? EXIT_OK : EXIT_UNREACHABLE;
}

int render_weft(const struct ast *a, const char *path)
{
	struct buf b;
	buf_init(&b, TEXT_MAX);
	bool ok = fmt_print(a, &b) && out_write(path, b.p, b.len);
	buf_free(&b);
	return ok ? EXIT_OK : EXIT_UNREACHABLE;
}

static const char *const endings[][2] = {
	{ ".dot", "dot" }, { ".gv", "dot" }, { ".svg", "svg" }, { ".png", "png" }, { ".pdf", "pdf" },
	{ ".mmd", "mermaid" }, { ".mermaid", "mermaid" }, { ".json", "json" },
};

const char *render_format(const char *path)
{
	const char *dot = path ? strrchr(path, '.') : NULL;
	for (size_t i = 0; dot && i < sizeof endings / sizeof *endings; i++)
		if (strcmp(dot, endings[i][0]) == 0)
			return endings[i][1];
	return NULL;
}

int render_graph(const struct opts *o, const struct session *s, const struct graph_options *g, const char *path)
{
	struct diags *d = diags_new(s->sources); /* the check's own were shown */
	struct buf b;
	buf_init(&b, TEXT_MAX);
	bool drawn = graph_draw(s->job, g, &b, d);
	diags_finish(d);
	load_report(d, o, stderr);
	int rc = drawn ? EXIT_OK : EXIT_INVALID;
	if (drawn && !out_write(path, b.p, b.len))
		rc = EXIT_UNREACHABLE;
	buf_free(&b);
	diags_free(d);
	return rc;
}
