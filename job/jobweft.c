/* jobweft.c - the parts of a description with a form of their own: DAG, command, environment, maps, and the Weft
 * object, which carries what BatchCompute cannot say (doc/job.md). */
#include "job/jobwrite.h"

#include "job/idmap.h"

#include <stdlib.h>
#include <string.h>

enum { TEXT_MAX = 1 << 24 };

static const char *const cause_names[] = {
	[CAUSE_ANY] = "fail", [CAUSE_EXIT] = "exit", [CAUSE_SIGNAL] = "signal", [CAUSE_OOM] = "oom",
	[CAUSE_TIMEOUT] = "timeout", [CAUSE_SPOT] = "spot", [CAUSE_NODE] = "node", [CAUSE_MISSING] = "missing",
};

static void put_buf(struct writer *w, struct buf *b)
{
	w->ok = w->ok && !b->over;
	jw_strn(&w->w, buf_str(b), b->len);
	buf_free(b);
}

static void put_template(struct writer *w, const struct jtask *t, jxid x, bool command)
{
	struct buf b;

	buf_init(&b, TEXT_MAX);
	w->ok = jx_template(w->j, task_number(w, t), x, command, &b) && w->ok;
	put_buf(w, &b);
}

static void put_expr(struct writer *w, const struct jtask *t, jxid x)
{
	struct buf b;

	buf_init(&b, TEXT_MAX);
	w->ok = jx_unparse(w->j, task_number(w, t), x, &b) && w->ok;
	put_buf(w, &b);
}

static struct jctx constant_ctx(struct writer *w, const struct jtask *t)
{
	return (struct jctx){ .job = w->j, .arena = w->tmp, .task = t ? task_number(w, t) : UINT32_MAX };
}

static void put_constant(struct writer *w, const struct jtask *t, jxid x)
{
	struct jctx c = constant_ctx(w, t);
	struct buf b;

	buf_init(&b, TEXT_MAX);
	w->ok = jx_text(&c, x, &b) && w->ok;
	put_buf(w, &b);
}

/* ---- DAG ---- */

static void put_tasks(struct writer *w)
{
	struct arena_mark m;

	jw_key(&w->w, "Tasks");
	jw_open(&w->w, '{');
	for (uint32_t i = 0; i < w->j->ntask; i++) {
		if (w->j->task[i].skipped)
			continue;
		m = arena_mark(w->tmp);
		put_key(w, w->j->task[i].name);
		rows_write(w, &w->j->task[i]);
		arena_reset(w->tmp, m);
	}
	jw_close(&w->w);
}

static bool edge_counts(const struct job *j, const struct jedge *e)
{
	return !j->task[e->from].skipped && !j->task[e->to].skipped;
}

/* Successors of every task: edges are sorted by (to, from), so each list comes out in file order. */
static void put_dependencies(struct writer *w)
{
	const struct job *j = w->j;
	uint32_t *first = xcalloc((size_t)j->ntask + 2, sizeof *first);
	uint32_t *to = xcalloc((size_t)j->nedge + 1, sizeof *to);

	for (uint32_t i = 0; i < j->nedge; i++)
		if (edge_counts(j, &j->edge[i]))
			first[j->edge[i].from + 2]++;
	for (uint32_t i = 2; i < j->ntask + 2; i++)
		first[i] += first[i - 1];
	for (uint32_t i = 0; i < j->nedge; i++)
		if (edge_counts(j, &j->edge[i]))
			to[first[j->edge[i].from + 1]++] = j->edge[i].to;
	if (first[j->ntask]) {
		jw_key(&w->w, "Dependencies");
		jw_open(&w->w, '{');
	}
	for (uint32_t i = 0; i < j->ntask; i++) {
		if (first[i] == first[i + 1])
			continue;
		put_key(w, j->task[i].name);
		jw_open(&w->w, '[');
		for (uint32_t k = first[i]; k < first[i + 1]; k++)
			put_name(w, j->task[to[k]].name);
		jw_close(&w->w);
	}
	if (first[j->ntask])
		jw_close(&w->w);
	free(first);
	free(to);
}

static void put_dag(struct writer *w)
{
	jw_open(&w->w, '{');
	put_tasks(w);
	put_dependencies(w);
	jw_close(&w->w);
}

/* ---- command ---- */

/* Can CommandLine say it all? */
static bool is_plain(const struct writer *w, const struct jtask *t)
{
	return t->run == RUN_NONE || (t->run == RUN_COMMAND && jx_constant(w->j, t->command));
}

/* A constant command with inserted values: its words, quoted. */
static void put_words(struct writer *w, const struct jtask *t)
{
	struct jctx c = constant_ctx(w, t);
	char **argv;
	size_t argc;
	struct buf b;

	buf_init(&b, TEXT_MAX);
	if (!task_argv(&c, &argv, &argc)) {
		w->ok = false;
		argc = 0;
	}
	for (size_t i = 0; i < argc; i++) {
		if (i)
			buf_addc(&b, ' ');
		word_quote(&b, argv[i], strlen(argv[i]));
	}
	put_buf(w, &b);
}

