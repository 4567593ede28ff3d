/* slurm_send.c - ready instances become batches, batches become job arrays; refusals are waited out.
 *
 * The table of a submission is on disk before the request: with the mark in the job's name it is the intent, by which
 * the next driver finds the job when this one dies in between. */
#include "runtime/engine_slurm.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { PAUSE_MIN_MS = 2000, PAUSE_MAX_MS = 15000, BODY_MAX = 16 << 20, BATCHES_LOOKED_AT = 64 };

/* ---- batches ---- */

static bool same_ask(const struct slurm_ask *a, const struct slurm_ask *b)
{
	return a->cpus == b->cpus && a->minutes == b->minutes && a->mb == b->mb;
}

/* The newest batches of a task: older ones are full of something else. */
static struct batch *batch_of(struct slurm *s, uint32_t task, const struct slurm_ask *ask)
{
	struct batch *b;

	for (uint32_t i = s->nbatch, k = 0; i-- > 0 && k < BATCHES_LOOKED_AT; k++)
		if (s->batch[i].task == task && same_ask(&s->batch[i].ask, ask))
			return &s->batch[i];
	s->batch = grow(s->batch, &s->batchcap, s->nbatch + 1, sizeof(*s->batch));
	b = &s->batch[s->nbatch++];
	*b = (struct batch){ .task = task, .ask = *ask, .since = clock_ms() };
	return b;
}

static void add(struct slurm *s, struct batch *b, const struct elem *el)
{
	b->el = grow(b->el, &b->cap, b->n + 1, sizeof(*b->el));
	b->el[b->n] = *el;
	b->el[b->n].job = SJ_PENDING;
	b->el[b->n++].state = EL_SENT;
	s->waiting++;
}

struct sub *slurm_sub(struct slurm *s, uint32_t number)
{
	return number < s->nsub ? s->sub[number] : NULL;
}

struct sub *slurm_sub_new(struct slurm *s, uint32_t number, uint32_t task, uint32_t n)
{
	struct sub *u = xcalloc(1, sizeof(*u));
	uint32_t had = s->subcap;

	u->number = number;
	u->task = task;
	u->n = u->left = n;
	u->rest = -1;
	u->el = xcalloc(n, sizeof(*u->el));
	s->sub = grow(s->sub, &s->subcap, number + 1, sizeof(*s->sub));
	if (s->subcap > had)
		memset(s->sub + had, 0, (s->subcap - had) * sizeof(*s->sub));
	s->nsub = s->nsub <= number ? number + 1 : s->nsub;
	s->live += n;
	return s->sub[number] = u;
}

static void remove_table(struct slurm *s, uint32_t number)
{
	struct arena *a = arena_new();

	unlink(arena_printf(a, "%s/%u.tab", s->dir, number));
	arena_free(a);
}

static void ignore(void *ctx, const struct slurm_answer *a)
{
	(void)ctx, (void)a;
}

void slurm_drop(struct slurm *s, int64_t id)
{
	if (id == s->dropped) /* a list names it once an element */
		return;
	s->dropped = id;
	slurm_cancel(s->api, id, -1, ignore, NULL);
}

void slurm_drop_element(struct slurm *s, const struct sub *u, uint32_t index)
{
	slurm_cancel(s->api, u->id, index, ignore, NULL);
}

void slurm_elem_end(struct slurm *s, struct sub *u, struct elem *el)
{
	if (el->state == EL_ENDED)
		return;
	el->state = EL_ENDED;
	s->live--;
	if (--u->left || u->state == SUB_POSTED)
		return;
	s->sub[u->number] = NULL;
	free((char *)(uintptr_t)u->text);
	free(u->el);
	free(u);
}

void slurm_known(struct slurm *s, const struct sub *u, const struct elem *el)
{
	struct attempt_id id = { u->task, el->instance, el->attempt };
	char text[64];

	snprintf(text, sizeof(text), "slurm %lld_%u", (long long)u->id, (uint32_t)(el - u->el));
	run_submitted(s->r, id, text);
}

void slurm_all_known(struct slurm *s, const struct sub *u)
{
	for (uint32_t i = 0; i < u->n; i++)
		if (u->el[i].cancel)
			slurm_drop_element(s, u, i);
		else if (u->el[i].state != EL_ENDED && u->el[i].state != EL_FOUND)
			slurm_known(s, u, &u->el[i]);
}

