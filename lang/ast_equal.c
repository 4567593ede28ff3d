/* ast_equal.c - do two trees say the same?  What fmt may change does not count. */
#include "lang/ast.h"

#include <string.h>

struct side {
	const struct ast *a;
	nid n;
};

static const struct node *node_of(struct side s)
{
	return &s.a->v[s.n];
}

static struct side unparen(struct side s)
{
	while (node_of(s)->kind == N_PAREN)
		s.n = node_of(s)->kid;
	return s;
}

/* Append the texts from s->n on, as one value, and go past them. */
static void texts(struct side *s, bool script, struct buf *b)
{
	for (; s->n && node_of(*s)->kind == N_TEXT; s->n = node_of(*s)->next)
		ast_decode(s->a, s->n, script, b);
}

static bool same_parts(struct side x, struct side y, bool script)
{
	struct buf bx, by;
	bool same = true;

	buf_init(&bx, 1u << 30);
	buf_init(&by, 1u << 30);
	while (same && (x.n || y.n)) {
		buf_reset(&bx);
		buf_reset(&by);
		texts(&x, script, &bx);
		texts(&y, script, &by);
		same = bx.len == by.len && !memcmp(buf_str(&bx), buf_str(&by), bx.len) && !x.n == !y.n;
		if (same && x.n) {
			same = ast_equal(x.a, x.n, y.a, y.n);
			x.n = node_of(x)->next;
			y.n = node_of(y)->next;
		}
	}
	buf_free(&bx);
	buf_free(&by);
	return same;
}

static bool same_name(struct side x, struct side y)
{
	name nx = node_of(x)->name, ny = node_of(y)->name;
	size_t n = name_len(x.a->names, nx);

	return (x.a->names == y.a->names && nx == ny) ||
	       (n == name_len(y.a->names, ny) && !memcmp(name_str(x.a->names, nx), name_str(y.a->names, ny), n));
}

static bool same_literal(struct side x, struct side y)
{
	size_t n, m;
	const char *s = ast_text(x.a, x.n, &n), *t = ast_text(y.a, y.n, &m);
	enum node_kind k = (enum node_kind)node_of(x)->kind;
	int64_t v, w;

	if (n == m && !memcmp(s, t, n))
		return true;
	return (k == N_SIZE || k == N_DURATION) && !quantity_read(s, n, k, &v) && !quantity_read(t, m, k, &w) && v == w;
}

static bool is_literal(enum node_kind k)
{
	return k == N_INT || k == N_FLOAT || k == N_SIZE || k == N_DURATION;
}

/* A negative number of a tree without weft text is a sign and a number in weft. */
static bool same_negative(struct side x, struct side y)
{
	size_t n, m;
	const char *s, *t;

	if (!is_literal((enum node_kind)node_of(x)->kind) || node_of(y)->kind != N_UNARY || node_of(y)->op != OP_NEG)
		return false;
	s = ast_text(x.a, x.n, &n);
	t = ast_text(y.a, node_of(y)->kid, &m);
	return n == m + 1 && *s == '-' && !memcmp(s + 1, t, m);
}

/* Depth is limited (AST_DEPTH). */
bool ast_equal(const struct ast *a, nid x, const struct ast *b, nid y)
{
	struct side l = unparen((struct side){ a, x }), r = unparen((struct side){ b, y });
	enum node_kind k = (enum node_kind)node_of(l)->kind;

	if (k != node_of(r)->kind)
		return same_negative(l, r) || same_negative(r, l);
	if (is_literal(k))
		return same_literal(l, r);
	if (node_of(l)->op != node_of(r)->op || !same_name(l, r))
		return false;
	l.n = node_of(l)->kid;
	r.n = node_of(r)->kid;
	if (k == N_STRING || k == N_SCRIPT)
		return same_parts(l, r, k == N_SCRIPT);
	for (; l.n && r.n; l.n = node_of(l)->next, r.n = node_of(r)->next)
		if (!ast_equal(a, l.n, b, r.n))
			return false;
	return !l.n && !r.n;
}
