/* cfg_line.c - see cfgline.h; and its options as entries that stand above those of the file. */
#include "lang/cfg.h"
#include "lang/cfgline.h"

#include <stdlib.h>
#include <string.h>

enum { LINE_MAX_BYTES = 64 << 20 };

struct option {
	const char *key, *value;
	uint32_t word_lo, word_hi, lo, hi; /* in the text; the value without its quotes */
	uint32_t piece, npiece;
};
struct piece { /* from byte `at` of the value on, the text's bytes from `lo` on */
	uint32_t at, lo, hi;
};
struct cfg_line {
	struct arena *arena;
	const struct source *src;
	struct buf text;
	bool large, each;
	struct option *v;
	uint32_t n, cap;
	struct piece *p;
	uint32_t np, pcap;
};

bool cfg_line_key(const char *word)
{
	for (unsigned k = 0; k < K_COUNT; k++)
		if (!strcmp(word, cfg_key_text((enum cfg_key)k)))
			return true;
	return false;
}

struct cfg_line *cfg_line_new(const char *head)
{
	struct cfg_line *l = xcalloc(1, sizeof *l);

	l->arena = arena_new();
	buf_init(&l->text, LINE_MAX_BYTES);
	buf_adds(&l->text, head);
	return l;
}

void cfg_line_free(struct cfg_line *l)
{
	if (!l)
		return;
	buf_free(&l->text);
	arena_free(l->arena);
	free(l->v);
	free(l->p);
	free(l);
}

void cfg_line_each(struct cfg_line *l)
{
	l->each = true;
}

bool cfg_line_is_each(const struct cfg_line *l)
{
	return l->each;
}

static void put(struct cfg_line *l, const char *s, size_t n)
{
	if (!buf_add(&l->text, s, n))
		l->large = true;
}

static void put_piece(struct cfg_line *l, const char *value, size_t at, size_t n)
{
	uint32_t lo = (uint32_t)l->text.len;

	put(l, value + at, n);
	l->p = grow(l->p, &l->pcap, l->np + 1, sizeof *l->p);
	l->p[l->np++] = (struct piece){ (uint32_t)at, lo, (uint32_t)l->text.len };
}

