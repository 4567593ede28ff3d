/* test_room.c - the machine's room: never over-committed, and nobody waits for more than what ran when it began to. */
#include "runtime/room.h"

#include "tests/unit/tap.h"

enum { CPUS = 8, MEM = 64, ITEMS = 40 };

static struct need need(int cpu, int mem)
{
	return (struct need){ cpu * ROOM_CPU, mem };
}

static void one_dimension(void)
{
	struct room m;
	struct taken big, small[4];

	room_init(&m, need(16, 0));
	ok(room_fits(&m, 1, need(12, 0), false));
	big = room_take(&m, need(12, 0), false);
	ok(!room_fits(&m, 2, need(12, 0), false)); /* waits */
	for (uint64_t i = 0; i < 4; i++) {         /* four are left over beside it */
		ok(room_fits(&m, 3 + i, need(1, 0), true));
		small[i] = room_take(&m, need(1, 0), true);
	}
	ok(!room_fits(&m, 9, need(1, 0), true));
	room_give(&m, &small[0]);
	ok(!room_fits(&m, 2, need(12, 0), false));
	ok(room_fits(&m, 9, need(1, 0), true));
	room_give(&m, &big);
	ok(room_fits(&m, 2, need(12, 0), false));
	big = room_take(&m, need(12, 0), false);
	for (int i = 1; i < 4; i++)
		room_give(&m, &small[i]);
	room_give(&m, &big);
	ok(m.free.cpu == m.all.cpu);
}

/* Who waits for memory does not keep cpus from those that need none of it. */
static void two_dimensions(void)
{
	struct room m;
	struct taken t;

	room_init(&m, need(4, 10));
	t = room_take(&m, need(1, 8), false);
	ok(!room_fits(&m, 2, need(1, 10), false));
	ok(!room_fits(&m, 3, need(1, 1), true)); /* 10 of 10 are meant for the one that waits */
	for (uint64_t i = 0; i < 3; i++) {
		ok(room_fits(&m, 4 + i, need(1, 0), true));
		room_take(&m, need(1, 0), true);
	}
	ok(!room_fits(&m, 8, need(1, 0), true));
	room_give(&m, &t);
	ok(room_fits(&m, 2, need(1, 10), false));
}

static unsigned seed;

static unsigned rnd(unsigned n)
{
	seed = seed * 1103515245u + 12345u;
	return (seed >> 16) % n;
}

struct item {
	struct need need;
	struct taken taken;
	bool runs, done;
	bool late; /* it started behind the one that waits, in this pass */
	bool old;  /* it ran when that one began to wait */
};

static bool sums_hold(const struct room *m, const struct item *v)
{
	struct need sum = { 0, 0 };

	for (int i = 0; i < ITEMS; i++)
		if (v[i].runs) {
			sum.cpu += v[i].need.cpu;
			sum.mem += v[i].need.mem;
		}
	return sum.cpu <= m->all.cpu && sum.mem <= m->all.mem && m->free.cpu == m->all.cpu - sum.cpu && m->free.mem == m->all.mem - sum.mem;
}

/* One pass in order, as the scheduler makes it; the number of the first that did not fit, -1. */
static int pass(struct room *m, struct item *v)
{
	int first = -1;

	for (int i = 0; i < ITEMS; i++) {
		v[i].late = false;
		if (v[i].runs || v[i].done)
			continue;
		if (room_fits(m, (uint64_t)i, v[i].need, first >= 0)) {
			v[i].taken = room_take(m, v[i].need, first >= 0);
			v[i].runs = true;
			v[i].old = false;
			v[i].late = first >= 0;
		} else if (first < 0) {
			first = i;
		}
	}
	return first;
}

static bool any_old(const struct item *v)
{
	for (int i = 0; i < ITEMS; i++)
		if (v[i].runs && v[i].old)
			return true;
	return false;
}

static void end_one(struct room *m, struct item *v)
{
	unsigned k = rnd(ITEMS);

	while (!v[k % ITEMS].runs)
		k++;
	v[k % ITEMS].runs = false;
	v[k % ITEMS].done = true;
	room_give(m, &v[k % ITEMS].taken);
}

static bool play(unsigned sd)
{
	struct item v[ITEMS] = { 0 };
	struct room m;
	int waits = -1;

	seed = sd;
	room_init(&m, need(CPUS, MEM));
	for (int i = 0; i < ITEMS; i++)
		v[i].need = need(1 + (int)rnd(CPUS), rnd(2) ? (int)rnd(MEM + 1) : 0);
	for (int left = ITEMS; left--; end_one(&m, v)) {
		int first = pass(&m, v);

		if (!sums_hold(&m, v))
			return false;
		if (first != waits) { /* another one waits now: for all that run */
			for (int i = 0; i < ITEMS; i++)
				v[i].old = v[i].runs && !v[i].late;
			waits = first;
		} else if (first >= 0 && !any_old(v)) {
			return false; /* all it had to wait for have ended */
		}
	}
	return pass(&m, v) < 0 && sums_hold(&m, v);
}

static void random_plays(void)
{
	unsigned bad = 0;

	for (unsigned sd = 1; sd <= 20000 && !bad; sd++)
		if (!play(sd))
			bad = sd;
	is_int(bad, 0); /* the seed that broke a rule */
}

int main(void)
{
	one_dimension();
	two_dimensions();
	random_plays();
	return tap_end();
}
