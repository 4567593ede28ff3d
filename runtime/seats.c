/* seats.c - see seats.h. */
#include "runtime/seats.h"

#include "runtime/driver.h"

bool seats_check(struct run *r)
{
	uint64_t machines;

	if (r->opt->pools && !(r->pools = pools_new(r)))
		return false;
	machines = pools_machines(r->pools);
	r->requests = requests_new(r, machines);
	if (r->requests)
		r->slots = requests_slots(r->requests);
	return r->requests != NULL;
}

void seats_open(struct run *r, struct seats *s)
{
	room_init(&s->room, requests_all(r->requests));
}

bool seats_fit(struct run *r, struct seats *s, struct attempt_id id, uint32_t passed)
{
	s->blocked = s->blocked && passed; /* nobody was passed over: a new round */
	if (!pools_free_for(r->pools, id.task))
		return false;
	if (!requests_of(r->requests, id, &s->ask, &s->never)) {
		s->ask.need = (struct need){ 0, 0 }; /* it fails when it is submitted */
		return true;
	}
	pools_limit(r->pools, id.task, &s->ask);
	if (room_fits(&s->room, (uint64_t)id.task << 32 | (uint64_t)id.instance, s->ask.need, s->blocked))
		return true;
	s->blocked = true;
	return false;
}

struct taken seats_take(struct run *r, struct seats *s, uint32_t task)
{
	pools_take(r->pools, task);
	return room_take(&s->room, s->ask.need, s->blocked);
}

void seats_give(struct run *r, struct seats *s, uint32_t task, const struct taken *t)
{
	room_give(&s->room, t);
	pools_give(r->pools, task);
}
