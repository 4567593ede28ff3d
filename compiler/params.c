/* params.c - values of parameters.  The strongest source wins: --set, parameter file, environment, default; in a used
 * file the argument, then the default.  Text from outside is read by the parameter's type. */
#include "compiler/params.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

enum { PARAMS_SHOWN = 20 };
enum { SPACE_GIVEN = SPACE_SEEN | 1 }; /* name -> number of the option + 1 */

static bool is_env(const struct param_set *p)
{
	return !strncmp(p->origin, "WEFT_PARAM_", 11);
}

static struct suggest suggest_param(struct lower *L, const char *word)
{
	struct suggest sg = { .to = word };
	uint32_t i;

	for (i = 0; i < L->scope[L->cur].nsym && L->budget; i++) {
		const struct sym *s = &L->sym[L->scope[L->cur].sym0 + i];

		if (s->kind == SYM_PARAM && L->budget--)
			suggest_try(&sg, str(L, s->name));
	}
	return sg;
}

static struct span made_up(struct lower *L, const struct param_set *p, uint32_t from, size_t n)
{
	const char *text = arena_printf(L->tmp, "%s=%s", p->name, p->value);
	const struct source *src = source_add(L->s->sources, p->origin, text, strlen(text), L->d);

	return src ? (struct span){ src->base + from, src->base + from + (uint32_t)n } : NOSPAN;
}

/* Which parameters there are, the first few. */
static void note_params(struct lower *L)
{
	const struct scope *sc = &L->scope[L->cur];
	name some[PARAMS_SHOWN];
	uint32_t n = 0, all = 0;

	for (uint32_t i = 0; i < sc->nsym; i++) {
		const struct sym *s = &L->sym[sc->sym0 + i];

		if (s->kind == SYM_PARAM && all++ < PARAMS_SHOWN)
			some[n++] = s->name;
	}
	if (!all)
		diag_note(L->d, "it has no parameters");
	else
		diag_note(L->d, "its parameters: %s%s", names_listed(L->names, some, n, 1, L->tmp), all > n ? ", ..." : "");
}

static void no_such_param(struct lower *L, const struct param_set *p)
{
	struct suggest sg = suggest_param(L, p->name);
	const char *near = suggest_best(&sg);

	if (is_env(p))
		diag_error(L->d, W0801, made_up(L, p, 0, strlen(p->name)), "the workflow has no parameter `%s`", p->name);
	else
		diag_error(L->d, E0801, made_up(L, p, 0, strlen(p->name)), "the workflow has no parameter `%s`", p->name);
	if (near) {
		diag_at(L->d, ast_name_span(L->a, sym_find(L, 0, name_ofs(L->names, near))->node), "a parameter of this name exists");
		diag_suggest(L->d, &sg);
	} else {
		note_params(L);
	}
}

void params_begin(struct lower *L)
{
	uint32_t i;

	L->cur = 0;
	for (i = 0; i < L->s->opt.nparams; i++) {
		const struct param_set *p = &L->s->opt.params[i];
		const struct sym *s = sym_find(L, 0, name_ofs(L->names, p->name));

		if (!s || s->kind != SYM_PARAM)
			no_such_param(L, p);
		else
			keymap_put(&L->keys, SPACE_GIVEN, s->name, i + 1);
	}
}

static void bad_argument(struct lower *L, nid arg)
{
	const char *file = str(L, L->scope[L->cur].path);
	struct suggest sg;
	name nm = at(L, arg)->name;

	if (!nm) {
		diag_error(L->d, E0210, span_of(L, arg), "arguments of a `use` need the name of a parameter");
		diag_help(L->d, "write name = value");
		return;
	}
	sg = suggest_param(L, str(L, nm));
	diag_error(L->d, E0210, ast_name_span(L->a, arg), "file `%s` has no parameter `%s`", file, str(L, nm));
	diag_suggest(L->d, &sg);
}

/* Arguments are found by (scope, name) in a space of the scope's own. */
static uint32_t arg_space(uint32_t scope)
{
	return SPACE_SEEN | 0x01000000 | scope;
}

