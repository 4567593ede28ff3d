/* graph_pic.c - from a job to the boxes and arrows of its picture: collapsed, grouped or expanded. */
#include "compiler/graph_pic.h"

#include <stdlib.h>
#include <string.h>

enum {
	LIMIT = 200,     /* instances drawn of an expanded task */
	GROUP_ABOVE = 100, /* tasks drawn one by one */
};

static uint32_t node_add(struct pic *p, struct pic_node n)
{
	p->node = grow(p->node, &p->ncap, p->n + 1, sizeof *p->node);
	p->node[p->n] = n;
	return p->n++;
}

static void edge_add(struct pic *p, uint32_t from, uint32_t to, uint32_t edge, bool tail, bool label)
{
	p->edge = grow(p->edge, &p->mcap, p->m + 1, sizeof *p->edge);
	p->edge[p->m++] = (struct pic_edge){ .from = from, .to = to, .edge = edge, .cycle = p->on_cycle[edge],
		.tail = tail, .label = label };
}

/* --- which tasks are expanded --- */

static bool unknown_task(const struct pic *p, const char *text, struct diags *d)
{
	const struct job *j = p->job;
	struct suggest s = { .to = text };

	for (uint32_t t = 0; t < j->ntask; t++)
		suggest_try(&s, name_str(j->names, j->task[t].name));
	diag_error(d, E1090, NOSPAN, "no task named `%s` to expand", text);
	diag_suggest(d, &s);
	return false;
}

static bool expand_read(const struct pic *p, bool *expand, struct diags *d)
{
	bool ok = true;

	for (uint32_t i = 0; i < p->o->nexpand; i++) {
		const char *text = p->o->expand[i];
		name nm = name_find(p->job->names, text, strlen(text));
		uint32_t t = nm ? job_task(p->job, nm) : UINT32_MAX;
		if (t == UINT32_MAX)
			ok = unknown_task(p, text, d);
		else
			expand[t] = p->job->task[t].count > 1 && !p->job->task[t].skipped;
	}
	return ok;
}

/* --- nodes --- */

static void nodes_whole(struct pic *p, uint32_t t)
{
	p->first[t] = node_add(p, (struct pic_node){ .kind = PIC_TASK, .task = t, .count = p->job->task[t].count, .tasks = 1 });
	p->shown[t] = 1;
}

static void nodes_instances(struct pic *p, uint32_t t)
{
	int64_t limit = p->o->limit ? p->o->limit : LIMIT, count = p->job->task[t].count;
	int64_t n = count < limit ? count : limit;

	p->expanded = true;
	p->first[t] = p->n;
	for (int64_t i = 0; i < n; i++)
		node_add(p, (struct pic_node){ .kind = PIC_INSTANCE, .task = t, .instance = i, .count = 1, .tasks = 1 });
	if (n < count)
		node_add(p, (struct pic_node){ .kind = PIC_MORE, .task = t, .instance = n, .count = count - n, .tasks = 1 });
	p->shown[t] = p->n - p->first[t];
}

static void nodes_each(struct pic *p, const bool *expand)
{
	for (uint32_t t = 0; t < p->job->ntask; t++) {
		if (expand[t])
			nodes_instances(p, t);
		else
			nodes_whole(p, t);
	}
}

static void group_join(struct pic *p, uint32_t node, uint32_t t)
{
	struct pic_node *n = &p->node[node];
	int64_t c = p->job->task[t].count;

	n->kind = PIC_GROUP;
	n->tasks++;
	n->count = n->count < 0 || c < 0 ? -1 : n->count + c;
}

static void nodes_grouped(struct pic *p, const bool *expand, const uint32_t *group, uint32_t ngroup)
{
	uint32_t *node_of = xcalloc(ngroup + 1, sizeof *node_of); /* node + 1 */

	for (uint32_t t = 0; t < p->job->ntask; t++) {
		uint32_t *at = &node_of[group[t]];
		if (expand[t]) {
			nodes_instances(p, t);
		} else if (*at) {
			p->first[t] = *at - 1;
			p->shown[t] = 1;
			p->groups += p->node[*at - 1].kind == PIC_TASK;
			group_join(p, *at - 1, t);
		} else {
			nodes_whole(p, t);
			*at = p->first[t] + 1;
		}
	}
	free(node_of);
}

