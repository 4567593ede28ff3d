/* diagtext.c - diagnostics for people: the excerpt with carets, and the short form for editors.
 *
 * A diagnostic's marks (primary, labels, ends of spans over several lines) are sorted by
 * file and line; each line is drawn once with all its marks, the rightmost label beside its
 * caret, the others below on stems.  Very long lines are shown as a window around the marks. */
#include "base/buf.h"
#include "base/diag.h"

#include <stdlib.h>
#include <string.h>

enum { LINE_BYTES = 240, LEAD_BYTES = 60, TEXT_MAX = 1 << 20, MARKS = 64 };

struct mark {
	struct place at;
	uint32_t off, end; /* bytes in the line: offsets in the source's text, clipped to the line */
	uint32_t c0, c1;   /* columns in the drawn line */
	const char *text;  /* may be NULL */
	bool primary;
};
struct view { /* one diagnostic being drawn */
	struct buf *b;
	const struct diags *d;
	const struct diag *g;
	bool color;
	int gutter;
	struct mark m[MARKS];
	uint32_t n;
};

enum tint { PLAIN, BOLD, BLUE, SEVERITY };

static void tint(struct view *v, enum tint t)
{
	static const char *const sev[] = { "\033[1;31m", "\033[1;33m", "\033[1;36m" };

	if (!v->color)
		return;
	buf_adds(v->b, t == PLAIN ? "\033[0m" : t == BOLD ? "\033[1m" : t == BLUE ? "\033[1;34m" : sev[v->g->severity]);
}

static void blanks(struct buf *b, uint32_t n)
{
	for (; n; n--)
		buf_addc(b, ' ');
}

/* ---- text that may hold anything ---- */

static uint32_t decode(const unsigned char *p, size_t n, size_t *used)
{
	int more = p[0] < 0xc2 ? 0 : p[0] < 0xe0 ? 1 : p[0] < 0xf0 ? 2 : p[0] < 0xf5 ? 3 : 0;
	uint32_t c = p[0];

	*used = 1;
	if (!more)
		return c < 0x80 ? c : UINT32_MAX;
	if ((size_t)more >= n)
		return UINT32_MAX;
	c &= 0x3fu >> more;
	for (int i = 1; i <= more; i++) {
		if ((p[i] & 0xc0) != 0x80)
			return UINT32_MAX;
		c = c << 6 | (p[i] & 0x3f);
	}
	*used = (size_t)more + 1;
	return c;
}

/* Characters that change how the rest looks: controls, bidirectional overrides, no-width blanks. */
static bool unsafe(uint32_t c)
{
	return c < 0x20 || (c >= 0x7f && c < 0xa0) || (c >= 0x200b && c <= 0x200f) || (c >= 0x2028 && c <= 0x202e) ||
		(c >= 0x2066 && c <= 0x2069) || c == 0xfeff;
}

/* Draw the character at p (n bytes left) at column col; its width, and how many bytes it took. */
static uint32_t draw_char(struct buf *b, const char *p, size_t n, uint32_t col, size_t *used)
{
	uint32_t c = decode((const unsigned char *)p, n, used), w;
	char t[16];

	if (c == '\t') {
		w = 8 - col % 8;
		if (b)
			blanks(b, w);
		return w;
	}
	if (c == UINT32_MAX)
		snprintf(t, sizeof(t), "\\x%02x", (unsigned)(unsigned char)*p);
	else if (c < 0x20 || c == 0x7f)
		snprintf(t, sizeof(t), "\\x%02x", (unsigned)c);
	else if (unsafe(c))
		snprintf(t, sizeof(t), "\\u{%x}", (unsigned)c);
	else {
		if (b)
			buf_add(b, p, *used);
		return text_width(p, *used, col);
	}
	if (b)
		buf_adds(b, t);
	return (uint32_t)strlen(t);
}

