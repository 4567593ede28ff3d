/* check_machine.c - machine types, images and regions (rules 2.17, 3.1 to 3.5, 5.2).  The lists are the account's: what is
 * not known here is a warning, and only where it is plainly misspelt or the site file has a list of its own. */
#include "compiler/check.h"
#include "compiler/check_util.h"
#include "job/machine.h"

#include <string.h>

static const char *const lower_digits = "abcdefghijklmnopqrstuvwxyz0123456789";

/* ecs.FAMILY.SIZE, whatever the family: there are more of them than any list has. */
static bool ecs_form(const char *type)
{
	static const char *const sizes[] = { "nano", "small", "medium", "large", "xlarge", "metal" };
	const char *size = strrchr(type, '.');
	size_t i;

	if (strncmp(type, "ecs.", 4) || size < type + 5)
		return false;
	if (strspn(type + 4, "abcdefghijklmnopqrstuvwxyz0123456789-") < (size_t)(size - type - 4))
		return false;
	size++;
	if (strspn(size, "0123456789") && !strcmp(size + strspn(size, "0123456789"), "xlarge"))
		return true;
	for (i = 0; i < sizeof sizes / sizeof *sizes; i++)
		if (!strcmp(size, sizes[i]))
			return true;
	return false;
}

static void type_known(struct session *s, const struct jtask *t, const struct jval *v)
{
	const char *type = name_str(s->names, v->s);
	struct suggest sg = { .to = type };
	struct machine m;
	uint32_t listed;

	(void)t;
	site_all(s->site, SITE_MACHINE, &listed);
	if (!*type || machine_find(s->site, type, &m) || (!listed && ecs_form(type)))
		return;
	diag_error(s->diags, W0596, v->span, "machine type `%s` is unknown", type);
	if (listed)
		diag_note(s->diags, "the site file does not list it; the service's own list differs by account and region");
	else
		diag_note(s->diags, "types are named ecs.FAMILY.SIZE or bcs.FAMILY.SIZE; the list differs by account and region");
	machine_suggest(s->site, &sg);
	diag_suggest(s->diags, &sg);
}

void check_machine_type(struct session *s)
{
	each_setting(s, SET_MACHINE, type_known);
}

static void type_region(struct session *s, const struct jtask *t, const struct jval *v)
{
	const char *type = name_str(s->names, v->s), *region;
	struct span sp;
	struct machine m;

	(void)t;
	region = job_region(s, &sp);
	if (!region || !machine_find(s->site, type, &m) || machine_in(&m, region))
		return;
	diag_error(s->diags, W0597, v->span, "machine type `%s` is not offered in region `%s`", type, region);
	diag_at(s->diags, sp, "the region");
	if (*m.regions)
		diag_note(s->diags, "it is offered in %s only", m.regions);
}

void check_machine_region(struct session *s)
{
	each_setting(s, SET_MACHINE, type_region);
}

/* The site file says of some type that it is on the spot list: then it is the list. */
static bool spot_listed(const struct session *s)
{
	uint32_t n, i;
	const struct site_block *b = site_all(s->site, SITE_MACHINE, &n);

	for (i = 0; i < n; i++)
		if (site_int(&b[i], SK_MACHINE_spot, 0))
			return true;
	return false;
}

static void type_spot(struct session *s, const struct jtask *t, const struct jval *v)
{
	const struct jval *type = task_set(t, SET_MACHINE);
	const struct site_value *own;
	struct machine m;

	if (strcmp(name_str(s->names, v->s), "Spot") || !type)
		return;
	machine_find(s->site, name_str(s->names, type->s), &m);
	own = site_value(m.site, SK_MACHINE_spot);
	if (own ? own->i : !spot_listed(s))
		return;
	diag_error(s->diags, W0598, type->span, "machine type `%s` is not on the spot list", m.name);
	diag_at(s->diags, v->span, "asked for as a spot machine");
	if (own)
		diag_at(s->diags, own->span, "the site file says so");
}

void check_spot_list(struct session *s)
{
	each_setting(s, SET_RESOURCE_TYPE, type_spot);
}

/* ---- images ---- */

