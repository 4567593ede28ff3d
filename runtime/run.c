/* run.c - run_job: set up, drive the scheduler and the engine until nothing is left, sum up. */
#include "runtime/run.h"

#include "base/op.h"
#include "runtime/driver.h"
#include "runtime/event.h"
#include "runtime/event_file.h"
#include "runtime/full.h"
#include "runtime/ledger.h"
#include "runtime/notify.h"
#include "runtime/outlet.h"
#include "runtime/plan.h"
#include "runtime/pool.h"
#include "runtime/progress.h"
#include "runtime/report_fail.h"
#include "runtime/retry.h"
#include "runtime/shape.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

enum {
	JOBS_MAX = 4096,
	REMOTE_JOBS = 5000,     /* in a batch system's queue, which is there for others too */
	JOB_FILES = 4,          /* descriptors an attempt may take while it is started, and those of the driver */
	OWN_FILES = 64,
	FAIL_GRACE_MS = 5000,   /* TERM to KILL when a failure stops the run */
	PASSED_MAX = 256,       /* tasks passed over, because they do not fit now, before nothing more is looked at */
};

/* What cannot be recorded must not go on. */
static void journal_error(struct run *r)
{
	int err = errno;

	if (r->stop < STOP_ERROR) {
		diag_error(r->d, E1005, NOSPAN, "cannot write `%s/journal`: %s", r->base, strerror(err));
		full_help(r->d, err);
	}
	r->stop = STOP_ERROR;
}

/* ---- setting up ---- */

static uint32_t jobs_wanted(const struct run *r)
{
	uint32_t n = r->opt->jobs ? r->opt->jobs : r->slots ? r->slots : (uint32_t)(machine_size(r->opt).cpu / ROOM_CPU);

	return n > JOBS_MAX ? JOBS_MAX : n < 1 ? 1 : n;
}

/* How many instances at once; the limit on open files is raised only for those who ask for very many. */
static uint32_t jobs_at_once(const struct run *r)
{
	uint32_t n = jobs_wanted(r);
	struct rlimit rl;
	rlim_t need;

	need = (rlim_t)n * JOB_FILES + OWN_FILES;
	if (getrlimit(RLIMIT_NOFILE, &rl) || rl.rlim_cur >= need)
		return n;
	rl.rlim_cur = rl.rlim_max < need ? rl.rlim_max : need;
	setrlimit(RLIMIT_NOFILE, &rl);
	if (rl.rlim_cur >= need)
		return n;
	return rl.rlim_cur > OWN_FILES + JOB_FILES ? (uint32_t)(rl.rlim_cur - OWN_FILES) / JOB_FILES : 1;
}

static bool find_engine(struct run *r)
{
	const char *nm = r->opt->engine ? r->opt->engine : "local";
	struct suggest near = { .to = nm };
	struct buf all;

	r->engine = engine_named(nm);
	if (r->engine)
		return true;
	buf_init(&all, 1 << 12);
	diag_error(r->d, E1007, NOSPAN, "no engine named `%s`", nm);
	for (uint32_t i = 0; engine_all[i]; i++) {
		buf_addf(&all, "%s`%s`", i ? ", " : "", engine_all[i]->name);
		suggest_try(&near, engine_all[i]->name);
	}
	diag_suggest(r->d, &near);
	diag_note(r->d, "the engines: %s", buf_str(&all));
	buf_free(&all);
	return false;
}

static bool runnable(struct run *r)
{
	const struct job *j = r->job;
	bool ok = !j->cyclic;

	for (uint32_t t = 0; t < j->ntask; t++) {
		if (j->task[t].count < UINT32_MAX)
			continue;
		ok = diag_error(r->d, E1003, j->task[t].count_span, "task `%s` has %lld instances: the most is %lu",
			name_str(j->names, j->task[t].name), (long long)j->task[t].count, (unsigned long)UINT32_MAX - 1);
	}
	return ok;
}

