/* io.h - writing to descriptors. */
#ifndef WEFT_BASE_IO_H
#define WEFT_BASE_IO_H

#include <stdbool.h>
#include <stddef.h>

/* write(2) until all n bytes are written, whatever interrupts it; false with errno. */
bool write_all(int fd, const void *p, size_t n);

#endif
