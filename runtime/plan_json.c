/* plan_json.c - a plan as JSON, written task by task. */
#include "runtime/plan_show.h"

#include <stdlib.h>
#include <string.h>

#include "base/json.h"

enum { LISTED = 1000 /* instances of a task without --all */ };

static const char *const verdict_word[] = {
	[V_CURRENT] = "current", [V_NEW] = "new", [V_FAILED] = "failed", [V_UNFINISHED] = "unfinished", [V_POLICY] = "policy",
	[V_ACTION] = "action", [V_INPUT] = "input", [V_NO_INPUT] = "input-missing", [V_OUTPUT] = "output",
	[V_NO_OUTPUT] = "output-missing", [V_TEMP] = "temp-needed", [V_FORCED] = "forced", [V_MAYBE] = "maybe",
	[V_LATER] = "later", [V_UNSEEN] = "unseen",
};

static void hex(struct jw *w, const char *key, uint32_t tag)
{
	char s[9];

	snprintf(s, sizeof(s), "%08x", tag);
	jw_kstr(w, key, s);
}

void plan_json_decision(struct plan *p, struct jw *w, uint32_t task, uint32_t inst)
{
	struct arena *a = arena_new();
	struct decision d = plan_decide(p, task, inst, a, NULL);
	struct buf b;

	buf_init(&b, 1 << 20);
	plan_cause(p, task, inst, &d, &b);
	jw_open(w, '{');
	jw_kint(w, "instance", inst);
	jw_kstr(w, "key", plan_key(p, task, inst));
	jw_kstr(w, "verdict", verdict_word[d.v]);
	jw_kstr(w, "cause", buf_str(&b));
	if (d.v == V_ACTION)
		jw_kstr(w, "part", action_part_name((enum action_part)d.part));
	if (d.file)
		jw_kstr(w, "file", d.file);
	if (d.old_tag) {
		hex(w, "old", d.old_tag);
		hex(w, "new", d.new_tag);
	}
	jw_close(w);
	buf_free(&b);
	arena_free(a);
}

static void counts(struct plan *p, struct jw *w, uint32_t task)
{
	uint32_t n[V_UNSEEN];

	plan_tally(p, task, n);
	jw_key(w, "counts");
	jw_open(w, '{');
	for (int v = 0; v < V_UNSEEN; v++)
		if (n[v])
			jw_kint(w, verdict_word[v], n[v]);
	jw_close(w);
}

static void one_task(struct plan *p, struct jw *w, uint32_t task)
{
	const struct plan_task *t = &p->task[task];
	uint32_t n = 0;

	jw_open(w, '{');
	jw_kstr(w, "task", plan_task_name(p, task));
	jw_kbool(w, "unknown", t->unknown);
	counts(p, w, task);
	jw_key(w, "instances");
	jw_open(w, '[');
	for (uint32_t i = 0; i < t->count && (p->opt->all || n < LISTED); i++)
		if (V_RUNS(t->v[i])) {
			plan_json_decision(p, w, task, i);
			n++;
		}
	jw_close(w);
	jw_close(w);
}

void plan_json(struct plan *p, FILE *f)
{
	struct buf b;
	struct jw w;

	buf_init(&b, 1u << 31);
	jw_init(&w, &b, 0);
	jw_open(&w, '{');
	jw_kstr(&w, "schema", "weft.plan/1");
	jw_kstr(&w, "job", name_str(p->job->names, p->job->name));
	jw_kint(&w, "run", (int64_t)p->counts.runs);
	jw_kint(&w, "maybe", (int64_t)p->counts.maybe);
	jw_kint(&w, "current", (int64_t)p->counts.current);
	jw_kint(&w, "unknown_tasks", p->counts.unknown);
	jw_key(&w, "tasks");
	jw_open(&w, '[');
	for (uint32_t t = 0; t < p->job->ntask; t++) {
		if (plan_task_any(&p->task[t]))
			one_task(p, &w, t);
		fwrite(buf_str(&b), 1, b.len, f);
		buf_reset(&b);
	}
	jw_close(&w);
	jw_close(&w);
	buf_addc(&b, '\n');
	fwrite(buf_str(&b), 1, b.len, f);
	buf_free(&b);
}
