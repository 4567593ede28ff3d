/* doctor_output.c - what a program says, for a while and up to a length. */
#include "base/buf.h"
#include "cli/doctor.h"
#include "runtime/loop.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

enum { WAIT_MS = 10000, OUTPUT_MAX = 1 << 20 };

/* Until the end, the deadline, or too much; true: it was the end. */
static bool read_all(int fd, struct buf *b)
{
	int64_t end = clock_ms() + WAIT_MS;
	char piece[4096];

	for (;;) {
		struct pollfd p = { .fd = fd, .events = POLLIN };
		int64_t left = end - clock_ms();
		ssize_t n;

		if (left <= 0 || poll(&p, 1, (int)left) <= 0)
			return false;
		n = read(fd, piece, sizeof piece);
		if (n <= 0)
			return n == 0;
		if (!buf_add(b, piece, (size_t)n))
			return false;
	}
}

static bool start(const char *const *argv, int out, pid_t *pid)
{
	posix_spawn_file_actions_t fa;
	bool ok;

	posix_spawn_file_actions_init(&fa);
	posix_spawn_file_actions_addopen(&fa, 0, "/dev/null", O_RDONLY, 0);
	posix_spawn_file_actions_adddup2(&fa, out, 1);
	posix_spawn_file_actions_addopen(&fa, 2, "/dev/null", O_WRONLY, 0);
	ok = posix_spawn(pid, argv[0], &fa, NULL, (char *const *)(uintptr_t)argv, environ) == 0;
	posix_spawn_file_actions_destroy(&fa);
	return ok;
}

const char *doctor_output(struct doctor *d, const char *const *argv)
{
	const char *text = NULL;
	struct buf b;
	pid_t pid;
	int fd[2];

	if (pipe2(fd, O_CLOEXEC))
		return NULL;
	buf_init(&b, OUTPUT_MAX);
	if (start(argv, fd[1], &pid)) {
		int status = 0;

		close(fd[1]);
		if (!read_all(fd[0], &b))
			kill(pid, SIGKILL);
		waitpid(pid, &status, 0);
		text = status == 0 ? arena_strndup(d->a, buf_str(&b), b.len) : NULL;
	} else {
		close(fd[1]);
	}
	close(fd[0]);
	buf_free(&b);
	return text;
}
