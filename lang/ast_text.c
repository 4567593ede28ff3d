/* ast_text.c - the texts and values of literals. */
#include "lang/ast.h"
#include "lang/text.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

const char *ast_text(const struct ast *a, nid n, size_t *len)
{
	const struct node *nd = &a->v[n];

	if (nd->flags & NF_SYNTH) {
		*len = name_len(a->names, nd->name);
		return name_str(a->names, nd->name);
	}
	*len = nd->span.hi - nd->span.lo;
	return *len ? source_text(a->sources, nd->span) : "";
}

/* ---- sizes and durations ---- */

static const struct unit {
	char text[4];
	uint8_t kind;
	int64_t factor;
} units[] = { /* per kind: largest first */
	{ "PB", N_SIZE, 1LL << 50 }, { "TB", N_SIZE, 1LL << 40 }, { "GB", N_SIZE, 1 << 30 }, { "MB", N_SIZE, 1 << 20 },
	{ "KB", N_SIZE, 1 << 10 }, { "B", N_SIZE, 1 }, { "d", N_DURATION, 86400000 }, { "h", N_DURATION, 3600000 },
	{ "min", N_DURATION, 60000 }, { "s", N_DURATION, 1000 }, { "ms", N_DURATION, 1 },
};
enum { NUNIT = sizeof units / sizeof units[0] };

static const struct unit *unit_of(const char *s, size_t n)
{
	for (size_t i = 0; i < NUNIT; i++)
		if (strlen(units[i].text) == n && !memcmp(units[i].text, s, n))
			return &units[i];
	return NULL;
}

enum node_kind unit_kind(const char *s, size_t n)
{
	const struct unit *u = unit_of(s, n);

	return u ? (enum node_kind)u->kind : N_NONE;
}

/* Add v * factor to *sum. */
static bool add_units(int64_t *sum, int64_t v, int64_t factor)
{
	int64_t part;

	return !__builtin_mul_overflow(v, factor, &part) && !__builtin_add_overflow(*sum, part, sum);
}

/* The fraction's digits as a whole number of the smallest unit. */
static enum quantity_error read_fraction(const char *s, size_t n, int64_t factor, int64_t *sum)
{
	__int128 num = 0, den = 1;

	while (n && s[n - 1] == '0')
		n--;
	if (n > 18)
		return QUANTITY_FRACTION;
	for (size_t i = 0; i < n; i++) {
		num = num * 10 + (s[i] - '0');
		den *= 10;
	}
	if (num * factor % den)
		return QUANTITY_FRACTION;
	return add_units(sum, (int64_t)(num * factor / den), 1) ? QUANTITY_OK : QUANTITY_LARGE;
}

enum quantity_error quantity_read(const char *s, size_t n, enum node_kind k, int64_t *v)
{
	size_t i = 0, dot;
	int64_t whole = 0;
	const struct unit *u;

	for (; i < n && s[i] >= '0' && s[i] <= '9'; i++)
		if (__builtin_mul_overflow(whole, 10, &whole) || __builtin_add_overflow(whole, s[i] - '0', &whole))
			return QUANTITY_LARGE;
	dot = i;
	if (i < n && s[i] == '.')
		while (++i < n && s[i] >= '0' && s[i] <= '9')
			;
	u = unit_of(s + i, n - i);
	if (!u || u->kind != k || !dot)
		return QUANTITY_UNIT;
	*v = 0;
	if (!add_units(v, whole, u->factor))
		return QUANTITY_LARGE;
	return i > dot + 1 ? read_fraction(s + dot + 1, i - dot - 1, u->factor, v) : QUANTITY_OK;
}

bool quantity_print(int64_t v, enum node_kind k, struct buf *out)
{
	const struct unit *u = &units[NUNIT - 1];

	for (size_t i = 0; i < NUNIT; i++)
		if (units[i].kind == k && (v ? v % units[i].factor == 0 : units[i].factor == (k == N_SIZE ? 1 : 1000))) {
			u = &units[i];
			break;
		}
	return buf_addf(out, "%lld%s", (long long)(v / u->factor), u->text);
}

/* ---- values ---- */

static bool large(const struct ast *a, nid n, struct diags *d)
{
	size_t len;
	const char *s = ast_text(a, n, &len);

	return diag_error(d, E0015, a->v[n].span, "number %.*s is too large", (int)(len > 40 ? 40 : len), s);
}

