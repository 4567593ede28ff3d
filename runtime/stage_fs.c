/* stage_fs.c - opening, walking and naming; stage_tree.c copies, moves and removes. */
#include "runtime/stage_fs.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { DIR_FLAGS = O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW };

static int open_fast(int root, const char *rel)
{
	struct open_how how = { .flags = DIR_FLAGS, .resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS };

	return (int)syscall(SYS_openat2, root, rel, &how, sizeof(how));
}

static int open_component(int dir, const char *name, bool create)
{
	int fd = openat(dir, name, DIR_FLAGS);

	if (fd < 0 && errno == ENOENT && create && (mkdirat(dir, name, 0777) == 0 || errno == EEXIST))
		fd = openat(dir, name, DIR_FLAGS);
	return fd;
}

/* One component after the other: for missing ones, long paths and kernels without openat2. */
static int open_slowly(int root, const char *rel, bool create)
{
	char name[256];
	int fd = openat(root, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC), next;

	while (fd >= 0 && *rel) {
		size_t n = strcspn(rel, "/");

		if (n >= sizeof(name) || (n == 2 && memcmp(rel, "..", 2) == 0)) {
			close(fd);
			errno = n >= sizeof(name) ? ENAMETOOLONG : EXDEV;
			return -1;
		}
		memcpy(name, rel, n);
		name[n] = 0;
		rel += n + (rel[n] == '/');
		if (n == 0)
			continue;
		next = open_component(fd, name, create);
		n = (size_t)errno;
		close(fd);
		errno = (int)n;
		fd = next;
	}
	return fd;
}

int fs_beneath(int root, const char *rel, bool create)
{
	int fd = open_fast(root, *rel ? rel : ".");

	if (fd >= 0 || errno == ELOOP || errno == ENOTDIR || (errno == ENOENT && !create))
		return fd;
	return open_slowly(root, rel, create);
}

