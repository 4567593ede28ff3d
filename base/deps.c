/* deps.c - see deps.h. */
#include "base/deps.h"

#include "base/arena.h"
#include "base/name.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { DEP_FILE = 1, DEP_KIND, DEP_SIZE, DEP_GLOB };
enum { YOUNG = 3 }; /* seconds: file systems keep times as coarse as 2 s, and servers have clocks of their own */

struct dep { /* one after the other, each a multiple of 8 bytes */
	uint32_t bytes, kind;
	uint64_t stamp;       /* of the file, of the directory a pattern lists; 0: not to be trusted */
	struct digest digest; /* of the content, of the paths found; DEP_KIND, DEP_SIZE: lo is that */
	char path[];          /* NUL-terminated */
};
struct deps {
	uint64_t seed;
	bool lost;
	struct buf b;
	struct names *kinds, *sizes; /* paths recorded as DEP_KIND, DEP_SIZE */
};

struct deps *deps_new(uint64_t seed)
{
	struct deps *d = xcalloc(1, sizeof(*d));

	d->seed = seed;
	d->kinds = names_new();
	d->sizes = names_new();
	buf_init(&d->b, (size_t)1 << 30);
	return d;
}

void deps_free(struct deps *d)
{
	if (!d)
		return;
	names_free(d->kinds);
	names_free(d->sizes);
	buf_free(&d->b);
	free(d);
}

uint64_t deps_seed(const struct deps *d)
{
	return d ? d->seed : 0;
}

void deps_lost(struct deps *d)
{
	if (d)
		d->lost = true;
}

static void put(struct deps *d, uint32_t kind, uint64_t stamp, struct digest digest, const char *path)
{
	static const char zero[8];
	size_t n = strlen(path) + 1, pad = -(sizeof(struct dep) + n) & 7;
	struct dep r = { (uint32_t)(sizeof(r) + n + pad), kind, stamp, digest };

	if (!buf_add(&d->b, &r, sizeof(r)) || !buf_add(&d->b, path, n) || !buf_add(&d->b, zero, pad))
		d->lost = true;
}

/* ---- files ---- */

static bool is_old(const struct timespec *t, const struct timespec *now)
{
	return t->tv_sec < now->tv_sec - YOUNG;
}

/* What stat says of a file, as a number; 0 when a change made now could leave it equal. */
static uint64_t stamp_of(const struct stat *st)
{
	uint64_t v[] = { (uint64_t)st->st_dev, (uint64_t)st->st_ino, (uint64_t)st->st_size, (uint64_t)st->st_mtim.tv_sec,
		(uint64_t)st->st_mtim.tv_nsec, (uint64_t)st->st_ctim.tv_sec, (uint64_t)st->st_ctim.tv_nsec };
	struct timespec now;
	uint64_t h;

	if (clock_gettime(CLOCK_REALTIME, &now) || !is_old(&st->st_mtim, &now) || !is_old(&st->st_ctim, &now))
		return 0;
	h = digest_hash64(v, sizeof(v), 0);
	return h ? h : 1;
}

struct digest deps_file(struct deps *d, const char *path, const struct stat *st, const void *p, size_t n)
{
	struct digest digest = { 0, 0 };

	if (!d)
		return digest;
	if (!S_ISREG(st->st_mode))
		d->lost = true;
	digest = digest_of(p, n, d->seed);
	put(d, DEP_FILE, stamp_of(st), digest, path);
	return digest;
}

static bool file_holds(struct dep *r, uint64_t seed, bool *changed)
{
	int fd = -1;
	struct stat st;
	struct digest now;
	uint64_t stamp;
	bool same;

	if (stat(r->path, &st) || !S_ISREG(st.st_mode))
		return false;
	stamp = stamp_of(&st);
	if (stamp && stamp == r->stamp)
		return true;
	fd = open(r->path, O_RDONLY | O_CLOEXEC);
	same = fd >= 0 && digest_fd(fd, seed, &now) && digest_equal(now, r->digest) && fstat(fd, &st) == 0;
	if (fd >= 0)
		close(fd);
	if (same && stamp && stamp == stamp_of(&st)) {
		r->stamp = stamp;
		*changed = true;
	}
	return same;
}

