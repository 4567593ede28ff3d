/* stage.c - the stager of a run, and an attempt's directory from its making to its removal. */
#include "runtime/stage.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "base/io.h"
#include "runtime/environ.h"
#include "runtime/logname.h"
#include "runtime/stage_fs.h"
#include "runtime/stage_impl.h"

bool stage_fail(struct stager *s, struct stage_error *err, enum run_cause c, const char *fmt, ...)
{
	char *text = NULL;
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vasprintf(&text, fmt, ap);
	va_end(ap);
	err->cause = c;
	err->text = n >= 0 ? arena_strdup(s->scratch, text) : "out of memory";
	free(n >= 0 ? text : NULL);
	return false;
}

/* ---- paths ---- */

bool task_in_place(const struct jtask *t)
{
	const struct jval *v = task_set(t, SET_IN_PLACE);

	return v && v->i;
}

const char *stage_final(struct stager *s, struct arena *a, const char *path, const char **why)
{
	if (store_is_url(path))
		return store_path(s->stores, a, path, why);
	return fs_clean(a, fs_join(a, s->ws, path));
}

const char *stage_seen(struct stager *s, struct arena *a, uint32_t task, const char *path)
{
	const char *why, *rel, *full;

	if (store_is_url(path)) {
		if (!task_in_place(&s->j->task[task]))
			return store_alias(a, path);
		full = store_path(s->stores, a, path, &why);
		return full ? full : path;
	}
	full = fs_clean(a, fs_join(a, s->ws, path));
	rel = fs_below(s->ws, full);
	return rel && *path != '/' ? rel : full;
}

static const char *seen_path(void *ctx, uint32_t port, bool out, const char *path)
{
	struct stager *s = ctx;

	(void)port, (void)out;
	return stage_seen(s, s->names, s->task, path);
}

static const char *secret_value(void *ctx, name nm)
{
	struct stager *s = ctx;

	for (uint32_t i = 0; i < s->j->nsecret; i++)
		if (s->o->secrets && s->o->secret_values && s->o->secrets[i].name == nm)
			return s->o->secret_values[i];
	return "";
}

void stage_context(struct stager *s, struct attempt_id id, struct arena *a, struct jctx *c)
{
	memset(c, 0, sizeof(*c));
	c->job = s->j;
	c->arena = a;
	c->task = id.task;
	c->instance = id.instance;
	c->attempt = id.attempt;
	c->ctx = s;
	c->glob = stager_glob;
	c->secret = secret_value;
	c->most_cpu = s->most_cpu;
	c->most_mem = s->most_mem;
	s->task = id.task;
	s->names = a;
}

void stager_context(struct stager *s, struct attempt_id id, struct arena *a, struct jctx *c)
{
	stage_context(s, id, a, c);
	c->path = seen_path;
}

int64_t stage_limit(struct jctx *c)
{
	const struct jtask *t = &c->job->task[c->task];
	const struct jval *time = task_set(t, SET_TIME);
	int64_t ms = task_int(t, SET_TIMEOUT);
	struct jvalue v;

	if (time && jx_eval(c, time->x, &v) && v.type == JT_DURATION && (v.i < ms || !task_set(t, SET_TIMEOUT)))
		ms = v.i;
	return ms;
}

int64_t stage_time_limit(struct stager *s, struct attempt_id id)
{
	struct arena *a = arena_new();
	struct jctx c;
	int64_t ms;

	stager_context(s, id, a, &c);
	ms = stage_limit(&c);
	arena_free(a);
	return ms;
}

/* ---- the stager ---- */

void stager_most(struct stager *s, int64_t cpu, int64_t mem)
{
	s->most_cpu = cpu;
	s->most_mem = mem;
}

static void mix(uint64_t h[2], const void *p, size_t n)
{
	for (const unsigned char *c = p; n; n--, c++)
		for (int i = 0; i < 2; i++)
			h[i] = (h[i] ^ *c) * (0x100000001b3u + 2u * (unsigned)i);
}

