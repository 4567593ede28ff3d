/* jobjson_weft.c - the Weft object: scatter, ports, command, causes, parameters (doc/job.md).
 *
 * Expressions in it are weft text; their spans point into the JSON string if it has no escapes, else at all of it. */
#include "lang/jobjson.h"

#include <stdlib.h>
#include <string.h>

static bool malformed(struct jj *j, uint32_t n, const char *what)
{
	return diag_error(j->d, E0150, jnode(j, n)->span, "%s", tr(what));
}

/* ---- expressions ---- */

nid weft_expr(struct jj *j, uint32_t n)
{
	const struct jnode *x = jnode(j, n);

	if (!is_type(j, n, JSON_STRING))
		return 0;
	return parse_weft_expr(j->a, jtext(j, x->text), name_len(j->doc.names, x->text), x->plain ? x->span.lo + 1 : 0,
			       x->span, j->d);
}

nid weft_template(struct jj *j, uint32_t n, bool script)
{
	const struct jnode *x = jnode(j, n);

	if (!is_type(j, n, JSON_STRING))
		return 0;
	return parse_weft_template(j->a, jtext(j, x->text), name_len(j->doc.names, x->text), script,
				   x->plain ? x->span.lo + 1 : 0, x->span, j->d);
}

static void add_ref(struct jj *j, name nm)
{
	if (j->nref == j->refcap)
		j->ref = grow(j->ref, &j->refcap, j->nref + 1, sizeof *j->ref);
	j->ref[j->nref++] = (uint64_t)nm << 32 | j->now;
}

/* A task whose name is no word stands as a string before `.` or `[`: make it a name. */
static void name_of_string(struct jj *j, nid n)
{
	struct node *kid = &j->a->v[ast_kid(j->a, n)];
	name nm;

	if (kid->kind != N_STRING || !ast_plain(j->a, ast_kid(j->a, n), &nm) || nm >= j->ntask_of || !j->task_of[nm])
		return;
	kid->kind = N_NAME;
	kid->name = nm;
	kid->kid = 0;
	kid->flags |= NF_QUOTED;
}

/* Names in an expression: expressions are shallow (AST_DEPTH). */
static void find_refs(struct jj *j, nid n)
{
	enum node_kind k = (enum node_kind)j->a->v[n].kind;

	if (k == N_MEMBER || k == N_INDEX || k == N_ALL)
		name_of_string(j, n);
	if (k == N_NAME)
		add_ref(j, j->a->v[n].name);
	for (nid kid = ast_kid(j->a, n); kid; kid = ast_next(j->a, kid))
		find_refs(j, kid);
}

static nid ref_expr(struct jj *j, uint32_t n)
{
	nid e = weft_expr(j, n);

	if (e)
		find_refs(j, e);
	return e;
}

static int by_value(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return (x > y) - (x < y);
}

void weft_refs_sort(struct jj *j)
{
	if (j->nref)
		qsort(j->ref, j->nref, sizeof *j->ref, by_value);
}

bool weft_mentions(const struct jj *j, name task, uint32_t by)
{
	uint64_t key = (uint64_t)task << 32 | by;

	return j->nref && bsearch(&key, j->ref, j->nref, sizeof *j->ref, by_value);
}

/* ---- For ---- */

static nid mk_call(struct jj *j, struct span sp, const char *fn, nid arg)
{
	nid a, n;

	a = ast_new(j->a, N_ARG, sp, 0);
	ast_add(j->a, a, arg);
	n = ast_new(j->a, N_CALL, sp, name_ofs(j->doc.names, fn));
	ast_set_name_span(j->a, n, sp);
	ast_add(j->a, n, a);
	return n;
}

/* A cell by the type of its column: strings may be files, directories, sizes, durations. */
static nid cell(struct jj *j, uint32_t n, const char *type)
{
	const struct jnode *x = jnode(j, n);
	const char *s = jtext(j, x->text);
	size_t len = name_len(j->doc.names, x->text);
	enum node_kind k = !strcmp(type, "size") ? N_SIZE : N_DURATION;
	int64_t v;

	if (x->type == JSON_ARRAY || x->type == JSON_OBJECT || x->type == JSON_NULL)
		malformed(j, n, N_("a value of a scatter must be a string, a number or a boolean"));
	if (x->type != JSON_STRING)
		return mk_json(j, n);
	if (!strcmp(type, "file") || !strcmp(type, "dir"))
		return mk_call(j, x->span, type, mk_string(j, x->span, x->text));
	if (!strcmp(type, "size") || !strcmp(type, "duration")) {
		if (quantity_read(s, len, k, &v) == QUANTITY_OK)
			return ast_synth(j->a, k, x->span, s, len);
		malformed(j, n, k == N_SIZE ? N_("this is no size, such as 32GB") : N_("this is no duration, such as 90s"));
	}
	return mk_string(j, x->span, x->text);
}

