/* remote_node.c - one attempt on a machine of the batch system: stage, run, publish, leave a record; see remote.h. */
#include "runtime/remote.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "base/diag.h"
#include "runtime/loop.h"
#include "runtime/stage.h"

enum {
	TERM_GRACE_MS = 5000,   /* from TERM to KILL at the time limit */
	OUTSIDE_GRACE_MS = 1500, /* ... when the batch system wants us gone: it may not wait longer than 2 s itself */
	IN_SIGHT_MS = 60000,    /* for which an input that is not there is looked for, */
	LOOK_MS = 250,          /* ... so often */
	LINE_MAX_BYTES = 64 << 20,
};

struct node {
	const struct job *j;
	const struct remote_element *e;
	struct stager *stager;
	struct stage st;
	struct loop loop;
	struct arena *a;
	struct remote_end end;
	int64_t start, kill_at;  /* clock_ms; kill_at -1: not yet */
	enum run_cause why;      /* R_DONE: it was left alone */
	uint64_t ooms;           /* kills for want of memory in our control group before we began */
};

static const char *host(struct arena *a)
{
	struct utsname u;

	return uname(&u) == 0 ? arena_strdup(a, u.nodename) : "";
}

static int leave(const struct remote_element *e, const struct remote_end *end)
{
	if (!remote_end_write(e->dir, e->number, e->index, end)) {
		fprintf(stderr, "weft: cannot write the record of %u.%u: %s\n", e->number, e->index, strerror(errno));
		return 1;
	}
	return end->cause == R_DONE ? 0 : end->cause == R_EXIT ? end->status : 1;
}

int remote_unstarted(const struct remote_element *e, const char *why)
{
	struct remote_end end = { .cause = R_SPAWN, .cpu_ms = -1, .max_rss = -1, .text = why };
	struct arena *a = arena_new();
	int rc;

	end.host = host(a);
	rc = leave(e, &end);
	arena_free(a);
	return rc;
}

/* ---- memory ---- */

static uint64_t count_in(const char *file, const char *word)
{
	FILE *f = fopen(file, "re");
	char line[256];
	uint64_t n = 0;
	size_t len = strlen(word);

	while (f && fgets(line, sizeof(line), f))
		if (!strncmp(line, word, len) && line[len] == ' ')
			n = strtoull(line + len, NULL, 10);
	if (f)
		fclose(f);
	return n;
}

/* How often the kernel has killed for want of memory in the control group that the batch system gave us. */
static uint64_t ooms(struct arena *a)
{
	FILE *f = fopen("/proc/self/cgroup", "re");
	char line[4200];
	uint64_t n = 0;

	while (f && fgets(line, sizeof(line), f)) {
		char *ctl = strchr(line, ':'), *path = ctl ? strchr(ctl + 1, ':') : NULL;

		line[strcspn(line, "\n")] = 0;
		if (!path)
			continue;
		*path++ = 0;
		if (!strcmp(ctl, ":"))
			n += count_in(arena_printf(a, "/sys/fs/cgroup%s/memory.events", path), "oom_kill");
		else if (strstr(ctl, "memory"))
			n += count_in(arena_printf(a, "/sys/fs/cgroup/memory%s/memory.oom_control", path), "oom_kill");
	}
	if (f)
		fclose(f);
	return n;
}

/* ---- waiting for the command ---- */

static void end_it(struct node *n, enum run_cause why, int grace_ms)
{
	bool again = n->kill_at >= 0;

	n->why = n->why == R_DONE ? why : n->why;
	stage_signal(&n->st, again ? SIGKILL : SIGTERM);
	n->kill_at = clock_ms() + (again ? 1000 : grace_ms);
}

static int ms_left(const struct node *n, int64_t limit)
{
	int64_t at = n->kill_at >= 0 ? n->kill_at : limit > 0 ? n->start + limit : -1;
	int64_t left = at - clock_ms();

	return at < 0 ? -1 : left < 0 ? 0 : left > 3600000 ? 3600000 : (int)left;
}

static void wait_for_it(struct node *n, int64_t limit, struct stage_end *end)
{
	uint32_t signals = 0;

	do {
		n->loop.nfds = 1;
		loop_watch(&n->loop, n->st.pidfd, POLLIN);
		loop_wait(&n->loop, ms_left(n, limit));
		if (n->loop.signals != signals) {
			n->end.termed = true;
			end_it(n, R_CANCEL, OUTSIDE_GRACE_MS);
		} else if (ms_left(n, limit) == 0) {
			end_it(n, R_TIMEOUT, TERM_GRACE_MS);
		}
		signals = n->loop.signals;
	} while (!stage_reap(n->stager, &n->st, end));
}

/* ---- results ---- */

static void take_outputs(struct node *n)
{
	const struct made_files *m = &n->st.made;

	n->end.output = arena_zalloc(n->a, m->n + 1, sizeof(*n->end.output));
	for (uint32_t i = 0; i < m->n; i++) {
		const char *at = stager_place(n->stager, n->a, m->v[i].path);
		struct stat sb;
		bool file = at && stat(at, &sb) == 0 && S_ISREG(sb.st_mode);

		n->end.output[n->end.noutput++] = (struct remote_output){ arena_strdup(n->a, m->v[i].path), m->v[i].port,
			file ? (int64_t)sb.st_size : -1 };
	}
}

