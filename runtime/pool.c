/* pool.c - which machines a task runs on, and how many of them are free. */
#include "runtime/pool.h"

#include "job/idmap.h"
#include "job/machine.h"
#include "runtime/driver.h"

#include <stdlib.h>

enum { MACHINES = 20 /* of a cluster, when the site file has no quota */ };

struct pool {
	uint64_t machines, busy;
	struct need size; /* of one; 0: not known */
};
struct pools {
	struct arena *arena;
	struct pool *v;
	uint32_t n, cap;
	uint32_t *of; /* [ntask] */
	struct idmap *byid, *byname; /* pools of cluster ids, of cluster blocks */
	uint64_t machines;
	bool bad;
};

static const char *text(const struct run *r, const struct jval *v)
{
	return v ? name_str(r->job->names, v->s) : NULL;
}

/* What the site file says of the cluster counts more than the type, the task's type more than the site's. */
static struct need size_of(const struct run *r, const struct jtask *t, const struct site_block *b)
{
	const struct site *s = r->opt->site;
	const char *type = text(r, task_set(t, SET_MACHINE));
	struct machine m = { 0 };
	double cpu;

	type = type && *type ? type : site_str(b, SK_CLUSTER_machine, NULL);
	type = type ? type : site_str(site_find(s, SITE_SITE, ""), SK_SITE_machine, NULL);
	if (type && !machine_find(s, type, &m))
		m = (struct machine){ 0 };
	cpu = site_num(b, SK_CLUSTER_cpu, m.cpu);
	return (struct need){ cpu > 0 && cpu <= 1e6 ? (int64_t)(cpu * (double)ROOM_CPU) : 0, site_int(b, SK_CLUSTER_mem, m.mem) };
}

static uint32_t add(struct pools *p, int64_t machines, struct need size)
{
	p->v = grow(p->v, &p->cap, p->n + 1, sizeof(*p->v));
	p->v[p->n] = (struct pool){ .machines = machines > 0 ? (uint64_t)machines : 1, .size = size };
	p->machines += p->v[p->n].machines;
	return p->n++;
}

/* A cluster that is there already: only the site file knows how large it is. */
static uint32_t by_id(struct pools *p, const struct run *r, const struct jtask *t, const struct jval *id)
{
	uint32_t k = idmap_get(p->byid, id->s);
	const struct site_block *b = site_find(r->opt->site, SITE_CLUSTER, text(r, id));
	int64_t nodes = site_int(b, SK_CLUSTER_nodes, 0);

	if (k != UINT32_MAX)
		return k;
	k = add(p, nodes, size_of(r, t, b));
	idmap_add(p->byid, id->s, k);
	if (nodes > 0)
		return k;
	p->bad = true; /* said once */
	diag_error(r->d, E1019, id->span, "how many machines cluster `%s` has is not known", text(r, id));
	diag_note(r->d, "--pools runs as many of its instances at once as it has machines");
	diag_help(r->d, "say it in the site file: cluster \"%s\" { machine = \"TYPE\" nodes = N }", text(r, id));
	return k;
}

/* Machines made for a task or for a cluster block. */
static uint32_t made(struct pools *p, const struct run *r, uint32_t task)
{
	const struct jtask *t = &r->job->task[task];
	const struct jval *nm = task_set(t, SET_POOL_NAME), *nodes = task_set(t, SET_POOL_NODES);
	const struct site_block *b = nm ? site_find(r->opt->site, SITE_CLUSTER, text(r, nm)) : NULL;
	int64_t quota = site_int(site_find(r->opt->site, SITE_QUOTA, ""), SK_QUOTA_machines, MACHINES);
	int64_t n = nodes ? nodes->i : site_int(b, SK_CLUSTER_nodes, 0);
	uint32_t k = nm ? idmap_get(p->byname, nm->s) : UINT32_MAX;

	if (k != UINT32_MAX)
		return k;
	if (n <= 0)
		n = !nm && t->count > 0 && t->count < quota ? t->count : quota;
	k = add(p, n, size_of(r, t, b));
	if (nm)
		idmap_add(p->byname, nm->s, k);
	return k;
}

struct pools *pools_new(const struct run *r)
{
	struct pools *p = xcalloc(1, sizeof(*p));
	uint32_t n = r->job->ntask;

	p->arena = arena_new();
	p->of = arena_zalloc(p->arena, (size_t)n + 1, sizeof(*p->of));
	p->byid = idmap_new(p->arena, n);
	p->byname = idmap_new(p->arena, n);
	for (uint32_t t = 0; t < n; t++) {
		const struct jval *id = task_set(&r->job->task[t], SET_CLUSTER_ID);

		if (sched_task(r->sched, t)->phase == TP_OFF)
			continue;
		id = id && id->s ? id : task_set(&r->job->task[t], SET_ATTACH);
		p->of[t] = id && id->s ? by_id(p, r, &r->job->task[t], id) : made(p, r, t);
	}
	if (!p->bad)
		return p;
	pools_free(p);
	return NULL;
}

void pools_free(struct pools *p)
{
	if (!p)
		return;
	arena_free(p->arena);
	free(p->v);
	free(p);
}

uint64_t pools_machines(const struct pools *p)
{
	return p ? p->machines : 0;
}

bool pools_free_for(const struct pools *p, uint32_t task)
{
	return !p || p->v[p->of[task]].busy < p->v[p->of[task]].machines;
}

void pools_take(struct pools *p, uint32_t task)
{
	if (p)
		p->v[p->of[task]].busy++;
}

void pools_give(struct pools *p, uint32_t task)
{
	if (p)
		p->v[p->of[task]].busy--;
}

void pools_limit(const struct pools *p, uint32_t task, struct ask *a)
{
	struct need size = p ? p->v[p->of[task]].size : (struct need){ 0, 0 };

	if (size.mem && (!a->limit.mem || size.mem < a->limit.mem))
		a->limit.mem = size.mem;
	if (size.cpu && (!a->limit.cpu || size.cpu < a->limit.cpu))
		a->limit.cpu = size.cpu;
}
