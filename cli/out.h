/* out.h - results go to standard output or to a file that is complete or absent. */
#ifndef WEFT_CLI_OUT_H
#define WEFT_CLI_OUT_H

#include <stdbool.h>
#include <stddef.h>

/* Write to standard output (path NULL or "-") or to path, by rename of a temporary file beside it, synced.
 * false after a message on stderr. */
bool out_write(const char *path, const void *p, size_t n);

#endif
