/* lower_val.c - values: making them, joining them, computing constants, and fitting them to the type wanted. */
#include "compiler/lower.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

struct val val_bad(void)
{
	return (struct val){ .kind = V_BAD, .type = JT_UNKNOWN, .elem = JT_UNKNOWN };
}

struct val val_x(jxid x, uint8_t type)
{
	return (struct val){ .kind = V_X, .type = type, .elem = JT_UNKNOWN, .konst = true, .depth = 1, .a = x, .weight = 1 };
}

struct val val_str(struct lower *L, name s, uint8_t type, struct span sp)
{
	struct val v = val_x(jx_new(L->j, JX_STR, s, 0, 0, sp), type);

	v.weight += (uint32_t)(name_len(L->names, s) / 16);
	return v;
}

struct val val_int(struct lower *L, int64_t i, struct span sp)
{
	return val_x(jx_new_int(L->j, JX_INT, i, sp), JT_INT);
}

/* A cell of a table: text that was checked when the table was read. */
struct val val_cell(struct lower *L, name text, uint8_t type, struct span sp)
{
	const char *s = str(L, text);
	size_t n = name_len(L->names, text);
	int64_t i = 0;
	double d = 0;
	bool b = false, bare;

	switch (type) {
	case JT_INT:
		text_int(s, n, &i);
		return val_int(L, i, sp);
	case JT_FLOAT:
		text_float(s, n, &d);
		return val_x(jx_new_num(L->j, d, sp), JT_FLOAT);
	case JT_BOOL:
		text_bool(s, n, &b);
		return val_x(jx_new(L->j, JX_BOOL, b, 0, 0, sp), JT_BOOL);
	case JT_SIZE: case JT_DURATION:
		text_quantity(s, n, type, &i, &bare);
		return val_x(jx_new_int(L->j, type == JT_SIZE ? JX_SIZE : JX_DUR, i, sp), type);
	default:
		return val_str(L, text, type, sp);
	}
}

const char *val_a(const struct val *v)
{
	switch (v->kind) {
	case V_RANGE: return _("a range");
	case V_TABLE: return _("a table");
	case V_CROW: case V_ROW: return _("a row of a table");
	case V_RECORD: return _("a record");
	case V_TASK: return _("a task");
	case V_MODULE: return _("a used file");
	case V_DOCKER: return _("a docker image");
	default: return type_a(v->type);
	}
}

bool val_take(struct lower *L, nid n, struct val *whole, const struct val *part)
{
	whole->konst &= part->konst;
	whole->hasref |= part->hasref;
	whole->perinst |= part->perinst;
	whole->weight += part->weight;
	if (part->depth >= whole->depth)
		whole->depth = (uint16_t)(part->depth + 1);
	if (whole->weight <= VAL_WEIGHT && whole->depth <= VAL_DEPTH)
		return true;
	return diag_error(L->d, E0415, span_of(L, n), "the value of this expression grows too large");
}

jxid val_item(struct lower *L, const struct val *v)
{
	struct jx copy;
	jxid x;

	if (!v->shared)
		return v->a;
	copy = L->j->x[v->a];
	x = jx_new(L->j, copy.op, copy.a, copy.b, copy.c, jx_span(L->j, v->a));
	L->j->x[x].fn = copy.fn;
	L->j->x[x].flags = copy.flags;
	return x;
}

/* ---- constants ---- */

static struct val val_of_result(struct lower *L, const struct jvalue *r, uint8_t type, struct span sp)
{
	switch (r->type) {
	case JT_INT: return val_int(L, r->i, sp);
	case JT_FLOAT: return val_x(jx_new_num(L->j, r->d, sp), JT_FLOAT);
	case JT_BOOL: return val_x(jx_new(L->j, JX_BOOL, r->i != 0, 0, 0, sp), JT_BOOL);
	case JT_SIZE: return val_x(jx_new_int(L->j, JX_SIZE, r->i, sp), JT_SIZE);
	case JT_DURATION: return val_x(jx_new_int(L->j, JX_DUR, r->i, sp), JT_DURATION);
	default: return val_str(L, name_of(L->names, r->s.p, r->s.n), type, sp);
	}
}

struct val val_fold(struct lower *L, nid n, struct val v)
{
	struct jctx c = { .job = L->j, .arena = L->tmp };
	struct arena_mark m = arena_mark(L->tmp);
	struct jvalue r;

	if (v.kind != V_X || !v.konst || v.type == JT_LIST)
		return v;
	if (jx_eval(&c, v.a, &r))
		v = val_of_result(L, &r, v.type, span_of(L, n));
	else {
		diag_error(L->d, E0410, span_of(L, n), "cannot compute this: %s", c.error ? c.error : _("no value"));
		v = val_bad();
	}
	arena_reset(L->tmp, m);
	return v;
}

bool const_text(struct lower *L, const struct val *v)
{
	struct jctx c = { .job = L->j, .arena = L->tmp };
	struct arena_mark m = arena_mark(L->tmp);
	const struct jx *x = &L->j->x[v->a];
	bool ok;

	if (x->op == JX_STR)
		return buf_add(&L->text, str(L, x->a), name_len(L->names, x->a));
	ok = jx_text(&c, v->a, &L->text);
	arena_reset(L->tmp, m);
	return ok;
}

