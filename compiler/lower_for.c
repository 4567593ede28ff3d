/* lower_for.c - `for x in SET [by KEY]` and `if`: the dimensions of a task and which instances it has.
 *
 * A range stays two numbers, a table's rows are shared with the table: nothing here is made per instance unless an
 * `if` leaves some out. */
#include "compiler/lower.h"
#include "lang/cfgline.h"

#include <stdlib.h>
#include <string.h>

enum { COLUMNS_TRIED = 16 };

bool dims_equal(const struct jtask *a, const struct jtask *b)
{
	uint32_t i;

	for (i = 0; i < a->ndim && i < b->ndim; i++) {
		const struct jdim *x = &a->dim[i], *y = &b->dim[i];
		size_t cells = x->count > 0 ? (size_t)x->count * x->cols : 0;

		if (x->kind != y->kind || x->count != y->count || x->count < 0)
			return false;
		if (x->kind == DIM_RANGE && x->lo != y->lo)
			return false;
		if (x->kind == DIM_PORT)
			return false;
		if (x->cell == y->cell)
			continue;
		if (x->cols != y->cols || x->key != y->key || memcmp(x->cell, y->cell, cells * sizeof *x->cell))
			return false;
	}
	return a->ndim == b->ndim && a->count == b->count;
}

static bool range_dim(struct lower *L, nid n, const struct val *v, struct jdim *d)
{
	int64_t hi;

	if (!v->konst) {
		diag_error(L->d, E0409, span_of(L, n), "the ends of a range must be known before the job starts");
		if (v->hasref)
			diag_help(L->d, "loop over the files themselves: for x in task.output");
		return false;
	}
	d->kind = DIM_RANGE;
	d->lo = jx_int(L->j, v->a);
	hi = jx_int(L->j, v->b);
	d->cols = 1;
	if (hi < d->lo && (uint64_t)d->lo - (uint64_t)hi > 1) {
		diag_error(L->d, E0412, span_of(L, n), "the range %lld .. %lld runs backwards", (long long)d->lo, (long long)hi);
		return false;
	}
	if (hi >= d->lo && (uint64_t)hi - (uint64_t)d->lo >= MAX_INSTANCES)
		return diag_error(L->d, E0420, span_of(L, n), "the range %lld .. %lld is too long", (long long)d->lo, (long long)hi);
	d->count = hi < d->lo ? 0 : hi - d->lo + 1;
	return true;
}

static void one_column(struct lower *L, struct jdim *d, uint8_t type)
{
	d->cols = 1;
	d->colname = arena_zalloc(L->j->arena, 1, sizeof *d->colname);
	d->coltype = arena_zalloc(L->j->arena, 1, sizeof *d->coltype);
	d->colname[0] = d->var;
	d->coltype[0] = type;
}

static name item_text(struct lower *L, jxid x, uint8_t type)
{
	struct val v = val_x(x, type);
	size_t from = L->text.len;
	name nm;

	if (type == JT_SIZE || type == JT_DURATION)
		unit_print(jx_int(L->j, x), type == JT_SIZE, &L->text);
	else
		const_text(L, &v);
	nm = name_of(L->names, buf_str(&L->text) + from, L->text.len - from);
	L->text.len = from;
	return nm;
}

/* weft run COMMAND --each SHEET: the task is no text that could be changed. */
static bool on_command_line(const struct lower *L, struct span sp)
{
	const struct source *src = source_place(L->j->sources, sp.lo).src;

	return src && !strcmp(src->path, CFG_LINE_PATH);
}

static bool same_key(struct lower *L, name key, struct span first, struct span again)
{
	diag_error(L->d, E0413, again, "two instances have the key `%s`", str(L, key));
	diag_at(L->d, first, "the first one");
	return false;
}

