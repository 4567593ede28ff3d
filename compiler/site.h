/* site.h - reading site files: the weft syntax, plain values only. */
#ifndef WEFT_COMPILER_SITE_H
#define WEFT_COMPILER_SITE_H

#include "compiler/session.h"

/* Read the site files that hold for a workflow at this path, as s->opt says, into s->site (NULL when there is none).
 * A file named by the options must exist; the others may be missing.  false after a diagnostic. */
bool site_load(struct session *s, const char *workflow);
/* Is this the name of a site file: *.site? */
bool site_is_name(const char *path);

#endif
