/* full.h - file systems without room. */
#ifndef WEFT_RUNTIME_FULL_H
#define WEFT_RUNTIME_FULL_H

#include "base/diag.h"

#include <stdbool.h>

/* Is next to no room left for this user where PATH is?  false when that cannot be told. */
bool full_at(const char *path);
/* After an error that ERR, an errno, has caused: what helps when there is no room.  Returns false. */
bool full_help(struct diags *d, int err);

#endif
