/* expand.c - tasks over the elements of a glob output: their instances are known when the producer has ended.
 *
 * Such a task's dimension (DIM_PORT) is rewritten as the list it turned out to be (DIM_LIST), in a copy of the job,
 * so that everything else - evaluation, keys, gathers - sees an ordinary scatter. */
#include "runtime/expand.h"

#include "base/intl.h"

#include <stdlib.h>
#include <string.h>

enum { NEST = 4 }; /* lists of lists this deep are taken apart */

static void copy_task(struct arena *a, struct jtask *t)
{
	struct jdim *dim = arena_alloc(a, t->ndim * sizeof(*dim));

	memcpy(dim, t->dim, t->ndim * sizeof(*dim));
	t->dim = dim;
}

const struct job *expandable(struct arena *a, const struct job *j)
{
	struct job *copy;
	uint32_t t = 0;

	while (t < j->ntask && j->task[t].count >= 0)
		t++;
	if (t == j->ntask)
		return j;
	copy = arena_alloc(a, sizeof(*copy));
	*copy = *j;
	copy->task = arena_alloc(a, j->ntask * sizeof(*copy->task));
	memcpy(copy->task, j->task, j->ntask * sizeof(*copy->task));
	for (; t < j->ntask; t++)
		if (j->task[t].count < 0 && j->task[t].ndim)
			copy_task(a, &copy->task[t]);
	return copy;
}

void expand_none(const struct job *copy, const struct job *j)
{
	for (uint32_t t = 0; copy != j && t < j->ntask; t++)
		if (j->task[t].count < 0 && j->task[t].ndim) {
			copy->task[t].count = j->task[t].count;
			memcpy(copy->task[t].dim, j->task[t].dim, j->task[t].ndim * sizeof(*j->task[t].dim));
		}
}

struct cells {
	const struct job *j;
	name *v;
	uint32_t n, cap;
};

static bool add_cells(struct cells *c, const struct jvalue *v, int depth)
{
	if (v->type == JT_LIST) {
		for (uint32_t i = 0; i < v->list.n; i++)
			if (depth == NEST || !add_cells(c, &v->list.v[i], depth + 1))
				return false;
		return true;
	}
	if (v->type != JT_FILE && v->type != JT_DIR && v->type != JT_STRING && v->type != JT_URL)
		return false;
	c->v = grow(c->v, &c->cap, c->n + 1, sizeof(*c->v));
	c->v[c->n++] = name_of(c->j->names, v->s.p, v->s.n);
	return true;
}

/* Turn one dimension into the list its port holds. */
static bool fill_dim(struct jctx *ctx, struct jdim *dim, struct arena *a)
{
	struct cells c = { .j = ctx->job };
	struct jvalue v;
	bool ok = jx_eval(ctx, dim->port, &v) && add_cells(&c, &v, 0);

	if (ok) {
		dim->kind = DIM_LIST;
		dim->count = c.n;
		dim->index = NULL;
		dim->cols = 1;
		dim->cell = arena_alloc(a, c.n * sizeof(*c.v));
		if (c.n)
			memcpy(dim->cell, c.v, c.n * sizeof(*c.v));
		dim->coltype = arena_zalloc(a, 1, 1);
		dim->coltype[0] = JT_FILE;
		dim->colname = &dim->var;
	}
	free(c.v);
	return ok;
}

int64_t expand_task(const struct job *j, uint32_t task, glob_fn *glob, void *ctx, struct arena *a, const char **why)
{
	struct jtask *t = (struct jtask *)&j->task[task]; /* ours: expandable copied it */
	struct arena *tmp = arena_new();
	struct jctx c = { .job = j, .arena = tmp, .task = task, .attempt = 1, .ctx = ctx, .glob = glob };
	int64_t count = 1;

	for (uint32_t i = 0; i < t->ndim && count >= 0; i++) {
		if (t->dim[i].kind == DIM_PORT && !fill_dim(&c, &t->dim[i], a)) {
			*why = arena_strdup(a, c.error ? c.error : _("not a list of paths"));
			count = -1;
		} else if (__builtin_mul_overflow(count, t->dim[i].count, &count) || count >= UINT32_MAX) {
			*why = _("there are too many");
			count = -1;
		}
	}
	arena_free(tmp);
	if (count >= 0)
		t->count = count;
	return count;
}
