/* slurm_settle.c - how elements end: by their records; and what is thought of one that has none.
 *
 * Nothing is given up without taking its mark first: `begun` when it was never seen to start, `claim` when it was.
 * Who has the mark decides whether the attempt happened. */
#include "runtime/engine_slurm.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "runtime/stage_fs.h"

enum { KEEP_DIRS = 100, LINE_BYTES = 400, STATE_MS = 60000 /* to Slurm's word on why something was ended */, SCAN_MS = 1000 };

void slurm_look(struct slurm *s, uint32_t number, uint32_t index)
{
	s->ready = grow(s->ready, &s->readycap, s->nready + 1, sizeof(*s->ready));
	s->ready[s->nready++] = (uint64_t)number << 32 | index;
}

static int32_t seconds_from_now(const struct slurm *s, int64_t ms)
{
	return (int32_t)((clock_ms() - s->begin + ms) / 1000);
}

static void set_due(struct slurm *s, struct elem *el, int64_t ms)
{
	int64_t at = clock_ms() + ms;

	el->due = seconds_from_now(s, ms);
	if (!s->due_at || s->due_at > at)
		s->due_at = at;
}

int64_t slurm_most(const struct slurm *s, int64_t ms)
{
	return ms < s->patience ? ms : s->patience;
}

void slurm_over(struct slurm *s, struct sub *u, uint32_t index, enum slurm_state state)
{
	struct elem *el = &u->el[index];

	if (el->state == EL_JUDGED) {
		el->job = (uint8_t)state;
		slurm_look(s, u->number, index);
	}
	if (el->state != EL_SENT && el->state != EL_RUNS)
		return;
	el->state = EL_OVER;
	el->job = (uint8_t)state;
	set_due(s, el, state == SJ_UNKNOWN ? 0 : slurm_most(s, state == SJ_COMPLETED ? RECORD_LATE_MS : RECORD_MS));
	slurm_look(s, u->number, index);
}

bool slurm_void(struct slurm *s, const struct sub *u, uint32_t index, const char *what)
{
	enum remote_mark m = remote_mark(s->dir, what, u->number, index, "driver");

	if (m == MARK_ERROR && !s->r->broken) {
		diag_error(s->r->d, E1086, NOSPAN, "cannot write in `%s/%s`: %s", s->dir, what, strerror(errno));
		s->leave = s->r->broken = true;
	}
	return m == MARK_OURS;
}

/* ---- looking for records ---- */

/* "17.3" */
static bool read_name(const char *file, uint32_t *number, uint32_t *index)
{
	char *end;
	unsigned long a, b;

	if (*file < '1' || *file > '9')
		return false;
	a = strtoul(file, &end, 10);
	if (*end != '.' || end[1] < '0' || end[1] > '9')
		return false;
	b = strtoul(end + 1, &end, 10);
	*number = (uint32_t)a;
	*index = (uint32_t)b;
	return !*end && a < UINT32_MAX && b < UINT32_MAX;
}

void slurm_notice(struct slurm *s, const char *file)
{
	uint32_t number, index;

	if (read_name(file, &number, &index))
		slurm_look(s, number, index);
}

void slurm_scan(struct slurm *s)
{
	struct arena *a = arena_new();
	DIR *d = opendir(arena_printf(a, "%s/end", s->dir));
	struct dirent *e;

	while (d && (e = readdir(d)))
		slurm_notice(s, e->d_name);
	if (d)
		closedir(d);
	arena_free(a);
	s->scan_at = s->remote_fs ? clock_ms() + SCAN_MS : 0;
}

/* ---- outputs in sight ---- */

/* Files that another machine has renamed into place may not be seen at once. */
static bool in_sight(struct slurm *s, struct arena *a, const struct remote_end *e)
{
	struct stat sb;

	for (uint32_t i = 0; i < e->noutput; i++) {
		const char *at = stager_place(s->r->stager, a, e->output[i].path);

		if (!at || stat(at, &sb) < 0 || (e->output[i].size >= 0 && S_ISREG(sb.st_mode) && sb.st_size != e->output[i].size))
			return false;
	}
	return true;
}

/* ---- events ---- */

struct settle {
	struct slurm *s;
	event_fn *emit;
	void *ctx;
	struct arena *a;
};

