/* lower_set.c - settings: which there are in which block (settings.def), and their values by type. */
#include "compiler/lower.h"

#include "lang/text.h"

#include "base/json.h"

#include <math.h>
#include <string.h>

static const enum set_where places[] = { S_JOB, S_TASK, S_CLUSTER };

static const char *place_text(enum set_where w)
{
	return w == S_JOB ? _("the workflow block") : w == S_CLUSTER ? _("a cluster block") : _("a task or `defaults`");
}

void set_index(struct lower *L)
{
	unsigned id, w;

	for (id = 0; id < SET_COUNT; id++)
		for (w = 0; w < 3; w++) {
			const char *path = settings[id].path, *dot;

			if (!*path || !(settings[id].where & places[w]))
				continue;
			keymap_put(&L->keys, SPACE_SET | places[w], name_ofs(L->names, path), id + 1);
			for (dot = strchr(path, '.'); dot; dot = strchr(dot + 1, '.'))
				keymap_put(&L->keys, SPACE_BLOCK | places[w], name_of(L->names, path, (size_t)(dot - path)), 1);
		}
}

bool set_is_block(struct lower *L, enum set_where where, name path)
{
	return keymap_get(&L->keys, SPACE_BLOCK | where, path) != 0;
}

/* What other tools call it. */
static const char *other_word(const char *s)
{
	static const char *const words[][2] = {
		{ "memory", "mem = 4GB" }, { "ram", "mem = 4GB" }, { "cpus", "cpu = 2" }, { "threads", "cpu = 2" },
		{ "cores", "cpu = 2" }, { "command", N_("run \"program argument\"") }, { "cmd", N_("run \"program argument\"") },
		{ "run", N_("run \"program argument\", or run { a shell script }") },
		{ "script", N_("run { a shell script }") }, { "shell", N_("run { a shell script }") },
		{ "inputs", "in NAME = \"path\"" }, { "outputs", "out NAME = \"path\"" },
		{ "deps", "after TASK, TASK" }, { "depends", "after TASK, TASK" }, { "needs", "after TASK, TASK" },
		{ "docker", "image = docker(\"name\")" }, { "container", "image = docker(\"name\")" },
		{ "walltime", "time = 2h" }, { "nodes", "instances = 3" }, { "retries", "retry 3" }, { "retry", "retry 3" },
		{ "depends_on", "after TASK, TASK" }, { "dependsOn", "after TASK, TASK" }, { "requires", "after TASK, TASK" },
		{ "temp", "out NAME = \"path\" { temp = true }" }, { "temporary", "out NAME = \"path\" { temp = true }" },
		{ "after", "after TASK, TASK" }, { "input", "in NAME = \"path\"" }, { "output", "out NAME = \"path\"" },
	};
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (strcmp(s, words[i][0]) == 0)
			return words[i][1];
	return NULL;
}

/* b in `in a = "x" b = "y"` */
static void suggest_comma(struct lower *L, struct span sp)
{
	const struct source *src = sp.lo ? source_at(L->s->sources, sp.lo) : NULL;
	uint32_t at = src ? comma_due(src->text, sp.lo - src->base) : 0;

	if (!at)
		return;
	diag_help(L->d, "if it is a port, there is no `,` before it");
	diag_fix_unsafe(L->d, (struct span){ src->base + at, src->base + at }, ",");
}

