/* pathset.c - make a set out of an expression, and make its paths one by one; pathset_relate.c asks questions. */
#include "compiler/pathset.h"

#include "job/eval.h"

#include <stdlib.h>
#include <string.h>

enum { PORT_DEPTH = 64, MOST_STEPS = 1 << 23 };

void path_normal(struct buf *out, const char *s)
{
	const char *scheme = strstr(s, "://");
	size_t n, floor = 0;

	buf_reset(out);
	if (scheme) {
		floor = (size_t)(scheme - s) + 3;
		buf_add(out, s, floor);
		s += floor;
	} else if (*s == '/')
		buf_addc(out, '/');
	floor = out->len;
	for (; *s; s += n + (s[n] == '/')) {
		n = strcspn(s, "/");
		if (n == 0 || (n == 1 && *s == '.'))
			continue;
		if (n == 2 && s[0] == '.' && s[1] == '.' && !scheme && out->len > floor) {
			while (out->len > floor && out->p[out->len - 1] != '/')
				out->len--;
			out->len -= out->len > floor;
			out->p[out->len] = 0;
			continue;
		}
		if (out->len > floor)
			buf_addc(out, '/');
		buf_add(out, s, n);
		if (n == 2 && s[0] == '.' && s[1] == '.' && !scheme)
			floor = out->len + 1;
	}
}

/* ---- pieces ---- */

static struct piece *add(struct pathset *ps)
{
	struct piece *more;

	if (ps->n == ps->cap) {
		ps->cap = ps->cap ? ps->cap * 2 : 4;
		more = arena_zalloc(ps->arena, ps->cap, sizeof *more);
		if (ps->n)
			memcpy(more, ps->v, ps->n * sizeof *more);
		ps->v = more;
	}
	ps->v[ps->n] = (struct piece){ 0 };
	return &ps->v[ps->n++];
}

static bool put_text(struct pathset *ps, const char *s, size_t n)
{
	struct piece *last = ps->n ? &ps->v[ps->n - 1] : NULL;
	char *both;

	if (!n)
		return true;
	if (!last || last->var) {
		last = add(ps);
		last->s = s;
		last->n = n;
		return true;
	}
	both = arena_alloc(ps->arena, last->n + n + 1);
	memcpy(both, last->s, last->n);
	memcpy(both + last->n, s, n);
	both[last->n + n] = 0;
	last->s = both;
	last->n += n;
	return true;
}

static bool put_number(struct pathset *ps, uint32_t dim, int64_t mul, int64_t plus)
{
	struct piece *p;
	int64_t end;

	if (ps->count[dim] < 0 || __builtin_mul_overflow(mul, ps->count[dim], &end) || __builtin_add_overflow(end, plus, &end))
		return false;
	p = add(ps);
	p->var = true;
	p->dim = dim;
	p->mul = mul;
	p->add = plus;
	p->ident = mul != 0;
	ps->uses |= 1u << dim;
	return true;
}

static bool put_cells(struct pathset *ps, uint32_t dim, uint32_t col)
{
	const struct jdim *d = &ps->j->task[ps->task].dim[dim];
	struct piece *p;

	if ((d->kind != DIM_LIST && d->kind != DIM_ROWS) || !d->cell || d->count < 0 || col >= d->cols)
		return false;
	p = add(ps);
	p->var = p->cells = true;
	p->dim = dim;
	p->col = col;
	p->ident = d->kind == DIM_LIST || col == d->key;
	ps->uses |= 1u << dim;
	return true;
}

/* The number of an instance, where it is a position. */
static bool put_instance(struct pathset *ps)
{
	const struct jtask *t = &ps->j->task[ps->task];

	if (!t->ndim && t->count == 1)
		return put_text(ps, "0", 1);
	return t->ndim <= 1 && put_number(ps, 0, 1, 0);
}

