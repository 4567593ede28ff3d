/* check_images.c - weft check --engine: are the images of containers there, and can they be unpacked? */
#include "cli/check_images.h"

#include <stdlib.h>
#include <string.h>

#include "cli/runargs.h"
#include "runtime/container.h"

void check_images(struct load *l, const struct opts *o)
{
	const char *engine = opts_value(o, "engine");
	const struct job *j = l->session->job;
	struct runargs a = { .o = o, .run = { .role = RUN_NOTHING, .engine = engine } };
	bool ok;

	if (!engine || !strcmp(engine, "batchcompute") || !j || load_status(l->session->diags))
		return;
	a.arena = arena_new();
	runargs_site_stores(&a, l->session->site);
	a.run.site = l->session->site;
	a.run.stores = a.stores;
	a.run.nstores = a.nstores;
	containers_find(a.arena, j, &a.run, stores_new(a.arena, &a.run, *j->dir ? j->dir : "."), l->session->diags, &ok);
	free(a.stores);
	arena_free(a.arena);
}
