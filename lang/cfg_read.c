/* cfg_read.c - lines of a job.cfg -> sections and entries, as Python's ConfigParser reads them.
 *
 * A line indented deeper than its key continues the value; empty lines inside a value belong to it; lines whose
 * first character is # or ; are comments anywhere.  The first = or : ends the key. */
#include "lang/cfg.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

struct line {
	uint32_t lo, hi; /* without blanks around, offsets in the text */
	uint32_t indent;
};
struct reader {
	struct cfg *c;
	const char *t;
	uint32_t section;
	bool in_section;
	bool said_no_section;
	uint32_t entry;   /* of the value that may go on; UINT32_MAX: none */
	uint32_t indent;
	struct buf value; /* the value so far */
	struct cfg_piece *p;
	uint32_t np, pcap;
	uint32_t end;     /* offset behind the value's last byte */
};

/* ---- the hash ---- */

static uint32_t slot_of(const struct cfg *c, uint64_t key)
{
	uint64_t h = (key ^ key >> 29) * 0x9e3779b97f4a7c15u;
	uint32_t i = (uint32_t)(h >> 32) & c->mask;

	while (c->slot[i].v && c->slot[i].key != key)
		i = (i + 1) & c->mask;
	return i;
}

uint32_t cfg_get(const struct cfg *c, uint64_t key)
{
	return c->mask ? c->slot[slot_of(c, key)].v : 0;
}

void cfg_put(struct cfg *c, uint64_t key, uint32_t v)
{
	uint32_t i;

	if (!c->mask || c->nslot > c->mask / 4 * 3) {
		struct cfg_slot *old = c->slot;
		uint32_t m = c->mask;

		c->mask = m ? m * 2 + 1 : 1023;
		c->slot = xcalloc((size_t)c->mask + 1, sizeof *c->slot);
		for (i = 0; old && i <= m; i++)
			if (old[i].v)
				c->slot[slot_of(c, old[i].key)] = old[i];
		free(old);
	}
	i = slot_of(c, key);
	c->nslot += !c->slot[i].v;
	c->slot[i] = (struct cfg_slot){ key, v };
}

struct cfg_entry *cfg_own(struct cfg *c, uint32_t section, const char *key)
{
	name nm = name_find(c->names, key, strlen(key));
	uint32_t i = nm ? cfg_get(c, cfg_key(section, nm)) : 0;

	return i ? &c->e[i - 1] : NULL;
}

struct cfg_entry *cfg_find(struct cfg *c, uint32_t section, const char *key)
{
	struct cfg_entry *e = cfg_own(c, section, key);

	return e || !section ? e : cfg_own(c, 0, key);
}

/* ---- lines ---- */

static struct span span_of(const struct reader *r, uint32_t lo, uint32_t hi)
{
	return (struct span){ r->c->src->base + lo, r->c->src->base + hi };
}

static bool is_blank(char ch)
{
	return ch == ' ' || ch == '\t' || ch == '\r' || ch == '\f' || ch == '\v';
}

static void trim(const struct reader *r, struct line *l)
{
	while (l->lo < l->hi && is_blank(r->t[l->lo]))
		l->lo++;
	while (l->hi > l->lo && is_blank(r->t[l->hi - 1]))
		l->hi--;
}

static void add_text(struct reader *r, uint32_t lo, uint32_t hi)
{
	r->p = grow(r->p, &r->pcap, r->np + 1, sizeof *r->p);
	r->p[r->np++] = (struct cfg_piece){ (uint32_t)r->value.len, true, span_of(r, lo, hi) };
	if (!buf_add(&r->value, r->t + lo, hi - lo))
		r->c->e[r->entry].bad = true;
	else if (hi > lo)
		r->end = hi;
}

/* The value is complete: keep it without the empty lines at its end. */
static void finish_entry(struct reader *r)
{
	struct cfg_entry *e;
	struct cfg_piece *p;

	if (r->entry == UINT32_MAX)
		return;
	e = &r->c->e[r->entry];
	r->entry = UINT32_MAX;
	while (r->value.len && r->value.p[r->value.len - 1] == '\n')
		r->value.p[--r->value.len] = 0;
	while (r->np > 1 && r->p[r->np - 1].at >= r->value.len)
		r->np--;
	p = arena_alloc(r->c->arena, r->np * sizeof *p);
	memcpy(p, r->p, r->np * sizeof *p);
	e->raw = (struct cfg_text){ arena_strndup(r->c->arena, buf_str(&r->value), r->value.len), (uint32_t)r->value.len,
		r->np, p };
	e->span.hi = r->c->src->base + r->end;
	if (e->bad) {
		diag_error(r->c->d, E0167, e->key_span, "value of key `%s` is too large", name_str(r->c->names, e->key));
		diag_label(r->c->d, "more than %d MB", CFG_VALUE_MAX >> 20);
	}
	buf_reset(&r->value);
	r->np = 0;
}