static void put_launcher(struct writer *w, const struct jtask *t)
{
	struct buf b, file;

	buf_init(&b, TEXT_MAX);
	buf_init(&file, TEXT_MAX);
	buf_addf(&file, ".weft/%s.sh", name_str(w->j->names, t->name));
	buf_adds(&b, "/bin/sh ");
	word_quote(&b, buf_str(&file), file.len);
	buf_free(&file);
	put_buf(w, &b);
}

static void put_command(struct writer *w, const struct jtask *t)
{
	const struct jx *x = &w->j->x[t->command];

	if (t->run == RUN_NONE)
		jw_str(&w->w, "");
	else if (!is_plain(w, t))
		put_launcher(w, t);
	else if (x->op == JX_STR && !(x->flags & JXF_VALUE))
		put_name(w, x->a);
	else
		put_words(w, t);
}

static void put_run(struct writer *w, const struct jtask *t)
{
	jw_open(&w->w, '{');
	jw_key(&w->w, t->run == RUN_SCRIPT ? "Script" : "Command");
	put_template(w, t, t->command, true);
	if (t->interp) {
		jw_key(&w->w, "Interpreter");
		put_name(w, t->interp);
	}
	jw_close(&w->w);
}

/* ---- environment: what differs between instances is a template in Weft.Env ---- */

static bool env_any(const struct writer *w, const struct jtask *t, bool constant)
{
	for (uint32_t i = 0; i < t->nenv; i++)
		if (jx_constant(w->j, t->env[i].value) == constant)
			return true;
	return false;
}

static void put_env(struct writer *w, const struct jtask *t, bool constant)
{
	jw_open(&w->w, '{');
	for (uint32_t i = 0; i < t->nenv; i++) {
		if (jx_constant(w->j, t->env[i].value) != constant)
			continue;
		put_key(w, t->env[i].name);
		if (constant)
			put_constant(w, t, t->env[i].value);
		else
			put_template(w, t, t->env[i].value, false);
	}
	jw_close(&w->w);
}

/* ---- mounts and mappings ---- */

static bool is_map(const struct jmap *m, enum map_kind kind, bool pool)
{
	return m->kind == kind && m->pool == pool;
}

static bool map_any(const struct jtask *t, enum map_kind kind, bool pool)
{
	for (uint32_t i = 0; i < t->nmap; i++)
		if (is_map(&t->map[i], kind, pool))
			return true;
	return false;
}

static void put_entries(struct writer *w, const struct jtask *t, bool pool)
{
	jw_open(&w->w, '[');
	for (uint32_t i = 0; i < t->nmap; i++) {
		if (!is_map(&t->map[i], MAP_MOUNT, pool))
			continue;
		jw_open(&w->w, '{');
		jw_key(&w->w, "Source");
		put_name(w, t->map[i].from);
		jw_key(&w->w, "Destination");
		put_name(w, t->map[i].to);
		jw_kbool(&w->w, "WriteSupport", t->map[i].write);
		jw_close(&w->w);
	}
	jw_close(&w->w);
}

/* An object cannot have a key twice: of two mappings of one thing the last holds, at the place of the first. */
static void put_mapping(struct writer *w, const struct jtask *t, enum map_kind kind)
{
	struct idmap *last = idmap_new(w->tmp, t->nmap), *done = idmap_new(w->tmp, t->nmap);

	for (uint32_t i = t->nmap; i-- > 0;)
		if (t->map[i].kind == kind)
			idmap_add(last, t->map[i].from, i);
	jw_open(&w->w, '{');
	for (uint32_t i = 0; i < t->nmap; i++) {
		if (t->map[i].kind != kind || !idmap_add(done, t->map[i].from, i))
			continue;
		put_key(w, t->map[i].from);
		put_name(w, t->map[idmap_get(last, t->map[i].from)].to);
	}
	jw_close(&w->w);
}

/* ---- scatter ---- */

static const char *type_name(uint8_t type)
{
	switch ((enum jtype)type) {
	case JT_INT: return "int";
	case JT_FLOAT: return "float";
	case JT_BOOL: return "bool";
	case JT_SIZE: return "size";
	case JT_DURATION: return "duration";
	case JT_FILE: return "file";
	case JT_DIR: return "dir";
	case JT_STRING: case JT_URL: case JT_LIST: case JT_RECORD: case JT_TABLE: case JT_SECRET: case JT_UNKNOWN: break;
	}
	return "string";
}

static uint8_t column_type(const struct jdim *d, uint32_t col)
{
	return d->coltype ? d->coltype[col] : JT_STRING;
}

