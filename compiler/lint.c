/* lint.c - levels applied to diagnostics, and the allows that nothing needed. */
#include "compiler/lint.h"

#include "compiler/lint_read.h"
#include "compiler/session.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { LOOK_BACK = 64 }; /* as many rules of one code around one place as anybody nests */

uint32_t lint_find(const char *word)
{
	if (!strcasecmp(word, "warnings"))
		return LINT_WARNINGS;
	enum code c = code_find(word);

	return c == CODE_COUNT ? LINT_NAMES : c;
}

bool lint_is_error(uint32_t code)
{
	return code < CODE_COUNT && code_severity((enum code)code) == SEV_ERROR;
}

void lint_suggest(struct suggest *sg)
{
	for (unsigned c = 0; c < CODE_COUNT; c++)
		if (!lint_is_error(c))
			suggest_try(sg, code_slug((enum code)c));
	suggest_try(sg, "warnings");
}

void lint_add(struct session *s, struct lint_rule r)
{
	struct lints *l = &s->lints;

	l->v = grow(l->v, &l->cap, l->n + 1, sizeof *l->v);
	l->v[l->n++] = r;
	l->sorted = false;
}

void lint_option(struct session *s, enum lint_level level, uint32_t code)
{
	lint_add(s, (struct lint_rule){ .code = code, .level = (uint8_t)level, .tier = TIER_OPTION, .hi = UINT32_MAX });
}

void lint_free(struct session *s)
{
	free(s->lints.v);
}

/* ---- which rule holds ---- */

/* By code, tier, place; the one written later behind. */
static int rule_order(const void *pa, const void *pb)
{
	const struct lint_rule *a = pa, *b = pb;

	if (a->code != b->code)
		return a->code < b->code ? -1 : 1;
	if (a->tier != b->tier)
		return a->tier < b->tier ? -1 : 1;
	if (a->lo != b->lo)
		return a->lo < b->lo ? -1 : 1;
	if (a->span.lo != b->span.lo)
		return a->span.lo < b->span.lo ? -1 : 1;
	return (int)a->level - (int)b->level; /* of two options the stricter one */
}

static void sort_rules(struct lints *l)
{
	if (!l->sorted && l->n)
		qsort(l->v, l->n, sizeof *l->v, rule_order);
	l->sorted = true;
}

/* The rule of one code and tier around a place that begins last, which is the innermost. */
static struct lint_rule *rule_at(struct lints *l, uint32_t code, enum lint_tier tier, uint32_t pos)
{
	struct lint_rule want = { .code = code, .tier = (uint8_t)tier, .lo = pos, .level = UINT8_MAX,
		.span = { UINT32_MAX, 0 } };
	uint32_t lo = 0, hi = l->n;

	while (lo < hi) {
		uint32_t mid = lo + (hi - lo) / 2;

		if (rule_order(&l->v[mid], &want) <= 0)
			lo = mid + 1;
		else
			hi = mid;
	}
	for (uint32_t k = 0; lo-- > 0 && k < LOOK_BACK && l->v[lo].code == code && l->v[lo].tier == tier; k++)
		if (pos < l->v[lo].hi)
			return &l->v[lo];
	return NULL;
}

static struct lint_rule *rule_of(struct lints *l, const struct diag *g)
{
	bool warning = code_severity(g->code) == SEV_WARNING;
	struct lint_rule *first = NULL;

	for (int tier = 0; tier < TIER_COUNT; tier++) {
		struct lint_rule *own = rule_at(l, g->code, (enum lint_tier)tier, g->span.lo);
		struct lint_rule *all = warning && !own ? rule_at(l, LINT_WARNINGS, (enum lint_tier)tier, g->span.lo) : NULL;

		if (all && all->level == LINT_DENY && tier >= TIER_OPTION)
			continue; /* what the others say of this one counts more */
		own = own ? own : all;
		if (own)
			own->used = true;
		if (!first)
			first = own;
	}
	return first;
}

/* `--deny warnings`, or deny = ["warnings"]: for what is a warning after all, unless r, as strong or stronger, says so. */
static struct lint_rule *deny_all(struct lints *l, const struct diag *g, const struct lint_rule *r)
{
	for (int tier = TIER_OPTION; tier < (r && r->level == LINT_WARN ? (int)r->tier : TIER_COUNT); tier++) {
		struct lint_rule *all = rule_at(l, LINT_WARNINGS, (enum lint_tier)tier, g->span.lo);

		if (all && all->level == LINT_DENY)
			return all;
	}
	return NULL;
}

/* ---- applying ---- */

static void note_denied(struct session *s, struct diag *g, const struct lint_rule *r)
{
	struct diag_text *t = arena_zalloc(s->diags->arena, 1, sizeof *t), **at = &g->notes;
	const char *slug = r->code == LINT_WARNINGS ? "warnings" : code_slug(g->code);

	t->text = r->tier == TIER_OPTION ? arena_printf(s->diags->arena, _("denied by --deny %s"), slug) :
		  r->tier == TIER_SITE ? arena_printf(s->diags->arena, _("denied by the site file: `%s`"), slug) :
					   arena_printf(s->diags->arena, _("denied in this file: `%s`"), slug);
	while (*at)
		at = &(*at)->next;
	*at = t;
}

/* False when the diagnostic is to be dropped. */
static bool level_one(struct session *s, struct diag *g)
{
	struct lint_rule *r, *all;
	enum lint_level level;

	if (code_severity(g->code) == SEV_ERROR || g->severity == SEV_ERROR)
		return true;
	r = rule_of(&s->lints, g);
	level = r ? (enum lint_level)r->level : LINT_NONE;
	if (level == LINT_ALLOW)
		return false;
	if (level == LINT_WARN)
		g->severity = SEV_WARNING;
	all = g->severity == SEV_WARNING && level != LINT_DENY ? deny_all(&s->lints, g, r) : NULL;
	if (level == LINT_DENY || all) {
		g->severity = SEV_ERROR;
		note_denied(s, g, all ? all : r);
	}
	return true;
}

void lint_apply(struct session *s)
{
	struct diags *d = s->diags;
	uint32_t kept = 0;

	if (!s->lints.n)
		return;
	sort_rules(&s->lints);
	for (uint32_t i = 0; i < d->n; i++)
		if (level_one(s, &d->v[i]))
			d->v[kept++] = d->v[i];
	d->n = kept;
	diags_finish(d);
}

/* What is only found with certain options or surroundings may be absent today. */
static bool circumstantial(uint32_t code)
{
	return code == W0801 || code == W0891 || code == W0345 || code == N0345 || code == N1094 || code == N0272;
}

void lint_unused(struct session *s)
{
	struct diags *d = s->diags;
	uint32_t n = s->lints.n;

	for (uint32_t i = 0; i < d->n; i++)
		if (code_severity(d->v[i].code) == SEV_ERROR)
			return; /* some checks may not have looked */
	for (uint32_t i = 0; i < n; i++) {
		const struct lint_rule *r = &s->lints.v[i];

		if (r->used || r->level != LINT_ALLOW || !r->span.lo || r->tier == TIER_SITE || circumstantial(r->code))
			continue;
		diag_error(d, N0272, r->span, "nothing here gives `%s`", r->code == LINT_WARNINGS ? "warnings" :
			code_slug((enum code)r->code));
		diag_help(d, "leave it out");
		if (r->whole.lo)
			diag_fix(d, r->whole, "%s", "");
	}
	diags_finish(d);
	lint_apply(s);
}