/* The lock, the journal, and what it says is out of date. */
static int look(struct run *r)
{
	int rc = run_dir_lock(r);

	if (rc)
		return rc;
	r->journal = journal_open(r->base, true, r->d);
	r->plan = r->journal ? plan_new(r->job, r->opt, r->journal, r->d) : NULL;
	if (!r->plan)
		return 4;
	r->job = r->plan->job;
	r->ledger = ledger_new(r->plan, false);
	if (!plan_targets(r->plan))
		return 64;
	if (!plan_settled(r->plan)) {
		plan_compact(r->plan);
		disk_record(r->plan->disk, r->journal);
		plan_decide_all(r->plan);
	}
	return plan_expected(r->plan) ? 0 : 6;
}

/* count_fn: what the producer made, as the task's dimension. */
static int64_t expand(void *run, uint32_t task)
{
	struct run *r = run;
	const char *why = NULL;
	int64_t n;

	if (r->engine->forecast)
		return forecast_unknown(r, task);
	n = expand_task(r->job, task, stager_glob, r->stager, r->arena, &why);
	if (n < 0)
		diag_error(r->d, E1009, r->job->task[task].name_span, "the elements that task `%s` runs over are not known: %s",
			name_str(r->job->names, r->job->task[task].name), why);
	return n;
}

/* Of a forecast nobody is told. */
static bool open_events(struct run *r)
{
	bool wanted = r->opt->events && !r->engine->forecast;
	struct event_sink *s = wanted ? event_file(r->opt->events, r->d) : NULL;

	if (wanted && !s)
		return false;
	r->events = events_new(r);
	if (s)
		events_add(r->events, s);
	return true;
}

static void open_notify(struct run *r)
{
	struct event_sink *s = notify_open(r);

	if (s)
		events_add(r->events, s);
}

/* The parts that leave something to be undone; in the order of teardown backwards. */
static int open_parts(struct run *r)
{
	if (!open_events(r) || !run_dir_make(r) || !detach_leave(r))
		return 4;
	r->stager = stager_new(r->job, r->opt, r->dir, r->d);
	if (!r->stager)
		return 4;
	stager_known(r->stager, plan_glob, r->plan);
	if (!loop_open(&r->loop)) {
		diag_error(r->d, E1008, NOSPAN, "cannot wait for signals: %s", strerror(errno));
		return 4;
	}
	r->looping = true;
	r->state = state_open(r->job, r->opt, r->dir, r->d);
	if (!r->state || !r->engine->open(r))
		return 4;
	open_notify(r);
	r->progress = progress_new(r);
	r->failures = failures_new();
	cancels_open(r);
	if (r->opt->verbose)
		progress_line(r, arena_printf(r->arena, "run %s, %u at once, isolation: %s", r->shown, r->jobs,
			stager_isolation(r->stager)));
	if (!r->engine->remote && r->jobs < jobs_wanted(r))
		progress_line(r, arena_printf(r->arena, "%u at once, not %u: no more files may be open (ulimit -n)", r->jobs,
			jobs_wanted(r)));
	return 0;
}

static bool any_runs(const struct run *r)
{
	return r->plan->counts.runs || r->plan->counts.unknown;
}

/* What only a run that has something to do needs; false after a diagnostic. */
static bool ready(struct run *r)
{
	r->sched = sched_new(r->job, expand, r);
	targets_want(r->sched, r->plan->target, r->plan->ntarget);
	if (r->engine->check && !r->engine->check(r))
		return false;
	if (r->engine->remote)
		r->jobs = r->opt->jobs ? r->opt->jobs : REMOTE_JOBS;
	else
		r->jobs = jobs_at_once(r);
	r->active = arena_zalloc(r->arena, r->jobs, sizeof(*r->active));
	return true;
}

static int setup(struct run *r)
{
	struct run_options *o = arena_alloc(r->arena, sizeof(*o));
	int rc;

	r->start = clock_ms();
	if (!runnable(r) || !find_engine(r))
		return 3;
	*o = *r->opt;
	o->role = r->engine->remote ? RUN_DRIVER : RUN_HERE;
	r->opt = o;
	rc = r->engine->forecast ? forecast_look(r) : look(r);
	if (rc)
		return rc;
	if (any_runs(r) && !ready(r))
		return 3;
	notify_check(r->job, r->opt, r->d);
	return 0;
}

