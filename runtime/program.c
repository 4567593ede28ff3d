/* program.c - see program.h. */
#include "runtime/program.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/intl.h"

enum { WORDS_MAX = 400 /* bytes of its last line that are shown */, LOOK_MS = 60000 };

struct program {
	pid_t pid;       /* 0: it has ended */
	int end;         /* pidfd */
	int from[2];     /* its standard output and error */
	struct buf said[2];
	int64_t until;   /* clock_ms */
	int status;      /* as waitpid gives it */
	bool late, more; /* its time was over; it said more than it may */
};

/* ---- starting ---- */

static void place(posix_spawn_file_actions_t *fa, int fd, int as, int flags)
{
	if (fd < 0)
		posix_spawn_file_actions_addopen(fa, as, "/dev/null", flags, 0);
	else
		posix_spawn_file_actions_adddup2(fa, fd, as);
}

int program_spawn(const char *const *argv, char *const *env, int in, int out, int err, pid_t *pid)
{
	posix_spawn_file_actions_t fa;
	posix_spawnattr_t at;
	sigset_t none, pipe;
	int rc;

	sigemptyset(&none);
	sigemptyset(&pipe);
	sigaddset(&pipe, SIGPIPE);
	posix_spawn_file_actions_init(&fa);
	place(&fa, in, 0, O_RDONLY);
	place(&fa, out, 1, O_WRONLY);
	place(&fa, err, 2, O_WRONLY);
	posix_spawnattr_init(&at);
	posix_spawnattr_setsigmask(&at, &none);
	posix_spawnattr_setsigdefault(&at, &pipe);
	posix_spawnattr_setflags(&at, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP);
	rc = posix_spawnp(pid, argv[0], &fa, &at, (char *const *)(uintptr_t)argv, env ? env : environ);
	posix_spawn_file_actions_destroy(&fa);
	posix_spawnattr_destroy(&at);
	return rc;
}

static void shut(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

/* A pipe whose end of ours does not block. */
static bool pipe_from(int *ours, int *theirs)
{
	int fd[2];

	if (pipe2(fd, O_CLOEXEC) < 0)
		return false;
	*ours = fd[0];
	*theirs = fd[1];
	return fcntl(fd[0], F_SETFL, O_NONBLOCK) == 0;
}

struct program *program_start(const char *const *argv, char *const *env, size_t max, int ms)
{
	struct program *p = xcalloc(1, sizeof(*p));
	int to[2] = { -1, -1 }, rc;

	p->end = p->from[0] = p->from[1] = -1;
	p->until = clock_ms() + ms;
	buf_init(&p->said[0], max);
	buf_init(&p->said[1], max);
	rc = pipe_from(&p->from[0], &to[0]) && pipe_from(&p->from[1], &to[1]) ?
		program_spawn(argv, env, -1, to[0], to[1], &p->pid) : errno;
	shut(&to[0]);
	shut(&to[1]);
	if (!rc && (p->end = (int)syscall(SYS_pidfd_open, p->pid, 0)) < 0)
		rc = errno;
	if (!rc)
		return p;
	program_free(p);
	errno = rc;
	return NULL;
}

/* ---- its words ---- */

static void take(struct program *p, int i)
{
	char piece[4096];
	ssize_t n;

	while (p->from[i] >= 0 && (n = read(p->from[i], piece, sizeof(piece))) != 0) {
		if (n < 0 && errno != EINTR)
			return; /* no more now */
		if (n > 0 && !buf_add(&p->said[i], piece, (size_t)n))
			p->more = true;
	}
	shut(&p->from[i]);
}

static void reap(struct program *p)
{
	kill(-p->pid, SIGKILL); /* the program itself is not waited for yet: the number is still its group's */
	kill(p->pid, SIGKILL);
	while (waitpid(p->pid, &p->status, 0) < 0 && errno == EINTR)
		;
	p->pid = 0;
}

int program_watch(const struct program *p, struct loop *l)
{
	int64_t left = p->until - clock_ms();

	for (int i = 0; i < 2; i++)
		if (p->from[i] >= 0)
			loop_watch(l, p->from[i], POLLIN);
	if (p->end >= 0)
		loop_watch(l, p->end, POLLIN);
	return left < 0 || !p->pid ? 0 : left > LOOK_MS ? LOOK_MS : (int)left;
}

bool program_turn(struct program *p)
{
	struct pollfd end = { .fd = p->end, .events = POLLIN };
	bool over = poll(&end, 1, 0) > 0; /* before what it has said last is read */

	if (!p->pid)
		return true;
	take(p, 0);
	take(p, 1);
	p->late = !over && clock_ms() >= p->until;
	if (over || p->late || p->more)
		reap(p);
	return !p->pid;
}

void program_finish(struct program *p)
{
	while (!program_turn(p)) {
		struct pollfd f[3] = { { p->from[0], POLLIN, 0 }, { p->from[1], POLLIN, 0 }, { p->end, POLLIN, 0 } };
		int64_t left = p->until - clock_ms();

		poll(f, 3, left < 0 ? 0 : left > LOOK_MS ? LOOK_MS : (int)left);
	}
}

static const char *last_line(struct arena *a, const struct buf *b)
{
	size_t n = b->len, from;

	while (n && (b->p[n - 1] == '\n' || b->p[n - 1] == ' '))
		n--;
	for (from = n; from && b->p[from - 1] != '\n';)
		from--;
	return arena_strndup(a, buf_str(b) + from, n - from > WORDS_MAX ? WORDS_MAX : n - from);
}

const char *program_said(const struct program *p, struct arena *a, const char **why)
{
	const char *end, *words = last_line(a, &p->said[1]);

	if (!p->late && !p->more && p->status == 0)
		return arena_strndup(a, buf_str(&p->said[0]), p->said[0].len);
	if (p->late)
		end = _("it takes too long");
	else if (p->more)
		end = _("it says too much");
	else if (WIFSIGNALED(p->status))
		end = arena_printf(a, _("killed by signal %d"), WTERMSIG(p->status));
	else
		end = arena_printf(a, _("exit status %d"), WEXITSTATUS(p->status));
	*why = *words ? arena_printf(a, "%s: %s", end, words) : end;
	return NULL;
}

void program_free(struct program *p)
{
	if (!p)
		return;
	if (p->pid)
		reap(p);
	shut(&p->from[0]);
	shut(&p->from[1]);
	shut(&p->end);
	buf_free(&p->said[0]);
	buf_free(&p->said[1]);
	free(p);
}
