/* cgroup.c - groups made, filled with limits and removed, in both versions of the kernel's interface. */
#include "runtime/cgroup.h"

#include "base/intl.h"
#include "runtime/room.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
	PERIOD_US = 100000,
	NAMES = 1000,        /* names tried for the run's group */
	REMOVE_TRIES = 200,  /* a millisecond each: killed processes take a moment to go */
};

struct tree { /* one hierarchy */
	uint8_t version;
	bool has[CG_WHATS];
	bool moved;       /* this process went into a leaf of it */
	const char *base; /* the directory in which the run's group was made */
	const char *run;  /* the run's group; NULL: it could not be made */
	int lock;
};
struct cgroups {
	struct arena *arena, *scratch; /* as long as this; reset at every call */
	struct tree tree[CG_WHATS];
	uint32_t ntree;
	struct tree *of[CG_WHATS];
	const char *why[CG_WHATS];
	uint64_t made;
	int flags;
};

/* ---- files ---- */

static bool put(struct cgroups *c, const char *dir, const char *nm, const char *text)
{
	int fd = open(arena_printf(c->scratch, "%s/%s", dir, nm), O_WRONLY | O_CLOEXEC | c->flags, 0600);
	size_t n = strlen(text);
	bool ok = fd >= 0 && write(fd, text, n) == (ssize_t)n;
	int e = errno;

	if (fd >= 0)
		close(fd);
	errno = e;
	return ok;
}

static bool put_number(struct cgroups *c, const char *dir, const char *nm, int64_t v)
{
	return put(c, dir, nm, arena_printf(c->scratch, "%lld", (long long)v));
}

/* ---- what is left behind ---- */

static void kill_members(struct arena *a, const char *dir)
{
	const char *s = cgroup_read(a, dir, "cgroup.procs");

	while (s && *s) {
		char *end;
		long pid = strtol(s, &end, 10);

		if (end == s)
			return;
		if (pid > 1 && pid != getpid()) /* 0: not to be seen from here */
			kill((pid_t)pid, SIGKILL);
		s = end + strspn(end, "\n");
	}
}

/* A group without groups in it. */
static void remove_leaf(struct arena *a, const char *dir)
{
	for (int i = 0; i < REMOVE_TRIES && rmdir(dir) < 0 && errno == EBUSY; i++) {
		kill_members(a, dir);
		usleep(1000);
	}
}

static void remove_run(struct arena *a, const char *dir)
{
	DIR *d = opendir(dir);
	struct dirent *e;

	while (d && (e = readdir(d)))
		if (e->d_type == DT_DIR && e->d_name[0] != '.')
			remove_leaf(a, arena_printf(a, "%s/%s", dir, e->d_name));
	if (d)
		closedir(d);
	remove_leaf(a, dir);
}

/* Groups whose driver is gone: nobody holds their lock. */
static void sweep(struct arena *a, const char *base)
{
	DIR *d = opendir(base);
	struct dirent *e;

	while (d && (e = readdir(d))) {
		const char *path;
		int fd;

		if (e->d_type != DT_DIR || strncmp(e->d_name, CGROUP_PREFIX, strlen(CGROUP_PREFIX)) != 0)
			continue;
		path = arena_printf(a, "%s/%s", base, e->d_name);
		fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
		if (fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) == 0)
			remove_run(a, path);
		if (fd >= 0)
			close(fd);
	}
	if (d)
		closedir(d);
}

/* ---- the run's group ---- */

/* Make it below `base` and lock it; another driver that sweeps may have been faster, then with another name. */
static bool make_run(struct cgroups *c, struct tree *t, const char *base)
{
	for (int i = 0; i < NAMES; i++) {
		const char *dir = arena_printf(c->arena, "%s/" CGROUP_PREFIX "%ld-%d", base, (long)getpid(), i);

		if (mkdir(dir, 0755) < 0) {
			if (errno == EEXIST)
				continue;
			return false;
		}
		t->lock = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		if (t->lock >= 0 && flock(t->lock, LOCK_EX | LOCK_NB) == 0) {
			t->base = base;
			t->run = dir;
			return true;
		}
		if (t->lock >= 0)
			close(t->lock);
		rmdir(dir);
	}
	errno = EEXIST;
	return false;
}

/* Version 2: let the groups below `dir` have limits; as many of them as are possible. */
static bool enable(struct cgroups *c, const struct tree *t, const char *dir)
{
	bool all = true;

	for (int i = 0; i < CG_WHATS; i++) {
		if (!t->has[i] || cgroup_has_word(c->scratch, dir, "cgroup.subtree_control", cg_names[i]))
			continue;
		all = put(c, dir, "cgroup.subtree_control", arena_printf(c->scratch, "+%s", cg_names[i])) && all;
	}
	return all;
}

