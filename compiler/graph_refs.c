/* graph_refs.c - which outputs of which tasks a task reads: a walk over its expressions. */
#include "compiler/graph_pic.h"

#include <stdlib.h>

struct walk {
	struct pic *p;
	uint32_t task;
	uint32_t *seen;  /* [nx] last task + 1 that came by: shared parts are walked once a task */
	jxid *stack;
	uint32_t n, cap;
};

static void push(struct walk *w, jxid x)
{
	if (!x || w->seen[x] == w->task + 1)
		return;
	w->seen[x] = w->task + 1;
	w->stack = grow(w->stack, &w->cap, w->n + 1, sizeof *w->stack);
	w->stack[w->n++] = x;
}

static void push_list(struct walk *w, jxid x)
{
	for (; x; x = w->p->job->x[x].next)
		push(w, x);
}

static void ref_add(struct walk *w, const struct jx *x)
{
	struct pic *p = w->p;

	p->ref = grow(p->ref, &p->refcap, p->nref + 1, sizeof *p->ref);
	p->ref[p->nref++] = (struct pic_ref){ .to = w->task, .from = x->a, .port = x->b };
}

static void visit(struct walk *w, const struct jx *x)
{
	switch ((enum jop)x->op) {
	case JX_LIST: case JX_CAT: case JX_CALL:
		push_list(w, x->a);
		break;
	case JX_REF:
		ref_add(w, x);
		push_list(w, x->c);
		break;
	case JX_COND:
		push(w, x->c);
		/* fall through */
	case JX_BIN: case JX_ELEM:
		push(w, x->b);
		/* fall through */
	case JX_UN: case JX_RAW:
		push(w, x->a);
		break;
	case JX_NONE: case JX_STR: case JX_INT: case JX_NUM: case JX_BOOL: case JX_SIZE: case JX_DUR: case JX_VAR:
	case JX_COL: case JX_INDEX: case JX_INSTANCE: case JX_ATTEMPT: case JX_IN: case JX_OUT: case JX_CPU:
	case JX_MEM: case JX_TIME: case JX_ALL: case JX_SECRET:
		break;
	}
}

static void walk(struct walk *w, jxid x)
{
	push(w, x);
	while (w->n)
		visit(w, &w->p->job->x[w->stack[--w->n]]);
}

static void walk_task(struct walk *w, const struct jtask *t)
{
	for (uint32_t i = 0; i < t->nin; i++)
		walk(w, t->in[i].path);
	for (uint32_t i = 0; i < t->nout; i++)
		walk(w, t->out[i].path);
	for (uint32_t i = 0; i < t->ndim; i++)
		walk(w, t->dim[i].port);
	for (uint32_t i = 0; i < t->nenv; i++)
		walk(w, t->env[i].value);
	walk(w, t->command);
}

static int by_ref(const void *x, const void *y)
{
	const struct pic_ref *a = x, *b = y;

	if (a->to != b->to)
		return a->to < b->to ? -1 : 1;
	if (a->from != b->from)
		return a->from < b->from ? -1 : 1;
	return a->port < b->port ? -1 : a->port > b->port;
}

void pic_refs(struct pic *p)
{
	struct walk w = { .p = p, .seen = xcalloc(p->job->nx + 1, sizeof *w.seen) };
	uint32_t n = 0;

	for (w.task = 0; w.task < p->job->ntask; w.task++)
		walk_task(&w, &p->job->task[w.task]);
	if (p->nref)
		qsort(p->ref, p->nref, sizeof *p->ref, by_ref);
	for (uint32_t i = 0; i < p->nref; i++)
		if (!n || by_ref(&p->ref[n - 1], &p->ref[i]) != 0)
			p->ref[n++] = p->ref[i];
	p->nref = n;
	free(w.seen);
	free(w.stack);
}

static int by_pair(const void *x, const void *y)
{
	const struct pic_ref *a = x, *b = y;

	if (a->to != b->to)
		return a->to < b->to ? -1 : 1;
	return a->from < b->from ? -1 : a->from > b->from;
}

const struct pic_ref *pic_refs_of(const struct pic *p, uint32_t to, uint32_t from, uint32_t *n)
{
	struct pic_ref key = { .to = to, .from = from };
	const struct pic_ref *r = p->nref ? bsearch(&key, p->ref, p->nref, sizeof key, by_pair) : NULL;

	*n = 0;
	if (!r)
		return NULL;
	while (r > p->ref && by_pair(r - 1, &key) == 0)
		r--;
	while (r + *n < p->ref + p->nref && by_pair(r + *n, &key) == 0)
		++*n;
	return r;
}