static void teardown(struct run *r, int rc)
{
	if (r->progress) {
		cancels_free(r);
		r->engine->close(r);
		progress_free(r->progress);
		failures_free(r->failures);
	}
	if (r->state && !state_close(r->state, r->res, rc))
		r->stop = STOP_ERROR;
	if (r->ledger && !ledger_run_end(r->ledger, r->res, rc))
		journal_error(r);
	if (!events_free(r->events, r->d))
		r->stop = STOP_ERROR;
	if (r->looping)
		loop_close(&r->loop);
	if (r->stager)
		stager_free(r->stager);
	if (r->stager)
		rmdir(r->dir); /* only goes when nothing came into it */
	retry_free(r);
	requests_free(r->requests);
	pools_free(r->pools);
	sched_free(r->sched);
	ledger_free(r->ledger);
	plan_free(r->plan); /* and with it the job as it was expanded */
	if (r->journal)
		journal_close(r->journal);
	if (r->lock >= 0)
		close(r->lock);
	arena_free(r->arena);
}

/* ---- the run ---- */

void run_label(const struct run *r, uint32_t task, int64_t instance, struct buf *b)
{
	const struct jtask *t = &r->job->task[task];

	buf_adds(b, name_str(r->job->names, t->name));
	if (instance < 0 || (t->count == 1 && !t->ndim))
		return;
	buf_addc(b, '[');
	if (!instance_key(r->job, task, instance, b))
		buf_addf(b, "%lld", (long long)instance);
	buf_addc(b, ']');
}

uint32_t run_watch(struct run *r, int fd, short events)
{
	return loop_watch(&r->loop, fd, events);
}

void run_submitted(struct run *r, struct attempt_id id, const char *engine_id)
{
	ledger_submitted(r->ledger, id, engine_id);
	events_submitted(r->events, id, engine_id);
}

static void count_active(struct run *r, uint32_t task, bool start)
{
	uint32_t i = 0;

	while (i < r->nactive && r->active[i].task != task)
		i++;
	if (i == r->nactive)
		r->active[r->nactive++] = (struct active){ task, 0 };
	r->active[i].running += start ? 1u : -1u;
	r->running += start ? 1u : -1u;
	if (!r->active[i].running)
		memmove(&r->active[i], &r->active[i + 1], (--r->nactive - i) * sizeof(*r->active));
}

static void keep(struct run *r, uint32_t task, uint32_t inst, bool cut)
{
	r->res->current += !cut;
	r->res->cut += cut;
	if (cut)
		events_kept(r->events, task, inst);
	task_move(r->sched, task, inst, I_KEPT);
	progress_changed(r);
}

static bool submit(struct run *r, struct attempt_id id, const struct action *act)
{
	uint32_t inst = (uint32_t)id.instance;

	ledger_begin(r->ledger, id, act);
	state_begin(r->state, id);
	if (!r->engine->submit(r, id)) {
		sched_unpop(r->sched, id.task, inst);
		return false;
	}
	task_move(r->sched, id.task, inst, I_RUN);
	events_running(r->events, id);
	count_active(r, id.task, true);
	progress_begun(r, id.task);
	return true;
}

/* Start it, unless it turns out current now that its inputs were made again. */
static bool start(struct run *r, struct attempt_id id, struct arena *a)
{
	struct action act;
	bool ok = true;

	plan_look_again(r->plan, id.task);
	if (plan_decide(r->plan, id.task, (uint32_t)id.instance, a, &act).v == V_CURRENT && id.attempt == 1) {
		plan_set(r->plan, id.task, (uint32_t)id.instance, V_CURRENT);
		keep(r, id.task, (uint32_t)id.instance, true);
	} else {
		ok = submit(r, id, &act);
	}
	action_free(&act);
	return ok;
}

