/* cfg_text.c - values with %(key)s and $variables put in, and where each byte came from.
 *
 * One pass over the raw text: %% is a %, %(key)s the value of a key of the section or of [DEFAULT], $name the
 * value of a variable of the whole file.  What is put in is expanded by itself, not read again, so that a value
 * cannot make new references.  Nesting ends at CFG_DEPTH, sizes at CFG_VALUE_MAX and CFG_TOTAL_MAX. */
#include "lang/cfg.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

struct out { /* a value under construction */
	struct cfg *c;
	uint32_t section;
	struct cfg_entry *e; /* whose value */
	struct buf b;
	struct cfg_piece *p;
	uint32_t np, pcap;
	bool shared, bad;
	uint32_t piece; /* of the raw text: where we are */
};

static bool expand(struct cfg *c, struct cfg_entry *e, uint32_t section, int depth, struct cfg_text *out);

struct span cfg_span(const struct cfg_text *t, size_t lo, size_t hi)
{
	uint32_t a = 0, b = t->np;
	struct span sp;

	while (b - a > 1) {
		uint32_t mid = a + (b - a) / 2;

		*(t->p[mid].at <= lo ? &a : &b) = mid;
	}
	sp = t->p[a].src;
	if (t->p[a].verbatim)
		sp.lo += (uint32_t)lo - t->p[a].at;
	if (sp.lo > sp.hi)
		sp.lo = sp.hi;
	for (b = a; b + 1 < t->np && t->p[b + 1].at < hi;)
		b++;
	if (!t->p[b].verbatim)
		sp.hi = t->p[b].src.hi;
	else if (hi - t->p[b].at < t->p[b].src.hi - t->p[b].src.lo)
		sp.hi = t->p[b].src.lo + (uint32_t)(hi - t->p[b].at);
	else
		sp.hi = t->p[b].src.hi;
	if (sp.hi < sp.lo)
		sp.hi = sp.lo;
	return sp;
}

/* ---- variables ---- */

static uint64_t var_key(name nm)
{
	return (uint64_t)UINT32_MAX << 32 | nm;
}

static bool same_raw(const struct cfg_entry *a, const struct cfg_entry *b)
{
	return a->raw.n == b->raw.n && !memcmp(a->raw.s, b->raw.s, a->raw.n);
}

/* Sections share one variable: the last value counts. */
static void add_var(struct cfg *c, uint32_t entry)
{
	struct cfg_entry *e = &c->e[entry];
	uint64_t key = var_key(e->key);
	uint32_t have = cfg_get(c, key);
	struct cfg_entry *old = have ? &c->e[c->var[have - 1].entry] : NULL;
	uint32_t len = e->key_span.hi - e->key_span.lo - 1;

	if (old && !same_raw(old, e)) {
		diag_error(c->d, W0165, e->key_span, "variable `%s` is set twice", name_str(c->names, e->key));
		diag_label(c->d, "this value counts, in the whole file");
		diag_at(c->d, old->key_span, "also set here");
	}
	if (!have) {
		c->var = grow(c->var, &c->varcap, c->nvar + 1, sizeof *c->var);
		have = ++c->nvar;
		cfg_put(c, key, have);
	}
	c->var[have - 1] = (struct cfg_var){ name_str(c->names, e->key) + 1,
		arena_strndup(c->arena, source_text(c->a->sources, e->key_span) + 1, len), len, entry, false };
}

void cfg_vars(struct cfg *c)
{
	bool has[CFG_VAR_MAX + 1] = { false };

	for (uint32_t i = 0; i < c->ne; i++)
		if (name_len(c->names, c->e[i].key) > 1 && name_str(c->names, c->e[i].key)[0] == '$')
			add_var(c, i);
	for (uint32_t i = 0; i < c->nvar; i++)
		if (c->var[i].len <= CFG_VAR_MAX)
			has[c->var[i].len] = true;
	c->varlen = arena_alloc(c->arena, sizeof(has) * sizeof *c->varlen);
	for (uint16_t n = CFG_VAR_MAX; n > 0; n--)
		if (has[n])
			c->varlen[c->nvarlen++] = n;
}

