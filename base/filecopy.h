/* filecopy.h - a file's bytes in memory of one's own, to be changed at will. */
#ifndef WEFT_BASE_FILECOPY_H
#define WEFT_BASE_FILECOPY_H

#include <stddef.h>

/* The first n bytes of a file, n > 0, aligned to a page; NULL with errno, also when there are fewer.  What happens to
 * the file afterwards does not matter: nothing is read later.  Free with file_copy_free. */
void *file_copy(int fd, size_t n);
void file_copy_free(void *p, size_t n);

#endif
