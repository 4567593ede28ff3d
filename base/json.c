/* json.c - streaming JSON writer; text that is not UTF-8 is mended, never refused. */
#include "base/json.h"
#include "base/source.h"

#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void jw_init(struct jw *w, struct buf *b, int indent)
{
	memset(w, 0, sizeof(*w));
	w->b = b;
	w->indent = indent;
}

static void newline(struct jw *w)
{
	if (!w->indent)
		return;
	buf_addc(w->b, '\n');
	for (int i = 0; i < w->depth * w->indent; i++)
		buf_addc(w->b, ' ');
}

/* What stands before a value or a key: comma, line break. */
static void before(struct jw *w)
{
	if (w->key) {
		w->key = false;
		return;
	}
	if (!w->depth)
		return;
	if (!w->first[w->depth])
		buf_addc(w->b, ',');
	w->first[w->depth] = false;
	newline(w);
}

void jw_open(struct jw *w, char c)
{
	before(w);
	assert(w->depth < 63);
	w->depth++;
	w->stack[w->depth] = c;
	w->first[w->depth] = true;
	buf_addc(w->b, c);
}

void jw_close(struct jw *w)
{
	char c;
	bool empty;

	assert(w->depth > 0 && !w->key);
	c = w->stack[w->depth];
	empty = w->first[w->depth];
	w->depth--;
	if (!empty)
		newline(w);
	buf_addc(w->b, c == '{' ? '}' : ']');
}

static void escape(struct buf *b, unsigned char c)
{
	static const char short_form[] = "\"\"\\\\\bb\ff\nn\rr\tt";

	for (const char *p = short_form; *p; p += 2)
		if (c == (unsigned char)*p) {
			buf_addc(b, '\\');
			buf_addc(b, p[1]);
			return;
		}
	buf_addf(b, "\\u%04x", (unsigned)c);
}

static void quoted(struct buf *b, const char *s, size_t n)
{
	const unsigned char *p = (const unsigned char *)s;
	size_t from = 0, i = 0;

	buf_addc(b, '"');
	while (i < n) {
		size_t k;

		if (p[i] >= 0x20 && p[i] < 0x7f && p[i] != '"' && p[i] != '\\') {
			i++;
			continue;
		}
		k = p[i] < 0x80 ? 0 : utf8_len(p + i, n - i);
		if (k) {
			i += k;
			continue;
		}
		buf_add(b, s + from, i - from);
		if (p[i] < 0x80)
			escape(b, p[i]);
		else
			buf_adds(b, "\xef\xbf\xbd");
		from = ++i;
	}
	buf_add(b, s + from, n - from);
	buf_addc(b, '"');
}

void jw_keyn(struct jw *w, const char *k, size_t n)
{
	assert(w->depth && w->stack[w->depth] == '{' && !w->key);
	before(w);
	quoted(w->b, k, n);
	buf_adds(w->b, w->indent ? ": " : ":");
	w->key = true;
}

void jw_key(struct jw *w, const char *k)
{
	jw_keyn(w, k, strlen(k));
}

void jw_strn(struct jw *w, const char *s, size_t n)
{
	before(w);
	quoted(w->b, n ? s : "", n);
}

void jw_str(struct jw *w, const char *s)
{
	jw_strn(w, s, strlen(s));
}

void jw_int(struct jw *w, int64_t v)
{
	before(w);
	buf_addf(w->b, "%lld", (long long)v);
}

void jw_num(struct jw *w, double v)
{
	char t[40];

	before(w);
	if (!isfinite(v))
		v = 0;
	for (int digits = 15; digits <= 17; digits++) {
		snprintf(t, sizeof(t), "%.*g", digits, v);
		if (strtod(t, NULL) == v)
			break;
	}
	for (char *p = t; *p; p++)
		if (*p == ',') /* a locale's decimal comma */
			*p = '.';
	buf_adds(w->b, t);
}

void jw_bool(struct jw *w, bool v)
{
	before(w);
	buf_adds(w->b, v ? "true" : "false");
}

void jw_null(struct jw *w)
{
	before(w);
	buf_adds(w->b, "null");
}

void jw_kstr(struct jw *w, const char *k, const char *s)
{
	jw_key(w, k);
	jw_str(w, s);
}

void jw_kint(struct jw *w, const char *k, int64_t v)
{
	jw_key(w, k);
	jw_int(w, v);
}

void jw_kbool(struct jw *w, const char *k, bool v)
{
	jw_key(w, k);
	jw_bool(w, v);
}
