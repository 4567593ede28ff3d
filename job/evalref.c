/* evalref.c - paths of ports: a task's own, and outputs of others with their selectors. */
#include "job/eval.h"

#include <string.h>

enum { EVAL_DIMS = 16 }; /* loop variables of a task */

/* Values collected one by one. */
struct gather {
	struct jvalue *v;
	uint32_t n, cap;
};

static bool gather_add(struct jctx *c, struct gather *g, const struct jvalue *v)
{
	struct jvalue *bigger;

	if (g->n >= EVAL_ITEMS)
		return FAIL(c, "a list has more than %d items", EVAL_ITEMS);
	if (g->n == g->cap) {
		g->cap = g->cap ? g->cap * 2 : 16;
		bigger = arena_alloc(c->arena, g->cap * sizeof *bigger);
		if (g->n)
			memcpy(bigger, g->v, g->n * sizeof *bigger);
		g->v = bigger;
	}
	g->v[g->n++] = *v;
	return true;
}

/* A path of a port as a value of the port's type. */
static bool path_value(struct jctx *c, jxid path, uint8_t type, struct jvalue *out)
{
	if (!eval(c, path, out))
		return false;
	if (out->type == JT_LIST)
		return true;
	if (!value_is_text(out))
		return FAIL(c, "a path is a string, not %s", value_type(out));
	out->type = type == JT_DIR ? JT_DIR : JT_FILE;
	return true;
}

/* Elements lo..hi-1 of an output family of fixed size. */
static bool family(struct jctx *c, const struct jport *p, int64_t lo, int64_t hi, struct gather *g)
{
	struct jvalue v;

	for (c->index = lo; c->index < hi; c->index++)
		if (!path_value(c, p->path, p->type, &v) || !gather_add(c, g, &v))
			return false;
	return true;
}

static bool globbed(struct jctx *c, uint32_t port, struct jvalue *out)
{
	const struct jtask *t = &c->job->task[c->task];

	if (c->glob && c->glob(c->ctx, c->task, c->instance, port, out))
		return true;
	return FAIL(c, "the files of `%s.%s` are known only when the task has run", name_str(c->job->names, t->name),
		    name_str(c->job->names, t->out[port].name));
}

static bool no_element(struct jctx *c, const struct jport *p, int64_t elem)
{
	return FAIL(c, "`%s` has no element %lld: it has %lld", name_str(c->job->names, p->name), (long long)elem, (long long)p->n);
}

/* Add what one instance gives: elem < 0 is all elements. */
static bool instance_out(struct jctx *c, uint32_t port, int64_t elem, struct gather *g)
{
	const struct jport *p = &c->job->task[c->task].out[port];
	struct jvalue v;

	if (p->count == PORT_ONE)
		return path_value(c, p->path, p->type, &v) && gather_add(c, g, &v);
	if (p->count == PORT_FIXED) {
		if (elem >= p->n)
			return no_element(c, p, elem);
		return family(c, p, elem < 0 ? 0 : elem, elem < 0 ? p->n : elem + 1, g);
	}
	if (!globbed(c, port, &v))
		return false;
	if (elem >= 0 && (v.type != JT_LIST || elem >= v.list.n))
		return FAIL(c, "`%s` has no element %lld", name_str(c->job->names, p->name), (long long)elem);
	for (uint32_t i = 0; i < v.list.n; i++)
		if ((elem < 0 || i == elem) && !gather_add(c, g, &v.list.v[i]))
			return false;
	return true;
}

/* Some instances of a task: of each dimension one value, or all of them (-1). */
struct slice {
	int64_t at[EVAL_DIMS], size[EVAL_DIMS];
};

struct selectors {
	bool all_instances, all_elements;
	int64_t instance, element;
	struct slice *slice; /* NULL: one instance, or all */
};

/* Is the selector a key with a `[*]` among its parts? */
static bool is_slice(const struct job *j, jxid sel)
{
	jxid part = sel && j->x[sel].op == JX_CAT ? j->x[sel].a : 0;

	while (part && j->x[part].op != JX_ALL)
		part = j->x[part].next;
	return part;
}

