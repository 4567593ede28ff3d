/* disk.h - what is at a path now: looked at once, digested only when what stat says is not known.
 *
 * Names are canonical: workspace-relative, else the URL of a store, else absolute (disk_name).  A stamp is a hash of
 * device, inode, size, mtime and ctime; a digest known for a stamp is not computed again.  A file that changed less
 * than a clock tick before it was read gets stamp 0: nothing is believed of it the next time (racy, as git calls it). */
#ifndef WEFT_RUNTIME_DISK_H
#define WEFT_RUNTIME_DISK_H

#include "runtime/history.h"
#include "runtime/store.h"

enum file_kind { FK_NONE, FK_FILE, FK_DIR, FK_OTHER /* cannot be read */ };
struct fstate {
	uint8_t kind;   /* enum file_kind */
	bool known;     /* digest is */
	uint64_t stamp; /* 0: not to be trusted later */
	struct digest digest;
};
struct disk;

/* WS: the workspace, real path.  All arguments outlive it.  NULL with errno: WS cannot be opened. */
struct disk *disk_new(const char *ws, const struct stores *st, const struct history *h, uint64_t seed);
void disk_free(struct disk *f);
/* New knowledge is queued in the journal as RK_FILE from now on (the caller holds the lock). */
void disk_record(struct disk *f, struct journal *j);
/* The canonical name of what a port's path or a URL means, in the arena; "" when no store stands for the URL. */
const char *disk_name(struct disk *f, struct arena *a, const char *path);
/* The place on this machine. */
const char *disk_place(struct disk *f, struct arena *a, const char *name);
/* What is there.  KEEP: remember it (others will ask).  Valid until the next call. */
const struct fstate *disk_look(struct disk *f, const char *name, bool keep);
/* The digest of what is there; a directory's is that of all it holds.  HINT: what is believed of it, may be NULL.
 * NULL: nothing is there, or it cannot be read (errno). */
const struct fstate *disk_digest(struct disk *f, const char *name, const struct fstate *hint, bool keep);
/* The same of a file whose stamp was just asked for (disk_stamps); valid until the next call. */
const struct fstate *disk_digest_of(struct disk *f, const char *name, uint64_t stamp, const struct fstate *hint);
/* The stamps of the files that text + off[0..n-1] name; 0: no file, or a URL.  Asked by a few threads when there are many:
 * nothing else may use the disk meanwhile. */
void disk_stamps(struct disk *f, const char *text, const uint32_t *off, uint32_t n, uint64_t *stamp);
/* The stamp of what stat says; never 0. */
struct stat;
uint64_t disk_stamp(const struct stat *sb);
/* What stat says now, as a number, trusted later or not: a file's stamp, of anything else its type (a plan kept in a
 * directory that is read changes the directory's times); 0: nothing is there. */
uint64_t disk_stamp_now(struct disk *f, const char *name);
/* It was written: look again. */
void disk_changed(struct disk *f, const char *name);
/* What counts as made, read and believed from now on; NULL: nothing is there.  OVER: whoever wrote it has ended, so that it is
 * believed however young it is. */
const struct fstate *disk_made(struct disk *f, const char *name, bool over);
/* Look again whether it is still what it was; it keeps its digest when stat says the same. */
void disk_check(struct disk *f, const char *name);
/* Every file below a directory, sorted: name (canonical) and digest.  What weft itself keeps in the workspace is left out. */
typedef bool disk_fn(void *ctx, const char *name, struct digest d);
bool disk_each(struct disk *f, const char *dir, bool keep, disk_fn *fn, void *ctx);
/* How often stat was asked, and how many bytes were read: for -v and tests. */
void disk_counts(const struct disk *f, uint64_t *stats, uint64_t *bytes);

#endif
