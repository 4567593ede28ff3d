/* why.c - the chain of causes: an instance runs because an input will be made again, because ... */
#include "runtime/plan_show.h"

#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "runtime/progress.h"

enum { CHAIN_MAX = 1000 };

struct link {
	uint32_t task, inst;
};
struct chain {
	struct plan *p;
	struct link *v;
	uint32_t n, cap;
};

static bool seen(const struct chain *c, uint32_t task, uint32_t inst)
{
	for (uint32_t i = 0; i < c->n; i++) /* at most CHAIN_MAX */
		if (c->v[i].task == task && c->v[i].inst == inst)
			return true;
	return false;
}

static void add(struct chain *c, uint32_t task, uint32_t inst)
{
	if (c->n == CHAIN_MAX || seen(c, task, inst))
		return;
	c->v = grow(c->v, &c->cap, c->n + 1, sizeof(*c->v));
	c->v[c->n++] = (struct link){ task, inst };
}

/* Who makes this file?  Only tasks before this one, and of them those that will run. */
static bool maker(struct plan *p, uint32_t task, const char *file, struct link *out)
{
	const struct job *j = p->job;
	struct arena *a = arena_new();
	struct action act;
	bool found = false;

	for (uint32_t e = job_edges_into(j, task); e < j->nedge && j->edge[e].to == task && !found; e++) {
		uint32_t from = j->edge[e].from;

		for (uint32_t i = 0; i < p->task[from].count && !found; i++) {
			if (!V_RUNS(p->task[from].v[i]))
				continue;
			found = strcmp(plan_task_name(p, from), file) == 0;
			if (!found && action_outputs(p->actor, from, i, a, &act))
				for (uint32_t k = 0; k < act.nout && !found; k++)
					found = strcmp(act.out[k].name, file) == 0 || act.out[k].glob;
			*out = (struct link){ from, i };
			arena_reset(a, (struct arena_mark){ 0 });
		}
	}
	arena_free(a);
	return found;
}

/* The target's instances first, then whoever makes what they wait for. */
static void follow(struct chain *c, struct target t)
{
	struct plan *p = c->p;

	for (uint32_t i = t.lo; i <= t.hi && i < p->task[t.task].count; i++)
		if (t.hi == t.lo || V_RUNS(plan_verdict(p, t.task, i)))
			add(c, t.task, i);
	for (uint32_t i = 0; i < c->n; i++) {
		struct arena *a = arena_new();
		struct decision d = plan_decide(p, c->v[i].task, c->v[i].inst, a, NULL);
		struct link up;

		if ((d.v == V_MAYBE || d.v == V_NO_INPUT) && d.file && maker(p, c->v[i].task, d.file, &up))
			add(c, up.task, up.inst);
		arena_free(a);
	}
}

static void print_link(struct plan *p, struct link l, FILE *f)
{
	struct arena *a = arena_new();
	struct decision d = plan_decide(p, l.task, l.inst, a, NULL);
	struct buf b;

	buf_init(&b, 1 << 20);
	plan_cause(p, l.task, l.inst, &d, &b);
	fprintf(f, "%s  %s\n", plan_label(p, l.task, l.inst, a), buf_str(&b));
	buf_free(&b);
	arena_free(a);
}

void why_print(struct plan *p, struct target t, FILE *f)
{
	struct chain c = { .p = p };

	if (p->task[t.task].unknown)
		fprintf(f, "%s  its instances are known only after the tasks it needs\n", plan_task_name(p, t.task));
	follow(&c, t);
	for (uint32_t i = 0; i < c.n; i++)
		print_link(p, c.v[i], f);
	if (!c.n && !p->task[t.task].unknown)
		fprintf(f, "%s  current\n", plan_task_name(p, t.task));
	if (c.n == CHAIN_MAX)
		fprintf(f, "... (the first %d)\n", CHAIN_MAX);
	free(c.v);
}

void why_json(struct plan *p, struct target t, FILE *f)
{
	struct chain c = { .p = p };
	struct buf b;
	struct jw w;

	follow(&c, t);
	buf_init(&b, 1u << 30);
	jw_init(&w, &b, 0);
	jw_open(&w, '{');
	jw_kstr(&w, "schema", "weft.why/1");
	jw_key(&w, "chain");
	jw_open(&w, '[');
	for (uint32_t i = 0; i < c.n; i++) {
		jw_open(&w, '{');
		jw_kstr(&w, "task", plan_task_name(p, c.v[i].task));
		jw_key(&w, "decision");
		plan_json_decision(p, &w, c.v[i].task, c.v[i].inst);
		jw_close(&w);
	}
	jw_close(&w);
	jw_close(&w);
	buf_addc(&b, '\n');
	fwrite(buf_str(&b), 1, b.len, f);
	buf_free(&b);
	free(c.v);
}