/* The longest variable whose name stands behind the $ at s, in lower case or as it was written where it is set. */
static struct cfg_var *var_at(struct cfg *c, const char *s, size_t n)
{
	char low[CFG_VAR_MAX + 2];

	for (uint32_t i = 0; i < c->nvarlen; i++) {
		size_t len = c->varlen[i];
		struct cfg_var *v;
		uint32_t k;

		if (len >= n)
			continue;
		for (size_t j = 0; j <= len; j++)
			low[j] = (char)tolower((unsigned char)s[j]);
		k = cfg_get(c, var_key(name_find(c->names, low, len + 1)));
		v = k ? &c->var[k - 1] : NULL;
		if (v && (!memcmp(s + 1, v->name, len) || !memcmp(s + 1, v->as_written, len)))
			return v;
	}
	return NULL;
}

/* ---- output ---- */

static bool too_large(struct out *o, struct span sp)
{
	if (!o->c->overflow) {
		diag_error(o->c->d, E0167, sp, "value of key `%s` grows too large", name_str(o->c->names, o->e->key));
		diag_label(o->c->d, "with this put in");
	}
	o->c->overflow = true;
	o->bad = true;
	return false;
}

static bool put(struct out *o, const char *s, size_t n, struct span src, bool verbatim)
{
	if (!n)
		return true;
	o->p = grow(o->p, &o->pcap, o->np + 1, sizeof *o->p);
	o->p[o->np++] = (struct cfg_piece){ (uint32_t)o->b.len, verbatim, src };
	o->c->expanded += n;
	if (!buf_add(&o->b, s, n) || o->c->expanded > CFG_TOTAL_MAX)
		return too_large(o, src);
	return true;
}

/* Put in what another entry says. */
static void put_entry(struct out *o, struct cfg_entry *e, struct span sp, int depth)
{
	struct cfg_text t;

	if (expand(o->c, e, o->section, depth + 1, &t))
		put(o, t.s, t.n, sp, false);
	else
		o->bad = true;
	o->shared &= e->shared;
}

static void loop(struct out *o, struct cfg_entry *e, struct span sp, int depth)
{
	struct cfg *c = o->c;

	o->bad = true;
	if (e->bad)
		return;
	if (depth >= CFG_DEPTH)
		diag_error(c->d, E0166, sp, "values refer to each other more than %d deep", CFG_DEPTH);
	else
		diag_error(c->d, E0166, sp, "value of key `%s` contains itself", name_str(c->names, e->key));
	diag_at(c->d, e->key_span, "key `%s` is defined here", name_str(c->names, e->key));
	e->bad = true;
}

/* ---- %(key)s ---- */

static void suggest_key(struct out *o, const char *word)
{
	struct suggest s = { .to = word };

	for (uint32_t i = 0; i < o->c->ne && o->c->budget; i++, o->c->budget--)
		if (o->c->e[i].section == o->section || !o->c->e[i].section)
			suggest_try(&s, name_str(o->c->names, o->c->e[i].key));
	if (!suggest_best(&s))
		return;
	diag_help(o->c->d, "did you mean %%(%s)s?", suggest_best(&s));
	cfg_put(o->c, cfg_used_key(name_ofs(o->c->names, suggest_best(&s))), 1);
}

static void unknown_key(struct out *o, const char *word, struct span sp)
{
	o->bad = true;
	diag_error(o->c->d, E0165, sp, "no key `%s` in section `%s` or [DEFAULT]", word,
		name_str(o->c->names, o->c->sec[o->section].name));
	suggest_key(o, word);
}

