/* publish.h - bring results to their final names: everything is looked at and copied first, then renamed. */
#ifndef WEFT_RUNTIME_PUBLISH_H
#define WEFT_RUNTIME_PUBLISH_H

#include "base/arena.h"
#include "runtime/recode.h"

#include <stdbool.h>

struct publish;

/* Copies beside targets are noted in the file NOTES before they are made, for the case that this process dies. */
struct publish *publish_new(const char *notes);
/* Temporary copies are removed; nothing published is undone. */
void publish_free(struct publish *p);
/* ROOT/REL is to become TO (absolute).  REL was written by a task, no link on its way is followed.  KEEP: copy. */
void publish_add(struct publish *p, const char *root, const char *rel, const char *to, bool keep);
/* TO is to be removed, after everything else. */
void publish_drop(struct publish *p, const char *to);
/* Everything that an overlay's UPPER directory holds, as changes of the directory TO; names in it are in R's character set (NULL:
 * they are as stored).  false: *why. */
bool publish_upper(struct publish *p, const char *upper, const char *to, struct recode *r, char **why, struct arena *a);
/* How many were added so far, and where the i-th goes; NULL: it removes something. */
uint32_t publish_count(const struct publish *p);
const char *publish_target(const struct publish *p, uint32_t i);
/* Is this nothing but renames within the file system of the directory HOME and outside of N others, which are looked at by name only:
 * they may not answer? */
bool publish_is_quick(const struct publish *p, const char *home, const char *const *other, uint32_t n);
/* Make parents, copy what lies on another file system beside its target, then rename all.  false: *why. */
bool publish_commit(struct publish *p, char **why, struct arena *a);
/* From another thread: give up while copying; once all is copied, it is renamed, too. */
void publish_stop(struct publish *p);

#endif
