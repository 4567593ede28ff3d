/* idmap.c - name -> number. */
#include "job/idmap.h"

#include <string.h>

struct idmap *idmap_new(struct arena *a, uint32_t n)
{
	struct idmap *m;
	size_t cap = 8, bytes;

	while (cap / 2 < n)
		cap *= 2;
	bytes = sizeof *m + cap * sizeof m->slot[0];
	m = arena_alloc(a, bytes);
	memset(m, 0, bytes);
	m->mask = (uint32_t)(cap - 1);
	return m;
}

static uint32_t slot_of(const struct idmap *m, name key)
{
	uint32_t i = key * 2654435769u;

	for (i = (i ^ i >> 15) & m->mask; m->slot[i].key && m->slot[i].key != key; i = (i + 1) & m->mask)
		;
	return i;
}

bool idmap_add(struct idmap *m, name key, uint32_t val)
{
	uint32_t i = slot_of(m, key);

	if (!key || m->slot[i].key || m->n > m->mask / 2)
		return false;
	m->slot[i].key = key;
	m->slot[i].val = val;
	m->n++;
	return true;
}

uint32_t idmap_get(const struct idmap *m, name key)
{
	uint32_t i = slot_of(m, key);

	return key && m->slot[i].key ? m->slot[i].val : UINT32_MAX;
}
