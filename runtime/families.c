/* families.c - see families.h.  How long an instance takes is known from earlier runs, or from enough others of this one. */
#include "runtime/families.h"

#include <stdlib.h>
#include <string.h>

#include "runtime/history.h"
#include "runtime/plan.h"

enum {
	SAMPLES = 32, /* instances of a task that the history is asked for */
	ENOUGH = 20,  /* done in this run: they say more than earlier ones */
};

struct family { /* of a task */
	int64_t before_ms;    /* mean of earlier runs; -1 unknown */
	int64_t sum_ms;       /* of those that this run has done: */
	uint32_t n;
	uint32_t retried;
	uint32_t causes;      /* bits of those that attempts ended with, as far as families_news was asked */
	int64_t first, last;  /* clock_ms when the first and the latest attempt began; 0: none has */
};
struct families {
	struct run *r;
	struct family *task;  /* [ntask] */
	uint32_t *open;       /* tasks that have begun and are not over, in order of their beginning */
	uint32_t nopen, cap;
};

struct families *families_new(struct run *r)
{
	struct families *f = xcalloc(1, sizeof(*f));

	f->r = r;
	f->task = xcalloc((size_t)r->job->ntask + 1, sizeof(*f->task));
	return f;
}

void families_free(struct families *f)
{
	free(f->task);
	free(f->open);
	free(f);
}

/* What instances of the task took when they last succeeded, a few of them asked. */
static int64_t mean_before(struct run *r, uint32_t task)
{
	const char *nm = plan_task_name(r->plan, task);
	uint32_t count = sched_task(r->sched, task)->count, step = count / SAMPLES + 1, n = 0;
	int64_t sum = 0;
	struct rec_done d;

	if (!history_any(r->plan->h, nm))
		return -1;
	for (uint32_t i = 0; i < count; i += step)
		if (history_done(r->plan->h, nm, plan_key(r->plan, task, i), &d) && d.wall_ms >= 0 && !d.adopted) {
			sum += d.wall_ms;
			n++;
		}
	return n ? sum / n : -1;
}

void families_begun(struct families *f, uint32_t task)
{
	struct family *t = &f->task[task];

	t->last = clock_ms();
	if (t->first)
		return;
	t->first = t->last;
	t->before_ms = mean_before(f->r, task);
	f->open = grow(f->open, &f->cap, f->nopen + 1, sizeof(*f->open));
	f->open[f->nopen++] = task;
}

void families_ended(struct families *f, const struct event *ev, bool again)
{
	struct family *t = &f->task[ev->id.task];

	t->retried += again;
	if (ev->cause == R_DONE && ev->wall_ms >= 0) {
		t->sum_ms += ev->wall_ms;
		t->n++;
	}
}

bool families_news(struct families *f, const struct event *ev)
{
	uint32_t bit = 1u << ev->cause, had = f->task[ev->id.task].causes & bit;

	f->task[ev->id.task].causes |= bit;
	return !had;
}

int64_t families_task(struct families *f, uint32_t task)
{
	uint32_t i = 0;

	if (!f->task[task].first)
		return -1;
	while (i < f->nopen && f->open[i] != task)
		i++;
	if (i < f->nopen)
		memmove(&f->open[i], &f->open[i + 1], (--f->nopen - i) * sizeof(*f->open));
	return clock_ms() - f->task[task].first;
}

/* ---- rows ---- */

/* How long the rest takes with as many at once as now; -1: nothing to tell it from. */
static int64_t eta(const struct family *t, uint64_t running, uint64_t queued)
{
	int64_t mean = t->n >= ENOUGH ? t->sum_ms / t->n : t->before_ms, since = clock_ms() - t->last;

	if (mean < 0 || !running)
		return -1;
	if (!queued) /* the last wave, as far as it is */
		return since < mean ? mean - since : -1;
	return (int64_t)((double)mean * ((double)queued + (double)running / 2) / (double)running);
}

static struct screen_row row_of(const struct families *f, uint32_t task)
{
	const struct stask *t = sched_task(f->r->sched, task);
	const struct family *fam = &f->task[task];
	uint64_t done = (uint64_t)stask_n(t, I_OK) + stask_n(t, I_KEPT) + stask_n(t, I_FAIL) + stask_n(t, I_SKIP) + stask_n(t, I_CANCEL);
	uint64_t queued = (uint64_t)stask_n(t, I_READY) + stask_n(t, I_WAIT);
	name label = task_str(&f->r->job->task[task], SET_LABEL);

	return (struct screen_row){ .name = name_str(f->r->job->names, label ? label : f->r->job->task[task].name),
		.total = done + queued + stask_n(t, I_RUN), .done = done, .running = stask_n(t, I_RUN), .queued = queued,
		.failed = stask_n(t, I_FAIL), .retried = fam->retried, .eta_ms = eta(fam, stask_n(t, I_RUN), queued) };
}

uint32_t families_rows(struct families *f, struct screen_row *row, uint32_t most, uint32_t *more)
{
	uint32_t n = f->nopen < most ? f->nopen : most;

	for (uint32_t i = 0; i < n; i++)
		row[i] = row_of(f, f->open[i]);
	*more = f->nopen - n;
	return n;
}