static const char *type_of(struct jj *j, uint32_t n)
{
	static const char *const types[] = { "string", "int", "float", "bool", "size", "duration", "file", "dir" };
	const char *s;

	if (!n || !is_type(j, n, JSON_STRING))
		return "string";
	s = jtext(j, jnode(j, n)->text);
	for (size_t i = 0; i < sizeof types / sizeof types[0]; i++)
		if (!strcmp(s, types[i]))
			return types[i];
	malformed(j, n, N_("there is no such type of a value"));
	return "string";
}

static nid values(struct jj *j, uint32_t f, uint32_t n)
{
	const char *type = type_of(j, member_of(j, f, "Type"));
	struct nlist l = { 0, 0 };
	nid list;

	if (!is_type(j, n, JSON_ARRAY))
		return 0;
	for (uint32_t m = jnode(j, n)->kid; m; m = jnode(j, m)->next)
		ast_append(j->a, &l, cell(j, m, type));
	list = ast_new(j->a, N_LIST, jnode(j, n)->span, 0);
	ast_adopt(j->a, list, l);
	return list;
}

struct columns {
	uint32_t n;
	const struct jnode **name;
	const char **type;
};

static uint32_t count(const struct jj *j, uint32_t n)
{
	uint32_t k = 0;

	for (uint32_t m = n ? jnode(j, n)->kid : 0; m; m = jnode(j, m)->next)
		k++;
	return k;
}

static bool columns_read(struct jj *j, uint32_t f, struct columns *c)
{
	uint32_t cols = member_of(j, f, "Columns"), types = member_of(j, f, "Types"), t, i = 0;

	if (!is_type(j, cols, JSON_ARRAY) || (types && !is_type(j, types, JSON_ARRAY)))
		return malformed(j, f, N_("`Rows` need `Columns`, a list of names"));
	c->n = count(j, cols);
	c->name = arena_zalloc(j->tmp, c->n, sizeof *c->name);
	c->type = arena_zalloc(j->tmp, c->n, sizeof *c->type);
	t = types ? jnode(j, types)->kid : 0;
	for (uint32_t m = jnode(j, cols)->kid; m; m = jnode(j, m)->next, i++) {
		if (!is_type(j, m, JSON_STRING))
			return false;
		c->name[i] = jnode(j, m);
		c->type[i] = type_of(j, t);
		t = t ? jnode(j, t)->next : 0;
	}
	return c->n || malformed(j, cols, N_("a table needs a column"));
}

static nid row(struct jj *j, uint32_t n, const struct columns *c)
{
	struct nlist l = { 0, 0 };
	uint32_t i = 0;
	nid r;

	if (!is_type(j, n, JSON_ARRAY))
		return 0;
	if (count(j, n) != c->n) {
		malformed(j, n, N_("this row has not as many values as there are columns"));
		return 0;
	}
	for (uint32_t m = jnode(j, n)->kid; m; m = jnode(j, m)->next, i++) {
		nid v = cell(j, m, c->type[i]), arg = mk_name(j, N_ARG, jnode(j, m)->span, c->name[i]->text);

		ast_add(j->a, arg, v);
		ast_append(j->a, &l, arg);
	}
	r = ast_new(j->a, N_RECORD, jnode(j, n)->span, 0);
	ast_adopt(j->a, r, l);
	return r;
}

static nid rows(struct jj *j, uint32_t f, uint32_t n)
{
	struct columns c = { 0 };
	struct nlist l = { 0, 0 };
	nid list;

	if (!is_type(j, n, JSON_ARRAY) || !columns_read(j, f, &c))
		return 0;
	for (uint32_t m = jnode(j, n)->kid; m; m = jnode(j, m)->next)
		ast_append(j->a, &l, row(j, m, &c));
	list = ast_new(j->a, N_LIST, jnode(j, n)->span, 0);
	ast_adopt(j->a, list, l);
	return list;
}

