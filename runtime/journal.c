/* journal.c - a journal's life: open, read, append, compact; see journal.h and doc/journal.md. */
#include "runtime/journal_impl.h"

#include "base/intl.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

enum { CHUNK_SIZE = 256 << 10, COMPACT_FLUSH = 4 << 20, HOLD = 64 << 10, KEEP_DAMAGED = 8 };
static const char file_name[] = "journal", new_name[] = "journal.new";

/* ---- a new file ---- */

static struct journal *journal_new(void)
{
	struct journal *j = xcalloc(1, sizeof(*j));

	j->dirfd = j->fd = -1;
	return j;
}

/* Begin journal.new with the seed; it has no directory of its own.  NULL with errno. */
static struct journal *begin_new(int dirfd, uint64_t seed)
{
	struct journal *n = journal_new();

	n->write = true;
	n->seed = seed;
	n->fd = openat(dirfd, new_name, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (n->fd >= 0 && journal_head_write(n))
		return n;
	int e = errno;
	if (n->fd >= 0)
		unlinkat(dirfd, new_name, 0);
	journal_close(n);
	errno = e;
	return NULL;
}

static bool sync_dir(int dirfd)
{
	return fsync(dirfd) == 0 || errno == EINVAL || errno == EROFS;
}

static void take_over(struct journal *j, struct journal *n)
{
	struct segment **s = &j->old;

	while (*s)
		s = &(*s)->older;
	*s = j->seg;
	if (j->fd >= 0)
		close(j->fd);
	j->fd = n->fd;
	j->seed = n->seed;
	j->end = n->end;
	j->tail = n->tail;
	j->chain = n->chain;
	j->seg = n->seg;
	j->dirty = false;
	n->fd = -1;
	n->seg = NULL;
	journal_close(n);
}

/* Put what begin_new began in the place of the journal; false with errno: the old one stays. */
static bool finish_new(struct journal *j, struct journal *n)
{
	bool ok = journal_flush(n) && fsync(n->fd) == 0 && renameat(j->dirfd, new_name, j->dirfd, file_name) == 0;

	if (!ok) {
		int e = errno;

		unlinkat(j->dirfd, new_name, 0);
		journal_close(n);
		errno = e;
		return false;
	}
	take_over(j, n);
	if (!sync_dir(j->dirfd))
		j->broken = errno;
	return true;
}

static bool create(struct journal *j)
{
	struct journal *n;
	uint64_t seed;

	if (getrandom(&seed, sizeof(seed), 0) != sizeof(seed))
		return false;
	n = begin_new(j->dirfd, seed);
	return n && finish_new(j, n);
}

/* ---- damage ---- */

/* Keep the damaged file under another name; its number, or -1 with errno. */
static int keep_damaged(struct journal *j)
{
	for (int i = 1; i <= KEEP_DAMAGED; i++) {
		char name[32];

		snprintf(name, sizeof(name), "%s.damaged-%d", file_name, i);
		if (i == KEEP_DAMAGED)
			unlinkat(j->dirfd, name, 0);
		if (linkat(j->dirfd, file_name, j->dirfd, name, 0) == 0)
			return i;
		if (errno != EEXIST)
			break;
	}
	return -1;
}

static void tell_damage(struct journal *j, struct diags *d, int kept, int e)
{
	diag_error(d, W1072, NOSPAN, "`%s` is damaged from byte %llu on", j->path, (unsigned long long)j->end);
	if (!j->write)
		diag_note(d, "what follows is not looked at");
	else if (kept > 0)
		diag_note(d, "what follows was cut; the file as it was is `%s.damaged-%d`", j->path, kept);
	else
		diag_note(d, "what follows was cut, and could not be kept: %s", strerror(e));
	diag_help(d, "nothing has to be done: what it said is done again");
}

/* fmt takes the path and the system's reason. */
static bool cannot(struct journal *j, struct diags *d, const char *fmt)
{
	return diag_error(d, E1070, NOSPAN, fmt, j->path, strerror(errno));
}

/* The whole records go on in a new file: nothing that a reader has mapped is cut. */
static bool repair(struct journal *j, bool head, struct diags *d)
{
	int kept, e;

	if (!j->write) {
		tell_damage(j, d, 0, 0);
		return true;
	}
	kept = keep_damaged(j);
	e = errno;
	tell_damage(j, d, kept, e);
	if (head ? !create(j) : !journal_compact(j, NULL, NULL, NULL))
		return cannot(j, d, N_("cannot write `%s`: %s"));
	return true;
}

/* ---- opening ---- */

static bool open_file(struct journal *j, struct stat *st)
{
	j->fd = openat(j->dirfd, file_name, (j->write ? O_RDWR : O_RDONLY) | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	if (j->fd < 0 || fstat(j->fd, st))
		return false;
	if (S_ISREG(st->st_mode))
		return true;
	errno = S_ISDIR(st->st_mode) ? EISDIR : EINVAL;
	return false;
}

static bool read_records(struct journal *j, uint64_t size, struct diags *d)
{
	enum journal_tail t = journal_scan(j, size);

	if (t == TAIL_ERROR)
		return cannot(j, d, N_("cannot read `%s`: %s"));
	if (t == TAIL_TORN && j->write && ftruncate(j->fd, (off_t)j->end))
		return cannot(j, d, N_("cannot write `%s`: %s"));
	if (!journal_map(j, j->end))
		return cannot(j, d, N_("cannot read `%s`: %s"));
	return t != TAIL_DAMAGED || repair(j, false, d);
}

static bool read_file(struct journal *j, uint64_t size, struct diags *d)
{
	switch (journal_head_read(j)) {
	case HEAD_GOOD:
		return read_records(j, size, d);
	case HEAD_NEWER:
		diag_error(d, E1071, NOSPAN, "`%s` was written by a newer weft", j->path);
		diag_help(d, "use that version, or remove the file: then everything counts as never done");
		return false;
	case HEAD_DAMAGED:
		return repair(j, true, d);
	case HEAD_ERROR:
		break;
	}
	return cannot(j, d, N_("cannot read `%s`: %s"));
}

static bool open_all(struct journal *j, const char *dir, struct diags *d)
{
	struct stat st;

	j->dirfd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (j->dirfd >= 0 && open_file(j, &st))
		return read_file(j, (uint64_t)st.st_size, d);
	if (errno != ENOENT)
		return cannot(j, d, N_("cannot open `%s`: %s"));
	if (!j->write)
		return true;
	return (j->dirfd >= 0 && create(j)) || cannot(j, d, N_("cannot make `%s`: %s"));
}

struct journal *journal_open(const char *dir, bool write, struct diags *d)
{
	struct journal *j = journal_new();
	size_t n = strlen(dir) + sizeof("/journal");

	j->path = xmalloc(n);
	snprintf(j->path, n, "%s/%s", dir, file_name);
	j->write = write;
	if (open_all(j, dir, d))
		return j;
	journal_close(j);
	return NULL;
}

static void free_chunks(struct journal *j)
{
	while (j->first) {
		struct chunk *c = j->first;

		j->first = c->next;
		free(c);
	}
	j->last = NULL;
}

void journal_close(struct journal *j)
{
	if (!j)
		return;
	free_chunks(j);
	journal_unmap(j->seg);
	journal_unmap(j->old);
	if (j->fd >= 0)
		close(j->fd);
	if (j->dirfd >= 0)
		close(j->dirfd);
	free(j->path);
	free(j);
}

uint64_t journal_seed(const struct journal *j)
{
	return j->seed;
}

uint64_t journal_size(const struct journal *j)
{
	return j->tail;
}

uint64_t journal_chain(const struct journal *j)
{
	return j->chain;
}

/* ---- reading ---- */

static const unsigned char *payload(const unsigned char *frame, uint8_t *kind, size_t *n)
{
	*n = get_u32(frame);
	*kind = frame[4];
	return frame + FRAME_HEAD;
}

static const unsigned char *mapped(const struct journal *j, uint64_t off)
{
	for (const struct segment *s = j->seg; s; s = s->older)
		if (off >= s->from && off - s->base <= s->len - FRAME_OVER)
			return s->p + (off - s->base);
	return NULL;
}

static const unsigned char *queued(const struct journal *j, uint64_t off)
{
	for (const struct chunk *c = j->first; c; c = c->next)
		if (off >= c->off && off - c->off < c->len)
			return c->p + (off - c->off);
	return NULL;
}

const unsigned char *journal_at(const struct journal *j, uint64_t off, uint8_t *kind, size_t *n)
{
	const unsigned char *f = off < j->end ? mapped(j, off) : queued(j, off);

	if (!f)
		return NULL;
	f = payload(f, kind, n);
	return off >= j->end || FRAME_OVER + *n <= j->end - off ? f : NULL; /* who writes into a mapped file may do it now */
}

/* The records from `off` to the end of the file's. */
static bool each_mapped(const struct journal *j, uint64_t off, journal_fn *fn, void *ctx)
{
	while (off < j->end) {
		const unsigned char *f = mapped(j, off);
		uint8_t kind;
		size_t n;

		if (!f)
			return true;
		f = payload(f, &kind, &n);
		if (FRAME_OVER + n > j->end - off)
			return true;
		if (!fn(ctx, off, kind, f, n))
			return false;
		off += FRAME_OVER + n;
	}
	return true;
}

bool journal_each(const struct journal *j, journal_fn *fn, void *ctx)
{
	if (!each_mapped(j, JOURNAL_HEADER, fn, ctx))
		return false;
	for (const struct chunk *c = j->first; c; c = c->next) {
		for (size_t at = c->done; at < c->len;) {
			uint8_t kind;
			size_t n;
			const unsigned char *p = payload(c->p + at, &kind, &n);

			if (!fn(ctx, c->off + at, kind, p, n))
				return false;
			at += FRAME_OVER + n;
		}
	}
	return true;
}

/* Take in what is whole by now; the part mapped next begins where the last one ended. */
static bool look_on(struct journal *j, uint64_t size)
{
	uint64_t from = j->end, to;
	bool ok;

	journal_scan(j, size);
	to = j->end;
	j->end = from;
	ok = journal_map(j, to);
	if (ok)
		j->end = to;
	return ok;
}

bool journal_more(struct journal *j, journal_fn *fn, void *ctx)
{
	struct stat here, there;
	uint64_t from = j->end;

	if (j->write)
		return true;
	if (j->dirfd < 0)
		return false;
	if (fstatat(j->dirfd, file_name, &there, 0))
		return j->fd < 0;
	if (j->fd < 0 || fstat(j->fd, &here) || here.st_ino != there.st_ino || here.st_dev != there.st_dev)
		return false;
	if (!j->end) /* its header is damaged */
		return true;
	if (!look_on(j, (uint64_t)here.st_size))
		return false;
	each_mapped(j, from, fn, ctx);
	return true;
}

/* ---- appending ---- */

/* Room for n more bytes in one chunk. */
static struct chunk *room(struct journal *j, size_t n)
{
	struct chunk *c = j->last;

	if (c && n <= c->cap - c->len)
		return c;
	size_t cap = n > CHUNK_SIZE ? n : CHUNK_SIZE;
	c = xmalloc(sizeof(*c) + cap);
	*c = (struct chunk){ .off = j->tail, .cap = cap };
	if (j->last)
		j->last->next = c;
	else
		j->first = c;
	j->last = c;
	return c;
}

uint64_t journal_append(struct journal *j, uint8_t kind, const void *p, size_t n)
{
	uint64_t off = j->tail;
	struct chunk *c;

	if (!j->write || n > JOURNAL_RECORD_MAX)
		return 0;
	j->touched = true;
	c = room(j, FRAME_OVER + n);
	j->chain = journal_frame(c->p + c->len, kind, p, n, j->chain);
	c->len += FRAME_OVER + n;
	j->tail += FRAME_OVER + n;
	return off;
}

bool journal_touched(const struct journal *j)
{
	return j->touched;
}

/* Keep one chunk: most turns write little. */
static void drop_chunks(struct journal *j)
{
	struct chunk *c = j->first;

	if (!c)
		return;
	j->first = c->next;
	free_chunks(j);
	if (c->cap > CHUNK_SIZE) {
		free(c);
		return;
	}
	c->next = NULL;
	c->off = j->tail;
	c->len = c->done = 0;
	j->first = j->last = c;
}

bool journal_flush(struct journal *j)
{
	if (j->broken) {
		errno = j->broken;
		return false;
	}
	if (j->tail == j->end)
		return true;
	if (!journal_map(j, j->tail) || !journal_write_out(j))
		return false;
	drop_chunks(j);
	if (j->end - j->unheld > HOLD)
		journal_unhold(j);
	return true;
}

bool journal_sync(struct journal *j)
{
	if (!journal_flush(j))
		return false;
	if (!j->dirty)
		return true;
	if (fdatasync(j->fd)) {
		j->broken = errno; /* what the disk did not take is forgotten by the kernel: trying again proves nothing */
		return false;
	}
	j->dirty = false;
	return true;
}

/* ---- compaction ---- */

struct compacting {
	struct journal *to;
	journal_keep *keep;
	journal_moved *moved;
	void *ctx;
};

static bool copy_record(void *ctx, uint64_t off, uint8_t kind, const unsigned char *p, size_t n)
{
	struct compacting *c = ctx;
	uint64_t to;

	if (c->keep && !c->keep(c->ctx, off, kind, p, n))
		return true;
	to = journal_append(c->to, kind, p, n);
	if (c->moved)
		c->moved(c->ctx, off, to);
	return c->to->tail - c->to->end < COMPACT_FLUSH || journal_flush(c->to);
}

bool journal_compact(struct journal *j, journal_keep *keep, journal_moved *moved, void *ctx)
{
	struct compacting c = { NULL, keep, moved, ctx };

	if (!j->write || !journal_flush(j) || !(c.to = begin_new(j->dirfd, j->seed)))
		return false;
	if (journal_each(j, copy_record, &c)) {
		free_chunks(j);
		return finish_new(j, c.to);
	}
	int e = errno;
	unlinkat(j->dirfd, new_name, 0);
	journal_close(c.to);
	errno = e;
	return false;
}