static void suggest_set(struct lower *L, enum set_where where, name path, struct span sp, bool block)
{
	struct suggest sg = { .to = str(L, path) };
	const char *word = where == S_TASK ? other_word(sg.to) : NULL;
	const char *dot;
	unsigned id;
	name best;

	if (word) {
		diag_help(L->d, "it is written: %s", tr(word));
		return;
	}
	for (id = 0; id < SET_COUNT; id++)
		if (settings[id].where & where && *settings[id].path)
			suggest_try(&sg, arena_strndup(L->tmp, settings[id].path, strlen(sg.to) > strcspn(settings[id].path, ".")
				? strlen(settings[id].path) : strcspn(settings[id].path, ".")));
	if (where == S_TASK)
		suggest_try(&sg, "retry"), suggest_try(&sg, "mount"), suggest_try(&sg, "after");
	if (!suggest_best(&sg)) {
		if (where == S_TASK && !block)
			suggest_comma(L, sp);
		return;
	}
	diag_help(L->d, "did you mean `%s`?", suggest_best(&sg));
	best = name_ofs(L->names, suggest_best(&sg));
	if (block ? !set_is_block(L, where, best) : !keymap_get(&L->keys, SPACE_SET | where, best))
		return;
	dot = strrchr(sg.to, '.');
	if (dot && !strncmp(sg.to, sg.best, (size_t)(dot + 1 - sg.to))) { /* only the last word stands there */
		sg.best += dot + 1 - sg.to;
		sg.to = dot + 1;
	}
	diag_suggest_fix(L->d, &sg, false);
}

void set_unknown(struct lower *L, enum set_where where, name path, struct span sp, bool block)
{
	const char *what = block ? _("block") : _("setting");
	unsigned w;

	for (w = 0; w < 3; w++)
		if (places[w] != where && (keymap_get(&L->keys, SPACE_SET | places[w], path) || set_is_block(L, places[w], path))) {
			diag_error(L->d, E0204, sp, "%s `%s` does not belong in %s", what, str(L, path), place_text(where));
			diag_help(L->d, "it belongs in %s", place_text(places[w]));
			return;
		}
	diag_error(L->d, E0203, sp, "%s has no %s `%s`", place_text(where), what, str(L, path));
	if (!block && set_is_block(L, where, path))
		diag_help(L->d, "`%s` is a block: %s { ... }", str(L, path), str(L, path));
	else if (block && keymap_get(&L->keys, SPACE_SET | where, path))
		diag_help(L->d, "`%s` is a setting: %s = ...", str(L, path), str(L, path));
	else
		suggest_set(L, where, path, sp, block);
}

/* ---- values ---- */

struct setter {
	struct lower *L;
	nid e;
	struct jval *v;
	const char *what; /* "setting `timeout`" */
};

static bool scalar(struct setter *s, struct val *v, uint8_t type)
{
	return val_coerce(s->L, s->e, v, type, JT_UNKNOWN, "%s", s->what) && const_int(s->L, s->e, v, &s->v->i, s->what);
}

static bool set_str(struct setter *s, struct val *v)
{
	name nm;

	if (!val_coerce(s->L, s->e, v, JT_STRING, JT_UNKNOWN, "%s", s->what) || !const_str(s->L, s->e, v, &nm, s->what))
		return false;
	s->v->i = 0;
	s->v->s = nm;
	return true;
}

static bool set_bool(struct setter *s, struct val *v)
{
	return scalar(s, v, JT_BOOL) && (s->v->i = s->L->j->x[v->a].a, true);
}

static bool set_num(struct setter *s, struct val *v)
{
	if (!scalar(s, v, JT_FLOAT))
		return false;
	s->v->d = jx_num(s->L->j, v->a);
	return true;
}

static bool set_whole(struct setter *s, struct val *v, uint8_t type, int64_t unit, const char *unit_text)
{
	if (!scalar(s, v, type))
		return false;
	if (s->v->i % unit == 0)
		return true;
	diag_error(s->L->d, E0416, span_of(s->L, s->e), "%s must be a whole number of %s", s->what, unit_text);
	return false;
}

static bool set_list(struct setter *s, struct val *v)
{
	struct lower *L = s->L;
	uint32_t n = 0;
	jxid x;

	if (!val_coerce(L, s->e, v, JT_LIST, JT_STRING, "%s", s->what) || !const_int(L, s->e, v, &s->v->i, s->what))
		return false;
	for (x = L->j->x[v->a].a; x; x = L->j->x[x].next)
		n++;
	if (n > UINT16_MAX)
		return diag_error(L->d, E0415, span_of(L, s->e), "%s has %u items", s->what, n);
	s->v->list = arena_alloc(L->j->arena, n * sizeof *s->v->list);
	s->v->n = (uint16_t)n;
	for (n = 0, x = L->j->x[v->a].a; x; x = L->j->x[x].next)
		s->v->list[n++] = L->j->x[x].a;
	return true;
}

