/* fmt_note.c - comments and blank lines: where they stand in the text, where they go. */
#include "lang/fmt.h"

#include <string.h>

static uint32_t note_lo(const struct fmt *f, uint32_t i)
{
	return f->a->comments[i].lo;
}

static char byte(const struct fmt *f, uint32_t pos)
{
	return pos >= f->base && pos < f->end ? f->text[pos - f->base] : 0;
}

/* Is there a line break in [lo, hi)? */
static bool line_between(const struct fmt *f, uint32_t lo, uint32_t hi)
{
	return lo < hi && memchr(f->text + (lo - f->base), '\n', hi - lo);
}

bool fmt_blank_before(const struct fmt *f, uint32_t pos)
{
	int lines = 0;

	if (!f->text || pos < f->base)
		return false;
	for (; pos > f->base; pos--) {
		char c = byte(f, pos - 1);

		if (c == '\n')
			lines++;
		else if (c != ' ' && c != '\t' && c != '\r')
			break;
	}
	return lines > 1;
}

void fmt_note_text(const struct fmt *f, uint32_t note, struct buf *b)
{
	struct span sp = f->a->comments[note];

	while (sp.hi > sp.lo && (byte(f, sp.hi - 1) == ' ' || byte(f, sp.hi - 1) == '\t'))
		sp.hi--;
	buf_add(b, f->text + (sp.lo - f->base), sp.hi - sp.lo);
}

/* The first comment at or behind pos. */
static uint32_t note_from(const struct fmt *f, uint32_t pos)
{
	uint32_t lo = 0, hi = f->a->ncomments;

	while (lo < hi) {
		uint32_t mid = lo + (hi - lo) / 2;

		if (note_lo(f, mid) < pos)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

bool fmt_has_note(const struct fmt *f, uint32_t lo, uint32_t hi)
{
	if (!f->text)
		return false;
	for (uint32_t i = note_from(f, lo); i < f->a->ncomments && note_lo(f, i) < hi; i++)
		if (!f->done[i])
			return true;
	return false;
}

static void own_line(struct fmt *f, uint32_t i, bool first)
{
	fmt_flush(f);
	if (!first && fmt_blank_before(f, note_lo(f, i)))
		buf_addc(f->out, '\n');
	buf_addf(f->out, "%*s", f->indent, "");
	fmt_note_text(f, i, f->out);
	buf_addc(f->out, '\n');
	f->done[i] = 1;
}

void fmt_notes_before(struct fmt *f, uint32_t pos, bool first)
{
	if (!f->text)
		return;
	for (; f->note < f->a->ncomments && note_lo(f, f->note) < pos; f->note++)
		if (!f->done[f->note]) {
			own_line(f, f->note, first);
			first = false;
		}
}

uint32_t fmt_next_note(struct fmt *f)
{
	while (f->text && f->note < f->a->ncomments && f->done[f->note])
		f->note++;
	return f->text && f->note < f->a->ncomments ? note_lo(f, f->note) : UINT32_MAX;
}

uint32_t fmt_note_behind(struct fmt *f, uint32_t pos, uint32_t limit)
{
	uint32_t i;

	if (!f->text)
		return UINT32_MAX;
	i = note_from(f, pos);
	if (i == f->a->ncomments || note_lo(f, i) >= limit || f->done[i] || line_between(f, pos, note_lo(f, i)))
		return UINT32_MAX;
	f->done[i] = 1;
	return i;
}

bool fmt_is_statement(enum node_kind k)
{
	return k >= N_IN && k <= N_ERROR && k != N_PORT && k != N_COUNT && k != N_CAUSE;
}

static uint32_t line_end(const struct fmt *f, uint32_t pos)
{
	while (pos < f->end && byte(f, pos) != '\n')
		pos++;
	return pos;
}

uint32_t fmt_brace(const struct fmt *f, nid n)
{
	const struct node *nd = &f->a->v[n];
	uint32_t pos = nd->name ? ast_name_span(f->a, n).hi : nd->span.lo;

	if (!f->text)
		return 0;
	if (!nd->name)
		while (byte(f, pos) >= 'a' && byte(f, pos) <= 'z')
			pos++;
	for (nid k = nd->kid; k; k = f->a->v[k].next) {
		if (fmt_is_statement((enum node_kind)f->a->v[k].kind))
			break;
		if (f->a->v[k].span.hi > pos)
			pos = f->a->v[k].span.hi;
	}
	while (pos < nd->span.hi && byte(f, pos) != '{')
		pos = byte(f, pos) == '#' ? line_end(f, pos) : pos + 1;
	return pos < nd->span.hi ? pos : 0;
}

nid fmt_child_at(struct fmt *f, nid n, uint32_t pos)
{
	nid k = f->child[n];

	if (!k || f->a->v[k].span.lo > pos)
		k = f->a->v[n].kid;
	for (; k && f->a->v[k].span.lo <= pos; k = f->a->v[k].next) {
		f->child[n] = k;
		if (pos < f->a->v[k].span.hi)
			return k;
	}
	return 0;
}

bool fmt_owns(struct fmt *f, nid n, uint32_t pos)
{
	for (;;) {
		enum node_kind k = (enum node_kind)f->a->v[n].kind;
		nid c = fmt_child_at(f, n, pos);

		if (k == N_ARG) {
			if (!c)
				return false;
		} else if (k != N_LIST && k != N_RECORD && k != N_CALL) {
			return false;
		} else if (!c) {
			return f->a->v[n].kid != 0;
		}
		n = c;
	}
}
