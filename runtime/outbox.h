/* outbox.h - sends what lies in a spool to one place: at least once, and in order for messages of one key.
 *
 * Some messages are looked at ahead; of each key only the first is under way.  What the receiver does:
 *     2xx                                        delivered
 *     no answer, no HTTP, 408, 425, 429, 5xx     again, after a back-off that doubles and varies; fewer at a time meanwhile
 *     3xx, 401, 403, 404, 405, 407, 410          nothing more is sent: it does not take messages of ours at all
 *     any other                                  this message is refused and passed over
 * Nothing here waits.  Memory does not grow with the messages. */
#ifndef WEFT_RUNTIME_OUTBOX_H
#define WEFT_RUNTIME_OUTBOX_H

#include "base/arena.h"
#include "job/topic.h"
#include "runtime/loop.h"
#include "runtime/spool.h"

struct outbox;

/* Send what is in s, and what will be added to it, to t; refused messages too when asked for.  t, key and token (NULL:
 * none) stay with the caller as long as the outbox.  NULL and *why. */
struct outbox *outbox_new(const struct topic *t, const struct topic_key *key, const char *token, struct spool *s, bool refused,
	const char **why);
/* What is under way is given up: it may have been delivered, and stays in the spool.  The spool stays with the caller. */
void outbox_free(struct outbox *o);
/* Add descriptors to the loop; ms until outbox_turn is due without any of them, -1: never. */
int outbox_watch(struct outbox *o, struct loop *l);
/* Take what came and send what may be sent. */
void outbox_turn(struct outbox *o, const struct loop *l);
/* Is nothing left to do: all is delivered or refused, or nothing more is sent? */
bool outbox_idle(const struct outbox *o);
bool outbox_stopped(const struct outbox *o);
uint64_t outbox_delivered(const struct outbox *o);
/* The last that went wrong and was not followed by a success, for a person; NULL: nothing did. */
const char *outbox_trouble(const struct outbox *o);

#endif
