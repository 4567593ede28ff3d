/* job.c - make a job, and the small accessors everybody uses. */
#include "job/job.h"

#include "base/filecopy.h"
#include "job/idmap.h"

#include <stdlib.h>
#include <string.h>

struct job *job_new(struct names *names, struct sources *ss)
{
	struct arena *a = arena_new();
	struct job *j = arena_zalloc(a, 1, sizeof *j);

	j->arena = a;
	j->names = names;
	j->sources = ss;
	jx_new(j, JX_NONE, 0, 0, 0, NOSPAN);
	return j;
}

static bool in_image(const struct job *j, const void *p)
{
	return j->image && (const char *)p >= (const char *)j->image &&
	       (const char *)p < (const char *)j->image + j->image_size;
}

void job_free(struct job *j)
{
	if (!j)
		return;
	if (!in_image(j, j->x))
		free(j->x);
	free(j->xspan);
	if (j->image) {
		names_free(j->names);
		sources_free(j->sources);
		file_copy_free(j->image, j->image_size);
	}
	arena_free(j->arena);
}

/* Room for another expression. */
static void x_grow(struct job *j)
{
	struct jx *old = in_image(j, j->x) ? j->x : NULL;
	uint32_t cap = j->xcap;

	j->x = grow(old ? NULL : j->x, &j->xcap, j->nx + 1, sizeof *j->x);
	if (old)
		memcpy(j->x, old, j->nx * sizeof *j->x);
	if (!j->image)
		j->xspan = grow(j->xspan, &cap, j->nx + 1, sizeof *j->xspan);
}

jxid jx_new(struct job *j, enum jop op, uint32_t a, uint32_t b, uint32_t c, struct span sp)
{
	if (j->nx == j->xcap)
		x_grow(j);
	j->x[j->nx] = (struct jx){ .op = (uint8_t)op, .a = a, .b = b, .c = c };
	if (j->xspan)
		j->xspan[j->nx] = sp;
	return j->nx++;
}

jxid jx_new_int(struct job *j, enum jop op, int64_t v, struct span sp)
{
	uint64_t u = (uint64_t)v;

	return jx_new(j, op, (uint32_t)u, (uint32_t)(u >> 32), 0, sp);
}

jxid jx_new_num(struct job *j, double v, struct span sp)
{
	uint64_t u;

	memcpy(&u, &v, sizeof u);
	return jx_new(j, JX_NUM, (uint32_t)u, (uint32_t)(u >> 32), 0, sp);
}

static uint64_t halves(const struct job *j, jxid x)
{
	return (uint64_t)j->x[x].b << 32 | j->x[x].a;
}

struct span jx_span(const struct job *j, jxid x)
{
	return j->xspan ? j->xspan[x] : NOSPAN;
}

struct span edge_span(const struct job *j, uint32_t edge)
{
	return j->edge_span ? j->edge_span[edge] : NOSPAN;
}

int64_t jx_int(const struct job *j, jxid x)
{
	return (int64_t)halves(j, x);
}

double jx_num(const struct job *j, jxid x)
{
	uint64_t u = halves(j, x);
	double d;

	memcpy(&d, &u, sizeof d);
	return d;
}

/* Settings are sorted by id. */
static const struct jval *set_find(const struct jval *v, uint32_t n, enum setting id)
{
	uint32_t lo = 0, hi = n;

	while (lo < hi) {
		uint32_t mid = lo + (hi - lo) / 2;

		if (v[mid].id < id)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo < n && v[lo].id == id ? &v[lo] : NULL;
}

const struct jval *task_set(const struct jtask *t, enum setting id)
{
	return set_find(t->set, t->nset, id);
}

const struct jval *job_set(const struct job *j, enum setting id)
{
	return set_find(j->set, j->nset, id);
}

int64_t task_int(const struct jtask *t, enum setting id)
{
	const struct jval *v = task_set(t, id);

	return v ? v->i : setting_default(id);
}

name task_str(const struct jtask *t, enum setting id)
{
	const struct jval *v = task_set(t, id);

	return v ? v->s : 0;
}

/* The index is made on first use and again when tasks were added since. */
static struct idmap *task_index(const struct job *j)
{
	struct job *own = (struct job *)(uintptr_t)j; /* a cache: no value of the job changes */
	struct idmap *m = j->byname;

	if (m && m->n + m->dups == j->ntask)
		return m;
	m = idmap_new(j->arena, j->ntask);
	for (uint32_t i = 0; i < j->ntask; i++)
		if (!idmap_add(m, j->task[i].name, i))
			m->dups++;
	own->byname = m;
	return m;
}

uint32_t job_task(const struct job *j, name nm)
{
	return nm ? idmap_get(task_index(j), nm) : UINT32_MAX;
}

uint32_t job_edges_into(const struct job *j, uint32_t to)
{
	uint32_t lo = 0, hi = j->nedge;

	while (lo < hi) {
		uint32_t mid = lo + (hi - lo) / 2;

		if (j->edge[mid].to < to)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}
