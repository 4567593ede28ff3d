/* plan.c - see plan.h. */
#include "runtime/plan.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/container.h"
#include "runtime/content.h"
#include "runtime/engine.h"
#include "runtime/plan_impl.h"
#include "runtime/temp.h"

enum { COMPACT_BYTES = 1 << 20 };

/* ---- making one ---- */

static bool any_done(void *ctx, const struct rec_done *r)
{
	(void)r;
	*(bool *)ctx = false;
	return false;
}

/* Of a forecast nobody is told what is missing. */
static bool find_images(struct plan *p)
{
	const struct engine_ops *e = engine_named(p->opt->engine ? p->opt->engine : "local");
	bool quiet = e && e->forecast, ok;

	p->images = containers_find(p->arena, p->job, p->opt, p->stores, quiet ? NULL : p->d, &ok);
	actor_images(p->actor, p->images);
	return ok || quiet;
}

struct plan *plan_new(const struct job *j, const struct run_options *o, struct journal *journal, struct diags *d)
{
	const char *given = *j->dir ? j->dir : ".";
	char *ws = realpath(given, NULL);
	struct plan *p;

	if (!ws) {
		diag_error(d, E1004, NOSPAN, "cannot use workspace `%s`: %s", given, strerror(errno));
		return NULL;
	}
	p = xcalloc(1, sizeof(*p));
	p->arena = arena_new();
	p->given = j;
	p->job = expandable(p->arena, j);
	p->opt = o;
	p->d = d;
	p->ws = arena_strdup(p->arena, ws);
	free(ws);
	p->stores = stores_new(p->arena, o, p->ws);
	p->journal = journal;
	p->h = history_read(journal);
	p->task = xcalloc((size_t)j->ntask + 1, sizeof(*p->task));
	p->disk = disk_new(p->ws, p->stores, p->h, journal_seed(journal));
	if (!p->disk) {
		diag_error(d, E1004, NOSPAN, "cannot use workspace `%s`: %s", given, strerror(errno));
		plan_free(p);
		return NULL;
	}
	p->actor = actor_new(p->job, p->disk, p->h, journal_seed(journal), plan_glob, p);
	buf_init(&p->key, 1 << 20);
	buf_init(&p->digests, (size_t)1 << 32);
	if (find_images(p) && stores_check(p->stores, j, d))
		return p;
	plan_free(p);
	return NULL;
}

static void forget_verdicts(struct plan_task *t)
{
	if (t->v != &t->one)
		free(t->v);
	t->v = NULL;
}

void plan_free(struct plan *p)
{
	if (!p)
		return;
	for (uint32_t t = 0; t < p->job->ntask; t++) {
		forget_verdicts(&p->task[t]);
		free(p->task[t].temp);
	}
	recall_free(p->recall);
	actor_free(p->actor);
	disk_free(p->disk);
	history_free(p->h);
	remade_clear(&p->remade);
	free(p->writer);
	free(p->target);
	free(p->task);
	buf_free(&p->key);
	buf_free(&p->digests);
	arena_free(p->arena);
	free(p);
}

bool plan_targets(struct plan *p)
{
	const struct run_options *o = p->opt;
	bool ok = true;

	p->target = xcalloc((size_t)o->ntargets + 1, sizeof(*p->target));
	for (uint32_t i = 0; i < o->ntargets; i++)
		ok = target_read(p->job, p->actor, o->targets[i], p->d, &p->target[p->ntarget++]) && ok;
	for (uint32_t i = 0; i < o->nforce; i++) {
		struct target t;

		if (target_read(p->job, NULL, o->force[i], p->d, &t))
			p->task[t.task].forced = true;
		else
			ok = false;
	}
	return ok;
}

const char *plan_task_name(const struct plan *p, uint32_t task)
{
	return name_str(p->job->names, p->job->task[task].name);
}