static bool list_dim(struct lower *L, nid n, const struct val *v, struct jdim *d)
{
	uint32_t space = SPACE_SEEN | (0x02000000 + ++L->spaces), i = 0, old;
	bool ok = true;
	jxid x;

	d->kind = DIM_LIST;
	one_column(L, d, v->elem == JT_UNKNOWN ? JT_STRING : v->elem);
	for (x = L->j->x[v->a].a; x; x = L->j->x[x].next)
		d->count++;
	d->cell = arena_alloc(L->j->arena, (size_t)d->count * sizeof *d->cell);
	(void)n;
	for (x = L->j->x[v->a].a; x && ok; x = L->j->x[x].next, i++) {
		d->cell[i] = item_text(L, x, d->coltype[0]);
		old = keymap_put(&L->keys, space, d->cell[i], x);
		if (old)
			ok = same_key(L, d->cell[i], jx_span(L->j, old), jx_span(L->j, x));
	}
	return ok;
}

static struct span line_at(struct lower *L, uint32_t pos)
{
	const struct source *src = source_at(L->s->sources, pos);
	const char *p = src ? src->text + (pos - src->base) : "", *nl = strchr(p, '\n');
	uint32_t n = (uint32_t)(nl ? (size_t)(nl - p) : strlen(p));

	while (n && (p[n - 1] == '\r' || p[n - 1] == ' '))
		n--;
	return (struct span){ pos, pos + n };
}

static int by_number(const void *a, const void *b)
{
	name x = *(const name *)a, y = *(const name *)b;

	return x < y ? -1 : x > y;
}

/* Do the cells of a column differ in all rows?  `cell` has room for them. */
static bool column_unique(const struct table *t, uint32_t col, name *cell)
{
	uint32_t i = 1;

	for (uint32_t k = 0; k < t->rows; k++)
		cell[k] = t->cell[(size_t)k * t->cols + col];
	qsort(cell, t->rows, sizeof *cell, by_number);
	while (i < t->rows && cell[i] != cell[i - 1])
		i++;
	return i == t->rows && cell[0];
}

/* The first column but this one that is different in every row; UINT32_MAX: none of the first few. */
static uint32_t other_key(const struct table *t, uint32_t key)
{
	uint32_t col = 0, most = t->cols < COLUMNS_TRIED ? t->cols : COLUMNS_TRIED;
	name *cell = xmalloc(t->rows * sizeof *cell);

	while (col < most && (col == key || !column_unique(t, col, cell)))
		col++;
	free(cell);
	return col < most ? col : UINT32_MAX;
}

/* Two rows have one key: which column would do instead? */
static void same_row_key(struct lower *L, const struct table *t, const struct jdim *d, name key, struct span first, struct span again,
	uint32_t more)
{
	uint32_t col = other_key(t, d->key);

	diag_error(L->d, E0413, again, "two instances have the key `%s`", str(L, key));
	diag_at(L->d, first, "the first one");
	diag_at(L->d, d->span, "instances are told apart by column `%s`", str(L, d->colname[d->key]));
	if (more)
		diag_note(L->d, "rows that repeat a key: %u", more + 1);
	if (col == UINT32_MAX)
		diag_help(L->d, "no column is different in every row: add one, as `id`");
	else if (on_command_line(L, d->span))
		diag_help(L->d, "column `%s` is different in every row: --by %s", str(L, t->colname[col]), str(L, t->colname[col]));
	else
		diag_help(L->d, "column `%s` is different in every row: for %s in %s by %s", str(L, t->colname[col]), str(L, d->var),
			d->table ? str(L, d->table) : _("table"), str(L, t->colname[col]));
}

static bool keys_unique(struct lower *L, const struct table *t, const struct jdim *d)
{
	uint32_t space = SPACE_SEEN | (0x02000000 + ++L->spaces), i, old, bad = 0, a = 0, b = 0;
	name first = 0;

	keymap_reserve(&L->keys, t->rows);
	for (i = 0; i < t->rows; i++) {
		name key = t->cell[(size_t)i * t->cols + d->key];

		old = key ? keymap_put(&L->keys, space, key, i + 1) : 0;
		if (old && !bad++) {
			first = key;
			a = old - 1;
			b = i;
		}
	}
	if (bad)
		same_row_key(L, t, d, first, line_at(L, t->pos[a]), line_at(L, t->pos[b]), bad - 1);
	return bad == 0;
}

