/* check_env.c - environment variables and the containers they switch on (rules 9.1 to 9.5, 10). */
#include "compiler/check.h"
#include "compiler/check_util.h"
#include "job/machine.h"

#include <stdlib.h>
#include <string.h>

#define IMAGE "BATCH_COMPUTE_DOCKER_IMAGE"
#define REGISTRY "BATCH_COMPUTE_DOCKER_REGISTRY_OSS_PATH"

void check_env_names(struct session *s)
{
	struct seen seen = { 0 };
	uint32_t i, k;

	for (i = 0; i < s->job->ntask; i++) {
		const struct jtask *t = &s->job->task[i];

		for (k = 0; k < t->nenv && !t->bad && !t->skipped; k++) {
			const char *nm = name_str(s->names, t->env[k].name);

			if (strncmp(nm, "BATCH_COMPUTE", 13) || !strcmp(nm, IMAGE) || !strcmp(nm, REGISTRY) ||
			    !seen_add(&seen, 0, t->env[k].span))
				continue;
			diag_error(s->diags, W0590, t->env[k].span, "variable `%s` has the prefix of the service's own", nm);
			diag_note(s->diags, "the service sets BATCH_COMPUTE_... itself, and may overwrite it");
		}
	}
	seen_free(&seen);
}

/* "$NAME" or "${NAME}" in a value: nothing puts the old value there. */
static bool names_itself(const char *value, const char *nm)
{
	static const char *const more = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_";
	size_t n = strlen(nm);
	const char *p;

	for (p = strchr(value, '$'); p; p = strchr(p + 1, '$')) {
		if (p[1] == '{' && !strncmp(p + 2, nm, n) && (p[n + 2] == '}' || p[n + 2] == ':'))
			return true;
		if (!strncmp(p + 1, nm, n) && strspn(p + n + 1, more) == 0)
			return true;
	}
	return false;
}

/* Is one of the directories of programs in a PATH? */
static bool has_programs(const char *path)
{
	size_t n;

	for (; *path; path += n + (path[n] == ':')) {
		n = strcspn(path, ":");
		if ((n == 4 && !strncmp(path, "/bin", 4)) || (n == 8 && !strncmp(path, "/usr/bin", 8)))
			return true;
	}
	return false;
}

static void env_path(struct session *s, const struct jenv *e)
{
	const struct jx *x = &s->job->x[e->value];
	const char *nm = name_str(s->names, e->name), *value = name_str(s->names, x->a);

	struct span sp = jx_span(s->job, e->value);

	sp = sp.lo < sp.hi ? sp : e->span;
	if (x->op != JX_STR)
		return;
	if (names_itself(value, nm))
		diag_error(s->diags, W0576, sp, "variable `%s` gets the text `%s`: nothing expands it", nm, value);
	else if (!strcmp(nm, "PATH") && *value == '/' && !has_programs(value))
		diag_error(s->diags, W0576, sp, "variable `PATH` leaves out the programs of the system");
	else
		return;
	if (!strcmp(nm, "PATH"))
		diag_help(s->diags, "write all of it, such as /opt/bin:/usr/local/bin:/usr/bin:/bin");
	else
		diag_help(s->diags, "set it in the script, or write all of it");
}

void check_env_path(struct session *s)
{
	struct seen seen = { 0 };
	uint32_t i, k;

	for (i = 0; i < s->job->ntask; i++) {
		const struct jtask *t = &s->job->task[i];

		for (k = 0; k < t->nenv && !t->bad && !t->skipped; k++)
			if (seen_add(&seen, 0, t->env[k].span))
				env_path(s, &t->env[k]);
	}
	seen_free(&seen);
}

/* Neither of the registry in storage nor of one with a host of its own: "bwa", "me/bwa". */
static bool image_local(const char *image)
{
	size_t n = strcspn(image, "/");

	return strncmp(image, "localhost:5000/", 15) && !(image[n] && memchr(image, '.', n));
}