/* Publish, unless the driver has given this attempt up. */
static bool collect(struct node *n)
{
	char *text = NULL;

	if (remote_over(n->e->dir) || remote_claim(n->e->dir, n->e->number, n->e->index, n->end.host) != MARK_OURS)
		return false;
	n->end.cause = stage_collect(n->stager, &n->st, &text);
	n->end.text = text;
	if (n->end.cause == R_DONE)
		take_outputs(n);
	return true;
}

/* After a failure the streams are put in place first: whoever reads the record wants to show them. */
static int failed(struct node *n)
{
	struct remote_end *e = &n->end;
	uint32_t k = 0;

	while (n->st.argv && n->st.argv[k])
		k++;
	e->argv = arena_zalloc(n->a, k + 1, sizeof(*e->argv));
	for (uint32_t i = 0; i < k; i++)
		e->argv[i] = arena_strdup(n->a, n->st.argv[i]);
	e->text = e->text ? arena_strdup(n->a, e->text) : NULL;
	e->out = arena_strdup(n->a, n->st.out_final);
	e->err = arena_strdup(n->a, n->st.err_final);
	e->work = arena_strdup(n->a, n->st.workdir);
	stage_drop(n->stager, &n->st, e->cause != R_CANCEL);
	return leave(n->e, e);
}

static void judge(struct node *n, const struct stage_end *s, int64_t limit)
{
	struct remote_end *e = &n->end;

	e->wall_ms = clock_ms() - n->start;
	e->cpu_ms = s->cpu_ms;
	e->max_rss = s->max_rss;
	e->status = s->status;
	e->text = s->text;
	e->cause = n->why != R_DONE ? n->why : s->cause;
	if (e->cause == R_TIMEOUT)
		e->status = (int)(limit / 1000);
	if (e->cause == R_SIGNAL && e->status == SIGKILL && ooms(n->a) > n->ooms) {
		e->cause = R_OOM;
		e->status = 0;
	}
}

static int ended(struct node *n, const struct stage_end *s, int64_t limit)
{
	int rc = 1;

	judge(n, s, limit);
	if (n->end.cause != R_DONE)
		return failed(n);
	if (collect(n)) {
		if (n->end.cause != R_DONE)
			return failed(n);
		rc = leave(n->e, &n->end);
	}
	stage_drop(n->stager, &n->st, false);
	return rc;
}

/* What another machine has published comes into sight late on a file system of the network: an input is waited for there. */
static bool prepare(struct node *n, struct attempt_id id, struct stage_error *err)
{
	int64_t until = clock_ms() + (remote_fs(n->e->dir) ? IN_SIGHT_MS : 0);

	while (!stage_prepare(n->stager, id, &n->st, err)) {
		if (!err->absent || clock_ms() >= until || remote_over(n->e->dir))
			return false;
		err->absent = false;
		n->loop.nfds = 1;
		loop_wait(&n->loop, LOOK_MS);
		if (!n->loop.signals)
			continue;
		n->end.termed = true;
		*err = (struct stage_error){ .cause = R_CANCEL };
		return false;
	}
	return true;
}

static int run_it(struct node *n)
{
	struct attempt_id id = { n->e->task, n->e->row.instance, n->e->row.attempt };
	struct stage_error err = { .cause = R_SPAWN };
	struct stage_end end = { R_DONE, 0, -1, -1, NULL };
	int64_t limit = stage_time_limit(n->stager, id);
	int pidfd;

	if (!prepare(n, id, &err)) {
		n->end.cause = err.cause;
		n->end.text = err.text;
		return leave(n->e, &n->end);
	}
	n->start = clock_ms();
	if (stage_spawn(n->stager, &n->st, &pidfd, &err) < 0) {
		n->end.cause = err.cause;
		n->end.text = arena_strdup(n->a, err.text);
		stage_drop(n->stager, &n->st, false);
		return leave(n->e, &n->end);
	}
	wait_for_it(n, limit, &end);
	return ended(n, &end, limit);
}

int remote_attempt(const struct job *j, const struct run_options *o, const struct remote_element *e)
{
	struct node n = { .j = j, .e = e, .kill_at = -1, .a = arena_new() };
	struct diags *d = diags_new(j->sources);
	const char *rundir = arena_printf(n.a, "%.*s", (int)(strrchr(e->dir, '/') - e->dir), e->dir);
	int rc = 1;

	n.end.cpu_ms = n.end.max_rss = -1;
	n.end.host = host(n.a);
	n.ooms = ooms(n.a);
	n.stager = stager_new(j, o, rundir, d);
	if (!n.stager) {
		rc = remote_unstarted(e, d->n ? d->v[0].msg : "it cannot be staged");
	} else if (!remote_globs_read(e->dir, j, n.stager) || !loop_open(&n.loop)) {
		rc = remote_unstarted(e, strerror(errno));
		stager_free(n.stager);
	} else {
		rc = run_it(&n);
		loop_close(&n.loop);
		stager_free(n.stager);
	}
	diags_free(d);
	arena_free(n.a);
	return rc;
}
