/* check_path.c - paths of outputs: where they may lie. */
#include "compiler/check.h"

#include <string.h>

static bool is_url(const char *s)
{
	return strstr(s, "://") != NULL;
}

/* Does a path go up out of the workspace? */
static bool escapes(const char *s)
{
	int depth = 0;
	size_t n;

	for (; *s; s += n + (s[n] == '/')) {
		n = strcspn(s, "/");
		if (n == 2 && s[0] == '.' && s[1] == '.')
			depth--;
		else if (n && !(n == 1 && s[0] == '.'))
			depth++;
		if (depth < 0)
			return true;
	}
	return false;
}

/* The constant start of a path. */
static const char *path_start(const struct session *s, const struct jport *p)
{
	const struct jx *x = p->path ? &s->job->x[p->path] : NULL;

	if (x && x->op == JX_CAT)
		x = &s->job->x[x->a];
	return x && x->op == JX_STR ? name_str(s->names, x->a) : "";
}

static void output_place(struct session *s, const struct jtask *t, const struct jport *p)
{
	const char *path = path_start(s, p);

	if (is_url(path))
		return;
	while (!strncmp(path, "./", 2))
		path += 2;
	if (!strncmp(path, ".weft", 5) && (!path[5] || path[5] == '/')) {
		diag_error(s->diags, E0312, p->path_span, "output `%s` of task `%s` lies in .weft", name_str(s->names, p->name),
			name_str(s->names, t->name));
		diag_note(s->diags, "weft keeps its own records there");
	} else if (escapes(path)) {
		diag_error(s->diags, E0311, p->path_span, "output `%s` of task `%s` leaves the workspace",
			name_str(s->names, p->name), name_str(s->names, t->name));
		diag_help(s->diags, "outputs lie below the directory of the workflow, or in storage (oss://...)");
	}
}

void check_output_place(struct session *s)
{
	uint32_t i, k;

	for (i = 0; i < s->job->ntask; i++)
		for (k = 0; k < s->job->task[i].nout; k++)
			output_place(s, &s->job->task[i], &s->job->task[i].out[k]);
}