void params_enter(struct lower *L)
{
	nid use = L->scope[L->cur].use, arg;

	for (arg = use ? ast_next(L->a, ast_kid(L->a, use)) : 0; arg; arg = ast_next(L->a, arg)) {
		const struct sym *s = sym_find(L, L->cur, at(L, arg)->name);

		if (at(L, arg)->kind != N_ARG)
			continue;
		if (!s || s->kind != SYM_PARAM)
			bad_argument(L, arg);
		else if (keymap_put(&L->keys, arg_space(L->cur), s->name, arg)) {
			diag_error(L->d, E0205, span_of(L, arg), "argument `%s` is given twice", str(L, s->name));
			diag_at(L->d, span_of(L, keymap_get(&L->keys, arg_space(L->cur), s->name)), "first given here");
		}
	}
}

/* ---- the declaration ---- */

struct decl {
	name name;
	nid type, def, stmts;
	uint8_t t, elem;
};

static struct decl decl_of(struct lower *L, const struct sym *s)
{
	struct decl d = { .name = s->name, .t = JT_UNKNOWN, .elem = JT_UNKNOWN };

	d.type = ast_kid(L->a, s->node);
	d.def = d.type ? ast_next(L->a, d.type) : 0;
	d.stmts = d.def ? ast_next(L->a, d.def) : 0;
	if (d.def && at(L, d.def)->kind == N_NONE)
		d.def = 0;
	return d;
}

static void bad_type(struct lower *L, nid n, name nm)
{
	static const char *const all[] = { "string", "int", "float", "bool", "size", "duration", "file", "dir", "url",
		"list", "table", "secret" };
	static const char *const other[][2] = { { "integer", "int" }, { "str", "string" }, { "boolean", "bool" },
		{ "number", "float" }, { "double", "float" }, { "directory", "dir" }, { "path", "file" }, { "uri", "url" },
		{ "time", "duration" }, { "array", "list" }, { "bytes", "size" }, { "text", "string" } };
	struct suggest sg = { .to = str(L, nm) };
	size_t i;

	for (i = 0; i < sizeof all / sizeof *all; i++)
		suggest_try(&sg, all[i]);
	for (i = 0; i < sizeof other / sizeof *other; i++)
		if (!strcmp(sg.to, other[i][0]))
			sg = (struct suggest){ .to = other[i][1], .best = other[i][1] };
	diag_error(L->d, E0214, span_of(L, n), "there is no type `%s`", str(L, nm));
	if (!diag_suggest(L->d, &sg))
		diag_help(L->d, "types are string int float bool size duration file dir url list(...) secret");
}

static bool decl_type(struct lower *L, struct decl *d)
{
	nid inner;
	name nm = at(L, d->type)->name;

	if (at(L, d->type)->kind != N_TYPE)
		return true;
	d->t = type_find(str(L, nm));
	if (d->t == JT_UNKNOWN || d->t == JT_RECORD)
		return bad_type(L, d->type, nm), false;
	if (d->t != JT_LIST)
		return true;
	inner = ast_kid(L->a, d->type);
	d->elem = inner && at(L, inner)->kind == N_TYPE ? type_find(str(L, at(L, inner)->name)) : JT_STRING;
	if (d->elem == JT_LIST)
		return diag_error(L->d, E0214, span_of(L, inner), "a list cannot hold lists");
	if (d->elem == JT_UNKNOWN)
		return bad_type(L, inner, at(L, inner)->name), false;
	return true;
}

static nid stmt_of(struct lower *L, const struct decl *d, name nm)
{
	nid n;

	for (n = d->stmts; n; n = ast_next(L->a, n))
		if (at(L, n)->kind == N_SET && at(L, n)->name == nm)
			return ast_kid(L->a, n);
	return 0;
}

static void doc_note(struct lower *L, const struct decl *d)
{
	nid e = stmt_of(L, d, L->w_doc);
	name doc;

	if (e && ast_plain(L->a, e, &doc))
		diag_note(L->d, "%s: %s", str(L, d->name), str(L, doc));
}

/* ---- text from outside ---- */

static bool list_of_json(struct lower *L, const char *s, uint8_t elem, struct span sp, struct val *out);

static bool scalar_of_text(struct lower *L, const char *s, size_t n, uint8_t type, struct span sp, struct val *out)
{
	int64_t i = 0;
	double d = 0;
	bool b = false, bare = false;

	switch (type) {
	case JT_INT:
		return text_int(s, n, &i) && (*out = val_int(L, i, sp), true);
	case JT_FLOAT:
		return text_float(s, n, &d) && (*out = val_x(jx_new_num(L->j, d, sp), JT_FLOAT), true);
	case JT_BOOL:
		return text_bool(s, n, &b) && (*out = val_x(jx_new(L->j, JX_BOOL, b, 0, 0, sp), JT_BOOL), true);
	case JT_SIZE: case JT_DURATION:
		if (!text_quantity(s, n, type, &i, &bare))
			return false;
		*out = val_x(jx_new_int(L->j, type == JT_SIZE ? JX_SIZE : JX_DUR, i, sp), type);
		return true;
	default:
		*out = val_str(L, name_of(L->names, s, n), type == JT_UNKNOWN ? JT_STRING : type, sp);
		return true;
	}
}