/* A message: a line break becomes a line break and `indent` blanks, the rest is made harmless. */
static void message(struct buf *b, const char *s, uint32_t indent)
{
	size_t n = strlen(s), used = 1;

	for (; n; s += used, n -= used) {
		if (*s == '\n') {
			buf_addc(b, '\n');
			blanks(b, indent);
			used = 1;
		} else if (*s == '\t') {
			buf_addc(b, ' ');
			used = 1;
		} else {
			draw_char(b, s, n, 0, &used);
		}
	}
}

/* ---- marks ---- */

static uint32_t line_end(const struct place *p)
{
	return p->hi > p->lo ? p->hi : p->lo;
}

static void add_mark(struct view *v, struct span sp, const char *text, bool primary)
{
	struct place a = source_place(v->d->sources, sp.lo);
	struct place z = sp.hi > sp.lo ? source_place(v->d->sources, sp.hi - 1) : a;
	struct mark *m;

	if (!a.src || v->n + 2 > MARKS)
		return;
	m = &v->m[v->n++];
	*m = (struct mark){ .at = a, .off = sp.lo - a.src->base, .text = text, .primary = primary };
	if (m->off > line_end(&a))
		m->off = line_end(&a);
	if (z.src != a.src || z.line == a.line) {
		m->end = z.src == a.src ? sp.hi - a.src->base : m->off;
		if (m->end > line_end(&a))
			m->end = line_end(&a);
		return;
	}
	m->end = line_end(&a);
	m->text = NULL;
	m = &v->m[v->n++];
	*m = (struct mark){ .at = z, .off = z.lo, .text = text, .primary = primary };
	m->end = sp.hi - z.src->base < line_end(&z) ? sp.hi - z.src->base : line_end(&z);
	while (m->off < m->end && (z.src->text[m->off] == ' ' || z.src->text[m->off] == '\t'))
		m->off++;
}

/* The primary's file first, then the others as loaded; then line and column, primary last among equals. */
static int mark_order(const void *pa, const void *pb, void *main)
{
	const struct mark *a = pa, *b = pb;

	if ((a->at.src == main) != (b->at.src == main))
		return a->at.src == main ? -1 : 1;
	if (a->at.src != b->at.src)
		return a->at.src->base < b->at.src->base ? -1 : 1;
	if (a->at.line != b->at.line)
		return a->at.line < b->at.line ? -1 : 1;
	if (a->off != b->off)
		return a->off < b->off ? -1 : 1;
	return (int)a->primary - (int)b->primary;
}

static void collect(struct view *v)
{
	uint32_t top = 1;

	v->n = 0;
	add_mark(v, v->g->span, v->g->label, true);
	for (const struct diag_label *l = v->g->labels; l; l = l->next)
		add_mark(v, l->span, l->text, false);
	v->gutter = 2;
	if (!v->n)
		return;
	qsort_r(v->m, v->n, sizeof(*v->m), mark_order, (void *)(uintptr_t)v->m[0].at.src);
	for (uint32_t i = 0; i < v->n; i++)
		if (v->m[i].at.line > top)
			top = v->m[i].at.line;
	for (v->gutter = 1; top >= 10; top /= 10)
		v->gutter++;
	if (v->gutter < 2)
		v->gutter = 2;
}

/* ---- drawing ---- */

/* The gutter: a line number, or 0 for none. */
static void gutter(struct view *v, uint32_t line)
{
	tint(v, BLUE);
	if (line)
		buf_addf(v->b, "%*u |", v->gutter, (unsigned)line);
	else
		buf_addf(v->b, "%*s |", v->gutter, "");
	tint(v, PLAIN);
}