static bool not_constant(struct lower *L, nid n, const struct val *v, const char *what)
{
	if (v->kind == V_BAD)
		return false;
	diag_error(L->d, E0409, span_of(L, n), "%s must be known before the job starts", tr(what));
	if (v->type == JT_SECRET)
		diag_label(L->d, "this is a secret");
	else if (v->hasref)
		diag_label(L->d, "this is known only after another task");
	else if (v->perinst)
		diag_label(L->d, "this differs between instances");
	return false;
}

bool const_int(struct lower *L, nid n, const struct val *v, int64_t *out, const char *what)
{
	if (v->kind != V_X || !v->konst)
		return not_constant(L, n, v, what);
	*out = jx_int(L->j, v->a);
	return true;
}

bool const_str(struct lower *L, nid n, const struct val *v, name *out, const char *what)
{
	if (v->kind != V_X || !v->konst)
		return not_constant(L, n, v, what);
	*out = L->j->x[v->a].a;
	return true;
}

/* ---- types ---- */

static void help_units(struct lower *L, uint8_t type)
{
	diag_help(L->d, type == JT_SIZE ? N_("write the unit: KB, MB, GB or TB") : N_("write the unit: s, min, h or d"));
}

/* "2" where a number is needed, "true" for a truth */
static bool quoted_literal(const struct lower *L, const struct val *v, uint8_t type)
{
	const char *s;

	if (v->kind != V_X || v->type != JT_STRING || !v->konst || L->j->x[v->a].op != JX_STR)
		return false;
	s = str(L, L->j->x[v->a].a);
	if (type == JT_BOOL)
		return !strcmp(s, "true") || !strcmp(s, "false");
	return type_numeric(type) && *s && !s[strspn(s, "0123456789.")];
}

static bool misfit(struct lower *L, nid n, const struct val *v, uint8_t type, const char *what)
{
	bool quantity = type == JT_SIZE || type == JT_DURATION;

	if (v->kind == V_X && quantity && type_numeric(v->type)) {
		diag_error(L->d, E0402, span_of(L, n), "%s needs %s: a number without a unit", what, type_a(type));
		help_units(L, type);
		return false;
	}
	if (v->kind == V_X && quantity && (v->type == JT_SIZE || v->type == JT_DURATION))
		return diag_error(L->d, E0403, span_of(L, n), "%s needs %s, not %s", what, type_a(type), val_a(v));
	diag_error(L->d, E0401, span_of(L, n), "%s needs %s, not %s", what, type_a(type), val_a(v));
	if (v->kind == V_X && v->type == JT_STRING && quantity)
		diag_help(L->d, type == JT_SIZE ? N_("it is written without quotes and blanks: 4GB") :
			N_("it is written without quotes and blanks: 2h"));
	if (quoted_literal(L, v, type))
		diag_help(L->d, "it is written without quotes");
	if (v->kind == V_TASK)
		diag_help(L->d, "name one of its outputs: %s.OUTPUT", str(L, L->j->task[v->a].name));
	return false;
}

/* Constants take the type they stand for; an int becomes a float. */
static void adapt(struct lower *L, struct val *v, uint8_t type)
{
	const struct jx *x = &L->j->x[v->a];

	if (type == JT_FLOAT && v->type == JT_INT && x->op == JX_INT) {
		v->a = jx_new_num(L->j, (double)jx_int(L->j, v->a), jx_span(L->j, v->a));
		v->shared = false;
	}
	if (type != JT_UNKNOWN && type != JT_LIST)
		v->type = type;
}

/* One value where a list is wanted is a list of one. */
static struct val list_of_one(struct lower *L, nid n, struct val v)
{
	struct val list = v;

	list.a = jx_new(L->j, JX_LIST, val_item(L, &v), 0, 0, span_of(L, n));
	list.type = JT_LIST;
	list.elem = v.type;
	list.shared = false;
	list.depth++;
	return list;
}

bool val_coerce(struct lower *L, nid n, struct val *v, uint8_t type, uint8_t elem, const char *fmt, ...)
{
	char what[200];
	va_list ap;

	*v = v->kind == V_RANGE || v->kind == V_ROW || v->kind == V_CROW ? as_scalar(L, n, *v) : *v;
	if (v->kind == V_BAD)
		return false;
	va_start(ap, fmt);
	vsnprintf(what, sizeof what, tr(fmt), ap);
	va_end(ap);
	if (v->kind == V_X && type == JT_LIST && v->type != JT_LIST && type_fits(elem, v->type) && !v->hasref)
		*v = list_of_one(L, n, *v);
	if (v->kind != V_X || !type_fits(type, v->type))
		return misfit(L, n, v, type, what);
	if (type == JT_LIST && !type_fits(elem, v->elem))
		return diag_error(L->d, E0401, span_of(L, n), "%s needs a list of %s, not of %s", what, type_text(elem),
			type_text(v->elem));
	adapt(L, v, type);
	return true;
}
