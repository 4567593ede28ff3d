/* progress.h - what a person sees while it runs: a status area on a terminal, plain lines elsewhere. */
#ifndef WEFT_RUNTIME_PROGRESS_H
#define WEFT_RUNTIME_PROGRESS_H

#include "runtime/driver.h"
#include "runtime/text.h"

struct progress *progress_new(struct run *r);
void progress_free(struct progress *p);
/* An attempt was handed to the engine. */
void progress_begun(struct run *r, uint32_t task);
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
/* A line that stays; the status area makes room for it. */
void progress_line(struct run *r, const char *text);
/* Text that stays, whole lines, when the run is over. */
void progress_text(struct run *r, const char *text, size_t n);
/* Draw what is due; returns ms until the next time, -1: when something happens.  Watches for room to write the rest. */
int progress_turn(struct run *r);
/* Remove the status area for good. */
void progress_end(struct run *r);
/* Wait until everything is out; a signal ends that.  false with errno: it could not be written. */
bool progress_drain(struct run *r);

#endif
