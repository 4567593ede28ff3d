/* slurm_cancel.c - cancelling: everything, when the run stops, or what `weft cancel` has named. */
#include "runtime/engine_slurm.h"

#include <stdlib.h>
#include <string.h>

/* Those that were never submitted are an own submission that has gone already; N of them stand in EL. */
static void never_sent(struct slurm *s, uint32_t task, const struct elem *el, uint32_t n)
{
	struct sub *u = slurm_sub_new(s, s->nsub ? s->nsub : 1, task, n);

	memcpy(u->el, el, n * sizeof(*u->el));
	u->state = SUB_KNOWN;
	for (uint32_t i = 0; i < n; i++) {
		u->el[i].state = EL_GONE;
		slurm_look(s, u->number, i);
	}
}

void slurm_cancel_job(struct slurm *s, struct sub *u)
{
	if (u->cancelled || !u->id || s->leave)
		return;
	u->cancelled = true;
	slurm_drop(s, u->id);
}

/* What has not started is gone at once; what runs has until cancel_by to say so itself. */
void slurm_cancel_sub(struct slurm *s, struct sub *u, bool all)
{
	slurm_cancel_job(s, u);
	for (uint32_t i = 0; i < u->n; i++) {
		struct elem *el = &u->el[i];

		if (el->state == EL_ENDED || el->state == EL_FOUND || (!all && (el->state != EL_SENT || u->state == SUB_POSTED)))
			continue;
		el->state = EL_GONE;
		s->zombies = true;
		slurm_look(s, u->number, i);
	}
}

static void drop_batch(struct slurm *s, struct batch *b)
{
	never_sent(s, b->task, b->el + b->taken, b->n - b->taken);
	free(b->el);
}

void slurm_engine_cancel(struct run *r, int grace_ms)
{
	struct slurm *s = r->engine_data;

	if (!s->cancelling && !s->leave)
		remote_write(s->dir, "over", "", 0);
	s->cancelling = true;
	s->cancel_by = clock_ms() + grace_ms;
	for (uint32_t i = 0; i < s->nbatch; i++)
		drop_batch(s, &s->batch[i]);
	s->nbatch = 0;
	s->waiting = 0;
	for (uint32_t i = 1; i < s->nsub; i++)
		if (s->sub[i])
			slurm_cancel_sub(s, s->sub[i], s->leave);
}

/* ---- some of them ---- */

static bool named(const struct slurm *s, uint32_t task, const struct elem *el)
{
	return run_cancelled(s->r, task, el->instance);
}

static void thin_batch(struct slurm *s, struct batch *b)
{
	uint32_t n = b->taken, k = 0;
	struct elem *gone = xcalloc((size_t)b->n + 1, sizeof(*gone));

	for (uint32_t i = b->taken; i < b->n; i++) {
		if (named(s, b->task, &b->el[i]))
			gone[k++] = b->el[i];
		else
			b->el[n++] = b->el[i];
	}
	b->n = n;
	s->waiting -= k;
	if (k)
		never_sent(s, b->task, gone, k);
	free(gone);
}

/* Who takes the mark decides: what no machine has begun is gone, the others' records will say that they were ended. */
static void cancel_element(struct slurm *s, struct sub *u, uint32_t index)
{
	struct elem *el = &u->el[index];

	if (el->state == EL_SENT && slurm_void(s, u, index, "begun")) {
		el->state = EL_GONE;
		slurm_look(s, u->number, index);
	}
	s->zombies = true;
}

static void thin_sub(struct slurm *s, struct sub *u)
{
	uint32_t hit = 0, live = 0;

	for (uint32_t i = 0; i < u->n; i++) {
		bool open = u->el[i].state == EL_SENT || u->el[i].state == EL_RUNS;

		live += open;
		if (open && named(s, u->task, &u->el[i])) {
			hit++;
			cancel_element(s, u, i);
			u->el[i].cancel = 1;
		}
	}
	if (hit && hit == live)
		slurm_cancel_job(s, u);
	for (uint32_t i = 0; hit < live && i < u->n; i++)
		if (u->el[i].cancel && u->id)
			slurm_drop_element(s, u, i);
}

void slurm_engine_cancel_some(struct run *r, int grace_ms)
{
	struct slurm *s = r->engine_data;

	(void)grace_ms; /* the machine ends it as it ends what the site wants gone */
	for (uint32_t i = 0; i < s->nbatch; i++)
		thin_batch(s, &s->batch[i]);
	for (uint32_t i = 1; i < s->nsub; i++)
		if (s->sub[i])
			thin_sub(s, s->sub[i]);
}
