/* export_commands.c - every instance as an object of a JSON list, after compile_commands.json.
 *
 * Its digest is the same as long as the instance does the same: two lists tell what a change of the workflow changes. */
#include "runtime/export_impl.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/json.h"
#include "runtime/action.h"
#include "runtime/environ.h"
#include "runtime/stage_fs.h"

struct commands {
	struct export x;
	struct jw w;
	struct disk *disk;
	struct actor *actor;
};

/* ---- files ---- */

struct paths {
	const char **v[2]; /* inputs, outputs */
	uint32_t n[2], cap[2];
};

static bool add_path(struct paths *p, int which, const char *path)
{
	p->v[which] = grow(p->v[which], &p->cap[which], p->n[which] + 1, sizeof(*p->v[which]));
	p->v[which][p->n[which]++] = path;
	return true;
}

static bool take_input(void *ctx, const char *path, const char *seen, const char *final)
{
	(void)seen, (void)final;
	return add_path(ctx, 0, path);
}

static bool take_output(void *ctx, uint32_t port, const char *path, const char *seen)
{
	(void)port, (void)seen;
	return add_path(ctx, 1, path);
}

static void put_paths(struct jw *w, const char *key, const char *const *v, uint32_t n)
{
	jw_key(w, key);
	jw_open(w, '[');
	for (uint32_t i = 0; i < n; i++)
		jw_str(w, v[i]);
	jw_close(w);
}

/* ---- the environment ---- */

/* What is different for every attempt or machine is not there. */
static void put_env(struct jw *w, char *const *env)
{
	jw_key(w, "env");
	jw_open(w, '{');
	for (; *env; env++) {
		size_t n = strcspn(*env, "=");

		if (strncmp(*env, JOB_ID_VAR "=", n + 1) == 0)
			continue;
		jw_keyn(w, *env, n);
		jw_str(w, *env + n + 1);
	}
	jw_close(w);
}

static bool files_and_env(struct commands *k, struct attempt_id id, struct jctx *c, const char **why)
{
	static const struct port_fns fns = { take_input, take_output };
	struct stage_state state = { .a = c->arena };
	struct stage st = { .id = id, .arena = c->arena, .state = &state, .pidfd = -1 };
	struct env_list *e = env_new(c->arena);
	struct stage_error err = { 0 };
	struct paths p = { 0 };
	bool ok = env_job(e, k->x.s, c) && ports_walk(k->x.s, &st, e, &fns, &p, &err) && env_user(e, c);

	if (ok) {
		put_env(&k->w, env_done(e));
		put_paths(&k->w, "inputs", p.v[0], p.n[0]);
		put_paths(&k->w, "outputs", p.v[1], p.n[1]);
	} else {
		*why = err.text ? arena_strdup(c->arena, err.text) : c->error;
	}
	free(p.v[0]);
	free(p.v[1]);
	return ok;
}

/* ---- the command ---- */

static bool put_script(struct jw *w, struct jctx *c, const struct jtask *t)
{
	struct buf b;
	bool ok;

	buf_init(&b, 64 << 20);
	ok = task_script(c, &b);
	if (ok) {
		if (t->interp)
			jw_kstr(w, "interpreter", name_str(c->job->names, t->interp));
		jw_kstr(w, "script", buf_str(&b));
	}
	buf_free(&b);
	return ok;
}

static bool put_command(struct jw *w, struct jctx *c)
{
	const struct jtask *t = &c->job->task[c->task];
	char **v;
	size_t n;

	if (t->run == RUN_NONE)
		return true;
	if (t->run == RUN_SCRIPT)
		return put_script(w, c, t);
	if (!task_argv(c, &v, &n))
		return false;
	put_paths(w, "arguments", (const char *const *)v, (uint32_t)n);
	return true;
}

static void put_setting(struct commands *k, const struct jtask *t, const char *key, enum setting id)
{
	const struct jval *v = task_set(t, id);

	if (v && name_len(k->x.j->names, v->s))
		jw_kstr(&k->w, key, name_str(k->x.j->names, v->s));
}

static void put_digest(struct commands *k, struct attempt_id id, struct arena *a)
{
	char hex[DIGEST_TEXT];
	struct action act;

	if (action_make(k->actor, id.task, id.instance, false, a, &act)) {
		digest_hex(act.digest, hex);
		jw_kstr(&k->w, "digest", hex);
	}
	action_free(&act);
}

