/* journal_file.c - the journal's bytes: header, frames, finding the end of what is whole, mapping, writing.
 *
 * Checks are chained: each record's check goes on from the one before, and the first from a random number in the
 * header.  So bytes of another journal, or of another place in this one, never pass. */
#include "runtime/journal_impl.h"

#include "base/digest.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <unistd.h>

enum { WINDOW = 128 << 10, MAP_AHEAD = 16 << 20, ZEROS_MAX = 64 << 20 };
static const char magic[8] = "weftjrnl";

static uint64_t get_u64(const unsigned char *p)
{
	return get_u32(p) | (uint64_t)get_u32(p + 4) << 32;
}

static void put_u64(unsigned char *p, uint64_t v)
{
	put_u32(p, (uint32_t)v);
	put_u32(p + 4, (uint32_t)(v >> 32));
}

/* ---- reading and writing at a place ---- */

/* As many bytes as there are, up to n; -1 with errno. */
static ssize_t read_at(int fd, unsigned char *p, size_t n, uint64_t off)
{
	size_t got = 0;

	while (got < n) {
		ssize_t k = pread(fd, p + got, n - got, (off_t)(off + got));

		if (k < 0 && errno == EINTR)
			continue;
		if (k < 0)
			return -1;
		if (!k)
			break;
		got += (size_t)k;
	}
	return (ssize_t)got;
}

/* All n bytes; `wrote` counts what went out also when it fails. */
static bool write_at(int fd, const unsigned char *p, size_t n, uint64_t off, size_t *wrote)
{
	*wrote = 0;
	while (*wrote < n) {
		ssize_t k = pwrite(fd, p + *wrote, n - *wrote, (off_t)(off + *wrote));

		if (k < 0 && errno == EINTR)
			continue;
		if (!k)
			errno = EIO;
		if (k <= 0)
			return false;
		*wrote += (size_t)k;
	}
	return true;
}

/* ---- header: magic, u32 version, u32 0, u64 seed, u64 nonce, u64 check ---- */

enum journal_head journal_head_read(struct journal *j)
{
	unsigned char h[JOURNAL_HEADER];
	ssize_t n = read_at(j->fd, h, sizeof(h), 0);

	if (n < 0)
		return HEAD_ERROR;
	if (n < JOURNAL_HEADER || memcmp(h, magic, sizeof(magic)) || get_u64(h + 32) != digest_hash64(h, 32, 0))
		return HEAD_DAMAGED;
	if (get_u32(h + 8) != JOURNAL_VERSION)
		return HEAD_NEWER;
	j->seed = get_u64(h + 16);
	j->chain = get_u64(h + 32);
	j->end = j->tail = JOURNAL_HEADER;
	return HEAD_GOOD;
}

bool journal_head_write(struct journal *j)
{
	unsigned char h[JOURNAL_HEADER] = { 0 };
	size_t n;

	memcpy(h, magic, sizeof(magic));
	put_u32(h + 8, JOURNAL_VERSION);
	put_u64(h + 16, j->seed);
	if (getrandom(h + 24, 8, 0) != 8)
		return false;
	j->chain = digest_hash64(h, 32, 0);
	put_u64(h + 32, j->chain);
	j->end = j->tail = JOURNAL_HEADER;
	return write_at(j->fd, h, sizeof(h), 0, &n);
}

/* ---- frames ---- */

static void put_head(unsigned char *at, uint8_t kind, uint32_t n, uint64_t chain)
{
	put_u32(at, n);
	at[4] = kind;
	uint64_t c = digest_hash64(at, 5, chain);
	for (int i = 0; i < 3; i++)
		at[5 + i] = (unsigned char)(c >> 8 * i);
}

uint64_t journal_frame(unsigned char *at, uint8_t kind, const void *p, size_t n, uint64_t chain)
{
	put_head(at, kind, (uint32_t)n, chain);
	if (n)
		memcpy(at + FRAME_HEAD, p, n);
	chain = digest_hash64(at, FRAME_HEAD + n, chain);
	put_u32(at + FRAME_HEAD + n, (uint32_t)chain);
	return chain;
}

static bool head_good(const unsigned char *at, uint64_t chain)
{
	unsigned char want[FRAME_HEAD];

	put_head(want, at[4], get_u32(at), chain);
	return !memcmp(want, at, FRAME_HEAD) && get_u32(at) <= JOURNAL_RECORD_MAX;
}

/* ---- the end of what is whole ---- */

/* Read, not mapped: the file may become shorter meanwhile, when a writer cuts a torn tail. */
struct window {
	unsigned char *p;
	size_t len, cap;
	uint64_t from;
};

