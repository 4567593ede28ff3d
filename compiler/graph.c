/* graph.c - draw a job: choose boxes and arrows, then print them in the format asked for. */
#include "compiler/graph.h"

#include "compiler/graph_pic.h"

#include <string.h>

bool graph_draw(const struct job *j, const struct graph_options *o, struct buf *out, struct diags *d)
{
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