const char *plan_key(struct plan *p, uint32_t task, int64_t inst)
{
	const struct jtask *t = &p->job->task[task];

	buf_reset(&p->key);
	if ((t->ndim || t->counted) && !instance_key(p->job, task, inst, &p->key))
		buf_addf(&p->key, "%lld", (long long)inst);
	return buf_str(&p->key);
}

const char *plan_label(struct plan *p, uint32_t task, int64_t inst, struct arena *a)
{
	const struct jtask *t = &p->job->task[task];

	if (inst < 0 || (t->count == 1 && !t->ndim))
		return plan_task_name(p, task);
	return arena_printf(a, "%s[%s]", plan_task_name(p, task), plan_key(p, task, inst));
}

void plan_compact(struct plan *p)
{
	uint64_t dead = history_dead(p->h);

	if (dead > COMPACT_BYTES && dead > journal_size(p->journal) / 2)
		history_compact(p->h); /* when it cannot be done now, it can next time */
}

enum verdict plan_verdict(const struct plan *p, uint32_t task, uint32_t inst)
{
	const struct plan_task *t = &p->task[task];

	return inst < t->count ? (enum verdict)t->v[inst] : V_UNSEEN;
}

bool plan_task_any(const struct plan_task *t)
{
	for (uint32_t i = 0; i < t->count; i++)
		if (t->v[i] != V_UNSEEN)
			return true;
	return t->unknown;
}

void plan_tally(const struct plan *p, uint32_t task, uint32_t n[V_UNSEEN])
{
	const struct plan_task *t = &p->task[task];

	memset(n, 0, V_UNSEEN * sizeof(*n));
	for (uint32_t i = 0; i < t->count; i++)
		if (t->v[i] < V_UNSEEN)
			n[t->v[i]]++;
}

bool plan_glob(void *plan, uint32_t task, int64_t inst, uint32_t port, struct jvalue *out)
{
	struct plan *p = plan;
	struct rec_done done;
	struct rec_out o;
	uint32_t n = 0;

	if (plan_verdict(p, task, (uint32_t)inst) != V_CURRENT ||
	    !history_done(p->h, plan_task_name(p, task), plan_key(p, task, inst), &done))
		return false;
	*out = (struct jvalue){ .type = JT_LIST };
	out->list.v = arena_alloc(p->arena, (done.nout + 1) * sizeof(*out->list.v));
	for (const unsigned char *at = done.outs; rec_out_next(&done, &at, &o);)
		if (o.port == port)
			out->list.v[n++] = (struct jvalue){ .type = o.kind == OUT_DIR ? JT_DIR : JT_FILE,
				.s = { o.path, strlen(o.path) } };
	out->list.n = n;
	return true;
}

/* ---- deciding one instance ---- */

static struct decision found(enum verdict v, const char *file)
{
	return (struct decision){ .v = v, .file = file };
}

/* Which part of the action differs?  Names of files before the command that holds them. */
static struct decision differs(const struct rec_done *r, const struct action *act)
{
	if (r->part[AP_PORTS] != act->part[AP_PORTS])
		return (struct decision){ .v = V_ACTION, .part = AP_PORTS };
	for (uint32_t i = 0; i < REC_PARTS; i++)
		if (r->part[i] != act->part[i])
			return (struct decision){ .v = V_ACTION, .part = i };
	return found(V_POLICY, NULL);
}

/* Are the outputs what they were? */
static struct decision check_outputs(struct plan *p, uint32_t task, const struct rec_done *r)
{
	bool keep = p->job->task[task].nout > 0;
	struct rec_out o;
	uint32_t n = 0;

	for (const unsigned char *at = r->outs; rec_out_next(r, &at, &o); n++) {
		struct fstate hint = { .known = true, .stamp = o.stamp, .digest = o.digest };
		const struct fstate *s = disk_digest(p->disk, o.path, &hint, keep);

		if (!s && !temp_out(p->job, task, &o))
			return found(disk_look(p->disk, o.path, keep)->kind == FK_NONE ? V_NO_OUTPUT : V_OUTPUT, o.path);
		if (s && !digest_equal(s->digest, o.digest))
			return found(V_OUTPUT, o.path);
	}
	return found(n == r->nout ? V_CURRENT : V_OUTPUT, NULL);
}

