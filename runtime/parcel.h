/* parcel.h - one file of .weft/notify: the messages of one run to one topic, and the outbox that sends them. */
#ifndef WEFT_RUNTIME_PARCEL_H
#define WEFT_RUNTIME_PARCEL_H

#include "base/arena.h"
#include "base/diag.h"
#include "runtime/outbox.h"

struct parcel_label { /* the file's header */
	const char *job, *job_id, *topic, *endpoint, *source; /* source: the workflow's path */
	uint32_t run;
};
struct parcel {
	struct arena *arena;
	struct parcel_label label;
	struct spool *spool;
	struct topic topic;      /* as are the next three, once parcel_send was called */
	struct topic_key key;
	const char *token;
	struct outbox *outbox;   /* NULL: nothing can be sent */
	const char *why;         /* ... for this reason */
};

/* The file at this path, made if there is none (of the same run, when there is).  NULL with errno. */
struct parcel *parcel_new(const char *path, const struct parcel_label *l);
/* One that is there; WRITE: to be sent.  NULL with errno; EINVAL: it is no such file. */
struct parcel *parcel_open(const char *path, bool write);
/* Find out where its messages would go, by its label: as parcel_send does first. */
bool parcel_way(struct parcel *p, const struct site *site);
/* Begin to send to where the site file says now, refused ones too when asked for.  false, and p->why, when that cannot
 * be. */
bool parcel_send(struct parcel *p, const struct site *site, bool refused);
/* Is there nothing more to do for now? */
bool parcel_idle(const struct parcel *p);
/* "OnInstanceFailed count 3" of a message's text, harmless to a terminal; what it says does not matter. */
void parcel_say(struct buf *b, const char *text, size_t n);
/* Why something is left in it. */
const char *parcel_trouble(const struct parcel *p);
/* Queue what is left in it, if anything. */
void parcel_say_left(struct parcel *p, struct diags *d);
/* Stop sending, keep what is left. */
void parcel_close(struct parcel *p);

#endif
