/* test_underway.c - what is remembered of instances under way, against a plain array. */
#include "runtime/underway.h"
#include "tests/unit/tap.h"

#include <stdio.h>
#include <stdlib.h>

enum { TASKS = 7, INSTANCES = 150, STEPS = 60000 };

struct entry {
	struct underway_key key;
	uint64_t mark;
	char more[9];
};
static uint64_t mark[TASKS][INSTANCES]; /* 0: it is not there */

static bool same(const struct underway *t, uint32_t task, uint32_t inst)
{
	const struct entry *p = underway_find(t, task, inst);

	if (!mark[task][inst])
		return !p;
	return p && p->key.task == task && p->key.inst == inst && p->mark == mark[task][inst];
}

/* One more, or what is there again. */
static bool add(struct underway *t, uint32_t task, uint32_t inst, uint64_t m)
{
	struct entry *p = underway_add(t, task, inst);
	bool good = p->mark == mark[task][inst]; /* 0 when it is new */

	p->mark = mark[task][inst] = m;
	return good;
}

static bool step(struct underway *t, uint64_t i)
{
	uint32_t task = (uint32_t)rand() % TASKS, inst = (uint32_t)rand() % INSTANCES;
	bool good = same(t, task, inst);

	if (rand() % 3 == 0) {
		good = good && add(t, task, inst, i);
	} else if (mark[task][inst]) {
		underway_drop(t, underway_find(t, task, inst));
		mark[task][inst] = 0;
	}
	return good && same(t, task, inst) && same(t, (uint32_t)rand() % TASKS, (uint32_t)rand() % INSTANCES);
}

int main(int argc, char **argv)
{
	unsigned seed = argc > 1 ? (unsigned)atoi(argv[1]) : 1;
	struct underway t = { .size = sizeof(struct entry) };
	bool good = true;
	uint32_t n = 0;

	printf("# seed %u\n", seed);
	srand(seed);
	ok(!underway_find(&t, 0, 0));
	for (uint64_t i = 1; i <= STEPS && good; i++)
		good = step(&t, i);
	ok(good);
	good = true;
	for (uint32_t task = 0; task < TASKS; task++)
		for (uint32_t inst = 0; inst < INSTANCES; inst++) {
			good = good && same(&t, task, inst);
			n += mark[task][inst] != 0;
		}
	ok(good);
	is_int(t.n, n);
	underway_free(&t);
	ok(!underway_find(&t, 0, 0));
	return tap_end();
}