/* Does a task that will run again publish where this one reads? */
static const char *remade_content(struct plan *p, uint32_t task)
{
	for (uint32_t i = 0; i < p->nwriter; i++)
		if (actor_reads(p->actor, task, p->writer[i]))
			return plan_task_name(p, p->writer[i]);
	return NULL;
}

static uint32_t tag_of(struct digest d)
{
	return (uint32_t)d.lo;
}

/* Are the inputs what they were?  A sure change counts more than one that may come. */
static struct decision check_inputs(struct plan *p, uint32_t task, const struct rec_done *r, const struct action *act)
{
	struct decision maybe = found(V_CURRENT, NULL);
	struct digest d;
	const char *missing = NULL;

	for (uint32_t i = 0; i < act->nin; i++) {
		const struct fstate *s;

		if (remade_has(&p->remade, act->in[i])) {
			maybe = maybe.v == V_CURRENT ? found(V_MAYBE, act->in[i]) : maybe;
			continue;
		}
		s = disk_digest(p->disk, act->in[i], NULL, true);
		if (!s && !gone_digest(p->job, p->h, act->in[i], &d, NULL, NULL))
			return found(V_NO_INPUT, act->in[i]);
		d = s ? s->digest : d;
		if (i >= r->nin || tag_of(d) != rec_tag(r, i))
			return (struct decision){ V_INPUT, 0, act->in[i], i < r->nin ? rec_tag(r, i) : 0, tag_of(d) };
	}
	if (maybe.v == V_CURRENT && p->nwriter && (missing = remade_content(p, task)))
		maybe = found(V_MAYBE, missing);
	if (maybe.v != V_CURRENT)
		return maybe;
	if (!action_inputs(p->actor, act, &d, NULL, &missing))
		return found(V_NO_INPUT, missing);
	return digest_equal(d, r->inputs) ? maybe : found(V_INPUT, act->nin ? act->in[0] : NULL);
}

/* By what is remembered of the instance: are its outputs still those of the record? */
static bool recalled_outputs(struct plan *p, const struct recalled *c, const struct rec_done *r)
{
	struct rec_out o;
	uint32_t k = 0;

	for (const unsigned char *at = r->outs; rec_out_next(r, &at, &o); k++) {
		struct fstate hint = { .known = true, .stamp = o.stamp, .digest = o.digest };
		const struct fstate *s = k < c->nout && strcmp(recall_name(p->recall, c->out[k]), o.path) == 0 ?
			recall_state(p->recall, c->out[k], p->disk, &hint) : NULL;

		if (!s || !digest_equal(s->digest, o.digest))
			return false;
	}
	return k == c->nout && k == r->nout;
}

/* V_CURRENT, V_INPUT or V_MAYBE as check_inputs would find; V_UNSEEN: to be worked out. */
static enum verdict recalled_inputs(struct plan *p, const struct recalled *c, const struct rec_done *r)
{
	bool maybe = false;

	buf_reset(&p->digests);
	for (uint32_t i = 0; i < c->nin; i++) {
		const char *file = recall_name(p->recall, c->in[i]);
		const struct fstate *s;

		if (p->remade.n && remade_has(&p->remade, file)) {
			maybe = true;
			continue;
		}
		s = recall_state(p->recall, c->in[i], p->disk, NULL);
		if (!s || !buf_add(&p->digests, &s->digest, sizeof(s->digest)))
			return V_UNSEEN;
		if (tag_of(s->digest) != rec_tag(r, i))
			return V_INPUT;
	}
	if (maybe)
		return V_MAYBE;
	return digest_equal(digest_of(p->digests.p, p->digests.len, journal_seed(p->journal)), r->inputs) ? V_CURRENT : V_INPUT;
}

/* What is remembered of the instance says how it is, and that nothing but its inputs can have changed; else V_UNSEEN. */
static enum verdict recalled(struct plan *p, uint32_t task, uint32_t inst, const struct rec_done *r)
{
	struct recalled c;
	enum verdict v;

