/* request.c - evaluating `cpu` and `mem`; constants once a task, the others once an attempt. */
#include "runtime/request.h"

#include "base/intl.h"
#include "runtime/driver.h"
#include "runtime/progress.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { SLOTS_MAX = 4096, SHOWN_TASKS = 20, CPUS_MAX = 1000000 };

struct requests {
	struct run *r;
	struct arena *arena; /* values and texts of the last question */
	struct need all;
	int64_t share;       /* cpus of an instance that does not say */
	int64_t least;       /* the smallest request for cpus, at most one */
	struct ask *fixed;   /* of tasks whose requests are constant */
	uint32_t nfixed, cap;
	uint32_t *task;      /* [ntask] 0: says nothing; 1: to be evaluated; else place in `fixed` + 2 */
};

/* ---- values ---- */

static bool cpu_value(struct requests *q, struct jctx *c, const struct jval *v, int64_t *out, const char **why)
{
	struct jvalue x;
	double d;

	if (!jx_eval(c, v->x, &x)) {
		*why = c->error;
		return false;
	}
	d = x.type == JT_INT ? (double)x.i : x.d;
	if (!(d > 0) || d > CPUS_MAX) {
		*why = arena_printf(q->arena, _("%g cpus cannot be asked for"), d);
		return false;
	}
	*out = (int64_t)ceil(d * (double)ROOM_CPU - 0.5);
	*out = *out < 1 ? 1 : *out;
	return true;
}

static bool mem_value(struct requests *q, struct jctx *c, const struct jval *v, int64_t *out, const char **why)
{
	struct jvalue x;

	if (!jx_eval(c, v->x, &x))
		*why = c->error;
	else if (x.i <= 0)
		*why = arena_printf(q->arena, _("%lld bytes of memory cannot be asked for"), (long long)x.i);
	else
		*out = x.i;
	return *out > 0;
}

/* As written: not yet held against the machine. */
static bool evaluate(struct requests *q, struct attempt_id id, struct ask *out, const char **why)
{
	const struct jtask *t = &q->r->job->task[id.task];
	const struct jval *cpu = task_set(t, SET_CPU), *mem = task_set(t, SET_MEM);
	struct jctx c = { .job = q->r->job, .arena = q->arena, .task = id.task, .instance = id.instance, .attempt = id.attempt };

	arena_reset(q->arena, (struct arena_mark){ 0 });
	*out = (struct ask){ .need = { q->share, 0 } };
	if (cpu && !cpu_value(q, &c, cpu, &out->need.cpu, why))
		return false;
	out->cpu = cpu != NULL;
	out->limit.cpu = cpu ? out->need.cpu : 0;
	if (mem && !mem_value(q, &c, mem, &out->need.mem, why))
		return false;
	out->mem = mem != NULL;
	out->limit.mem = mem ? out->need.mem : 0;
	return true;
}

/* ---- held against the machine ---- */

/* "2.5 cpus", "24 GB of memory" */
static const char *amount(struct requests *q, int64_t n, bool cpus)
{
	const char *s;
	struct buf b;

	if (cpus)
		return arena_printf(q->arena, n == ROOM_CPU ? _("%g cpu") : _("%g cpus"), (double)n / (double)ROOM_CPU);
	buf_init(&b, 64);
	text_bytes(&b, n);
	s = arena_printf(q->arena, _("%s of memory"), buf_str(&b));
	buf_free(&b);
	return s;
}

static bool too_large(const struct requests *q, const struct ask *a)
{
	return a->need.cpu > q->all.cpu || a->need.mem > q->all.mem;
}

/* What there is too little of: asked and offered. */
static bool compare(struct requests *q, const struct ask *a, const char **asked, const char **offered)
{
	bool cpus = a->need.cpu > q->all.cpu;

	*asked = amount(q, cpus ? a->need.cpu : a->need.mem, cpus);
	*offered = amount(q, cpus ? q->all.cpu : q->all.mem, cpus);
	return cpus;
}

bool requests_of(struct requests *q, struct attempt_id id, struct ask *out, const char **why)
{
	uint32_t place = q->task[id.task];

	*why = NULL;
	if (place == 0) {
		*out = (struct ask){ .need = { q->share, 0 } };
		return true;
	}
	if (place > 1) {
		*out = q->fixed[place - 2];
		return true;
	}
	if (!evaluate(q, id, out, why))
		return false;
	if (id.attempt > 1) {
		out->cut = out->need.mem > q->all.mem;
		out->need.mem = out->cut ? q->all.mem : out->need.mem;
		out->need.cpu = out->need.cpu > q->all.cpu ? q->all.cpu : out->need.cpu;
		out->limit = (struct need){ out->cpu ? out->need.cpu : 0, out->mem ? out->need.mem : 0 };
		return true;
	}
	if (too_large(q, out)) {
		const char *asked, *offered;

		compare(q, out, &asked, &offered);
		*why = arena_printf(q->arena, _("it asks for %s: this machine offers %s"), asked, offered);
	}
	return !*why;
}

