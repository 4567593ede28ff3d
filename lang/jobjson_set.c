/* jobjson_set.c - JSON values as settings: types checked, what is plainly meant taken with a warning. */
#include "lang/jobjson.h"

#include "job/settings.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* ---- reports ---- */

static bool silent(const struct jj *j, uint32_t n)
{
	return !n || jnode(j, n)->type == JSON_BAD || jnode(j, n)->type == JSON_NULL;
}

bool wrong_type(struct jj *j, uint32_t n, const char *what)
{
	const struct jnode *v = jnode(j, n);

	if (v->key)
		return diag_error(j->d, E0145, v->span, "`%s` must be %s, not %s", jtext(j, v->key), tr(what), json_type_text(v));
	return diag_error(j->d, E0145, v->span, "this must be %s, not %s", tr(what), json_type_text(v));
}

bool is_type(struct jj *j, uint32_t n, enum json_type type)
{
	struct jnode want = { .type = (uint8_t)type };

	if (silent(j, n))
		return false;
	return jnode(j, n)->type == type || wrong_type(j, n, json_type_text(&want));
}

/* Taken all the same. */
static void loose(struct jj *j, uint32_t n, const char *what, const char *write)
{
	const struct jnode *v = jnode(j, n);

	diag_error(j->d, W0152, v->span, "`%s` is %s where the service takes %s", jtext(j, v->key), json_type_text(v), tr(what));
	diag_help(j->d, "write %s", write);
	diag_fix(j->d, v->span, "%s", write);
}

static void report_unknown(struct jj *j, uint32_t n, const struct suggest *sg)
{
	const struct jnode *v = jnode(j, n);

	if (j->broken)
		return;
	diag_error(j->d, W0153, v->key_span, "the key `%s` is unknown here and means nothing", jtext(j, v->key));
	diag_suggest(j->d, sg);
}

void unknown_key(struct jj *j, uint32_t n, const char *const *wanted)
{
	struct suggest s = { .to = jtext(j, jnode(j, n)->key) };

	for (; *wanted; wanted++)
		suggest_try(&s, *wanted);
	report_unknown(j, n, &s);
}

static void unknown_path(struct jj *j, uint32_t n, uint32_t parent)
{
	struct suggest s = { .to = jtext(j, jnode(j, n)->key) };

	for (uint32_t i = PATH_TASK + 1; i < j->paths.n; i++)
		if (j->paths.v[i].parent == parent)
			suggest_try(&s, jtext(j, j->paths.v[i].key));
	report_unknown(j, n, &s);
}

/* ---- finding ---- */

uint32_t member_of(const struct jj *j, uint32_t object, const char *key)
{
	name nm = name_find(j->doc.names, key, strlen(key));

	if (!nm || !object || jnode(j, object)->type != JSON_OBJECT)
		return 0;
	for (uint32_t m = jnode(j, object)->kid; m; m = jnode(j, m)->next)
		if (jnode(j, m)->key == nm)
			return m;
	return 0;
}

static void task_name(struct jj *j, uint32_t n)
{
	if (!is_type(j, n, JSON_STRING) || !jnode(j, n)->text || jnode(j, n)->text == j->task[j->now].name)
		return;
	diag_error(j->d, W0154, jnode(j, n)->span, "`TaskName` is `%s` in task `%s`", jtext(j, jnode(j, n)->text),
		   jtext(j, j->task[j->now].name));
	diag_help(j->d, "the key in `Tasks` is the name");
}

/* Depth is that of the table's paths. */
void collect(struct jj *j, uint32_t object, uint32_t path)
{
	for (uint32_t m = jnode(j, object)->kid; m; m = jnode(j, m)->next) {
		uint32_t p = paths_find(&j->paths, path, jnode(j, m)->key);
		const struct pnode *known = &j->paths.v[p];

		if (!p)
			unknown_path(j, m, path);
		else if (known->setting == P_TASK_NAME)
			task_name(j, m);
		else if (known->setting != P_NONE)
			j->at[known->setting] = m;
		else if (jnode(j, m)->type == JSON_STRING && !jnode(j, m)->text)
			; /* "" for an object that is not used */
		else if (is_type(j, m, JSON_OBJECT))
			collect(j, m, p);
	}
}

/* ---- scalar values ---- */

/* The text of a number as an integer; 5.0 and 1e3 are whole too. */
static bool number_whole(const char *s, int64_t *v)
{
	char *end;
	double d;

	errno = 0;
	*v = strtoll(s, &end, 10);
	if (*s && !*end)
		return !errno;
	d = strtod(s, &end);
	if (*end || !*s || d != rint(d) || fabs(d) >= 0x1p53)
		return false;
	*v = (int64_t)d;
	return true;
}