	if (!recall_get(p->recall, task, inst, &c) || !digest_equal(c.digest, r->action) || c.nin != r->nin ||
	    !recalled_outputs(p, &c, r))
		return V_UNSEEN;
	v = recalled_inputs(p, &c, r);
	p->recalled += v == V_CURRENT;
	return v;
}

static struct decision without_success(struct plan *p, const char *task, const char *key)
{
	struct rec_end end;

	return found(!p->fresh && history_failed(p->h, task, key, &end) ? V_FAILED : V_NEW, NULL);
}

static struct decision compare(struct plan *p, uint32_t task, const struct rec_done *r, const struct action *act)
{
	struct decision dec;

	if (!digest_equal(act->digest, r->action)) {
		dec = differs(r, act);
		/* what lies under mounts may be put back by those who will run again */
		return dec.part == AP_CONTENT && dec.v == V_ACTION && p->nwriter && (dec.file = remade_content(p, task)) ?
			found(V_MAYBE, dec.file) : dec;
	}
	dec = check_outputs(p, task, r);
	return dec.v == V_CURRENT ? check_inputs(p, task, r, act) : dec;
}

/* Of a success: was a temp output of it removed? */
static bool temp_gone(struct plan *p, uint32_t task, const struct rec_done *r)
{
	struct rec_out o;

	for (const unsigned char *at = r->outs; rec_out_next(r, &at, &o);)
		if (temp_out(p->job, task, &o) && disk_look(p->disk, o.path, true)->kind == FK_NONE)
			return true;
	return false;
}

struct decision plan_decide(struct plan *p, uint32_t task, uint32_t inst, struct arena *a, struct action *act)
{
	const char *nm = plan_task_name(p, task), *key = plan_key(p, task, inst);
	struct plan_task *t = &p->task[task];
	struct action own;
	struct rec_done r;
	enum verdict known;
	bool made, done;

	done = !p->fresh && history_done(p->h, nm, key, &r);
	if (!done && !act)
		return without_success(p, nm, key);
	if (p->recall && !act && !t->forced && !t->temp && (known = recalled(p, task, inst, &r)) != V_UNSEEN)
		return found(known, NULL);
	made = action_make(p->actor, task, inst, false, a, act ? act : &own);
	if (made && p->maker && !act)
		recall_add(p->maker, task, inst, &own);
	if (t->forced)
		return found(V_FORCED, NULL);
	if (t->temp && inst < t->count && t->temp[inst])
		return found(V_TEMP, NULL);
	if (!done)
		return without_success(p, nm, key);
	if (!made)
		return found(V_LATER, NULL);
	struct decision dec = compare(p, task, &r, act ? act : &own);
	if (dec.v == V_CURRENT && t->unknown && t->read && temp_gone(p, task, &r)) /* whether who reads it runs cannot be foreseen */
		return found(V_TEMP, NULL);
	return dec;
}

/* ---- deciding all ---- */

void plan_room(struct plan_task *t, uint32_t count, enum verdict v)
{
	forget_verdicts(t);
	t->count = count;
	t->v = count == 1 ? &t->one : xmalloc((size_t)count + 1);
	memset(t->v, (int)v, count);
}

static void remember(struct plan *p, uint32_t task, uint32_t inst, enum verdict v)
{
	struct plan_task *t = &p->task[task];
	uint32_t count = (uint32_t)p->job->task[task].count;

	if (t->count != count)
		plan_room(t, count, V_UNSEEN);
	t->v[inst] = (uint8_t)v;
	p->counts.current += v == V_CURRENT;
	p->counts.runs += V_RUNS(v);
	p->counts.maybe += v == V_MAYBE || v == V_LATER;
}

static bool publishes(const struct jtask *t)
{
	for (uint32_t i = 0; i < t->nmap; i++)
		if (t->map[i].kind == MAP_OUTPUT || (t->map[i].kind == MAP_MOUNT && t->map[i].write))
			return true;
	return false;
}

