/* confine.c - limits by control groups or rlimits; see confine.h. */
#include "runtime/confine.h"

#include "base/intl.h"

#include <signal.h>
#include <stdlib.h>

struct confine {
	struct arena *arena;
	int64_t pids;
	struct cg_place place[CG_WHATS];
	struct cgroups *groups; /* made when the first attempt needs them */
	bool below;             /* `seen` counts also what is in groups below ours */
	int64_t seen;           /* processes the kernel had ended for want of memory, as far as we know of them; -1 unknown */
};

/* In the group that attempts without a group of their own are in; else on the whole machine, whoever they belonged to. */
static int64_t ended_for_memory(struct confine *c)
{
	const struct cg_place *p = &c->place[CG_MEMORY];
	struct arena *a = arena_new();
	int64_t n = -1;

	c->below = p->version != 1;
	if (p->version)
		n = cgroup_number(a, p->dir, p->version == 2 ? "memory.events" : "memory.oom_control", "oom_kill");
	if (n < 0) {
		c->below = true;
		n = cgroup_number(a, "/proc", "vmstat", "oom_kill");
	}
	arena_free(a);
	return n;
}

struct confine *confine_new(const struct run_options *o)
{
	struct confine *c = xcalloc(1, sizeof(*c));

	c->arena = arena_new();
	c->pids = pids_most(o);
	cgroup_find(c->arena, c->place);
	c->seen = ended_for_memory(c);
	return c;
}

void confine_free(struct confine *c)
{
	cgroups_close(c->groups);
	arena_free(c->arena);
	free(c);
}

bool confine_attempt(struct confine *c, const struct ask *a, struct stage *st, struct confined *out, const char **why)
{
	struct cg_limits lim = { a->limit.mem, a->limit.cpu, c->pids };

	*out = (struct confined){ .mem = lim.mem };
	if (!lim.mem && !lim.cpu)
		return true;
	if (!c->groups)
		c->groups = cgroups_open(c->place, 0);
	if (lim.mem && cgroups_lack(c->groups, CG_MEMORY))
		st->limit_data = (uint64_t)lim.mem;
	if (!cgroup_make(c->groups, &lim, &out->group, why))
		return false;
	for (st->ncgroup = 0; st->ncgroup < out->group.nprocs && st->ncgroup < STAGE_CGROUPS; st->ncgroup++)
		st->cgroup[st->ncgroup] = out->group.procs[st->ncgroup];
	return true;
}

void confine_started(struct confined *x)
{
	cgroup_started(&x->group);
}

/* Nobody of ours killed it, and meanwhile the kernel ended processes for want of memory: it will have been one of them. */
static bool machine_full(struct confine *c, const struct stage_end *end)
{
	bool killed = (end->cause == R_SIGNAL && end->status == SIGKILL) || (end->cause == R_EXIT && end->status == 128 + SIGKILL);
	int64_t now = killed && c->seen >= 0 ? ended_for_memory(c) : -1;

	if (now <= c->seen)
		return false;
	c->seen++;
	return true;
}

void confine_judge(struct confine *c, const struct confined *x, const struct stage_end *end, struct event *ev)
{
	int64_t peak = -1, killed = -1;

	if (x->mem && c->groups)
		cgroup_memory_used(c->groups, &x->group, &peak, &killed);
	if (killed > 0) {
		ev->cause = R_OOM;
		ev->status = 0;
		ev->mem_limit = x->mem;
		ev->mem_peak = peak;
		if (end->cause == R_DONE)
			ev->text = _("a process of the command was ended for it, although the command itself ended with 0");
		c->seen += c->seen >= 0 && c->below ? killed : 0;
	} else if (killed < 0 && machine_full(c, end)) { /* a group of its own would have told */
		ev->cause = R_OOM;
		ev->status = 0;
		ev->text = _("the memory of the whole machine, or of the control group of this run, was used up");
	}
}

void confine_drop(struct confine *c, struct confined *x)
{
	if (c->groups)
		cgroup_drop(c->groups, &x->group);
}