bool whole_number(struct jj *j, uint32_t n, int64_t *v)
{
	const struct jnode *x = jnode(j, n);
	char text[32];

	if (silent(j, n))
		return false;
	if ((x->type != JSON_NUMBER && x->type != JSON_STRING) || !number_whole(jtext(j, x->text), v)) {
		if (x->type == JSON_NUMBER)
			return diag_error(j->d, E0145, x->span, "`%s` must be a whole number", jtext(j, x->key));
		return wrong_type(j, n, N_("an integer"));
	}
	if (x->type == JSON_STRING) {
		snprintf(text, sizeof text, "%lld", (long long)*v);
		loose(j, n, N_("an integer"), text);
	}
	return true;
}

bool text_value(struct jj *j, uint32_t n, name *text)
{
	const struct jnode *x = jnode(j, n);
	const char *s;

	if (silent(j, n))
		return false;
	if (x->type == JSON_ARRAY || x->type == JSON_OBJECT)
		return wrong_type(j, n, N_("a string"));
	*text = x->text;
	if (x->type != JSON_STRING) {
		s = x->type == JSON_BOOL ? (x->value ? "true" : "false") : jtext(j, x->text);
		*text = name_ofs(j->doc.names, s);
		loose(j, n, N_("a string"), arena_printf(j->tmp, "\"%s\"", s));
	}
	return true;
}

static bool is_word_of(const char *s, bool *v)
{
	*v = !strcmp(s, "true") || !strcmp(s, "True") || !strcmp(s, "1");
	return *v || !strcmp(s, "false") || !strcmp(s, "False") || !strcmp(s, "0");
}

static bool truth(struct jj *j, uint32_t n, bool *v)
{
	const struct jnode *x = jnode(j, n);

	*v = x->value;
	if (x->type == JSON_BOOL)
		return true;
	if ((x->type != JSON_STRING && x->type != JSON_NUMBER) || !is_word_of(jtext(j, x->text), v))
		return wrong_type(j, n, N_("true or false"));
	loose(j, n, N_("true or false"), *v ? "true" : "false");
	return true;
}

/* ---- nodes ---- */

nid mk_name(struct jj *j, enum node_kind k, struct span sp, name nm)
{
	nid n = ast_new(j->a, k, sp, nm);

	if (!name_is_plain(jtext(j, nm), name_len(j->doc.names, nm)))
		j->a->v[n].flags |= NF_QUOTED;
	ast_set_name_span(j->a, n, sp);
	return n;
}

nid mk_string(struct jj *j, struct span sp, name text)
{
	nid n = ast_new(j->a, N_STRING, sp, 0);

	if (text)
		ast_add(j->a, n, ast_synth(j->a, N_TEXT, sp, jtext(j, text), name_len(j->doc.names, text)));
	return n;
}

nid mk_int(struct jj *j, struct span sp, int64_t v)
{
	char text[32];
	int n = snprintf(text, sizeof text, "%lld", (long long)v);

	return ast_synth(j->a, N_INT, sp, text, (size_t)n);
}

static nid mk_quantity(struct jj *j, struct span sp, int64_t v, enum node_kind k)
{
	struct buf b;
	nid n;

	buf_init(&b, 64);
	quantity_print(v, k, &b);
	n = ast_synth(j->a, k, sp, buf_str(&b), b.len);
	buf_free(&b);
	return n;
}

nid mk_set(struct jj *j, struct span sp, struct span key, name nm, nid value)
{
	nid n = ast_new(j->a, N_SET, sp, nm);

	if (!name_is_plain(jtext(j, nm), name_len(j->doc.names, nm)))
		j->a->v[n].flags |= NF_QUOTED;
	ast_set_name_span(j->a, n, key);
	ast_add(j->a, n, value);
	return n;
}

nid mk_block(struct jj *j, struct span sp, const char *nm, struct nlist stmts)
{
	nid n = ast_new(j->a, N_BLOCK, sp, name_ofs(j->doc.names, nm));
	struct nlist all = { 0, 0 };

	ast_set_name_span(j->a, n, sp);
	ast_append(j->a, &all, ast_new(j->a, N_NONE, sp, 0));
	if (stmts.head) {
		ast_append(j->a, &all, stmts.head);
		all.tail = stmts.tail;
	}
	ast_adopt(j->a, n, all);
	return n;
}

static nid mk_number(struct jj *j, const struct jnode *x)
{
	const char *s = jtext(j, x->text);
	int64_t v;

	if (number_whole(s, &v))
		return mk_int(j, x->span, v);
	return ast_synth(j->a, N_FLOAT, x->span, s, strlen(s));
}

static nid mk_bool(struct jj *j, struct span sp, bool v)
{
	nid n = ast_new(j->a, N_BOOL, sp, 0);

	j->a->v[n].op = v;
	return n;
}

