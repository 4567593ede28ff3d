/* stage_spare.c - directories of attempts that have ended, used again by attempts that begin.
 *
 * Making and removing a handful of files and directories costs more than a small program does (ext4 looks long for
 * an inode where many have just been removed).  So what an attempt has left as it was is given to the next one under
 * a new name; everything else is removed.  Tasks may have done anything to these directories: only what is seen to
 * be as we make it stays. */
#include "runtime/stage_impl.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "runtime/stage_fs.h"

#define SPARES ".spare" /* in `work` */

enum { DIR_FLAGS = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC, PLACES = 8 };

/* ---- what is left ---- */

static bool is_dot(const char *nm)
{
	return nm[0] == '.' && (!nm[1] || (nm[1] == '.' && !nm[2]));
}

/* A directory of ours that nobody has put anything into, nor changed. */
static bool pristine_dir(const struct stager *s, int dir, const char *nm)
{
	int fd = openat(dir, nm, DIR_FLAGS);
	struct stat sb;

	if (fd < 0)
		return false;
	if (fstat(fd, &sb) < 0 || (sb.st_mode & 07777) != s->dirmode || sb.st_uid != geteuid() || flistxattr(fd, NULL, 0) > 0) {
		close(fd);
		return false;
	}
	return fs_is_empty(fd);
}

/* The same, with what was put into it taken out. */
static bool emptied_dir(const struct stager *s, int dir, const char *nm)
{
	int fd = openat(dir, nm, DIR_FLAGS);
	DIR *d = fd >= 0 ? fdopendir(fd) : NULL;
	struct dirent *de;
	struct stat sb;
	bool ok = d && fstat(fd, &sb) == 0 && (sb.st_mode & 07777) == s->dirmode;

	while (ok && (errno = 0, de = readdir(d)))
		ok = is_dot(de->d_name) || fs_remove(fd, de->d_name);
	ok = ok && errno == 0;
	if (d)
		closedir(d);
	else if (fd >= 0)
		close(fd);
	return ok && pristine_dir(s, dir, nm);
}

/* Places that /tmp showed (sandbox_strict.c): a few empty directories. */
static bool pristine_places(const struct stager *s, int dir, const char *nm)
{
	int fd = openat(dir, nm, DIR_FLAGS);
	DIR *d = fd >= 0 ? fdopendir(fd) : NULL;
	struct dirent *de;
	struct stat sb;
	int n = 0;
	bool ok = d && fstat(fd, &sb) == 0 && (sb.st_mode & 07777) == s->dirmode && flistxattr(fd, NULL, 0) <= 0;

	while (ok && (errno = 0, de = readdir(d)))
		ok = is_dot(de->d_name) || (n++ < PLACES && pristine_dir(s, fd, de->d_name));
	ok = ok && errno == 0;
	if (d)
		closedir(d);
	else if (fd >= 0)
		close(fd);
	return ok;
}

bool spare_only(int dir, const char *const *path, uint32_t n)
{
	int fd = openat(dir, ".", DIR_FLAGS);
	DIR *d = fd >= 0 ? fdopendir(fd) : NULL;
	struct dirent *de;
	bool ok = d != NULL;

	while (ok && (de = readdir(d))) {
		uint32_t i = 0;

		while (i < n && strcmp(strrchr(path[i], '/') + 1, de->d_name) != 0)
			i++;
		ok = is_dot(de->d_name) || i < n || fs_remove(dir, de->d_name);
	}
	if (d)
		closedir(d);
	else if (fd >= 0)
		close(fd);
	return ok;
}

static bool pristine_file(int dir, const char *nm, bool empty)
{
	struct stat sb;

	return fstatat(dir, nm, &sb, AT_SYMLINK_NOFOLLOW) == 0 && S_ISREG(sb.st_mode) && sb.st_nlink == 1 &&
		sb.st_uid == geteuid() && (sb.st_mode & 07600) == 0600 && (!empty || sb.st_size == 0);
}

