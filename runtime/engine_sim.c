/* engine_sim.c - a fake world with a clock of its own: how a run would go, from a seed.
 *
 * How long an attempt takes and how it ends depends on nothing but the seed, its task, instance and attempt, what `sim` blocks of
 * the site file say, and how long the instance took when it really ran.  So a forecast is the same whenever it is asked for. */
#include "runtime/driver.h"
#include "runtime/plan.h"
#include "runtime/seats.h"

#include <stdlib.h>
#include <string.h>

#include "job/site.h"

enum { TIME_MS = 60000 /* of what nobody knows anything about */, TIME_MOST = 1000000000 /* s */ };

struct fake { /* an attempt under way */
	int64_t start, end; /* clock_ms */
	uint64_t order;     /* among those that end together */
	struct attempt_id id;
	enum run_cause cause;
	int status;
	bool fresh;         /* EV_STARTED is due */
	struct taken taken;
};
struct kind { /* what is known of a task */
	int64_t time;       /* ms of an attempt; 0: not looked at */
	double spread, fail, lost;
	int64_t bad, status;
	bool said;          /* the site file says how long: what was measured does not count */
};
struct sim {
	struct seats seats;
	struct fake *v;     /* a heap by end and order */
	uint32_t n, cap, fresh;
	uint64_t order, seed;
	struct kind *kind;  /* [ntask] */
	int64_t *sum;       /* [ntask] ms that instances of the task took */
	uint32_t *count;    /* [ntask] and how many */
	struct arena *arena; /* of one question */
};

/* ---- chance ---- */

static uint64_t mix(uint64_t x)
{
	x += 0x9e3779b97f4a7c15u;
	x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9u;
	x = (x ^ x >> 27) * 0x94d049bb133111ebu;
	return x ^ x >> 31;
}

/* A number from 0 to below 1 that belongs to this attempt and PURPOSE. */
static double chance(const struct run *r, struct attempt_id id, uint64_t purpose)
{
	const struct sim *s = r->engine_data;
	uint64_t h = mix(s->seed) ^ purpose;

	for (const char *p = name_str(r->job->names, r->job->task[id.task].name); *p; p++)
		h = mix(h ^ (unsigned char)*p);
	h = mix(mix(h ^ (uint64_t)id.instance) ^ (uint64_t)id.attempt);
	return (double)(h >> 11) / (double)(UINT64_C(1) << 53);
}

/* ---- what is known ---- */

static bool add_past(void *ctx, const struct rec_done *d)
{
	struct run *r = ctx;
	struct sim *s = r->engine_data;
	name nm = name_find(r->job->names, d->who.task, strlen(d->who.task));
	uint32_t t = nm ? job_task(r->job, nm) : UINT32_MAX;

	if (t != UINT32_MAX && d->wall_ms >= 0) {
		s->sum[t] += d->wall_ms;
		s->count[t]++;
	}
	return true;
}

/* A value of the task's own block, else of the one for all tasks. */
static const struct site_value *said(const struct run *r, uint32_t task, enum site_key k)
{
	const struct site_value *v = site_value(site_find(r->opt->site, SITE_SIM, name_str(r->job->names, r->job->task[task].name)), k);

	return v ? v : site_value(site_find(r->opt->site, SITE_SIM, "*"), k);
}

static double share(const struct run *r, uint32_t task, enum site_key k)
{
	const struct site_value *v = said(r, task, k);

	return !v || !(v->d > 0) ? 0 : v->d > 1 ? 1 : v->d;
}

static const struct kind *kind_of(struct run *r, uint32_t task)
{
	struct sim *s = r->engine_data;
	struct kind *k = &s->kind[task];
	const struct site_value *time, *v;

	if (k->time)
		return k;
	time = said(r, task, SK_SIM_time);
	k->said = time != NULL;
	k->time = time ? time->i : s->count[task] ? s->sum[task] / s->count[task] : TIME_MS;
	k->time = k->time < 1 ? 1 : k->time / 1000 > TIME_MOST ? (int64_t)TIME_MOST * 1000 : k->time;
	k->spread = share(r, task, SK_SIM_spread);
	k->fail = share(r, task, SK_SIM_fail);
	k->lost = share(r, task, SK_SIM_lost);
	v = said(r, task, SK_SIM_bad);
	k->bad = v ? v->i : 0;
	v = said(r, task, SK_SIM_status);
	k->status = v && v->i > 0 && v->i < 256 ? v->i : 1;
	return k;
}

