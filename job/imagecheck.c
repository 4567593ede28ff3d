/* imagecheck.c - nothing of an image is believed: names, expressions, kinds, counts, places and the graph. */
#include "job/jobimage_impl.h"

#include "job/eval.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { WEIGHT_MAX = 1 << 26 }; /* nodes of an expression with all it refers to, each as often as it is reached */

/* ---- expressions ---- */

struct shape { /* of every expression, its followers in a list counted in */
	uint32_t *weight;
	uint16_t *depth;
};

/* What an operand adds to the expression that has it; it has to come before that. */
static bool operand(const struct shape *s, jxid self, jxid x, uint64_t *weight, uint32_t *depth)
{
	if (x >= self)
		return !x;
	*weight += s->weight[x];
	if (s->depth[x] >= *depth)
		*depth = s->depth[x] + 1u;
	return true;
}

static bool operands(const struct image *im, const struct shape *s, jxid id, uint64_t *w, uint32_t *d)
{
	const struct jx *x = &im->j->x[id];
	double num;

	switch (x->op) {
	case JX_STR: case JX_SECRET:
		return x->a < names_count(im->j->names);
	case JX_LIST: case JX_CAT: case JX_CALL: case JX_UN: case JX_RAW:
		return operand(s, id, x->a, w, d);
	case JX_REF:
		return x->a < im->j->ntask && x->b < im->nout[x->a] && operand(s, id, x->c, w, d);
	case JX_BIN: case JX_ELEM:
		return operand(s, id, x->a, w, d) && operand(s, id, x->b, w, d);
	case JX_COND:
		return operand(s, id, x->a, w, d) && operand(s, id, x->b, w, d) && operand(s, id, x->c, w, d);
	case JX_NUM:
		num = jx_num(im->j, id);
		return isfinite(num);
	default:
		return x->op <= JX_RAW;
	}
}

static bool x_fits(const struct image *im, const struct shape *s, jxid id)
{
	const struct jx *x = &im->j->x[id];
	uint64_t weight = 1;
	uint32_t depth = 0;

	if (x->next >= id || !operands(im, s, id, &weight, &depth))
		return false;
	weight += s->weight[x->next];
	if (s->depth[x->next] > depth)
		depth = s->depth[x->next];
	if (weight > WEIGHT_MAX || depth >= EVAL_DEPTH)
		return false;
	s->weight[id] = (uint32_t)weight;
	s->depth[id] = (uint16_t)depth;
	return true;
}

bool image_check_x(const struct image *im)
{
	uint32_t n = im->j->nx, i = 1;
	struct shape s = { xcalloc(n, sizeof(*s.weight)), xcalloc(n, sizeof(*s.depth)) };
	static const struct jx none;

	if (memcmp(&im->j->x[0], &none, sizeof(none)))
		n = i = 0;
	while (i < n && x_fits(im, &s, i))
		i++;
	free(s.weight);
	free(s.depth);
	return n && i == n;
}

/* ---- small things ---- */

struct check {
	const struct image *im;
	const struct job *j;
	struct source_info src; /* the source that the last span lay in */
};

static bool is_name(const struct check *c, name nm)
{
	return nm < names_count(c->j->names);
}

static bool are_names(const struct check *c, const name *v, uint64_t n)
{
	for (uint64_t i = 0; i < n; i++)
		if (!is_name(c, v[i]))
			return false;
	return true;
}

static bool is_x(const struct check *c, jxid x)
{
	return x < c->j->nx;
}

/* A bool whose byte is no bool must not be read as one. */
static bool is_bool(const bool *b)
{
	return *(const unsigned char *)b <= 1;
}

static bool source_find(struct check *c, uint32_t pos)
{
	uint32_t lo = 0, hi = sources_count(c->j->sources);

	while (lo < hi) {
		uint32_t mid = lo + (hi - lo) / 2;

		c->src = sources_info(c->j->sources, mid);
		if (pos < c->src.base)
			hi = mid;
		else if (pos - c->src.base > c->src.len)
			lo = mid + 1;
		else
			return true;
	}
	c->src = (struct source_info){ 0 };
	return false;
}

