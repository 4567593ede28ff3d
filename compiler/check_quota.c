/* check_quota.c - plain ranges and the service's quotas (rules 1.5, 1.7, 1.8, 4.1, 4.3, 4.4, 4.6 to 4.8); numbers from limits.def
 * or the site file.
 * Quotas are raised on request and bind no other engine: what exceeds them is a warning, in jobs for the service. */
#include "compiler/check.h"
#include "compiler/check_util.h"
#include "compiler/limits.h"

#include <stdlib.h>
#include <string.h>

static int64_t characters(const char *p)
{
	int64_t n = 0;

	for (; *p; p++)
		n += ((unsigned char)*p & 0xC0) != 0x80;
	return n;
}

void check_priority(struct session *s)
{
	const struct jval *v = job_set(s->job, SET_PRIORITY);
	int64_t most = limit_of(s, LIM_PRIORITY);

	if (!v || (v->i >= 0 && v->i <= most))
		return;
	diag_error(s->diags, E0601, v->span, "priority %lld is out of range", (long long)v->i);
	diag_note(s->diags, "priorities are 0 to %lld, 1 when none is given", (long long)most);
}

void check_description(struct session *s)
{
	const struct jval *v = job_set(s->job, SET_DESCRIPTION);
	int64_t n = v ? characters(name_str(s->names, v->s)) : 0, most = limit_of(s, LIM_DESCRIPTION);

	if (n <= most)
		return;
	diag_error(s->diags, W0602, v->span, "description has %lld characters, %lld more than allowed", (long long)n,
		(long long)(n - most));
	diag_note(s->diags, "BatchCompute refuses it; other engines take it");
}

void check_command_length(struct session *s)
{
	int64_t most = limit_of(s, LIM_COMMAND);
	struct seen seen = { 0 };
	uint32_t i;

	for (i = 0; i < s->job->ntask; i++) {
		const struct jtask *t = &s->job->task[i];
		const struct jx *x = &s->job->x[t->command];
		int64_t n;

		if (t->bad || t->skipped || t->run != RUN_COMMAND || x->op != JX_STR || (int64_t)name_len(s->names, x->a) <= most)
			continue;
		n = characters(name_str(s->names, x->a));
		if (n <= most || !seen_add(&seen, 0, t->command_span))
			continue;
		diag_error(s->diags, W0603, t->command_span, "command line has %lld characters, %lld more than allowed", (long long)n,
			(long long)(n - most));
		diag_note(s->diags, "BatchCompute refuses it; other engines take it");
		diag_help(s->diags, "put it into a script of the package, or into run { ... }");
	}
	seen_free(&seen);
}

void check_task_quota(struct session *s)
{
	int64_t most = limit_of(s, LIM_TASKS), n = 0;
	uint32_t i, first = 0;

	for (i = 0; i < s->job->ntask; i++)
		if (!s->job->task[i].skipped && n++ == most)
			first = i;
	if (n <= most || !for_service(s))
		return;
	diag_error(s->diags, W0604, s->job->task[first].name_span, "the job has %lld tasks, %lld more than the quota of %lld",
		(long long)n, (long long)(n - most), (long long)most);
	diag_label(s->diags, "the first one over it");
	limit_origin(s, LIM_TASKS);
	diag_help(s->diags, "make tasks that differ only in their data one task with %s, or ask for a higher quota",
		front_of(s->main) == FRONT_WEFT ? "`for`" : _("several instances"));
}

void check_instance_quota(struct session *s)
{
	int64_t most = limit_of(s, LIM_INSTANCES);
	bool service = for_service(s);
	struct seen seen = { 0 };
	uint32_t i;

	for (i = 0; i < s->job->ntask; i++) {
		const struct jtask *t = &s->job->task[i];
		struct span sp = t->ndim || !t->count_span.lo ? t->name_span : t->count_span;

		if (t->bad || t->skipped || t->count <= most || !service || !seen_add(&seen, 0, sp))
			continue;
		diag_error(s->diags, W0605, sp, "task `%s` has %lld instances, %lld more than the quota of %lld",
			name_str(s->names, t->name), (long long)t->count, (long long)(t->count - most), (long long)most);
		instances_origin(s, t);
		limit_origin(s, LIM_INSTANCES);
		diag_help(s->diags, "let each instance do several pieces, split the job in %lld, or ask for a higher quota",
			(long long)((t->count + most - 1) / most));
	}
	seen_free(&seen);
}

static void timeout_check(struct session *s, const struct jtask *t, const struct jval *v)
{
	int64_t most = limit_of(s, LIM_TIMEOUT), n = v->i / 1000;

	(void)t;
	if (n <= most || v->span.lo == v->span.hi) /* the old tool's own default of 86400 is not what the user said */
		return;
	diag_error(s->diags, W0606, v->span, "timeout of %lld s is over the quota of %lld s", (long long)n, (long long)most);
	limit_origin(s, LIM_TIMEOUT);
	diag_note(s->diags, "the service fails an instance after %lld hours, unless the quota was raised", (long long)most / 3600);
}

