/* dispatch.c - what a trivial command costs below `weft run`, against a bare loop of posix_spawn and wait.
 *
 *     dispatch WEFT TASKS ROUNDS [JOBS...]
 *
 * In the current directory, which should be empty.  Every round runs each of them in turn, each in a directory of its
 * own; medians are printed, wall and processor time divided by the tasks, and the ratios of the medians. */
#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { KINDS = 10, MAX_ROUNDS = 101, OVER = 1000 /* what a sandbox may cost, us */ };
static char true_path[] = "/bin/true", copy_path[] = "/bin/cp", source[] = "../in.txt";
static const struct kind {
	const char *about;
	bool in_place, free, quiet, output; /* free: --no-sandbox; output: it writes a small file */
	double most;                        /* the ratio to be reached; 0: none was asked for */
} kinds[KINDS] = {
	{ "bare loop", .quiet = true },
	{ "in_place", true, false, true, false, 1.25 },
	{ "in_place, --no-sandbox", true, true, true, false, 1.25 },
	{ "own directory, --no-sandbox", false, true, true, false, 2 },
	{ "own directory, sandbox", false, false, true, false, 0 },
	{ "bubblewrap by hand", .quiet = true }, /* namespaces and mounts as much like ours as its options allow */
	{ "bare loop, writes a file", .quiet = true, .output = true },
	{ "in_place, writes a file", true, false, true, true, 1.25 },
	{ "own directory, --no-sandbox, writes a file", false, true, true, true, 2 },
	{ "own directory, sandbox, writes a file", false, false, true, true, 0 },
};
static double wall[KINDS][MAX_ROUNDS], cpu[KINDS][MAX_ROUNDS];
static const char *weft;
static long tasks, rounds, dirs;

static void die(const char *what)
{
	perror(what);
	exit(1);
}

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

static double us(struct timeval t)
{
	return (double)t.tv_sec * 1e6 + (double)t.tv_usec;
}

static const char *const boxed[] = { "/usr/bin/bwrap", "--ro-bind", "/", "/", "--dev", "/dev", "--proc", "/proc", "--tmpfs", "/tmp",
	"--tmpfs", "/dev/shm", "--unshare-pid", "--die-with-parent", "--new-session", true_path, NULL };
static bool wrapped;

static void start(bool output, long i)
{
	char path[64], *quiet[] = { true_path, NULL }, *copy[] = { copy_path, source, path, NULL }, *env[] = { NULL };
	char **argv = output ? copy : quiet;
	pid_t pid;

	snprintf(path, sizeof path, "%ld.txt", i);
	if (wrapped)
		argv = (char **)(uintptr_t)boxed; /* posix_spawn changes nothing in it */
	errno = posix_spawn(&pid, argv[0], NULL, NULL, argv, env);
	if (errno)
		die(argv[0]);
}

static void bare(bool output, long jobs)
{
	long running = 0;
	int status;

	for (long i = 0; i < tasks; i++) {
		if (running == jobs) {
			wait(&status);
			running--;
		}
		start(output, i);
		running++;
	}
	while (wait(&status) > 0)
		;
	exit(0);
}

static void write_workflow(const struct kind *k)
{
	FILE *f = fopen("wf.weft", "w");

	if (!f)
		die("wf.weft");
	fprintf(f, "workflow \"w\"\ntask t for i in 0..%ld {\n", tasks - 1);
	if (k->in_place)
		fputs("  in_place = true\n", f);
	if (k->output)
		fputs("  in src = \"in.txt\"\n  out o = \"~{i}.txt\"\n  run \"/bin/cp ~{src} ~{o}\"\n}\n", f);
	else
		fputs("  run \"/bin/true\"\n}\n", f);
	fclose(f);
	f = fopen("in.txt", "w");
	if (!f || fputs("a small file\n", f) < 0 || fclose(f))
		die("in.txt");
}

static bool is_wrapped(const struct kind *k)
{
	return !strncmp(k->about, "bubblewrap", 10);
}

