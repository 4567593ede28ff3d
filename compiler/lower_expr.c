/* lower_expr.c - expressions: literals, operators, lists, records.  Constants are computed at once. */
#include "compiler/lower.h"

#include <stdlib.h>

struct val lower_in(struct lower *L, nid n, uint32_t where)
{
	uint32_t old = L->where;
	struct val v;

	L->where = where;
	v = lower_expr(L, n);
	L->where = old;
	return v;
}

/* ---- a value where one scalar or list is due ---- */

static struct val list_of_range(struct lower *L, nid n, struct val v)
{
	int64_t lo = jx_int(L->j, v.a), hi = jx_int(L->j, v.b), i;
	struct val list = val_x(jx_new(L->j, JX_LIST, 0, 0, 0, span_of(L, n)), JT_LIST);
	jxid tail = 0, x;

	list.elem = JT_INT;
	if (!v.konst)
		return diag_error(L->d, E0409, span_of(L, n), "the ends of a range must be known before the job starts"), val_bad();
	if (hi >= lo && (uint64_t)hi - (uint64_t)lo >= VAL_WEIGHT)
		return diag_error(L->d, E0415, span_of(L, n), "a list of %llu numbers is too large",
			(unsigned long long)hi - (unsigned long long)lo + 1), val_bad();
	for (i = lo; i <= hi; i++, tail = x) {
		x = jx_new_int(L->j, JX_INT, i, span_of(L, n));
		if (tail)
			L->j->x[tail].next = x;
		else
			L->j->x[list.a].a = x;
	}
	list.weight += (uint32_t)(hi >= lo ? hi - lo : 0);
	return list;
}

static struct val key_of_row(struct lower *L, nid n, struct val v)
{
	const struct jdim *d = &task_now(L)->dim[v.a];
	struct val r = val_x(jx_new(L->j, JX_VAR, v.a, 0, 0, span_of(L, n)), d->coltype[d->key]);

	r.konst = false;
	r.perinst = true;
	return r;
}

struct val as_scalar(struct lower *L, nid n, struct val v)
{
	switch (v.kind) {
	case V_BAD: case V_X:
		return v;
	case V_RANGE:
		return list_of_range(L, n, v);
	case V_ROW:
		return key_of_row(L, n, v);
	case V_CROW:
		return val_cell(L, L->table[v.a].cell[(size_t)v.b * L->table[v.a].cols], L->table[v.a].coltype[0], span_of(L, n));
	default:
		break;
	}
	diag_error(L->d, E0401, span_of(L, n), "%s cannot be used as a value", val_a(&v));
	if (v.kind == V_TASK)
		diag_help(L->d, "name one of its outputs: %s.OUTPUT", str(L, L->j->task[v.a].name));
	return val_bad();
}

struct val lower_scalar(struct lower *L, nid n)
{
	return as_scalar(L, n, lower_expr(L, n));
}

/* ---- literals ---- */

static struct val lower_int(struct lower *L, nid n)
{
	int64_t v;

	return ast_int(L->a, n, &v, L->d) ? val_int(L, v, span_of(L, n)) : val_bad();
}

static struct val lower_float(struct lower *L, nid n)
{
	double v;

	return ast_float(L->a, n, &v, L->d) ? val_x(jx_new_num(L->j, v, span_of(L, n)), JT_FLOAT) : val_bad();
}

static struct val lower_quantity(struct lower *L, nid n, bool size)
{
	int64_t v;

	if (!ast_quantity(L->a, n, &v, L->d))
		return val_bad();
	return val_x(jx_new_int(L->j, size ? JX_SIZE : JX_DUR, v, span_of(L, n)), size ? JT_SIZE : JT_DURATION);
}

/* ---- operators ---- */

static struct val wrong_operands(struct lower *L, nid n, const struct val *l, const struct val *r)
{
	enum op op = (enum op)at(L, n)->op;
	bool lq = l->type == JT_SIZE || l->type == JT_DURATION, rq = r->type == JT_SIZE || r->type == JT_DURATION;

