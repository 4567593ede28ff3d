/* report_graph.c - the picture of a run: a job of names and arrows alone, made of the journal, drawn as weft graph does. */
#include "cli/report.h"

#include "compiler/graph.h"
#include "job/job.h"

#include <string.h>

enum { MOST = 2000 /* tasks */, SVG_MOST = 1 << 20 /* bytes: half a page */ };

struct colors {
	const char *fill, *line;
};
static const struct colors fine = { "#e2f2e5", "#2e7d32" }, bad = { "#fde5e3", "#b3261e" }, now = { "#fff3d1", "#9a6700" },
	none = { "#f1f2f4", "#808890" };

static struct colors color_of(const struct report *r, const struct tally_task *t)
{
	bool live = r->run->life == PAST_LIVE;

	if (tally_failed(r->t, t) || (!live && t->n[PAST_RUNNING]))
		return bad;
	if (live && (t->n[PAST_RUNNING] || t->n[PAST_AGAIN]))
		return now;
	return t->n[PAST_DONE] && !t->n[PAST_CANCELLED] ? fine : none;
}

/* A count that only the run knew: all of its instances ran, when nothing was current and nothing failed. */
static int64_t count_of(const struct report *r, const struct tally_task *t)
{
	const struct rec_run_end *e = &r->run->end;
	uint64_t n = 0;

	if (t->instances >= 0)
		return t->instances;
	for (int s = 0; s < PAST_STATES; s++)
		n += t->n[s];
	return n && r->run->life == PAST_ENDED && !e->exit && !e->current && !e->cut ? (int64_t)n : -1;
}

static void add_task(const struct report *r, struct job *j, uint32_t i, struct graph_state *st)
{
	const struct tally_task *t = &r->t->task[i];
	struct jtask *k = &j->task[i];
	struct colors c = color_of(r, t);
	struct buf b;

	k->name = name_ofs(j->names, t->name);
	k->count = count_of(r, t);
	if (*t->label) {
		k->set = arena_zalloc(j->arena, 1, sizeof *k->set);
		k->set[0] = (struct jval){ .id = SET_LABEL, .s = name_ofs(j->names, t->label) };
		k->nset = 1;
	}
	for (uint32_t e = 0; e < t->npred; e++)
		j->edge[j->nedge++] = (struct jedge){ .from = t->pred[e], .to = i, .kind = EDGE_ALL, .data = t->data[e], .port = UINT32_MAX };
	buf_init(&b, 1 << 12);
	report_state(&b, r, t);
	*st = (struct graph_state){ arena_strdup(j->arena, buf_str(&b)), c.fill, c.line };
	buf_free(&b);
}

/* Only the element itself, without the head of a file. */
static void add_svg(struct buf *b, const struct buf *svg)
{
	const char *at = strstr(buf_str(svg), "<svg");

	if (at)
		buf_add(b, at, svg->len - (size_t)(at - svg->p));
}

static void draw(const struct report *r, struct job *j, struct buf *b)
{
	struct graph_state *st = arena_zalloc(j->arena, r->t->ntask + 1, sizeof *st);
	struct graph_options o = { .format = "svg", .state = st };
	struct diags *d = diags_new(r->sources);
	struct buf svg;

	for (uint32_t i = 0; i < r->t->ntask; i++)
		add_task(r, j, i, &st[i]);
	buf_init(&svg, (size_t)1 << 28);
	if (!graph_draw(j, &o, &svg, d)) {
		buf_adds(b, "<p>No picture: ");
		html_text(b, d->n ? d->v[0].msg : "it cannot be drawn");
		buf_adds(b, "</p>\n");
	} else if (svg.len > SVG_MOST) {
		buf_addf(b, "<p>No picture: one of %u tasks is too large for a page, weft graph draws it.</p>\n", r->t->ntask);
	} else {
		buf_adds(b, "<div class=\"wide\" tabindex=\"0\" role=\"region\" aria-label=\"Graph of the tasks\">\n");
		add_svg(b, &svg);
		buf_adds(b, "</div>\n");
	}
	buf_free(&svg);
	diags_free(d);
}

void report_graph(const struct report *r, struct buf *b)
{
	struct names *names;
	struct job *j;
	size_t edges = 0;

	if (!r->t->shaped)
		return;
	buf_adds(b, "<section id=\"graph\"><h2>Graph</h2>\n");
	if (r->t->ntask > MOST) {
		buf_addf(b, "<p>No picture of %u tasks.</p>\n", r->t->ntask);
	} else {
		names = names_new();
		j = job_new(names, r->sources);
		for (uint32_t i = 0; i < r->t->ntask; i++)
			edges += r->t->task[i].npred;
		j->task = arena_zalloc(j->arena, r->t->ntask + 1, sizeof *j->task);
		j->ntask = r->t->ntask;
		j->edge = arena_zalloc(j->arena, edges + 1, sizeof *j->edge);
		draw(r, j, b);
		job_free(j);
		names_free(names);
	}
	buf_adds(b, "</section>\n");
}
