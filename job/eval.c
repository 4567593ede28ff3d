/* eval.c - the value of an expression for one instance.
 *
 * Expressions are shallow (AST_DEPTH), but the path of a port may depend on paths of other tasks, and so on along the
 * graph: c->depth and c->steps bound that.  Results live in c->arena. */
#include "job/eval.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct jvalue value_str(const char *p, size_t n, uint8_t type)
{
	return (struct jvalue){ .type = type, .s = { p, n } };
}

struct jvalue value_int(int64_t i, uint8_t type)
{
	return (struct jvalue){ .type = type, .i = i };
}

bool value_is_text(const struct jvalue *v)
{
	return v->type == JT_STRING || v->type == JT_FILE || v->type == JT_DIR || v->type == JT_URL || v->type == JT_SECRET;
}

const char *value_type(const struct jvalue *v)
{
	static const char *const text[] = {
		[JT_STRING] = N_("a string"), [JT_INT] = N_("an int"), [JT_FLOAT] = N_("a float"), [JT_BOOL] = N_("a bool"),
		[JT_SIZE] = N_("a size"),
		[JT_DURATION] = N_("a duration"), [JT_FILE] = N_("a file"), [JT_DIR] = N_("a dir"), [JT_URL] = N_("an url"),
		[JT_LIST] = N_("a list"),
		[JT_RECORD] = N_("a record"), [JT_TABLE] = N_("a table"), [JT_SECRET] = N_("a secret"), [JT_UNKNOWN] = N_("a value"),
	};
	return tr(text[v->type <= JT_UNKNOWN ? v->type : JT_UNKNOWN]);
}

const char *fail_text(struct arena *a, const char *fmt, ...)
{
	const char *text;
	va_list ap;

	va_start(ap, fmt);
	text = arena_vprintf(a, tr(fmt), ap);
	va_end(ap);
	return text;
}

const struct jtask *eval_task(struct jctx *c)
{
	if (c->task < c->job->ntask)
		return &c->job->task[c->task];
	c->error = _("this is known only inside a task");
	return NULL;
}

struct jctx eval_inside(const struct jctx *c, uint32_t task, int64_t instance, int64_t index)
{
	struct jctx in = *c;

	in.task = task;
	in.instance = instance;
	in.index = index;
	in.path = NULL;
	return in;
}

/* ---- leaves ---- */

static bool eval_name(struct jctx *c, name nm, uint8_t type, struct jvalue *out)
{
	*out = value_str(name_str(c->job->names, nm), name_len(c->job->names, nm), type);
	return true;
}

static bool eval_secret(struct jctx *c, name nm, struct jvalue *out)
{
	const char *s = c->secret ? c->secret(c->ctx, nm) : "<secret>";

	if (!s)
		return FAIL(c, "the secret `%s` has no value", name_str(c->job->names, nm));
	*out = value_str(s, strlen(s), JT_SECRET);
	return true;
}

/* The task's own cpu, mem or time. */
static void cut_cpu(struct jvalue *v, int64_t most)
{
	double d = (double)most / 1e9;

	if (v->type == JT_INT && (double)v->i > d)
		v->i = most / 1000000000 ? most / 1000000000 : 1;
	else if (v->type == JT_FLOAT && v->d > d)
		v->d = d;
}

static bool eval_request(struct jctx *c, enum setting id, struct jvalue *out)
{
	const struct jtask *t = eval_task(c);
	const struct jval *v = t ? task_set(t, id) : NULL;

	if (!t)
		return false;
	if (!v)
		return FAIL(c, "task `%s` does not set `%s`", name_str(c->job->names, t->name), settings[id].path);
	if (!eval(c, v->x, out))
		return false;
	if (id == SET_MEM && c->most_mem && out->i > c->most_mem)
		out->i = c->most_mem;
	if (id == SET_CPU && c->most_cpu)
		cut_cpu(out, c->most_cpu);
	return true;
}

static bool eval_list(struct jctx *c, jxid first, struct jvalue *out)
{
	uint32_t n = 0;

	for (jxid x = first; x; x = c->job->x[x].next)
		n++;
	*out = (struct jvalue){ .type = JT_LIST };
	out->list.v = arena_zalloc(c->arena, n, sizeof *out->list.v);
	for (jxid x = first; x; x = c->job->x[x].next)
		if (!eval(c, x, &out->list.v[out->list.n++]))
			return false;
	return true;
}

