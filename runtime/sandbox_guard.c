/* sandbox_guard.c - see sandbox_guard.h. */
#include "runtime/sandbox_guard.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "runtime/procs.h"
#include "runtime/sandbox_lean.h"

enum { ROUNDS = 2000 /* of a millisecond, for what will not die */ };

struct guard *guard_new(int driver, const char *mark)
{
	struct guard *g = mmap(NULL, sizeof(*g), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	if (g == MAP_FAILED)
		return NULL;
	g->driver = driver;
	g->kids = -1;
	if (strlen(mark) < sizeof(g->mark))
		memcpy(g->mark, mark, strlen(mark) + 1);
	return g;
}

void guard_free(struct guard *g)
{
	if (!g)
		return;
	if (g->pid) {
		kill(g->pid, SIGKILL);
		while (waitpid(g->pid, NULL, 0) < 0 && errno == EINTR)
			;
	}
	if (g->kids >= 0)
		close(g->kids);
	munmap(g, sizeof(*g));
}

/* ---- the guard's side: after a fork, next to no memory ---- */

static void pause_ms(int ms)
{
	poll(NULL, 0, ms);
}

static void kill_live(void *ctx, pid_t pid)
{
	bool *any = ctx;

	if (!procs_alive(pid))
		return;
	kill(pid, SIGKILL);
	*any = true;
}

/* PID is stopped and a subreaper: whatever loses its parent comes up to be its child, and is killed in the next round. */
static void end_below(pid_t pid)
{
	for (int i = 0; i < ROUNDS; i++) {
		bool any = false;

		procs_children(pid, kill_live, &any);
		if (!any)
			return;
		pause_ms(i < 10 ? 0 : 1);
	}
}

static void end_all(struct guard *g)
{
	for (int fd = 0; fd < 3; fd++) /* readers of them wait no longer, and /proc needs three where there may be no more */
		close(fd);
	for (uint32_t i = 0; i < g->top; i++)
		if (g->child[i].pidfd >= 0)
			syscall(SYS_pidfd_send_signal, g->child[i].pidfd, SIGSTOP, NULL, 0);
	for (uint32_t i = 0; i < g->top; i++) {
		pid_t pid = g->child[i].pidfd >= 0 ? procs_of_pidfd(g->child[i].pidfd) : 0;

		if (pid)
			end_below(pid);
		if (pid)
			syscall(SYS_pidfd_send_signal, g->child[i].pidfd, SIGKILL, NULL, 0);
	}
}

/* What a command had left when it ended, in the moment before the driver would have looked for it. */
static void end_marked(struct guard *g)
{
	for (int i = 0; *g->mark && i < ROUNDS; i++) {
		bool any = false;

		procs_marked(g->mark, kill_live, &any);
		if (!any)
			return;
		pause_ms(1);
	}
}

static void __attribute__((noreturn)) serve(struct guard *g)
{
	struct pollfd p = { .fd = g->driver, .events = POLLIN };

	setsid();
	prctl(PR_SET_NAME, "wf-guard");
	if (chdir("/") < 0)
		_exit(1);
	while (poll(&p, 1, -1) <= 0)
		;
	end_all(g);
	end_marked(g);
	_exit(0);
}

/* ---- the driver's side ---- */

static bool runs(struct guard *g)
{
	if (g->pid && waitpid(g->pid, NULL, WNOHANG) != 0)
		g->pid = 0; /* somebody has killed it */
	return g->pid != 0;
}

bool guard_run(struct guard *g)
{
	sigset_t all, old;
	long pid;

	if (runs(g))
		return true;
	if (g->kids < 0 && prctl(PR_SET_CHILD_SUBREAPER, 1) == 0)
		g->kids = open("/proc/thread-self/children", O_RDONLY | O_CLOEXEC);
	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, &old);
	lean_mark();
	pid = syscall(SYS_clone, (unsigned long)(CLONE_FILES | SIGCHLD), 0, 0, 0, 0);
	if (pid == 0)
		serve(g);
	sigprocmask(SIG_SETMASK, &old, NULL);
	g->pid = pid > 0 ? (pid_t)pid : 0;
	return pid > 0;
}

int guard_take(struct guard *g)
{
	int i;

	if (!g->nfree && g->top == GUARD_MAX)
		return -1;
	i = (int)(g->nfree ? g->free[--g->nfree] : g->top);
	g->child[i] = (struct guard_child){ -1, 0 };
	g->top += (uint32_t)i == g->top;
	g->n++;
	return i;
}

void guard_give(struct guard *g, int place)
{
	g->child[place] = (struct guard_child){ -1, 0 };
	g->free[g->nfree++] = (uint16_t)place;
	g->n--;
}

static void count(void *ctx, pid_t pid)
{
	uint32_t *n = ctx;

	(void)pid;
	++*n;
}

struct strays {
	struct guard *g;
	pid_t last;
};

static void kill_stray(void *ctx, pid_t pid)
{
	struct strays *s = ctx;

	if (pid == s->g->pid)
		return;
	for (uint32_t i = 0; i < s->g->top; i++)
		if (s->g->child[i].pid == pid)
			return;
	kill(pid, SIGKILL);
	s->last = pid;
}

pid_t guard_strays(struct guard *g)
{
	struct strays s = { g, 0 };
	uint32_t n = 0;

	if (g->kids < 0 || !procs_list(g->kids, count, &n) || n <= g->n + (g->pid != 0))
		return 0;
	procs_list(g->kids, kill_stray, &s);
	return s.last;
}