static bool list_add(struct lower *L, struct val *list, jxid *tail, const char *s, size_t n, uint8_t elem, struct span sp)
{
	struct val v;

	if (!scalar_of_text(L, s, n, elem, sp, &v) || ++list->weight > VAL_WEIGHT)
		return false;
	if (*tail)
		L->j->x[*tail].next = v.a;
	else
		L->j->x[list->a].a = v.a;
	*tail = v.a;
	return true;
}

static struct val list_new(struct lower *L, uint8_t elem, struct span sp)
{
	struct val v = val_x(jx_new(L->j, JX_LIST, 0, 0, 0, sp), JT_LIST);

	v.elem = elem;
	return v;
}

/* "a,b,c", blanks around items dropped; "" is the empty list. */
static bool list_of_text(struct lower *L, const char *s, uint8_t elem, struct span sp, struct val *out)
{
	jxid tail = 0;

	if (s[strspn(s, " ")] == '[')
		return list_of_json(L, s, elem, sp, out);
	*out = list_new(L, elem, sp);
	while (*s) {
		const char *from = s + strspn(s, " "), *to;
		size_t n = strcspn(from, ",");

		for (to = from + n; to > from && to[-1] == ' '; to--)
			;
		if (!list_add(L, out, &tail, from, (size_t)(to - from), elem, sp))
			return false;
		s = from[n] ? from + n + 1 : from + n;
	}
	return true;
}

static bool list_of_json(struct lower *L, const char *s, uint8_t elem, struct span sp, struct val *out)
{
	json_t *root = json_loads(s, 0, NULL), *item;
	bool ok = json_is_array(root);
	jxid tail = 0;
	size_t i;

	*out = list_new(L, elem, sp);
	json_array_foreach(root, i, item) {
		char *text = json_is_string(item) ? NULL : json_dumps(item, JSON_ENCODE_ANY | JSON_REAL_PRECISION(17));
		const char *p = text ? text : json_string_value(item);

		ok = ok && p && !json_is_object(item) && !json_is_array(item) &&
			list_add(L, out, &tail, p, strlen(p), elem, sp);
		free(text);
	}
	json_decref(root);
	return ok;
}

static struct val bad_text(struct lower *L, const struct decl *d, const struct sym *s, const struct param_set *p,
	struct span sp)
{
	int64_t i;
	bool bare = false;

	if (d->t == JT_SIZE || d->t == JT_DURATION)
		text_quantity(p->value, strlen(p->value), d->t, &i, &bare);
	diag_error(L->d, E0803, sp, "parameter `%s` needs %s, not `%s`", str(L, d->name), type_a(d->t), p->value);
	if (bare)
		diag_help(L->d, "a number needs a unit: %s", d->t == JT_SIZE ? "KB MB GB TB" : "s min h d");
	if (sp.lo != ast_name_span(L->a, s->node).lo)
		diag_at(L->d, ast_name_span(L->a, s->node), "declared here");
	doc_note(L, d);
	return val_bad();
}

static struct span given_span(struct lower *L, const struct sym *s, const struct param_set *p)
{
	if (is_env(p) || !strncmp(p->origin, "--", 2))
		return made_up(L, p, (uint32_t)strlen(p->name) + 1, strlen(p->value));
	return ast_name_span(L->a, s->node);
}

static struct val given_value(struct lower *L, struct decl *d, const struct sym *s, const struct param_set *p)
{
	struct span sp = given_span(L, s, p);
	struct val v;

	if (d->t == JT_LIST ? list_of_text(L, p->value, d->elem, sp, &v)
			    : scalar_of_text(L, p->value, strlen(p->value), d->t, sp, &v))
		return v;
	return bad_text(L, d, s, p, sp);
}

/* ---- rules of the declaration ---- */

