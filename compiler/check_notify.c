/* check_notify.c - notifications: events, and the topic they go to (rules 11.1 to 11.3). */
#include "compiler/check.h"
#include "compiler/check_util.h"
#include "job/topic.h"

#include <string.h>

static void event_suggest(struct session *s, const char *e)
{
	struct suggest sg = { .to = e };
	size_t i;

	for (i = 0; i < TOPIC_EVENTS; i++)
		suggest_try(&sg, topic_events[i]);
	if (!diag_suggest(s->diags, &sg))
		diag_help(s->diags, "events are OnJobX, OnTaskX, OnInstanceX with X one of Waiting Running Stopped Finished Failed, "
				    "and OnPriorityChange");
}

void check_events(struct session *s)
{
	const struct jval *v = job_set(s->job, SET_NOTIFY_EVENTS);
	uint32_t i;

	if (front_of(s->main) == FRONT_CFG) /* E0171 there */
		return;
	for (i = 0; v && i < v->n; i++) {
		const char *e = name_str(s->names, v->list[i]);

		if (topic_event(e) < TOPIC_EVENTS)
			continue;
		if (!strcmp(e, "OnClusterDeleted") || !strcmp(e, "OnInstanceCreated") || !strcmp(e, "OnInstanceActive"))
			diag_error(s->diags, E0585, v->span, "event `%s` is one of clusters, not of jobs", e);
		else
			diag_error(s->diags, E0585, v->span, "there is no event `%s`", e);
		event_suggest(s, e);
		return; /* one place, one message */
	}
}

/* Messages go elsewhere, or the engine is not the service, whose network the endpoint has to be in. */
static bool goes_elsewhere(struct session *s, const char *endpoint)
{
	const struct jval *v = job_set(s->job, SET_NOTIFY_TOPIC);
	enum engine_id e = engine_of(s);
	struct topic t;

	topic_find(s->diags->arena, s->site, v ? name_str(s->names, v->s) : "", endpoint, &t);
	return (e != ENGINES && e != ENGINE_BATCHCOMPUTE) || site_value(t.block, SK_TOPIC_url);
}

void check_endpoint(struct session *s)
{
	const struct jval *v = job_set(s->job, SET_NOTIFY_ENDPOINT);
	const char *p = v ? name_str(s->names, v->s) : "";
	bool internal = false;

	if (!*p || goes_elsewhere(s, p))
		return;
	if (!topic_is_mns(p, &internal))
		diag_error(s->diags, W0586, v->span, "endpoint `%s` is none of the message service", p);
	else if (!internal)
		diag_error(s->diags, W0586, v->span, "endpoint `%s` is a public one", p);
	else
		return;
	diag_note(s->diags, "messages are sent inside the region's private network");
	diag_help(s->diags, "write http://ACCOUNT.mns.REGION-internal.aliyuncs.com/");
	diag_help(s->diags, "where they go when other engines run it stands in the site file: topic NAME { url = ... }");
}

void check_topic(struct session *s)
{
	static const enum setting id[] = { SET_NOTIFY_TOPIC, SET_NOTIFY_ENDPOINT, SET_NOTIFY_EVENTS };
	static const char *const what[] = { N_("topic"), N_("endpoint"), N_("events") };
	const struct jval *v[3], *first = NULL;
	size_t i;

	for (i = 0; i < 3; i++) {
		v[i] = job_set(s->job, id[i]);
		if (v[i] && (i == 2 ? !v[i]->n : !name_len(s->names, v[i]->s)))
			v[i] = NULL;
		if (!first)
			first = v[i];
	}
	for (i = 0; first && i < 3; i++)
		if (!v[i]) {
			diag_error(s->diags, W0587, first->span, "notification has no %s: nothing is sent", tr(what[i]));
			diag_help(s->diags, "a notification needs a topic, an endpoint and events");
			return;
		}
}
