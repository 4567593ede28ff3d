/* temp.h - outputs declared `temp`: removed after their last reader, without making anything run again. */
#ifndef WEFT_RUNTIME_TEMP_H
#define WEFT_RUNTIME_TEMP_H

#include "job/job.h"
#include "runtime/history.h"

/* Is an output that the record of an instance of the task has declared temp, as the workflow is now? */
bool temp_out(const struct job *j, uint32_t task, const struct rec_out *o);
/* The digest of a temp output as recorded when it was made, for one that is gone; false when FILE is no such file.
 * `task` and `inst` (may be NULL) are who made it; *inst is -1 when there is no such instance any more. */
bool gone_digest(const struct job *j, const struct history *h, const char *file, struct digest *d, uint32_t *task, int64_t *inst);

#endif
