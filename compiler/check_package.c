/* check_package.c - packages that are not there: a run could not start. */
#include "base/deps.h"
#include "compiler/check.h"
#include "compiler/check_util.h"

#include <string.h>

enum { MOST_LOOKS = 256 };

struct packages {
	struct session *s;
	struct arena *arena;
	struct seen seen;
	uint32_t looks;
};

static bool there(struct packages *k, const char *path)
{
	struct arena_mark m = arena_mark(k->arena);
	const char *at = *path == '/' ? path : arena_printf(k->arena, "%s/%s", k->s->job->dir, path);
	bool is = deps_look(sources_deps(k->s->sources), at) != 0;

	arena_reset(k->arena, m);
	return is;
}

static void package(struct packages *k, const struct jtask *t, const struct jval *v)
{
	for (uint32_t i = 0; i < v->n && k->looks < MOST_LOOKS; i++) {
		const char *path = name_str(k->s->names, v->list[i]);

		if (!*path || strstr(path, "://") || (k->looks++, there(k, path)))
			continue;
		diag_error(k->s->diags, W0929, v->span, "package `%s` of task `%s` does not exist", path, name_str(k->s->names, t->name));
		return;
	}
}

void check_packages(struct session *s)
{
	struct packages k = { .s = s, .arena = arena_new() };

	for (uint32_t i = 0; i < s->job->ntask; i++) {
		const struct jtask *t = &s->job->task[i];
		const struct jval *v = t->bad || t->skipped ? NULL : task_set(t, SET_PACKAGE);

		if (v && seen_add(&k.seen, W0929, v->span))
			package(&k, t, v);
	}
	seen_free(&k.seen);
	arena_free(k.arena);
}
