/* engine_local.c - attempts as processes of this machine: stage them, watch their pidfds, end them in time. */
#include "runtime/confine.h"
#include "runtime/driver.h"
#include "runtime/full.h"
#include "runtime/publishing.h"
#include "runtime/seats.h"

#include <stdlib.h>
#include <string.h>

enum {
	TERM_GRACE_MS = 5000, /* from TERM to KILL at a time-out */
	KEEP_DIRS = 100,      /* work directories of failed attempts that are kept in one run */
};

enum slot_phase { SLOT_FREE, SLOT_RUNNING, SLOT_UNSTARTED /* staging failed; EV_ENDED is due */, SLOT_ENDING,
	SLOT_PUBLISHING, SLOT_STRANDED /* its stores do not answer; EV_ENDED is due */ };

struct slot { /* timer id = number of the slot + 1 */
	uint8_t phase;
	bool fresh;           /* EV_STARTED is due */
	bool termed;          /* TERM was sent: the timer means KILL.  While it publishes: it was told to stop */
	enum run_cause why;   /* R_DONE: it was left alone; else why it was told to end */
	struct stage st;
	struct attempt_id id;
	struct taken taken;   /* of the machine's cpus and memory */
	struct confined held; /* to what it asked for */
	bool cut;             /* it wanted more memory than there is */
	int64_t start, limit; /* ms */
	struct event ev;      /* what is known of its end; while it publishes */
	struct publishing *publishing;
	uint32_t fd;          /* place in loop.fds */
	enum run_cause cause; /* SLOT_UNSTARTED */
	char *text;
};
struct local {
	struct slot *slot;
	uint32_t n, due, kept; /* due: slots with an event that no descriptor tells of */
	struct seats seats;
	struct confine *confine;
};

static bool local_open(struct run *r)
{
	struct local *l = xcalloc(1, sizeof(*l));

	l->n = r->jobs;
	l->slot = xcalloc(l->n, sizeof(*l->slot));
	seats_open(r, &l->seats);
	l->confine = confine_new(r->opt);
	stager_most(r->stager, l->seats.room.all.cpu, l->seats.room.all.mem);
	r->engine_data = l;
	return true;
}

static bool local_fits(struct run *r, struct attempt_id id, uint32_t passed)
{
	struct local *l = r->engine_data;

	return seats_fit(r, &l->seats, id, passed);
}

static void unstarted(struct local *l, struct slot *s, const struct stage_error *err)
{
	s->phase = SLOT_UNSTARTED;
	s->cause = err->cause;
	s->text = err->text ? xstrdup(err->text) : NULL;
	l->due++;
}

static bool local_submit(struct run *r, struct attempt_id id)
{
	struct local *l = r->engine_data;
	struct stage_error err = { .cause = R_SPAWN };
	struct slot *s = l->slot;
	int pidfd;

	while (s < l->slot + l->n && s->phase != SLOT_FREE)
		s++;
	if (s == l->slot + l->n)
		return false;
	memset(s, 0, sizeof(*s));
	s->id = id;
	s->start = clock_ms();
	s->taken = seats_take(r, &l->seats, id.task);
	s->cut = l->seats.ask.cut;
	err.text = l->seats.never;
	if (l->seats.never || !stage_prepare(r->stager, id, &s->st, &err)) {
		unstarted(l, s, &err);
	} else if (!confine_attempt(l->confine, &l->seats.ask, &s->st, &s->held, &err.text) ||
	           stage_spawn(r->stager, &s->st, &pidfd, &err) < 0) {
		unstarted(l, s, &err);
		stage_drop(r->stager, &s->st, false);
	} else {
		s->phase = SLOT_RUNNING;
		s->fresh = r->opt->verbose; /* nobody else wants to know at once */
		l->due += s->fresh;
		s->limit = stage_time_limit(r->stager, id);
		if (s->limit > 0)
			loop_timer(&r->loop, (uint32_t)(s - l->slot) + 1, s->start + s->limit);
	}
	confine_started(&s->held);
	return true;
}

/* TERM now, KILL after the grace. */
static void end_slot(struct run *r, struct slot *s, enum run_cause why, int grace_ms)
{
	struct local *l = r->engine_data;
	uint32_t id = (uint32_t)(s - l->slot) + 1;

	if (s->why == R_DONE)
		s->why = why;
	if (!s->termed || !grace_ms)
		stage_signal(&s->st, grace_ms ? SIGTERM : SIGKILL);
	s->termed = true;
	loop_timer(&r->loop, id, grace_ms ? clock_ms() + grace_ms : -1);
}

