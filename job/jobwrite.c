/* jobwrite.c - the canonical BatchCompute job description: the rows of settings.def in their order, one walk.
 *
 * Objects open and close as the dotted JSON path changes from row to row.  Same job, same bytes. */
#include "job/jobwrite.h"

#include <jansson.h>
#include <string.h>

uint32_t task_number(const struct writer *w, const struct jtask *t)
{
	return (uint32_t)(t - w->j->task);
}

void put_name(struct writer *w, name nm)
{
	jw_strn(&w->w, name_str(w->j->names, nm), name_len(w->j->names, nm));
}

void put_key(struct writer *w, name nm)
{
	jw_keyn(&w->w, name_str(w->j->names, nm), name_len(w->j->names, nm));
}

/* ---- nesting ---- */

static void close_to(struct writer *w, uint32_t depth)
{
	for (; w->depth > depth; w->depth--)
		jw_close(&w->w);
}

/* Close and open objects until those around the last component of path are open; write its key. */
static void open_path(struct writer *w, const char *path)
{
	const char *dot, *at = path;
	uint32_t same = 0;

	while (same < w->depth && !strncmp(path, w->path, w->plen[same]) && path[w->plen[same]] == '.')
		same++;
	close_to(w, same);
	if (same)
		at = path + w->plen[same - 1] + 1;
	for (; (dot = strchr(at, '.')); at = dot + 1) {
		jw_keyn(&w->w, at, (size_t)(dot - at));
		jw_open(&w->w, '{');
		w->plen[w->depth++] = (size_t)(dot - path);
	}
	w->path = path;
	jw_key(&w->w, at);
}

/* ---- values ---- */

static int64_t divided_up(int64_t v, int64_t by)
{
	return v / by + (v % by > 0);
}

static void put_json(struct writer *w, const json_t *v, int depth);

static void put_json_items(struct writer *w, const json_t *v, int depth)
{
	const char *key;
	json_t *item;
	size_t i;

	jw_open(&w->w, json_is_object(v) ? '{' : '[');
	json_object_foreach((json_t *)(uintptr_t)v, key, item) {
		jw_key(&w->w, key);
		put_json(w, item, depth + 1);
	}
	json_array_foreach((json_t *)(uintptr_t)v, i, item)
		put_json(w, item, depth + 1);
	jw_close(&w->w);
}

static void put_json(struct writer *w, const json_t *v, int depth)
{
	if (depth > 16)
		jw_null(&w->w);
	else if (json_is_object(v) || json_is_array(v))
		put_json_items(w, v, depth);
	else if (json_is_string(v))
		jw_strn(&w->w, json_string_value(v), json_string_length(v));
	else if (json_is_integer(v))
		jw_int(&w->w, json_integer_value(v));
	else if (json_is_real(v))
		jw_num(&w->w, json_real_value(v));
	else if (json_is_boolean(v))
		jw_bool(&w->w, json_is_true(v));
	else
		jw_null(&w->w);
}

/* A setting carried as JSON text. */
static void put_any(struct writer *w, name text)
{
	json_t *v = json_loads(name_str(w->j->names, text), JSON_DECODE_ANY, NULL);

	put_json(w, v, 0);
	json_decref(v);
}

static void put_list(struct writer *w, const struct jval *v)
{
	jw_open(&w->w, '[');
	for (uint32_t i = 0; i < v->n; i++)
		put_name(w, v->list[i]);
	jw_close(&w->w);
}

static void put_map(struct writer *w, const struct jval *v)
{
	jw_open(&w->w, '{');
	for (uint32_t i = 0; i < v->n; i++) {
		put_key(w, v->list[2 * i]);
		put_name(w, v->list[2 * i + 1]);
	}
	jw_close(&w->w);
}

/* The text of an expression that stays one. */
static void put_expr(struct writer *w, const struct jtask *t, jxid x)
{
	struct buf b;

	buf_init(&b, 1 << 24);
	w->ok = jx_unparse(w->j, t ? task_number(w, t) : UINT32_MAX, x, &b) && w->ok;
	jw_strn(&w->w, buf_str(&b), b.len);
	buf_free(&b);
}

