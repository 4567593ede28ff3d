/* lower_table.c - tables in expressions: tsv(...), csv(...), json(...), and lists of records. */
#include "compiler/lower.h"

#include <stdlib.h>
#include <string.h>

uint32_t table_new(struct lower *L)
{
	if (L->ntable == L->tablecap)
		L->table = grow(L->table, &L->tablecap, L->ntable + 1, sizeof *L->table);
	L->table[L->ntable] = (struct table){ 0 };
	return L->ntable++;
}

static struct table_ctx ctx_of(struct lower *L)
{
	return (struct table_ctx){ L->names, L->s->sources, L->d, L->j->arena };
}

static struct val table_val(uint32_t i)
{
	return (struct val){ .kind = V_TABLE, .type = JT_TABLE, .elem = JT_RECORD, .konst = true, .shared = true, .a = i };
}

/* The wanted columns: id = string, size = int; an argument's expression is the name of a type. */
static bool columns_of(struct lower *L, nid arg, struct column *v, uint32_t *n)
{
	bool ok = true;
	nid e;

	for (*n = 0; arg; arg = ast_next(L->a, arg)) {
		e = ast_kid(L->a, arg);
		v[*n] = (struct column){ at(L, arg)->name, JT_STRING, ast_name_span(L->a, arg) };
		if (!at(L, arg)->name) {
			ok = diag_error(L->d, E0210, span_of(L, arg), "a column is written name = type");
			continue;
		}
		v[*n].type = at(L, e)->kind == N_NAME ? type_find(str(L, at(L, e)->name)) : JT_UNKNOWN;
		if (v[*n].type >= JT_LIST) {
			ok = diag_error(L->d, E0214, span_of(L, e), "column `%s` needs a type", str(L, at(L, arg)->name));
			diag_help(L->d, "types of columns are string int float bool size duration file dir url");
		}
		++*n;
	}
	return ok;
}

static const char *in_workspace(struct lower *L, const char *path)
{
	if (path[0] == '/' || !strcmp(L->j->dir, "."))
		return path;
	return arena_printf(L->tmp, "%s/%s", L->j->dir, path);
}

static const struct source *table_source(struct lower *L, nid e)
{
	struct val v = lower_in(L, e, 0);
	const struct source *src;
	name path;

	if (!val_coerce(L, e, &v, JT_FILE, JT_UNKNOWN, "the file of a table") ||
	    !const_str(L, e, &v, &path, N_("the file of a table")))
		return NULL;
	src = source_load(L->s->sources, in_workspace(L, str(L, path)), L->d);
	if (!src)
		diag_at(L->d, span_of(L, e), "read here");
	return src && source_check(src, L->d) ? src : NULL;
}

struct val table_of_call(struct lower *L, nid call, name nm)
{
	enum jfn fn = fn_find(str(L, at(L, call)->name));
	nid file = ast_kid(L->a, call), arg;
	struct table_ctx c = ctx_of(L);
	struct table t = { .name = nm, .span = span_of(L, call) };
	const struct source *src;
	struct column *col;
	uint32_t n = 0;
	bool ok;

	for (arg = ast_next(L->a, file); arg; arg = ast_next(L->a, arg))
		n++;
	col = arena_zalloc(L->tmp, n, sizeof *col);
	ok = columns_of(L, ast_next(L->a, file), col, &n);
	src = table_source(L, ast_kid(L->a, file));
	if (!src || !ok)
		return val_bad();
	ok = fn == FN_tsv ? table_tsv(&c, &t, src, col, n) : fn == FN_csv ? table_csv(&c, &t, src, col, n)
									  : table_json(&c, &t, src, col, n);
	if (!ok)
		return val_bad();
	for (uint32_t i = 0; i < n; i++)
		unused_column(L, t.name, &col[i]);
	if (!t.name)
		t.name = name_ofs(L->names, src->path);
	n = table_new(L);
	L->table[n] = t;
	return table_val(n);
}

/* ---- [{ id = "a", n = 3 }, { id = "b", n = 4 }] ---- */