/* The same for an attempt whose command has ended well: what is stored already stays so. */
static void stop_publishing(struct run *r, struct slot *s, enum run_cause why, int grace_ms)
{
	struct local *l = r->engine_data;

	if (s->why == R_DONE)
		s->why = why;
	s->termed = true;
	publishing_stop(s->publishing);
	if (!grace_ms) {
		publishing_abandon(s->publishing);
		stage_strand(r->stager, &s->st);
		s->phase = SLOT_STRANDED;
		l->due++;
	}
	loop_timer(&r->loop, (uint32_t)(s - l->slot) + 1, grace_ms ? clock_ms() + grace_ms : -1);
}

static void stop_slot(struct run *r, struct slot *s, enum run_cause why, int grace_ms)
{
	if (s->phase == SLOT_RUNNING)
		end_slot(r, s, why, grace_ms);
	else if (s->phase == SLOT_PUBLISHING)
		stop_publishing(r, s, why, grace_ms);
}

static void local_cancel(struct run *r, int grace_ms)
{
	struct local *l = r->engine_data;

	for (uint32_t i = 0; i < l->n; i++)
		stop_slot(r, &l->slot[i], R_CANCEL, grace_ms);
}

static void local_cancel_some(struct run *r, int grace_ms)
{
	struct local *l = r->engine_data;

	for (uint32_t i = 0; i < l->n; i++) {
		struct slot *s = &l->slot[i];

		if (run_cancelled(r, s->id.task, (uint32_t)s->id.instance))
			stop_slot(r, s, R_CANCEL, grace_ms);
	}
}

static void local_timer(struct run *r, uint32_t id)
{
	struct local *l = r->engine_data;
	struct slot *s = &l->slot[id - 1];

	stop_slot(r, s, R_TIMEOUT, s->termed ? 0 : TERM_GRACE_MS);
}

static int local_watch(struct run *r)
{
	struct local *l = r->engine_data;

	for (uint32_t i = 0; i < l->n; i++) {
		struct slot *s = &l->slot[i];

		if (s->phase == SLOT_RUNNING || s->phase == SLOT_PUBLISHING)
			s->fd = run_watch(r, s->phase == SLOT_RUNNING ? s->st.pidfd : publishing_fd(s->publishing), POLLIN);
	}
	return l->due ? 0 : -1;
}

static void free_slot(struct run *r, struct slot *s)
{
	struct local *l = r->engine_data;

	seats_give(r, &l->seats, s->id.task, &s->taken);
	confine_drop(l->confine, &s->held);
	loop_timer(&r->loop, (uint32_t)(s - l->slot) + 1, -1);
	free(s->text);
	s->text = NULL;
	s->phase = SLOT_FREE;
}

static void emit_unstarted(struct run *r, struct slot *s, event_fn *emit, void *ctx)
{
	struct local *l = r->engine_data;
	struct event ev = { .id = s->id, .kind = EV_ENDED, .cause = s->cause, .text = s->text, .cpu_ms = -1, .max_rss = -1 };

	l->due--;
	emit(ctx, &ev);
	free_slot(r, s);
}

/* Why it ended: what we did to it comes before what it says itself. */
static void judge(struct run *r, struct slot *s, const struct stage_end *end, struct event *ev)
{
	struct local *l = r->engine_data;

	ev->cause = s->why != R_DONE ? s->why : end->cause;
	ev->status = end->status;
	ev->cpu_ms = end->cpu_ms;
	ev->max_rss = end->max_rss;
	ev->text = end->text;
	ev->cut = s->cut;
	if (s->why == R_DONE)
		confine_judge(l->confine, &s->held, end, ev);
}

static void tell_end(struct run *r, struct slot *s, event_fn *emit, void *ctx)
{
	struct local *l = r->engine_data;
	struct event *ev = &s->ev;
	bool keep, failed;

	s->phase = SLOT_ENDING;
	ev->wall_ms = clock_ms() - s->start;
	ev->made = ev->cause == R_DONE ? &s->st.made : NULL;
	if (ev->cause == R_TIMEOUT)
		ev->status = (int)(s->limit / 1000);
	failed = ev->cause != R_DONE && ev->cause != R_CANCEL;
	ev->full = failed && full_at(s->st.workdir);
	keep = failed && !ev->full && l->kept < KEEP_DIRS; /* what fills the disk would make the others fail */
	l->kept += keep;
	emit(ctx, ev);
	stage_drop(r->stager, &s->st, keep);
	free_slot(r, s);
}

