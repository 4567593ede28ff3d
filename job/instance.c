/* instance.c - instances of a task: numbers, keys, and the loop variables of one.
 *
 * Dimensions are mixed radix, the last varies fastest.  A key finds its row through an index made on first use. */
#include "job/eval.h"
#include "job/idmap.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_KEY_DIMS = 16, MAX_KEY_PARTS = 64 };

static name cell_at(const struct jdim *d, int64_t row)
{
	return d->kind == DIM_ROWS ? d->cell[(size_t)row * d->cols + d->key] : d->cell[row];
}

static uint8_t key_type(const struct jdim *d)
{
	if (d->kind == DIM_RANGE)
		return JT_INT;
	return d->coltype ? d->coltype[d->kind == DIM_ROWS ? d->key : 0] : JT_STRING;
}


/* ---- positions ---- */

bool dim_count(struct jctx *c, const struct jdim *d, int64_t *n)
{
	struct jvalue v;

	*n = d->count;
	if (d->count >= 0)
		return true;
	if (!eval(c, d->port, &v))
		return false;
	*n = v.type == JT_LIST ? v.list.n : 1;
	return true;
}

/* Where the instance stands in dimension `dim`. */
static bool dim_pos(struct jctx *c, const struct jtask *t, uint32_t dim, int64_t *pos)
{
	int64_t rest = c->instance, n;

	for (uint32_t i = t->ndim - 1; i > dim; i--) {
		if (!dim_count(c, &t->dim[i], &n))
			return false;
		if (n <= 0)
			return FAIL(c, "task `%s` has no instances", name_str(c->job->names, t->name));
		rest /= n;
	}
	n = t->dim[dim].count;
	if (dim && !dim_count(c, &t->dim[dim], &n))
		return false;
	*pos = dim && n > 0 ? rest % n : rest;
	if (*pos < 0 || (n >= 0 && *pos >= n))
		return FAIL(c, "task `%s` has no instance %lld", name_str(c->job->names, t->name), (long long)c->instance);
	return true;
}

int64_t task_instances(struct jctx *c, uint32_t task)
{
	const struct jtask *t = &c->job->task[task];
	struct jctx in = eval_inside(c, task, 0, 0);
	int64_t all = 1, n;

	if (t->count >= 0)
		return t->count;
	for (uint32_t i = 0; i < t->ndim; i++)
		if (!dim_count(&in, &t->dim[i], &n) || __builtin_mul_overflow(all, n, &all)) {
			c->error = in.error ? in.error : "there are too many instances";
			return -1;
		}
	c->steps = in.steps;
	return all;
}

/* ---- values ---- */

static bool wrong_cell(struct jctx *c, const char *s, const char *what)
{
	return FAIL(c, "`%s` in a table is not %s", s, what);
}

/* A table's text as a value of its column's type. */
static bool cell_value(struct jctx *c, name cell, uint8_t type, struct jvalue *out)
{
	const char *s = name_str(c->job->names, cell);
	size_t n = name_len(c->job->names, cell);
	char *end;

	*out = value_int(0, type);
	if (type == JT_INT) {
		out->i = strtoll(s, &end, 10);
		return (n && !*end) || wrong_cell(c, s, _("an int"));
	}
	if (type == JT_FLOAT) {
		out->d = strtod(s, &end);
		return (n && !*end) || wrong_cell(c, s, _("a number"));
	}
	if (type == JT_BOOL) {
		out->i = !strcmp(s, "true");
		return out->i || !strcmp(s, "false") || wrong_cell(c, s, _("true or false"));
	}
	if (type == JT_SIZE || type == JT_DURATION)
		return unit_read(s, n, type == JT_SIZE, &out->i) || wrong_cell(c, s, type == JT_SIZE ? _("a size") : _("a duration"));
	*out = value_str(s, n, type == JT_FILE || type == JT_DIR || type == JT_URL ? type : JT_STRING);
	return true;
}

static bool port_value(struct jctx *c, const struct jdim *d, int64_t pos, struct jvalue *out)
{
	struct jvalue v;

	if (!eval(c, d->port, &v))
		return false;
	if (v.type != JT_LIST)
		v = (struct jvalue){ .type = JT_LIST, .list = { memcpy(arena_alloc(c->arena, sizeof v), &v, sizeof v), 1 } };
	if (pos >= v.list.n)
		return FAIL(c, "there is no element %lld in a list of %lu", (long long)pos, (unsigned long)v.list.n);
	*out = v.list.v[pos];
	return true;
}

