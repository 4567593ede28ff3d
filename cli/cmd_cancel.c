/* cmd_cancel.c - weft cancel: ask the driver of a run to end it or a part of it; without a driver, end what it has left. */
#include "cli/cmd.h"
#include "cli/load.h"
#include "cli/look.h"
#include "cli/runargs.h"
#include "compiler/site.h"
#include "runtime/cancel.h"
#include "runtime/left.h"
#include "runtime/text.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

enum { ANSWER_MS = 10000, END_MS = 30000, LOOK_MS = 20, LOOK_MAX_MS = 500 };

static const struct opt cancel_opts[] = {
	{ 'y', "yes", NULL, "do not ask", NULL, false, FILL_NONE },
	OPT_SLURM,
	OPT_SITE,
	OPT_ERROR_FORMAT,
	OPT_END,
};

struct cancel {
	struct look *l;
	const struct opts *o;
	const struct past_run *r;
	const char *const *target;
	uint32_t n;
};

/* ---- asking ---- */

static void name_what(const struct cancel *c, struct buf *b)
{
	if (!c->n)
		buf_addf(b, "run %u", c->r->run.run);
	for (uint32_t i = 0; i < c->n && i < LOOK_FIRST; i++) {
		buf_adds(b, i ? ", " : "");
		text_safe(b, c->target[i], strlen(c->target[i]), 4096);
	}
	if (c->n > LOOK_FIRST)
		buf_addf(b, " and %u more", c->n - LOOK_FIRST);
	if (c->n)
		buf_addf(b, " of run %u", c->r->run.run);
	buf_adds(b, " (");
	text_safe(b, c->r->run.job, strlen(c->r->run.job), 4096);
	buf_addf(b, ": %u ok, %u failed)", c->r->end.ok, c->r->end.failed);
}

static bool answered_yes(void)
{
	char line[16];

	return fgets(line, sizeof(line), stdin) && (line[0] == 'y' || line[0] == 'Y');
}

/* EXIT_OK: go on. */
static int ask(const struct cancel *c)
{
	struct buf b;
	bool yes;

	if (opts_flag(c->o, "yes"))
		return EXIT_OK;
	if (!isatty(STDIN_FILENO) || !isatty(STDERR_FILENO))
		return opts_error(c->o, "there is no terminal to ask on: --yes cancels without asking%s", "");
	buf_init(&b, 1 << 20);
	name_what(c, &b);
	fprintf(stderr, "cancel %s? [y/N] ", buf_str(&b));
	fflush(stderr);
	buf_free(&b);
	yes = answered_yes();
	if (!yes)
		fputs("nothing was cancelled\n", stderr);
	return yes ? EXIT_OK : EXIT_CANCELLED;
}

/* ---- with a driver ---- */

static int fail(struct cancel *c)
{
	return look_fail(c->l, EXIT_UNREACHABLE);
}

/* Look now and then, ever less often. */
static void rest(int *ms, int *left)
{
	poll(NULL, 0, *ms);
	*left -= *ms;
	*ms = *ms * 2 > LOOK_MAX_MS ? LOOK_MAX_MS : *ms * 2;
}

static bool answered(struct cancel *c, struct arena *a, const char *dir, const char *request, struct cancel_answer *w)
{
	int ms = LOOK_MS, left = ANSWER_MS;

	while (!cancel_answered(a, dir, request, w)) {
		if (left <= 0 || !past_holder(c->l->base)) {
			cancel_withdraw(dir, request);
			return cancel_answered(a, dir, request, w);
		}
		rest(&ms, &left);
	}
	return true;
}

static bool see_end(void *ctx, uint64_t off, uint8_t kind, const unsigned char *p, size_t n)
{
	struct past_run *r = ctx;
	struct rec_run_end end;

	if (off > r->from && kind == RK_RUN_END && rec_read_run_end(p, n, &end) && end.run == r->run.run) {
		r->end = end;
		r->life = PAST_ENDED;
	}
	return true;
}

/* The run was told to end: see it end. */
static int await_end(struct cancel *c)
{
	int ms = LOOK_MS, left = END_MS;
	struct past_run r = *c->r;
	struct buf b;

	while (r.life == PAST_LIVE && left > 0) {
		rest(&ms, &left);
		if (!journal_more(c->l->j, see_end, &r))
			break;
	}
	if (r.life != PAST_ENDED) {
		printf("run %u is being cancelled: weft attach %u follows it\n", r.run.run, r.run.run);
		return EXIT_OK;
	}
	buf_init(&b, 1 << 10);
	look_sums(&b, &r);
	printf("run %u cancelled: %s\n", r.run.run, buf_str(&b));
	buf_free(&b);
	return EXIT_OK;
}

