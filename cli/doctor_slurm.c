/* doctor_slurm.c - probes of the Slurm that a run would use: reached, understood, let in, and what it offers. */
#include "cli/doctor.h"
#include "cli/load.h"
#include "runtime/remote.h"
#include "runtime/slurm_conf.h"
#include "runtime/slurm_token.h"

#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { ANSWER_MS = 20000, SHOWN = 8, SOON_S = 3600, SKEW_S = 30 };

/* Without an endpoint there is nothing to say. */
static const struct finding silent = { HEALTH_OK, NULL, NULL, NULL };

/* ---- opening ---- */

static void first_problem(struct doctor *d, const struct diags *diags)
{
	if (!diags->n) {
		d->slurm.why = "it cannot be used";
		return;
	}
	d->slurm.why = arena_strdup(d->a, diags->v[0].msg);
	if (diags->v[0].helps)
		d->slurm.help = arena_strdup(d->a, diags->v[0].helps->text);
}

void doctor_slurm_open(struct doctor *d, const struct run_options *o)
{
	struct sources *ss = sources_new();
	struct diags *diags = diags_new(ss);

	d->slurm.site = o->site;
	d->slurm.given = slurm_conf_of(o, &d->slurm.conf);
	if (d->slurm.given)
		d->slurm.api = slurm_open(&d->slurm.conf, diags);
	if (d->slurm.given && !d->slurm.api)
		first_problem(d, diags);
	diags_free(diags);
	sources_free(ss);
}

void doctor_slurm_close(struct doctor *d)
{
	slurm_close(d->slurm.api);
	d->slurm.api = NULL;
}

/* ---- questions ---- */

struct reply {
	json_t *json;
	const char *why;
	struct doctor *d;
};

static void on_answer(void *ctx, const struct slurm_answer *a)
{
	struct reply *r = ctx;

	if (a->end == SE_OK)
		r->json = json_loads(a->text, 0, NULL);
	if (!r->json)
		r->why = *a->text && a->end != SE_OK ? arena_strdup(r->d->a, a->text) : "it gives no answer";
}

static struct reply ask(struct doctor *d, const char *what)
{
	struct reply r = { .d = d, .why = "it gives no answer" };

	slurm_get(d->slurm.api, what, on_answer, &r);
	http_finish(slurm_http(d->slurm.api), ANSWER_MS);
	return r;
}

/* A number, also in the newer form {"set", "number"}. */
static int64_t number(const json_t *v, int64_t otherwise)
{
	if (json_is_object(v))
		return json_is_true(json_object_get(v, "set")) && !json_is_true(json_object_get(v, "infinite")) ?
			number(json_object_get(v, "number"), otherwise) : otherwise;
	return json_is_integer(v) ? json_integer_value(v) : otherwise;
}

static const char *text(const json_t *v)
{
	if (json_is_array(v))
		v = json_array_get(v, 0);
	return json_is_string(v) ? json_string_value(v) : "";
}

/* ---- probes ---- */

struct finding probe_slurm_endpoint(struct doctor *d)
{
	if (!d->slurm.given)
		return silent;
	if (d->slurm.api)
		return finding_ok(arena_printf(d->a, "%s answers", d->slurm.conf.endpoint));
	return finding_of(HEALTH_MISSING, d->slurm.why, "runs with --engine slurm cannot begin",
		d->slurm.help ? d->slurm.help : "is slurmrestd there, and may this machine reach it?");
}

struct finding probe_slurm_api(struct doctor *d)
{
	if (!d->slurm.api)
		return silent;
	return finding_ok(arena_printf(d->a, "%s of %s", slurm_version(d->slurm.api), slurm_versions(d->slurm.api)));
}

static const char *span_text(struct doctor *d, int64_t s)
{
	if (s < 120)
		return arena_printf(d->a, "%lld s", (long long)s);
	return s < 7200 ? arena_printf(d->a, "%lld min", (long long)s / 60) : s < 172800 ? arena_printf(d->a, "%lld h", (long long)s / 3600) :
		arena_printf(d->a, "%lld days", (long long)s / 86400);
}