static void nodes(struct pic *p, const bool *expand)
{
	uint32_t above = p->o->group ? p->o->group : GROUP_ABOVE, n = p->job->ntask;
	bool text = strcmp(p->o->format, "dot") == 0 || strcmp(p->o->format, "json") == 0;

	if (n <= above || (text && !p->o->group)) { /* programs read these: leave nothing out unasked */
		nodes_each(p, expand);
		return;
	}
	uint32_t *group = xcalloc(n + 1, sizeof *group);
	nodes_grouped(p, expand, group, pic_groups(p->job, group));
	free(group);
}

/* --- edges --- */

/* Instances of both ends are drawn, and every one waits for every one: let them meet in a point. */
static void edges_joined(struct pic *p, uint32_t e)
{
	const struct jedge *g = &p->job->edge[e];
	uint32_t join = node_add(p, (struct pic_node){ .kind = PIC_JOIN, .task = g->from, .instance = g->to, .tasks = 1 });

	for (uint32_t i = 0; i < p->shown[g->from]; i++)
		edge_add(p, p->first[g->from] + i, join, e, true, false);
	for (uint32_t i = 0; i < p->shown[g->to]; i++)
		edge_add(p, join, p->first[g->to] + i, e, false, false);
}

static void edges_of(struct pic *p, uint32_t e)
{
	const struct jedge *g = &p->job->edge[e];
	uint32_t a = p->shown[g->from], b = p->shown[g->to], n = a > b ? a : b;

	if (a > 1 && b > 1 && (g->kind != EDGE_SAME || a != b)) {
		edges_joined(p, e);
		return;
	}
	for (uint32_t i = 0; i < n; i++)
		edge_add(p, p->first[g->from] + (a > 1 ? i : 0), p->first[g->to] + (b > 1 ? i : 0), e, false, i < 8);
}

/* Grouped tasks share arrows: keep the first of each pair of nodes. */
static int by_ends(const void *x, const void *y)
{
	const struct pic_edge *a = x, *b = y;

	if (a->to != b->to)
		return a->to < b->to ? -1 : 1;
	if (a->from != b->from)
		return a->from < b->from ? -1 : 1;
	return a->edge < b->edge ? -1 : a->edge > b->edge;
}

static void edges_merge(struct pic *p)
{
	uint32_t m = 0;

	if (p->m)
		qsort(p->edge, p->m, sizeof *p->edge, by_ends);
	for (uint32_t i = 0; i < p->m; i++) {
		if (m && p->edge[m - 1].from == p->edge[i].from && p->edge[m - 1].to == p->edge[i].to)
			p->edge[m - 1].cycle |= p->edge[i].cycle;
		else
			p->edge[m++] = p->edge[i];
	}
	p->m = m;
}

static void cycle_read(struct pic *p)
{
	const struct job *j = p->job;

	for (uint32_t i = 0; j->cyclic && i < j->ncycle; i++)
		p->on_cycle[j->cycle[i]] = true;
}

static void cycle_nodes(struct pic *p)
{
	for (uint32_t i = 0; i < p->m; i++)
		if (p->edge[i].cycle)
			p->node[p->edge[i].from].cycle = p->node[p->edge[i].to].cycle = true;
}

static void edges(struct pic *p)
{
	for (uint32_t e = 0; e < p->job->nedge; e++)
		edges_of(p, e);
	if (p->groups)
		edges_merge(p);
	cycle_nodes(p);
}

bool pic_make(struct pic *p, const struct job *j, const struct graph_options *o, struct diags *d)
{
	*p = (struct pic){ .job = j, .o = o, .arena = arena_new() };
	p->first = arena_zalloc(p->arena, j->ntask, sizeof *p->first);
	p->shown = arena_zalloc(p->arena, j->ntask, sizeof *p->shown);
	p->on_cycle = arena_zalloc(p->arena, j->nedge, sizeof *p->on_cycle);
	bool *expand = arena_zalloc(p->arena, j->ntask, sizeof *expand);
	if (!expand_read(p, expand, d))
		return false;
	cycle_read(p);
	nodes(p, expand);
	edges(p);
	if (o->files || strcmp(o->format, "json") == 0)
		pic_refs(p);
	if (p->groups) {
		diag_error(d, N1094, NOSPAN, "%u tasks are too many to draw one by one: tasks of like names at the same depth share a box",
			j->ntask);
		diag_help(d, "`--format dot` and `--format json` have them all");
	}
	return true;
}

void pic_free(struct pic *p)
{
	free(p->node);
	free(p->edge);
	free(p->ref);
	arena_free(p->arena);
}