/* Nowhere, or inside one source. */
static bool is_span(struct check *c, struct span sp)
{
	if (!sp.lo && !sp.hi)
		return true;
	if (sp.lo < c->src.base || sp.lo - c->src.base > c->src.len || !c->src.base)
		if (!source_find(c, sp.lo))
			return false;
	return sp.hi >= sp.lo && sp.hi - c->src.base <= c->src.len;
}

/* ---- parts of a task ---- */

static bool columns_fit(const struct jdim *d)
{
	if (!d->cols || !d->colname || !d->coltype || (d->count > 0 && !d->cell))
		return false;
	for (uint32_t i = 0; i < d->cols; i++)
		if (d->coltype[i] > JT_UNKNOWN)
			return false;
	return d->kind == DIM_ROWS ? d->key < d->cols : d->cols == 1 && !d->key;
}

static bool dim_fits(struct check *c, const struct jdim *d)
{
	int64_t end;

	if (!is_name(c, d->var) || !is_name(c, d->table) || !is_span(c, d->span) || d->count > INT32_MAX || !is_x(c, d->port) ||
	    (d->colname && !are_names(c, d->colname, d->cols)))
		return false;
	switch (d->kind) {
	case DIM_RANGE: return d->count >= 0 && !d->cell && !__builtin_add_overflow(d->lo, d->count, &end);
	case DIM_LIST: case DIM_ROWS: return d->count >= 0 && columns_fit(d);
	case DIM_PORT: return d->count == -1 && c->j->x[d->port].op == JX_REF && !d->cell;
	default: return false;
	}
}

static bool port_fits(struct check *c, const struct jport *p)
{
	return is_name(c, p->name) && p->type <= JT_UNKNOWN && p->count <= PORT_GLOB && is_bool(&p->temp) && p->n >= 0 &&
	       is_x(c, p->path) && is_span(c, p->name_span) && is_span(c, p->path_span);
}

static bool map_fits(struct check *c, const struct jmap *m)
{
	return m->kind <= MAP_LOG && is_bool(&m->write) && is_bool(&m->pool) && is_bool(&m->option) && is_name(c, m->from) &&
	       is_name(c, m->to) && is_span(c, m->span) && is_span(c, m->from_span) && is_span(c, m->to_span);
}

static bool val_fits(struct check *c, const struct jval *v)
{
	if (!is_span(c, v->span) || !is_span(c, v->name_span))
		return false;
	switch ((enum set_type)settings[v->id].type) {
	case T_STR: case T_ANY: return is_name(c, v->s);
	case T_LIST: return are_names(c, v->list, v->n);
	case T_MAP: return are_names(c, v->list, 2 * (uint64_t)v->n);
	case T_EXPR: return is_x(c, v->x);
	case T_NUM: return isfinite(v->d);
	case T_INT: case T_BOOL: case T_DUR: case T_GB: case T_SIZE: case T_SPECIAL: return true;
	}
	return false;
}

static bool vals_fit(struct check *c, const struct jval *v, uint32_t n)
{
	for (uint32_t i = 0; i < n; i++)
		if ((i && v[i].id <= v[i - 1].id) || !val_fits(c, &v[i]))
			return false;
	return true;
}

static bool envs_fit(struct check *c, const struct jenv *v, uint32_t n)
{
	for (uint32_t i = 0; i < n; i++)
		if (!is_name(c, v[i].name) || !is_x(c, v[i].value) || !is_span(c, v[i].span))
			return false;
	return true;
}

static bool causes_fit(struct check *c, const struct jcause *v, uint32_t n)
{
	for (uint32_t i = 0; i < n; i++)
		if (v[i].cause >= CAUSE_COUNT || !is_span(c, v[i].span))
			return false;
	return true;
}

