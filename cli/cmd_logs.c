/* cmd_logs.c - weft logs: what an instance wrote to its streams, also while it runs. */
#include "cli/cmd.h"
#include "cli/load.h"
#include "cli/look.h"
#include "runtime/logname.h"
#include "runtime/text.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

enum { BLOCK = 64 << 10, NAMED = 10, LOOK_MS = 1000 };

static const struct opt logs_opts[] = {
	{ 0, "run", "N", "of this run, not of the last one that ran the instance", NULL, false, FILL_NONE },
	{ 0, "attempt", "N", "of this attempt, not of the last one", NULL, false, FILL_NONE },
	{ 0, "stdout", NULL, "only standard output", NULL, false, FILL_NONE },
	{ 0, "stderr", NULL, "only standard error", NULL, false, FILL_NONE },
	{ 'f', "follow", NULL, "go on until the attempt has ended", NULL, false, FILL_NONE },
	{ 0, "tail", "N", "begin with the last N lines of a stream", NULL, false, FILL_NONE },
	{ 0, "json", NULL, "print a JSON object a line", NULL, false, FILL_NONE },
	OPT_ERROR_FORMAT,
	OPT_END,
};

/* ---- which attempt ---- */

struct wanted {
	struct arena *arena;    /* of the texts here */
	const char *task, *key; /* key NULL: the only instance */
	uint32_t run, attempt, tail; /* 0: the last, the last, all */
	bool follow;
};
struct found {
	const struct wanted *w;
	uint32_t run, attempt, last; /* last: attempt begun in that run */
	int64_t instance;
	bool ended, done;          /* done: it succeeded */
	const char *key[NAMED];    /* different ones, when no key was wanted */
	uint32_t nkey;
	bool many;                 /* even more of them */
	struct suggest near;       /* a task that may be meant */
	const char *tried;         /* the last that was compared */
};

static void note_key(struct found *f, const char *key)
{
	for (uint32_t i = 0; i < f->nkey; i++)
		if (!strcmp(f->key[i], key))
			return;
	if (f->nkey == NAMED)
		f->many = true;
	else
		f->key[f->nkey++] = key;
}

static void note_attempt(struct found *f, const struct rec_who *who, uint32_t run, uint32_t attempt, int64_t instance, uint8_t kind)
{
	if (strcmp(who->task, f->w->task)) {
		if (!f->tried || strcmp(f->tried, who->task))
			suggest_try(&f->near, who->task);
		f->tried = who->task;
		return;
	}
	if ((f->w->key && strcmp(f->w->key, who->key)) || (f->w->run && f->w->run != run))
		return;
	if (run != f->run)
		*f = (struct found){ .w = f->w, .run = run };
	note_key(f, who->key);
	f->last = attempt > f->last ? attempt : f->last;
	if (f->w->attempt && f->w->attempt != attempt)
		return;
	f->attempt = attempt;
	f->instance = instance;
	f->ended = kind != RK_BEGIN;
	f->done = kind == RK_DONE;
}

static bool see(void *ctx, uint64_t off, uint8_t kind, const unsigned char *p, size_t n)
{
	struct found *f = ctx;
	struct rec_begin begin;
	struct rec_done done;
	struct rec_end end;
	struct rec_run run;

	(void)off;
	if (kind == RK_BEGIN && rec_read_begin(p, n, &begin))
		note_attempt(f, &begin.who, begin.run, begin.attempt, begin.instance, kind);
	else if (kind == RK_DONE && rec_read_done(p, n, &done) && !done.adopted)
		note_attempt(f, &done.who, done.run, done.attempt, done.instance, kind);
	else if (kind == RK_END && rec_read_end(p, n, &end))
		note_attempt(f, &end.who, end.run, end.attempt, end.instance, kind);
	else if (kind == RK_RUN_END || (kind == RK_RUN && rec_read_run(p, n, &run)))
		f->ended = true;
	return true;
}

static void find(struct look *l, const struct wanted *w, struct found *f)
{
	*f = (struct found){ .w = w, .near = { .to = w->task } };
	if (l->j)
		journal_each(l->j, see, f);
	if (!l->nrun || l->run[l->nrun - 1].life != PAST_LIVE || l->run[l->nrun - 1].run.run != f->run)
		f->ended = true; /* its process is not there any more */
}

