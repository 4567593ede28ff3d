/* remade.c - see remade.h. */
#include "runtime/remade.h"

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/digest.h"

static uint64_t hash(const char *name)
{
	uint64_t h = digest_hash64(name, strlen(name), 0);

	return h ? h : 1;
}

static uint64_t *place(const struct remade *r, uint64_t h)
{
	uint32_t i = (uint32_t)h & r->mask;

	while (r->slot[i] && r->slot[i] != h)
		i = (i + 1) & r->mask;
	return &r->slot[i];
}

static void widen(struct remade *r)
{
	struct remade old = *r;

	r->mask = old.slot ? old.mask * 2 + 1 : 63;
	r->slot = xcalloc((size_t)r->mask + 1, sizeof(*r->slot));
	for (uint32_t i = 0; old.slot && i <= old.mask; i++)
		if (old.slot[i])
			*place(r, old.slot[i]) = old.slot[i];
	free(old.slot);
}

void remade_add(struct remade *r, const char *name)
{
	uint64_t *p, h = hash(name);

	if (!r->slot || (r->n + 1) * 2 > r->mask)
		widen(r);
	p = place(r, h);
	r->n += *p == 0;
	*p = h;
}

bool remade_has(const struct remade *r, const char *name)
{
	return r->n && *place(r, hash(name)) != 0;
}

void remade_clear(struct remade *r)
{
	free(r->slot);
	*r = (struct remade){ 0 };
}
