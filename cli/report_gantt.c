/* report_gantt.c - when tasks ran: a row a task, as high as many of its instances ran at once; and the critical path. */
#include "cli/report.h"

#include "cli/look.h"
#include "runtime/text.h"

#include <string.h>

enum { HEIGHT = 100, TICKS = 4, PATH_MOST = 100 };

static double highest(const double *slice)
{
	double most = 0;

	for (int i = 0; i < TALLY_SLICES; i++)
		most = slice[i] > most ? slice[i] : most;
	return most;
}

static int height(double v, double most)
{
	int h = most > 0 ? (int)(v / most * HEIGHT) : 0;

	return v > 0 && h < HEIGHT / 8 ? HEIGHT / 8 : h; /* what ran can be seen */
}

/* One path for all of it: up, right, down. */
static void add_shape(struct buf *b, const double *slice)
{
	double most = highest(slice);
	int last = 0;

	buf_addf(b, "<svg viewBox=\"0 0 %d %d\" preserveAspectRatio=\"none\" aria-hidden=\"true\"><path d=\"M0 %d", TALLY_SLICES,
		HEIGHT, HEIGHT);
	for (int i = 0; i < TALLY_SLICES; i++) {
		int h = height(slice[i], most);

		if (h != last)
			buf_addf(b, "H%dV%d", i, HEIGHT - h);
		last = h;
	}
	buf_addf(b, "H%dV%dZ\"/></svg>", TALLY_SLICES, HEIGHT);
}

static void add_when(const struct report *r, struct buf *b, const struct tally_task *t)
{
	buf_adds(b, "<span class=\"when\">");
	if (t) {
		buf_adds(b, "from ");
		text_time(b, t->begin_ms > r->t->from_ms ? t->begin_ms - r->t->from_ms : 0);
		buf_adds(b, " for ");
		text_time(b, t->end_ms - t->begin_ms);
		if (highest(t->slice) >= 1.5)
			buf_addf(b, ", up to %.0f at once", highest(t->slice));
	}
	buf_adds(b, "</span>");
}

static bool critical(const struct report *r, uint32_t task)
{
	for (uint32_t i = 0; i < r->t->npath; i++)
		if (r->t->path[i] == task)
			return true;
	return false;
}

static void add_row(const struct report *r, struct buf *b, uint32_t task)
{
	const struct tally_task *t = &r->t->task[task];
	bool bad = tally_failed(r->t, t) > 0;

	buf_addf(b, "<li class=\"g%s\"><span class=\"name\">", bad ? " bad" : "");
	html_text(b, t->name);
	if (critical(r, task))
		buf_adds(b, " <b class=\"tag\">critical</b>");
	if (bad)
		buf_adds(b, " <b class=\"tag bad\">failed</b>");
	buf_adds(b, "</span>");
	add_shape(b, t->slice);
	add_when(r, b, t);
	buf_adds(b, "</li>\n");
}

static void add_axis(const struct report *r, struct buf *b)
{
	buf_adds(b, "<li class=\"g axis\" aria-hidden=\"true\"><span class=\"name\"></span><span class=\"ticks\">");
	for (int i = 0; i <= TICKS; i++) {
		buf_adds(b, "<span>");
		text_time(b, (r->t->to_ms - r->t->from_ms) * i / TICKS);
		buf_adds(b, "</span>");
	}
	buf_adds(b, "</span><span class=\"when\"></span></li>\n");
}

/* ---- the critical path ---- */

static void add_step(const struct report *r, struct buf *b, uint32_t i)
{
	const struct tally_task *t = &r->t->task[r->t->path[i]];
	int64_t before = i ? r->t->task[r->t->path[i - 1]].end_ms : r->t->from_ms;

	buf_adds(b, "<tr><th scope=\"row\">");
	html_text(b, t->name);
	if (*t->last_key)
		html_textf(b, "[%s]", t->last_key);
	buf_adds(b, "</th><td>");
	text_time(b, t->last_begin_ms > before ? t->last_begin_ms - before : 0);
	buf_adds(b, "</td><td>");
	text_time(b, t->end_ms - t->last_begin_ms);
	buf_adds(b, "</td></tr>\n");
}

static void add_path(const struct report *r, struct buf *b)
{
	uint32_t from = r->t->npath > PATH_MOST ? r->t->npath - PATH_MOST : 0;

	if (!r->t->npath || !r->t->shaped)
		return;
	buf_adds(b, "<h3>Critical path</h3>\n<p>The instances that ended last, each of a task that the next one waited for.");
	if (from)
		html_textf(b, " The first %u of %u steps are left out.", from, r->t->npath);
	buf_adds(b, "</p>\n<div class=\"wide\" tabindex=\"0\" role=\"region\" aria-label=\"Critical path\"><table><thead><tr>"
		"<th scope=\"col\">Instance</th><th scope=\"col\">Waited</th><th scope=\"col\">Took</th></tr></thead><tbody>\n");
	for (uint32_t i = from; i < r->t->npath; i++)
		add_step(r, b, i);
	buf_adds(b, "</tbody></table></div>\n");
}

void report_gantt(const struct report *r, struct buf *b)
{
	uint32_t n = r->t->nrow < TALLY_ROWS ? r->t->nrow : TALLY_ROWS;

	if (!n)
		return;
	buf_adds(b, "<section id=\"time\"><h2>Time</h2>\n"
		"<p>Each row is a task, as high as many of its instances ran at once.</p>\n<ul class=\"gantt\">\n");
	add_axis(r, b);
	for (uint32_t i = 0; i < n; i++)
		add_row(r, b, r->t->row[i]);
	if (r->t->nrow > n) {
		buf_adds(b, "<li class=\"g\"><span class=\"name\">");
		html_textf(b, "%u more tasks", r->t->nrow - n);
		buf_adds(b, "</span>");
		add_shape(b, r->t->rest);
		add_when(r, b, NULL);
		buf_adds(b, "</li>\n");
	}
	buf_adds(b, "</ul>\n");
	add_path(r, b);
	buf_adds(b, "</section>\n");
}
