/* render.h - a compiled workflow as a text or picture: what compile, convert, graph and sub print. */
#ifndef WEFT_CLI_RENDER_H
#define WEFT_CLI_RENDER_H

#include "cli/load.h"
#include "compiler/graph.h"

/* Each writes to the path (standard output for NULL and "-") and returns the exit code, after a message when it is not 0. */
int render_json(const struct opts *o, const struct job *j, const char *path);
int render_weft(const struct ast *a, const char *path);
int render_graph(const struct opts *o, const struct session *s, const struct graph_options *g, const char *path);
/* The format that a path's ending asks graph_draw for, NULL if none. */
const char *render_format(const char *path);

#endif