/* Instances that are there now. */
static void tell_opened(struct run *r)
{
	uint32_t task;

	while (sched_opened(r->sched, &task))
		events_opened(r->events, task);
}

static void submit_ready(struct run *r)
{
	struct arena *a = arena_new();
	uint32_t task, inst, passed = 0;
	bool ok = true;

	tell_opened(r);
	sched_resume(r->sched);
	while (ok && r->stop == STOP_NOT && r->running < r->jobs && passed < PASSED_MAX && sched_pop(r->sched, &task, &inst)) {
		struct attempt_id id = { task, inst, sched_attempt(r->sched, task, inst) };

		if (plan_verdict(r->plan, task, inst) == V_CURRENT) {
			keep(r, task, inst, false);
		} else if (run_cancelled(r, task, inst)) {
			r->res->cancelled++;
			task_move(r->sched, task, inst, I_CANCEL);
			events_stopped(r->events, task, inst);
		} else if (r->engine->fits && !r->engine->fits(r, id, passed)) {
			sched_hold(r->sched, task, inst);
			passed++;
		} else {
			ok = r->engine->forecast ? submit(r, id, NULL) : start(r, id, a);
			arena_reset(a, (struct arena_mark){ 0 });
		}
	}
	arena_free(a);
}

static void stop(struct run *r, enum run_stop why, int grace_ms)
{
	if (r->stop < why)
		r->stop = why;
	r->engine->cancel(r, grace_ms);
}

void run_stop_asked(struct run *r)
{
	r->loop.hurry = true;
	stop(r, STOP_ASKED, CANCEL_GRACE_MS);
}

/* A failure for good: what does it do to the run? */
static void failed(struct run *r, const struct event *ev)
{
	const struct jval *ff = job_set(r->job, SET_FAIL_FAST);

	r->res->failed++;
	task_move(r->sched, ev->id.task, (uint32_t)ev->id.instance, I_FAIL);
	failures_add(r, ev);
	if (task_int(&r->job->task[ev->id.task], SET_TOLERATE) || (ff && !ff->i)) {
		r->partial = true;
		return;
	}
	r->hard = true;
	if (!r->opt->keep_going && r->stop == STOP_NOT)
		stop(r, STOP_FAILURE, FAIL_GRACE_MS);
}

static bool again(const struct run *r, const struct event *ev)
{
	const struct jtask *t = &r->job->task[ev->id.task];

	if ((ev->cause == R_OOM && ev->cut) || run_cancelled(r, ev->id.task, (uint32_t)ev->id.instance))
		return false; /* the next one would get no more */
	return r->stop == STOP_NOT && (uint32_t)ev->id.attempt <= t->max_retry && cause_retried(t, ev->cause, ev->status);
}

/* Into the journal; an input that changed meanwhile is told, and makes the instance run again next time. */
static void record(struct run *r, const struct event *ev, bool final)
{
	struct arena *a;
	const char *changed;

	if (ev->cause != R_DONE) {
		ledger_end(r->ledger, ev, final);
		return;
	}
	a = arena_new();
	changed = ledger_done(r->ledger, ev, a);
	if (changed)
		progress_warn_input(r, ev->id, changed);
	arena_free(a);
}

static void end_attempt(struct run *r, const struct event *ev)
{
	uint32_t task = ev->id.task, inst = (uint32_t)ev->id.instance;
	bool retry = again(r, ev);

	count_active(r, task, false);
	record(r, ev, !retry);
	state_end(r->state, ev, !retry);
	events_ended(r->events, ev, retry);
	progress_ended(r, ev, retry);
	if (ev->cause == R_DONE) {
		r->res->ok++;
		task_move(r->sched, task, inst, I_OK);
	} else if (ev->cause == R_CANCEL) {
		r->res->cancelled++;
		task_move(r->sched, task, inst, I_CANCEL);
	} else if (retry) {
		r->res->retried++;
		retry_add(r, ev);
	} else {
		failed(r, ev);
	}
}

