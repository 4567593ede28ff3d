/* machine.c - how large this machine is for us: cpus and memory, as far as our control groups let us have them. */
#include "runtime/cgroup_find.h"
#include "runtime/request.h"

#include <sched.h>
#include <sys/utsname.h>
#include <unistd.h>

enum { PIDS_MOST = 4096 };

static int64_t cpus(void)
{
	cpu_set_t set;
	long n = sched_getaffinity(0, sizeof(set), &set) ? sysconf(_SC_NPROCESSORS_ONLN) : CPU_COUNT(&set);

	return n > 0 ? n : 1;
}

int64_t pids_most(const struct run_options *o)
{
	int64_t n = site_int(o ? site_find(o->site, SITE_ENGINE, "local") : NULL, SK_ENGINE_pids, 0);

	return n > 0 ? n : PIDS_MOST;
}

const char *machine_name(struct arena *a)
{
	struct utsname u;

	return uname(&u) == 0 ? arena_strdup(a, u.nodename) : "";
}

static int64_t smaller(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

struct need machine_size(const struct run_options *o)
{
	const struct site_block *site = o ? site_find(o->site, SITE_ENGINE, "local") : NULL;
	struct need n = { o ? o->cpus : 0, o ? o->memory : 0 };
	struct cg_place place[CG_WHATS];
	double cpu = site_num(site, SK_ENGINE_cpu, 0);
	struct arena *a;

	if (!n.cpu && cpu > 0 && cpu <= 1e6)
		n.cpu = (int64_t)(cpu * (double)ROOM_CPU + 0.5);
	if (!n.mem)
		n.mem = site_int(site, SK_ENGINE_mem, 0);

	if (n.cpu && n.mem)
		return n;
	a = arena_new();
	cgroup_find(a, place);
	if (!n.cpu)
		n.cpu = smaller(cpus() * ROOM_CPU, cgroup_cpu(a, place));
	if (!n.mem)
		n.mem = smaller((int64_t)sysconf(_SC_PHYS_PAGES) * sysconf(_SC_PAGESIZE), cgroup_memory(a, place));
	arena_free(a);
	return n;
}