static nid range(struct jj *j, uint32_t f, uint32_t from, uint32_t to)
{
	int64_t lo, hi;
	nid a, b, n;

	if (!to) {
		malformed(j, f, N_("`From` needs `To`"));
		return 0;
	}
	if (!whole_number(j, from, &lo) || !whole_number(j, to, &hi))
		return 0;
	a = mk_int(j, jnode(j, from)->span, lo);
	b = mk_int(j, jnode(j, to)->span, hi);
	n = ast_new(j->a, N_RANGE, (struct span){ jnode(j, from)->span.lo, jnode(j, to)->span.hi }, 0);
	ast_add(j->a, n, a);
	ast_add(j->a, n, b);
	return n;
}

static nid for_set(struct jj *j, uint32_t f)
{
	uint32_t from = member_of(j, f, "From"), list = member_of(j, f, "Values"), table = member_of(j, f, "Rows");

	if (from)
		return range(j, f, from, member_of(j, f, "To"));
	if (list)
		return values(j, f, list);
	if (table)
		return rows(j, f, table);
	if (member_of(j, f, "Over"))
		return ref_expr(j, member_of(j, f, "Over"));
	malformed(j, f, N_("a scatter needs `From` and `To`, `Values`, `Rows` or `Over`"));
	return 0;
}

static void keys_known(struct jj *j, uint32_t object, const char *const *known)
{
	for (uint32_t m = jnode(j, object)->kid; m; m = jnode(j, m)->next) {
		const char *const *k = known;

		while (*k && strcmp(*k, jtext(j, jnode(j, m)->key)))
			k++;
		if (!*k)
			unknown_key(j, m, known);
	}
}

static nid one_for(struct jj *j, uint32_t f)
{
	static const char *const known[] = { "Var", "From", "To", "Values", "Type", "By", "Columns", "Types", "Rows", "Over",
		NULL };
	uint32_t var, by;
	nid set, key = 0, n;

	if (!is_type(j, f, JSON_OBJECT))
		return 0;
	keys_known(j, f, known);
	var = member_of(j, f, "Var");
	by = member_of(j, f, "By");
	if (!var) {
		malformed(j, f, N_("a scatter needs `Var`, the name of its variable"));
		return 0;
	}
	set = is_type(j, var, JSON_STRING) ? for_set(j, f) : 0;
	if (!set)
		return 0;
	if (by && is_type(j, by, JSON_STRING))
		key = mk_name(j, N_NAME, jnode(j, by)->span, jnode(j, by)->text);
	n = ast_new(j->a, N_FOR, jnode(j, f)->span, jnode(j, var)->text);
	ast_set_name_span(j->a, n, jnode(j, var)->span);
	ast_add(j->a, n, set);
	ast_add(j->a, n, key);
	return n;
}

/* ---- In and Out ---- */

static nid mk_none(struct jj *j, struct span sp)
{
	return ast_new(j->a, N_NONE, sp, 0);
}

static nid port_type(struct jj *j, uint32_t n)
{
	const char *type = type_of(j, n);
	nid t;

	if (strcmp(type, "dir") && strcmp(type, "file")) {
		malformed(j, n, N_("a port is a file or a dir"));
		return mk_none(j, jnode(j, n)->span);
	}
	t = ast_new(j->a, N_TYPE, jnode(j, n)->span, name_ofs(j->doc.names, type));
	ast_set_name_span(j->a, t, jnode(j, n)->span);
	return t;
}

static nid mk_port(struct jj *j, uint32_t n, nid type, nid number, nid path, nid stmt)
{
	const struct jnode *x = jnode(j, n);
	nid p;

	p = mk_name(j, N_PORT, x->key_span, x->key);
	j->a->v[p].span = (struct span){ x->key_span.lo, x->span.hi };
	ast_add(j->a, p, type);
	ast_add(j->a, p, number);
	ast_add(j->a, p, path);
	ast_add(j->a, p, stmt);
	return p;
}

static nid in_port(struct jj *j, uint32_t n)
{
	static const char *const known[] = { "Path", "Type", NULL };
	uint32_t path = n, type = 0;
	nid e;

	if (jnode(j, n)->type == JSON_OBJECT) {
		keys_known(j, n, known);
		path = member_of(j, n, "Path");
		type = member_of(j, n, "Type");
		if (!path)
			malformed(j, n, N_("a port needs `Path`"));
	}
	e = path ? ref_expr(j, path) : 0;
	return e ? mk_port(j, n, type ? port_type(j, type) : 0, 0, e, 0) : 0;
}

