/* buf.h - growing byte buffer with a declared maximum (after curl's dynbuf). */
#ifndef WEFT_BASE_BUF_H
#define WEFT_BASE_BUF_H

#include <stdbool.h>
#include <stddef.h>

struct buf {
	char *p; /* NUL-terminated whenever len > 0 or p != NULL */
	size_t len, cap, max;
	bool over; /* something did not fit; contents stay as they were before it */
};

/* Start an empty buffer that never holds more than max bytes. */
void buf_init(struct buf *b, size_t max);
/* Free the bytes; the buffer is empty and usable again. */
void buf_free(struct buf *b);
/* Forget the contents, keep the memory. */
void buf_reset(struct buf *b);
/* Append; false (and b->over) when the maximum would be passed. */
bool buf_add(struct buf *b, const void *p, size_t n);
bool buf_adds(struct buf *b, const char *s);
bool buf_addc(struct buf *b, char c);
bool buf_addf(struct buf *b, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* The text, "" when empty; valid until the next change. */
const char *buf_str(const struct buf *b);

#endif
