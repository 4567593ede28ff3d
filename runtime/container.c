/* container.c - the images that a job names; see container.h. */
#include "runtime/container_impl.h"

#include "base/intl.h"
#include "job/idmap.h"
#include "runtime/engine.h"

#include <string.h>

#define IMAGE_VAR "BATCH_COMPUTE_DOCKER_IMAGE"
#define REGISTRY_VAR "BATCH_COMPUTE_DOCKER_REGISTRY_OSS_PATH"

enum { NONE = UINT32_MAX };

struct containers {
	struct arena *a;
	struct image *image;
	uint32_t n, cap;
	uint32_t *of; /* [ntask] its image or NONE; NULL: no task has one */
	uint32_t ntask;
	const struct site *site;
	const char *dir; /* image_dir */
};

/* ---- what a task says ---- */

/* The last of that name counts, as in the environment; *span: where it stands. */
static const char *env_text(const struct job *j, const struct jtask *t, const char *key, struct span *span, bool *later)
{
	const char *text = NULL;

	for (uint32_t i = 0; i < t->nenv; i++) {
		const struct jx *x = &j->x[t->env[i].value];

		if (strcmp(name_str(j->names, t->env[i].name), key) != 0)
			continue;
		*later = x->op != JX_STR;
		text = *later ? "" : name_str(j->names, x->a);
		*span = t->env[i].span;
	}
	return text;
}

static const char *wanted(const struct job *j, const struct jtask *t, struct span *span, bool *later)
{
	const struct jval *v = task_set(t, SET_CONTAINER_IMAGE);
	const char *text = env_text(j, t, IMAGE_VAR, span, later);

	if (*later || (text && *text) || !v || !name_len(j->names, v->s))
		return text;
	*span = v->span;
	return name_str(j->names, v->s);
}

const char *task_container(const struct job *j, const struct jtask *t)
{
	struct span sp = NOSPAN;
	bool later = false;
	const char *text = t->nenv || t->nset ? wanted(j, t, &sp, &later) : NULL;

	return text && *text ? text : NULL;
}

/* ---- all tasks ---- */

static bool explain(struct diags *d, const struct image *im, const char *why, bool nowhere)
{
	if (!d)
		return false;
	if (!nowhere)
		return diag_error(d, E1031, im->span, "container image `%s` cannot be found: %s", im->c.name, why);
	diag_error(d, E1030, im->span, "nothing says where container image `%s` lies", im->c.name);
	diag_help(d, "in the site file: container \"%s\" { from = \"IMAGE.tar\" }", im->c.name);
	return false;
}

static struct image *add_image(struct containers *c, const char *text, const char *registry)
{
	if (c->n == c->cap) {
		const struct image *old = c->image;

		c->cap = c->cap ? c->cap * 2 : 4;
		c->image = arena_alloc(c->a, c->cap * sizeof(*c->image));
		if (c->n)
			memcpy(c->image, old, c->n * sizeof(*old));
	}
	c->dir = c->dir ? c->dir : image_dir(c->a, c->site);
	c->image[c->n] = (struct image){ .c = { .name = text }, .registry = registry, .kept = c->dir };
	return &c->image[c->n++];
}

/* Most jobs have none. */
static struct idmap *first_image(struct containers *c)
{
	c->of = arena_alloc(c->a, ((size_t)c->ntask + 1) * sizeof(*c->of));
	for (uint32_t t = 0; t < c->ntask; t++)
		c->of[t] = NONE;
	return idmap_new(c->a, c->ntask + 1);
}

/* The image of a task among those that are known already, or a new one. */
static struct image *image_for(struct containers *c, const struct job *j, struct idmap **seen, uint32_t task, const char *text,
	const char *registry)
{
	struct buf key;
	name nm;

	buf_init(&key, 1 << 20);
	buf_add(&key, text, strlen(text) + 1);
	buf_adds(&key, registry);
	nm = name_of(j->names, buf_str(&key), key.len);
	buf_free(&key);
	if (!*seen)
		*seen = first_image(c);
	c->of[task] = c->n;
	if (idmap_add(*seen, nm, c->n))
		return add_image(c, text, registry);
	c->of[task] = idmap_get(*seen, nm);
	return NULL;
}

