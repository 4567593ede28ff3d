/* check_edge.c - orders that others imply.
 *
 * A path of several edges from u to t makes an edge from u to t needless.  It ends in another task that t waits for: these
 * are asked, the late ones first, as many as MOST for one edge, and no search takes more than SEARCH edges. */
#include "compiler/check.h"
#include "compiler/check_util.h"

#include <stdlib.h>

enum { MOST = 64, SEARCH = 64 };

static const char *task_name(const struct session *s, uint32_t task)
{
	return name_str(s->names, s->job->task[task].name);
}

/* Does `e->to`, by waiting for `other->from`, wait for all of `e->from`? */
static bool implied(struct order *o, const struct jedge *e, const struct jedge *other)
{
	bool all = other->kind == EDGE_ALL || o->j->task[other->from].count == 1;
	enum ordering way;

	way = order_before(o, e->from, other->from);
	return !o->gave_up && (way == ORDER_ALL || (way == ORDER_SAME && all));
}

static void say_edge(struct session *s, uint32_t from, uint32_t to, struct span sp, uint32_t through)
{
	diag_error(s->diags, N0714, sp, "task `%s` waits for `%s` anyway", task_name(s, to), task_name(s, from));
	if (through == from)
		diag_note(s->diags, "it reads an output of `%s`", task_name(s, from));
	else
		diag_note(s->diags, "it waits for `%s`, which waits for `%s`", task_name(s, through), task_name(s, from));
}

struct late { /* an edge into the task, by the place of its other end in the order */
	uint32_t rank, edge;
};
struct into {
	struct late *v;
	uint32_t n, cap;
};

static int latest_first(const void *a, const void *b)
{
	const struct late *x = a, *y = b;

	return x->rank > y->rank ? -1 : x->rank < y->rank;
}

static void edge_check(struct session *s, struct order *o, const struct into *t, uint32_t edge)
{
	const struct jedge *e = &s->job->edge[edge];
	uint32_t k;

	for (k = 0; k < t->n && k < MOST && t->v[k].rank > o->rank[e->from]; k++)
		if (implied(o, e, &s->job->edge[t->v[k].edge])) {
			say_edge(s, e->from, e->to, edge_span(s->job, edge), s->job->edge[t->v[k].edge].from);
			return;
		}
}

/* The edges [lo, hi) lead into one task. */
static void edges_into(struct session *s, struct order *o, struct into *t, uint32_t lo, uint32_t hi)
{
	uint32_t i;

	if (hi - lo > t->cap)
		t->v = grow(t->v, &t->cap, hi - lo, sizeof *t->v);
	for (t->n = 0, i = lo; i < hi; i++)
		t->v[t->n++] = (struct late){ o->rank[s->job->edge[i].from], i };
	qsort(t->v, t->n, sizeof *t->v, latest_first);
	for (i = lo; i < hi; i++)
		if (!s->job->edge[i].data)
			edge_check(s, o, t, i);
}

void check_edges(struct session *s)
{
	struct order *o = order_of(s);
	const struct job *j = s->job;
	struct into t = { 0 };
	uint32_t lo, hi, i;
	bool after;

	for (i = 0; i < s->nagain; i++)
		say_edge(s, s->again[i].from, s->again[i].to, s->again[i].span, s->again[i].from);
	o->most = SEARCH;
	for (lo = 0; lo < j->nedge && o->nsorted == j->ntask; lo = hi) {
		after = !j->edge[lo].data;
		for (hi = lo + 1; hi < j->nedge && j->edge[hi].to == j->edge[lo].to; hi++)
			after |= !j->edge[hi].data;
		if (after && hi - lo > 1 && !j->task[j->edge[lo].to].bad)
			edges_into(s, o, &t, lo, hi);
	}
	o->most = UINT32_MAX;
	free(t.v);
}
