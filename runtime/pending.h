/* pending.h - what attempts that are under way were begun with, by instance. */
#ifndef WEFT_RUNTIME_PENDING_H
#define WEFT_RUNTIME_PENDING_H

#include "runtime/record.h"

struct pending {
	uint32_t task, inst;
	struct digest action, inputs;
	uint32_t part[REC_PARTS];
	unsigned char *tags; /* heap, 4 * nin bytes */
	uint32_t nin;
	int64_t begun_us;    /* Unix time */
	char engine_id[40];  /* the engine's own name of it, "" */
	bool used;
};
struct pendings { /* open addressing */
	struct pending *v;
	uint32_t n, mask;
};
/* A place for an instance, cleared; an earlier one of the same instance is replaced. */
struct pending *pending_add(struct pendings *t, uint32_t task, uint32_t inst);
struct pending *pending_find(const struct pendings *t, uint32_t task, uint32_t inst);
void pending_drop(struct pendings *t, struct pending *p);
void pendings_free(struct pendings *t);

#endif
