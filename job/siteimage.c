/* siteimage.c - what site files say as bytes and back, for images: numbers and texts one behind the other.
 *
 * What is read is not trusted: every length, kind and key is checked, and texts are copied. */
#include "job/site.h"

#include <stdlib.h>
#include <string.h>

struct in {
	const char *p, *end;
	struct arena *arena;
	bool ok;
};

/* ---- numbers and texts ---- */

static void put_int(struct buf *b, uint64_t v)
{
	buf_add(b, &v, sizeof(v));
}

static void put_span(struct buf *b, struct span sp)
{
	buf_add(b, &sp, sizeof(sp));
}

static void put_text(struct buf *b, const char *s)
{
	put_int(b, strlen(s));
	buf_adds(b, s);
}

static const char *get(struct in *in, uint64_t n)
{
	const char *p = in->p;

	if (n > (uint64_t)(in->end - in->p)) {
		in->ok = false;
		return NULL;
	}
	in->p += n;
	return p;
}

static uint64_t get_int(struct in *in)
{
	const char *p = get(in, sizeof(uint64_t));
	uint64_t v = 0;

	if (p)
		memcpy(&v, p, sizeof(v));
	return v;
}

static struct span get_span(struct in *in)
{
	const char *p = get(in, sizeof(struct span));
	struct span sp = NOSPAN;

	if (p)
		memcpy(&sp, p, sizeof(sp));
	return sp;
}

static const char *get_text(struct in *in)
{
	uint64_t n = get_int(in);
	const char *p = get(in, n);

	return p ? arena_strndup(in->arena, p, n) : "";
}

/* ---- values ---- */

static void put_value(struct buf *b, const struct site_value *v)
{
	put_int(b, v->key);
	put_int(b, v->n);
	put_span(b, v->span);
	put_span(b, v->name_span);
	if (site_keys[v->key].type == T_STR)
		put_text(b, v->s);
	else if (site_keys[v->key].type == T_LIST)
		for (uint32_t i = 0; i < v->n; i++)
			put_text(b, v->list[i]);
	else
		put_int(b, (uint64_t)v->i); /* a double's bits too */
}

static void get_list(struct in *in, struct site_value *v, uint64_t n)
{
	const char **list = arena_zalloc(in->arena, n, sizeof(*list));

	for (uint64_t i = 0; i < n; i++)
		list[i] = get_text(in);
	v->list = list;
}

static void get_value(struct in *in, struct site_block *b)
{
	uint64_t key = get_int(in), n = get_int(in);
	struct site_value *v;

	in->ok = in->ok && key < SITE_KEYS && n <= UINT16_MAX && site_keys[key].kind == b->kind &&
		 !site_value(b, (enum site_key)key);
	if (!in->ok)
		return;
	v = site_value_add(b, (enum site_key)key);
	v->n = (uint16_t)n;
	v->span = get_span(in);
	v->name_span = get_span(in);
	if (site_keys[key].type == T_STR)
		v->s = get_text(in);
	else if (site_keys[key].type == T_LIST)
		get_list(in, v, n);
	else
		v->i = (int64_t)get_int(in);
}

/* ---- blocks ---- */

bool site_write(const struct site *s, struct buf *out)
{
	put_int(out, s ? s->npath : 0);
	for (uint32_t i = 0; s && i < s->npath; i++)
		put_text(out, s->path[i]);
	put_int(out, s ? s->n : 0);
	for (uint32_t i = 0; s && i < s->n; i++) {
		const struct site_block *b = &s->b[i];

		put_int(out, b->kind);
		put_text(out, b->name);
		put_span(out, b->span);
		put_span(out, b->name_span);
		put_int(out, b->n);
		for (uint32_t k = 0; k < b->n; k++)
			put_value(out, &b->v[k]);
	}
	return !out->over;
}

static void get_block(struct in *in, struct site *s)
{
	uint64_t kind = get_int(in), n;
	const char *nm = get_text(in);
	struct site_block *b;

	in->ok = in->ok && kind < SITE_KINDS;
	if (!in->ok)
		return;
	b = site_block_add(s, (enum site_kind)kind, nm);
	b->span = get_span(in);
	b->name_span = get_span(in);
	n = get_int(in);
	for (uint64_t i = 0; in->ok && i < n; i++)
		get_value(in, b);
}

struct site *site_read(const void *p, size_t n)
{
	struct site *s = site_new();
	struct in in = { p, (const char *)p + n, s->arena, true };
	uint64_t count = get_int(&in);

	in.ok = in.ok && count <= sizeof(s->path) / sizeof(s->path[0]);
	for (; in.ok && s->npath < count; s->npath++)
		s->path[s->npath] = get_text(&in);
	count = get_int(&in);
	for (uint64_t i = 0; in.ok && i < count; i++)
		get_block(&in, s);
	if (in.ok && in.end - in.p < 8)
		return site_sort(s), s;
	site_free(s);
	return NULL;
}
