/* state.c - run.json and events.jsonl; see state.h. */
#include "runtime/full.h"
#include "runtime/state.h"

#include "base/diag.h"
#include "base/io.h"
#include "base/json.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum { FLUSH_AT = 1 << 16 };

struct state {
	const struct job *job;
	const struct run_options *opt;
	struct diags *d;
	char *rundir;
	int fd;       /* events.jsonl */
	struct buf b; /* lines not written yet */
	bool failed;
	char started[32];
};

static void now_text(char out[32])
{
	time_t t = time(NULL);
	struct tm tm;

	gmtime_r(&t, &tm);
	strftime(out, 32, "%Y-%m-%dT%H:%M:%SZ", &tm);
}

static bool fail(struct state *s, const char *what)
{
	int err = errno;

	if (!s->failed) {
		diag_error(s->d, E1005, NOSPAN, "cannot write `%s/%s`: %s", s->rundir, what, strerror(err));
		full_help(s->d, err);
	}
	s->failed = true;
	return false;
}

bool state_flush(struct state *s)
{
	if (!s)
		return true;
	if (s->failed)
		return false;
	if (s->b.len && !write_all(s->fd, s->b.p, s->b.len))
		return fail(s, "events.jsonl");
	buf_reset(&s->b);
	return true;
}

static void add_ids(struct state *s, struct jw *w, const char *event, struct attempt_id id)
{
	jw_init(w, &s->b, 0);
	jw_open(w, '{');
	jw_kstr(w, "Event", event);
	jw_kstr(w, "Task", name_str(s->job->names, s->job->task[id.task].name));
	jw_kint(w, "InstanceId", id.instance);
	jw_kint(w, "Attempt", id.attempt);
}

static void add_end(struct state *s, struct jw *w)
{
	jw_close(w);
	buf_addc(&s->b, '\n');
	if (s->b.len > FLUSH_AT)
		state_flush(s);
}

void state_begin(struct state *s, struct attempt_id id)
{
	struct jw w;

	if (!s)
		return;
	add_ids(s, &w, "OnInstanceRunning", id);
	add_end(s, &w);
}

static const char *end_event(enum run_cause c, bool final)
{
	if (c == R_DONE)
		return "OnInstanceFinished";
	return c == R_CANCEL ? "OnInstanceStopped" : final ? "OnInstanceFailed" : "OnInstanceWaiting";
}

void state_end(struct state *s, const struct event *ev, bool final)
{
	struct jw w;

	if (!s)
		return;
	add_ids(s, &w, end_event(ev->cause, final), ev->id);
	if (ev->cause != R_DONE) {
		jw_kstr(&w, "ErrorCode", cause_code(ev->cause));
		jw_kint(&w, "Status", ev->status);
	}
	if (ev->text)
		jw_kstr(&w, "ErrorMessage", ev->text);
	if (ev->mem_limit > 0) {
		jw_kint(&w, "MemLimit", ev->mem_limit);
		jw_kint(&w, "MemPeak", ev->mem_peak);
	}
	jw_kint(&w, "WallMs", ev->wall_ms);
	if (ev->cpu_ms >= 0)
		jw_kint(&w, "CpuMs", ev->cpu_ms);
	if (ev->max_rss >= 0)
		jw_kint(&w, "MaxRss", ev->max_rss);
	add_end(s, &w);
}

static void json_counts(struct jw *w, const struct run_result *res, int exit_code)
{
	char end[32];

	now_text(end);
	jw_kstr(w, "end", end);
	jw_kint(w, "exit", exit_code);
	jw_kint(w, "ok", res->ok);
	jw_kint(w, "failed", res->failed);
	jw_kint(w, "skipped", res->skipped);
	jw_kint(w, "cancelled", res->cancelled);
	jw_kint(w, "retried", res->retried);
}

static void json_run(struct state *s, struct buf *b, const struct run_result *res, int exit_code)
{
	struct jw w;

	jw_init(&w, b, 2);
	jw_open(&w, '{');
	jw_kstr(&w, "schema", "weft.run/1");
	jw_kstr(&w, "job", name_str(s->job->names, s->job->name));
	jw_kstr(&w, "source", s->opt->source ? s->opt->source : "");
	jw_kstr(&w, "engine", s->opt->engine ? s->opt->engine : "local");
	jw_kint(&w, "pid", getpid());
	jw_kstr(&w, "start", s->started);
	if (res)
		json_counts(&w, res, exit_code);
	jw_close(&w);
	buf_addc(b, '\n');
}

/* Write run.json under another name and rename it: it is always whole. */
static bool write_run(struct state *s, const struct run_result *res, int exit_code)
{
	struct buf b, path, tmp;
	bool ok = false;
	int fd;

	buf_init(&b, 1 << 20);
	buf_init(&path, 1 << 16);
	buf_init(&tmp, 1 << 16);
	json_run(s, &b, res, exit_code);
	buf_addf(&path, "%s/run.json", s->rundir);
	buf_addf(&tmp, "%s/run.json.tmp", s->rundir);
	fd = open(buf_str(&tmp), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	if (fd >= 0) {
		ok = write_all(fd, buf_str(&b), b.len);
		ok = close(fd) == 0 && ok;
		ok = ok && rename(buf_str(&tmp), buf_str(&path)) == 0;
	}
	if (!ok)
		fail(s, "run.json");
	buf_free(&b);
	buf_free(&path);
	buf_free(&tmp);
	return ok;
}

static void state_free(struct state *s)
{
	if (s->fd >= 0)
		close(s->fd);
	buf_free(&s->b);
	free(s->rundir);
	free(s);
}

struct state *state_open(const struct job *j, const struct run_options *o, const char *rundir, struct diags *d)
{
	struct state *s = xcalloc(1, sizeof(*s));
	struct buf path;

	s->job = j;
	s->opt = o;
	s->d = d;
	s->rundir = xstrdup(rundir);
	buf_init(&s->b, 16 << 20);
	buf_init(&path, 1 << 16);
	now_text(s->started);
	buf_addf(&path, "%s/events.jsonl", rundir);
	s->fd = open(buf_str(&path), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
	buf_free(&path);
	if (s->fd < 0)
		fail(s, "events.jsonl");
	if (s->fd < 0 || !write_run(s, NULL, 0)) {
		state_free(s);
		return NULL;
	}
	return s;
}

bool state_close(struct state *s, const struct run_result *res, int exit_code)
{
	bool ok = state_flush(s);

	ok = write_run(s, res, exit_code) && ok;
	state_free(s);
	return ok;
}
