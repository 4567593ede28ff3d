/* order.c - see order.h.
 *
 * Sorting is Kahn's algorithm.  Two depth-first walks, one over the edges forwards and one backwards in their list, give
 * every task a number when it is left (post) and the least one of all it leads to (low): what a task leads to lies within
 * its own [low, post].  Being within the walk's subtree ([pre, end)) proves that it does. */
#include "compiler/order.h"

#include <stdlib.h>

enum { SAME_WAY = 1, ALL_WAY = 2, WAYS = 2 };

struct order_label {
	uint32_t pre, end;
	uint32_t low[WAYS], post[WAYS];
};

/* ---- arrays ---- */

static void arrays(struct order *o)
{
	const struct job *j = o->j;
	uint32_t i;

	o->first = xcalloc((size_t)j->ntask + 2, sizeof *o->first);
	o->needs = xcalloc((size_t)j->ntask + 1, sizeof *o->needs);
	o->sorted = xcalloc((size_t)j->ntask + 1, sizeof *o->sorted);
	o->rank = xcalloc((size_t)j->ntask + 1, sizeof *o->rank);
	o->out = xcalloc((size_t)j->nedge + 1, sizeof *o->out);
	for (i = 0; i < j->nedge; i++) {
		o->first[j->edge[i].from + 2]++;
		o->needs[j->edge[i].to]++;
	}
	for (i = 2; i < j->ntask + 2; i++)
		o->first[i] += o->first[i - 1];
	for (i = 0; i < j->nedge; i++)
		o->out[o->first[j->edge[i].from + 1]++] = i;
}

static uint32_t edge_to(const struct order *o, uint32_t at)
{
	return o->j->edge[o->out[at]].to;
}

static void sort(struct order *o)
{
	uint32_t i, e, done = 0;

	for (i = 0; i < o->j->ntask; i++)
		if (o->needs[i] == 0)
			o->sorted[o->nsorted++] = i;
	for (; done < o->nsorted; done++)
		for (e = o->first[o->sorted[done]]; e < o->first[o->sorted[done] + 1]; e++)
			if (--o->needs[edge_to(o, e)] == 0)
				o->sorted[o->nsorted++] = edge_to(o, e);
	for (i = 0; i < o->nsorted; i++)
		o->rank[o->sorted[i]] = i;
}

struct order *order_new(const struct job *j)
{
	struct order *o = xcalloc(1, sizeof *o);

	o->j = j;
	o->most = UINT32_MAX;
	o->budget = 2000000 + 64 * ((uint64_t)j->ntask + j->nedge);
	arrays(o);
	sort(o);
	return o;
}

void order_free(struct order *o)
{
	if (!o)
		return;
	free(o->first);
	free(o->needs);
	free(o->sorted);
	free(o->rank);
	free(o->out);
	free(o->label);
	free(o->mark);
	free(o->stack);
	free(o);
}

/* ---- labels ---- */

struct walk {
	struct order *o;
	uint32_t *at;    /* [ntask] edges done, + 1: entered */
	uint32_t *stack, n;
	uint32_t way, pre, post;
};

static void enter(struct walk *w, uint32_t t)
{
	w->stack[w->n++] = t;
	w->at[t] = 1;
	w->o->label[t].low[w->way] = UINT32_MAX;
	if (w->way == 0)
		w->o->label[t].pre = w->pre++;
}

static void leave(struct walk *w, uint32_t t)
{
	struct order_label *l = &w->o->label[t];

	l->post[w->way] = w->post++;
	if (l->low[w->way] > l->post[w->way])
		l->low[w->way] = l->post[w->way];
	if (w->way == 0)
		l->end = w->pre;
	w->n--;
}

static void walk_from(struct walk *w, uint32_t root)
{
	struct order *o = w->o;

	enter(w, root);
	while (w->n) {
		uint32_t t = w->stack[w->n - 1], deg = o->first[t + 1] - o->first[t], k = w->at[t] - 1, to;

		if (k == 2 * deg) {
			leave(w, t);
			continue;
		}
		to = edge_to(o, w->way ? o->first[t + 1] - 1 - k / 2 : o->first[t] + k / 2);
		w->at[t]++;
		if (k % 2 == 0 && !w->at[to]) /* down; the second visit takes what came up */
			enter(w, to);
		else if (k % 2 && o->label[to].low[w->way] < o->label[t].low[w->way])
			o->label[t].low[w->way] = o->label[to].low[w->way];
	}
}

