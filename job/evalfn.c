/* evalfn.c - the pure functions.  Those that read files (tsv, glob...) are the lowering's: they never get here. */
#include "job/eval.h"

#include <string.h>

struct args {
	struct jctx *c;
	struct jvalue *v;
	uint32_t n;
};
typedef bool function(struct args *a, struct jvalue *out);

static const char *const names_of[] = {
#define FN(name, min, max) [FN_##name] = #name,
#include "job/functions.def"
#undef FN
};
static const uint8_t least[] = {
#define FN(name, min, max) [FN_##name] = min,
#include "job/functions.def"
#undef FN
};

enum jfn fn_find(const char *nm)
{
	for (unsigned i = 0; i < FN_COUNT; i++)
		if (!strcmp(names_of[i], nm))
			return (enum jfn)i;
	return FN_COUNT;
}

const char *fn_name(enum jfn fn)
{
	return (unsigned)fn < FN_COUNT ? names_of[fn] : "?";
}

/* ---- paths ---- */

static bool need_text(struct args *a, uint32_t i, const char *fn)
{
	return value_is_text(&a->v[i]) || FAIL(a->c, "`%s` takes a path, not %s", fn, value_type(&a->v[i]));
}

/* The last component; slashes at the end do not count. */
static struct jvalue last_part(const struct jvalue *v)
{
	size_t hi = v->s.n, lo;

	while (hi > 1 && v->s.p[hi - 1] == '/')
		hi--;
	for (lo = hi; lo && v->s.p[lo - 1] != '/'; lo--)
		;
	return value_str(v->s.p + lo, hi - lo, JT_STRING);
}

/* Where the extension of a component starts: its last dot that is not its first byte. */
static size_t ext_at(const struct jvalue *v)
{
	for (size_t i = v->s.n; i > 1; i--)
		if (v->s.p[i - 1] == '.')
			return i - 1;
	return v->s.n;
}

static bool fn_basename(struct args *a, struct jvalue *out)
{
	const struct jvalue *suffix = &a->v[1];

	if (!need_text(a, 0, "basename") || (a->n > 1 && !need_text(a, 1, "basename")))
		return false;
	*out = last_part(&a->v[0]);
	if (a->n > 1 && suffix->s.n < out->s.n && !memcmp(out->s.p + out->s.n - suffix->s.n, suffix->s.p, suffix->s.n))
		out->s.n -= suffix->s.n;
	return true;
}

static bool fn_stem(struct args *a, struct jvalue *out)
{
	if (!need_text(a, 0, "stem"))
		return false;
	*out = last_part(&a->v[0]);
	out->s.n = ext_at(out);
	return true;
}

static bool fn_ext(struct args *a, struct jvalue *out)
{
	size_t i;

	if (!need_text(a, 0, "ext"))
		return false;
	*out = last_part(&a->v[0]);
	i = ext_at(out);
	*out = value_str(out->s.p + i, out->s.n - i, JT_STRING);
	return true;
}

static bool fn_dirname(struct args *a, struct jvalue *out)
{
	struct jvalue last;
	size_t n;

	if (!need_text(a, 0, "dirname"))
		return false;
	last = last_part(&a->v[0]);
	n = (size_t)(last.s.p - a->v[0].s.p);
	while (n > 1 && a->v[0].s.p[n - 1] == '/' && a->v[0].s.p[n - 2] != '/')
		n--;
	*out = n ? value_str(a->v[0].s.p, n, JT_STRING) : value_str(".", 1, JT_STRING);
	return true;
}

/* file(x), dir(x): the same text, said to be one; items of a list likewise. */
static bool retyped(struct args *a, uint8_t type, struct jvalue *out)
{
	struct jvalue *v;

	if (a->v[0].type != JT_LIST) {
		if (!need_text(a, 0, type == JT_DIR ? "dir" : "file"))
			return false;
		*out = value_str(a->v[0].s.p, a->v[0].s.n, type);
		return true;
	}
	v = arena_zalloc(a->c->arena, a->v[0].list.n, sizeof *v);
	for (uint32_t i = 0; i < a->v[0].list.n; i++) {
		v[i] = a->v[0].list.v[i];
		if (!value_is_text(&v[i]))
			return FAIL(a->c, "a path is due, not %s", value_type(&v[i]));
		v[i].type = type;
	}
	*out = (struct jvalue){ .type = JT_LIST, .list = { v, a->v[0].list.n } };
	return true;
}

static bool fn_file(struct args *a, struct jvalue *out)
{
	return retyped(a, JT_FILE, out);
}

static bool fn_dir(struct args *a, struct jvalue *out)
{
	return retyped(a, JT_DIR, out);
}

/* ---- lists ---- */