bool ast_int(const struct ast *a, nid n, int64_t *v, struct diags *d)
{
	size_t len;
	const char *s = ast_text(a, n, &len);
	bool neg = len && *s == '-';

	*v = 0;
	for (size_t i = neg; i < len; i++)
		if (__builtin_mul_overflow(*v, 10, v) || __builtin_add_overflow(*v, neg ? '0' - s[i] : s[i] - '0', v))
			return large(a, n, d);
	return true;
}

bool ast_float(const struct ast *a, nid n, double *v, struct diags *d)
{
	char num[320];
	size_t len;
	const char *s = ast_text(a, n, &len);

	if (len >= sizeof num)
		return large(a, n, d);
	memcpy(num, s, len);
	num[len] = 0;
	*v = strtod(num, NULL);
	return isfinite(*v) || large(a, n, d);
}

bool ast_quantity(const struct ast *a, nid n, int64_t *v, struct diags *d)
{
	size_t len;
	const char *s = ast_text(a, n, &len);

	switch (quantity_read(s, len, (enum node_kind)a->v[n].kind, v)) {
	case QUANTITY_OK: return true;
	case QUANTITY_LARGE: return large(a, n, d);
	case QUANTITY_UNIT: return diag_error(d, E0016, a->v[n].span, "no unit in `%.*s`", (int)len, s);
	case QUANTITY_FRACTION: break;
	}
	return diag_error(d, E0021, a->v[n].span, "%.*s is not a whole number of %s", (int)len, s,
			  a->v[n].kind == N_SIZE ? _("bytes") : _("milliseconds"));
}

/* ---- texts ---- */

static bool add_utf8(struct buf *b, uint32_t c)
{
	char s[4];
	size_t n = c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;

	for (size_t i = n; i-- > 1; c >>= 6)
		s[i] = (char)(0x80 | (c & 0x3f));
	s[0] = (char)(n == 1 ? c : (0xf00 >> n & 0xff) | c);
	return buf_add(b, s, n);
}

/* The escape at s (behind the backslash); how many bytes it has. */
static size_t unescape(const char *s, size_t n, struct buf *b)
{
	static const char from[] = "ntr", to[] = "\n\t\r";
	const char *at = n && *s ? strchr(from, *s) : NULL;
	uint32_t c = 0;
	size_t i = 2;

	if (at) {
		buf_addc(b, to[at - from]);
		return 1;
	}
	if (n < 3 || *s != 'u' || s[1] != '{') {
		buf_add(b, s, n ? 1 : 0);
		return n ? 1 : 0;
	}
	for (; i < n && s[i] != '}'; i++)
		c = c * 16 + (uint32_t)(s[i] <= '9' ? s[i] - '0' : (s[i] | 32) - 'a' + 10);
	add_utf8(b, c > 0x10ffff ? 0xfffd : c);
	return i + 1;
}

bool text_decode(const char *s, size_t n, bool script, struct buf *b)
{
	size_t i = 0;

	while (i < n) {
		size_t run = i;

		while (run < n && s[run] != '~' && (script || s[run] != '\\'))
			run++;
		buf_add(b, s + i, run - i);
		i = run;
		if (i == n)
			break;
		if (s[i] == '\\') {
			i += 1 + unescape(s + i + 1, n - i - 1, b);
		} else {
			i += n - i > 2 && s[i + 1] == '~' && s[i + 2] == '{';
			buf_addc(b, '~');
			i++;
		}
	}
	return !b->over;
}

bool ast_decode(const struct ast *a, nid n, bool script, struct buf *b)
{
	size_t len;
	const char *s = ast_text(a, n, &len);

	return a->v[n].flags & NF_SYNTH ? buf_add(b, s, len) : text_decode(s, len, script, b);
}

bool ast_plain(const struct ast *a, nid n, name *out)
{
	struct buf b;
	bool ok = a->v[n].kind == N_STRING;

	*out = 0;
	buf_init(&b, 1 << 30);
	for (nid k = a->v[n].kid; ok && k; k = a->v[k].next)
		ok = a->v[k].kind == N_TEXT && ast_decode(a, k, false, &b);
	if (ok)
		*out = name_of(a->names, buf_str(&b), b.len);
	buf_free(&b);
	return ok;
}
