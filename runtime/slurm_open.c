/* slurm_open.c - the shared directory of a run: made, or found as an earlier driver has left it. */
#include "runtime/engine_slurm.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

#include "job/jobimage.h"
#include "runtime/stage_fs.h"

enum { JOB_TEXT_MAX = 1 << 30, HEX = 16, SUBS_MAX = 1 << 24 /* a table's number is a place in an array */ };

static bool fail(struct slurm *s, const char *what)
{
	return diag_error(s->r->d, E1086, NOSPAN, "cannot write `%s/%s`: %s", s->dir, what, strerror(errno));
}

/* ---- what an attempt needs ---- */

static const char *workspace(struct arena *a, const struct job *j)
{
	char *p = realpath(j->dir && *j->dir ? j->dir : ".", NULL);
	const char *s = p ? arena_strdup(a, p) : ".";

	free(p);
	return s;
}

static bool job_text(const struct run *r, struct buf *b)
{
	buf_init(b, JOB_TEXT_MAX);
	return job_write(r->job, b);
}

static bool write_image(struct slurm *s)
{
	char file[32];
	struct buf b;
	bool ok;

	snprintf(file, sizeof(file), "job-%u", s->generation);
	buf_init(&b, JOB_TEXT_MAX);
	errno = EFBIG;
	ok = job_image_write(s->r->job, &b) && remote_write(s->dir, file, buf_str(&b), b.len);
	buf_free(&b);
	return ok || fail(s, file);
}

static bool write_job(struct slurm *s)
{
	struct buf b;
	bool ok;

	ok = job_text(s->r, &b) && remote_write(s->dir, "job.json", buf_str(&b), b.len);
	buf_free(&b);
	return (ok || fail(s, "job.json")) && write_image(s);
}

/* Forget tasks whose instances are known by now; true when there were any. */
static bool close_tasks(struct slurm *s)
{
	uint32_t n = 0, had = s->nopen;

	for (uint32_t i = 0; i < had; i++)
		if (s->r->job->task[s->open_task[i]].count < 0)
			s->open_task[n++] = s->open_task[i];
	s->nopen = n;
	return n != had;
}

bool slurm_job_file(struct slurm *s)
{
	if (!s->nopen || !close_tasks(s))
		return true;
	s->generation++;
	return write_image(s);
}

/* ---- globs: what the tasks before a submission's have turned out to make ---- */

static void write_glob(struct slurm *s, struct buf *b, uint32_t task, int64_t instance)
{
	const struct jtask *t = &s->r->job->task[task];
	struct jvalue v;

	for (uint32_t i = 0; i < t->nout; i++) {
		struct remote_glob g = { .port = name_str(s->r->job->names, t->out[i].name) };
		struct arena *a;

		if (t->out[i].count != PORT_GLOB || !stager_glob(s->r->stager, task, instance, i, &v))
			continue;
		a = arena_new();
		g.path = arena_zalloc(a, v.list.n + 1, sizeof(*g.path));
		for (; g.n < v.list.n; g.n++)
			g.path[g.n] = arena_strndup(a, v.list.v[g.n].s.p, v.list.v[g.n].s.n);
		remote_glob_line(b, name_str(s->r->job->names, t->name), instance, &g);
		arena_free(a);
	}
}

static bool has_globs(const struct jtask *t)
{
	for (uint32_t i = 0; i < t->nout; i++)
		if (t->out[i].count == PORT_GLOB)
			return true;
	return false;
}

/* All instances of a task that has ended, once. */
static void write_globs(struct slurm *s, struct buf *b, uint32_t task)
{
	if (!s->globbed)
		s->globbed = xcalloc((size_t)s->r->job->ntask + 1, 1);
	if (s->globbed[task])
		return;
	s->globbed[task] = 1;
	for (int64_t i = 0; i < s->r->job->task[task].count; i++)
		write_glob(s, b, task, i);
}

