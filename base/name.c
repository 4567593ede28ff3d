/* name.c - open addressing over ids; texts lie one after the other in big blocks.
 *
 * A name costs its text, a length prefix and a NUL, one pointer, and 8 bytes of hash
 * slot (id and hash bits, so that a probe rarely touches the text) at 3/4 load at most. */
#include "base/name.h"

#include "base/arena.h"
#include "base/buf.h"
#include "base/intl.h"

#include <stdlib.h>
#include <string.h>

enum { BLOCK = 256 * 1024 };

struct slot {
	uint32_t id, hash;
};
struct block {
	struct block *prev;
	size_t used, size;
	char data[];
};
struct names {
	struct slot *slot;     /* NULL: to be made from the frozen names */
	uint32_t mask, n, cap; /* n: ids given, 0 included */
	const char **text;     /* by id - frozen; the uint32_t length stands before the text, unaligned */
	struct block *top;
	uint32_t frozen;       /* ids below are off and chars */
	const uint32_t *off;
	const char *chars;
};

static uint64_t mix(uint64_t x)
{
	x ^= x >> 32;
	x *= 0xd6e8feb86659fd93u;
	return x ^ (x >> 32);
}

static uint32_t hash(const char *s, size_t n)
{
	uint64_t h = 0x9e3779b97f4a7c15u ^ n, w;

	for (; n >= 8; s += 8, n -= 8) {
		memcpy(&w, s, 8);
		h = mix(h ^ w) * 0x9fb21c651e98df25u;
	}
	w = 0;
	if (n)
		memcpy(&w, s, n);
	h = mix(h ^ w);
	return (uint32_t)(mix(h) >> 16);
}

struct names *names_new(void)
{
	struct names *t = xcalloc(1, sizeof(*t));

	t->mask = 1023;
	t->slot = xcalloc(t->mask + 1, sizeof(*t->slot));
	t->text = grow(NULL, &t->cap, 1, sizeof(*t->text));
	t->text[0] = "";
	t->n = 1;
	return t;
}

struct names *names_frozen(const uint32_t *off, const char *text, uint32_t n)
{
	struct names *t = xcalloc(1, sizeof(*t));

	*t = (struct names){ .n = n, .frozen = n, .off = off, .chars = text };
	return t;
}

void names_free(struct names *t)
{
	if (!t)
		return;
	while (t->top) {
		struct block *b = t->top;

		t->top = b->prev;
		free(b);
	}
	free(t->text);
	free(t->slot);
	free(t);
}

size_t name_len(const struct names *t, name id)
{
	uint32_t n;

	if (!id || id >= t->n)
		return 0;
	if (id < t->frozen)
		return t->off[id + 1] - t->off[id] - 1;
	memcpy(&n, t->text[id - t->frozen] - sizeof(n), sizeof(n));
	return n;
}

const char *name_str(const struct names *t, name id)
{
	if (id < t->frozen)
		return t->chars + t->off[id];
	return id < t->n ? t->text[id - t->frozen] : "";
}

uint32_t names_count(const struct names *t)
{
	return t->n;
}

/* The slot of these bytes, or the free one where they belong. */
static struct slot *probe(const struct names *t, const char *s, size_t n, uint32_t h)
{
	for (uint32_t i = h & t->mask;; i = (i + 1) & t->mask) {
		struct slot *sl = &t->slot[i];

		if (!sl->id)
			return sl;
		if (sl->hash == h && name_len(t, sl->id) == n && !memcmp(name_str(t, sl->id), s, n))
			return sl;
	}
}

static void rehash(struct names *t)
{
	struct slot *old = t->slot;
	uint32_t m = t->mask;

	t->mask = m * 2 + 1;
	t->slot = xcalloc((size_t)t->mask + 1, sizeof(*t->slot));
	for (uint32_t i = 0; i <= m; i++) {
		uint32_t k = old[i].hash & t->mask;

		if (!old[i].id)
			continue;
		while (t->slot[k].id)
			k = (k + 1) & t->mask;
		t->slot[k] = old[i];
	}
	free(old);
}

/* The slots of a table that began with frozen names. */
static void thaw(const struct names *t)
{
	struct names *own = (struct names *)(uintptr_t)t; /* a cache: no name changes */

	own->mask = 1023;
	while (t->n > t->mask / 4 * 3)
		own->mask = t->mask * 2 + 1;
	own->slot = xcalloc((size_t)t->mask + 1, sizeof(*t->slot));
	for (uint32_t id = 1; id < t->n; id++) {
		uint32_t h = hash(name_str(t, id), name_len(t, id)), k = h & t->mask;

		while (t->slot[k].id)
			k = (k + 1) & t->mask;
		t->slot[k] = (struct slot){ id, h };
	}
}

static const char *keep(struct names *t, const char *s, size_t n)
{
	size_t need = sizeof(uint32_t) + n + 1;
	uint32_t len = (uint32_t)n;
	char *p;

	if (!t->top || t->top->size - t->top->used < need) {
		size_t size = need > BLOCK ? need : BLOCK;
		struct block *b = xmalloc(sizeof(*b) + size);

		*b = (struct block){ .prev = t->top, .size = size };
		t->top = b;
	}
	p = t->top->data + t->top->used;
	t->top->used += need;
	memcpy(p, &len, sizeof(len));
	p += sizeof(len);
	if (n)
		memcpy(p, s, n);
	p[n] = 0;
	return p;
}

name name_of(struct names *t, const char *s, size_t n)
{
	uint32_t h = hash(s, n);
	struct slot *sl;

	if (!t->slot)
		thaw(t);
	sl = probe(t, s, n, h);
	if (sl->id)
		return sl->id;
	t->text = grow(t->text, &t->cap, t->n - t->frozen + 1, sizeof(*t->text));
	t->text[t->n - t->frozen] = keep(t, s, n);
	*sl = (struct slot){ t->n, h };
	if (++t->n > t->mask / 4 * 3)
		rehash(t);
	return t->n - 1;
}

name name_ofs(struct names *t, const char *s)
{
	return name_of(t, s, strlen(s));
}

name name_find(const struct names *t, const char *s, size_t n)
{
	if (!t->slot)
		thaw(t);
	return probe(t, s, n, hash(s, n))->id;
}

bool name_is_plain(const char *s, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (!((s[i] >= 'a' && s[i] <= 'z') || (s[i] >= 'A' && s[i] <= 'Z') || s[i] == '_' ||
		      (i && s[i] >= '0' && s[i] <= '9')))
			return false;
	return n > 0 && !(n == 4 && !memcmp(s, "true", 4)) && !(n == 5 && !memcmp(s, "false", 5));
}

const char *names_listed(const struct names *t, const name *v, size_t n, size_t step, struct arena *a)
{
	enum { MOST = 8, LONGEST = 64 };
	size_t shown = n <= MOST + 1 ? n : MOST;
	const char *text;
	struct buf b;

	buf_init(&b, 4096);
	for (size_t i = 0; i < shown; i++) {
		name nm = v[i * step];

		buf_addf(&b, "%s`%.*s%s`", i ? ", " : "", LONGEST, name_str(t, nm), name_len(t, nm) > LONGEST ? "..." : "");
	}
	if (shown < n)
		buf_addf(&b, _(" and %zu more"), n - shown);
	text = arena_strdup(a, buf_str(&b));
	buf_free(&b);
	return text;
}
