/* progress.c - the status line of a terminal, or plain lines; see progress.h. */
#include "runtime/progress.h"

#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

enum {
	DRAW_MS = 100,          /* least time between two status lines */
	SUMMARY_MIN_MS = 1000,  /* plain: between two summaries of a run in progress ... */
	SUMMARY_MAX_MS = 60000, /* ... growing to this, so that a long run does not fill a log */
	NAMED_TASKS = 8,        /* tasks named in the status line */
	COMMAND_COLUMNS = 200,
	RETRY_LINES = 20,       /* retries that get a line of their own */
};

struct progress {
	FILE *f;
	bool tty, plain, verbose, color;
	bool drawn;          /* a status line stands on the terminal */
	bool dirty;          /* something changed since the last one */
	int64_t last;        /* when the last status line or summary was written */
	int64_t interval;    /* plain: to the next summary */
	uint32_t retries;
	struct buf line;
};

struct progress *progress_new(struct run *r)
{
	const struct run_options *o = r->opt;
	struct progress *p = xcalloc(1, sizeof(*p));
	const char *term = getenv("TERM");
	const char *ui = o->ui ? o->ui : "auto";
	bool able = isatty(fileno(o->err)) && term && strcmp(term, "dumb");

	p->f = o->err;
	p->tty = !o->quiet && (!strcmp(ui, "tty") || (!strcmp(ui, "auto") && able));
	p->plain = !o->quiet && !p->tty;
	p->verbose = o->verbose && !o->quiet;
	p->color = o->color;
	p->last = clock_ms();
	p->interval = SUMMARY_MIN_MS;
	buf_init(&p->line, 1 << 16);
	return p;
}

void progress_free(struct progress *p)
{
	buf_free(&p->line);
	free(p);
}

static void clear(struct progress *p)
{
	if (p->drawn)
		fputs("\r\033[K", p->f);
	p->drawn = false;
}

void progress_line(struct run *r, const char *text)
{
	struct progress *p = r->progress;

	clear(p);
	fputs(text, p->f);
	fputc('\n', p->f);
	p->dirty = true;
}

void progress_changed(struct run *r)
{
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
		if (!t->n[words[i].st])
			continue;
		buf_adds(b, sep);
		if (t->count != 1) {
			text_count(b, t->n[words[i].st]);
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

void progress_task(struct run *r, uint32_t task)
{
	const struct stask *t = sched_task(r->sched, task);
	struct progress *p = r->progress;

	p->dirty = true;
	if ((!p->plain && !p->verbose) || (t->n[I_KEPT] && t->n[I_KEPT] == t->count && !p->verbose))
		return;
	buf_reset(&p->line);
	add_position(r, &p->line);
	add_task(r, &p->line, task);
	buf_adds(&p->line, ": ");
	add_counts(&p->line, t);
	if (t->dead && t->cause != task) {
		buf_adds(&p->line, " (needs ");
		add_task(r, &p->line, t->cause);
		buf_addc(&p->line, ')');
	}
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
	if (ev->cause == R_DONE || ev->cause == R_CANCEL ? !p->verbose : again && (r->opt->quiet || p->retries++ >= RETRY_LINES))
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

/* ---- the status line and the summary ---- */

static void compose(struct run *r, struct buf *b)
{
	uint32_t n = r->nactive < NAMED_TASKS ? r->nactive : NAMED_TASKS;

	add_position(r, b);
	for (uint32_t i = 0; i < n; i++) {
		const struct stask *t = sched_task(r->sched, r->active[i].task);

		add_task(r, b, r->active[i].task);
		if (t->count > 1) {
			buf_addc(b, ' ');
			text_count(b, t->n[I_OK] + t->n[I_KEPT] + t->n[I_FAIL] + t->n[I_SKIP]);
			buf_addc(b, '/');
			text_count(b, t->count);
		}
		buf_adds(b, i + 1 < n ? ", " : "  ");
	}
	buf_addf(b, "%u running", r->running);
	if (r->res->failed)
		buf_addf(b, ", %u failed", r->res->failed);
	if (r->res->retried)
		buf_addf(b, ", %u retried", r->res->retried);
	if (r->stop != STOP_NOT)
		buf_adds(b, "  stopping");
}

static uint32_t columns(FILE *f)
{
	struct winsize ws;

	if (ioctl(fileno(f), TIOCGWINSZ, &ws) == 0 && ws.ws_col > 1)
		return ws.ws_col - 1u;
	return 79;
}

static void draw(struct run *r)
{
	struct progress *p = r->progress;
	struct buf line;

	buf_reset(&p->line);
	compose(r, &p->line);
	buf_init(&line, 1 << 16);
	text_elide(&line, buf_str(&p->line), p->line.len, columns(p->f));
	fprintf(p->f, "\r%s\033[K", buf_str(&line));
	fflush(p->f);
	buf_free(&line);
	p->drawn = true;
}

static void summary(struct run *r)
{
	struct progress *p = r->progress;
	bool dirty = p->dirty;

	buf_reset(&p->line);
	compose(r, &p->line);
	progress_line(r, buf_str(&p->line));
	p->dirty = false;
	p->interval = dirty && p->interval < SUMMARY_MAX_MS / 2 ? p->interval * 2 : SUMMARY_MAX_MS;
}

int progress_turn(struct run *r)
{
	struct progress *p = r->progress;
	int64_t now = clock_ms(), due;

	if ((!p->tty && !p->plain) || r->engine->forecast) /* its time is not ours */
		return -1;
	if (r->loop.winch) {
		r->loop.winch = false;
		p->dirty = true;
	}
	if (p->tty && !p->dirty)
		return -1;
	due = p->last + (p->tty ? DRAW_MS : p->dirty ? p->interval : SUMMARY_MAX_MS);
	if (now < due && (!p->tty || p->drawn)) {
		fflush(p->f);
		return (int)(due - now);
	}
	if (p->tty)
		draw(r);
	else
		summary(r);
	fflush(p->f);
	p->last = now;
	p->dirty = false;
	return p->plain ? SUMMARY_MAX_MS : -1;
}

void progress_end(struct run *r)
{
	clear(r->progress);
	fflush(r->progress->f);
}
