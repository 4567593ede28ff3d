/* progress.c - a terminal's status area and the lines above it, or plain lines; see progress.h. */
#include "runtime/progress.h"

#include "runtime/families.h"
#include "runtime/term.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
	DRAW_MS = 100,          /* least time between two status areas ... */
	CLOCK_MS = 1000,        /* ... and the longest, for the times in them */
	SUMMARY_MIN_MS = 1000,  /* plain: between two summaries of a run in progress ... */
	SUMMARY_MAX_MS = 60000, /* ... growing to this, so that a long run does not fill a log */
	NAMED_TASKS = 8,        /* tasks named in a summary */
	COMMAND_COLUMNS = 200,
	RETRY_LINES = 20,       /* retries that get a line of their own */
	TASK_LINES = 200,       /* terminal: tasks that do when they are over */
};

struct progress {
	struct term *term;
	struct families *families;
	bool tty, plain, verbose;
	bool dirty;          /* something changed since the last one */
	int64_t last;        /* when the last status area or summary was written */
	int64_t interval;    /* plain: to the next summary */
	uint32_t retries, tasks;
	struct buf line, area;
};

struct progress *progress_new(struct run *r)
{
	const struct run_options *o = r->opt;
	struct progress *p = xcalloc(1, sizeof(*p));
	const char *term = getenv("TERM");
	const char *ui = o->ui ? o->ui : "auto";
	bool able = isatty(fileno(o->err)) && term && strcmp(term, "dumb");

	fflush(o->err);
	p->term = term_new(fileno(o->err));
	p->tty = !o->quiet && (!strcmp(ui, "tty") || (!strcmp(ui, "auto") && able));
	p->families = p->tty ? families_new(r) : NULL;
	p->plain = !o->quiet && !p->tty && strcmp(ui, "json");
	p->verbose = o->verbose && !o->quiet;
	p->last = clock_ms();
	p->interval = SUMMARY_MIN_MS;
	buf_init(&p->line, 1 << 16);
	buf_init(&p->area, 1 << 16);
	return p;
}

void progress_free(struct progress *p)
{
	term_free(p->term);
	if (p->families)
		families_free(p->families);
	buf_free(&p->line);
	buf_free(&p->area);
	free(p);
}

void progress_line(struct run *r, const char *text)
{
	term_line(r->progress->term, text);
	r->progress->dirty = true;
}

void progress_text(struct run *r, const char *text, size_t n)
{
	if (n)
		term_text(r->progress->term, text, n);
}

void progress_changed(struct run *r)
{
	r->progress->dirty = true;
}

void progress_begun(struct run *r, uint32_t task)
{
	if (r->progress->families)
		families_begun(r->progress->families, task);
	r->progress->dirty = true;
}

/* ---- lines ---- */

static void add_counts(struct buf *b, const struct stask *t)
{
	static const struct {
		enum inst_state st;
		const char *word;
	} words[] = { { I_OK, "ok" }, { I_KEPT, "current" }, { I_FAIL, "failed" }, { I_CANCEL, "cancelled" }, { I_SKIP, "skipped" } };
	const char *sep = "";

	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++) {
		if (!stask_n(t, words[i].st))
			continue;
		buf_adds(b, sep);
		if (t->count != 1) {
			text_count(b, stask_n(t, words[i].st));
			buf_addc(b, ' ');
		}
		buf_adds(b, words[i].word);
		sep = ", ";
	}
	if (!*sep)
		buf_adds(b, t->dead ? "skipped" : "nothing to do");
}

static void add_position(struct run *r, struct buf *b)
{
	bool unknown;
	uint64_t total = sched_total(r->sched, &unknown);
	uint64_t kept = sched_sum(r->sched, I_KEPT), done = 0;

	for (int st = I_OK; st <= I_CANCEL; st++)
		done += sched_sum(r->sched, (enum inst_state)st);
	done -= kept; /* what is counted is work */
	total -= kept;
	buf_addf(b, "[%llu/%llu%s] ", (unsigned long long)done, (unsigned long long)total, unknown ? "+" : "");
}

static void add_task(struct run *r, struct buf *b, uint32_t task)
{
	run_label(r, task, -1, b);
}