/* A value in the one spelling that reads back as it is. */
static void put_cell(struct writer *w, name cell, uint8_t type)
{
	const char *s = name_str(w->j->names, cell);
	int64_t v;
	struct buf b;

	if (type == JT_INT)
		jw_int(&w->w, strtoll(s, NULL, 10));
	else if (type == JT_FLOAT)
		jw_num(&w->w, strtod(s, NULL));
	else if (type == JT_BOOL)
		jw_bool(&w->w, !strcmp(s, "true"));
	else if ((type == JT_SIZE || type == JT_DURATION) && unit_read(s, strlen(s), type == JT_SIZE, &v)) {
		buf_init(&b, 64);
		unit_print(v, type == JT_SIZE, &b);
		put_buf(w, &b);
	} else
		put_name(w, cell);
}

static void put_values(struct writer *w, const struct jdim *d)
{
	jw_key(&w->w, "Values");
	jw_open(&w->w, '[');
	for (int64_t i = 0; i < d->count; i++)
		put_cell(w, d->cell[i], column_type(d, 0));
	jw_close(&w->w);
	if (column_type(d, 0) >= JT_SIZE && strcmp(type_name(column_type(d, 0)), "string"))
		jw_kstr(&w->w, "Type", type_name(column_type(d, 0)));
}

/* Compact: one row a line. */
static void put_row(struct writer *w, const struct jdim *d, int64_t row)
{
	struct jw outer = w->w;
	bool first = w->w.first[w->w.depth];

	if (!first)
		buf_addc(w->w.b, ',');
	buf_addc(w->w.b, '\n');
	for (int i = 0; i < outer.depth * outer.indent; i++)
		buf_addc(w->w.b, ' ');
	jw_init(&w->w, outer.b, 0);
	jw_open(&w->w, '[');
	for (uint32_t c = 0; c < d->cols; c++)
		put_cell(w, d->cell[(size_t)row * d->cols + c], column_type(d, c));
	jw_close(&w->w);
	w->w = outer;
	w->w.first[w->w.depth] = false;
}

static void put_rows(struct writer *w, const struct jdim *d)
{
	jw_key(&w->w, "By");
	put_name(w, d->colname[d->key]);
	jw_key(&w->w, "Columns");
	jw_open(&w->w, '[');
	for (uint32_t c = 0; c < d->cols; c++)
		put_name(w, d->colname[c]);
	jw_close(&w->w);
	jw_key(&w->w, "Types");
	jw_open(&w->w, '[');
	for (uint32_t c = 0; c < d->cols; c++)
		jw_str(&w->w, type_name(column_type(d, c)));
	jw_close(&w->w);
	jw_key(&w->w, "Rows");
	jw_open(&w->w, '[');
	for (int64_t i = 0; i < d->count; i++)
		put_row(w, d, i);
	jw_close(&w->w);
}

static void put_for(struct writer *w, const struct jtask *t)
{
	jw_open(&w->w, '[');
	for (uint32_t i = 0; i < t->ndim; i++) {
		const struct jdim *d = &t->dim[i];

		jw_open(&w->w, '{');
		jw_key(&w->w, "Var");
		put_name(w, d->var);
		if (d->kind == DIM_RANGE) {
			jw_kint(&w->w, "From", d->lo);
			jw_kint(&w->w, "To", d->lo + d->count - 1);
		} else if (d->kind == DIM_LIST) {
			put_values(w, d);
		} else if (d->kind == DIM_ROWS) {
			put_rows(w, d);
		} else {
			jw_key(&w->w, "Over");
			put_expr(w, t, d->port);
		}
		jw_close(&w->w);
	}
	jw_close(&w->w);
}

/* ---- ports ---- */

static void put_in(struct writer *w, const struct jtask *t)
{
	jw_open(&w->w, '{');
	for (uint32_t i = 0; i < t->nin; i++) {
		put_key(w, t->in[i].name);
		if (t->in[i].type != JT_DIR) {
			put_expr(w, t, t->in[i].path);
			continue;
		}
		jw_open(&w->w, '{');
		jw_key(&w->w, "Path");
		put_expr(w, t, t->in[i].path);
		jw_kstr(&w->w, "Type", "dir");
		jw_close(&w->w);
	}
	jw_close(&w->w);
}

static void put_out(struct writer *w, const struct jtask *t, const struct jport *p)
{
	if (p->count == PORT_ONE && p->type != JT_DIR && !p->temp) {
		put_template(w, t, p->path, false);
		return;
	}
	jw_open(&w->w, '{');
	jw_key(&w->w, "Path");
	put_template(w, t, p->path, false);
	if (p->count == PORT_FIXED)
		jw_kint(&w->w, "Count", p->n);
	if (p->count == PORT_GLOB)
		jw_kstr(&w->w, "Count", "*");
	if (p->type == JT_DIR)
		jw_kstr(&w->w, "Type", "dir");
	if (p->temp)
		jw_kbool(&w->w, "Temp", true);
	jw_close(&w->w);
}

