/* run_dir.c - the workspace's lock and the run's own directory .weft/runs/NNNN. */
#include "runtime/driver.h"
#include "runtime/full.h"
#include "runtime/plan.h"
#include "runtime/procs.h"
#include "runtime/remote.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static bool make_dir(struct run *r, const char *path)
{
	int err;

	if (mkdir(path, 0700) == 0 || errno == EEXIST)
		return true;
	err = errno;
	diag_error(r->d, E1004, NOSPAN, "cannot make directory `%s`: %s", path, strerror(err));
	return full_help(r->d, err);
}

enum { GUARD_MS = 10000, GUARD_TURN_MS = 5 };

/* Does a driver that has died still hold the lock, because its guard is ending what it had started?  Numbers of
 * processes that are gone are not always known. */
static bool held_by_dead(int fd, struct flock *fl)
{
	*fl = (struct flock){ .l_type = F_WRLCK, .l_whence = SEEK_SET };
	if (fcntl(fd, F_GETLK, fl) < 0)
		fl->l_pid = 0;
	return fl->l_type == F_UNLCK || fl->l_pid <= 0 || !procs_alive(fl->l_pid);
}

static bool lock(int fd, struct flock *fl)
{
	for (int ms = 0; fcntl(fd, F_SETLK, fl) < 0; ms += GUARD_TURN_MS) {
		if ((errno != EACCES && errno != EAGAIN) || !held_by_dead(fd, fl) || ms >= GUARD_MS)
			return false;
		poll(NULL, 0, GUARD_TURN_MS);
		*fl = (struct flock){ .l_type = F_WRLCK, .l_whence = SEEK_SET };
	}
	return true;
}

/* A lock of this process, and of its guard (sandbox_guard.h): it ends with them however they end. */
static int take_lock(struct run *r, const char *base)
{
	const char *path = arena_printf(r->arena, "%s/lock", base);
	struct flock fl = { .l_type = F_WRLCK, .l_whence = SEEK_SET };

	r->lock = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (r->lock < 0) {
		diag_error(r->d, E1004, NOSPAN, "cannot open `%s`: %s", path, strerror(errno));
		return 4;
	}
	if (lock(r->lock, &fl))
		return 0;
	if (errno == EACCES || errno == EAGAIN) {
		diag_error(r->d, E1006, NOSPAN, "another run (process %ld) uses this workspace", (long)fl.l_pid);
		diag_help(r->d, "wait until it has ended; nothing has to be unlocked");
		return 6;
	}
	diag_error(r->d, E1004, NOSPAN, "cannot lock `%s`: %s", path, strerror(errno));
	return 4;
}

/* The largest number among the names in a directory. */
static long last_number(const char *path)
{
	DIR *dir = opendir(path);
	struct dirent *e;
	long last = 0;

	while (dir && (e = readdir(dir))) {
		char *end;
		long n = strtol(e->d_name, &end, 10);

		if (!*end && n > last && n < LONG_MAX)
			last = n;
	}
	if (dir)
		closedir(dir);
	return last;
}

static bool make_numbered(struct run *r, const char *runs)
{
	long last = (long)history_last_run(r->plan->h), there = last_number(runs);

	for (long n = (last > there ? last : there) + 1;; n++) {
		r->number = (uint32_t)n;
		r->dir = arena_printf(r->arena, "%s/%04ld", runs, n);
		if (mkdir(r->dir, 0700) == 0)
			return true;
		if (errno != EEXIST)
			return make_dir(r, r->dir);
	}
}

/* Keep version control away from what runs leave behind. */
static void hide(struct run *r, const char *base)
{
	int fd = open(arena_printf(r->arena, "%s/.gitignore", base), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);

	if (fd >= 0) {
		ssize_t n = write(fd, "*\n", 2);

		(void)n; /* without it nothing is wrong */
		close(fd);
	}
}

int run_dir_lock(struct run *r)
{
	const char *given = r->job->dir && *r->job->dir ? r->job->dir : ".";
	char *dir = realpath(given, NULL);

	if (!dir) {
		diag_error(r->d, E1004, NOSPAN, "cannot use workspace `%s`: %s", given, strerror(errno));
		return 4;
	}
	r->base = arena_printf(r->arena, "%s/.weft", strcmp(dir, "/") ? dir : "");
	free(dir);
	if (!make_dir(r, r->base))
		return 4;
	hide(r, r->base);
	return take_lock(r, r->base);
}

bool run_dir_make(struct run *r)
{
	const char *runs = arena_printf(r->arena, "%s/runs", r->base);

	if (!make_dir(r, runs))
		return false;
	r->dir = r->engine->resume ? r->engine->resume(r, runs) : NULL;
	if (!r->engine->resume && !remote_give_up(runs)) /* their jobs may still run, on other machines */
		return diag_error(r->d, E1005, NOSPAN, "cannot write `%s`: %s", runs, strerror(errno));
	if (!r->dir && !make_numbered(r, runs))
		return false;
	r->shown = run_shown(r, r->dir);
	return true;
}

const char *run_shown(struct run *r, const char *path)
{
	char *cwd = getcwd(NULL, 0);
	size_t n = cwd ? strlen(cwd) : 0;
	const char *p = path;

	if (n > 1 && !strncmp(path, cwd, n) && path[n] == '/')
		p = path + n + 1;
	else if (n > 1 && !strcmp(path, cwd))
		p = ".";
	free(cwd);
	return arena_strdup(r->arena, p);
}