static void labels(struct order *o)
{
	size_t n = (size_t)o->j->ntask + 1;
	struct walk w = { .o = o };
	uint32_t i;

	o->label = xcalloc(n, sizeof *o->label);
	o->mark = xcalloc(n, sizeof *o->mark);
	w.stack = xcalloc(n, sizeof *w.stack);
	for (w.way = 0; w.way < WAYS; w.way++) {
		w.at = xcalloc(n, sizeof *w.at);
		w.post = 0;
		for (i = 0; i < o->nsorted; i++)
			if (!w.at[o->sorted[w.way ? o->nsorted - 1 - i : i]])
				walk_from(&w, o->sorted[w.way ? o->nsorted - 1 - i : i]);
		free(w.at);
	}
	free(w.stack);
}

/* ---- questions ---- */

static bool may_reach(const struct order *o, uint32_t from, uint32_t to)
{
	const struct order_label *f = &o->label[from], *t = &o->label[to];

	return o->rank[from] < o->rank[to] && t->low[0] >= f->low[0] && t->post[0] <= f->post[0] && t->low[1] >= f->low[1] &&
	       t->post[1] <= f->post[1];
}

static bool in_subtree(const struct order *o, uint32_t from, uint32_t to)
{
	return o->label[to].pre >= o->label[from].pre && o->label[to].pre < o->label[from].end;
}

/* An edge from instance to instance between tasks of one instance is an edge between all of them. */
static uint32_t way_over(const struct order *o, const struct jedge *e)
{
	return e->kind == EDGE_SAME && o->j->task[e->from].count != 1 ? SAME_WAY : ALL_WAY;
}

static void push(struct order *o, uint32_t *n, uint32_t task, uint32_t way)
{
	uint32_t had = o->mark[task] / 4 == o->epoch ? o->mark[task] & 3 : 0;

	if (had & way)
		return;
	o->mark[task] = o->epoch * 4 | had | way;
	if (*n == o->cap)
		o->stack = grow(o->stack, &o->cap, *n + 1, sizeof *o->stack);
	o->stack[(*n)++] = task * 4 + way;
}

/* Every task is entered at most twice: by ways that only go from instance to instance, and by others. */
static enum ordering search(struct order *o, uint32_t from, uint32_t to)
{
	bool same = o->j->task[from].count == o->j->task[to].count && o->j->task[to].count != 1;
	uint64_t end = o->budget > o->most ? o->budget - o->most : 0;
	uint32_t n = 0, e;

	o->epoch++;
	push(o, &n, from, SAME_WAY);
	while (n && o->budget > end) {
		uint32_t t = o->stack[--n] / 4, way = o->stack[n] & 3;

		if ((way == ALL_WAY || !same) && in_subtree(o, t, to))
			return ORDER_ALL;
		for (e = o->first[t]; e < o->first[t + 1] && o->budget > end; e++) {
			const struct jedge *edge = &o->j->edge[o->out[e]];
			uint32_t next = way == ALL_WAY ? ALL_WAY : way_over(o, edge);

			o->budget--;
			if (edge->to == to && next == ALL_WAY)
				return ORDER_ALL;
			if (edge->to == to || may_reach(o, edge->to, to))
				push(o, &n, edge->to, next);
		}
	}
	o->gave_up = o->budget <= end;
	if (o->gave_up)
		return ORDER_ALL;
	return o->mark[to] / 4 == o->epoch ? ORDER_SAME : ORDER_NONE;
}

enum ordering order_before(struct order *o, uint32_t from, uint32_t to)
{
	o->gave_up = false;
	if (from == to || o->rank[from] >= o->rank[to])
		return ORDER_NONE;
	if (!o->label)
		labels(o);
	o->gave_up = o->epoch >= UINT32_MAX / 4 || !o->budget;
	if (o->gave_up)
		return ORDER_ALL;
	return may_reach(o, from, to) ? search(o, from, to) : ORDER_NONE;
}

enum ordering order_between(struct order *o, uint32_t a, uint32_t b)
{
	return o->rank[a] < o->rank[b] ? order_before(o, a, b) : order_before(o, b, a);
}
