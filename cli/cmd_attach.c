/* cmd_attach.c - weft attach: follow a run by its journal until it ends; leaving it does nothing to it. */
#include "cli/cmd.h"
#include "cli/follow.h"
#include "cli/load.h"
#include "cli/look.h"
#include "runtime/cause.h"
#include "runtime/loop.h"
#include "runtime/term.h"
#include "runtime/text.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <unistd.h>

enum {
	LOOK_MS = 1000,         /* a driver that died, or one of another machine, says nothing to inotify */
	PLAIN_MIN_MS = 1000,    /* where no line can be rewritten: between two lines ... */
	PLAIN_MAX_MS = 60000,   /* ... growing to this */
	DRAW_MS = 100,
	FAILURES = 20,          /* that get a line of their own */
};

static const struct opt attach_opts[] = {
	{ 'q', "quiet", NULL, "show only failures and the last line", NULL, false, FILL_NONE },
	OPT_ERROR_FORMAT,
	OPT_END,
};

struct attach {
	struct look *l;
	uint32_t run;
	uint64_t from;          /* where its records begin */
	uint64_t total, begun, ok, failed, cancelled, retried;
	struct rec_run_end end;
	bool ended, cut;        /* cut: another run has begun after it */
	bool quiet, tty, dirty;
	struct follow *tasks;
	struct term *term;
	struct screen_style style;
	bool said;              /* everything up to now was told before: a journal that was read again */
	int64_t drawn_at, interval;
	int ino;
	sigset_t waiting;       /* signals let through while waiting */
};

static volatile sig_atomic_t left;

static void leave(int sig)
{
	left = sig;
}

/* ---- what the journal says ---- */

static void say_failure(struct attach *a, const struct rec_end *e)
{
	struct buf b;

	if (a->said || a->failed > FAILURES)
		return;
	buf_init(&b, 1 << 18);
	look_label(&b, &e->who);
	buf_adds(&b, ": failed: ");
	if (e->cause < R_COUNT) {
		buf_addf(&b, "%s ", cause_code(e->cause));
		cause_say(&b, e->cause, e->status);
	}
	buf_adds(&b, a->failed == FAILURES ? " (further ones are only counted)" : "");
	term_line(a->term, buf_str(&b));
	buf_free(&b);
}

static void see_end(struct attach *a, const struct rec_end *e)
{
	if (e->run != a->run)
		return;
	if (!e->final) {
		a->retried++;
	} else if (e->cause == R_CANCEL) {
		a->cancelled++;
	} else {
		a->failed++;
		say_failure(a, e);
	}
	a->begun -= a->begun > 0;
}

/* A driver that goes on with a run begins it again, under its number. */
static void see_run(struct attach *a, const struct rec_run *r)
{
	if (r->run != a->run) {
		a->cut = true;
		return;
	}
	a->total = r->instances;
	a->begun = a->ok = a->failed = a->cancelled = a->retried = 0;
	a->ended = a->cut = false;
	follow_reset(a->tasks);
}

static bool see(void *ctx, uint64_t off, uint8_t kind, const unsigned char *p, size_t n)
{
	struct attach *a = ctx;
	struct rec_begin begin;
	struct rec_done done;
	struct rec_end end;
	struct rec_run run;

	if (off < a->from)
		return true;
	a->dirty = true;
	follow_see(a->tasks, kind, p, n);
	if (kind == RK_RUN && rec_read_run(p, n, &run)) {
		see_run(a, &run);
	} else if (kind == RK_BEGIN && rec_read_begin(p, n, &begin)) {
		a->begun += begin.run == a->run;
	} else if (kind == RK_DONE && rec_read_done(p, n, &done) && done.run == a->run && !done.adopted) {
		a->ok++;
		a->begun -= a->begun > 0;
	} else if (kind == RK_END && rec_read_end(p, n, &end)) {
		see_end(a, &end);
	} else if (kind == RK_RUN_END && rec_read_run_end(p, n, &a->end)) {
		a->ended = a->ended || a->end.run == a->run;
	}
	return !a->ended && !a->cut;
}