/* The text of a constant as a table keeps it: sizes and durations with their unit. */
static bool cell_of(struct lower *L, nid n, const struct val *v, name *out)
{
	size_t from = L->text.len;
	bool ok;

	if (v->kind != V_X || !v->konst || v->type == JT_LIST) {
		if (v->kind != V_BAD)
			diag_error(L->d, E0409, span_of(L, n), "a field of a table must be a constant, not %s", val_a(v));
		return false;
	}
	if (v->type == JT_SIZE || v->type == JT_DURATION)
		ok = unit_print(jx_int(L->j, v->a), v->type == JT_SIZE, &L->text);
	else
		ok = const_text(L, v);
	*out = name_of(L->names, buf_str(&L->text) + from, L->text.len - from);
	L->text.len = from;
	return ok;
}

static bool same_type(uint8_t *have, uint8_t type)
{
	if (*have == type || (*have == JT_FLOAT && type == JT_INT))
		return true;
	if (type_stringy(*have) && type_stringy(type))
		*have = JT_STRING;
	else if (*have == JT_INT && type == JT_FLOAT)
		*have = JT_FLOAT;
	else
		return false;
	return true;
}

static bool row_lower(struct lower *L, struct table *t, nid rec, uint32_t row)
{
	nid arg = ast_kid(L->a, rec);
	uint32_t i, given = 0;

	t->pos[row] = span_of(L, rec).lo;
	for (; arg; arg = ast_next(L->a, arg), given++) {
		struct val v = lower_scalar(L, ast_kid(L->a, arg));

		for (i = given < t->cols && t->colname[given] == at(L, arg)->name ? given : 0;
		     i < t->cols && t->colname[i] != at(L, arg)->name; i++)
			;
		if (v.kind == V_BAD)
			return false;
		if (i == t->cols)
			return diag_error(L->d, E0206, ast_name_span(L->a, arg), "the first record has no field `%s`",
				str(L, at(L, arg)->name));
		if (row == 0)
			t->coltype[i] = v.type;
		if (!same_type(&t->coltype[i], v.type))
			return diag_error(L->d, E0401, span_of(L, arg), "field `%s` is %s in the rows before, not %s",
				str(L, t->colname[i]), type_a(t->coltype[i]), val_a(&v));
		if (!cell_of(L, ast_kid(L->a, arg), &v, &t->cell[(size_t)row * t->cols + i]))
			return false;
	}
	return given >= t->cols || diag_error(L->d, E0206, span_of(L, rec), "the record has %u of %u fields", given, t->cols);
}

static void columns_by_record(struct lower *L, struct table *t, nid rec)
{
	nid arg;
	uint32_t i = 0;

	for (arg = ast_kid(L->a, rec); arg; arg = ast_next(L->a, arg))
		t->cols++;
	t->colname = arena_zalloc(L->j->arena, t->cols, sizeof *t->colname);
	t->coltype = arena_zalloc(L->j->arena, t->cols, sizeof *t->coltype);
	for (arg = ast_kid(L->a, rec); arg; arg = ast_next(L->a, arg))
		t->colname[i++] = at(L, arg)->name;
}

struct val table_of_records(struct lower *L, nid list)
{
	struct table t = { .name = name_ofs(L->names, "list of records"), .span = span_of(L, list) };
	nid rec;
	uint32_t row = 0, i;
	bool ok = true;

	columns_by_record(L, &t, ast_kid(L->a, list));
	for (rec = ast_kid(L->a, list); rec; rec = ast_next(L->a, rec))
		t.rows++;
	if (t.cols == 0 || t.cols > TABLE_COLS || (uint64_t)t.rows * t.cols > TABLE_CELLS)
		return diag_error(L->d, E0415, span_of(L, list), "a list of %u records of %u fields", t.rows, t.cols), val_bad();
	t.cell = arena_zalloc(L->j->arena, (size_t)t.rows * t.cols, sizeof *t.cell);
	t.pos = arena_zalloc(L->j->arena, t.rows, sizeof *t.pos);
	for (rec = ast_kid(L->a, list); rec && ok; rec = ast_next(L->a, rec)) {
		if (at(L, rec)->kind != N_RECORD)
			ok = diag_error(L->d, E0404, span_of(L, rec), "a list of records holds something else");
		else
			ok = row_lower(L, &t, rec, row++);
	}
	if (!ok)
		return val_bad();
	i = table_new(L);
	L->table[i] = t;
	return table_val(i);
}
