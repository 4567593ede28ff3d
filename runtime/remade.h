/* remade.h - names of files that will be made again, as a set of hashes: a false "yes" only makes a plan say "may". */
#ifndef WEFT_RUNTIME_REMADE_H
#define WEFT_RUNTIME_REMADE_H

#include <stdbool.h>
#include <stdint.h>

struct remade {
	uint64_t *slot; /* 0 = free */
	uint32_t n, mask;
};
void remade_add(struct remade *r, const char *name);
bool remade_has(const struct remade *r, const char *name);
void remade_clear(struct remade *r); /* also frees */

#endif
