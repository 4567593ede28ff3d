/* prop_order.c - on random graphs, order.c and a closure of all instances agree about every pair of tasks.  Usage:
 * prop_order [COUNT [SEED]]; a failure prints its seed. */
#include "compiler/order.h"

#include <stdio.h>
#include <stdlib.h>

enum { MOST = 40 };

static uint64_t state;

static uint32_t roll(uint32_t n)
{
	state ^= state >> 12;
	state ^= state << 25;
	state ^= state >> 27;
	return (uint32_t)((state * 0x2545f4914f6cdd1dULL) >> 33) % n;
}

struct graph {
	struct job job;
	struct jtask task[MOST];
	struct jedge edge[MOST * MOST];
	uint32_t number[MOST]; /* tasks in an order in which edges go forward */
	enum ordering way[MOST][MOST];
};

static void edges(struct graph *g)
{
	uint32_t n = g->job.ntask, dense = 1 + roll(20), a, b;

	for (a = 0; a < n; a++)
		g->number[a] = a;
	for (a = n; a-- > 1;) {
		uint32_t k = roll(a + 1), keep = g->number[a];

		g->number[a] = g->number[k];
		g->number[k] = keep;
	}
	for (b = 0; b < n; b++)
		for (a = 0; a < b; a++)
			if (roll(dense) == 0)
				g->edge[g->job.nedge++] = (struct jedge){ .from = g->number[a], .to = g->number[b],
					.kind = g->task[g->number[a]].count == g->task[g->number[b]].count && roll(3) ? EDGE_SAME : EDGE_ALL };
}

static enum ordering over(const struct graph *g, const struct jedge *e)
{
	return e->kind == EDGE_SAME && g->task[e->from].count != 1 ? ORDER_SAME : ORDER_ALL;
}

/* Edges are in the order of their later ends: what leads to the earlier end is known. */
static void close_over(struct graph *g)
{
	for (uint32_t i = 0; i < g->job.nedge; i++) {
		const struct jedge *e = &g->edge[i];
		enum ordering w = over(g, e), through;

		for (uint32_t t = 0; t < g->job.ntask; t++) {
			through = g->way[t][e->from] == ORDER_NONE ? ORDER_NONE : w == ORDER_ALL ? ORDER_ALL : g->way[t][e->from];
			if (through > g->way[t][e->to])
				g->way[t][e->to] = through;
		}
		if (w > g->way[e->from][e->to])
			g->way[e->from][e->to] = w;
	}
}

static bool agrees(struct graph *g)
{
	struct order *o = order_new(&g->job);
	bool ok = o->nsorted == g->job.ntask;

	for (uint32_t a = 0; a < g->job.ntask; a++)
		for (uint32_t b = 0; b < g->job.ntask; b++) {
			ok = ok && order_before(o, a, b) == g->way[a][b];
			ok = ok && order_between(o, a, b) == (g->way[a][b] ? g->way[a][b] : g->way[b][a]);
		}
	order_free(o);
	return ok;
}

int main(int argc, char **argv)
{
	uint64_t count = argc > 1 ? strtoull(argv[1], NULL, 10) : 1000, seed = argc > 2 ? strtoull(argv[2], NULL, 10) : 1;
	uint32_t failed = 0;

	for (uint64_t end = seed + count; seed < end; seed++) {
		struct graph *g = xcalloc(1, sizeof *g);

		state = (seed + 1) * 0x9e3779b97f4a7c15ULL | 1;
		g->job.ntask = 1 + roll(MOST);
		g->job.task = g->task;
		g->job.edge = g->edge;
		for (uint32_t t = 0; t < g->job.ntask; t++)
			g->task[t].count = roll(4) ? 7 : 1;
		edges(g);
		close_over(g);
		if (!agrees(g)) {
			printf("not ok - order of seed %llu\n", (unsigned long long)seed);
			failed++;
		}
		free(g);
	}
	printf("%s - order of the tasks of %llu graphs\n1..1\n", failed ? "not ok" : "ok", (unsigned long long)count);
	return failed != 0;
}
