/* term.h - lines that stay, and below them an area that is drawn anew; a terminal that takes nothing holds up nobody. */
#ifndef WEFT_RUNTIME_TERM_H
#define WEFT_RUNTIME_TERM_H

#include "runtime/loop.h"

#include <stddef.h>

enum { TERM_AREA = 8 /* lines of it */ };

struct term;

struct term *term_new(int fd);
void term_free(struct term *t);
/* Columns that a line of the area may have: one less than the window, so that no terminal breaks it. */
uint32_t term_width(const struct term *t);
/* A line that stays, without its end.  The area goes; draw it again. */
void term_line(struct term *t, const char *s);
/* Text that stays, whole lines. */
void term_text(struct term *t, const char *s, size_t n);
/* Is an area there, and can a new one be seen at once? */
bool term_drawn(const struct term *t);
bool term_ready(const struct term *t);
/* The area: at most TERM_AREA lines, each with its end and none wider than term_width. */
void term_area(struct term *t, const char *lines);
void term_clear(struct term *t);
/* Write what goes without waiting; watch for the rest. */
void term_turn(struct term *t);
void term_watch(struct term *t, struct loop *l);
/* Write all, but not beyond a signal.  false with errno: it could not be written. */
bool term_drain(struct term *t, struct loop *l);

#endif
