/* report_advice.c - what a run says about the next: requests that were not used, and those that were too small. */
#include "cli/report.h"

#include "runtime/text.h"

#include <string.h>

enum { CPU = 1000000000, LONG_MS = 10000, MANY = 200 /* tasks that something is said of */ };
#define GB ((int64_t)1 << 30)
#define MB ((int64_t)1 << 20)

static void add(struct report *r, struct buf *b)
{
	r->advice = grow(r->advice, &r->cap, r->nadvice + 1, sizeof *r->advice);
	r->advice[r->nadvice++] = arena_strdup(r->arena, buf_str(b));
	buf_reset(b);
}

static void begin(struct buf *b, const struct tally_task *t)
{
	text_elide(b, t->name, strlen(t->name), 60);
	buf_adds(b, " asked for ");
}

static void over(struct buf *b, uint64_t n)
{
	buf_adds(b, " over ");
	text_count(b, n);
	buf_adds(b, n == 1 ? " instance" : " instances");
}

/* A third more than the peak, in steps that a person would write. */
static int64_t enough(int64_t peak)
{
	int64_t want = peak + peak / 3, step = want < GB ? 64 * MB : want < 8 * GB ? GB / 2 : GB;

	return (want + step - 1) / step * step;
}

static void memory(struct report *r, const struct tally_task *t, struct buf *b)
{
	if (t->mem <= 0)
		return;
	if (t->no_memory) {
		begin(b, t);
		text_bytes(b, t->mem);
		buf_adds(b, " of memory: too little for ");
		text_count(b, t->no_memory);
		buf_adds(b, t->no_memory == 1 ? " instance" : " instances");
		add(r, b);
	} else if (t->max_rss >= 0 && t->measured && enough(t->max_rss) <= t->mem / 2) {
		begin(b, t);
		text_bytes(b, t->mem);
		buf_adds(b, ", peak ");
		text_bytes(b, t->max_rss);
		over(b, t->measured);
		buf_adds(b, ": ");
		text_bytes(b, enough(t->max_rss));
		buf_adds(b, " would do");
		add(r, b);
	}
}

/* Short instances say nothing about cpus. */
static void cpus(struct report *r, const struct tally_task *t, struct buf *b)
{
	int64_t used = report_used(t), want = used < 0 ? -1 : (used + used / 4 + CPU - 1) / CPU * CPU;

	if (t->cpu <= CPU || want < 0 || want > t->cpu / 2 || t->wall_ms < LONG_MS)
		return;
	begin(b, t);
	report_cpus(b, t->cpu);
	buf_adds(b, " cpus, used ");
	report_cpus(b, used);
	over(b, t->timed);
	buf_adds(b, ": ");
	report_cpus(b, want);
	buf_adds(b, " would do");
	add(r, b);
}

static void limit(struct report *r, const struct tally_task *t, struct buf *b)
{
	if (t->limit_ms <= 0 || t->longest_ms < LONG_MS || t->longest_ms < t->limit_ms / 10 * 9)
		return;
	text_elide(b, t->name, strlen(t->name), 60);
	buf_adds(b, " took up to ");
	text_time(b, t->longest_ms);
	buf_adds(b, ", and its limit is ");
	text_time(b, t->limit_ms);
	add(r, b);
}

void report_advise(struct report *r)
{
	struct buf b;

	buf_init(&b, 1 << 16);
	for (uint32_t i = 0; i < r->t->ntask && r->nadvice < MANY; i++) {
		memory(r, &r->t->task[i], &b);
		cpus(r, &r->t->task[i], &b);
		limit(r, &r->t->task[i], &b);
	}
	buf_free(&b);
}
