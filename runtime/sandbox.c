/* sandbox.c - the parent's side: find out what the kernel allows, start init, read its report. */
#include "runtime/sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/sched.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <unistd.h>

#include "runtime/sandbox_guard.h"
#include "runtime/sandbox_init.h"
#include "runtime/sandbox_lean.h"
#include "runtime/sandbox_plain.h"

static pid_t clone_init(uint64_t flags, int *pidfd)
{
	struct clone_args ca;

	memset(&ca, 0, sizeof(ca));
	ca.flags = flags | CLONE_PIDFD;
	ca.pidfd = (uint64_t)(uintptr_t)pidfd;
	ca.exit_signal = SIGCHLD;
	return (pid_t)syscall(SYS_clone3, &ca, sizeof(ca));
}

/* Plain system calls, not fork(): its handlers have no business in a child that owns next to no memory. */
static bool spawn_init(const struct sandbox *sb, const struct sb_spawn *sp, struct sb_child *ch, const char **step)
{
	uint64_t flags = CLONE_NEWNS | CLONE_NEWPID | (sb->user ? CLONE_NEWUSER : 0) | (sp->root ? CLONE_NEWIPC : 0);
	sigset_t all, old;
	int p[2], e;
	pid_t pid;

	*step = "pipe";
	if (pipe2(p, O_CLOEXEC) < 0)
		return false;
	*step = "clone";
	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, &old);
	if (lean_pack(&sb, &sp))
		lean_mark();
	pid = clone_init(flags, &ch->fd); /* the child may not touch *ch: it may have no such memory */
	if (pid == 0)
		sandbox_init(sb, sp, p[1]);
	e = errno;
	sigprocmask(SIG_SETMASK, &old, NULL);
	close(p[1]);
	if (pid < 0) {
		close(p[0]);
		errno = e;
		return false;
	}
	ch->pid = pid;
	ch->report = p[0];
	return true;
}

bool sandbox_spawn(const struct sandbox *sb, const struct sb_spawn *sp, struct sb_child *ch, const char **step)
{
	*ch = (struct sb_child){ .kind = sp->kind, .fd = -1, .report = -1 };
	if (sp->kind == SB_PLAIN)
		return plain_spawn(sb, sp, ch, step);
	ch->place = guard_take(sb->guard);
	*step = "start more processes";
	errno = EAGAIN;
	if (ch->place < 0)
		return false;
	if (!spawn_init(sb, sp, ch, step)) {
		guard_give(sb->guard, ch->place);
		return false;
	}
	sb->guard->child[ch->place].pid = ch->pid;
	return true;
}

static bool read_report(int fd, struct sb_report *r)
{
	ssize_t n;

	do
		n = read(fd, r, sizeof(*r));
	while (n < 0 && errno == EINTR);
	return n == (ssize_t)sizeof(*r);
}

static bool reap_init(const struct sandbox *sb, struct sb_child *ch, struct sb_report *r)
{
	siginfo_t si;

	si.si_pid = 0;
	if (waitid(P_PIDFD, (id_t)ch->fd, &si, WEXITED | WNOHANG) < 0 || si.si_pid == 0)
		return false;
	guard_give(sb->guard, ch->place);
	if (!read_report(ch->report, r)) /* killed before it could say: by us, by the kernel, by somebody */
		*r = (struct sb_report){ .phase = SB_P_END, .cpu_us = -1, .max_rss = -1,
			.status = si.si_code == CLD_EXITED ? SIGKILL : si.si_status };
	close(ch->report);
	ch->report = -1;
	return true;
}

bool sandbox_reap(const struct sandbox *sb, struct sb_child *ch, struct sb_report *r)
{
	if (!(ch->kind == SB_PLAIN ? plain_reap : reap_init)(sb, ch, r))
		return false;
	close(ch->fd);
	ch->fd = -1;
	ch->pid = 0;
	return true;
}

void sandbox_signal(const struct sb_child *ch, int sig)
{
	if (ch->kind == SB_PLAIN)
		plain_signal(ch, sig);
	else
		syscall(SYS_pidfd_send_signal, ch->fd, sig, NULL, 0);
}

