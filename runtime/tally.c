/* tally.c - see tally.h. */
#include "runtime/tally.h"

#include <stdlib.h>
#include <string.h>

#include "base/name.h"
#include "runtime/cause.h"

#define TIME_MOST (INT64_C(1) << 52)
#define RSS_MOST (INT64_C(1) << 60)
#define CPU_MOST (INT64_C(1) << 50) /* a million cpus */

struct adding {
	struct tally *t;
	struct names *names;
	uint32_t *place;      /* by name: place of its task + 1 */
	uint32_t nplace, cap;
	struct rec_param *param;
	uint32_t paramcap;
};

static uint32_t task_of(struct adding *s, const char *nm)
{
	name id = name_ofs(s->names, nm);
	struct tally *t = s->t;

	if (id >= s->nplace) {
		s->place = grow(s->place, &s->cap, id + 1, sizeof(*s->place));
		memset(s->place + s->nplace, 0, (s->cap - s->nplace) * sizeof(*s->place));
		s->nplace = s->cap;
	}
	if (s->place[id])
		return s->place[id] - 1;
	t->task = grow(t->task, &t->cap, t->ntask + 1, sizeof(*t->task));
	t->task[t->ntask] = (struct tally_task){ .name = nm, .label = "", .instances = -1, .cpu = -1, .mem = -1, .limit_ms = -1,
		.longest_ms = -1, .max_rss = -1, .begin_ms = -1, .end_ms = -1, .last_begin_ms = -1, .last_key = "" };
	s->place[id] = ++t->ntask;
	return t->ntask - 1;
}

/* ---- what the run is made of ---- */

static void add_preds(struct tally *t, struct tally_task *k, const struct rec_task *r)
{
	uint32_t *pred = arena_alloc(t->arena, r->npred * sizeof(*pred)), n = 0;
	bool *data = arena_alloc(t->arena, r->npred * sizeof(*data));

	for (const unsigned char *at = r->preds; rec_pred_next(r, &at, &pred[n], &data[n]);)
		if (++n == r->npred)
			break;
	k->pred = pred;
	k->data = data;
	k->npred = n;
}

static void add_task(struct adding *s, const struct rec_task *r)
{
	uint32_t place = task_of(s, r->name);
	struct tally_task *k = &s->t->task[place];

	k->label = r->label;
	k->instances = r->instances;
	k->cpu = r->cpu < CPU_MOST ? r->cpu : -1;
	k->mem = r->mem < RSS_MOST ? r->mem : -1;
	k->limit_ms = r->limit_ms;
	s->t->shaped = true;
	if (r->npred)
		add_preds(s->t, k, r);
}

static bool see_shape(void *ctx, uint64_t off, uint8_t kind, const unsigned char *p, size_t n)
{
	struct adding *s = ctx;
	struct tally *t = s->t;
	struct rec_param param;
	struct rec_task task;

	if (off <= t->run->from)
		return true;
	if (kind == RK_TASK && rec_read_task(p, n, &task) && task.run == t->run->run.run) {
		add_task(s, &task);
	} else if (kind == RK_PARAM && rec_read_param(p, n, &param) && param.run == t->run->run.run) {
		s->param = grow(s->param, &s->paramcap, t->nparam + 1, sizeof(*s->param));
		s->param[t->nparam++] = param;
	}
	return off <= t->run->to && kind != RK_BEGIN;
}

/* A place of a task that is not there means nothing. */
static void check_preds(struct tally *t)
{
	for (uint32_t i = 0; i < t->ntask; i++)
		for (uint32_t k = 0; k < t->task[i].npred; k++)
			if (t->task[i].pred[k] >= t->ntask)
				t->task[i].npred = k;
}

/* ---- instances ---- */

/* The time of an instance, spread over the slices in which it ran. */
static void spread(const struct tally *t, double *slice, int64_t begin, int64_t end)
{
	double len = (double)(t->to_ms - t->from_ms) / TALLY_SLICES;
	double from = (double)(begin - t->from_ms) / len, to = (double)(end - t->from_ms) / len;

	for (int i = (int)from; i < TALLY_SLICES && i < to; i++) {
		double lo = i > from ? i : from, hi = i + 1 < to ? i + 1 : to;

		slice[i] += hi - lo;
	}
}

static int64_t within(int64_t ms, int64_t lo, int64_t hi)
{
	return ms < lo ? lo : ms > hi ? hi : ms;
}

/* Clocks may disagree: no instance is outside of its run. */
static void add_times(struct tally *t, struct tally_task *k, uint32_t place, const struct past_attempt *a)
{
	int64_t begin = within(a->begin_ms, t->from_ms, t->to_ms), end = within(a->end_ms, begin, t->to_ms);

	if (a->begin_ms < 0 || a->adopted)
		return;
	end = a->end_ms < 0 ? t->to_ms : end;
	if (k->begin_ms < 0) {
		t->row[t->nrow++] = place;
		if (t->nrow <= TALLY_ROWS)
			k->slice = arena_zalloc(t->arena, TALLY_SLICES, sizeof(*k->slice));
	}
	k->begin_ms = k->begin_ms < 0 || begin < k->begin_ms ? begin : k->begin_ms;
	if (end > k->end_ms) {
		k->end_ms = end;
		k->last_begin_ms = begin;
		k->last_key = a->who.key;
	}
	spread(t, k->slice ? k->slice : t->rest, begin, end);
}

