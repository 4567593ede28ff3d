/* run_expand.c - tasks over the elements of a glob output: their instances are known when the producer has ended.
 *
 * Such a task's dimension (DIM_PORT) is rewritten as the list it turned out to be (DIM_LIST), in a copy of the job,
 * so that everything else - evaluation, keys, gathers - sees an ordinary scatter. */
#include "runtime/driver.h"

#include <stdlib.h>
#include <string.h>

enum { NEST = 4 }; /* lists of lists this deep are taken apart */

static void copy_task(struct arena *a, struct jtask *t)
{
	struct jdim *dim = arena_alloc(a, t->ndim * sizeof(*dim));

	memcpy(dim, t->dim, t->ndim * sizeof(*dim));
	t->dim = dim;
}

const struct job *run_expandable(struct arena *a, const struct job *j)
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

struct cells {
	struct run *r;
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
	c->v[c->n++] = name_of(c->r->job->names, v->s.p, v->s.n);
	return true;
}

/* Turn one dimension into the list its port holds. */
static bool fill_dim(struct run *r, uint32_t task, struct jdim *dim)
{
	struct attempt_id id = { task, 0, 1 };
	struct arena *a = arena_new();
	struct cells c = { .r = r };
	struct jvalue v;
	struct jctx ctx;
	bool ok;

	stager_context(r->stager, id, a, &ctx);
	ctx.path = NULL;
	ok = jx_eval(&ctx, dim->port, &v) && add_cells(&c, &v, 0);
	if (ok) {
		dim->kind = DIM_LIST;
		dim->count = c.n;
		dim->index = NULL;
		dim->cols = 1;
		dim->cell = arena_alloc(r->arena, c.n * sizeof(*c.v));
		if (c.n)
			memcpy(dim->cell, c.v, c.n * sizeof(*c.v));
		dim->coltype = arena_zalloc(r->arena, 1, 1);
		dim->coltype[0] = JT_FILE;
		dim->colname = &dim->var;
	} else {
		diag_error(r->d, E1009, dim->span, "the elements that task `%s` runs over are not known: %s",
			name_str(r->job->names, r->job->task[task].name), ctx.error ? ctx.error : _("not a list of paths"));
	}
	free(c.v);
	arena_free(a);
	return ok;
}

int64_t run_expand(void *run, uint32_t task)
{
	struct run *r = run;
	struct jtask *t = (struct jtask *)&r->job->task[task]; /* ours: run_expandable copied it */
	int64_t count = 1;

	for (uint32_t i = 0; i < t->ndim; i++) {
		if (t->dim[i].kind == DIM_PORT && !fill_dim(r, task, &t->dim[i]))
			return -1;
		if (__builtin_mul_overflow(count, t->dim[i].count, &count) || count >= UINT32_MAX)
			return -1;
	}
	t->count = count;
	return count;
}
