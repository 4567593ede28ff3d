/* history.h - the journal read once into tables: what is known about instances and files.
 *
 * About 12 bytes an instance and 24 a file of heap; everything else stays in the mapped journal. */
#ifndef WEFT_RUNTIME_HISTORY_H
#define WEFT_RUNTIME_HISTORY_H

#include "runtime/journal.h"
#include "runtime/record.h"

struct history;

/* What the journal says; it is read when something is asked for first.  The journal outlives the history. */
struct history *history_read(struct journal *j);
void history_free(struct history *h);
/* A record that was just appended, and all before it that were not noted yet, so that the tables stay right. */
void history_note(struct history *h, uint64_t off);

/* The last success that still counts (neither RK_FORGET nor a later in_place RK_BEGIN); false if there is none. */
bool history_done(const struct history *h, const char *task, const char *key, struct rec_done *r);
/* How its last attempt ended when that was no success and came after the last success; false otherwise. */
bool history_failed(const struct history *h, const char *task, const char *key, struct rec_end *r);
/* Does any instance of the task have a success that counts?  Cheap: for fresh and large tasks. */
bool history_any(const struct history *h, const char *task);
/* Temp outputs were removed by us after the success (RK_GONE). */
bool history_gone(const struct history *h, const char *task, const char *key);
/* The last known stamp and digest of a path, from RK_FILE or an output of RK_DONE. */
bool history_file(const struct history *h, const char *path, uint64_t *stamp, struct digest *digest);
/* The digest that was recorded for this path when it had this stamp, if any; filed: only in RK_FILE, without the table of
 * outputs, which is large. */
bool history_filed(const struct history *h, const char *path, uint64_t stamp, struct digest *digest);
bool history_stamped(const struct history *h, const char *path, uint64_t stamp, struct digest *digest);
/* Who published this path last (last RK_DONE with it among its outputs that still counts). */
bool history_maker(const struct history *h, const char *path, struct rec_who *who);
/* Text by its hash. */
bool history_text(const struct history *h, uint32_t hash, struct rec_text *r);
/* All successes that still count, in the order of the journal. */
typedef bool history_fn(void *ctx, const struct rec_done *r);
void history_each(const struct history *h, history_fn *fn, void *ctx);
/* Stamps of this record mean nothing: it was written under another boot of the machine, and nothing said since that
 * the disk had it all (RK_SYNCED). */
bool history_stale_stamp(const struct history *h, uint64_t off);
/* The last RK_RUN number, 0 if none. */
uint32_t history_last_run(const struct history *h);
/* Bytes that compaction would save; when that is less than 1 MB or half of all, only an upper limit. */
uint64_t history_dead(const struct history *h);
/* Compact the journal to what counts, and the last KEEP_RUNS runs' own records. */
bool history_compact(struct history *h);
uint64_t history_bytes(const struct history *h);

#endif
