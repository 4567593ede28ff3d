/* remote_record.c - records of the shared directory as JSON: how attempts ended, and what they need; see remote.h. */
#include "runtime/remote.h"

#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "job/job.h"
#include "runtime/stage.h"

enum { RECORD_MAX = 256 << 20, LIST_MAX = 4 << 20 };

/* ---- texts: any bytes, as JSON that is ASCII ---- */

static bool plain(unsigned char c)
{
	return c >= 0x20 && c < 0x7f && c != '%';
}

static void put_text(struct jw *w, const char *s)
{
	struct buf b;

	buf_init(&b, RECORD_MAX);
	for (const unsigned char *p = (const unsigned char *)s; *p; p++)
		if (plain(*p))
			buf_addc(&b, (char)*p);
		else
			buf_addf(&b, "%%%02X", *p);
	jw_strn(w, buf_str(&b), b.len);
	buf_free(&b);
}

static void put_ktext(struct jw *w, const char *key, const char *s)
{
	jw_key(w, key);
	put_text(w, s);
}

static int hex(char c)
{
	return c >= '0' && c <= '9' ? c - '0' : c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

static char *take_text(struct arena *a, const json_t *v)
{
	const char *s = json_string_value(v);
	char *t = arena_strdup(a, s), *to = t;

	for (; *s; s++)
		if (*s == '%' && hex(s[1]) >= 0 && hex(s[2]) >= 0 && (s[1] != '0' || s[2] != '0')) {
			*to++ = (char)(hex(s[1]) * 16 + hex(s[2]));
			s += 2;
		} else {
			*to++ = *s;
		}
	*to = 0;
	return t;
}

/* ---- reading ---- */

static const char *text_in(struct arena *a, const json_t *o, const char *key)
{
	const json_t *v = json_object_get(o, key);

	return json_is_string(v) ? take_text(a, v) : NULL;
}

static int64_t int_in(const json_t *o, const char *key, int64_t lo, int64_t hi, int64_t otherwise)
{
	const json_t *v = json_object_get(o, key);
	int64_t n = json_is_integer(v) ? json_integer_value(v) : otherwise;

	return n < lo || n > hi ? otherwise : n;
}

/* The strings of a list, NULL at the end; *n of them. */
static char **texts_in(struct arena *a, const json_t *o, const char *key, uint32_t *n)
{
	const json_t *list = json_object_get(o, key), *v;
	char **t = arena_zalloc(a, json_array_size(list) + 1, sizeof(*t));
	size_t i;

	*n = 0;
	json_array_foreach(list, i, v)
		if (json_is_string(v))
			t[(*n)++] = take_text(a, v);
	return t;
}

static json_t *load(struct arena *a, const char *dir, const char *file)
{
	size_t n;
	char *p = remote_read(a, dir, file, RECORD_MAX, &n);

	return p ? json_loadb(p, n, JSON_REJECT_DUPLICATES, NULL) : NULL;
}

/* ---- ends ---- */

static void write_outputs(struct jw *w, const struct remote_end *e)
{
	jw_key(w, "Outputs");
	jw_open(w, '[');
	for (uint32_t i = 0; i < e->noutput; i++) {
		jw_open(w, '{');
		put_ktext(w, "Path", e->output[i].path);
		jw_kint(w, "Port", e->output[i].port);
		jw_kint(w, "Size", e->output[i].size);
		jw_close(w);
	}
	jw_close(w);
}

static void write_texts(struct jw *w, const char *key, char *const *v)
{
	jw_key(w, key);
	jw_open(w, '[');
	for (; v && *v; v++)
		put_text(w, *v);
	jw_close(w);
}

static void write_places(struct jw *w, const struct remote_end *e)
{
	if (e->argv)
		write_texts(w, "Command", e->argv);
	if (e->out)
		put_ktext(w, "Out", e->out);
	if (e->err)
		put_ktext(w, "Err", e->err);
	if (e->work)
		put_ktext(w, "Work", e->work);
}

bool remote_end_write(const char *dir, uint32_t number, uint32_t index, const struct remote_end *e)
{
	char file[48];
	struct buf b;
	struct jw w;
	bool ok;

	buf_init(&b, RECORD_MAX);
	jw_init(&w, &b, 0);
	jw_open(&w, '{');
	jw_kint(&w, "Version", 1);
	jw_kstr(&w, "Cause", cause_code(e->cause));
	jw_kint(&w, "Status", e->status);
	jw_kint(&w, "WallMs", e->wall_ms);
	jw_kint(&w, "CpuMs", e->cpu_ms);
	jw_kint(&w, "MaxRss", e->max_rss);
	if (e->termed)
		jw_kbool(&w, "Terminated", true);
	if (e->text)
		put_ktext(&w, "Text", e->text);
	if (e->host)
		put_ktext(&w, "Host", e->host);
	write_places(&w, e);
	write_outputs(&w, e);
	jw_close(&w);
	snprintf(file, sizeof(file), "end/%u.%u", number, index);
	errno = EFBIG;
	ok = !b.over && remote_write(dir, file, buf_str(&b), b.len);
	buf_free(&b);
	return ok;
}

static bool read_outputs(struct arena *a, const json_t *o, struct remote_end *e)
{
	const json_t *list = json_object_get(o, "Outputs"), *v;
	size_t i;

	if (json_array_size(list) > LIST_MAX)
		return false;
	e->output = arena_zalloc(a, json_array_size(list), sizeof(*e->output));
	json_array_foreach(list, i, v) {
		struct remote_output *p = &e->output[e->noutput++];

		p->path = text_in(a, v, "Path");
		p->port = (uint32_t)int_in(v, "Port", 0, UINT32_MAX, UINT32_MAX);
		p->size = int_in(v, "Size", 0, INT64_MAX, -1);
		if (!p->path || !*p->path)
			return false;
	}
	return true;
}

static bool cause_of(const char *code, enum run_cause *c)
{
	for (int i = 0; code && i < R_COUNT; i++)
		if (!strcmp(cause_code((enum run_cause)i), code)) {
			*c = (enum run_cause)i;
			return true;
		}
	return false;
}

static bool read_end(struct arena *a, const json_t *o, struct remote_end *e)
{
	uint32_t n;

	e->status = (int)int_in(o, "Status", INT32_MIN, INT32_MAX, 0);
	e->wall_ms = int_in(o, "WallMs", -1, INT64_MAX, -1);
	e->cpu_ms = int_in(o, "CpuMs", -1, INT64_MAX, -1);
	e->max_rss = int_in(o, "MaxRss", -1, INT64_MAX, -1);
	e->termed = json_is_true(json_object_get(o, "Terminated"));
	e->text = text_in(a, o, "Text");
	e->host = text_in(a, o, "Host");
	e->out = text_in(a, o, "Out");
	e->err = text_in(a, o, "Err");
	e->work = text_in(a, o, "Work");
	e->argv = json_object_get(o, "Command") ? texts_in(a, o, "Command", &n) : NULL;
	return int_in(o, "Version", 0, INT64_MAX, 0) == 1 && cause_of(text_in(a, o, "Cause"), &e->cause) &&
		read_outputs(a, o, e);
}

bool remote_end_read(struct arena *a, const char *dir, const char *folder, uint32_t number, uint32_t index, struct remote_end *e)
{
	char file[48];
	json_t *o;
	bool ok;

	memset(e, 0, sizeof(*e));
	snprintf(file, sizeof(file), "%s/%u.%u", folder, number, index);
	o = load(a, dir, file);
	ok = o && read_end(a, o, e);
	json_decref(o);
	return ok;
}

/* ---- run.json ---- */

static void write_stores(struct jw *w, const struct run_options *o, const char *workspace)
{
	jw_key(w, "Stores");
	jw_open(w, '[');
	for (uint32_t i = 0; i < o->nstores; i++) {
		struct arena *a = arena_new();
		const char *dir = o->stores[i].dir;

		jw_open(w, '{');
		put_ktext(w, "Bucket", o->stores[i].bucket);
		put_ktext(w, "Dir", *dir == '/' ? dir : arena_printf(a, "%s/%s", workspace, dir));
		jw_close(w);
		arena_free(a);
	}
	jw_close(w);
}

static void write_secrets(struct jw *w, const struct job *j, const struct run_options *o)
{
	jw_key(w, "Secrets");
	jw_open(w, '{');
	for (uint32_t i = 0; o->secret_values && i < j->nsecret; i++)
		if (o->secret_values[i])
			put_ktext(w, name_str(j->names, j->secret[i].name), o->secret_values[i]);
	jw_close(w);
}

/* Variables of this environment that some task asks for. */
static void write_env(struct jw *w, const struct job *j)
{
	jw_key(w, "Env");
	jw_open(w, '[');
	for (uint32_t t = 0; t < j->ntask; t++) {
		const struct jval *pass = task_set(&j->task[t], SET_ENV_PASS);

		for (uint32_t i = 0; pass && i < pass->n; i++) {
			const char *key = name_str(j->names, pass->list[i]), *value = getenv(key);
			struct arena *a = arena_new();

			if (value)
				put_text(w, arena_printf(a, "%s=%s", key, value));
			arena_free(a);
		}
	}
	jw_close(w);
}

bool remote_run_text(const struct job *j, const struct run_options *o, const char *workspace, const char *job_id, struct buf *b)
{
	struct jw w;

	jw_init(&w, b, 0);
	jw_open(&w, '{');
	jw_kint(&w, "Version", 1);
	put_ktext(&w, "JobId", job_id);
	put_ktext(&w, "Workspace", workspace);
	jw_kbool(&w, "NoSandbox", o->no_sandbox);
	write_stores(&w, o, workspace);
	write_secrets(&w, j, o);
	write_env(&w, j);
	jw_close(&w);
	return !b->over;
}

static void read_stores(struct arena *a, const json_t *o, struct remote_run *r)
{
	const json_t *list = json_object_get(o, "Stores"), *v;
	size_t i;

	r->stores = arena_zalloc(a, json_array_size(list), sizeof(*r->stores));
	json_array_foreach(list, i, v) {
		struct store_map *m = &r->stores[r->nstores];

		m->bucket = text_in(a, v, "Bucket");
		m->dir = text_in(a, v, "Dir");
		r->nstores += m->bucket && m->dir;
	}
}

static void read_secrets(struct arena *a, json_t *o, struct remote_run *r)
{
	json_t *list = json_object_get(o, "Secrets"), *v;
	const char **key_of = arena_zalloc(a, json_object_size(list), sizeof(*key_of));
	const char **value = arena_zalloc(a, json_object_size(list), sizeof(*value)), *key;

	json_object_foreach(list, key, v)
		if (json_is_string(v)) {
			key_of[r->nsecret] = arena_strdup(a, key);
			value[r->nsecret++] = take_text(a, v);
		}
	r->secret = key_of;
	r->value = value;
}

bool remote_run_read(struct arena *a, const char *dir, struct remote_run *r)
{
	json_t *o = load(a, dir, "run.json");
	uint32_t n;
	bool ok;

	memset(r, 0, sizeof(*r));
	r->workspace = text_in(a, o, "Workspace");
	r->job_id = text_in(a, o, "JobId");
	r->no_sandbox = json_is_true(json_object_get(o, "NoSandbox"));
	read_stores(a, o, r);
	read_secrets(a, o, r);
	r->env = texts_in(a, o, "Env", &n);
	ok = o && r->workspace && r->job_id && strlen(r->job_id) < 40 && int_in(o, "Version", 0, INT64_MAX, 0) == 1;
	json_decref(o);
	return ok;
}

/* ---- globs ---- */

void remote_glob_line(struct buf *b, const char *task, int64_t instance, const struct remote_glob *g)
{
	struct jw w;

	jw_init(&w, b, 0);
	jw_open(&w, '{');
	put_ktext(&w, "Task", task);
	jw_kint(&w, "Instance", instance);
	put_ktext(&w, "Port", g->port);
	write_texts(&w, "Paths", (char *const *)(uintptr_t)g->path);
	jw_close(&w);
	buf_addc(b, '\n');
}

static void take_glob(const struct job *j, struct stager *s, const char *line, size_t len)
{
	json_t *o = json_loadb(line, len, 0, NULL);
	struct arena *a = arena_new();
	const char *nm = text_in(a, o, "Task"), *port = text_in(a, o, "Port");
	uint32_t t = nm ? job_task(j, name_find(j->names, nm, strlen(nm))) : UINT32_MAX, n;
	char **path = texts_in(a, o, "Paths", &n);
	struct attempt_id id = { t, int_in(o, "Instance", 0, UINT32_MAX, 0), 1 };

	for (uint32_t i = 0; t != UINT32_MAX && port && i < j->task[t].nout; i++)
		if (!strcmp(name_str(j->names, j->task[t].out[i].name), port))
			stager_glob_set(s, id, i, j->task[t].out[i].type, (const char *const *)path, n);
	arena_free(a);
	json_decref(o);
}

bool remote_globs_read(const char *dir, const struct job *j, struct stager *s)
{
	struct arena *a = arena_new();
	size_t n;
	char *p = remote_read(a, dir, "globs", (size_t)1 << 30, &n);
	bool ok = p || errno == ENOENT;

	for (char *nl; p && (nl = strchr(p, '\n')); p = nl + 1)
		take_glob(j, s, p, (size_t)(nl - p));
	arena_free(a);
	return ok;
}