/* Take what an engine says; an event of an attempt that is over is dropped here. */
static void on_event(void *ctx, const struct event *ev)
{
	struct run *r = ctx;
	struct event shown = *ev;
	struct arena *a;
	size_t n;

	if (ev->id.attempt != sched_attempt(r->sched, ev->id.task, (uint32_t)ev->id.instance))
		return;
	if (ev->kind == EV_STARTED) {
		progress_started(r, ev);
		return;
	}
	a = arena_new();
	n = ev->text ? strlen(ev->text) : 0;
	shown.engine_id = arena_strdup(a, events_engine_id(r->events, ev->id));
	shown.text = ev->text ? run_public(r, a, ev->text, &n) : NULL;
	r->res->cause = (uint8_t)ev->cause;
	r->res->status = ev->status;
	end_attempt(r, &shown);
	arena_free(a);
}

static void on_signals(struct run *r)
{
	if (r->loop.signals == r->signals)
		return;
	r->res->signal = r->loop.signal;
	if (!r->signals && r->loop.signal == SIGINT && !r->opt->quiet)
		progress_line(r, arena_printf(r->arena, "stopping run %u; Ctrl-C again: at once.  A run that is to outlive its terminal: "
			"weft run --detach, weft attach %u, weft cancel %u", r->number, r->number, r->number));
	stop(r, STOP_SIGNAL, r->signals ? 0 : CANCEL_GRACE_MS); /* once more means: at once */
	r->signals = r->loop.signals;
}

static void wait_once(struct run *r)
{
	int ms;
	uint32_t id;

	r->loop.nfds = 1;
	ms = loop_sooner(r->engine->watch(r), progress_turn(r));
	ms = loop_sooner(ms, events_watch(r->events, &r->loop));
	ms = r->cancels ? loop_sooner(ms, cancels_watch(r)) : ms;
	loop_wait(&r->loop, ms);
	while (loop_due(&r->loop, clock_ms(), &id)) {
		if (id == TIMER_RETRY)
			retry_due(r);
		else
			r->engine->timer(r, id);
	}
	r->engine->turn(r, on_event, r);
	if (r->cancels)
		cancels_turn(r);
	on_signals(r);
}

static void tell_news(struct run *r)
{
	uint32_t task;

	tell_opened(r);
	while (sched_news(r->sched, &task)) {
		const struct stask *t = sched_task(r->sched, task);

		events_task(r->events, task);
		progress_task(r, task);
		temps_done(r, task);
		if (t->dead && t->cause == task && r->stop < STOP_ERROR)
			stop(r, STOP_ERROR, FAIL_GRACE_MS); /* run_expand has said why */
	}
}

/* "weft run job.weft --set parts=8", for the history */
static const char *run_command(struct run *r)
{
	struct buf b;
	const char *s;

	buf_init(&b, 1 << 16);
	run_again(r->opt, NULL, &b);
	s = arena_strdup(r->arena, buf_str(&b));
	buf_free(&b);
	return s;
}

static void drive(struct run *r)
{
	ledger_run(r->ledger, r->number, run_command(r));
	shape_record(r);
	if (!r->engine->forecast) {
		plan_begin_run(r->plan);
		temps_begin(r);
	}
	events_begin(r->events);
	memory_give_back();
	sched_start(r->sched);
	detach_ready(r);
	for (;;) {
		submit_ready(r);
		tell_news(r);
		if (r->stop < STOP_ERROR && !ledger_flush(r->ledger)) {
			journal_error(r);
			stop(r, STOP_ERROR, FAIL_GRACE_MS);
		}
		if ((!state_flush(r->state) || r->broken) && r->stop < STOP_ERROR)
			stop(r, STOP_ERROR, FAIL_GRACE_MS);
		events_turn(r->events, &r->loop);
		if (!r->running && (r->stop != STOP_NOT || !retry_waits(r)))
			break;
		wait_once(r);
	}
}

/* ---- the end ---- */

static void add_number(struct buf *b, uint64_t n, const char *word)
{
	if (!n)
		return;
	if (b->len)
		buf_adds(b, ", ");
	text_count(b, n);
	buf_addf(b, " %s", word);
}

