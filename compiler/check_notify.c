/* check_notify.c - notifications: events, and the topic they go to (rules 11.1 to 11.3). */
#include "compiler/check.h"
#include "compiler/check_util.h"

#include <string.h>

static const char *const states[] = { "Waiting", "Running", "Stopped", "Finished", "Failed" };
static const char *const of[] = { "OnJob", "OnTask", "OnInstance" };

static bool job_event(const char *e)
{
	size_t i, k;

	for (i = 0; i < 3; i++)
		for (k = 0; k < 5 && !strncmp(e, of[i], strlen(of[i])); k++)
			if (!strcmp(e + strlen(of[i]), states[k]))
				return true;
	return !strcmp(e, "OnPriorityChange");
}

static void event_suggest(struct session *s, const char *e)
{
	struct suggest sg = { .to = e };
	size_t i, k;

	for (i = 0; i < 3; i++)
		for (k = 0; k < 5; k++)
			suggest_try(&sg, arena_printf(s->diags->arena, "%s%s", of[i], states[k]));
	suggest_try(&sg, "OnPriorityChange");
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

		if (job_event(e))
			continue;
		if (!strcmp(e, "OnClusterDeleted") || !strcmp(e, "OnInstanceCreated") || !strcmp(e, "OnInstanceActive"))
			diag_error(s->diags, E0585, v->span, "event `%s` is one of clusters, not of jobs", e);
		else
			diag_error(s->diags, E0585, v->span, "there is no event `%s`", e);
		event_suggest(s, e);
		return; /* one place, one message */
	}
}

static size_t label_len(const char *p)
{
	return strspn(p, "abcdefghijklmnopqrstuvwxyz0123456789-");
}

/* http://ACCOUNT.mns.REGION[-internal].aliyuncs.com/ */
static bool endpoint_form(const char *p, bool *internal)
{
	size_t n;

	if (strncmp(p, "http://", 7) && strncmp(p, "https://", 8))
		return false;
	p = strstr(p, "//") + 2;
	n = strspn(p, "0123456789");
	if (n == 0 || strncmp(p + n, ".mns.", 5))
		return false;
	p += n + 5;
	n = label_len(p);
	*internal = n > 9 && !strncmp(p + n - 9, "-internal", 9);
	return n && !strncmp(p + n, ".aliyuncs.com", 13) && (!p[n + 13] || !strcmp(p + n + 13, "/"));
}

void check_endpoint(struct session *s)
{
	const struct jval *v = job_set(s->job, SET_NOTIFY_ENDPOINT);
	const char *p = v ? name_str(s->names, v->s) : "";
	bool internal = false;

	if (!*p)
		return;
	if (!endpoint_form(p, &internal))
		diag_error(s->diags, W0586, v->span, "endpoint `%s` is none of the message service", p);
	else if (!internal)
		diag_error(s->diags, W0586, v->span, "endpoint `%s` is a public one", p);
	else
		return;
	diag_note(s->diags, "messages are sent inside the region's private network");
	diag_help(s->diags, "write http://ACCOUNT.mns.REGION-internal.aliyuncs.com/");
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
