/* underway.h - what is to be remembered of instances that are under way, by instance: entries of one size, side by side.
 *
 * 100,000 of them wait in a batch system's queue, so an instance costs its entry and 8 to 16 bytes. */
#ifndef WEFT_RUNTIME_UNDERWAY_H
#define WEFT_RUNTIME_UNDERWAY_H

#include <stddef.h>
#include <stdint.h>

struct underway_key { /* an entry begins with it */
	uint32_t task, inst;
};
struct underway {
	size_t size;     /* of an entry; set it before the first is added */
	char *v;
	uint32_t n, cap;
	uint32_t *place; /* open addressing: number in v plus 1; 0 free */
	uint32_t mask;
};
/* The entry of an instance, all 0 but its key when it is new.  What is returned is valid until one is added or dropped. */
void *underway_add(struct underway *t, uint32_t task, uint32_t inst);
/* NULL if there is none. */
void *underway_find(const struct underway *t, uint32_t task, uint32_t inst);
void *underway_at(const struct underway *t, uint32_t i); /* of n */
void underway_drop(struct underway *t, void *entry);
void underway_free(struct underway *t);

#endif