static bool writes_to_stores(const struct jtask *t)
{
	for (uint32_t i = 0; i < t->nmap; i++)
		if (t->map[i].kind == MAP_OUTPUT || (t->map[i].kind == MAP_MOUNT && t->map[i].write))
			return true;
	return false;
}

/* Where results went: the workspace for ports, the stores' directories for mounts and mappings. */
static void add_results(struct run *r, struct buf *b)
{
	bool ports = false, stores = false;

	for (uint32_t t = 0; t < r->job->ntask; t++) {
		ports = ports || r->job->task[t].nout;
		stores = stores || writes_to_stores(&r->job->task[t]);
	}
	stores = stores && r->opt->nstores;
	buf_adds(b, "   results: ");
	if (ports || !stores)
		buf_adds(b, run_shown(r, r->job->dir && *r->job->dir ? r->job->dir : "."));
	for (uint32_t i = 0; stores && i < r->opt->nstores; i++)
		buf_addf(b, "%s%s", ports || i ? ", " : "", run_shown(r, r->opt->stores[i].dir));
}

/* "1 failed, 5 ok", "" when nothing was there */
void run_add_counts(struct buf *b, const struct run_result *res)
{
	add_number(b, res->failed, "failed");
	add_number(b, res->ok, "ok");
	add_number(b, res->current, "current");
	add_number(b, res->cut, "cut off");
	add_number(b, res->skipped, "skipped");
	add_number(b, res->cancelled, "cancelled");
	add_number(b, res->unstarted, "not started");
	add_number(b, res->retried, "retried");
}

/* "log-count: 5 ok, 1.2 s   results: .   logs: .weft/runs/0001/logs" */
static void print_last(struct run *r, FILE *f)
{
	const struct run_result *res = r->res;
	struct buf b;

	buf_init(&b, 1 << 16);
	run_add_counts(&b, res);
	buf_adds(&b, b.len ? ", " : "nothing to do, ");
	text_time(&b, res->wall_ms);
	add_results(r, &b);
	fprintf(f, "%s: %s   logs: %s\n", name_str(r->job->names, r->job->name), buf_str(&b),
		run_shown(r, res->logs));
	buf_free(&b);
}

void run_sum_up(struct run *r)
{
	struct run_result *res = r->res;
	bool unknown;
	uint64_t done = sched_sum(r->sched, I_OK) + sched_sum(r->sched, I_KEPT) + sched_sum(r->sched, I_FAIL) + sched_sum(r->sched, I_SKIP) +
		sched_sum(r->sched, I_CANCEL);

	res->skipped = (uint32_t)sched_sum(r->sched, I_SKIP);
	res->unstarted = (uint32_t)(sched_total(r->sched, &unknown) - done);
	res->wall_ms = clock_ms() - r->start;
	res->dir = arena_strdup(r->job->arena, r->dir);
	res->logs = r->stager ? arena_strdup(r->job->arena, stager_logs(r->stager)) : "";
	if (res->failed) {
		r->root = arena_alloc(r->arena, r->job->ntask * sizeof(*r->root));
		sched_blame(r->sched, r->root);
	}
}

static int exit_code(const struct run *r)
{
	if (r->res->signal)
		return 128 + r->res->signal;
	if (r->stop == STOP_ERROR)
		return 4;
	if (r->res->asked)
		return 5;
	return r->hard ? 1 : r->partial ? 7 : 0;
}

/* What is said at the end goes the way of all lines: nobody who looks away holds the workspace's lock. */
static bool say(struct run *r, void (*print)(struct run *r, FILE *f))
{
	char *text = NULL;
	size_t n = 0;
	FILE *f = open_memstream(&text, &n);

	if (!f)
		return false;
	print(r, f);
	fclose(f);
	progress_text(r, text, n);
	free(text);
	return progress_drain(r);
}

