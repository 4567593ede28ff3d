/* graph_group.c - which tasks of a big job share a box: those with the same name but for its digits, at
 * the same depth of the graph (so that joining them never makes a loop), alike in being skipped. */
#include "compiler/graph_pic.h"

#include <stdlib.h>
#include <string.h>

/* The name with every run of digits written `*`. */
static name stem_of(struct names *stems, const char *s, size_t n, struct buf *b)
{
	buf_reset(b);
	for (size_t i = 0; i < n; i++) {
		bool digit = s[i] >= '0' && s[i] <= '9';
		if (digit && i && s[i - 1] >= '0' && s[i - 1] <= '9')
			continue;
		buf_addc(b, digit ? '*' : s[i]);
	}
	return name_of(stems, buf_str(b), b->len);
}

/* Edges by source: start[t] .. start[t + 1] in `out`. */
struct fan {
	uint32_t *start, *out, *need;
};

static void fan_make(struct fan *f, const struct job *j, struct arena *a)
{
	f->start = arena_zalloc(a, (size_t)j->ntask + 2, sizeof *f->start);
	f->out = arena_zalloc(a, j->nedge, sizeof *f->out);
	f->need = arena_zalloc(a, j->ntask, sizeof *f->need);
	for (uint32_t e = 0; e < j->nedge; e++) {
		f->start[j->edge[e].from + 2]++;
		f->need[j->edge[e].to]++;
	}
	for (uint32_t t = 2; t < j->ntask + 2; t++)
		f->start[t] += f->start[t - 1];
	for (uint32_t e = 0; e < j->nedge; e++)
		f->out[f->start[j->edge[e].from + 1]++] = j->edge[e].to;
}

uint32_t *pic_depths(const struct job *j, struct arena *a)
{
	struct fan f;
	uint32_t *depth = arena_zalloc(a, j->ntask, sizeof *depth);
	uint32_t *ready = arena_zalloc(a, j->ntask, sizeof *ready), n = 0;

	fan_make(&f, j, a);
	for (uint32_t t = 0; t < j->ntask; t++)
		if (!f.need[t])
			ready[n++] = t;
	for (uint32_t i = 0; i < n; i++) {
		uint32_t t = ready[i];
		for (uint32_t k = f.start[t]; k < f.start[t + 1]; k++) {
			uint32_t u = f.out[k];
			if (depth[u] < depth[t] + 1)
				depth[u] = depth[t] + 1;
			if (--f.need[u] == 0)
				ready[n++] = u;
		}
	}
	for (uint32_t t = 0; t < j->ntask; t++)
		if (f.need[t])
			depth[t] = UINT32_MAX;
	return depth;
}

struct key {
	name stem;
	uint32_t depth, task;
	bool skipped;
};

static int by_key(const void *x, const void *y)
{
	const struct key *a = x, *b = y;

	if (a->stem != b->stem)
		return a->stem < b->stem ? -1 : 1;
	if (a->depth != b->depth)
		return a->depth < b->depth ? -1 : 1;
	if (a->skipped != b->skipped)
		return a->skipped ? 1 : -1;
	return a->task < b->task ? -1 : a->task > b->task;
}

static bool like(const struct key *a, const struct key *b)
{
	return a->stem == b->stem && a->depth == b->depth && a->skipped == b->skipped && a->depth != UINT32_MAX;
}

static struct key *keys(const struct job *j, struct arena *a)
{
	struct key *k = arena_zalloc(a, j->ntask, sizeof *k);
	uint32_t *depth = pic_depths(j, a);
	struct names *stems = names_new();
	struct buf b;

	buf_init(&b, SIZE_MAX);
	for (uint32_t t = 0; t < j->ntask; t++) {
		name nm = j->task[t].name;
		k[t] = (struct key){ .stem = stem_of(stems, name_str(j->names, nm), name_len(j->names, nm), &b),
			.depth = depth[t], .task = t, .skipped = j->task[t].skipped };
	}
	buf_free(&b);
	names_free(stems);
	return k;
}

uint32_t pic_groups(const struct job *j, uint32_t *group)
{
	struct arena *a = arena_new();
	struct key *k = keys(j, a);
	uint32_t n = 0;

	if (j->ntask)
		qsort(k, j->ntask, sizeof *k, by_key);
	for (uint32_t i = 0; i < j->ntask; i++) {
		n += i == 0 || !like(&k[i - 1], &k[i]);
		group[k[i].task] = n - 1;
	}
	arena_free(a);
	return n;
}
