/* run_cancel.c - the driver's side of `weft cancel`: requests in the run's directory, and which instances they name. */
#include "runtime/driver.h"

#include <stdlib.h>
#include <sys/inotify.h>
#include <unistd.h>

#include "base/intl.h"
#include "runtime/cancel.h"
#include "runtime/progress.h"
#include "runtime/remote.h"
#include "runtime/retry.h"
#include "runtime/target.h"

enum { LOOK_MS = 2000 };

struct cancels {
	int notify;         /* inotify of the run's directory, -1 */
	uint32_t notify_at; /* its place in loop.fds */
	bool far;           /* requests may come from machines that inotify knows nothing of */
	int64_t look_at;    /* clock_ms; with FAR */
	bool some;          /* single tasks or instances were named */
	uint8_t *task;      /* [ntask] all its instances; NULL before any was named */
	uint8_t **inst;     /* [ntask] NULL, or [count]; NULL before any was named */
};

static void refuse(void *why, const char *const *target, uint32_t n, struct cancel_answer *w)
{
	(void)target, (void)n;
	w->why = why;
}

void cancels_open(struct run *r)
{
	struct cancels *c = xcalloc(1, sizeof(*c));

	r->cancels = c;
	cancel_take(r->dir, refuse, (void *)(uintptr_t)_("the driver that was asked has died"));
	c->far = remote_fs(r->dir);
	c->notify = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
	if (c->notify < 0 || inotify_add_watch(c->notify, r->dir, IN_MOVED_TO) < 0)
		c->far = true;
}

void cancels_free(struct run *r)
{
	struct cancels *c = r->cancels;

	if (!c)
		return;
	cancel_take(r->dir, refuse, (void *)(uintptr_t)_("it has just ended"));
	if (c->notify >= 0)
		close(c->notify);
	for (uint32_t t = 0; c->inst && t < r->job->ntask; t++)
		free(c->inst[t]);
	free(c->inst);
	free(c->task);
	free(c);
	r->cancels = NULL;
}

bool run_cancelled(const struct run *r, uint32_t task, uint32_t inst)
{
	const struct cancels *c = r->cancels;

	return c && c->some && (c->task[task] || (c->inst[task] && c->inst[task][inst]));
}

/* ---- marking ---- */

static void count(const struct stask *q, uint32_t lo, uint32_t hi, struct cancel_answer *w)
{
	if (q->phase == TP_CLOSED)
		w->waiting += hi - lo + 1;
	if (q->phase != TP_OPEN)
		return;
	for (uint32_t i = lo; i <= hi && i < q->count; i++) {
		enum inst_state st = stask_state(q, i);

		w->running += st == I_RUN;
		w->waiting += st == I_WAIT || st == I_READY;
	}
}

static void mark(struct run *r, const struct target *t, struct cancel_answer *w)
{
	struct cancels *c = r->cancels;
	const struct stask *q = sched_task(r->sched, t->task);
	bool all = t->hi == UINT32_MAX, known = q->count != UINT32_MAX && q->count;

	if (!c->some) {
		c->task = xcalloc((size_t)r->job->ntask + 1, sizeof(*c->task));
		c->inst = xcalloc((size_t)r->job->ntask + 1, sizeof(*c->inst));
	}
	c->some = true;
	if (known)
		count(q, t->lo, all ? q->count - 1 : t->hi, w);
	if (all) {
		c->task[t->task] = 1;
		return;
	}
	if (!c->inst[t->task])
		c->inst[t->task] = xcalloc(q->count, 1);
	for (uint32_t i = t->lo; i <= t->hi && i < q->count; i++)
		c->inst[t->task][i] = 1;
}

/* All of them or none. */
static bool read_targets(struct run *r, const char *const *text, uint32_t n, struct target *t, struct cancel_answer *w)
{
	struct diags *d = diags_new(r->job->sources);
	bool ok = true;

	for (uint32_t i = 0; i < n && ok; i++)
		ok = target_read(r->job, NULL, text[i], d, &t[i]);
	if (!ok)
		w->why = arena_strdup(r->arena, d->n ? d->v[0].msg : "");
	diags_free(d);
	return ok;
}

static void whole_run(struct run *r, struct cancel_answer *w)
{
	bool unknown;
	uint64_t total = sched_total(r->sched, &unknown), begun = 0;

	for (int st = I_RUN; st < I_COUNT; st++)
		begun += sched_sum(r->sched, (enum inst_state)st);
	w->running = r->running;
	w->waiting = total > begun ? total - begun : 0;
	run_stop_asked(r);
}

static void request(void *ctx, const char *const *text, uint32_t n, struct cancel_answer *w)
{
	struct run *r = ctx;
	struct target *t = xcalloc((size_t)n + 1, sizeof(*t));

	if (!n) {
		whole_run(r, w);
	} else if (read_targets(r, text, n, t, w)) {
		for (uint32_t i = 0; i < n; i++)
			mark(r, &t[i], w);
		r->engine->cancel_some(r, CANCEL_GRACE_MS);
		retry_cancelled(r);
	} else {
		free(t);
		return;
	}
	free(t);
	w->done = true;
	r->res->asked = true;
	progress_line(r, arena_printf(r->arena, "cancelled by request: %llu running, %llu waiting", w->running, w->waiting));
}

/* ---- turns ---- */

int cancels_watch(struct run *r)
{
	struct cancels *c = r->cancels;
	int64_t ms = c->look_at - clock_ms();

	if (c->notify >= 0)
		c->notify_at = run_watch(r, c->notify, POLLIN);
	return !c->far ? -1 : ms < 0 ? 0 : (int)ms;
}

void cancels_turn(struct run *r)
{
	struct cancels *c = r->cancels;
	char b[4096] __attribute__((aligned(8)));
	bool told = c->notify >= 0 && r->loop.fds[c->notify_at].revents;

	while (told && read(c->notify, b, sizeof(b)) > 0)
		;
	if (!told && (!c->far || clock_ms() < c->look_at))
		return;
	c->look_at = clock_ms() + LOOK_MS;
	cancel_take(r->dir, request, r);
}