/* Is the run that could still begin it going on? */
static bool may_begin(const struct look *l, const struct wanted *w)
{
	const struct past_run *r = l->nrun ? &l->run[l->nrun - 1] : NULL;

	return r && r->life == PAST_LIVE && (!w->run || w->run == r->run.run);
}

static void add_labels(struct buf *b, const struct found *f)
{
	for (uint32_t i = 0; i < f->nkey; i++) {
		buf_adds(b, i ? ", " : "");
		look_label(b, &(struct rec_who){ f->w->task, f->key[i] });
	}
	buf_adds(b, f->many ? ", ..." : "");
}

/* There is no such instance: which ones ran last? */
static void help_keys(struct look *l, const struct wanted *w)
{
	struct wanted all = { .arena = w->arena, .task = w->task };
	struct found f;
	struct buf b;

	find(l, &all, &f);
	if (!f.nkey)
		return;
	if (!*f.key[0] && f.nkey == 1) {
		if (w->key && *w->key)
			diag_help(l->d, "`%s` has one instance, without a key: weft logs %s", w->task, w->task);
		else
			diag_help(l->d, "it ran in run %u", f.run);
		return;
	}
	buf_init(&b, 1 << 18);
	add_labels(&b, &f);
	diag_help(l->d, "in run %u there were: %s", f.run, buf_str(&b));
	buf_free(&b);
}

static bool no_attempt(struct look *l, const struct wanted *w, const struct found *f)
{
	struct rec_who who = { w->task, w->key ? w->key : "" };
	const char *near = f->nkey ? NULL : suggest_best(&f->near);
	struct buf b;

	buf_init(&b, 1 << 18);
	look_label(&b, &who);
	if (f->last)
		diag_error(l->d, E1074, NOSPAN, "`%s` has had no attempt %u in run %u, only %u", buf_str(&b), w->attempt, f->run, f->last);
	else if (w->run)
		diag_error(l->d, E1074, NOSPAN, "`%s` did not run in run %u", buf_str(&b), w->run);
	else
		diag_error(l->d, E1074, NOSPAN, "`%s` has never run here", buf_str(&b));
	if (near)
		diag_help(l->d, "did you mean `%s`?", near);
	else if (!f->last)
		help_keys(l, w);
	buf_free(&b);
	return false;
}

static bool note_failed(void *ctx, const struct past_attempt *a)
{
	struct found *f = ctx;

	if (a->state == PAST_FAILED && !strcmp(a->who.task, f->w->task))
		note_key(f, a->who.key);
	return !f->many;
}

/* Of several instances those that failed in that run: they are what is looked for. */
static struct found failed(const struct look *l, const struct found *f)
{
	struct found bad = { .w = f->w, .run = f->run };

	for (uint32_t i = 0; i < l->nrun; i++)
		if (l->run[i].run.run == f->run) {
			struct past *p = past_read(l->j, &l->run[i]);

			past_each(p, note_failed, &bad);
			past_free(p);
		}
	return bad;
}

static bool many_instances(struct look *l, const struct wanted *w, const struct found *f, const struct found *bad)
{
	const struct found *some = bad->nkey ? bad : f;
	struct buf b;

	buf_init(&b, 1 << 18);
	add_labels(&b, some);
	if (bad->nkey)
		diag_error(l->d, E1074, NOSPAN, "more than one instance of `%s` failed in run %u", w->task, f->run);
	else
		diag_error(l->d, E1074, NOSPAN, "more than one instance of `%s` ran in run %u", w->task, f->run);
	diag_help(l->d, "name one: %s", buf_str(&b));
	buf_free(&b);
	return false;
}

/* The one of several that failed is taken, and named; false after messages when that is not one. */
static bool choose_failed(struct look *l, struct wanted *w, struct found *f)
{
	struct found bad = failed(l, f);
	struct buf b;

	if (bad.nkey != 1)
		return many_instances(l, w, f, &bad);
	w->key = arena_strdup(w->arena, bad.key[0]);
	w->run = f->run;
	find(l, w, f);
	if (opts_flag(l->o, "json"))
		return true;
	buf_init(&b, 1 << 18);
	look_label(&b, &(struct rec_who){ w->task, w->key });
	fprintf(stderr, "%s, which failed in run %u:\n", buf_str(&b), w->run);
	buf_free(&b);
	return true;
}

