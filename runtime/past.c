/* past.c - see past.h. */
#include "runtime/past.h"

#include "runtime/cause.h"
#include "runtime/history_table.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

pid_t past_holder(const char *base)
{
	struct flock fl = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
	char *path = xmalloc(strlen(base) + sizeof("/lock"));
	int fd, rc;

	memcpy(path, base, strlen(base));
	memcpy(path + strlen(base), "/lock", sizeof("/lock"));
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	rc = fd < 0 ? errno == ENOENT ? 1 : -1 : fcntl(fd, F_GETLK, &fl);
	if (fd >= 0)
		close(fd);
	free(path);
	if (rc)
		return rc < 0 ? PAST_UNKNOWN : 0;
	return fl.l_type == F_UNLCK ? 0 : fl.l_pid > 0 ? fl.l_pid : PAST_OTHER;
}

const char *past_word(enum past_state s, enum past_life life)
{
	static const char *const word[PAST_STATES] = { "running", "done", "failed", "cancelled", "to be tried again" };

	if (life != PAST_LIVE && s == PAST_RUNNING)
		return "lost";
	return life != PAST_LIVE && s == PAST_AGAIN ? "failed" : word[s];
}

/* A time that much before; -1 when one of them is none that a clock shows. */
static int64_t before(int64_t ms, int64_t by)
{
	return by < 0 || ms < by ? -1 : ms - by;
}

/* ---- all runs ---- */

struct runs {
	struct past_run *v;
	uint32_t n, cap, pid;
};

static void add_run(struct runs *s, uint64_t off, const unsigned char *p, size_t n)
{
	struct past_run r = { .life = PAST_CUT, .pid = s->pid, .from = off, .to = off };

	if (!rec_read_run(p, n, &r.run))
		return;
	r.end = (struct rec_run_end){ .run = r.run.run, .time_ms = r.run.time_ms, .exit = -1 };
	s->v = grow(s->v, &s->cap, s->n + 1, sizeof(*s->v));
	s->v[s->n++] = r;
}

static void add_end(struct past_run *r, const struct rec_end *e)
{
	if (e->run != r->run.run)
		return;
	r->end.time_ms = e->time_ms;
	if (!e->final)
		r->end.retried++;
	else if (e->cause == R_CANCEL)
		r->end.cancelled++;
	else
		r->end.failed++;
}

static void add_done(struct past_run *r, const struct rec_done *d)
{
	r->end.ok++;
	r->end.time_ms = d->time_ms;
}

/* Count what a run that has no end yet has done. */
static void count_record(struct past_run *r, uint8_t kind, const unsigned char *p, size_t n)
{
	struct rec_begin begin;
	struct rec_done done;
	struct rec_end end;

	if (kind == RK_BEGIN && rec_read_begin(p, n, &begin) && begin.run == r->run.run)
		r->end.time_ms = begin.time_ms;
	else if (kind == RK_END && rec_read_end(p, n, &end))
		add_end(r, &end);
	else if (kind == RK_DONE && rec_read_done(p, n, &done) && done.run == r->run.run)
		add_done(r, &done);
}

static bool see_run(void *ctx, uint64_t off, uint8_t kind, const unsigned char *p, size_t n)
{
	struct runs *s = ctx;
	struct past_run *r = s->n ? &s->v[s->n - 1] : NULL;
	struct rec_session session;
	struct rec_run_end end;

	if (kind == RK_SESSION && rec_read_session(p, n, &session))
		s->pid = session.pid;
	if (kind == RK_RUN) {
		add_run(s, off, p, n);
		return true;
	}
	if (!r || r->life == PAST_ENDED)
		return true;
	r->to = off;
	if (kind != RK_RUN_END) {
		count_record(r, kind, p, n);
	} else if (rec_read_run_end(p, n, &end) && end.run == r->run.run) {
		r->end = end;
		r->life = PAST_ENDED;
	}
	return true;
}

