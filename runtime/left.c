/* left.c - see left.h. */
#include "runtime/left.h"

#include <errno.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "runtime/driver.h"
#include "runtime/journal.h"
#include "runtime/session.h"

struct closing {
	struct journal *j;
	struct past_run *run;
	int64_t now;
	struct buf b;
};

static void put(struct closing *c, enum record_kind kind)
{
	session_begin(c->j);
	journal_append(c->j, (uint8_t)kind, c->b.p, c->b.len);
	buf_reset(&c->b);
}

static bool close_attempt(void *ctx, const struct past_attempt *a)
{
	struct closing *c = ctx;
	struct rec_end r = { .who = a->who, .run = c->run->run.run, .attempt = a->attempt, .instance = a->instance, .time_ms = c->now,
		.wall_ms = -1, .cpu_ms = -1, .max_rss = -1, .cause = R_CANCEL, .final = true, .text = "" };

	if (a->state != PAST_RUNNING)
		return true;
	c->run->end.cancelled++;
	rec_write_end(&c->b, &r);
	put(c, RK_END);
	return true;
}

/* The run is over for good: what was begun was cancelled. */
static bool close_run(const char *base, const struct past_run *run, struct diags *d)
{
	struct past_run done = *run;
	struct closing c = { .j = journal_open(base, true, d), .run = &done };
	struct past *p;
	bool ok;

	if (!c.j)
		return false;
	c.now = (int64_t)time(NULL) * 1000;
	buf_init(&c.b, JOURNAL_RECORD_MAX);
	p = past_read(c.j, run);
	past_each(p, close_attempt, &c);
	past_free(p);
	done.end.run = run->run.run;
	done.end.time_ms = c.now;
	done.end.wall_ms = c.now - run->run.time_ms;
	done.end.exit = 5;
	rec_write_run_end(&c.b, &done.end);
	put(&c, RK_RUN_END);
	buf_free(&c.b);
	ok = journal_flush(c.j) && journal_sync(c.j);
	journal_close(c.j);
	return ok || diag_error(d, E1005, NOSPAN, "cannot write `%s/journal`: %s", base, strerror(errno));
}

static int cancel(struct run *r, const struct past_run *run, const char *const *target, uint32_t n, uint32_t *jobs)
{
	r->dir = arena_printf(r->arena, "%s/runs/%04u", r->base, run->run.run);
	if (!r->engine->left)
		return n || close_run(r->base, run, r->d) ? 1 : 4;
	if (!r->engine->left(r, target, n, jobs))
		return r->d->n ? 4 : 1;
	return n || close_run(r->base, run, r->d) ? 0 : 4;
}

int left_cancel(const char *base, const struct past_run *run, const struct run_options *o, const char *const *target,
	uint32_t n, struct diags *d, uint32_t *jobs)
{
	struct job j = { 0 };
	struct run r = { .job = &j, .opt = o, .d = d, .arena = arena_new(), .lock = -1 };
	int rc;

	*jobs = 0;
	j.dir = arena_strndup(r.arena, base, strlen(base) - strlen(".weft"));
	r.engine = engine_named(o->engine);
	rc = run_dir_lock(&r);
	if (!rc)
		rc = r.engine ? cancel(&r, run, target, n, jobs) : 1;
	if (r.lock >= 0)
		close(r.lock);
	arena_free(r.arena);
	return rc;
}