static bool enabled(struct cgroups *c, const struct tree *t, const char *dir)
{
	for (int i = 0; i < CG_WHATS; i++)
		if (t->has[i] && !cgroup_has_word(c->scratch, dir, "cgroup.subtree_control", cg_names[i]))
			return false;
	return true;
}

static bool alone(struct cgroups *c, const char *dir)
{
	const char *s = cgroup_read(c->scratch, dir, "cgroup.procs");
	char *end = NULL;

	return s && strtol(s, &end, 10) == getpid() && !*end;
}

/* Our own group takes the run's: it may be the root, have no other process, or be prepared already. */
static bool own_group(struct cgroups *c, struct tree *t, const char *dir)
{
	const char *leaf;

	if (enabled(c, t, dir) || enable(c, t, dir))
		return make_run(c, t, dir) && enable(c, t, t->run);
	if (errno != EBUSY || !alone(c, dir) || !make_run(c, t, dir))
		return false;
	leaf = arena_printf(c->scratch, "%s/driver", t->run);
	t->moved = mkdir(leaf, 0755) == 0 && put(c, leaf, "cgroup.procs", "0");
	return t->moved && enable(c, t, dir) && enable(c, t, t->run);
}

static void disable(struct cgroups *c, const struct tree *t, const char *dir)
{
	for (int i = 0; i < CG_WHATS; i++)
		if (t->has[i])
			put(c, dir, "cgroup.subtree_control", arena_printf(c->scratch, "-%s", cg_names[i]));
}

static void undo(struct cgroups *c, struct tree *t)
{
	if (!t->run)
		return;
	if (t->moved) {
		disable(c, t, t->run);
		disable(c, t, t->base);
		put(c, t->base, "cgroup.procs", "0");
	}
	remove_run(c->scratch, t->run);
	close(t->lock);
	t->run = NULL;
	t->moved = false;
}

/* Version 2: our own group or the nearest above it that can. */
static bool open_two(struct cgroups *c, struct tree *t, const struct cg_place *p)
{
	char *dir = arena_strdup(c->arena, p->dir);
	int e = 0;

	for (;;) {
		char *slash = strrchr(dir, '/');

		if (strcmp(dir, p->dir) == 0 ? own_group(c, t, dir) : enabled(c, t, dir) && make_run(c, t, dir) && enable(c, t, t->run))
			return true;
		e = e ? e : errno;
		undo(c, t);
		if (strlen(dir) <= strlen(p->top) || !slash)
			break;
		*slash = 0;
		dir = arena_strdup(c->arena, dir);
	}
	errno = e;
	return false;
}

static struct tree *tree_for(struct cgroups *c, const struct cg_place *p)
{
	for (uint32_t i = 0; i < c->ntree; i++)
		if (c->tree[i].version == p->version && strcmp(c->tree[i].base, p->dir) == 0)
			return &c->tree[i];
	c->tree[c->ntree] = (struct tree){ .version = p->version, .base = p->dir, .lock = -1 };
	return &c->tree[c->ntree++];
}

static void open_tree(struct cgroups *c, struct tree *t, const struct cg_place *p)
{
	const char *why;

	sweep(c->scratch, p->dir);
	if (t->version == 2 ? open_two(c, t, p) : make_run(c, t, p->dir)) {
		if (strcmp(t->base, p->dir) != 0)
			sweep(c->scratch, t->base);
		return;
	}
	why = arena_printf(c->arena, "%s: %s", p->dir, errno == EBUSY ? _("other processes are in this group") : strerror(errno));
	for (int i = 0; i < CG_WHATS; i++)
		if (t->has[i])
			c->why[i] = why;
}

struct cgroups *cgroups_open(const struct cg_place place[CG_WHATS], int flags)
{
	struct cgroups *c = xcalloc(1, sizeof(*c));

	c->arena = arena_new();
	c->scratch = arena_new();
	c->flags = flags;
	for (int i = 0; i < CG_WHATS; i++) {
		if (!place[i].version) {
			c->why[i] = _("no control group of it is mounted, or it is not given to this one");
			continue;
		}
		c->of[i] = tree_for(c, &place[i]);
		c->of[i]->has[i] = true;
	}
	for (int i = 0; i < CG_WHATS; i++)
		if (c->of[i] && !c->of[i]->run && !c->why[i])
			open_tree(c, c->of[i], &place[i]);
	return c;
}

void cgroups_close(struct cgroups *c)
{
	if (!c)
		return;
	for (uint32_t i = 0; i < c->ntree; i++)
		undo(c, &c->tree[i]);
	arena_free(c->arena);
	arena_free(c->scratch);
	free(c);
}

const char *cgroups_lack(const struct cgroups *c, enum cg_what w)
{
	return c->why[w];
}

const char *cgroups_base(const struct cgroups *c, enum cg_what w, int *version)
{
	*version = c->of[w] ? c->of[w]->version : 0;
	return c->of[w] ? c->of[w]->base : NULL;
}