struct past_run *past_runs(const struct journal *j, pid_t holder, uint32_t *n)
{
	struct runs s = { 0 };
	struct past_run *last;

	journal_each(j, see_run, &s);
	*n = s.n;
	last = s.n ? &s.v[s.n - 1] : NULL;
	if (last && last->life == PAST_CUT && holder && (holder < 0 || (uint32_t)holder == last->pid))
		last->life = PAST_LIVE;
	for (uint32_t i = 0; i < s.n; i++)
		if (s.v[i].life == PAST_CUT)
			s.v[i].end.wall_ms = before(s.v[i].end.time_ms, s.v[i].run.time_ms);
	return s.v;
}

/* ---- one run ---- */

struct past {
	const struct journal *j;
	struct past_run run;
	uint64_t seed;
	struct table last;      /* who: the last of RK_BEGIN, RK_DONE, RK_END */
	struct table submitted; /* who: the last RK_SUBMITTED */
	struct table names;     /* task: a record of it; aux: index of `task` */
	struct past_task *task;
	uint32_t ntask, cap;
	uint64_t n[PAST_STATES];
};

static bool read_begin(const unsigned char *p, size_t n, struct past_attempt *a, uint32_t *run)
{
	struct rec_begin r;

	if (!rec_read_begin(p, n, &r))
		return false;
	*run = r.run;
	*a = (struct past_attempt){ .who = r.who, .state = PAST_RUNNING, .attempt = r.attempt, .instance = r.instance,
		.begin_ms = r.time_ms, .end_ms = -1, .wall_ms = -1, .cpu_ms = -1, .max_rss = -1, .text = "", .id = "" };
	return true;
}

static bool read_done(const unsigned char *p, size_t n, struct past_attempt *a, uint32_t *run)
{
	struct rec_done r;

	if (!rec_read_done(p, n, &r))
		return false;
	*run = r.run;
	*a = (struct past_attempt){ .who = r.who, .state = PAST_DONE, .attempt = r.attempt, .instance = r.instance,
		.begin_ms = before(r.time_ms, r.wall_ms), .end_ms = r.time_ms, .wall_ms = r.wall_ms, .cpu_ms = r.cpu_ms,
		.max_rss = r.max_rss, .adopted = r.adopted, .text = "", .id = "", .done = r };
	return true;
}

static bool read_end(const unsigned char *p, size_t n, struct past_attempt *a, uint32_t *run)
{
	struct rec_end r;

	if (!rec_read_end(p, n, &r))
		return false;
	*run = r.run;
	*a = (struct past_attempt){ .who = r.who, .attempt = r.attempt, .instance = r.instance,
		.state = !r.final ? PAST_AGAIN : r.cause == R_CANCEL ? PAST_CANCELLED : PAST_FAILED,
		.begin_ms = before(r.time_ms, r.wall_ms), .end_ms = r.time_ms, .wall_ms = r.wall_ms, .cpu_ms = r.cpu_ms,
		.max_rss = r.max_rss, .cause = r.cause, .status = r.status, .text = r.text, .id = "" };
	return true;
}

/* A record of an attempt of this run. */
static bool read_attempt(const struct past *p, uint8_t kind, const unsigned char *b, size_t n, struct past_attempt *a)
{
	uint32_t run = 0;
	bool ok = kind == RK_BEGIN ? read_begin(b, n, a, &run) : kind == RK_DONE ? read_done(b, n, a, &run) :
		kind == RK_END ? read_end(b, n, a, &run) : false;

	return ok && run == p->run.run.run;
}

static struct table_key key_of(const struct past *p, const struct rec_who *w)
{
	return table_key(p->seed, w->task, strlen(w->task) + 1, w->key, strlen(w->key) + 1);
}

static struct past_task *task_of(struct past *p, uint64_t off, const char *name)
{
	struct table_key k = table_key(p->seed, name, strlen(name) + 1, NULL, 0);
	uint64_t *e = table_get(&p->names, p->j, &k);