/* What overlayfs notes on the directory of changes; it does so again. */
static void forget_marks(int dir)
{
	static const char *const mark[] = { "trusted.overlay.uuid", "trusted.overlay.impure", "user.overlay.uuid", "user.overlay.impure" };
	int fd = openat(dir, "upper", DIR_FLAGS);

	for (size_t i = 0; fd >= 0 && i < sizeof(mark) / sizeof(*mark); i++)
		fremovexattr(fd, mark[i]);
	if (fd >= 0)
		close(fd);
}

/* What overlayfs has made for itself in its work directory: an empty one stays, the mark of a volatile mount does not. */
static bool tidy_work(const struct stager *s, int dir)
{
	int fd = openat(dir, "work", DIR_FLAGS), own = fd >= 0 ? openat(fd, "work", DIR_FLAGS) : -1;
	bool ok = own >= 0 && fs_remove(own, "incompat");
	struct stat sb;

	if (own >= 0)
		ok = fs_is_empty(own) && ok; /* it is closed */
	ok = ok && fstat(fd, &sb) == 0 && (sb.st_mode & 07777) == s->dirmode;
	if (fd >= 0)
		close(fd);
	return ok || fs_remove(dir, "work");
}

/* The layer of a container, of which something is left when it changed nothing. */
static bool tidy_layer(const struct stager *s, int dir)
{
	int fd = openat(dir, LAYER, DIR_FLAGS);
	bool ok = fd >= 0;

	if (ok)
		forget_marks(fd);
	ok = ok && (pristine_dir(s, fd, "upper") || fs_remove(fd, "upper")) &&
		(pristine_dir(s, fd, "root") || fs_remove(fd, "root")) && tidy_work(s, fd);
	if (fd >= 0)
		close(fd);
	return ok || fs_remove(dir, LAYER);
}

/* Keep an entry or remove it; false: it cannot be removed. */
static bool tidy(const struct stager *s, int dir, const char *nm, uint8_t *has)
{
	static const char *const known[] = { "w", "tmp", "stdout", "stderr", "script", "t" };

	if (strcmp(nm, LAYER) == 0)
		return tidy_layer(s, dir);

	for (unsigned i = 0; i < sizeof(known) / sizeof(*known); i++) {
		if (strcmp(known[i], nm) != 0)
			continue;
		if (i < 2 ? emptied_dir(s, dir, nm) : i == 5 ? pristine_places(s, dir, nm) : pristine_file(dir, nm, i < 4)) {
			*has |= (uint8_t)(1u << i);
			return true;
		}
	}
	return fs_remove(dir, nm);
}

static bool tidy_all(const struct stager *s, const char *nm, uint8_t *has)
{
	int fd = openat(s->workfd, nm, DIR_FLAGS);
	DIR *d = fd >= 0 ? fdopendir(fd) : NULL;
	struct dirent *de;
	struct stat sb;
	bool ok = d && fstat(fd, &sb) == 0 && (sb.st_mode & 07777) == s->dirmode;

	while (ok && (errno = 0, de = readdir(d)))
		ok = is_dot(de->d_name) || tidy(s, fd, de->d_name, has);
	ok = ok && errno == 0;
	if (d)
		closedir(d);
	else if (fd >= 0)
		close(fd);
	return ok;
}

/* ---- what processes on a machine leave each other: each of them has but one attempt ---- */

/* "HOST.PID.HAS" of this machine? */
static bool left_here(const struct stager *s, const char *nm, uint8_t *has)
{
	size_t n = (size_t)(strrchr(s->suffix, '.') - s->suffix); /* of ".HOST" */
	unsigned long bits;
	char *end;

	if (strncmp(nm, s->suffix + 1, n) != 0) /* "HOST." */
		return false;
	nm += n + strspn(nm + n, "0123456789");
	bits = *nm == '.' && nm[1] ? strtoul(nm + 1, &end, 10) : 256;
	*has = (uint8_t)bits;
	return bits < 256 && !*end;
}

