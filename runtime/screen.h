/* screen.h - the status area of a terminal as text: a line a task, columns that line up, never wider than asked.  No I/O. */
#ifndef WEFT_RUNTIME_SCREEN_H
#define WEFT_RUNTIME_SCREEN_H

#include "base/buf.h"

#include <stdint.h>

enum { SCREEN_BRIEF = 60 /* columns: with less, words are cut */ };

struct screen_row {
	const char *name;       /* from outside: is made harmless, and cut in the middle */
	uint64_t total;         /* UINT64_MAX: not known yet */
	uint64_t done;          /* ended, in whatever way */
	uint64_t running, queued;
	uint64_t failed, retried;
	int64_t eta_ms;         /* -1: nothing to tell it from */
};
struct screen_style {
	uint32_t width;         /* columns of a line; at least 1 */
	bool color, utf8;
};

/* n lines into b, each followed by a line end.  What does not fit is left out, the least important first. */
void screen_rows(struct buf *b, const struct screen_row *row, uint32_t n, const struct screen_style *st);
/* "3 min", "2 h 14 min": a time that is still to come, rounded up to what a person wants to know. */
void screen_eta(struct buf *b, int64_t ms);

#endif
