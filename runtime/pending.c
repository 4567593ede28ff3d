/* pending.c - see pending.h. */
#include "runtime/pending.h"

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"

static uint32_t hash(uint32_t task, uint32_t inst)
{
	return (uint32_t)(((uint64_t)task << 32 | inst) * 0x9e3779b97f4a7c15u >> 32);
}

static struct pending *place(const struct pendings *t, uint32_t task, uint32_t inst)
{
	uint32_t i = hash(task, inst) & t->mask;

	while (t->v[i].used && (t->v[i].task != task || t->v[i].inst != inst))
		i = (i + 1) & t->mask;
	return &t->v[i];
}

static void widen(struct pendings *t)
{
	struct pendings old = *t;

	t->mask = old.v ? old.mask * 2 + 1 : 15;
	t->v = xcalloc((size_t)t->mask + 1, sizeof(*t->v));
	for (uint32_t i = 0; old.v && i <= old.mask; i++)
		if (old.v[i].used)
			*place(t, old.v[i].task, old.v[i].inst) = old.v[i];
	free(old.v);
}

struct pending *pending_add(struct pendings *t, uint32_t task, uint32_t inst)
{
	struct pending *p;

	if (!t->v || (t->n + 1) * 2 > t->mask)
		widen(t);
	p = place(t, task, inst);
	t->n += !p->used;
	free(p->tags);
	*p = (struct pending){ .task = task, .inst = inst, .used = true };
	return p;
}

struct pending *pending_find(const struct pendings *t, uint32_t task, uint32_t inst)
{
	struct pending *p = t->v ? place(t, task, inst) : NULL;

	return p && p->used ? p : NULL;
}

/* Free a place and move up what was pushed behind it. */
void pending_drop(struct pendings *t, struct pending *p)
{
	uint32_t i = (uint32_t)(p - t->v);

	free(p->tags);
	t->v[i] = (struct pending){ 0 };
	t->n--;
	for (uint32_t k = (i + 1) & t->mask; t->v[k].used; k = (k + 1) & t->mask) {
		struct pending q = t->v[k];

		t->v[k] = (struct pending){ 0 };
		*place(t, q.task, q.inst) = q;
	}
}

void pendings_free(struct pendings *t)
{
	for (uint32_t i = 0; t->v && i <= t->mask; i++)
		free(t->v[i].tags);
	free(t->v);
	*t = (struct pendings){ 0 };
}