	if (op != OP_MUL && op != OP_DIV && ((lq && type_numeric(r->type)) || (rq && type_numeric(l->type)))) {
		diag_error(L->d, E0402, span_of(L, n), "`%s` with %s and %s: a number without a unit", op_text(op),
			val_a(l), val_a(r));
		diag_help(L->d, "%s", l->type == JT_SIZE || r->type == JT_SIZE ? _("write the unit: KB, MB, GB or TB")
										: _("write the unit: s, min, h or d"));
	} else if (lq && rq && l->type != r->type)
		diag_error(L->d, E0403, span_of(L, n), "`%s` with %s and %s", op_text(op), val_a(l), val_a(r));
	else {
		diag_error(L->d, E0404, span_of(L, n), "`%s` does not take %s and %s", op_text(op), val_a(l), val_a(r));
		if (op == OP_ADD && (type_stringy(l->type) || type_stringy(r->type)))
			diag_help(L->d, "strings are joined by interpolation: \"~{a}~{b}\"");
	}
	return val_bad();
}

static struct val lower_binary(struct lower *L, nid n)
{
	nid ln = ast_kid(L->a, n), rn = ast_next(L->a, ln);
	struct val l = lower_scalar(L, ln), r = lower_scalar(L, rn), v;
	uint8_t op = at(L, n)->op, type;

	if (l.kind == V_BAD || r.kind == V_BAD)
		return val_bad();
	type = type_binary(op, l.type, r.type);
	if (type == JT_UNKNOWN && l.type != JT_UNKNOWN && r.type != JT_UNKNOWN)
		return wrong_operands(L, n, &l, &r);
	v = val_x(jx_new(L->j, JX_BIN, l.a, r.a, 0, span_of(L, n)), type);
	L->j->x[v.a].fn = op;
	if (!val_take(L, n, &v, &l) || !val_take(L, n, &v, &r))
		return val_bad();
	return val_fold(L, n, v);
}

static struct val lower_unary(struct lower *L, nid n)
{
	struct val e = lower_scalar(L, ast_kid(L->a, n)), v;
	uint8_t op = at(L, n)->op;
	bool ok = op == OP_NOT ? e.type == JT_BOOL : type_numeric(e.type) || e.type == JT_SIZE || e.type == JT_DURATION;

	if (e.kind == V_BAD)
		return e;
	if (!ok && e.type != JT_UNKNOWN)
		return diag_error(L->d, E0404, span_of(L, n), "`%s` does not take %s", op_text((enum op)op), val_a(&e)), val_bad();
	v = val_x(jx_new(L->j, JX_UN, e.a, 0, 0, span_of(L, n)), e.type);
	L->j->x[v.a].fn = op;
	return val_take(L, n, &v, &e) ? val_fold(L, n, v) : val_bad();
}

/* The common type of two values; JT_TABLE when there is none. */
static uint8_t type_common(uint8_t l, uint8_t r)
{
	if (l == r || r == JT_UNKNOWN)
		return l;
	if (l == JT_UNKNOWN)
		return r;
	if (type_numeric(l) && type_numeric(r))
		return JT_FLOAT;
	return type_stringy(l) && type_stringy(r) ? JT_STRING : JT_TABLE;
}

static struct val lower_cond(struct lower *L, nid n)
{
	nid cn = ast_kid(L->a, n), an = ast_next(L->a, cn), bn = ast_next(L->a, an);
	struct val c = lower_scalar(L, cn), a = lower_scalar(L, an), b = lower_scalar(L, bn), v;
	uint8_t type = type_common(a.type, b.type);

	if (!val_coerce(L, cn, &c, JT_BOOL, JT_UNKNOWN, "the condition") || a.kind == V_BAD || b.kind == V_BAD)
		return val_bad();
	if (type == JT_TABLE)
		return diag_error(L->d, E0404, span_of(L, n), "the two sides of `:` are %s and %s", val_a(&a), val_a(&b)),
			val_bad();
	if (c.konst)
		return L->j->x[c.a].a ? a : b;
	v = val_x(jx_new(L->j, JX_COND, c.a, a.a, b.a, span_of(L, n)), type);
	v.elem = a.elem;
	if (!val_take(L, n, &v, &c) || !val_take(L, n, &v, &a) || !val_take(L, n, &v, &b))
		return val_bad();
	return v;
}

static struct val lower_range(struct lower *L, nid n)
{
	nid ln = ast_kid(L->a, n), rn = ast_next(L->a, ln);
	struct val l = lower_scalar(L, ln), r = lower_scalar(L, rn), v;

