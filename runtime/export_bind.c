/* export_bind.c - one attempt of an instance as texts: what a script has to know to do the same as weft. */
#include "runtime/export_impl.h"

#include <string.h>

#include "runtime/environ.h"
#include "runtime/stage_fs.h"

enum { TEXT_MAX = 64 << 20 };

bool export_refuse(struct export *x, enum code code, uint32_t task, struct span sp, const char *why)
{
	x->status = 3;
	return diag_error(x->d, code, sp, "task `%s` cannot be exported: %s", name_str(x->j->names, x->j->task[task].name), why);
}

void export_word(struct buf *b, const char *s)
{
	for (;;) {
		size_t n = strcspn(s, "\n");

		if (n || !s[n])
			word_quote(b, s, n);
		if (!s[n])
			return;
		buf_adds(b, "\"$nl\"");
		s += n + 1;
		if (!*s)
			return;
	}
}

int export_attempts(const struct export *x, uint32_t task)
{
	return (int)x->j->task[task].max_retry + 1;
}

static char *kept(struct arena *a, struct buf *b)
{
	char *p = arena_strndup(a, buf_str(b), b->len);

	buf_free(b);
	return p;
}

/* ---- files ---- */

struct files {
	struct export *x;
	struct stage *st;
	struct buf out; /* calls that tell the outputs, a line each */
};

static bool no_file(struct files *f, const char *path, const char *why)
{
	return export_refuse(f->x, E1100, f->st->id.task, f->x->j->task[f->st->id.task].name_span,
		arena_printf(f->x->a, "%s: %s", path, why));
}

static bool take_input(void *ctx, const char *path, const char *seen, const char *final)
{
	struct files *f = ctx;

	if (!*seen)
		return no_file(f, path, _("the whole workspace cannot be an input"));
	link_add(f->st->state, seen, final);
	return true;
}

/* Where it is, unless that follows from its name. */
static void add_place(struct files *f, struct buf *b, const char *seen, const char *final)
{
	if (*seen == '/' || strcmp(fs_join(f->st->arena, f->x->s->ws, seen), final) == 0)
		return;
	buf_addc(b, ' ');
	export_word(b, final);
}

static bool take_output(void *ctx, uint32_t port, const char *path, const char *seen)
{
	struct files *f = ctx;
	const struct jport *p = &f->x->j->task[f->st->id.task].out[port];
	const char *why = NULL, *final = stage_final(f->x->s, f->st->arena, path, &why);

	links_sort(f->st->state);
	if (!final)
		return no_file(f, path, why);
	if (*seen != '/' && link_covered(f->st->state, arena_strdup(f->st->arena, seen)))
		return no_file(f, path, _("an output lies in a directory that is an input"));
	buf_addf(&f->out, "%s\"$1\" %s ", f->out.len ? "\n" : "", p->type == JT_DIR ? "dir" : "file");
	export_word(&f->out, seen);
	add_place(f, &f->out, seen, final);
	return true;
}

static const char *inputs_text(struct files *f)
{
	struct stage_state *x = f->st->state;
	struct buf b;

	links_sort(x);
	buf_init(&b, TEXT_MAX);
	for (uint32_t i = 0; i < x->nlink; i++) {
		if (link_covered(x, arena_strdup(x->a, x->link[i].rel)))
			continue;
		buf_adds(&b, b.len ? "\ninput " : "input ");
		export_word(&b, x->link[i].rel);
		add_place(f, &b, x->link[i].rel, x->link[i].to);
	}
	return kept(x->a, &b);
}

/* ---- the environment ---- */

/* What env_pass names is for whoever submits: its values are not written down. */
static void pass(struct export *x, struct env_list *env, uint32_t task)
{
	const struct jval *v = task_set(&x->j->task[task], SET_ENV_PASS);

	for (uint32_t i = 0; v && i < v->n; i++)
		env_add(env, name_str(x->j->names, v->list[i]), EXPORT_PASS);
}

/* Ports and variables, in the order in which later ones win. */
static bool files_and_env(struct export *x, struct stage *st, struct jctx *c, struct bound *out, char ***env)
{
	static const struct port_fns fns = { take_input, take_output };
	struct env_list *e = env_new(st->arena);
	struct stage_error err = { 0 };
	struct files f = { .x = x, .st = st };
	bool ok;

	buf_init(&f.out, TEXT_MAX);
	env_machine(e, EXPORT_USER, EXPORT_WORK, EXPORT_TMP);
	pass(x, e, st->id.task);
	ok = env_job(e, x->s, c) && ports_walk(x->s, st, e, &fns, &f, &err) && env_user(e, c);
	if (ok) {
		out->col[BC_INPUTS] = inputs_text(&f);
		*env = env_done(e);
	} else if (!x->status) {
		export_refuse(x, E1100, st->id.task, x->j->task[st->id.task].name_span, err.text ? err.text : c->error);
	}
	out->col[BC_OUTPUTS] = kept(st->arena, &f.out);
	return ok;
}

/* ---- the command ---- */

struct parts {
	struct arena *a;
	size_t *end;
	bool *fixed;
	uint32_t n, cap;
};

