/* disk.c - see disk.h. */
#include "runtime/disk.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "runtime/package_impl.h"
#include "runtime/session.h"
#include "runtime/stage_fs.h"
#include "runtime/stamps.h"

enum {
	TICK_NS = 20 * 1000 * 1000, /* no kernel's file times are coarser while it runs at 50 Hz or more */
	SMALL = 1 << 16,
};

struct entry {
	const char *name;
	struct fstate s;
};
struct disk {
	const char *ws;
	int wsfd;
	const struct stores *stores;
	const struct history *h;
	struct journal *j;
	uint64_t seed;
	struct arena *arena; /* names that are kept */
	struct arena *tmp;   /* one call's */
	struct entry *v;
	uint32_t n, cap;
	uint32_t *slot;      /* place in v + 1; 0 = free */
	uint32_t mask;
	struct fstate one;   /* what was not kept */
	bool made;           /* we made it just now: youth is no reason for doubt */
	uint64_t stats, bytes;
};

struct disk *disk_new(const char *ws, const struct stores *st, const struct history *h, uint64_t seed)
{
	int fd = open(ws, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct disk *f;

	if (fd < 0)
		return NULL;
	f = xcalloc(1, sizeof(*f));
	f->ws = ws;
	f->wsfd = fd;
	f->stores = st;
	f->h = h;
	f->seed = seed;
	f->arena = arena_new();
	f->tmp = arena_new();
	f->mask = 255;
	f->slot = xcalloc(f->mask + 1, sizeof(*f->slot));
	return f;
}

void disk_free(struct disk *f)
{
	if (!f)
		return;
	if (f->wsfd >= 0)
		close(f->wsfd);
	arena_free(f->arena);
	arena_free(f->tmp);
	free(f->v);
	free(f->slot);
	free(f);
}

void disk_record(struct disk *f, struct journal *j)
{
	f->j = j;
}

void disk_counts(const struct disk *f, uint64_t *stats, uint64_t *bytes)
{
	*stats = f->stats;
	*bytes = f->bytes;
}

/* ---- names ---- */

/* Already as fs_clean would leave it, and relative? */
static bool is_plain(const char *p)
{
	if (*p == '/' || !*p)
		return false;
	for (;;) {
		size_t n = strcspn(p, "/");

		if (n == 0 || (p[0] == '.' && (n == 1 || (n == 2 && p[1] == '.'))))
			return false;
		if (!p[n])
			return true;
		p += n + 1;
	}
}

static const char *name_of_place(struct disk *f, struct arena *a, const char *place)
{
	const char *rel = fs_below(f->ws, place), *url;

	if (rel && *rel != '/')
		return rel;
	url = store_url(f->stores, a, place);
	return url ? url : place;
}

const char *disk_name(struct disk *f, struct arena *a, const char *path)
{
	const char *why, *place;

	if (!store_is_url(path)) {
		if (is_plain(path))
			return path;
		return name_of_place(f, a, fs_clean(a, fs_join(a, f->ws, path)));
	}
	place = store_path(f->stores, a, path, &why);
	return place ? name_of_place(f, a, place) : "";
}

const char *disk_place(struct disk *f, struct arena *a, const char *file)
{
	const char *why, *p;

	if (*file == '/')
		return file;
	if (!store_is_url(file))
		return fs_join(a, f->ws, file);
	p = store_path(f->stores, a, file, &why);
	return p ? p : "";
}

/* ---- the table ---- */

static uint32_t *find(struct disk *f, const char *file)
{
	uint32_t i = (uint32_t)digest_hash64(file, strlen(file), 0) & f->mask;

	while (f->slot[i] && strcmp(f->v[f->slot[i] - 1].name, file) != 0)
		i = (i + 1) & f->mask;
	return &f->slot[i];
}

static void widen(struct disk *f)
{
	free(f->slot);
	f->mask = f->mask * 2 + 1;
	f->slot = xcalloc((size_t)f->mask + 1, sizeof(*f->slot));
	for (uint32_t i = 0; i < f->n; i++)
		*find(f, f->v[i].name) = i + 1;
}

static struct fstate *keep_state(struct disk *f, const char *file, const struct fstate *s)
{
	uint32_t *slot;

