/* check_selector.c - instances and elements of others that the instances of a task choose: are there such?
 *
 * Selectors that are one constant were checked where they stand (lower_edge.c). Of a scattered task the first instances are
 * asked and the last one: what goes one too far shows there. What a run only knows is left to it. */
#include "compiler/check.h"

#include <string.h>

enum { MOST = 4096, MOST_IN_ALL = 1 << 16 };

struct selected {
	struct session *s;
	struct arena *arena;
	uint32_t task;
	uint32_t asked;
};

/* Is the value of every instance known now? */
static bool settled(const struct job *j, jxid x)
{
	for (; x; x = j->x[x].next) {
		const struct jx *e = &j->x[x];

		switch (e->op) { /* depth is limited where expressions are made */
		case JX_LIST: case JX_CAT: case JX_CALL: case JX_UN: case JX_RAW:
			if (!settled(j, e->a))
				return false;
			break;
		case JX_COND: case JX_BIN: case JX_ELEM:
			if (!settled(j, e->a) || !settled(j, e->b) || (e->op == JX_COND && !settled(j, e->c)))
				return false;
			break;
		case JX_VAR: case JX_COL: case JX_INSTANCE: case JX_ALL:
			break;
		default:
			if (!jx_constant(j, x))
				return false;
		}
	}
	return true;
}

static bool wanted(const struct job *j, const struct jx *x)
{
	const struct jtask *from = &j->task[x->a];

	return x->c && !(x->flags & JXF_SAME) && !from->bad && !from->skipped && from->count >= 0 && settled(j, x->c);
}

static const char *reader(struct selected *k, int64_t instance)
{
	struct buf b;
	const char *text;

	buf_init(&b, 4096);
	instance_key(k->s->job, k->task, instance, &b);
	text = arena_printf(k->s->diags->arena, "%s[%s]", name_str(k->s->names, k->s->job->task[k->task].name), buf_str(&b));
	buf_free(&b);
	return text;
}

/* What can be chosen among: the values of each loop variable. */
static void say_values(struct selected *k, const struct jtask *from)
{
	struct diags *d = k->s->diags;

	for (uint32_t i = 0; i < from->ndim; i++) {
		const struct jdim *m = &from->dim[i];
		const char *var = name_str(k->s->names, m->var);

		if (m->kind == DIM_RANGE)
			diag_note(d, "`%s` is %lld to %lld", var, (long long)m->lo, (long long)(m->lo + m->count - 1));
		else if (m->kind != DIM_PORT && m->count > 0)
			diag_note(d, "`%s` is one of %s", var,
				names_listed(k->s->names, m->cell + m->key, (size_t)m->count, m->cols, k->arena));
	}
}

/* 0 .. n where there are n: the most common way to go one too far. */
static bool one_too_far(const struct jtask *t, const struct jport *p, int64_t instance)
{
	return t->ndim == 1 && t->dim[0].kind == DIM_RANGE && instance == t->count - 1 && t->dim[0].lo + instance == p->n;
}

static void say(struct selected *k, jxid ref, const char *why, bool element, int64_t instance)
{
	const struct job *j = k->s->job;
	const struct jtask *from = &j->task[j->x[ref].a], *t = &j->task[k->task];
	const struct jport *p = &from->out[j->x[ref].b];
	struct diags *d = k->s->diags;

	diag_error(d, element ? E0407 : E0408, jx_span(j, ref), "%s", why);
	if (t->ndim)
		diag_label(d, "asked for by `%s`", reader(k, instance));
	if (element)
		diag_at(d, p->name_span, "elements 0 to %lld", (long long)(p->n - 1));
	else
		say_values(k, from);
	if (element && one_too_far(t, p, instance))
		diag_help(d, "a range includes both ends: %lld .. %lld are %lld values", (long long)t->dim[0].lo, (long long)p->n,
			(long long)t->count);
}

/* Ask one instance; false when there is nothing more to ask. */
static bool ask(struct selected *k, jxid ref, int64_t instance)
{
	struct jctx c = { .job = k->s->job, .arena = k->arena, .task = k->task, .instance = instance, .attempt = 1 };
	struct arena_mark m = arena_mark(k->arena);
	bool element, ok = jx_chosen(&c, ref, &element);

	if (!ok)
		say(k, ref, c.error, element, instance);
	arena_reset(k->arena, m);
	return ok && k->asked++ < MOST_IN_ALL;
}

static bool ask_all(void *ctx, jxid ref)
{
	struct selected *k = ctx;
	const struct job *j = k->s->job;
	const struct jx *x = &j->x[ref];
	int64_t n = j->task[k->task].count, i;

	if (!wanted(j, x) || ((j->x[x->c].op == JX_INT || j->x[x->c].op == JX_STR) && !j->x[x->c].next))
		return true;
	for (i = 0; i < n && i < MOST && ask(k, ref, i); i++)
		;
	if (i == MOST && n > MOST)
		ask(k, ref, n - 1);
	return k->asked < MOST_IN_ALL;
}

void check_selectors(struct session *s)
{
	struct selected k = { .s = s, .arena = arena_new() };
	const struct job *j = s->job;
	bool go = true;
	uint32_t i;

	for (; k.task < j->ntask && go; k.task++)
		for (i = 0; i < j->task[k.task].nin && go && !j->task[k.task].bad && !j->task[k.task].skipped; i++)
			if (j->task[k.task].in[i].path)
				go = jx_refs(j, j->task[k.task].in[i].path, ask_all, &k);
	arena_free(k.arena);
}