/* img- or m-, and then what ids are made of. */
static bool image_form(const char *id, bool ecs)
{
	size_t n = !ecs && !strncmp(id, "img-", 4) ? 4 : !strncmp(id, "m-", 2) ? 2 : 0;

	return n && id[n] && !id[n + strspn(id + n, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-")];
}

static void image_malformed(struct session *s, const struct jval *v, const char *id, bool ecs)
{
	const char *own = arena_printf(s->diags->arena, "img-%s", id);

	diag_error(s->diags, E0596, v->span, "image id `%s` is malformed", id);
	diag_note(s->diags, ecs ? N_("ids of ECS images begin with m-") : N_("ids begin with img- or m-"));
	if (!ecs && image_find(own)) {
		diag_help(s->diags, "write %s", own);
		fix_value(s, v->span, id, own);
	} else if (ecs && image_find(id))
		diag_help(s->diags, "an image of the service's own is given as `image`");
	else if (front_of(s->main) == FRONT_WEFT)
		diag_help(s->diags, "for a container write image = docker(\"NAME\")");
}

static void image_check(struct session *s, const struct jtask *t, const struct jval *v)
{
	const char *id = name_str(s->names, v->s);
	bool ecs = v->id == SET_ECS_IMAGE;
	struct suggest sg = { .to = id };

	(void)t;
	if (!*id || (!ecs && image_find(id)))
		return;
	image_suggest(&sg);
	if (!image_form(id, ecs)) {
		if (front_of(s->main) != FRONT_CFG || !strncmp(id, "img-", 4) || !strncmp(id, "m-", 2)) /* else E0173 */
			image_malformed(s, v, id, ecs);
	} else if (!ecs && suggest_best(&sg) && strspn(id + 4, lower_digits) < 22) { /* an id of one's own has 22 */
		diag_error(s->diags, W0599, v->span, "image `%s` is unknown", id);
		diag_note(s->diags, "the service's own are img-ubuntu-vpc, img-centos-vpc and img-windows-vpc");
		diag_suggest(s->diags, &sg);
	}
}

void check_image(struct session *s)
{
	each_setting(s, SET_IMAGE, image_check);
	each_setting(s, SET_ECS_IMAGE, image_check);
}

/* ---- regions ---- */

static void region_check(struct session *s, const char *region, struct span sp)
{
	struct suggest sg = { .to = region };

	if (!region || region_known(region))
		return;
	diag_error(s->diags, W0589, sp, "region `%s` is unknown", region);
	region_suggest(&sg);
	if (suggest_best(&sg))
		diag_suggest(s->diags, &sg);
	else
		diag_help(s->diags, "regions are written like cn-beijing");
}

void check_region(struct session *s)
{
	uint32_t i;

	for (i = 0; s->site && i < s->site->n; i++) {
		const struct site_block *b = &s->site->b[i];
		enum site_key k = site_key_find((enum site_kind)b->kind, "region");
		const struct site_value *v = k == SITE_KEYS ? NULL : site_value(b, k);

		if (v)
			region_check(s, v->s, v->span);
	}
	if (job_set(s->job, SET_REGION)) {
		struct span sp;
		const char *region = job_region(s, &sp);

		region_check(s, region, sp);
	}
}

struct found { /* a region that something names, and the first one */
	struct session *s;
	const char *first;
	struct span at;
	struct seen seen;
};

/* Something lies in a region: the n bytes at p, as far as they are one. */
static void lies_in(struct found *f, const char *p, size_t n, struct span sp, const char *what)
{
	const char *region = arena_strndup(f->s->diags->arena, p, n);

	if (n > 9 && !strcmp(region + n - 9, "-internal"))
		region = arena_strndup(f->s->diags->arena, p, n - 9);
	if (!region_known(region))
		return;
	if (!f->first) {
		f->first = region;
		f->at = sp;
	} else if (strcmp(f->first, region) && seen_add(&f->seen, 0, sp)) {
		diag_error(f->s->diags, W0588, sp, "%s lies in region `%s`, not in `%s`", tr(what), region, f->first);
		diag_at(f->s->diags, f->at, "region `%s`", f->first);
		diag_note(f->s->diags, "job, storage and registry have to lie in one region");
	}
}

/* The part of a host name between `before` and the next dot: "123.mns.", "id.". */
static void host_region(struct found *f, const char *p, const char *before, const char *after, struct span sp, const char *what)
{
	const char *at = strstr(p, before);
	size_t n;

	if (!at)
		return;
	at += strlen(before);
	n = strcspn(at, "./:");
	if (!strncmp(at + n, after, strlen(after)))
		lies_in(f, at, n, sp, what);
}

static void storage_region(struct found *f, const char *url, struct span sp)
{
	size_t n = 6 + strcspn(url + (strlen(url) < 6 ? strlen(url) : 6), "/");
	const struct site_block *b;
	const char *region;

	if (!strncmp(url, "nas://", 6)) {
		host_region(f, url, ".", ".nas.aliyuncs.com", sp, N_("file server"));
		return;
	}
	if (strncmp(url, "oss://", 6))
		return;
	b = site_find(f->s->site, SITE_STORE, arena_strndup(f->s->diags->arena, url, n));
	region = site_str(b, SK_STORE_region, NULL);
	if (region)
		lies_in(f, region, strlen(region), sp, N_("bucket"));
}

static void task_regions(struct found *f, const struct jtask *t)
{
	struct span sp;
	const char *registry = task_env(f->s, t, "BATCH_COMPUTE_DOCKER_REGISTRY_OSS_PATH", &sp);
	const char *id = set_text(f->s, t, SET_CLUSTER_ID);
	const char *region = id ? site_str(site_find(f->s->site, SITE_CLUSTER, id), SK_CLUSTER_region, NULL) : NULL;
	uint32_t i;

	if (region)
		lies_in(f, region, strlen(region), task_set(t, SET_CLUSTER_ID)->span, N_("cluster"));
	if (registry)
		storage_region(f, registry, sp);
	for (i = 0; i < t->nmap; i++) {
		bool out = t->map[i].kind == MAP_OUTPUT || t->map[i].kind == MAP_LOG;

		storage_region(f, name_str(f->s->names, out ? t->map[i].to : t->map[i].from),
			out ? t->map[i].to_span : t->map[i].from_span);
	}
}

/* One after the other against the first that names a region. */
void check_one_region(struct session *s)
{
	struct found f = { .s = s };
	const struct jval *topic = job_set(s->job, SET_NOTIFY_ENDPOINT);
	uint32_t i;

	f.first = job_region(s, &f.at);
	if (topic)
		host_region(&f, name_str(s->names, topic->s), ".mns.", ".aliyuncs.com", topic->span, N_("endpoint"));
	for (i = 0; i < s->job->ntask; i++)
		if (!s->job->task[i].bad && !s->job->task[i].skipped)
			task_regions(&f, &s->job->task[i]);
	seen_free(&f.seen);
}