static void add_part(void *ctx, bool text, size_t end)
{
	struct parts *p = ctx;

	if (p->n == p->cap) {
		uint32_t cap = p->cap ? p->cap * 2 : 16;
		size_t *e = arena_zalloc(p->a, cap, sizeof(*e));
		bool *f = arena_zalloc(p->a, cap, sizeof(*f));

		if (p->n) {
			memcpy(e, p->end, p->n * sizeof(*e));
			memcpy(f, p->fixed, p->n * sizeof(*f));
		}
		p->end = e;
		p->fixed = f;
		p->cap = cap;
	}
	p->end[p->n] = end;
	p->fixed[p->n++] = text;
}

static void add_words(struct buf *b, char *const *v, size_t n)
{
	/* env(1) would take such a program for a variable */
	if (n && strchr(v[0], '='))
		buf_adds(b, " sh -c 'exec \"$@\"' sh");
	for (size_t i = 0; i < n; i++) {
		buf_addc(b, ' ');
		export_word(b, v[i]);
	}
}

static bool command_words(struct jctx *c, struct buf *b)
{
	char **v;
	size_t n;

	if (!task_argv(c, &v, &n))
		return false;
	add_words(b, v, n);
	return true;
}

/* The interpreter's words, then the script; what the script says goes into *script and *parts. */
static bool script_words(struct jctx *c, struct buf *b, struct buf *script, struct parts *parts)
{
	const struct jtask *t = &c->job->task[c->task];
	char **v;
	size_t n;

	if (!task_script_parts(c, script, add_part, parts))
		return false;
	if (!t->interp) {
		buf_adds(b, " \"$shell\"");
	} else {
		if (!words_split(c->arena, name_str(c->job->names, t->interp), &v, &n) || !n) {
			c->error = _("the interpreter is no command");
			return false;
		}
		add_words(b, v, n);
	}
	buf_adds(b, " \"$script\"");
	return true;
}

static bool command(struct export *x, struct jctx *c, struct bound *out, struct buf *script, struct parts *parts)
{
	const struct jtask *t = &x->j->task[c->task];
	struct buf b;
	bool ok;

	buf_init(&b, TEXT_MAX);
	ok = t->run == RUN_SCRIPT ? script_words(c, &b, script, parts) : command_words(c, &b);
	out->col[BC_WORDS] = kept(c->arena, &b);
	return ok || export_refuse(x, E1100, c->task, t->command_span, c->error ? c->error : _("the command is too long"));
}

/* ---- all of it ---- */

static const char *key_text(struct export *x, struct attempt_id id, struct arena *a)
{
	struct buf b;

	if (!x->j->task[id.task].counted && !x->j->task[id.task].ndim)
		return "";
	buf_init(&b, TEXT_MAX);
	buf_addc(&b, '[');
	instance_key(x->j, id.task, id.instance, &b);
	buf_addc(&b, ']');
	return kept(a, &b);
}

static void lay_out(struct bound *out, struct arena *a, const struct buf *script, const struct parts *p, char *const *env)
{
	const char *const head[] = { out->col[BC_LIMIT], out->col[BC_INPUTS], out->col[BC_OUTPUTS], out->col[BC_WORDS] };
	uint32_t nenv = 0;

	while (env[nenv])
		nenv++;
	out->col = arena_zalloc(a, (size_t)BC_FIRST + p->n + nenv, sizeof(*out->col));
	memcpy(out->col, head, sizeof(head));
	for (uint32_t i = 0; i < p->n; i++) {
		size_t at = i ? p->end[i - 1] : 0;

		out->col[BC_FIRST + i] = arena_strndup(a, buf_str(script) + at, p->end[i] - at);
	}
	out->n = BC_FIRST + p->n;
	for (uint32_t i = 0; i < nenv; i++)
		out->col[out->n++] = env[i];
	out->npart = p->n;
	out->fixed = p->fixed;
}

bool export_bind(struct export *x, struct attempt_id id, struct arena *a, struct bound *out)
{
	const char *head[BC_FIRST] = { NULL };
	struct stage_state state = { .a = a, .in_place = task_in_place(&x->j->task[id.task]) };
	struct stage st = { .id = id, .arena = a, .state = &state, .pidfd = -1 };
	struct parts parts = { .a = a };
	struct buf script;
	struct jctx c;
	char **env = NULL;
	bool ok;

	memset(out, 0, sizeof(*out));
	out->col = head;
	buf_init(&script, TEXT_MAX);
	stager_context(x->s, id, a, &c);
	ok = files_and_env(x, &st, &c, out, &env);
	stager_context(x->s, id, a, &c); /* the paths of ports were asked for as they are */
	if (ok && command(x, &c, out, &script, &parts)) {
		out->col[BC_LIMIT] = arena_printf(a, "limit=%g", (double)stage_time_limit(x->s, id) / 1000);
		out->key = key_text(x, id, a);
		lay_out(out, a, &script, &parts, env);
	} else {
		ok = false;
	}
	buf_free(&script);
	return ok;
}
