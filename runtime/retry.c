/* retry.c - a heap of instances by the time of their next attempt; one timer for the first of them. */
#include "runtime/retry.h"

#include <stdlib.h>

struct retries {
	struct waiting {
		int64_t at; /* clock_ms */
		uint32_t task, inst;
	} *v;
	uint32_t n, cap;
};

static void push(struct retries *q, struct waiting w)
{
	uint32_t i = q->n++;

	q->v = grow(q->v, &q->cap, q->n, sizeof(*q->v));
	for (; i && w.at < q->v[(i - 1) / 2].at; i = (i - 1) / 2)
		q->v[i] = q->v[(i - 1) / 2];
	q->v[i] = w;
}

static struct waiting pop(struct retries *q)
{
	struct waiting first = q->v[0], last = q->v[--q->n];
	uint32_t i = 0;

	for (;;) {
		uint32_t c = 2 * i + 1;

		if (c + 1 < q->n && q->v[c + 1].at < q->v[c].at)
			c++;
		if (c >= q->n || q->v[c].at >= last.at)
			break;
		q->v[i] = q->v[c];
		i = c;
	}
	if (q->n)
		q->v[i] = last;
	return first;
}

void retry_add(struct run *r, const struct event *ev)
{
	int64_t ms = cause_backoff(&r->job->task[ev->id.task], ev->cause, ev->id.attempt);
	uint32_t task = ev->id.task, inst = (uint32_t)ev->id.instance;

	if (ms <= 0) {
		task_move(r->sched, task, inst, I_READY);
		return;
	}
	sched_later(r->sched, task, inst);
	if (!r->retries)
		r->retries = xcalloc(1, sizeof(*r->retries));
	push(r->retries, (struct waiting){ clock_ms() + ms, task, inst });
	loop_timer(&r->loop, TIMER_RETRY, r->retries->v[0].at);
}

void retry_due(struct run *r)
{
	struct retries *q = r->retries;
	int64_t now = clock_ms();

	while (q && q->n && q->v[0].at <= now) {
		struct waiting w = pop(q);

		sched_again(r->sched, w.task, w.inst);
	}
	loop_timer(&r->loop, TIMER_RETRY, q && q->n ? q->v[0].at : -1);
}

void retry_cancelled(struct run *r)
{
	struct retries *q = r->retries;
	uint32_t n = q ? q->n : 0;

	if (!n)
		return;
	q->n = 0;
	for (uint32_t i = 0; i < n; i++) {
		struct waiting w = q->v[i];

		if (run_cancelled(r, w.task, w.inst))
			sched_again(r->sched, w.task, w.inst);
		else
			push(q, w); /* never behind the one that is looked at */
	}
	loop_timer(&r->loop, TIMER_RETRY, q->n ? q->v[0].at : -1);
}

bool retry_waits(const struct run *r)
{
	return r->retries && r->retries->n;
}

void retry_free(struct run *r)
{
	if (r->retries)
		free(r->retries->v);
	free(r->retries);
	r->retries = NULL;
}
