/* check_file.c - outputs that no task uses, and inputs that no task makes and that do not exist.
 *
 * Both ask whether a path may be one of the other side.  Where that is not plain, because a path differs between
 * instances or is a pattern, everything in its directory counts: the answer is only "surely not". */
#include "base/deps.h"
#include "compiler/check.h"
#include "compiler/pathset.h"

#include <stdlib.h>
#include <string.h>

enum { MOST_LOOKS = 4096, MOST_ENTRIES = 2000, MOST_PROPOSED = 10 };
enum { MARK_ALL = 1, MARK_SOME = 2 }; /* the path and all below it; some file in it */

struct marks {
	struct session *s;
	uint8_t *v; /* by name of a path */
	uint32_t n;
	bool everywhere; /* a path of which nothing is known */
	bool top;        /* a path without a directory */
};

static bool is_url(const char *s)
{
	return strstr(s, "://") != NULL;
}

static void mark(struct marks *m, const char *s, size_t n, uint8_t how)
{
	name nm = name_of(m->s->names, s, n);
	uint32_t had = m->n;

	if (nm >= m->n) {
		m->v = grow(m->v, &m->n, names_count(m->s->names), sizeof *m->v);
		memset(m->v + had, 0, m->n - had);
	}
	m->v[nm] |= how;
}

static size_t dir_len(const char *s, size_t n)
{
	while (n && s[n - 1] != '/')
		n--;
	return n ? n - 1 : 0;
}

static void mark_set(struct marks *m, const struct pathset *ps)
{
	size_t n;
	const char *s = pathset_start(ps, &n);
	bool one = ps->kind == PATHS_CONST && !strpbrk(s, "*?[");

	if (!one)
		n = dir_len(s, ps->kind == PATHS_CONST ? strcspn(s, "*?[") : n);
	m->everywhere |= n == 0;
	if (!n)
		return;
	mark(m, s, n, MARK_ALL);
	if (one && dir_len(s, n))
		mark(m, s, dir_len(s, n), MARK_SOME);
	m->top |= one && !dir_len(s, n);
}

static uint8_t marked(const struct marks *m, const char *s, size_t n)
{
	name nm = name_find(m->s->names, s, n);

	return nm && nm < m->n ? m->v[nm] : 0;
}

/* May a path of this set be one of the marked ones? */
static bool covers(const struct marks *m, const struct pathset *ps)
{
	size_t n;
	const char *s = pathset_start(ps, &n);

	if (m->everywhere)
		return true;
	if (ps->kind != PATHS_CONST) {
		n = dir_len(s, n);
		if (n ? marked(m, s, n) : m->top)
			return true;
	}
	for (; n; n = dir_len(s, n))
		if (marked(m, s, n) & MARK_ALL)
			return true;
	return false;
}

typedef void port_fn(void *ctx, const struct jport *p, const struct pathset *ps);

/* Call fn for a path, or for all of a list, but not for those of other tasks. */
static void each_path(struct pathsets *c, uint32_t task, const struct jport *p, port_fn *fn, void *ctx)
{
	const struct jx *e = &c->j->x[p->path];
	struct pathset ps;
	jxid x;

	for (x = e->op == JX_LIST ? e->a : p->path; x; x = e->op == JX_LIST ? c->j->x[x].next : 0) {
		if (c->j->x[x].op == JX_REF)
			continue;
		pathset_make(c, &ps, task, x, 0);
		fn(ctx, p, &ps);
	}
}

/* Call fn for every port of this side that has a path of its own. */
static void each_port(struct session *s, struct pathsets *c, bool out, port_fn *fn, void *ctx)
{
	uint32_t i, k;

	for (i = 0; i < s->job->ntask; i++) {
		const struct jtask *t = &s->job->task[i];

		for (k = 0; k < (out ? t->nout : t->nin) && !t->bad && !t->skipped && t->count; k++) {
			const struct jport *p = out ? &t->out[k] : &t->in[k];

			if (p->path)
				each_path(c, i, p, fn, ctx);
		}
	}
}

static void mark_port(void *ctx, const struct jport *p, const struct pathset *ps)
{
	(void)p;
	mark_set(ctx, ps);
}

/* ---- outputs ---- */

