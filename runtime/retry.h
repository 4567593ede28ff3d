/* retry.h - attempts that wait before they are made. */
#ifndef WEFT_RUNTIME_RETRY_H
#define WEFT_RUNTIME_RETRY_H

#include "runtime/driver.h"

enum { TIMER_RETRY = 0 }; /* of loop.h; engines have the ids from 1 */

/* The attempt of this event failed and is made again: at once or after its back-off. */
void retry_add(struct run *r, const struct event *ev);
/* The timer is due: give out what has waited long enough. */
void retry_due(struct run *r);
/* Those that run_cancelled names wait no longer: they are ready, to be passed over. */
void retry_cancelled(struct run *r);
/* Does anything wait? */
bool retry_waits(const struct run *r);
void retry_free(struct run *r);

#endif