void check_timeout_quota(struct session *s)
{
	if (for_service(s))
		each_setting(s, SET_TIMEOUT, timeout_check);
}

static void nodes_check(struct session *s, const struct jtask *t, const struct jval *v)
{
	int64_t most = limit_of(s, LIM_MACHINES);

	(void)t;
	if (v->i < 0) {
		diag_error(s->diags, E0607, v->span, "a cluster cannot have %lld machines", (long long)v->i);
		return;
	}
	if (v->i <= most)
		return;
	diag_error(s->diags, W0607, v->span, "the cluster has %lld machines, %lld more than the quota of %lld", (long long)v->i,
		(long long)(v->i - most), (long long)most);
	limit_origin(s, LIM_MACHINES);
	diag_help(s->diags, "ask for fewer: instances wait for a machine, or ask for a higher quota");
}

void check_machine_quota(struct session *s)
{
	each_setting(s, SET_POOL_NODES, nodes_check);
}

/* ---- what all clusters of the workflow take together ---- */

struct pool { /* a named cluster */
	name nm;
	const struct jval *nodes; /* NULL: not said */
	struct span span;
};

static int pool_order(const void *a, const void *b)
{
	const struct pool *x = a, *y = b;

	return x->nm != y->nm ? (x->nm < y->nm ? -1 : 1) : 0;
}

static int pool_place(const void *a, const void *b)
{
	const struct pool *x = a, *y = b;

	return x->span.lo < y->span.lo ? -1 : x->span.lo > y->span.lo;
}

/* The clusters that tasks use, each once, as they stand in the file. */
static uint32_t pools_of(const struct session *s, struct pool *v)
{
	uint32_t i, n = 0, k = 0;

	for (i = 0; i < s->job->ntask; i++) {
		const struct jtask *t = &s->job->task[i];
		const struct jval *nm = t->bad || t->skipped ? NULL : task_set(t, SET_POOL_NAME);

		if (nm)
			v[n++] = (struct pool){ nm->s, task_set(t, SET_POOL_NODES), nm->span };
	}
	if (n)
		qsort(v, n, sizeof *v, pool_order);
	for (i = 0; i < n; i++)
		if (!k || v[k - 1].nm != v[i].nm)
			v[k++] = v[i];
	if (k)
		qsort(v, k, sizeof *v, pool_place);
	return k;
}

static void cluster_count(struct session *s, const struct pool *v, uint32_t n)
{
	int64_t most = limit_of(s, LIM_CLUSTERS);

	if (n <= most)
		return;
	diag_error(s->diags, W0640, v[most].span, "the workflow has %u clusters, %lld more than the quota of %lld", n,
		(long long)(n - most), (long long)most);
	diag_label(s->diags, "the first one over it");
	limit_origin(s, LIM_CLUSTERS);
	diag_help(s->diags, "let tasks share a cluster, or ask for a higher quota");
}

/* Only what is within the quota of one cluster: the rest is W0607. */
static int64_t nodes_of(const struct session *s, const struct pool *p)
{
	return p->nodes && p->nodes->i > 0 && p->nodes->i <= limit_of(s, LIM_MACHINES) ? p->nodes->i : 0;
}

static void cluster_machines(struct session *s, const struct pool *v, uint32_t n)
{
	int64_t one = limit_of(s, LIM_MACHINES), most = limit_of(s, LIM_ALL_MACHINES), all = 0;
	uint32_t i, over = UINT32_MAX;

	most = one > most ? one : most;
	for (i = 0; i < n; i++) {
		all += nodes_of(s, &v[i]);
		over = all > most && over == UINT32_MAX ? i : over;
	}
	if (over == UINT32_MAX)
		return;
	diag_error(s->diags, W0641, v[over].nodes->span, "together the clusters have %lld machines, %lld more than the quota of %lld",
		(long long)all, (long long)(all - most), (long long)most);
	for (i = 0; i < over && i < 20; i++)
		if (nodes_of(s, &v[i]))
			diag_at(s->diags, v[i].nodes->span, "%lld of them", (long long)v[i].nodes->i);
	limit_origin(s, LIM_ALL_MACHINES);
	diag_note(s->diags, "it is the number of machines that an account may have at one time");
	diag_help(s->diags, "ask for fewer: instances wait for a machine, or ask for a higher quota");
}

void check_account_quota(struct session *s)
{
	struct pool *v = xcalloc((size_t)s->job->ntask + 1, sizeof *v);
	uint32_t n = for_service(s) ? pools_of(s, v) : 0;

	cluster_count(s, v, n);
	cluster_machines(s, v, n);
	free(v);
}
