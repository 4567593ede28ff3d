/* slurm_left.c - jobs of a run whose driver has died, cancelled without a driver. */
#include "runtime/engine_slurm.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/filecopy.h"
#include "job/jobimage.h"
#include "runtime/target.h"

enum { HEX = 16, JOB_MAX = 1 << 30, WAIT_MS = 20000 };

struct left {
	struct slurm *s;
	const char *mark;       /* of the names of its jobs */
	struct job *job;        /* only when targets are named */
	const struct target *target;
	uint32_t ntarget, jobs;
	int64_t last;           /* job that was cancelled last */
	uint32_t unread;        /* tables that cannot be read */
	bool failed;
	const char *why;
};

static void done(void *ctx, const struct slurm_answer *a)
{
	struct left *l = ctx;

	if (a->end == SE_OK || a->end == SE_SAME || a->end == SE_NONE)
		return;
	l->failed = true;
	l->why = arena_strdup(l->s->r->arena, a->text);
}

static bool wanted(const struct left *l, uint32_t task, uint32_t instance)
{
	for (uint32_t i = 0; i < l->ntarget; i++)
		if (l->target[i].task == task && instance >= l->target[i].lo && instance <= l->target[i].hi)
			return true;
	return false;
}

static void some_elements(struct left *l, const struct slurm_job *j, uint32_t number)
{
	struct arena *a = arena_new();
	struct remote_table t;
	uint32_t task = UINT32_MAX;

	if (remote_table_read(a, l->s->dir, number, &t))
		task = job_task(l->job, name_find(l->job->names, t.task, strlen(t.task)));
	else
		l->unread++;
	for (uint32_t i = 0; task != UINT32_MAX && i < t.n; i++)
		if (wanted(l, task, t.row[i].instance)) {
			slurm_cancel(l->s->api, j->array, i, done, l);
			l->jobs++;
		}
	arena_free(a);
}

/* An array is named once for each of its elements that has begun. */
static void one_job(void *ctx, const struct slurm_job *j)
{
	struct left *l = ctx;
	const char *at = strstr(j->name, l->mark);
	unsigned long number = at ? strtoul(at + strlen(l->mark), NULL, 10) : 0;

	if (!number || number >= UINT32_MAX || j->state >= SJ_COMPLETED)
		return;
	if (!l->ntarget)
		l->jobs++;
	if (j->array == l->last)
		return;
	l->last = j->array;
	if (l->ntarget)
		some_elements(l, j, (uint32_t)number);
	else
		slurm_cancel(l->s->api, j->array, -1, done, l);
}

/* The job as the driver had it last; only a program of the same build can read it. */
static struct job *load(const struct slurm *s)
{
	struct job *j = NULL;
	struct arena *a = arena_new();
	struct stat sb;
	void *copy = NULL;
	int fd = -1;

	for (uint32_t g = 0;; g++) {
		int next = open(arena_printf(a, "%s/job-%u", s->dir, g), O_RDONLY | O_CLOEXEC);

		if (next < 0)
			break;
		if (fd >= 0)
			close(fd);
		fd = next;
	}
	if (fd >= 0 && fstat(fd, &sb) == 0 && S_ISREG(sb.st_mode) && sb.st_size > 0 && sb.st_size < JOB_MAX)
		copy = file_copy(fd, (size_t)sb.st_size);
	if (fd >= 0)
		close(fd);
	if (copy)
		j = job_image_load(copy, (size_t)sb.st_size, 0);
	arena_free(a);
	return j;
}

static bool read_targets(struct left *l, const char *const *text, uint32_t n)
{
	struct run *r = l->s->r;
	struct target *t = arena_zalloc(r->arena, (size_t)n + 1, sizeof(*t));

	l->target = t;
	l->ntarget = n;
	if (!n)
		return true;
	l->job = load(l->s);
	if (!l->job)
		return diag_error(r->d, E1086, NOSPAN, "the job in `%s` cannot be read by this program", l->s->dir);
	for (uint32_t i = 0; i < n; i++)
		if (!target_read(l->job, NULL, text[i], r->d, &t[i]))
			return false;
	return true;
}

static bool end_jobs(struct left *l)
{
	struct slurm *s = l->s;
	struct run *r = s->r;
	struct slurm_conf c;

	s->api = slurm_configure(s, &c) ? slurm_open(&c, r->d) : NULL;
	if (!s->api)
		return false;
	if (!l->ntarget && !remote_write(s->dir, "over", "", 0)) /* from now on nothing of it starts or publishes */
		return diag_error(r->d, E1086, NOSPAN, "cannot write `%s`: %s", s->dir, strerror(errno));
	slurm_jobs(s->api, l->mark, 0, one_job, done, l);
	http_finish(slurm_http(s->api), WAIT_MS);
	if (l->failed)
		return diag_error(r->d, E1081, NOSPAN, "Slurm does not end the jobs: %s", l->why);
	if (!l->ntarget)
		unlink(arena_printf(r->arena, "%s/run.json", s->dir)); /* its secrets; what runs still finds that it is over */
	return true;
}

bool slurm_left(struct run *r, const char *const *target, uint32_t n, uint32_t *jobs)
{
	struct slurm s = { .r = r, .dir = arena_printf(r->arena, "%s/remote", r->dir) };
	struct left l = { .s = &s, .last = -1 };
	struct remote_run old;
	bool ok;

	if (!remote_run_read(r->arena, s.dir, &old) || strlen(old.job_id) < 4 + HEX)
		return false;
	l.mark = arena_printf(r->arena, "-weft-%.*s-", HEX, old.job_id + 4);
	ok = read_targets(&l, target, n) && end_jobs(&l);
	if (s.api)
		slurm_close(s.api);
	if (l.job)
		job_free(l.job);
	*jobs = l.jobs;
	return ok;
}
