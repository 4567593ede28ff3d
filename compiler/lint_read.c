/* lint_read.c - levels as files say them: `# weft: allow(NAME)` in comments, and lint { allow = ["NAME"] } blocks.
 *
 * A comment behind something holds for its line.  One on a line of its own holds for what begins on the next line that
 * is neither blank nor a comment: that line, and all of a statement or declaration that begins there; in a
 * job.cfg the key with its further lines, or the section. */
#include "compiler/lint_read.h"

#include "compiler/session.h"

#include <stdlib.h>
#include <string.h>

static const char MARK[] = "weft:";

struct cover { /* where the comments above one line hold */
	uint32_t lo, line_hi, hi; /* global positions; what begins in [lo, line_hi) reaches to hi */
};
struct reader {
	struct session *s;
	const struct source *src;
	struct cover *cover;
	uint32_t n, cap;
	uint32_t rule0; /* the rules of this source; their hi is the number of a cover until the end */
	bool cfg;
};

/* ---- names ---- */

enum lint_level lint_level_of(const char *word, size_t n)
{
	static const char *const words[] = { [LINT_ALLOW] = "allow", [LINT_WARN] = "warn", [LINT_DENY] = "deny" };

	for (unsigned i = LINT_ALLOW; i <= LINT_DENY; i++)
		if (strlen(words[i]) == n && !memcmp(words[i], word, n))
			return (enum lint_level)i;
	return LINT_NONE;
}

void lint_named(struct session *s, struct lint_rule r, const char *word)
{
	struct suggest sg = { .to = word };

	r.code = lint_find(word);
	if (r.code == LINT_NAMES) {
		lint_suggest(&sg);
		diag_error(s->diags, W0270, r.span, "no check is called `%s`", word);
		diag_suggest(s->diags, &sg);
		if (!suggest_best(&sg))
			diag_help(s->diags, "weft check --list names all of them");
	} else if (lint_is_error(r.code) && r.level != LINT_DENY) {
		diag_error(s->diags, E0271, r.span, "`%s` is an error and cannot be %s", word,
			r.level == LINT_ALLOW ? _("allowed") : _("a warning"));
		diag_help(s->diags, "mend what is wrong; only warnings and notes have levels");
	} else {
		lint_add(s, r);
	}
}

/* ---- lint blocks ---- */

static void block_name(struct session *s, const struct ast *a, struct lint_rule r, nid e)
{
	name nm;

	if (a->v[e].kind != N_STRING || !ast_plain(a, e, &nm)) {
		diag_error(s->diags, E0401, a->v[e].span, "a lint is named with a plain string");
		diag_help(s->diags, "write allow = [\"long-command\"]");
		return;
	}
	r.span = a->v[e].span;
	lint_named(s, r, name_str(s->names, nm));
}

static void block_statement(struct session *s, const struct ast *a, struct lint_rule r, nid n)
{
	const char *word = a->v[n].name ? name_str(s->names, a->v[n].name) : "";
	struct suggest sg = { .to = word };

	r.level = (uint8_t)lint_level_of(word, strlen(word));
	if (a->v[n].kind == N_ERROR)
		return;
	if (a->v[n].kind != N_SET || r.level == LINT_NONE) {
		suggest_try(&sg, "allow"), suggest_try(&sg, "warn"), suggest_try(&sg, "deny");
		diag_error(s->diags, E0203, ast_name_span(a, n), "a lint block has no setting `%s`", word);
		diag_suggest(s->diags, &sg);
		diag_help(s->diags, "it holds lists: allow = [...], warn = [...], deny = [...]");
	} else if (a->v[ast_kid(a, n)].kind == N_LIST) {
		for (nid e = ast_kid(a, ast_kid(a, n)); e; e = ast_next(a, e))
			block_name(s, a, r, e);
	} else {
		block_name(s, a, r, ast_kid(a, n));
	}
}

/* A lint block: what it says holds as r does. */
static void block_read(struct session *s, const struct ast *a, struct lint_rule r, nid n)
{
	for (nid k = ast_kid(a, n); k; k = ast_next(a, k)) {
		enum node_kind kind = (enum node_kind)a->v[k].kind;

		if (kind == N_NAME || kind == N_STRING)
			diag_error(s->diags, E0204, a->v[k].span, "a lint block has no name");
		else if (kind != N_NONE)
			block_statement(s, a, r, k);
	}
}

