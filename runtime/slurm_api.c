/* slurm_api.c - see slurm_api.h: requests and answers.  The schema is read in slurm_schema.c. */
#include "runtime/slurm_api.h"

#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/intl.h"
#include "runtime/slurm_json.h"
#include "runtime/slurm_schema.h"

enum {
	DEADLINE_MS = 15000,       /* a request hangs for some 20 s while slurmctld is away: we do not */
	JOBS_MS = 120000,          /* a list of 100,000 jobs takes its time */
	ANSWER_MAX = 4 << 20,
};
#define LIST_MAX ((size_t)4 << 30)

struct slurm_api {
	struct http *http;
	struct slurm_schema *schema;
	struct slurm_conf conf;
	struct slurm_renew *token;
};

/* ---- the token ---- */

static void set_headers(struct slurm_api *a)
{
	struct passwd *pw = a->conf.user ? NULL : getpwuid(geteuid());
	const char *user = a->conf.user ? a->conf.user : pw ? pw->pw_name : "root", *line[3] = { NULL };
	struct arena *t = arena_new();

	if (slurm_renew_text(a->token)) {
		line[0] = arena_printf(t, "X-SLURM-USER-NAME: %s", user);
		line[1] = arena_printf(t, "X-SLURM-USER-TOKEN: %s", slurm_renew_text(a->token));
	}
	http_headers(a->http, line);
	arena_free(t);
}

/* ---- answers ---- */

/* What the numbers and texts of Slurm's errors mean for a driver. */
static const struct {
	int code;           /* 0: any */
	const char *text;   /* part of the description, NULL: any */
	enum slurm_end end;
} errors[] = {
	{ 0, "Invalid job array", SE_ARRAY },
	{ 2017, NULL, SE_NONE },
	{ 0, "Invalid job id", SE_NONE },
	{ 2021, NULL, SE_NONE }, /* already done */
	{ 11, NULL, SE_BUSY }, /* MaxJobCount */
	{ 0, "temporarily unavailable", SE_BUSY },
	{ 2050, NULL, SE_BUSY }, /* accounting policy: submit limits, but sizes too */
	{ 0, "submit limit", SE_BUSY },
	{ 0, "Rate limit", SE_BUSY },
	{ 5005, NULL, SE_AUTH }, /* also while slurmctld goes down */
	{ 0, "config is unable to load", SE_AUTH },
	{ 1007, NULL, SE_AUTH },
	{ 0, "authentication", SE_AUTH },
	{ 1800, NULL, SE_UNSURE },
	{ 0, "Unable to contact slurm controller", SE_UNSURE },
	{ 5004, NULL, SE_UNSURE },
	{ 0, "Socket timed out", SE_UNSURE },
};

static enum slurm_end meaning(int64_t code, const char *text, int status)
{
	for (size_t i = 0; i < sizeof(errors) / sizeof(*errors); i++)
		if ((!errors[i].code || errors[i].code == code) && (!errors[i].text || strcasestr(text, errors[i].text)))
			return errors[i].end;
	if (status == 401 || status == 403)
		return SE_AUTH;
	if (status == 429)
		return SE_BUSY;
	return status >= 500 && !code ? SE_UNSURE : SE_REFUSED;
}

static int64_t int_of(const json_t *v, int64_t otherwise)
{
	const json_t *set = json_object_get(v, "set"), *inf = json_object_get(v, "infinite");

	if (json_is_object(v))
		return (set && !json_is_true(set)) || json_is_true(inf) ? otherwise : int_of(json_object_get(v, "number"), otherwise);
	return json_is_integer(v) ? json_integer_value(v) : otherwise;
}

static const char *text_of(const json_t *v)
{
	if (json_is_array(v))
		v = json_array_get(v, 0);
	return json_is_string(v) ? json_string_value(v) : "";
}

