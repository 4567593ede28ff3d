/* check_graph.c - the cycle check: what is left when the tasks are sorted (order.c) waits for another one that is left,
 * so walking backwards must come round. */
#include "compiler/check.h"
#include "compiler/check_util.h"

#include <stdlib.h>
#include <string.h>

enum { SHOWN = 20 }; /* arrows of a cycle that are shown each at its place */

/* The first edge into a task from one that is left too: edges are sorted by `to`. */
static uint32_t edge_into(const struct order *k, uint32_t task)
{
	uint32_t lo = 0, hi = k->j->nedge;

	while (lo < hi) {
		uint32_t mid = lo + (hi - lo) / 2;

		if (k->j->edge[mid].to < task)
			lo = mid + 1;
		else
			hi = mid;
	}
	while (k->needs[k->j->edge[lo].from] == 0)
		lo++;
	return lo;
}

static void cycle_keep(struct job *j, const uint32_t *path, uint32_t n)
{
	uint32_t i;

	j->cyclic = true;
	j->ncycle = n;
	j->cycle = arena_alloc(j->arena, n * sizeof *j->cycle);
	for (i = 0; i < n; i++) /* found backwards */
		j->cycle[i] = path[n - 1 - i];
}

static void cycle_find(const struct order *k, struct job *j)
{
	uint32_t *path = xcalloc((size_t)j->ntask + 1, sizeof *path);
	uint32_t *seen = xcalloc((size_t)j->ntask + 1, sizeof *seen);
	uint32_t n = 0, t = 0;

	while (k->needs[t] == 0)
		t++;
	while (!seen[t]) {
		seen[t] = n + 1;
		path[n] = edge_into(k, t);
		t = j->edge[path[n++]].from;
	}
	cycle_keep(j, path + (seen[t] - 1), n - (seen[t] - 1));
	free(path);
	free(seen);
}

static const char *arrow(const struct session *s, uint32_t i)
{
	const struct jedge *e = &s->job->edge[s->job->cycle[i]];

	return arena_printf(s->diags->arena, _("`%s` waits for `%s`"), name_str(s->names, s->job->task[e->to].name),
		name_str(s->names, s->job->task[e->from].name));
}

/* The loop in the order in which the tasks would have to run. */
static void loop_note(struct session *s)
{
	const struct job *j = s->job;
	struct buf b;
	uint32_t i;

	buf_init(&b, 1 << 16);
	for (i = 0; i < j->ncycle && i < SHOWN; i++)
		buf_addf(&b, "%s -> ", name_str(s->names, j->task[j->edge[j->cycle[i]].from].name));
	buf_adds(&b, i < j->ncycle ? "... -> " : "");
	buf_adds(&b, name_str(s->names, j->task[j->edge[j->cycle[0]].from].name));
	diag_note(s->diags, "the loop: %s", buf_str(&b));
	buf_free(&b);
}

static void cycle_report(struct session *s)
{
	const struct job *j = s->job;
	uint32_t i;

	if (j->ncycle == 1) {
		const struct jedge *e = &j->edge[j->cycle[0]];

		diag_error(s->diags, E0701, edge_span(j, j->cycle[0]), "task `%s` waits for itself", name_str(s->names, j->task[e->to].name));
		return;
	}
	diag_error(s->diags, E0701, edge_span(j, j->cycle[0]), "%u tasks wait for each other", j->ncycle);
	diag_label(s->diags, "%s", arrow(s, 0));
	for (i = 1; i < j->ncycle && i < SHOWN; i++)
		diag_at(s->diags, edge_span(j, j->cycle[i]), "%s", arrow(s, i));
	loop_note(s);
}

void check_cycle(struct session *s)
{
	const struct order *o = order_of(s);

	if (o->nsorted == s->job->ntask)
		return;
	cycle_find(o, s->job);
	cycle_report(s);
}
