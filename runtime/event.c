/* event.c - see event.h: who is told what and when.  event_message.c has the words. */
#include "runtime/event.h"

#include <stdio.h>
#include <stdlib.h>

#include "runtime/driver.h"
#include "runtime/event_impl.h"
#include "runtime/plan.h"

struct events *events_new(struct run *r)
{
	struct events *e = xcalloc(1, sizeof(*e));

	e->r = r;
	e->running.size = sizeof(struct running);
	return e;
}

void events_add(struct events *e, struct event_sink *s)
{
	struct event_sink **p = &e->sink;
	size_t n = (size_t)e->r->job->ntask + 1;

	if (!e->sink) {
		e->task_start = arena_zalloc(e->r->arena, n, sizeof(*e->task_start));
		e->told_end = arena_zalloc(e->r->arena, n, sizeof(*e->told_end));
	}
	while (*p)
		p = &(*p)->next;
	s->next = NULL;
	*p = s;
	e->wants |= s->wants;
}

int events_watch(struct events *e, struct loop *l)
{
	int least = -1;

	for (struct event_sink *s = e->sink; s; s = s->next) {
		int ms = s->watch ? s->watch(s, l) : -1;

		if (ms >= 0 && (least < 0 || ms < least))
			least = ms;
	}
	return least;
}

void events_turn(struct events *e, const struct loop *l)
{
	for (struct event_sink *s = e->sink; s; s = s->next)
		s->turn(s, l);
}

bool events_free(struct events *e, struct diags *d)
{
	bool ok = true;

	if (!e)
		return true;
	for (struct event_sink *s = e->sink, *next; s; s = next) {
		next = s->next;
		ok = s->close(s, d) && ok;
	}
	underway_free(&e->running);
	free(e);
	return ok;
}

const struct job *events_job(const struct events *e)
{
	return e->r->job;
}

const char *events_job_id(const struct events *e)
{
	return e->r->stager ? stager_job_id(e->r->stager) : "";
}

/* ---- telling ---- */

static bool wanted(const struct events *e, enum event_object object, enum event_state state)
{
	return e->wants & EVENT_BIT(EVENT_KIND(object, state));
}

static struct job_event make(enum event_object object, enum event_state state)
{
	return (struct job_event){ .kind = EVENT_KIND(object, state), .cause = R_DONE, .wall_ms = -1, .cpu_ms = -1,
		.max_rss = -1, .mem_peak = -1 };
}

static void tell(struct events *e, struct job_event ev)
{
	ev.of = e;
	ev.seq = ++e->seq;
	ev.at_us = ev.at_us ? ev.at_us : clock_unix_us();
	for (struct event_sink *s = e->sink; s; s = s->next)
		if (s->wants & EVENT_BIT(ev.kind))
			s->tell(s, &ev);
}

static void tell_job(struct events *e, enum event_state state, int64_t end_us, const char *text)
{
	struct job_event ev = make(EO_JOB, state);

	ev.created_us = e->created;
	ev.start_us = e->started;
	ev.at_us = ev.end_us = end_us;
	ev.text = text;
	tell(e, ev);
}

static void tell_task(struct events *e, uint32_t task, enum event_state state, int64_t end_us)
{
	struct job_event ev = make(EO_TASK, state);

	ev.task = task;
	ev.start_us = e->task_start[task];
	ev.at_us = ev.end_us = end_us;
	tell(e, ev);
}

/* An instance that no attempt of this run is about. */
static void tell_instance(struct events *e, uint32_t task, int64_t inst, enum event_state state, const char *text)
{
	struct job_event ev = make(EO_INSTANCE, state);

	ev.task = task;
	ev.instance = inst;
	ev.attempt = sched_attempt(e->r->sched, task, (uint32_t)inst);
	ev.text = text;
	if (state != ES_WAITING)
		ev.at_us = ev.end_us = clock_unix_us();
	tell(e, ev);
}

/* ---- what happens ---- */

void events_begin(struct events *e)
{
	e->created = clock_unix_us();
	tell_job(e, ES_WAITING, 0, NULL);
	for (uint32_t t = 0; wanted(e, EO_TASK, ES_WAITING) && t < e->r->job->ntask; t++)
		if (sched_task(e->r->sched, t)->phase != TP_OFF)
			tell_task(e, t, ES_WAITING, 0);
}

void events_opened(struct events *e, uint32_t task)
{
	const struct stask *t = sched_task(e->r->sched, task);

	for (uint32_t i = 0; wanted(e, EO_INSTANCE, ES_WAITING) && i < t->count; i++)
		if (stask_state(t, i) != I_OFF && plan_verdict(e->r->plan, task, i) != V_CURRENT)
			tell_instance(e, task, i, ES_WAITING, NULL);
}

