/* doctor_place.c - probes of the workspace and its file system, and of the clock. */
#include "cli/doctor.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <time.h>
#include <unistd.h>

struct finding probe_workspace(struct doctor *d)
{
	if (d->scratch)
		return finding_ok(arena_printf(d->a, "%s can be written", d->workspace));
	return finding_of(HEALTH_MISSING, arena_printf(d->a, "%s cannot be written: %s", d->workspace, strerror(errno)),
		"nothing can be run in it", "another directory (-C), or write permission");
}

struct finding probe_space(struct doctor *d)
{
	struct statvfs v;
	if (statvfs(d->workspace, &v))
		return finding_of(HEALTH_WARN, strerror(errno), NULL, NULL);
	double gb = (double)v.f_bavail * (double)v.f_frsize / (double)(1 << 30);
	const char *found = arena_printf(d->a, "%.1f GB free", gb);
	return gb >= 1 ? finding_ok(found) : finding_of(HEALTH_WARN, found, "a run may end for want of disk (R107)",
		"remove .weft/runs of old runs, or take another workspace");
}

struct finding probe_inodes(struct doctor *d)
{
	enum { FEW = 100000 };
	struct statvfs v;
	if (statvfs(d->workspace, &v))
		return finding_of(HEALTH_WARN, strerror(errno), NULL, NULL);
	if (!v.f_files)
		return finding_ok("this file system does not count them");
	const char *found = arena_printf(d->a, "%llu free", (unsigned long long)v.f_favail);
	return v.f_favail >= FEW ? finding_ok(found) : finding_of(HEALTH_WARN, found, "a run may end for want of them (R107)",
		"remove .weft/runs of old runs, or take another workspace");
}

/* A file of ours with something in it. */
static int scratch_file(struct doctor *d, const char *nm)
{
	int fd = d->scratch ? open(arena_printf(d->a, "%s/%s", d->scratch, nm), O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600) : -1;
	if (fd >= 0 && write(fd, "weft\n", 5) != 5) {
		close(fd);
		return -1;
	}
	return fd;
}

struct finding probe_reflink(struct doctor *d)
{
	int from = scratch_file(d, "from"), to = scratch_file(d, "to");
	bool ok = from >= 0 && to >= 0 && ioctl(to, FICLONE, from) == 0;
	int e = errno;
	if (from >= 0)
		close(from);
	if (to >= 0)
		close(to);
	if (ok)
		return finding_ok("files are cloned");
	return finding_of(HEALTH_WARN, arena_printf(d->a, "not in this file system: %s", strerror(e)),
		"packages and results on other file systems are copied byte by byte", "a workspace on btrfs, or on xfs with reflink=1");
}

static int64_t nanoseconds(struct timespec t)
{
	return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

struct finding probe_clock(struct doctor *d)
{
	enum { DAYS_2024 = 19723, SKEW_S = 2 };
	struct timespec now = { 0 }, mono = { 0 };
	struct stat st = { 0 };
	clock_gettime(CLOCK_REALTIME, &now);
	clock_gettime(CLOCK_MONOTONIC, &mono);
	if (now.tv_sec < (time_t)DAYS_2024 * 86400)
		return finding_of(HEALTH_WARN, "the clock is years behind", "times in reports are wrong, certificates are refused",
			"set it, or let NTP do so");
	int fd = scratch_file(d, "clock");
	bool made = fd >= 0 && fstat(fd, &st) == 0;
	if (fd >= 0)
		close(fd);
	double skew = made ? (double)(nanoseconds(st.st_mtim) - nanoseconds(now)) / 1e9 : 0;
	if (skew > SKEW_S || skew < -SKEW_S)
		return finding_of(HEALTH_WARN, arena_printf(d->a, "the file system's clock is %+.1f s away", skew),
			"files look older or newer than they are; weft compares contents when in doubt", "let NTP set both clocks");
	return mono.tv_sec || mono.tv_nsec ? finding_ok("monotonic and real time agree with the file system") :
		finding_of(HEALTH_WARN, "the monotonic clock stands still", "time limits do not work", NULL);
}

/* How far apart two times of a file are at least: write until they differ, for a tenth of a second. */
static int64_t granularity(int fd)
{
	struct timespec start, now;
	struct stat a, b;
	if (fd < 0 || fstat(fd, &a))
		return -1;
	clock_gettime(CLOCK_MONOTONIC, &start);
	do {
		if (pwrite(fd, "x", 1, 0) != 1 || fstat(fd, &b))
			return -1;
		clock_gettime(CLOCK_MONOTONIC, &now);
	} while (nanoseconds(b.st_mtim) == nanoseconds(a.st_mtim) && nanoseconds(now) - nanoseconds(start) < 100000000);
	return nanoseconds(b.st_mtim) - nanoseconds(a.st_mtim);
}

struct finding probe_mtime(struct doctor *d)
{
	int fd = scratch_file(d, "mtime");
	int64_t ns = granularity(fd);
	if (fd >= 0)
		close(fd);
	if (ns < 0)
		return finding_of(HEALTH_WARN, "not tried: the workspace cannot be written", NULL, NULL);
	if (ns == 0)
		return finding_of(HEALTH_WARN, "two changes within 0.1 s have the same time",
			"weft reads files again that were changed shortly before it looked", "a local file system");
	return finding_ok(arena_printf(d->a, "differ after %.3g ms", (double)ns / 1e6));
}
