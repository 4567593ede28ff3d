/* table.c - tsv and csv files with typed columns; json files of objects.  One pass over the text; a cell is interned,
 * nothing else is made for it. */
#include "compiler/table.h"

#include <stdlib.h>
#include <string.h>

struct cell {
	const char *p;
	size_t n;
	bool quoted; /* csv: between quotes, which p and n leave out; doubled quotes are still doubled */
};
struct reader {
	struct table_ctx *c;
	struct table *t;
	const struct source *src;
	const char *p, *end;
	char sep;        /* tab or comma */
	struct cell *row;
	uint32_t n, cap; /* cells of the row just read */
	uint32_t at;     /* global position of the row */
	uint32_t *want;  /* [t->cols] column of the file */
	uint32_t rowcap, poscap;
	uint32_t bad;
	struct buf text; /* unquoting */
};
enum { BAD_ROWS = 5 }; /* reported; then no more */

uint32_t table_column(const struct table *t, name nm)
{
	uint32_t i;

	for (i = 0; i < t->cols; i++)
		if (t->colname[i] == nm)
			return i;
	return UINT32_MAX;
}

static struct span span_at(const struct reader *r, const char *p, size_t n)
{
	uint32_t lo = r->src->base + (uint32_t)(p - r->src->text);

	return (struct span){ lo, lo + (uint32_t)n };
}

/* ---- one row into cells ---- */

static void cell_push(struct reader *r, struct cell c)
{
	if (r->n == r->cap)
		r->row = grow(r->row, &r->cap, r->n + 1, sizeof *r->row);
	r->row[r->n++] = c;
}

/* A quoted cell of csv: it may hold separators, newlines and doubled quotes. */
static const char *quoted_cell(struct reader *r, const char *p)
{
	const char *from = ++p;

	for (; p < r->end; p++) {
		if (*p != '"')
			continue;
		if (p + 1 < r->end && p[1] == '"')
			p++;
		else
			break;
	}
	if (p == r->end)
		r->bad += !diag_error(r->c->diags, E0913, span_at(r, from - 1, 1), "a quote is not closed");
	cell_push(r, (struct cell){ from, (size_t)(p - from), true });
	return p < r->end ? p + 1 : p;
}

static const char *plain_cell(struct reader *r, const char *p)
{
	const char *from = p;

	while (p < r->end && *p != r->sep && *p != '\n')
		p++;
	cell_push(r, (struct cell){ from, (size_t)(p - from - (p > from && (p == r->end || *p == '\n') && p[-1] == '\r')), false });
	return p;
}

/* The next row that is not empty; false at the end. */
static bool row_next(struct reader *r)
{
	const char *p = r->p;

	while (p < r->end && (*p == '\n' || *p == '\r'))
		p++;
	r->n = 0;
	r->at = r->src->base + (uint32_t)(p - r->src->text);
	if (p == r->end)
		return false;
	for (;;) {
		p = r->sep == ',' && p < r->end && *p == '"' ? quoted_cell(r, p) : plain_cell(r, p);
		while (p < r->end && *p != r->sep && *p != '\n')
			p++; /* after a closing quote */
		if (p == r->end || *p == '\n')
			break;
		p++;
	}
	r->p = p;
	return true;
}

static struct span row_span(const struct reader *r)
{
	const struct cell *last = &r->row[r->n - 1];

	return (struct span){ r->at, r->src->base + (uint32_t)(last->p + last->n - r->src->text) };
}

static struct cell unquoted(struct reader *r, struct cell c)
{
	size_t i;

	if (!c.quoted || !memchr(c.p, '"', c.n))
		return c;
	buf_reset(&r->text);
	for (i = 0; i < c.n; i++) {
		buf_addc(&r->text, c.p[i]);
		i += c.p[i] == '"';
	}
	return (struct cell){ buf_str(&r->text), r->text.len, true };
}

/* ---- header ---- */

static void columns_alloc(struct reader *r, uint32_t n)
{
	struct arena *a = r->c->arena;

	r->t->cols = n;
	r->t->colname = arena_zalloc(a, n, sizeof *r->t->colname);
	r->t->coltype = arena_zalloc(a, n, sizeof *r->t->coltype);
	r->want = arena_zalloc(a, n, sizeof *r->want);
}

static name cell_name(struct reader *r, uint32_t i)
{
	struct cell c = unquoted(r, r->row[i]);

	return name_of(r->c->names, c.p, c.n);
}

static bool no_column(struct reader *r, const struct column *col)
{
	struct suggest sg = { .to = name_str(r->c->names, col->name) };
	uint32_t i;

	diag_error(r->c->diags, E0910, col->span, "`%s` has no column `%s`", r->src->path, sg.to);
	diag_at(r->c->diags, row_span(r), "its columns");
	for (i = 0; i < r->n; i++)
		suggest_try(&sg, name_str(r->c->names, cell_name(r, i)));
	sg.unsure = true; /* the column's uses have its name too */
	diag_suggest(r->c->diags, &sg);
	return false;
}

static bool header_unique(struct reader *r)
{
	uint32_t i, k;

	for (i = 0; i < r->t->cols; i++)
		for (k = i + 1; k < r->n; k++)
			if (r->want[i] < k && cell_name(r, k) == r->t->colname[i])
				return diag_error(r->c->diags, E0915, span_at(r, r->row[k].p, r->row[k].n),
					"column `%s` is there twice", name_str(r->c->names, r->t->colname[i]));
	return true;
}

