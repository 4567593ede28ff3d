/* timeit.c - time commands against each other: timeit RUNS CMD... [-- CMD...]...
 *
 * Runs the commands in turn (A B A B ...), RUNS times each after one run that is not counted, output to
 * /dev/null, and prints one line a command: wall ms min median max, cpu ms median, peak KB median, status.
 * Alternating makes a noisy machine hit all of them alike. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { MAX_RUNS = 1000, MAX_CMDS = 16 };

struct command {
	char **argv;
	double wall[MAX_RUNS], cpu[MAX_RUNS], rss[MAX_RUNS];
	int status;
};

static double seconds(struct timeval t)
{
	return (double)t.tv_sec + (double)t.tv_usec / 1e6;
}

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void child(char **argv)
{
	int null = open("/dev/null", O_WRONLY | O_CLOEXEC);

	if (null >= 0) {
		dup2(null, 1);
		dup2(null, 2);
	}
	execvp(argv[0], argv);
	_exit(127);
}

static void run(struct command *c, int i)
{
	struct rusage u;
	int status = 0;
	double start = now();
	pid_t pid = vfork();

	if (pid == 0)
		child(c->argv);
	if (pid < 0 || wait4(pid, &status, 0, &u) < 0) {
		perror("timeit");
		exit(1);
	}
	if (i < 0)
		return;
	c->wall[i] = (now() - start) * 1e3;
	c->cpu[i] = (seconds(u.ru_utime) + seconds(u.ru_stime)) * 1e3;
	c->rss[i] = (double)u.ru_maxrss;
	c->status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

static int by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return x < y ? -1 : x > y;
}

static double median(double *v, int n)
{
	qsort(v, (size_t)n, sizeof *v, by_value);
	return n % 2 ? v[n / 2] : (v[n / 2 - 1] + v[n / 2]) / 2;
}

int main(int argc, char **argv)
{
	static struct command cmd[MAX_CMDS];
	int runs = argc > 2 ? (int)strtol(argv[1], NULL, 10) : 0, n = 0;

	for (int i = 2; i < argc && n < MAX_CMDS; i++) {
		cmd[n++].argv = &argv[i];
		while (i < argc && strcmp(argv[i], "--") != 0)
			i++;
		argv[i] = NULL;
	}
	if (runs < 1 || runs > MAX_RUNS || !n) {
		fputs("usage: timeit RUNS CMD... [-- CMD...]...\n", stderr);
		return 2;
	}
	for (int i = -1; i < runs; i++)
		for (int k = 0; k < n; k++)
			run(&cmd[k], i);
	for (int k = 0; k < n; k++) {
		double m = median(cmd[k].wall, runs);
		printf("%.2f %.2f %.2f %.2f %.0f %d\n", cmd[k].wall[0], m, cmd[k].wall[runs - 1], median(cmd[k].cpu, runs),
			median(cmd[k].rss, runs), cmd[k].status);
	}
	return 0;
}
