/* site.c - the table of site.def, and look-ups in a site by kind and name (binary search) and by key. */
#include "job/site.h"

#include <stdlib.h>
#include <string.h>

enum { PATH = 1 };

const struct site_kind_info site_kinds[SITE_KINDS] = {
#define BLOCK(id, word, label, what) [SITE_##id] = { word, what, label },
#define KEY(block, key, type, flags, what)
#include "job/site.def"
#undef BLOCK
#undef KEY
};
const struct site_key_info site_keys[SITE_KEYS] = {
#define BLOCK(id, word, label, what)
#define KEY(block, key, type, flags, what) [SK_##block##_##key] = { #key, what, SITE_##block, T_##type, (flags) == PATH },
#include "job/site.def"
#undef BLOCK
#undef KEY
};

struct site *site_new(void)
{
	struct site *s = xcalloc(1, sizeof *s);

	s->arena = arena_new();
	return s;
}

void site_free(struct site *s)
{
	uint32_t i;

	if (!s)
		return;
	for (i = 0; i < s->n; i++)
		free(s->b[i].v);
	free(s->b);
	arena_free(s->arena);
	free(s);
}

static int block_order(const void *a, const void *b)
{
	const struct site_block *x = a, *y = b;

	return x->kind != y->kind ? (x->kind < y->kind ? -1 : 1) : strcmp(x->name, y->name);
}

void site_sort(struct site *s)
{
	if (s->n)
		qsort(s->b, s->n, sizeof *s->b, block_order);
}

const struct site_block *site_find(const struct site *s, enum site_kind k, const char *name)
{
	struct site_block key = { .kind = (uint8_t)k, .name = name };

	return s && s->n ? bsearch(&key, s->b, s->n, sizeof *s->b, block_order) : NULL;
}

/* The number of blocks before those of this kind. */
static uint32_t before(const struct site *s, uint32_t k)
{
	uint32_t lo = 0, hi = s->n;

	while (lo < hi) {
		uint32_t mid = lo + (hi - lo) / 2;

		if (s->b[mid].kind < k)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

const struct site_block *site_all(const struct site *s, enum site_kind k, uint32_t *n)
{
	uint32_t lo;

	*n = 0;
	if (!s)
		return NULL;
	lo = before(s, k);
	*n = before(s, (uint32_t)k + 1) - lo;
	return s->b + lo;
}

const struct site_value *site_value(const struct site_block *b, enum site_key k)
{
	uint32_t i;

	for (i = 0; b && i < b->n; i++) /* at most a dozen: each key once */
		if (b->v[i].key == k)
			return &b->v[i];
	return NULL;
}

int64_t site_int(const struct site_block *b, enum site_key k, int64_t otherwise)
{
	const struct site_value *v = site_value(b, k);

	return v ? v->i : otherwise;
}

double site_num(const struct site_block *b, enum site_key k, double otherwise)
{
	const struct site_value *v = site_value(b, k);

	return v ? v->d : otherwise;
}

const char *site_str(const struct site_block *b, enum site_key k, const char *otherwise)
{
	const struct site_value *v = site_value(b, k);

	return v ? v->s : otherwise;
}

enum site_kind site_kind_find(const char *word)
{
	uint32_t k;

	for (k = 0; k < SITE_KINDS && strcmp(site_kinds[k].word, word); k++)
		;
	return (enum site_kind)k;
}

enum site_key site_key_find(enum site_kind kind, const char *word)
{
	uint32_t k;

	for (k = 0; k < SITE_KEYS && (site_keys[k].kind != kind || strcmp(site_keys[k].word, word)); k++)
		;
	return (enum site_key)k;
}

struct site_block *site_block_add(struct site *s, enum site_kind k, const char *name)
{
	s->b = grow(s->b, &s->cap, s->n + 1, sizeof *s->b);
	s->b[s->n] = (struct site_block){ .kind = (uint8_t)k, .name = arena_strdup(s->arena, name) };
	return &s->b[s->n++];
}

struct site_value *site_value_add(struct site_block *b, enum site_key k)
{
	b->v = grow(b->v, &b->cap, b->n + 1, sizeof *b->v);
	b->v[b->n] = (struct site_value){ .key = (uint16_t)k };
	return &b->v[b->n++];
}
