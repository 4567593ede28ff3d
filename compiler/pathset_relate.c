/* pathset_relate.c - questions about exact sets: which instance has a path, and whether two sets meet. */
#include "compiler/pathset.h"

#include <string.h>

static bool slash_at(const char *s, size_t n, uint32_t which, size_t *at)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (s[i] == '/' && which-- == 0) {
			*at = i;
			return true;
		}
	return false;
}

static uint32_t slashes(const char *s, size_t n)
{
	uint32_t k = 0;
	size_t i;

	for (i = 0; i < n; i++)
		k += s[i] == '/';
	return k;
}

/* The set of the first depth + 1 names of every path. */
static struct pathset cut(const struct pathset *ps, uint32_t depth)
{
	struct pathset top = *ps, *out = &top;
	uint32_t left = depth;

	out->v = arena_alloc(ps->arena, ps->n * sizeof *out->v);
	out->n = out->cap = out->uses = 0;
	out->depth = depth;
	for (uint32_t i = 0; i < ps->n; i++) {
		struct piece *p = &out->v[out->n];
		size_t at = 0;
		bool last;

		*p = ps->v[i];
		last = !p->var && slash_at(p->s, p->n, left, &at);
		if (last)
			p->n = at;
		else if (!p->var)
			left -= slashes(p->s, p->n);
		out->n += p->var || p->n;
		out->uses |= p->var ? 1u << p->dim : 0;
		if (last)
			break;
	}
	return top;
}

/* ---- one path ---- */

static bool whole_number(const char *s, size_t n, int64_t *v)
{
	bool minus = n && *s == '-';
	int64_t x = 0;
	size_t i = minus;

	if (n == i || n - i > 18 || (s[i] == '0' && (n - i > 1 || minus)))
		return false;
	for (; i < n; i++) {
		if (s[i] < '0' || s[i] > '9')
			return false;
		x = x * 10 + (s[i] - '0');
	}
	*v = minus ? -x : x;
	return true;
}

static bool position(const struct pathset *ps, const struct piece *p, const char *s, size_t n, int64_t *pos)
{
	int64_t v;

	if (p->cells)
		*pos = dim_find(ps->j, &ps->j->task[ps->task].dim[p->dim], s, n);
	else if (!whole_number(s, n, &v) || __builtin_sub_overflow(v, p->add, &v) || v % p->mul)
		return false;
	else
		*pos = v / p->mul;
	return *pos >= 0 && *pos < ps->count[p->dim];
}

static size_t value_len(const struct pathset *ps, uint32_t i, const char *s, size_t n)
{
	const struct piece *next = i + 1 < ps->n ? &ps->v[i + 1] : NULL;
	const char *end;

	if (next && i + 2 < ps->n) {
		end = memchr(s, next->s[0], n);
		return end ? (size_t)(end - s) : n;
	}
	return next ? (n > next->n ? n - next->n : 0) : n;
}

static bool decode(const struct pathset *ps, const char *s, size_t n, int64_t *pos)
{
	size_t at = 0, k;

	for (uint32_t i = 0; i < ps->n; i++, at += k) {
		const struct piece *p = &ps->v[i];

		k = p->var ? value_len(ps, i, s + at, n - at) : p->n;
		if (k > n - at || (!p->var && memcmp(s + at, p->s, k)))
			return false;
		if (p->var && p->ident && !position(ps, p, s + at, k, &pos[p->dim]))
			return false;
	}
	return at == n;
}

static int64_t find(const struct pathset *ps, const char *path, size_t n)
{
	int64_t pos[32] = { 0 }, found = -1;
	struct buf b;

	if (!decode(ps, path, n, pos))
		return -1;
	buf_init(&b, 1 << 20); /* pieces that tell nothing apart, and one dimension in two pieces */
	pathset_render(ps, pos, &b);
	if (b.len == n && !memcmp(b.p, path, n))
		found = pathset_instance(ps, pos);
	buf_free(&b);
	return found;
}

int64_t pathset_find(const struct pathset *ps, const char *path, size_t n, bool *more)
{
	uint32_t depth = slashes(path, n);
	struct pathset top;
	size_t at = 0;
	bool elems;

	*more = false;
	if (depth >= ps->depth) {
		if (slash_at(path, n, ps->depth, &at))
			n = at;
		return find(ps, path, n);
	}
	top = cut(ps, depth);
	*more = pathset_shared(&top, &elems);
	return find(&top, path, n);
}

/* ---- two sets ---- */

static bool same_start(const struct pathset *a, const struct pathset *b)
{
	size_t na, nb;
	const char *sa = pathset_start(a, &na), *sb = pathset_start(b, &nb);

	return !memcmp(sa, sb, na < nb ? na : nb);
}

static const char *end_of(const struct pathset *ps, size_t *n)
{
	const struct piece *p = ps->n ? &ps->v[ps->n - 1] : NULL;

	*n = p && !p->var ? p->n : 0;
	return p && !p->var ? p->s : "";
}