/* Nesting is at most JSON_DEPTH. */
nid mk_json(struct jj *j, uint32_t id)
{
	const struct jnode *x = jnode(j, id);
	struct nlist l = { 0, 0 };
	nid n;

	if (x->type == JSON_STRING)
		return mk_string(j, x->span, x->text);
	if (x->type == JSON_NUMBER)
		return mk_number(j, x);
	if (x->type == JSON_BOOL)
		return mk_bool(j, x->span, x->value);
	if (x->type != JSON_ARRAY && x->type != JSON_OBJECT)
		return mk_string(j, x->span, 0);
	for (uint32_t m = x->kid; m; m = jnode(j, m)->next) {
		nid item = mk_json(j, m), arg = item;

		if (x->type == JSON_OBJECT) {
			arg = mk_name(j, N_ARG, jnode(j, m)->key_span, jnode(j, m)->key);
			ast_add(j->a, arg, item);
		}
		ast_append(j->a, &l, arg);
	}
	n = ast_new(j->a, x->type == JSON_ARRAY ? N_LIST : N_RECORD, x->span, 0);
	ast_adopt(j->a, n, l);
	return n;
}

/* ---- settings by type; 0: nothing to set ---- */

static nid integer_setting(struct jj *j, enum setting id, uint32_t n)
{
	struct span sp = jnode(j, n)->span;
	enum set_type type = (enum set_type)settings[id].type;
	int64_t v, unit = type == T_DUR ? 1000 : type == T_GB ? (int64_t)1 << 30 : 1;

	if (!whole_number(j, n, &v))
		return 0;
	if (type == T_INT)
		return settings[id].required && v == setting_default(id) ? 0 : mk_int(j, sp, v);
	if (v < 0 || v > INT64_MAX / unit) {
		diag_error(j->d, E0145, sp, "`%s` is %s", jtext(j, jnode(j, n)->key), v < 0 ? _("negative") : _("too large"));
		return 0;
	}
	if (v == 0 && type != T_DUR) /* chosen by the service */
		return 0;
	if (type == T_DUR && settings[id].required && v * unit == setting_default(id))
		return 0;
	return mk_quantity(j, sp, v * unit, type == T_DUR ? N_DURATION : N_SIZE);
}

static nid number_setting(struct jj *j, uint32_t n)
{
	const struct jnode *x = jnode(j, n);
	const char *s = jtext(j, x->text);
	char *end;

	if (x->type == JSON_STRING && *s && (strtod(s, &end), !*end)) {
		loose(j, n, N_("a number"), s);
		return mk_number(j, x);
	}
	return is_type(j, n, JSON_NUMBER) ? mk_number(j, x) : 0;
}

static nid bool_setting(struct jj *j, enum setting id, uint32_t n)
{
	bool v;

	if (!truth(j, n, &v) || (settings[id].required && v == (setting_default(id) != 0)))
		return 0;
	return mk_bool(j, jnode(j, n)->span, v);
}

static nid string_setting(struct jj *j, uint32_t n)
{
	name text;

	return text_value(j, n, &text) && text ? mk_string(j, jnode(j, n)->span, text) : 0;
}

static nid list_node(struct jj *j, struct span sp, struct nlist l)
{
	nid n;

	if (!l.head)
		return 0;
	n = ast_new(j->a, N_LIST, sp, 0);
	ast_adopt(j->a, n, l);
	return n;
}

static nid list_setting(struct jj *j, uint32_t n)
{
	struct nlist l = { 0, 0 };

	if (jnode(j, n)->type == JSON_STRING) {
		if (!jnode(j, n)->text)
			return 0;
		loose(j, n, N_("a list of strings"), arena_printf(j->tmp, "[\"%s\"]", jtext(j, jnode(j, n)->text)));
		ast_append(j->a, &l, mk_string(j, jnode(j, n)->span, jnode(j, n)->text));
		return list_node(j, jnode(j, n)->span, l);
	}
	if (!is_type(j, n, JSON_ARRAY))
		return 0;
	for (uint32_t m = jnode(j, n)->kid; m; m = jnode(j, m)->next)
		if (is_type(j, m, JSON_STRING))
			ast_append(j->a, &l, mk_string(j, jnode(j, m)->span, jnode(j, m)->text));
	return list_node(j, jnode(j, n)->span, l);
}

/* PackagePath: one URL, or local paths with commas between them. */
static nid package_setting(struct jj *j, uint32_t n)
{
	struct nlist l = { 0, 0 };
	const char *s;
	name text;

	if (!text_value(j, n, &text) || !text)
		return 0;
	s = jtext(j, text);
	if (!strchr(s, ','))
		return mk_string(j, jnode(j, n)->span, text);
	for (;;) {
		size_t len = strcspn(s, ",");

		ast_append(j->a, &l, mk_string(j, jnode(j, n)->span, name_of(j->doc.names, s, len)));
		if (!s[len])
			break;
		s += len + 1;
	}
	return list_node(j, jnode(j, n)->span, l);
}

