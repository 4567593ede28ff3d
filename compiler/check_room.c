/* check_room.c - is the disk of a task large enough for what is known to lie on it (rule 2.14): its package, its inputs,
 * and its outputs as far as an earlier run has left them.  Files are looked at, at most ROOM_FILES of them. */
#include "base/deps.h"
#include "compiler/check.h"
#include "compiler/check_util.h"

#include <string.h>

enum { ROOM_FILES = 20000, ROOM_INSTANCES = 100, ROOM_PATH = 4096 };

struct room {
	struct session *s;
	struct arena *arena;
	uint32_t files;  /* that may still be looked at */
	int64_t sum;     /* of one instance */
	int64_t largest; /* file of it */
	const char *name;
	struct span span;
};

static void file_add(struct room *r, const char *path, struct span sp)
{
	const char *dir = r->s->job->dir;
	int64_t size;

	if (!r->files || !*path || strstr(path, "://"))
		return;
	r->files--;
	if (*path != '/' && dir && strcmp(dir, "."))
		path = arena_printf(r->arena, "%s/%s", dir, path);
	size = deps_size(sources_deps(r->s->sources), path);
	r->sum += size > 0 ? size : 0;
	if (size <= r->largest)
		return;
	r->largest = size;
	r->name = arena_strdup(r->arena, path);
	r->span = sp;
}

static void ports_add(struct room *r, struct jctx *c, const struct jport *p, uint32_t n)
{
	uint32_t i;

	for (i = 0; i < n && r->files; i++) {
		struct buf b;

		if (p[i].count != PORT_ONE || p[i].type != JT_FILE)
			continue;
		buf_init(&b, ROOM_PATH);
		if (jx_text(c, p[i].path, &b))
			file_add(r, buf_str(&b), p[i].path_span);
		buf_free(&b);
	}
}

/* What one instance needs. */
static void instance_add(struct room *r, uint32_t task, int64_t instance)
{
	const struct jtask *t = &r->s->job->task[task];
	const struct jval *pack = task_set(t, SET_PACKAGE);
	struct jctx c = { .job = r->s->job, .arena = r->arena, .task = task, .instance = instance, .attempt = 1 };
	uint32_t i;

	r->sum = r->largest = 0;
	for (i = 0; pack && i < pack->n; i++)
		file_add(r, name_str(r->s->names, pack->list[i]), pack->span);
	ports_add(r, &c, t->in, t->nin);
	ports_add(r, &c, t->out, t->nout);
}

static const char *gb(struct session *s, int64_t bytes)
{
	return arena_printf(s->diags->arena, "%.1f GB", (double)bytes / (1 << 30));
}

static void task_room(struct room *r, uint32_t task, const struct jval *disk)
{
	const struct jtask *t = &r->s->job->task[task];
	int64_t i, n = t->count < ROOM_INSTANCES ? t->count : ROOM_INSTANCES;

	for (i = 0; i < n && r->files; i++) {
		instance_add(r, task, i);
		if (r->sum <= disk->i)
			continue;
		diag_error(r->s->diags, W0567, disk->span, "disk of %s is too small for task `%s`: its files take %s", gb(r->s, disk->i),
			name_str(r->s->names, t->name), gb(r->s, r->sum));
		diag_at(r->s->diags, r->span, "%s of them", gb(r->s, r->largest));
		diag_note(r->s->diags, "the largest is `%s`; package, inputs and the outputs of the last run were counted", r->name);
		return;
	}
}

void check_disk_room(struct session *s)
{
	struct room r = { .s = s, .arena = arena_new(), .files = ROOM_FILES };
	struct arena_mark m = arena_mark(r.arena);
	struct seen seen = { 0 };
	uint32_t i;

	for (i = 0; i < s->job->ntask && r.files; i++) {
		const struct jtask *t = &s->job->task[i];
		const struct jval *disk = task_set(t, SET_DATA_SIZE);

		disk = disk && disk->i ? disk : task_set(t, SET_SYSTEM_SIZE);
		if (t->bad || t->skipped || !disk || !disk->i || !seen_add(&seen, i, disk->span))
			continue;
		task_room(&r, i, disk);
		arena_reset(r.arena, m);
	}
	seen_free(&seen);
	arena_free(r.arena);
}
