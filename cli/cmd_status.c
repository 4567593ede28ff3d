/* cmd_status.c - weft status: the run that is going on, or the last one, task by task. */
#include "cli/cmd.h"
#include "cli/load.h"
#include "cli/look.h"
#include "runtime/loop.h"
#include "runtime/text.h"

#include <string.h>

static const struct opt status_opts[] = {
	OPT_ALL,
	OPT_JSON,
	OPT_ERROR_FORMAT,
	OPT_END,
};

/* Instances that nothing is recorded of yet, as far as their number was known when the run began. */
static uint64_t waiting(const struct past_run *r, const struct past *p)
{
	uint64_t seen = 0;

	for (int s = 0; s < PAST_STATES; s++)
		seen += past_count(p, (enum past_state)s);
	return r->life == PAST_LIVE && r->run.instances > seen ? r->run.instances - seen : 0;
}

/* ---- for people ---- */

static void add_counts(struct buf *b, const uint64_t n[PAST_STATES], enum past_life life)
{
	static const enum past_state order[] = { PAST_FAILED, PAST_RUNNING, PAST_DONE, PAST_CANCELLED, PAST_AGAIN };
	bool over = life != PAST_LIVE;

	for (size_t i = 0; i < sizeof(order) / sizeof(*order); i++) {
		enum past_state s = order[i];

		if (s == PAST_AGAIN && over)
			continue;
		look_count(b, n[s] + (s == PAST_FAILED && over ? n[PAST_AGAIN] : 0), past_word(s, life));
	}
}

static void print_head(const struct past_run *r)
{
	int64_t since = clock_unix_us() / 1000 - r->run.time_ms;
	struct buf b;

	buf_init(&b, 1 << 16);
	text_safe(&b, r->run.job, strlen(r->run.job), 4096);
	buf_addf(&b, "   run %u   %s", r->run.run, look_state(r));
	if (r->life == PAST_LIVE) {
		buf_adds(&b, " for ");
		look_took(&b, since > 0 ? since : 0);
		buf_addf(&b, "   process %u", r->pid);
	} else {
		buf_adds(&b, r->life == PAST_CUT ? "   last seen " : "   ended ");
		look_when(&b, r->end.time_ms);
		buf_adds(&b, "   took ");
		look_took(&b, r->end.wall_ms);
	}
	printf("%s   engine %s\n", buf_str(&b), r->run.engine);
	buf_free(&b);
}

static void print_task(const struct past_run *r, const struct past_task *t, int width)
{
	struct buf b, nm;

	buf_init(&b, 1 << 10);
	buf_init(&nm, 1 << 10);
	text_elide(&nm, t->name, strlen(t->name), 40);
	add_counts(&b, t->n, r->life);
	printf("  %s%*s   %s\n", buf_str(&nm), width - (int)text_width(buf_str(&nm), nm.len, 0), "", buf_str(&b));
	buf_free(&b);
	buf_free(&nm);
}

static int name_width(const struct past *p)
{
	uint32_t most = 0;

	for (uint32_t i = 0; i < past_ntask(p); i++) {
		const char *nm = past_task(p, i)->name;
		uint32_t w = text_width(nm, strlen(nm), 0);

		most = w > most ? w : most;
	}
	return most > 40 ? 40 : (int)most;
}

static bool eventful(const struct past_task *t)
{
	return t->n[PAST_RUNNING] || t->n[PAST_FAILED] || t->n[PAST_AGAIN];
}

/* All tasks, or when there are many those that run or failed first. */
static void print_tasks(const struct past_run *r, const struct past *p, bool all)
{
	uint32_t n = past_ntask(p), shown = 0;
	int width = name_width(p);
	bool few = all || n <= LOOK_FIRST;

	for (uint32_t i = 0; i < n && (few || shown < LOOK_FIRST); i++) {
		if (few || eventful(past_task(p, i))) {
			print_task(r, past_task(p, i), width);
			shown++;
		}
	}
	if (shown < n)
		printf("  and %u more tasks: weft status --all\n", n - shown);
}

