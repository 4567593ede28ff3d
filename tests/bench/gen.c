/* gen.c - workflows of any size for the benchmarks: gen weft|ninja|named N, gen scatter|rows|scatters N.
 *
 * `weft` and `ninja` print the same graph: N tasks, each after one or two tasks before it, chosen at random
 * from a fixed seed; four lines a task in weft.  `named` has its order from `after`, reads files by their names, and all its
 * tasks mount one prefix; `scatters` is N instances in scatters of a hundred that read each other by name. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static uint32_t below(uint32_t n)
{
	static uint64_t x = 88172645463325252u; /* xorshift64 */

	x ^= x << 13;
	x ^= x >> 7;
	x ^= x << 17;
	return (uint32_t)((x >> 32) % n);
}

/* Parents of task i: mostly near, as in real workflows; how many there are. */
static int parents(uint32_t i, uint32_t p[2])
{
	int n = i == 0 ? 0 : i > 1 && below(2) ? 2 : 1;

	for (int k = 0; k < n; k++)
		p[k] = below(4) ? i - 1 - below(i < 1000 ? i : 1000) : below(i);
	return n == 2 && p[0] == p[1] ? 1 : n;
}

static void weft(uint32_t n)
{
	uint32_t p[2];

	puts("workflow \"bench\"");
	for (uint32_t i = 0; i < n; i++) {
		int k = parents(i, p);
		printf("\ntask step_%u {\n", i);
		if (k == 0)
			puts("  in  a = \"data/input.txt\"");
		else if (k == 1)
			printf("  in  a = step_%u.result\n", p[0]);
		else
			printf("  in  a = step_%u.result, b = step_%u.result\n", p[0], p[1]);
		printf("  out result = \"out/step_%u.txt\"\n  run \"python3 step.py --number %u\" }\n", i, i);
	}
}

static void named(uint32_t n)
{
	uint32_t p[2];

	puts("workflow \"named\"\n\ndefaults {\n  mount \"oss://bucket/work/\" -> \"/home/work/\"\n"
		"  output \"/home/out/\" -> \"oss://bucket/work/\"\n}");
	for (uint32_t i = 0; i < n; i++) {
		int k = parents(i, p);

		printf("\ntask step_%u {\n", i);
		for (int c = 0; c < k; c++)
			printf("  after step_%u\n  in  a%d = \"out/%u/step_%u.txt\"\n", p[c], c, p[c] % 1000, p[c]);
		printf("  out result = \"out/%u/step_%u.txt\"\n  run \"python3 step.py\" }\n", i % 1000, i);
	}
}

static void scatters(uint32_t n)
{
	puts("workflow \"scatters\"");
	for (uint32_t i = 0; i < n / 100; i++) {
		printf("\ntask t%u for i in 0 .. 99 {\n", i);
		if (i)
			printf("  after t%u\n  in  a = \"out/~{i}/t%u.txt\"\n", i - 1, i - 1);
		printf("  out o = \"out/~{i}/t%u.txt\"\n  out p = \"list/~{i}-~{stem(\"t%u.txt\")}\"\n  run \"true\" }\n", i, i);
	}
}

static void ninja(uint32_t n)
{
	uint32_t p[2];

	puts("rule step\n  command = python3 step.py --number $number");
	for (uint32_t i = 0; i < n; i++) {
		int k = parents(i, p);
		printf("\nbuild out/step_%u.txt: step", i);
		for (int c = 0; c < k; c++)
			printf(" out/step_%u.txt", p[c]);
		printf("\n  number = %u\n", i);
	}
}

static void scatter(uint32_t n)
{
	printf("workflow \"scatter\"\n\nparam parts: int = %u\n\n"
		"task split {\n  in  log = \"log.txt\"\n  out part[parts] = \"split/~{index}.txt\"\n  run \"python3 split.py\"\n}\n\n"
		"task count for i in 0 .. parts - 1 {\n  in  part = split.part[i]\n  out json = \"count/~{i}.json\"\n"
		"  retry 2\n  run \"python3 count.py\"\n}\n\n"
		"task merge {\n  in  counts = count[*].json\n  out result = \"merge.txt\"\n  run \"python3 merge.py\"\n}\n", n);
}

static void rows(uint32_t n)
{
	puts("id\tr1\tr2");
	for (uint32_t i = 0; i < n; i++)
		printf("NA%06u\treads/NA%06u_1.fq.gz\treads/NA%06u_2.fq.gz\n", i, i, i);
}

int main(int argc, char **argv)
{
	static const struct {
		const char *name;
		void (*print)(uint32_t n);
	} kinds[] = { { "weft", weft }, { "ninja", ninja }, { "scatter", scatter }, { "rows", rows },
		{ "named", named }, { "scatters", scatters } };

	for (size_t i = 0; argc == 3 && i < sizeof kinds / sizeof *kinds; i++)
		if (strcmp(argv[1], kinds[i].name) == 0) {
			kinds[i].print((uint32_t)strtoul(argv[2], NULL, 10));
			return fflush(stdout) ? 1 : 0;
		}
	fputs("usage: gen weft|ninja|named|scatter|rows|scatters N\n", stderr);
	return 2;
}