/* What part of a long line is shown: [*lo, *hi), around its first mark, whole characters. */
static void window(const struct mark *m, uint32_t *lo, uint32_t *hi)
{
	const char *t = m->at.src->text;

	*lo = m->at.lo;
	*hi = line_end(&m->at);
	if (*hi - *lo <= LINE_BYTES)
		return;
	if (m->off - *lo > LEAD_BYTES) {
		*lo = m->off - LEAD_BYTES;
		while (*lo < m->off && ((unsigned char)t[*lo] & 0xc0) == 0x80)
			++*lo;
	}
	if (*hi - *lo > LINE_BYTES) {
		*hi = *lo + LINE_BYTES;
		while (*hi > *lo && ((unsigned char)t[*hi] & 0xc0) == 0x80)
			--*hi;
	}
}

static void clip(struct mark *m, uint32_t lo, uint32_t hi)
{
	m->off = m->off < lo ? lo : m->off > hi ? hi : m->off;
	m->end = m->end < m->off ? m->off : m->end > hi ? hi : m->end;
}

/* Draw the source line of marks m[0..n) and find their columns. */
static void draw_line(struct view *v, struct mark *m, uint32_t n)
{
	const struct place *pl = &m->at;
	uint32_t lo, hi, col = 0;
	size_t used;

	window(m, &lo, &hi);
	for (uint32_t i = 0; i < n; i++)
		clip(&m[i], lo, hi);
	gutter(v, pl->line);
	if (hi > lo)
		buf_addc(v->b, ' ');
	if (lo > pl->lo) {
		buf_adds(v->b, "...");
		col = 3;
	}
	for (uint32_t p = lo;; p += (uint32_t)used) {
		uint32_t w;

		for (uint32_t i = 0; i < n; i++) {
			if (m[i].off == p)
				m[i].c0 = col;
			if (m[i].end == p)
				m[i].c1 = col;
		}
		if (p >= hi)
			break;
		w = draw_char(v->b, pl->src->text + p, hi - p, col, &used);
		for (uint32_t i = 0; i < n; i++) { /* a mark that starts or ends within a character */
			if (m[i].off > p && m[i].off < p + used)
				m[i].c0 = col;
			if (m[i].end > p && m[i].end < p + used)
				m[i].c1 = col + w;
		}
		col += w;
	}
	if (hi < line_end(pl))
		buf_adds(v->b, "...");
	while (v->b->len && v->b->p[v->b->len - 1] == ' ')
		v->b->p[--v->b->len] = 0;
	buf_addc(v->b, '\n');
	for (uint32_t i = 0; i < n; i++)
		if (m[i].c1 <= m[i].c0)
			m[i].c1 = m[i].c0 + 1;
}

/* One row of a line's marks as characters with a tint each. */
struct row {
	struct buf text, kind;
};

static void row_put(struct row *r, uint32_t from, uint32_t to, char c, char kind)
{
	while (r->text.len < to && buf_addc(&r->text, ' '))
		buf_addc(&r->kind, 'p');
	for (uint32_t i = from; i < to && i < r->text.len; i++) {
		r->text.p[i] = c;
		r->kind.p[i] = kind;
	}
}

static void row_flush(struct view *v, struct row *r)
{
	char now = 'p';

	gutter(v, 0);
	if (r->text.len)
		buf_addc(v->b, ' ');
	for (size_t i = 0; i < r->text.len; i++) {
		if (r->kind.p[i] != now) {
			now = r->kind.p[i];
			tint(v, PLAIN);
			if (now != 'p')
				tint(v, now == 's' ? SEVERITY : BLUE);
		}
		buf_addc(v->b, r->text.p[i]);
	}
	if (now != 'p')
		tint(v, PLAIN);
	buf_reset(&r->text);
	buf_reset(&r->kind);
}

static void label_text(struct view *v, const struct mark *m, uint32_t col)
{
	tint(v, m->primary ? SEVERITY : BLUE);
	message(v->b, m->text, (uint32_t)v->gutter + 3 + col);
	tint(v, PLAIN);
	buf_addc(v->b, '\n');
}

static char kind_of(const struct mark *m)
{
	return m->primary ? 's' : 'b';
}