/* ---- an attempt's group ---- */

static bool limit_memory(struct cgroups *c, const struct tree *t, const char *dir, int64_t v)
{
	if (t->version == 2) {
		put(c, dir, "memory.swap.max", "0"); /* without swap there is no such file */
		put(c, dir, "memory.oom.group", "1");
		return put_number(c, dir, "memory.max", v);
	}
	if (!put_number(c, dir, "memory.limit_in_bytes", v))
		return false;
	put_number(c, dir, "memory.memsw.limit_in_bytes", v);
	return true;
}

/* A share of the time while others want it too, and never more than was asked for. */
static bool limit_cpu(struct cgroups *c, const struct tree *t, const char *dir, int64_t v)
{
	int64_t quota = v / (ROOM_CPU / PERIOD_US), weight = v / (ROOM_CPU / 100);

	quota = quota < 1000 ? 1000 : quota;
	weight = weight < 1 ? 1 : weight > 10000 ? 10000 : weight;
	if (t->version == 2) {
		put_number(c, dir, "cpu.weight", weight);
		return put(c, dir, "cpu.max", arena_printf(c->scratch, "%lld %d", (long long)quota, PERIOD_US));
	}
	put_number(c, dir, "cpu.shares", weight * 1024 / 100 < 2 ? 2 : weight * 1024 / 100);
	return put_number(c, dir, "cpu.cfs_period_us", PERIOD_US) && put_number(c, dir, "cpu.cfs_quota_us", quota);
}

static bool limit_all(struct cgroups *c, const struct tree *t, const char *dir, const struct cg_limits *lim)
{
	return (!lim->mem || !t->has[CG_MEMORY] || limit_memory(c, t, dir, lim->mem)) &&
		(!lim->cpu || !t->has[CG_CPU] || limit_cpu(c, t, dir, lim->cpu)) &&
		(!lim->pids || !t->has[CG_PIDS] || put_number(c, dir, "pids.max", lim->pids));
}

static bool concerns(const struct tree *t, const struct cg_limits *lim)
{
	return (lim->mem && t->has[CG_MEMORY]) || (lim->cpu && t->has[CG_CPU]) || (lim->pids && t->has[CG_PIDS]);
}

static const char *group_dir(struct cgroups *c, const struct tree *t, uint64_t number)
{
	return arena_printf(c->scratch, "%s/%llu", t->run, (unsigned long long)number);
}

static bool make_in(struct cgroups *c, const struct tree *t, const struct cg_limits *lim, struct cgroup *g)
{
	const char *dir = group_dir(c, t, g->number);
	int fd;

	if (mkdir(dir, 0755) < 0 || !limit_all(c, t, dir, lim))
		return false;
	fd = open(arena_printf(c->scratch, "%s/cgroup.procs", dir), O_WRONLY | O_CLOEXEC | c->flags, 0600);
	if (fd < 0)
		return false;
	g->procs[g->nprocs++] = fd;
	return true;
}

bool cgroup_make(struct cgroups *c, const struct cg_limits *lim, struct cgroup *g, const char **why)
{
	*g = (struct cgroup){ 0 };
	arena_reset(c->scratch, (struct arena_mark){ 0 });
	for (uint32_t i = 0; i < c->ntree; i++) {
		const struct tree *t = &c->tree[i];

		if (!t->run || !concerns(t, lim))
			continue;
		g->number = g->number ? g->number : ++c->made;
		if (make_in(c, t, lim, g))
			continue;
		*why = arena_printf(c->arena, _("cannot make a control group in `%s`: %s"), t->run, strerror(errno));
		cgroup_started(g);
		cgroup_drop(c, g);
		return false;
	}
	return true;
}

void cgroup_started(struct cgroup *g)
{
	while (g->nprocs)
		close(g->procs[--g->nprocs]);
}

void cgroup_memory_used(struct cgroups *c, const struct cgroup *g, int64_t *peak, int64_t *killed)
{
	const struct tree *t = c->of[CG_MEMORY];
	const char *dir;
	bool two = t && t->version == 2;

	*peak = *killed = -1;
	if (!g->number || !t || !t->run)
		return;
	arena_reset(c->scratch, (struct arena_mark){ 0 });
	dir = group_dir(c, t, g->number);
	*peak = cgroup_number(c->scratch, dir, two ? "memory.peak" : "memory.max_usage_in_bytes", NULL);
	*killed = cgroup_number(c->scratch, dir, two ? "memory.events" : "memory.oom_control", "oom_kill");
}

void cgroup_drop(struct cgroups *c, struct cgroup *g)
{
	cgroup_started(g);
	for (uint32_t i = 0; g->number && i < c->ntree; i++)
		if (c->tree[i].run)
			remove_leaf(c->scratch, group_dir(c, &c->tree[i], g->number));
	g->number = 0;
}