/* FNV-1a with two offsets over the directory's name, number and birth: ids need not be secret, only different, and
 * the same again for one directory. */
static void make_job_id(struct stager *s)
{
	uint64_t h[2] = { 0xcbf29ce484222325u, 0x6c62272e07bb0142u };
	struct statx x;

	mix(h, s->dir, strlen(s->dir));
	if (statx(AT_FDCWD, s->dir, 0, STATX_INO | STATX_BTIME, &x) == 0) {
		mix(h, &x.stx_ino, sizeof(x.stx_ino));
		if (x.stx_mask & STATX_BTIME)
			mix(h, &x.stx_btime, sizeof(x.stx_btime.tv_sec) + sizeof(x.stx_btime.tv_nsec));
	}
	for (int i = 0; i < 2; i++) { /* similar names, different ids */
		h[i] = (h[i] ^ h[i] >> 31) * 0x9e3779b97f4a7c15u;
		h[i] = (h[i] ^ h[i] >> 29) * 0xbf58476d1ce4e5b9u;
		h[i] ^= h[i] >> 32;
	}
	snprintf(s->job_id, sizeof(s->job_id), "job-%016llx%016llx", (unsigned long long)h[0], (unsigned long long)h[1]);
}

static bool make_dirs(struct stager *s, const char *rundir)
{
	char *ws = realpath(*s->j->dir ? s->j->dir : ".", NULL), *dir = realpath(rundir, NULL);
	struct utsname u;
	const char *bad = !ws ? s->j->dir : !dir ? rundir : NULL;
	int e;

	s->suffix = "";
	if (s->o->role == RUN_MEMBER && uname(&u) == 0) /* one of many in one directory */
		s->suffix = arena_printf(s->arena, ".%s.%ld", u.nodename, (long)getpid());
	if (!bad) {
		s->ws = arena_strdup(s->arena, ws);
		s->dir = arena_strdup(s->arena, dir);
		s->work = fs_join(s->arena, dir, "work");
		s->logs = fs_join(s->arena, dir, "logs");
		s->pkgs = fs_join(s->arena, dir, "packages");
		s->copies = fs_join(s->arena, dir, COPIES);
		if (!fs_mkdirs(s->work) || !fs_mkdirs(s->logs) || !fs_mkdirs(s->pkgs) || !spare_open(s))
			bad = s->dir;
	}
	e = errno;
	free(ws);
	free(dir);
	errno = e;
	return !bad || diag_error(s->d, E1065, NOSPAN, "directory `%s` cannot be used: %s", bad, strerror(errno));
}

static bool no_containers(struct stager *s, const char *why)
{
	diag_error(s->d, E1034, NOSPAN, s->o->no_sandbox ? N_("containers are not possible: %s") :
		N_("containers are not possible: the kernel refuses %s"), why);
	diag_help(s->d, s->o->no_sandbox ? N_("run it without --no-sandbox") : N_("weft doctor says what is missing"));
	return false;
}

static bool no_mounts(struct stager *s, const char *why)
{
	diag_error(s->d, E1060, NOSPAN, s->o->no_sandbox ? N_("mounts are not possible: %s") :
		N_("mounts are not possible: the kernel refuses %s"), why);
	diag_note(s->d, "mounts and mappings of tasks need a mount namespace of their own");
	diag_help(s->d, s->o->no_sandbox ? N_("run it without --no-sandbox") : N_("weft doctor says what is missing"));
	return false;
}

/* What other machines will not do either. */
static bool probe_elsewhere(struct stager *s)
{
	if (s->o->role != RUN_DRIVER || !s->o->no_sandbox)
		return true;
	sandbox_probe(&s->sb, "", false, false, s->arena);
	if (containers_nth(s->containers, 0))
		return no_containers(s, s->sb.why);
	return !s->mounts || no_mounts(s, s->sb.why);
}