/* ---- its files ---- */

struct stream {
	const char *name;   /* "stdout" */
	FILE *to;
	bool safe;          /* to a terminal: nothing that it would obey */
	bool json;          /* an object a line */
	int fd;
	off_t at;
	int error;          /* why it cannot be read, though it may be there */
};

/* -1 when there is none; *error: why not, when there may be one. */
static int open_regular(const char *path, int *error)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	struct stat st = { 0 };
	int e = fd < 0 || fstat(fd, &st) ? errno : S_ISREG(st.st_mode) ? 0 : ENOENT;

	if (!e)
		return fd;
	if (fd >= 0)
		close(fd);
	if (!*error && e != ENOENT && e != ENOTDIR)
		*error = e;
	return -1;
}

/* The name that the service gave the job, from its files; NULL when there are none. */
static const char *job_of(struct arena *a, const char *logs, int *error)
{
	const char *job = log_job(a, logs);

	if (!job && !*error && errno && errno != ENOENT && errno != ENOTDIR)
		*error = errno;
	return job;
}

/* While it runs in its directory, else among the run's logs: under the service's name only the last attempt's. */
static int open_stream(struct look *l, const struct found *f, const char *stream, int *error)
{
	struct arena *a = arena_new();
	const char *dir = arena_printf(a, "%s/runs/%04u", l->base, f->run);
	const char *logs = arena_printf(a, "%s/logs", dir), *job = NULL, *path;
	int fd;

	path = arena_printf(a, "%s/work/%s/%s", dir, log_workdir(a, f->w->task, f->instance, f->attempt), stream);
	fd = open_regular(path, error);
	if (fd < 0)
		job = job_of(a, logs, error); /* after it: it may have ended just now */
	if (fd < 0 && job) {
		path = arena_printf(a, "%s/%s", logs, log_name(a, stream, job, f->w->task, f->instance));
		fd = open_regular(log_earlier(a, path, f->attempt), error);
	}
	if (fd < 0 && job && f->attempt == f->last)
		fd = open_regular(path, error);
	arena_free(a);
	return fd;
}

static ssize_t read_block(const struct stream *s, char *p, size_t n, off_t at)
{
	ssize_t k;

	do
		k = pread(s->fd, p, n, at);
	while (k < 0 && errno == EINTR);
	return k;
}

/* Where the last `lines` lines begin. */
static off_t tail_from(struct stream *s, uint32_t lines)
{
	struct stat st = { 0 };
	off_t at = fstat(s->fd, &st) ? (s->error = errno, 0) : st.st_size;
	bool last = true; /* the newline at the very end ends the last line */
	char *p = xmalloc(BLOCK);

	while (at > 0) {
		off_t from = at > BLOCK ? at - BLOCK : 0;
		ssize_t n = read_block(s, p, (size_t)(at - from), from);

		if (n < 0)
			s->error = errno;
		for (; n > 0; n--, last = false) {
			if (p[n - 1] != '\n' || last)
				continue;
			if (!--lines) {
				free(p);
				return from + n;
			}
		}
		at = from;
	}
	free(p);
	return 0;
}

static void put_safe(FILE *f, const char *p, size_t n)
{
	struct buf b;

	buf_init(&b, 8 * (size_t)BLOCK);
	while (n) {
		const char *nl = memchr(p, '\n', n);
		size_t k = nl ? (size_t)(nl - p) : n;

		buf_reset(&b);
		text_safe(&b, p, k, k);
		fwrite(buf_str(&b), 1, b.len, f);
		if (nl)
			fputc('\n', f);
		k += nl != NULL;
		p += k;
		n -= k;
	}
	buf_free(&b);
}

/* Whole lines when there are any, so that no character is cut in two. */
static size_t up_to_line(const char *p, size_t n)
{
	const char *nl = n == BLOCK ? memrchr(p, '\n', n) : NULL;

	return nl ? (size_t)(nl - p) + 1 : n;
}