static void add_use(struct tally_task *k, const struct past_attempt *a)
{
	if (a->wall_ms >= 0 && a->wall_ms < PAST_LONGEST_MS && !a->adopted) {
		k->timed++;
		k->wall_ms += a->wall_ms;
		k->cpu_ms += a->cpu_ms > 0 && a->cpu_ms < PAST_LONGEST_MS ? a->cpu_ms : 0;
		k->longest_ms = a->wall_ms > k->longest_ms ? a->wall_ms : k->longest_ms;
	}
	if (a->max_rss >= 0 && a->max_rss < RSS_MOST) {
		k->measured++;
		k->max_rss = a->max_rss > k->max_rss ? a->max_rss : k->max_rss;
	}
}

static void add_outs(struct tally *t, struct tally_task *k, uint32_t place, const struct past_attempt *a)
{
	struct rec_out o;

	for (const unsigned char *at = a->done.outs; rec_out_next(&a->done, &at, &o);) {
		struct digest d = digest_of(o.path, strlen(o.path), o.digest.lo);

		k->outs.lo += d.lo ^ o.digest.hi;
		k->outs.hi += d.hi ^ o.digest.lo;
		k->nout++;
		t->nout++;
		if (t->nfile < TALLY_FILES && o.kind == OUT_FILE)
			t->file[t->nfile++] = (struct tally_file){ place, o.path, o.digest };
	}
}

static bool add_attempt(void *ctx, const struct past_attempt *a)
{
	struct adding *s = ctx;
	struct tally *t = s->t;
	uint32_t place = task_of(s, a->who.task);
	struct tally_task *k = &t->task[place];

	k->n[a->state]++;
	k->adopted += a->adopted;
	k->retried += a->attempt > 1;
	k->no_memory += a->cause == R_OOM && a->state != PAST_DONE;
	add_times(t, k, place, a);
	add_use(k, a);
	if (a->state == PAST_DONE)
		add_outs(t, k, place, a);
	return true;
}

uint64_t tally_failed(const struct tally *t, const struct tally_task *k)
{
	return k->n[PAST_FAILED] + (t->run->life == PAST_LIVE ? 0 : k->n[PAST_AGAIN]);
}

/* ---- the critical path ---- */

/* Of the tasks before it, the one that ended last. */
static uint32_t held_by(const struct tally *t, uint32_t task)
{
	const struct tally_task *k = &t->task[task];
	uint32_t best = UINT32_MAX;

	for (uint32_t i = 0; i < k->npred; i++) {
		int64_t end = t->task[k->pred[i]].end_ms;

		if (end >= 0 && (best == UINT32_MAX || end > t->task[best].end_ms))
			best = k->pred[i];
	}
	return best;
}

static void find_path(struct tally *t)
{
	uint32_t at = UINT32_MAX, n = 0;

	for (uint32_t i = 0; i < t->nrow; i++)
		if (at == UINT32_MAX || t->task[t->row[i]].end_ms > t->task[at].end_ms)
			at = t->row[i];
	t->path = arena_alloc(t->arena, ((size_t)t->ntask + 1) * sizeof(*t->path));
	for (; at != UINT32_MAX && n < t->ntask; at = held_by(t, at)) /* a damaged record may hold a cycle */
		t->path[n++] = at;
	t->npath = n;
	for (uint32_t i = 0; i < n / 2; i++) {
		uint32_t last = t->path[n - 1 - i];

		t->path[n - 1 - i] = t->path[i];
		t->path[i] = last;
	}
}

struct tally *tally_new(const struct journal *j, const struct past_run *run, const struct past *p)
{
	struct tally *t = xcalloc(1, sizeof(*t));
	struct adding s = { .t = t, .names = names_new() };

	t->arena = arena_new();
	t->run = run;
	t->from_ms = run->run.time_ms < 0 || run->run.time_ms > TIME_MOST ? 0 : run->run.time_ms;
	t->to_ms = run->end.time_ms > t->from_ms && run->end.time_ms <= TIME_MOST ? run->end.time_ms : t->from_ms + 1;
	t->rest = arena_zalloc(t->arena, TALLY_SLICES, sizeof(*t->rest));
	t->file = arena_alloc(t->arena, TALLY_FILES * sizeof(*t->file));
	journal_each(j, see_shape, &s);
	check_preds(t);
	t->row = arena_alloc(t->arena, ((size_t)t->ntask + past_ntask(p) + 1) * sizeof(*t->row));
	past_each(p, add_attempt, &s);
	t->param = s.param;
	find_path(t);
	free(s.place);
	names_free(s.names);
	return t;
}

void tally_free(struct tally *t)
{
	free((void *)(uintptr_t)t->param);
	free(t->task);
	arena_free(t->arena);
	free(t);
}