/* ---- messages ---- */

static const char *const step_text[ST_STEPS] = {
	[ST_FDS] = "arranging descriptors",
	[ST_PARENT] = "following the driver",
	[ST_UIDMAP] = "mapping the user into a user namespace",
	[ST_PRIVATE] = "making mounts private",
	[ST_NULL] = "opening /dev/null",
	[ST_FORK] = "starting the command's process",
	[ST_CGROUP] = "joining its control group",
	[ST_LIMIT] = "setting its limits",
	[ST_WORKDIR] = "entering its work directory",
	[ST_CAPABILITIES] = "giving up capabilities",
};

static char *explain_op(struct arena *a, const struct sb_op *o, const char *why)
{
	switch ((enum sb_do)o->what) {
	case SB_TREE: return arena_printf(a, "cannot clone the mounts of `%s`: %s", o->from, why);
	case SB_OPEN: return arena_printf(a, "cannot open `%s`: %s", o->from, why);
	case SB_NEWROOT: return arena_printf(a, "cannot mount a temporary file system on `%s`: %s", o->to, why);
	case SB_MKDIR:
	case SB_MKFILE:
	case SB_SYMLINK: return arena_printf(a, "cannot make the mount point `%s`: %s", o->to, why);
	case SB_RBIND: return arena_printf(a, "cannot bind `%s`: %s", o->from, why);
	case SB_PIVOT: return arena_printf(a, "cannot change the root: %s", why);
	case SB_MOVE:
	case SB_MOUNT: return arena_printf(a, "cannot mount on `%s`: %s", o->to, why);
	case SB_DETACH: return arena_printf(a, "cannot let go of the old root: %s", why);
	case SB_ENTER: return arena_printf(a, "cannot enter `%s`: %s", o->to, why);
	case SB_READONLY: return arena_printf(a, "cannot make the machine's files read-only: %s", why);
	case SB_WRITABLE: return arena_printf(a, "cannot make `%s` writable: %s", o->to, why);
	case SB_NODEV:
	case SB_FREEZE:
	case SB_HIDE: return arena_printf(a, "cannot protect `%s`: %s", o->to, why);
	case SB_PROC:
	case SB_OPS: break;
	}
	return arena_printf(a, "sandbox: %s", why);
}

char *sandbox_explain(struct arena *a, const struct sb_spawn *sp, const struct sb_report *r)
{
	const char *why = strerror(r->error), *prog = sp->argv[0] ? sp->argv[0] : "";

	if (r->phase == SB_P_OP && r->index >= 0 && (uint32_t)r->index < sp->nop)
		return explain_op(a, &sp->op[r->index], why);
	if (r->phase == SB_P_STEP && r->index >= 0 && r->index < ST_STEPS)
		return arena_printf(a, "%s: %s", step_text[r->index], why);
	if (r->error == ENOENT && !strchr(prog, '/'))
		return arena_printf(a, "cannot start `%s`: not found on PATH", prog);
	if (r->error == ENOEXEC)
		return arena_printf(a, "cannot start `%s`: neither a program nor a script with a #! line", prog);
	if (r->error == E2BIG)
		return arena_printf(a, "cannot start `%s`: arguments and environment are too long", prog);
	return arena_printf(a, "cannot start `%s`: %s", prog, why);
}

/* ---- probing ---- */

/* Try these steps and an empty list of programs: reaching exec means that all of them work. */
static bool attempt(const struct sandbox *sb, const struct sb_op *op, uint32_t nop, bool root, struct sb_report *r)
{
	char *none[] = { NULL };
	struct sb_spawn sp = { .kind = SB_NAMESPACES, .argv = none, .env = none, .exe = none, .workdir = "/", .out = sb->null,
		.err = sb->null, .op = op, .nop = nop, .root = root };
	const char *step;
	struct sb_child ch;
	struct pollfd p;

	*r = (struct sb_report){ .phase = SB_P_STEP, .index = -1 };
	if (!sandbox_spawn(sb, &sp, &ch, &step)) {
		r->error = errno;
		return false;
	}
	do {
		p = (struct pollfd){ .fd = ch.fd, .events = POLLIN };
		poll(&p, 1, -1);
	} while (!sandbox_reap(sb, &ch, r));
	return r->phase == SB_P_EXEC;
}