bool lint_is_block(struct session *s, const struct ast *a, nid n)
{
	return a->v[n].kind == N_SITE && a->v[n].name && !strcmp(name_str(s->names, a->v[n].name), "lint");
}

void lint_site_block(struct session *s, const struct ast *a, nid n)
{
	block_read(s, a, (struct lint_rule){ .tier = TIER_SITE, .hi = UINT32_MAX }, n);
}

/* ---- comments ---- */

static bool blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r';
}

static uint32_t line_start(const struct source *src, uint32_t at)
{
	while (at && src->text[at - 1] != '\n')
		at--;
	return at;
}

/* Behind the line's end. */
static uint32_t line_next(const struct source *src, uint32_t at)
{
	const char *nl = memchr(src->text + at, '\n', src->len - at);

	return nl ? (uint32_t)(nl - src->text) + 1 : src->len;
}

/* The line's first byte that is no blank. */
static char first_byte(const struct source *src, uint32_t at)
{
	while (at < src->len && blank(src->text[at]))
		at++;
	return at < src->len ? src->text[at] : '\n';
}

static bool idle_line(const struct reader *r, uint32_t at)
{
	char c = first_byte(r->src, at);

	return c == '\n' || c == '#' || (r->cfg && c == ';');
}

/* In a job.cfg: the key's further lines, or the section up to the next one. */
static uint32_t cfg_end(const struct reader *r, uint32_t at)
{
	bool section = first_byte(r->src, at) == '[';

	for (at = line_next(r->src, at); at < r->src->len; at = line_next(r->src, at))
		if (section ? r->src->text[at] == '[' : !idle_line(r, at) && !blank(r->src->text[at]))
			break;
	return at;
}

/* The number of the cover for a comment on the line at `at`, which ends at hi: that line, or the next one that says
 * something. */
static uint32_t cover_of(struct reader *r, uint32_t at, uint32_t hi, bool own_line)
{
	uint32_t end, base = r->src->base;

	if (own_line && r->n && base + hi <= r->cover[r->n - 1].lo)
		return r->n - 1; /* one of several above that line */
	if (own_line)
		for (at = line_next(r->src, hi); at < r->src->len && idle_line(r, at);)
			at = line_next(r->src, at);
	end = line_next(r->src, at);
	r->cover = grow(r->cover, &r->cap, r->n + 1, sizeof *r->cover);
	r->cover[r->n] = (struct cover){ base + at, base + (own_line ? end : at), base + end };
	if (own_line && r->cfg)
		r->cover[r->n].hi = base + cfg_end(r, at);
	return r->n++;
}

/* The names between the brackets at text[lo..hi). */
static void names_read(struct reader *r, struct lint_rule rule, uint32_t lo, uint32_t hi)
{
	const char *t = r->src->text;
	uint32_t rules = r->s->lints.n, names = 0;

	while (lo < hi) {
		uint32_t from;

		while (lo < hi && (blank(t[lo]) || t[lo] == ','))
			lo++;
		for (from = lo; lo < hi && !blank(t[lo]) && t[lo] != ',';)
			lo++;
		if (lo == from)
			continue;
		rule.span = (struct span){ r->src->base + from, r->src->base + lo };
		lint_named(r->s, rule, arena_strndup(r->s->diags->arena, t + from, lo - from));
		names++;
	}
	if (names != 1)
		for (; rules < r->s->lints.n; rules++)
			r->s->lints.v[rules].whole = NOSPAN;
}

static void not_understood(struct reader *r, uint32_t lo, uint32_t hi)
{
	struct span sp = { r->src->base + lo, r->src->base + hi };

	diag_error(r->s->diags, W0273, sp, "this comment for weft is not understood");
	diag_help(r->s->diags, "write weft: allow(NAME), warn(NAME) or deny(NAME)");
}