/* The first error of an answer that says anything; false when there is none. */
static bool first_error(const json_t *root, int64_t *code, const char **text)
{
	const json_t *list = json_object_get(root, "errors"), *e;
	size_t i;

	json_array_foreach(list, i, e) {
		const char *t = text_of(json_object_get(e, "error"));

		if (!*t)
			t = text_of(json_object_get(e, "description"));
		*text = t;
		*code = int_of(json_object_get(e, "error_code"), 0);
		if (!*code)
			*code = int_of(json_object_get(e, "error_number"), 0);
		return true;
	}
	return false;
}

struct asked { /* one request under way */
	struct slurm_api *a;
	slurm_done *done;
	void *ctx;
	bool submits;
	bool whole; /* the answer itself is asked for */
	/* the list of jobs only */
	bool list;
	const char *mark;
	slurm_job_fn *each;
	struct jsplit split;
};

static void answer(struct asked *q, enum slurm_end end, int64_t id, const char *text)
{
	struct slurm_answer r = { end, id, text ? text : "" };

	if (end == SE_AUTH) {
		slurm_renew_refused(q->a->token);
		r.text = slurm_trouble(q->a) ? slurm_trouble(q->a) : r.text;
	} else if (end == SE_OK) {
		slurm_renew_accepted(q->a->token);
	}
	q->done(q->ctx, &r);
	if (q->list)
		jsplit_free(&q->split);
	free(q);
}

/* An answer with a status and a body that should be an object. */
static void judge(struct asked *q, int status, const char *body, size_t len)
{
	json_t *root = body ? json_loadb(body, len, 0, NULL) : NULL;
	int64_t code = 0, id = int_of(json_object_get(root, "job_id"), 0);
	const char *text = "";
	bool error = first_error(root, &code, &text);

	if (!id)
		id = int_of(json_object_get(json_object_get(root, "result"), "job_id"), 0);
	if (status == 304)
		answer(q, SE_SAME, 0, "");
	else if (q->submits && id > 0 && id <= UINT32_MAX)
		answer(q, SE_OK, id, text);
	else if (error)
		answer(q, meaning(code, text, status), 0, text);
	else if (status == 401 || status == 403)
		answer(q, SE_AUTH, 0, _("it does not take the token"));
	else if (!json_is_object(root) || q->submits)
		answer(q, meaning(0, "", status == 200 ? 500 : status), 0, "the answer is not what it should be");
	else
		answer(q, status == 200 ? SE_OK : meaning(0, "", status), 0, q->whole ? body : "");
	json_decref(root);
}

static void on_reply(void *ctx, const struct http_reply *r)
{
	struct asked *q = ctx;

	if (r->end == HTTP_UNSENT)
		answer(q, SE_DOWN, 0, r->why);
	else if (r->end != HTTP_ANSWERED)
		answer(q, SE_UNSURE, 0, r->why);
	else if (q->list && r->status == 200) {
		const char *rest = jsplit_rest(&q->split);

		judge(q, r->status, rest, rest ? strlen(rest) : 0);
	} else
		judge(q, r->status, r->body, r->len);
}

/* ---- jobs ---- */

static enum slurm_state state_of(const char *word)
{
	static const struct {
		const char *word;
		enum slurm_state state;
	} words[] = {
		{ "PENDING", SJ_PENDING }, { "REQUEUED", SJ_PENDING }, { "REQUEUE_FED", SJ_PENDING }, { "REQUEUE_HOLD", SJ_PENDING },
		{ "SPECIAL_EXIT", SJ_PENDING }, { "CONFIGURING", SJ_RUNNING }, { "RUNNING", SJ_RUNNING }, { "COMPLETING", SJ_RUNNING },
		{ "STAGE_OUT", SJ_RUNNING }, { "SIGNALING", SJ_RUNNING }, { "STOPPED", SJ_RUNNING }, { "SUSPENDED", SJ_RUNNING },
		{ "RESIZING", SJ_RUNNING }, { "COMPLETED", SJ_COMPLETED }, { "FAILED", SJ_FAILED }, { "CANCELLED", SJ_CANCELLED },
		{ "REVOKED", SJ_CANCELLED }, { "TIMEOUT", SJ_TIMEOUT }, { "DEADLINE", SJ_TIMEOUT }, { "NODE_FAIL", SJ_NODE },
		{ "BOOT_FAIL", SJ_NODE }, { "LAUNCH_FAILED", SJ_NODE }, { "OUT_OF_MEMORY", SJ_OOM }, { "PREEMPTED", SJ_PREEMPTED },
	};

	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++)
		if (!strcmp(words[i].word, word))
			return words[i].state;
	return SJ_UNKNOWN;
}

