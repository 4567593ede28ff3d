/* recode.c - see recode.h. */
#include "runtime/recode.h"

#include <errno.h>
#include <iconv.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/source.h"
#include "job/charset.h"

enum { NAME_MAX_BYTES = 1 << 16 }; /* paths are shorter; a character takes at most four bytes */

struct recode {
	const struct charset *set;
	iconv_t to, from; /* seen from UTF-8 */
	struct buf name, again;
};

struct recode *recode_new(const struct charset *c)
{
	struct recode *r = xcalloc(1, sizeof(*r));

	r->set = c;
	buf_init(&r->name, NAME_MAX_BYTES);
	buf_init(&r->again, NAME_MAX_BYTES);
	r->to = iconv_open(c->iconv, "UTF-8");
	r->from = r->to == (iconv_t)-1 ? r->to : iconv_open("UTF-8", c->iconv);
	if (r->from != (iconv_t)-1)
		return r;
	recode_free(r);
	errno = EINVAL;
	return NULL;
}

void recode_free(struct recode *r)
{
	if (!r)
		return;
	if (r->to != (iconv_t)-1)
		iconv_close(r->to);
	if (r->from != (iconv_t)-1)
		iconv_close(r->from);
	buf_free(&r->name);
	buf_free(&r->again);
	free(r);
}

bool recode_is_ascii(const char *s)
{
	for (; *s; s++)
		if ((unsigned char)*s >= 0x80)
			return false;
	return true;
}

static bool convert(iconv_t how, const char *s, struct buf *to)
{
	char chunk[256], *in = (char *)(uintptr_t)s, *out; /* iconv only reads it */
	size_t left = strlen(s), room, n;
	bool ok = true;

	buf_reset(to);
	iconv(how, NULL, NULL, NULL, NULL);
	while (left && ok) {
		out = chunk;
		room = sizeof(chunk);
		n = iconv(how, &in, &left, &out, &room);
		ok = n == 0 || (n == (size_t)-1 && errno == E2BIG && out > chunk);
		ok = ok && buf_add(to, chunk, (size_t)(out - chunk));
	}
	return ok;
}

static bool comes_back(iconv_t how, const struct buf *made, const char *s, struct buf *again)
{
	return strlen(buf_str(made)) == made->len && convert(how, buf_str(made), again) && strcmp(buf_str(again), s) == 0;
}

static const char *recode(struct recode *r, iconv_t there, iconv_t back, const char *rel)
{
	if (recode_is_ascii(rel))
		return rel;
	return convert(there, rel, &r->name) && comes_back(back, &r->name, rel, &r->again) ? buf_str(&r->name) : NULL;
}

const char *recode_seen(struct recode *r, const char *rel)
{
	return r ? recode(r, r->to, r->from, rel) : rel;
}

const char *recode_stored(struct recode *r, const char *rel)
{
	return r ? recode(r, r->from, r->to, rel) : rel;
}

/* What is no UTF-8 that can be printed as \xNN. */
static const char *show(struct arena *a, const char *bytes)
{
	struct buf b;
	const char *s;

	buf_init(&b, 4 * NAME_MAX_BYTES);
	for (const unsigned char *p = (const unsigned char *)bytes; *p;) {
		size_t n = *p < 0x20 || *p == 0x7f ? 0 : utf8_len(p, strlen((const char *)p));

		if (n)
			buf_add(&b, p, n);
		else
			buf_addf(&b, "\\x%02x", *p);
		p += n ? n : 1;
	}
	s = arena_strdup(a, buf_str(&b));
	buf_free(&b);
	return s;
}

char *recode_lacks(const struct recode *r, struct arena *a, const char *rel, const char *src)
{
	return arena_printf(a, "file name `%s` in `%s` cannot be written in %s: rename it, or set another `locale`", show(a, rel),
		src, r->set->name);
}

char *recode_refused(const struct recode *r, struct arena *a, const char *rel, const char *to)
{
	return arena_printf(a, "cannot store `%s` in `%s`: it is no name in %s, which is the `locale`", show(a, rel), to, r->set->name);
}