/* It will run: its files will be made again. */
static void note_outputs(struct plan *p, uint32_t task, uint32_t inst, enum verdict v, struct arena *a)
{
	struct recalled c;
	struct action act;
	struct rec_done r;
	struct rec_out o;

	if (publishes(&p->job->task[task]) && (!p->nwriter || p->writer[p->nwriter - 1] != task)) {
		p->writer = grow(p->writer, &p->writercap, p->nwriter + 1, sizeof(*p->writer));
		p->writer[p->nwriter++] = task;
	}
	if ((v == V_MAYBE || v == V_INPUT) && p->recall && recall_get(p->recall, task, inst, &c)) {
		for (uint32_t i = 0; i < c.nout; i++) /* its action is that of its record, and so are these */
			remade_add(&p->remade, recall_name(p->recall, c.out[i]));
		return;
	}
	if (action_outputs(p->actor, task, inst, a, &act))
		for (uint32_t i = 0; i < act.nout; i++)
			remade_add(&p->remade, act.out[i].name);
	if (history_done(p->h, plan_task_name(p, task), plan_key(p, task, inst), &r))
		for (const unsigned char *at = r.outs; rec_out_next(&r, &at, &o);)
			remade_add(&p->remade, o.path); /* also what a glob found */
}

static int64_t count_now(void *ctx, uint32_t task)
{
	struct plan *p = ctx;
	const char *why;

	return expand_task(p->job, task, plan_glob, p, p->arena, &why);
}

static void find_unknown(struct plan *p, const struct sched *s)
{
	const struct job *j = p->job;

	for (uint32_t t = 0; t < p->job->ntask; t++) {
		const struct stask *st = sched_task(s, t);

		p->task[t].unknown = st->dead;
		p->task[t].read = false;
		p->counts.unknown += st->dead;
	}
	for (uint32_t e = 0; e < j->nedge; e++)
		if (j->edge[e].data && sched_task(s, j->edge[e].to)->phase != TP_OFF)
			p->task[j->edge[e].from].read = true;
}

static void forget_pass(struct plan *p)
{
	for (uint32_t t = 0; t < p->job->ntask; t++)
		if (p->task[t].v)
			memset(p->task[t].v, V_UNSEEN, p->task[t].count);
	expand_none(p->job, p->given); /* who was current then, and known by what it made, may not be any more */
	p->counts = (struct plan_counts){ 0 };
	p->recalled = 0;
	p->nwriter = 0;
	remade_clear(&p->remade);
}

/* Everything in the order it would run in. */
static void pass(struct plan *p)
{
	struct arena *a = arena_new();
	struct sched *s;
	uint32_t task, inst;

	forget_pass(p);
	s = sched_new(p->job, count_now, p);
	targets_want(s, p->target, p->ntarget);
	sched_start(s);
	while (sched_pop(s, &task, &inst)) {
		struct decision dec = plan_decide(p, task, inst, a, NULL);

		remember(p, task, inst, dec.v);
		if (dec.v != V_CURRENT && !p->fresh)
			note_outputs(p, task, inst, dec.v, a);
		task_move(s, task, inst, I_KEPT);
		arena_reset(a, (struct arena_mark){ 0 });
	}
	find_unknown(p, s);
	arena_free(a);
	sched_free(s);
}

/* ---- temp outputs that are gone and needed ---- */

struct who {
	uint32_t task, inst;
};
struct needs {
	struct who *v;
	uint32_t n, cap;
	bool *before; /* [task] need_before was asked */
	bool any;
};

static bool has_temp(const struct jtask *t)
{
	for (uint32_t i = 0; i < t->nout; i++)
		if (t->out[i].temp)
			return true;
	return false;
}

static bool has_temps(const struct job *j)
{
	for (uint32_t t = 0; t < j->ntask; t++)
		if (has_temp(&j->task[t]))
			return true;
	return false;
}