/* Newer versions give a list: ["COMPLETED", "COMPLETING"] is one that is about to end. */
static enum slurm_state states_of(const json_t *v)
{
	enum slurm_state s = state_of(text_of(v));
	size_t i;
	json_t *e;

	json_array_foreach(v, i, e)
		if (json_is_string(e) && state_of(json_string_value(e)) == SJ_RUNNING)
			s = SJ_RUNNING;
	return s;
}

static int exit_of(const json_t *v)
{
	const json_t *code = json_object_get(v, "return_code"), *sig = json_object_get(v, "signal");
	int64_t n = int_of(v, -1);

	if (code) {
		sig = json_object_get(sig, "id") ? json_object_get(sig, "id") : json_object_get(sig, "signal_id");
		n = int_of(sig, 0) ? int_of(sig, 0) : int_of(code, 0) << 8;
	}
	return n >= 0 && n <= 0xffff ? (int)n : -1;
}

bool slurm_read_job(const char *text, size_t n, slurm_job_fn *each, void *ctx)
{
	static const char *const keys[] = { "name", "state_reason", "user_name", "nodes", "job_id", "array_job_id", "array_task_id",
		"job_state", "exit_code", NULL };
	json_t *o = NULL;
	struct slurm_job j;
	struct buf b;
	bool ok;

	buf_init(&b, n + 16);
	if (json_pick(text, n, keys, &b)) /* of the 3 kB of a job */
		o = json_loadb(buf_str(&b), b.len, 0, NULL);
	buf_free(&b);
	memset(&j, 0, sizeof(j));
	j.name = text_of(json_object_get(o, "name"));
	j.reason = text_of(json_object_get(o, "state_reason"));
	j.user = text_of(json_object_get(o, "user_name"));
	j.nodes = text_of(json_object_get(o, "nodes"));
	j.id = int_of(json_object_get(o, "job_id"), 0);
	j.array = int_of(json_object_get(o, "array_job_id"), 0);
	j.element = int_of(json_object_get(o, "array_task_id"), -1);
	j.state = states_of(json_object_get(o, "job_state"));
	j.exit_code = exit_of(json_object_get(o, "exit_code"));
	if (!j.array) {
		j.array = j.id;
		j.element = -1;
	}
	ok = json_is_object(o) && *j.name && j.id > 0;
	if (ok)
		each(ctx, &j);
	json_decref(o);
	return ok;
}

static void on_object(void *ctx, const char *text, size_t n)
{
	struct asked *q = ctx;

	if (memmem(text, n, q->mark, strlen(q->mark))) /* most jobs of a cluster are others' */
		slurm_read_job(text, n, q->each, q->ctx);
}

static bool on_piece(void *ctx, const char *p, size_t n)
{
	return jsplit_add(&((struct asked *)ctx)->split, p, n);
}

/* ---- requests ---- */

static struct asked *asked(struct slurm_api *a, slurm_done *done, void *ctx)
{
	struct asked *q = xcalloc(1, sizeof(*q));

	q->a = a;
	q->done = done;
	q->ctx = ctx;
	if (slurm_renew_look(a->token))
		set_headers(a);
	return q;
}

static void start(struct asked *q, const char *method, const char *path, const char *body)
{
	struct http_request r = { .method = method, .path = path, .body = body, .deadline_ms = DEADLINE_MS, .max = ANSWER_MAX,
		.done = on_reply, .ctx = q };

	if (q->list) {
		r.deadline_ms = JOBS_MS;
		r.max = LIST_MAX;
		r.sink = on_piece;
	}
	http_start(q->a->http, &r);
}