static void print_sum(const struct past_run *r, const struct past *p)
{
	uint64_t n[PAST_STATES];
	struct buf b;

	buf_init(&b, 1 << 10);
	for (int s = 0; s < PAST_STATES; s++)
		n[s] = past_count(p, (enum past_state)s);
	if (r->life == PAST_ENDED) {
		look_sums(&b, r);
	} else {
		add_counts(&b, n, r->life);
		look_count(&b, waiting(r, p), "waiting");
	}
	printf("%s\n", b.len ? buf_str(&b) : "nothing has begun");
	buf_free(&b);
	if (r->end.failed || n[PAST_FAILED] || (r->life == PAST_CUT && n[PAST_RUNNING]))
		printf("More: weft show %u\n", r->run.run);
}

static void print_status(const struct look *l, const struct past_run *r, const struct past *p, bool all)
{
	print_head(r);
	print_tasks(r, p, all);
	print_sum(r, p);
	if (r->life == PAST_LIVE)
		return;
	if (l->holder > 0)
		printf("Process %ld uses the workspace.\n", (long)l->holder);
	else if (l->holder == PAST_OTHER)
		puts("A process out of sight uses the workspace.");
}

/* ---- JSON ---- */

struct now {
	struct jw *w;
	uint64_t n, most;
};

static bool json_running(void *ctx, const struct past_attempt *a)
{
	struct now *l = ctx;

	if (a->state != PAST_RUNNING || l->n++ >= l->most)
		return true;
	jw_open(l->w, '{');
	jw_kstr(l->w, "task", a->who.task);
	jw_kstr(l->w, "key", a->who.key);
	jw_kint(l->w, "attempt", a->attempt);
	if (*a->id)
		jw_kstr(l->w, "engine_id", a->id);
	look_kwhen(l->w, "begin", a->begin_ms);
	jw_close(l->w);
	return true;
}

static void json_now(struct jw *w, const struct past_run *r, const struct past *p, bool all)
{
	struct now l = { .w = w, .most = r->life != PAST_LIVE ? 0 : all ? UINT64_MAX : LOOK_FIRST };

	jw_key(w, "now");
	jw_open(w, '[');
	past_each(p, json_running, &l);
	jw_close(w);
}

static void json_status(const struct look *l, const struct past_run *r, const struct past *p, bool all)
{
	struct buf b;
	struct jw w;

	buf_init(&b, (size_t)1 << 30);
	jw_init(&w, &b, 2);
	jw_open(&w, '{');
	jw_kstr(&w, "schema", "weft.status/1");
	jw_key(&w, "holder");
	if (l->holder > 0)
		jw_int(&w, l->holder);
	else
		jw_null(&w);
	jw_key(&w, "run");
	if (!r) {
		jw_null(&w);
	} else {
		jw_open(&w, '{');
		look_json_run(&w, r);
		jw_kint(&w, r->life == PAST_LIVE ? "running" : "lost", (int64_t)past_count(p, PAST_RUNNING));
		jw_kint(&w, "waiting", (int64_t)waiting(r, p));
		look_json_tasks(&w, p, r->life);
		json_now(&w, r, p, all);
		jw_close(&w);
	}
	jw_close(&w);
	buf_addc(&b, '\n');
	look_put(&b);
	buf_free(&b);
}

static int exec(struct opts *o)
{
	struct look l;
	const struct past_run *r;
	struct past *p;
	int rc;

	if (o->nargs)
		return opts_error(o, "no operand is wanted, not %s", o->args[0]);
	rc = look_open(&l, o);
	r = l.nrun ? &l.run[l.nrun - 1] : NULL;
	p = r ? past_read(l.j, r) : NULL;
	if (!rc && opts_flag(o, "json"))
		json_status(&l, r, p, opts_flag(o, "all"));
	else if (!rc && r)
		print_status(&l, r, p, opts_flag(o, "all"));
	else if (!rc)
		puts("nothing has run here");
	past_free(p);
	look_close(&l);
	return rc;
}

const struct command cmd_status = {
	.name = "status",
	.usage = "[OPTIONS]",
	.summary = "what is running, or how the last run ended",
	.help = "  weft status\n"
		"  weft status --json | jq .run.tasks\n"
		"\n"
		"Reads the journal of this directory, or of the nearest one above that has any: for each task how many of\n"
		"its instances are done, running and failed, and which process holds the workspace.  Nothing is locked: it\n"
		"can be asked while a run is going on, and from another machine that sees the directory.\n",
	.opts = status_opts,
	.exec = exec,
};