/* May it turn out current, so that what it made stays gone? */
static bool may_rest(enum verdict v)
{
	return v == V_CURRENT || v == V_MAYBE || v == V_LATER;
}

static void need_instance(struct plan *p, struct needs *w, uint32_t task, uint32_t inst)
{
	struct plan_task *t = &p->task[task];

	if (inst >= t->count || !may_rest((enum verdict)t->v[inst]))
		return;
	if (!t->temp)
		t->temp = xcalloc(t->count, 1);
	if (t->temp[inst])
		return;
	t->temp[inst] = 1;
	w->any = true;
	w->v = grow(w->v, &w->cap, w->n + 1, sizeof(*w->v));
	w->v[w->n++] = (struct who){ task, inst };
}

/* An instance that may be read. */
static void need_gone(struct plan *p, struct needs *w, uint32_t task, uint32_t inst)
{
	struct rec_done r;

	if (history_done(p->h, plan_task_name(p, task), plan_key(p, task, inst), &r) && temp_gone(p, task, &r))
		need_instance(p, w, task, inst);
}

/* What an instance reads is not known (who.inst: UINT32_MAX when it is not known which instances there will be): it may read
 * whatever comes before it. */
static void need_before(struct plan *p, struct needs *w, struct who who)
{
	const struct job *j = p->job;
	bool again = w->before[who.task];

	w->before[who.task] = true;
	for (uint32_t e = job_edges_into(j, who.task); e < j->nedge && j->edge[e].to == who.task; e++) {
		uint32_t from = j->edge[e].from;

		if (!j->edge[e].data || !has_temp(&j->task[from]))
			continue;
		if (j->edge[e].kind == EDGE_SAME && who.inst != UINT32_MAX)
			need_gone(p, w, from, who.inst);
		else
			for (uint32_t i = 0; !again && i < p->task[from].count; i++)
				need_gone(p, w, from, i);
	}
}

/* An instance will run: whoever made its missing inputs runs before it. */
static void need_inputs(struct plan *p, struct needs *w, struct who i)
{
	struct arena *a = arena_new();
	struct action act;

	if (action_make(p->actor, i.task, i.inst, false, a, &act))
		for (uint32_t k = 0; k < act.nin; k++) {
			struct digest d;
			uint32_t task;
			int64_t inst;

			if (disk_look(p->disk, act.in[k], true)->kind == FK_NONE && gone_digest(p->job, p->h, act.in[k], &d, &task, &inst) &&
			    inst >= 0 && inst < UINT32_MAX)
				need_instance(p, w, task, (uint32_t)inst);
		}
	else
		need_before(p, w, i);
	arena_free(a);
}

static bool find_needs(struct plan *p)
{
	struct needs w = { .before = xcalloc((size_t)p->job->ntask + 1, sizeof(*w.before)) };

	for (uint32_t t = 0; t < p->job->ntask; t++) {
		if (p->task[t].unknown)
			need_before(p, &w, (struct who){ t, UINT32_MAX });
		for (uint32_t i = 0; i < p->task[t].count; i++)
			if (V_RUNS(p->task[t].v[i]))
				need_inputs(p, &w, (struct who){ t, i });
	}
	while (w.n)
		need_inputs(p, &w, w.v[--w.n]);
	free(w.v);
	free(w.before);
	return w.any;
}

/* What did not succeed last time becomes what is asked for. */
static void want_failed(struct plan *p)
{
	struct target *t = NULL;
	uint32_t n = 0, cap = 0;

	for (uint32_t k = 0; k < p->job->ntask; k++)
		for (uint32_t i = 0; i < p->task[k].count; i++)
			if (p->task[k].v[i] == V_FAILED) {
				t = grow(t, &cap, n + 1, sizeof(*t));
				t[n++] = (struct target){ k, i, i };
			}
	free(p->target);
	p->target = t;
	p->ntarget = n;
	p->nothing = n == 0;
}

/* The first look at everything: with what is remembered, or to be remembered. */
static void first_pass(struct plan *p)
{
	if (!p->recall && p->job->image_digest && !p->fresh && !p->ntarget)
		p->maker = recall_begin(p->job);
	pass(p);
	plan_recall_end(p);
}

