/* stamps.h - what stat says of many files at once: the larger part of deciding that nothing has to be done. */
#ifndef WEFT_RUNTIME_STAMPS_H
#define WEFT_RUNTIME_STAMPS_H

#include <stdint.h>

/* disk_stamp of the files that text + off[0..n-1] name, relative to DIR or absolute; 0: no regular file, or a URL.  As many
 * threads as there are processors, few at most; they have ended when this returns. */
void stamps_ask(int dir, const char *text, const uint32_t *off, uint32_t n, uint64_t *stamp);

#endif