/* Every (table, column) is looked through once, however many tasks loop over it. */
static bool keys_checked(struct lower *L, uint32_t tbl, const struct jdim *d)
{
	uint32_t space = SPACE_SEEN | 0x04000000 | tbl;
	uint32_t known = keymap_get(&L->keys, space, d->colname[d->key]);

	if (!known) {
		known = keys_unique(L, &L->table[tbl], d) ? 1 : 2;
		keymap_put(&L->keys, space, d->colname[d->key], known);
	}
	return known == 1;
}

static bool rows_dim(struct lower *L, nid by, const struct val *v, struct jdim *d)
{
	const struct table *t = &L->table[v->a];
	struct suggest sg = { .to = by ? str(L, at(L, by)->name) : "" };
	uint32_t i;

	d->kind = DIM_ROWS;
	d->cols = t->cols;
	d->count = t->rows;
	d->colname = t->colname;
	d->coltype = t->coltype;
	d->cell = t->cell;
	d->table = t->name;
	d->key = by ? table_column(t, at(L, by)->name) : 0;
	if (d->key != UINT32_MAX) {
		keymap_put(&L->keys, SPACE_COLUMN, d->cols ? d->colname[d->key] : 0, 1);
		return keys_checked(L, v->a, d);
	}
	d->key = 0;
	diag_error(L->d, E0206, span_of(L, by), "table `%s` has no column `%s`", str(L, t->name), sg.to);
	for (i = 0; i < t->cols; i++)
		suggest_try(&sg, str(L, t->colname[i]));
	say_columns(L, &sg, t->colname, t->cols);
	return false;
}

static bool port_dim(struct lower *L, nid n, const struct val *v, struct jdim *d)
{
	const struct jx *x = &L->j->x[v->a];
	const struct jport *p;

	if (x->op != JX_REF)
		return diag_error(L->d, E0409, span_of(L, n), "what a task is scattered over must be known before the job starts");
	p = &L->j->task[x->a].out[x->b];
	d->kind = DIM_PORT;
	d->port = v->a;
	d->count = p->count == PORT_FIXED && (!x->c || L->j->x[x->c].op != JX_ALL) ? p->n : -1;
	one_column(L, d, v->elem == JT_DIR ? JT_DIR : JT_FILE);
	edges_of_port(L, UINT32_MAX, v->a);
	return true;
}

static bool not_a_set(struct lower *L, nid n, const struct val *v)
{
	diag_error(L->d, E0414, span_of(L, n), "`for` needs a range, a list or a table, not %s", val_a(v));
	if (v->kind == V_X && v->type == JT_INT)
		diag_help(L->d, "write a range: 0 .. n - 1, or range(n)");
	return false;
}

static bool by_no_table(struct lower *L, nid by, const struct val *v)
{
	diag_error(L->d, E0414, span_of(L, by), "`by` needs a table, not %s", val_a(v));
	if (v->kind == V_RANGE || (v->kind == V_X && v->type == JT_LIST))
		diag_help(L->d, "leave it out: instances over %s are named by its values", val_a(v));
	return false;
}

static bool dim_lower(struct lower *L, nid n, struct jdim *d)
{
	nid e = ast_kid(L->a, n), by = e ? ast_next(L->a, e) : 0;
	struct val v = lower_in(L, e, IN_FOR);

	if (by && at(L, by)->kind != N_NAME)
		by = 0;
	d->var = at(L, n)->name;
	d->span = e ? span_of(L, e) : span_of(L, n);
	if (v.kind == V_BAD)
		return false;
	if (by && v.kind != V_TABLE)
		return by_no_table(L, by, &v);
	if (v.kind == V_RANGE)
		return range_dim(L, e, &v, d);
	if (v.kind == V_TABLE)
		return rows_dim(L, by, &v, d);
	if (v.kind == V_X && v.type == JT_LIST)
		return v.konst ? list_dim(L, e, &v, d) : port_dim(L, e, &v, d);
	return not_a_set(L, e, &v);
}

