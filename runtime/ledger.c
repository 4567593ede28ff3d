/* ledger.c - see ledger.h. */
#include "runtime/ledger.h"

#include <stdlib.h>
#include <string.h>

#include "runtime/loop.h"
#include "runtime/session.h"
#include "runtime/underway.h"

enum {
	SYNC_MS = 2000,      /* what a power cut can lose is done again */
	TEXTS_A_TASK = 20,   /* values kept for "was X" a task and run */
	TEXT_KEEP = 1 << 16, /* longer ones are not */
};

struct pending { /* what an attempt under way was begun with */
	struct underway_key key;
	struct digest action, inputs;
	uint32_t part[REC_PARTS];
	unsigned char *tags; /* heap, 4 * nin bytes */
	uint32_t nin;
	bool read;           /* the inputs could be */
};
struct ledger {
	struct plan *p;
	struct underway pending; /* of struct pending */
	struct buf b, outs, tags;
	uint8_t *texts;      /* [ntask] values written in this run */
	uint32_t run;
	int64_t synced;      /* clock_ms */
	bool dirty, dry;
};

static int64_t unix_ms(void)
{
	return clock_unix_us() / 1000;
}

struct ledger *ledger_new(struct plan *p, bool dry)
{
	struct ledger *l = xcalloc(1, sizeof(*l));

	l->p = p;
	l->dry = dry;
	l->pending.size = sizeof(struct pending);
	l->texts = xcalloc((size_t)p->job->ntask + 1, 1);
	buf_init(&l->b, JOURNAL_RECORD_MAX);
	buf_init(&l->outs, JOURNAL_RECORD_MAX / 2);
	buf_init(&l->tags, JOURNAL_RECORD_MAX / 4);
	return l;
}

void ledger_free(struct ledger *l)
{
	if (!l)
		return;
	for (uint32_t i = 0; i < l->pending.n; i++)
		free(((struct pending *)underway_at(&l->pending, i))->tags);
	underway_free(&l->pending);
	buf_free(&l->b);
	buf_free(&l->outs);
	buf_free(&l->tags);
	free(l->texts);
	free(l);
}

/* ---- appending ---- */

static void put(struct ledger *l, enum record_kind kind)
{
	uint64_t off;

	session_begin(l->p->journal);
	off = journal_append(l->p->journal, (uint8_t)kind, l->b.p, l->b.len);

	if (kind == RK_DONE || kind == RK_END || kind == RK_BEGIN || kind == RK_FORGET)
		history_note(l->p->h, off);
	buf_reset(&l->b);
	l->dirty = true;
}

void ledger_run(struct ledger *l, uint32_t run, const char *command)
{
	const struct plan *p = l->p;
	struct rec_run r = { .run = run, .time_ms = unix_ms(), .instances = p->counts.runs,
		.job = name_str(p->job->names, p->job->name), .source = p->opt->source ? p->opt->source : "",
		.engine = p->opt->engine ? p->opt->engine : "local", .command = command };

	if (l->dry)
		return;
	l->run = run;
	l->synced = clock_ms();
	rec_write_run(&l->b, &r);
	put(l, RK_RUN);
}

void ledger_param(struct ledger *l, const struct rec_param *p)
{
	rec_write_param(&l->b, p);
	put(l, RK_PARAM);
}

void ledger_task(struct ledger *l, const struct rec_task *t)
{
	rec_write_task(&l->b, t);
	put(l, RK_TASK);
}

static struct rec_who who(struct ledger *l, uint32_t task, int64_t inst)
{
	return (struct rec_who){ plan_task_name(l->p, task), plan_key(l->p, task, inst) };
}

static void pending_drop(struct ledger *l, struct pending *q)
{
	free(q->tags);
	underway_drop(&l->pending, q);
}

static struct pending *begin(struct ledger *l, uint32_t task, uint32_t inst, const struct action *act)
{
	struct pending *q = underway_add(&l->pending, task, inst);
	const char *missing;