static void child(const struct kind *k, long jobs)
{
	char j[32];
	int null = open("/dev/null", O_WRONLY);

	wrapped = is_wrapped(k);
	if (wrapped || !strncmp(k->about, "bare", 4))
		bare(k->output, jobs);
	snprintf(j, sizeof j, "-j%ld", jobs);
	dup2(null, 1);
	execl(weft, weft, "run", "-q", "wf.weft", j, k->free ? "--no-sandbox" : (char *)NULL, (char *)NULL);
	die(weft);
}

static void measure(int kind, long round, long jobs)
{
	char dir[64];
	struct rusage u;
	int status;
	double from;
	pid_t pid;

	if (is_wrapped(&kinds[kind]) && access(boxed[0], X_OK))
		return;
	snprintf(dir, sizeof dir, "d%ld", dirs++);
	if (mkdir(dir, 0777) || chdir(dir))
		die(dir);
	write_workflow(&kinds[kind]);
	fflush(NULL);
	from = now();
	pid = fork();
	if (pid == 0)
		child(&kinds[kind], jobs);
	if (pid < 0 || wait4(pid, &status, 0, &u) < 0 || status) {
		fprintf(stderr, "dispatch: %s: status %d\n", kinds[kind].about, status);
		exit(1);
	}
	wall[kind][round] = (now() - from) / (double)tasks;
	cpu[kind][round] = (us(u.ru_utime) + us(u.ru_stime)) / (double)tasks;
	if (chdir(".."))
		die("..");
}

static int by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return x < y ? -1 : x > y;
}

static double median(double *v)
{
	qsort(v, (size_t)rounds, sizeof *v, by_value);
	return v[rounds / 2];
}

static void print(long jobs)
{
	double base_wall = 0, base_cpu = 0;

	for (int k = 0; k < KINDS; k++) {
		double w = median(wall[k]), c = median(cpu[k]), low = wall[k][0];

		if (is_wrapped(&kinds[k]) && access(boxed[0], X_OK)) {
			printf("-j%ld %-44s      - (not installed)\n", jobs, kinds[k].about);
			continue;
		}
		printf("-j%ld %-44s %6.0f us (least %.0f), cpu %.0f us", jobs, kinds[k].about, w, low, c);
		if (!strncmp(kinds[k].about, "bare", 4)) {
			base_wall = w;
			base_cpu = c;
			puts("");
			continue;
		}
		printf("; ratio %.2f, cpu %.2f", w / base_wall, c / base_cpu);
		if (kinds[k].most > 0)
			printf("  %s (to reach: at most %.2f)", w / base_wall <= kinds[k].most ? "reached" : "MISSED", kinds[k].most);
		else if (!kinds[k].free && !kinds[k].in_place) {
			double over = w - base_wall;

			printf("; %.2f ms more", over / 1000);
			if (!is_wrapped(&kinds[k]) && jobs == 1 && !kinds[k].output)
				printf("  %s (to reach: at most %.2f ms)", over <= OVER ? "reached" : "MISSED", OVER / 1000.0);
		}
		puts("");
	}
	fflush(stdout);
}

int main(int argc, char **argv)
{
	if (argc < 4) {
		fputs("usage: dispatch WEFT TASKS ROUNDS [JOBS...]\n", stderr);
		return 2;
	}
	weft = argv[1];
	tasks = strtol(argv[2], NULL, 10);
	rounds = strtol(argv[3], NULL, 10);
	if (tasks < 1 || rounds < 1 || rounds > MAX_ROUNDS)
		return 2;
	{
		FILE *f = fopen("in.txt", "w");

		if (!f || fputs("a small file\n", f) < 0 || fclose(f))
			die("in.txt");
	}
	for (int i = 4; i < argc || i == 4; i++) {
		long jobs = i < argc ? strtol(argv[i], NULL, 10) : 1;

		for (long r = 0; r < rounds; r++)
			for (int k = 0; k < KINDS; k++)
				measure(k, r, jobs);
		print(jobs);
	}
	return 0;
}