/* By trying, in a directory of its own.  false after a diagnostic. */
static bool try_it(struct stager *s, bool overlay)
{
	const char *base = arena_printf(s->arena, ".probe%s", s->suffix), *scratch = fs_join(s->arena, s->work, base), *none;

	if (!fs_mkdirs(scratch))
		return diag_error(s->d, E1065, NOSPAN, "directory `%s` cannot be made: %s", scratch, strerror(errno));
	sandbox_probe(&s->sb, scratch, !s->o->no_sandbox, overlay, s->arena);
	none = containers_nth(s->containers, 0) ? sandbox_no_container(&s->sb, scratch, s->arena) : NULL;
	fs_remove(s->workfd, base);
	if (none)
		return no_containers(s, none);
	return !s->mounts || s->sb.mounts || no_mounts(s, s->sb.why);
}

static bool probe(struct stager *s)
{
	bool member = s->o->role == RUN_MEMBER, overlay = s->mounts || containers_nth(s->containers, 0), ok;

	if (s->o->role == RUN_DRIVER || s->o->role == RUN_NOTHING) /* what this kernel allows does not matter */
		return probe_elsewhere(s);
	/* on a shared machine others of the job may run, which are not ours to end */
	if (!sandbox_open(&s->sb, member ? "" : arena_printf(s->arena, JOB_ID_VAR "=%s", s->job_id)))
		return diag_error(s->d, E1065, NOSPAN, "processes cannot be watched: %s", strerror(errno));
	if (!member && s->o->role != RUN_ALONE) /* the runs beside this one may be alive: only who has the lock knows */
		clean_start(s); /* it forks, which must not be done later (sandbox_lean.h) */
	ok = member && !s->o->no_sandbox && sandbox_known(&s->sb, s->o->notes, overlay);
	if (!ok) {
		ok = try_it(s, overlay);
		if (ok && member)
			sandbox_note(&s->sb, s->o->notes);
	}
	sandbox_limit_pids(&s->sb, pids_most(s->o));
	return ok;
}

/* Before anything runs; who drives other machines leaves it to them. */
static bool images_load(struct stager *s)
{
	if (s->o->role == RUN_DRIVER || s->o->role == RUN_NOTHING)
		return true;
	return containers_load(s->containers, s->o->role == RUN_ALONE ? s->o->alone : UINT32_MAX, s->o->quiet ? NULL : s->o->err,
		s->d);
}

struct stager *stager_new(const struct job *j, const struct run_options *o, const char *rundir, struct diags *d)
{
	struct stager *s = xcalloc(1, sizeof(*s));
	bool ok;

	s->j = j;
	s->o = o;
	s->d = d;
	s->arena = arena_new();
	s->scratch = arena_new();
	s->globs = globs_new();
	s->sb.driver = s->sb.null = s->workfd = s->sweeper = -1;
	s->shell = access("/bin/bash", X_OK) == 0 || access("/usr/bin/bash", X_OK) == 0 ? "bash" : "sh";
	ok = make_dirs(s, rundir);
	if (ok) {
		if (o->role == RUN_MEMBER)
			snprintf(s->job_id, sizeof(s->job_id), "%s", o->job_id);
		else
			make_job_id(s);
		s->stores = stores_new(s->arena, o, s->ws);
		s->containers = containers_find(s->arena, j, o, s->stores, o->role == RUN_NOTHING ? NULL : d, &ok);
		ok = ok || o->role == RUN_NOTHING; /* its files are not looked at */
		ok = stores_check(s->stores, j, d) && ok;
		ok = mounts_check(s, &s->mounts) && ok;
		ok = strict_site(s) && ok;
		ok = ok && packages_load(s) && probe(s) && images_load(s);
	}
	if (ok)
		return s;
	stager_free(s);
	return NULL;
}

