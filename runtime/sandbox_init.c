/* sandbox_init.c - the child's side: namespaces' contents, then init, then the command.
 *
 * Runs in a copy of the driver after a plain fork: async-signal-safe calls only, no allocation, nothing freed.
 * Descriptors are put in fixed places first (below), everything else is closed, so that neither locks nor pipes
 * of the driver live on here. */
#include "runtime/sandbox_init.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <linux/close_range.h>
#include <linux/mount.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

enum { FD_REPORT = 3, FD_DRIVER = 4, FD_CGROUP = 5, FD_END = 13 }; /* 8 cgroups */

static void report(const struct sb_report *r)
{
	while (write(FD_REPORT, r, sizeof(*r)) < 0 && errno == EINTR)
		;
}

static void __attribute__((noreturn)) fail(enum sb_phase phase, int index, int err)
{
	struct sb_report r = { .phase = (int32_t)phase, .index = index, .error = err };

	report(&r);
	_exit(127);
}

/* Before the report's descriptor is in its place. */
static void __attribute__((noreturn)) fail_early(int rep, int err)
{
	struct sb_report r = { .phase = SB_P_STEP, .index = ST_FDS, .error = err };

	while (write(rep, &r, sizeof(r)) < 0 && errno == EINTR)
		;
	_exit(127);
}

static void step(bool ok, enum sb_step s)
{
	if (!ok)
		fail(SB_P_STEP, (int)s, errno);
}

/* stdin, stdout, stderr, report, driver and cgroups to their places; close all others. */
static void place_fds(const struct sandbox *sb, const struct sb_spawn *sp, int rep)
{
	int from[FD_END], n = FD_CGROUP, first = sp->in ? 0 : 1;

	from[0] = sp->in;
	from[1] = sp->out;
	from[2] = sp->err;
	from[FD_REPORT] = rep;
	from[FD_DRIVER] = sb->driver;
	for (uint32_t i = 0; i < sp->ncgroup && n < FD_END; i++)
		from[n++] = sp->cgroup[i];
	for (int i = first; i < n; i++) {
		from[i] = fcntl(from[i], F_DUPFD_CLOEXEC, FD_END);
		if (from[i] < 0)
			fail_early(rep, errno);
	}
	for (int i = first; i < n; i++)
		dup3(from[i], i, i > 2 ? O_CLOEXEC : 0);
	if (syscall(SYS_close_range, n, ~0U, 0) < 0)
		for (int i = n; i < 65536; i++)
			close(i);
	if (sp->in)
		return;
	close(0);
	step(open("/dev/null", O_RDONLY) == 0, ST_NULL);
}

/* Die with the driver.  It may be gone already: then its pidfd says so (in a pid namespace getppid cannot). */
static void follow_driver(void)
{
	struct pollfd p = { .fd = FD_DRIVER, .events = POLLIN };

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (poll(&p, 1, 0) > 0)
		_exit(125);
}

static bool put(const char *file, const char *text)
{
	int fd = open(file, O_WRONLY | O_CLOEXEC);
	size_t n = strlen(text);
	bool ok = fd >= 0 && write(fd, text, n) == (ssize_t)n;
	int e = errno;

	if (fd >= 0)
		close(fd);
	errno = e;
	return ok;
}

/* ---- mounts ---- */

static bool to_slot(int fd, int slot)
{
	if (fd < 0 || fd == SB_SLOT0 + slot)
		return fd >= 0;
	if (dup3(fd, SB_SLOT0 + slot, O_CLOEXEC) < 0)
		return false;
	close(fd);
	return true;
}

static bool op_tree(const struct sb_op *o)
{
	struct mount_attr ro = { .attr_set = MOUNT_ATTR_RDONLY };
	int fd = (int)syscall(SYS_open_tree, AT_FDCWD, o->from, OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_RECURSIVE);

	if (fd < 0)
		return false;
	if (o->flag && syscall(SYS_mount_setattr, fd, "", AT_EMPTY_PATH | AT_RECURSIVE, &ro, sizeof(ro)) < 0)
		return false;
	return to_slot(fd, o->slot);
}