/* Count: a number of elements, or "*" for as many as the pattern finds. */
static nid port_count(struct jj *j, uint32_t n, bool *glob)
{
	const struct jnode *x = jnode(j, n);
	nid number = 0, c;
	int64_t v;

	*glob = x->type == JSON_STRING && !strcmp(jtext(j, x->text), "*");
	if (!*glob) {
		if (!whole_number(j, n, &v))
			return 0;
		number = mk_int(j, x->span, v);
	}
	c = ast_new(j->a, N_COUNT, x->span, 0);
	ast_add(j->a, c, number);
	return c;
}

static nid temp(struct jj *j, uint32_t n)
{
	const struct jnode *x = jnode(j, n);
	nid b;

	if (!is_type(j, n, JSON_BOOL) || !x->value)
		return 0;
	b = mk_json(j, n);
	return mk_set(j, (struct span){ x->key_span.lo, x->span.hi }, x->key_span, name_ofs(j->doc.names, "temp"), b);
}

static nid out_object(struct jj *j, uint32_t n)
{
	static const char *const known[] = { "Path", "Count", "Type", "Temp", NULL };
	uint32_t path = member_of(j, n, "Path"), number = member_of(j, n, "Count"), type = member_of(j, n, "Type"),
		 is_temp = member_of(j, n, "Temp");
	bool glob = false;
	nid e, c = 0;

	keys_known(j, n, known);
	if (!path) {
		malformed(j, n, N_("a port needs `Path`"));
		return 0;
	}
	e = weft_template(j, path, false);
	if (number)
		c = port_count(j, number, &glob);
	if (!e || (number && !c))
		return 0;
	if (glob)
		e = mk_call(j, jnode(j, path)->span, "glob", e);
	return mk_port(j, n, type ? port_type(j, type) : 0, c, e, is_temp ? temp(j, is_temp) : 0);
}

static nid out_port(struct jj *j, uint32_t n)
{
	nid e;

	if (jnode(j, n)->type == JSON_OBJECT)
		return out_object(j, n);
	e = weft_template(j, n, false);
	return e ? mk_port(j, n, 0, 0, e, 0) : 0;
}

static void ports(struct jj *j, uint32_t n, enum node_kind k, nid (*one)(struct jj *, uint32_t), struct nlist *out)
{
	struct nlist l = { 0, 0 };
	nid p;

	if (!is_type(j, n, JSON_OBJECT))
		return;
	for (uint32_t m = jnode(j, n)->kid; m; m = jnode(j, m)->next)
		ast_append(j->a, &l, one(j, m));
	if (!l.head)
		return;
	p = ast_new(j->a, k, jnode(j, n)->span, 0);
	ast_adopt(j->a, p, l);
	ast_append(j->a, out, p);
}

/* ---- Run, Env, RetryOn ---- */

static void run(struct jj *j, uint32_t n, struct jtask_json *t)
{
	static const char *const known[] = { "Command", "Script", "Interpreter", NULL };
	uint32_t cmd = member_of(j, n, "Command"), script = member_of(j, n, "Script"), interp = member_of(j, n, "Interpreter");
	nid e;

	if (!is_type(j, n, JSON_OBJECT))
		return;
	keys_known(j, n, known);
	if (!cmd == !script) {
		malformed(j, n, N_("`Run` needs either `Command` or `Script`"));
		return;
	}
	e = weft_template(j, cmd ? cmd : script, !cmd);
	if (!e || (interp && !is_type(j, interp, JSON_STRING)))
		return;
	t->run = ast_new(j->a, N_RUN, jnode(j, n)->span, interp ? jnode(j, interp)->text : 0);
	ast_set_name_span(j->a, t->run, jnode(j, interp ? interp : n)->span);
	ast_add(j->a, t->run, e);
}

/* EnvVars are plain texts, those of Weft.Env are templates. */
void weft_env(struct jj *j, struct jtask_json *t)
{
	struct nlist l = { 0, 0 };
	name text;

	for (int weft = 0; weft < 2; weft++) {
		uint32_t n = j->at[weft ? SET_ENV_EXPR : SET_ENV];

		for (uint32_t m = n && is_type(j, n, JSON_OBJECT) ? jnode(j, n)->kid : 0; m; m = jnode(j, m)->next) {
			const struct jnode *x = jnode(j, m);
			nid v = weft ? weft_template(j, m, false) : text_value(j, m, &text) ? mk_string(j, x->span, text) : 0;

			if (v)
				ast_append(j->a, &l, mk_set(j, (struct span){ x->key_span.lo, x->span.hi }, x->key_span, x->key, v));
		}
	}
	if (l.head)
		ast_append(j->a, &t->body, mk_block(j, jnode(j, j->at[j->at[SET_ENV] ? SET_ENV : SET_ENV_EXPR])->key_span, "env", l));
}

