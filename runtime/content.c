/* content.c - see content.h. */
#include "runtime/content.h"

#include <stdlib.h>
#include <string.h>

#include "runtime/stage_fs.h"

struct content {
	const struct job *j;
	struct disk *f;
	const struct history *h;
	struct arena *arena;
	uint8_t *before;    /* [ntask] comes before `of` */
	uint32_t of;        /* UINT32_MAX: not worked out */
	uint32_t *work;
	struct buf *b;      /* of content_list in progress */
};

struct content *content_new(const struct job *j, struct disk *f, const struct history *h)
{
	struct content *c = xcalloc(1, sizeof(*c));

	c->j = j;
	c->f = f;
	c->h = h;
	c->of = UINT32_MAX;
	c->arena = arena_new();
	return c;
}

void content_free(struct content *c)
{
	if (!c)
		return;
	free(c->before);
	free(c->work);
	arena_free(c->arena);
	free(c);
}

/* Mark all that comes before a task. */
static void ancestors(struct content *c, uint32_t task)
{
	const struct job *j = c->j;
	uint32_t n = 0;

	if (c->of == task)
		return;
	if (!c->before) {
		c->before = xmalloc(j->ntask);
		c->work = xcalloc(j->ntask, sizeof(*c->work));
	}
	memset(c->before, 0, j->ntask);
	c->of = task;
	c->work[n++] = task;
	while (n) {
		uint32_t t = c->work[--n];

		for (uint32_t e = job_edges_into(j, t); e < j->nedge && j->edge[e].to == t; e++) {
			uint32_t from = j->edge[e].from;

			if (!c->before[from] && from != task) {
				c->before[from] = 1;
				c->work[n++] = from;
			}
		}
	}
}

static bool is_read(const struct jmap *m)
{
	return m->kind == MAP_MOUNT || m->kind == MAP_INPUT;
}

/* Was this file put there by a task of this workflow that is none of those before us? */
static bool foreign(struct content *c, const char *object)
{
	struct rec_who who;
	name nm;
	uint32_t t;

	if (!c->h || !history_maker(c->h, object, &who))
		return false;
	nm = name_find(c->j->names, who.task, strlen(who.task));
	t = nm ? job_task(c->j, nm) : UINT32_MAX;
	return t != UINT32_MAX && !c->before[t];
}

static bool list_one(void *ctx, const char *object, struct digest d)
{
	struct content *c = ctx;
	char hex[DIGEST_TEXT];

	if (foreign(c, object))
		return true;
	digest_hex(d, hex);
	return buf_addf(c->b, "%s %s\n", hex, object);
}

void content_list(struct content *c, uint32_t task, struct buf *b)
{
	const struct jtask *t = &c->j->task[task];

	c->b = b;
	for (uint32_t i = 0; i < t->nmap; i++) {
		const char *from = name_str(c->j->names, t->map[i].from), *nm;
		const struct fstate *s;

		if (!is_read(&t->map[i]))
			continue;
		ancestors(c, task);
		nm = disk_name(c->f, c->arena, from);
		s = disk_look(c->f, nm, false);
		if (s->kind == FK_DIR)
			disk_each(c->f, nm, true, list_one, c);
		else if ((s = disk_digest(c->f, nm, NULL, false)))
			list_one(c, nm, s->digest);
	}
}

/* Storage that a task writes through mounts and mappings, as given. */
static const char *written(const struct job *j, const struct jmap *m)
{
	if (m->kind == MAP_OUTPUT)
		return name_str(j->names, m->to);
	return m->kind == MAP_MOUNT && m->write ? name_str(j->names, m->from) : NULL;
}

static bool overlap(const char *a, const char *b)
{
	return *a && *b && (fs_below(a, b) || fs_below(b, a));
}

bool content_reads(struct content *c, uint32_t task, uint32_t from)
{
	const struct jtask *t = &c->j->task[task], *w = &c->j->task[from];
	struct arena_mark mark = arena_mark(c->arena);
	bool yes = false;

	for (uint32_t i = 0; i < t->nmap && !yes; i++)
		for (uint32_t k = 0; is_read(&t->map[i]) && k < w->nmap && !yes; k++) {
			const char *to = written(c->j, &w->map[k]);

			yes = to && overlap(disk_name(c->f, c->arena, name_str(c->j->names, t->map[i].from)),
				disk_name(c->f, c->arena, to));
		}
	arena_reset(c->arena, mark);
	if (yes)
		ancestors(c, task);
	return yes && c->before[from];
}