/* One part of a key: the place of its value in the dimension. */
static bool slice_part(struct jctx *c, uint32_t task, uint32_t dim, jxid part, int64_t *at)
{
	const struct jtask *t = &c->job->task[task];
	struct jvalue v;
	struct buf b;
	bool ok;

	*at = -1;
	if (c->job->x[part].op == JX_ALL)
		return true;
	buf_init(&b, EVAL_TEXT);
	ok = eval(c, part, &v) && (jvalue_text(&v, &b) || FAIL(c, "a text is longer than %d bytes", EVAL_TEXT));
	if (ok)
		*at = dim_find(c->job, &t->dim[dim], buf_str(&b), b.len);
	if (ok && *at < 0)
		ok = FAIL(c, "`%s` is not scattered over `%s`", name_str(c->job->names, t->name), buf_str(&b));
	buf_free(&b);
	return ok;
}

/* Parts stand between commas: a part, a comma, a part. */
static bool slice_read(struct jctx *c, uint32_t task, jxid sel, struct selectors *s)
{
	const struct jtask *t = &c->job->task[task];
	struct jctx in = eval_inside(c, task, 0, 0);
	jxid part = c->job->x[sel].a;

	if (t->ndim > EVAL_DIMS)
		return FAIL(c, "`%s` has too many loop variables", name_str(c->job->names, t->name));
	s->slice = arena_zalloc(c->arena, 1, sizeof *s->slice);
	for (uint32_t d = 0; d < t->ndim; d++) {
		if (!dim_count(&in, &t->dim[d], &s->slice->size[d]))
			return c->error = in.error, false;
		if (!part || !slice_part(c, task, d, part, &s->slice->at[d]))
			return part ? false : FAIL(c, "an expression is missing");
		part = c->job->x[part].next;
		part = part ? c->job->x[part].next : 0;
	}
	return true;
}

/* The element selector: an int, or all. */
static bool select_element(struct jctx *c, jxid x, struct selectors *s)
{
	struct jvalue v;

	s->all_elements = !x || c->job->x[x].op == JX_ALL;
	s->element = -1;
	if (s->all_elements)
		return true;
	if (!eval(c, x, &v))
		return false;
	if (v.type != JT_INT || v.i < 0)
		return FAIL(c, "an element is chosen by an int from 0");
	s->element = v.i;
	return true;
}

static bool select_read(struct jctx *c, const struct jx *x, struct selectors *s)
{
	const struct jtask *t = &c->job->task[x->a];
	struct jvalue v;
	jxid sel = x->c;

	*s = (struct selectors){ .all_elements = true, .element = -1 };
	if (t->ndim || t->counted) {
		s->all_instances = !sel || c->job->x[sel].op == JX_ALL;
		if (is_slice(c->job, sel)) {
			if (!slice_read(c, x->a, sel, s))
				return false;
		} else if (!s->all_instances && (!eval(c, sel, &v) || !eval_select(c, x->a, &v, &s->instance)))
			return false;
		sel = sel ? c->job->x[sel].next : 0;
	}
	return t->out[x->b].count == PORT_ONE || select_element(c, sel, s);
}

/* How many instances there are in the slice; -1: too many. */
static int64_t slice_count(const struct slice *s, uint32_t ndim)
{
	int64_t n = 1;

	for (uint32_t d = 0; d < ndim; d++)
		if (s->at[d] < 0 && __builtin_mul_overflow(n, s->size[d], &n))
			return -1;
	return n;
}

/* The number of the k-th instance of the slice; the last dimension varies fastest. */
static int64_t slice_number(const struct slice *s, uint32_t ndim, int64_t k)
{
	int64_t number = 0, stride = 1;

	for (uint32_t d = ndim; d-- > 0; stride *= s->size[d]) {
		number += stride * (s->at[d] < 0 ? k % s->size[d] : s->at[d]);
		if (s->at[d] < 0)
			k /= s->size[d];
	}
	return number;
}

