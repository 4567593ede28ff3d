/* environ.c - see environ.h and doc/run.md. */
#include "runtime/environ.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "runtime/action.h"
#include "runtime/stage_fs.h"

enum { VALUE_MAX = 128 * 1024 - 1024 }; /* the kernel refuses longer strings */

struct env_var {
	const char *key, *value;
	uint32_t seq;
};
struct env_list {
	struct arena *arena;
	struct env_var *v;
	uint32_t n, cap;
};

struct env_list *env_new(struct arena *a)
{
	struct env_list *e = arena_zalloc(a, 1, sizeof(*e));

	e->arena = a;
	return e;
}

void env_add(struct env_list *e, const char *key, const char *value)
{
	if (!*key || strchr(key, '=') || strlen(value) > VALUE_MAX)
		return;
	if (e->n == e->cap) {
		struct env_var *old = e->v;

		e->cap = e->cap ? e->cap * 2 : 32;
		e->v = arena_zalloc(e->arena, e->cap, sizeof(*e->v));
		if (e->n)
			memcpy(e->v, old, e->n * sizeof(*old));
	}
	e->v[e->n] = (struct env_var){ arena_strdup(e->arena, key), arena_strdup(e->arena, value), e->n };
	e->n++;
}

static const char *or(const char *s, const char *other)
{
	return s && *s ? s : other;
}

static void service_vars(struct env_list *e, struct stager *s, struct jctx *c)
{
	const struct job *j = s->j;
	const struct jtask *t = &j->task[c->task];
	const struct jval *rv = job_set(j, SET_REGION), *cv = task_set(t, SET_CLUSTER_ID);
	const char *region = or(rv ? name_str(j->names, rv->s) : "", "local");

	env_add(e, JOB_ID_VAR, s->job_id);
	env_add(e, "BATCH_COMPUTE_DAG_TASK_ID", name_str(j->names, t->name));
	env_add(e, "BATCH_COMPUTE_DAG_INSTANCE_ID", arena_printf(e->arena, "%lld", (long long)c->instance));
	env_add(e, "BATCH_COMPUTE_OSS_HOST", arena_printf(e->arena, "oss-%s.aliyuncs.com", region));
	env_add(e, "BATCH_COMPUTE_REGION", region);
	if (containers_of(s->containers, c->task))
		return; /* the rest is not told there */
	env_add(e, "BATCH_COMPUTE_CLUSTER_ID", or(cv ? name_str(j->names, cv->s) : "", "cls-local"));
	env_add(e, "BATCH_COMPUTE_WORKER_ID", "local");
}

static bool add_exprs(struct env_list *e, struct jctx *c, const struct jenv *v, uint32_t n)
{
	struct buf b;
	bool ok = true;

	buf_init(&b, 16 << 20);
	for (uint32_t i = 0; i < n && ok; i++) {
		buf_reset(&b);
		ok = jx_text(c, v[i].value, &b);
		if (ok)
			env_add(e, name_str(c->job->names, v[i].name), buf_str(&b));
	}
	buf_free(&b);
	return ok;
}

void env_machine(struct env_list *e, const char *user, const char *workdir, const char *tmp)
{
	env_add(e, "PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin");
	env_add(e, "HOME", workdir);
	env_add(e, "PWD", workdir);
	env_add(e, "USER", user);
	env_add(e, "LANG", "C.UTF-8");
	env_add(e, "TMPDIR", tmp);
}

void env_container(struct env_list *e, const struct container *box)
{
	for (const char *const *v = box->env; v && *v; v++) {
		const char *eq = strchr(*v, '=');

		if (eq)
			env_add(e, arena_strndup(e->arena, *v, (size_t)(eq - *v)), eq + 1);
	}
	env_add(e, "PATH", "/usr/sbin:/usr/bin:/sbin:/bin");
	env_add(e, "HOME", "/root");
	env_add(e, "PWD", CONTAINER_WORKDIR);
	env_add(e, "USER", "root");
}

bool env_job(struct env_list *e, struct stager *s, struct jctx *c)
{
	const struct job *j = s->j;

	for (uint32_t i = 0; i < j->nparam; i++) /* what a task does not name cannot make it run again */
		if (param_used(j, &j->task[c->task], j->param[i].name) && !add_exprs(e, c, &j->param[i], 1))
			return false;
	service_vars(e, s, c);
	return true;
}

bool env_base(struct env_list *e, struct stager *s, struct jctx *c, const struct stage *st)
{
	const struct job *j = s->j;
	const struct jval *pass = task_set(&j->task[c->task], SET_ENV_PASS);

	if (st->state->box)
		env_container(e, st->state->box);
	else
		env_machine(e, geteuid() == 0 ? "root" : or(getenv("USER"), "user"), st->workdir, fs_join(e->arena, st->dir, "tmp"));
	for (uint32_t i = 0; pass && i < pass->n; i++) {
		const char *key = name_str(j->names, pass->list[i]), *value = getenv(key);

		if (value)
			env_add(e, key, value);
	}
	return env_job(e, s, c);
}

bool env_user(struct env_list *e, struct jctx *c)
{
	const struct jtask *t = &c->job->task[c->task];

	return add_exprs(e, c, t->env, t->nenv);
}

static int by_key(const void *a, const void *b)
{
	const struct env_var *x = a, *y = b;
	int d = strcmp(x->key, y->key);

	return d ? d : (x->seq > y->seq) - (x->seq < y->seq);
}

char **env_done(struct env_list *e)
{
	char **out = arena_zalloc(e->arena, e->n + 1, sizeof(*out));
	uint32_t n = 0;

	qsort(e->v, e->n, sizeof(*e->v), by_key);
	for (uint32_t i = 0; i < e->n; i++)
		if (i + 1 == e->n || strcmp(e->v[i].key, e->v[i + 1].key) != 0)
			out[n++] = arena_printf(e->arena, "%s=%s", e->v[i].key, e->v[i].value);
	return out;
}

const char *env_path(char *const *env)
{
	for (; *env; env++)
		if (strncmp(*env, "PATH=", 5) == 0)
			return *env + 5;
	return "";
}
