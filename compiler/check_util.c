/* check_util.c - see check_util.h. */
#include "compiler/check_util.h"

#include "compiler/limits.h"
#include "job/machine.h"
#include "lang/cfgline.h"

#include <stdlib.h>
#include <string.h>

static bool place(uint64_t *slot, uint32_t cap, uint64_t key)
{
	uint32_t h = (uint32_t)((key * 0x9E3779B97F4A7C15u) >> 32) & (cap - 1);

	while (slot[h] && slot[h] != key)
		h = (h + 1) & (cap - 1);
	if (slot[h])
		return false;
	slot[h] = key;
	return true;
}

static void widen(struct seen *v)
{
	uint32_t cap = v->cap ? v->cap * 2 : 64, i;
	uint64_t *slot = xcalloc(cap, sizeof *slot);

	for (i = 0; i < v->cap; i++)
		if (v->slot[i])
			place(slot, cap, v->slot[i]);
	free(v->slot);
	v->slot = slot;
	v->cap = cap;
}

bool seen_add(struct seen *v, uint32_t what, struct span sp)
{
	if (v->n * 2 >= v->cap)
		widen(v);
	if (!place(v->slot, v->cap, ((uint64_t)what + 1) << 32 | sp.lo))
		return false;
	v->n++;
	return true;
}

void seen_free(struct seen *v)
{
	free(v->slot);
	*v = (struct seen){ 0 };
}

struct order *order_of(struct session *s)
{
	if (!s->order)
		s->order = order_new(s->job);
	return s->order;
}

const char *set_text(const struct session *s, const struct jtask *t, enum setting id)
{
	const struct jval *v = task_set(t, id);

	return v && name_len(s->names, v->s) ? name_str(s->names, v->s) : NULL;
}

const char *task_env(const struct session *s, const struct jtask *t, const char *key, struct span *sp)
{
	name nm = t->nenv ? name_find(s->names, key, strlen(key)) : 0;
	uint32_t i;

	for (i = 0; nm && i < t->nenv; i++)
		if (t->env[i].name == nm && s->job->x[t->env[i].value].op == JX_STR) {
			if (sp)
				*sp = t->env[i].span;
			return name_str(s->names, s->job->x[t->env[i].value].a);
		}
	return NULL;
}

bool task_docker(const struct session *s, const struct jtask *t)
{
	const char *image = task_env(s, t, "BATCH_COMPUTE_DOCKER_IMAGE", NULL);

	return (image && *image) || set_text(s, t, SET_CONTAINER_IMAGE);
}

enum platform task_platform(const struct session *s, const struct jtask *t)
{
	const char *id = set_text(s, t, SET_IMAGE);
	const struct image *image = id ? image_find(id) : NULL;

	if (task_docker(s, t))
		return PLATFORM_LINUX;
	return !image ? PLATFORM_UNKNOWN : image->windows ? PLATFORM_WINDOWS : PLATFORM_LINUX;
}

enum engine_id engine_of(const struct session *s)
{
	return s->opt.engine ? engine_find(s->opt.engine) : ENGINES;
}

/* ---- settings of all tasks, by setting ---- */

struct set_entry {
	const struct jtask *t;
	const struct jval *v;
};
struct set_index {
	uint32_t first[SET_COUNT + 2]; /* into e, by setting */
	struct set_entry *e;
	bool service;
};

/* Call fn for the settings of every task, but once where tasks one after the other have them from `defaults`. */
static void each_set(const struct job *j, struct set_index *x, void (*fn)(struct set_index *x, struct set_entry e))
{
	const struct jval *last = NULL;
	uint32_t i, k;

	for (i = 0; i < j->ntask; i++) {
		const struct jtask *t = &j->task[i];

		if (t->bad || t->skipped || !t->nset || t->set == last)
			continue;
		last = t->set;
		for (k = 0; k < t->nset; k++)
			fn(x, (struct set_entry){ t, &t->set[k] });
	}
}

static void count_set(struct set_index *x, struct set_entry e)
{
	x->first[e.v->id + 2]++;
}

static void put_set(struct set_index *x, struct set_entry e)
{
	x->e[x->first[e.v->id + 1]++] = e;
}

