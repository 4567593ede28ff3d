/* lower_edge.c - edges: from references in inputs and dimensions, and from `after`; at the end, constant selectors are
 * checked against what the other task has. */
#include "compiler/lower.h"

#include <stdlib.h>
#include <string.h>

static void edge_add(struct lower *L, struct jedge e, struct span at)
{
	if (L->nedge >= MAX_EDGES) {
		if (L->nedge++ == MAX_EDGES)
			diag_error(L->d, E0415, at, "the workflow has more than %d dependencies", MAX_EDGES);
		return;
	}
	if (L->nedge == L->ecap)
		L->edge = grow(L->edge, &L->ecap, L->nedge + 1, sizeof *L->edge);
	L->edge[L->nedge++] = (struct edge_made){ e, at };
}

static void ref_edge(struct lower *L, uint32_t port, jxid x)
{
	struct jx *r = &L->j->x[x];
	struct jtask *t = task_now(L), *from = &L->j->task[r->a];
	struct span sp = port == UINT32_MAX ? jx_span(L->j, x) : t->in[port].path_span;
	bool same = r->flags & JXF_SAME && dims_equal(t, from);

	if (!same)
		r->flags &= (uint8_t)~JXF_SAME;
	if (t->skipped)
		return;
	if (from->skipped) {
		diag_error(L->d, E0705, jx_span(L->j, x), "task `%s` needs task `%s`, which its `if` leaves out", str(L, t->name),
			str(L, from->name));
		diag_at(L->d, from->name_span, "left out here");
		return;
	}
	edge_add(L, (struct jedge){ .from = r->a, .to = L->task, .kind = same ? EDGE_SAME : EDGE_ALL, .data = true,
		.port = port }, sp);
}

/* Values are at most VAL_DEPTH deep: walking them may recurse. */
void edges_of_port(struct lower *L, uint32_t port, jxid x)
{
	const struct jx *e = &L->j->x[x];
	jxid kid;

	switch (e->op) {
	case JX_REF:
		ref_edge(L, port, x);
		break;
	case JX_BIN: case JX_ELEM:
		edges_of_port(L, port, e->a);
		edges_of_port(L, port, e->b);
		break;
	case JX_UN: case JX_RAW:
		edges_of_port(L, port, e->a);
		break;
	case JX_COND:
		edges_of_port(L, port, e->a);
		edges_of_port(L, port, e->b);
		edges_of_port(L, port, e->c);
		break;
	case JX_CAT: case JX_CALL: case JX_LIST:
		for (kid = e->a; kid; kid = L->j->x[kid].next)
			edges_of_port(L, port, kid);
		break;
	default:
		break;
	}
}

/* ---- after ---- */

static void no_task(struct lower *L, nid n, const char *nm, uint32_t scope)
{
	struct suggest sg = { .to = nm };
	uint32_t i;

	if (said_before(L, at(L, n)->name))
		return;
	diag_error(L->d, E0208, span_of(L, n), "no task is named `%s`", nm);
	for (i = 0; i < L->scope[scope].nsym && L->budget; i++) {
		const struct sym *s = &L->sym[L->scope[scope].sym0 + i];

		if (s->kind == SYM_TASK && L->budget--)
			suggest_try(&sg, str(L, s->name));
	}
	diag_suggest(L->d, &sg);
}