/* A dimension that could not be read stands in as one value, so that the body is checked all the same. */
static void dim_stand_in(struct lower *L, struct jdim *d)
{
	d->kind = DIM_LIST;
	d->count = 1;
	d->key = 0;
	one_column(L, d, JT_UNKNOWN);
	d->cell = arena_zalloc(L->j->arena, 1, sizeof *d->cell);
}

static void vars_unique(struct lower *L, const struct jtask *t, uint32_t i, nid n)
{
	uint32_t k;

	for (k = 0; k < i; k++)
		if (t->dim[k].var == t->dim[i].var) {
			diag_error(L->d, E0201, ast_name_span(L->a, n), "loop variable `%s` is defined twice", str(L, t->dim[i].var));
			diag_at(L->d, t->dim[k].span, "first defined for this set");
			return;
		}
}

static void count_of(struct lower *L, struct jtask *t)
{
	uint32_t i;

	for (i = 0; i < t->ndim && t->count >= 0; i++) {
		if (t->dim[i].count < 0)
			t->count = -1;
		else if (__builtin_mul_overflow(t->count, t->dim[i].count, &t->count) || t->count > MAX_INSTANCES) {
			diag_error(L->d, E0420, t->name_span, "task `%s` has more than %d instances", str(L, t->name), MAX_INSTANCES);
			t->count = 1;
			return;
		}
	}
}

enum { MAX_DIMS = 16 };

void dims_lower(struct lower *L, uint32_t task)
{
	struct jtask *t = &L->j->task[task];
	uint32_t i = 0, n = t->ndim;
	nid kid = ast_kid(L->a, L->t[task].node);

	if (n == 0)
		return;
	if (n > MAX_DIMS) {
		diag_error(L->d, E0420, t->name_span, "task `%s` has more than %d loop variables", str(L, t->name), MAX_DIMS);
		t->ndim = n = MAX_DIMS;
	}
	t->ndim = 0; /* earlier variables cannot be used by later sets */
	for (; kid && i < n; kid = ast_next(L->a, kid)) {
		if (at(L, kid)->kind != N_FOR)
			continue;
		if (!dim_lower(L, kid, &t->dim[i]))
			dim_stand_in(L, &t->dim[i]);
		vars_unique(L, t, i++, kid);
	}
	t->ndim = n;
	count_of(L, t);
	t->count_span = t->dim[0].span;
}

/* ---- if ---- */

/* The one dimension an expression depends on: UINT32_MAX none, NOTASK - 1 several. */
static uint32_t dim_used(const struct lower *L, jxid x, uint32_t seen)
{
	const struct jx *e = &L->j->x[x];
	jxid kid;

	switch (e->op) {
	case JX_VAR: case JX_COL:
		return seen == UINT32_MAX || seen == e->a ? e->a : NOTASK - 1;
	case JX_BIN: case JX_ELEM:
		return dim_used(L, e->b, dim_used(L, e->a, seen));
	case JX_UN: case JX_RAW:
		return dim_used(L, e->a, seen);
	case JX_COND:
		return dim_used(L, e->c, dim_used(L, e->b, dim_used(L, e->a, seen)));
	case JX_CALL: case JX_CAT: case JX_LIST:
		for (kid = e->a; kid; kid = L->j->x[kid].next)
			seen = dim_used(L, kid, seen);
		return seen;
	default:
		return seen;
	}
}

static bool holds(struct lower *L, nid n, jxid x, int64_t instance, bool *ok)
{
	struct jctx c = { .job = L->j, .arena = L->tmp, .task = L->task, .instance = instance };
	struct arena_mark m = arena_mark(L->tmp);
	struct jvalue v = { 0 };
	bool got = jx_eval(&c, x, &v);

	if (!got && *ok)
		*ok = diag_error(L->d, E0410, span_of(L, n), "cannot compute this `if`: %s", c.error ? c.error : _("no value"));
	arena_reset(L->tmp, m);
	return got && v.i;
}