/* mul * position + plus of an int expression. */
static bool linear(const struct pathset *ps, jxid x, uint32_t *dim, int64_t *mul, int64_t *plus)
{
	const struct jx *e = &ps->j->x[x];
	const struct jtask *t = &ps->j->task[ps->task];
	int64_t k;

	if ((e->op == JX_VAR && t->dim[e->a].kind == DIM_RANGE) || (e->op == JX_INDEX && ps->family)) {
		*dim = e->op == JX_VAR ? e->a : ps->ndim - 1;
		*mul = 1;
		*plus = e->op == JX_VAR ? t->dim[e->a].lo : 0;
		return true;
	}
	if (e->op != JX_BIN || (e->fn != OP_ADD && e->fn != OP_SUB && e->fn != OP_MUL))
		return false;
	if (ps->j->x[e->b].op == JX_INT && linear(ps, e->a, dim, mul, plus)) {
		k = jx_int(ps->j, e->b);
		if (e->fn == OP_MUL)
			return !__builtin_mul_overflow(*mul, k, mul) && !__builtin_mul_overflow(*plus, k, plus);
		return e->fn == OP_ADD ? !__builtin_add_overflow(*plus, k, plus) : !__builtin_sub_overflow(*plus, k, plus);
	}
	if (e->fn == OP_SUB || ps->j->x[e->a].op != JX_INT || !linear(ps, e->b, dim, mul, plus))
		return false;
	k = jx_int(ps->j, e->a);
	if (e->fn == OP_MUL)
		return !__builtin_mul_overflow(*mul, k, mul) && !__builtin_mul_overflow(*plus, k, plus);
	return !__builtin_add_overflow(*plus, k, plus);
}

/* false: an expression that has to be evaluated. */
static bool put(struct pathset *ps, jxid x, uint32_t depth)
{
	const struct job *j = ps->j;
	const struct jtask *t = &j->task[ps->task];
	const struct jx *e = &j->x[x];
	uint32_t dim = 0;
	int64_t mul = 0, plus = 0;
	jxid kid;

	switch (e->op) {
	case JX_STR: return put_text(ps, name_str(j->names, e->a), name_len(j->names, e->a));
	case JX_CAT:
		for (kid = e->a; kid; kid = j->x[kid].next)
			if (!put(ps, kid, depth))
				return false;
		return true;
	case JX_COL: return put_cells(ps, e->a, e->b);
	case JX_VAR:
		if (t->dim[e->a].kind != DIM_RANGE)
			return put_cells(ps, e->a, t->dim[e->a].kind == DIM_ROWS ? t->dim[e->a].key : 0);
		return linear(ps, x, &dim, &mul, &plus) && put_number(ps, dim, mul, plus);
	case JX_INDEX: case JX_BIN: return linear(ps, x, &dim, &mul, &plus) && put_number(ps, dim, mul, plus);
	case JX_INSTANCE: return put_instance(ps);
	case JX_IN: return depth < PORT_DEPTH && t->in[e->a].type != JT_LIST && t->in[e->a].path && put(ps, t->in[e->a].path, depth + 1);
	case JX_OUT:
		return depth < PORT_DEPTH && t->out[e->a].count == PORT_ONE && t->out[e->a].path && put(ps, t->out[e->a].path, depth + 1);
	default: return false;
	}
}

/* ---- columns ---- */

static bool plain_int(const char *s, size_t n)
{
	if (*s == '-')
		s++, n--;
	return n && n <= 18 && strspn(s, "0123456789") == n && (*s != '0' || (n == 1 && s[-1] != '-'));
}

static void look_at(struct column_scan *c, const struct jdim *d, const struct names *names)
{
	uint8_t type = d->coltype ? d->coltype[c->col] : JT_STRING;
	int64_t i;

	c->odd = type != JT_STRING && type != JT_FILE && type != JT_DIR && type != JT_URL && type != JT_INT;
	for (i = 0; i < d->count && !c->odd; i++) {
		name nm = d->cell[(size_t)i * d->cols + c->col];
		const char *s = name_str(names, nm);
		size_t n = name_len(names, nm), k;

		c->odd = n == 0 || !strcmp(s, ".") || !strcmp(s, "..") || (type == JT_INT && !plain_int(s, n));
		for (k = 0; k < n; k++)
			c->chars[(unsigned char)s[k] / 32] |= 1u << (unsigned char)s[k] % 32;
	}
}