void slurm_submit(struct slurm_api *a, const char *body, slurm_done *done, void *ctx)
{
	struct asked *q = asked(a, done, ctx);

	q->submits = true;
	start(q, "POST", slurm_path(a->schema, SP_SUBMIT), body);
}

static struct asked *asked_list(struct slurm_api *a, const char *mark, slurm_job_fn *each, slurm_done *done, void *ctx)
{
	struct asked *q = asked(a, done, ctx);

	q->list = true;
	q->mark = mark;
	q->each = each;
	jsplit_init(&q->split, "jobs", on_object, q);
	return q;
}

void slurm_jobs(struct slurm_api *a, const char *mark, int64_t since, slurm_job_fn *each, slurm_done *done, void *ctx)
{
	struct asked *q = asked_list(a, mark, each, done, ctx);
	struct buf path;

	buf_init(&path, 4096);
	buf_adds(&path, slurm_path(a->schema, SP_JOBS));
	if (since && slurm_has_since(a))
		buf_addf(&path, "?update_time=%lld", (long long)since);
	start(q, "GET", buf_str(&path), NULL);
	buf_free(&path);
}

void slurm_job(struct slurm_api *a, int64_t id, const char *mark, slurm_job_fn *each, slurm_done *done, void *ctx)
{
	struct asked *q = asked_list(a, mark, each, done, ctx);
	struct buf path;

	buf_init(&path, 4096);
	buf_addf(&path, "%s%lld", slurm_path(a->schema, SP_JOB), (long long)id);
	start(q, "GET", buf_str(&path), NULL);
	buf_free(&path);
}

void slurm_get(struct slurm_api *a, const char *what, slurm_done *done, void *ctx)
{
	struct asked *q = asked(a, done, ctx);
	struct buf b;

	q->whole = true;
	buf_init(&b, 4096);
	buf_addf(&b, "%s%s", slurm_path(a->schema, SP_ROOT), what);
	start(q, "GET", buf_str(&b), NULL);
	buf_free(&b);
}

const struct slurm_renew *slurm_token(const struct slurm_api *a)
{
	return a->token;
}

const char *slurm_trouble(struct slurm_api *a)
{
	return slurm_renew_trouble(a->token);
}

int slurm_watch(struct slurm_api *a, struct loop *l)
{
	return loop_sooner(http_watch(a->http, l), slurm_renew_watch(a->token, l));
}

void slurm_turn(struct slurm_api *a, const struct loop *l)
{
	http_turn(a->http, l);
	if (slurm_renew_turn(a->token))
		set_headers(a);
}

const char *slurm_versions(const struct slurm_api *a)
{
	return slurm_schema_versions(a->schema);
}

void slurm_cancel(struct slurm_api *a, int64_t id, int64_t element, slurm_done *done, void *ctx)
{
	struct asked *q = asked(a, done, ctx);
	struct buf b;

	buf_init(&b, 4096);
	buf_addf(&b, "%s%lld", slurm_path(a->schema, SP_JOB), (long long)id);
	if (element >= 0)
		buf_addf(&b, "_%lld", (long long)element);
	start(q, "DELETE", buf_str(&b), NULL);
	buf_free(&b);
}

/* ---- opening ---- */

struct first { /* the answer to the question for the schema */
	struct slurm_api *a;
	struct diags *d;
	bool ok, denied;
};

static bool refused(struct first *f, enum code code, const char *why)
{
	diag_error(f->d, code, NOSPAN, "Slurm at `%s` cannot be used: %s", f->a->conf.endpoint, why);
	return false;
}

