/* history_table.c - see history_table.h. */
#include "runtime/history_table.h"

#include <stdlib.h>
#include <string.h>

enum { OFF_BITS = 40, HASH_BITS = 23, SLOTS_MIN = 64, SLOTS_LARGE = 1 << 12 };

static uint64_t hash_of(uint64_t entry)
{
	return entry >> 1 & ((1u << HASH_BITS) - 1);
}

static uint64_t home(const struct table *t, uint64_t hash)
{
	return hash * t->slots >> HASH_BITS;
}

struct table_key table_key(uint64_t seed, const void *a, size_t an, const void *b, size_t bn)
{
	uint64_t h = digest_hash64(a, an, seed);

	if (b)
		h = digest_hash64(b, bn, h);
	return (struct table_key){ a, b, an, b ? bn : 0, h };
}

bool table_out(const unsigned char *p, size_t n, uint32_t at, struct rec_out *o)
{
	const unsigned char *from;
	struct rec_done r;

	if (!p || at >= n)
		return false;
	from = p + at;
	r.outs = from;
	r.outs_len = n - at;
	r.stale = false;
	return rec_out_next(&r, &from, o);
}

static bool same(const struct table *t, const struct journal *j, uint64_t slot, const struct table_key *k)
{
	struct rec_out o;
	uint8_t kind;
	size_t n;
	const unsigned char *p = journal_at(j, entry_off(t->v[slot]), &kind, &n);

	if (t->outs)
		return table_out(p, n, t->aux[slot], &o) && !strcmp(o.path, k->a);
	return p && n >= k->an + k->bn && !memcmp(p, k->a, k->an) && (!k->bn || !memcmp(p + k->an, k->b, k->bn));
}

/* The key's slot or the empty one where it belongs. */
static uint64_t find(const struct table *t, const struct journal *j, const struct table_key *k)
{
	uint64_t hash = k->hash >> (64 - HASH_BITS);
	uint64_t i = home(t, hash);

	while (t->v[i] && (hash_of(t->v[i]) != hash || !same(t, j, i, k)))
		i = i + 1 < t->slots ? i + 1 : 0;
	return i;
}

uint64_t *table_get(const struct table *t, const struct journal *j, const struct table_key *k)
{
	uint64_t i = t->n ? find(t, j, k) : 0;

	return t->n && t->v[i] ? &t->v[i] : NULL;
}

static void move_in(struct table *t, uint64_t entry, uint32_t aux)
{
	uint64_t i = home(t, hash_of(entry));

	while (t->v[i])
		i = i + 1 < t->slots ? i + 1 : 0;
	t->v[i] = entry;
	if (t->wide)
		t->aux[i] = aux;
}

static void enlarge(struct table *t)
{
	struct table old = *t;

	t->slots = old.slots ? old.slots + old.slots / 2 : SLOTS_MIN;
	t->v = xcalloc(t->slots, sizeof(*t->v));
	t->aux = t->wide ? xcalloc(t->slots, sizeof(*t->aux)) : NULL;
	for (uint64_t i = 0; i < old.slots; i++)
		if (old.v[i])
			move_in(t, old.v[i], t->wide ? old.aux[i] : 0);
	free(old.v);
	free(old.aux);
	if (old.slots > SLOTS_LARGE)
		memory_give_back();
}

uint64_t table_set(struct table *t, const struct journal *j, const struct table_key *k, uint64_t off, uint32_t aux)
{
	uint64_t i, old;

	if (off >> OFF_BITS)
		return 0;
	if (t->n >= t->slots / 10 * 7)
		enlarge(t);
	i = find(t, j, k);
	old = entry_off(t->v[i]);
	t->n += !old;
	t->v[i] = off << 24 | (k->hash >> (64 - HASH_BITS)) << 1;
	if (t->wide)
		t->aux[i] = aux;
	return old;
}

void table_free(struct table *t)
{
	free(t->v);
	free(t->aux);
	*t = (struct table){ .wide = t->wide, .outs = t->outs };
}

uint64_t table_bytes(const struct table *t)
{
	return t->slots * (sizeof(*t->v) + (t->wide ? sizeof(*t->aux) : 0));
}
