/* test_sched.c - the scheduler against a naive model on random jobs, and its cost for a million instances. */
#include "runtime/sched.h"

#include "tests/unit/tap.h"

#include <stdlib.h>
#include <string.h>

enum { TASKS = 12, WIDTH = 5, EDGES = TASKS * TASKS };

struct world {
	struct names *names;
	struct job *job;
	struct jtask task[TASKS];
	struct jedge edge[EDGES];
	uint8_t st[TASKS][WIDTH]; /* the model's own idea: I_WAIT until final */
};

static unsigned seed;

static unsigned rnd(unsigned n)
{
	seed = seed * 1103515245u + 12345u;
	return (seed >> 16) % n;
}

static void random_job(struct world *w)
{
	memset(w, 0, sizeof(*w));
	w->names = names_new();
	w->job = job_new(w->names, NULL);
	w->job->task = w->task;
	w->job->ntask = 1 + rnd(TASKS);
	w->job->edge = w->edge;
	for (uint32_t t = 0; t < w->job->ntask; t++)
		w->task[t].count = rnd(8) ? 1 + (int64_t)rnd(WIDTH) : 0;
	for (uint32_t to = 1; to < w->job->ntask; to++) { /* sorted by (to, from) */
		for (uint32_t from = 0; from < to; from++) {
			bool same = w->task[from].count == w->task[to].count && rnd(2);

			/* an empty task that waits for nothing: else whether it was skipped is not in the model */
			if (rnd(3) == 0 && w->task[to].count)
				w->edge[w->job->nedge++] = (struct jedge){ .from = from, .to = to, .kind = same ? EDGE_SAME : EDGE_ALL, .data = rnd(2) };
		}
	}
}

static bool final(uint8_t st)
{
	return st == I_OK || st == I_FAIL || st == I_SKIP;
}

/* How the model sees instance i of t: I_OK may start, I_SKIP never will, I_WAIT. */
static enum inst_state model(const struct world *w, uint32_t t, uint32_t i)
{
	enum inst_state r = I_OK;

	for (uint32_t e = 0; e < w->job->nedge; e++) {
		const struct jedge *je = &w->edge[e];
		bool same = je->kind == EDGE_SAME && w->task[t].count > 1;

		if (je->to != t)
			continue;
		for (uint32_t k = 0; k < w->task[je->from].count; k++) {
			uint8_t st = w->st[je->from][k];

			if (same && k != i)
				continue;
			if (final(st) && st != I_OK)
				return I_SKIP;
			if (!final(st))
				r = I_WAIT;
		}
	}
	return r;
}

/* Let skips spread through the model: tasks are in topological order. */
static void spread(struct world *w)
{
	for (uint32_t t = 0; t < w->job->ntask; t++)
		for (uint32_t i = 0; i < w->task[t].count; i++)
			if (w->st[t][i] == I_WAIT && model(w, t, i) == I_SKIP)
				w->st[t][i] = I_SKIP;
}

struct going {
	uint32_t task, inst;
};

static bool start_one(struct world *w, struct sched *s, struct going *g, uint32_t *n)
{
	if (!sched_pop(s, &g[*n].task, &g[*n].inst))
		return false;
	if (model(w, g[*n].task, g[*n].inst) != I_OK || w->st[g[*n].task][g[*n].inst] != I_WAIT)
		return false;
	task_move(s, g[*n].task, g[*n].inst, I_RUN);
	w->st[g[*n].task][g[*n].inst] = I_RUN;
	(*n)++;
	return true;
}

static void end_one(struct world *w, struct sched *s, struct going *g, uint32_t *n)
{
	uint32_t k = rnd(*n);
	struct going x = g[k];
	enum inst_state to = rnd(10) == 0 ? I_FAIL : rnd(6) == 0 ? I_READY : I_OK;

	g[k] = g[--*n];
	w->st[x.task][x.inst] = (uint8_t)(to == I_READY ? I_WAIT : to);
	spread(w);
	task_move(s, x.task, x.inst, to);
}

