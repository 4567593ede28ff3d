/* cancel.h - asking a live driver to cancel: one file a request in its run's directory, answered by another one.
 *
 * The directory is this user's alone.  A request is written under another name and renamed; the driver takes it away. */
#ifndef WEFT_RUNTIME_CANCEL_H
#define WEFT_RUNTIME_CANCEL_H

#include "base/arena.h"
#include "base/buf.h"

#include <stdbool.h>
#include <stdint.h>

/* Leave a request for targets (as target.h reads them; none: the whole run) in RUNDIR; its name, NULL with errno. */
const char *cancel_ask(struct arena *a, const char *rundir, const char *const *target, uint32_t n);
struct cancel_answer {
	bool done;
	unsigned long long running, waiting; /* instances that were told to end, that will not begin */
	const char *why;                     /* not done: in the driver's words */
};
/* Take the driver's answer to a request; false: there is none yet. */
bool cancel_answered(struct arena *a, const char *rundir, const char *request, struct cancel_answer *out);
/* Take a request back that nobody has answered. */
void cancel_withdraw(const char *rundir, const char *request);

/* For the driver: take the requests that are there.  fn writes its answer into ANSWER. */
typedef void cancel_fn(void *ctx, const char *const *target, uint32_t n, struct cancel_answer *answer);
void cancel_take(const char *rundir, cancel_fn *fn, void *ctx);

#endif