/* A terminal shows how long it took, and not every task of very many. */
static bool task_shown(struct run *r, const struct stask *t, int64_t ms)
{
	struct progress *p = r->progress;

	if (p->verbose)
		return true;
	if (stask_n(t, I_KEPT) && stask_n(t, I_KEPT) == t->count)
		return false;
	return p->plain || (p->tty && ms >= 0 && p->tasks++ < TASK_LINES);
}

void progress_task(struct run *r, uint32_t task)
{
	const struct stask *t = sched_task(r->sched, task);
	struct progress *p = r->progress;
	int64_t ms = p->families ? families_task(p->families, task) : -1;

	p->dirty = true;
	if (!task_shown(r, t, ms))
		return;
	buf_reset(&p->line);
	if (!p->tty)
		add_position(r, &p->line);
	add_task(r, &p->line, task);
	buf_adds(&p->line, ": ");
	add_counts(&p->line, t);
	if (t->dead && t->cause != task) {
		buf_adds(&p->line, " (needs ");
		add_task(r, &p->line, t->cause);
		buf_addc(&p->line, ')');
	}
	if (p->tty && ms >= 0) {
		buf_adds(&p->line, ", ");
		text_time(&p->line, ms);
	}
	if (p->tty && p->tasks == TASK_LINES)
		buf_adds(&p->line, " (further tasks get no line)");
	progress_line(r, buf_str(&p->line));
}

void progress_started(struct run *r, const struct event *ev)
{
	struct progress *p = r->progress;
	struct arena *a;
	struct buf words;

	p->dirty = true;
	if (!p->verbose)
		return;
	a = arena_new();
	buf_reset(&p->line);
	run_label(r, ev->id.task, ev->id.instance, &p->line);
	buf_adds(&p->line, ": started");
	if (ev->id.attempt > 1)
		buf_addf(&p->line, ", attempt %d", ev->id.attempt);
	buf_init(&words, 1 << 14);
	text_command(&words, run_words(r, a, ev->stage ? ev->stage->argv : NULL));
	buf_adds(&p->line, words.len ? ": " : "");
	text_elide(&p->line, buf_str(&words), words.len, COMMAND_COLUMNS);
	buf_free(&words);
	arena_free(a);
	progress_line(r, buf_str(&p->line));
}

/* Equal retries are one line on a terminal; anywhere, some of them are enough. */
static bool retry_shown(struct run *r, const struct event *ev)
{
	struct progress *p = r->progress;

	if (p->tty && !p->verbose && !families_news(p->families, ev))
		return false;
	return p->retries++ < RETRY_LINES;
}

static void add_again(struct progress *p, const struct jtask *t, const struct event *ev)
{
	int64_t ms = cause_backoff(t, ev->cause, ev->id.attempt);

	buf_addf(&p->line, ", attempt %d of %u, trying again", ev->id.attempt, t->max_retry + 1);
	if (ms > 0) {
		buf_adds(&p->line, " in ");
		text_time(&p->line, ms);
	}
	if (p->retries == RETRY_LINES)
		buf_adds(&p->line, " (further retries are only counted)");
}

void progress_ended(struct run *r, const struct event *ev, bool again)
{
	const struct jtask *t = &r->job->task[ev->id.task];
	struct progress *p = r->progress;

	p->dirty = true;
	if (p->families)
		families_ended(p->families, ev, again);
	if (ev->cause == R_DONE || ev->cause == R_CANCEL ? !p->verbose : again && (r->opt->quiet || !retry_shown(r, ev)))
		return;
	if (ev->cause != R_DONE && ev->cause != R_CANCEL && !again)
		return; /* report_fail.c has more to say */
	buf_reset(&p->line);
	run_label(r, ev->id.task, ev->id.instance, &p->line);
	buf_addf(&p->line, ": %s%s", cause_code(ev->cause), ev->cause == R_DONE ? "" : " ");
	cause_say(&p->line, ev->cause, ev->status);
	cause_say_memory(&p->line, ev->mem_limit, ev->mem_peak);
	if (again)
		add_again(p, t, ev);
	progress_line(r, buf_str(&p->line));
}

void progress_warn_input(struct run *r, struct attempt_id id, const char *input)
{
	struct progress *p = r->progress;

	buf_reset(&p->line);
	run_label(r, id.task, id.instance, &p->line);
	buf_adds(&p->line, ": input ");
	text_safe(&p->line, input, strlen(input), 4096);
	buf_adds(&p->line, " changed while it ran; it will run again next time");
	progress_line(r, buf_str(&p->line));
}

