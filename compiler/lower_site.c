/* lower_site.c - what a site file says for tasks of the service that say nothing: machine type and image. */
#include "compiler/check_util.h"
#include "compiler/lower.h"

#include <string.h>

/* The task's settings with this one, in order; the array may be shared with other tasks. */
static void set_put(struct job *j, struct jtask *t, struct jval v)
{
	struct jval *set = arena_alloc(j->arena, ((size_t)t->nset + 1) * sizeof *set);
	uint32_t i = 0, rest;

	for (; i < t->nset && t->set[i].id < v.id; i++)
		set[i] = t->set[i];
	rest = i < t->nset && t->set[i].id == v.id ? i + 1 : i; /* an empty one */
	set[i++] = v;
	if (rest < t->nset)
		memcpy(set + i, t->set + rest, (t->nset - rest) * sizeof *set);
	t->nset = i + t->nset - rest;
	t->set = set;
}

static void default_add(struct session *s, struct jtask *t, enum setting id, enum site_key key)
{
	const struct site_value *v = site_value(site_find(s->site, SITE_SITE, ""), key);
	struct jval set = { .id = (uint16_t)id };

	if (!v || set_text(s, t, id) || (id == SET_IMAGE && set_text(s, t, SET_ECS_IMAGE)))
		return;
	set.span = v->span;
	set.name_span = v->name_span;
	set.s = name_ofs(s->names, v->s);
	set_put(s->job, t, set);
}

void site_defaults(struct session *s)
{
	uint32_t i;

	if (!site_find(s->site, SITE_SITE, "") || !for_service(s))
		return;
	for (i = 0; i < s->job->ntask; i++) {
		struct jtask *t = &s->job->task[i];

		if (t->skipped || set_text(s, t, SET_CLUSTER_ID) || set_text(s, t, SET_ATTACH))
			continue;
		default_add(s, t, SET_IMAGE, SK_SITE_image);
		default_add(s, t, SET_MACHINE, SK_SITE_machine);
	}
}
