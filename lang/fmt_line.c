/* fmt_line.c - lines, and the alignment of `=` and of comments in consecutive ones. */
#include "lang/fmt.h"

#include "base/source.h"

#include <string.h>

uint32_t fmt_columns(const char *s, size_t n)
{
	return text_width(s, n, 0);
}

void fmt_newline(struct fmt *f, struct buf *b)
{
	buf_addf(b, "\n%*s", f->indent, "");
}

static void add_row(struct fmt *f, uint32_t note)
{
	struct fmt_row *r;

	if (f->nrow == f->cap)
		f->row = grow(f->row, &f->cap, f->nrow + 1, sizeof *f->row);
	r = &f->row[f->nrow++];
	*r = (struct fmt_row){ .at = (uint32_t)f->rows.len, .len = (uint32_t)f->line.len, .eq = f->eq, .note = note };
	r->columns = fmt_columns(buf_str(&f->line), f->line.len);
	r->eq_columns = f->eq == UINT32_MAX ? 0 : fmt_columns(f->line.p, f->eq);
	buf_add(&f->rows, buf_str(&f->line), f->line.len);
}

void fmt_row(struct fmt *f, int group, uint32_t note)
{
	bool several = memchr(buf_str(&f->line), '\n', f->line.len) != NULL;

	if (several || !group || group != f->group)
		fmt_flush(f);
	if (several)
		f->eq = UINT32_MAX;
	add_row(f, note);
	f->group = several ? 0 : group;
	if (!f->group)
		fmt_flush(f);
	f->out->over |= f->line.over;
	buf_reset(&f->line);
	f->eq = UINT32_MAX;
}

/* Columns up to where the rows' `=`, and their comments, stand. */
static void widths(const struct fmt *f, uint32_t *eq, uint32_t *all)
{
	*eq = *all = 0;
	for (uint32_t i = 0; i < f->nrow; i++)
		if (f->row[i].eq != UINT32_MAX && f->row[i].eq_columns > *eq)
			*eq = f->row[i].eq_columns;
	for (uint32_t i = 0; i < f->nrow; i++) {
		const struct fmt_row *r = &f->row[i];
		uint32_t n = r->columns + (r->eq == UINT32_MAX ? 0 : *eq - r->eq_columns);

		if (r->note != UINT32_MAX && n > *all)
			*all = n;
	}
}

static void print_row(struct fmt *f, const struct fmt_row *r, uint32_t eq, uint32_t all)
{
	const char *s = buf_str(&f->rows) + r->at;
	uint32_t head = r->eq == UINT32_MAX ? 0 : r->eq, pad = r->eq == UINT32_MAX ? 0 : eq - r->eq_columns;

	buf_addf(f->out, "%*s", f->indent, "");
	buf_add(f->out, s, head);
	buf_addf(f->out, "%*s", (int)pad, "");
	buf_add(f->out, s + head, r->len - head);
	if (r->note != UINT32_MAX) {
		bool several = memchr(s, '\n', r->len) != NULL;

		buf_addf(f->out, "%*s", several ? 2 : (int)(all - r->columns - pad + 2), "");
		fmt_note_text(f, r->note, f->out);
	}
	buf_addc(f->out, '\n');
}

void fmt_flush(struct fmt *f)
{
	uint32_t eq, all;

	widths(f, &eq, &all);
	for (uint32_t i = 0; i < f->nrow; i++)
		print_row(f, &f->row[i], eq, all);
	f->out->over |= f->rows.over;
	f->nrow = 0;
	f->group = 0;
	buf_reset(&f->rows);
}
