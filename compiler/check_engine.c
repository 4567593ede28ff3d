/* check_engine.c - what the engine that was asked for does with a workflow: the rows of job/features.def, and names and
 * limits of the site file. */
#include "compiler/check.h"
#include "compiler/check_util.h"

#include <stdlib.h>
#include <string.h>

/* Does the value say anything: an empty text, a zero, a `false` does not. */
static bool says(const struct session *s, const struct jval *v)
{
	switch (settings[v->id].type) {
	case T_STR: return name_len(s->names, v->s) && (v->id != SET_RESOURCE_TYPE || !strcmp(name_str(s->names, v->s), "Spot"));
	case T_INT: case T_BOOL: case T_DUR: case T_GB: case T_SIZE: return v->i != 0;
	case T_LIST: case T_MAP: return v->n != 0;
	default: return true;
	}
}

struct uses { /* of a group of settings */
	struct session *s;
	const struct feature *f;
	struct span first;
	uint32_t n;
	struct seen seen;
};

static void uses_add(struct uses *u, const struct jval *set, uint32_t n)
{
	uint32_t i;

	for (i = 0; i < n; i++) {
		const struct jval *v = &set[i];

		if (v->id < u->f->first || v->id > u->f->last || v->name_span.lo == v->name_span.hi || !says(u->s, v))
			continue;
		if (!seen_add(&u->seen, 0, v->name_span))
			continue;
		u->first = u->n++ ? u->first : v->name_span;
	}
}

static void skipped_setting(struct session *s, enum engine_id e, const struct feature *f)
{
	struct uses u = { .s = s, .f = f };
	uint32_t i;

	uses_add(&u, s->job->set, s->job->nset);
	for (i = 0; i < s->job->ntask; i++)
		if (!s->job->task[i].bad && !s->job->task[i].skipped)
			uses_add(&u, s->job->task[i].set, s->job->task[i].nset);
	seen_free(&u.seen);
	if (!u.n)
		return;
	diag_error(s->diags, N1041, u.first, "engine `%s` takes no notice of %s", engine_name(e), tr(f->what));
	if (u.n > 1)
		diag_note(s->diags, "nor of %u more such settings", u.n - 1);
}

void check_engine_settings(struct session *s)
{
	enum engine_id e = engine_of(s);
	uint32_t i;

	for (i = 0; e != ENGINES && i < nfeature_sets; i++)
		if (engine_answer(s->site, e, &feature_sets[i]) == SKIPS)
			skipped_setting(s, e, &feature_sets[i]);
}

/* Where the task wants it; false when it does not. */
static bool wants(struct session *s, const struct jtask *t, enum want w, struct span *sp)
{
	const struct jval *v = task_set(t, w == WANT_CONTAINERS ? SET_CONTAINER_IMAGE : SET_IMAGE);

	switch (w) {
	case WANT_MOUNTS:
		*sp = t->nmap ? t->map[0].span : NOSPAN;
		return t->nmap > 0;
	case WANT_CONTAINERS:
		*sp = v ? v->span : NOSPAN;
		if (!set_text(s, t, SET_CONTAINER_IMAGE))
			task_env(s, t, "BATCH_COMPUTE_DOCKER_IMAGE", sp);
		return task_docker(s, t);
	case WANT_WINDOWS:
		*sp = v ? v->span : NOSPAN;
		return task_platform(s, t) == PLATFORM_WINDOWS;
	case WANT_COUNT: break;
	}
	return false;
}

static void refused(struct session *s, enum engine_id e, const struct feature *f, const struct jtask *t, struct span sp)
{
	diag_error(s->diags, E1040, sp, "engine `%s` cannot run task `%s`: it has no %s", engine_name(e),
		name_str(s->names, t->name), tr(f->what));
	if (f->key != SITE_KEYS)
		diag_help(s->diags, "if its machines can, say so in the site file: engine %s { %s = true }", engine_name(e),
			site_keys[f->key].word);
}