/* ---- before anything runs ---- */

static void refuse_large(struct requests *q, const char *label, const struct jtask *t, const struct ask *a)
{
	struct need has = machine_size(NULL);
	const char *asked, *offered, *host = machine_name(q->arena);
	const struct jval *v = task_set(t, compare(q, a, &asked, &offered) ? SET_CPU : SET_MEM);

	diag_error(q->r->d, E1010, v ? v->span : t->span, "task `%s` asks for %s: this machine offers %s", label, asked, offered);
	diag_note(q->r->d, "this machine, `%s`, has %s and %s", host, amount(q, has.cpu, true), amount(q, has.mem, false));
	diag_help(q->r->d, "ask for less, or say what may be used: --cpus N, --memory SIZE");
}

static bool refuse(struct requests *q, struct attempt_id id, const struct ask *a, const char *why)
{
	const struct jtask *t = &q->r->job->task[id.task];
	const struct jval *v = task_set(t, task_set(t, SET_CPU) && !a->cpu ? SET_CPU : SET_MEM);
	struct buf b;

	buf_init(&b, 1 << 16);
	run_label(q->r, id.task, id.instance, &b);
	if (too_large(q, a))
		refuse_large(q, buf_str(&b), t, a);
	else
		diag_error(q->r->d, E1011, v ? v->span : t->span, "task `%s`: %s", buf_str(&b), why);
	buf_free(&b);
	return false;
}

/* Every wanted instance of a task whose requests depend on the instance; the first that does not fit is enough. */
static bool check_instances(struct requests *q, uint32_t task)
{
	const struct stask *st = sched_task(q->r->sched, task);
	struct ask a;
	const char *why;

	for (uint32_t i = 0; st->count != UINT32_MAX && i < st->count; i++) {
		struct attempt_id id = { task, i, 1 };

		if (!stask_wants(st, i))
			continue;
		if (!requests_of(q, id, &a, &why))
			return refuse(q, id, &a, why);
		q->least = a.need.cpu < q->least ? a.need.cpu : q->least;
	}
	return true;
}

static bool constant(const struct job *j, const struct jval *v)
{
	return !v || jx_constant(j, v->x);
}

static bool check_task(struct requests *q, uint32_t task)
{
	const struct job *j = q->r->job;
	const struct jtask *t = &j->task[task];
	const struct jval *cpu = task_set(t, SET_CPU), *mem = task_set(t, SET_MEM);
	struct attempt_id id = { task, 0, 1 };
	struct ask a;
	const char *why;

	if ((!cpu && !mem) || sched_task(q->r->sched, task)->phase == TP_OFF)
		return true;
	q->task[task] = 1;
	if (!constant(j, cpu) || !constant(j, mem))
		return check_instances(q, task);
	if (!requests_of(q, id, &a, &why))
		return refuse(q, (struct attempt_id){ task, -1, 1 }, &a, why);
	q->least = a.need.cpu < q->least ? a.need.cpu : q->least;
	q->fixed = grow(q->fixed, &q->cap, q->nfixed + 1, sizeof(*q->fixed));
	q->fixed[q->nfixed++] = a;
	q->task[task] = q->nfixed + 1;
	return true;
}

struct requests *requests_new(struct run *r, uint64_t machines)
{
	struct requests *q = xcalloc(1, sizeof(*q));
	int64_t jobs = r->opt->jobs;
	uint32_t bad = 0;

	q->r = r;
	q->arena = arena_new();
	q->all = machine_size(r->opt);
	q->task = xcalloc((size_t)r->job->ntask + 1, sizeof(*q->task));
	if (!jobs)
		jobs = q->all.cpu / ROOM_CPU ? q->all.cpu / ROOM_CPU : 1;
	if (!r->opt->jobs && machines)
		jobs = machines < SLOTS_MAX ? (int64_t)machines : SLOTS_MAX;
	q->share = q->all.cpu / jobs < ROOM_CPU ? q->all.cpu / jobs : ROOM_CPU;
	q->least = q->share;
	for (uint32_t t = 0; t < r->job->ntask && bad < SHOWN_TASKS; t++)
		bad += !check_task(q, t);
	if (!bad)
		return q;
	requests_free(q);
	return NULL;
}

void requests_free(struct requests *q)
{
	if (!q)
		return;
	arena_free(q->arena);
	free(q->fixed);
	free(q->task);
	free(q);
}

uint32_t requests_slots(const struct requests *q)
{
	int64_t n = q->all.cpu / q->least;

	return n < 1 ? 1 : n > SLOTS_MAX ? SLOTS_MAX : (uint32_t)n;
}

struct need requests_all(const struct requests *q)
{
	return q->all;
}