static bool fn_join(struct args *a, struct jvalue *out)
{
	const struct jvalue *l = &a->v[0], *sep = &a->v[1];
	struct buf b;
	bool ok = true;

	if (l->type != JT_LIST || !value_is_text(sep))
		return FAIL(a->c, "`join` takes a list and a string, not %s and %s", value_type(l), value_type(sep));
	buf_init(&b, EVAL_TEXT);
	for (uint32_t i = 0; ok && i < l->list.n; i++)
		ok = (!i || buf_add(&b, sep->s.p, sep->s.n)) && jvalue_text(&l->list.v[i], &b);
	if (ok)
		*out = value_str(arena_strndup(a->c->arena, buf_str(&b), b.len), b.len, JT_STRING);
	buf_free(&b);
	return ok || FAIL(a->c, "a text is longer than %d bytes", EVAL_TEXT);
}

/* Characters of a text, items of a list. */
static bool fn_len(struct args *a, struct jvalue *out)
{
	const struct jvalue *v = &a->v[0];
	int64_t n = 0;

	if (v->type == JT_LIST)
		n = v->list.n;
	else if (value_is_text(v))
		for (size_t i = 0; i < v->s.n; i++)
			n += ((unsigned char)v->s.p[i] & 0xC0) != 0x80;
	else
		return FAIL(a->c, "`len` takes a list or a string, not %s", value_type(v));
	*out = value_int(n, JT_INT);
	return true;
}

/* The least (sign -1) or greatest of the arguments or of one list. */
static bool extreme(struct args *a, int sign, const char *fn, struct jvalue *out)
{
	const struct jvalue *v = a->v;
	uint32_t n = a->n;
	bool mixed = false;
	int d;

	if (n == 1 && v[0].type == JT_LIST) {
		n = v[0].list.n;
		v = v[0].list.v;
	}
	if (!n)
		return FAIL(a->c, "`%s` of an empty list", fn);
	*out = v[0];
	for (uint32_t i = 1; i < n; i++) {
		if (!value_order(&v[i], out, &d) || out->type == JT_BOOL)
			return FAIL(a->c, "`%s` cannot compare %s with %s", fn, value_type(&v[i]), value_type(out));
		mixed |= v[i].type != v[0].type && (v[i].type == JT_FLOAT || v[0].type == JT_FLOAT);
		if (d * sign > 0)
			*out = v[i];
	}
	if (mixed && out->type == JT_INT)
		*out = (struct jvalue){ .type = JT_FLOAT, .d = (double)out->i };
	return true;
}

static bool fn_min(struct args *a, struct jvalue *out)
{
	return extreme(a, -1, "min", out);
}

static bool fn_max(struct args *a, struct jvalue *out)
{
	return extreme(a, 1, "max", out);
}

/* range(n): 0 to n - 1; range(a, b): a to b - 1. */
static bool fn_range(struct args *a, struct jvalue *out)
{
	int64_t lo = a->n > 1 ? a->v[0].i : 0, hi = a->v[a->n - 1].i, n;

	if (a->v[0].type != JT_INT || a->v[a->n - 1].type != JT_INT)
		return FAIL(a->c, "`range` takes ints");
	if (__builtin_sub_overflow(hi, lo, &n) || n > EVAL_ITEMS)
		return FAIL(a->c, "a range has more than %d items", EVAL_ITEMS);
	n = n < 0 ? 0 : n;
	*out = (struct jvalue){ .type = JT_LIST };
	out->list.v = arena_zalloc(a->c->arena, (size_t)n, sizeof *out->list.v);
	for (; out->list.n < n; out->list.n++)
		out->list.v[out->list.n] = value_int(lo + out->list.n, JT_INT);
	return true;
}

static bool fn_raw(struct args *a, struct jvalue *out)
{
	*out = a->v[0];
	out->raw = true;
	return true;
}

static function *const functions[FN_COUNT] = {
	[FN_basename] = fn_basename, [FN_stem] = fn_stem, [FN_ext] = fn_ext, [FN_dirname] = fn_dirname,
	[FN_join] = fn_join, [FN_len] = fn_len, [FN_min] = fn_min, [FN_max] = fn_max, [FN_range] = fn_range,
	[FN_file] = fn_file, [FN_dir] = fn_dir, [FN_raw] = fn_raw,
};

bool eval_call(struct jctx *c, const struct jx *x, struct jvalue *out)
{
	struct args a = { .c = c };
	uint32_t n = 0;

	if (x->fn >= FN_COUNT || !functions[x->fn])
		return FAIL(c, "`%s` reads files and is worked out while compiling", fn_name((enum jfn)x->fn));
	for (jxid i = x->a; i; i = c->job->x[i].next)
		n++;
	if (n < least[x->fn])
		return FAIL(c, "`%s` has too few arguments", fn_name((enum jfn)x->fn));
	a.v = arena_zalloc(c->arena, (size_t)n + 1, sizeof *a.v);
	for (jxid i = x->a; i; i = c->job->x[i].next)
		if (!eval(c, i, &a.v[a.n++]))
			return false;
	return functions[x->fn](&a, out);
}