static bool op_mkdir(const struct sb_op *o)
{
	return mkdir(o->to, o->mode) == 0 ? chmod(o->to, o->mode) == 0 : errno == EEXIST;
}

static bool op_mkfile(const struct sb_op *o)
{
	int fd = open(o->to, O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0644);

	if (fd >= 0)
		close(fd);
	return fd >= 0;
}

static bool op_newroot(const struct sb_op *o)
{
	return mount("weft", o->to, "tmpfs", MS_NOSUID | MS_NODEV, "mode=755") == 0 && chdir(o->to) == 0;
}

static bool op_pivot(void)
{
	/* the old root ends up on top of the new one, where only umount finds it (pivot_root(2), notes) */
	return syscall(SYS_pivot_root, ".", ".") == 0;
}

static bool op_move(const struct sb_op *o)
{
	return syscall(SYS_move_mount, SB_SLOT0 + o->slot, "", AT_FDCWD, o->to, MOVE_MOUNT_F_EMPTY_PATH) == 0;
}

static bool op_attr(const char *at, unsigned how, uint64_t set, uint64_t clear)
{
	struct mount_attr attr = { .attr_set = set, .attr_clr = clear };

	return syscall(SYS_mount_setattr, AT_FDCWD, at, how, &attr, sizeof(attr)) == 0;
}

/* The same mounts once more on their place, the topmost or all of them with an attribute. */
static bool op_again(const struct sb_op *o, uint64_t set, unsigned how)
{
	struct mount_attr attr = { .attr_set = set };
	int fd = (int)syscall(SYS_open_tree, AT_FDCWD, o->to, OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_RECURSIVE);
	bool ok = fd >= 0 && syscall(SYS_mount_setattr, fd, "", AT_EMPTY_PATH | how, &attr, sizeof(attr)) == 0 &&
		syscall(SYS_move_mount, fd, "", AT_FDCWD, o->to, MOVE_MOUNT_F_EMPTY_PATH) == 0;

	ok = ok || (fd < 0 && errno == ENOENT);
	if (fd >= 0)
		close(fd);
	return ok;
}

static bool op_hide(const struct sb_op *o)
{
	struct stat sb;

	if (stat(o->to, &sb) < 0)
		return errno == ENOENT;
	if (S_ISDIR(sb.st_mode))
		return mount("weft", o->to, "tmpfs", MS_RDONLY | MS_NOSUID | MS_NODEV | MS_NOEXEC, "size=0,mode=555") == 0;
	return mount("/dev/null", o->to, NULL, MS_BIND, NULL) == 0;
}