/* The comment at text[lo..hi), which begins with its sign. */
static void comment_read(struct reader *r, uint32_t lo, uint32_t hi)
{
	const char *t = r->src->text;
	uint32_t at = lo + 1, start, word, open, close;
	struct lint_rule rule = { .tier = TIER_LINE };

	while (at < hi && blank(t[at]))
		at++;
	if (hi - at < sizeof MARK - 1 || memcmp(t + at, MARK, sizeof MARK - 1))
		return;
	for (word = at + (uint32_t)sizeof MARK - 1; word < hi && blank(t[word]);)
		word++;
	for (open = word; open < hi && t[open] >= 'a' && t[open] <= 'z';)
		open++;
	for (close = hi; close > open && t[close - 1] != ')';)
		close--;
	rule.level = (uint8_t)lint_level_of(t + word, open - word);
	if (rule.level == LINT_NONE || open == hi || t[open] != '(' || close == open) {
		not_understood(r, at, hi);
		return;
	}
	start = line_start(r->src, lo);
	for (at = start; at < lo && blank(t[at]);)
		at++;
	if (at == lo)
		rule.whole = (struct span){ r->src->base + start, r->src->base + line_next(r->src, lo) };
	rule.hi = cover_of(r, start, hi, at == lo);
	names_read(r, rule, open + 1, close - 1);
}

static void comments_cfg(struct reader *r)
{
	for (uint32_t at = 0; at < r->src->len; at = line_next(r->src, at)) {
		uint32_t lo = at, hi = line_next(r->src, at);

		while (lo < hi && blank(r->src->text[lo]))
			lo++;
		while (hi > lo && (r->src->text[hi - 1] == '\n' || blank(r->src->text[hi - 1])))
			hi--;
		if (lo < hi && (r->src->text[lo] == '#' || r->src->text[lo] == ';'))
			comment_read(r, lo, hi);
	}
}

static void comments_weft(struct reader *r)
{
	const struct ast *a = &r->s->ast;

	for (uint32_t i = r->s->lints.note0; i < a->ncomments; i++)
		comment_read(r, a->comments[i].lo - r->src->base, a->comments[i].hi - r->src->base);
}

/* Covers reach over what begins on their line; they ascend. */
static void reach(struct reader *r)
{
	const struct ast *a = &r->s->ast;

	for (nid n = r->s->lints.node0; n < a->n && r->n; n++) {
		const struct node *nd = &a->v[n];
		uint32_t lo = 0, hi = r->n;

		if (nd->kind < N_WORKFLOW || nd->kind > N_LABEL || nd->kind == N_TYPE)
			continue;
		while (lo < hi) {
			uint32_t mid = lo + (hi - lo) / 2;

			*(r->cover[mid].lo <= nd->span.lo ? &lo : &hi) = mid + (r->cover[mid].lo <= nd->span.lo);
		}
		for (uint32_t k = lo; k-- > 0 && r->cover[k].lo == r->cover[lo - 1].lo;)
			if (nd->span.lo < r->cover[k].line_hi && nd->span.hi > r->cover[k].hi)
				r->cover[k].hi = nd->span.hi;
	}
}

void lint_watch(struct session *s, const struct source *src)
{
	s->lints.node0 = s->ast.n ? s->ast.n : 1;
	s->lints.note0 = s->ast.ncomments;
	if (src && memmem(src->text, src->len, MARK, sizeof MARK - 1))
		s->ast.keep_comments = true;
}

void lint_collect(struct session *s, const struct source *src)
{
	struct reader r = { .s = s, .src = src, .rule0 = s->lints.n };
	struct lint_rule rule = { .tier = TIER_FILE };
	enum front_kind kind;

	if (!src)
		return;
	rule.lo = src->base, rule.hi = src->base + src->len;
	kind = front_of(src);
	r.cfg = kind == FRONT_CFG;
	if (kind == FRONT_CFG)
		comments_cfg(&r);
	else if (kind == FRONT_WEFT)
		comments_weft(&r);
	if (kind == FRONT_WEFT)
		reach(&r);
	for (uint32_t i = r.rule0; i < s->lints.n; i++) {
		struct lint_rule *v = &s->lints.v[i];

		v->lo = r.cover[v->hi].lo;
		v->hi = r.cover[v->hi].hi;
	}
	free(r.cover);
	if (src == s->main)
		rule.lo = 0, rule.hi = UINT32_MAX;
	for (nid n = ast_kid(&s->ast, s->ast.root); n; n = ast_next(&s->ast, n))
		if (lint_is_block(s, &s->ast, n))
			block_read(s, &s->ast, rule, n);
}
