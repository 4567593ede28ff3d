/* copybytes.h - the bytes of one file into another, by the cheapest way that the file systems offer. */
#ifndef WEFT_RUNTIME_COPYBYTES_H
#define WEFT_RUNTIME_COPYBYTES_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/stat.h>

/* What many copies have in common; zero it first, free it with copy_end.  NULL for a single copy. */
struct copy_ways {
	bool (*more)(void *ctx, int64_t n); /* n more bytes are there; false: stop.  May be NULL */
	void *ctx;
	uint64_t cloned;          /* files whose blocks are shared (FICLONE) */
	bool no_clone, no_range;  /* the file systems refused: not asked again */
	char *room;
};

/* All bytes of IN, just opened, to the empty file OUT: shared blocks, else inside the kernel, else through memory.
 * Holes of regular files stay holes.  SB: what fstat says of IN, NULL: it is asked.  false with errno; ECANCELED: `more` said
 * so; what OUT holds then is of no use. */
bool copy_bytes(int in, int out, const struct stat *sb, struct copy_ways *w);
void copy_end(struct copy_ways *w);

#endif