/* Add what the instances of a slice give. */
static bool collect_slice(struct jctx *in, const struct jx *x, const struct selectors *s, struct gather *g)
{
	uint32_t ndim = in->job->task[x->a].ndim;
	int64_t n = slice_count(s->slice, ndim);

	if (n < 0)
		return FAIL(in, "a list has more than %d items", EVAL_ITEMS);
	for (int64_t k = 0; k < n; k++) {
		in->instance = slice_number(s->slice, ndim, k);
		if (!instance_out(in, x->b, s->element, g))
			return false;
	}
	return true;
}

static bool collect(struct jctx *c, const struct jx *x, const struct selectors *s, struct gather *g)
{
	struct jctx in = eval_inside(c, x->a, s->instance, 0);
	int64_t last = s->all_instances ? task_instances(&in, x->a) - 1 : s->instance;
	bool ok = last >= -1; /* task_instances said -1: unknown */

	if (s->slice)
		ok = collect_slice(&in, x, s, g);
	else
		for (in.instance = s->all_instances ? 0 : s->instance; ok && in.instance <= last; in.instance++)
			ok = instance_out(&in, x->b, s->element, g);
	c->steps = in.steps;
	if (!ok)
		c->error = in.error;
	return ok;
}

bool jx_chosen(struct jctx *c, jxid ref, bool *element)
{
	const struct jx *x = &c->job->x[ref];
	const struct jport *p = &c->job->task[x->a].out[x->b];
	struct selectors s;

	c->error = NULL;
	c->depth = c->steps = 0;
	*element = false;
	if (!select_read(c, x, &s))
		return false;
	*element = p->count == PORT_FIXED && s.element >= p->n;
	return !*element || no_element(c, p, s.element);
}

bool eval_ref(struct jctx *c, const struct jx *x, struct jvalue *out)
{
	struct selectors s;
	struct gather g = { 0 };

	if (x->a >= c->job->ntask || x->b >= c->job->task[x->a].nout)
		return FAIL(c, "the output referred to is missing");
	if (!select_read(c, x, &s) || !collect(c, x, &s, &g))
		return false;
	if (!s.all_instances && !s.slice && (c->job->task[x->a].out[x->b].count == PORT_ONE || !s.all_elements) && g.n == 1)
		*out = g.v[0];
	else
		*out = (struct jvalue){ .type = JT_LIST, .list = { g.v, g.n } };
	return true;
}

/* ---- own ports ---- */

/* The path as the sandbox shows it. */
static void shown(struct jctx *c, uint32_t port, bool output, struct jvalue *v)
{
	const char *s;

	if (!value_is_text(v))
		return;
	s = c->path(c->ctx, port, output, arena_strndup(c->arena, v->s.p, v->s.n));
	if (s)
		*v = value_str(s, strlen(s), v->type);
}

static void shown_all(struct jctx *c, uint32_t port, bool output, struct jvalue *v)
{
	struct jvalue *copy;

	if (v->type != JT_LIST) {
		shown(c, port, output, v);
		return;
	}
	copy = arena_zalloc(c->arena, v->list.n, sizeof *copy);
	for (uint32_t i = 0; i < v->list.n; i++) {
		copy[i] = v->list.v[i];
		shown(c, port, output, &copy[i]);
	}
	v->list.v = copy;
}

/* An own output: its path, all paths of a family, the pattern of a glob. */
static bool own_out(struct jctx *c, const struct jport *p, struct jvalue *out)
{
	struct gather g = { 0 };

	if (p->count != PORT_FIXED)
		return path_value(c, p->path, p->type, out);
	if (!family(c, p, 0, p->n, &g))
		return false;
	*out = (struct jvalue){ .type = JT_LIST, .list = { g.v, g.n } };
	return true;
}

bool eval_port(struct jctx *c, uint32_t port, bool output, struct jvalue *out)
{
	const struct jtask *t = eval_task(c);
	struct jctx in;
	bool ok;

	if (!t)
		return false;
	if (port >= (output ? t->nout : t->nin))
		return FAIL(c, "task `%s` has no such port", name_str(c->job->names, t->name));
	in = eval_inside(c, c->task, c->instance, 0);
	ok = output ? own_out(&in, &t->out[port], out) : path_value(&in, t->in[port].path, t->in[port].type, out);
	c->steps = in.steps;
	if (!ok)
		c->error = in.error;
	else if (c->path)
		shown_all(c, port, output, out);
	return ok;
}
