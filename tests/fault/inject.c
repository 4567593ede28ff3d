/* inject.c - preloaded into the driver, lets one call of the operating system fail.
 *
 * INJECT_AT=N      the N-th call, from 1; 0 or absent: none
 * INJECT_HOW       ENOSPC, EIO or EINTR: the call does nothing and fails so; SHORT: a write writes half; FULL: this and
 *                  every later call that takes room on a disk fails with ENOSPC
 * INJECT_COUNT=F   at the end the number of calls is written to the file F
 *
 * Only the process that was started counts: neither its children, nor commands (whose environment is another one). */
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

static long calls, at;
static const char *how = "";
static pid_t self;

static void __attribute__((constructor)) begin(void)
{
	const char *n = getenv("INJECT_AT"), *h = getenv("INJECT_HOW");

	at = n ? strtol(n, NULL, 10) : 0;
	how = h ? h : "";
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

/* Is it this call's turn to fail?  Then errno says why.  ROOM: it takes room on a disk. */
static bool fails(bool room)
{
	bool now;

	if ((pid_t)syscall(SYS_getpid) != self)
		return false;
	now = ++calls == at;
	if (!strcmp(how, "FULL")) {
		errno = ENOSPC;
		return at && calls >= at && room;
	}
	if (!now || !strcmp(how, "SHORT"))
		return false;
	errno = !strcmp(how, "EIO") ? EIO : !strcmp(how, "EINTR") ? EINTR : ENOSPC;
	return true;
}

static bool is_short(void)
{
	return calls == at && !strcmp(how, "SHORT") && (pid_t)syscall(SYS_getpid) == self;
}

#define REAL(f) __typeof__(&f) real = (__typeof__(&f))dlsym(RTLD_NEXT, #f)

ssize_t write(int fd, const void *p, size_t n)
{
	if (fails(true))
		return -1;
	return syscall(SYS_write, fd, p, is_short() && n > 1 ? n / 2 : n);
}

ssize_t pwrite(int fd, const void *p, size_t n, off_t off)
{
	if (fails(true))
		return -1;
	return syscall(SYS_pwrite64, fd, p, is_short() && n > 1 ? n / 2 : n, off);
}

ssize_t pwrite64(int fd, const void *p, size_t n, off_t off)
{
	return pwrite(fd, p, n, off);
}

int fsync(int fd)
{
	return fails(true) ? -1 : (int)syscall(SYS_fsync, fd);
}

int fdatasync(int fd)
{
	return fails(true) ? -1 : (int)syscall(SYS_fdatasync, fd);
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
	if (makes(flags) && fails(true))
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