static int64_t duration(struct run *r, struct attempt_id id, const struct kind *k)
{
	struct rec_done d;
	int64_t ms = k->time;
	const char *key;
	double x;

	if (!k->said) {
		key = plan_key(r->plan, id.task, id.instance);
		if (history_done(r->plan->h, plan_task_name(r->plan, id.task), key, &d) && d.wall_ms > 0)
			ms = d.wall_ms;
	}
	x = (double)ms * (1 + k->spread * (2 * chance(r, id, 1) - 1));
	return x < 1 ? 1 : (int64_t)x;
}

static int64_t limit(struct run *r, struct attempt_id id)
{
	struct sim *s = r->engine_data;
	struct jctx c = { .job = r->job, .arena = s->arena, .task = id.task, .instance = id.instance, .attempt = id.attempt };
	int64_t ms = stage_limit(&c);

	arena_reset(s->arena, (struct arena_mark){ 0 });
	return ms;
}

static void fate(struct run *r, struct fake *f)
{
	const struct kind *k = kind_of(r, f->id.task);
	int64_t ms = duration(r, f->id, k), most = limit(r, f->id);

	f->cause = R_DONE;
	if (chance(r, f->id, 2) < k->lost) {
		f->cause = R_NODE;
		ms = (int64_t)((double)ms * chance(r, f->id, 3)) + 1;
	} else if (f->id.attempt <= k->bad || chance(r, f->id, 4) < k->fail) {
		f->cause = R_EXIT;
		f->status = (int)k->status;
	}
	if (most > 0 && ms > most) {
		f->cause = R_TIMEOUT;
		f->status = (int)(most / 1000);
		ms = most;
	}
	f->end = f->start + ms;
}

/* ---- what is under way ---- */

static bool before(const struct fake *a, const struct fake *b)
{
	return a->end != b->end ? a->end < b->end : a->order < b->order;
}

static void sift_up(struct sim *s, uint32_t i, struct fake f)
{
	for (; i && before(&f, &s->v[(i - 1) / 2]); i = (i - 1) / 2)
		s->v[i] = s->v[(i - 1) / 2];
	s->v[i] = f;
}

static struct fake pop(struct sim *s)
{
	struct fake first = s->v[0], last = s->v[--s->n];
	uint32_t i = 0, c;

	while ((c = 2 * i + 1) < s->n) {
		c += c + 1 < s->n && before(&s->v[c + 1], &s->v[c]);
		if (!before(&s->v[c], &last))
			break;
		s->v[i] = s->v[c];
		i = c;
	}
	if (s->n)
		s->v[i] = last;
	return first;
}

/* ---- operations ---- */

/* A forecast says what it is not founded on. */
static void tell_assumed(struct run *r)
{
	const struct sim *s = r->engine_data;
	uint32_t n = 0;

	for (uint32_t t = 0; t < r->job->ntask; t++)
		n += sched_task(r->sched, t)->phase != TP_OFF && !kind_of(r, t)->said && !s->count[t];
	if (n && !r->opt->quiet)
		fprintf(r->opt->err, "sim: %u task%s never ran here and %s assumed to take a minute (`sim` blocks of a site file say better)\n",
			n, n == 1 ? "" : "s", n == 1 ? "is" : "are");
}

static bool sim_open(struct run *r)
{
	struct sim *s = xcalloc(1, sizeof(*s));
	const struct site_value *seed = site_value(site_find(r->opt->site, SITE_SIM, "*"), SK_SIM_seed);

	r->engine_data = s;
	s->arena = arena_new();
	s->seed = r->opt->seed ? (uint64_t)r->opt->seed : seed ? (uint64_t)seed->i : 1;
	s->kind = xcalloc((size_t)r->job->ntask + 1, sizeof(*s->kind));
	s->sum = xcalloc((size_t)r->job->ntask + 1, sizeof(*s->sum));
	s->count = xcalloc((size_t)r->job->ntask + 1, sizeof(*s->count));
	history_each(r->plan->h, add_past, r);
	seats_open(r, &s->seats);
	tell_assumed(r);
	r->start = clock_ms(); /* deciding took real time */
	clock_fake(r->start);
	return true;
}

