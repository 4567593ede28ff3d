/* inject.c - preloaded into the driver, lets one call of the operating system fail.
 *
 * INJECT_WHAT      which calls count: "write" (those that change a disk or the process; when absent), "sync" (a part of these),
 *                  "read" (read, list, look at), "open" (of what is there) or "close"
 * INJECT_AT=N      the N-th call of them, from 1; 0 or absent: none
 * INJECT_HOW       ENOSPC, EIO, EINTR, EMFILE or ENFILE: the call does nothing and fails so, but a close that fails has closed,
 *                  and a sync that fails once would succeed the next time; SHORT: a write or read takes half;
 *                  FULL: this and every later call that takes room on a disk fails with ENOSPC
 * INJECT_HANG=DIR  besides: what makes or renames a file below DIR does not come back, as on a file server that is gone
 * INJECT_COUNT=F   at the end the number of calls is written to the file F
 *
 * Only the process that was started counts: neither its children, nor commands (whose environment is another one). */
#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

enum kind { WRITE = 1, SYNC = 2, READ = 4, OPEN = 8, CLOSE = 16 };

static long calls, at;
static const char *how = "", *dead;
static unsigned what = WRITE | SYNC;
static pid_t self;

static unsigned kinds(const char *name)
{
	static const struct {
		const char *name;
		unsigned kinds;
	} all[] = { { "sync", SYNC }, { "read", READ }, { "open", OPEN }, { "close", CLOSE } };

	for (size_t i = 0; name && i < sizeof(all) / sizeof(*all); i++)
		if (!strcmp(name, all[i].name))
			return all[i].kinds;
	return WRITE | SYNC;
}

static void __attribute__((constructor)) begin(void)
{
	const char *n = getenv("INJECT_AT"), *h = getenv("INJECT_HOW");

	at = n ? strtol(n, NULL, 10) : 0;
	how = h ? h : "";
	what = kinds(getenv("INJECT_WHAT"));
	dead = getenv("INJECT_HANG");
	self = (pid_t)syscall(SYS_getpid);
}

static void __attribute__((destructor)) end(void)
{
	const char *file = getenv("INJECT_COUNT");
	FILE *f = file && (pid_t)syscall(SYS_getpid) == self ? fopen(file, "w") : NULL;

	if (!f)
		return;
	fprintf(f, "%ld\n", calls);
	fclose(f);
}

static int reason(void)
{
	static const struct {
		const char *how;
		int e;
	} all[] = { { "EIO", EIO }, { "EINTR", EINTR }, { "EMFILE", EMFILE }, { "ENFILE", ENFILE } };

	for (size_t i = 0; i < sizeof(all) / sizeof(*all); i++)
		if (!strcmp(how, all[i].how))
			return all[i].e;
	return ENOSPC;
}

/* Is it the turn of this call, which is of that kind, to fail?  Then errno says why.  ROOM: it takes room on a disk. */
static bool fails_of(enum kind kind, bool room)
{
	bool now;

	if (!(what & kind) || (pid_t)syscall(SYS_getpid) != self)
		return false;
	now = ++calls == at;
	if (!strcmp(how, "FULL")) {
		errno = ENOSPC;
		return at && calls >= at && room;
	}
	if (!now || !strcmp(how, "SHORT"))
		return false;
	errno = reason();
	return true;
}

static bool fails(bool room)
{
	return fails_of(WRITE, room);
}

/* Has this call, which did not fail, to take half? */
static bool is_short(enum kind kind)
{
	return (what & kind) && calls == at && !strcmp(how, "SHORT") && (pid_t)syscall(SYS_getpid) == self;
}

/* Never returns when the directory D, or A, is below the dead one. */
static void hang(int d, const char *a)
{
	char link[64], path[4096];
	size_t len = dead ? strlen(dead) : 0;
	ssize_t n;

	if (!dead || (pid_t)syscall(SYS_getpid) != self)
		return;
	snprintf(link, sizeof(link), "/proc/self/fd/%d", d);
	n = *a == '/' ? snprintf(path, sizeof(path), "%s", a) : readlink(link, path, sizeof(path) - 1);
	while (n >= (ssize_t)len && strncmp(path, dead, len) == 0)
		pause();
}

#define REAL(f) __typeof__(&f) real = (__typeof__(&f))dlsym(RTLD_NEXT, #f)

ssize_t write(int fd, const void *p, size_t n)
{
	if (fails(true))
		return -1;
	return syscall(SYS_write, fd, p, is_short(WRITE) && n > 1 ? n / 2 : n);
}

ssize_t pwrite(int fd, const void *p, size_t n, off_t off)
{
	if (fails(true))
		return -1;
	return syscall(SYS_pwrite64, fd, p, is_short(WRITE) && n > 1 ? n / 2 : n, off);
}

ssize_t pwrite64(int fd, const void *p, size_t n, off_t off)
{
	return pwrite(fd, p, n, off);
}

int fsync(int fd)
{
	return fails_of(SYNC, true) ? -1 : (int)syscall(SYS_fsync, fd);
}

int fdatasync(int fd)
{
	return fails_of(SYNC, true) ? -1 : (int)syscall(SYS_fdatasync, fd);
}

int ftruncate(int fd, off_t n)
{
	return fails(false) ? -1 : (int)syscall(SYS_ftruncate, fd, n);
}

int rename(const char *a, const char *b)
{
	return fails(true) ? -1 : (int)syscall(SYS_rename, a, b);
}

