/* stage_tree.c - copy, move and remove files and whole trees; see stage_fs.h. */
#include "runtime/stage_fs.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "runtime/copybytes.h"

/* ---- copying ---- */

static bool copy_file(const struct fs_copying *how, int sdir, const char *sname, int ddir, const char *dname)
{
	int in = openat(sdir, sname, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK), out = -1, err;
	struct stat sb;
	bool ok = false;

	if (in < 0)
		return false;
	if (fstat(in, &sb) == 0)
		out = openat(ddir, dname, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (out >= 0) {
		struct timespec t[2] = { sb.st_atim, sb.st_mtim };

		ok = copy_bytes(in, out, &sb, how->ways) && fchmod(out, sb.st_mode & 0777) == 0 && futimens(out, t) == 0;
		err = errno;
		if (close(out) < 0 && ok) {
			err = errno;
			ok = false;
		}
		if (!ok)
			unlinkat(ddir, dname, 0);
		errno = err;
	}
	err = errno;
	close(in);
	errno = err;
	return ok;
}

static bool copy_link(const struct fs_copying *how, int sdir, const char *sname, int ddir, const char *dname)
{
	char to[4097];
	ssize_t n = readlinkat(sdir, sname, to, sizeof(to) - 1);
	const char *as = NULL;

	if (n < 0)
		return false;
	to[n] = 0;
	if (how->as && *to != '/')
		as = how->as(how->ctx, to);
	return symlinkat(as ? as : to, ddir, dname) == 0;
}

/* The directory itself, writable for us. */
static bool copy_dir(int sdir, const char *sname, int ddir, const char *dname)
{
	struct stat sb;

	if (fstatat(sdir, sname, &sb, AT_SYMLINK_NOFOLLOW) < 0 || mkdirat(ddir, dname, 0700) < 0)
		return false;
	return fchmodat(ddir, dname, (sb.st_mode & 0777) | 0700, 0) == 0;
}

struct copying {
	int target;
	const struct fs_copying *how;
};

static enum fs_go copy_entry(void *ctx, const struct fs_entry *e)
{
	struct copying *c = ctx;
	const char *rel = c->how->as ? c->how->as(c->how->ctx, e->rel) : e->rel, *base;
	char *name = rel && c->how->as ? xstrdup(rel) : NULL; /* links ask for more names */
	int dir = rel ? fs_parent(c->target, name ? name : rel, true, &base) : -1, err;
	bool ok = dir >= 0;

	if (ok && e->type == DT_DIR)
		ok = copy_dir(e->dir, e->name, dir, base);
	else if (ok && e->type == DT_REG)
		ok = copy_file(c->how, e->dir, e->name, dir, base);
	else if (ok && e->type == DT_LNK)
		ok = copy_link(c->how, e->dir, e->name, dir, base);
	err = errno;
	free(name);
	if (dir >= 0)
		close(dir);
	errno = err;
	return ok ? FS_GO : FS_FAIL;
}

static bool copy_tree(int sdir, const char *sname, int ddir, const char *dname, const struct fs_copying *how)
{
	struct copying c = { -1, how };
	int from = openat(sdir, sname, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC), err;
	bool ok = from >= 0 && copy_dir(sdir, sname, ddir, dname);

	if (ok)
		c.target = openat(ddir, dname, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	ok = ok && c.target >= 0 && fs_walk(from, "", copy_entry, &c);
	err = errno;
	if (from >= 0)
		close(from);
	if (c.target >= 0)
		close(c.target);
	errno = err;
	return ok;
}

bool fs_copy_as(int sdir, const char *sname, int ddir, const char *dname, const struct fs_copying *how)
{
	struct stat sb;

	if (fstatat(sdir, sname, &sb, AT_SYMLINK_NOFOLLOW) < 0)
		return false;
	if (S_ISREG(sb.st_mode))
		return copy_file(how, sdir, sname, ddir, dname);
	if (S_ISLNK(sb.st_mode))
		return copy_link(&(struct fs_copying){ 0 }, sdir, sname, ddir, dname);
	if (S_ISDIR(sb.st_mode))
		return copy_tree(sdir, sname, ddir, dname, how);
	errno = EINVAL;
	return false;
}

bool fs_copy(int sdir, const char *sname, int ddir, const char *dname)
{
	return fs_copy_as(sdir, sname, ddir, dname, &(struct fs_copying){ 0 });
}

/* ---- replacing ---- */

char *fs_temp_name(void)
{
	static atomic_uint count; /* results are stored by threads, too */
	char *p = xmalloc(64);

	snprintf(p, 64, FS_TEMP "%ld-%u", (long)getpid(), atomic_fetch_add(&count, 1));
	return p;
}

/* Where names cannot be exchanged: move the old one away first. */
static bool swap_slowly(int sdir, const char *sname, int ddir, const char *dname)
{
	char *old = fs_temp_name();
	bool ok = renameat(ddir, dname, ddir, old) == 0;
	int err = errno;

	if (ok && renameat(sdir, sname, ddir, dname) < 0) {
		err = errno;
		ok = false;
		renameat(ddir, old, ddir, dname);
	}
	if (ok)
		fs_remove(ddir, old);
	free(old);
	errno = err;
	return ok;
}

/* Something of another kind, or a directory with contents, is in the way. */
static bool swap(int sdir, const char *sname, int ddir, const char *dname)
{
	if (syscall(SYS_renameat2, sdir, sname, ddir, dname, RENAME_EXCHANGE) == 0) {
		fs_remove(sdir, sname);
		return true;
	}
	if (errno != EINVAL && errno != ENOSYS)
		return false;
	return swap_slowly(sdir, sname, ddir, dname);
}

bool fs_replace(int sdir, const char *sname, int ddir, const char *dname)
{
	if (renameat(sdir, sname, ddir, dname) == 0)
		return true;
	if (errno == ENOTEMPTY || errno == EEXIST || errno == EISDIR || errno == ENOTDIR)
		return swap(sdir, sname, ddir, dname);
	return false;
}

/* ---- removing ----
 *
 * Directories below the first level are moved up into the tree's own top directory and removed there, so that
 * any depth takes two descriptors and no recursion. */

static int open_forced(int dir, const char *name)
{
	int fd = openat(dir, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

	if (fd < 0 && errno == EACCES && fchmodat(dir, name, 0700, AT_SYMLINK_NOFOLLOW) == 0)
		fd = openat(dir, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	return fd;
}

/* Lift subdirectory NAME of DIR into TOP under a name that is free there. */
static bool lift(int dir, const char *name, int top, unsigned long *serial)
{
	char to[48];

	for (int tries = 0; tries < 1000; tries++) {
		snprintf(to, sizeof(to), ".weft-rm-%lu", (*serial)++);
		if (syscall(SYS_renameat2, dir, name, top, to, RENAME_NOREPLACE) == 0)
			return true;
		if (errno == EACCES && fchmodat(dir, name, 0700, AT_SYMLINK_NOFOLLOW) == 0)
			continue;
		if (errno == EINVAL || errno == ENOSYS)
			return renameat(dir, name, top, to) == 0;
		if (errno != EEXIST)
			return false;
	}
	return false;
}

/* Empty DIR; its subdirectories go up to TOP unless it is the top itself (then *more says there are some). */
static bool empty(int fd, int top, unsigned long *serial, bool *more, bool (*sub)(int, const char *, int, unsigned long *))
{
	DIR *d = fdopendir(fd);
	struct dirent *de;
	bool ok = d != NULL;

	if (!d)
		close(fd);
	while (ok && (de = readdir(d))) {
		if (strcmp(de->d_name, ".") == 0 || strcmp(de->d_name, "..") == 0)
			continue;
		if (unlinkat(fd, de->d_name, 0) == 0 || errno == ENOENT || unlinkat(fd, de->d_name, AT_REMOVEDIR) == 0)
			continue;
		if (errno == EACCES && fchmod(fd, 0700) == 0 && unlinkat(fd, de->d_name, 0) == 0)
			continue;
		*more = true;
		ok = sub(fd, de->d_name, top, serial);
	}
	if (d)
		closedir(d);
	return ok;
}

/* A directory in TOP itself: empty it and take it away. */
static bool remove_sub(int dir, const char *name, int top, unsigned long *serial)
{
	int fd = open_forced(dir, name);
	bool more = false;

	if (fd < 0)
		return errno == ENOENT;
	fchmod(fd, 0700);
	return empty(fd, top, serial, &more, lift) && unlinkat(dir, name, AT_REMOVEDIR) == 0;
}

bool fs_remove(int dir, const char *name)
{
	unsigned long serial = 0;
	bool ok = true, more = true;
	int top;

	if (unlinkat(dir, name, 0) == 0 || errno == ENOENT || unlinkat(dir, name, AT_REMOVEDIR) == 0)
		return true;
	top = open_forced(dir, name);
	if (top < 0)
		return errno == ENOENT;
	fchmod(top, 0700);
	while (ok && more) {
		int fd = openat(top, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

		more = false;
		ok = fd >= 0 && empty(fd, top, &serial, &more, remove_sub);
	}
	close(top);
	return ok && unlinkat(dir, name, AT_REMOVEDIR) == 0;
}
