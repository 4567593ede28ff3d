/* stage_told.c - what another machine says an attempt has made, held against what the job lets it make. */
#include "runtime/stage_impl.h"

#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/stage_fs.h"

struct told {
	struct stager *s;
	struct attempt_id id;
	struct arena *a;
	struct made_file *v;
	uint32_t n, at;     /* [at, n) are still to be accounted for */
	char **why;
};

static bool no(struct told *t, const char *fmt, const char *path)
{
	*t->why = arena_printf(t->a, fmt, path);
	return false;
}

static bool next_is(const struct told *t, uint32_t port)
{
	return t->at < t->n && t->v[t->at].port == port;
}

static bool told_one(struct told *t, uint32_t port, const char *path)
{
	if (!next_is(t, port) || strcmp(t->v[t->at].path, path))
		return no(t, "the record of what it made lacks `%s`", path);
	t->at++;
	return true;
}

/* As many as match; in order, each once. */
static bool told_glob(struct told *t, uint32_t port, const char *pattern)
{
	const struct jport *p = &t->s->j->task[t->id.task].out[port];
	const char *want = stage_seen(t->s, t->a, t->id.task, pattern), *before = NULL;
	const char **path = arena_zalloc(t->a, t->n - t->at + 1, sizeof(*path));
	uint32_t n = 0;

	for (; next_is(t, port); before = path[n++], t->at++) {
		const char *seen = stage_seen(t->s, t->a, t->id.task, t->v[t->at].path);

		path[n] = t->v[t->at].path;
		if (fnmatch(want, seen, FNM_PATHNAME | FNM_PERIOD) || strcmp(port_match(t->a, pattern, seen), path[n]) ||
		    (before && strcmp(before, path[n]) >= 0))
			return no(t, "the record of what it made names `%s`, which is none of its outputs", path[n]);
	}
	globs_set(t->s->globs, t->id, port, p->type, path, n);
	return true;
}

static bool told_port(struct told *t, struct jctx *c, uint32_t port)
{
	const struct jport *p = &t->s->j->task[t->id.task].out[port];
	uint32_t from = t->at;

	for (int64_t k = 0; k < port_elements(p); k++) {
		const char *path;

		c->index = k;
		path = port_path(c, p->path);
		if (!path)
			return no(t, "%s", c->error);
		if (!(p->count == PORT_GLOB ? told_glob : told_one)(t, port, path))
			return false;
	}
	for (uint32_t i = from; i < t->at; i++)
		t->v[i].temp = p->temp;
	return true;
}

static bool told_mount(struct told *t, struct made_file *f)
{
	if (f->port == UINT32_MAX && mounts_publish(t->s, t->a, t->id.task, f->path)) {
		f->temp = false;
		return true;
	}
	return no(t, "the record of what it made names `%s`, which is none of its outputs", f->path);
}

bool stager_told(struct stager *s, struct attempt_id id, struct arena *a, struct made_files *m, char **why)
{
	const struct jtask *task = &s->j->task[id.task];
	struct told t = { s, id, a, m->v, m->n, 0, why };
	struct jctx c;

	stage_context(s, id, a, &c);
	for (uint32_t i = 0; i < task->nout; i++)
		if (!told_port(&t, &c, i))
			return false;
	for (; t.at < t.n; t.at++)
		if (!told_mount(&t, &t.v[t.at]))
			return false;
	return true;
}
