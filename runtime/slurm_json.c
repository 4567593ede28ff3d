/* slurm_json.c - see slurm_json.h. */
#include "runtime/slurm_json.h"

#include <string.h>

enum { OBJECT_MAX = 4 << 20, REST_MAX = 1 << 20, KEY_MAX = 256, DEPTH_MAX = 64 };

void jsplit_init(struct jsplit *s, const char *list, jsplit_fn *fn, void *ctx)
{
	memset(s, 0, sizeof(*s));
	s->list = list;
	s->fn = fn;
	s->ctx = ctx;
	buf_init(&s->key, KEY_MAX);
	buf_init(&s->object, OBJECT_MAX);
	buf_init(&s->rest, REST_MAX);
}

void jsplit_free(struct jsplit *s)
{
	buf_free(&s->key);
	buf_free(&s->object);
	buf_free(&s->rest);
}

static void opened(struct jsplit *s, char c)
{
	s->depth++;
	if (s->depth == 2 && c == '[' && !strcmp(buf_str(&s->key), s->list))
		s->inside = true;
	s->bad = s->bad || s->depth > DEPTH_MAX;
}

static void closed(struct jsplit *s)
{
	s->depth--;
	if (s->depth < 2)
		s->inside = false;
	s->bad = s->bad || s->depth < 0;
}

/* A character of the structure: what is outside of strings. */
static void structural(struct jsplit *s, char c)
{
	if (c == '"') {
		s->string = true;
		if (s->depth == 1)
			buf_reset(&s->key);
	} else if (c == '{' || c == '[') {
		opened(s, c);
	} else if (c == '}' || c == ']') {
		closed(s);
	}
}

static void in_string(struct jsplit *s, char c)
{
	if (s->escape)
		s->escape = false;
	else if (c == '\\')
		s->escape = true;
	else if (c == '"')
		s->string = false;
	if (s->string && s->depth == 1)
		buf_addc(&s->key, c); /* one that is too long is none of ours */
}

/* Where the bytes read last belong: an object of the list, the rest, or nowhere (between the objects). */
static bool keep(struct jsplit *s, struct buf *to, const char *from, const char *end)
{
	if (to && end > from && !buf_add(to, from, (size_t)(end - from)))
		s->bad = true;
	return !s->bad;
}

static struct buf *place_of(struct jsplit *s)
{
	return !s->inside ? &s->rest : s->depth >= 3 ? &s->object : NULL;
}

bool jsplit_add(struct jsplit *s, const char *p, size_t n)
{
	const char *from = p, *end = p + n;

	for (; p < end && !s->bad; p++) {
		struct buf *before, *after;

		if (s->string && !s->escape && s->depth > 1) /* nearly all of it is long strings */
			while (p + 1 < end && *p != '"' && *p != '\\')
				p++;
		before = place_of(s);

		if (s->string)
			in_string(s, *p);
		else
			structural(s, *p);
		after = place_of(s);
		if (before == after)
			continue;
		/* a bracket that closes belongs to what it ends, one that opens to what it begins */
		if (before == &s->object && keep(s, before, from, p + 1)) {
			s->fn(s->ctx, buf_str(&s->object), s->object.len);
			buf_reset(&s->object);
			from = p + 1;
		} else if (before == &s->rest && keep(s, before, from, p + 1)) {
			from = p + 1;
		} else {
			from = p;
		}
	}
	return keep(s, place_of(s), from, end);
}

const char *jsplit_rest(struct jsplit *s)
{
	return s->bad || s->depth || s->string || !s->rest.len ? NULL : buf_str(&s->rest);
}

/* ---- picking members ---- */

static const char *skip_blanks(const char *p, const char *end)
{
	while (p < end && (*p == ' ' || *p == '\t' || *p == '\n' || *p == '\r'))
		p++;
	return p;
}

/* P stands behind the quote that opens a string; where the one that closes it is, NULL if nowhere. */
static const char *string_end(const char *p, const char *end)
{
	for (const char *q = p; (q = memchr(q, '"', (size_t)(end - q))); q++) {
		const char *b = q;

		while (b > p && b[-1] == '\\')
			b--;
		if ((q - b) % 2 == 0)
			return q;
	}
	return NULL;
}

/* Behind the value that begins at P; NULL if it does not end. */
static const char *value_end(const char *p, const char *end)
{
	int depth = 0;

	for (; p && p < end; p++) {
		if (*p == '"') {
			p = string_end(p + 1, end);
			if (!p || !depth)
				return p ? p + 1 : NULL;
		} else if (*p == '{' || *p == '[') {
			depth++;
		} else if ((*p == '}' || *p == ']') && depth) {
			if (--depth == 0)
				return p + 1;
		} else if (!depth && (*p == ',' || *p == '}')) {
			return p;
		}
	}
	return NULL;
}

static bool wanted(const char *key, size_t n, const char *const *keys)
{
	for (; *keys; keys++)
		if (strlen(*keys) == n && !memcmp(*keys, key, n))
			return true;
	return false;
}

bool json_pick(const char *text, size_t n, const char *const *keys, struct buf *out)
{
	const char *end = text + n, *p = skip_blanks(text, end), *key, *stop, *to;
	bool any = false;

	if (p == end || *p != '{')
		return false;
	buf_addc(out, '{');
	for (p = skip_blanks(p + 1, end); p < end && *p != '}'; p = skip_blanks(p, end)) {
		key = p + 1;
		stop = *p == '"' ? string_end(key, end) : NULL;
		p = stop ? skip_blanks(stop + 1, end) : end;
		to = p < end && *p == ':' ? value_end(p + 1, end) : NULL;
		if (!to)
			return false;
		if (wanted(key, (size_t)(stop - key), keys)) {
			buf_adds(out, any ? "," : "");
			buf_add(out, key - 1, (size_t)(to - key) + 1);
			any = true;
		}
		p = skip_blanks(to, end);
		if (p < end && *p == ',')
			p++;
	}
	return p < end && buf_addc(out, '}');
}