void stager_free(struct stager *s)
{
	int dir;

	if (!s)
		return;
	clean_stop(s);
	names_close(s);
	spare_close(s);
	dir = s->dir && s->o->role != RUN_MEMBER ? open(s->dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;
	if (dir >= 0) {
		fs_remove(dir, "packages");
		if (!s->stranded)
			unlinkat(dir, COPIES, 0);
		unlinkat(dir, "work", AT_REMOVEDIR); /* unless something is kept in it */
		close(dir);
	}
	sandbox_close(&s->sb);
	globs_free(s->globs);
	arena_free(s->scratch);
	arena_free(s->arena);
	free(s);
}

const char *stager_place(struct stager *s, struct arena *a, const char *path)
{
	const char *why;

	return stage_final(s, a, path, &why);
}

const char *stager_job_id(const struct stager *s)
{
	return s->job_id;
}

const char *stager_logs(const struct stager *s)
{
	return s->logs;
}

void stager_known(struct stager *s, glob_fn *known, void *ctx)
{
	s->known = known;
	s->known_ctx = ctx;
}

const char *stager_isolation(const struct stager *s)
{
	if (s->sb.kind == SB_PLAIN)
		return "process groups only";
	return s->sb.user ? "user, mount and pid namespaces" : "mount and pid namespaces";
}

/* ---- preparing an attempt ---- */

/* Where a stream's file ends up: in the store that the setting names, else with the run's logs. */
static const char *log_final(struct stager *s, struct stage *st, const char *stream, enum setting set, struct stage_error *err)
{
	const struct jval *v = task_set(&s->j->task[st->id.task], set);
	const char *to = v ? name_str(s->j->names, v->s) : "", *why = NULL, *dir;
	const char *nm = name_str(s->j->names, s->j->task[st->id.task].name);

	dir = *to ? stage_final(s, st->arena, to, &why) : s->logs;
	if (!dir) {
		stage_fail(s, err, R_SPAWN, "%s of `%s`: %s", stream, nm, why);
		return NULL;
	}
	return fs_join(st->arena, dir, log_name(st->arena, stream, s->job_id, nm, st->id.instance));
}

/* Whoever looks into the run's logs finds also what was sent elsewhere. */
static void link_log(struct stager *s, struct arena *a, const char *to)
{
	size_t n = strlen(s->logs);

	if ((strncmp(to, s->logs, n) || to[n] != '/') && symlink(to, fs_join(a, s->logs, strrchr(to, '/') + 1))) {
		/* there already, or not to be had: the stream itself is safe */
	}
}

/* The stream of the attempt before moves out of the way. */
static void keep_earlier(struct stager *s, struct stage *st, const char *to)
{
	const char *old = st->id.attempt > 1 ? log_earlier(st->arena, to, (uint32_t)st->id.attempt - 1) : NULL;

	if (old && rename(to, old) == 0)
		link_log(s, st->arena, old);
}

static bool make_sub(struct stage *st, const char *path, uint8_t what)
{
	return (st->state->has & what) || mkdir(path, 0777) == 0;
}

/* A directory as good as fresh. */
static bool make_attempt_dir(struct stager *s, struct stage *st, struct stage_error *err)
{
	const char *task = name_str(s->j->names, s->j->task[st->id.task].name);
	const char *nm = log_workdir(st->arena, task, st->id.instance, (uint32_t)st->id.attempt);
	struct arena *a = st->arena;
	bool ok = spare_take(s, nm, &st->state->has);

	st->dir = fs_join(a, s->work, nm);
	st->out = fs_join(a, st->dir, "stdout");
	st->err = fs_join(a, st->dir, "stderr");
	st->workdir = st->state->in_place ? s->ws : fs_join(a, st->dir, "w");
	ok = ok && (st->state->in_place || make_sub(st, st->workdir, SPARE_W)) && make_sub(st, fs_join(a, st->dir, "tmp"), SPARE_TMP);
	if (!ok)
		return stage_fail(s, err, R_SPAWN, "cannot make `%s`: %s", st->dir, strerror(errno));
	st->out_final = log_final(s, st, "stdout", SET_STDOUT, err);
	st->err_final = st->out_final ? log_final(s, st, "stderr", SET_STDERR, err) : NULL;
	if (!st->err_final)
		return false;
	keep_earlier(s, st, st->out_final);
	keep_earlier(s, st, st->err_final);
	return true;
}

static bool write_script(struct stager *s, struct stage *st, const char *file, const struct buf *b, struct stage_error *err)
{
	int how = st->state->has & SPARE_SCRIPT ? O_TRUNC | O_NOFOLLOW : O_CREAT | O_EXCL;
	int fd = open(file, O_WRONLY | O_CLOEXEC | how, 0700);
	bool ok = fd >= 0 && write_all(fd, b->p, b->len);

	if (fd >= 0 && close(fd) == 0 && ok)
		return true;
	return stage_fail(s, err, R_SPAWN, "cannot write `%s`: %s", file, strerror(errno));
}

const char *stage_shell(const struct stager *s, const struct stage *st)
{
	const struct container *box = st->state->box;

	return !box ? s->shell : box->bash ? "bash" : "sh";
}

/* argv of a script: its interpreter's words, then the file. */
static bool script_argv(struct stager *s, struct stage *st, struct jctx *c, struct stage_error *err)
{
	const struct jtask *t = &s->j->task[st->id.task];
	const char *interp = t->interp ? name_str(s->j->names, t->interp) : stage_shell(s, st);
	const char *file = fs_join(st->arena, st->dir, "script");
	char **word;
	size_t n;
	struct buf b;
	bool ok;

	buf_init(&b, 64 << 20);
	ok = task_script(c, &b);
	if (!ok)
		stage_fail(s, err, R_SPAWN, "script: %s", c->error ? c->error : "it is too long");
	ok = ok && write_script(s, st, file, &b, err);
	buf_free(&b);
	if (!ok)
		return false;
	if (!words_split(st->arena, interp, &word, &n) || n == 0)
		return stage_fail(s, err, R_SPAWN, "interpreter `%s` is no command", interp);
	st->argv = arena_zalloc(st->arena, n + 2, sizeof(*st->argv));
	memcpy(st->argv, word, n * sizeof(*word));
	st->argv[n] = arena_strdup(st->arena, st->state->box ? CONTAINER_SCRIPT : file);
	return true;
}

static bool command_argv(struct stager *s, struct stage *st, struct jctx *c, struct stage_error *err)
{
	char **word;
	size_t n;

	if (!task_argv(c, &word, &n))
		return stage_fail(s, err, R_SPAWN, "command: %s", c->error ? c->error : "its quotes are not balanced");
	if (n == 0)
		return stage_fail(s, err, R_SPAWN, "the command is empty");
	st->argv = arena_zalloc(st->arena, n + 1, sizeof(*st->argv));
	memcpy(st->argv, word, n * sizeof(*word));
	return true;
}

/* The paths at which the program may be: along the PATH that the task itself has. */
static char **candidates(struct stage *st)
{
	const char *prog = st->argv[0], *path = env_path(st->env);
	char **v;
	size_t n = 1, k = 0;

	for (const char *p = path; *p; p++)
		n += *p == ':';
	v = arena_zalloc(st->arena, n + 1, sizeof(*v));
	if (strchr(prog, '/') || !*prog) {
		v[0] = arena_strdup(st->arena, prog);
		return v;
	}
	for (;;) {
		size_t len = strcspn(path, ":");

		v[k++] = arena_printf(st->arena, "%.*s/%s", (int)(len ? len : 1), len ? path : ".", prog);
		if (!path[len])
			return v;
		path += len + 1;
	}
}

static bool prepare_command(struct stager *s, struct stage *st, struct env_list *env, struct stage_error *err)
{
	const struct jtask *t = &s->j->task[st->id.task];
	struct jctx c;

	stager_context(s, st->id, st->arena, &c);
	if (!env_user(env, &c))
		return stage_fail(s, err, R_SPAWN, "environment: %s", c.error);
	st->env = env_done(env);
	if (t->run == RUN_NONE)
		return stage_fail(s, err, R_SPAWN, "task has no command");
	if (!(t->run == RUN_SCRIPT ? script_argv : command_argv)(s, st, &c, err))
		return false;
	st->state->sp.exe = candidates(st);
	return true;
}

static bool prepare(struct stager *s, struct stage *st, struct stage_error *err)
{
	struct env_list *env = env_new(st->arena);
	struct jctx c;

	if (!make_attempt_dir(s, st, err) || !container_prepare(s, st, err))
		return false;
	if (!st->state->in_place && !packages_copy(s, st, err))
		return false;
	stager_context(s, st->id, st->arena, &c);
	if (!env_base(env, s, &c, st))
		return stage_fail(s, err, R_SPAWN, "environment: %s", c.error);
	return mounts_prepare(s, st, err) && ports_prepare(s, st, env, err) && prepare_command(s, st, env, err) &&
		plan_world(s, st, err);
}

bool stage_prepare(struct stager *s, struct attempt_id id, struct stage *out, struct stage_error *err)
{
	const char *const *dirs;

	memset(out, 0, sizeof(*out));
	arena_reset(s->scratch, (struct arena_mark){ 0 });
	out->id = id;
	out->pidfd = -1;
	out->arena = arena_new();
	out->state = arena_zalloc(out->arena, 1, sizeof(*out->state));
	out->state->a = out->arena;
	out->state->in_place = task_in_place(&s->j->task[id.task]);
	out->state->plain = s->sb.kind == SB_PLAIN || (out->state->in_place && !s->mounts && !stores_dirs(s->stores, &dirs) &&
		!containers_of(s->containers, id.task));
	if (prepare(s, out, err))
		return true;
	stage_drop(s, out, false);
	return false;
}

/* ---- the end ---- */

void stage_made(struct stage *st, const char *path, uint32_t port, bool temp)
{
	struct made_files *m = &st->made;
	struct made_file *old = m->v;

	if (m->n == m->cap) {
		m->cap = m->cap ? m->cap * 2 : 8;
		m->v = arena_alloc(st->arena, m->cap * sizeof(*m->v));
		if (m->n)
			memcpy(m->v, old, m->n * sizeof(*old));
	}
	m->v[m->n++] = (struct made_file){ path, port, temp };
}

/* What mounts and mappings publish. */
static void note_published(struct stage *st, const struct publish *p, uint32_t from)
{
	for (uint32_t i = from; i < publish_count(p); i++)
		if (publish_target(p, i))
			stage_made(st, arena_strdup(st->arena, publish_target(p, i)), UINT32_MAX, false);
}

/* A stream that said nothing needs no file among the run's logs, but it does in a store. */
static bool is_silent(enum setting set, const char *file, const struct jtask *t)
{
	struct stat sb;

	return !task_set(t, set) && lstat(file, &sb) == 0 && S_ISREG(sb.st_mode) && sb.st_size == 0;
}

static void queue_log(struct stager *s, struct stage *st, struct publish *p, const char *stream, const char *to)
{
	publish_add(p, st->dir, stream, to, false);
	link_log(s, st->arena, to);
}

static void queue_logs(struct stager *s, struct stage *st, struct publish *p, bool done)
{
	const struct jtask *t = &s->j->task[st->id.task];

	if (st->state->logged || !st->state->started)
		return;
	if (!done || !is_silent(SET_STDOUT, st->out, t))
		queue_log(s, st, p, "stdout", st->out_final);
	if (!done || !is_silent(SET_STDERR, st->err, t))
		queue_log(s, st, p, "stderr", st->err_final);
	if (!st->state->stranded)
		mounts_logs(s, st, p);
}

enum run_cause stage_gather(struct stager *s, struct stage *st, struct publish **out, char **text)
{
	struct publish *p = publish_new(s->copies);
	enum run_cause rc;

	*text = NULL;
	arena_reset(s->scratch, (struct arena_mark){ 0 });
	rc = ports_collect(s, st, p, text);
	if (rc == R_DONE) {
		uint32_t ports = publish_count(p);

		rc = mounts_collect(s, st, p, text);
		note_published(st, p, ports);
	}
	if (rc == R_DONE)
		queue_logs(s, st, p, true);
	else
		publish_free(p);
	*out = rc == R_DONE ? p : NULL;
	return rc;
}

bool stage_is_quick(const struct stager *s, const struct publish *p)
{
	const char *const *dir;
	uint32_t n = stores_dirs(s->stores, &dir);

	return publish_is_quick(p, s->ws, dir, n);
}

void stage_published(struct stage *st)
{
	st->state->logged = true;
}

void stage_strand(struct stager *s, struct stage *st)
{
	s->stranded = st->state->stranded = true;
	st->out_final = fs_join(st->arena, s->logs, strrchr(st->out_final, '/') + 1);
	st->err_final = fs_join(st->arena, s->logs, strrchr(st->err_final, '/') + 1);
}

enum run_cause stage_collect(struct stager *s, struct stage *st, char **text)
{
	struct publish *p;
	enum run_cause rc = stage_gather(s, st, &p, text);

	if (rc != R_DONE)
		return rc;
	if (publish_commit(p, text, st->arena))
		stage_published(st);
	else
		rc = R_COLLECT;
	publish_free(p);
	return rc;
}

/* What a failed attempt leaves: its logs only. */
static void save_logs(struct stager *s, struct stage *st)
{
	struct publish *p = publish_new(s->copies);
	char *why;

	queue_logs(s, st, p, false);
	publish_commit(p, &why, st->arena);
	st->state->logged = true;
	publish_free(p);
}

static void end_it(struct stager *s, struct stage *st)
{
	struct stage_end end;

	stage_signal(st, SIGKILL);
	while (st->pid > 0 && !stage_reap(s, st, &end)) {
		struct pollfd p = { .fd = st->pidfd, .events = POLLIN };

		poll(&p, 1, -1);
	}
}

static const char *hidden(void *ctx, name nm)
{
	(void)ctx, (void)nm;
	return "***";
}

/* The script of a directory that is kept, without the values of secrets. */
static void hide_secrets(struct stager *s, struct stage *st)
{
	const char *file = fs_join(st->arena, st->dir, "script");
	struct jctx c;
	struct buf b;
	int fd;
	bool ok;

	if (!s->j->nsecret || s->j->task[st->id.task].run != RUN_SCRIPT)
		return;
	stager_context(s, st->id, st->arena, &c);
	c.secret = hidden;
	buf_init(&b, 64 << 20);
	ok = task_script(&c, &b);
	fd = ok ? open(file, O_WRONLY | O_TRUNC | O_CLOEXEC | O_NOFOLLOW) : -1;
	ok = fd >= 0 && write_all(fd, b.p, b.len);
	if (fd >= 0)
		ok = close(fd) == 0 && ok;
	if (!ok)
		unlink(file);
	buf_free(&b);
}

static void keep_it(struct stager *s, struct stage *st)
{
	int fd;

	hide_secrets(s, st);
	fd = open(fs_join(st->arena, st->dir, KEPT), O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);

	if (fd >= 0)
		close(fd);
}

void stage_instead(struct stage *st, char **argv)
{
	st->argv = argv;
	st->state->sp.exe = candidates(st);
}

void stage_forget(struct stager *s, struct stage *st, bool keep_workdir)
{
	if (st->arena)
		st->state->logged = true;
	stage_drop(s, st, keep_workdir);
}

void stage_drop(struct stager *s, struct stage *st, bool keep_workdir)
{
	if (!st->arena)
		return;
	if (st->pid > 0)
		end_it(s, st);
	if (!st->state->logged)
		save_logs(s, st);
	if (st->dir && keep_workdir)
		keep_it(s, st);
	else if (st->dir)
		spare_give(s, strrchr(st->dir, '/') + 1);
	names_drop(st->state);
	arena_free(st->arena);
	memset(st, 0, sizeof(*st));
	st->pidfd = -1;
}
