/* lower_call.c - calls: arguments, result types; functions that read files or give other things than values. */
#include "compiler/lower.h"

#include "base/deps.h"

#include <string.h>

enum { ARGS_MAX = 64 };

struct args {
	nid call, node[ARGS_MAX];
	struct val v[ARGS_MAX];
	uint32_t n;
	bool bad;
};

static const struct { uint8_t min, max; } arity[] = {
#define FN(name, min, max) { min, max },
#include "job/functions.def"
#undef FN
};

static struct val no_function(struct lower *L, nid n)
{
	struct suggest sg = { .to = str(L, at(L, n)->name) };
	unsigned i;

	if (said_before(L, at(L, n)->name))
		return val_bad();
	for (i = 0; i < FN_COUNT; i++)
		suggest_try(&sg, fn_name((enum jfn)i));
	diag_error(L->d, E0207, span_of(L, n), "there is no function `%s`", sg.to);
	diag_suggest(L->d, &sg);
	return val_bad();
}

static bool count_ok(struct lower *L, nid n, enum jfn fn)
{
	uint32_t have = 0, min = arity[fn].min, max = arity[fn].max;
	nid arg;

	for (arg = ast_kid(L->a, n); arg; arg = ast_next(L->a, arg))
		have++;
	if (have >= min && (have <= max || fn == FN_tsv || fn == FN_csv || fn == FN_json))
		return true;
	diag_error(L->d, E0411, span_of(L, n), "`%s` takes %s%u argument%s, not %u", fn_name(fn),
		min == max ? "" : have < min ? _("at least ") : _("at most "), have < min ? min : max,
		(have < min ? min : max) == 1 ? "" : "s", have);
	return false;
}

static bool args_lower(struct lower *L, nid n, enum jfn fn, struct args *a)
{
	nid arg;

	a->call = n;
	a->n = 0;
	a->bad = false;
	for (arg = ast_kid(L->a, n); arg && a->n < ARGS_MAX; arg = ast_next(L->a, arg), a->n++) {
		a->node[a->n] = ast_kid(L->a, arg);
		a->v[a->n] = lower_expr(L, a->node[a->n]);
		if (a->v[a->n].kind != V_TABLE && a->v[a->n].kind != V_BAD)
			a->v[a->n] = as_scalar(L, a->node[a->n], a->v[a->n]);
		a->bad |= a->v[a->n].kind == V_BAD;
		if (!at(L, arg)->name || fn == FN_docker)
			continue;
		a->bad = !diag_error(L->d, E0210, ast_name_span(L->a, arg), "`%s` has no argument `%s`", fn_name(fn),
			str(L, at(L, arg)->name));
	}
	return !a->bad;
}

/* JX_CALL of all arguments; computed when they are constant. */
static struct val make_call(struct lower *L, enum jfn fn, struct args *a, uint8_t type)
{
	struct val v = val_x(jx_new(L->j, JX_CALL, 0, 0, 0, span_of(L, a->call)), type);
	jxid tail = 0, x;
	uint32_t i;

	L->j->x[v.a].fn = (uint8_t)fn;
	for (i = 0; i < a->n; i++, tail = x) {
		x = val_item(L, &a->v[i]);
		*(tail ? &L->j->x[tail].next : &L->j->x[v.a].a) = x;
		if (!val_take(L, a->call, &v, &a->v[i]))
			return val_bad();
	}
	return val_fold(L, a->call, v);
}

static bool want(struct lower *L, struct args *a, uint32_t i, enum jfn fn, uint8_t type)
{
	return i >= a->n || val_coerce(L, a->node[i], &a->v[i], type, JT_UNKNOWN, "argument %u of `%s`", i + 1, fn_name(fn));
}

static struct val call_path(struct lower *L, enum jfn fn, struct args *a)
{
	uint32_t i;

	for (i = 0; i < a->n; i++)
		if (!want(L, a, i, fn, JT_STRING))
			return val_bad();
	return make_call(L, fn, a, JT_STRING);
}

static struct val call_join(struct lower *L, enum jfn fn, struct args *a)
{
	if (!want(L, a, 0, fn, JT_LIST) || !want(L, a, 1, fn, JT_STRING))
		return val_bad();
	return make_call(L, fn, a, JT_STRING);
}

