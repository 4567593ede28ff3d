/* cfg_job.c - what a job.cfg says about the whole job: name, priority, notifications.
 * A task section may say it too; the last section that does so wins. */
#include "lang/cfg.h"

#include <string.h>

static const char *const events[] = {
	"OnJobWaiting", "OnJobRunning", "OnJobStopped", "OnJobFinished", "OnJobFailed", "OnTaskWaiting", "OnTaskRunning",
	"OnTaskStopped", "OnTaskFinished", "OnTaskFailed", "OnInstanceWaiting", "OnInstanceRunning", "OnInstanceStopped",
	"OnInstanceFinished", "OnInstanceFailed", "OnPriorityChange",
};

static void disagree(struct cfg *c, const struct cfg_entry *old, const struct cfg_entry *e)
{
	if (!old || !old->section || (old->raw.n == e->raw.n && !memcmp(old->raw.s, e->raw.s, e->raw.n)))
		return;
	diag_error(c->d, W0166, e->key_span, "key `%s` is about the whole job, and two tasks set it",
		name_str(c->names, e->key));
	diag_label(c->d, "this value counts");
	diag_at(c->d, old->key_span, "also set here");
	diag_help(c->d, "set it once, in [DEFAULT]");
}

/* The job's value of a key: the last task's own, else [DEFAULT]'s. */
static bool job_value(struct cfg *c, enum cfg_key k, struct cfg_val *v)
{
	const char *key = cfg_key_text(k);
	struct cfg_entry *e = cfg_entry_own(c, 0, k);
	uint32_t section = 0;

	if (!cfg_get(c, cfg_any_key(name_ofs(c->names, key))))
		return cfg_fetch_own(c, 0, k, v);
	for (uint32_t s = 1; s < c->nsec; s++) {
		struct cfg_entry *own = cfg_entry_own(c, s, k);

		if (!own)
			continue;
		disagree(c, e, own);
		e = own;
		section = s;
	}
	return cfg_fetch_own(c, section, k, v);
}

static void put(struct cfg *c, struct nlist *l, nid n)
{
	ast_append(c->a, l, n);
}

static void priority(struct cfg *c, struct nlist *l)
{
	struct cfg_val v;
	int64_t n;

	if (!job_value(c, K_priority, &v) || !cfg_int(c, &v, v.all, _("value of key `priority`"), &n))
		return;
	put(c, l, cfg_set(c, "priority", v.e->key_span, cfg_literal(c, N_INT, cfg_all(&v), "%lld", (long long)n)));
}

/* ---- notifications ---- */

static void check_event(struct cfg *c, const struct cfg_val *v, struct cfg_part p)
{
	char *word = arena_strndup(c->arena, v->t.s + p.lo, cfg_len(p));
	struct suggest s = { .to = word };

	for (unsigned i = 0; i < sizeof events / sizeof *events; i++) {
		if (!strcmp(word, events[i]))
			return;
		suggest_try(&s, events[i]);
	}
	diag_error(c->d, E0171, cfg_at(v, p), "there is no event `%s`", word);
	if (!diag_suggest(c->d, &s))
		diag_help(c->d, "events are OnJobX, OnTaskX, OnInstanceX with X one of Waiting Running Stopped Finished Failed, "
				"and OnPriorityChange");
}

static void notify(struct cfg *c, struct nlist *l)
{
	struct nlist in = { 0, 0 };
	struct cfg_val v;
	struct cfg_part p;
	struct span sp = NOSPAN;

	if (job_value(c, K_notification_topic, &v)) {
		put(c, &in, cfg_set_string(c, "topic", &v));
		sp = v.e->key_span;
	}
	if (job_value(c, K_notification_endpoint, &v)) {
		put(c, &in, cfg_set_string(c, "endpoint", &v));
		sp = v.e->key_span;
	}
	if (job_value(c, K_notification_events, &v)) {
		size_t pos = v.all.lo;

		while (cfg_next(&v, ',', &pos, &p))
			if (cfg_len(p))
				check_event(c, &v, p);
		put(c, &in, cfg_set_list(c, "events", &v, true));
		sp = v.e->key_span;
	}
	put(c, l, cfg_block(c, "notify", sp, in));
}

nid cfg_workflow(struct cfg *c)
{
	struct nlist l = { 0, 0 };
	struct cfg_val v;
	nid flow, nm;
	bool b;

	if (job_value(c, K_job_name, &v))
		nm = cfg_string_part(c, &v, v.all);
	else
		nm = cfg_string(c, "cli-job", 7, NOSPAN);
	if (job_value(c, K_description, &v))
		put(c, &l, cfg_set_string(c, "description", &v));
	else if (!cfg_entry_own(c, 0, K_description))
		put(c, &l, cfg_set(c, "description", NOSPAN, cfg_string(c, "BatchCompute cli job", 20, NOSPAN)));
	priority(c, &l);
	if (job_value(c, K_force, &v) && cfg_bool(c, &v, &b))
		put(c, &l, cfg_set_bool(c, "fail_fast", &v, !b));
	if (job_value(c, K_auto_release, &v) && cfg_bool(c, &v, &b))
		put(c, &l, cfg_set_bool(c, "auto_release", &v, b));
	notify(c, &l);
	flow = ast_new(c->a, N_WORKFLOW, ast_at(c->a, nm)->span, 0);
	ast_add(c->a, flow, nm);
	ast_adopt(c->a, flow, l);
	return flow;
}
