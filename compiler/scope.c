/* scope.c - the one hash table of names (open addressing, linear probing). */
#include "compiler/scope.h"

#include <stdlib.h>

void keymap_free(struct keymap *m)
{
	free(m->v);
	*m = (struct keymap){ 0 };
}

static uint32_t slot_of(const struct keymap *m, uint64_t key)
{
	uint64_t h = key * 0x9e3779b97f4a7c15u;
	uint32_t i = (uint32_t)(h >> 32) & (m->cap - 1);

	while (m->v[i].key != 0 && m->v[i].key != key)
		i = (i + 1) & (m->cap - 1);
	return i;
}

static void rehash(struct keymap *m, uint32_t cap)
{
	struct keymap old = *m;
	uint32_t i;

	m->v = xcalloc(cap, sizeof *m->v);
	m->cap = cap;
	for (i = 0; i < old.cap; i++)
		if (old.v[i].key != 0)
			m->v[slot_of(m, old.v[i].key)] = old.v[i];
	free(old.v);
}

void keymap_reserve(struct keymap *m, uint32_t n)
{
	uint32_t cap = m->cap ? m->cap : 64;

	while ((uint64_t)cap * 3 < ((uint64_t)m->n + n) * 4)
		cap *= 2;
	if (cap > m->cap)
		rehash(m, cap);
}

static uint64_t key_of(uint32_t space, name nm)
{
	return (uint64_t)space << 32 | nm;
}

uint32_t keymap_get(const struct keymap *m, uint32_t space, name nm)
{
	return m->cap && nm ? m->v[slot_of(m, key_of(space, nm))].val : 0;
}

uint32_t keymap_put(struct keymap *m, uint32_t space, name nm, uint32_t val)
{
	uint32_t i;

	keymap_reserve(m, 1);
	i = slot_of(m, key_of(space, nm));
	if (m->v[i].key)
		return m->v[i].val;
	m->v[i].key = key_of(space, nm);
	m->v[i].val = val;
	m->n++;
	return 0;
}

const char *sym_kind_text(enum sym_kind k)
{
	static const char *const text[] = { N_("parameter"), N_("let"), N_("table"), N_("task"), N_("cluster"), N_("used file") };

	return tr(text[k]);
}