/* The number of elements of a reference to a family of fixed size in a single task. */
static int64_t known_len(struct lower *L, const struct val *v)
{
	const struct jx *x = &L->j->x[v->a];
	const struct jport *p = x->op == JX_REF ? &L->j->task[x->a].out[x->b] : NULL;
	int64_t n = 0;
	jxid i;

	if (p)
		return p->count == PORT_FIXED && (!x->c || L->j->x[x->c].op != JX_ALL) ? p->n : -1;
	if (x->op != JX_LIST || !v->konst)
		return -1;
	for (i = x->a; i; i = L->j->x[i].next)
		n++;
	return n;
}

static struct val call_len(struct lower *L, enum jfn fn, struct args *a)
{
	int64_t n;

	if (a->v[0].kind == V_TABLE)
		return val_int(L, L->table[a->v[0].a].rows, span_of(L, a->call));
	if (!type_stringy(a->v[0].type) && !want(L, a, 0, fn, JT_LIST))
		return val_bad();
	n = a->v[0].type == JT_LIST ? known_len(L, &a->v[0]) : -1;
	return n >= 0 ? val_int(L, n, span_of(L, a->call)) : make_call(L, fn, a, JT_INT);
}

static struct val call_extreme(struct lower *L, enum jfn fn, struct args *a)
{
	uint8_t type = a->v[0].type == JT_LIST ? a->v[0].elem : a->v[0].type;
	uint32_t i;

	for (i = 0; i < a->n; i++) {
		uint8_t t = a->v[i].type == JT_LIST ? a->v[i].elem : a->v[i].type;

		if (type_binary(OP_LT, type, t) == JT_UNKNOWN && t != JT_UNKNOWN)
			return diag_error(L->d, E0404, span_of(L, a->node[i]), "`%s` cannot compare %s and %s", fn_name(fn),
				type_a(type), type_a(t)), val_bad();
		if (t == JT_FLOAT)
			type = JT_FLOAT;
	}
	return make_call(L, fn, a, type);
}

static struct val call_range(struct lower *L, enum jfn fn, struct args *a)
{
	struct val v = { .kind = V_RANGE, .type = JT_LIST, .elem = JT_INT, .konst = true };
	struct span sp = span_of(L, a->call);
	int64_t hi;

	if (!want(L, a, 0, fn, JT_INT) || !want(L, a, 1, fn, JT_INT))
		return val_bad();
	if (!a->v[0].konst || !a->v[a->n - 1].konst)
		return diag_error(L->d, E0409, sp, "the ends of a range must be known before the job starts"), val_bad();
	hi = jx_int(L->j, a->v[a->n - 1].a);
	v.a = a->n > 1 ? a->v[0].a : jx_new_int(L->j, JX_INT, 0, sp);
	v.b = jx_new_int(L->j, JX_INT, hi - (hi > INT64_MIN), sp);
	return v;
}

/* file(x), dir(x): only the type changes, unless the value is computed per instance. */
static struct val call_retype(struct lower *L, enum jfn fn, struct args *a)
{
	uint8_t type = fn == FN_dir ? JT_DIR : JT_FILE;
	struct val v = a->v[0];

	if (v.type == JT_LIST ? !type_stringy(v.elem) : !want(L, a, 0, fn, JT_STRING))
		return v.type == JT_LIST ? (diag_error(L->d, E0401, span_of(L, a->node[0]), "`%s` needs paths, not %s",
			fn_name(fn), type_text(v.elem)), val_bad()) : val_bad();
	if (v.konst || v.hasref) {
		*(v.type == JT_LIST ? &v.elem : &v.type) = type;
		return v;
	}
	v = make_call(L, fn, a, v.type == JT_LIST ? JT_LIST : type);
	v.elem = type;
	return v;
}

static void docker_argument(struct lower *L, nid arg)
{
	struct suggest sg = { .to = str(L, at(L, arg)->name) };

	suggest_try(&sg, "registry");
	if (!diag_suggest(L->d, &sg))
		diag_help(L->d, "its arguments are the image and `registry`");
}

static struct val call_docker(struct lower *L, struct args *a)
{
	struct val v = { .kind = V_DOCKER, .type = JT_UNKNOWN, .konst = true };
	nid arg = ast_kid(L->a, a->call);
	uint32_t i;

	for (i = 0; i < a->n; i++, arg = ast_next(L->a, arg)) {
		bool registry = at(L, arg)->name == name_ofs(L->names, "registry") || (i == 1 && !at(L, arg)->name);

		if (at(L, arg)->name && !registry)
			return diag_error(L->d, E0210, ast_name_span(L->a, arg), "`docker` has no argument `%s`",
				str(L, at(L, arg)->name)), docker_argument(L, arg), val_bad();
		if (!want(L, a, i, FN_docker, JT_STRING) ||
		    !const_str(L, a->node[i], &a->v[i], registry ? &v.b : &v.a, N_("a docker image")))
			return val_bad();
	}
	return v;
}

