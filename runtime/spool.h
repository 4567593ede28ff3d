/* spool.h - messages that wait to be sent, in a file that outlives the driver: .weft/notify/NAME.
 *
 * The first line is JSON, the file's header.  Every further line is a message: how it stands, 16 hex digits of its key,
 * a blank, its text.  How it stands is changed in place, with a write of one byte, so that nothing can be torn:
 *     -  not delivered      +  delivered      x  refused: the receiver will never take it
 * Memory does not grow with the messages.  When all are delivered the file is cut back to its header, at the end it
 * goes.  Lines that are none of these, like the last one of a driver that was killed, are passed over. */
#ifndef WEFT_RUNTIME_SPOOL_H
#define WEFT_RUNTIME_SPOOL_H

#include "base/buf.h"

#include <stdbool.h>
#include <stdint.h>

enum { SPOOL_TEXT_MAX = 256 << 10 }; /* bytes of a message */

struct spool;
struct spool_message {
	uint64_t at;  /* of its line in the file */
	uint64_t key; /* messages of one key are delivered in order */
	uint32_t len; /* of the text */
	char how;
};

/* A new file with this header (one line of JSON, without its end).  NULL with errno. */
struct spool *spool_new(const char *path, const char *header);
/* One that is there.  NULL with errno; EINVAL: it is no such file. */
struct spool *spool_open(const char *path, bool write);
/* Its header, followed by a NUL. */
const char *spool_header(const struct spool *s);
const char *spool_path(const struct spool *s);
/* Add a message of n bytes without a line end; false, and it is lost, when an earlier write failed or it is too long. */
bool spool_add(struct spool *s, uint64_t key, const char *text, size_t n);
/* Write out what was added; false with errno, and what was not written is lost. */
bool spool_flush(struct spool *s);
/* The next message that is not delivered (refused ones only when asked for), in order; false when there are no
 * more.  Everything that was added is written out then. */
bool spool_next(struct spool *s, bool refused, struct spool_message *m);
/* From the beginning again. */
void spool_rewind(struct spool *s);
/* The text of a message into b; false when the file cannot be read. */
bool spool_text(struct spool *s, const struct spool_message *m, struct buf *b);
/* It was delivered ('+'), refused ('x'), or is to be sent again ('-'). */
bool spool_mark(struct spool *s, struct spool_message *m, char how);
/* How many were ever in it. */
uint64_t spool_added(const struct spool *s);
/* How many are not delivered, and how many of those are refused. */
uint64_t spool_left(const struct spool *s);
uint64_t spool_refused(const struct spool *s);
/* Write out, remove the file when nothing is left in it, free. */
void spool_close(struct spool *s);

#endif