bool eval_var(struct jctx *c, uint32_t dim, bool column, uint32_t col, struct jvalue *out)
{
	const struct jtask *t = eval_task(c);
	const struct jdim *d;
	int64_t pos;

	if (!t)
		return false;
	if (dim >= t->ndim)
		return FAIL(c, "task `%s` has no such loop variable", name_str(c->job->names, t->name));
	d = &t->dim[dim];
	if (!dim_pos(c, t, dim, &pos))
		return false;
	if (d->kind == DIM_PORT)
		return port_value(c, d, pos, out);
	if (d->kind == DIM_RANGE) {
		*out = value_int(d->lo + pos, JT_INT);
		return true;
	}
	if (!column)
		return cell_value(c, cell_at(d, pos), key_type(d), out);
	if (col >= d->cols)
		return FAIL(c, "the table has no such column");
	return cell_value(c, d->cell[(size_t)pos * d->cols + col], d->coltype ? d->coltype[col] : JT_STRING, out);
}

/* ---- keys ---- */

static bool dim_key(const struct job *j, const struct jdim *d, int64_t pos, struct buf *out)
{
	if (d->kind == DIM_RANGE)
		return buf_addf(out, "%lld", (long long)(d->lo + pos));
	if (d->kind == DIM_PORT)
		return buf_addf(out, "%lld", (long long)pos);
	return buf_add(out, name_str(j->names, cell_at(d, pos)), name_len(j->names, cell_at(d, pos)));
}

bool instance_key(const struct job *j, uint32_t task, int64_t instance, struct buf *out)
{
	const struct jtask *t = &j->task[task];
	int64_t radix = 1, below;

	if (!t->ndim)
		return buf_addf(out, "%lld", (long long)instance);
	for (uint32_t i = 1; i < t->ndim; i++)
		if (t->dim[i].count <= 0 || __builtin_mul_overflow(radix, t->dim[i].count, &radix))
			return buf_addf(out, "%lld", (long long)instance); /* not known yet: the number is all there is */
	for (uint32_t i = 0; i < t->ndim; i++, radix = i < t->ndim ? radix / t->dim[i].count : 1) {
		below = instance / radix;
		instance %= radix;
		if (t->dim[i].count >= 0 && below >= t->dim[i].count)
			return false;
		if ((i && !buf_addc(out, ',')) || !dim_key(j, &t->dim[i], below, out))
			return false;
	}
	return true;
}

/* Keys of ints are indexed in the usual spelling: 7 for 007. */
static name key_name(const struct job *j, const struct jdim *d, int64_t row)
{
	name cell = cell_at(d, row);
	const char *s = name_str(j->names, cell);
	char text[32], *end;
	long long v;

	if (key_type(d) != JT_INT)
		return cell;
	v = strtoll(s, &end, 10);
	snprintf(text, sizeof text, "%lld", v);
	return *end || !strcmp(text, s) ? cell : name_ofs(j->names, text);
}

static const struct idmap *dim_index(const struct job *j, struct jdim *d)
{
	if (d->index)
		return d->index;
	d->index = idmap_new(j->arena, (uint32_t)d->count);
	for (int64_t i = 0; i < d->count; i++)
		idmap_add(d->index, key_name(j, d, i), (uint32_t)i);
	return d->index;
}

/* All of s[0..n) as an int. */
static bool whole_int(const char *s, size_t n, int64_t *v)
{
	char text[24], *end;

	if (!n || n >= sizeof text || !(s[n - 1] >= '0' && s[n - 1] <= '9') || *s == ' ' || *s == '+')
		return false;
	memcpy(text, s, n);
	text[n] = 0;
	*v = strtoll(text, &end, 10);
	return !*end;
}

