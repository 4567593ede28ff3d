/* graph.h - draw a job: collapsed (one node a task) through cgraph and gvc, both loaded only when drawing. */
#ifndef WEFT_COMPILER_GRAPH_H
#define WEFT_COMPILER_GRAPH_H

#include "base/buf.h"
#include "base/diag.h"
#include "job/job.h"

struct graph_state { /* how a task fared in a run */
	const char *text;    /* a line below its name; NULL: none */
	const char *fill, *line; /* "#rrggbb" of the box and of its border; NULL: as always */
};
struct graph_options {
	const char *format;  /* dot svg png pdf mermaid json; nothing else */
	bool files;          /* file names on the edges */
	const char *const *expand; /* tasks drawn instance by instance */
	uint32_t nexpand;
	const struct graph_state *state; /* [ntask], for tasks that have a box of their own; NULL: none */
	uint32_t limit;      /* most instances drawn of an expanded task; the rest is one node "+ N more"; 0: 200 */
	uint32_t group;      /* more tasks than this: tasks of like names at the same depth share a node; 0: 100 for
	                      * pictures, no limit for dot and json */
};
/* Add the picture's text or bytes to out.  false after a diagnostic. */
bool graph_draw(const struct job *j, const struct graph_options *o, struct buf *out, struct diags *d);

#endif