static bool same_end(const struct pathset *a, const struct pathset *b)
{
	size_t na, nb, n;
	const char *sa = end_of(a, &na), *sb = end_of(b, &nb);

	n = na < nb ? na : nb;
	return !memcmp(sa + na - n, sb + nb - n, n);
}

/* Texts equal, and pieces that vary at the same places, each the only one of its dimension. */
static bool same_shape(const struct pathset *a, const struct pathset *b)
{
	uint32_t seen_a = 0, seen_b = 0;

	if (a->n != b->n)
		return false;
	for (uint32_t i = 0; i < a->n; i++) {
		const struct piece *p = &a->v[i], *q = &b->v[i];

		if (p->var != q->var || (!p->var && (p->n != q->n || memcmp(p->s, q->s, p->n))))
			return false;
		if (!p->var)
			continue;
		if (seen_a >> p->dim & 1 || seen_b >> q->dim & 1 || !p->ident || !q->ident || p->cells != q->cells)
			return false;
		seen_a |= 1u << p->dim;
		seen_b |= 1u << q->dim;
	}
	return true;
}

/* Two columns whose rows are the same: equal values stand in equal rows. */
static bool same_cells(const struct pathset *a, const struct piece *p, const struct pathset *b, const struct piece *q)
{
	const struct jdim *x = &a->j->task[a->task].dim[p->dim], *y = &b->j->task[b->task].dim[q->dim];

	return x->cell == y->cell && x->cols == y->cols && p->col == q->col && x->count == y->count;
}

/* Values that both pieces have: the first of them as positions, and whether these differ. */
static enum relation common(const struct pathset *a, const struct piece *p, const struct pathset *b, const struct piece *q,
	int64_t *x, int64_t *y)
{
	int64_t lo, hi, na = a->count[p->dim], nb = b->count[q->dim];

	if (p->cells) {
		*x = *y = 0;
		return !same_cells(a, p, b, q) ? SETS_UNSURE : na > 0 ? SETS_MEET : SETS_APART;
	}
	if (p->mul != 1 || q->mul != 1)
		return SETS_UNSURE;
	lo = p->add > q->add ? p->add : q->add;
	hi = p->add + na < q->add + nb ? p->add + na : q->add + nb;
	*x = lo - p->add;
	*y = lo - q->add;
	return lo < hi ? SETS_MEET : SETS_APART;
}

/* A dimension that no piece shows: there are two instances with every path. */
static int free_dim(const struct pathset *ps)
{
	for (uint32_t i = 0; i < ps->ndim - ps->family; i++)
		if (!(ps->uses >> i & 1) && ps->count[i] != 1)
			return (int)i;
	return -1;
}

/* Pieces that meet one by one meet together: every dimension stands in one piece. */
static enum relation meet(const struct pathset *a, const struct pathset *b, bool differ, int64_t *ia, int64_t *ib)
{
	int64_t pa[32] = { 0 }, pb[32] = { 0 };
	bool unsure = false, crossed = a->ndim - a->family != b->ndim - b->family;

	for (uint32_t i = 0; i < a->n; i++) {
		const struct piece *p = &a->v[i], *q = &b->v[i];
		enum relation r = p->var ? common(a, p, b, q, &pa[p->dim], &pb[q->dim]) : SETS_MEET;

		if (r == SETS_APART)
			return SETS_APART;
		unsure |= r == SETS_UNSURE;
		crossed |= p->var && p->dim != q->dim;
	}
	if (unsure || (differ && crossed))
		return SETS_UNSURE;
	*ia = pathset_instance(a, pa);
	*ib = pathset_instance(b, pb);
	if (!differ || *ia != *ib)
		return SETS_MEET;
	if (free_dim(a) < 0 && free_dim(b) < 0) /* equal positions everywhere: always the same instance */
		return SETS_APART;
	if (free_dim(a) >= 0)
		pa[free_dim(a)] = 1;
	else
		pb[free_dim(b)] = 1;
	*ia = pathset_instance(a, pa);
	*ib = pathset_instance(b, pb);
	return SETS_MEET;
}

enum relation pathset_relate(const struct pathset *a, const struct pathset *b, bool differ, int64_t *ia, int64_t *ib)
{
	struct pathset top;
	uint32_t depth = a->depth < b->depth ? a->depth : b->depth;

	if (!same_start(a, b))
		return SETS_APART;
	if (a->depth != b->depth) {
		top = cut(a->depth > b->depth ? a : b, depth);
		if (a->depth > b->depth)
			a = &top;
		else
			b = &top;
	}
	if (!same_start(a, b) || !same_end(a, b))
		return SETS_APART;
	return same_shape(a, b) ? meet(a, b, differ, ia, ib) : SETS_UNSURE;
}
