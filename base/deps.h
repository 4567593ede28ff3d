/* deps.h - what a result was made from, so that it can be told later whether it would be the same again.
 *
 * Files read, kinds of things looked for, patterns listed.  What is recorded is bytes that can be kept in a file.
 * Looking again asks stat first: a file whose device, inode, size, mtime and ctime are as they were is not read,
 * unless it changed so shortly before it was read that its times cannot tell; then, and when they differ, its
 * content counts.  Every function takes d == NULL: nothing is recorded. */
#ifndef WEFT_BASE_DEPS_H
#define WEFT_BASE_DEPS_H

#include "base/buf.h"
#include "base/digest.h"

#include <glob.h>
#include <sys/stat.h>

struct deps;

/* SEED: of the digests. */
struct deps *deps_new(uint64_t seed);
void deps_free(struct deps *d);
uint64_t deps_seed(const struct deps *d);

/* The whole file was read and gave these bytes; st is from after that.  Returns their digest. */
struct digest deps_file(struct deps *d, const char *path, const struct stat *st, const void *p, size_t n);
/* What is there, links followed: S_IFREG, S_IFDIR... of st_mode, 0 when nothing is. */
mode_t deps_look(struct deps *d, const char *path);
/* The size of a regular file, links followed; -1 when there is none.  Any other size is a change. */
int64_t deps_size(struct deps *d, const char *path);
/* glob(pattern, 0, NULL, g), for globfree; returns what that returns. */
int deps_glob(struct deps *d, const char *pattern, glob_t *g);
/* Something was read that cannot be looked at again: a pipe. */
void deps_lost(struct deps *d);

/* Append the record; false when there is something that cannot be looked at again. */
bool deps_write(const struct deps *d, struct buf *out);
/* Is everything in the record p[0..n), aligned to 8, as it was?  Stamps that have become trustworthy are put into
 * it; *changed is then set.  A damaged record does not hold. */
bool deps_hold(void *p, size_t n, uint64_t seed, bool *changed);

#endif