/* Stems of the marks m[0..n) left of column `before`, and blanks up to it. */
static void stems(struct view *v, struct row *r, const struct mark *m, uint32_t n, uint32_t before)
{
	for (uint32_t i = 0; i < n; i++)
		if (m[i].text && m[i].c0 < before)
			row_put(r, m[i].c0, m[i].c0 + 1, '|', kind_of(&m[i]));
	if (before != UINT32_MAX)
		row_put(r, before, before, ' ', 'p');
	row_flush(v, r);
}

/* The labels that have no room beside their caret, from right to left. */
static void draw_below(struct view *v, struct row *r, const struct mark *m, uint32_t n)
{
	bool first = true;

	for (uint32_t i = n; i-- > 0;) {
		if (!m[i].text)
			continue;
		if (first) {
			stems(v, r, m, n, UINT32_MAX);
			buf_addc(v->b, '\n');
		}
		first = false;
		stems(v, r, m, i, m[i].c0);
		if (!m[i].c0)
			buf_addc(v->b, ' ');
		label_text(v, &m[i], m[i].c0);
	}
}

/* Carets under the line, the last mark's label beside them, the others below. */
static void draw_marks(struct view *v, const struct mark *m, uint32_t n)
{
	struct row r;
	uint32_t right = 0;
	bool beside;

	buf_init(&r.text, TEXT_MAX);
	buf_init(&r.kind, TEXT_MAX);
	for (int primary = 0; primary < 2; primary++)
		for (uint32_t i = 0; i < n; i++)
			if (m[i].primary == (primary == 1))
				row_put(&r, m[i].c0, m[i].c1, primary ? '^' : '-', kind_of(&m[i]));
	for (uint32_t i = 0; i < n; i++)
		right = m[i].c1 > right ? m[i].c1 : right;
	row_flush(v, &r);
	beside = m[n - 1].c1 == right;
	if (beside && m[n - 1].text) {
		buf_addc(v->b, ' ');
		label_text(v, &m[n - 1], right + 1);
	} else {
		buf_addc(v->b, '\n');
	}
	draw_below(v, &r, m, beside ? n - 1 : n);
	buf_free(&r.text);
	buf_free(&r.kind);
}

/* "  --> file:line:col" or "  ::: ..." */
static void draw_place(struct view *v, const struct mark *m, const char *arrow)
{
	buf_addf(v->b, "%*s", v->gutter, "");
	tint(v, BLUE);
	buf_adds(v->b, arrow);
	tint(v, PLAIN);
	buf_addc(v->b, ' ');
	message(v->b, m->at.src->path, 0);
	buf_addf(v->b, ":%u:%u\n", (unsigned)m->at.line, (unsigned)m->at.chr);
}

static void empty_line(struct view *v)
{
	gutter(v, 0);
	buf_addc(v->b, '\n');
}

/* Where the diagnostic points: the primary's place, though another mark may stand above it. */
static const struct mark *primary_of(const struct view *v)
{
	uint32_t i = 0;

	while (i + 1 < v->n && !v->m[i].primary)
		i++;
	return &v->m[i];
}

static void draw_excerpt(struct view *v)
{
	const struct mark *prev = NULL;

	if (!v->n)
		return;
	for (uint32_t i = 0, k; i < v->n; i = k) {
		struct mark *m = &v->m[i];

		for (k = i + 1; k < v->n && v->m[k].at.src == m->at.src && v->m[k].at.line == m->at.line;)
			k++;
		if (!prev || prev->at.src != m->at.src) {
			if (prev)
				empty_line(v);
			draw_place(v, prev ? m : primary_of(v), prev ? ":::" : "-->");
			empty_line(v);
		} else if (m->at.line > prev->at.line + 2) {
			tint(v, BLUE);
			buf_adds(v->b, "...\n");
			tint(v, PLAIN);
		}
		draw_line(v, m, k - i);
		draw_marks(v, m, k - i);
		prev = m;
	}
	empty_line(v);
}

