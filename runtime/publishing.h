/* publishing.h - storing the results of an attempt beside the driver, which meanwhile does other things: a store may be slow, or
 * answer no more. */
#ifndef WEFT_RUNTIME_PUBLISHING_H
#define WEFT_RUNTIME_PUBLISHING_H

#include "runtime/publish.h"

struct publishing;

/* Commit P, which belongs to it from now on, on a thread.  Heap.  NULL: there is none to be had; P is the caller's still. */
struct publishing *publishing_start(struct publish *p);
/* Readable when it is over. */
int publishing_fd(const struct publishing *g);
/* Is it over?  Then *ok is what publish_commit said, *why (in A) why not, and all is freed. */
bool publishing_over(struct publishing *g, bool *ok, char **why, struct arena *a);
/* Come to an end, if not all is copied yet: what has its final name keeps it. */
void publishing_stop(struct publishing *g);
/* Wait for it no more.  Its thread goes on until the system lets it, does not begin to rename, and its memory stays. */
void publishing_abandon(struct publishing *g);

#endif
