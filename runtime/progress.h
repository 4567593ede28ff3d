/* progress.h - what a person sees while it runs: one status line on a terminal, plain lines elsewhere. */
#ifndef WEFT_RUNTIME_PROGRESS_H
#define WEFT_RUNTIME_PROGRESS_H

#include "runtime/driver.h"

struct progress *progress_new(struct run *r);
void progress_free(struct progress *p);
/* Numbers changed. */
void progress_changed(struct run *r);
/* An attempt was started (-v says so, with its command). */
void progress_started(struct run *r, const struct event *ev);
/* An attempt ended; `again`: it will be tried again; `final` failures get a line. */
void progress_ended(struct run *r, const struct event *ev, bool again);
/* An input changed while an attempt ran that has succeeded. */
void progress_warn_input(struct run *r, struct attempt_id id, const char *input);
/* A task has finished. */
void progress_task(struct run *r, uint32_t task);
/* A line that stays; the status line makes room for it. */
void progress_line(struct run *r, const char *text);
/* Draw what is due; returns ms until the next time, -1: when something happens. */
int progress_turn(struct run *r);
/* Remove the status line for good. */
void progress_end(struct run *r);

/* progress_text.c: `s` cut in the middle to at most `width` columns, control characters made visible. */
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
