/* check_request.c - cpu, memory and time that a task asks for, against what there is: its machine type, the types of the
 * account, the partitions and limits of its engine.  Requests are computed for the first attempt and the last one, for a
 * bounded number of instances. */
#include "compiler/check.h"
#include "compiler/check_util.h"
#include "job/machine.h"

#include <stdlib.h>
#include <string.h>

enum kind { CPU, MEM, TIME, KINDS };
enum { ASK_INSTANCES = 2000, ASK_BUDGET = 200000 };

struct ask { /* the smallest and the largest request of a task */
	const struct jval *v; /* NULL: none */
	double least, most;
};
struct asks {
	struct session *s;
	struct arena *arena;
	uint32_t task, budget;
	struct ask a[KINDS];
	struct seen seen;
};
struct offer { /* 0: not limited */
	double most[KINDS];
	const char *what, *name[KINDS]; /* what is marked for translation; no name: the largest machine type known */
	struct span span[KINDS];        /* where it is said */
};

/* ---- what is asked ---- */

static double number_of(const struct jvalue *v)
{
	return v->type == JT_FLOAT ? v->d : (double)v->i;
}

/* The values of a request in an attempt; false when none is known. */
static bool ask_eval(struct asks *q, jxid x, int attempt, struct ask *a)
{
	const struct jtask *t = &q->s->job->task[q->task];
	int64_t n = jx_constant(q->s->job, x) || t->count < 1 ? 1 : t->count, i;
	struct arena_mark m = arena_mark(q->arena);
	bool known = false;

	for (i = 0; i < n && i < ASK_INSTANCES && q->budget; i++, q->budget--) {
		struct jctx c = { .job = q->s->job, .arena = q->arena, .task = q->task, .instance = i, .attempt = attempt };
		struct jvalue v;

		if (!jx_eval(&c, x, &v))
			break;
		if (!known || number_of(&v) > a->most)
			a->most = number_of(&v);
		if (!known || number_of(&v) < a->least)
			a->least = number_of(&v);
		known = true;
		arena_reset(q->arena, m);
	}
	arena_reset(q->arena, m);
	return known;
}

static void ask_all(struct asks *q, int attempt)
{
	static const enum setting id[KINDS] = { SET_CPU, SET_MEM, SET_TIME };
	const struct jtask *t = &q->s->job->task[q->task];
	const struct jval *timeout = task_set(t, SET_TIMEOUT);
	int k;

	for (k = 0; k < KINDS; k++) {
		const struct jval *v = task_set(t, id[k]);

		q->a[k].v = v && ask_eval(q, v->x, attempt, &q->a[k]) ? v : NULL;
	}
	if (!q->a[TIME].v && timeout && timeout->span.lo < timeout->span.hi)
		q->a[TIME] = (struct ask){ timeout, 1, (double)timeout->i }; /* 0: none */
}

static bool over(const struct asks *q, const struct offer *o, int k)
{
	return q->a[k].v && o->most[k] > 0 && q->a[k].most > o->most[k];
}

static bool fits(const struct asks *q, const struct offer *o)
{
	return !over(q, o, CPU) && !over(q, o, MEM) && !over(q, o, TIME);
}

/* "16 cpus", "64GB", "6h" */
static const char *amount(struct asks *q, int k, double v)
{
	struct buf b;
	const char *text;

	if (k == CPU)
		return arena_printf(q->s->diags->arena, _("%g cpus"), v);
	buf_init(&b, 64);
	unit_print((int64_t)v, k == MEM, &b);
	text = arena_strdup(q->s->diags->arena, buf_str(&b));
	buf_free(&b);
	return text;
}

/* ---- what there is ---- */

static void offer_value(struct offer *o, int k, const struct site_block *b, enum site_key key, bool num)
{
	const struct site_value *v = site_value(b, key);

	if (!v)
		return;
	o->most[k] = num ? v->d : (double)v->i;
	o->span[k] = v->span;
}

static struct offer offer_of(const char *what, const char *nm)
{
	return (struct offer){ .what = what, .name = { nm, nm, nm } };
}

static struct offer partition_offer(const struct site_block *b)
{
	struct offer o = offer_of(N_("partition"), b->name);

	offer_value(&o, CPU, b, SK_PARTITION_cpu, true);
	offer_value(&o, MEM, b, SK_PARTITION_mem, false);
	offer_value(&o, TIME, b, SK_PARTITION_time, false);
	return o;
}

static struct offer engine_offer(const struct session *s, enum engine_id e)
{
	const struct site_block *b = site_find(s->site, SITE_ENGINE, engine_name(e));
	struct offer o = offer_of(N_("engine"), engine_name(e));