/* Does the section whose header ends at p have a key cmd? */
static bool has_cmd(const char *p, const char *end)
{
	while ((p = memchr(p, '\n', (size_t)(end - p)))) {
		while (p < end && (is_blank(*p) || *p == '\n'))
			p++;
		if (p == end || *p == '[')
			break;
		if (end - p > 3 && !strncasecmp(p, "cmd", 3) && strchr(" \t=:", p[3]))
			return true;
	}
	return false;
}

/* [default] or [Default] is meant for [DEFAULT], unless it has a command or the right one stands in the file too. */
static bool misspelt_default(struct reader *r, uint32_t lo, uint32_t hi)
{
	struct cfg *c = r->c;

	if (hi - lo != 7 || strncasecmp(r->t + lo, "DEFAULT", 7) || has_cmd(r->t + hi, r->t + c->src->len) ||
		memmem(r->t, c->src->len, "[DEFAULT]", 9))
		return false;
	diag_error(c->d, W0177, span_of(r, lo, hi), "section `%.7s` is taken as [DEFAULT]", r->t + lo);
	diag_help(c->d, "write [DEFAULT]: sections are told apart by capitals");
	diag_fix(c->d, span_of(r, lo, hi), "DEFAULT");
	return true;
}

static void open_section(struct reader *r, uint32_t lo, uint32_t hi)
{
	struct cfg *c = r->c;
	bool is_default = (hi - lo == 7 && !memcmp(r->t + lo, "DEFAULT", 7)) || misspelt_default(r, lo, hi);
	name nm = is_default ? c->sec[0].name : name_of(c->names, r->t + lo, hi - lo);
	uint32_t have = cfg_get(c, cfg_section_key(nm));

	r->in_section = true;
	if (have && (!is_default || c->default_written)) {
		diag_error(c->d, E0163, span_of(r, lo, hi), "section `%s` stands in the file twice", name_str(c->names, nm));
		diag_label(c->d, "again here");
		diag_at(c->d, c->sec[have - 1].span, "first here");
		diag_help(c->d, "join the two, or give one another name");
		r->section = have - 1;
		return;
	}
	if (is_default) {
		c->default_written = true;
		c->sec[0].span = span_of(r, lo, hi);
		r->section = 0;
		return;
	}
	c->sec = grow(c->sec, &c->seccap, c->nsec + 1, sizeof *c->sec);
	c->sec[c->nsec] = (struct cfg_section){ .name = nm, .span = span_of(r, lo, hi) };
	r->section = c->nsec++;
	cfg_put(c, cfg_section_key(nm), c->nsec);
}

static void read_header(struct reader *r, const struct line *l)
{
	const char *close = memchr(r->t + l->lo, ']', l->hi - l->lo);
	struct line in, rest;

	if (!close) {
		diag_error(r->c->d, E0162, span_of(r, l->lo, l->hi), "section header is not closed");
		diag_help(r->c->d, "write [name]");
		r->in_section = false;
		r->c->lost = r->said_no_section = true;
		return;
	}
	in = (struct line){ l->lo + 1, (uint32_t)(close - r->t), 0 };
	rest = (struct line){ in.hi + 1, l->hi, 0 };
	trim(r, &in);
	trim(r, &rest);
	if (in.lo == in.hi) {
		diag_error(r->c->d, E0162, span_of(r, l->lo, in.hi + 1), "section has no name");
		diag_help(r->c->d, "a section is a task: write its name in the brackets");
		r->in_section = false;
		r->c->lost = r->said_no_section = true;
		return;
	}
	if (rest.lo < rest.hi && r->t[rest.lo] != '#' && r->t[rest.lo] != ';') {
		diag_error(r->c->d, W0160, span_of(r, rest.lo, rest.hi), "text after a section header is ignored");
		diag_help(r->c->d, "put it on a line of its own");
		diag_fix_unsafe(r->c->d, span_of(r, rest.lo, rest.lo), "\n");
	}
	open_section(r, in.lo, in.hi);
}