/* One that cannot even be asked for: a submission that was refused. */
static void refuse_one(struct slurm *s, struct attempt_id id, const char *why)
{
	struct sub *u = slurm_sub_new(s, s->nsub ? s->nsub : 1, id.task, 1);

	u->state = SUB_KNOWN;
	u->text = xstrdup(why ? why : "its requests cannot be told");
	u->el[0] = (struct elem){ .instance = (uint32_t)id.instance, .attempt = id.attempt, .state = EL_REFUSED };
	slurm_look(s, u->number, 0);
}

void slurm_enqueue(struct slurm *s, struct attempt_id id, uint32_t tries)
{
	struct elem el = { .instance = (uint32_t)id.instance, .attempt = id.attempt, .tries = tries & 0x7f };
	struct arena *a = arena_new();
	struct slurm_ask ask;
	const char *why = NULL;

	if (slurm_ask_of(s, id, &ask, a, &why))
		add(s, batch_of(s, id.task, &ask), &el);
	else
		refuse_one(s, id, why);
	arena_free(a);
}

/* ---- answers ---- */

struct post {
	struct slurm *s;
	uint32_t number;
};

/* Nobody has it: its instances wait again. */
static void take_back(struct slurm *s, struct sub *u)
{
	struct batch *b = batch_of(s, u->task, &u->ask);

	for (uint32_t i = 0; i < u->n; i++)
		if (u->el[i].state == EL_SENT)
			add(s, b, &u->el[i]);
	remove_table(s, u->number);
	u->state = SUB_KNOWN;
	for (uint32_t i = 0, left = u->left; left; i++) { /* the last one frees it */
		left -= u->el[i].state != EL_ENDED;
		if (u->el[i].state == EL_SENT)
			slurm_elem_end(s, u, &u->el[i]);
	}
}

static void refuse(struct slurm *s, struct sub *u, const char *why)
{
	free((char *)(uintptr_t)u->text);
	u->text = xstrdup(*why ? why : "refused");
	u->state = SUB_KNOWN;
	remove_table(s, u->number);
	for (uint32_t i = 0; i < u->n; i++)
		if (u->el[i].state == EL_SENT) {
			u->el[i].state = EL_REFUSED;
			slurm_look(s, u->number, i);
		}
}

static void pause_sending(struct slurm *s)
{
	s->pause_ms = s->pause_ms ? s->pause_ms * 2 : PAUSE_MIN_MS;
	s->pause_ms = s->pause_ms > PAUSE_MAX_MS ? PAUSE_MAX_MS : s->pause_ms;
	s->hold_until = clock_ms() + s->pause_ms;
}

/* A limit of the site: smaller arrays, then patience.  What is refused although nothing of ours is there would be
 * refused for ever. */
static void busy(struct slurm *s, struct sub *u, const char *why)
{
	bool alone = s->live == u->left;
	uint32_t n = u->n;

	if (n > 1) {
		s->chunk = n / 2;
	} else {
		pause_sending(s);
		s->refusals = alone ? s->refusals + 1 : 0;
		if (!s->told_busy)
			slurm_say(s, why);
		s->told_busy = true;
	}
	if (n == 1 && s->refusals >= REFUSALS_MAX) {
		s->refusals = 0;
		refuse(s, u, why);
		return;
	}
	take_back(s, u);
}

static void array_too_large(struct slurm *s, struct sub *u, const char *why)
{
	if (u->n == 1) {
		refuse(s, u, why);
		return;
	}
	s->array_max = s->chunk = u->n / 2;
	take_back(s, u);
}

static void accepted(struct slurm *s, struct sub *u, int64_t id)
{
	u->state = SUB_KNOWN;
	u->id = id;
	u->at = clock_ms();
	slurm_all_known(s, u);
	s->refusals = 0;
	s->pause_ms = 0;
	s->told_busy = false;
	s->chunk = s->chunk * 2 < s->array_max ? s->chunk * 2 : s->array_max;
	slurm_up(s);
	slurm_poll_new(s);
	s->scan_at = u->at; /* what has ended already */
}

static void unsure(struct slurm *s, struct sub *u, const char *why)
{
	u->state = SUB_UNSURE;
	u->at = clock_ms();
	slurm_down(s, why);
	slurm_poll_soon(s);
}

