/* event_message.c - events in the service's words (doc/events.md): their names and the members of their messages. */
#include "base/json.h"
#include "job/topic.h"
#include "runtime/event_impl.h"
#include "runtime/logname.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

static const char *const state_word[ES_STATES] = { "Waiting", "Running", "Stopped", "Finished", "Failed" };

_Static_assert((int)EVENT_KINDS == (int)TOPIC_EVENTS && EVENT_KIND(EO_INSTANCE, ES_FAILED) == 14, "kinds are in the order of the names");

const char *event_text(uint32_t kind)
{
	return topic_events[kind];
}

bool event_find(const char *text, uint32_t *kind)
{
	*kind = topic_event(text);
	return *kind < EVENT_KINDS;
}

/* ---- parts ---- */

/* The service's form: always 27 characters, or none. */
static void put_time(struct jw *w, const char *key, int64_t us)
{
	time_t t = (time_t)(us / 1000000);
	char day[32], text[64];
	struct tm tm;

	gmtime_r(&t, &tm);
	strftime(day, sizeof(day), "%Y-%m-%dT%H:%M:%S", &tm);
	snprintf(text, sizeof(text), "%s.%06dZ", day, (int)(us % 1000000));
	jw_kstr(w, key, us ? text : "");
}

static void put_number(struct jw *w, const char *key, int64_t n)
{
	char text[32];

	snprintf(text, sizeof(text), "%" PRId64, n);
	jw_kstr(w, key, text);
}

static void put_job(struct jw *w, const struct job_event *ev)
{
	jw_kstr(w, "JobName", name_str(ev->of->r->job->names, ev->of->r->job->name));
	put_time(w, "CreationTime", ev->created_us);
	put_time(w, "StartTime", ev->start_us);
	put_time(w, "EndTime", ev->end_us);
	jw_kstr(w, "Message", ev->text ? ev->text : "");
	if (ev->kind == EVENT_PRIORITY) {
		put_number(w, "From", ev->from);
		put_number(w, "To", ev->to);
	}
}

/* The whole name of a stream's object, or of its file on this machine. */
static void put_stream(struct jw *w, const struct job_event *ev, const char *key, const char *stream, enum setting set)
{
	const struct run *r = ev->of->r;
	const struct jtask *t = &r->job->task[ev->task];
	const struct jval *v = task_set(t, set);
	const char *to = v ? name_str(r->job->names, v->s) : "";
	struct arena *a = arena_new();
	const char *nm = log_name(a, stream, stager_job_id(r->stager), name_str(r->job->names, t->name), ev->instance);
	const char *dir = *to ? to : stager_logs(r->stager);

	jw_kstr(w, key, arena_printf(a, "%s%s%s", dir, dir[strlen(dir) - 1] == '/' ? "" : "/", nm));
	arena_free(a);
}

static int64_t exit_code(const struct job_event *ev)
{
	if (ev->cause == R_DONE)
		return 0;
	return ev->cause == R_EXIT ? ev->status : ev->cause == R_SIGNAL ? 128 + ev->status : -1;
}

static void put_instance(struct jw *w, const struct job_event *ev)
{
	bool done = ev->kind == EVENT_KIND(EO_INSTANCE, ES_FINISHED);
	struct buf b;

	put_number(w, "InstanceId", ev->instance);
	put_time(w, "StartTime", ev->start_us);
	put_time(w, "EndTime", ev->end_us);
	put_number(w, "RetryCount", ev->attempt - 1);
	put_number(w, "Progress", done ? 100 : 0);
	put_stream(w, ev, "StdoutRedirectPath", "stdout", SET_STDOUT);
	put_stream(w, ev, "StderrRedirectPath", "stderr", SET_STDERR);
	put_number(w, "ExitCode", exit_code(ev));
	buf_init(&b, 1 << 12);
	if (ev->cause != R_DONE)
		cause_say(&b, ev->cause, ev->status);
	jw_kstr(w, "ErrorCode", cause_code(ev->cause));
	jw_kstr(w, "ErrorMessage", buf_str(&b));
	jw_kstr(w, "Detail", ev->text ? ev->text : "");
	buf_free(&b);
}

/* ---- what only weft says ---- */

static void put_used(struct jw *w, const char *key, int64_t n)
{
	if (n >= 0)
		jw_kint(w, key, n);
}

static void put_more_instance(struct jw *w, const struct job_event *ev)
{
	const struct job *j = ev->of->r->job;
	const struct jtask *t = &j->task[ev->task];
	struct buf key;

	buf_init(&key, 1 << 16);
	if ((t->ndim || t->counted) && instance_key(j, ev->task, ev->instance, &key))
		jw_kstr(w, "Key", buf_str(&key));
	buf_free(&key);
	jw_kint(w, "Attempt", ev->attempt);
	if (ev->engine_id && *ev->engine_id)
		jw_kstr(w, "EngineId", ev->engine_id);
	put_used(w, "WallMs", ev->wall_ms);
	put_used(w, "CpuMs", ev->cpu_ms);
	put_used(w, "MaxRss", ev->max_rss);
	put_used(w, "MemLimit", ev->mem_limit ? ev->mem_limit : -1);
	put_used(w, "MemPeak", ev->mem_peak);
}

static void put_more(struct jw *w, const struct job_event *ev)
{
	const struct run *r = ev->of->r;

	jw_key(w, "Weft");
	jw_open(w, '{');
	jw_kint(w, "Seq", (int64_t)ev->seq);
	put_time(w, "Time", ev->at_us);
	if (r->number)
		jw_kint(w, "Run", r->number);
	if (ev->kind / ES_STATES == EO_TASK)
		put_used(w, "Instances", r->job->task[ev->task].count);
	if (ev->kind / ES_STATES == EO_INSTANCE)
		put_more_instance(w, ev);
	jw_close(w);
}

void event_message(const struct job_event *ev, bool more, struct buf *b)
{
	const struct job *j = ev->of->r->job;
	uint32_t object = ev->kind / ES_STATES;
	struct jw w;

	jw_init(&w, b, 0);
	jw_open(&w, '{');
	jw_kstr(&w, "Category", "Job");
	jw_kstr(&w, "Event", topic_events[ev->kind]);
	jw_kstr(&w, "JobId", events_job_id(ev->of));
	if (ev->kind != EVENT_PRIORITY)
		jw_kstr(&w, "State", state_word[ev->kind % ES_STATES]);
	else
		jw_kstr(&w, "State", state_word[ES_WAITING]);
	if (object == EO_TASK || object == EO_INSTANCE)
		jw_kstr(&w, "Task", name_str(j->names, j->task[ev->task].name));
	if (object == EO_INSTANCE) {
		put_instance(&w, ev);
	} else if (object == EO_TASK) {
		put_time(&w, "StartTime", ev->start_us);
		put_time(&w, "EndTime", ev->end_us);
	} else {
		put_job(&w, ev);
	}
	if (more)
		put_more(&w, ev);
	jw_close(&w);
}