static bool run_op(const struct sb_op *o)
{
	switch ((enum sb_do)o->what) {
	case SB_TREE: return op_tree(o);
	case SB_OPEN: return to_slot(open(o->from, O_PATH | O_CLOEXEC), o->slot);
	case SB_NEWROOT: return op_newroot(o);
	case SB_MKDIR: return op_mkdir(o);
	case SB_MKFILE: return op_mkfile(o) || o->flag;
	case SB_SYMLINK: return symlink(o->from, o->to) == 0;
	case SB_RBIND: return mount(o->from, o->to, NULL, MS_BIND | MS_REC, NULL) == 0 || errno == ENOENT;
	case SB_PIVOT: return op_pivot();
	case SB_MOVE: return op_move(o) || o->flag;
	case SB_MOUNT: return mount(o->from, o->to, o->type, o->flags, o->data) == 0;
	case SB_DETACH: return umount2(".", MNT_DETACH) == 0 && chdir("/") == 0;
	case SB_READONLY: return op_attr("/", AT_RECURSIVE, MOUNT_ATTR_RDONLY, 0);
	case SB_WRITABLE: return op_attr(o->to, 0, 0, MOUNT_ATTR_RDONLY);
	case SB_NODEV: return op_attr(o->to, 0, MOUNT_ATTR_NODEV, 0) || op_again(o, MOUNT_ATTR_NODEV, 0);
	case SB_FREEZE: return op_again(o, MOUNT_ATTR_RDONLY, AT_RECURSIVE);
	case SB_PROC: mount("proc", "/proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL); return true;
	case SB_ENTER: return chdir(o->to) == 0;
	case SB_HIDE: return op_hide(o);
	case SB_OPS: break;
	}
	errno = EINVAL;
	return false;
}

static void make_world(const struct sandbox *sb, const struct sb_spawn *sp)
{
	if (sb->user) {
		put("/proc/self/setgroups", "deny");
		step(put("/proc/self/uid_map", sp->root ? sb->uid_root : sb->uid_map) &&
			put("/proc/self/gid_map", sp->root ? sb->gid_root : sb->gid_map), ST_UIDMAP);
	}
	step(mount(NULL, "/", NULL, MS_REC | MS_SLAVE, NULL) == 0, ST_PRIVATE);
	if (*sb->pids)
		put("/proc/sys/kernel/pid_max", sb->pids); /* of this pid namespace; refused is fine, later it is read-only */
	for (uint32_t i = 0; i < sp->nop; i++)
		if (!run_op(&sp->op[i]))
			fail(SB_P_OP, (int)i, errno);
	syscall(SYS_close_range, FD_END, ~0U, 0);
}

/* ---- the command ---- */

static bool join_cgroups(const struct sb_spawn *sp, const int *cgroup)
{
	for (uint32_t i = 0; i < sp->ncgroup; i++)
		if (write(cgroup[i], "0", 1) != 1)
			return false;
	return true;
}

static bool set_limits(const struct sb_spawn *sp)
{
	struct rlimit data = { sp->limit_data, sp->limit_data };
	struct rlimit cpu = { (rlim_t)sp->limit_cpu, (rlim_t)sp->limit_cpu + 5 };

	if (sp->limit_data && setrlimit(RLIMIT_DATA, &data) < 0)
		return false;
	return !sp->limit_cpu || setrlimit(RLIMIT_CPU, &cpu) == 0;
}

/* The kernel's own call: the library's refuses signals 32 and 33, which a parent's posix_spawn may have left ignored. */
void sandbox_signals(uint64_t ignored)
{
	static const unsigned long dfl[8]; /* struct sigaction as the kernel has it: all zero is SIG_DFL */
	uint64_t none = 0;

	for (int s = 1; s < 65; s++)
		if (ignored >> (s - 1) & 1)
			syscall(SYS_rt_sigaction, s, dfl, NULL, (size_t)8);
	syscall(SYS_rt_sigprocmask, SIG_SETMASK, &none, NULL, (size_t)8);
}

/* What is left to root, as podman has it in a container: no devices, no mounts, no modules, no raw network, no tracing of
 * others.  no_new_privs is set already, so nothing comes back. */
static bool drop_capabilities(void)
{
	static const int kept[] = { CAP_CHOWN, CAP_DAC_OVERRIDE, CAP_FOWNER, CAP_FSETID, CAP_KILL, CAP_NET_BIND_SERVICE, CAP_SETFCAP,
		CAP_SETGID, CAP_SETPCAP, CAP_SETUID, CAP_SYS_CHROOT };
	struct __user_cap_header_struct head = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct data[2] = { { 0, 0, 0 }, { 0, 0, 0 } };
	uint64_t keep = 0;

	for (size_t i = 0; i < sizeof(kept) / sizeof(*kept); i++)
		keep |= UINT64_C(1) << kept[i];
	for (int c = 0; c < 64; c++)
		if (!(keep >> c & 1) && prctl(PR_CAPBSET_DROP, c, 0, 0, 0) < 0 && errno != EINVAL) /* EINVAL: no such one */
			return false;
	prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
	data[0].effective = data[0].permitted = (uint32_t)keep;
	return syscall(SYS_capset, &head, data) == 0;
}

static int try_programs(const struct sb_spawn *sp)
{
	int err = ENOENT;

	for (char **p = sp->exe; *p; p++) {
		execve(*p, sp->argv, sp->env);
		if (errno != ENOENT && errno != ENOTDIR)
			err = errno;
		if (errno != ENOENT && errno != ENOTDIR && errno != EACCES)
			break;
	}
	return err;
}

void sandbox_command(const struct sb_spawn *sp, const int *cgroup, struct sb_report *r)
{
	enum sb_step bad = ST_STEPS;
	int err;

	setsid();
	if (sp->tty)
		ioctl(0, TIOCSCTTY, 0);
	if (!join_cgroups(sp, cgroup))
		bad = ST_CGROUP;
	else if (!set_limits(sp))
		bad = ST_LIMIT;
	else if (chdir(sp->workdir) < 0)
		bad = ST_WORKDIR;
	else if (sp->kind == SB_NAMESPACES && !drop_capabilities())
		bad = ST_CAPABILITIES;
	if (bad != ST_STEPS) {
		*r = (struct sb_report){ .phase = SB_P_STEP, .index = (int32_t)bad, .error = errno };
		return;
	}
	syscall(SYS_close_range, 3, ~0U, CLOSE_RANGE_CLOEXEC);
	err = try_programs(sp); /* only then: *r may be read by a driver that shares it, after success too */
	*r = (struct sb_report){ .phase = SB_P_EXEC, .error = err };
}

int64_t sandbox_cpu(const struct rusage *u)
{
	return (u->ru_utime.tv_sec + u->ru_stime.tv_sec) * INT64_C(1000000) + u->ru_utime.tv_usec + u->ru_stime.tv_usec;
}

/* ---- init ---- */

/* In the vfork child; does not return.  Init has set what signals do before, so nothing is shared that hurts. */
static void __attribute__((noreturn)) command(const struct sb_spawn *sp)
{
	struct sb_report r;
	int cgroup[FD_END - FD_CGROUP];

	for (int i = 0; i < FD_END - FD_CGROUP; i++)
		cgroup[i] = FD_CGROUP + i;
	sandbox_signals(0);
	sandbox_command(sp, cgroup, &r);
	report(&r);
	_exit(127);
}

static void __attribute__((noreturn)) finish(int status, const struct rusage *u)
{
	struct sb_report r = { .phase = SB_P_END, .status = status };

	r.cpu_us = sandbox_cpu(u);
	r.max_rss = (int64_t)u->ru_maxrss * 1024;
	report(&r);
	_exit(0);
}

/* Reap; when the command itself has ended, so has everything. */
static void reap(pid_t main)
{
	struct rusage u;
	int status;
	pid_t p;

	while ((p = wait4(-1, &status, WNOHANG, &u)) > 0)
		if (p == main)
			finish(status, &u);
}

static void __attribute__((noreturn)) serve(pid_t main, const sigset_t *set)
{
	siginfo_t si;

	for (;;) {
		int sig = sigwaitinfo(set, &si);

		if (sig == SIGCHLD)
			reap(main);
		else if (sig > 0)
			kill(-1, sig);
	}
}

void sandbox_init(const struct sandbox *sb, const struct sb_spawn *sp, int rep)
{
	sigset_t set;
	pid_t main;

	sandbox_signals(sb->ignored);
	sigfillset(&set);
	sigprocmask(SIG_SETMASK, &set, NULL);
	place_fds(sb, sp, rep);
	follow_driver();
	setsid();
	prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
	prctl(PR_SET_NAME, "weft-init");
	make_world(sb, sp);
	main = vfork();
	if (main == 0)
		command(sp);
	step(main > 0, ST_FORK);
	for (int fd = 0; fd < FD_END; fd++)
		if (fd != FD_REPORT)
			close(fd);
	sigemptyset(&set);
	sigaddset(&set, SIGCHLD);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGHUP);
	reap(main);
	serve(main, &set);
}
