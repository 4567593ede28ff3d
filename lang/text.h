/* text.h - characters of names, and decoding the text of strings and scripts. */
#ifndef WEFT_LANG_TEXT_H
#define WEFT_LANG_TEXT_H

#include "base/buf.h"

#include <stdint.h>

/* A byte that names may hold. */
static inline bool word_byte(char c)
{
	return ('a' <= c && c <= 'z') || ('A' <= c && c <= 'Z') || ('0' <= c && c <= '9') || c == '_';
}

/* Append the value of n bytes of a string (escapes and ~~{) or of a script (only ~~{); false when b is full. */
bool text_decode(const char *s, size_t n, bool script, struct buf *b);

/* Does the word at `off` look like the next port of an `in` or `out` statement whose comma was forgotten?  The offset where
 * the comma belongs, else 0.  By the layout only: it stands on the statement's line or further right below it. */
uint32_t comma_due(const char *text, uint32_t off);

#endif