	if ((f->n + 1) * 2 > f->mask)
		widen(f);
	slot = find(f, file);
	if (!*slot) {
		f->v = grow(f->v, &f->cap, f->n + 1, sizeof(*f->v));
		f->v[f->n].name = arena_strdup(f->arena, file);
		*slot = ++f->n;
	}
	f->v[*slot - 1].s = *s;
	return &f->v[*slot - 1].s;
}

void disk_changed(struct disk *f, const char *file)
{
	uint32_t *slot = find(f, file);

	if (*slot)
		f->v[*slot - 1].s = (struct fstate){ .kind = UINT8_MAX };
}

/* ---- looking ---- */

static bool young(const struct stat *sb)
{
	struct timespec now;
	int64_t t, c, m;

	clock_gettime(CLOCK_REALTIME, &now);
	t = (int64_t)now.tv_sec * 1000000000 + now.tv_nsec - TICK_NS;
	c = (int64_t)sb->st_ctim.tv_sec * 1000000000 + sb->st_ctim.tv_nsec;
	m = (int64_t)sb->st_mtim.tv_sec * 1000000000 + sb->st_mtim.tv_nsec;
	return c >= t || (m >= t && m - t < TICK_NS * 2LL);
}

uint64_t disk_stamp(const struct stat *sb)
{
	uint64_t v[7] = { (uint64_t)sb->st_dev, (uint64_t)sb->st_ino, (uint64_t)sb->st_size, (uint64_t)sb->st_mtim.tv_sec,
		(uint64_t)sb->st_mtim.tv_nsec, (uint64_t)sb->st_ctim.tv_sec, (uint64_t)sb->st_ctim.tv_nsec };
	uint64_t h = digest_hash64(v, sizeof(v), 0);

	return h ? h : 1;
}

static bool ask(struct disk *f, const char *file, struct stat *sb)
{
	arena_reset(f->tmp, (struct arena_mark){ 0 });
	f->stats++;
	if (*file != '/' && !store_is_url(file))
		return fstatat(f->wsfd, file, sb, 0) == 0;
	return stat(disk_place(f, f->tmp, file), sb) == 0;
}

uint64_t disk_stamp_now(struct disk *f, const char *file)
{
	struct stat sb;

	if (!ask(f, file, &sb))
		return 0;
	return S_ISREG(sb.st_mode) ? disk_stamp(&sb) : sb.st_mode & S_IFMT;
}

const struct fstate *disk_look(struct disk *f, const char *file, bool keep)
{
	uint32_t *slot = find(f, file);
	struct fstate *s = &f->one;
	struct stat sb;

	if (*slot && f->v[*slot - 1].s.kind != UINT8_MAX)
		return &f->v[*slot - 1].s;
	*s = (struct fstate){ FK_NONE, false, 0, { 0, 0 } };
	if (ask(f, file, &sb)) {
		s->kind = S_ISREG(sb.st_mode) ? FK_FILE : S_ISDIR(sb.st_mode) ? FK_DIR : FK_OTHER;
		s->stamp = S_ISREG(sb.st_mode) ? disk_stamp(&sb) : 0;
	} else if (errno != ENOENT && errno != ENOTDIR) {
		s->kind = FK_OTHER;
	}
	return keep || *slot ? keep_state(f, file, s) : s;
}

/* ---- digests ---- */

static void learn(struct disk *f, const char *file, const struct fstate *s)
{
	struct rec_file r = { file, s->stamp, s->digest };
	struct buf b;

	if (!f->j || !s->stamp)
		return;
	session_begin(f->j);
	buf_init(&b, 1 << 16);
	rec_write_file(&b, &r);
	journal_append(f->j, RK_FILE, b.p, b.len);
	buf_free(&b);
}

/* Read it, between two looks: what changed meanwhile is not believed later. */
static bool read_file(struct disk *f, const char *file, struct fstate *s)
{
	struct stat sb, after;
	int fd;
	bool ok;

	arena_reset(f->tmp, (struct arena_mark){ 0 });
	fd = open(disk_place(f, f->tmp, file), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	ok = fd >= 0 && fstat(fd, &sb) == 0 && digest_fd(fd, f->seed, &s->digest) && fstat(fd, &after) == 0;
	if (ok) {
		f->bytes += (uint64_t)after.st_size;
		s->stamp = disk_stamp(&after);
		if ((!f->made && young(&after)) || s->stamp != disk_stamp(&sb))
			s->stamp = 0;
		s->known = true;
		learn(f, file, s);
	}
	if (fd >= 0)
		close(fd);
	return ok;
}

static bool believed(struct disk *f, const char *file, const struct fstate *hint, struct fstate *s)
{
	struct digest d;

	if (!s->stamp)
		return false;
	if (hint && hint->known && hint->stamp == s->stamp) {
		s->digest = hint->digest;
	} else if (f->h && history_stamped(f->h, file, s->stamp, &d)) {
		s->digest = d;
	} else {
		return false;
	}
	return s->known = true;
}

struct sum {
	struct digester d;
};

static bool add_file(void *ctx, const char *file, struct digest d)
{
	struct sum *s = ctx;

	digest_strs(&s->d, file);
	digest_int(&s->d, d.lo);
	digest_int(&s->d, d.hi);
	return true;
}

static bool whole_dir(struct disk *f, const char *file, struct fstate *s);

const struct fstate *disk_digest(struct disk *f, const char *file, const struct fstate *hint, bool keep)
{
	struct fstate s = *disk_look(f, file, keep);
	bool ok = s.known;

	if (s.kind == FK_FILE && !ok)
		ok = believed(f, file, hint, &s) || read_file(f, file, &s);
	else if (s.kind == FK_DIR && !ok)
		ok = whole_dir(f, file, &s);
	if (!ok)
		return NULL;
	if (keep || *find(f, file))
		return keep_state(f, file, &s);
	f->one = s;
	return &f->one;
}

/* Reading it costs less than the table of all outputs. */
static bool small(struct disk *f, const char *file)
{
	struct stat sb;

	return ask(f, file, &sb) && S_ISREG(sb.st_mode) && sb.st_size <= SMALL;
}

const struct fstate *disk_digest_of(struct disk *f, const char *file, uint64_t stamp, const struct fstate *hint)
{
	struct fstate *s = &f->one;
	bool hinted = hint && hint->known && hint->stamp == stamp;

	*s = (struct fstate){ .kind = FK_FILE, .stamp = stamp };
	if (!hinted && f->h && history_filed(f->h, file, stamp, &s->digest))
		s->known = true;
	else if (hinted || !small(f, file))
		believed(f, file, hint, s);
	return s->known || read_file(f, file, s) ? s : NULL;
}

void disk_stamps(struct disk *f, const char *text, const uint32_t *off, uint32_t n, uint64_t *stamp)
{
	f->stats += n;
	stamps_ask(f->wsfd, text, off, n, stamp);
}

const struct fstate *disk_made(struct disk *f, const char *file, bool over)
{
	const struct fstate *s;
	struct journal *j = f->j;

	disk_changed(f, file);
	f->made = over;
	if (disk_look(f, file, false)->kind == FK_FILE)
		f->j = NULL; /* its record says it all */
	s = disk_digest(f, file, NULL, false);
	f->made = false;
	f->j = j;
	return s;
}

void disk_check(struct disk *f, const char *file)
{
	uint32_t i = *find(f, file); /* looking may make the table anew */
	struct fstate was;

	if (!i)
		return;
	was = f->v[i - 1].s;
	disk_changed(f, file);
	if (was.known && was.kind == FK_FILE && disk_look(f, file, true)->stamp == was.stamp && was.stamp)
		f->v[i - 1].s = was;
}

/* ---- directories ---- */

static struct digest link_digest(struct disk *f, int root, const char *rel, struct arena *a)
{
	char *to = arena_alloc(a, 4096);
	ssize_t n = readlinkat(root, rel, to, 4096);

	return digest_of(to, n > 0 ? (size_t)n : 0, f->seed ^ 1);
}

/* One file of a tree; links count as what they say, and as what they lead to. */
static bool tree_file(struct disk *f, int root, const struct pkg_entry *e, const char *file, bool keep, struct arena *a,
	struct digest *d)
{
	const struct fstate *s;
	struct digest link = { 0, 0 };
	struct stat sb;

	if (e->type == DT_LNK)
		link = link_digest(f, root, e->rel, a);
	s = disk_look(f, file, keep);
	if (s->kind == FK_FILE && !(s = disk_digest(f, file, NULL, keep)))
		return false;
	*d = s->known ? s->digest : (struct digest){ 0, 0 };
	d->lo ^= link.lo;
	d->hi ^= link.hi;
	if (e->type == DT_REG && fstatat(root, e->rel, &sb, AT_SYMLINK_NOFOLLOW) == 0 && sb.st_mode & 0100)
		d->hi ^= 0x9e3779b97f4a7c15u; /* may be run */
	return true;
}

/* Our own directory, seen through a mount of the whole workspace. */
static bool ours(const struct disk *f, const char *place, const char *rel)
{
	return strcmp(place, f->ws) == 0 && strncmp(rel, ".weft", 5) == 0 && (rel[5] == '/' || !rel[5]);
}

bool disk_each(struct disk *f, const char *dir, bool keep, disk_fn *fn, void *ctx)
{
	struct arena *a = arena_new();
	const char *place = disk_place(f, a, dir);
	int root = open(*place ? place : "/nonexistent", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct pkg_entry *v = NULL;
	uint32_t n = 0;
	bool ok = root >= 0 && pkg_list(root, &v, &n, a);
	size_t len = strlen(dir);
	const char *sep = len && dir[len - 1] == '/' ? "" : "/";

	for (uint32_t i = 0; ok && i < n; i++) {
		const char *file = arena_printf(a, "%s%s%s", dir, sep, v[i].rel);
		struct digest d = { 0, 0 };

		if (v[i].type != DT_DIR && !ours(f, place, v[i].rel))
			ok = tree_file(f, root, &v[i], file, keep, a, &d) && fn(ctx, file, d);
	}
	if (root >= 0)
		close(root);
	free(v);
	arena_free(a);
	return ok;
}

static bool whole_dir(struct disk *f, const char *file, struct fstate *s)
{
	struct sum sum;

	digest_begin(&sum.d, f->seed);
	if (!disk_each(f, file, false, add_file, &sum))
		return false;
	s->digest = digest_end(&sum.d);
	return s->known = true;
}
