/* text.h - texts for a terminal (progress_text.c): cut in the middle, made harmless, numbers and times for people. */
#ifndef WEFT_RUNTIME_TEXT_H
#define WEFT_RUNTIME_TEXT_H

#include "base/buf.h"

#include <stdint.h>

/* `s` cut in the middle to at most `width` columns, control characters made visible. */
void text_elide(struct buf *b, const char *s, size_t n, uint32_t width);
/* `s` with control characters and broken UTF-8 as \xNN, tabs kept; at most `max` bytes of it are looked at. */
void text_safe(struct buf *b, const char *s, size_t n, size_t max);
/* Does a word mean itself to a shell, unquoted? */
bool text_plain(const char *s);
/* Words as a shell would take them, to look at and to repeat. */
void text_command(struct buf *b, char *const *argv);
/* 1,234,567 */
void text_count(struct buf *b, uint64_t n);
/* "512 B", "31.9 GB": cut, not rounded */
void text_bytes(struct buf *b, int64_t n);
/* "0.2 s", "3 min 12 s", "2 h 14 min" */
void text_time(struct buf *b, int64_t ms);

#endif
