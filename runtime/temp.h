/* temp.h - outputs declared `temp`: removed after their last reader, without making anything run again. */
#ifndef WEFT_RUNTIME_TEMP_H
#define WEFT_RUNTIME_TEMP_H

#include "runtime/history.h"

/* The digest of a temp output as recorded when it was made, for one that is gone; false when NAME is no such file.
 * `who` (may be NULL) is the instance that made it. */
bool gone_digest(const struct history *h, const char *name, struct digest *d, struct rec_who *who);

#endif
