/* report_text.c - what tasks asked for and used, as a table for a terminal, and words that the page uses too. */
#include "cli/report.h"

#include "base/source.h"
#include "cli/look.h"
#include "runtime/text.h"

#include <string.h>

enum { CPU = 1000000000, COLS = 8, NAME = 32 };

void report_cpus(struct buf *b, int64_t cpu)
{
	long long tenths = (cpu + CPU / 20) / (CPU / 10);

	if (cpu < 0)
		buf_addc(b, '-');
	else if (!tenths && cpu)
		buf_adds(b, "<0.1");
	else if (tenths % 10)
		buf_addf(b, "%lld.%lld", tenths / 10, tenths % 10);
	else
		buf_addf(b, "%lld", tenths / 10);
}

int64_t report_used(const struct tally_task *t)
{
	double cpus = t->timed && t->wall_ms > 0 ? (double)t->cpu_ms / (double)t->wall_ms : -1;

	return cpus < 0 || cpus > 1e6 ? -1 : (int64_t)(cpus * CPU);
}

void report_state(struct buf *b, const struct report *r, const struct tally_task *t)
{
	uint64_t failed = tally_failed(r->t, t), lost = r->run->life == PAST_LIVE ? 0 : t->n[PAST_RUNNING];
	uint64_t running = r->run->life == PAST_LIVE ? t->n[PAST_RUNNING] + t->n[PAST_AGAIN] : 0;
	struct buf w;

	buf_init(&w, 1 << 10);
	look_count(&w, failed, "failed");
	look_count(&w, lost, "lost");
	look_count(&w, running, "running");
	look_count(&w, t->n[PAST_CANCELLED], "cancelled");
	look_count(&w, t->n[PAST_DONE], "done");
	if (!w.len)
		buf_adds(b, r->run->life == PAST_ENDED && !r->run->end.exit ? "= current" : "\u00b7 not run");
	else
		buf_addf(b, "%s %s", failed || lost ? "\u2717" : running ? "\u25b6" : t->n[PAST_CANCELLED] ? "\u25a0" : "\u2713", buf_str(&w));
	buf_free(&w);
}

static void cell(struct buf *b, const struct tally_task *t, int col)
{
	switch (col) {
	case 0:
		text_elide(b, t->name, strlen(t->name), NAME);
		break;
	case 1:
		text_count(b, t->timed);
		break;
	case 2:
		t->timed ? text_time(b, t->wall_ms / (int64_t)t->timed) : (void)buf_addc(b, '-');
		break;
	case 3:
		look_took(b, t->longest_ms);
		break;
	case 4:
		report_cpus(b, t->cpu);
		break;
	case 5:
		report_cpus(b, report_used(t));
		break;
	case 6:
		t->mem > 0 ? text_bytes(b, t->mem) : (void)buf_addc(b, '-');
		break;
	default:
		t->max_rss >= 0 ? text_bytes(b, t->max_rss) : (void)buf_addc(b, '-');
		break;
	}
}

static const char *const heads[COLS] = { "TASK", "RAN", "MEAN", "LONGEST", "CPUS", "USED", "MEMORY", "PEAK" };

static void row(struct buf *b, const struct tally_task *t, const uint32_t *width)
{
	struct buf c;

	buf_init(&c, 1 << 12);
	for (int i = 0; i < COLS; i++) {
		buf_reset(&c);
		t ? cell(&c, t, i) : (void)buf_adds(&c, heads[i]);
		uint32_t w = text_width(buf_str(&c), c.len, 0), pad = width[i] - w;
		buf_addf(b, "%s%*s%s%*s", i ? "  " : "", i ? (int)pad : 0, "", buf_str(&c), i ? 0 : (int)pad, "");
	}
	buf_addc(b, '\n');
	buf_free(&c);
}

void report_text(const struct report *r, struct buf *b)
{
	uint32_t width[COLS];
	struct buf c;

	buf_init(&c, 1 << 12);
	for (int i = 0; i < COLS; i++) {
		width[i] = (uint32_t)strlen(heads[i]);
		for (uint32_t k = 0; k < r->t->nrow; k++) {
			buf_reset(&c);
			cell(&c, &r->t->task[r->t->row[k]], i);
			uint32_t w = text_width(buf_str(&c), c.len, 0);
			width[i] = w > width[i] ? w : width[i];
		}
	}
	row(b, NULL, width);
	for (uint32_t k = 0; k < r->t->nrow; k++)
		row(b, &r->t->task[r->t->row[k]], width);
	for (uint32_t i = 0; i < r->nadvice; i++)
		buf_addf(b, "%s%s\n", i ? "" : "\n", r->advice[i]);
	buf_free(&c);
}