static void footer(struct view *v, const char *word, const char *text)
{
	tint(v, BLUE);
	buf_addf(v->b, "%*s = ", v->gutter, "");
	tint(v, BOLD);
	buf_adds(v->b, word);
	tint(v, PLAIN);
	buf_adds(v->b, ": ");
	message(v->b, text, (uint32_t)v->gutter + 5 + text_width(word, strlen(word), 0));
	buf_addc(v->b, '\n');
}

static void draw(struct view *v)
{
	const struct diag *g = v->g;
	char more[64];

	collect(v);
	tint(v, SEVERITY);
	buf_addf(v->b, "%s[%s]", tr(severity_text(g->severity)), code_text(g->code));
	tint(v, PLAIN);
	tint(v, BOLD);
	buf_adds(v->b, ": ");
	message(v->b, g->msg, 0);
	tint(v, PLAIN);
	buf_addc(v->b, '\n');
	draw_excerpt(v);
	for (const struct diag_text *t = g->notes; t; t = t->next)
		footer(v, _("note"), t->text);
	for (const struct diag_text *t = g->helps; t; t = t->next)
		footer(v, _("help"), t->text);
	if (g->fixes && !g->helps)
		footer(v, _("help"), arena_printf(v->d->arena, *g->fixes->text ? _("write `%s`") : _("leave this out"), g->fixes->text));
	snprintf(more, sizeof(more), "weft explain %s", code_text(g->code));
	footer(v, _("more"), more);
	buf_addc(v->b, '\n');
}

static void left_out(struct buf *b, uint32_t errors, uint32_t warnings)
{
	if (errors)
		buf_addf(b, errors == 1 ? _("%u more error") : _("%u more errors"), (unsigned)errors);
	if (errors && warnings)
		buf_adds(b, ", ");
	if (warnings)
		buf_addf(b, warnings == 1 ? _("%u more warning") : _("%u more warnings"), (unsigned)warnings);
	if (errors || warnings)
		buf_addc(b, '\n');
}

void diags_print_human(const struct diags *d, FILE *f, const struct diag_style *st)
{
	struct buf b;
	struct view *v = xcalloc(1, sizeof(*v));
	uint32_t shown[3] = { 0, 0, 0 }, skipped[3] = { 0, 0, 0 };

	buf_init(&b, TEXT_MAX);
	v->b = &b;
	v->d = d;
	v->color = st->color;
	for (uint32_t i = 0; i < d->n; i++) {
		v->g = &d->v[i];
		if (st->limit && shown[v->g->severity] >= st->limit) {
			skipped[v->g->severity]++;
			continue;
		}
		shown[v->g->severity]++;
		buf_reset(&b);
		draw(v);
		fwrite(buf_str(&b), 1, b.len, f);
	}
	buf_reset(&b);
	left_out(&b, skipped[SEV_ERROR] + d->more_errors, skipped[SEV_WARNING] + d->more_warnings);
	fwrite(buf_str(&b), 1, b.len, f);
	buf_free(&b);
	free(v);
}

void diags_print_short(const struct diags *d, FILE *f)
{
	struct buf b;

	buf_init(&b, TEXT_MAX);
	for (uint32_t i = 0; i < d->n; i++) {
		const struct diag *g = &d->v[i];
		struct place p = source_place(d->sources, g->span.lo);

		buf_reset(&b);
		message(&b, p.src ? p.src->path : "weft", 0);
		if (p.src)
			buf_addf(&b, ":%u:%u", (unsigned)p.line, (unsigned)p.chr);
		buf_addf(&b, ": %s[%s]: ", severity_text(g->severity), code_text(g->code));
		message(&b, g->msg, 0);
		buf_addc(&b, '\n');
		fwrite(buf_str(&b), 1, b.len, f);
	}
	buf_reset(&b);
	left_out(&b, d->more_errors, d->more_warnings);
	fwrite(buf_str(&b), 1, b.len, f);
	buf_free(&b);
}
