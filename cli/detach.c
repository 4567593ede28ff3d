/* detach.c - see detach.h; what comes through the pipe is written by runtime/run_detach.c. */
#include "cli/detach.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/buf.h"
#include "cli/cmd.h"

enum { TEXT_MAX = 1 << 16 };

/* The value of a word among "word" NUL "value" NUL ...; NULL if it has not come. */
static const char *word(const struct buf *b, const char *want)
{
	const char *p = b->p, *end = b->p + b->len;

	while (p && p < end) {
		const char *value = memchr(p, 0, (size_t)(end - p));
		const char *stop = value && value + 1 < end ? memchr(value + 1, 0, (size_t)(end - value - 1)) : NULL;

		if (!stop)
			return NULL;
		if (!strcmp(p, want))
			return value + 1;
		p = stop + 1;
	}
	return NULL;
}

/* Until the driver says that it runs, or is gone. */
static void listen(int fd, struct buf *b)
{
	char chunk[4096];
	ssize_t n = 1;

	while (!word(b, "run") && n > 0) {
		n = read(fd, chunk, sizeof(chunk));
		if (n > 0)
			buf_add(b, chunk, (size_t)n);
		else if (n < 0 && errno == EINTR)
			n = 1;
	}
}

static void print_file(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	char chunk[4096];
	ssize_t n;

	while (fd >= 0 && (n = read(fd, chunk, sizeof(chunk))) > 0)
		fwrite(chunk, 1, (size_t)n, stderr);
	if (fd >= 0)
		close(fd);
}

static int ended(pid_t pid, const char *log)
{
	int st = 0;

	while (waitpid(pid, &st, 0) < 0 && errno == EINTR)
		;
	if (log)
		print_file(log);
	return WIFEXITED(st) ? WEXITSTATUS(st) : 128 + WTERMSIG(st);
}

static int wait_for(pid_t pid, int fd)
{
	const char *run, *log;
	struct buf b;
	int rc = EXIT_OK;

	buf_init(&b, TEXT_MAX);
	listen(fd, &b);
	run = word(&b, "run");
	log = word(&b, "log");
	if (run)
		printf("run %s goes on in the background, process %ld\n"
			"  weft attach %s   follow it\n"
			"  weft cancel %s   end it\n"
			"  log: %s\n", run, (long)pid, run, run, log ? log : "none");
	else
		rc = ended(pid, log);
	buf_free(&b);
	close(fd);
	return rc;
}

void detach_fork(int *fd, int *rc)
{
	int ends[2];
	pid_t pid;

	*fd = -1;
	*rc = EXIT_UNREACHABLE;
	fflush(stdout);
	if (pipe2(ends, O_CLOEXEC) < 0 || (pid = fork()) < 0) {
		fprintf(stderr, "weft: cannot start a process: %s\n", strerror(errno));
		return;
	}
	if (!pid) {
		close(ends[0]);
		*fd = ends[1];
		return;
	}
	close(ends[1]);
	*rc = wait_for(pid, ends[0]);
}