/* ---- the status area and the summary ---- */

static void add_sums(struct run *r, struct buf *b, bool brief)
{
	buf_addf(b, "%u %s", r->running, brief ? "run" : "running");
	if (r->res->failed)
		buf_addf(b, ", %u %s", r->res->failed, brief ? "fail" : "failed");
	if (r->res->retried)
		buf_addf(b, ", %u %s", r->res->retried, brief ? "again" : "retried");
	if (r->stop != STOP_NOT)
		buf_adds(b, ", stopping");
}

static void compose_summary(struct run *r, struct buf *b)
{
	uint32_t n = r->nactive < NAMED_TASKS ? r->nactive : NAMED_TASKS;

	add_position(r, b);
	for (uint32_t i = 0; i < n; i++) {
		const struct stask *t = sched_task(r->sched, r->active[i].task);

		add_task(r, b, r->active[i].task);
		if (t->count > 1) {
			buf_addc(b, ' ');
			text_count(b, stask_n(t, I_OK) + stask_n(t, I_KEPT) + stask_n(t, I_FAIL) + stask_n(t, I_SKIP));
			buf_addc(b, '/');
			text_count(b, t->count);
		}
		buf_adds(b, i + 1 < n ? ", " : "  ");
	}
	add_sums(r, b, false);
}

/* The last line of the area: all of the run. */
static void add_total(struct run *r, struct buf *b, uint32_t more, uint32_t width)
{
	struct progress *p = r->progress;
	size_t part; /* what has to be there */

	buf_reset(&p->line);
	add_position(r, &p->line);
	add_sums(r, &p->line, width < SCREEN_BRIEF);
	part = p->line.len;
	if (more)
		buf_addf(&p->line, ", %u more task%s", more, more == 1 ? "" : "s");
	buf_adds(&p->line, "  ");
	text_time(&p->line, clock_ms() - r->start);
	if (p->line.len > width)
		p->line.len = part;
	text_elide(b, p->line.p, p->line.len, width);
	buf_addc(b, '\n');
}

static void draw(struct run *r)
{
	struct progress *p = r->progress;
	struct screen_style st = { term_width(p->term), r->opt->color, r->opt->unicode };
	struct screen_row row[TERM_AREA - 1];
	uint32_t more, n = families_rows(p->families, row, TERM_AREA - 1, &more);

	buf_reset(&p->area);
	screen_rows(&p->area, row, n, &st);
	add_total(r, &p->area, more, st.width);
	term_area(p->term, buf_str(&p->area));
}

static int turn_tty(struct run *r, int64_t now)
{
	struct progress *p = r->progress;
	int64_t due = p->last + (p->dirty ? DRAW_MS : CLOCK_MS);

	if (r->loop.winch)
		p->dirty = true;
	r->loop.winch = false;
	if (!term_ready(p->term))
		return CLOCK_MS; /* what is there first */
	if (now < due && (term_drawn(p->term) || !p->dirty))
		return (int)(due - now);
	draw(r);
	p->last = now;
	p->dirty = false;
	return CLOCK_MS;
}

static int turn_plain(struct run *r, int64_t now)
{
	struct progress *p = r->progress;
	int64_t due = p->last + (p->dirty ? p->interval : SUMMARY_MAX_MS);
	bool dirty = p->dirty;

	if (now < due)
		return (int)(due - now);
	buf_reset(&p->line);
	compose_summary(r, &p->line);
	progress_line(r, buf_str(&p->line));
	p->interval = dirty && p->interval < SUMMARY_MAX_MS / 2 ? p->interval * 2 : SUMMARY_MAX_MS;
	p->last = now;
	p->dirty = false;
	return SUMMARY_MAX_MS;
}

int progress_turn(struct run *r)
{
	struct progress *p = r->progress;
	bool still = r->engine->forecast; /* its time is not ours */
	int ms = still ? -1 : p->tty ? turn_tty(r, clock_ms()) : p->plain ? turn_plain(r, clock_ms()) : -1;

	term_turn(p->term);
	term_watch(p->term, &r->loop);
	return ms;
}

void progress_end(struct run *r)
{
	term_clear(r->progress->term);
}

bool progress_drain(struct run *r)
{
	return term_drain(r->progress->term, r->looping ? &r->loop : NULL);
}