static bool looks_for_service(const struct session *s)
{
	static const enum setting tells[] = { SET_CLUSTER_ID, SET_IMAGE, SET_ECS_IMAGE, SET_MACHINE, SET_ATTACH };
	uint32_t i, k;

	if (engine_of(s) != ENGINES)
		return engine_of(s) == ENGINE_BATCHCOMPUTE;
	if (s->main && front_of(s->main) != FRONT_WEFT && !(s->opt.line && cfg_line_is_each(s->opt.line)))
		return true;
	for (i = 0; i < s->job->ntask; i++)
		for (k = 0; k < sizeof tells / sizeof *tells; k++)
			if (s->job->task[i].nset && task_set(&s->job->task[i], tells[k]))
				return true;
	return false;
}

bool for_service(const struct session *s)
{
	return s->sets ? s->sets->service : looks_for_service(s);
}

static const struct set_index *sets_of(struct session *s)
{
	struct set_index *x;
	uint32_t i;

	if (s->sets)
		return s->sets;
	x = arena_zalloc(s->job->arena, 1, sizeof *x);
	each_set(s->job, x, count_set);
	for (i = 2; i < SET_COUNT + 2; i++)
		x->first[i] += x->first[i - 1];
	x->e = arena_alloc(s->job->arena, x->first[SET_COUNT + 1] * sizeof *x->e);
	each_set(s->job, x, put_set);
	x->service = looks_for_service(s);
	return s->sets = x;
}

void each_setting(struct session *s, enum setting id,
	void (*fn)(struct session *s, const struct jtask *t, const struct jval *v))
{
	const struct set_index *x = sets_of(s);
	struct seen seen = { 0 };
	uint32_t i;

	for (i = x->first[id]; i < x->first[id + 1]; i++)
		if (seen_add(&seen, 0, x->e[i].v->span))
			fn(s, x->e[i].t, x->e[i].v);
	seen_free(&seen);
}

void fix_value(struct session *s, struct span sp, const char *old, const char *text)
{
	const char *at = source_text(s->sources, sp);
	size_t n = strlen(old);

	if (at && sp.hi - sp.lo == n + 2 && *at == '"' && !memcmp(at + 1, old, n))
		diag_fix(s->diags, sp, "\"%s\"", text);
	else if (at && sp.hi - sp.lo == n && !memcmp(at, old, n))
		diag_fix(s->diags, sp, "%s", text);
}

int64_t task_machines(const struct session *s, const struct jtask *t, struct span *sp)
{
	const struct jval *v = task_set(t, SET_POOL_NODES);
	int64_t most = limit_of(s, LIM_MACHINES);

	*sp = v ? v->span : t->ndim || !t->count_span.lo ? t->name_span : t->count_span;
	return v ? v->i : t->count < most ? t->count : most;
}

const char *job_region(const struct session *s, struct span *sp)
{
	const struct jval *v = job_set(s->job, SET_REGION);
	const struct site_value *own = site_value(site_find(s->site, SITE_SITE, ""), SK_SITE_region);

	if (v && name_len(s->names, v->s)) {
		*sp = v->span;
		return name_str(s->names, v->s);
	}
	*sp = own ? own->span : NOSPAN;
	return own ? own->s : NULL;
}

void instances_origin(struct session *s, const struct jtask *t)
{
	uint32_t i;

	for (i = 0; i < t->ndim; i++) {
		const struct jdim *d = &t->dim[i];

		if (d->count <= 1)
			continue;
		if (d->table)
			diag_at(s->diags, d->span, "`%s` has %lld rows", name_str(s->names, d->table), (long long)d->count);
		else
			diag_at(s->diags, d->span, "`%s` has %lld values", name_str(s->names, d->var), (long long)d->count);
	}
}

size_t insertion_len(const char *p, size_t n)
{
	uint32_t depth = 0;
	bool quoted = false;

	for (size_t i = 1; i < n; i++) {
		if (p[i] == '\\' && quoted)
			i++;
		else if (p[i] == '"')
			quoted = !quoted;
		else if (!quoted && p[i] == '{')
			depth++;
		else if (!quoted && p[i] == '}' && --depth == 0)
			return i + 1;
	}
	return n;
}