/* PackagePath is one text. */
static void put_package(struct writer *w, const struct jval *v)
{
	struct buf b;

	buf_init(&b, 1 << 24);
	for (uint32_t i = 0; i < v->n; i++) {
		if (i)
			buf_addc(&b, ',');
		buf_add(&b, name_str(w->j->names, v->list[i]), name_len(w->j->names, v->list[i]));
	}
	jw_strn(&w->w, buf_str(&b), b.len);
	buf_free(&b);
}

static void put_value(struct writer *w, const struct jtask *t, const struct jval *v)
{
	enum set_type type = (enum set_type)settings[v->id].type;

	switch (type) {
	case T_STR: put_name(w, v->s); break;
	case T_INT: case T_SIZE: jw_int(&w->w, v->i); break;
	case T_NUM: jw_num(&w->w, v->d); break;
	case T_BOOL: jw_bool(&w->w, v->i != 0); break;
	case T_DUR: jw_int(&w->w, divided_up(v->i, 1000)); break;
	case T_GB: jw_int(&w->w, divided_up(v->i, (int64_t)1 << 30)); break;
	case T_LIST: v->id == SET_PACKAGE ? put_package(w, v) : put_list(w, v); break;
	case T_MAP: put_map(w, v); break;
	case T_ANY: put_any(w, v->s); break;
	case T_EXPR: put_expr(w, t, v->x); break;
	case T_SPECIAL: break;
	}
}

/* Optional fields without content are left out. */
static bool has_content(const struct jval *v)
{
	enum set_type type = (enum set_type)settings[v->id].type;

	if (type == T_STR || type == T_ANY)
		return v->s != 0;
	if (type == T_LIST || type == T_MAP)
		return v->n > 0;
	return type != T_EXPR || v->x;
}

static void put_default(struct writer *w, enum setting id)
{
	enum set_type type = (enum set_type)settings[id].type;

	if (type == T_BOOL)
		jw_bool(&w->w, setting_default(id) != 0);
	else if (type == T_INT)
		jw_int(&w->w, setting_default(id));
	else if (type == T_DUR)
		jw_int(&w->w, divided_up(setting_default(id), 1000));
	else
		jw_str(&w->w, "");
}

/* ---- rows ---- */

static void special_row(struct writer *w, const struct jtask *t, enum setting id)
{
	if (!special_present(w, t, id))
		return;
	open_path(w, settings[id].json);
	special_write(w, t, id);
}

static void plain_row(struct writer *w, const struct jtask *t, enum setting id, const struct jval *v)
{
	if (v && has_content(v)) {
		open_path(w, settings[id].json);
		put_value(w, t, v);
	} else if (settings[id].required) {
		open_path(w, settings[id].json);
		put_default(w, id);
	}
}

void rows_write(struct writer *w, const struct jtask *t)
{
	const struct jval *v = t ? t->set : w->j->set;
	uint32_t left = t ? t->nset : w->j->nset;
	const char *path = w->path;
	uint32_t depth = w->depth;
	size_t plen[16];

	memcpy(plen, w->plen, sizeof plen);
	w->path = "";
	w->depth = 0;
	jw_open(&w->w, '{');
	for (unsigned id = 0; id < SET_COUNT; id++) {
		if (!(settings[id].where & (t ? S_POOL : S_JOB)))
			continue;
		for (; left && v->id < id; left--)
			v++;
		if (settings[id].type == T_SPECIAL || id == SET_NAME || id == SET_TYPE)
			special_row(w, t, (enum setting)id);
		else
			plain_row(w, t, (enum setting)id, left && v->id == id ? v : NULL);
	}
	close_to(w, 0);
	jw_close(&w->w);
	memcpy(w->plen, plen, sizeof plen);
	w->path = path;
	w->depth = depth;
}

bool job_write(const struct job *j, struct buf *out)
{
	struct writer w = { .j = j, .tmp = arena_new(), .ok = true, .path = "" };

	jw_init(&w.w, out, 2);
	rows_write(&w, NULL);
	arena_free(w.tmp);
	return buf_addc(out, '\n') && w.ok && !out->over;
}