/* Does the word mean itself to a shell? */
static bool plain(const char *s)
{
	return *s && !s[strspn(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-+=.,/:@%")];
}

/* The value, in '...' when a shell would take it apart; a quote in it is '\''. */
static void put_value(struct cfg_line *l, const char *v)
{
	bool quote = !plain(v);
	size_t n;

	put(l, "'", quote);
	for (size_t at = 0;; at += n + 1) {
		n = strcspn(v + at, "'");
		if (v[at + n])
			put_piece(l, v, at, n + 1); /* with the quote, which is the first of '\'' */
		else
			put_piece(l, v, at, n);
		if (!v[at + n])
			break;
		put(l, "\\''", 3);
	}
	put(l, "'", quote);
}

void cfg_line_add(struct cfg_line *l, const char *word, const char *key, const char *value, bool flag)
{
	struct option o = { .key = key ? arena_strdup(l->arena, key) : NULL, .value = arena_strdup(l->arena, value), .piece = l->np };

	put(l, " ", 1);
	o.word_lo = (uint32_t)l->text.len;
	if (word)
		put(l, word, strlen(word));
	o.word_hi = (uint32_t)l->text.len;
	if (word && !flag)
		put(l, " ", 1);
	if (!flag)
		put_value(l, value);
	o.npiece = l->np - o.piece;
	o.lo = flag ? o.word_lo : l->p[o.piece].lo;
	o.hi = flag ? o.word_hi : l->p[l->np - 1].hi;
	if (!word)
		o.word_lo = o.lo, o.word_hi = o.hi;
	l->v = grow(l->v, &l->cap, l->n + 1, sizeof *l->v);
	l->v[l->n++] = o;
}

const struct source *cfg_line_source(struct cfg_line *l, struct sources *ss, struct diags *d)
{
	if (l->large) {
		diag_error(d, E0902, NOSPAN, "file `%s` is too large: more than %s", CFG_LINE_PATH, "64 MB");
		return NULL;
	}
	l->src = source_add(ss, CFG_LINE_PATH, buf_str(&l->text), l->text.len, d);
	return l->src;
}

/* ---- entries ---- */

static struct span span_of(const struct cfg_line *l, uint32_t lo, uint32_t hi)
{
	return (struct span){ l->src->base + lo, l->src->base + hi };
}

/* The value knows where each byte came from, also around quotes. */
static struct cfg_text text_of(struct cfg *c, const struct cfg_line *l, const struct option *o)
{
	uint32_t n = o->npiece ? o->npiece : 1;
	struct cfg_piece *p = arena_alloc(c->arena, n * sizeof *p);

	p[0] = (struct cfg_piece){ 0, false, span_of(l, o->word_lo, o->word_hi) };
	for (uint32_t i = 0; i < o->npiece; i++) {
		const struct piece *q = &l->p[o->piece + i];

		p[i] = (struct cfg_piece){ q->at, true, span_of(l, q->lo, q->hi) };
	}
	return (struct cfg_text){ o->value, (uint32_t)strlen(o->value), n, p };
}

static void add_entry(struct cfg *c, const struct cfg_line *l, const struct option *o)
{
	struct cfg_text t = text_of(c, l, o);

	c->e = grow(c->e, &c->ecap, c->ne + 1, sizeof *c->e);
	c->e[c->ne++] = (struct cfg_entry){ .key = name_ofs(c->names, o->key), .key_span = span_of(l, o->word_lo, o->word_hi),
		.span = span_of(l, o->lo, o->hi), .raw = t, .value = t, .section = CFG_OPTIONS, .state = CFG_DONE, .shared = true };
	cfg_put(c, cfg_option_key(c->e[c->ne - 1].key), c->ne);
}

void cfg_options(struct cfg *c, const struct cfg_line *l)
{
	c->option_lo = c->ne;
	for (uint32_t i = 0; i < l->n; i++)
		if (l->v[i].key)
			add_entry(c, l, &l->v[i]);
	c->option_hi = c->ne;
}

void cfg_line_task(struct cfg *c)
{
	struct cfg_entry *e = cfg_option(c, K_cmd);
	name nm = name_ofs(c->names, "task");

	c->sec = grow(c->sec, &c->seccap, c->nsec + 1, sizeof *c->sec);
	c->sec[c->nsec++] = (struct cfg_section){ .name = nm, .span = e ? e->span : NOSPAN };
	cfg_put(c, cfg_section_key(nm), c->nsec);
}

struct cfg_entry *cfg_option(struct cfg *c, enum cfg_key k)
{
	uint32_t i = c->option_hi > c->option_lo ? cfg_get(c, cfg_option_key(name_ofs(c->names, cfg_key_text(k)))) : 0;

	return i ? &c->e[i - 1] : NULL;
}

bool cfg_option_named(struct cfg *c, const char *key, uint32_t *i, struct cfg_val *v)
{
	name nm = name_ofs(c->names, key);

	while (c->option_lo + *i < c->option_hi) {
		struct cfg_entry *e = &c->e[c->option_lo + (*i)++];

		if (e->key != nm)
			continue;
		*v = (struct cfg_val){ .e = e, .key = key, .t = e->value, .all = { 0, e->value.n } };
		return true;
	}
	return false;
}

bool cfg_fetch_option(struct cfg *c, enum cfg_key k, uint32_t *i, struct cfg_val *v)
{
	name nm = name_ofs(c->names, cfg_key_text(k));

	while (c->option_lo + *i < c->option_hi) {
		struct cfg_entry *e = &c->e[c->option_lo + (*i)++];

		if (e->key == nm && cfg_val_of(c, e, 0, k, v))
			return true;
	}
	return false;
}