int64_t dim_find(const struct job *j, struct jdim *d, const char *s, size_t n)
{
	int64_t v;
	uint32_t row;

	if (d->kind == DIM_RANGE || d->kind == DIM_PORT) {
		if (!whole_int(s, n, &v) || __builtin_sub_overflow(v, d->kind == DIM_RANGE ? d->lo : 0, &v))
			return -1;
		return v >= 0 && (d->count < 0 || v < d->count) ? v : -1;
	}
	if (d->count <= 0 || !d->cell)
		return -1;
	row = idmap_get(dim_index(j, d), name_find(j->names, s, n));
	if (row == UINT32_MAX && key_type(d) == JT_INT && whole_int(s, n, &v)) {
		char text[24];
		int len = snprintf(text, sizeof text, "%lld", (long long)v);

		row = idmap_get(d->index, name_find(j->names, text, (size_t)len));
	}
	return row == UINT32_MAX ? -1 : (int64_t)row;
}

/* A key of several dimensions; keys may hold commas themselves, so every way to cut it is tried, once. */
static int64_t find_parts(const struct job *j, struct jtask *t, const char *key)
{
	int64_t at[MAX_KEY_DIMS + 1][MAX_KEY_PARTS + 2];
	size_t cut[MAX_KEY_PARTS + 2] = { 0 }, ncut = 1;

	if (t->ndim > MAX_KEY_DIMS)
		return -1;
	for (uint32_t d = 1; d < t->ndim; d++)
		if (t->dim[d].count <= 0)
			return -1;
	for (const char *p = key; *p; p++) {
		if (*p == ',' && ncut > MAX_KEY_PARTS)
			return -1;
		if (*p == ',')
			cut[ncut++] = (size_t)(p - key) + 1;
	}
	cut[ncut++] = strlen(key) + 1;
	memset(at, -1, sizeof at); /* at[d][k]: number made of d keys that end before cut k */
	at[0][0] = 0;
	for (uint32_t d = 0; d < t->ndim; d++)
		for (size_t lo = d; lo + 1 < ncut; lo++)
			for (size_t hi = lo + 1; at[d][lo] >= 0 && hi < ncut; hi++) {
				int64_t k = dim_find(j, &t->dim[d], key + cut[lo], cut[hi] - cut[lo] - 1);

				if (k >= 0 && at[d + 1][hi] < 0)
					at[d + 1][hi] = (d ? at[d][lo] * t->dim[d].count : 0) + k;
			}
	return at[t->ndim][ncut - 1];
}

int64_t instance_find(const struct job *j, uint32_t task, const char *key)
{
	struct jtask *t = &j->task[task];
	size_t n = strlen(key);
	int64_t v = -1;

	if (t->ndim == 1)
		v = dim_find(j, &t->dim[0], key, n);
	else if (t->ndim)
		v = find_parts(j, t, key);
	if (v >= 0 || (t->ndim == 1 && key_type(&t->dim[0]) == JT_INT && t->dim[0].kind != DIM_PORT))
		return v;
	return whole_int(key, n, &v) && v >= 0 && (t->count < 0 || v < t->count) ? v : -1;
}

/* ---- selectors ---- */

/* The rule of JX_REF in job.h: an int is the loop variable's value where that is an int, else the number. */
static int64_t select_int(const struct job *j, const struct jtask *t, int64_t v)
{
	char text[24];
	int n;

	if (t->ndim != 1 || key_type(&t->dim[0]) != JT_INT)
		return v >= 0 && (t->count < 0 || v < t->count) ? v : -1;
	n = snprintf(text, sizeof text, "%lld", (long long)v);
	return dim_find(j, &t->dim[0], text, (size_t)n);
}

static int64_t select_text(const struct job *j, uint32_t task, const char *s, size_t n)
{
	struct jtask *t = &j->task[task];

	if (t->ndim == 1)
		return dim_find(j, &t->dim[0], s, n);
	return t->ndim ? find_parts(j, t, s) : -1;
}

bool eval_select(struct jctx *c, uint32_t task, const struct jvalue *sel, int64_t *instance)
{
	const struct job *j = c->job;
	const char *nm = name_str(j->names, j->task[task].name);

	if (sel->type == JT_INT) {
		*instance = select_int(j, &j->task[task], sel->i);
		return *instance >= 0 || FAIL(c, "there is no `%s[%lld]`", nm, (long long)sel->i);
	}
	if (!value_is_text(sel))
		return FAIL(c, "an instance is chosen by an int or a string, not %s", value_type(sel));
	*instance = select_text(j, task, arena_strndup(c->arena, sel->s.p, sel->s.n), sel->s.n);
	return *instance >= 0 || FAIL(c, "there is no `%s[\"%.*s\"]`", nm, (int)sel->s.n, sel->s.p);
}
