/* sandbox_plain.c - see sandbox_plain.h.
 *
 * Started like vfork does it: the child runs in the driver's memory, on a stack of its own, until it becomes the
 * command; the driver stands still meanwhile.  So a driver of any size starts it in the same time. */
#include "runtime/sandbox_plain.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "runtime/procs.h"
#include "runtime/sandbox_guard.h"
#include "runtime/sandbox_init.h"

enum { STACK = 128 * 1024 };

/* ---- the child ---- */

struct start {
	const struct sandbox *sb;
	const struct sb_spawn *sp;
	struct sb_report *early;
};

/* Streams to their places; those of the driver may themselves be among the first three. */
static bool place_streams(const struct sandbox *sb, const struct sb_spawn *sp)
{
	int from[3] = { sp->in ? sp->in : sb->null, sp->out, sp->err };

	for (int i = 0; i < 3; i++)
		if (from[i] < 3 && (from[i] = fcntl(from[i], F_DUPFD_CLOEXEC, 3)) < 0)
			return false;
	for (int i = 0; i < 3; i++)
		if (dup2(from[i], i) < 0)
			return false;
	return true;
}

static int child(void *arg)
{
	const struct start *s = arg;
	struct sb_report *r = s->early;

	sandbox_signals(s->sb->ignored);
	prctl(PR_SET_PDEATHSIG, SIGSTOP);
	prctl(PR_SET_CHILD_SUBREAPER, 1);
	prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
	if (place_streams(s->sb, s->sp))
		sandbox_command(s->sp, s->sp->cgroup, r);
	else
		*r = (struct sb_report){ .phase = SB_P_STEP, .index = ST_FDS, .error = errno };
	_exit(127);
}

/* ---- the driver ---- */

static char *stack_top(void)
{
	static char *stack;

	if (!stack) {
		void *p = mmap(NULL, STACK, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_STACK, -1, 0);

		stack = p == MAP_FAILED ? NULL : p;
	}
	return stack ? stack + STACK : NULL;
}

static int64_t rss_of(const struct rusage *u)
{
	return (int64_t)u->ru_maxrss * 1024;
}

/* The kernel counts the memory that the child shared with us as the command's: what is not above it says nothing. */
static int64_t shared_rss(void)
{
	struct rusage u;

	return getrusage(RUSAGE_SELF, &u) == 0 ? rss_of(&u) : 0;
}

static bool start(const struct sandbox *sb, const struct sb_spawn *sp, struct sb_child *ch)
{
	struct guard_child *g = &sb->guard->child[ch->place];
	struct start s = { sb, sp, &ch->early };
	char *top = stack_top();
	sigset_t all, old;
	int pid = -1, e;

	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, &old);
	if (top) /* the kernel writes pidfd before the child runs: the guard knows it from its first moment */
		pid = clone(child, top, CLONE_VM | CLONE_VFORK | CLONE_PIDFD | SIGCHLD, &s, &g->pidfd);
	e = errno;
	sigprocmask(SIG_SETMASK, &old, NULL);
	errno = e;
	if (pid < 0)
		return false;
	ch->pid = g->pid = pid;
	ch->fd = g->pidfd;
	ch->early.max_rss = shared_rss();
	return true;
}

bool plain_spawn(const struct sandbox *sb, const struct sb_spawn *sp, struct sb_child *ch, const char **step)
{
	int e;

	*step = "start the guard";
	if (!guard_run(sb->guard))
		return false;
	*step = "start more processes";
	ch->place = guard_take(sb->guard);
	errno = EAGAIN;
	if (ch->place < 0)
		return false;
	*step = "clone";
	ch->early = (struct sb_report){ .phase = SB_P_END };
	if (start(sb, sp, ch))
		return true;
	e = errno;
	guard_give(sb->guard, ch->place);
	errno = e;
	return false;
}

struct passing {
	pid_t group;
	int sig;
};

static void pass_on(void *ctx, pid_t pid)
{
	const struct passing *p = ctx;

	if (getpgid(pid) != p->group)
		kill(pid, p->sig);
}

void plain_signal(const struct sb_child *ch, int sig)
{
	struct passing p = { ch->pid, sig };

	if (!ch->pid)
		return; /* it has ended: what it left is being killed */
	kill(-ch->pid, sig);
	if (sig != SIGKILL)
		procs_children(ch->pid, pass_on, &p);
}

static bool take_status(const struct sandbox *sb, struct sb_child *ch)
{
	struct rusage u;
	siginfo_t si;

	si.si_pid = 0;
	if (waitid(P_PIDFD, (id_t)ch->fd, &si, WEXITED | WNOHANG | WNOWAIT) < 0 || si.si_pid == 0)
		return false;
	kill(-ch->pid, SIGKILL); /* nobody else can have the number before we have waited */
	ch->early.status = 0;
	while (wait4(ch->pid, &ch->early.status, 0, &u) < 0 && errno == EINTR)
		;
	guard_give(sb->guard, ch->place);
	ch->early.cpu_us = sandbox_cpu(&u);
	ch->early.max_rss = rss_of(&u) > ch->early.max_rss ? rss_of(&u) : -1;
	ch->pid = 0;
	return true;
}

/* Is nothing left of what ended commands started?  Else ch->fd tells when it is worth looking again. */
static bool swept(const struct sandbox *sb, struct sb_child *ch)
{
	pid_t p;

	while ((p = guard_strays(sb->guard))) {
		if (waitpid(p, NULL, WNOHANG) != 0)
			continue;
		close(ch->fd);
		ch->fd = (int)syscall(SYS_pidfd_open, p, 0);
		if (ch->fd >= 0)
			return false;
	}
	return true;
}

bool plain_reap(const struct sandbox *sb, struct sb_child *ch, struct sb_report *r)
{
	if (ch->pid && !take_status(sb, ch))
		return false;
	if (!swept(sb, ch))
		return false;
	*r = ch->early;
	return true;
}
