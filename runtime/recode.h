/* recode.h - file names in the character set that a program uses: stores have UTF-8 (job/charset.h says which sets there are).
 *
 * Names of ASCII are the same everywhere and stay.  Others have to come back as they were, so no two names can become one. */
#ifndef WEFT_RUNTIME_RECODE_H
#define WEFT_RUNTIME_RECODE_H

#include "base/arena.h"

#include <stdbool.h>

struct charset;
struct recode;

/* Heap.  NULL with errno: this machine's iconv does not know the set. */
struct recode *recode_new(const struct charset *c);
void recode_free(struct recode *r);
/* A relative path of a store as the program sees it, and the other way; valid until the next call.  NULL: it has no such name.
 * R may be NULL: the path itself. */
const char *recode_seen(struct recode *r, const char *rel);
const char *recode_stored(struct recode *r, const char *rel);
bool recode_is_ascii(const char *s);
/* Why a name stays where it is: a stored one of SRC that the set lacks; one that a task has given and TO could not keep. */
char *recode_lacks(const struct recode *r, struct arena *a, const char *rel, const char *src);
char *recode_refused(const struct recode *r, struct arena *a, const char *rel, const char *to);

#endif