static void published(struct slot *s, bool ok, char *why)
{
	s->ev.cause = ok ? R_DONE : s->why != R_DONE ? s->why : R_COLLECT;
	s->ev.text = why;
	if (ok)
		stage_published(&s->st);
}

/* What cannot keep the others waiting is done at once.  true: it goes on by itself. */
static bool publish_begin(struct run *r, struct slot *s)
{
	struct publish *p;
	char *text;
	bool ok;

	s->ev.cause = stage_gather(r->stager, &s->st, &p, &text);
	s->ev.text = text;
	if (s->ev.cause != R_DONE)
		return false;
	s->publishing = stage_is_quick(r->stager, p) ? NULL : publishing_start(p);
	if (s->publishing) {
		s->phase = SLOT_PUBLISHING;
		return true;
	}
	ok = publish_commit(p, &text, s->st.arena);
	publish_free(p);
	published(s, ok, ok ? NULL : text);
	return false;
}

static void ended(struct run *r, struct slot *s, const struct stage_end *end, event_fn *emit, void *ctx)
{
	s->ev = (struct event){ .id = s->id, .kind = EV_ENDED, .stage = &s->st };
	s->phase = SLOT_ENDING; /* no signal may go to it any more */
	judge(r, s, end, &s->ev);
	if (s->ev.cause != R_DONE || !publish_begin(r, s))
		tell_end(r, s, emit, ctx);
}

static void turn_publishing(struct run *r, struct slot *s, event_fn *emit, void *ctx)
{
	char *why;
	bool ok;

	if (!publishing_over(s->publishing, &ok, &why, s->st.arena))
		return;
	published(s, ok, why);
	tell_end(r, s, emit, ctx);
}

static void tell_stranded(struct run *r, struct slot *s, event_fn *emit, void *ctx)
{
	struct local *l = r->engine_data;

	l->due--;
	s->ev.cause = s->why;
	s->ev.text = _("its results could not be stored in time: where they go does not answer");
	tell_end(r, s, emit, ctx);
}

static void emit_started(struct run *r, struct slot *s, event_fn *emit, void *ctx)
{
	struct local *l = r->engine_data;
	struct event ev = { .id = s->id, .kind = EV_STARTED, .cpu_ms = -1, .max_rss = -1, .stage = &s->st };

	s->fresh = false;
	l->due--;
	emit(ctx, &ev);
}

static void local_turn(struct run *r, event_fn *emit, void *ctx)
{
	struct local *l = r->engine_data;

	for (uint32_t i = 0; i < l->n; i++) {
		struct slot *s = &l->slot[i];
		struct stage_end end = { R_DONE, 0, -1, -1, NULL };

		if (s->fresh)
			emit_started(r, s, emit, ctx);
		if (s->phase == SLOT_UNSTARTED)
			emit_unstarted(r, s, emit, ctx);
		else if (s->phase == SLOT_RUNNING && r->loop.fds[s->fd].revents && stage_reap(r->stager, &s->st, &end))
			ended(r, s, &end, emit, ctx);
		else if (s->phase == SLOT_PUBLISHING && r->loop.fds[s->fd].revents)
			turn_publishing(r, s, emit, ctx);
		else if (s->phase == SLOT_STRANDED)
			tell_stranded(r, s, emit, ctx);
	}
}

static void local_close(struct run *r)
{
	struct local *l = r->engine_data;

	for (uint32_t i = 0; i < l->n; i++) {
		if (l->slot[i].phase == SLOT_PUBLISHING) {
			publishing_abandon(l->slot[i].publishing);
			stage_strand(r->stager, &l->slot[i].st);
		}
		if (l->slot[i].phase == SLOT_RUNNING || l->slot[i].phase == SLOT_PUBLISHING)
			stage_drop(r->stager, &l->slot[i].st, false); /* ends it first */
		free(l->slot[i].text);
	}
	confine_free(l->confine);
	free(l->slot);
	free(l);
}

const struct engine_ops engine_local = { .name = "local", .open = local_open, .submit = local_submit,
	.cancel = local_cancel, .cancel_some = local_cancel_some, .watch = local_watch, .timer = local_timer, .turn = local_turn,
	.close = local_close, .check = seats_check, .fits = local_fits };