/* The number of instances is that of all combinations, -1 when one dimension is not known. */
static bool count_fits(const struct jtask *t)
{
	int64_t n = 1;

	if (!t->ndim)
		return t->count >= 0 && t->count <= INT32_MAX;
	for (uint32_t i = 0; i < t->ndim; i++)
		if (t->dim[i].count < 0)
			return t->count == -1;
		else if (__builtin_mul_overflow(n, t->dim[i].count, &n))
			return false;
	return t->count == n && n <= INT32_MAX;
}

static bool task_fits(struct check *c, const struct jtask *t)
{
	bool ok = is_name(c, t->name) && is_name(c, t->interp) && is_x(c, t->command) && t->run <= RUN_SCRIPT && is_bool(&t->bad) &&
		is_bool(&t->counted) && is_bool(&t->skipped) && is_span(c, t->span) && is_span(c, t->name_span) &&
		is_span(c, t->command_span) && is_span(c, t->count_span);

	for (uint32_t i = 0; ok && i < t->ndim; i++)
		ok = dim_fits(c, &t->dim[i]);
	for (uint32_t i = 0; ok && i < t->nin; i++)
		ok = port_fits(c, &t->in[i]);
	for (uint32_t i = 0; ok && i < t->nout; i++)
		ok = port_fits(c, &t->out[i]);
	for (uint32_t i = 0; ok && i < t->nmap; i++)
		ok = map_fits(c, &t->map[i]);
	return ok && count_fits(t) && vals_fit(c, t->set, t->nset) && envs_fit(c, t->env, t->nenv) &&
	       causes_fit(c, t->cause, t->ncause);
}

/* ---- edges ---- */

static bool edge_fits(struct check *c, uint32_t i)
{
	const struct jedge *e = &c->j->edge[i], *last = i ? e - 1 : NULL;

	return e->from < c->j->ntask && e->to < c->j->ntask && e->from != e->to && e->kind <= EDGE_SAME &&
	       is_bool(&e->data) && (e->port == UINT32_MAX || e->port < c->j->task[e->to].nin) &&
	       (!last || last->to < e->to || (last->to == e->to && last->from < e->from));
}

/* Can the tasks be put in order?  Kahn's algorithm over the edges by `from`. */
static bool is_acyclic(const struct job *j)
{
	uint32_t n = j->ntask, done = 0, end = 0;
	uint32_t *first = xcalloc((size_t)n + 2, sizeof(*first)), *to = xcalloc((size_t)j->nedge + 1, sizeof(*to));
	uint32_t *need = xcalloc((size_t)n + 1, sizeof(*need)), *queue = xcalloc((size_t)n + 1, sizeof(*queue));

	for (uint32_t i = 0; i < j->nedge; i++) {
		first[j->edge[i].from + 2]++;
		need[j->edge[i].to]++;
	}
	for (uint32_t i = 2; i < n + 2; i++)
		first[i] += first[i - 1];
	for (uint32_t i = 0; i < j->nedge; i++)
		to[first[j->edge[i].from + 1]++] = j->edge[i].to;
	for (uint32_t i = 0; i < n; i++)
		if (!need[i])
			queue[end++] = i;
	for (; done < end; done++)
		for (uint32_t k = first[queue[done]]; k < first[queue[done] + 1]; k++)
			if (--need[to[k]] == 0)
				queue[end++] = to[k];
	free(first);
	free(to);
	free(need);
	free(queue);
	return done == n;
}

/* ---- all of it ---- */

bool image_check_job(const struct image *im)
{
	const struct job *j = im->j;
	struct check c = { .im = im, .j = j };

	if (!is_name(&c, j->name) || !is_span(&c, j->name_span))
		return false;
	for (uint32_t i = 0; i < j->ntask; i++)
		if (!task_fits(&c, &j->task[i]))
			return false;
	for (uint32_t i = 0; i < j->nedge; i++)
		if (!edge_fits(&c, i))
			return false;
	for (uint32_t i = 0; i < j->nsecret; i++)
		if (!is_name(&c, j->secret[i].name) || !is_span(&c, j->secret[i].span))
			return false;
	return vals_fit(&c, j->set, j->nset) && envs_fit(&c, j->param, j->nparam) && is_acyclic(j);
}