/* A token that is renewed by nobody, and will not do for long. */
static struct finding ends_soon(struct doctor *d, const char *what)
{
	const char *how = d->slurm.conf.token_file ? "write the file anew in time" : "a file that is written anew in time: --slurm-token FILE";

	return finding_of(HEALTH_WARN, what, "a run that takes longer waits for another one then, and gives up in the end (E1085)",
		arena_printf(d->a, "%s; or token_command of engine slurm { } in the site file", how));
}

struct finding probe_slurm_token(struct doctor *d)
{
	const struct slurm_renew *t = d->slurm.api ? slurm_token(d->slurm.api) : NULL;
	const char *token = t ? slurm_renew_text(t) : NULL, *user = "", *what;
	int64_t now = (int64_t)time(NULL), until = 0;
	bool renewed = d->slurm.conf.ncommand;

	if (!t)
		return silent;
	if (!token)
		return finding_ok("none: Slurm goes by who asks");
	what = arena_printf(d->a, "of %s", slurm_renew_from(t));
	if (!slurm_token_read(d->a, token, &user, &until))
		return finding_of(HEALTH_WARN, arena_printf(d->a, "%s, which is none that can be read", what),
			"when it expires is not known", NULL);
	what = arena_printf(d->a, "%s, for `%s`", what, user);
	if (until <= 0)
		return finding_ok(arena_printf(d->a, "%s, for ever", what));
	if (until <= now)
		return finding_of(HEALTH_MISSING, arena_printf(d->a, "%s: expired %s ago", what, span_text(d, now - until)),
			"Slurm takes no job", "scontrol token lifespan=86400");
	what = arena_printf(d->a, "%s, for %s more%s", what, span_text(d, until - now), renewed ? ", renewed in time" : "");
	return until - now < SOON_S && !renewed ? ends_soon(d, what) : finding_ok(what);
}

struct finding probe_slurm_controller(struct doctor *d)
{
	const char *up = NULL, *all = "";
	struct reply r;
	json_t *p;
	size_t i;

	if (!d->slurm.api)
		return silent;
	r = ask(d, "ping");
	json_array_foreach(json_object_get(r.json, "pings"), i, p) {
		const char *state = text(json_object_get(p, "ping")), *host = text(json_object_get(p, "hostname"));

		if (!*state) /* newer versions */
			state = text(json_object_get(p, "pinged"));
		all = arena_printf(d->a, "%s%s%s %s", all, *all ? ", " : "", host, state);
		up = !strcmp(state, "UP") ? host : up;
	}
	json_decref(r.json);
	if (up)
		return finding_ok(all);
	return finding_of(HEALTH_MISSING, *all ? all : r.why, "no job is taken; runs wait for half an hour (E1085)",
		"is slurmctld up? is the token for this user and cluster?");
}

struct finding probe_slurm_clock(struct doctor *d)
{
	int64_t now, theirs, skew;
	struct reply r;

	if (!d->slurm.api)
		return silent;
	r = ask(d, "diag");
	now = (int64_t)time(NULL);
	theirs = number(json_object_get(json_object_get(r.json, "statistics"), "req_time"), 0);
	json_decref(r.json);
	if (!theirs)
		return finding_of(HEALTH_WARN, "it does not say what time it is", "a clock that is wrong is not noticed", NULL);
	skew = theirs - now;
	if (skew > SKEW_S || skew < -SKEW_S)
		return finding_of(HEALTH_WARN, arena_printf(d->a, "%+lld s away from this machine's", (long long)skew),
			"tokens expire early or late, and files look older or newer than they are", "let NTP set both clocks");
	return finding_ok(arena_printf(d->a, "%+lld s from this machine's", (long long)skew));
}

/* "main (default, 4 nodes, UP)" */
static const char *partition_text(struct doctor *d, const json_t *p)
{
	const json_t *nodes = json_object_get(p, "nodes");
	int64_t n = number(json_object_get(p, "total_nodes"), number(json_object_get(nodes, "total"), -1));
	const char *state = text(json_object_get(p, "state"));
	bool standard = false;
	json_t *f;
	size_t i;

	if (!*state)
		state = text(json_object_get(json_object_get(p, "partition"), "state"));
	json_array_foreach(json_object_get(p, "flags"), i, f)
		standard = standard || !strcasecmp(text(f), "default");
	return arena_printf(d->a, "%s (%s%lld node%s, %s)", text(json_object_get(p, "name")), standard ? "default, " : "", (long long)n,
		n == 1 ? "" : "s", state);
}