void plan_decide_all(struct plan *p)
{
	bool temps;

	if (plan_settled(p))
		return;
	p->fresh = true;
	history_each(p->h, any_done, &p->fresh);
	temps = !p->fresh && has_temps(p->job);
	first_pass(p);
	if (p->opt->only_failed) {
		want_failed(p);
		forget_pass(p);
		if (p->nothing)
			return;
		pass(p);
	}
	while (temps && p->counts.runs && find_needs(p))
		pass(p);
}

void plan_begin_run(struct plan *p)
{
	remade_clear(&p->remade);
	p->nwriter = 0;
}

void plan_set(struct plan *p, uint32_t task, uint32_t inst, enum verdict v)
{
	remember(p, task, inst, v);
}

/* Does an instance of another task, and not the whole of it, come before an instance of this one? */
static bool pairwise(const struct job *j, uint32_t task)
{
	for (uint32_t e = job_edges_into(j, task); e < j->nedge && j->edge[e].to == task; e++)
		if (j->edge[e].kind == EDGE_SAME)
			return true;
	return false;
}

void plan_look_again(struct plan *p, uint32_t task)
{
	struct plan_task *t = &p->task[task];

	if (!p->job->task[task].nmap || (t->begun && !pairwise(p->job, task)))
		return;
	t->begun = true;
	actor_renew(p->actor, task);
}

/* ---- the whole as a number ---- */

static void add_instance(struct plan *p, struct digester *d, uint32_t t, uint32_t i, struct arena *a)
{
	struct action act;

	digest_int(d, i);
	digest_int(d, p->task[t].v[i]);
	if (!action_make(p->actor, t, i, false, a, &act))
		return;
	digest_add(d, &act.digest, sizeof(act.digest));
	for (uint32_t k = 0; k < act.nin; k++)
		digest_int(d, disk_stamp_now(p->disk, act.in[k]));
	for (uint32_t k = 0; k < act.nout; k++)
		digest_int(d, disk_stamp_now(p->disk, act.out[k].name));
}

struct digest plan_digest(struct plan *p, uint64_t *each)
{
	struct arena *a = arena_new();
	struct digester all, one;

	digest_begin(&all, ACTION_POLICY);
	for (uint32_t t = 0; t < p->job->ntask; t++) {
		struct digest d;

		digest_begin(&one, 0);
		digest_strs(&one, plan_task_name(p, t));
		digest_int(&one, p->task[t].unknown);
		for (uint32_t i = 0; i < p->task[t].count; i++) {
			add_instance(p, &one, t, i, a);
			arena_reset(a, (struct arena_mark){ 0 });
		}
		d = digest_end(&one);
		if (each)
			each[t] = d.lo;
		digest_add(&all, &d, sizeof(d));
	}
	arena_free(a);
	return digest_end(&all);
}

/* Name the tasks whose part is another than that kept. */
static void say_moved(struct plan *p, const uint64_t *each)
{
	uint32_t said = 0;

	for (uint32_t t = 0; t < p->job->ntask && said < 5; t++)
		if (t >= p->opt->nexpect || each[t] != p->opt->expect_task[t]) {
			diag_note(p->d, "`%s` is not as it was planned", plan_task_name(p, t));
			said++;
		}
}

bool plan_expected(struct plan *p)
{
	uint64_t *each;
	struct digest d;

	if (!p->opt->expect)
		return true;
	each = xcalloc((size_t)p->job->ntask + 1, sizeof(*each));
	d = plan_digest(p, each);
	if (!digest_equal(d, *p->opt->expect)) {
		diag_error(p->d, E1012, NOSPAN, "the plan is stale: the workflow or its files have changed since it was made");
		say_moved(p, each);
		diag_help(p->d, "look at what would run now, and keep that: weft plan -o FILE");
	}
	free(each);
	return digest_equal(d, *p->opt->expect);
}
