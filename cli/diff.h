/* diff.h - a unified diff on standard output. */
#ifndef WEFT_CLI_DIFF_H
#define WEFT_CLI_DIFF_H

#include <stdbool.h>
#include <stddef.h>

/* From the file's text to a new one that is labelled "PATH (what)"; false after a message. */
bool diff_show(const char *path, const char *what, const char *old, size_t nold, const char *new, size_t nnew);

#endif