/* By task the number of its first output, and which of all are referred to. */
static bool *outputs_used(const struct job *j, uint32_t *first)
{
	bool *used;
	uint32_t i;
	jxid x;

	for (i = 0; i < j->ntask; i++)
		first[i + 1] = first[i] + j->task[i].nout;
	used = xcalloc((size_t)first[j->ntask] + 1, sizeof *used);
	for (x = 1; x < j->nx; x++)
		if (j->x[x].op == JX_REF)
			used[first[j->x[x].a] + j->x[x].b] = true;
	return used;
}

static void say_output(struct session *s, const struct jtask *t, const struct jport *p)
{
	diag_error(s->diags, N0713, p->name_span, "output `%s` of task `%s` is used by no task", name_str(s->names, p->name),
		name_str(s->names, t->name));
	if (p->temp)
		diag_note(s->diags, "it is temporary: nothing is left of it");
	else
		diag_note(s->diags, "other outputs of the task are used");
}

struct unread {
	struct pathsets c;
	struct marks read; /* made when the first output is in question */
	bool made;
};

/* Is it read by its name? */
static bool named(struct session *s, struct unread *u, uint32_t task, const struct jport *p)
{
	struct pathset ps;
	size_t n;

	if (!u->made)
		each_port(s, &u->c, false, mark_port, &u->read);
	u->made = true;
	pathset_make(&u->c, &ps, task, p->path, 0);
	return is_url(pathset_start(&ps, &n)) || covers(&u->read, &ps);
}

/* Outputs of a task of which nothing is used are results. */
static void task_outputs(struct session *s, struct unread *u, uint32_t task, const bool *used)
{
	const struct jtask *t = &s->job->task[task];
	bool any = false;
	uint32_t i;

	for (i = 0; i < t->nout; i++)
		any |= used[i];
	for (i = 0; i < t->nout; i++)
		if (!used[i] && t->out[i].path && (any || t->out[i].temp) && !named(s, u, task, &t->out[i]))
			say_output(s, t, &t->out[i]);
}

void check_unused_outputs(struct session *s)
{
	struct unread u = { .c = { .j = s->job, .arena = arena_new() }, .read = { .s = s } };
	uint32_t *first = xcalloc((size_t)s->job->ntask + 1, sizeof *first), i;
	bool *used = outputs_used(s->job, first);

	for (i = 0; i < s->job->ntask; i++)
		if (!s->job->task[i].bad && !s->job->task[i].skipped)
			task_outputs(s, &u, i, used + first[i]);
	free(first);
	free(used);
	free(u.read.v);
	arena_free(u.c.arena);
}

/* ---- inputs ---- */

struct missing {
	const struct jport *p;
	struct pathset set;
	const char *path;
	uint32_t n; /* files of it that do not exist */
};
struct inputs {
	struct session *s;
	struct pathsets c;
	bool *known; /* by name of a path: made by a task, or looked at */
	uint32_t nknown;
	struct missing *v;
	uint32_t n, cap;
	uint32_t looks, there, proposed;
	const struct jport *p; /* what is looked at */
	const struct pathset *set;
};

static const char *here(const struct inputs *in, const char *path)
{
	return arena_printf(in->c.arena, "%s/%s", in->s->job->dir, path);
}

/* Paths that are not of the workspace are not looked at. */
static bool exists(struct inputs *in, const char *path)
{
	struct arena_mark m = arena_mark(in->c.arena);
	bool is;

	if (!*path || *path == '/' || !strncmp(path, "../", 3) || is_url(path))
		return true;
	is = deps_look(sources_deps(in->s->sources), here(in, path)) != 0;
	arena_reset(in->c.arena, m);
	in->there += is;
	return is;
}

static bool look(void *ctx, const char *path, int64_t instance, int64_t elem)
{
	struct inputs *in = ctx;
	struct missing *last = in->n ? &in->v[in->n - 1] : NULL;

	(void)instance, (void)elem;
	if (in->looks++ >= MOST_LOOKS)
		return false;
	if (exists(in, path))
		return true;
	if (last && last->p == in->p) {
		last->n++;
		return true;
	}
	if (in->n == in->cap)
		in->v = grow(in->v, &in->cap, in->n + 1, sizeof *in->v);
	in->v[in->n++] = (struct missing){ in->p, *in->set, arena_strdup(in->c.arena, path), 1 };
	return true;
}

