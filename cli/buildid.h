/* buildid.h - which build of weft this is. */
#ifndef WEFT_CLI_BUILDID_H
#define WEFT_CLI_BUILDID_H

#include <stddef.h>

/* The linker's id of this program: a hash of its contents.  NULL when there is none. */
const unsigned char *build_id(size_t *n);

#endif