static void on_schema(void *ctx, const struct http_reply *r)
{
	struct first *f = ctx;
	const char *why = NULL;

	f->denied = r->end == HTTP_ANSWERED && (r->status == 401 || r->status == 403);
	if (f->denied)
		return;
	if (r->end != HTTP_ANSWERED) {
		refused(f, E1080, r->why);
		if (r->end == HTTP_UNSENT && !strncmp(f->a->conf.endpoint, "unix:", 5))
			diag_help(f->d, "start slurmrestd with this socket, or name the one it has: --slurm unix:/PATH");
		return;
	}
	if (r->status == 200)
		f->a->schema = slurm_schema_read(r->body, r->len, &why);
	else
		why = "it does not say what it can do (/openapi)";
	f->ok = f->a->schema || refused(f, E1081, why);
}

static bool ask_schema(struct first *f)
{
	struct http_request q = { .method = "GET", .path = "/openapi", .deadline_ms = DEADLINE_MS, .max = 64 << 20,
		.done = on_schema, .ctx = f };

	http_start(f->a->http, &q);
	http_finish(f->a->http, -1);
	return f->ok;
}

static bool denied(struct first *f)
{
	const char *why = slurm_trouble(f->a);

	if (!slurm_renew_text(f->a->token)) {
		refused(f, E1082, "it wants a token");
		diag_help(f->d, "give one in the environment variable SLURM_JWT, or a file that holds it with --slurm-token");
	} else {
		refused(f, E1082, why ? why : "it does not take the token");
		diag_help(f->d, "a socket that goes by who connects takes none: unset SLURM_JWT");
	}
	return false;
}

/* The first token, or another one. */
static bool ready(struct first *f, bool (*get)(struct slurm_renew *t, struct arena *a, const char **why))
{
	struct arena *t = arena_new();
	const char *why = NULL;
	bool ok = get(f->a->token, t, &why) || diag_error(f->d, E1082, NOSPAN, "%s", why);

	set_headers(f->a);
	arena_free(t);
	return ok;
}

static bool reach(struct first *f)
{
	struct slurm_api *a = f->a;
	const char *why = NULL;

	a->http = http_new(a->conf.endpoint, &why);
	if (!a->http)
		return refused(f, E1080, why);
	if (!ready(f, slurm_renew_first))
		return false;
	if (ask_schema(f))
		return true;
	if (f->denied && !slurm_renew_own(a->token) && (!ready(f, slurm_renew_ask) || ask_schema(f)))
		return f->ok;
	return f->denied ? denied(f) : false;
}

struct slurm_api *slurm_open(const struct slurm_conf *c, struct diags *d)
{
	struct slurm_api *a = xcalloc(1, sizeof(*a));
	struct first f = { a, d, false, false };

	a->conf = *c;
	a->token = slurm_renew_new(&a->conf);
	if (reach(&f))
		return a;
	slurm_close(a);
	return NULL;
}

void slurm_close(struct slurm_api *a)
{
	if (!a)
		return;
	http_free(a->http);
	slurm_schema_free(a->schema);
	slurm_renew_free(a->token);
	free(a);
}

struct http *slurm_http(struct slurm_api *a)
{
	return a->http;
}

const char *slurm_version(const struct slurm_api *a)
{
	return slurm_schema_version(a->schema);
}

bool slurm_has_since(const struct slurm_api *a)
{
	return slurm_schema_since(a->schema);
}

bool slurm_has(const struct slurm_api *a, const char *property)
{
	return slurm_property(a->schema, property) != NULL;
}

const char *slurm_similar(const struct slurm_api *a, const char *property)
{
	return slurm_schema_similar(a->schema, property);
}

bool slurm_put(const struct slurm_api *a, struct jw *w, const char *property, const char *text, const char **want)
{
	return slurm_schema_put(a->schema, w, property, text, want);
}

void slurm_body_open(const struct slurm_api *a, struct jw *w, struct buf *b, const char *script)
{
	jw_init(w, b, 0);
	jw_open(w, '{');
	if (!slurm_has(a, "script"))
		jw_kstr(w, "script", script);
	jw_key(w, "job");
	jw_open(w, '{');
}

void slurm_body_close(const struct slurm_api *a, struct jw *w, const char *script)
{
	if (slurm_has(a, "script"))
		jw_kstr(w, "script", script);
	jw_close(w);
	jw_close(w);
}