/* A plain path that is an output, or was looked at for another input. */
static bool known(struct inputs *in, jxid x)
{
	const struct jx *e = &in->s->job->x[x];
	bool had = e->op == JX_STR && e->a < in->nknown && in->known[e->a];

	if (e->op == JX_STR && e->a < in->nknown)
		in->known[e->a] = true;
	return had;
}

static void input_port(void *ctx, const struct jport *p, const struct pathset *ps)
{
	struct inputs *in = ctx;

	in->p = p;
	in->set = ps;
	if (in->looks < MOST_LOOKS && !ps->eval)
		pathset_each(ps, look, in);
}

static void look_at_inputs(struct inputs *in)
{
	const struct job *j = in->s->job;
	uint32_t i, k;

	for (i = 0; i < j->ntask; i++)
		for (k = 0; k < j->task[i].nout; k++)
			known(in, j->task[i].out[k].path);
	for (i = 0; i < j->ntask && in->looks < MOST_LOOKS; i++)
		for (k = 0; k < j->task[i].nin && !j->task[i].bad && !j->task[i].skipped && j->task[i].count; k++)
			if (j->task[i].in[k].path && !known(in, j->task[i].in[k].path))
				each_path(&in->c, i, &j->task[i].in[k], input_port, in);
}

/* A path in its directory that is nearly the same, NULL when there is none. */
static const char *near(struct inputs *in, const char *path)
{
	size_t n = dir_len(path, strlen(path)), k;
	struct suggest sg = { .to = n ? path + n + 1 : path };
	const char *dir = here(in, arena_strndup(in->c.arena, path, n)), *best;
	glob_t g;

	if (in->proposed++ >= MOST_PROPOSED || strpbrk(dir, "*?[\\") ||
	    deps_glob(sources_deps(in->s->sources), arena_printf(in->c.arena, "%s/*", dir), &g))
		return NULL;
	for (k = 0; k < g.gl_pathc && k < MOST_ENTRIES; k++)
		suggest_try(&sg, strrchr(g.gl_pathv[k], '/') + 1);
	best = suggest_best(&sg);
	best = best ? arena_printf(in->c.arena, "%.*s%s%s", (int)n, path, n ? "/" : "", best) : NULL;
	globfree(&g);
	return best;
}

static void say_missing(struct inputs *in, const struct missing *m, const char *best)
{
	diag_error(in->s->diags, W0920, m->p->path_span, "input `%s` does not exist, and no task makes it: `%s`",
		name_str(in->s->names, m->p->name), m->path);
	if (m->n > 1)
		diag_note(in->s->diags, "%u files of this input are missing", m->n);
	if (best)
		diag_help(in->s->diags, "did you mean `%s`?", best);
}

/* Where none of the inputs exists, this is not the machine that has the data, unless a file is here that may be meant. */
static void say_all(struct inputs *in)
{
	struct marks made = { .s = in->s };
	uint32_t i;

	if (!in->n)
		return;
	each_port(in->s, &in->c, true, mark_port, &made);
	for (i = 0; i < in->n; i++) {
		const char *best;

		if (covers(&made, &in->v[i].set))
			continue;
		best = near(in, in->v[i].path);
		if (best || in->there)
			say_missing(in, &in->v[i], best);
	}
	free(made.v);
}

/* A task in the workspace itself may make files that it does not declare. */
static bool in_place(const struct job *j)
{
	uint32_t i;

	for (i = 0; i < j->ntask; i++)
		if (j->task[i].nset && task_int(&j->task[i], SET_IN_PLACE))
			return true;
	return false;
}

void check_input_files(struct session *s)
{
	struct inputs in = { .s = s, .c = { .j = s->job, .arena = arena_new() }, .nknown = names_count(s->names) };

	if (!in_place(s->job)) {
		in.known = xcalloc(in.nknown, sizeof *in.known);
		look_at_inputs(&in);
		say_all(&in);
	}
	free(in.known);
	free(in.v);
	arena_free(in.c.arena);
}
