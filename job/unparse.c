/* unparse.c - an expression back to weft text, with the fewest parentheses: parse(unparse(x)) = x. */
#include "job/eval.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct printer {
	const struct job *j;
	const struct jtask *t; /* NULL outside a task */
	struct buf *out;
	bool ok;
};

static void expr(struct printer *p, jxid id, int least);

static void put(struct printer *p, const char *s)
{
	p->ok = buf_adds(p->out, s) && p->ok;
}

static void put_name(struct printer *p, name nm)
{
	p->ok = buf_add(p->out, name_str(p->j->names, nm), name_len(p->j->names, nm)) && p->ok;
}

/* ---- texts ---- */

static void escaped(struct printer *p, unsigned char c)
{
	const char *short_form = c == '\n' ? "\\n" : c == '\t' ? "\\t" : c == '\r' ? "\\r" : c == '"' ? "\\\"" : "\\\\";

	if (c == '"' || c == '\\' || c == '\n' || c == '\t' || c == '\r')
		put(p, short_form);
	else
		p->ok = buf_addf(p->out, "\\u{%X}", c) && p->ok;
}

/* How a text is written: between quotes, as a template without escapes, as that of a command. */
enum form { F_STRING, F_TEMPLATE, F_COMMAND };

/* A `~` that stands right before an interpolation must not touch it. */
static const char *const lone_tilde[] = { "\\u{7E}", "~{\"~\"}", "~{raw(\"~\")}" };

/* A run of `~` at s: one more before `{`.  Returns its length. */
static size_t tildes(struct printer *p, const char *s, size_t n, enum form f, bool before_interp)
{
	size_t run = 0;

	while (run < n && s[run] == '~')
		run++;
	for (size_t i = 1; i < run; i++)
		put(p, "~");
	if (run == n && before_interp)
		put(p, lone_tilde[f]);
	else
		put(p, run < n && s[run] == '{' ? "~~" : "~");
	return run;
}

static void literal(struct printer *p, name nm, enum form f, bool before_interp)
{
	const char *s = name_str(p->j->names, nm);
	size_t n = name_len(p->j->names, nm);

	for (size_t i = 0; i < n;) {
		unsigned char c = (unsigned char)s[i];

		if (c == '~') {
			i += tildes(p, s + i, n - i, f, before_interp);
			continue;
		}
		if (f == F_STRING && (c < 32 || c == 127 || c == '"' || c == '\\'))
			escaped(p, c);
		else
			p->ok = buf_addc(p->out, (char)c) && p->ok;
		i++;
	}
}

static bool is_text(const struct printer *p, jxid x)
{
	return p->j->x[x].op == JX_STR && !(p->j->x[x].flags & JXF_VALUE);
}

/* What stands between the quotes or braces. */
static void template(struct printer *p, jxid id, enum form f)
{
	const struct jx *x = &p->j->x[id];
	jxid first = x->op == JX_CAT ? x->a : id;

	for (jxid i = first; i; i = x->op == JX_CAT ? p->j->x[i].next : 0) {
		jxid next = x->op == JX_CAT ? p->j->x[i].next : 0;

		if (is_text(p, i)) {
			literal(p, p->j->x[i].a, f, next && !is_text(p, next));
			continue;
		}
		put(p, "~{");
		expr(p, i, 0);
		put(p, "}");
	}
}

static void string(struct printer *p, jxid id)
{
	put(p, "\"");
	if (p->j->x[id].op == JX_STR)
		literal(p, p->j->x[id].a, F_STRING, false);
	else
		template(p, id, F_STRING);
	put(p, "\"");
}

/* A task's name; one that is no word (from job JSON, or a file used under a name) is written as a string. */
static void task_name(struct printer *p, name nm)
{
	if (name_is_plain(name_str(p->j->names, nm), name_len(p->j->names, nm))) {
		put_name(p, nm);
		return;
	}
	put(p, "\"");
	literal(p, nm, F_STRING, false);
	put(p, "\"");
}

static void number(struct printer *p, double d)
{
	char s[40];

	for (int prec = 15; prec <= 17; prec++) {
		snprintf(s, sizeof s, "%.*g", prec, d);
		if (strtod(s, NULL) == d)
			break;
	}
	put(p, s);
	if (!strpbrk(s, ".en"))
		put(p, ".0");
}