/* The last line, on standard output. */
static bool say_last(struct run *r)
{
	char *text = NULL;
	size_t n = 0;
	struct outlet *out;
	FILE *f;
	bool ok;

	if (fflush(r->opt->out) || !(f = open_memstream(&text, &n)))
		return false;
	print_last(r, f);
	fclose(f);
	out = outlet_new(fileno(r->opt->out), 0);
	outlet_put(out, text, n);
	outlet_drain(out, -1, &r->loop);
	ok = !outlet_error(out);
	outlet_free(out);
	free(text);
	return ok;
}

static void conclude(struct run *r)
{
	bool err, out;

	run_sum_up(r);
	progress_end(r);
	err = say(r, failures_print);
	out = say_last(r);
	err = say(r, failures_next) && err;
	if (out && err)
		return;
	diag_error(r->d, E1005, NOSPAN, "cannot write to standard %s", out ? _("error") : _("output"));
	if (r->stop < STOP_ERROR)
		r->stop = STOP_ERROR;
}

static void tell_end(struct run *r)
{
	bool stopped = r->res->signal || r->stop == STOP_ASKED, good = exit_code(r) == 0 || exit_code(r) == 7;
	enum event_state st = stopped ? ES_STOPPED : good ? ES_FINISHED : ES_FAILED;
	struct buf b;

	buf_init(&b, 1 << 12);
	run_add_counts(&b, r->res);
	events_end(r->events, st, buf_str(&b));
	buf_free(&b);
}

/* "log-count: 5 instances current, nothing to do (0.02 s)" */
static int nothing_to_do(struct run *r)
{
	struct buf b;

	if (!open_events(r))
		return 4;
	buf_init(&b, 1 << 16);
	r->res->current = (uint32_t)r->plan->counts.current;
	r->res->wall_ms = clock_ms() - r->start;
	text_count(&b, r->res->current);
	fprintf(r->opt->out, "%s: %s instance%s current, nothing to do (%.2f s)\n", name_str(r->job->names, r->job->name),
		buf_str(&b), r->res->current == 1 ? "" : "s", (double)r->res->wall_ms / 1000);
	buf_free(&b);
	events_nothing(r->events);
	notify_leftovers(r);
	return 0;
}

/* --touch: what is there counts as made. */
static int adopt_all(struct run *r)
{
	struct arena *a = arena_new();
	uint32_t n = 0, not = 0;

	for (uint32_t t = 0; t < r->job->ntask; t++)
		for (uint32_t i = 0; i < r->plan->task[t].count; i++) {
			const char *missing = NULL;

			if (!V_RUNS(plan_verdict(r->plan, t, i)))
				continue;
			if (ledger_adopt(r->ledger, t, i, &missing, a))
				n++;
			else if (not++ < 20)
				fprintf(r->opt->err, "%s: not taken as made: %s\n", plan_label(r->plan, t, i, a), missing);
			arena_reset(a, (struct arena_mark){ 0 });
		}
	arena_free(a);
	fprintf(r->opt->out, "%s: %u taken as made, %u not, %llu current; nothing was run\n", name_str(r->job->names, r->job->name),
		n, not, (unsigned long long)r->plan->counts.current);
	return not ? 1 : 0;
}

static int run_all(struct run *r)
{
	int rc;

	if (r->opt->touch)
		return adopt_all(r);
	if (!any_runs(r))
		return nothing_to_do(r);
	rc = r->engine->forecast ? forecast_open(r) : open_parts(r);
	if (rc)
		return rc;
	drive(r);
	(r->engine->forecast ? forecast_conclude : conclude)(r);
	tell_end(r);
	return exit_code(r);
}

int run_job(const struct job *j, const struct run_options *o, struct diags *d, struct run_result *res)
{
	struct run r = { .job = j, .opt = o, .d = d, .res = res, .lock = -1 };
	int rc;

	memset(res, 0, sizeof(*res));
	r.arena = arena_new();
	rc = setup(&r);
	if (rc == 0)
		rc = run_all(&r);
	teardown(&r, rc);
	return rc == 0 && r.stop == STOP_ERROR ? 4 : rc;
}