/* Whoever renames it first has it. */
static bool take_left(struct stager *s, const char *nm, uint8_t *has)
{
	int fd = *s->suffix ? openat(s->workfd, SPARES, DIR_FLAGS) : -1;
	DIR *d = fd >= 0 ? fdopendir(fd) : NULL;
	struct dirent *de;
	bool ok = false;

	while (!ok && d && (de = readdir(d)))
		ok = left_here(s, de->d_name, has) && renameat(fd, de->d_name, s->workfd, nm) == 0;
	if (d)
		closedir(d);
	else if (fd >= 0)
		close(fd);
	return ok;
}

static bool give_left(struct stager *s, const char *nm, uint8_t has)
{
	struct arena *a = arena_new();
	const char *to = arena_printf(a, SPARES "/%s.%u", *s->suffix ? s->suffix + 1 : "", has);
	bool ok = *s->suffix && renameat(s->workfd, nm, s->workfd, to) == 0;

	if (!ok && *s->suffix && errno == ENOENT)
		ok = (mkdirat(s->workfd, SPARES, 0777) == 0 || errno == EEXIST) && renameat(s->workfd, nm, s->workfd, to) == 0;
	arena_free(a);
	return ok;
}

static bool take_or_make(struct stager *s, const char *nm, uint8_t *has)
{
	struct stat sb;

	if (!take_left(s, nm, has)) {
		*has = 0;
		if (!fs_remove(s->workfd, nm) || mkdirat(s->workfd, nm, 0777) < 0)
			return false;
	}
	if (fstatat(s->workfd, nm, &sb, AT_SYMLINK_NOFOLLOW) < 0)
		return false;
	s->dirmode = sb.st_mode & 07777;
	return true;
}

/* ---- taking and giving ---- */

bool spare_open(struct stager *s)
{
	const char *probe = arena_printf(s->arena, ".mode%s", s->suffix);
	struct stat sb;

	s->workfd = open(s->work, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (s->workfd >= 0 && s->o->role == RUN_MEMBER) /* it makes one directory, and sees then */
		return true;
	if (s->workfd >= 0 && unlinkat(s->workfd, probe, AT_REMOVEDIR) < 0 && errno != ENOENT) /* of a driver that was killed just here */
		return false;
	if (s->workfd < 0 || mkdirat(s->workfd, probe, 0777) < 0 || fstatat(s->workfd, probe, &sb, 0) < 0)
		return false;
	s->dirmode = sb.st_mode & 07777;
	return unlinkat(s->workfd, probe, AT_REMOVEDIR) == 0;
}

void spare_close(struct stager *s)
{
	while (s->nspare) {
		fs_remove(s->workfd, s->spare[--s->nspare].name);
		free(s->spare[s->nspare].name);
	}
	free(s->spare);
	if (s->workfd >= 0 && s->o->role == RUN_DRIVER)
		fs_remove(s->workfd, SPARES);
	if (s->workfd >= 0)
		close(s->workfd);
}

bool spare_take(struct stager *s, const char *nm, uint8_t *has)
{
	struct spare sp;
	bool ok;

	if (s->o->role == RUN_MEMBER)
		return take_or_make(s, nm, has);
	*has = 0;
	if (s->nspare) {
		sp = s->spare[--s->nspare];
		ok = renameat(s->workfd, sp.name, s->workfd, nm) == 0;
		if (!ok)
			fs_remove(s->workfd, sp.name);
		free(sp.name);
		*has = sp.has;
		if (ok)
			return true;
	}
	*has = 0;
	return fs_remove(s->workfd, nm) && mkdirat(s->workfd, nm, 0777) == 0;
}

void spare_give(struct stager *s, const char *nm)
{
	uint8_t has = 0;

	if (!tidy_all(s, nm, &has) || (s->o->role == RUN_MEMBER && !give_left(s, nm, has))) {
		fs_remove(s->workfd, nm);
		return;
	}
	if (s->o->role == RUN_MEMBER)
		return;
	s->spare = grow(s->spare, &s->sparecap, s->nspare + 1, sizeof(*s->spare));
	s->spare[s->nspare++] = (struct spare){ xstrdup(nm), has };
}