/* ---- expressions ---- */

enum { P_COND = 1, P_OR = 2, P_AND = 3, P_CMP = 4, P_ADD = 5, P_MUL = 6, P_UNARY = 7, P_POSTFIX = 8 };

static int op_level(uint8_t op)
{
	return op == OP_OR ? P_OR : op == OP_AND ? P_AND : op >= OP_EQ && op <= OP_GE ? P_CMP
		: op == OP_ADD || op == OP_SUB ? P_ADD : P_MUL;
}

static const char *op_sign(uint8_t op)
{
	static const char *const text[] = {
		[OP_ADD] = " + ", [OP_SUB] = " - ", [OP_MUL] = " * ", [OP_DIV] = " / ", [OP_MOD] = " % ", [OP_NEG] = "-",
		[OP_NOT] = "!", [OP_EQ] = " == ", [OP_NE] = " != ", [OP_LT] = " < ", [OP_LE] = " <= ", [OP_GT] = " > ",
		[OP_GE] = " >= ", [OP_AND] = " && ", [OP_OR] = " || ",
	};
	return op <= OP_OR && text[op] ? text[op] : "?";
}

/* How tightly the printed form holds together. */
static int level(const struct printer *p, jxid id)
{
	const struct jx *x = &p->j->x[id];

	if (x->op == JX_COND)
		return P_COND;
	if (x->op == JX_BIN)
		return op_level(x->fn);
	if (x->op == JX_UN)
		return P_UNARY;
	if (x->op == JX_INT || x->op == JX_SIZE || x->op == JX_DUR)
		return jx_int(p->j, id) == INT64_MIN ? P_ADD : jx_int(p->j, id) < 0 ? P_UNARY : P_POSTFIX;
	return x->op == JX_NUM && jx_num(p->j, id) < 0 ? P_UNARY : P_POSTFIX;
}

/* Negative quantities are the negation of a literal. */
static void quantity(struct printer *p, int64_t v, bool size)
{
	if (v < 0)
		put(p, "-");
	p->ok = unit_print(v < 0 && v > INT64_MIN ? -v : v, size, p->out) && p->ok;
}

static void whole(struct printer *p, int64_t v)
{
	if (v == INT64_MIN)
		put(p, "-9223372036854775807 - 1");
	else
		p->ok = buf_addf(p->out, "%lld", (long long)v) && p->ok;
}

static void list(struct printer *p, const char *open, jxid first, const char *close)
{
	put(p, open);
	for (jxid x = first; x; x = p->j->x[x].next) {
		expr(p, x, 0);
		if (p->j->x[x].next)
			put(p, ", ");
	}
	put(p, close);
}

static void dim_name(struct printer *p, uint32_t dim, bool column, uint32_t col)
{
	if (!p->t || dim >= p->t->ndim || (column && (col >= p->t->dim[dim].cols || !p->t->dim[dim].colname))) {
		p->ok = false;
		return;
	}
	put_name(p, p->t->dim[dim].var);
	if (!column)
		return;
	put(p, ".");
	put_name(p, p->t->dim[dim].colname[col]);
}

static void port_name(struct printer *p, const struct jport *v, uint32_t n, uint32_t port)
{
	if (port < n)
		put_name(p, v[port].name);
	else
		p->ok = false;
}

static void selector(struct printer *p, jxid x)
{
	put(p, "[");
	if (p->j->x[x].op == JX_ALL)
		put(p, "*");
	else
		expr(p, x, 0);
	put(p, "]");
}

static bool is_comma(const struct printer *p, jxid x)
{
	return x && p->j->x[x].op == JX_STR && !strcmp(name_str(p->j->names, p->j->x[x].a), ",");
}

/* Of a task with several dimensions: the parts of the key "a,b" in brackets of their own. */
static void instance(struct printer *p, const struct jtask *t, jxid sel)
{
	const struct jx *x = &p->j->x[sel];

	if (t->ndim < 2 || x->op != JX_CAT) {
		selector(p, sel);
		return;
	}
	for (jxid part = x->a; part; part = p->j->x[part].next) {
		selector(p, part);
		if (is_comma(p, p->j->x[part].next))
			part = p->j->x[part].next;
	}
}