/* Everything the model calls startable must have been offered; in the end all is final and equal. */
static bool same_end(const struct world *w, const struct sched *s)
{
	for (uint32_t t = 0; t < w->job->ntask; t++) {
		const struct stask *st = sched_task(s, t);

		if (st->phase != TP_DONE)
			return false;
		for (uint32_t i = 0; i < w->task[t].count; i++)
			if (w->st[t][i] != (st->dead ? I_SKIP : stask_state(st, i)))
				return false;
	}
	return true;
}

static bool play(unsigned sd)
{
	static struct world w;
	struct going g[TASKS * WIDTH];
	uint32_t n = 0, steps = 0;
	struct sched *s;
	bool same;

	seed = sd;
	random_job(&w);
	for (uint32_t t = 0; t < w.job->ntask; t++)
		memset(w.st[t], I_WAIT, (size_t)w.task[t].count);
	s = sched_new(w.job, NULL, NULL);
	sched_start(s);
	while (steps++ < 10000) {
		if (rnd(2) && start_one(&w, s, g, &n))
			continue;
		if (!n && !start_one(&w, s, g, &n))
			break;
		end_one(&w, s, g, &n);
	}
	same = same_end(&w, s);
	sched_free(s);
	w.job->task = NULL;
	w.job->ntask = w.job->nedge = 0;
	job_free(w.job);
	names_free(w.names);
	return same;
}

static void random_jobs(void)
{
	unsigned bad = 0;

	for (unsigned sd = 1; sd <= 5000 && !bad; sd++)
		if (!play(sd))
			bad = sd;
	is_int(bad, 0); /* the seed of the first job that did not end as the model says */
}

/* One scatter behind another, instance by instance. */
static void million(void)
{
	struct names *names = names_new();
	struct job *j = job_new(names, NULL);
	struct jtask t[3] = { { .count = 1000000 }, { .count = 1000000 }, { .count = 1 } };
	struct jedge e[2] = { { 0, 1, EDGE_SAME, true, 0 }, { 1, 2, EDGE_ALL, true, 0 } };
	struct sched *s;
	uint32_t task, inst, n = 0;

	j->task = t;
	j->ntask = 3;
	j->edge = e;
	j->nedge = 2;
	s = sched_new(j, NULL, NULL);
	sched_start(s);
	while (sched_pop(s, &task, &inst)) {
		task_move(s, task, inst, I_RUN);
		task_move(s, task, inst, I_OK);
		n++;
	}
	is_int(n, 2000001);
	is_int((int64_t)sched_sum(s, I_OK), 2000001);
	ok(sched_bytes(s) / n < 40);
	sched_free(s);
	j->task = NULL;
	j->ntask = j->nedge = 0;
	job_free(j);
	names_free(names);
}

/* 100,000 tasks in a chain: no recursion. */
static void chain(void)
{
	enum { N = 100000 };
	struct names *names = names_new();
	struct job *j = job_new(names, NULL);
	struct sched *s;
	uint32_t task, inst, n = 0;

	j->ntask = N;
	j->task = xcalloc(N, sizeof(*j->task));
	j->edge = xcalloc(N, sizeof(*j->edge));
	for (uint32_t t = 0; t < N; t++)
		j->task[t].count = 1;
	for (uint32_t t = 1; t < N; t++)
		j->edge[j->nedge++] = (struct jedge){ .from = t - 1, .to = t, .kind = EDGE_ALL, .data = true };
	s = sched_new(j, NULL, NULL);
	sched_start(s);
	while (sched_pop(s, &task, &inst)) {
		task_move(s, task, inst, I_RUN);
		task_move(s, task, inst, n++ < N / 2 ? I_OK : I_FAIL);
	}
	is_int(n, N / 2 + 1);
	is_int((int64_t)sched_sum(s, I_SKIP), N / 2 - 1);
	sched_free(s);
	free(j->task);
	free(j->edge);
	j->task = NULL;
	j->ntask = j->nedge = 0;
	job_free(j);
	names_free(names);
}

int main(void)
{
	random_jobs();
	million();
	chain();
	return tap_end();
}