static void put_outs(struct writer *w, const struct jtask *t)
{
	jw_open(&w->w, '{');
	for (uint32_t i = 0; i < t->nout; i++) {
		put_key(w, t->out[i].name);
		put_out(w, t, &t->out[i]);
	}
	jw_close(&w->w);
}

static void put_causes(struct writer *w, const struct jtask *t)
{
	struct buf b;

	jw_open(&w->w, '[');
	for (uint32_t i = 0; i < t->ncause; i++) {
		const struct jcause *c = &t->cause[i];

		buf_init(&b, 64);
		buf_adds(&b, c->cause < CAUSE_COUNT ? cause_names[c->cause] : "fail");
		if ((c->cause == CAUSE_EXIT || c->cause == CAUSE_SIGNAL) && c->arg >= 0)
			buf_addf(&b, "(%d)", c->arg);
		put_buf(w, &b);
	}
	jw_close(&w->w);
}

static void put_secrets(struct writer *w)
{
	jw_open(&w->w, '[');
	for (uint32_t i = 0; i < w->j->nsecret; i++)
		put_name(w, w->j->secret[i].name);
	jw_close(&w->w);
}

static void put_params(struct writer *w)
{
	jw_open(&w->w, '{');
	for (uint32_t i = 0; i < w->j->nparam; i++) {
		put_key(w, w->j->param[i].name);
		put_constant(w, NULL, w->j->param[i].value);
	}
	jw_close(&w->w);
}

/* ---- by row ---- */

static bool job_present(const struct job *j, enum setting id)
{
	return (id != SET_SECRETS || j->nsecret) && (id != SET_PARAMS || j->nparam);
}

bool special_present(struct writer *w, const struct jtask *t, enum setting id)
{
	if (!t)
		return job_present(w->j, id);
	if (id == SET_ENV || id == SET_ENV_EXPR)
		return env_any(w, t, id == SET_ENV);
	if (id == SET_POOL_MOUNTS || id == SET_MOUNTS)
		return map_any(t, MAP_MOUNT, id == SET_POOL_MOUNTS);
	if (id == SET_INPUT_MAP)
		return map_any(t, MAP_INPUT, false);
	if (id == SET_OUTPUT_MAP)
		return map_any(t, MAP_OUTPUT, false);
	if (id == SET_LOG_MAP)
		return map_any(t, MAP_LOG, false);
	if (id == SET_RUN)
		return !is_plain(w, t);
	if (id == SET_COUNTED) /* InstanceCount 1 does not say whether others have to select */
		return t->counted && t->count == 1 && t->nout;
	return id == SET_SCATTER ? t->ndim > 0 : id == SET_INPUTS ? t->nin > 0 : id == SET_OUTPUTS ? t->nout > 0
		: id == SET_RETRY_ON ? t->ncause > 0 : true;
}

static void job_special(struct writer *w, enum setting id)
{
	if (id == SET_NAME)
		put_name(w, w->j->name);
	else if (id == SET_TYPE)
		jw_str(&w->w, "DAG");
	else if (id == SET_DAG)
		put_dag(w);
	else if (id == SET_SECRETS)
		put_secrets(w);
	else if (id == SET_PARAMS)
		put_params(w);
	else
		jw_null(&w->w);
}

void special_write(struct writer *w, const struct jtask *t, enum setting id)
{
	if (!t)
		job_special(w, id);
	else if (id == SET_COMMAND)
		put_command(w, t);
	else if (id == SET_ENV || id == SET_ENV_EXPR)
		put_env(w, t, id == SET_ENV);
	else if (id == SET_INSTANCES || id == SET_COUNTED)
		jw_int(&w->w, t->count < 0 ? 1 : t->count);
	else if (id == SET_RETRY)
		jw_int(&w->w, t->max_retry);
	else if (id == SET_POOL_MOUNTS || id == SET_MOUNTS)
		put_entries(w, t, id == SET_POOL_MOUNTS);
	else if (id == SET_INPUT_MAP || id == SET_OUTPUT_MAP || id == SET_LOG_MAP)
		put_mapping(w, t, id == SET_INPUT_MAP ? MAP_INPUT : id == SET_OUTPUT_MAP ? MAP_OUTPUT : MAP_LOG);
	else if (id == SET_SCATTER)
		put_for(w, t);
	else if (id == SET_INPUTS)
		put_in(w, t);
	else if (id == SET_OUTPUTS)
		put_outs(w, t);
	else if (id == SET_RUN)
		put_run(w, t);
	else if (id == SET_RETRY_ON)
		put_causes(w, t);
	else
		jw_null(&w->w);
}