/* All of it ended (cancelled) while the answer was awaited. */
static bool forgotten(struct slurm *s, struct sub *u, const struct slurm_answer *a)
{
	if (u->left)
		return false;
	s->zombies = true; /* close leaves the mark that the run is over */
	if (a->end == SE_OK && !s->leave)
		slurm_drop(s, a->id);
	s->sub[u->number] = NULL;
	free((char *)(uintptr_t)u->text);
	free(u->el);
	free(u);
	return true;
}

static void on_submitted(void *ctx, const struct slurm_answer *a)
{
	struct post *p = ctx;
	struct slurm *s = p->s;
	struct sub *u = slurm_sub(s, p->number);

	free(p);
	s->posts--;
	if (!u || forgotten(s, u, a))
		return;
	switch (a->end) {
	case SE_OK: accepted(s, u, a->id); break;
	case SE_BUSY: busy(s, u, a->text); break;
	case SE_ARRAY: array_too_large(s, u, a->text); break;
	case SE_REFUSED: refuse(s, u, a->text); break;
	case SE_DOWN:
		slurm_down(s, a->text);
		pause_sending(s);
		take_back(s, u);
		break;
	case SE_SAME:
	case SE_NONE:
	case SE_UNSURE:
	case SE_AUTH: unsure(s, u, a->text); break;
	}
}

/* ---- sending ---- */

static bool write_table(struct slurm *s, const struct sub *u)
{
	struct remote_table t = { .task = name_str(s->r->job->names, s->r->job->task[u->task].name), .n = u->n,
		.generation = s->generation };
	bool ok;

	t.row = xcalloc(u->n, sizeof(*t.row));
	for (uint32_t i = 0; i < u->n; i++)
		t.row[i] = (struct remote_row){ u->el[i].instance, u->el[i].attempt };
	ok = remote_table_write(s->dir, u->number, &t);
	free(t.row);
	if (!ok) {
		diag_error(s->r->d, E1086, NOSPAN, "cannot write `%s/%u.tab`: %s", s->dir, u->number, strerror(errno));
		s->r->broken = true;
	}
	return ok;
}

static void post(struct slurm *s, struct batch *b)
{
	uint32_t left = b->n - b->taken, n = left < s->chunk ? left : s->chunk;
	struct sub *u = slurm_sub_new(s, s->nsub ? s->nsub : 1, b->task, n);
	struct post *p = xcalloc(1, sizeof(*p));
	struct buf body;

	u->ask = b->ask;
	memcpy(u->el, b->el + b->taken, n * sizeof(*u->el));
	b->taken += n;
	s->waiting -= n;
	*p = (struct post){ s, u->number };
	if (!slurm_job_file(s) || !slurm_globs(s, u) || !write_table(s, u)) {
		s->r->broken = true;
		free(p);
		refuse(s, u, "the shared directory cannot be written");
		return;
	}
	buf_init(&body, BODY_MAX);
	slurm_body(s, u, &body);
	s->posts++;
	slurm_submit(s->api, buf_str(&body), on_submitted, p);
	buf_free(&body);
}

/* How long a batch waits for more: instances that become ready one by one shall not be an array each. */
static int64_t patience(const struct slurm *s)
{
	return s->live < 10 ? 0 : s->live < 100 ? 100 : s->live < 1000 ? 500 : 2000;
}

static void drop_batch(struct slurm *s, uint32_t i)
{
	free(s->batch[i].el);
	memmove(&s->batch[i], &s->batch[i + 1], (--s->nbatch - i) * sizeof(*s->batch));
}

int slurm_send(struct slurm *s)
{
	int64_t now = clock_ms(), next = INT64_MAX;
	uint32_t i = 0;

	if (s->hold_until > now && s->nbatch)
		return (int)(s->hold_until - now);
	while (i < s->nbatch && s->posts < POSTS_MAX && !s->cancelling && s->hold_until <= now) {
		struct batch *b = &s->batch[i];
		int64_t due = b->n - b->taken >= s->chunk ? now : b->since + patience(s);

		if (due > now) {
			next = due < next ? due : next;
			i++;
			continue;
		}
		post(s, b);
		if (s->batch[i].taken == s->batch[i].n)
			drop_batch(s, i);
	}
	return next == INT64_MAX ? -1 : (int)(next - now);
}
