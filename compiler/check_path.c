/* check_path.c - paths of outputs: where they may lie, and that no two writers have the same one. */
#include "compiler/check.h"

#include <stdlib.h>
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

/* The path without "./", "//" and a slash at the end; NULL when it has none of those. */
static const char *normal(struct buf *b, const char *s)
{
	size_t n;

	if (strncmp(s, "./", 2) && !strstr(s, "//") && !strstr(s, "/./") && !(*s && s[strlen(s) - 1] == '/'))
		return s;
	buf_reset(b);
	for (; *s; s += n + (s[n] == '/')) {
		n = strcspn(s, "/");
		if (n == 0 || (n == 1 && *s == '.'))
			continue;
		if (b->len)
			buf_addc(b, '/');
		buf_add(b, s, n);
	}
	return buf_str(b);
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

/* ---- two writers of one constant path: a hash of all of them ---- */

struct writer {
	name path;
	uint32_t task, port;
};

static void same_path(struct session *s, const struct writer *a, const struct writer *b)
{
	const struct jtask *ta = &s->job->task[a->task], *tb = &s->job->task[b->task];

	diag_error(s->diags, E0702, tb->out[b->port].path_span, "two outputs have the path `%s`", name_str(s->names, b->path));
	diag_label(s->diags, "output `%s` of task `%s`", name_str(s->names, tb->out[b->port].name), name_str(s->names, tb->name));
	diag_at(s->diags, ta->out[a->port].path_span, "output `%s` of task `%s`", name_str(s->names, ta->out[a->port].name),
		name_str(s->names, ta->name));
}

static uint32_t constant_outputs(const struct session *s, struct writer *v)
{
	const struct job *j = s->job;
	uint32_t i, k, n = 0;
	struct buf b;

	buf_init(&b, 1 << 20);
	for (i = 0; i < j->ntask; i++)
		for (k = 0; k < j->task[i].nout; k++) {
			const struct jport *p = &j->task[i].out[k];

			if (j->task[i].skipped || !p->path || p->count == PORT_GLOB || j->x[p->path].op != JX_STR)
				continue;
			if (v)
				v[n] = (struct writer){ name_ofs(s->names, normal(&b, name_str(s->names, j->x[p->path].a))), i, k };
			n++;
		}
	buf_free(&b);
	return n;
}

/* Open addressing over the array of writers: slot -> number + 1. */
static void find_doubles(struct session *s, const struct writer *v, uint32_t n)
{
	uint32_t cap = 16, i, h, *slot;

	while (cap < n * 2u)
		cap *= 2;
	slot = xcalloc(cap, sizeof *slot);
	for (i = 0; i < n; i++) {
		for (h = v[i].path * 2654435761u & (cap - 1); slot[h] && v[slot[h] - 1].path != v[i].path; h = (h + 1) & (cap - 1))
			;
		if (slot[h])
			same_path(s, &v[slot[h] - 1], &v[i]);
		else
			slot[h] = i + 1;
	}
	free(slot);
}

void check_two_writers(struct session *s)
{
	uint32_t n = constant_outputs(s, NULL);
	struct writer *v = xcalloc((size_t)n + 1, sizeof *v);

	constant_outputs(s, v);
	find_doubles(s, v, n);
	free(v);
}

/* ---- instances or elements of one output with the same path ---- */

#define USES_ALL (1u << 31) /* every instance is told apart */
#define USES_INDEX (1u << 30) /* every element of a family; below: a bit for each dimension that is told apart */

/* Which loop variables, by value, a path depends on.  A column other than the key may repeat: it tells nothing. */
static uint32_t depends(const struct job *j, const struct jtask *t, jxid x)
{
	const struct jx *e = &j->x[x];
	uint32_t d = 0;
	jxid kid;

	switch (e->op) {
	case JX_INDEX: return USES_INDEX;
	case JX_INSTANCE: return USES_ALL;
	case JX_VAR: return 1u << e->a;
	case JX_COL: return t->dim[e->a].kind != DIM_ROWS || e->b == t->dim[e->a].key ? 1u << e->a : 0;
	case JX_IN: return depends(j, t, t->in[e->a].path);
	case JX_OUT: return depends(j, t, t->out[e->a].path);
	case JX_REF: /* another task's instance, one for each of ours */
		for (kid = e->c; kid; kid = j->x[kid].next)
			d |= depends(j, t, kid);
		return d;
	case JX_BIN: case JX_ELEM: return depends(j, t, e->a) | depends(j, t, e->b);
	case JX_UN: case JX_RAW: return depends(j, t, e->a);
	case JX_COND: return depends(j, t, e->a) | depends(j, t, e->b) | depends(j, t, e->c);
	case JX_CAT: case JX_CALL: case JX_LIST:
		for (kid = e->a; kid; kid = j->x[kid].next)
			d |= depends(j, t, kid);
		return d;
	default: return 0;
	}
}

static uint32_t wanted(const struct jtask *t)
{
	uint32_t i, d = 0;

	for (i = 0; i < t->ndim; i++)
		if (t->dim[i].count != 1)
			d |= 1u << i;
	if (!t->ndim && t->count != 1)
		d = USES_ALL;
	return d;
}

enum { ENUMERATE = 200000 }; /* instances whose paths are made to see whether any are equal */

/* Columns may be unique all the same: make the paths and look. */
static bool really_equal(struct session *s, uint32_t task, const struct jport *p, int64_t *first, int64_t *again)
{
	const struct jtask *t = &s->job->task[task];
	struct jctx c = { .job = s->job, .arena = arena_new(), .task = task };
	uint32_t cap = 16, h, *slot, nm;
	name *path = xcalloc((size_t)t->count + 1, sizeof *path);
	bool found = false;
	struct buf b;

	while (cap < t->count * 2)
		cap *= 2;
	slot = xcalloc(cap, sizeof *slot);
	buf_init(&b, 1 << 20);
	for (; c.instance < t->count && !found; c.instance++) {
		struct arena_mark m = arena_mark(c.arena);

		buf_reset(&b);
		if (!jx_text(&c, p->path, &b))
			break;
		arena_reset(c.arena, m);
		nm = path[c.instance] = name_of(s->names, buf_str(&b), b.len);
		for (h = nm * 2654435761u & (cap - 1); slot[h] && path[slot[h] - 1] != nm; h = (h + 1) & (cap - 1))
			;
		found = slot[h] != 0;
		if (found) {
			*first = slot[h] - 1;
			*again = c.instance;
		} else
			slot[h] = (uint32_t)c.instance + 1;
	}
	buf_free(&b);
	free(slot);
	free(path);
	arena_free(c.arena);
	return found;
}

static void say_instances(struct session *s, uint32_t task, const struct jport *p, int64_t a, int64_t b)
{
	const struct jtask *t = &s->job->task[task];
	uint32_t have = depends(s->job, t, p->path), i;
	struct buf ka, kb;

	buf_init(&ka, 4096);
	buf_init(&kb, 4096);
	instance_key(s->job, task, a, &ka);
	instance_key(s->job, task, b, &kb);
	diag_error(s->diags, E0703, p->path_span, "instances `%s` and `%s` of task `%s` write the same path", buf_str(&ka),
		buf_str(&kb), name_str(s->names, t->name));
	for (i = 0; i < t->ndim; i++)
		if (!(have & 1u << i) && t->dim[i].count != 1) {
			diag_help(s->diags, "put what tells them apart into the path: ~{%s%s%s}", name_str(s->names, t->dim[i].var),
				t->dim[i].kind == DIM_ROWS ? "." : "", t->dim[i].kind == DIM_ROWS ?
				name_str(s->names, t->dim[i].colname[t->dim[i].key]) : "");
			break;
		}
	buf_free(&ka);
	buf_free(&kb);
}

static void say_scatter(struct session *s, uint32_t task, const struct jport *p)
{
	const struct jtask *t = &s->job->task[task];

	diag_error(s->diags, E0703, p->path_span, "all instances of task `%s` write the same path", name_str(s->names, t->name));
	if (t->ndim) {
		diag_at(s->diags, t->dim[0].span, "scattered here");
		diag_help(s->diags, "put the loop variable into the path: ~{%s}", name_str(s->names, t->dim[0].var));
	} else
		diag_help(s->diags, "put the instance number into the path: ~{instance}");
}

static void port_paths(struct session *s, uint32_t task, const struct jport *p)
{
	const struct jtask *t = &s->job->task[task];
	uint32_t have = depends(s->job, t, p->path), want = wanted(t);
	int64_t a, b;

	if (p->count == PORT_FIXED && p->n > 1 && !(have & USES_INDEX)) {
		diag_error(s->diags, E0703, p->path_span, "all elements of output `%s` have the same path", name_str(s->names, p->name));
		diag_help(s->diags, "put the element number into the path: ~{index}");
		return;
	}
	if (have & USES_ALL || (have & want) == want || p->count != PORT_ONE)
		return;
	if (t->count < 0 || t->count > ENUMERATE || s->job->x[p->path].op == JX_STR)
		say_scatter(s, task, p);
	else if (really_equal(s, task, p, &a, &b))
		say_instances(s, task, p, a, b);
}

void check_same_path(struct session *s)
{
	uint32_t i, k;

	for (i = 0; i < s->job->ntask; i++) {
		const struct jtask *t = &s->job->task[i];

		for (k = 0; k < t->nout && !t->bad && !t->skipped; k++)
			if (t->out[k].path)
				port_paths(s, i, &t->out[k]);
	}
}