static bool find_one(struct containers *c, const struct job *j, struct idmap **seen, uint32_t task, const struct run_options *o,
	struct stores *st, struct diags *d)
{
	struct span sp = NOSPAN, other = NOSPAN;
	bool later = false, nowhere = false, var = false;
	const char *text = wanted(j, &j->task[task], &sp, &later), *registry, *why = "";
	struct image *im;

	if (later)
		return d && diag_error(d, E1030, sp, "the container image of a task has to be known before it runs");
	if (!text || !*text)
		return true;
	registry = env_text(j, &j->task[task], REGISTRY_VAR, &other, &var);
	im = image_for(c, j, seen, task, text, registry ? registry : "");
	if (!im)
		return true;
	im->span = sp;
	return image_find_source(c->a, im, o, st, &why, &nowhere) || explain(d, im, why, nowhere);
}

bool containers_elsewhere(const struct run_options *o)
{
	const struct engine_ops *e = o->role == RUN_NOTHING && o->engine ? engine_named(o->engine) : NULL;

	return o->role == RUN_DRIVER || (e && e->remote);
}

/* Once, for the first image that is not here yet. */
static bool podman_there(struct containers *c, struct diags *d)
{
	for (uint32_t i = 0; i < c->n; i++) {
		const struct image *im = &c->image[i];

		if (!im->c.digest || image_loaded(c->a, &c->image[i]) || podman_program(c->a))
			continue;
		diag_error(d, E1032, im->span, "container image `%s` cannot be unpacked: podman is not installed", im->c.name);
		diag_note(d, "weft runs containers itself, and leaves their images to podman");
		diag_help(d, "install it: apt install --no-install-recommends podman");
		return false;
	}
	return true;
}

struct containers *containers_find(struct arena *a, const struct job *j, const struct run_options *o, struct stores *st,
	struct diags *d, bool *ok)
{
	struct containers *c = arena_zalloc(a, 1, sizeof(*c));
	struct idmap *seen = NULL;

	c->a = a;
	c->ntask = j->ntask;
	c->site = o->site;
	*ok = true;
	for (uint32_t t = 0; t < j->ntask; t++)
		if (!j->task[t].skipped && (j->task[t].nset || j->task[t].nenv))
			*ok = find_one(c, j, &seen, t, o, st, d) && *ok;
	*ok = *ok && (!d || containers_elsewhere(o) || podman_there(c, d));
	return c;
}

const struct container *containers_of(const struct containers *c, uint32_t task)
{
	return !c->of || c->of[task] == NONE ? NULL : &c->image[c->of[task]].c;
}

const struct container *containers_nth(const struct containers *c, uint32_t i)
{
	return i < c->n ? &c->image[i].c : NULL;
}

static bool load_one(struct containers *c, struct image *im, FILE *say, struct diags *d)
{
	const char *why = "";

	if (image_loaded(c->a, im))
		return true;
	if (say)
		fprintf(say, _("unpacking container image %s\n"), im->c.name);
	if (image_load(c->a, im, &why))
		return true;
	diag_error(d, E1033, im->span, "container image `%s` cannot be loaded: %s", im->c.name, why);
	diag_note(d, "it is in `%s`", im->from);
	return false;
}

bool containers_load(struct containers *c, uint32_t task, FILE *say, struct diags *d)
{
	bool ok = true;

	for (uint32_t i = 0; i < c->n; i++)
		if (task == NONE || c->of[task] == i)
			ok = load_one(c, &c->image[i], say, d) && ok;
	return ok;
}

const struct container *container_try(struct arena *a, const char *dir, const char *from, const char **why)
{
	struct image *im = arena_zalloc(a, 1, sizeof(*im));

	im->c.name = from;
	im->tag = "latest";
	im->kept = dir;
	if (!image_at(a, im, from, why) || (!image_loaded(a, im) && !image_load(a, im, why)))
		return NULL;
	return &im->c;
}
