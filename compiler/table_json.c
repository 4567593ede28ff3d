/* table_json.c - a table out of a JSON array of objects.  jansson reads one object at a time, so that each row keeps
 * its place in the text and a long file is never a tree in memory. */
#include "compiler/table.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

struct jreader {
	struct table_ctx *c;
	struct table *t;
	const struct source *src;
	size_t at; /* offset in the text */
	uint32_t rowcap, poscap, bad;
};

static struct span here(const struct jreader *r, size_t n)
{
	uint32_t lo = r->src->base + (uint32_t)r->at;

	return (struct span){ lo, lo + (uint32_t)n };
}

static void blanks(struct jreader *r)
{
	while (r->at < r->src->len && strchr(" \t\r\n", r->src->text[r->at]) && r->src->text[r->at])
		r->at++;
}

static bool take(struct jreader *r, char c)
{
	blanks(r);
	if (r->at < r->src->len && r->src->text[r->at] == c)
		return r->at++, true;
	return false;
}

static const char *scalar_text(json_t *v, char **tofree)
{
	*tofree = NULL;
	if (json_is_string(v))
		return json_string_value(v);
	if (json_is_object(v) || json_is_array(v) || json_is_null(v))
		return NULL;
	return *tofree = json_dumps(v, JSON_ENCODE_ANY);
}

static uint8_t type_of(json_t *v)
{
	return json_is_integer(v) ? JT_INT : json_is_real(v) ? JT_FLOAT : json_is_boolean(v) ? JT_BOOL : JT_STRING;
}

/* Without a wish the first object says which columns there are. */
static bool columns(struct jreader *r, json_t *row, const struct column *v, uint32_t n)
{
	struct table *t = r->t;
	const char *key;
	json_t *val;
	uint32_t i = 0;

	t->cols = n ? n : (uint32_t)json_object_size(row);
	if (t->cols == 0 || t->cols > TABLE_COLS)
		return diag_error(r->c->diags, E0914, here(r, 1), "a table of %u columns", t->cols);
	t->colname = arena_zalloc(r->c->arena, t->cols, sizeof *t->colname);
	t->coltype = arena_zalloc(r->c->arena, t->cols, sizeof *t->coltype);
	for (; i < n; i++) {
		t->colname[i] = v[i].name;
		t->coltype[i] = v[i].type;
	}
	if (!n)
		json_object_foreach(row, key, val) {
			t->colname[i] = name_ofs(r->c->names, key);
			t->coltype[i++] = type_of(val);
		}
	return true;
}

static bool row_take(struct jreader *r, json_t *row, size_t len)
{
	struct table *t = r->t;
	name *cell = t->cell + (size_t)t->rows * t->cols;
	uint32_t i;
	bool ok = true;

	for (i = 0; i < t->cols && ok; i++) {
		json_t *v = json_object_get(row, name_str(r->c->names, t->colname[i]));
		char *tofree = NULL;
		const char *s = v ? scalar_text(v, &tofree) : NULL;

		if (!s)
			ok = diag_error(r->c->diags, v ? E0912 : E0911, here(r, len), v ?
				N_("column `%s` is no text, number or bool in this row")
				: N_("this row has no column `%s`"), name_str(r->c->names, t->colname[i]));
		else
			ok = table_cell(r->c, s, strlen(s), t->coltype[i], t->colname[i], here(r, len), &cell[i]);
		free(tofree);
	}
	if (!ok)
		return r->bad++, false;
	t->pos[t->rows++] = here(r, 0).lo;
	return true;
}

static bool malformed(struct jreader *r, const char *what)
{
	r->bad++;
	return diag_error(r->c->diags, E0914, here(r, 1), "`%s` is no table: %s", r->src->path, tr(what));
}

static bool row_read(struct jreader *r, const struct column *v, uint32_t n)
{
	json_error_t e;
	json_t *row;
	struct table *t = r->t;

	blanks(r);
	row = json_loadb(r->src->text + r->at, r->src->len - r->at, JSON_DISABLE_EOF_CHECK | JSON_REJECT_DUPLICATES, &e);
	if (!row)
		return malformed(r, e.text);
	if (!json_is_object(row))
		malformed(r, N_("an array of objects is due"));
	else if (t->rows == 0 && t->cols == 0 && !columns(r, row, v, n))
		r->bad++;
	else {
		if (t->rows == r->rowcap) {
			t->cell = grow(t->cell, &r->rowcap, t->rows + 1, t->cols * sizeof *t->cell);
			t->pos = grow(t->pos, &r->poscap, r->rowcap, sizeof *t->pos);
		}
		row_take(r, row, (size_t)e.position);
	}
	json_decref(row);
	r->at += (size_t)e.position;
	return r->bad == 0;
}

bool table_json(struct table_ctx *c, struct table *t, const struct source *src, const struct column *v, uint32_t n)
{
	struct jreader r = { .c = c, .t = t, .src = src };
	bool ok = take(&r, '[') || malformed(&r, N_("an array of objects is due"));

	if (ok && !take(&r, ']'))
		do {
			if ((uint64_t)(t->rows + 1) * (t->cols ? t->cols : 1) > TABLE_CELLS)
				malformed(&r, N_("it is too large"));
			ok = r.bad == 0 && row_read(&r, v, n);
		} while (ok && take(&r, ','));
	if (ok && !(src->text[r.at - 1] == ']' || take(&r, ']')))
		ok = malformed(&r, N_("`,` or `]` is due"));
	table_settle(c, t);
	return ok;
}
