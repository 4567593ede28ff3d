/* idmap.h - name -> number, open addressing, filled once: the indexes of a job. */
#ifndef WEFT_JOB_IDMAP_H
#define WEFT_JOB_IDMAP_H

#include "base/arena.h"
#include "base/name.h"

#include <stdbool.h>

struct idmap {
	uint32_t mask;
	uint32_t n, dups; /* keys; keys refused because they were there (for the owner to count) */
	struct {
		name key;
		uint32_t val;
	} slot[];
};

/* An empty map for up to n keys. */
struct idmap *idmap_new(struct arena *a, uint32_t n);
/* Add key unless it is there; the first value wins.  false when it was there. */
bool idmap_add(struct idmap *m, name key, uint32_t val);
/* The value, UINT32_MAX if there is none. */
uint32_t idmap_get(const struct idmap *m, name key);

#endif