/* task[instance].port[element]; all elements of a family is its name alone. */
static void reference(struct printer *p, const struct jx *x)
{
	const struct jtask *t = x->a < p->j->ntask ? &p->j->task[x->a] : NULL;
	jxid sel = x->c;

	if (!t || x->b >= t->nout) {
		p->ok = false;
		return;
	}
	task_name(p, t->name);
	if ((t->ndim || t->counted) && sel) {
		instance(p, t, sel);
		sel = p->j->x[sel].next;
	}
	put(p, ".");
	put_name(p, t->out[x->b].name);
	if (sel && p->j->x[sel].op != JX_ALL)
		selector(p, sel);
}

static void binary(struct printer *p, const struct jx *x)
{
	int l = op_level(x->fn);

	expr(p, x->a, l == P_CMP ? l + 1 : l);
	put(p, op_sign(x->fn));
	expr(p, x->b, l + 1);
}

static void cond(struct printer *p, const struct jx *x)
{
	expr(p, x->a, P_COND + 1);
	put(p, " ? ");
	expr(p, x->b, P_COND + 1);
	put(p, " : ");
	expr(p, x->c, P_COND);
}

static void node(struct printer *p, jxid id)
{
	const struct jx *x = &p->j->x[id];

	switch ((enum jop)x->op) {
	case JX_STR: case JX_CAT: string(p, id); break;
	case JX_INT: whole(p, jx_int(p->j, id)); break;
	case JX_NUM: number(p, jx_num(p->j, id)); break;
	case JX_BOOL: put(p, x->a ? "true" : "false"); break;
	case JX_SIZE: case JX_DUR: quantity(p, jx_int(p->j, id), x->op == JX_SIZE); break;
	case JX_LIST: list(p, "[", x->a, "]"); break;
	case JX_VAR: dim_name(p, x->a, false, 0); break;
	case JX_COL: dim_name(p, x->a, true, x->b); break;
	case JX_INDEX: put(p, "index"); break;
	case JX_INSTANCE: put(p, "instance"); break;
	case JX_ATTEMPT: put(p, "attempt"); break;
	case JX_IN: port_name(p, p->t ? p->t->in : NULL, p->t ? p->t->nin : 0, x->a); break;
	case JX_OUT: port_name(p, p->t ? p->t->out : NULL, p->t ? p->t->nout : 0, x->a); break;
	case JX_CPU: put(p, "cpu"); break;
	case JX_MEM: put(p, "mem"); break;
	case JX_TIME: put(p, "time"); break;
	case JX_REF: reference(p, x); break;
	case JX_SECRET: put_name(p, x->a); break;
	case JX_BIN: binary(p, x); break;
	case JX_UN: put(p, op_sign(x->fn)); expr(p, x->a, P_UNARY); break;
	case JX_COND: cond(p, x); break;
	case JX_ELEM: expr(p, x->a, P_POSTFIX); selector(p, x->b); break;
	case JX_CALL: put(p, fn_name((enum jfn)x->fn)); list(p, "(", x->a, ")"); break;
	case JX_RAW: put(p, "raw("); expr(p, x->a, 0); put(p, ")"); break;
	case JX_ALL: case JX_NONE: p->ok = false; break;
	}
}

/* In parentheses when it holds together less tightly than its place needs. */
static void expr(struct printer *p, jxid id, int least)
{
	bool paren = level(p, id) < least;

	if (paren)
		put(p, "(");
	node(p, id);
	if (paren)
		put(p, ")");
}

static struct printer printer(const struct job *j, uint32_t task, struct buf *out)
{
	return (struct printer){ .j = j, .t = task < j->ntask ? &j->task[task] : NULL, .out = out, .ok = true };
}

bool jx_unparse(const struct job *j, uint32_t task, jxid x, struct buf *out)
{
	struct printer p = printer(j, task, out);

	expr(&p, x, 0);
	return p.ok;
}

bool jx_template(const struct job *j, uint32_t task, jxid x, bool command, struct buf *out)
{
	struct printer p = printer(j, task, out);

	template(&p, x, command ? F_COMMAND : F_TEMPLATE);
	return p.ok;
}