/* A character that goes on behind the first n bytes is left for the next piece. */
static size_t whole_characters(const char *p, size_t n)
{
	size_t k = n;

	while (k && n - k < 3 && ((unsigned char)p[k - 1] & 0xc0) == 0x80)
		k--;
	return k > 1 && (unsigned char)p[k - 1] >= 0xc0 ? k - 1 : n;
}

/* {"stream": "stdout", "text": "a line"}; of one that has no end (yet), or is very long: "part": true. */
static void put_line(const struct stream *s, const char *p, size_t n, bool part)
{
	struct buf b;
	struct jw w;

	buf_init(&b, 8 * (size_t)BLOCK);
	jw_init(&w, &b, 0);
	jw_open(&w, '{');
	jw_kstr(&w, "stream", s->name);
	jw_key(&w, "text");
	jw_strn(&w, p, n);
	if (part)
		jw_kbool(&w, "part", true);
	jw_close(&w);
	buf_addc(&b, '\n');
	fwrite(buf_str(&b), 1, b.len, s->to);
	buf_free(&b);
}

/* The lines of it; last: also one without an end.  How much was printed. */
static size_t put_json(const struct stream *s, const char *p, size_t n, bool last)
{
	size_t at = 0, k;

	for (const char *nl; (nl = memchr(p + at, '\n', n - at)); at = (size_t)(nl - p) + 1)
		put_line(s, p + at, (size_t)(nl - p) - at, false);
	if (at == n || (n == BLOCK ? at > 0 : !last))
		return at;
	k = n == BLOCK ? whole_characters(p, n) : n;
	put_line(s, p + at, k - at, true);
	return k;
}

/* What is shown of a block; how much of it that was. */
static size_t put_block(const struct stream *s, const char *p, size_t n, bool last)
{
	if (s->json)
		return put_json(s, p, n, last);
	if (s->safe)
		n = up_to_line(p, n);
	if (s->safe)
		put_safe(s->to, p, n);
	else
		fwrite(p, 1, n, s->to);
	return n;
}

/* Print what is there by now; last: nothing more will come.  false when it cannot be read or written. */
static bool pour(struct stream *s, bool last)
{
	char *p = xmalloc(BLOCK);
	ssize_t n = 0;
	size_t k = 1;

	while (k && s->fd >= 0 && !ferror(s->to) && (n = read_block(s, p, BLOCK, s->at)) > 0) {
		k = put_block(s, p, (size_t)n, last);
		s->at += (off_t)k;
	}
	if (n < 0)
		s->error = errno;
	free(p);
	return fflush(s->to) == 0 && !ferror(s->to) && !s->error;
}

/* ---- following ---- */

struct follow {
	struct look *l;
	struct found *f;
	struct stream *s;
	int ino;
};

/* Wait for a change of what is read, or for a while. */
static void wait_change(struct follow *w)
{
	struct pollfd pfd = { w->ino, POLLIN, 0 };
	char events[4096];

	poll(&pfd, w->ino < 0 ? 0 : 1, LOOK_MS);
	if (pfd.revents)
		while (read(w->ino, events, sizeof(events)) > 0)
			;
}

static void watch(struct follow *w)
{
	struct arena *a = arena_new();

	w->ino = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
	if (w->ino >= 0)
		inotify_add_watch(w->ino, arena_printf(a, "%s/journal", w->l->base), IN_MODIFY | IN_DELETE_SELF);
	for (int i = 0; i < 2 && w->ino >= 0; i++)
		if (w->s[i].fd >= 0)
			inotify_add_watch(w->ino, arena_printf(a, "/proc/self/fd/%d", w->s[i].fd), IN_MODIFY);
	arena_free(a);
}

/* What has the journal to say by now?  false after messages. */
static bool look_on(struct follow *w)
{
	if (!journal_more(w->l->j, see, w->f)) {
		if (!look_again(w->l))
			return false;
		find(w->l, w->f->w, w->f);
	}
	if (!w->f->ended && !past_holder(w->l->base)) { /* killed: nothing more will come */
		journal_more(w->l->j, see, w->f);
		w->f->ended = true;
	}
	return true;
}