static int with_driver(struct cancel *c)
{
	struct arena *a = arena_new();
	const char *dir = arena_printf(a, "%s/runs/%04u", c->l->base, c->r->run.run);
	const char *request = cancel_ask(a, dir, c->target, c->n);
	struct cancel_answer w = { 0 };
	int rc;

	if (!request) {
		diag_error(c->l->d, E1005, NOSPAN, "cannot write `%s`: %s", dir, strerror(errno));
		rc = fail(c);
	} else if (!answered(c, a, dir, request, &w)) {
		diag_error(c->l->d, E1088, NOSPAN, "the driver of run `%u` does not answer", c->r->run.run);
		rc = fail(c);
	} else if (!w.done) {
		diag_error(c->l->d, E1087, NOSPAN, "nothing was cancelled: %s", w.why);
		rc = look_fail(c->l, EXIT_USAGE);
	} else if (c->n) {
		printf("cancelled: %llu that ran, %llu that waited\n", w.running, w.waiting);
		rc = EXIT_OK;
	} else {
		rc = await_end(c);
	}
	arena_free(a);
	return rc;
}

/* ---- without one ---- */

static int without_driver(struct cancel *c)
{
	struct load load;
	struct run_options o = { .engine = c->r->run.engine, .endpoint = opts_value(c->o, "slurm"),
		.token_file = opts_value(c->o, "slurm-token") };
	uint32_t jobs = 0, run = c->r->run.run;
	int rc = EXIT_USAGE;

	if (!load_open(&load, c->o, false))
		return EXIT_USAGE;
	if (site_load(load.session, c->r->run.source)) {
		o.site = load.session->site;
		rc = left_cancel(c->l->base, c->r, &o, c->target, c->n, c->l->d, &jobs);
	}
	load_report(load.session->diags, c->o, stderr);
	load_close(&load);
	if (rc > EXIT_FAILED)
		return look_fail(c->l, rc);
	if (rc == EXIT_FAILED)
		printf("run %u has no driver any more, and nothing of it runs\n", run);
	else
		printf("run %u has no driver any more; %u of its jobs cancelled\n", run, jobs);
	return EXIT_OK;
}

/* ---- the command ---- */

static int cancel(struct cancel *c)
{
	int rc;

	if (c->r->life == PAST_ENDED) {
		printf("run %u has ended already: %s\n", c->r->run.run, look_state(c->r));
		return EXIT_OK;
	}
	rc = ask(c);
	if (rc)
		return rc;
	return c->r->life == PAST_LIVE ? with_driver(c) : without_driver(c);
}

static bool is_number(const char *s)
{
	return *s && strspn(s, "0123456789") == strlen(s);
}

static int exec(struct opts *o)
{
	uint32_t first = o->nargs && o->rest && is_number(o->args[0]) ? 1 : 0;
	struct look l;
	struct cancel c = { .l = &l, .o = o, .target = o->args + first, .n = o->nargs - first };
	int rc = look_open_run(&l, o, first ? o->args[0] : NULL, &c.r);

	if (!rc)
		rc = cancel(&c);
	look_close(&l);
	return rc;
}

const struct command cmd_cancel = {
	.name = "cancel",
	.usage = "[OPTIONS] [RUN] [TASK | TASK[KEY]]...",
	.summary = "end a run, or some of its tasks and instances",
	.help = "  weft cancel                    the run that goes on\n"
		"  weft cancel 12 --yes\n"
		"  weft cancel 'count[NA1]' merge only these; what needs them does not start, the rest goes on\n"
		"\n"
		"Asks first; without a terminal --yes has to be given.  What runs gets TERM, and KILL after four seconds; the driver\n"
		"ends with status 5 and everything that it has done stays done: the same command goes on from there.\n"
		"When the driver of a run has died, its jobs in a batch system are cancelled there; where that is comes from --slurm,\n"
		"WEFT_SLURM or the site file, as for weft run.\n",
	.opts = cancel_opts,
	.exec = exec,
};