static void why(struct lower *L, const struct sym *s, const struct decl *d, nid rule)
{
	diag_at(L->d, rule ? span_of(L, rule) : ast_name_span(L->a, s->node), "%s", rule ? _("the rule") : _("declared here"));
	doc_note(L, d);
}

static const char *text_of(struct lower *L, const struct val *v)
{
	size_t from = L->text.len;
	const char *p = "";

	if (const_text(L, v))
		p = arena_strndup(L->tmp, buf_str(&L->text) + from, L->text.len - from);
	L->text.len = from;
	return p;
}

static bool in_choices(struct lower *L, const struct sym *s, const struct decl *d, struct val *v, nid e)
{
	struct val all = lower_in(L, e, 0);
	const char *have = text_of(L, v);
	jxid i;

	if (all.kind == V_BAD)
		return true;
	if (!all.konst || all.type != JT_LIST)
		return diag_error(L->d, E0401, span_of(L, e), "`choices` needs a list of constants, not %s", val_a(&all));
	for (i = L->j->x[all.a].a; i; i = L->j->x[i].next) {
		struct val item = val_x(i, all.elem);

		if (!strcmp(text_of(L, &item), have))
			return true;
	}
	diag_error(L->d, E0804, jx_span(L->j, v->a), "parameter `%s` cannot be `%s`", str(L, d->name), have);
	why(L, s, d, e);
	return false;
}

static double number_of(struct lower *L, const struct val *v)
{
	return L->j->x[v->a].op == JX_NUM ? jx_num(L->j, v->a) : (double)jx_int(L->j, v->a);
}

static bool in_bound(struct lower *L, const struct sym *s, const struct decl *d, struct val *v, nid e, bool min)
{
	struct val b = lower_in(L, e, 0);
	bool list = d->t == JT_LIST || type_stringy(d->t) || d->t == JT_BOOL;

	if (b.kind == V_BAD)
		return true;
	if (list)
		return diag_error(L->d, E0401, span_of(L, e), "parameter `%s` is %s and has no `%s`", str(L, d->name),
			type_a(d->t), min ? "min" : "max");
	if (!val_coerce(L, e, &b, d->t, JT_UNKNOWN, "`%s` of parameter `%s`", min ? "min" : "max", str(L, d->name)))
		return false;
	if (!b.konst || (min ? number_of(L, v) >= number_of(L, &b) : number_of(L, v) <= number_of(L, &b)))
		return true;
	diag_error(L->d, E0805, jx_span(L->j, v->a), "parameter `%s` is too %s: %s", str(L, d->name),
		min ? _("small") : _("large"), text_of(L, v));
	why(L, s, d, e);
	return false;
}

static void rules_known(struct lower *L, const struct decl *d)
{
	nid n;

	for (n = d->stmts; n; n = ast_next(L->a, n)) {
		struct suggest sg = { .to = str(L, at(L, n)->name) };

		if (at(L, n)->kind == N_ERROR || at(L, n)->kind == N_NONE || (at(L, n)->kind == N_SET &&
			(at(L, n)->name == L->w_doc || at(L, n)->name == L->w_choices || at(L, n)->name == L->w_min ||
			 at(L, n)->name == L->w_max)))
			continue;
		diag_error(L->d, E0203, ast_name_span(L->a, n), "a parameter has no setting `%s`", sg.to);
		suggest_try(&sg, "doc"), suggest_try(&sg, "choices"), suggest_try(&sg, "min"), suggest_try(&sg, "max");
		if (!diag_suggest(L->d, &sg))
			diag_help(L->d, "a parameter has doc, choices, min and max");
	}
}

static struct val checked(struct lower *L, const struct sym *s, const struct decl *d, struct val v)
{
	nid choices = stmt_of(L, d, L->w_choices), min = stmt_of(L, d, L->w_min), max = stmt_of(L, d, L->w_max);
	bool ok = true;

	rules_known(L, d);
	if (v.kind != V_X || !v.konst)
		return v;
	if (choices)
		ok &= in_choices(L, s, d, &v, choices);
	if (min)
		ok &= in_bound(L, s, d, &v, min, true);
	if (max)
		ok &= in_bound(L, s, d, &v, max, false);
	return ok ? v : val_bad();
}

/* ---- the value ---- */

static struct val default_value(struct lower *L, struct decl *d)
{
	struct val v = lower_in(L, d->def, 0);