	offer_value(&o, CPU, b, SK_ENGINE_cpu, true);
	offer_value(&o, MEM, b, SK_ENGINE_mem, false);
	offer_value(&o, TIME, b, SK_ENGINE_max_time, false);
	return o;
}

/* The machines of the task: those of its cluster in the site file, else its type. */
static bool machine_offer(const struct session *s, const struct jtask *t, struct offer *o)
{
	const char *id = set_text(s, t, SET_CLUSTER_ID), *type = set_text(s, t, SET_MACHINE);
	const struct site_block *b = id ? site_find(s->site, SITE_CLUSTER, id) : NULL;
	struct machine m;

	type = b ? site_str(b, SK_CLUSTER_machine, NULL) : type;
	*o = offer_of(b ? N_("cluster") : N_("machine type"), b ? id : type);
	if (type && machine_find(s->site, type, &m)) {
		o->most[CPU] = m.cpu;
		o->most[MEM] = (double)m.mem;
		o->span[CPU] = o->span[MEM] = b ? b->name_span : task_set(t, SET_MACHINE)->span;
	}
	offer_value(o, CPU, b, SK_CLUSTER_cpu, true);
	offer_value(o, MEM, b, SK_CLUSTER_mem, false);
	return type || b;
}

/* ---- saying it ---- */

static void over_says(struct asks *q, enum code code, const struct offer *o, int k, int attempt)
{
	struct diags *d = q->s->diags;
	const char *asked = amount(q, k, q->a[k].most), *has = amount(q, k, o->most[k]);
	const char *task = name_str(q->s->names, q->s->job->task[q->task].name);

	if (attempt > 1)
		asked = arena_printf(d->arena, _("%s in attempt %d"), asked, attempt);
	if (o->name[k])
		diag_error(d, code, q->a[k].v->span, "task `%s` asks for %s: %s `%s` has %s", task, asked, tr(o->what), o->name[k], has);
	else
		diag_error(d, code, q->a[k].v->span, "task `%s` asks for %s: no machine type known has more than %s", task, asked, has);
	if (o->span[k].hi)
		diag_at(d, o->span[k], "what there is");
	if (!o->name[k] && attempt == 1)
		diag_help(d, "if the account has larger ones, say so in the site file: machine \"TYPE\" { ... }");
	if (attempt > 1)
		diag_help(d, "retry fewer times, or let the request grow less");
}

/* Requests that are not above zero: no engine can serve them. */
static bool nothing_report(struct asks *q, int attempt)
{
	const char *task = name_str(q->s->names, q->s->job->task[q->task].name);
	bool any = false;
	int k;

	for (k = 0; k < KINDS; k++)
		if (q->a[k].v && !(q->a[k].least > 0)) {
			const char *asked = amount(q, k, q->a[k].least);

			any = true;
			if (!seen_add(&q->seen, 0, q->a[k].v->span))
				continue;
			if (attempt > 1)
				asked = arena_printf(q->s->diags->arena, _("%s in attempt %d"), asked, attempt);
			diag_error(q->s->diags, E0608, q->a[k].v->span, "task `%s` asks for %s", task, asked);
			diag_help(q->s->diags, "a request is more than nothing; leave it out where none is needed");
		}
	return any;
}

/* Every kind that is over the offer, the growing one in W1044. */
static bool over_report(struct asks *q, enum code code, const struct offer *o, int attempt)
{
	bool any = false;
	int k;

	for (k = 0; k < KINDS; k++)
		if (over(q, o, k)) {
			any = true;
			if (seen_add(&q->seen, 0, q->a[k].v->span))
				over_says(q, attempt > 1 ? W1044 : code, o, k, attempt);
		}
	return any;
}

/* ---- partitions ---- */

/* The partition that the task names in its `slurm` block, else that of the engine's block. */
static const char *partition_name(const struct session *s, const struct jtask *t, struct span *sp)
{
	const struct jval *v = task_set(t, SET_SLURM);
	const struct site_value *own = site_value(site_find(s->site, SITE_ENGINE, "slurm"), SK_ENGINE_partition);
	uint32_t i;

	for (i = 0; v && i < v->n; i++)
		if (!strcmp(name_str(s->names, v->list[2 * i]), "partition")) {
			*sp = v->span;
			return name_str(s->names, v->list[2 * i + 1]);
		}
	*sp = own ? own->span : NOSPAN;
	return own ? own->s : NULL;
}