	if (!val_coerce(L, ln, &l, JT_INT, JT_UNKNOWN, "the start of a range"))
		l.kind = V_BAD;
	if (!val_coerce(L, rn, &r, JT_INT, JT_UNKNOWN, "the end of a range") || l.kind == V_BAD)
		return val_bad();
	v = (struct val){ .kind = V_RANGE, .type = JT_LIST, .elem = JT_INT, .konst = true, .a = l.a, .b = r.a };
	return val_take(L, n, &v, &l) && val_take(L, n, &v, &r) ? v : val_bad();
}

/* ---- lists and records ---- */

static bool list_append(struct lower *L, nid n, struct val *list, jxid *tail, const struct val *v)
{
	uint8_t type = *tail ? type_common(list->elem, v->type) : v->type;
	jxid x;

	if (v->kind == V_BAD)
		return false;
	if (v->type == JT_LIST) {
		diag_error(L->d, E0404, span_of(L, n), "a list cannot hold a list");
		if (at(L, n)->kind == N_RANGE)
			diag_help(L->d, "a range is a list by itself: write it without `[ ]`");
		return false;
	}
	if (type == JT_TABLE)
		return diag_error(L->d, E0404, span_of(L, n), "a list of %s cannot hold %s", type_text(list->elem), val_a(v));
	list->elem = type;
	x = val_item(L, v);
	if (*tail)
		L->j->x[*tail].next = x;
	else
		L->j->x[list->a].a = x;
	*tail = x;
	return val_take(L, n, list, v);
}

static struct val lower_list(struct lower *L, nid n)
{
	struct val list, v;
	nid kid = ast_kid(L->a, n);
	jxid tail = 0;
	bool ok = true;

	if (kid && at(L, kid)->kind == N_RECORD)
		return table_of_records(L, n);
	list = val_x(jx_new(L->j, JX_LIST, 0, 0, 0, span_of(L, n)), JT_LIST);
	list.depth = 2;
	for (; kid && ok; kid = ast_next(L->a, kid)) {
		v = lower_scalar(L, kid);
		ok = list_append(L, kid, &list, &tail, &v) && ok;
	}
	return ok ? list : val_bad();
}

static struct val lower_record(struct lower *L, nid n)
{
	struct val r = { .kind = V_RECORD, .type = JT_RECORD, .konst = true };
	struct field *f = NULL;
	uint32_t count = 0, cap = 0, i;
	nid kid;

	for (kid = ast_kid(L->a, n); kid; kid = ast_next(L->a, kid)) {
		if (count == cap)
			f = grow(f, &cap, count + 1, sizeof *f);
		f[count].name = at(L, kid)->name;
		f[count].span = ast_name_span(L->a, kid);
		f[count].val = lower_expr(L, ast_kid(L->a, kid));
		if (f[count].val.kind == V_BAD || !val_take(L, kid, &r, &f[count].val))
			r.kind = V_BAD;
		count++;
	}
	while (L->fieldcap < L->nfield + count)
		L->field = grow(L->field, &L->fieldcap, L->nfield + count, sizeof *L->field);
	for (i = 0; i < count; i++)
		L->field[L->nfield + i] = f[i];
	free(f);
	r.a = L->nfield;
	r.b = count;
	L->nfield += count;
	return r;
}

struct val lower_expr(struct lower *L, nid n)
{
	if (!n)
		return val_bad();
	switch (at(L, n)->kind) {
	case N_PAREN: return lower_expr(L, ast_kid(L->a, n));
	case N_NAME: return lower_name(L, n);
	case N_INT: return lower_int(L, n);
	case N_FLOAT: return lower_float(L, n);
	case N_SIZE: return lower_quantity(L, n, true);
	case N_DURATION: return lower_quantity(L, n, false);
	case N_BOOL: return val_x(jx_new(L->j, JX_BOOL, at(L, n)->op, 0, 0, span_of(L, n)), JT_BOOL);
	case N_STRING: return lower_string(L, n);
	case N_LIST: return lower_list(L, n);
	case N_RECORD: return lower_record(L, n);
	case N_CALL: return lower_call(L, n);
	case N_MEMBER: return lower_member(L, n);
	case N_INDEX: return lower_index(L, n);
	case N_ALL: return lower_all(L, n);
	case N_UNARY: return lower_unary(L, n);
	case N_BINARY: return lower_binary(L, n);
	case N_COND: return lower_cond(L, n);
	case N_RANGE: return lower_range(L, n);
	default: return val_bad(); /* N_ERROR: reported */
	}
}