/* ---- one instance ---- */

static void put_key(struct commands *k, struct attempt_id id)
{
	struct buf b;

	jw_kint(&k->w, "instance", id.instance);
	if (!k->x.j->task[id.task].ndim)
		return;
	buf_init(&b, 1 << 20);
	instance_key(k->x.j, id.task, id.instance, &b);
	jw_kstr(&k->w, "key", buf_str(&b));
	buf_free(&b);
}

static void put_instance(struct commands *k, struct attempt_id id, struct arena *a)
{
	const struct jtask *t = &k->x.j->task[id.task];
	const char *why = NULL;
	struct jctx c;

	jw_open(&k->w, '{');
	jw_kstr(&k->w, "task", name_str(k->x.j->names, t->name));
	put_key(k, id);
	jw_kstr(&k->w, "directory", k->x.s->ws);
	stager_context(k->x.s, id, a, &c);
	c.secret = NULL; /* "<secret>" */
	if (!put_command(&k->w, &c))
		why = c.error ? c.error : "the command is too long";
	else if (files_and_env(k, id, &c, &why)) {
		put_setting(k, t, "image", SET_IMAGE);
		put_setting(k, t, "container", SET_CONTAINER_IMAGE);
		put_digest(k, id, a);
	}
	if (why)
		jw_kstr(&k->w, "error", why);
	jw_close(&k->w);
}

static void put_task(struct commands *k, uint32_t task, struct arena *a)
{
	const struct jtask *t = &k->x.j->task[task];

	for (int64_t i = 0; i < t->count && !k->w.b->over; i++) {
		put_instance(k, (struct attempt_id){ task, i, 1 }, a);
		arena_reset(a, (struct arena_mark){ 0 });
	}
	if (t->count >= 0)
		return;
	jw_open(&k->w, '{');
	jw_kstr(&k->w, "task", name_str(k->x.j->names, t->name));
	jw_kstr(&k->w, "error", "its instances are known only while running");
	jw_close(&k->w);
}

static void put_all(struct commands *k, struct buf *out)
{
	struct arena *a = arena_new();

	jw_init(&k->w, out, 2);
	jw_open(&k->w, '[');
	for (uint32_t t = 0; t < k->x.j->ntask; t++)
		if (!k->x.j->task[t].skipped)
			put_task(k, t, a);
	jw_close(&k->w);
	buf_addc(out, '\n');
	arena_free(a);
	if (out->over) {
		k->x.status = 4;
		diag_error(k->x.d, E1103, NOSPAN, "the list of commands is too long: %s", strerror(EFBIG));
	}
}

static bool no_glob(void *ctx, uint32_t task, int64_t instance, uint32_t port, struct jvalue *out)
{
	(void)ctx, (void)task, (void)instance, (void)port, (void)out;
	return false;
}

int export_commands(const struct job *j, const struct run_options *o, struct buf *out, struct diags *d)
{
	struct run_options own = *o;
	struct commands k = { .x = { .j = j, .o = &own, .d = d, .a = arena_new() } };
	const char *tmp = getenv("TMPDIR");
	char *dir = arena_printf(k.x.a, "%s/weft-export.XXXXXX", tmp && *tmp ? tmp : "/tmp");

	own.role = RUN_NOTHING;
	if (!mkdtemp(dir)) {
		k.x.status = 4;
		diag_error(d, E1103, NOSPAN, "cannot write `%s`: %s", dir, strerror(errno));
		arena_free(k.x.a);
		return k.x.status;
	}
	k.x.s = stager_new(j, &own, dir, d);
	k.disk = k.x.s ? disk_new(k.x.s->ws, k.x.s->stores, NULL, 0) : NULL;
	if (k.disk) {
		k.actor = actor_new(j, k.disk, NULL, 0, no_glob, NULL);
		put_all(&k, out);
		actor_free(k.actor);
		disk_free(k.disk);
	} else {
		k.x.status = 3;
	}
	stager_free(k.x.s);
	fs_remove(AT_FDCWD, dir);
	arena_free(k.x.a);
	return k.x.status;
}