static void no_partition(struct asks *q, const char *nm, struct span sp)
{
	struct suggest sg = { .to = nm };
	uint32_t n, i;
	const struct site_block *b = site_all(q->s->site, SITE_PARTITION, &n);

	if (!seen_add(&q->seen, 1, sp))
		return;
	diag_error(q->s->diags, E1045, sp, "no partition is named `%s`", nm);
	for (i = 0; i < n && i < 1000; i++)
		suggest_try(&sg, b[i].name);
	if (!diag_suggest(q->s->diags, &sg))
		diag_help(q->s->diags, "the site file names them: partition \"NAME\" { ... }");
}

/* Of all partitions: one that fits, else in *best the most of each kind. */
static bool any_partition(struct asks *q, struct offer *best)
{
	uint32_t n, i;
	const struct site_block *b = site_all(q->s->site, SITE_PARTITION, &n);
	int k;

	*best = offer_of(N_("partition"), NULL);
	for (i = 0; i < n; i++) {
		struct offer o = partition_offer(&b[i]);

		if (fits(q, &o))
			return true;
		for (k = 0; k < KINDS; k++)
			if (!best->name[k] || o.most[k] == 0 || (best->most[k] > 0 && o.most[k] > best->most[k])) {
				best->most[k] = o.most[k];
				best->span[k] = o.span[k];
				best->name[k] = o.name[k];
			}
	}
	return n == 0;
}

/* Each request alone has a partition, but no partition has them all. */
static bool not_at_once(struct asks *q, const struct offer *best, int attempt)
{
	int k = q->a[MEM].v ? MEM : q->a[CPU].v ? CPU : TIME, i;
	const char *sep = "", *all = "";

	for (i = 0; i < KINDS; i++)
		if (q->a[i].v) {
			all = arena_printf(q->s->diags->arena, "%s%s%s", all, sep, amount(q, i, q->a[i].most));
			sep = ", ";
		}
	if (attempt > 1)
		all = arena_printf(q->s->diags->arena, _("%s in attempt %d"), all, attempt);
	if (!seen_add(&q->seen, 0, q->a[k].v->span))
		return true;
	diag_error(q->s->diags, attempt > 1 ? W1044 : E1043, q->a[k].v->span, "task `%s` asks for %s: no partition has it all",
		name_str(q->s->names, q->s->job->task[q->task].name), all);
	for (i = 0; i < KINDS; i++)
		if (q->a[i].v && best->span[i].hi)
			diag_at(q->s->diags, best->span[i], "the most, in partition `%s`", best->name[i]);
	return true;
}

static bool partitions(struct asks *q, int attempt)
{
	struct span sp;
	const char *nm = partition_name(q->s, &q->s->job->task[q->task], &sp);
	const struct site_block *b = nm ? site_find(q->s->site, SITE_PARTITION, nm) : NULL;
	struct offer o;
	uint32_t n;

	site_all(q->s->site, SITE_PARTITION, &n);
	if (nm && n && !b) {
		no_partition(q, nm, sp);
		return true;
	}
	if (!b)
		return !any_partition(q, &o) && (over_report(q, E1043, &o, attempt) || not_at_once(q, &o, attempt));
	o = partition_offer(b);
	return over_report(q, E1043, &o, attempt);
}

/* ---- the check ---- */

/* false: nothing is over in this attempt. */
static bool attempt_check(struct asks *q, enum engine_id e, int attempt)
{
	const struct jtask *t = &q->s->job->task[q->task];
	struct offer o;
	bool any = false;

	ask_all(q, attempt);
	if (nothing_report(q, attempt))
		return true;
	if (e != ENGINES) {
		o = engine_offer(q->s, e);
		any = over_report(q, E1043, &o, attempt);
	}
	if (e == ENGINE_SLURM)
		return partitions(q, attempt) || any;
	if (machine_offer(q->s, t, &o))
		return over_report(q, W1042, &o, attempt) || any;
	o = offer_of(N_("machine type"), NULL);
	if (for_service(q->s)) {
		int64_t mem;

		machine_most(q->s->site, &o.most[CPU], &mem);
		o.most[MEM] = (double)mem;
	}
	return over_report(q, W1042, &o, attempt) || any;
}

void check_requests(struct session *s)
{
	struct asks q = { .s = s, .arena = arena_new(), .budget = ASK_BUDGET };
	enum engine_id e = engine_of(s);

	for (q.task = 0; q.task < s->job->ntask; q.task++) {
		const struct jtask *t = &s->job->task[q.task];

		if (t->bad || t->skipped || (!task_set(t, SET_CPU) && !task_set(t, SET_MEM) && !task_set(t, SET_TIME) && e == ENGINES))
			continue;
		if (!attempt_check(&q, e, 1) && t->max_retry)
			attempt_check(&q, e, t->max_retry < INT32_MAX - 1 ? (int)t->max_retry + 1 : INT32_MAX);
	}
	seen_free(&q.seen);
	arena_free(q.arena);
}
