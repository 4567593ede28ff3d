/* stage_ports.c - a task's declared files: inputs linked in, outputs looked for and collected. */
#include "runtime/stage_impl.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "runtime/environ.h"
#include "runtime/stage_fs.h"

enum { EXPORT_MAX = 100 * 1024, NAMES_SHOWN = 5 };

/* ---- walking over the paths of a port ---- */

typedef bool path_fn(void *ctx, const char *path);

static bool each_value(struct arena *a, const struct jvalue *v, path_fn *fn, void *ctx)
{
	if (v->type == JT_LIST) {
		for (uint32_t i = 0; i < v->list.n; i++) /* lists of paths are flat */
			if (v->list.v[i].type != JT_LIST && !fn(ctx, arena_strndup(a, v->list.v[i].s.p, v->list.v[i].s.n)))
				return false;
		return true;
	}
	return fn(ctx, arena_strndup(a, v->s.p, v->s.n));
}

/* ---- inputs ---- */

struct linking {
	struct stager *s;
	struct stage *st;
	struct stage_error *err;
	const struct port_fns *fn; /* what is done with each path */
	void *ctx;
	struct buf *seen;     /* what the port's variable holds */
	const char *port;
	int workdir;
};

static bool one_input(void *ctx, const char *path)
{
	struct linking *l = ctx;
	struct arena *a = l->st->arena;
	const char *why = NULL, *final = stage_final(l->s, a, path, &why);
	const char *seen = stage_seen(l->s, a, l->st->id.task, path);

	if (!final)
		return stage_fail(l->s, l->err, R_INPUT, "input `%s`: %s", path, why);
	if (l->seen->len)
		buf_addc(l->seen, ' ');
	buf_adds(l->seen, seen);
	return l->fn->input(l->ctx, path, seen, final);
}

/* It has to be there, and is linked later, all of them in order. */
static bool take_input(void *ctx, const char *path, const char *seen, const char *final)
{
	struct linking *l = ctx;
	const char *root, *rel;
	struct stat sb;

	if (mounts_resolve(l->st, final, &root, &rel)) /* on a mount: seen only inside */
		final = fs_join(l->st->arena, root, rel);
	if (stat(final, &sb) < 0) {
		l->err->absent = errno == ENOENT;
		return stage_fail(l->s, l->err, R_INPUT, errno == ENOENT ? "input `%s` does not exist" : "input `%s` cannot be read: %s",
			path, strerror(errno));
	}
	if (l->st->state->box)
		container_bind(l->s, l->st, final);
	else
		strict_input(l->st, final);
	if (l->st->state->in_place || *seen == '/')
		return true;
	link_add(l->st->state, seen, final);
	return true;
}

static bool make_link(struct linking *l, const char *rel, const char *to)
{
	const char *base;
	int dir;
	bool ok;

	if (*rel == 0) /* the workspace as an input */
		return stage_fail(l->s, l->err, R_INPUT, "the whole workspace cannot be an input");
	dir = fs_parent(l->workdir, rel, true, &base);
	ok = dir >= 0 && fs_remove(dir, base) && symlinkat(to, dir, base) == 0;
	if (!ok)
		stage_fail(l->s, l->err, R_SPAWN, "cannot link input `%s`: %s", rel, strerror(errno));
	if (dir >= 0)
		close(dir);
	return ok;
}

static bool make_links(struct linking *l)
{
	struct stage_state *x = l->st->state;

	links_sort(x);
	for (uint32_t i = 0; i < x->nlink; i++) {
		char *rel = arena_strdup(x->a, x->link[i].rel);

		if (!link_covered(x, rel) && !make_link(l, rel, x->link[i].to))
			return false;
	}
	return true;
}

struct ref_link {
	struct linking *l;
	struct jctx *c;
};

/* A file of another task that the command or the environment names without a port. */
static bool link_ref(void *ctx, jxid ref)
{
	struct ref_link *r = ctx;
	struct jvalue v;

	if (!jx_eval(r->c, ref, &v))
		return stage_fail(r->l->s, r->l->err, R_INPUT, "%s", r->c->error);
	return each_value(r->l->st->arena, &v, one_input, r->l);
}

static bool prepare_inputs(struct linking *l, struct jctx *c, const struct jtask *t, struct env_list *env)
{
	const struct names *ns = l->s->j->names;
	struct ref_link refs = { l, c };
	struct jvalue v;

	for (uint32_t i = 0; i < t->nin; i++) {
		buf_reset(l->seen);
		l->port = name_str(ns, t->in[i].name);
		if (!jx_eval(c, t->in[i].path, &v))
			return stage_fail(l->s, l->err, R_INPUT, "input port `%s`: %s", l->port, c->error);
		if (!each_value(l->st->arena, &v, one_input, l))
			return false;
		if (l->seen->len <= EXPORT_MAX)
			env_add(env, l->port, buf_str(l->seen));
	}
	if (!jx_refs(l->s->j, t->command, link_ref, &refs))
		return false;
	for (uint32_t i = 0; i < t->nenv; i++)
		if (!jx_refs(l->s->j, t->env[i].value, link_ref, &refs))
			return false;
	return true;
}