struct finding probe_slurm_partitions(struct doctor *d)
{
	const char *own = site_str(site_find(d->slurm.site, SITE_ENGINE, "slurm"), SK_ENGINE_partition, ""), *all = "";
	bool found = !*own;
	struct reply r;
	json_t *p;
	size_t i;

	if (!d->slurm.api)
		return silent;
	r = ask(d, "partitions");
	json_array_foreach(json_object_get(r.json, "partitions"), i, p) {
		found = found || !strcmp(own, text(json_object_get(p, "name")));
		if (i < SHOWN)
			all = arena_printf(d->a, "%s%s%s", all, *all ? ", " : "", partition_text(d, p));
	}
	if (i > SHOWN)
		all = arena_printf(d->a, "%s and %zu more", all, i - SHOWN);
	json_decref(r.json);
	if (!*all)
		return finding_of(HEALTH_WARN, r.why, "where jobs may run is not known", NULL);
	if (!found)
		return finding_of(HEALTH_MISSING, all,
			arena_printf(d->a, "`%s` of the site file is not there: its tasks are refused (R113)", own),
			"partition of engine slurm { } in the site file");
	return finding_ok(all);
}

/* A value of `scontrol show config`, as "KEY  = VALUE". */
static const char *value_of(struct doctor *d, const char *config, const char *key)
{
	const char *p = strstr(config, arena_printf(d->a, "\n%s ", key));

	p = p ? strchr(p + 1, '=') : NULL;
	if (!p)
		return "?";
	p += 1 + strspn(p + 1, " ");
	return arena_strndup(d->a, p, strcspn(p, "\n"));
}

struct finding probe_slurm_limits(struct doctor *d)
{
	const char *scontrol = d->slurm.api ? doctor_program(d, "scontrol") : NULL, *config, *most;
	static const char rest[] = "weft finds out what it may by being refused: arrays become smaller, then it waits";
	int64_t own = site_int(site_find(d->slurm.site, SITE_ENGINE, "slurm"), SK_ENGINE_max_array, 0);

	if (!d->slurm.api)
		return silent;
	config = scontrol ? doctor_output(d, (const char *const[]){ scontrol, "show", "config", NULL }) : NULL;
	if (!config || !strstr(config, "MaxArraySize"))
		return finding_of(HEALTH_OK, "not known: the REST interface does not tell, and scontrol does not answer here", rest, NULL);
	most = value_of(d, config, "MaxArraySize");
	config = arena_printf(d->a, "MaxArraySize %s, MaxJobCount %s, MinJobAge %s", most, value_of(d, config, "MaxJobCount"),
		value_of(d, config, "MinJobAge"));
	if (own > strtoll(most, NULL, 10))
		return finding_of(HEALTH_WARN, arena_printf(d->a, "%s; max_array of the site file is %lld", config, (long long)own), rest,
			"max_array of engine slurm { }, at most MaxArraySize");
	return finding_ok(config);
}

struct finding probe_slurm_shared(struct doctor *d)
{
	const char *bad = strpbrk(d->workspace, "%\\\n\r");

	if (!d->slurm.api)
		return silent;
	if (bad)
		return finding_of(HEALTH_MISSING, arena_printf(d->a, "%s: Slurm cannot use a name with `%c`", d->workspace, *bad),
			"runs in it are refused (E1086)", "another directory (-C)");
	if (!d->scratch)
		return finding_of(HEALTH_MISSING, arena_printf(d->a, "%s cannot be written", d->workspace), "runs in it are refused (E1086)",
			"another directory (-C), or write permission");
	if (remote_fs(d->workspace))
		return finding_ok(arena_printf(d->a, "%s lies on a file system of the network", d->workspace));
	return finding_of(HEALTH_WARN, arena_printf(d->a, "%s lies on a disk of this machine", d->workspace),
		"the machines of the cluster see it only if it is exported to them under this name", "--job lets one of them look");
}