/* Everything of the run, and nothing said of it. */
static void read_all(struct attach *a)
{
	a->from = UINT64_MAX;
	for (uint32_t i = a->l->nrun; i-- > 0 && a->from == UINT64_MAX;)
		if (a->l->run[i].run.run == a->run)
			a->from = a->l->run[i].from;
	a->said = true;
	follow_reset(a->tasks);
	journal_each(a->l->j, see, a);
	a->said = false;
}

/* false after messages. */
static bool look_on(struct attach *a)
{
	if (journal_more(a->l->j, see, a))
		return true;
	if (!look_again(a->l))
		return false;
	read_all(a);
	return true;
}

/* ---- the line ---- */

static void compose(const struct attach *a, struct buf *b)
{
	uint64_t done = a->ok + a->failed + a->cancelled;

	buf_addf(b, "[%llu/%llu] ", (unsigned long long)done, (unsigned long long)(a->total > done ? a->total : done));
	buf_addf(b, "%llu running", (unsigned long long)a->begun);
	if (a->failed)
		buf_addf(b, ", %llu failed", (unsigned long long)a->failed);
	if (a->retried)
		buf_addf(b, ", %llu retried", (unsigned long long)a->retried);
}

/* The tasks of which something runs, and the sums. */
static void draw_area(struct attach *a)
{
	struct screen_row row[TERM_AREA - 1];
	struct buf area, sums;
	uint32_t more, n = follow_rows(a->tasks, row, TERM_AREA - 1, &more);

	a->style.width = term_width(a->term);
	buf_init(&area, 1 << 16);
	buf_init(&sums, 1 << 10);
	screen_rows(&area, row, n, &a->style);
	compose(a, &sums);
	if (more)
		buf_addf(&sums, ", %u more task%s", more, more == 1 ? "" : "s");
	text_elide(&area, sums.p, sums.len, a->style.width);
	buf_addc(&area, '\n');
	term_area(a->term, buf_str(&area));
	buf_free(&area);
	buf_free(&sums);
}

static void draw_line(struct attach *a)
{
	struct buf b;

	buf_init(&b, 1 << 10);
	compose(a, &b);
	term_line(a->term, buf_str(&b));
	buf_free(&b);
}

/* ms until there is more to draw, -1: when something happens */
static int draw(struct attach *a)
{
	int64_t now = clock_ms(), due = a->drawn_at + (a->tty ? DRAW_MS : a->interval);

	term_turn(a->term);
	if (a->quiet || !a->dirty || (a->tty && !term_ready(a->term)))
		return -1;
	if (now < due && (!a->tty || term_drawn(a->term)))
		return (int)(due - now);
	a->tty ? draw_area(a) : draw_line(a);
	term_turn(a->term);
	a->drawn_at = now;
	a->dirty = false;
	a->interval = a->interval * 2 > PLAIN_MAX_MS ? PLAIN_MAX_MS : a->interval * 2;
	return -1;
}

/* ---- waiting ---- */

enum { GONE_MS = 5000, GONE_TURN_MS = 20 };

static void wait_change(struct attach *a, int ms)
{
	struct pollfd p = { a->ino, POLLIN, 0 };
	struct timespec t;
	char events[4096];

	ms = ms < 0 || ms > LOOK_MS ? LOOK_MS : ms;
	t = (struct timespec){ ms / 1000, ms % 1000 * 1000000L };
	if (ppoll(&p, a->ino < 0 ? 0 : 1, &t, &a->waiting) > 0)
		while (read(a->ino, events, sizeof(events)) > 0)
			;
}

static void prepare(struct attach *a)
{
	struct sigaction sa = { .sa_handler = leave };
	struct arena *m = arena_new();
	sigset_t block;

	sigemptyset(&block);
	sigaddset(&block, SIGINT);
	sigaddset(&block, SIGTERM);
	sigaddset(&block, SIGHUP);
	sigprocmask(SIG_BLOCK, &block, &a->waiting);
	sigaction(SIGINT, &sa, NULL);
	sigaction(SIGTERM, &sa, NULL);
	sigaction(SIGHUP, &sa, NULL);
	a->ino = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
	if (a->ino >= 0)
		inotify_add_watch(a->ino, arena_printf(m, "%s/journal", a->l->base), IN_MODIFY | IN_DELETE_SELF);
	arena_free(m);
}