/* "exit(75)" */
static nid cause(struct jj *j, uint32_t n)
{
	const struct jnode *x = jnode(j, n);
	const char *s;
	size_t len;
	int64_t v;
	char *end;
	nid arg, c;

	if (!is_type(j, n, JSON_STRING))
		return 0;
	s = jtext(j, x->text);
	len = strcspn(s, "(");
	v = s[len] ? strtol(s + len + 1, &end, 10) : 0;
	if (!len || (s[len] && (end == s + len + 1 || strcmp(end, ")")))) {
		malformed(j, n, N_("this is no cause, such as oom or exit(75)"));
		return 0;
	}
	arg = s[len] ? mk_int(j, x->span, v) : 0;
	c = ast_new(j->a, N_CAUSE, x->span, name_of(j->doc.names, s, len));
	ast_set_name_span(j->a, c, x->span);
	ast_add(j->a, c, arg);
	return c;
}

void weft_retry(struct jj *j, struct jtask_json *t)
{
	uint32_t max = j->at[SET_RETRY], on = j->at[SET_RETRY_ON];
	struct nlist l = { 0, 0 };
	int64_t v = 0;
	nid n;

	if (max && !whole_number(j, max, &v))
		return;
	if (!v && !on)
		return;
	ast_append(j->a, &l, mk_int(j, jnode(j, max ? max : on)->span, v));
	for (uint32_t m = on && is_type(j, on, JSON_ARRAY) ? jnode(j, on)->kid : 0; m; m = jnode(j, m)->next)
		ast_append(j->a, &l, cause(j, m));
	n = ast_new(j->a, N_RETRY, jnode(j, max ? max : on)->span, 0);
	ast_adopt(j->a, n, l);
	ast_append(j->a, &t->body, n);
}

void weft_task(struct jj *j, struct jtask_json *t)
{
	uint32_t f = j->at[SET_SCATTER];

	for (uint32_t m = f && is_type(j, f, JSON_ARRAY) ? jnode(j, f)->kid : 0; m; m = jnode(j, m)->next)
		ast_append(j->a, &t->fors, one_for(j, m));
	if (j->at[SET_INPUTS])
		ports(j, j->at[SET_INPUTS], N_IN, in_port, &t->body);
	if (j->at[SET_OUTPUTS])
		ports(j, j->at[SET_OUTPUTS], N_OUT, out_port, &t->body);
	if (j->at[SET_RUN])
		run(j, j->at[SET_RUN], t);
}

/* ---- parameters ---- */

static void param(struct jj *j, const struct jnode *x, struct span key, name nm, const char *type, nid value,
		  struct nlist *decls)
{
	nid t = ast_new(j->a, N_TYPE, x->span, name_ofs(j->doc.names, type)), p;

	ast_set_name_span(j->a, t, x->span);
	p = mk_name(j, N_PARAM, key, nm);
	ast_add(j->a, p, t);
	ast_add(j->a, p, value);
	ast_append(j->a, decls, p);
}

/* The first child of a value of this type, 0 when it is absent or of another. */
static uint32_t first_of(struct jj *j, uint32_t n, enum json_type type)
{
	return n && is_type(j, n, type) ? jnode(j, n)->kid : 0;
}

void weft_params(struct jj *j, struct nlist *decls)
{
	uint32_t secrets = j->at[SET_SECRETS], values_of = j->at[SET_PARAMS];
	name text;

	for (uint32_t m = first_of(j, values_of, JSON_OBJECT); m; m = jnode(j, m)->next)
		if (text_value(j, m, &text))
			param(j, jnode(j, m), jnode(j, m)->key_span, jnode(j, m)->key, "string",
			      mk_string(j, jnode(j, m)->span, text), decls);
	for (uint32_t m = first_of(j, secrets, JSON_ARRAY); m; m = jnode(j, m)->next)
		if (is_type(j, m, JSON_STRING))
			param(j, jnode(j, m), jnode(j, m)->span, jnode(j, m)->text, "secret", 0, decls);
}