/* Edges are sorted by the task they lead to. */
static uint32_t first_edge(const struct job *j, uint32_t task)
{
	uint32_t lo = 0, hi = j->nedge;

	while (lo < hi) {
		uint32_t mid = lo + (hi - lo) / 2;

		if (j->edge[mid].to < task)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

bool slurm_globs(struct slurm *s, const struct sub *u)
{
	const struct job *j = s->r->job;
	struct buf b;
	bool ok = true;
	int fd;

	buf_init(&b, 1 << 30);
	for (uint32_t i = first_edge(j, u->task); i < j->nedge && j->edge[i].to == u->task; i++) {
		if (!has_globs(&j->task[j->edge[i].from]))
			continue;
		if (j->edge[i].kind == EDGE_ALL)
			write_globs(s, &b, j->edge[i].from);
		for (uint32_t k = 0; j->edge[i].kind == EDGE_SAME && k < u->n; k++)
			write_glob(s, &b, j->edge[i].from, u->el[k].instance);
	}
	if (b.len) {
		fd = open(arena_printf(s->r->arena, "%s/globs", s->dir), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
		ok = fd >= 0 && write(fd, b.p, b.len) == (ssize_t)b.len;
		ok = (fd < 0 || close(fd) == 0) && ok;
	}
	buf_free(&b);
	return ok || fail(s, "globs");
}

static void find_open_tasks(struct slurm *s)
{
	const struct job *j = s->r->job;
	uint32_t cap = 0;

	for (uint32_t t = 0; t < j->ntask; t++)
		if (j->task[t].count < 0) {
			s->open_task = grow(s->open_task, &cap, s->nopen + 1, sizeof(*s->open_task));
			s->open_task[s->nopen++] = t;
		}
}

static bool copy_program(struct slurm *s)
{
	return remote_program(s->dir) || fail(s, "weft");
}

static bool write_run(struct slurm *s)
{
	struct arena *a = s->r->arena;
	struct buf b;
	bool ok;

	buf_init(&b, 64 << 20);
	ok = remote_run_text(s->r->job, s->r->opt, workspace(a, s->r->job), stager_job_id(s->r->stager), &b) &&
		remote_write(s->dir, "run.json", buf_str(&b), b.len);
	buf_free(&b);
	return ok || fail(s, "run.json");
}

/* ---- an earlier driver's ---- */

/* The same job, stores and secrets? */
static bool same_run(struct run *r, const char *dir, char **id)
{
	struct arena *a = arena_new();
	struct remote_run old;
	struct buf job, run;
	size_t njob, nrun;
	const char *p = remote_read(a, dir, "job.json", JOB_TEXT_MAX, &njob);
	const char *q = remote_read(a, dir, "run.json", 64 << 20, &nrun);
	bool ok = remote_run_read(a, dir, &old) && p && q;

	buf_init(&run, 64 << 20);
	*id = ok ? arena_strdup(r->arena, old.job_id) : NULL;
	ok = job_text(r, &job) && ok;
	ok = ok && remote_run_text(r->job, r->opt, workspace(a, r->job), old.job_id, &run);
	ok = ok && job.len == njob && !memcmp(job.p, p, njob) && run.len == nrun && !memcmp(run.p, q, nrun);
	buf_free(&job);
	buf_free(&run);
	arena_free(a);
	return ok;
}

const char *slurm_resume(struct run *r, const char *runs)
{
	struct slurm *s = arena_zalloc(r->arena, 1, sizeof(*s));
	long n = remote_newest(runs);
	const char *dir = n ? arena_printf(r->arena, "%s/%04ld", runs, n) : NULL;
	const char *shared = n ? arena_printf(r->arena, "%s/remote", dir) : NULL;
	char *id;

	r->engine_data = s;
	s->notify = -1;
	if (!n || same_run(r, shared, &id)) {
		r->number = (uint32_t)n; /* make_numbered sets it when there is none */
		return dir;
	}
	remote_write(shared, "over", "", 0); /* from now on nothing of it starts or publishes */
	if (id && strlen(id) > 4 + HEX)
		s->stale = arena_printf(r->arena, "-weft-%.*s-", HEX, id + 4);
	return NULL;
}

struct adopt {
	struct slurm *s;
	struct adopted *v;
	uint32_t n, cap;
};

static int newest_first(const void *x, const void *y)
{
	const struct adopted *a = x, *b = y;

	if (a->task != b->task)
		return a->task < b->task ? -1 : 1;
	if (a->instance != b->instance)
		return a->instance < b->instance ? -1 : 1;
	if (a->attempt != b->attempt)
		return a->attempt > b->attempt ? -1 : 1;
	return a->number > b->number ? -1 : a->number < b->number;
}

static void add_table(struct adopt *p, uint32_t number)
{
	const struct job *j = p->s->r->job;
	struct arena *a = arena_new();
	struct remote_table t;
	uint32_t task = UINT32_MAX;

	if (remote_table_read(a, p->s->dir, number, &t) && t.n)
		task = job_task(j, name_find(j->names, t.task, strlen(t.task)));
	if (number >= p->s->nsub)
		p->s->nsub = number + 1; /* its name is taken */
	if (task != UINT32_MAX) {
		struct sub *u = slurm_sub_new(p->s, number, task, t.n);

		u->state = SUB_UNSURE;
		u->at = clock_ms() - 2 * SETTLED_MS;
		p->s->outage = true;
		for (uint32_t i = 0; i < t.n; i++) {
			u->el[i] = (struct elem){ .instance = t.row[i].instance, .attempt = t.row[i].attempt, .state = EL_FOUND };
			p->v = grow(p->v, &p->cap, p->n + 1, sizeof(*p->v));
			p->v[p->n++] = (struct adopted){ task, t.row[i].instance, number, i, t.row[i].attempt };
		}
	}
	arena_free(a);
}

/* May what is left of it be gone on with?  What failed, or was given up, is begun anew. */
static bool adoptable(struct slurm *s, const struct adopted *e)
{
	struct arena *a = arena_new();
	const char *old = arena_printf(a, "%s/old/%u.%u", s->dir, e->number, e->index);
	struct remote_end end;
	bool ok = true, was = access(old, F_OK) == 0;
	size_t n;

	if (was)
		ok = remote_end_read(a, s->dir, "old", e->number, e->index, &end) && end.cause == R_DONE &&
			rename(old, arena_printf(a, "%s/end/%u.%u", s->dir, e->number, e->index)) == 0;
	else {
		const char *who = remote_read(a, s->dir, arena_printf(a, "begun/%u.%u", e->number, e->index), 4096, &n);

		ok = !who || strcmp(who, "driver") != 0;
	}
	arena_free(a);
	return ok;
}

static void choose(struct adopt *p)
{
	uint32_t n = 0;

	if (p->n)
		qsort(p->v, p->n, sizeof(*p->v), newest_first);
	for (uint32_t i = 0; i < p->n; i++) {
		struct adopted *e = &p->v[i];
		struct sub *u = slurm_sub(p->s, e->number);
		bool first = !i || e[-1].task != e->task || e[-1].instance != e->instance;

		if (first && adoptable(p->s, e))
			p->v[n++] = *e;
		else
			slurm_elem_end(p->s, u, &u->el[e->index]);
	}
	p->n = n;
}

static void adopt(struct slurm *s)
{
	struct adopt p = { .s = s };
	DIR *d = opendir(s->dir);
	struct dirent *e;

	while (d && (e = readdir(d))) {
		char *end;
		unsigned long n = strtoul(e->d_name, &end, 10);

		if (n && n < SUBS_MAX && !strcmp(end, ".tab"))
			add_table(&p, (uint32_t)n);
	}
	if (d)
		closedir(d);
	choose(&p);
	s->adopted = p.v;
	s->nadopted = p.n;
	if (p.n && s->r->opt->verbose)
		slurm_say(s, arena_printf(s->r->arena, "%u instances of the run before are gone on with", p.n));
}

const struct adopted *slurm_adopted(const struct slurm *s, uint32_t task, uint32_t instance)
{
	uint32_t lo = 0, hi = s->nadopted;

	while (lo < hi) {
		uint32_t mid = lo + (hi - lo) / 2;
		const struct adopted *e = &s->adopted[mid];

		if (e->task < task || (e->task == task && e->instance < instance))
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo < s->nadopted && s->adopted[lo].task == task && s->adopted[lo].instance == instance ? &s->adopted[lo] : NULL;
}

/* ---- opening and closing ---- */

/* Slurm expands % in the names of files that it makes, and takes a line of the script for a line. */
static bool fit_path(struct slurm *s)
{
	const char *bad = strpbrk(s->dir, "%\\\n\r");

	return !bad || diag_error(s->r->d, E1086, NOSPAN, "Slurm cannot use the directory `%s`: its name holds `%c`", s->dir, *bad);
}

static bool take_words(struct slurm *s)
{
	struct buf b;
	bool ok;

	buf_init(&b, 1 << 16);
	buf_adds(&b, "#!/bin/sh\nexec ");
	ok = word_quote(&b, arena_printf(s->r->arena, "%s/weft", s->dir), strlen(s->dir) + 5) && buf_adds(&b, " exec-instance ") &&
		word_quote(&b, s->dir, strlen(s->dir)) && buf_addc(&b, ' ');
	s->script_head = arena_strdup(s->r->arena, buf_str(&b));
	buf_free(&b);
	s->mark = arena_printf(s->r->arena, "-weft-%.*s-", HEX, stager_job_id(s->r->stager) + 4);
	return ok;
}

bool slurm_dir_open(struct slurm *s)
{
	bool found;

	s->dir = arena_printf(s->r->arena, "%s/remote", s->r->dir);
	found = remote_unfinished(s->dir);
	find_open_tasks(s);
	if (!fit_path(s) || !take_words(s))
		return false;
	if (!remote_make(s->dir))
		return fail(s, "");
	if (!copy_program(s) || !write_run(s) || !write_job(s))
		return false;
	s->remote_fs = remote_fs(s->dir);
	s->notify = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
	if (s->notify >= 0)
		inotify_add_watch(s->notify, arena_printf(s->r->arena, "%s/end", s->dir), IN_MOVED_TO);
	if (found)
		adopt(s);
	return true;
}

void slurm_dir_close(struct slurm *s)
{
	int dir;

	if (s->notify >= 0)
		close(s->notify);
	if (!s->dir || s->leave)
		return;
	remote_write(s->dir, "over", "", 0);
	if (s->zombies) { /* they still have to find that it is over, but no secrets */
		unlink(arena_printf(s->r->arena, "%s/run.json", s->dir));
		return;
	}
	dir = open(s->r->dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (dir >= 0) {
		fs_remove(dir, "remote");
		close(dir);
	}
}