static struct val call_raw(struct lower *L, struct args *a)
{
	struct val v;

	if (!(L->where & W_CMD)) {
		diag_error(L->d, E0404, span_of(L, a->call), "`raw` means something in a command only");
		return val_bad();
	}
	v = val_x(jx_new(L->j, JX_RAW, a->v[0].a, 0, 0, span_of(L, a->call)), a->v[0].type == JT_LIST ? JT_STRING : a->v[0].type);
	return val_take(L, a->call, &v, &a->v[0]) ? v : val_bad();
}

/* ---- files("*.txt"): sorted, relative to the workspace ---- */

static struct val list_of_paths(struct lower *L, nid n, const glob_t *g, size_t skip)
{
	struct val list = val_x(jx_new(L->j, JX_LIST, 0, 0, 0, span_of(L, n)), JT_LIST), v;
	jxid tail = 0;
	size_t i;

	list.elem = JT_FILE;
	list.depth = 2;
	for (i = 0; i < g->gl_pathc; i++, tail = v.a) {
		v = val_str(L, name_ofs(L->names, g->gl_pathv[i] + skip), JT_FILE, span_of(L, n));
		*(tail ? &L->j->x[tail].next : &L->j->x[list.a].a) = v.a;
		if (!val_take(L, n, &list, &v))
			return val_bad();
	}
	return list;
}

static struct val call_files(struct lower *L, struct args *a)
{
	const char *pattern, *dir = strcmp(L->j->dir, ".") ? L->j->dir : NULL;
	struct val v;
	name nm;
	glob_t g;
	int rc;

	if (!want(L, a, 0, FN_files, JT_STRING) || !const_str(L, a->node[0], &a->v[0], &nm, N_("a pattern of files")))
		return val_bad();
	if (!dir || str(L, nm)[0] == '/')
		dir = NULL;
	pattern = dir ? arena_printf(L->tmp, "%s/%s", dir, str(L, nm)) : str(L, nm);
	rc = deps_glob(sources_deps(L->s->sources), pattern, &g);
	if (rc && rc != GLOB_NOMATCH)
		return diag_error(L->d, E0901, span_of(L, a->node[0]), "cannot list `%s`", str(L, nm)), globfree(&g), val_bad();
	v = list_of_paths(L, a->call, &g, dir ? strlen(dir) + 1 : 0);
	globfree(&g);
	return v;
}

static struct val call(struct lower *L, enum jfn fn, struct args *a)
{
	switch (fn) {
	case FN_basename: case FN_stem: case FN_ext: case FN_dirname:
		return call_path(L, fn, a);
	case FN_join: return call_join(L, fn, a);
	case FN_len: return call_len(L, fn, a);
	case FN_min: case FN_max: return call_extreme(L, fn, a);
	case FN_range: return call_range(L, fn, a);
	case FN_file: case FN_dir: return call_retype(L, fn, a);
	case FN_docker: return call_docker(L, a);
	case FN_raw: return call_raw(L, a);
	case FN_files: return call_files(L, a);
	case FN_glob:
		diag_error(L->d, E0404, span_of(L, a->call), "`glob` stands in an output family only");
		diag_help(L->d, "files that a task makes: out part[] = glob(\"part_*\"); files that are there before: files(\"*.txt\")");
		return val_bad();
	case FN_tsv: case FN_csv: case FN_json: case FN_COUNT:
		break;
	}
	return val_bad();
}

struct val lower_call(struct lower *L, nid n)
{
	enum jfn fn = fn_find(str(L, at(L, n)->name));
	struct args a;
	uint32_t i;

	if (fn == FN_COUNT)
		return no_function(L, n);
	if (!count_ok(L, n, fn))
		return val_bad();
	if (fn == FN_tsv || fn == FN_csv || fn == FN_json)
		return table_of_call(L, n, 0);
	if (!args_lower(L, n, fn, &a))
		return val_bad();
	for (i = 0; i < a.n; i++)
		if (a.v[i].kind == V_TABLE && fn != FN_len) {
			a.v[i] = as_scalar(L, a.node[i], a.v[i]);
			return val_bad();
		}
	return call(L, fn, &a);
}
