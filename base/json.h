/* json.h - streaming JSON writer on a buffer.  Reading is jansson's. */
#ifndef WEFT_BASE_JSON_H
#define WEFT_BASE_JSON_H

#include "base/buf.h"

#include <stdint.h>

struct jw {
	struct buf *b;
	int indent;     /* 0: compact on one line; else blanks per level */
	int depth;      /* asserted < 64 */
	char stack[64]; /* '{' or '[' */
	bool first[64];
	bool key; /* a key was written, its value is due */
};

void jw_init(struct jw *w, struct buf *b, int indent);
void jw_open(struct jw *w, char c);  /* '{' or '[' */
void jw_close(struct jw *w);
void jw_key(struct jw *w, const char *k);
void jw_keyn(struct jw *w, const char *k, size_t n);
void jw_str(struct jw *w, const char *s);
/* n bytes; bytes that are not UTF-8 become U+FFFD. */
void jw_strn(struct jw *w, const char *s, size_t n);
void jw_int(struct jw *w, int64_t v);
void jw_num(struct jw *w, double v); /* shortest text that reads back equal; never NaN */
void jw_bool(struct jw *w, bool v);
void jw_null(struct jw *w);
/* key and value at once */
void jw_kstr(struct jw *w, const char *k, const char *s);
void jw_kint(struct jw *w, const char *k, int64_t v);
void jw_kbool(struct jw *w, const char *k, bool v);

#endif