static bool sim_fits(struct run *r, struct attempt_id id, uint32_t passed)
{
	struct sim *s = r->engine_data;

	return seats_fit(r, &s->seats, id, passed);
}

static bool sim_submit(struct run *r, struct attempt_id id)
{
	struct sim *s = r->engine_data;
	struct fake f = { .start = clock_ms(), .order = s->order++, .id = id, .fresh = r->opt->verbose };

	f.taken = seats_take(r, &s->seats, id.task);
	fate(r, &f);
	if (s->seats.never) {
		f.cause = R_SPAWN;
		f.end = f.start;
	}
	s->fresh += f.fresh;
	s->v = grow(s->v, &s->cap, s->n + 1, sizeof(*s->v));
	sift_up(s, s->n++, f);
	return true;
}

/* At once: nothing here minds. */
static void end_now(struct run *r, bool all)
{
	struct sim *s = r->engine_data;
	uint32_t n = s->n;

	s->n = 0;
	for (uint32_t i = 0; i < n; i++) {
		struct fake f = s->v[i];

		if (all || run_cancelled(r, f.id.task, (uint32_t)f.id.instance)) {
			f.cause = R_CANCEL;
			f.end = clock_ms();
		}
		sift_up(s, s->n++, f);
	}
}

static void sim_cancel(struct run *r, int grace_ms)
{
	(void)grace_ms;
	end_now(r, true);
}

static void sim_cancel_some(struct run *r, int grace_ms)
{
	(void)grace_ms;
	end_now(r, false);
}

static int sim_watch(struct run *r)
{
	const struct sim *s = r->engine_data;
	int64_t ms = s->n && !s->fresh ? s->v[0].end - clock_ms() : 0;

	return !s->n ? -1 : ms > INT32_MAX ? INT32_MAX : ms < 0 ? 0 : (int)ms;
}

static void sim_timer(struct run *r, uint32_t id)
{
	(void)r, (void)id; /* it has none */
}

static void emit_started(struct sim *s, event_fn *emit, void *ctx)
{
	for (uint32_t i = 0; s->fresh && i < s->n; i++) {
		struct event ev = { .id = s->v[i].id, .kind = EV_STARTED, .cpu_ms = -1, .max_rss = -1 };

		if (s->v[i].fresh)
			emit(ctx, &ev);
		s->fresh -= s->v[i].fresh;
		s->v[i].fresh = false;
	}
}

static void sim_turn(struct run *r, event_fn *emit, void *ctx)
{
	struct sim *s = r->engine_data;

	emit_started(s, emit, ctx);
	while (s->n && s->v[0].end <= clock_ms()) {
		struct fake f = pop(s);
		struct event ev = { .id = f.id, .kind = EV_ENDED, .cause = f.cause, .status = f.status, .wall_ms = f.end - f.start,
			.cpu_ms = -1, .max_rss = -1, .mem_peak = -1, .text = f.cause == R_SPAWN ? s->seats.never : NULL };

		seats_give(r, &s->seats, f.id.task, &f.taken);
		emit(ctx, &ev);
	}
}

static void sim_close(struct run *r)
{
	struct sim *s = r->engine_data;

	clock_fake(-1);
	arena_free(s->arena);
	free(s->v);
	free(s->kind);
	free(s->sum);
	free(s->count);
	free(s);
}

const struct engine_ops engine_sim = { .name = "sim", .forecast = true, .open = sim_open, .submit = sim_submit,
	.cancel = sim_cancel, .cancel_some = sim_cancel_some, .watch = sim_watch, .timer = sim_timer, .turn = sim_turn,
	.close = sim_close, .check = seats_check, .fits = sim_fits };