static nid map_setting(struct jj *j, enum setting id, uint32_t n)
{
	struct nlist l = { 0, 0 };
	const char *word = strrchr(settings[id].path, '.');
	name text;

	if (!is_type(j, n, JSON_OBJECT))
		return 0;
	for (uint32_t m = jnode(j, n)->kid; m; m = jnode(j, m)->next) {
		const struct jnode *x = jnode(j, m);

		if (text_value(j, m, &text))
			ast_append(j->a, &l, mk_set(j, x->key_span, x->key_span, x->key, mk_string(j, x->span, text)));
	}
	return l.head ? mk_block(j, jnode(j, n)->key_span, word ? word + 1 : settings[id].path, l) : 0;
}

/* Cpu, Mem, Time: expressions; a bare number is one. */
static nid expr_setting(struct jj *j, uint32_t n)
{
	if (jnode(j, n)->type == JSON_NUMBER)
		return mk_number(j, jnode(j, n));
	return weft_expr(j, n);
}

static nid value_of(struct jj *j, enum setting id, uint32_t n)
{
	switch ((enum set_type)settings[id].type) {
	case T_STR: return string_setting(j, n);
	case T_INT: case T_DUR: case T_GB: case T_SIZE: return integer_setting(j, id, n);
	case T_NUM: return number_setting(j, n);
	case T_BOOL: return bool_setting(j, id, n);
	case T_LIST: return id == SET_PACKAGE ? package_setting(j, n) : list_setting(j, n);
	case T_ANY: return is_type(j, n, JSON_ARRAY) && jnode(j, n)->kid ? mk_json(j, n) : 0;
	case T_EXPR: return expr_setting(j, n);
	case T_MAP: case T_SPECIAL: break;
	}
	return 0;
}

/* ---- blocks: opened and closed as the weft path changes ---- */

struct open_block {
	size_t len; /* of the path up to its name */
	struct span span;
	struct nlist stmts;
};
struct nest {
	struct jj *j;
	const char *path;
	struct open_block open[8];
	uint32_t depth;
	struct nlist *out;
};

static struct nlist *inner(struct nest *s)
{
	return s->depth ? &s->open[s->depth - 1].stmts : s->out;
}

static void close_block(struct nest *s)
{
	struct open_block *b = &s->open[--s->depth];
	size_t from = s->depth ? s->open[s->depth - 1].len + 1 : 0;
	char *nm = arena_strndup(s->j->tmp, s->path + from, b->len - from);
	nid n = mk_block(s->j, b->span, nm, b->stmts);

	ast_append(s->j->a, inner(s), n);
}

static void close_blocks(struct nest *s, uint32_t depth)
{
	while (s->depth > depth)
		close_block(s);
}

/* Open the blocks around the last word of path; returns that word. */
static const char *enter(struct nest *s, const char *path, struct span sp)
{
	const char *dot, *at = path;
	uint32_t same = 0;

	while (same < s->depth && !strncmp(path, s->path, s->open[same].len) && path[s->open[same].len] == '.')
		same++;
	close_blocks(s, same);
	s->path = path;
	if (same)
		at = path + s->open[same - 1].len + 1;
	for (; (dot = strchr(at, '.')) && s->depth < 8; at = dot + 1)
		s->open[s->depth++] = (struct open_block){ .len = (size_t)(dot - path), .span = sp };
	return at;
}

static nid mk_label(struct jj *j, struct span sp, nid text)
{
	nid n = ast_new(j->a, N_LABEL, sp, 0);

	ast_add(j->a, n, text);
	return n;
}

void settings_append(struct jj *j, bool (*belongs)(enum setting), struct nlist *out)
{
	struct nest s = { .j = j, .path = "", .out = out };

	for (unsigned id = 0; id < SET_COUNT; id++) {
		const struct jnode *x = jnode(j, j->at[id]);
		bool map = settings[id].type == T_MAP;
		const char *word;
		nid v;

		if (!j->at[id] || !*settings[id].path || settings[id].type == T_SPECIAL || !belongs((enum setting)id))
			continue;
		v = silent(j, j->at[id]) ? 0 : map ? map_setting(j, (enum setting)id, j->at[id]) :
			value_of(j, (enum setting)id, j->at[id]);
		if (!v)
			continue;
		if (id == SET_LABEL || id == SET_JOB_LABEL) {
			ast_append(j->a, out, mk_label(j, x->span, v));
			continue;
		}
		word = enter(&s, settings[id].path, x->key_span);
		ast_append(j->a, inner(&s), map ? v : mk_set(j, (struct span){ x->key_span.lo, x->span.hi }, x->key_span,
							     name_ofs(j->doc.names, word), v));
	}
	close_blocks(&s, 0);
}