/* Leave out the values of one dimension for which the condition is false. */
static void filter(struct lower *L, nid n, jxid x, uint32_t dim)
{
	struct jtask *t = task_now(L);
	struct jdim *d = &t->dim[dim], keep = *d;
	int64_t i, stride = 1, kept = 0;
	uint32_t k;
	bool ok = true;

	for (k = dim + 1; k < t->ndim; k++)
		stride *= t->dim[k].count;
	if (d->count > TABLE_ROWS) {
		diag_error(L->d, E0420, span_of(L, n), "an `if` over %lld values", (long long)d->count);
		return;
	}
	if (d->kind == DIM_RANGE) {
		one_column(L, &keep, JT_INT);
		keep.kind = DIM_LIST;
	}
	keep.cell = arena_alloc(L->j->arena, (size_t)d->count * keep.cols * sizeof *keep.cell);
	for (i = 0; i < d->count && ok; i++) {
		if (stride == 0 || !holds(L, n, x, i * stride, &ok))
			continue;
		if (d->kind == DIM_RANGE)
			keep.cell[kept] = name_ofs(L->names, arena_printf(L->tmp, "%lld", (long long)(d->lo + i)));
		else
			memcpy(&keep.cell[(size_t)kept * d->cols], &d->cell[(size_t)i * d->cols], d->cols * sizeof *d->cell);
		kept++;
	}
	keep.count = kept;
	*d = keep;
}

static void condition(struct lower *L, nid n)
{
	struct jtask *t = task_now(L);
	struct val v;
	uint32_t dim;

	while (at(L, n)->kind == N_PAREN)
		n = ast_kid(L->a, n);
	if (at(L, n)->kind == N_BINARY && at(L, n)->op == OP_AND) { /* each part filters its own variable */
		condition(L, ast_kid(L->a, n));
		condition(L, ast_next(L->a, ast_kid(L->a, n)));
		return;
	}
	v = lower_in(L, n, IN_IF);
	if (!val_coerce(L, n, &v, JT_BOOL, JT_UNKNOWN, "`if`"))
		return;
	if (v.konst) {
		t->skipped |= !L->j->x[v.a].a;
		return;
	}
	dim = dim_used(L, v.a, UINT32_MAX);
	if (dim < t->ndim && t->dim[dim].kind != DIM_PORT && t->count >= 0)
		filter(L, n, v.a, dim);
	else if (dim < t->ndim)
		diag_error(L->d, E0409, span_of(L, n), "an `if` cannot choose among files known only after another task");
	else {
		diag_error(L->d, E0418, span_of(L, n), "this `if` mixes loop variables");
		diag_help(L->d, "join conditions on one variable each with &&, or loop over a table of the combinations");
	}
}

static void no_instances(struct lower *L, uint32_t task)
{
	const struct jtask *t = &L->j->task[task];

	diag_error(L->d, W0401, t->ndim ? t->dim[0].span : t->name_span, "task `%s` has no instances", str(L, t->name));
	for (nid kid = ast_kid(L->a, L->t[task].node), e; kid; kid = ast_next(L->a, kid)) {
		e = at(L, kid)->kind == N_FOR ? ast_kid(L->a, kid) : 0;
		if (e && at(L, e)->kind == N_CALL && fn_find(str(L, at(L, e)->name)) == FN_files) {
			diag_help(L->d, "no file matches the pattern, below the directory of the workflow");
			return;
		}
	}
}

void if_lower(struct lower *L, uint32_t task)
{
	struct jtask *t = &L->j->task[task];
	nid kid;

	for (kid = ast_kid(L->a, L->t[task].node); kid; kid = ast_next(L->a, kid))
		if (at(L, kid)->kind == N_IF && ast_kid(L->a, kid)) {
			condition(L, ast_kid(L->a, kid));
			if (!t->ndim)
				continue;
			t->count = 1;
			count_of(L, t);
		}
	if (t->count == 0 && !t->skipped && !t->bad)
		no_instances(L, task);
}