	buf_reset(&l->tags);
	free(q->tags);
	*q = (struct pending){ .key = q->key };
	q->action = act->digest;
	memcpy(q->part, act->part, sizeof(q->part));
	q->read = action_inputs(l->p->actor, act, &q->inputs, &l->tags, &missing);
	if (q->read && l->tags.len) {
		q->nin = act->nin;
		q->tags = xmalloc(l->tags.len);
		memcpy(q->tags, l->tags.p, l->tags.len);
	}
	return q;
}

void ledger_begin(struct ledger *l, struct attempt_id id, const struct action *act)
{
	const struct jval *place = task_set(&l->p->job->task[id.task], SET_IN_PLACE);
	struct rec_begin r = { .who = who(l, id.task, id.instance), .run = l->run, .attempt = (uint32_t)id.attempt,
		.instance = id.instance, .time_ms = unix_ms(), .in_place = place && place->i };

	if (l->dry)
		return;
	rec_write_begin(&l->b, &r);
	put(l, RK_BEGIN);
	if (!act->error)
		begin(l, id.task, (uint32_t)id.instance, act);
}

void ledger_submitted(struct ledger *l, struct attempt_id id, const char *engine_id)
{
	struct rec_submitted r = { who(l, id.task, id.instance), (uint32_t)id.attempt, engine_id };

	rec_write_submitted(&l->b, &r);
	put(l, RK_SUBMITTED);
}

static void drop(struct ledger *l, struct attempt_id id)
{
	struct pending *q = underway_find(&l->pending, id.task, (uint32_t)id.instance);

	if (q)
		pending_drop(l, q);
}

void ledger_end(struct ledger *l, const struct event *ev, bool final)
{
	struct rec_end r = { .who = who(l, ev->id.task, ev->id.instance), .run = l->run, .attempt = (uint32_t)ev->id.attempt,
		.instance = ev->id.instance, .time_ms = unix_ms(), .wall_ms = ev->wall_ms, .cpu_ms = ev->cpu_ms,
		.max_rss = ev->max_rss, .cause = (uint8_t)ev->cause, .status = ev->status, .final = final,
		.text = ev->text ? ev->text : "" };

	if (l->dry)
		return;
	rec_write_end(&l->b, &r);
	put(l, RK_END);
	drop(l, ev->id);
}

/* ---- success ---- */

/* Old values are shown later: those of a task's first instances are kept. */
static void keep_texts(struct ledger *l, uint32_t task, struct action *act)
{
	for (int i = 0; i < REC_PARTS && l->texts[task] < TEXTS_A_TASK; i++) {
		struct rec_text r = { act->part[i], act->text[i].p, act->text[i].len }, old;

		if (!r.n || r.n > TEXT_KEEP || history_text(l->p->h, r.hash, &old))
			continue;
		rec_write_text(&l->b, &r);
		history_note(l->p->h, journal_append(l->p->journal, RK_TEXT, l->b.p, l->b.len));
		buf_reset(&l->b);
		l->texts[task]++;
	}
}

/* One output as it lies there now; false: it is gone already, or cannot be read. */
static bool add_out(struct ledger *l, struct rec_done *r, const char *file, uint32_t port, bool temp)
{
	const struct fstate *s = disk_made(l->p->disk, file, !r->adopted);
	struct rec_out o = { .path = file, .port = port, .temp = temp };

	if (!s)
		return false;
	o.kind = s->kind == FK_DIR ? OUT_DIR : OUT_FILE;
	o.stamp = s->stamp;
	o.digest = s->digest;
	rec_out_write(&l->outs, &o);
	r->nout++;
	return true;
}

/* Which input is not what it was when the attempt began? */
static const char *changed_input(struct ledger *l, const struct action *act, const struct pending *q)
{
	for (uint32_t i = 0; i < act->nin && i < q->nin; i++) {
		uint32_t tag;
		const struct fstate *s;

		memcpy(&tag, q->tags + 4 * (size_t)i, 4);
		disk_check(l->p->disk, act->in[i]);
		s = disk_digest(l->p->disk, act->in[i], NULL, true);
		if (s && (uint32_t)s->digest.lo != tag)
			return act->in[i];
	}
	return NULL;
}