static bool header(struct reader *r, const struct column *v, uint32_t n)
{
	uint32_t i, k;
	bool ok = true;

	if (!row_next(r))
		return diag_error(r->c->diags, E0914, (struct span){ r->src->base, r->src->base },
			"`%s` is empty: a table starts with the names of its columns", r->src->path);
	if (r->n > TABLE_COLS || n > TABLE_COLS)
		return diag_error(r->c->diags, E0914, row_span(r), "a table of more than %d columns", TABLE_COLS);
	columns_alloc(r, n ? n : r->n);
	for (i = 0; i < r->t->cols; i++) {
		r->t->colname[i] = n ? v[i].name : cell_name(r, i);
		r->t->coltype[i] = n ? v[i].type : JT_STRING;
		for (k = n ? 0 : i; k < r->n && cell_name(r, k) != r->t->colname[i]; k++)
			;
		r->want[i] = k;
		if (k == r->n)
			ok = no_column(r, &v[i]);
	}
	return ok && header_unique(r);
}

/* ---- cells ---- */

static bool cell_fits(const char *s, size_t n, uint8_t type, bool *bare)
{
	int64_t i;
	double d;
	bool b;

	*bare = false;
	switch (type) {
	case JT_INT: return text_int(s, n, &i);
	case JT_FLOAT: return text_float(s, n, &d);
	case JT_BOOL: return text_bool(s, n, &b);
	case JT_SIZE: case JT_DURATION: return text_quantity(s, n, type, &i, bare);
	default: return true;
	}
}

bool table_cell(struct table_ctx *c, const char *s, size_t n, uint8_t type, name column, struct span sp, name *out)
{
	bool bare;

	if (cell_fits(s, n, type, &bare)) {
		*out = name_of(c->names, s, n);
		return true;
	}
	diag_error(c->diags, E0912, sp, "column `%s` needs %s, not `%.*s`", name_str(c->names, column), type_a(type),
		(int)(n > 100 ? 100 : n), s);
	if (bare)
		diag_help(c->diags, "a number needs a unit: %s", type == JT_SIZE ? "KB MB GB TB" : "s min h d");
	return false;
}

static bool row_short(struct reader *r, uint32_t col)
{
	r->bad++;
	diag_error(r->c->diags, E0911, row_span(r), "this row has %u cell%s, column `%s` is cell %u", r->n, r->n == 1 ? "" : "s",
		name_str(r->c->names, r->t->colname[col]), r->want[col] + 1);
	return false;
}

static bool row_take(struct reader *r)
{
	struct table *t = r->t;
	name *cell = t->cell + (size_t)t->rows * t->cols;
	uint32_t i;

	for (i = 0; i < t->cols; i++) {
		struct cell raw, c;

		if (r->want[i] >= r->n)
			return row_short(r, i);
		raw = r->row[r->want[i]];
		c = unquoted(r, raw);
		if (!table_cell(r->c, c.p, c.n, t->coltype[i], t->colname[i], span_at(r, raw.p, raw.n), &cell[i])) {
			r->bad++;
			return false;
		}
	}
	t->pos[t->rows++] = r->at;
	return true;
}

static bool too_large(struct reader *r)
{
	if ((uint64_t)r->t->rows < TABLE_ROWS && ((uint64_t)r->t->rows + 1) * r->t->cols <= TABLE_CELLS)
		return false;
	return !diag_error(r->c->diags, E0914, (struct span){ r->at, r->at }, "a table of more than %u rows", r->t->rows);
}

static bool rows(struct reader *r)
{
	struct table *t = r->t;

	while (r->bad < BAD_ROWS && row_next(r) && !too_large(r)) {
		if (t->rows == r->rowcap) {
			t->cell = grow(t->cell, &r->rowcap, t->rows + 1, t->cols * sizeof *t->cell);
			t->pos = grow(t->pos, &r->poscap, r->rowcap, sizeof *t->pos);
		}
		row_take(r);
	}
	return r->bad == 0;
}

void table_settle(struct table_ctx *c, struct table *t)
{
	name *cell = arena_alloc(c->arena, (size_t)t->rows * t->cols * sizeof *cell);
	uint32_t *pos = arena_alloc(c->arena, t->rows * sizeof *pos);

	if (t->rows) {
		memcpy(cell, t->cell, (size_t)t->rows * t->cols * sizeof *cell);
		memcpy(pos, t->pos, t->rows * sizeof *pos);
	}
	free(t->cell);
	free(t->pos);
	t->cell = cell;
	t->pos = pos;
}

static bool read_separated(struct table_ctx *c, struct table *t, const struct source *src, const struct column *v,
	uint32_t n, char sep)
{
	struct reader r = { .c = c, .t = t, .src = src, .p = src->text, .end = src->text + src->len, .sep = sep };
	bool ok;

	if (src->len >= 3 && !memcmp(src->text, "   ", 3))
		r.p += 3; /* a byte order mark, which source_check has blanked; no name begins so */
	buf_init(&r.text, (size_t)1 << 30);
	ok = header(&r, v, n) && rows(&r);
	table_settle(c, t);
	buf_free(&r.text);
	free(r.row);
	return ok;
}

bool table_tsv(struct table_ctx *c, struct table *t, const struct source *src, const struct column *v, uint32_t n)
{
	return read_separated(c, t, src, v, n, '\t');
}

bool table_csv(struct table_ctx *c, struct table *t, const struct source *src, const struct column *v, uint32_t n)
{
	return read_separated(c, t, src, v, n, ',');
}
