/* publish.c - see publish.h. */
#include "runtime/publish.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "runtime/copybytes.h"
#include "runtime/stage_fs.h"

struct item {
	const char *root, *rel, *to;
	char *tmp; /* a copy beside the target; heap */
	bool keep, drop, done;
	uint32_t seq;
};
struct publish {
	struct arena *arena;
	const char *notes;
	struct item *v;
	uint32_t n, cap;
	struct copy_ways ways;
	atomic_bool stop;
};

static bool go_on(void *ctx, int64_t n)
{
	struct publish *p = ctx;

	(void)n;
	return !atomic_load(&p->stop);
}

struct publish *publish_new(const char *notes)
{
	struct publish *p = xcalloc(1, sizeof(*p));

	p->arena = arena_new();
	p->notes = arena_strdup(p->arena, notes); /* it may outlive the caller, when it has to be abandoned */
	p->ways.more = go_on;
	p->ways.ctx = p;
	return p;
}

/* The directory that holds a final name; its own parents are the user's, links are fine. */
static int open_parent(const char *to, const char **base)
{
	const char *slash = strrchr(to, '/');
	char *dir = slash == to ? xstrdup("/") : xstrndup(to, (size_t)(slash - to));
	int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	*base = slash + 1;
	free(dir);
	return fd;
}

void publish_free(struct publish *p)
{
	for (uint32_t i = 0; i < p->n; i++) {
		const char *base;
		int dir;

		if (p->v[i].tmp && !p->v[i].done && (dir = open_parent(p->v[i].to, &base)) >= 0) {
			fs_remove(dir, p->v[i].tmp);
			close(dir);
		}
		free(p->v[i].tmp);
	}
	free(p->v);
	copy_end(&p->ways);
	arena_free(p->arena);
	free(p);
}

static struct item *add(struct publish *p, const char *to)
{
	p->v = grow(p->v, &p->cap, p->n + 1, sizeof(*p->v));
	p->v[p->n] = (struct item){ .to = arena_strdup(p->arena, to), .seq = p->n };
	return &p->v[p->n++];
}

void publish_add(struct publish *p, const char *root, const char *rel, const char *to, bool keep)
{
	struct item *it = add(p, to);

	it->root = arena_strdup(p->arena, root);
	it->rel = arena_strdup(p->arena, rel);
	it->keep = keep;
}

void publish_drop(struct publish *p, const char *to)
{
	add(p, to)->drop = true;
}

uint32_t publish_count(const struct publish *p)
{
	return p->n;
}

const char *publish_target(const struct publish *p, uint32_t i)
{
	return p->v[i].drop ? NULL : p->v[i].to;
}

/* ---- upper directories ---- */

struct upper {
	struct publish *p;
	const char *dir, *to;
	struct recode *r;
	const char *bad; /* a name that is none in its set */
};