static void move_record(struct slurm *s, const struct sub *u, uint32_t index, bool log_too)
{
	struct arena *a = arena_new();

	rename(arena_printf(a, "%s/end/%u.%u", s->dir, u->number, index), arena_printf(a, "%s/old/%u.%u", s->dir, u->number, index));
	unlink(arena_printf(a, "%s/claim/%u.%u", s->dir, u->number, index));
	if (log_too)
		unlink(arena_printf(a, "%s/log/%u.%u", s->dir, u->number, index));
	arena_free(a);
}

/* The last line of what Slurm and weft itself have said on the machine; NULL when nothing. */
static const char *last_line(struct slurm *s, struct arena *a, const struct sub *u, uint32_t index)
{
	size_t n, from;
	char *p = remote_read(a, s->dir, arena_printf(a, "log/%u.%u", u->number, index), 1 << 20, &n);

	while (p && n && (p[n - 1] == '\n' || p[n - 1] == ' '))
		p[--n] = 0;
	if (!p || !n)
		return NULL;
	for (from = n; from && p[from - 1] != '\n';)
		from--;
	if (n - from > LINE_BYTES)
		p[from + LINE_BYTES] = 0;
	return p + from;
}

static void emit(struct settle *t, struct sub *u, struct elem *el, struct event *ev)
{
	ev->id = (struct attempt_id){ u->task, el->instance, el->attempt };
	ev->kind = EV_ENDED;
	t->emit(t->ctx, ev);
	slurm_elem_end(t->s, u, el);
}

static void emit_plain(struct settle *t, struct sub *u, struct elem *el, enum run_cause cause, int status, const char *text)
{
	struct event ev = { .cause = cause, .status = status, .text = text, .wall_ms = -1, .cpu_ms = -1, .max_rss = -1,
		.mem_peak = -1 };

	emit(t, u, el, &ev);
}

/* Once more: it never began. */
static void again(struct settle *t, struct sub *u, struct elem *el)
{
	struct attempt_id id = { u->task, el->instance, el->attempt };

	slurm_enqueue(t->s, id, el->tries + 1u);
	slurm_elem_end(t->s, u, el);
}

/* ---- with a record ---- */

static struct made_files made(struct arena *a, const struct remote_end *e)
{
	struct made_files m = { .v = arena_zalloc(a, e->noutput + 1, sizeof(*m.v)), .n = e->noutput };

	for (uint32_t i = 0; i < e->noutput; i++)
		m.v[i] = (struct made_file){ .path = e->output[i].path, .port = e->output[i].port };
	return m;
}

/* Whoever can write in the shared directory can write a record: only what the job makes is believed to be made. */
static void believe(struct settle *t, const struct sub *u, const struct elem *el, struct remote_end *e, struct made_files *files)
{
	char *why = NULL;

	*files = made(t->a, e);
	if (stager_told(t->s->r->stager, (struct attempt_id){ u->task, el->instance, el->attempt }, t->a, files, &why))
		return;
	e->cause = R_COLLECT;
	e->text = why;
}

