/* slurm_watch.c - what Slurm says of our jobs: one list for all of them, as often as something is to be expected. */
#include "runtime/engine_slurm.h"

#include "runtime/progress.h"

#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { FULL_MS = 30000 /* a list without a time at least as often */, SKEW_S = 10 };

void slurm_say(struct slurm *s, const char *text)
{
	if (s->r->progress)
		progress_line(s->r, arena_printf(s->r->arena, "slurm: %s", text));
}

void slurm_poll_new(struct slurm *s)
{
	int64_t at = clock_ms() + POLL_MIN_MS;

	s->interval = POLL_MIN_MS;
	if (!s->next_poll || s->next_poll > at)
		s->next_poll = at;
}

void slurm_poll_soon(struct slurm *s)
{
	slurm_poll_new(s);
	s->urgent = true;
}

void slurm_poll_later(struct slurm *s)
{
	int64_t at = clock_ms() + POLL_MIN_MS, most = (s->poll_at ? s->poll_at : s->begin) + POLL_MAX_MS;

	at = at > most ? most : at;
	if (!s->urgent && !s->down_since && s->next_poll < at)
		s->next_poll = at;
}

/* ---- outages ---- */

void slurm_down(struct slurm *s, const char *why)
{
	int64_t now = clock_ms();

	if (!s->down_since) {
		s->down_since = now;
		s->outage = true;
	} else if (!s->told_down && now - s->down_since > SETTLED_MS) {
		slurm_say(s, arena_printf(s->r->arena, "no answer (%s); trying again, jobs are not affected", why));
		s->told_down = true;
	}
	if (now - s->down_since > s->patience && !s->r->broken) {
		diag_error(s->r->d, E1085, NOSPAN, "Slurm has not answered for %lld s: %s", (long long)s->patience / 1000, why);
		diag_help(s->r->d, "its jobs go on; the same command finds them again");
		s->leave = true;
		s->r->broken = true;
	}
}

void slurm_up(struct slurm *s)
{
	if (s->told_down)
		slurm_say(s, "it answers again");
	if (s->down_since) {
		s->last_full = 0;
		slurm_poll_soon(s);
	}
	s->down_since = 0;
	s->told_down = false;
}

/* ---- one job of the list ---- */

/* The number in a name of ours; 0 if it is none. */
static uint32_t number_of(const struct slurm *s, const char *nm)
{
	const char *at = strstr(nm, s->mark);
	char *end;
	unsigned long n;

	if (!at || at[strlen(s->mark)] < '1' || at[strlen(s->mark)] > '9')
		return 0;
	n = strtoul(at + strlen(s->mark), &end, 10);
	return *end || n >= UINT32_MAX ? 0 : (uint32_t)n;
}

/* Jobs that run as somebody else can neither read nor write what is ours. */
static void check_user(struct slurm *s, const char *user)
{
	struct passwd *pw = getpwuid(geteuid());

	if (s->user_known || !*user)
		return;
	s->user_known = true;
	if (!pw || !strcmp(pw->pw_name, user) || s->r->broken)
		return;
	diag_error(s->r->d, E1083, NOSPAN, "Slurm runs the jobs as `%s`, the workspace belongs to `%s`", user, pw->pw_name);
	diag_help(s->r->d, "run weft as `%s`, or use an endpoint that takes a token", user);
	s->r->broken = true;
}

/* A submission whose answer was lost is found; a second job of the same name is one too many. */
static bool same_job(struct slurm *s, struct sub *u, int64_t id)
{
	if (u->state == SUB_UNSURE) {
		u->state = SUB_KNOWN;
		u->at = clock_ms();
	}
	if (u->state == SUB_KNOWN && !u->id) {
		u->id = id;
		slurm_all_known(s, u);
	}
	if (u->state == SUB_POSTED || u->id == id)
		return true;
	slurm_drop(s, id);
	return false;
}

static void ignore(void *ctx, const struct slurm_answer *a)
{
	(void)ctx, (void)a;
}

/* It ran and waits again: Slurm has put it back after its machine failed.  Whether it is tried again is the task's
 * business, and this one could not begin twice anyway. */
static void requeued(struct slurm *s, struct sub *u, const struct slurm_job *j)
{
	slurm_cancel(s->api, j->array, j->element, ignore, NULL);
	slurm_over(s, u, (uint32_t)j->element, SJ_NODE);
}

static void on_element(struct slurm *s, struct sub *u, const struct slurm_job *j)
{
	struct elem *el = &u->el[j->element];

	el->seen = (uint8_t)s->poll;
	if (j->state == SJ_RUNNING && el->state == EL_SENT)
		el->state = EL_RUNS;
	else if (j->state == SJ_PENDING && el->state == EL_RUNS)
		requeued(s, u, j);
	else if (j->state >= SJ_COMPLETED && j->state < SJ_UNKNOWN)
		slurm_over(s, u, (uint32_t)j->element, j->state);
}

static void on_job(void *ctx, const struct slurm_job *j)
{
	struct slurm *s = ctx;
	uint32_t number = number_of(s, j->name);
	struct sub *u = number ? slurm_sub(s, number) : NULL;

	if (!number)
		return;
	check_user(s, j->user);
	if (!u || !same_job(s, u, j->array))
		return;
	if (u->seen != s->poll)
		u->rest = -1;
	u->seen = s->poll;
	u->absent = 0;
	if (j->element >= 0 && j->element < u->n)
		on_element(s, u, j);
	else if (j->element < 0)
		u->rest = (int16_t)j->state; /* of all that have no line of their own */
}