static bool xattr_is_set(int dir, const char *name, const char *suffix)
{
	char link[64], key[64], v;
	int fd = openat(dir, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
	bool yes = false;

	if (fd < 0)
		return false;
	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	for (int i = 0; i < 2 && !yes; i++) {
		snprintf(key, sizeof(key), "%s.overlay.%s", i ? "user" : "trusted", suffix);
		yes = getxattr(link, key, &v, 1) == 1 && v == 'y';
	}
	close(fd);
	return yes;
}

/* Overlay's own marks mean nothing, or the wrong thing, on a published file. */
static void strip(int dir, const char *name)
{
	static const char *const key[] = { "trusted.overlay.origin", "user.overlay.origin", "trusted.overlay.nlink",
		"user.overlay.nlink", "trusted.overlay.uuid", "user.overlay.uuid" };
	int fd = openat(dir, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);

	if (fd < 0)
		return;
	if (flistxattr(fd, NULL, 0) > 0)
		for (size_t i = 0; i < sizeof(key) / sizeof(*key); i++)
			fremovexattr(fd, key[i]);
	close(fd);
}

static bool is_whiteout(const struct fs_entry *e)
{
	struct stat sb;

	return e->type == DT_CHR && fstatat(e->dir, e->name, &sb, AT_SYMLINK_NOFOLLOW) == 0 && sb.st_rdev == 0;
}

struct hidden { /* entries of a directory that was deleted and made again */
	struct publish *p;
	int upper;
	const char *to;
	struct recode *r;
};

static enum fs_go drop_hidden(void *ctx, const struct fs_entry *e)
{
	struct hidden *h = ctx;
	const char *rel = recode_seen(h->r, e->rel);
	struct stat sb;

	if (rel && fs_lstat(h->upper, rel, &sb))
		return FS_GO;
	publish_drop(h->p, fs_join(h->p->arena, h->to, e->rel));
	return FS_SKIP;
}

static void opaque(const struct upper *u, int dir, const char *name, const char *to)
{
	struct hidden h = { u->p, openat(dir, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC), to, u->r };
	int old = open(to, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (h.upper >= 0 && old >= 0)
		fs_walk(old, "", drop_hidden, &h);
	if (h.upper >= 0)
		close(h.upper);
	if (old >= 0)
		close(old);
}

static enum fs_go upper_entry(void *ctx, const struct fs_entry *e)
{
	struct upper *u = ctx;
	const char *rel = recode_stored(u->r, e->rel), *to;

	if (!rel) {
		u->bad = arena_strdup(u->p->arena, e->rel);
		return FS_FAIL;
	}
	to = fs_join(u->p->arena, u->to, rel);
	if (is_whiteout(e)) {
		publish_drop(u->p, to);
	} else if (e->type == DT_DIR) {
		if (xattr_is_set(e->dir, e->name, "opaque"))
			opaque(u, e->dir, e->name, to);
	} else if (e->type == DT_REG && xattr_is_set(e->dir, e->name, "whiteout")) {
		publish_drop(u->p, to);
	} else if (e->type == DT_REG || e->type == DT_LNK) {
		if (e->type == DT_REG)
			strip(e->dir, e->name);
		publish_add(u->p, u->dir, e->rel, to, false);
	}
	return FS_GO;
}

bool publish_upper(struct publish *p, const char *upper, const char *to, struct recode *r, char **why, struct arena *a)
{
	struct upper u = { p, upper, to, r, NULL };
	int fd = open(upper, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	bool ok = fd >= 0 && fs_walk(fd, "", upper_entry, &u);

	if (u.bad)
		*why = recode_refused(r, a, u.bad, to);
	else if (!ok)
		*why = arena_printf(a, "cannot read what was written for `%s`: %s", to, strerror(errno));
	if (fd >= 0)
		close(fd);
	return ok;
}

/* ---- the two passes ---- */

static int open_source(const struct item *it, const char **base)
{
	int root = open(it->root, O_RDONLY | O_DIRECTORY | O_CLOEXEC), dir, e;

	if (root < 0)
		return -1;
	dir = fs_parent(root, it->rel, false, base);
	e = errno;
	close(root);
	errno = e;
	return dir;
}

static bool other_fs(int a, int b)
{
	struct stat sa, sb;

	return fstat(a, &sa) == 0 && fstat(b, &sb) == 0 && sa.st_dev != sb.st_dev;
}

static bool note(const struct publish *p, const char *to, const char *tmp)
{
	const char *slash = strrchr(to, '/');
	int fd = open(p->notes, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0600), e;
	const char *path = arena_printf(p->arena, "%.*s/%s", (int)(slash - to), to, tmp);
	ssize_t n = (ssize_t)strlen(path) + 1;
	bool ok = fd >= 0 && write(fd, path, (size_t)n) == n;

	e = ok || fd < 0 ? errno : errno ? errno : ENOSPC;
	if (fd >= 0)
		close(fd);
	errno = e;
	return ok;
}

static bool copy_beside(struct publish *p, struct item *it, int sdir, const char *sname, int ddir)
{
	const struct fs_copying how = { .ways = &p->ways };

	for (int tries = 0; tries < 100; tries++) {
		it->tmp = fs_temp_name();
		if (!note(p, it->to, it->tmp))
			break;
		if (fs_copy_as(sdir, sname, ddir, it->tmp, &how))
			return true;
		if (errno != EEXIST) /* publish_free removes what there is of it */
			return false;
		free(it->tmp);
		it->tmp = NULL;
	}
	free(it->tmp);
	it->tmp = NULL;
	return false;
}

static bool ready(struct publish *p, struct item *it)
{
	const char *sname, *dname;
	int s = open_source(it, &sname), d = -1, e;
	bool ok = s >= 0;

	if (ok) {
		ok = fs_mkparents(it->to) && (d = open_parent(it->to, &dname)) >= 0;
		if (ok && (it->keep || other_fs(s, d)))
			ok = copy_beside(p, it, s, sname, d);
	}
	e = errno;
	if (s >= 0)
		close(s);
	if (d >= 0)
		close(d);
	errno = e;
	return ok;
}

static bool move(struct publish *p, struct item *it)
{
	const char *sname = it->tmp, *dname;
	int d = open_parent(it->to, &dname), s = -1, e;
	bool ok = d >= 0;

	if (ok && it->drop)
		ok = fs_remove(d, dname);
	else if (ok && it->tmp)
		ok = fs_replace(d, sname, d, dname);
	else if (ok)
		ok = (s = open_source(it, &sname)) >= 0 && (fs_replace(s, sname, d, dname) ||
			(errno == EXDEV && copy_beside(p, it, s, sname, d) && fs_replace(d, it->tmp, d, dname)));
	else
		ok = it->drop && errno == ENOENT;
	it->done = ok;
	e = errno;
	if (s >= 0)
		close(s);
	if (d >= 0)
		close(d);
	errno = e;
	return ok;
}

static int by_target(const void *a, const void *b)
{
	const struct item *x = a, *y = b;
	int d = strcmp(x->to, y->to);

	return d ? d : (x->seq > y->seq) - (x->seq < y->seq);
}

/* One file may be asked for twice, as an output and as the match of a glob. */
static void unite(struct publish *p)
{
	uint32_t n = 0;

	if (p->n)
		qsort(p->v, p->n, sizeof(*p->v), by_target);
	for (uint32_t i = 0; i < p->n; i++) {
		const struct item *it = &p->v[i], *last = n ? &p->v[n - 1] : NULL;

		if (!last || strcmp(last->to, it->to) != 0 || it->drop || last->drop || strcmp(last->root, it->root) != 0 ||
		    strcmp(last->rel, it->rel) != 0)
			p->v[n++] = *it;
	}
	p->n = n;
}

void publish_stop(struct publish *p)
{
	atomic_store(&p->stop, true);
}

static bool is_below(const char *const *dir, uint32_t n, const char *path)
{
	for (uint32_t i = 0; i < n; i++)
		if (fs_below(dir[i], path))
			return true;
	return false;
}

bool publish_is_quick(const struct publish *p, const char *home, const char *const *other, uint32_t n)
{
	struct stat sh, sb;

	if (p->n && stat(home, &sh) < 0)
		return false;
	for (uint32_t i = 0; i < p->n; i++) {
		const struct item *it = &p->v[i];
		const char *slash = strrchr(it->to, '/');

		if (it->keep || it->drop || !fs_below(home, it->to) || is_below(other, n, it->to))
			return false;
		if (stat(arena_strndup(p->arena, it->to, (size_t)(slash - it->to)), &sb) == 0 && sb.st_dev != sh.st_dev)
			return false;
	}
	return true;
}

bool publish_commit(struct publish *p, char **why, struct arena *a)
{
	unite(p);
	for (uint32_t i = 0; i < p->n; i++) {
		if (p->v[i].drop || (go_on(p, 0) && ready(p, &p->v[i])))
			continue;
		*why = arena_printf(a, "cannot store `%s`: %s", p->v[i].to, atomic_load(&p->stop) ? "stopped" : strerror(errno));
		return false;
	}
	p->ways.more = NULL; /* all or nothing now */
	for (int drops = 0; drops < 2; drops++)
		for (uint32_t i = 0; i < p->n; i++)
			if (p->v[i].drop == (drops == 1) && !move(p, &p->v[i])) {
				*why = arena_printf(a, "cannot store `%s`: %s", p->v[i].to, strerror(errno));
				return false;
			}
	return true;
}