/* s[0..n) begins with "%("; how many bytes the reference takes, 0 if it is none. */
static size_t reference(struct out *o, const char *s, size_t n, struct span sp, int depth)
{
	const char *close = memchr(s, ')', n);
	size_t len = close ? (size_t)(close - s) : 0;
	struct cfg_entry *e;
	char *word;

	if (!close || len + 1 >= n || close[1] != 's' || memchr(s, '\n', len))
		return 0;
	word = arena_strndup(o->c->arena, s + 2, len - 2);
	for (char *p = word; *p; p++)
		*p = (char)tolower((unsigned char)*p);
	sp.hi = sp.lo + (uint32_t)len + 2;
	e = cfg_find(o->c, o->section, word);
	if (cfg_get(o->c, cfg_any_key(name_ofs(o->c->names, word))))
		o->shared = false;
	cfg_put(o->c, cfg_used_key(name_ofs(o->c->names, word)), 1);
	if (!e) {
		unknown_key(o, word, sp);
	} else {
		if (e->state == CFG_BUSY || depth >= CFG_DEPTH)
			loop(o, e, sp, depth);
		else
			put_entry(o, e, sp, depth);
	}
	return len + 2;
}

static void lone_percent(struct out *o, struct span sp, bool four)
{
	if (o->e->percent_said)
		return;
	o->e->percent_said = true;
	if (four) {
		diag_error(o->c->d, W0161, sp, "`%%%%%%%%` is taken as one %%");
		diag_help(o->c->d, "write %%%% for one %%");
	} else {
		diag_error(o->c->d, W0161, sp, "a %% stands alone and is taken as it is");
		diag_help(o->c->d, "write %%%% for a %%, %%(key)s for the value of a key");
	}
}

static size_t percent(struct out *o, const char *s, size_t n, struct span sp, int depth)
{
	size_t used = n > 1 && s[1] == '(' ? reference(o, s, n, sp, depth) : 0;

	if (used)
		return used;
	if (n >= 4 && !memcmp(s, "%%%%", 4)) {
		sp.hi = sp.lo + 4;
		lone_percent(o, sp, true);
		put(o, "%", 1, sp, false);
		return 4;
	}
	if (n >= 2 && s[1] == '%') {
		sp.hi = sp.lo + 2;
		put(o, "%", 1, sp, false);
		return 2;
	}
	sp.hi = sp.lo + 1;
	lone_percent(o, sp, false);
	put(o, "%", 1, sp, true);
	return 1;
}

/* ---- $name ---- */

static bool word_char(char ch)
{
	return isalnum((unsigned char)ch) || ch == '_';
}

static void doubtful_variable(struct out *o, struct cfg_var *v, const char *s, size_t n, struct span sp, bool written)
{
	size_t len = v->len;

	while (len < n && word_char(s[1 + len]))
		len++;
	sp.hi = sp.lo + 1 + (uint32_t)len;
	if (len > v->len && word_char(v->name[v->len - 1])) {
		diag_error(o->c->d, W0163, sp, "variable `$%s` is put in at the start of `$%.*s`", v->name, (int)len, s + 1);
		diag_at(o->c->d, o->c->e[v->entry].key_span, "the variable");
		diag_help(o->c->d, "give the variable a longer name, or the other one a value");
	}
	if (written && !v->case_said) {
		v->case_said = true;
		diag_error(o->c->d, W0164, sp, "variable `$%s` is put in here; the old tool knew it as `$%s` only", v->as_written,
			v->name);
		diag_at(o->c->d, o->c->e[v->entry].key_span, "the variable");
		diag_help(o->c->d, "write variables in lower case");
	}
}