/* The task a NAME or alias.NAME means; UINT32_MAX after a diagnostic. */
static uint32_t after_task(struct lower *L, nid n)
{
	uint32_t scope = L->cur;
	struct sym *s;
	nid base = at(L, n)->kind == N_MEMBER ? ast_kid(L->a, n) : 0;

	if (base) {
		s = at(L, base)->kind == N_NAME ? sym_find(L, L->cur, at(L, base)->name) : NULL;
		if (!s || s->kind != SYM_USE) {
			if (at(L, base)->kind == N_NAME && s)
				diag_error(L->d, E0208, span_of(L, n), "`%s` is a %s: `after` needs a task", str(L, s->name),
					sym_kind_text((enum sym_kind)s->kind));
			else
				no_task(L, base, str(L, at(L, base)->name), scope);
			return UINT32_MAX;
		}
		if (s->bad)
			return UINT32_MAX;
		scope = s->idx;
	}
	s = sym_find(L, scope, at(L, n)->name);
	if (s && s->kind == SYM_TASK)
		return s->idx;
	if (s && !s->bad)
		diag_error(L->d, E0208, span_of(L, n), "`%s` is a %s: `after` needs a task", str(L, s->name),
			sym_kind_text((enum sym_kind)s->kind));
	if (s)
		return UINT32_MAX;
	no_task(L, n, str(L, at(L, n)->name), scope);
	return UINT32_MAX;
}

void edge_after(struct lower *L, nid n)
{
	nid kid;
	uint32_t from;

	for (kid = ast_kid(L->a, n); kid; kid = ast_next(L->a, kid)) {
		if (at(L, kid)->kind != N_NAME && at(L, kid)->kind != N_MEMBER)
			continue;
		from = after_task(L, kid);
		if (from == UINT32_MAX || L->j->task[from].skipped)
			continue;
		edge_add(L, (struct jedge){ .from = from, .to = L->task, .kind = EDGE_ALL, .port = UINT32_MAX },
			span_of(L, kid));
	}
}

/* ---- constant selectors ---- */

static bool find_instance(struct lower *L, const struct jx *r, const struct jx *sel)
{
	const struct jtask *t = &L->j->task[r->a];
	const struct jdim *d = t->ndim == 1 ? &t->dim[0] : NULL;
	int64_t v;

	if (sel->op == JX_STR)
		return instance_find(L->j, r->a, str(L, sel->a)) >= 0;
	v = (int64_t)((uint64_t)sel->b << 32 | sel->a);
	if (d && d->kind == DIM_RANGE)
		return v >= d->lo && v - d->lo < d->count;
	if (d && d->kind != DIM_PORT && d->coltype[d->kind == DIM_ROWS ? d->key : 0] == JT_INT)
		return instance_find(L->j, r->a, arena_printf(L->tmp, "%lld", (long long)v)) >= 0;
	return v >= 0 && v < t->count;
}

static const char *instances_text(struct lower *L, const struct jtask *t)
{
	if (t->ndim == 1 && t->dim[0].kind == DIM_RANGE)
		return arena_printf(L->tmp, _("%lld to %lld"), (long long)t->dim[0].lo, (long long)(t->dim[0].lo + t->dim[0].count - 1));
	return arena_printf(L->tmp, _("%lld of them"), (long long)t->count);
}

static void near_key(struct lower *L, const struct jtask *t, const char *key)
{
	struct suggest sg = { .to = key };
	const struct jdim *d = &t->dim[0];
	int64_t i;

	if (t->ndim != 1 || (d->kind != DIM_ROWS && d->kind != DIM_LIST))
		return;
	for (i = 0; i < d->count && L->budget; i++, L->budget--)
		suggest_try(&sg, str(L, d->cell[(size_t)i * d->cols + d->key]));
	sg.unsure = true; /* keys of data are alike and mean different things */
	diag_suggest(L->d, &sg);
}

static void check_instance(struct lower *L, const struct jx *r, jxid x)
{
	const struct jtask *t = &L->j->task[r->a];
	const struct jx *sel = &L->j->x[x];

	if ((sel->op != JX_INT && sel->op != JX_STR) || t->count < 0 || t->bad || find_instance(L, r, sel))
		return;
	if (sel->op == JX_INT)
		diag_error(L->d, E0407, jx_span(L->j, x), "task `%s` has no instance %lld", str(L, t->name),
			(long long)(int64_t)((uint64_t)sel->b << 32 | sel->a));
	else
		diag_error(L->d, E0408, jx_span(L->j, x), "task `%s` has no instance `%s`", str(L, t->name), str(L, sel->a));
	if (t->ndim || t->count_span.lo)
		diag_at(L->d, t->count_span, "its instances: %s", instances_text(L, t));
	if (sel->op == JX_STR)
		near_key(L, t, str(L, sel->a));
}

