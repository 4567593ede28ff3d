/* graph.c - draw a job: choose boxes and arrows, then print them in the format asked for. */
#include "compiler/graph.h"

#include "compiler/graph_pic.h"

#include <string.h>

static const char *const formats[] = { "dot", "svg", "png", "pdf", "mermaid", "json" };

static bool format_known(const char *f, struct diags *d)
{
	struct suggest s = { .to = f };
	for (size_t i = 0; i < sizeof formats / sizeof *formats; i++) {
		if (strcmp(f, formats[i]) == 0)
			return true;
		suggest_try(&s, formats[i]);
	}
	diag_error(d, E1091, NOSPAN, "no picture format named `%s`", f);
	if (suggest_best(&s))
		diag_help(d, "did you mean `%s`?", suggest_best(&s));
	else
		diag_help(d, "formats are dot, svg, png, pdf, mermaid and json");
	return false;
}

bool graph_draw(const struct job *j, const struct graph_options *o, struct buf *out, struct diags *d)
{
	if (!format_known(o->format, d))
		return false;
	struct pic p;
	bool ok = pic_make(&p, j, o, d);
	if (ok && strcmp(o->format, "mermaid") == 0)
		pic_mermaid(&p, out);
	else if (ok && strcmp(o->format, "json") == 0)
		pic_json(&p, out);
	else if (ok)
		ok = pic_dot(&p, o->format, out, d);
	pic_free(&p);
	return ok;
}
