/* families.h - which tasks of a run the status area shows, how far they are, and how long they still take. */
#ifndef WEFT_RUNTIME_FAMILIES_H
#define WEFT_RUNTIME_FAMILIES_H

#include "runtime/driver.h"
#include "runtime/screen.h"

struct families;

struct families *families_new(struct run *r);
void families_free(struct families *f);
/* An attempt was handed to the engine; it ended. */
void families_begun(struct families *f, uint32_t task);
void families_ended(struct families *f, const struct event *ev, bool again);
/* Is this the first end of an attempt of its task with this cause? */
bool families_news(struct families *f, const struct event *ev);
/* A task is over.  How long it took, ms, -1: nothing of it ran. */
int64_t families_task(struct families *f, uint32_t task);
/* The first `most` tasks that have begun and are not over, as rows; *more: how many others there are.  Returns rows. */
uint32_t families_rows(struct families *f, struct screen_row *row, uint32_t most, uint32_t *more);

#endif