/* ---- kinds and sizes ---- */

static mode_t kind_of(const char *path)
{
	struct stat st;

	return stat(path, &st) ? 0 : st.st_mode & S_IFMT;
}

static int64_t size_of(const char *path)
{
	struct stat st;

	return stat(path, &st) || !S_ISREG(st.st_mode) ? -1 : st.st_size;
}

static bool is_new(struct names *seen, const char *path)
{
	uint32_t n = names_count(seen);

	return name_ofs(seen, path) >= n;
}

mode_t deps_look(struct deps *d, const char *path)
{
	mode_t kind = kind_of(path);

	if (d && is_new(d->kinds, path))
		put(d, DEP_KIND, 0, (struct digest){ kind, 0 }, path);
	return kind;
}

int64_t deps_size(struct deps *d, const char *path)
{
	int64_t size = size_of(path);

	if (d && is_new(d->sizes, path))
		put(d, DEP_SIZE, 0, (struct digest){ (uint64_t)size, 0 }, path);
	return size;
}

/* ---- patterns ---- */

/* The stamp of the one directory that decides what a pattern finds, 0 when there are several or it changed just now. */
static uint64_t listing_stamp(const char *pattern)
{
	static const char special[] = "*?[\\";
	const char *slash = strrchr(pattern, '/'), *last = slash ? slash + 1 : pattern;
	size_t n = slash ? (size_t)(slash - pattern) : 0;
	char *dir = !slash ? xstrdup(".") : n ? xstrndup(pattern, n) : xstrdup("/");
	struct stat st;
	uint64_t stamp = 0;

	if (!dir[strcspn(dir, special)] && last[strcspn(last, special)] && stat(dir, &st) == 0)
		stamp = stamp_of(&st);
	free(dir);
	return stamp;
}

static struct digest listing(const glob_t *g, uint64_t seed)
{
	struct digester s;

	digest_begin(&s, seed);
	for (size_t i = 0; i < g->gl_pathc; i++)
		digest_strs(&s, g->gl_pathv[i]);
	return digest_end(&s);
}

int deps_glob(struct deps *d, const char *pattern, glob_t *g)
{
	uint64_t before = d ? listing_stamp(pattern) : 0;
	int rc;

	*g = (glob_t){ 0 };
	rc = glob(pattern, 0, NULL, g);
	if (d)
		put(d, DEP_GLOB, before, listing(g, d->seed), pattern);
	return rc;
}

static bool glob_holds(struct dep *r, uint64_t seed, bool *changed)
{
	uint64_t stamp = listing_stamp(r->path);
	glob_t g = { 0 };
	bool same;
	int rc;

	if (stamp && stamp == r->stamp)
		return true;
	rc = glob(r->path, 0, NULL, &g);
	same = (!rc || rc == GLOB_NOMATCH) && digest_equal(listing(&g, seed), r->digest);
	globfree(&g);
	if (same && stamp) {
		r->stamp = stamp;
		*changed = true;
	}
	return same;
}

/* ---- the record ---- */

bool deps_write(const struct deps *d, struct buf *out)
{
	return !d->lost && buf_add(out, d->b.p, d->b.len);
}

static bool holds(struct dep *r, uint64_t seed, bool *changed)
{
	switch (r->kind) {
	case DEP_FILE: return file_holds(r, seed, changed);
	case DEP_KIND: return kind_of(r->path) == r->digest.lo;
	case DEP_SIZE: return (uint64_t)size_of(r->path) == r->digest.lo;
	case DEP_GLOB: return glob_holds(r, seed, changed);
	default: return false;
	}
}

bool deps_hold(void *p, size_t n, uint64_t seed, bool *changed)
{
	char *at = p, *end = at + n;

	for (*changed = false; at < end;) {
		struct dep *r = (struct dep *)(void *)at;

		if ((size_t)(end - at) < sizeof(*r) + 8 || r->bytes > (size_t)(end - at) || r->bytes < sizeof(*r) + 8 ||
		    r->bytes % 8 || at[r->bytes - 1] || !holds(r, seed, changed))
			return false;
		at += r->bytes;
	}
	return true;
}
