/* procs.c - see procs.h. */
#include "runtime/procs.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

struct entry { /* as getdents64 has it */
	uint64_t ino;
	int64_t off;
	unsigned short len;
	unsigned char type;
	char name[];
};

/* ---- names below /proc ---- */

static char *add(char *p, const char *s)
{
	size_t n = strlen(s);

	memcpy(p, s, n + 1);
	return p + n;
}

static char *add_number(char *p, unsigned long n)
{
	char digits[24];
	size_t i = sizeof(digits);

	digits[--i] = 0;
	do
		digits[--i] = (char)('0' + n % 10);
	while ((n /= 10));
	return add(p, digits + i);
}

/* "/proc/PID/TAIL" */
static int open_proc(pid_t pid, const char *tail, int flags)
{
	char path[96];

	add(add(add_number(add(path, "/proc/"), (unsigned long)pid), "/"), tail);
	return open(path, flags | O_RDONLY | O_CLOEXEC);
}

static pid_t number(const char *s)
{
	pid_t n = 0;

	for (; *s >= '0' && *s <= '9'; s++)
		n = n * 10 + (*s - '0');
	return *s ? 0 : n;
}

/* Every entry of a directory that is a number. */
static void each_number(int dir, procs_fn *fn, void *ctx)
{
	_Alignas(struct entry) char b[4096];
	long n;

	while ((n = syscall(SYS_getdents64, dir, b, sizeof(b))) > 0)
		for (long at = 0; at < n;) {
			const struct entry *e = (const struct entry *)(const void *)(b + at);
			pid_t pid = number(e->name);

			at += e->len;
			if (pid)
				fn(ctx, pid);
		}
}

/* ---- children ---- */

bool procs_list(int fd, procs_fn *fn, void *ctx)
{
	char b[4096];
	off_t at = 0;
	ssize_t n;
	pid_t pid = 0;

	while ((n = pread(fd, b, sizeof(b), at)) > 0) {
		for (ssize_t i = 0; i < n; i++) {
			if (b[i] >= '0' && b[i] <= '9')
				pid = pid * 10 + (b[i] - '0');
			else if (pid) {
				fn(ctx, pid);
				pid = 0;
			}
		}
		at += n;
		if (n < (ssize_t)sizeof(b) - 16) /* the kernel stops where the next number has no room */
			break;
	}
	return n >= 0;
}

struct threads {
	pid_t pid;
	procs_fn *fn;
	void *ctx;
};

static void of_thread(void *ctx, pid_t tid)
{
	struct threads *t = ctx;
	char tail[64];
	int fd;

	add(add_number(add(tail, "task/"), (unsigned long)tid), "/children");
	fd = open_proc(t->pid, tail, 0);
	if (fd < 0)
		return;
	procs_list(fd, t->fn, t->ctx);
	close(fd);
}

void procs_children(pid_t pid, procs_fn *fn, void *ctx)
{
	struct threads t = { pid, fn, ctx };
	int dir = open_proc(pid, "task", O_DIRECTORY);

	if (dir < 0)
		return;
	each_number(dir, of_thread, &t);
	close(dir);
}

/* ---- one process ---- */

bool procs_alive(pid_t pid)
{
	char b[512], *p;
	int fd = open_proc(pid, "stat", 0);
	ssize_t n = fd >= 0 ? read(fd, b, sizeof(b) - 1) : -1;

	if (fd >= 0)
		close(fd);
	if (n <= 0)
		return fd < 0 && errno != ENOENT && kill(pid, 0) == 0;
	b[n] = 0;
	p = strrchr(b, ')'); /* "12 (a name) S 1 ..." */
	return p && p[1] == ' ' && p[2] != 'Z' && p[2] != 'X';
}

pid_t procs_of_pidfd(int pidfd)
{
	char path[64], b[1024], *p;
	ssize_t n = -1;
	int fd;

	add_number(add(path, "/proc/self/fdinfo/"), (unsigned long)pidfd);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd >= 0) {
		n = read(fd, b, sizeof(b) - 1);
		close(fd);
	}
	if (n <= 0)
		return 0;
	b[n] = 0;
	p = strstr(b, "\nPid:\t");
	if (!p || p[6] == '-')
		return 0;
	p += 6;
	p[strspn(p, "0123456789")] = 0;
	return number(p);
}

/* ---- by a line of the environment ---- */

struct marked {
	const char *line;
	procs_fn *fn;
	void *ctx;
};

/* Is LINE one of the strings in FD?  Strings longer than the buffer are none that we look for. */
static bool has_line(int fd, const char *line)
{
	size_t len = strlen(line) + 1, have = 0;
	char b[4096];
	bool skip = false;
	ssize_t n;

	while ((n = read(fd, b + have, sizeof(b) - have)) > 0) {
		char *s = b, *end, *stop = b + have + n;

		for (; (end = memchr(s, 0, (size_t)(stop - s))); s = end + 1, skip = false)
			if (!skip && (size_t)(end - s) + 1 == len && memcmp(s, line, len) == 0)
				return true;
		have = (size_t)(stop - s);
		if (have == sizeof(b)) {
			have = 0;
			skip = true;
		}
		memmove(b, s, have);
	}
	return false;
}

static void look(void *ctx, pid_t pid)
{
	struct marked *m = ctx;
	int fd = pid == getpid() ? -1 : open_proc(pid, "environ", 0);
	bool yes = fd >= 0 && has_line(fd, m->line);

	if (fd >= 0)
		close(fd);
	if (yes)
		m->fn(m->ctx, pid);
}

void procs_marked(const char *line, procs_fn *fn, void *ctx)
{
	struct marked m = { line, fn, ctx };
	int dir = open("/proc", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (dir < 0)
		return;
	each_number(dir, look, &m);
	close(dir);
}