	if (e)
		return &p->task[p->names.aux[e - p->names.v]];
	p->task = grow(p->task, &p->cap, p->ntask + 1, sizeof(*p->task));
	p->task[p->ntask] = (struct past_task){ .name = name };
	table_set(&p->names, p->j, &k, off, p->ntask);
	return &p->task[p->ntask++];
}

/* First pass: which record is the last of each instance. */
static bool see_record(void *ctx, uint64_t off, uint8_t kind, const unsigned char *b, size_t n)
{
	struct past *p = ctx;
	struct rec_submitted sub;
	struct past_attempt a;
	struct table_key k;

	if (off <= p->run.from)
		return true;
	if (off > p->run.to)
		return false;
	if (read_attempt(p, kind, b, n, &a)) {
		k = key_of(p, &a.who);
		table_set(&p->last, p->j, &k, off, 0);
		task_of(p, off, a.who.task);
	} else if (kind == RK_SUBMITTED && rec_read_submitted(b, n, &sub)) {
		k = key_of(p, &sub.who);
		table_set(&p->submitted, p->j, &k, off, 0);
	}
	return true;
}

struct walk {
	const struct past *p;
	past_fn *fn;
	void *ctx;
};

static const char *id_of(const struct past *p, const struct table_key *k, uint32_t attempt)
{
	const uint64_t *e = table_get(&p->submitted, p->j, k);
	struct rec_submitted sub;
	uint8_t kind;
	size_t n;
	const unsigned char *b = e ? journal_at(p->j, entry_off(*e), &kind, &n) : NULL;

	return b && rec_read_submitted(b, n, &sub) && sub.attempt == attempt ? sub.id : "";
}

static bool walk_record(void *ctx, uint64_t off, uint8_t kind, const unsigned char *b, size_t n)
{
	const struct walk *w = ctx;
	const uint64_t *e;
	struct past_attempt a;
	struct table_key k;

	if (off <= w->p->run.from || off > w->p->run.to || !read_attempt(w->p, kind, b, n, &a))
		return true;
	k = key_of(w->p, &a.who);
	e = table_get(&w->p->last, w->p->j, &k);
	if (!e || entry_off(*e) != off)
		return true;
	a.id = id_of(w->p, &k, a.attempt);
	return w->fn(w->ctx, &a);
}

bool past_each(const struct past *p, past_fn *fn, void *ctx)
{
	struct walk w = { p, fn, ctx };

	return journal_each(p->j, walk_record, &w);
}

static bool count_attempt(void *ctx, const struct past_attempt *a)
{
	struct past *p = ctx;
	struct past_task *t = task_of(p, 0, a->who.task);

	t->n[a->state]++;
	p->n[a->state]++;
	if (a->state == PAST_DONE && a->wall_ms > 0 && a->wall_ms < PAST_LONGEST_MS) {
		t->wall_ms += a->wall_ms;
		t->longest_ms = a->wall_ms > t->longest_ms ? a->wall_ms : t->longest_ms;
	}
	return true;
}

struct past *past_read(const struct journal *j, const struct past_run *r)
{
	struct past *p = xcalloc(1, sizeof(*p));

	p->j = j;
	p->run = *r;
	p->seed = journal_seed(j);
	p->names.wide = true;
	journal_each(j, see_record, p);
	past_each(p, count_attempt, p);
	return p;
}

void past_free(struct past *p)
{
	if (!p)
		return;
	table_free(&p->last);
	table_free(&p->submitted);
	table_free(&p->names);
	free(p->task);
	free(p);
}

uint32_t past_ntask(const struct past *p)
{
	return p->ntask;
}

const struct past_task *past_task(const struct past *p, uint32_t i)
{
	return &p->task[i];
}

uint64_t past_count(const struct past *p, enum past_state s)
{
	return p->n[s];
}