static bool has(const uint32_t *chars, char c)
{
	return chars[(unsigned char)c / 32] >> (unsigned char)c % 32 & 1;
}

static const struct column_scan *scan(struct pathsets *c, const struct jdim *d, uint32_t col)
{
	enum { KEPT = sizeof c->scan / sizeof *c->scan };
	struct column_scan *v;
	uint32_t i;

	for (i = 0; i < c->nscan && i < KEPT; i++)
		if (c->scan[i].cell == d->cell && c->scan[i].cols == d->cols && c->scan[i].col == col)
			return &c->scan[i];
	v = &c->scan[c->nscan++ % KEPT];
	*v = (struct column_scan){ .cell = d->cell, .cols = d->cols, .col = col };
	look_at(v, d, c->j->names);
	return v;
}

/* ---- what kind of set it is ---- */

static bool lean(const struct pathset *ps, struct buf *b, struct buf *normal)
{
	uint32_t i;

	for (i = 0; i < ps->n; i++)
		ps->v[i].var ? buf_addc(b, 'x') : buf_add(b, ps->v[i].s, ps->v[i].n);
	path_normal(normal, buf_str(b));
	return !strcmp(buf_str(b), buf_str(normal));
}

/* Take "./" from the start and slashes from the end; whatever else is not normal: false. */
static bool trim(struct pathset *ps)
{
	struct piece *p = ps->n ? &ps->v[0] : NULL;
	struct buf b, c;
	bool ok;

	while (p && !p->var && p->n >= 2 && p->s[0] == '.' && p->s[1] == '/')
		p->s += 2, p->n -= 2;
	if (p && !p->var && !p->n)
		ps->v++, ps->n--;
	p = ps->n ? &ps->v[ps->n - 1] : NULL;
	while (p && !p->var && p->n && p->s[p->n - 1] == '/' && !(ps->n == 1 && p->n == 1))
		p->n--;
	ps->n -= p && !p->var && !p->n;
	buf_init(&b, 1 << 24);
	buf_init(&c, 1 << 24);
	ok = lean(ps, &b, &c) && !b.over;
	buf_free(&b);
	buf_free(&c);
	return ok;
}

/* Of an expression that is evaluated, keep the text at its start if that is normal. */
static void lean_start(struct pathset *ps)
{
	struct piece *p = ps->n && !ps->v[0].var ? &ps->v[0] : NULL;
	size_t i;

	while (p && p->n >= 2 && p->s[0] == '.' && p->s[1] == '/')
		p->s += 2, p->n -= 2;
	ps->n = p && p->n;
	for (i = 0; ps->n && i + 1 < p->n; i++)
		if (p->s[i] == '/' && (p->s[i + 1] == '/' || p->s[i + 1] == '.') && !(i && p->s[i - 1] == ':'))
			ps->n = 0;
}

/* May the byte stand in a value of the piece? */
static bool holds(const struct pathset *ps, const struct piece *p, const struct column_scan *v, char c)
{
	int64_t n = ps->count[p->dim];

	if (v)
		return has(v->chars, c);
	return (c >= '0' && c <= '9') || (c == '-' && (p->add < 0 || p->mul * (n > 0 ? n - 1 : 0) + p->add < 0));
}

/* Can the values be told apart in a path?  A piece ends where a byte stands that it cannot hold. */
static uint8_t judge(struct pathsets *c, struct pathset *ps)
{
	uint32_t i, k, ident = 0, uses = 0, vars = 0;
	bool apart = true;

	for (i = 0; i < ps->n; i++)
		vars += ps->v[i].var;
	for (i = 0; i < ps->n; i++) {
		const struct piece *p = &ps->v[i], *next = i + 1 < ps->n ? p + 1 : NULL;
		const struct column_scan *v;

		for (k = 0; !p->var && k < p->n; k++)
			ps->depth += p->s[k] == '/';
		apart = apart && (ident == uses || p->var || !memchr(p->s, '/', p->n)); /* also in the directories on the way */
		if (!p->var)
			continue;
		ident |= p->ident ? 1u << p->dim : 0;
		uses |= 1u << p->dim;
		v = p->cells ? scan(c, &ps->j->task[ps->task].dim[p->dim], p->col) : NULL;
		if (v && (v->odd || has(v->chars, '/')))
			ps->eval = true;
		if (--vars == 0) /* the last one takes the rest */
			continue;
		apart = apart && next && !next->var && !holds(ps, p, v, next->s[0]);
	}
	return apart && ident == uses && !ps->eval ? PATHS_EXACT : PATHS_MANY;
}