int renameat(int d, const char *a, int e, const char *b)
{
	hang(e, b);
	return fails(true) ? -1 : (int)syscall(SYS_renameat, d, a, e, b);
}

int link(const char *a, const char *b)
{
	return fails(true) ? -1 : (int)syscall(SYS_link, a, b);
}

int linkat(int d, const char *a, int e, const char *b, int flags)
{
	return fails(true) ? -1 : (int)syscall(SYS_linkat, d, a, e, b, flags);
}

int symlinkat(const char *to, int d, const char *a)
{
	return fails(true) ? -1 : (int)syscall(SYS_symlinkat, to, d, a);
}

int mkdir(const char *a, mode_t mode)
{
	return fails(true) ? -1 : (int)syscall(SYS_mkdir, a, mode);
}

int mkdirat(int d, const char *a, mode_t mode)
{
	return fails(true) ? -1 : (int)syscall(SYS_mkdirat, d, a, mode);
}

/* Files that are made, and directories (__O_TMPFILE has the bit of O_DIRECTORY). */
static bool makes(int flags)
{
	return flags & (O_CREAT | __O_TMPFILE);
}

int openat(int d, const char *a, int flags, ...)
{
	mode_t mode = 0;
	va_list ap;

	va_start(ap, flags);
	if (makes(flags))
		mode = (mode_t)va_arg(ap, int);
	va_end(ap);
	if (flags & O_CREAT)
		hang(d, a);
	if (fails_of(makes(flags) ? WRITE : OPEN, makes(flags)) || (makes(flags) && fails_of(OPEN, false)))
		return -1;
	return (int)syscall(SYS_openat, d, a, flags, mode);
}

int open(const char *a, int flags, ...)
{
	mode_t mode = 0;
	va_list ap;

	va_start(ap, flags);
	if (makes(flags))
		mode = (mode_t)va_arg(ap, int);
	va_end(ap);
	return openat(AT_FDCWD, a, flags, mode);
}

int open64(const char *a, int flags, ...)
{
	mode_t mode = 0;
	va_list ap;

	va_start(ap, flags);
	if (makes(flags))
		mode = (mode_t)va_arg(ap, int);
	va_end(ap);
	return openat(AT_FDCWD, a, flags, mode);
}

int openat64(int d, const char *a, int flags, ...)
{
	mode_t mode = 0;
	va_list ap;

	va_start(ap, flags);
	if (makes(flags))
		mode = (mode_t)va_arg(ap, int);
	va_end(ap);
	return openat(d, a, flags, mode);
}

FILE *fopen(const char *a, const char *mode)
{
	REAL(fopen);

	return fails_of(OPEN, false) ? NULL : real(a, mode);
}

DIR *opendir(const char *a)
{
	REAL(opendir);

	return fails_of(OPEN, false) ? NULL : real(a);
}

int close(int fd)
{
	bool bad = fails_of(CLOSE, false);
	int e = errno, rc = (int)syscall(SYS_close, fd);

	if (bad)
		errno = e;
	return bad ? -1 : rc;
}

/* ---- reading ---- */

ssize_t read(int fd, void *p, size_t n)
{
	if (fails_of(READ, false))
		return -1;
	return syscall(SYS_read, fd, p, is_short(READ) && n > 1 ? n / 2 : n);
}

ssize_t pread(int fd, void *p, size_t n, off_t off)
{
	if (fails_of(READ, false))
		return -1;
	return syscall(SYS_pread64, fd, p, is_short(READ) && n > 1 ? n / 2 : n, off);
}

ssize_t pread64(int fd, void *p, size_t n, off_t off)
{
	return pread(fd, p, n, off);
}

struct dirent *readdir(DIR *d)
{
	REAL(readdir);

	return fails_of(READ, false) ? NULL : real(d);
}

int fstat(int fd, struct stat *st)
{
	REAL(fstat);

	return fails_of(READ, false) ? -1 : real(fd, st);
}

int stat(const char *a, struct stat *st)
{
	REAL(stat);

	return fails_of(READ, false) ? -1 : real(a, st);
}

int lstat(const char *a, struct stat *st)
{
	REAL(lstat);

	return fails_of(READ, false) ? -1 : real(a, st);
}

int fstatat(int d, const char *a, struct stat *st, int flags)
{
	REAL(fstatat);

	return fails_of(READ, false) ? -1 : real(d, a, st, flags);
}

int statx(int d, const char *a, int flags, unsigned mask, struct statx *st)
{
	REAL(statx);

	return fails_of(READ, false) ? -1 : real(d, a, flags, mask, st);
}

ssize_t readlinkat(int d, const char *a, char *p, size_t n)
{
	REAL(readlinkat);

	return fails_of(READ, false) ? -1 : real(d, a, p, n);
}

/* ---- other resources ---- */

void *mmap(void *p, size_t n, int prot, int flags, int fd, off_t off)
{
	if (fd >= 0 && fails(false))
		return MAP_FAILED;
	return (void *)syscall(SYS_mmap, p, n, prot, flags, fd, off);
}

int pipe2(int fd[2], int flags)
{
	return fails(false) ? -1 : (int)syscall(SYS_pipe2, fd, flags);
}

int clone(int (*fn)(void *), void *stack, int flags, void *arg, ...)
{
	REAL(clone);
	va_list ap;
	void *tid;

	va_start(ap, arg);
	tid = va_arg(ap, void *);
	va_end(ap);
	return fails(false) ? -1 : real(fn, stack, flags, arg, tid);
}