static bool follow(struct follow *w)
{
	bool ended = false, ok = true;

	watch(w);
	while (ok && !ended) {
		ok = look_on(w);
		ended = w->f->ended; /* known before the rest is read */
		for (int i = 0; i < 2; i++)
			ok = pour(&w->s[i], ended) && ok;
		if (ok && !ended)
			wait_change(w);
	}
	if (w->ino >= 0)
		close(w->ino);
	return ok;
}

/* With -f: wait until it begins. */
static bool await(struct look *l, const struct wanted *w, struct found *f)
{
	struct follow wait = { .l = l, .f = f, .s = NULL, .ino = inotify_init1(IN_NONBLOCK | IN_CLOEXEC) };
	struct arena *a = arena_new();

	if (wait.ino >= 0)
		inotify_add_watch(wait.ino, arena_printf(a, "%s/journal", l->base), IN_MODIFY | IN_DELETE_SELF);
	arena_free(a);
	while (!f->attempt && may_begin(l, w)) {
		wait_change(&wait);
		if (!look_again(l))
			break;
		find(l, w, f);
	}
	if (wait.ino >= 0)
		close(wait.ino);
	return f->attempt;
}

/* ---- the command ---- */

static bool has_rundir(const struct look *l, const struct found *f)
{
	struct arena *a = arena_new();
	bool there = access(arena_printf(a, "%s/runs/%04u", l->base, f->run), F_OK) == 0;

	arena_free(a);
	return there;
}

/* What could not be read of both. */
static bool tell_unread(struct look *l, const struct found *f, const struct stream s[2])
{
	bool ok = true;

	for (int i = 0; i < 2; i++)
		if (s[i].error)
			ok = diag_error(l->d, E1075, NOSPAN, "cannot read `%s` of attempt %u of run %u: %s", s[i].name, f->attempt, f->run,
				strerror(s[i].error));
	if (!ok)
		look_fail(l, EXIT_UNREACHABLE);
	return ok;
}

/* {"schema": "weft.logs/1", ...}: whose streams follow. */
static void json_head(const struct wanted *w, const struct found *f)
{
	struct buf b;
	struct jw j;

	buf_init(&b, 1 << 20);
	jw_init(&j, &b, 0);
	jw_open(&j, '{');
	jw_kstr(&j, "schema", "weft.logs/1");
	jw_kstr(&j, "task", w->task);
	jw_kstr(&j, "key", w->key);
	jw_kint(&j, "run", f->run);
	jw_kint(&j, "attempt", f->attempt);
	jw_kstr(&j, "state", !f->ended ? "running" : f->done ? "done" : "ended");
	jw_close(&j);
	buf_addc(&b, '\n');
	look_put(&b);
	buf_free(&b);
}

/* Nothing was printed because there is nothing: is it so, or still so? */
static void tell_empty(const struct look *l, const struct wanted *w, const struct found *f)
{
	bool out = opts_flag(l->o, "stdout"), err = opts_flag(l->o, "stderr");
	struct buf b;

	buf_init(&b, 1 << 18);
	look_label(&b, &(struct rec_who){ w->task, w->key });
	fprintf(stderr, "%s of %s, attempt %u of run %u, %s empty%s\n", out == err ? "stdout and stderr" : out ? "stdout" : "stderr",
		buf_str(&b), f->attempt, f->run, out == err ? "are" : "is", f->ended ? "" : " so far");
	buf_free(&b);
}

