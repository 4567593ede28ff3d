/* doctor_kernel.c - probes of the kernel: processes, namespaces, overlayfs, control groups. */
#include "cli/doctor.h"
#include "runtime/request.h"

#include <errno.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <unistd.h>

struct finding probe_kernel(struct doctor *d)
{
	struct utsname u = { 0 };
	uname(&u);
	const char *found = arena_printf(d->a, "%s %s, %s", u.sysname, u.release, u.machine);
	int fd = (int)syscall(SYS_pidfd_open, getpid(), 0);
	if (fd < 0)
		return finding_of(HEALTH_MISSING, arena_printf(d->a, "%s, without pidfd_open: %s", found, strerror(errno)),
			"processes cannot be watched without races", "Linux 5.3 or later is needed, 5.12 for all of it");
	close(fd);
	return finding_ok(found);
}

struct finding probe_machine(struct doctor *d)
{
	struct need n = machine_size(NULL);
	return finding_ok(arena_printf(d->a, "%g cpus, %.1f GB of memory", (double)n.cpu / (double)ROOM_CPU,
		(double)n.mem / (double)(1 << 30)));
}

struct finding probe_namespaces(struct doctor *d)
{
	if (!d->scratch)
		return finding_of(HEALTH_WARN, "not tried: the workspace cannot be written", NULL, NULL);
	if (d->sb.kind == SB_NAMESPACES)
		return finding_ok(d->sb.user ? "mount and pid namespaces, in a user namespace" : "mount and pid namespaces");
	return finding_of(HEALTH_WARN, arena_printf(d->a, "refused: %s", d->sb.why ? d->sb.why : ""),
		"tasks with mounts are refused (E1060), the others are not kept from writing into the workspace",
		"allow user namespaces, or run weft as root; in a container: podman run --privileged, or seccomp=unconfined");
}

struct finding probe_overlay(struct doctor *d)
{
	if (d->sb.kind != SB_NAMESPACES)
		return finding_of(HEALTH_WARN, "not tried: there are no namespaces", NULL, NULL);
	if (d->sb.overlay)
		return finding_ok("works in the workspace");
	return finding_of(HEALTH_WARN, "refused in this file system", "what is mounted is copied for each instance instead",
		"Linux 5.11 or later for users other than root; a workspace on ext4, xfs or btrfs");
}

struct finding probe_pids(struct doctor *d)
{
	struct sandbox sb = d->sb;
	if (sb.kind != SB_NAMESPACES)
		return finding_of(HEALTH_WARN, "not tried: there are no namespaces", NULL, NULL);
	if (sandbox_limit_pids(&sb, pids_most(NULL)))
		return finding_ok(arena_printf(d->a, "%s processes in the pid namespace of an instance", sb.pids));
	return finding_of(HEALTH_WARN, "pid namespaces have none of their own here",
		"only instances that ask for cpu or mem are limited, by control groups", "Linux 6.14 or later");
}

static struct finding group(struct doctor *d, enum cg_what w, const char *otherwise)
{
	const char *lack = cgroups_lack(d->groups, w);
	int version;
	const char *base = cgroups_base(d->groups, w, &version);
	if (!lack)
		return finding_ok(arena_printf(d->a, "version %d, groups can be made in %s", version, base));
	return finding_of(HEALTH_WARN, lack, otherwise,
		"as root; in a delegated unit: systemd-run --user --scope -p Delegate=yes weft ...; in a container with cgroups writable");
}

struct finding probe_cgroup_memory(struct doctor *d)
{
	return group(d, CG_MEMORY, "`mem` holds each process alone (RLIMIT_DATA), and R103 cannot be told");
}

struct finding probe_cgroup_cpu(struct doctor *d)
{
	return group(d, CG_CPU, "`cpu` places instances and does not limit them");
}

struct finding probe_cgroup_pids(struct doctor *d)
{
	return group(d, CG_PIDS, "processes are limited by the pid namespace, if at all");
}

struct finding probe_cgroup_io(struct doctor *d)
{
	const char *lines = cgroup_read(d->a, "/proc", "cgroups");
	bool one = lines && strstr(lines, "\nblkio\t"), two = cgroup_has_word(d->a, "/sys/fs/cgroup", "cgroup.controllers", "io");
	if (one || two)
		return finding_ok(two ? "version 2 (io)" : "version 1 (blkio)");
	return finding_of(HEALTH_WARN, "the kernel has no such controller", NULL, NULL);
}

struct finding probe_files(struct doctor *d)
{
	enum { EACH = 4, OWN = 64, FEW = 1024 };
	struct rlimit rl;
	if (getrlimit(RLIMIT_NOFILE, &rl))
		return finding_of(HEALTH_WARN, strerror(errno), NULL, NULL);
	unsigned long long most = rl.rlim_max == RLIM_INFINITY ? 1ULL << 20 : rl.rlim_max;
	const char *found = arena_printf(d->a, "%llu, for %llu instances at once", most, most > OWN ? (most - OWN) / EACH : 1);
	return most >= FEW ? finding_ok(found) : finding_of(HEALTH_WARN, found, "-j is cut to that", "ulimit -Hn, or LimitNOFILE=");
}
