/* evalop.c - operators: int, float, size and duration arithmetic, comparison, logic.  Overflow is an error. */
#include "job/eval.h"

#include <math.h>
#include <string.h>

static const char *op_sign(uint8_t op)
{
	static const char *const text[] = {
		[OP_ADD] = "+", [OP_SUB] = "-", [OP_MUL] = "*", [OP_DIV] = "/", [OP_MOD] = "%", [OP_NEG] = "-",
		[OP_NOT] = "!", [OP_EQ] = "==", [OP_NE] = "!=", [OP_LT] = "<", [OP_LE] = "<=", [OP_GT] = ">",
		[OP_GE] = ">=", [OP_AND] = "&&", [OP_OR] = "||",
	};
	return op <= OP_OR && text[op] ? text[op] : "?";
}

static bool types_wrong(struct jctx *c, uint8_t op, const struct jvalue *l, const struct jvalue *r)
{
	return FAIL(c, "`%s` does not take %s and %s", op_sign(op), value_type(l), value_type(r));
}

static bool int_op(struct jctx *c, uint8_t op, int64_t a, int64_t b, uint8_t type, struct jvalue *out)
{
	int64_t v = 0;
	bool over = false;

	if ((op == OP_DIV || op == OP_MOD) && !b)
		return FAIL(c, "division by zero");
	if (op == OP_ADD)
		over = __builtin_add_overflow(a, b, &v);
	else if (op == OP_SUB)
		over = __builtin_sub_overflow(a, b, &v);
	else if (op == OP_MUL)
		over = __builtin_mul_overflow(a, b, &v);
	else if (b == -1)
		over = op == OP_DIV && __builtin_sub_overflow((int64_t)0, a, &v);
	else
		v = op == OP_DIV ? a / b : a % b;
	if (over)
		return FAIL(c, "the result of `%s` is too large", op_sign(op));
	*out = value_int(v, type);
	return true;
}

static bool num_op(struct jctx *c, uint8_t op, double a, double b, double *v)
{
	if ((op == OP_DIV || op == OP_MOD) && b == 0)
		return FAIL(c, "division by zero");
	*v = op == OP_ADD ? a + b : op == OP_SUB ? a - b : op == OP_MUL ? a * b : op == OP_DIV ? a / b : fmod(a, b);
	return isfinite(*v) || FAIL(c, "the result of `%s` is too large", op_sign(op));
}

static bool is_num(const struct jvalue *v)
{
	return v->type == JT_INT || v->type == JT_FLOAT;
}

static bool is_quantity(const struct jvalue *v)
{
	return v->type == JT_SIZE || v->type == JT_DURATION;
}

static double as_num(const struct jvalue *v)
{
	return v->type == JT_FLOAT ? v->d : (double)v->i;
}

/* A size or duration times or through a float, rounded to whole bytes or milliseconds. */
static bool scaled(struct jctx *c, uint8_t op, double a, double b, uint8_t type, struct jvalue *out)
{
	double v;

	if (!num_op(c, op, a, b, &v))
		return false;
	if (fabs(v) >= 0x1p62)
		return FAIL(c, "the result of `%s` is too large", op_sign(op));
	*out = value_int(llround(v), type);
	return true;
}

/* One side is a size or a duration. */
static bool quantity_op(struct jctx *c, uint8_t op, const struct jvalue *l, const struct jvalue *r, struct jvalue *out)
{
	if (l->type == r->type && op == OP_DIV) { /* how often 3GB go into 10GB */
		*out = (struct jvalue){ .type = JT_FLOAT };
		return num_op(c, op, (double)l->i, (double)r->i, &out->d);
	}
	if (l->type == r->type && op != OP_MUL)
		return int_op(c, op, l->i, r->i, l->type, out);
	if (is_quantity(l) && is_num(r) && (op == OP_MUL || op == OP_DIV))
		return r->type == JT_INT ? int_op(c, op, l->i, r->i, l->type, out)
					 : scaled(c, op, (double)l->i, r->d, l->type, out);
	if (is_num(l) && is_quantity(r) && op == OP_MUL)
		return quantity_op(c, op, r, l, out);
	return types_wrong(c, op, l, r);
}

