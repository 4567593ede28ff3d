/* outlet.h - a descriptor whose reader may be slow, stalled or gone: a bounded queue before it, and no write that waits. */
#ifndef WEFT_RUNTIME_OUTLET_H
#define WEFT_RUNTIME_OUTLET_H

#include "runtime/loop.h"

#include <stddef.h>

struct outlet;

/* fd stays the caller's; -1: nothing can be written yet.  At most `max` bytes are held, but for a regular file, which is
 * written at once: it does not wait for anybody. */
struct outlet *outlet_new(int fd, size_t max);
void outlet_free(struct outlet *o);
/* The descriptor is there now. */
void outlet_set(struct outlet *o, int fd);
/* Take all of it or, without room or after an error, nothing.  There is always room when nothing is held. */
bool outlet_put(struct outlet *o, const char *p, size_t n);
/* Write what goes without waiting. */
void outlet_turn(struct outlet *o);
/* Before the loop waits: wake it when more can be written. */
void outlet_watch(struct outlet *o, struct loop *l);
/* Write all, waiting at most so many ms (-1: for as long as it takes) or until a signal comes to l (NULL: none).  When one has
 * come before, or l is in a hurry, it is waited half a second at most: whoever asked for the end need not ask again for every text. */
bool outlet_drain(struct outlet *o, int ms, struct loop *l);
/* What is not written yet. */
const char *outlet_rest(const struct outlet *o, size_t *n);
/* Forget what is not written yet. */
void outlet_drop(struct outlet *o);
/* errno of the write that failed; nothing is taken or written after one.  0: fine. */
int outlet_error(const struct outlet *o);

#endif
