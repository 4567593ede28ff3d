/* test_run.c - run_job on jobs made by hand: refusals that no command line reaches, and too few open files. */
#include "base/diag.h"
#include "job/job.h"
#include "runtime/run.h"
#include "tests/unit/tap.h"

#include <ftw.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static char *top;
static struct names *names;
static struct sources *sources;
static struct diags *diags;

static struct job *new_job(uint32_t ntask)
{
	struct job *j = job_new(names, sources);

	j->name = name_ofs(names, "test");
	j->dir = top;
	j->task = arena_zalloc(j->arena, ntask, sizeof(*j->task));
	j->ntask = ntask;
	for (uint32_t i = 0; i < ntask; i++) {
		j->task[i].name = name_ofs(names, arena_printf(j->arena, "t%u", i));
		j->task[i].count = 1;
		j->task[i].run = RUN_SCRIPT;
		j->task[i].command = jx_new(j, JX_STR, name_ofs(names, "true"), 0, 0, NOSPAN);
	}
	return j;
}

static bool queued(enum code c)
{
	for (uint32_t i = 0; i < diags->n; i++)
		if (diags->v[i].code == c)
			return true;
	return false;
}

static int remove_one(const char *path, const struct stat *sb, int type, struct FTW *ftw);

/* As in a workspace where nothing ever ran. */
static int run(const struct job *j, const char *engine, struct run_result *res)
{
	FILE *null = fopen("/dev/null", "w");
	struct run_options o = { .engine = engine, .jobs = 2, .ui = "plain", .out = null, .err = null };
	char *state = arena_printf(j->arena, "%s/.weft", j->dir);
	int rc;

	nftw(state, remove_one, 4, FTW_DEPTH | FTW_PHYS);
	rc = run_job(j, &o, diags, res);
	fclose(null);
	return rc;
}

static void test_plain(void)
{
	struct run_result res;
	struct job *j = new_job(3);

	is_int(run(j, "local", &res), 0);
	is_int(res.ok, 3);
	j->task[1].skipped = true;
	is_int(run(j, NULL, &res), 0);
	is_int(res.ok, 2);
	job_free(j);
	j = new_job(0);
	is_int(run(j, NULL, &res), 0);
	job_free(j);
}

static void test_refused(void)
{
	struct run_result res;
	struct job *j = new_job(1);

	is_int(run(j, "lokal", &res), 3);
	ok(queued(E1007));
	j->task[0].count = (int64_t)1 << 40;
	is_int(run(j, NULL, &res), 3);
	ok(queued(E1003));
	j->task[0].count = 1;
	j->dir = "/does/not/exist";
	is_int(run(j, NULL, &res), 4);
	ok(queued(E1004));
	job_free(j);
}

/* A task over something that turns out to be no list of files. */
static void test_unknown_elements(void)
{
	struct run_result res;
	struct job *j = new_job(2);
	struct jedge e = { .from = 0, .to = 1, .kind = EDGE_ALL, .data = true };
	struct jdim d = { .var = name_ofs(names, "p"), .kind = DIM_PORT, .count = -1 };

	d.port = jx_new_int(j, JX_INT, 7, NOSPAN);
	j->task[1].count = -1;
	j->task[1].ndim = 1;
	j->task[1].dim = &d;
	j->edge = &e;
	j->nedge = 1;
	is_int(run(j, NULL, &res), 4);
	is_int(res.ok, 1);
	ok(queued(E1009));
	job_free(j);
}

/* With n descriptors in all: never a crash, a hang or a false success.  0 done, 1 said so wrongly, 2 failed, 3 E1008. */
static int run_with_files(rlim_t n)
{
	struct rlimit rl = { n, n };
	struct run_result res;
	struct job *j = new_job(1);
	int rc;

	if (setrlimit(RLIMIT_NOFILE, &rl))
		return 1;
	rc = run(j, NULL, &res);
	if (rc == 0)
		return res.ok == 1 ? 0 : 1;
	return queued(E1008) ? 3 : 2;
}

static void test_few_files(void)
{
	int seen[4] = { 0 }, odd = 0;

	fflush(stdout);
	for (rlim_t n = 4; n < 140; n += n < 16 ? 1 : 20) {
		int st;
		pid_t pid = fork();

		if (pid == 0)
			_exit(run_with_files(n));
		waitpid(pid, &st, 0);
		if (WIFEXITED(st) && WEXITSTATUS(st) < 4)
			seen[WEXITSTATUS(st)]++;
		else
			odd++;
	}
	is_int(odd, 0);
	is_int(seen[1], 0);
	ok(seen[0] > 0);
	ok(seen[3] > 0);
}

static int remove_one(const char *path, const struct stat *st, int flag, struct FTW *ftw)
{
	(void)st;
	(void)flag;
	(void)ftw;
	return remove(path);
}

int main(void)
{
	char dir[] = "/tmp/weft-run.XXXXXX";

	top = mkdtemp(dir);
	names = names_new();
	sources = sources_new();
	diags = diags_new(sources);
	test_few_files(); /* forks, which must not be done after a run (sandbox_lean.h) */
	test_plain();
	test_refused();
	test_unknown_elements();
	diags_free(diags);
	sources_free(sources);
	names_free(names);
	nftw(top, remove_one, 16, FTW_DEPTH | FTW_PHYS);
	return tap_end();
}