static bool unknown_count(const struct pathset *ps)
{
	uint32_t i;

	for (i = 0; i < ps->ndim; i++)
		if (ps->count[i] < 0)
			return true;
	return false;
}

static void dims(struct pathset *ps, int64_t elems)
{
	const struct jtask *t = &ps->j->task[ps->task];
	uint32_t i;

	ps->count = arena_zalloc(ps->arena, t->ndim + 2, sizeof *ps->count);
	for (i = 0; i < t->ndim; i++)
		ps->count[ps->ndim++] = t->dim[i].count;
	if (!t->ndim && t->count != 1)
		ps->count[ps->ndim++] = t->count;
	ps->family = elems > 0;
	if (ps->family)
		ps->count[ps->ndim++] = elems;
}

static void constant(struct pathsets *c, struct pathset *ps, const char *s, size_t n)
{
	struct buf b;

	ps->kind = PATHS_CONST;
	ps->text = name_of(c->j->names, s, n);
	if (ps->n && (strstr(s, "//") || strstr(s, "./") || (n && (s[n - 1] == '/' || s[n - 1] == '.')))) {
		buf_init(&b, 1 << 24);
		path_normal(&b, s);
		ps->text = name_of(c->j->names, buf_str(&b), b.len);
		buf_free(&b);
	}
}

void pathset_make(struct pathsets *c, struct pathset *ps, uint32_t task, jxid x, int64_t elems)
{
	const struct jx *e = &c->j->x[x];

	*ps = (struct pathset){ .j = c->j, .arena = c->arena, .task = task, .x = x };
	dims(ps, elems);
	if (e->op == JX_STR)
		ps->n = 1; /* the common case needs no pieces */
	else
		ps->eval = !put(ps, x, 0);
	if (e->op == JX_STR || (!ps->eval && ps->n == 1 && !ps->v[0].var)) {
		constant(c, ps, e->op == JX_STR ? name_str(c->j->names, e->a) : ps->v[0].s,
			e->op == JX_STR ? name_len(c->j->names, e->a) : ps->v[0].n);
		ps->n = 0;
		return;
	}
	if (!ps->eval)
		ps->eval = !trim(ps);
	ps->kind = ps->eval ? PATHS_MANY : judge(c, ps);
	if (ps->eval) {
		ps->uses = (1u << ps->ndim) - 1;
		lean_start(ps);
	}
	if (ps->eval && unknown_count(ps))
		ps->kind = PATHS_UNKNOWN;
}

const char *pathset_start(const struct pathset *ps, size_t *n)
{
	bool text = ps->kind == PATHS_CONST, piece = ps->n && !ps->v[0].var;

	*n = text ? name_len(ps->j->names, ps->text) : piece ? ps->v[0].n : 0;
	return text ? name_str(ps->j->names, ps->text) : piece ? ps->v[0].s : "";
}

int64_t pathset_size(const struct pathset *ps)
{
	int64_t n = 1;
	uint32_t i;

	for (i = 0; i < ps->ndim; i++)
		if (ps->uses >> i & 1 && (ps->count[i] < 0 || __builtin_mul_overflow(n, ps->count[i], &n)))
			return -1;
	return n;
}

bool pathset_shared(const struct pathset *ps, bool *elems)
{
	uint32_t i, last = ps->family ? ps->ndim - 1 : UINT32_MAX;
	bool shared = false;

	*elems = ps->family && !(ps->uses >> last & 1) && ps->count[last] != 1;
	for (i = 0; i < ps->ndim; i++)
		shared |= i != last && !(ps->uses >> i & 1) && ps->count[i] != 1;
	return shared;
}