static size_t dollar(struct out *o, const char *s, size_t n, struct span sp, int depth)
{
	struct cfg_var *v = var_at(o->c, s, n);
	struct cfg_entry *e;

	sp.hi = sp.lo + 1;
	if (!v) {
		put(o, "$", 1, sp, true);
		return 1;
	}
	doubtful_variable(o, v, s, n - 1, sp, memcmp(s + 1, v->name, v->len) != 0);
	sp.hi = sp.lo + 1 + v->len;
	e = &o->c->e[v->entry];
	if (e->state == CFG_BUSY || depth >= CFG_DEPTH)
		loop(o, e, sp, depth);
	else
		put_entry(o, e, sp, depth);
	return v->len + 1;
}

/* ---- a value ---- */

/* Where raw byte i stands: pieces are visited in order. */
static struct span raw_at(struct out *o, uint32_t i)
{
	const struct cfg_text *raw = &o->e->raw;
	uint32_t pos;

	while (o->piece + 1 < raw->np && raw->p[o->piece + 1].at <= i)
		o->piece++;
	pos = raw->p[o->piece].src.lo + (i - raw->p[o->piece].at);
	if (pos > raw->p[o->piece].src.hi)
		pos = raw->p[o->piece].src.hi;
	return (struct span){ pos, pos };
}

/* A stretch without references: verbatim, cut where the raw text's pieces are. */
static void put_raw(struct out *o, uint32_t lo, uint32_t hi)
{
	const struct cfg_text *raw = &o->e->raw;

	while (lo < hi && !o->bad) {
		struct span sp = raw_at(o, lo);
		uint32_t end = o->piece + 1 < raw->np && raw->p[o->piece + 1].at < hi ? raw->p[o->piece + 1].at : hi;

		sp.hi = raw->p[o->piece].src.hi;
		put(o, raw->s + lo, end - lo, sp, true);
		lo = end;
	}
}

static void expand_raw(struct out *o, int depth)
{
	const char *s = o->e->raw.s;
	uint32_t n = o->e->raw.n, i = 0;

	while (i < n && !o->bad) {
		uint32_t from = i;

		while (i < n && s[i] != '%' && (s[i] != '$' || !o->c->nvar))
			i++;
		put_raw(o, from, i);
		if (i < n)
			i += (uint32_t)(s[i] == '%' ? percent(o, s + i, n - i, raw_at(o, i), depth) :
						      dollar(o, s + i, n - i, raw_at(o, i), depth));
	}
}

static bool has_reference(const struct cfg *c, const struct cfg_text *t)
{
	return memchr(t->s, '%', t->n) || (c->nvar && memchr(t->s, '$', t->n));
}

/* The value as seen from a section, nested `depth` deep.  Depth is limited, so this may recurse. */
static bool expand(struct cfg *c, struct cfg_entry *e, uint32_t section, int depth, struct cfg_text *text)
{
	struct out o = { .c = c, .section = section, .e = e, .shared = true };
	struct cfg_piece *p;

	if (e->bad || c->overflow)
		return false;
	if (e->state == CFG_DONE && (e->shared || e->section == section)) {
		*text = e->value;
		return true;
	}
	if (!has_reference(c, &e->raw)) {
		e->state = CFG_DONE;
		e->shared = true;
		*text = e->value = e->raw;
		return true;
	}
	e->state = CFG_BUSY;
	buf_init(&o.b, CFG_VALUE_MAX);
	expand_raw(&o, depth);
	p = arena_alloc(c->arena, (o.np + 1) * sizeof *p);
	p[0] = (struct cfg_piece){ 0, true, { e->span.lo, e->span.lo } };
	if (o.np)
		memcpy(p, o.p, o.np * sizeof *p);
	*text = e->value = (struct cfg_text){ arena_strndup(c->arena, buf_str(&o.b), o.b.len), (uint32_t)o.b.len,
		o.np ? o.np : 1, p };
	e->state = CFG_DONE;
	e->shared = o.shared;
	e->bad |= o.bad;
	buf_free(&o.b);
	free(o.p);
	return !o.bad;
}

bool cfg_value(struct cfg *c, struct cfg_entry *e, uint32_t section, struct cfg_text *out)
{
	return expand(c, e, section, 0, out);
}
