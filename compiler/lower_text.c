/* lower_text.c - strings with interpolation, and the templates of commands.
 *
 * Constant parts are joined while they are read.  In a command an inserted constant is joined with the text only when
 * no quoting could change it; any other stays a part of its own (JXF_VALUE), quoted when the command is made. */
#include "compiler/lower_text.h"

#include <string.h>

struct parts { /* a JX_CAT under construction; text not yet flushed stands in L->text from `from` */
	struct val whole;
	jxid head, tail;
	size_t from;
	uint32_t lo, hi; /* place of that text */
	bool command, ok;
};

static void part_add(struct lower *L, struct parts *p, jxid x)
{
	*(p->tail ? &L->j->x[p->tail].next : &p->head) = x;
	p->tail = x;
}

static void flush(struct lower *L, struct parts *p)
{
	size_t n = L->text.len - p->from;

	if (!n)
		return;
	part_add(L, p, jx_new(L->j, JX_STR, name_of(L->names, L->text.p + p->from, n), 0, 0, (struct span){ p->lo, p->hi }));
	p->whole.weight += (uint32_t)(n / 16 + 1);
	L->text.len = p->from;
}

static void text_seen(struct parts *p, struct lower *L, struct span sp)
{
	if (L->text.len == p->from)
		p->lo = sp.lo;
	p->hi = sp.hi;
}

static bool needs_no_quotes(const char *s, size_t n)
{
	return n && strspn(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_@%+=:,./-") >= n;
}

/* A constant inserted into a command. */
static bool put_constant(struct lower *L, struct parts *p, const struct val *v, bool raw, struct span sp)
{
	size_t from = L->text.len;
	name nm;

	if (!const_text(L, v))
		return false;
	if (!p->command || raw || (v->type != JT_LIST && needs_no_quotes(buf_str(&L->text) + from, L->text.len - from)))
		return true;
	nm = name_of(L->names, buf_str(&L->text) + from, L->text.len - from);
	L->text.len = from;
	flush(L, p);
	if (v->type == JT_LIST)
		part_add(L, p, val_item(L, v));
	else
		part_add(L, p, jx_new(L->j, JX_STR, nm, 0, 0, sp));
	if (v->type != JT_LIST)
		L->j->x[p->tail].flags |= JXF_VALUE;
	return true;
}

static struct val unraw(struct lower *L, struct val v, bool *raw)
{
	*raw = L->j->x[v.a].op == JX_RAW && v.konst;
	if (*raw) {
		v.a = L->j->x[v.a].a;
		v.type = L->j->x[v.a].op == JX_LIST ? JT_LIST : v.type;
	}
	return v;
}

static void interp_add(struct lower *L, nid n, struct parts *p)
{
	struct val v = lower_scalar(L, ast_kid(L->a, n));
	bool raw;

	if (v.kind == V_BAD) {
		p->ok = false;
		return;
	}
	v = unraw(L, v, &raw);
	text_seen(p, L, span_of(L, n));
	if (v.konst) {
		if (!put_constant(L, p, &v, raw, span_of(L, ast_kid(L->a, n))))
			p->ok = diag_error(L->d, E0415, span_of(L, n), "the text of this string grows too large");
		if (L->text.len - p->from > 16 * VAL_WEIGHT)
			p->ok = diag_error(L->d, E0415, span_of(L, n), "the text of this string grows too large");
		return;
	}
	flush(L, p);
	part_add(L, p, val_item(L, &v));
	p->ok &= val_take(L, n, &p->whole, &v);
}

static void parts_lower(struct lower *L, nid n, bool script, struct parts *p)
{
	nid kid;

	for (kid = ast_kid(L->a, n); kid; kid = ast_next(L->a, kid)) {
		if (at(L, kid)->kind == N_INTERP)
			interp_add(L, kid, p);
		else if (at(L, kid)->kind == N_TEXT) {
			text_seen(p, L, span_of(L, kid));
			p->ok &= ast_decode(L->a, kid, script, &L->text);
		}
	}
}

static struct val parts_done(struct lower *L, nid n, struct parts *p)
{
	if (!p->head) { /* all constant */
		struct val v = val_str(L, name_of(L->names, buf_str(&L->text) + p->from, L->text.len - p->from), JT_STRING,
			span_of(L, n));

		L->text.len = p->from;
		return p->ok ? v : val_bad();
	}
	flush(L, p);
	L->text.len = p->from;
	p->whole.a = jx_new(L->j, JX_CAT, p->head, 0, 0, span_of(L, n));
	if (p->whole.konst) /* a command with constants to be quoted: no plain text */
		p->whole.konst = false;
	return p->ok && p->whole.weight <= VAL_WEIGHT ? p->whole : val_bad();
}

struct val template_lower(struct lower *L, nid n, bool script, bool command)
{
	struct parts p = { .from = L->text.len, .command = command, .ok = true };

	p.whole = (struct val){ .kind = V_X, .type = JT_STRING, .elem = JT_UNKNOWN, .konst = true, .depth = 1 };
	parts_lower(L, n, script, &p);
	return parts_done(L, n, &p);
}

struct val lower_string(struct lower *L, nid n)
{
	name nm;

	if (ast_plain(L->a, n, &nm))
		return val_str(L, nm, JT_STRING, span_of(L, n));
	return template_lower(L, n, false, false);
}
