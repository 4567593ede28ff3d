/* export_option.c - requests and settings of a task as options of sbatch. */
#include "runtime/export_impl.h"

#include "job/eval.h"

#include <string.h>

enum kind { VALUE, FLAG, OWN };
static const struct known {
	const char *setting, *option;
	enum kind kind;
} known[] = {
#define OPTION(setting, option, kind) { setting, option, kind },
#include "runtime/sbatch/options.def"
#undef OPTION
};
enum { KNOWN = sizeof(known) / sizeof(*known) };

static const struct known *find(const char *setting)
{
	for (size_t i = 0; i < KNOWN; i++)
		if (!strcmp(known[i].setting, setting))
			return &known[i];
	return NULL;
}

/* What is wrong with a setting; NULL: nothing. */
static const char *fault(struct export *x, const char *key, const char *value)
{
	const struct known *k = find(key);
	struct suggest sg = { .to = key };

	if (k && k->kind == OWN)
		return fail_text(x->a, N_("the scripts set it themselves"));
	if (k && k->kind == FLAG && strcmp(value, "true") != 0 && strcmp(value, "false") != 0)
		return fail_text(x->a, N_("it is neither true nor false: %s"), value);
	if (k)
		return NULL;
	for (size_t i = 0; i < KNOWN; i++)
		suggest_try(&sg, known[i].setting);
	if (suggest_best(&sg))
		return fail_text(x->a, N_("sbatch has no such option, but `%s`"), suggest_best(&sg));
	return fail_text(x->a, N_("sbatch has no such option"));
}

bool export_options_check(struct export *x, uint32_t task)
{
	const struct jval *v = task_set(&x->j->task[task], SET_SLURM);
	bool ok = true;

	for (uint32_t i = 0; v && i < v->n; i++) {
		const char *key = name_str(x->j->names, v->list[2 * i]);
		const char *why = fault(x, key, name_str(x->j->names, v->list[2 * i + 1]));

		if (!why)
			continue;
		x->status = 3;
		if (ok) /* all of the block stand at one place */
			diag_error(x->d, E1102, v->span, "`%s` of task `%s` cannot be exported: %s", key,
				name_str(x->j->names, x->j->task[task].name), why);
		else
			diag_note(x->d, "nor can `%s`: %s", key, why);
		ok = false;
	}
	return ok;
}

/* A later one takes the place of an earlier one. */
static void set(struct sbatch_options *l, struct arena *a, const char *option, const char *value, bool asked)
{
	uint32_t i = 0;

	while (i < l->n && strcmp(l->v[i].name, option) != 0)
		i++;
	if (i == l->cap) {
		struct sbatch_option *old = l->v;

		l->cap = l->cap ? l->cap * 2 : 16;
		l->v = arena_zalloc(a, l->cap, sizeof(*l->v));
		if (l->n)
			memcpy(l->v, old, l->n * sizeof(*old));
	}
	l->v[i] = (struct sbatch_option){ option, value, asked };
	l->n += i == l->n;
}

static void from_site(struct export *x, struct arena *a, struct sbatch_options *out)
{
	static const struct {
		enum site_key key;
		const char *option;
	} of[] = { { SK_ENGINE_partition, "partition" }, { SK_ENGINE_account, "account" }, { SK_ENGINE_qos, "qos" } };
	const struct site_block *b = site_find(x->o->site, SITE_ENGINE, "slurm");

	for (size_t i = 0; i < sizeof(of) / sizeof(*of); i++)
		if (site_str(b, of[i].key, NULL))
			set(out, a, of[i].option, site_str(b, of[i].key, ""), false);
}

static void from_block(struct export *x, uint32_t task, struct arena *a, struct sbatch_options *out)
{
	const struct jval *v = task_set(&x->j->task[task], SET_SLURM);

	for (uint32_t i = 0; v && i < v->n; i++) {
		const struct known *k = find(name_str(x->j->names, v->list[2 * i]));
		const char *value = name_str(x->j->names, v->list[2 * i + 1]);

		if (k && k->kind == VALUE)
			set(out, a, k->option, value, false);
		else if (k && !strcmp(value, "true"))
			set(out, a, k->option, NULL, false);
	}
}

bool export_requeues(const struct jtask *t)
{
	for (uint32_t i = 0; i < t->ncause; i++)
		if (t->cause[i].cause == CAUSE_NODE || t->cause[i].cause == CAUSE_SPOT || t->cause[i].cause == CAUSE_ANY)
			return t->max_retry > 0;
	return t->max_retry > 0 && !t->ncause;
}

void export_options(struct export *x, uint32_t task, const struct slurm_ask *ask, struct arena *a, struct sbatch_options *out)
{
	const struct jtask *t = &x->j->task[task];

	set(out, a, "job-name", name_str(x->j->names, t->name), false);
	set(out, a, "ntasks", "1", false);
	set(out, a, export_requeues(t) ? "requeue" : "no-requeue", NULL, false);
	set(out, a, "cpus-per-task", arena_printf(a, "%u", ask->cpus), true);
	if (ask->mb)
		set(out, a, "mem", arena_printf(a, "%lluM", (unsigned long long)ask->mb), true);
	set(out, a, "time", arena_printf(a, "%u", ask->minutes), true);
	from_site(x, a, out);
	from_block(x, task, a, out);
}

bool sbatch_option_plain(const struct sbatch_option *o)
{
	static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-.,:=/@%+*";

	return !o->value || (*o->value && !o->value[strspn(o->value, plain)]);
}

void sbatch_option_text(const struct sbatch_option *o, struct arena *a, struct buf *b)
{
	if (o->value)
		export_word(b, arena_printf(a, "--%s=%s", o->name, o->value));
	else
		buf_addf(b, "--%s", o->name);
}