/* ---- room for outputs ---- */

int64_t port_elements(const struct jport *p)
{
	return p->count == PORT_FIXED ? p->n : 1;
}

char *port_path(struct jctx *c, jxid x)
{
	struct buf b;
	char *p = NULL;

	buf_init(&b, 1 << 16);
	if (jx_text(c, x, &b))
		p = arena_strndup(c->arena, buf_str(&b), b.len);
	else if (!c->error)
		c->error = "the path is too long";
	buf_free(&b);
	return p;
}

static bool room(void *ctx, uint32_t port, const char *path, const char *seen)
{
	struct linking *l = ctx;
	const char *base;
	int dir;

	(void)port, (void)path;
	if (l->st->state->box && *seen == '/') {
		const char *root, *rel;

		stage_resolve(l->st, seen, &root, &rel); /* what is mounted there is there */
		if (root != l->st->state->upper || fs_mkparents(fs_join(l->st->arena, root, rel)))
			return true;
	} else if (l->st->state->in_place || *seen == '/') {
		if (fs_mkparents(*seen == '/' ? seen : fs_join(l->st->arena, l->st->workdir, seen)) || *seen == '/')
			return strict_output(l->s, l->st, seen, l->err);
	} else {
		dir = fs_parent(l->workdir, seen, true, &base);
		if (dir >= 0) {
			close(dir);
			return true;
		}
		if (errno == ELOOP || errno == ENOTDIR)
			return stage_fail(l->s, l->err, R_SPAWN, "output `%s` lies in a directory that is an input", seen);
	}
	return stage_fail(l->s, l->err, R_SPAWN, "cannot make the directory of output `%s`: %s", seen, strerror(errno));
}

static bool prepare_outputs(struct linking *l, struct jctx *c, const struct jtask *t, struct env_list *env)
{
	for (uint32_t i = 0; i < t->nout; i++) {
		const struct jport *p = &t->out[i];

		buf_reset(l->seen);
		for (int64_t k = 0; k < port_elements(p); k++) {
			const char *path, *seen;

			c->index = k;
			path = port_path(c, p->path);
			if (!path)
				return stage_fail(l->s, l->err, R_SPAWN, "output port `%s`: %s", name_str(l->s->j->names, p->name), c->error);
			seen = stage_seen(l->s, l->st->arena, l->st->id.task, path);
			if (!l->fn->output(l->ctx, i, path, seen))
				return false;
			if (l->seen->len <= EXPORT_MAX)
				buf_addf(l->seen, "%s%s", k ? " " : "", seen);
		}
		if (l->seen->len <= EXPORT_MAX)
			env_add(env, name_str(l->s->j->names, p->name), buf_str(l->seen));
	}
	c->index = 0;
	return true;
}

static bool walk_ports(struct linking *l, struct env_list *env, bool (*between)(struct linking *l))
{
	const struct jtask *t = &l->s->j->task[l->st->id.task];
	struct buf seen;
	struct jctx c;
	bool ok;

	stage_context(l->s, l->st->id, l->st->arena, &c);
	buf_init(&seen, 64 << 20);
	l->seen = &seen;
	ok = prepare_inputs(l, &c, t, env) && (!between || between(l)) && prepare_outputs(l, &c, t, env);
	buf_free(&seen);
	return ok;
}

bool ports_walk(struct stager *s, struct stage *st, struct env_list *env, const struct port_fns *fn, void *ctx,
	struct stage_error *err)
{
	struct linking l = { .s = s, .st = st, .err = err, .fn = fn, .ctx = ctx, .workdir = -1 };

	return walk_ports(&l, env, NULL);
}