static void start_around(struct events *e, uint32_t task)
{
	if (!e->started) {
		e->started = clock_unix_us();
		tell_job(e, ES_RUNNING, 0, NULL);
	}
	if (!e->task_start[task]) {
		e->task_start[task] = clock_unix_us();
		tell_task(e, task, ES_RUNNING, 0);
	}
}

void events_running(struct events *e, struct attempt_id id)
{
	struct job_event ev = make(EO_INSTANCE, ES_RUNNING);
	struct running *running;

	if (!e->sink)
		return;
	start_around(e, id.task);
	ev.task = id.task;
	ev.instance = id.instance;
	ev.attempt = id.attempt;
	ev.at_us = ev.start_us = clock_unix_us();
	running = underway_add(&e->running, id.task, (uint32_t)id.instance);
	*running = (struct running){ .key = running->key, .begun_us = ev.start_us };
	tell(e, ev);
}

void events_submitted(struct events *e, struct attempt_id id, const char *engine_id)
{
	struct running *p = underway_find(&e->running, id.task, (uint32_t)id.instance);

	if (!p)
		p = underway_add(&e->running, id.task, (uint32_t)id.instance);
	snprintf(p->engine_id, sizeof(p->engine_id), "%s", engine_id);
}

const char *events_engine_id(const struct events *e, struct attempt_id id)
{
	const struct running *p = underway_find(&e->running, id.task, (uint32_t)id.instance);

	return p ? p->engine_id : "";
}

/* When a running instance began, which it does no more. */
static int64_t begun(struct events *e, struct attempt_id id)
{
	struct running *p = underway_find(&e->running, id.task, (uint32_t)id.instance);
	int64_t us = p ? p->begun_us : 0;

	if (p)
		underway_drop(&e->running, p);
	return us;
}

void events_ended(struct events *e, const struct event *end, bool again)
{
	struct job_event ev = make(EO_INSTANCE,
		again ? ES_WAITING : end->cause == R_DONE ? ES_FINISHED : end->cause == R_CANCEL ? ES_STOPPED : ES_FAILED);

	ev.start_us = begun(e, end->id);
	if (!e->sink)
		return;
	ev.task = end->id.task;
	ev.instance = end->id.instance;
	ev.attempt = end->id.attempt + again;
	ev.at_us = ev.end_us = clock_unix_us();
	ev.cause = end->cause;
	ev.status = end->status;
	ev.wall_ms = end->wall_ms;
	ev.cpu_ms = end->cpu_ms;
	ev.max_rss = end->max_rss;
	ev.mem_limit = end->mem_limit;
	ev.mem_peak = end->mem_limit ? end->mem_peak : -1;
	ev.text = end->text;
	ev.engine_id = end->engine_id;
	tell(e, ev);
}

void events_kept(struct events *e, uint32_t task, uint32_t inst)
{
	tell_instance(e, task, inst, ES_FINISHED, "current");
}

void events_stopped(struct events *e, uint32_t task, uint32_t inst)
{
	tell_instance(e, task, inst, ES_STOPPED, "cancelled");
}

/* Instances that end without having run. */
static void stop_instances(struct events *e, uint32_t task, uint32_t states, const char *text)
{
	const struct stask *t = sched_task(e->r->sched, task);

	for (uint32_t i = 0; stask_opened(t) && wanted(e, EO_INSTANCE, ES_STOPPED) && i < t->count; i++)
		if (states >> stask_state(t, i) & 1)
			tell_instance(e, task, i, ES_STOPPED, text);
}

void events_task(struct events *e, uint32_t task)
{
	const struct stask *t = sched_task(e->r->sched, task);
	bool tolerated = task_int(&e->r->job->task[task], SET_TOLERATE);
	bool fails = stask_n(t, I_FAIL) && !tolerated;

	if (!e->sink)
		return;
	if (stask_n(t, I_SKIP))
		stop_instances(e, task, 1u << I_SKIP, "needs something that failed");
	e->told_end[task] = 1;
	tell_task(e, task, fails ? ES_FAILED : t->dead || (stask_n(t, I_SKIP) && !stask_n(t, I_OK)) ? ES_STOPPED : ES_FINISHED,
		clock_unix_us());
}

void events_nothing(struct events *e)
{
	e->created = clock_unix_us();
	tell_job(e, ES_FINISHED, e->created, "nothing to do");
}

static void end_task(struct events *e, uint32_t task)
{
	const struct stask *t = sched_task(e->r->sched, task);

	if (t->phase == TP_OFF || e->told_end[task])
		return;
	stop_instances(e, task, 1u << I_WAIT | 1u << I_READY, "the run was stopped");
	tell_task(e, task, stask_n(t, I_FAIL) ? ES_FAILED : ES_STOPPED, clock_unix_us());
}

void events_end(struct events *e, enum event_state state, const char *text)
{
	for (uint32_t t = 0; e->sink && t < e->r->job->ntask; t++)
		end_task(e, t);
	tell_job(e, state, clock_unix_us(), text);
}