/* ---- JSON text of a constant (settings that are lists of records) ---- */

static bool json_scalar(struct lower *L, const struct val *v, struct jw *w)
{
	const struct jx *x = &L->j->x[v->a];

	if (v->kind != V_X || !v->konst || x->op == JX_LIST)
		return false;
	if (x->op == JX_STR)
		jw_strn(w, str(L, x->a), name_len(L->names, x->a));
	else if (x->op == JX_BOOL)
		jw_bool(w, x->a);
	else if (x->op == JX_NUM)
		jw_num(w, jx_num(L->j, v->a));
	else
		jw_int(w, jx_int(L->j, v->a));
	return true;
}

static bool json_table(struct lower *L, uint32_t tbl, struct jw *w)
{
	const struct table *t = &L->table[tbl];
	bool ok = true;
	uint32_t r, c;

	jw_open(w, '[');
	for (r = 0; r < t->rows; r++) {
		jw_open(w, '{');
		for (c = 0; c < t->cols; c++) {
			name cell = t->cell[(size_t)r * t->cols + c];
			struct val v = val_cell(L, cell, t->coltype[c], NOSPAN);

			jw_key(w, str(L, t->colname[c]));
			ok &= json_scalar(L, &v, w);
		}
		jw_close(w);
	}
	jw_close(w);
	return ok;
}

static bool json_record(struct lower *L, const struct val *v, struct jw *w)
{
	bool ok = true;
	uint32_t i;

	jw_open(w, '{');
	for (i = 0; i < v->b; i++) {
		jw_key(w, str(L, L->field[v->a + i].name));
		ok &= json_scalar(L, &L->field[v->a + i].val, w);
	}
	jw_close(w);
	return ok;
}

static bool set_any(struct setter *s, struct val *v)
{
	struct lower *L = s->L;
	struct buf b;
	struct jw w;
	bool ok;

	if (v->kind == V_BAD)
		return false;
	if (v->kind == V_X && v->type == JT_STRING)
		return set_str(s, v); /* JSON text as it is */
	buf_init(&b, 1 << 20);
	jw_init(&w, &b, 0);
	ok = v->kind == V_TABLE ? json_table(L, v->a, &w) : v->kind == V_RECORD && json_record(L, v, &w);
	s->v->i = 0;
	s->v->s = name_of(L->names, buf_str(&b), b.len);
	buf_free(&b);
	if (!ok)
		diag_error(L->d, E0401, span_of(L, s->e), "%s needs a list of records of constants, not %s", s->what, val_a(v));
	return ok;
}

static bool set_map_record(struct setter *s, struct val *v)
{
	struct lower *L = s->L;
	uint32_t i;

	if (v->kind == V_BAD)
		return false;
	if (v->kind == V_RECORD && v->b > PAIRS_MAX)
		return diag_error(L->d, E0415, span_of(L, s->e), "%s has %u entries: the most is %d", s->what, v->b, PAIRS_MAX);
	if (v->kind != V_RECORD)
		return diag_error(L->d, E0401, span_of(L, s->e), "%s needs a block of names and values, not %s", s->what, val_a(v));
	s->v->list = arena_alloc(L->j->arena, (size_t)v->b * 2 * sizeof *s->v->list);
	s->v->n = (uint16_t)v->b;
	for (i = 0; i < v->b; i++) {
		struct field *f = &L->field[v->a + i];

		s->v->list[2 * i] = f->name;
		if (!val_coerce(L, s->e, &f->val, JT_STRING, JT_UNKNOWN, "%s", s->what) ||
		    !const_str(L, s->e, &f->val, &s->v->list[2 * i + 1], s->what))
			return false;
	}
	return true;
}

