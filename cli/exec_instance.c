/* exec_instance.c - what a batch system's machine runs: `weft exec-instance DIR NUMBER INDEX`, one attempt of another
 * driver's run (runtime/remote.h).  Not for people: it stands in no help. */
#include "cli/cmd.h"
#include "base/filecopy.h"
#include "job/jobimage.h"
#include "runtime/remote.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { JOB_MAX = 1 << 30 };

static bool number(const char *s, uint32_t *n)
{
	char *end;
	unsigned long v = strtoul(s, &end, 10);

	*n = (uint32_t)v;
	return *s >= '0' && *s <= '9' && !*end && v < UINT32_MAX;
}

/* The job as the driver has it: this is the same program. */
static struct job *load(struct arena *a, const char *dir, uint32_t generation)
{
	int fd = open(arena_printf(a, "%s/job-%u", dir, generation), O_RDONLY | O_CLOEXEC);
	struct stat sb;
	void *copy = NULL;

	if (fd < 0)
		return NULL;
	if (fstat(fd, &sb) == 0 && S_ISREG(sb.st_mode) && sb.st_size > 0)
		copy = file_copy(fd, (size_t)sb.st_size);
	close(fd);
	errno = EBADMSG;
	return copy ? job_image_load(copy, (size_t)sb.st_size, 0) : NULL;
}

/* The values of the job's secrets, in its order. */
static const char *const *secrets(struct arena *a, const struct job *j, const struct remote_run *r)
{
	const char **v = arena_zalloc(a, j->nsecret + 1, sizeof *v);

	for (uint32_t i = 0; i < j->nsecret; i++)
		for (uint32_t k = 0; k < r->nsecret; k++)
			if (strcmp(name_str(j->names, j->secret[i].name), r->secret[k]) == 0)
				v[i] = r->value[k];
	return v;
}

static int run(struct arena *a, struct remote_element *e, const struct remote_run *r, const struct remote_table *t)
{
	struct job *j = load(a, e->dir, t->generation);
	struct run_options o = { .role = RUN_MEMBER, .job_id = r->job_id, .notes = e->dir, .no_sandbox = r->no_sandbox, .stores = r->stores,
		.nstores = r->nstores };
	int rc;

	if (!j)
		return remote_unstarted(e, arena_printf(a, "the job cannot be read: %s", strerror(errno)));
	j->dir = r->workspace;
	e->task = job_task(j, name_find(j->names, t->task, strlen(t->task)));
	if (e->task == UINT32_MAX) {
		rc = remote_unstarted(e, "the job does not have this task");
	} else {
		o.secrets = j->secret;
		o.secret_values = secrets(a, j, r);
		rc = remote_attempt(j, &o, e);
	}
	job_free(j);
	return rc;
}

static int refuse(const char *why)
{
	fprintf(stderr, "weft: exec-instance: %s\n", why);
	return EXIT_UNREACHABLE;
}

static int begin(struct arena *a, struct remote_element *e)
{
	const char *job = getenv("SLURM_JOB_ID");
	struct remote_table t;
	struct remote_run r;

	if (remote_over(e->dir))
		return refuse("the run is over");
	if (!remote_table_read(a, e->dir, e->number, &t) || e->index >= t.n)
		return refuse("there is no such element");
	switch (remote_mark(e->dir, "begun", e->number, e->index, job ? job : "?")) {
	case MARK_ERROR: return refuse(strerror(errno));
	case MARK_TAKEN: return refuse("it runs elsewhere, or was given up");
	case MARK_OURS: break;
	}
	e->row = t.row[e->index];
	if (!remote_run_read(a, e->dir, &r))
		return remote_unstarted(e, "run.json cannot be read");
	for (char **v = r.env; *v; v++)
		if (strchr(*v, '='))
			putenv(*v);
	return run(a, e, &r, &t);
}

int exec_instance(int argc, char **argv)
{
	struct remote_element e = { 0 };
	struct arena *a;
	int rc;

	if (argc != 3 || *argv[0] != '/' || !number(argv[1], &e.number) || !number(argv[2], &e.index))
		return refuse("usage: DIR NUMBER INDEX");
	e.dir = argv[0];
	a = arena_new();
	rc = begin(a, &e);
	arena_free(a);
	return rc;
}
