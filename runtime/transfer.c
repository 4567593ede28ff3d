/* transfer.c - see transfer.h. */
#include "runtime/transfer.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "runtime/stage_fs.h"

#define NEW "new" /* the file that is being written, in our own directory */

void transfer_open(struct transfer *t, int root)
{
	memset(t, 0, sizeof(*t));
	t->root = root;
	t->stage = t->parent = -1;
}

static bool fail_with(int e)
{
	errno = e;
	return false;
}

/* ---- the temporary directory ---- */

/* Directories there that nobody holds are those of dead processes. */
static void sweep(int tmp)
{
	int fd = openat(tmp, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC), sub;
	DIR *d = fd >= 0 ? fdopendir(fd) : NULL;
	struct dirent *de;

	if (!d && fd >= 0)
		close(fd);
	while (d && (de = readdir(d))) {
		if (strcmp(de->d_name, ".") == 0 || strcmp(de->d_name, "..") == 0)
			continue;
		sub = openat(tmp, de->d_name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
		if (sub >= 0 && flock(sub, LOCK_EX | LOCK_NB) == 0)
			fs_remove(tmp, de->d_name);
		if (sub >= 0)
			close(sub);
	}
	if (d)
		closedir(d);
}

/* Ours alone: others could put links into it. */
static int open_common(int root, const char *name)
{
	struct stat sb;
	int fd;

	if (mkdirat(root, name, 0700) < 0 && errno != EEXIST)
		return -1;
	fd = openat(root, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd >= 0 && (fstat(fd, &sb) < 0 || sb.st_uid != geteuid() || (sb.st_mode & 022))) {
		close(fd);
		errno = EPERM;
		return -1;
	}
	return fd;
}

/* A sweeper may have taken it before it was locked: then *gone. */
static int open_own(int tmp, const char *name, bool *gone)
{
	struct stat sb;
	int fd;

	*gone = false;
	if (mkdirat(tmp, name, 0700) < 0) {
		*gone = errno == EEXIST;
		return -1;
	}
	fd = openat(tmp, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0) {
		*gone = errno == ENOENT;
		return -1;
	}
	*gone = (flock(fd, LOCK_EX | LOCK_NB) < 0 && errno == EWOULDBLOCK) || fstat(fd, &sb) < 0 || sb.st_nlink == 0;
	if (!*gone)
		return fd;
	close(fd);
	return -1;
}

static bool open_stage(struct transfer *t)
{
	char common[32], own[48];
	bool gone = true;
	int tmp, e;

	if (t->stage >= 0)
		return true;
	snprintf(common, sizeof(common), FS_TEMP "%ld", (long)geteuid());
	for (int i = 0; gone && i < 1000; i++) {
		tmp = open_common(t->root, common);
		if (tmp < 0 && errno == ENOENT) /* another one has just removed it */
			continue;
		if (tmp < 0)
			return false;
		if (i == 0)
			sweep(tmp);
		snprintf(own, sizeof(own), "%ld-%d", (long)getpid(), i);
		t->stage = open_own(tmp, own, &gone);
		e = errno;
		close(tmp);
		if (t->stage < 0 && !gone)
			return fail_with(e);
	}
	if (t->stage < 0)
		return false;
	t->stage_name = xmalloc(sizeof(common) + sizeof(own));
	snprintf(t->stage_name, sizeof(common) + sizeof(own), "%s/%s", common, own);
	return true;
}

static void close_stage(struct transfer *t)
{
	char *slash;

	if (t->stage < 0)
		return;
	unlinkat(t->stage, NEW, 0);
	close(t->stage);
	unlinkat(t->root, t->stage_name, AT_REMOVEDIR);
	slash = strchr(t->stage_name, '/');
	*slash = 0;
	unlinkat(t->root, t->stage_name, AT_REMOVEDIR); /* when no other process has something there */
	free(t->stage_name);
	t->stage = -1;
}

/* ---- where files go ---- */

/* Directories without anything in them are removed, upwards. */
static void prune(struct transfer *t)
{
	char *slash;

	while (t->dropped && *t->dir) {
		const char *base;
		int up = fs_parent(t->root, t->dir, false, &base);
		bool went = up >= 0 && unlinkat(up, base, AT_REMOVEDIR) == 0;

		if (up >= 0)
			close(up);
		if (!went)
			break;
		slash = strrchr(t->dir, '/');
		*(slash ? slash : t->dir) = 0;
	}
	t->dropped = false;
}

static void leave(struct transfer *t)
{
	int e = errno;

	if (t->dir)
		prune(t);
	if (t->parent >= 0)
		close(t->parent);
	free(t->dir);
	t->dir = NULL;
	t->parent = -1;
	errno = e;
}

/* The directory that holds REL, kept open for the next one. */
static bool enter(struct transfer *t, const char *rel, bool create, const char **base)
{
	const char *slash = strrchr(rel, '/');
	size_t n = slash ? (size_t)(slash - rel) : 0;

	*base = slash ? slash + 1 : rel;
	if (t->dir && strlen(t->dir) == n && memcmp(t->dir, rel, n) == 0)
		return true;
	leave(t);
	t->parent = fs_parent(t->root, rel, create, base);
	if (t->parent < 0)
		return false;
	t->dir = xstrndup(rel, n);
	return true;
}

void transfer_close(struct transfer *t)
{
	leave(t);
	close_stage(t);
	copy_end(&t->ways);
}

/* ---- files ---- */

static bool is_unchanged(int fd, const struct stat *was)
{
	struct stat is;

	if (fstat(fd, &is) < 0)
		return false;
	return (is.st_size == was->st_size && is.st_mtim.tv_sec == was->st_mtim.tv_sec &&
		       is.st_mtim.tv_nsec == was->st_mtim.tv_nsec) || fail_with(ESTALE);
}

static bool write_new(struct transfer *t, int in, const struct stat *sb, int dir, const char *name)
{
	struct timespec time[2] = { sb->st_atim, sb->st_mtim };
	int out = openat(dir, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, sb->st_mode & 0777), e;
	bool ok = out >= 0 && copy_bytes(in, out, sb, &t->ways) && is_unchanged(in, sb) && futimens(out, time) == 0;

	e = errno;
	if (out >= 0 && close(out) < 0 && ok) {
		e = errno;
		ok = false;
	}
	errno = e;
	return ok;
}

/* Below the root lies another file system: write beside the target. */
static bool put_beside(struct transfer *t, int in, const struct stat *sb, const char *base)
{
	char *tmp = fs_temp_name();
	bool ok = lseek(in, 0, SEEK_SET) == 0 && write_new(t, in, sb, t->parent, tmp) && renameat(t->parent, tmp, t->parent, base) == 0;
	int e = errno;

	if (!ok)
		unlinkat(t->parent, tmp, 0);
	free(tmp);
	errno = e;
	return ok;
}

static bool rename_new(struct transfer *t, const char *rel, const char *base)
{
	if (renameat(t->stage, NEW, t->parent, base) == 0)
		return true;
	if (errno != ENOENT)
		return false;
	leave(t); /* the directory was empty, and somebody has removed it */
	return enter(t, rel, true, &base) && renameat(t->stage, NEW, t->parent, base) == 0;
}

bool transfer_put(struct transfer *t, int in, const struct stat *sb, const char *rel)
{
	const char *base;
	int e;

	if (!open_stage(t) || !enter(t, rel, true, &base))
		return false;
	if (write_new(t, in, sb, t->stage, NEW) && rename_new(t, rel, base))
		return true;
	e = errno;
	unlinkat(t->stage, NEW, 0);
	errno = e;
	return e == EXDEV && put_beside(t, in, sb, base);
}

bool transfer_link(struct transfer *t, int fd, const char *rel)
{
	char self[40];
	const char *base;
	int e;

	if (!open_stage(t) || !enter(t, rel, true, &base))
		return false;
	snprintf(self, sizeof(self), "/proc/self/fd/%d", fd);
	if (linkat(AT_FDCWD, self, t->stage, NEW, AT_SYMLINK_FOLLOW) == 0 && rename_new(t, rel, base)) {
		unlinkat(t->stage, NEW, 0); /* rename does nothing when both are the same file already */
		return true;
	}
	e = errno;
	unlinkat(t->stage, NEW, 0);
	return fail_with(e);
}

bool transfer_drop(struct transfer *t, const char *rel)
{
	const char *base;

	if (!enter(t, rel, false, &base))
		return errno == ENOENT;
	if (unlinkat(t->parent, base, 0) < 0)
		return errno == ENOENT;
	t->dropped = true;
	return true;
}

/* ---- comparing ---- */

static ssize_t read_all(int fd, char *p, size_t n)
{
	size_t done = 0;

	while (done < n) {
		ssize_t k = read(fd, p + done, n - done);

		if (k < 0 && errno == EINTR)
			continue;
		if (k < 0)
			return -1;
		if (k == 0)
			break;
		done += (size_t)k;
	}
	return (ssize_t)done;
}

int transfer_same(int a, int b)
{
	enum { PART = 1 << 17 };
	char *p = xmalloc(2 * PART);
	ssize_t n, m;
	int same, e;

	do {
		n = read_all(a, p, PART);
		m = n < 0 ? -1 : read_all(b, p + PART, PART);
		same = n < 0 || m < 0 ? -1 : n == m && memcmp(p, p + PART, (size_t)n) == 0;
	} while (same == 1 && n > 0);
	e = errno;
	free(p);
	errno = e;
	return same;
}