static bool try_namespaces(struct sandbox *sb, const char *scratch, struct arena *a)
{
	struct sb_op op[] = {
		{ .what = SB_TREE, .from = scratch, .flag = true, .slot = 0 },
		{ .what = SB_READONLY },
		{ .what = SB_MOVE, .to = scratch, .slot = 0 },
		{ .what = SB_PROC },
	};
	struct sb_report r;

	sb->kind = SB_NAMESPACES;
	if (attempt(sb, op, 4, false, &r))
		return true;
	sb->kind = SB_PLAIN;
	if (r.phase == SB_P_OP && r.error == ENOSYS)
		sb->why = "mounts by open_tree and mount_setattr (Linux 5.12 or later)";
	else if (r.phase == SB_P_OP || (r.phase == SB_P_STEP && r.index == ST_PRIVATE))
		sb->why = arena_printf(a, "mounts in a namespace: %s", strerror(r.error));
	else if (sb->user)
		sb->why = arena_printf(a, "user namespaces: %s (user.max_user_namespaces, kernel.unprivileged_userns_clone, "
			"kernel.apparmor_restrict_unprivileged_userns)", strerror(r.error));
	else
		sb->why = arena_printf(a, "mount and pid namespaces: %s", strerror(r.error));
	return false;
}

static void try_overlay(struct sandbox *sb, const char *scratch, struct arena *a)
{
	static const char *const sub[] = { "l", "u", "w", "m" };
	const char *dir[4];
	struct sb_report r;

	for (int i = 0; i < 4; i++) {
		dir[i] = arena_printf(a, "%s/%s", scratch, sub[i]);
		if (mkdir(dir[i], 0700) < 0 && errno != EEXIST)
			return;
	}
	struct sb_op op[] = {
		{ .what = SB_OPEN, .from = dir[0], .slot = 0 },
		{ .what = SB_OPEN, .from = dir[1], .slot = 1 },
		{ .what = SB_OPEN, .from = dir[2], .slot = 2 },
		{ .what = SB_MOUNT, .from = "overlay", .to = dir[3], .type = "overlay", .data = sandbox_overlay(sb, a, 0, 1, 1, 2) },
	};
	sb->overlay = attempt(sb, op, 4, false, &r);
}

const char *sandbox_no_container(const struct sandbox *sb, const char *scratch, struct arena *a)
{
	struct sb_op op[] = {
		{ .what = SB_NEWROOT, .to = scratch },
		{ .what = SB_MKDIR, .to = "proc", .mode = 0555 },
		{ .what = SB_PIVOT },
		{ .what = SB_MOUNT, .from = "proc", .to = "/proc", .type = "proc" },
		{ .what = SB_DETACH },
	};
	struct sb_report r;

	if (sb->kind != SB_NAMESPACES)
		return sb->why;
	if (!sb->overlay)
		return arena_printf(a, "overlayfs with changes in `%s`", scratch);
	if (attempt(sb, op, sizeof(op) / sizeof(*op), true, &r))
		return NULL;
	return r.phase == SB_P_OP ? explain_op(a, &op[r.index], strerror(r.error)) : "capabilities that can be given up";
}

char *sandbox_overlay(const struct sandbox *sb, struct arena *a, int lower, uint32_t nlower, int upper, int work)
{
	enum { EACH = 24 };
	size_t size = (size_t)(nlower + 1) * EACH, n = 0;
	char *list = arena_zalloc(a, size, 1);

	for (uint32_t i = 0; i < nlower; i++)
		n += (size_t)snprintf(list + n, size - n, "%s/proc/self/fd/%d", i ? ":" : "", SB_SLOT0 + lower + (int)i);
	/* volatile: what is published is made durable by the driver, the rest is thrown away */
	return arena_printf(a, "lowerdir=%s,upperdir=/proc/self/fd/%d,workdir=/proc/self/fd/%d,index=off,xino=off,volatile%s", list,
		SB_SLOT0 + upper, SB_SLOT0 + work, sb->user ? ",userxattr" : ",redirect_dir=off,metacopy=off");
}