/* n bytes at off; NULL when there are fewer (errno 0) or on an error. */
static const unsigned char *window_at(struct window *w, int fd, uint64_t off, size_t n)
{
	ssize_t k;

	if (off >= w->from && off - w->from <= w->len && n <= w->len - (off - w->from))
		return w->p + (off - w->from);
	if (n > w->cap || !w->p) {
		w->cap = n > WINDOW ? n : WINDOW;
		w->p = xrealloc(w->p, w->cap, 1);
	}
	k = read_at(fd, w->p, w->cap, off);
	w->len = k > 0 ? (size_t)k : 0;
	w->from = off;
	if (k >= 0)
		errno = 0;
	return k >= 0 && w->len >= n ? w->p : NULL;
}

/* A file that was made longer before its bytes were there, when the machine stopped. */
static bool only_zeros(struct window *w, int fd, uint64_t off, uint64_t size)
{
	if (size - off > ZEROS_MAX)
		return false;
	while (off < size) {
		size_t n = size - off < WINDOW ? (size_t)(size - off) : WINDOW;
		const unsigned char *p = window_at(w, fd, off, n);

		if (!p || *p || (n > 1 && memcmp(p, p + 1, n - 1)))
			return false;
		off += n;
	}
	return true;
}

static enum journal_tail scan(struct journal *j, struct window *w, uint64_t size)
{
	for (;;) {
		uint64_t rest = size > j->end ? size - j->end : 0;
		const unsigned char *p;
		uint64_t chain;
		size_t n;

		if (rest < FRAME_HEAD)
			return rest ? TAIL_TORN : TAIL_CLEAN;
		if (!(p = window_at(w, j->fd, j->end, FRAME_HEAD)))
			return errno ? TAIL_ERROR : TAIL_TORN;
		if (!head_good(p, j->chain))
			return only_zeros(w, j->fd, j->end, size) ? TAIL_TORN : TAIL_DAMAGED;
		n = get_u32(p);
		if (rest < FRAME_OVER + n)
			return TAIL_TORN;
		if (!(p = window_at(w, j->fd, j->end, FRAME_OVER + n)))
			return errno ? TAIL_ERROR : TAIL_TORN;
		chain = digest_hash64(p, FRAME_HEAD + n, j->chain);
		if ((uint32_t)chain != get_u32(p + FRAME_HEAD + n))
			return TAIL_DAMAGED;
		j->chain = chain;
		j->end += FRAME_OVER + n;
	}
}

enum journal_tail journal_scan(struct journal *j, uint64_t size)
{
	struct window w = { NULL, 0, 0, 0 };
	enum journal_tail t = scan(j, &w, size);
	int e = errno;

	free(w.p);
	j->tail = j->end;
	errno = e;
	return t;
}

/* ---- mapping ---- */

bool journal_map(struct journal *j, uint64_t to)
{
	uint64_t page = (uint64_t)sysconf(_SC_PAGESIZE);
	uint64_t from = j->seg ? j->end : JOURNAL_HEADER;
	uint64_t base = from / page * page;
	uint64_t len = to - base + (to > MAP_AHEAD ? to : MAP_AHEAD);
	struct segment *s;
	void *p;

	if (to <= from || (j->seg && to - j->seg->base <= j->seg->len))
		return true;
	p = mmap(NULL, (size_t)len, PROT_READ, MAP_SHARED, j->fd, (off_t)base);
	if (p == MAP_FAILED)
		return false;
	s = xmalloc(sizeof(*s));
	*s = (struct segment){ j->seg, p, (size_t)len, base, from };
	j->seg = s;
	return true;
}

void journal_unmap(struct segment *s)
{
	while (s) {
		struct segment *older = s->older;

		munmap(s->p, s->len);
		free(s);
		s = older;
	}
}

void journal_unhold(struct journal *j)
{
	for (const struct segment *s = j->seg; s; s = s->older)
		madvise(s->p, s->len, MADV_DONTNEED);
	j->unheld = j->end;
}

/* ---- writing ---- */

/* Count the whole records among n more bytes that went out. */
static void advance(struct journal *j, struct chunk *c, size_t n)
{
	size_t to = c->done + n;

	while (c->done < to && FRAME_OVER + (size_t)get_u32(c->p + c->done) <= to - c->done)
		c->done += FRAME_OVER + (size_t)get_u32(c->p + c->done);
	j->end = c->off + c->done;
}

bool journal_write_out(struct journal *j)
{
	for (struct chunk *c = j->first; c; c = c->next) {
		size_t n, want = c->len - c->done;
		bool ok = write_at(j->fd, c->p + c->done, want, c->off + c->done, &n);
		int e = errno;

		j->dirty = j->dirty || n;
		advance(j, c, n);
		if (ok)
			continue;
		if (ftruncate(j->fd, (off_t)j->end)) {
			/* what is left is no whole record, and the next write goes over it */
		}
		errno = e;
		return false;
	}
	return true;
}