static int print_streams(struct look *l, const struct wanted *w, struct found *f)
{
	bool out = opts_flag(l->o, "stdout"), err = opts_flag(l->o, "stderr"), json = opts_flag(l->o, "json");
	struct stream s[2] = { { "stdout", stdout, isatty(STDOUT_FILENO), json, -1, 0, 0 },
		{ "stderr", stderr, isatty(STDERR_FILENO), json, -1, 0, 0 } };
	struct follow fl = { .l = l, .f = f, .s = s, .ino = -1 };
	bool ok = true;

	if (json || (err && !out))
		s[1].to = stdout, s[1].safe = s[0].safe;
	for (int i = 0; i < 2; i++) {
		if (i ? out && !err : err && !out)
			continue;
		s[i].fd = open_stream(l, f, s[i].name, &s[i].error);
		if (s[i].fd >= 0)
			s[i].error = 0;
		if (s[i].fd >= 0 && w->tail)
			s[i].at = tail_from(&s[i], w->tail);
	}
	bool none = s[0].fd < 0 && s[1].fd < 0 && !s[0].error && !s[1].error;
	if (none && !(f->done && has_rundir(l, f))) { /* a success that was silent leaves none */
		diag_error(l->d, E1075, NOSPAN, "attempt %u of run %u has left no streams", f->attempt, f->run);
		return look_fail(l, EXIT_UNREACHABLE);
	}
	if (json)
		json_head(w, f);
	for (int i = 0; i < 2; i++)
		ok = pour(&s[i], !w->follow || f->ended) && ok;
	if (ok && w->follow && !f->ended)
		ok = follow(&fl);
	for (int i = 0; i < 2; i++)
		if (s[i].fd >= 0)
			close(s[i].fd);
	ok = tell_unread(l, f, s) && ok;
	if (ok && !json && !s[0].at && !s[1].at)
		tell_empty(l, w, f);
	return ok ? EXIT_OK : EXIT_UNREACHABLE;
}

static bool choose(struct look *l, struct wanted *w, struct found *f)
{
	find(l, w, f);
	if (!w->key && (f->nkey > 1 || f->many) && !choose_failed(l, w, f))
		return false;
	if (!f->attempt && w->follow)
		await(l, w, f);
	if (!f->attempt)
		return no_attempt(l, w, f);
	w->attempt = f->attempt; /* a later one is another matter */
	w->run = f->run;
	if (!w->key)
		w->key = arena_strdup(w->arena, f->key[0]);
	return true;
}

static int logs(const struct opts *o, struct wanted *w)
{
	struct found f;
	struct look l;
	int rc = look_open(&l, o);

	if (!rc && !choose(&l, w, &f))
		rc = look_fail(&l, EXIT_USAGE);
	else if (!rc)
		rc = print_streams(&l, w, &f);
	look_close(&l);
	return rc;
}

/* "count[NA1]" in two parts; the text is changed. */
static void split(char *target, struct wanted *w)
{
	char *open = strchr(target, '['), *end = target + strlen(target);

	w->task = target;
	if (!open || end[-1] != ']')
		return;
	*open = end[-1] = 0;
	w->key = open + 1;
}

static int exec(struct opts *o)
{
	struct wanted w = { .follow = opts_flag(o, "follow") };
	int rc;

	if (o->nargs != 1)
		return opts_error(o, o->nargs ? "one instance at a time, not also %s" : "which instance? TASK or TASK[KEY]%s",
			o->nargs ? o->args[1] : "");
	if (!look_number(o, "run", &w.run) || !look_number(o, "attempt", &w.attempt) || !look_number(o, "tail", &w.tail))
		return EXIT_USAGE;
	w.arena = arena_new();
	split(arena_strdup(w.arena, o->args[0]), &w);
	rc = logs(o, &w);
	arena_free(w.arena);
	return rc;
}

const struct command cmd_logs = {
	.name = "logs",
	.usage = "[OPTIONS] TASK | TASK[KEY]",
	.summary = "what an instance wrote, also while it runs",
	.help = "  weft logs merge\n"
		"  weft logs 'count[NA1]' -f\n"
		"  weft logs 'count[NA1]' --stderr --tail 20 --attempt 1 --run 3\n"
		"\n"
		"The instance's standard output goes to standard output and its standard error to standard error; with --stdout or\n"
		"--stderr only that one, to standard output.  Without --run and --attempt the last attempt is meant, wherever it\n"
		"was; without KEY, of several instances the one that failed.  -f prints what comes until that attempt has ended,\n"
		"and waits for it when it has not begun.  What a terminal would obey is shown as \\xNN on a terminal, and left as\n"
		"it is elsewhere.\n"
		"\n"
		"--json prints both to standard output: an object that says whose they are, then one for each line.\n",
	.opts = logs_opts,
	.exec = exec,
};