static void put_done(struct ledger *l, struct rec_done *r, const struct pending *q)
{
	r->run = l->run;
	r->time_ms = unix_ms();
	r->action = q->action;
	memcpy(r->part, q->part, sizeof(r->part));
	r->inputs = q->inputs;
	r->nin = q->nin;
	r->tag = q->tags;
	r->outs = (const unsigned char *)buf_str(&l->outs);
	r->outs_len = l->outs.len;
	rec_write_done(&l->b, r);
	put(l, RK_DONE);
}

const char *ledger_done(struct ledger *l, const struct event *ev, struct arena *a)
{
	struct pending *q = underway_find(&l->pending, ev->id.task, (uint32_t)ev->id.instance);
	struct rec_done r = { .who = who(l, ev->id.task, ev->id.instance), .attempt = (uint32_t)ev->id.attempt,
		.instance = ev->id.instance, .wall_ms = ev->wall_ms, .cpu_ms = ev->cpu_ms, .max_rss = ev->max_rss };
	const struct made_files *made = ev->made;
	const char *changed = NULL;
	bool all = true;
	struct action act;

	if (l->dry)
		return NULL;
	if (action_make(l->p->actor, ev->id.task, ev->id.instance, l->texts[ev->id.task] < TEXTS_A_TASK, a, &act)) {
		q = q ? q : begin(l, ev->id.task, (uint32_t)ev->id.instance, &act); /* begun by an earlier driver */
		changed = changed_input(l, &act, q);
		keep_texts(l, ev->id.task, &act);
	}
	action_free(&act);
	buf_reset(&l->outs);
	for (uint32_t i = 0; made && i < made->n; i++)
		all = add_out(l, &r, disk_name(l->p->disk, a, made->v[i].path), made->v[i].port, made->v[i].temp) && all;
	r.who = who(l, ev->id.task, ev->id.instance);
	if (q) {
		if (all && q->read) { /* else it counts as never done: without an output it would be believed, without inputs out of date */
			put_done(l, &r, q);
			plan_set(l->p, ev->id.task, (uint32_t)ev->id.instance, V_CURRENT); /* what it made is known from now on */
		}
		pending_drop(l, q);
	}
	return changed;
}

bool ledger_adopt(struct ledger *l, uint32_t task, uint32_t inst, const char **missing, struct arena *a)
{
	struct rec_done r = { .attempt = 1, .instance = inst, .wall_ms = -1, .cpu_ms = -1, .max_rss = -1, .adopted = true };
	struct action act;
	struct pending *q;
	struct digest d;
	bool ok;

	*missing = "what it makes is known only when it has run";
	buf_reset(&l->outs);
	ok = action_make(l->p->actor, task, inst, true, a, &act) && action_inputs(l->p->actor, &act, &d, NULL, missing);
	for (uint32_t i = 0; ok && i < act.nout; i++) {
		ok = !act.out[i].glob && disk_look(l->p->disk, act.out[i].name, false)->kind != FK_NONE;
		*missing = act.out[i].name;
		if (ok)
			ok = add_out(l, &r, act.out[i].name, act.out[i].port, act.out[i].temp);
	}
	if (ok) {
		q = begin(l, task, inst, &act);
		keep_texts(l, task, &act);
		r.who = who(l, task, inst);
		put_done(l, &r, q);
		pending_drop(l, q);
	}
	action_free(&act);
	return ok;
}

/* ---- to the file ---- */

bool ledger_flush(struct ledger *l)
{
	if (l->dry)
		return true;
	if (!journal_flush(l->p->journal))
		return false;
	if (!l->dirty || clock_ms() - l->synced < SYNC_MS)
		return true;
	l->dirty = false;
	l->synced = clock_ms();
	return journal_sync(l->p->journal);
}

bool ledger_run_end(struct ledger *l, const struct run_result *res, int exit_code)
{
	struct rec_run_end r = { .run = l->run, .ok = res->ok, .failed = res->failed, .skipped = res->skipped,
		.cancelled = res->cancelled, .retried = res->retried, .current = res->current, .cut = res->cut,
		.time_ms = unix_ms(), .wall_ms = res->wall_ms, .exit = exit_code };

	if (l->dry)
		return true;
	if (l->run) {
		rec_write_run_end(&l->b, &r);
		put(l, RK_RUN_END);
	}
	return journal_flush(l->p->journal) && journal_sync(l->p->journal);
}
