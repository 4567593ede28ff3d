/* alone.c - see alone.h. */
#include "runtime/alone.h"

#include "base/intl.h"
#include "runtime/logname.h"
#include "runtime/loop.h"
#include "runtime/past.h"
#include "runtime/plan.h"
#include "runtime/stage.h"
#include "runtime/stage_fs.h"
#include "runtime/terminal.h"
#include "runtime/text.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <unistd.h>

enum { TERM_GRACE_MS = 2000 };

struct single {
	const struct alone *how;
	struct looking look;
	struct run_options o;
	struct diags *d;
	struct arena *a;
	struct attempt_id id;
	const char *label, *dir; /* count[2]; .weft/debug/XXXXXX */
	struct stager *stager;
	struct stage st;
	struct loop loop;
	struct terminal term;
	int watch;               /* inotify: its streams grow */
	int stream[2];           /* stdout, stderr: what it has written */
	int64_t kill_at;         /* clock_ms; -1: nobody wants it gone */
};

/* ---- which one ---- */

static int refuse(struct single *s, const struct jtask *t)
{
	diag_error(s->d, E0333, t->name_span, "task `%s` works in place, and what it does cannot be undone",
		name_str(s->look.plan->job->names, t->name));
	diag_help(s->d, "run it: weft run %s", s->o.targets[0]);
	return 3;
}

static int choose(struct single *s)
{
	struct plan *p = s->look.plan;
	const struct target *t = p->target;
	const struct jtask *task = &p->job->task[t->task];
	const char *nm = name_str(p->job->names, task->name);
	const struct jval *place = task_set(task, SET_IN_PLACE);

	if (place && place->i)
		return refuse(s, task);
	if (task->count < 0) {
		diag_error(s->d, E1002, task->name_span, "the instances of task `%s` are known only while it runs", nm);
		return 64;
	}
	if (t->hi != t->lo && task->count != 1) {
		diag_error(s->d, E0332, task->name_span, "task `%s` has %lld instances, and one is wanted", nm, (long long)task->count);
		diag_help(s->d, "say which: '%s'", plan_label(p, t->task, t->hi == UINT32_MAX ? 0 : t->lo, s->a));
		return 64;
	}
	s->id = (struct attempt_id){ t->task, t->hi == UINT32_MAX ? 0 : t->lo, 1 };
	s->label = plan_label(p, s->id.task, s->id.instance, s->a);
	return 0;
}

/* Outputs whose number is known only afterwards are as the last run has recorded them. */
static bool look_further(struct single *s)
{
	const struct job *j = s->look.plan->job;

	for (uint32_t i = 0; i < j->ntask; i++)
		for (uint32_t k = 0; k < j->task[i].nout; k++)
			if (j->task[i].out[k].count == PORT_GLOB)
				return true;
	return false;
}

/* ---- the place ---- */

static bool make_dir(struct single *s)
{
	char *dir = arena_printf(s->a, "%s/debug/XXXXXX", s->look.base);

	s->dir = dir;
	if (fs_mkparents(dir) && mkdtemp(dir))
		return true;
	return diag_error(s->d, E1065, NOSPAN, "directory `%s` cannot be made: %s", dir, strerror(errno));
}

struct last { /* the last attempt of the instance that the journal knows */
	const char *task, *key;
	uint32_t attempt;
	enum past_state state;
	bool found;
};

static bool is_it(void *ctx, const struct past_attempt *at)
{
	struct last *l = ctx;

	if (strcmp(at->who.task, l->task) == 0 && strcmp(at->who.key, l->key) == 0) {
		l->found = true;
		l->attempt = at->attempt;
		l->state = at->state;
	}
	return true;
}

/* The work directory that its last attempt has left, relative to .weft; NULL: none. */
static const char *left_behind(struct single *s)
{
	uint32_t n = 0;
	struct past_run *run = past_runs(s->look.journal, past_holder(s->look.base), &n);
	struct last l = { .task = plan_task_name(s->look.plan, s->id.task),
		.key = arena_strdup(s->a, plan_key(s->look.plan, s->id.task, s->id.instance)) };
	const char *at = NULL;

	while (n && !l.found) {
		struct past *p = past_read(s->look.journal, &run[--n]);

		past_each(p, is_it, &l);
		past_free(p);
	}
	if (l.found && l.state != PAST_DONE)
		at = arena_printf(s->a, "runs/%04" PRIu32 "/work/%s/w", run[n].run.run,
			log_workdir(s->a, l.task, s->id.instance, l.attempt));
	free(run);
	return at;
}

