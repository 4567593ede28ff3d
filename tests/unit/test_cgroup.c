/* test_cgroup.c - where a process stands, from texts of several kinds of machine; limits as files, on plain directories. */
#include "runtime/cgroup.h"
#include "runtime/room.h"

#include "tests/unit/tap.h"

#include <fcntl.h>
#include <ftw.h>
#include <sys/stat.h>
#include <unistd.h>

static struct arena *a;
static char *top;

static void is_place(const struct cg_place *p, int version, const char *dir)
{
	is_int(p->version, version);
	is_str(p->dir ? p->dir : "-", dir);
}

static void test_parse(void)
{
	struct cg_place p[CG_WHATS];

	/* version 1, one hierarchy a controller, some joined; a mount point with a blank */
	cgroup_parse(a, "5:memory:/user/me\n4:cpu,cpuacct:/\n3:name=systemd:/x\n",
		"31 23 0:28 / /sys/fs/cgroup rw - tmpfs tmpfs rw\n"
		"32 31 0:29 / /sys/fs/cgroup/cpu,cpuacct rw,relatime shared:9 - cgroup cgroup rw,cpu,cpuacct\n"
		"35 31 0:32 / /sys/fs/my\\040cgroup rw - cgroup cgroup rw,memory\n", p);
	is_place(&p[CG_MEMORY], 1, "/sys/fs/my cgroup/user/me");
	is_place(&p[CG_CPU], 1, "/sys/fs/cgroup/cpu,cpuacct");
	is_place(&p[CG_PIDS], 0, "-");
	/* a container of version 1 sees only its part */
	cgroup_parse(a, "5:memory:/docker/abc\n4:pids:/docker\n",
		"35 31 0:32 /docker/abc /sys/fs/cgroup/memory ro - cgroup cgroup rw,memory\n"
		"36 31 0:33 /docker/abc /sys/fs/cgroup/pids ro - cgroup cgroup rw,pids\n", p);
	is_place(&p[CG_MEMORY], 1, "/sys/fs/cgroup/memory");
	is_place(&p[CG_PIDS], 0, "-");
	/* nothing, garbage, a group outside of what is shown */
	cgroup_parse(a, "", "", p);
	is_place(&p[CG_MEMORY], 0, "-");
	cgroup_parse(a, "::\n:\n5:memory\n5:memory:/../x\n", "1 2\n\n3 4 5 / /m rw - cgroup\n35 31 0:32 / /m rw - cgroup cgroup rw,memory", p);
	is_place(&p[CG_MEMORY], 0, "-");
}

static const char *at(const char *dir, const char *nm)
{
	return arena_printf(a, "%s/%s", dir, nm);
}

static void put(const char *path, const char *text)
{
	FILE *f = fopen(path, "w");

	fputs(text, f);
	fclose(f);
}

static const char *get(const char *dir, const char *nm)
{
	char *s = cgroup_read(a, dir, nm);

	return s ? s : "-";
}

/* A hierarchy of version 2 made of plain files: own group /u/me below a top that has a limit too. */
static const char *fake(struct cg_place p[CG_WHATS])
{
	static const char *const dirs[] = { "", "/u", "/u/me" };
	const char *dir = NULL;

	for (int i = 0; i < 3; i++) {
		dir = arena_printf(a, "%s%s", top, dirs[i]);
		mkdir(dir, 0755);
		put(at(dir, "cgroup.controllers"), "cpu memory pids\n");
		put(at(dir, "cgroup.subtree_control"), "cpu memory pids\n");
		put(at(dir, "memory.max"), i == 1 ? "1000000\n" : "max\n");
		put(at(dir, "cpu.max"), i == 0 ? "150000 100000\n" : "max 100000\n");
	}
	cgroup_parse(a, "0::/u/me\n", arena_printf(a, "41 31 0:38 / %s rw - cgroup2 cgroup2 rw\n", top), p);
	return dir;
}

static void test_limits_above(void)
{
	struct cg_place p[CG_WHATS];
	const char *dir = fake(p);

	for (int i = 0; i < CG_WHATS; i++)
		is_place(&p[i], 2, dir);
	is_int(cgroup_memory(a, p), 1000000);
	is_int(cgroup_cpu(a, p), ROOM_CPU * 3 / 2);
}

static void test_two(void)
{
	struct cg_place p[CG_WHATS];
	const char *dir = fake(p), *why = NULL, *g;
	struct cgroups *c = cgroups_open(p, O_CREAT);
	struct cg_limits lim = { .mem = 64 << 20, .cpu = ROOM_CPU * 5 / 2, .pids = 100 };
	struct cgroup x;
	int64_t peak, killed;
	int version;

	ok(!cgroups_lack(c, CG_MEMORY) && !cgroups_lack(c, CG_CPU) && !cgroups_lack(c, CG_PIDS));
	is_str(cgroups_base(c, CG_MEMORY, &version), dir);
	is_int(version, 2);
	ok(cgroup_make(c, &lim, &x, &why));
	is_int(x.nprocs, 1);
	g = arena_printf(a, "%s/" CGROUP_PREFIX "%ld-0/1", dir, (long)getpid());
	is_str(get(g, "memory.max"), "67108864");
	is_str(get(g, "memory.swap.max"), "0");
	is_str(get(g, "memory.oom.group"), "1");
	is_str(get(g, "cpu.max"), "250000 100000");
	is_str(get(g, "cpu.weight"), "250");
	is_str(get(g, "pids.max"), "100");
	put(at(g, "memory.events"), "low 0\nhigh 0\nmax 9\noom 1\noom_kill 3\n");
	put(at(g, "memory.peak"), "67000000\n");
	cgroup_memory_used(c, &x, &peak, &killed);
	is_int(peak, 67000000);
	is_int(killed, 3);
	cgroup_drop(c, &x);
	is_int((int64_t)x.number, 0);
	cgroups_close(c);
}

/* The smallest and largest numbers the kernel takes. */
static void test_bounds(void)
{
	struct cg_place p[CG_WHATS];
	const char *dir = fake(p), *why = NULL, *g;
	struct cgroups *c = cgroups_open(p, O_CREAT);
	struct cg_limits lim = { .cpu = 1 };
	struct cgroup x;

	ok(cgroup_make(c, &lim, &x, &why));
	g = arena_printf(a, "%s/" CGROUP_PREFIX "%ld-1/1", dir, (long)getpid());
	is_str(get(g, "cpu.max"), "1000 100000");
	is_str(get(g, "cpu.weight"), "1");
	is_str(get(g, "memory.max"), "-");
	cgroup_drop(c, &x);
	cgroups_close(c);
}

static int drop(const char *path, const struct stat *st, int kind, struct FTW *w)
{
	(void)st, (void)kind, (void)w;
	return remove(path);
}

int main(void)
{
	a = arena_new();
	top = arena_strdup(a, "/tmp/weft-cgroup.XXXXXX");
	if (!mkdtemp(top))
		return 1;
	test_parse();
	test_limits_above();
	test_two();
	test_bounds();
	nftw(top, drop, 16, FTW_DEPTH | FTW_PHYS);
	arena_free(a);
	return tap_end();
}