int fs_parent(int root, const char *rel, bool create, const char **base)
{
	const char *slash = strrchr(rel, '/');
	char *dir;
	int fd;

	*base = slash ? slash + 1 : rel;
	if (!slash)
		return openat(root, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	dir = xstrndup(rel, (size_t)(slash - rel));
	fd = fs_beneath(root, dir, create);
	free(dir);
	return fd;
}

int fs_open(int root, const char *rel, bool links)
{
	struct open_how how = { .flags = O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC, .resolve = RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS };
	const char *base;
	int dir, fd, e;

	if (links) {
		fd = (int)syscall(SYS_openat2, root, rel, &how, sizeof(how));
		errno = fd < 0 && (errno == ENOSYS || errno == EXDEV) ? ELOOP : errno;
		return fd;
	}
	dir = fs_parent(root, rel, false, &base);
	fd = dir < 0 ? -1 : openat(dir, base, (int)how.flags | O_NOFOLLOW);
	e = errno;
	if (dir >= 0)
		close(dir);
	errno = e;
	return fd;
}

bool fs_lstat(int root, const char *rel, struct stat *sb)
{
	const char *base;
	int dir = fs_parent(root, rel, false, &base), rc;

	if (dir < 0)
		return false;
	rc = fstatat(dir, *base ? base : ".", sb, AT_SYMLINK_NOFOLLOW);
	close(dir);
	return rc == 0;
}

static bool mkdirs(char *p)
{
	int refused = 0;
	char *s;

	if (mkdir(p, 0777) == 0 || errno == EEXIST)
		return true;
	if (errno != ENOENT)
		return false;
	for (s = p + 1; (s = strchr(s, '/')); s++) {
		*s = 0;
		if (mkdir(p, 0777) < 0 && errno != EEXIST) {
			if (errno != EROFS && errno != EACCES && errno != EPERM)
				return false;
			refused = errno; /* it may be there all the same */
		}
		*s = '/';
	}
	if (mkdir(p, 0777) == 0 || errno == EEXIST)
		return true;
	if (errno == ENOENT && refused)
		errno = refused;
	return false;
}

bool fs_mkdirs(const char *path)
{
	char *p = xstrdup(path);
	bool ok = mkdirs(p);
	int e = errno;

	free(p);
	errno = e;
	return ok;
}

bool fs_mkparents(const char *path)
{
	const char *slash = strrchr(path, '/');
	char *p;
	bool ok;

	if (!slash || slash == path)
		return true;
	p = xstrndup(path, (size_t)(slash - path));
	ok = fs_mkdirs(p);
	free(p);
	return ok;
}

/* ---- walking ---- */

struct stack { /* directories still to be read, from where the walk began */
	char **v;
	uint32_t n, cap;
};

static void push(struct stack *s, char *rel)
{
	s->v = grow(s->v, &s->cap, s->n + 1, sizeof(*s->v));
	s->v[s->n++] = rel;
}

static char *child(const char *dir, const char *name)
{
	size_t n = strlen(dir), m = strlen(name);
	char *p = xmalloc(n + m + 2);

	memcpy(p, dir, n);
	if (n)
		p[n++] = '/';
	memcpy(p + n, name, m + 1);
	return p;
}

static unsigned char type_of(int dir, const struct dirent *de)
{
	struct stat sb;

	if (de->d_type != DT_UNKNOWN || fstatat(dir, de->d_name, &sb, AT_SYMLINK_NOFOLLOW) < 0)
		return de->d_type;
	return (unsigned char)IFTODT(sb.st_mode);
}

static bool walk_dir(struct stack *s, int fd, const char *rel, fs_visit *visit, void *ctx)
{
	DIR *d = fdopendir(fd);
	struct dirent *de;
	bool ok = d != NULL;

	if (!d)
		close(fd);
	while (ok && (errno = 0, de = readdir(d))) {
		struct fs_entry e = { fd, de->d_name, NULL, DT_UNKNOWN };
		char *p;
		enum fs_go go;

		if (strcmp(de->d_name, ".") == 0 || strcmp(de->d_name, "..") == 0)
			continue;
		e.rel = p = child(rel, de->d_name);
		e.type = type_of(fd, de);
		go = visit(ctx, &e);
		if (go == FS_GO && e.type == DT_DIR)
			push(s, p);
		else
			free(p);
		ok = go != FS_FAIL;
	}
	ok = ok && errno == 0;
	if (d) {
		int err = errno;
		closedir(d);
		errno = err;
	}
	return ok;
}

bool fs_walk(int root, const char *rel, fs_visit *visit, void *ctx)
{
	struct stack s = { 0 };
	int top = fs_beneath(root, rel, false), err;
	bool ok = top >= 0;

	if (ok)
		push(&s, xstrdup(""));
	while (ok && s.n) {
		char *dir = s.v[--s.n];
		int fd = fs_beneath(top, dir, false);

		ok = fd >= 0 && walk_dir(&s, fd, dir, visit, ctx);
		err = errno;
		free(dir);
		errno = err;
	}
	err = errno;
	while (s.n)
		free(s.v[--s.n]);
	free(s.v);
	if (top >= 0)
		close(top);
	errno = err;
	return ok;
}

bool fs_is_empty(int dir)
{
	DIR *d = dir >= 0 ? fdopendir(dir) : NULL;
	struct dirent *de;

	if (!d) {
		if (dir >= 0)
			close(dir);
		return false;
	}
	errno = 0;
	while ((de = readdir(d)) && (strcmp(de->d_name, ".") == 0 || strcmp(de->d_name, "..") == 0))
		;
	dir = errno;
	closedir(d);
	return !de && dir == 0;
}

/* ---- names ---- */

char *fs_clean(struct arena *a, const char *path)
{
	size_t n = strlen(path), out = 0, floor;
	char *p = arena_alloc(a, n + 2);

	if (*path == '/')
		p[out++] = '/';
	floor = out;
	while (*path) {
		size_t k = strcspn(path, "/");

		if (k == 2 && memcmp(path, "..", 2) == 0 && out > floor) {
			while (out > floor && p[out - 1] != '/')
				out--;
			if (out > floor)
				out--;
		} else if (k == 2 && memcmp(path, "..", 2) == 0 && p[0] == '/' && floor == 1) {
			; /* the root's parent is the root */
		} else if (k && !(k == 1 && *path == '.')) {
			if (out > floor || (out && p[out - 1] != '/'))
				p[out++] = '/';
			memcpy(p + out, path, k);
			out += k;
			if (k == 2 && memcmp(path, "..", 2) == 0)
				floor = out;
		}
		path += k + (path[k] == '/');
	}
	p[out] = 0;
	return p;
}

char *fs_join(struct arena *a, const char *dir, const char *rel)
{
	if (*rel == '/')
		return arena_strdup(a, rel);
	if (!*rel)
		return arena_strdup(a, dir);
	return arena_printf(a, "%s%s%s", dir, *dir && dir[strlen(dir) - 1] == '/' ? "" : "/", rel);
}

const char *fs_below(const char *dir, const char *path)
{
	size_t n = strlen(dir);

	if (n == 1 && *dir == '/')
		return *path == '/' ? path + 1 : NULL;
	if (strncmp(dir, path, n) != 0 || (path[n] != '/' && path[n] != 0))
		return NULL;
	return path + n + (path[n] == '/');
}
