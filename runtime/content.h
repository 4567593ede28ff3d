/* content.h - the objects that a task can read through its mounts: inputs that nobody declared (runtime.md 2).
 *
 * Objects that tasks of this workflow published count only for the tasks that come after the publisher: the guide's
 * log-count mounts one prefix for reading and writing in all tasks, and must be current on its second run. */
#ifndef WEFT_RUNTIME_CONTENT_H
#define WEFT_RUNTIME_CONTENT_H

#include "job/job.h"
#include "runtime/disk.h"

struct content;

struct content *content_new(const struct job *j, struct disk *f, const struct history *h);
void content_free(struct content *c);
/* "DIGEST NAME" a line, sorted within a mount, for all that counts. */
void content_list(struct content *c, uint32_t task, struct buf *b);
/* Does `from` write where `task`, which comes after it, reads through mounts? */
bool content_reads(struct content *c, uint32_t task, uint32_t from);

#endif
