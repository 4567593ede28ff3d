/* slurm_json.h - a long JSON answer taken apart while it arrives: the objects of one list, and the rest.
 *
 * {"errors": [], "jobs": [{...}, {...}]}: every object of `jobs` is handed over whole, one at a time, so that the
 * answer of a controller with 100,000 jobs costs the memory of one. */
#ifndef WEFT_RUNTIME_SLURM_JSON_H
#define WEFT_RUNTIME_SLURM_JSON_H

#include "base/buf.h"

/* One object as text, followed by a NUL. */
typedef void jsplit_fn(void *ctx, const char *text, size_t n);

struct jsplit {
	const char *list;   /* name of the list at the top */
	jsplit_fn *fn;
	void *ctx;
	struct buf key;     /* the string read last at the top */
	struct buf object;
	struct buf rest;    /* the answer with an empty list in its place */
	int depth;
	bool string, escape, inside, bad;
};

void jsplit_init(struct jsplit *s, const char *list, jsplit_fn *fn, void *ctx);
void jsplit_free(struct jsplit *s);
/* The next bytes.  false: an object is too long, or brackets do not match. */
bool jsplit_add(struct jsplit *s, const char *p, size_t n);
/* After the last byte: the rest as JSON text; NULL when the answer ended in the middle. */
const char *jsplit_rest(struct jsplit *s);

/* Copy those members of an object that KEYS names (NULL at the end) into OUT, as an object: what parses large objects for a few
 * members is spared the rest, which need not be JSON.  false: it is no object, as far as that shows. */
bool json_pick(const char *text, size_t n, const char *const *keys, struct buf *out);

#endif
