/* checks.c - what the checks cost beside parsing: a table over workflows of 1,000 to 1,000,000 tasks or instances.
 *
 * CPU time within one process, the smallest of some rounds: reading and parsing the text, lowering it, all checks.
 * A row's growth is the time of the checks per task divided by that of the row before; n log n stays below 1.4.
 * Usage: checks GEN DIRECTORY [LARGEST]; GEN is the program gen beside this one. */
#include "compiler/session.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { ROUNDS = 5 };

struct times {
	double parse, lower, check; /* ms */
};

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

/* One round; false when the workflow has an error. */
static bool one(const char *file, struct times *t)
{
	struct session *s = session_new(NULL);
	double t0 = now(), t1, t2;
	bool ok = session_parse(s, file);

	t1 = now();
	ok = ok && lower(s);
	t2 = now();
	if (ok)
		checks_run(s);
	*t = (struct times){ t1 - t0, t2 - t1, now() - t2 };
	ok = ok && !s->diags->errors;
	session_free(s);
	return ok;
}

static double less(double a, double b)
{
	return a < b ? a : b;
}

static bool best(const char *file, struct times *t)
{
	struct times again;

	if (!one(file, t))
		return false;
	for (int i = 1; i < ROUNDS && t->parse + t->lower + t->check < 2000; i++) {
		if (!one(file, &again))
			return false;
		*t = (struct times){ less(t->parse, again.parse), less(t->lower, again.lower), less(t->check, again.check) };
	}
	return true;
}

static bool make(const char *gen, const char *kind, long n)
{
	char cmd[8192];
	int len = snprintf(cmd, sizeof cmd, "'%s' %s %ld > in.weft", gen, kind, n);

	return len > 0 && (size_t)len < sizeof cmd && system(cmd) == 0;
}

static bool series(const char *gen, const char *kind, const char *what, long most)
{
	double before = 0;

	for (long n = 1000; n <= most; n *= 10) {
		struct times t;

		if (!make(gen, kind, n) || !best("in.weft", &t)) {
			fprintf(stderr, "checks: %s %ld: failed\n", kind, n);
			return false;
		}
		printf("%-28s %9ld %10.2f %10.2f %10.2f %9.0f%% ", what, n, t.parse, t.lower, t.check, 100 * t.check / t.parse);
		if (before > 0)
			printf("%8.2f\n", t.check / (double)n / before);
		else
			printf("%8s\n", "-");
		before = t.check / (double)n;
	}
	return true;
}

int main(int argc, char **argv)
{
	long most = argc > 3 ? strtol(argv[3], NULL, 10) : 1000000;

	if (argc < 3 || chdir(argv[2])) {
		fputs("usage: checks GEN DIRECTORY [LARGEST]\n", stderr);
		return 2;
	}
	printf("%-28s %9s %10s %10s %10s %10s %8s\n", "", "n", "parse ms", "lower ms", "checks ms", "of parse", "growth");
	return !(series(argv[1], "weft", "tasks joined by ports", most) && series(argv[1], "named", "tasks joined by names", most) &&
		 series(argv[1], "scatter", "instances of a scatter", most) &&
		 series(argv[1], "scatters", "instances of n/100 scatters", most));
}
