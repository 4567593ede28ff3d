/* kinds.h - failures of a run: those of one task with one cause are one kind. */
#ifndef WEFT_CLI_KINDS_H
#define WEFT_CLI_KINDS_H

#include "base/buf.h"
#include "runtime/past.h"

enum { KINDS = 20, KIND_KEYS = 10 };

struct kind {
	struct past_attempt a; /* the first of them */
	const char *key[KIND_KEYS];
	uint64_t n;
};
struct kinds {
	struct kind v[KINDS];
	uint32_t n;
	uint64_t more; /* instances of other kinds */
	enum past_life life; /* of the run; to be set before */
};

/* A past_fn, ctx: struct kinds. */
bool kinds_add(void *ctx, const struct past_attempt *a);
/* "R101 exit status 3" */
void kind_cause(struct buf *b, const struct past_attempt *a);
/* The failure's own words, as the run said them; nothing when it had none. */
void kind_why(struct buf *b, const struct past_attempt *a);

#endif