static bool set_expr(struct setter *s, struct val *v, enum setting id)
{
	uint8_t type = id == SET_MEM ? JT_SIZE : id == SET_TIME ? JT_DURATION : JT_FLOAT;

	if (type == JT_FLOAT && v->kind == V_X && v->type == JT_INT) /* a whole number of cpus stays one */
		type = JT_INT;
	if (!val_coerce(s->L, s->e, v, type, JT_UNKNOWN, "%s", s->what))
		return false;
	if (v->hasref)
		return diag_error(s->L->d, E0309, span_of(s->L, s->e), "the output of a task can be used only by an input port");
	s->v->i = 0;
	s->v->x = v->a;
	return true;
}

static bool set_value(struct setter *s, enum setting id)
{
	uint8_t type = settings[id].type;
	struct val v = lower_in(s->L, s->e, type == T_EXPR ? IN_SETTING : W_LOOP);

	switch ((enum set_type)type) {
	case T_STR: return set_str(s, &v);
	case T_INT: return scalar(s, &v, JT_INT);
	case T_NUM: return set_num(s, &v);
	case T_BOOL: return set_bool(s, &v);
	case T_DUR: return set_whole(s, &v, JT_DURATION, 1000, _("seconds"));
	case T_GB: return set_whole(s, &v, JT_SIZE, 1 << 30, "GB");
	case T_SIZE: return scalar(s, &v, JT_SIZE);
	case T_LIST: return set_list(s, &v);
	case T_MAP: return set_map_record(s, &v);
	case T_ANY: return set_any(s, &v);
	case T_EXPR: return set_expr(s, &v, id);
	case T_SPECIAL: break;
	}
	return false;
}

static void set_push(struct lower *L, struct jval v)
{
	if (L->nset == L->setcap)
		L->set = grow(L->set, &L->setcap, L->nset + 1, sizeof *L->set);
	L->set[L->nset++] = v;
}

/* ---- docker(): two environment variables ---- */

static void env_push_text(struct lower *L, const char *key, name value, struct span sp)
{
	if (!value)
		return;
	if (L->nenv == L->envcap)
		L->env = grow(L->env, &L->envcap, L->nenv + 1, sizeof *L->env);
	L->env[L->nenv++] = (struct jenv){ name_ofs(L->names, key), jx_new(L->j, JX_STR, value, 0, 0, sp), sp };
}

static bool set_docker(struct lower *L, nid e)
{
	struct val v;

	if (at(L, e)->kind != N_CALL || at(L, e)->name != name_ofs(L->names, "docker"))
		return false;
	v = lower_in(L, e, 0);
	if (v.kind == V_DOCKER) {
		env_push_text(L, "BATCH_COMPUTE_DOCKER_IMAGE", v.a, span_of(L, e));
		env_push_text(L, "BATCH_COMPUTE_DOCKER_REGISTRY_OSS_PATH", v.b, span_of(L, e));
	}
	return true;
}

void set_lower(struct lower *L, nid n, enum set_where where, name path, struct span sp)
{
	uint32_t id = keymap_get(&L->keys, SPACE_SET | where, path);
	struct jval v = { .span = span_of(L, n), .name_span = sp };
	struct setter s = { L, ast_kid(L->a, n), &v, NULL };

	if (!id || (settings[id - 1].type == T_SPECIAL && path != L->w_instances)) {
		set_unknown(L, where, path, sp, false);
		return;
	}
	v.id = (uint16_t)(id - 1);
	if (settings[v.id].type == T_SPECIAL || !s.e || (v.id == SET_IMAGE && set_docker(L, s.e)))
		return;
	if (!L->what[v.id])
		L->what[v.id] = arena_printf(L->tmp, _("setting `%s`"), settings[v.id].path);
	s.what = L->what[v.id];
	v.span = span_of(L, s.e);
	if (set_value(&s, (enum setting)v.id))
		set_push(L, v);
}