static enum fs_go copy_over(void *ctx, const struct fs_entry *e)
{
	int into = *(int *)ctx;

	if (!fs_remove(into, e->name) && errno != ENOENT)
		return FS_FAIL;
	return fs_copy(e->dir, e->name, into, e->name) ? FS_SKIP : FS_FAIL;
}

/* What the failed attempt has left, over what was staged; false: there is nothing. */
static bool take_over(struct single *s)
{
	const char *at = s->how->shell && !s->how->fresh ? left_behind(s) : NULL;
	int base = at ? open(s->look.base, O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;
	int from = base >= 0 ? fs_beneath(base, at, false) : -1, to = open(s->st.workdir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	bool ok = from >= 0 && to >= 0 && fs_walk(from, "", copy_over, &to);

	if (base >= 0)
		close(base);
	if (from >= 0)
		close(from);
	if (to >= 0)
		close(to);
	return ok;
}

/* ---- the shell ---- */

static void say(struct single *s, bool over)
{
	struct buf b;

	if (s->o.quiet)
		return;
	buf_init(&b, 1 << 20);
	text_command(&b, s->st.argv);
	fprintf(s->o.err, _("%s: its work directory, %s; nothing of it is published\n"), s->label,
		over ? _("as its last attempt left it") : _("freshly staged"));
	fprintf(s->o.err, _("  work     %s\n  command %s\n"), s->st.workdir, buf_str(&b));
	buf_free(&b);
}

static void put_shell(struct single *s)
{
	bool tty = !s->how->command && isatty(STDIN_FILENO) && isatty(STDOUT_FILENO);
	char **v = arena_zalloc(s->a, 4, sizeof(*v));
	uint32_t n = 0;

	v[n++] = arena_strdup(s->a, stage_shell(s->stager, &s->st));
	if (s->how->command) {
		v[n++] = arena_strdup(s->a, "-c");
		v[n++] = arena_strdup(s->a, s->how->command);
	} else if (tty) {
		v[n++] = arena_strdup(s->a, "-i");
	}
	stage_instead(&s->st, v);
	if (tty && terminal_open(&s->term))
		s->st.terminal = s->term.slave;
	else if (!s->how->command)
		s->st.in = fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 3);
}

/* A terminal means nothing without its name. */
static void put_term(struct single *s)
{
	const char *term = getenv("TERM");
	uint32_t n = 0;
	char **env;

	while (s->st.env[n])
		if (strncmp(s->st.env[n++], "TERM=", 5) == 0)
			return;
	env = arena_zalloc(s->a, (size_t)n + 2, sizeof(*env));
	memcpy(env, s->st.env, n * sizeof(*env));
	env[n] = arena_printf(s->a, "TERM=%s", term ? term : "dumb");
	s->st.env = env;
}

/* ---- while it runs ---- */

static void open_streams(struct single *s)
{
	const char *file[2] = { s->st.out, s->st.err };

	s->watch = s->st.terminal ? -1 : inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
	for (int i = 0; i < 2 && !s->st.terminal; i++) {
		s->stream[i] = open(file[i], O_RDONLY | O_CLOEXEC);
		if (s->watch >= 0)
			inotify_add_watch(s->watch, file[i], IN_MODIFY);
	}
}

/* What its streams have got since the last time; results do not wait in a buffer of ours. */
static void follow(struct single *s)
{
	char chunk[1 << 14];
	ssize_t n;

	while (s->watch >= 0 && read(s->watch, chunk, sizeof(chunk)) > 0)
		;
	for (int i = 0; i < 2; i++) {
		FILE *to = i ? s->o.err : s->o.out;

		while (s->stream[i] >= 0 && (n = read(s->stream[i], chunk, sizeof(chunk))) > 0)
			fwrite(chunk, 1, (size_t)n, to);
		fflush(to);
	}
}

/* The first signal is a request, the second an order. */
static void on_signals(struct single *s, uint32_t *seen)
{
	if (s->loop.winch && s->term.master >= 0)
		terminal_resize(&s->term);
	s->loop.winch = false;
	if (s->loop.signals == *seen && (s->kill_at < 0 || clock_ms() < s->kill_at))
		return;
	stage_signal(&s->st, s->kill_at < 0 ? SIGTERM : SIGKILL);
	s->kill_at = clock_ms() + TERM_GRACE_MS;
	*seen = s->loop.signals;
}

static void wait_for_it(struct single *s, struct stage_end *end)
{
	uint32_t seen = s->loop.signals;

	do {
		int64_t left = s->kill_at < 0 ? -1 : s->kill_at - clock_ms();

		s->loop.nfds = 1;
		loop_watch(&s->loop, s->st.pidfd, POLLIN);
		if (s->watch >= 0)
			loop_watch(&s->loop, s->watch, POLLIN);
		if (s->term.master >= 0)
			loop_watch(&s->loop, s->term.master, POLLIN);
		if (s->term.master >= 0 && !s->term.in_over)
			loop_watch(&s->loop, STDIN_FILENO, POLLIN);
		loop_wait(&s->loop, left < 0 ? s->kill_at < 0 ? -1 : 0 : (int)left);
		if (s->term.master >= 0)
			terminal_pump(&s->term);
		follow(s);
		on_signals(s, &seen);
	} while (!stage_reap(s->stager, &s->st, end));
	follow(s);
}

/* ---- all of it ---- */

static int not_staged(struct single *s, const struct stage_error *err)
{
	const struct jtask *t = &s->look.plan->job->task[s->id.task];

	diag_error(s->d, E0333, t->name_span, "instance `%s` cannot be staged: %s", s->label, err->text);
	if (err->cause == R_INPUT)
		diag_help(s->d, "make what it needs: weft run %s", name_str(s->look.plan->job->names, t->name));
	return 3;
}

static int status_of(struct single *s, const struct stage_end *end)
{
	if (end->cause == R_SPAWN) {
		diag_error(s->d, E0333, s->look.plan->job->task[s->id.task].name_span, "instance `%s` cannot be started: %s", s->label,
			end->text);
		return 3;
	}
	return end->cause == R_SIGNAL ? 128 + end->status : end->status;
}

static int run_it(struct single *s)
{
	struct stage_error err = { .cause = R_SPAWN };
	struct stage_end end;
	int pidfd, rc;

	if (!stage_prepare(s->stager, s->id, &s->st, &err))
		return not_staged(s, &err);
	say(s, take_over(s));
	if (s->how->shell) {
		put_shell(s);
		put_term(s);
	}
	if (stage_spawn(s->stager, &s->st, &pidfd, &err) < 0) {
		rc = not_staged(s, &err);
	} else {
		if (s->term.master >= 0)
			terminal_join(&s->term);
		open_streams(s);
		wait_for_it(s, &end);
		terminal_close(&s->term);
		rc = status_of(s, &end);
	}
	if (s->st.in)
		close(s->st.in);
	stage_forget(s->stager, &s->st, s->how->keep);
	return rc;
}

static int staged(struct single *s)
{
	int rc;

	s->o.role = RUN_ALONE;
	s->o.alone = s->id.task;
	s->stager = stager_new(s->look.plan->job, &s->o, s->dir, s->d);
	if (!s->stager)
		return 3;
	stager_known(s->stager, plan_glob, s->look.plan);
	rc = run_it(s);
	stager_free(s->stager);
	return rc;
}

/* From before the directory is made until it is gone, a signal is a request. */
static int in_its_place(struct single *s)
{
	int rc = 4;

	if (!loop_open(&s->loop)) {
		diag_error(s->d, E1008, NOSPAN, "cannot wait for signals: %s", strerror(errno));
		return rc;
	}
	if (make_dir(s)) {
		rc = staged(s);
		if (!s->how->keep)
			fs_remove(AT_FDCWD, s->dir);
	}
	loop_close(&s->loop);
	return rc;
}

int alone_job(const struct job *j, const struct run_options *o, const struct alone *how, struct diags *d)
{
	struct single s = { .how = how, .o = *o, .d = d, .a = arena_new(), .watch = -1, .stream = { -1, -1 }, .kill_at = -1,
		.term = { .master = -1, .slave = -1 } };
	int rc = plan_look(&s.look, j, o, d);

	if (!rc && look_further(&s))
		plan_decide_all(s.look.plan);
	rc = rc ? rc : choose(&s);
	if (!rc)
		rc = in_its_place(&s);
	for (int i = 0; i < 2; i++)
		if (s.stream[i] >= 0)
			close(s.stream[i]);
	if (s.watch >= 0)
		close(s.watch);
	plan_look_end(&s.look);
	arena_free(s.a);
	return rc;
}
