/* check_cluster.c - where a task runs: on a cluster that exists, or on machines made for it (rules 1.10, 1.11). */
#include "compiler/check.h"
#include "compiler/check_util.h"

#include <string.h>

enum { CLUSTER_ID = 64 };

static void id_form(struct session *s, const struct jtask *t, const struct jval *v)
{
	const char *id = name_str(s->names, v->s);
	const char *fault = name_fault(id, strlen(id));

	(void)t;
	if (!fault && strlen(id) > CLUSTER_ID)
		fault = N_("it is longer than 64 characters");
	if (fault && *id)
		diag_error(s->diags, E0245, v->span, "cluster id `%.100s` is not allowed: %s", id, tr(fault));
}

void check_cluster_id(struct session *s)
{
	each_setting(s, SET_CLUSTER_ID, id_form);
	each_setting(s, SET_ATTACH, id_form);
}

static const enum setting machines[] = { SET_IMAGE, SET_ECS_IMAGE, SET_MACHINE };

static void id_alone(struct session *s, const struct jtask *t, const struct jval *v)
{
	size_t i;

	for (i = 0; i < sizeof machines / sizeof *machines && name_len(s->names, v->s); i++) {
		if (!set_text(s, t, machines[i]))
			continue;
		diag_error(s->diags, E0246, task_set(t, machines[i])->span, "task `%s` has a cluster and machines of its own",
			name_str(s->names, t->name));
		diag_at(s->diags, v->span, "the cluster");
		diag_help(s->diags, "leave out one of the two");
		return;
	}
}

void check_cluster_or_machines(struct session *s)
{
	each_setting(s, SET_CLUSTER_ID, id_alone);
}

static bool placed(const struct session *s, const struct jtask *t)
{
	size_t i;

	for (i = 0; i < sizeof machines / sizeof *machines; i++)
		if (set_text(s, t, machines[i]))
			return true;
	return set_text(s, t, SET_CLUSTER_ID) || set_text(s, t, SET_ATTACH);
}

/* Is the job for the service, and its own words the only ones?  In job.cfg the settings saved by its tool fill gaps; a
 * job in which no task has a place is for another engine; and after an error what is missing may be what was not read. */
static bool places_count(const struct session *s)
{
	const struct site_block *site = site_find(s->site, SITE_SITE, "");
	uint32_t i;

	if (front_of(s->main) == FRONT_CFG || s->diags->errors || site_value(site, SK_SITE_machine) || site_value(site, SK_SITE_image))
		return false;
	for (i = 0; i < s->job->ntask; i++)
		if (placed(s, &s->job->task[i]))
			return for_service(s);
	return engine_of(s) == ENGINE_BATCHCOMPUTE;
}

void check_cluster_missing(struct session *s)
{
	bool count = places_count(s);
	uint32_t i;

	for (i = 0; i < s->job->ntask && count; i++) {
		const struct jtask *t = &s->job->task[i];

		if (t->bad || t->skipped || placed(s, t))
			continue;
		diag_error(s->diags, W0246, t->name_span, "task `%s` has neither a cluster nor machines", name_str(s->names, t->name));
		diag_note(s->diags, "the service needs one of the two; other engines need none");
		diag_help(s->diags, "give it an image and a machine, or the id of a cluster");
	}
}