/* The work directories of the first failed attempts are kept. */
static void drop_work(struct slurm *s, const struct remote_end *e)
{
	struct arena *a = arena_new();
	const char *all = arena_printf(a, "%s/work", s->r->dir), *work = e->work ? fs_below(all, e->work) : NULL;
	const char *one = work ? arena_strndup(a, work, strcspn(work, "/")) : "";
	int dir = -1;

	if (*one && *one != '.' && s->kept++ >= KEEP_DIRS) /* a record names what it likes: nothing above is removed */
		dir = open(all, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (dir >= 0) {
		fs_remove(dir, one);
		close(dir);
	}
	arena_free(a);
}

/* What a record that says "ended from outside" means, now that Slurm has said what it did. */
static enum run_cause outside(const struct slurm *s, const struct elem *el)
{
	if (s->cancelling || el->cancel)
		return R_CANCEL;
	switch ((enum slurm_state)el->job) {
	case SJ_TIMEOUT: return R_TIMEOUT;
	case SJ_PREEMPTED: return R_PREEMPT;
	case SJ_NODE: return R_NODE;
	case SJ_OOM: return R_OOM;
	case SJ_PENDING: case SJ_RUNNING: case SJ_COMPLETED: case SJ_FAILED: case SJ_CANCELLED: case SJ_UNKNOWN: break;
	}
	return R_OUTSIDE;
}

/* Does the cause depend on what Slurm says, and has it not said it yet? */
static bool wants_state(struct slurm *s, struct elem *el, const struct remote_end *e)
{
	bool ask = (e->cause == R_CANCEL && e->termed && !s->cancelling && !el->cancel) || (e->cause == R_SIGNAL && e->status == SIGKILL);

	if (!ask || (el->state == EL_OVER || (el->state == EL_JUDGED && el->job >= SJ_COMPLETED)))
		return false;
	if (el->state == EL_JUDGED)
		return seconds_from_now(s, 0) < el->due;
	el->state = EL_JUDGED;
	set_due(s, el, STATE_MS);
	slurm_poll_soon(s);
	return true;
}

static void recorded(struct settle *t, struct sub *u, struct elem *el, struct remote_end *e, const struct made_files *files)
{
	struct event ev = { .cause = e->cause, .status = e->status, .text = e->text, .wall_ms = e->wall_ms, .cpu_ms = e->cpu_ms,
		.max_rss = e->max_rss, .mem_peak = -1 };
	struct stage st = { .argv = e->argv, .out_final = e->out, .err_final = e->err, .workdir = e->work, .pidfd = -1 };

	if (e->cause == R_CANCEL)
		ev.cause = outside(t->s, el);
	if (e->cause != R_DONE && (t->s->cancelling || el->cancel))
		ev.cause = R_CANCEL; /* its processes may have been told before it was */
	if (e->cause == R_SIGNAL && e->status == SIGKILL && el->job == SJ_OOM)
		ev.cause = R_OOM;
	if (ev.cause == R_TIMEOUT && e->cause != R_TIMEOUT)
		ev.status = (int)(u->ask.minutes * 60);
	else if (ev.cause != e->cause)
		ev.status = 0;
	if (e->argv && e->out && e->err && e->work)
		ev.stage = &st;
	if (e->cause == R_DONE) {
		ev.made = files;
		slurm_poll_later(t->s);
	} else {
		drop_work(t->s, e);
	}
	emit(t, u, el, &ev);
}

static void with_record(struct settle *t, struct sub *u, struct elem *el, struct remote_end *e)
{
	uint32_t index = (uint32_t)(el - u->el);
	struct made_files files = { 0 };

	if (wants_state(t->s, el, e))
		return;
	if (e->cause == R_DONE)
		believe(t, u, el, e, &files);
	if (e->cause == R_DONE && !in_sight(t->s, t->a, e)) {
		if (el->state != EL_LATE) {
			el->state = EL_LATE;
			set_due(t->s, el, slurm_most(t->s, RECORD_LATE_MS));
			return;
		}
		if (seconds_from_now(t->s, 0) < el->due)
			return;
		e->cause = R_COLLECT;
		e->text = "the outputs that were published there are not in sight here";
	}
	move_record(t->s, u, index, e->cause == R_DONE);
	recorded(t, u, el, e, &files);
}

/* ---- without a record ---- */

static const char *state_text(struct arena *a, enum slurm_state s, const char *line)
{
	static const char *const text[] = { [SJ_PENDING] = "it is not known any more", [SJ_RUNNING] = "it is not known any more",
		[SJ_COMPLETED] = "its job ended well without a record", [SJ_FAILED] = "its job failed",
		[SJ_CANCELLED] = "its job was cancelled", [SJ_TIMEOUT] = "its job ran out of time", [SJ_NODE] = "its machine failed",
		[SJ_OOM] = "its job ran out of memory", [SJ_PREEMPTED] = "its job was preempted",
		[SJ_UNKNOWN] = "Slurm does not know its job any more" };

	return line ? arena_printf(a, "%s: %s", text[s], line) : text[s];
}

static enum run_cause cause_of(const struct slurm *s, const struct elem *el)
{
	if (s->cancelling || el->cancel)
		return R_CANCEL;
	switch ((enum slurm_state)el->job) {
	case SJ_CANCELLED: return R_OUTSIDE;
	case SJ_TIMEOUT: return R_TIMEOUT;
	case SJ_OOM: return R_OOM;
	case SJ_PREEMPTED: return R_PREEMPT;
	case SJ_PENDING: case SJ_RUNNING: case SJ_COMPLETED: case SJ_FAILED: case SJ_NODE: case SJ_UNKNOWN: break;
	}
	return R_NODE;
}

/* It never began.  Whether that is the site's doing, and so free of charge, or somebody's wish.  A controller that was killed gives
 * out ids again that its machines still know; these then have it cancel whatever bears them now, for minutes, and in the jobs of
 * drivers that have not seen the outage too.  Slurm does not say who has cancelled: a person does it again. */
static bool by_the_site(const struct slurm *s, const struct elem *el)
{
	enum slurm_state st = (enum slurm_state)el->job;

	return st == SJ_UNKNOWN || st == SJ_NODE || (st == SJ_CANCELLED && (s->outage || !el->tries));
}

static void never_began(struct settle *t, struct sub *u, struct elem *el, const char *line)
{
	enum slurm_state st = (enum slurm_state)el->job;
	enum run_cause c = cause_of(t->s, el);

	if (c != R_CANCEL && by_the_site(t->s, el) && el->tries < FREE_TRIES) {
		again(t, u, el);
		return;
	}
	if (st == SJ_FAILED) /* the program cannot be started there, or the log not be opened */
		c = R_SPAWN;
	emit_plain(t, u, el, c, 0, c == R_SPAWN && line ? line : state_text(t->a, st, line));
}

/* Its record is overdue. */
static void lost(struct settle *t, struct sub *u, struct elem *el)
{
	uint32_t index = (uint32_t)(el - u->el);
	const char *line = last_line(t->s, t->a, u, index);

	if (slurm_void(t->s, u, index, "begun")) {
		never_began(t, u, el, line);
		return;
	}
	if (t->s->r->broken)
		return;
	if (el->job == SJ_UNKNOWN) { /* it began: now its record is worth waiting for */
		el->job = SJ_RUNNING;
		set_due(t->s, el, slurm_most(t->s, RECORD_MS));
		return;
	}
	if (!slurm_void(t->s, u, index, "claim") && el->job != SJ_COMPLETED && !t->s->cancelling) {
		el->job = SJ_COMPLETED; /* it is publishing, or has: its record is worth a longer wait */
		set_due(t->s, el, slurm_most(t->s, RECORD_LATE_MS));
		return;
	}
	t->s->zombies = true;
	emit_plain(t, u, el, cause_of(t->s, el), 0, state_text(t->a, (enum slurm_state)el->job, line));
}

/* ---- turns ---- */

static void settle_one(struct settle *t, struct sub *u, struct elem *el)
{
	uint32_t index = (uint32_t)(el - u->el);
	struct remote_end e;

	if (el->state == EL_ENDED || el->state == EL_FOUND)
		return;
	if (el->state == EL_REFUSED)
		emit_plain(t, u, el, R_REFUSED, 0, u->text);
	else if (el->state == EL_GONE)
		emit_plain(t, u, el, R_CANCEL, 0, NULL);
	else if (remote_end_read(t->a, t->s->dir, "end", u->number, index, &e))
		with_record(t, u, el, &e);
	else if (el->state == EL_OVER && seconds_from_now(t->s, 0) >= el->due)
		lost(t, u, el);
}

/* Everything that has a time at which it is to be looked at again. */
static void look_at_due(struct slurm *s)
{
	int64_t now = clock_ms();

	if (!s->due_at || now < s->due_at)
		return;
	s->due_at = 0;
	for (uint32_t i = 1; i < s->nsub; i++)
		for (uint32_t k = 0; s->sub[i] && k < s->sub[i]->n; k++) {
			const struct elem *el = &s->sub[i]->el[k];

			if (el->state != EL_OVER && el->state != EL_JUDGED && el->state != EL_LATE)
				continue;
			slurm_look(s, i, k);
			s->due_at = now + 1000;
		}
}

void slurm_settle(struct slurm *s, event_fn *emit_fn, void *ctx)
{
	struct settle t = { .s = s, .emit = emit_fn, .ctx = ctx, .a = arena_new() };

	look_at_due(s);
	for (uint32_t i = 0; i < s->nready; i++) { /* none is added meanwhile but by those that are looked at */
		uint32_t index = (uint32_t)s->ready[i];
		struct sub *u = slurm_sub(s, (uint32_t)(s->ready[i] >> 32));

		if (u && index < u->n && (u->state != SUB_POSTED || u->el[index].state == EL_GONE))
			settle_one(&t, u, &u->el[index]);
		arena_reset(t.a, (struct arena_mark){ 0 });
	}
	s->nready = 0;
	arena_free(t.a);
}