static void check_element(struct lower *L, const struct jx *r, jxid x)
{
	const struct jtask *t = &L->j->task[r->a];
	const struct jport *p = &t->out[r->b];
	const struct jx *sel = &L->j->x[x];
	int64_t v = (int64_t)((uint64_t)sel->b << 32 | sel->a);

	if (sel->op != JX_INT || (v >= 0 && (p->count != PORT_FIXED || p->n < 0 || v < p->n)))
		return;
	diag_error(L->d, E0407, jx_span(L->j, x), "output `%s` of task `%s` has no element %lld", str(L, p->name), str(L, t->name),
		(long long)v);
	if (p->count == PORT_FIXED)
		diag_at(L->d, p->name_span, "elements 0 to %lld", (long long)(p->n - 1));
}

static void check_ref(struct lower *L, jxid x)
{
	struct jx r = L->j->x[x];
	jxid sel = r.c;
	bool family = L->j->task[r.a].out[r.b].count != PORT_ONE;

	if (sel && task_scattered(L, r.a)) {
		check_instance(L, &r, sel);
		sel = L->j->x[sel].next;
	}
	if (sel && family && L->j->x[sel].op != JX_ALL)
		check_element(L, &r, sel);
}

/* ---- the end ---- */

static int edge_order(const void *pa, const void *pb)
{
	const struct edge_made *a = pa, *b = pb;

	if (a->e.to != b->e.to)
		return a->e.to < b->e.to ? -1 : 1;
	if (a->e.from != b->e.from)
		return a->e.from < b->e.from ? -1 : 1;
	if (a->e.data != b->e.data)
		return a->e.data ? -1 : 1;
	return a->at.lo < b->at.lo ? -1 : a->at.lo > b->at.lo;
}

/* Keep an `after` that says what an input says as well, for check_edges. */
static void again_add(struct lower *L, const struct jedge *last, const struct edge_made *e)
{
	if (e->e.data || last->kind != EDGE_ALL)
		return;
	if (!L->s->again)
		L->s->again = arena_alloc(L->j->arena, L->nedge * sizeof *L->s->again);
	L->s->again[L->s->nagain++] = (struct again){ e->e.from, e->e.to, e->at };
}

/* One edge for each pair: it carries data if any does, and waits for all instances if any does. */
static void edges_unite(struct lower *L)
{
	uint32_t i, n = 0;

	for (i = 0; i < L->nedge; i++) {
		struct jedge *e = &L->edge[i].e, *last = n ? &L->edge[n - 1].e : NULL;

		if (!last || last->to != e->to || last->from != e->from)
			L->edge[n++] = L->edge[i];
		else if (e->kind == EDGE_ALL) {
			again_add(L, last, &L->edge[i]);
			last->kind = EDGE_ALL;
		}
	}
	L->nedge = n;
}

static bool sorted(const struct lower *L)
{
	uint32_t i;

	for (i = 1; i < L->nedge; i++)
		if (edge_order(&L->edge[i - 1], &L->edge[i]) > 0)
			return false;
	return true;
}

void edges_finish(struct lower *L)
{
	struct job *j = L->j;
	uint32_t i, n = j->nx;

	for (i = 1; i < n; i++)
		if (j->x[i].op == JX_REF)
			check_ref(L, i);
	if (L->nedge > MAX_EDGES)
		L->nedge = MAX_EDGES;
	if (!sorted(L))
		qsort(L->edge, L->nedge, sizeof *L->edge, edge_order);
	edges_unite(L);
	j->nedge = L->nedge;
	j->edge = arena_alloc(j->arena, j->nedge * sizeof *j->edge);
	j->edge_span = arena_alloc(j->arena, j->nedge * sizeof *j->edge_span);
	for (i = 0; i < j->nedge; i++) {
		j->edge[i] = L->edge[i].e;
		j->edge_span[i] = L->edge[i].at;
	}
}
