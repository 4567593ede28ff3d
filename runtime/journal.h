/* journal.h - .weft/journal: the one truth about what ran.  Append-only, checksummed, versioned; doc/journal.md.
 *
 * One live writer, who holds the workspace's kernel lock (run_dir.c); readers need no lock: they see a prefix of what
 * the writer wrote.  Records are framed and checksummed here; what is in them is record.h's business.
 * A torn or damaged tail is cut (by a writer) or not looked at (by a reader): what it said is done again at worst. */
#ifndef WEFT_RUNTIME_JOURNAL_H
#define WEFT_RUNTIME_JOURNAL_H

#include "base/diag.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct journal;

enum { JOURNAL_RECORD_MAX = 1 << 30, JOURNAL_OVERHEAD = 12 /* bytes of a record beside its payload */ };

/* Open DIR/journal, made when WRITE and missing; a missing one is empty for readers.  Maps what is whole.
 * NULL after a diagnostic: E1070 cannot be read or written, E1071 of a newer format.  W1072, damage was cut and the file
 * as it was kept beside it, still opens (a reader only looks at what is before). */
struct journal *journal_open(const char *dir, bool write, struct diags *d);
void journal_close(struct journal *j);
/* A random number fixed when the journal was made: seed of all digests in it. */
uint64_t journal_seed(const struct journal *j);
/* Records in order.  `off` names the record; p is valid until journal_close (mapped).  Stops when fn returns false. */
typedef bool journal_fn(void *ctx, uint64_t off, uint8_t kind, const unsigned char *p, size_t n);
bool journal_each(const struct journal *j, journal_fn *fn, void *ctx);
/* A record by its offset, as journal_each or journal_append gave it; NULL if there is none.  Also one that is not
 * written yet: then p is valid until the next flush. */
const unsigned char *journal_at(const struct journal *j, uint64_t off, uint8_t *kind, size_t *n);
/* Look for what a writer has added since (logs -f, status); calls fn for each new record.  false: it was compacted. */
bool journal_more(struct journal *j, journal_fn *fn, void *ctx);

/* Queue a record; its offset, 0 for a reader's journal or a payload over JOURNAL_RECORD_MAX.  Goes to the file with
 * the next flush. */
uint64_t journal_append(struct journal *j, uint8_t kind, const void *p, size_t n);
/* Was anything appended by this process? */
bool journal_touched(const struct journal *j);
/* write(2) what is queued: a crash of this process loses nothing of it from here on.  false with errno; nothing of a
 * record that could not be written whole stays in the file. */
bool journal_flush(struct journal *j);
/* fdatasync, when there is anything new: a crash of the machine loses nothing of it.  false with errno. */
bool journal_sync(struct journal *j);

/* Write the records that KEEP says yes to into a new journal and put it in place by rename; offsets change (`moved`
 * tells old and new while it is written; NULL is fine, NULL for KEEP means all).  The writer only.  false with errno: the
 * old one stays. */
typedef bool journal_keep(void *ctx, uint64_t off, uint8_t kind, const unsigned char *p, size_t n);
typedef void journal_moved(void *ctx, uint64_t from, uint64_t to);
bool journal_compact(struct journal *j, journal_keep *keep, journal_moved *moved, void *ctx);
/* Bytes in all. */
uint64_t journal_size(const struct journal *j);
/* A number that is the same only for the same records: the check with which the next one will begin. */
uint64_t journal_chain(const struct journal *j);

#endif