static uint64_t ignored_signals(void)
{
	uint64_t set = 0;

	for (int s = 1; s < 65; s++) {
		unsigned long old[8] = { 0 }; /* struct sigaction as the kernel has it: the handler comes first */

		if (syscall(SYS_rt_sigaction, s, NULL, old, (size_t)8) == 0 && old[0] == (unsigned long)SIG_IGN)
			set |= UINT64_C(1) << (s - 1);
	}
	return set;
}

bool sandbox_open(struct sandbox *sb, const char *mark)
{
	*sb = (struct sandbox){ .kind = SB_PLAIN };
	sb->driver = (int)syscall(SYS_pidfd_open, getpid(), 0);
	sb->null = open("/dev/null", O_RDWR | O_CLOEXEC);
	sb->ignored = ignored_signals();
	sb->guard = sb->driver >= 0 && sb->null >= 0 ? guard_new(sb->driver, mark) : NULL;
	return sb->guard != NULL;
}

static void take_ids(struct sandbox *sb)
{
	uid_t uid = geteuid();
	gid_t gid = getegid();

	snprintf(sb->uid_map, sizeof(sb->uid_map), "%lu %lu 1", (unsigned long)uid, (unsigned long)uid);
	snprintf(sb->gid_map, sizeof(sb->gid_map), "%lu %lu 1", (unsigned long)gid, (unsigned long)gid);
	snprintf(sb->uid_root, sizeof(sb->uid_root), "0 %lu 1", (unsigned long)uid);
	snprintf(sb->gid_root, sizeof(sb->gid_root), "0 %lu 1", (unsigned long)gid);
}

void sandbox_allowed(struct sandbox *sb, bool user, bool overlay)
{
	take_ids(sb);
	sb->kind = SB_NAMESPACES;
	sb->user = user;
	sb->mounts = true;
	sb->overlay = overlay;
	sb->why = NULL;
}

void sandbox_probe(struct sandbox *sb, const char *scratch, bool allowed, bool overlay, struct arena *a)
{
	take_ids(sb);
	sb->kind = SB_PLAIN;
	if (!allowed) {
		sb->why = "--no-sandbox switches namespaces off";
		return;
	}
	sb->user = geteuid() != 0;
	if (!try_namespaces(sb, scratch, a) && !sb->user) {
		sb->user = true;
		if (!try_namespaces(sb, scratch, a))
			sb->user = false;
	}
	sb->mounts = sb->kind == SB_NAMESPACES;
	if (sb->mounts)
		sb->why = NULL;
	if (sb->mounts && overlay)
		try_overlay(sb, scratch, a);
}

/* Before Linux 6.14 the same file is a setting of the whole machine. */
static bool has_own_pid_max(void)
{
	struct utsname u;
	char *end;
	long major, minor;

	if (uname(&u) != 0)
		return false;
	major = strtol(u.release, &end, 10);
	minor = *end == '.' ? strtol(end + 1, NULL, 10) : 0;
	return major > 6 || (major == 6 && minor >= 14);
}

bool sandbox_limit_pids(struct sandbox *sb, int64_t n)
{
	enum { LEAST = 301, MOST = 1 << 22 }; /* what the kernel takes */

	if (sb->kind != SB_NAMESPACES || !has_own_pid_max())
		return false;
	snprintf(sb->pids, sizeof(sb->pids), "%lld", (long long)(n < LEAST ? LEAST : n > MOST ? MOST : n));
	return true;
}

void sandbox_close(struct sandbox *sb)
{
	guard_free(sb->guard);
	sb->guard = NULL;
	if (sb->driver >= 0)
		close(sb->driver);
	if (sb->null >= 0)
		close(sb->null);
	sb->driver = sb->null = -1;
}