void check_engine_wants(struct session *s)
{
	enum engine_id e = engine_of(s);
	struct seen seen = { 0 };
	struct span sp;
	uint32_t i, w;

	for (w = 0; e != ENGINES && w < WANT_COUNT; w++) {
		if (engine_answer(s->site, e, &feature_wants[w]) != REFUSES)
			continue;
		for (i = 0; i < s->job->ntask; i++) {
			const struct jtask *t = &s->job->task[i];

			if (!t->bad && !t->skipped && wants(s, t, (enum want)w, &sp) && seen_add(&seen, w, sp))
				refused(s, e, &feature_wants[w], t, sp);
		}
	}
	seen_free(&seen);
}

/* ---- names in the site file ---- */

static void engine_name_check(struct session *s, const char *nm, struct span sp)
{
	struct suggest sg = { .to = nm };
	uint32_t e;

	if (engine_find(nm) != ENGINES)
		return;
	diag_error(s->diags, E1007, sp, "no engine named `%s`", nm);
	for (e = 0; e < ENGINES; e++)
		suggest_try(&sg, engine_name((enum engine_id)e));
	if (!diag_suggest(s->diags, &sg))
		diag_help(s->diags, "engines are local, slurm and batchcompute");
}

void check_site_engines(struct session *s)
{
	const struct site_value *v = site_value(site_find(s->site, SITE_SITE, ""), SK_SITE_engine);
	uint32_t n, i;
	const struct site_block *b = site_all(s->site, SITE_ENGINE, &n);

	if (v)
		engine_name_check(s, v->s, v->span);
	for (i = 0; i < n; i++)
		engine_name_check(s, b[i].name, b[i].name_span);
	b = site_all(s->site, SITE_PARTITION, &n);
	for (i = 0; i < n; i++)
		if ((v = site_value(&b[i], SK_PARTITION_engine)))
			engine_name_check(s, v->s, v->span);
}

/* ---- instances ---- */

void check_engine_instances(struct session *s)
{
	enum engine_id e = engine_of(s);
	const struct site_value *v = e == ENGINES ? NULL :
		site_value(site_find(s->site, SITE_ENGINE, engine_name(e)), SK_ENGINE_max_instances);
	struct seen seen = { 0 };
	uint32_t i;

	for (i = 0; v && i < s->job->ntask; i++) {
		const struct jtask *t = &s->job->task[i];
		struct span sp = t->ndim || !t->count_span.lo ? t->name_span : t->count_span;

		if (t->bad || t->skipped || t->count <= v->i || !seen_add(&seen, 0, sp))
			continue;
		diag_error(s->diags, E1046, sp, "task `%s` has %lld instances, %lld more than engine `%s` takes",
			name_str(s->names, t->name), (long long)t->count, (long long)(t->count - v->i), engine_name(e));
		instances_origin(s, t);
		diag_at(s->diags, v->span, "what this site allows");
		diag_help(s->diags, "let each instance do several pieces, or split the task in %lld",
			(long long)((t->count + v->i - 1) / (v->i > 0 ? v->i : 1)));
	}
	seen_free(&seen);
}

/* ---- the engine's own block in a task ---- */

/* Where a word stands in the text of a block; the whole block when it is not found. */
static struct span word_in(const struct session *s, struct span block, const char *word)
{
	const char *p = source_text(s->sources, block), *at;
	size_t n = strlen(word);

	at = p && n ? memmem(p, block.hi - block.lo, word, n) : NULL;
	return at ? (struct span){ block.lo + (uint32_t)(at - p), block.lo + (uint32_t)(at - p + n) } : block;
}

static void slurm_block(struct session *s, const struct jtask *t, const struct jval *v)
{
	uint32_t i;

	(void)t;
	for (i = 0; i < v->n; i++) {
		const char *word = name_str(s->names, v->list[2 * i]);
		struct suggest sg = { .to = word };

		if (engine_option(ENGINE_SLURM, word))
			continue;
		diag_error(s->diags, W1047, word_in(s, v->span, word), "a `slurm` block has no setting `%s`", word);
		engine_option_suggest(ENGINE_SLURM, &sg);
		diag_suggest(s->diags, &sg);
	}
}

void check_engine_blocks(struct session *s)
{
	each_setting(s, SET_SLURM, slurm_block);
}