static void docker_image_form(struct session *s, const struct jtask *t, struct seen *seen)
{
	struct span at = NOSPAN, reg = NOSPAN;
	const char *image = task_env(s, t, IMAGE, &at), *registry = task_env(s, t, REGISTRY, &reg);

	if (!registry || !*registry)
		return;
	if ((!image || !*image) && seen_add(seen, 1, reg)) {
		diag_error(s->diags, W0591, reg, "the registry is ignored: no container image is given");
		diag_help(s->diags, "set %s too", IMAGE);
	} else if (image && *image && image_local(image) && seen_add(seen, 2, at)) {
		diag_error(s->diags, W0592, at, "container image `%s` is not taken from the registry in storage", image);
		diag_note(s->diags, "images of a registry in storage are named localhost:5000/NAME");
		diag_help(s->diags, "write localhost:5000/%s", image);
		fix_value(s, at, image, arena_printf(s->diags->arena, "localhost:5000/%s", image));
	}
}

static void docker_machine(struct session *s, const struct jtask *t, struct seen *seen)
{
	const char *image = set_text(s, t, SET_IMAGE);
	const struct jval *v = task_set(t, SET_IMAGE);
	const struct image *known = image ? image_find(image) : NULL;

	if (!known || !task_docker(s, t))
		return;
	if (known->windows && seen_add(seen, 3, v->span)) {
		diag_error(s->diags, E0593, v->span, "containers do not run on image `%s`", image);
		diag_help(s->diags, "take img-ubuntu-vpc");
	} else if (!known->windows && !known->docker && seen_add(seen, 4, v->span)) {
		diag_error(s->diags, W0593, v->span, "containers may not run on image `%s`", image);
		diag_note(s->diags, "the user guide knows Docker on img-ubuntu images only");
	}
}

static void docker_workdir(struct session *s, const struct jtask *t, struct seen *seen)
{
	uint32_t i;

	for (i = 0; i < t->nmap && task_docker(s, t); i++) {
		const struct jmap *m = &t->map[i];
		bool out = m->kind == MAP_OUTPUT || m->kind == MAP_LOG;
		const char *p = name_str(s->names, m->to);
		size_t n = strlen("/batchcompute/workdir");

		if (out || strncmp(p, "/batchcompute/workdir", n) || (p[n] && p[n] != '/') || !seen_add(seen, 5, m->span))
			continue;
		diag_error(s->diags, W0594, m->to_span, "mount lies in the work directory of the container");
		diag_note(s->diags, "the package is unpacked there");
		diag_help(s->diags, "mount it elsewhere, such as /home/input");
	}
}

void check_docker(struct session *s)
{
	struct seen seen = { 0 };
	uint32_t i;

	for (i = 0; i < s->job->ntask; i++) {
		const struct jtask *t = &s->job->task[i];

		if (t->bad || t->skipped)
			continue;
		docker_image_form(s, t, &seen);
		docker_machine(s, t, &seen);
		docker_workdir(s, t, &seen);
	}
	seen_free(&seen);
}

struct on_cluster {
	name cluster;
	uint32_t task;
	struct span span;
	const char *registry;
};

static int by_cluster(const void *a, const void *b)
{
	const struct on_cluster *x = a, *y = b;

	if (x->cluster != y->cluster)
		return x->cluster < y->cluster ? -1 : 1;
	return x->task < y->task ? -1 : x->task > y->task;
}

static uint32_t registries(struct session *s, struct on_cluster *v)
{
	uint32_t i, n = 0;

	for (i = 0; i < s->job->ntask; i++) {
		const struct jtask *t = &s->job->task[i];
		struct span sp = NOSPAN;
		const char *r = t->bad || t->skipped || !set_text(s, t, SET_CLUSTER_ID) ? NULL : task_env(s, t, REGISTRY, &sp);

		if (r && *r)
			v[n++] = (struct on_cluster){ task_set(t, SET_CLUSTER_ID)->s, i, sp, r };
	}
	return n;
}

/* Tasks on one cluster share its registry: each is compared with the first of its cluster. */
void check_one_registry(struct session *s)
{
	struct on_cluster *v = xcalloc((size_t)s->job->ntask + 1, sizeof *v);
	uint32_t n = registries(s, v), i, first = 0;

	qsort(v, n, sizeof *v, by_cluster);
	for (i = 1; i < n; i++) {
		if (v[i].cluster != v[first].cluster) {
			first = i;
			continue;
		}
		if (!strcmp(v[i].registry, v[first].registry))
			continue;
		diag_error(s->diags, W0595, v[i].span, "cluster `%s` gets a second registry", name_str(s->names, v[i].cluster));
		diag_at(s->diags, v[first].span, "the first one");
		diag_note(s->diags, "all jobs on a cluster take their containers from one registry");
	}
	free(v);
}