/* keys are told apart without regard to case */
static name lower_name(struct reader *r, uint32_t lo, uint32_t hi)
{
	char *s = arena_strndup(r->c->arena, r->t + lo, hi - lo);

	for (char *p = s; *p; p++)
		*p = (char)tolower((unsigned char)*p);
	return name_of(r->c->names, s, hi - lo);
}

static void add_entry(struct reader *r, struct line key, uint32_t value_lo, uint32_t value_hi)
{
	struct cfg *c = r->c;
	name nm = lower_name(r, key.lo, key.hi);
	uint32_t have = cfg_get(c, cfg_key(r->section, nm));

	c->e = grow(c->e, &c->ecap, c->ne + 1, sizeof *c->e);
	c->e[c->ne] = (struct cfg_entry){ .key = nm, .key_span = span_of(r, key.lo, key.hi), .section = r->section,
		.span = span_of(r, value_lo, value_lo) };
	r->entry = c->ne++;
	r->end = value_lo;
	add_text(r, value_lo, value_hi);
	if (have) {
		diag_error(c->d, E0164, c->e[r->entry].key_span, "key `%s` stands in section `%s` twice",
			name_str(c->names, nm), name_str(c->names, c->sec[r->section].name));
		diag_label(c->d, "again here");
		diag_at(c->d, c->e[have - 1].key_span, "first here");
		return;
	}
	cfg_put(c, cfg_key(r->section, nm), c->ne);
	if (r->section)
		cfg_put(c, cfg_any_key(nm), c->ne);
}

static void no_section(struct reader *r, const struct line *l)
{
	if (r->said_no_section)
		return;
	r->c->lost = r->said_no_section = true;
	diag_error(r->c->d, E0160, span_of(r, l->lo, l->hi), "line stands before the first section");
	diag_help(r->c->d, "write [DEFAULT] above what counts for all tasks, [NAME] above what a task has");
}

static void read_entry(struct reader *r, const struct line *l)
{
	struct line key = { l->lo, l->lo, 0 }, value = { 0, l->hi, 0 };

	while (key.hi < l->hi && r->t[key.hi] != '=' && r->t[key.hi] != ':')
		key.hi++;
	if (!r->in_section) {
		no_section(r, l);
		return;
	}
	value.lo = key.hi + 1;
	if (key.hi == l->hi) {
		diag_error(r->c->d, E0161, span_of(r, l->lo, l->hi), "line is neither a section nor `key = value`");
		diag_help(r->c->d, "a line that continues a value is indented; a comment begins with #");
		return;
	}
	trim(r, &key);
	trim(r, &value);
	if (key.lo == key.hi) {
		diag_error(r->c->d, E0161, span_of(r, l->lo, l->lo + 1), "line has no key");
		return;
	}
	add_entry(r, key, value.lo, value.hi);
}

static void read_line(struct reader *r, struct line l)
{
	uint32_t start = l.lo;
	bool comment;

	trim(r, &l);
	l.indent = l.lo - start;
	comment = l.lo < l.hi && (r->t[l.lo] == '#' || r->t[l.lo] == ';');
	if (comment)
		return;
	if (l.lo == l.hi) {
		if (r->entry != UINT32_MAX)
			buf_addc(&r->value, '\n');
		return;
	}
	if (r->entry != UINT32_MAX && l.indent > r->indent) {
		if (!buf_addc(&r->value, '\n'))
			r->c->e[r->entry].bad = true;
		add_text(r, l.lo, l.hi);
		return;
	}
	finish_entry(r);
	r->indent = l.indent;
	if (r->t[l.lo] == '[')
		read_header(r, &l);
	else
		read_entry(r, &l);
}

void cfg_open(struct cfg *c)
{
	name def = name_ofs(c->names, "DEFAULT");

	c->sec = grow(c->sec, &c->seccap, 1, sizeof *c->sec);
	c->sec[c->nsec++] = (struct cfg_section){ .name = def };
	cfg_put(c, cfg_section_key(def), 1);
}

void cfg_read(struct cfg *c)
{
	struct reader r = { .c = c, .t = c->src->text, .entry = UINT32_MAX };
	const char *p = r.t, *end = r.t + c->src->len;

	buf_init(&r.value, CFG_VALUE_MAX);
	while (p < end) {
		const char *nl = memchr(p, '\n', (size_t)(end - p));
		const char *stop = nl ? nl : end;

		read_line(&r, (struct line){ (uint32_t)(p - r.t), (uint32_t)(stop - r.t), 0 });
		p = stop + 1;
	}
	finish_entry(&r);
	buf_free(&r.value);
	free(r.p);
}
