/* image.c - what a job read from its image costs beside parsing.  CPU time of one process.
 *
 * image write WORKFLOW IMAGE   parse, lower and check; then write: "PARSE_MS WRITE_MS BYTES TASKS"
 * image load IMAGE             read the file; make a job of it with all checks: "READ_MS LOAD_MS PEAK_KB" */
#include "base/deps.h"
#include "base/filecopy.h"
#include "compiler/session.h"
#include "job/jobimage.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <time.h>

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

static int write_image(const char *workflow, const char *path)
{
	struct session *s = session_new(NULL);
	struct deps *deps = deps_new(1);
	struct buf b;
	double t0 = now(), t1, t2;
	FILE *f = fopen(path, "w");
	bool ok;

	sources_record(s->sources, deps);
	ok = session_compile(s, workflow) && f;
	t1 = now();
	buf_init(&b, (size_t)1 << 32);
	ok = ok && job_image_write(s->job, &b);
	t2 = now();
	ok = ok && fwrite(b.p, 1, b.len, f) == b.len && fclose(f) == 0;
	if (ok)
		printf("%.1f %.1f %zu %u\n", t1 - t0, t2 - t1, b.len, s->job->ntask);
	buf_free(&b);
	session_free(s);
	deps_free(deps);
	return !ok;
}

static int load_image(const char *path)
{
	FILE *f = fopen(path, "r");
	struct rusage u;
	struct stat st;
	double t0 = now(), t1, t2;
	struct job *j;
	size_t n;
	void *p;

	if (!f || fstat(fileno(f), &st))
		return 1;
	n = (size_t)st.st_size;
	p = file_copy(fileno(f), n);
	if (!p)
		return 1;
	t1 = now();
	j = job_image_load(p, n, 0);
	t2 = now();
	if (!j || getrusage(RUSAGE_SELF, &u))
		return 1;
	printf("%.1f %.1f %ld\n", t1 - t0, t2 - t1, u.ru_maxrss);
	job_free(j);
	fclose(f);
	return 0;
}

int main(int argc, char **argv)
{
	if (argc == 4 && strcmp(argv[1], "write") == 0)
		return write_image(argv[2], argv[3]);
	if (argc == 3 && strcmp(argv[1], "load") == 0)
		return load_image(argv[2]);
	fputs("usage: image write WORKFLOW IMAGE | image load IMAGE\n", stderr);
	return 2;
}