	if (v.kind == V_TABLE && (d->t == JT_UNKNOWN || d->t == JT_TABLE))
		return v;
	if (!val_coerce(L, d->def, &v, d->t, d->elem, "parameter `%s`", str(L, d->name)))
		return val_bad();
	if (d->t == JT_UNKNOWN) {
		d->t = v.type;
		d->elem = v.elem;
	}
	return v;
}

static struct val argument_value(struct lower *L, struct decl *d, nid arg)
{
	uint32_t cur = L->cur;
	struct val v;

	L->cur = L->scope[cur].parent;
	v = lower_in(L, ast_kid(L->a, arg), IN_LET);
	if (v.kind != V_TABLE || (d->t != JT_TABLE && d->t != JT_UNKNOWN))
		if (!val_coerce(L, ast_kid(L->a, arg), &v, d->t, d->elem, "parameter `%s`", str(L, d->name)))
			v = val_bad();
	L->cur = cur;
	return v;
}

static struct val no_value(struct lower *L, const struct sym *s, const struct decl *d)
{
	nid use = L->scope[L->cur].use;

	if (use) {
		diag_error(L->d, E0802, span_of(L, use), "parameter `%s` of file `%s` has no value", str(L, d->name),
			str(L, L->scope[L->cur].path));
		diag_at(L->d, ast_name_span(L->a, s->node), "declared here");
	} else
		diag_error(L->d, E0802, ast_name_span(L->a, s->node), "parameter `%s` has no value", str(L, d->name));
	doc_note(L, d);
	if (use)
		diag_help(L->d, "write it in the use: (%s = ...)", str(L, d->name));
	else if (d->t == JT_SECRET)
		diag_help(L->d, "let it be read from a file: --secret %s=FILE; or from the environment: WEFT_PARAM_%s", str(L, d->name),
			str(L, d->name));
	else
		diag_help(L->d, "give it on the command line: --set %s=...", str(L, d->name));
	return val_bad();
}

static struct val secret_value(struct lower *L, const struct sym *s, struct decl *d)
{
	struct span sp = ast_name_span(L->a, s->node);
	nid arg = keymap_get(&L->keys, arg_space(L->cur), s->name);
	struct val v;

	if (d->def)
		diag_error(L->d, E0806, span_of(L, d->def), "secret `%s` has its value in the file", str(L, d->name));
	if (arg)
		return argument_value(L, d, arg);
	if (L->cur || !keymap_get(&L->keys, SPACE_GIVEN, s->name))
		return d->def ? val_bad() : no_value(L, s, d);
	v = val_x(jx_new(L->j, JX_SECRET, s->name, 0, 0, sp), JT_SECRET);
	v.konst = false;
	return v;
}

struct val param_value(struct lower *L, const struct sym *s)
{
	struct decl d = decl_of(L, s);
	uint32_t given = L->cur ? 0 : keymap_get(&L->keys, SPACE_GIVEN, s->name);
	nid arg = keymap_get(&L->keys, arg_space(L->cur), s->name);
	struct val v = val_bad();

	if (!decl_type(L, &d))
		return v;
	if (d.t == JT_SECRET)
		return secret_value(L, s, &d);
	if (d.def) {
		v = default_value(L, &d);
		if (v.kind == V_BAD && !given && !arg)
			return v;
	}
	if (given)
		v = given_value(L, &d, s, &L->s->opt.params[given - 1]);
	else if (arg)
		v = argument_value(L, &d, arg);
	else if (!d.def)
		return rules_known(L, &d), no_value(L, s, &d);
	return checked(L, s, &d, v);
}

void params_end(struct lower *L)
{
	struct job *j = L->j;
	uint32_t i, n = 0, nsec = 0;

	j->param = arena_zalloc(j->arena, L->scope[0].nsym, sizeof *j->param);
	j->secret = arena_zalloc(j->arena, L->scope[0].nsym, sizeof *j->secret);
	for (i = 0; i < L->scope[0].nsym; i++) {
		const struct sym *s = &L->sym[L->scope[0].sym0 + i];
		const struct val *v = s->kind == SYM_PARAM ? &L->val[s->idx] : NULL;
		struct span sp = v ? ast_name_span(L->a, s->node) : NOSPAN;

		if (v && v->kind == V_X && v->type == JT_SECRET)
			j->secret[nsec++] = (struct jsecret){ s->name, sp };
		else if (v && v->kind == V_X && v->konst)
			j->param[n++] = (struct jenv){ s->name, v->a, sp };
	}
	j->nparam = n;
	j->nsecret = nsec;
}
