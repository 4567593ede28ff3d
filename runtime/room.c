/* room.c - see room.h. */
#include "runtime/room.h"

#include <string.h>

void room_init(struct room *m, struct need all)
{
	memset(m, 0, sizeof(*m));
	m->all = m->free = all;
	m->turn = 1;
}

static bool within(struct need n, struct need limit)
{
	return n.cpu <= limit.cpu && n.mem <= limit.mem;
}

static struct need plus(struct need a, struct need b)
{
	return (struct need){ a.cpu + b.cpu, a.mem + b.mem };
}

static struct need minus(struct need a, struct need b)
{
	return (struct need){ a.cpu - b.cpu, a.mem - b.mem };
}

/* WHO is the first that does not fit. */
static void let_wait(struct room *m, uint64_t who, struct need n)
{
	if (!m->waits || m->who != who) {
		m->turn = m->turn == UINT32_MAX ? 1 : m->turn + 1;
		m->over = (struct need){ 0, 0 };
	}
	m->waits = true;
	m->who = who;
	m->want = n;
}

bool room_fits(struct room *m, uint64_t who, struct need n, bool overtakes)
{
	if (overtakes)
		return within(n, m->free) && (!m->waits || within(plus(m->over, n), minus(m->all, m->want)));
	if (!within(n, m->free)) {
		let_wait(m, who, n);
		return false;
	}
	if (m->waits && m->who == who)
		m->waits = false;
	return true;
}

struct taken room_take(struct room *m, struct need n, bool overtakes)
{
	bool counts = overtakes && m->waits;

	m->free = minus(m->free, n);
	if (counts)
		m->over = plus(m->over, n);
	return (struct taken){ n, counts ? m->turn : 0 };
}

void room_give(struct room *m, const struct taken *t)
{
	m->free = plus(m->free, t->need);
	if (t->turn == m->turn)
		m->over = minus(m->over, t->need);
}