/* ---- one by one ---- */

struct each {
	const struct pathset *ps;
	bool (*fn)(void *ctx, const char *path, int64_t instance, int64_t elem);
	void *ctx;
	struct jctx c;
	struct buf raw, path;
	uint64_t steps;
};

void pathset_render(const struct pathset *ps, const int64_t *pos, struct buf *b)
{
	const struct jtask *t = &ps->j->task[ps->task];
	uint32_t i;

	for (i = 0; i < ps->n; i++) {
		const struct piece *p = &ps->v[i];

		if (!p->var)
			buf_add(b, p->s, p->n);
		else if (!p->cells)
			buf_addf(b, "%lld", (long long)(p->mul * pos[p->dim] + p->add));
		else {
			const struct jdim *d = &t->dim[p->dim];
			name nm = d->cell[(size_t)pos[p->dim] * d->cols + p->col];

			buf_add(b, name_str(ps->j->names, nm), name_len(ps->j->names, nm));
		}
	}
}

int64_t pathset_instance(const struct pathset *ps, const int64_t *pos)
{
	uint32_t i, n = ps->ndim - ps->family;
	int64_t v = 0;

	for (i = 0; i < n; i++)
		v = v * (ps->count[i] > 0 ? ps->count[i] : 1) + pos[i];
	return v;
}

static bool one_value(struct each *e, const struct jvalue *v)
{
	buf_reset(&e->raw);
	if (!jvalue_text(v, &e->raw))
		return false;
	path_normal(&e->path, buf_str(&e->raw));
	return e->fn(e->ctx, buf_str(&e->path), e->c.instance, e->c.index);
}

static bool evaluated(struct each *e)
{
	struct arena_mark m = arena_mark(e->c.arena);
	struct jvalue v;
	bool ok = e->steps < MOST_STEPS && jx_eval(&e->c, e->ps->x, &v);
	uint32_t i;

	e->steps += e->c.steps + 1;
	if (ok && v.type != JT_LIST)
		ok = one_value(e, &v);
	else
		for (i = 0; ok && i < v.list.n; i++)
			ok = one_value(e, &v.list.v[i]);
	arena_reset(e->c.arena, m);
	return ok;
}

static bool visit(struct each *e, const int64_t *pos)
{
	e->c.instance = pathset_instance(e->ps, pos);
	e->c.index = e->ps->family ? pos[e->ps->ndim - 1] : 0;
	if (e->ps->eval)
		return evaluated(e);
	buf_reset(&e->path);
	pathset_render(e->ps, pos, &e->path);
	return e->fn(e->ctx, buf_str(&e->path), e->c.instance, e->c.index);
}

/* The next position; false behind the last. */
static bool next(const struct pathset *ps, int64_t *pos)
{
	uint32_t i;

	for (i = ps->ndim; i-- > 0;) {
		if (!(ps->uses >> i & 1))
			continue;
		if (++pos[i] < ps->count[i])
			return true;
		pos[i] = 0;
	}
	return false;
}

bool pathset_each(const struct pathset *ps, bool (*fn)(void *ctx, const char *path, int64_t instance, int64_t elem), void *ctx)
{
	struct each e = { .ps = ps, .fn = fn, .ctx = ctx };
	int64_t pos[32] = { 0 };
	bool ok = true;

	if (ps->kind == PATHS_UNKNOWN || pathset_size(ps) <= 0)
		return ps->kind != PATHS_UNKNOWN && pathset_size(ps) == 0;
	if (ps->kind == PATHS_CONST)
		return fn(ctx, name_str(ps->j->names, ps->text), 0, 0);
	e.c = (struct jctx){ .job = ps->j, .arena = arena_new(), .task = ps->task };
	buf_init(&e.raw, 1 << 20);
	buf_init(&e.path, 1 << 20);
	do
		ok = visit(&e, pos);
	while (ok && next(ps, pos));
	buf_free(&e.raw);
	buf_free(&e.path);
	arena_free(e.c.arena);
	return ok;
}