/* ---- the end of the list ---- */

/* Elements without a line: they wait, were cancelled while they waited, or are not known any more. */
static void judge_rest(struct slurm *s, struct sub *u)
{
	bool seen = u->seen == s->poll;
	enum slurm_state state = seen && u->rest >= 0 ? (enum slurm_state)u->rest : SJ_UNKNOWN;

	if (seen && (state == SJ_PENDING || state == SJ_RUNNING))
		return;
	for (uint32_t i = 0; i < u->n; i++) {
		struct elem *el = &u->el[i];

		if ((el->state == EL_SENT || el->state == EL_RUNS) && (!seen || el->seen != (uint8_t)s->poll))
			slurm_over(s, u, i, state);
	}
}

/* A submission that nobody has: its instances wait again, but for those that a machine has begun all the same. */
static void judge_unsure(struct slurm *s, struct sub *u)
{
	if (++u->absent < 2)
		return;
	u->state = SUB_KNOWN;
	for (uint32_t i = 0; i < u->n; i++)
		if (u->el[i].state == EL_SENT)
			slurm_over(s, u, i, SJ_UNKNOWN);
}

/* A list was asked for so late that everything we know of must be in it. */
static bool settled(const struct slurm *s, const struct sub *u)
{
	return u->state != SUB_POSTED && u->at + slurm_most(s, SETTLED_MS) < s->poll_at;
}

static void judge_all(struct slurm *s)
{
	bool absent = false, unsure = false;

	for (uint32_t i = 1; i < s->nsub; i++) {
		struct sub *u = s->sub[i];

		unsure = unsure || (u && u->state == SUB_UNSURE);
		if (!u || (u->seen != s->poll && !settled(s, u)))
			continue;
		if (u->seen != s->poll)
			absent = true;
		if (u->state == SUB_UNSURE)
			judge_unsure(s, u);
		else if (u->seen == s->poll || ++u->absent >= 2)
			judge_rest(s, u);
	}
	if (absent || unsure) { /* look twice, but soon */
		s->last_full = 0;
		s->interval = POLL_MIN_MS;
		s->urgent = true;
	}
}

/* A list of what has changed lacks something of ours: ask for everything. */
static bool any_absent(const struct slurm *s)
{
	for (uint32_t i = 1; i < s->nsub; i++)
		if (s->sub[i] && s->sub[i]->seen != s->poll && settled(s, s->sub[i]))
			return true;
	return false;
}

/* Of ours, since the request began. */
static int64_t cpu_ms(const struct slurm *s)
{
	return (clock() - s->poll_cpu) / (CLOCKS_PER_SEC / 1000);
}

static void on_list(void *ctx, const struct slurm_answer *a)
{
	struct slurm *s = ctx;
	int64_t now = clock_ms(), took = now - s->poll_at, rest;

	s->polling = false;
	if (a->end == SE_OK || a->end == SE_SAME || (a->end == SE_NONE && s->single)) {
		slurm_up(s);
		s->since = s->since ? s->since : 1;
		if (a->end != SE_SAME && s->full)
			judge_all(s);
		else if (a->end != SE_SAME)
			s->last_full = any_absent(s) ? 0 : s->last_full;
	} else {
		slurm_down(s, a->text);
	}
	rest = took * POLL_SHARE > cpu_ms(s) * CPU_SHARE ? took * POLL_SHARE : cpu_ms(s) * CPU_SHARE;
	rest = rest > POLL_REST_MS ? POLL_REST_MS : rest;
	s->next_poll = now + (s->interval > rest ? s->interval : rest);
	s->interval = s->interval * 2 > POLL_MAX_MS ? POLL_MAX_MS : s->interval * 2;
}

/* The only submission that there is, when nothing can be amiss with it; NULL: ask for all jobs. */
static const struct sub *only_one(const struct slurm *s)
{
	const struct sub *one = NULL;

	for (uint32_t i = s->nsub; i-- > 1;)
		if (s->sub[i] && one)
			return NULL;
		else if (s->sub[i])
			one = s->sub[i];
	return one && one->id && one->state == SUB_KNOWN && !s->outage ? one : NULL;
}

static void ask(struct slurm *s, int64_t since)
{
	const struct sub *one = only_one(s);

	s->single = one != NULL;
	if (one)
		slurm_job(s->api, one->id, s->mark, on_job, on_list, s);
	else
		slurm_jobs(s->api, s->mark, since, on_job, on_list, s);
}

int slurm_poll(struct slurm *s)
{
	int64_t now = clock_ms(), since;

	if (s->polling || !s->live)
		return -1;
	if (!s->next_poll)
		slurm_poll_new(s);
	if (now < s->next_poll)
		return (int)(s->next_poll - now);
	s->full = !s->since || !s->last_full || now - s->last_full > FULL_MS || s->down_since;
	since = s->full ? 0 : s->since - SKEW_S;
	if (s->full)
		s->last_full = now;
	s->since = time(NULL);
	s->polling = true;
	s->urgent = false;
	s->poll++;
	s->poll_at = now;
	s->poll_cpu = clock();
	ask(s, since);
	return -1;
}