bool ports_prepare(struct stager *s, struct stage *st, struct env_list *env, struct stage_error *err)
{
	static const struct port_fns fns = { take_input, room };
	struct linking l = { .s = s, .st = st, .err = err, .fn = &fns, .ctx = &l };
	bool ok;

	l.workdir = open(st->workdir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (l.workdir < 0)
		return stage_fail(s, err, R_SPAWN, "cannot open `%s`: %s", st->workdir, strerror(errno));
	ok = walk_ports(&l, env, st->state->in_place ? NULL : make_links);
	close(l.workdir);
	return ok;
}

/* ---- collecting ---- */

struct collect {
	struct stager *s;
	struct stage *st;
	struct publish *p;
	int workdir;
	struct buf missing;
	uint32_t nmissing;
	const char *error;
};

static void missing(struct collect *c, const char *path, const char *what)
{
	if (c->nmissing++ < NAMES_SHOWN)
		buf_addf(&c->missing, "%s`%s`%s", c->nmissing > 1 ? ", " : "", path, what);
}

/* An output that is a link: its target is published, never the link into a directory that goes away. */
static bool resolve_link(struct collect *c, const char *seen, const char **root, const char **rel)
{
	struct arena *a = c->st->arena;
	char *real = realpath(fs_join(a, c->st->workdir, seen), NULL);

	if (!real)
		return false;
	*root = "/";
	*rel = arena_strdup(a, real + 1);
	free(real);
	return true;
}

static void collect_path(struct collect *c, uint32_t port, const char *path)
{
	const struct jport *p = &c->s->j->task[c->st->id.task].out[port];
	struct arena *a = c->st->arena;
	const char *seen = stage_seen(c->s, a, c->st->id.task, path), *why = NULL, *final = stage_final(c->s, a, path, &why);
	const char *root = c->st->workdir, *rel = seen;
	struct stat sb;
	bool link = false, dir;

	if (!final) {
		c->error = why;
		return;
	}
	stage_made(c->st, path, port, p->temp);
	if (*seen == '/') {
		stage_resolve(c->st, seen, &root, &rel);
		if (stat(fs_join(a, root, rel), &sb) < 0)
			missing(c, path, "");
		else if (c->st->state->box && root == c->st->state->upper)
			publish_add(c->p, root, rel, final, false);
		return; /* else written where it belongs, or published with its mount */
	}
	if (!fs_lstat(c->workdir, seen, &sb)) {
		missing(c, path, "");
		return;
	}
	if (S_ISLNK(sb.st_mode)) {
		link = true;
		if (!resolve_link(c, seen, &root, &rel) || stat(fs_join(a, root, rel), &sb) < 0) {
			missing(c, path, " (a link to nowhere)");
			return;
		}
	}
	dir = S_ISDIR(sb.st_mode);
	if (dir != (p->type == JT_DIR))
		missing(c, path, dir ? " (a directory, not a file)" : " (not a directory)");
	else if (!dir && !S_ISREG(sb.st_mode))
		missing(c, path, " (not a file)");
	else if (!c->st->state->in_place)
		publish_add(c->p, root, rel, final, link);
}

static bool not_output(void *ctx, const struct stage *st, const char *rel)
{
	struct collect *c = ctx;

	return is_link(st->state, rel) || packages_has(c->s, st->id.task, c->workdir, rel);
}

const char *port_match(struct arena *a, const char *pattern, const char *seen)
{
	return store_is_url(pattern) ? arena_printf(a, "oss://%s", seen + 4) : seen;
}

static void collect_glob(struct collect *c, uint32_t port, const char *pattern)
{
	const struct jport *p = &c->s->j->task[c->st->id.task].out[port];
	struct arena *a = c->st->arena;
	const char *seen = stage_seen(c->s, a, c->st->id.task, pattern), **v = NULL, **named;
	uint32_t n = 0;

	if (*seen == '/') {
		c->error = arena_printf(a, "glob `%s` is not a relative path", pattern);
		return;
	}
	if (!glob_match(c->workdir, seen, p->type == JT_DIR, not_output, c, c->st, a, &v, &n)) {
		c->error = arena_printf(a, "cannot look for `%s`: %s", pattern, strerror(errno));
		free(v);
		return;
	}
	named = arena_zalloc(a, n + 1, sizeof(*named));
	for (uint32_t i = 0; i < n; i++) {
		named[i] = port_match(a, pattern, v[i]);
		collect_path(c, port, named[i]);
	}
	globs_set(c->s->globs, c->st->id, port, p->type, named, n);
	free(v);
}

static void collect_port(struct collect *c, struct jctx *jc, uint32_t port)
{
	const struct jport *p = &c->s->j->task[c->st->id.task].out[port];

	for (int64_t k = 0; k < port_elements(p) && !c->error; k++) {
		const char *path;

		jc->index = k;
		path = port_path(jc, p->path);
		if (!path)
			c->error = jc->error;
		else if (p->count == PORT_GLOB)
			collect_glob(c, port, path);
		else
			collect_path(c, port, path);
	}
}

static enum run_cause collected(struct collect *c, char **text)
{
	if (c->error) {
		*text = arena_strdup(c->st->arena, c->error);
		return R_COLLECT;
	}
	if (!c->nmissing)
		return R_DONE;
	if (c->nmissing > NAMES_SHOWN)
		buf_addf(&c->missing, " and %u more", c->nmissing - NAMES_SHOWN);
	*text = arena_strdup(c->st->arena, buf_str(&c->missing));
	return R_MISSING;
}

enum run_cause ports_collect(struct stager *s, struct stage *st, struct publish *p, char **text)
{
	const struct jtask *t = &s->j->task[st->id.task];
	struct collect c = { .s = s, .st = st, .p = p };
	enum run_cause rc;
	struct jctx jc;

	stage_context(s, st->id, st->arena, &jc);
	buf_init(&c.missing, 1 << 20);
	c.workdir = t->nout ? open(st->workdir, O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;
	if (t->nout && c.workdir < 0)
		c.error = "the work directory is gone";
	for (uint32_t i = 0; i < t->nout && !c.error; i++)
		collect_port(&c, &jc, i);
	rc = collected(&c, text);
	buf_free(&c.missing);
	if (c.workdir >= 0)
		close(c.workdir);
	return rc;
}