/* Is the driver there?  A last look follows: it may have ended between two looks. */
static bool alive(struct attach *a)
{
	return past_holder(a->l->base) != 0;
}

/* After the end the driver clears up: who comes next is to find the workspace free. */
static void wait_gone(struct attach *a)
{
	int64_t until = clock_ms() + GONE_MS;
	long holder = (long)past_holder(a->l->base);

	while (holder && !left && clock_ms() < until && (long)past_holder(a->l->base) == holder)
		wait_change(a, GONE_TURN_MS);
}

/* false: messages were printed */
static bool follow(struct attach *a)
{
	bool ok = true, there = true;

	read_all(a);
	while (ok && !a->ended && !a->cut && !left && there) {
		wait_change(a, draw(a));
		there = alive(a);
		ok = look_on(a);
	}
	if (a->ended)
		wait_gone(a);
	term_clear(a->term);
	term_drain(a->term, NULL);
	return ok;
}

/* ---- the end ---- */

static int interrupted(struct attach *a, const struct past_run *r)
{
	diag_error(a->l->d, E1088, NOSPAN, "the driver of run `%u` has died", a->run);
	diag_help(a->l->d, "the same command goes on with it: %s", r->run.command);
	return look_fail(a->l, EXIT_UNREACHABLE);
}

static int print_end(const struct attach *a, const struct past_run *r)
{
	struct past_run done = *r;
	struct buf b;

	done.end = a->end;
	done.life = PAST_ENDED;
	buf_init(&b, 1 << 16);
	text_safe(&b, r->run.job, strlen(r->run.job), 4096);
	buf_adds(&b, ": ");
	look_sums(&b, &done);
	buf_adds(&b, ", ");
	look_took(&b, a->end.wall_ms);
	printf("%s   logs: %s/runs/%04u/logs\n", buf_str(&b), a->l->base, a->run);
	buf_free(&b);
	return a->end.exit;
}

static int attach(struct look *l, const struct past_run *r)
{
	struct attach a = { .l = l, .run = r->run.run, .quiet = opts_flag(l->o, "quiet"), .interval = PLAIN_MIN_MS, .drawn_at = clock_ms() };
	const char *term = getenv("TERM");
	int rc;

	a.tty = isatty(STDERR_FILENO) && term && strcmp(term, "dumb") != 0;
	a.style = (struct screen_style){ .color = use_color(l->o, stderr), .utf8 = use_unicode() };
	a.tasks = follow_new(a.run);
	a.term = term_new(STDERR_FILENO);
	prepare(&a);
	if (!follow(&a)) {
		rc = EXIT_UNREACHABLE;
	} else if (a.ended) {
		rc = print_end(&a, r);
	} else if (left) {
		fprintf(stderr, "run %u goes on: weft attach %u follows it again, weft cancel %u ends it\n", a.run, a.run, a.run);
		rc = 128 + (int)left;
	} else {
		rc = interrupted(&a, r);
	}
	if (a.ino >= 0)
		close(a.ino);
	term_free(a.term);
	follow_free(a.tasks);
	return rc;
}

static int exec(struct opts *o)
{
	const struct past_run *r;
	struct past_run run;
	struct arena *a;
	struct look l;
	int rc;

	if (o->nargs > 1)
		return opts_error(o, "one run at a time, not also %s", o->args[1]);
	rc = look_open_run(&l, o, o->nargs ? o->args[0] : NULL, &r);
	if (!rc) {
		a = arena_new();
		run = *r; /* journal and list are read again when they are replaced */
		run.run.job = arena_strdup(a, r->run.job);
		run.run.command = arena_strdup(a, r->run.command);
		rc = attach(&l, &run);
		arena_free(a);
	}
	look_close(&l);
	return rc;
}

const struct command cmd_attach = {
	.name = "attach",
	.usage = "[OPTIONS] [RUN]",
	.summary = "follow a run until it ends",
	.help = "  weft attach        the run that goes on, or the last one\n"
		"  weft attach 12\n"
		"\n"
		"Shows how a run gets on, as the journal has it, and ends with the run's own exit status; of a run that is over\n"
		"that is at once.  Ctrl-C leaves the run alone: weft cancel ends it.\n",
	.opts = attach_opts,
	.exec = exec,
};