static bool eval_cat(struct jctx *c, jxid first, struct jvalue *out)
{
	struct jvalue v;
	struct buf b;
	bool ok = true;

	buf_init(&b, EVAL_TEXT);
	for (jxid x = first; ok && x; x = c->job->x[x].next)
		ok = eval(c, x, &v) && (jvalue_text(&v, &b) || FAIL(c, "a text is longer than %d bytes", EVAL_TEXT));
	if (ok)
		*out = value_str(arena_strndup(c->arena, buf_str(&b), b.len), b.len, JT_STRING);
	buf_free(&b);
	return ok;
}

static bool eval_cond(struct jctx *c, const struct jx *x, struct jvalue *out)
{
	struct jvalue v;

	if (!eval(c, x->a, &v))
		return false;
	if (v.type != JT_BOOL)
		return FAIL(c, "a condition is a bool, not %s", value_type(&v));
	return eval(c, v.i ? x->b : x->c, out);
}

static bool eval_elem(struct jctx *c, const struct jx *x, struct jvalue *out)
{
	struct jvalue l, i;

	if (!eval(c, x->a, &l) || !eval(c, x->b, &i))
		return false;
	if (l.type != JT_LIST || i.type != JT_INT)
		return FAIL(c, "`[ ]` needs a list and an int, not %s and %s", value_type(&l), value_type(&i));
	if (i.i < 0 || i.i >= l.list.n)
		return FAIL(c, "there is no element %lld in a list of %lu", (long long)i.i, (unsigned long)l.list.n);
	*out = l.list.v[i.i];
	return true;
}

static bool eval_raw(struct jctx *c, jxid a, struct jvalue *out)
{
	if (!eval(c, a, out))
		return false;
	out->raw = true;
	return true;
}

static bool dispatch(struct jctx *c, const struct jx *x, jxid id, struct jvalue *out)
{
	switch ((enum jop)x->op) {
	case JX_STR: return eval_name(c, x->a, JT_STRING, out);
	case JX_INT: *out = value_int(jx_int(c->job, id), JT_INT); return true;
	case JX_SIZE: *out = value_int(jx_int(c->job, id), JT_SIZE); return true;
	case JX_DUR: *out = value_int(jx_int(c->job, id), JT_DURATION); return true;
	case JX_NUM: *out = (struct jvalue){ .type = JT_FLOAT, .d = jx_num(c->job, id) }; return true;
	case JX_BOOL: *out = value_int(x->a != 0, JT_BOOL); return true;
	case JX_LIST: return eval_list(c, x->a, out);
	case JX_CAT: return eval_cat(c, x->a, out);
	case JX_VAR: return eval_var(c, x->a, false, 0, out);
	case JX_COL: return eval_var(c, x->a, true, x->b, out);
	case JX_INDEX: *out = value_int(c->index, JT_INT); return true;
	case JX_INSTANCE: *out = value_int(c->instance, JT_INT); return true;
	case JX_ATTEMPT: *out = value_int(c->attempt > 0 ? c->attempt : 1, JT_INT); return true;
	case JX_IN: return eval_port(c, x->a, false, out);
	case JX_OUT: return eval_port(c, x->a, true, out);
	case JX_CPU: return eval_request(c, SET_CPU, out);
	case JX_MEM: return eval_request(c, SET_MEM, out);
	case JX_TIME: return eval_request(c, SET_TIME, out);
	case JX_REF: return eval_ref(c, x, out);
	case JX_SECRET: return eval_secret(c, x->a, out);
	case JX_BIN: return eval_bin(c, x, out);
	case JX_UN: return eval_un(c, x, out);
	case JX_COND: return eval_cond(c, x, out);
	case JX_ELEM: return eval_elem(c, x, out);
	case JX_CALL: return eval_call(c, x, out);
	case JX_RAW: return eval_raw(c, x->a, out);
	case JX_ALL: return FAIL(c, "`[*]` stands only behind a task");
	case JX_NONE: break;
	}
	return FAIL(c, "an expression is missing");
}

