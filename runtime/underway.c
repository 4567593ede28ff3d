/* underway.c - see underway.h. */
#include "runtime/underway.h"

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"

static uint32_t hash(struct underway_key k)
{
	return (uint32_t)(((uint64_t)k.task << 32 | k.inst) * 0x9e3779b97f4a7c15u >> 32);
}

void *underway_at(const struct underway *t, uint32_t i)
{
	return t->v + (size_t)i * t->size;
}

static struct underway_key key(const struct underway *t, uint32_t i)
{
	return *(const struct underway_key *)underway_at(t, i);
}

/* Where the table has this instance, or a free place for it. */
static uint32_t *place(const struct underway *t, struct underway_key k)
{
	uint32_t i = hash(k) & t->mask;

	for (; t->place[i]; i = (i + 1) & t->mask) {
		struct underway_key have = key(t, t->place[i] - 1);

		if (have.task == k.task && have.inst == k.inst)
			break;
	}
	return &t->place[i];
}

static void widen(struct underway *t)
{
	t->mask = t->place ? t->mask * 2 + 1 : 15;
	free(t->place);
	t->place = xcalloc((size_t)t->mask + 1, sizeof(*t->place));
	for (uint32_t i = 0; i < t->n; i++)
		*place(t, key(t, i)) = i + 1;
}

void *underway_add(struct underway *t, uint32_t task, uint32_t inst)
{
	struct underway_key k = { task, inst };
	uint32_t *at;

	if (!t->place || ((uint64_t)t->n + 1) * 2 > t->mask)
		widen(t);
	at = place(t, k);
	if (*at)
		return underway_at(t, *at - 1);
	t->v = grow(t->v, &t->cap, t->n + 1, t->size);
	memset(underway_at(t, t->n), 0, t->size);
	memcpy(underway_at(t, t->n), &k, sizeof(k));
	*at = ++t->n;
	return underway_at(t, t->n - 1);
}

void *underway_find(const struct underway *t, uint32_t task, uint32_t inst)
{
	uint32_t at = t->place ? *place(t, (struct underway_key){ task, inst }) : 0;

	return at ? underway_at(t, at - 1) : NULL;
}

/* Free a place of the table and move up what was pushed behind it. */
static void unplace(struct underway *t, uint32_t i)
{
	t->place[i] = 0;
	for (uint32_t k = (i + 1) & t->mask; t->place[k]; k = (k + 1) & t->mask) {
		uint32_t number = t->place[k];

		t->place[k] = 0;
		*place(t, key(t, number - 1)) = number;
	}
}

/* The last one takes the place of what goes. */
void underway_drop(struct underway *t, void *entry)
{
	uint32_t i = (uint32_t)((size_t)((char *)entry - t->v) / t->size), last = t->n - 1;

	unplace(t, (uint32_t)(place(t, key(t, i)) - t->place));
	if (i != last) {
		*place(t, key(t, last)) = i + 1;
		memcpy(entry, underway_at(t, last), t->size);
	}
	t->n--;
}

void underway_free(struct underway *t)
{
	free(t->v);
	free(t->place);
	*t = (struct underway){ .size = t->size };
}
