/* notify.h - notifications: the messages of a run, and those that earlier runs could not deliver, in .weft/notify.
 *
 * Each run has a file there (spool.h).  A message is written into it before the journal has what it is about, and is
 * sent from there, so that a driver that is killed loses none; its file is sent by the next run, or by notify_flush.
 * Nothing of this waits for the network but the end of the run, and that for a bounded time. */
#ifndef WEFT_RUNTIME_NOTIFY_H
#define WEFT_RUNTIME_NOTIFY_H

#include "base/diag.h"
#include "job/site.h"
#include "runtime/event.h"
#include "runtime/parcel.h"
#include "runtime/run.h"

/* Queue a warning when the job declares notifications that could not be sent: no access key, a file that cannot be
 * read. */
void notify_check(const struct job *j, const struct run_options *o, struct diags *d);
/* The sink of what the job declares and of what earlier runs have left; NULL when there is nothing of either, or it
 * cannot be kept, which is queued in r->d. */
struct event_sink *notify_open(struct run *r);
/* A run that has nothing to do sends what earlier ones have left.  The lock is held. */
void notify_leftovers(struct run *r);

/* ---- notify_files.c: without a run ---- */
/* What lies in BASE/notify, the oldest run first: heap array and paths to be freed. */
char **notify_files(const char *base, uint32_t *n);
/* Call FN for each file there that is one of ours; WRITE: with the workspace's lock held, so that it may be sent.
 * 0; 4 or 6 after a diagnostic. */
typedef void notify_fn(void *ctx, struct parcel *p);
int notify_each(const char *base, bool write, notify_fn *fn, void *ctx, struct diags *d);
/* Send what is in it, refused ones too, waiting at most as long as its topic says or for a signal.  Is all delivered? */
bool notify_flush(struct parcel *p, const struct site *site);
/* Forget what is in it. */
void notify_drop(struct parcel *p);

#endif