bool eval(struct jctx *c, jxid x, struct jvalue *out)
{
	struct jx node;
	bool ok;

	if (x >= c->job->nx)
		return FAIL(c, "an expression is missing");
	if (c->depth >= EVAL_DEPTH)
		return FAIL(c, "paths depend on each other more than %d levels deep", EVAL_DEPTH);
	if (c->steps >= EVAL_STEPS)
		return FAIL(c, "the value takes more than %d steps to work out", EVAL_STEPS);
	c->steps++;
	c->depth++;
	node = c->job->x[x]; /* a copy: callbacks may add expressions */
	ok = dispatch(c, &node, x, out);
	c->depth--;
	return ok;
}

bool jx_eval(struct jctx *c, jxid x, struct jvalue *out)
{
	c->depth = c->steps = 0;
	c->error = NULL;
	return eval(c, x, out);
}

/* ---- text ---- */

/* The shortest decimal text that reads back equal. */
static bool num_text(double d, struct buf *out)
{
	char s[40];

	for (int prec = 15; prec <= 17; prec++) {
		snprintf(s, sizeof s, "%.*g", prec, d);
		if (strtod(s, NULL) == d)
			break;
	}
	return buf_adds(out, s);
}

/* Milliseconds as seconds. */
static bool seconds_text(int64_t ms, struct buf *out)
{
	int64_t s = ms / 1000, frac = ms % 1000;

	if (!frac)
		return buf_addf(out, "%lld", (long long)s);
	if (!buf_addf(out, "%s%lld.%03lld", ms < 0 && !s ? "-" : "", (long long)s, (long long)(frac < 0 ? -frac : frac)))
		return false;
	while (out->p[out->len - 1] == '0')
		out->p[--out->len] = 0;
	return true;
}

static bool list_text(const struct jvalue *v, struct buf *out)
{
	for (uint32_t i = 0; i < v->list.n; i++)
		if ((i && !buf_addc(out, ' ')) || v->list.v[i].type == JT_LIST || !jvalue_text(&v->list.v[i], out))
			return false;
	return true;
}

bool jvalue_text(const struct jvalue *v, struct buf *out)
{
	switch ((enum jtype)v->type) {
	case JT_INT:
	case JT_SIZE: return buf_addf(out, "%lld", (long long)v->i);
	case JT_DURATION: return seconds_text(v->i, out);
	case JT_BOOL: return buf_adds(out, v->i ? "true" : "false");
	case JT_FLOAT: return num_text(v->d, out);
	case JT_LIST: return list_text(v, out);
	case JT_STRING:
	case JT_FILE:
	case JT_DIR:
	case JT_URL:
	case JT_SECRET: return buf_add(out, v->s.p, v->s.n);
	case JT_RECORD:
	case JT_TABLE:
	case JT_UNKNOWN: break;
	}
	return false;
}

bool jx_text(struct jctx *c, jxid x, struct buf *out)
{
	struct jvalue v;

	return jx_eval(c, x, &v) && (jvalue_text(&v, out) || FAIL(c, "%s has no text that fits here", value_type(&v)));
}

/* ---- what is known beforehand ---- */

static bool constant_list(const struct job *j, jxid first)
{
	for (jxid x = first; x; x = j->x[x].next)
		if (!jx_constant(j, x))
			return false;
	return true;
}

bool jx_constant(const struct job *j, jxid id)
{
	const struct jx *x = &j->x[id];

	switch ((enum jop)x->op) {
	case JX_STR: case JX_INT: case JX_NUM: case JX_BOOL: case JX_SIZE: case JX_DUR: case JX_NONE:
		return true;
	case JX_LIST: case JX_CAT: case JX_CALL:
		return constant_list(j, x->a);
	case JX_BIN: case JX_ELEM:
		return jx_constant(j, x->a) && jx_constant(j, x->b);
	case JX_COND:
		return jx_constant(j, x->a) && jx_constant(j, x->b) && jx_constant(j, x->c);
	case JX_UN: case JX_RAW:
		return jx_constant(j, x->a);
	case JX_VAR: case JX_COL: case JX_INDEX: case JX_INSTANCE: case JX_ATTEMPT: case JX_IN: case JX_OUT: case JX_CPU:
	case JX_MEM: case JX_TIME: case JX_REF: case JX_ALL: case JX_SECRET:
		break;
	}
	return false;
}
