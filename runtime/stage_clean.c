/* stage_clean.c - what drivers that were killed have left: work directories, and copies beside their targets.
 *
 * Called with the workspace's lock, so every other run is over, and what of it was to stay is marked.  Attempts'
 * directories are renamed into .weft/trash, which is quick whatever they hold; a child removes that while the run goes on,
 * and the next run what this one has no time for.  Directories of failed attempts that were kept stay. */
#include "runtime/stage_impl.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "runtime/sandbox_guard.h"
#include "runtime/stage_fs.h"

enum { DIR_FLAGS = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC, TEXT_MAX = 1 << 26, NICE = 10, LAST_MS = 300, TURN_MS = 3 };

/* ---- a run that is over ---- */

static void read_text(int dir, const char *file, struct buf *b)
{
	char chunk[4096];
	int fd = openat(dir, file, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	ssize_t n;

	buf_init(b, TEXT_MAX);
	while (fd >= 0 && (n = read(fd, chunk, sizeof(chunk))) > 0)
		buf_add(b, chunk, (size_t)n);
	if (fd >= 0)
		close(fd);
}

static bool has_left(int run)
{
	struct stat sb;

	return fstatat(run, "work", &sb, AT_SYMLINK_NOFOLLOW) == 0 || fstatat(run, COPIES, &sb, AT_SYMLINK_NOFOLLOW) == 0;
}

/* "/data/out/.weft-tmp-123-4" */
static void remove_copy(const char *path)
{
	const char *slash = strrchr(path, '/');
	char *dir;
	int fd;

	if (*path != '/' || strncmp(slash + 1, FS_TEMP, strlen(FS_TEMP)) != 0)
		return;
	dir = xstrndup(path, slash == path ? 1 : (size_t)(slash - path));
	fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd >= 0) {
		fs_remove(fd, slash + 1);
		close(fd);
	}
	free(dir);
}

static void remove_copies(int run)
{
	struct buf b;

	read_text(run, COPIES, &b);
	buf_addc(&b, 0);
	for (size_t at = 0; at < b.len; at += strlen(b.p + at) + 1)
		remove_copy(b.p + at);
	buf_free(&b);
	unlinkat(run, COPIES, 0);
}

static bool is_kept(int work, const char *nm)
{
	int fd = openat(work, nm, DIR_FLAGS);
	struct stat sb;
	bool kept = fd >= 0 && fstatat(fd, KEPT, &sb, AT_SYMLINK_NOFOLLOW) == 0;

	if (fd >= 0)
		close(fd);
	return kept;
}

static void trash(int from, const char *nm, int bin, unsigned long *serial)
{
	char to[32];

	for (int i = 0; i < 1000; i++) {
		snprintf(to, sizeof(to), "%lu", ++*serial);
		if (renameat(from, nm, bin, to) == 0 || (errno != EEXIST && errno != ENOTEMPTY && errno != ENOTDIR && errno != EISDIR))
			return;
	}
}

static void clear_run(int run, int bin, unsigned long *serial)
{
	int work = openat(run, "work", DIR_FLAGS);
	DIR *d = work >= 0 ? fdopendir(work) : NULL;
	struct dirent *de;

	remove_copies(run);
	while (d && (de = readdir(d)))
		if (strcmp(de->d_name, ".") != 0 && strcmp(de->d_name, "..") != 0 && !is_kept(work, de->d_name))
			trash(work, de->d_name, bin, serial);
	if (d)
		closedir(d);
	else if (work >= 0)
		close(work);
	unlinkat(run, "work", AT_REMOVEDIR);
	trash(run, "packages", bin, serial);
}

static void clear_runs(int runs, int bin, const char *own)
{
	DIR *d = fdopendir(runs);
	unsigned long serial = 0;
	struct dirent *de;

	while (d && (de = readdir(d))) {
		int run = *de->d_name == '.' || strcmp(de->d_name, own) == 0 ? -1 : openat(runs, de->d_name, DIR_FLAGS);

		if (run < 0)
			continue;
		if (has_left(run))
			clear_run(run, bin, &serial);
		close(run);
	}
	if (d)
		closedir(d);
	else
		close(runs);
}

/* ---- removing ---- */

static void __attribute__((noreturn)) sweep(int base)
{
	int null = open("/dev/null", O_RDWR);

	for (int fd = 0; fd < 3 && null >= 0; fd++) /* nobody who reads the driver's output is to wait for this */
		dup2(null, fd);
	setsid();
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	prctl(PR_SET_NAME, "wf-sweep");
	if (nice(NICE) == -1)
		errno = 0;
	fs_remove(base, "trash");
	_exit(0);
}

void clean_start(struct stager *s)
{
	int base = open(fs_join(s->scratch, s->dir, "../.."), O_RDONLY | O_DIRECTORY | O_CLOEXEC), runs, bin;
	bool empty;
	pid_t pid;

	s->sweeper = -1;
	if (base < 0)
		return;
	mkdirat(base, "trash", 0700);
	bin = openat(base, "trash", DIR_FLAGS);
	runs = bin >= 0 ? openat(base, "runs", DIR_FLAGS) : -1;
	if (runs >= 0)
		clear_runs(runs, bin, strrchr(s->dir, '/') + 1);
	empty = bin < 0 || fs_is_empty(bin);
	if (empty)
		unlinkat(base, "trash", AT_REMOVEDIR);
	else if ((s->sweeper = guard_take(s->sb.guard)) >= 0) {
		pid = fork();
		if (pid == 0)
			sweep(base);
		s->sb.guard->child[s->sweeper].pid = pid > 0 ? pid : 0;
	}
	close(base);
}

void clean_stop(struct stager *s)
{
	bool gone = false;
	pid_t pid = s->sb.guard && s->sweeper >= 0 ? s->sb.guard->child[s->sweeper].pid : 0;

	if (!pid)
		return;
	for (int i = 0; i < LAST_MS && !gone; i += TURN_MS) {
		gone = waitpid(pid, NULL, WNOHANG) != 0;
		if (!gone)
			poll(NULL, 0, TURN_MS);
	}
	if (!gone) {
		kill(pid, SIGKILL);
		while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
			;
	}
	guard_give(s->sb.guard, s->sweeper);
}