static bool arith(struct jctx *c, uint8_t op, const struct jvalue *l, const struct jvalue *r, struct jvalue *out)
{
	if (l->type == JT_INT && r->type == JT_INT)
		return int_op(c, op, l->i, r->i, JT_INT, out);
	if (is_num(l) && is_num(r)) {
		*out = (struct jvalue){ .type = JT_FLOAT };
		return num_op(c, op, as_num(l), as_num(r), &out->d);
	}
	if (is_quantity(l) || is_quantity(r))
		return quantity_op(c, op, l, r, out);
	return types_wrong(c, op, l, r);
}

static int text_cmp(const struct jvalue *l, const struct jvalue *r)
{
	size_t n = l->s.n < r->s.n ? l->s.n : r->s.n;
	int d = n ? memcmp(l->s.p, r->s.p, n) : 0;

	return d ? d : (l->s.n > r->s.n) - (l->s.n < r->s.n);
}

bool value_order(const struct jvalue *l, const struct jvalue *r, int *d)
{
	if (value_is_text(l) && value_is_text(r))
		*d = text_cmp(l, r);
	else if (l->type == r->type && l->type != JT_FLOAT && l->type != JT_LIST)
		*d = (l->i > r->i) - (l->i < r->i);
	else if (is_num(l) && is_num(r))
		*d = (as_num(l) > as_num(r)) - (as_num(l) < as_num(r));
	else
		return false;
	return true;
}

static bool list_equal(const struct jvalue *l, const struct jvalue *r)
{
	int d = 0;

	if (l->list.n != r->list.n)
		return false;
	for (uint32_t i = 0; i < l->list.n; i++)
		if (!value_order(&l->list.v[i], &r->list.v[i], &d) || d)
			return false;
	return true;
}

static bool compare(struct jctx *c, uint8_t op, const struct jvalue *l, const struct jvalue *r, struct jvalue *out)
{
	bool equality = op == OP_EQ || op == OP_NE;
	int d = 0;

	if (equality && l->type == JT_LIST && r->type == JT_LIST)
		d = !list_equal(l, r);
	else if (!value_order(l, r, &d) || (l->type == JT_BOOL && !equality))
		return types_wrong(c, op, l, r);
	*out = value_int(op == OP_EQ ? d == 0 : op == OP_NE ? d != 0 : op == OP_LT ? d < 0 : op == OP_LE ? d <= 0
			 : op == OP_GT ? d > 0 : d >= 0, JT_BOOL);
	return true;
}

/* && and || look at the right side only when it matters. */
static bool logic(struct jctx *c, const struct jx *x, struct jvalue *out)
{
	if (!eval(c, x->a, out))
		return false;
	if (out->type == JT_BOOL && (out->i != 0) == (x->fn == OP_OR))
		return true;
	if (out->type == JT_BOOL && !eval(c, x->b, out))
		return false;
	return out->type == JT_BOOL || FAIL(c, "`%s` takes bools, not %s", op_sign(x->fn), value_type(out));
}

bool eval_bin(struct jctx *c, const struct jx *x, struct jvalue *out)
{
	struct jvalue l, r;

	if (x->fn == OP_AND || x->fn == OP_OR)
		return logic(c, x, out);
	if (!eval(c, x->a, &l) || !eval(c, x->b, &r))
		return false;
	if (x->fn >= OP_EQ && x->fn <= OP_GE)
		return compare(c, x->fn, &l, &r, out);
	if (x->fn >= OP_ADD && x->fn <= OP_MOD)
		return arith(c, x->fn, &l, &r, out);
	return FAIL(c, "an operator is missing");
}

bool eval_un(struct jctx *c, const struct jx *x, struct jvalue *out)
{
	if (!eval(c, x->a, out))
		return false;
	if (x->fn == OP_NOT && out->type == JT_BOOL)
		out->i = !out->i;
	else if (x->fn == OP_NEG && out->type == JT_FLOAT)
		out->d = -out->d;
	else if (x->fn == OP_NEG && (out->type == JT_INT || is_quantity(out)))
		return int_op(c, OP_SUB, 0, out->i, out->type, out);
	else
		return FAIL(c, "`%s` does not take %s", op_sign(x->fn), value_type(out));
	return true;
}
