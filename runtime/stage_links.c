/* stage_links.c - the inputs of an instance that are linked into its work directory. */
#include "runtime/stage_impl.h"

#include <stdlib.h>
#include <string.h>

void link_add(struct stage_state *x, const char *rel, const char *to)
{
	if (x->nlink == x->linkcap) {
		struct link *old = x->link;

		x->linkcap = x->linkcap ? x->linkcap * 2 : 16;
		x->link = arena_zalloc(x->a, x->linkcap, sizeof(*x->link));
		if (x->nlink)
			memcpy(x->link, old, x->nlink * sizeof(*old));
	}
	x->link[x->nlink++] = (struct link){ rel, to };
}

static int by_rel(const void *a, const void *b)
{
	return strcmp(((const struct link *)a)->rel, ((const struct link *)b)->rel);
}

void links_sort(struct stage_state *x)
{
	uint32_t n = 0;

	if (x->nlink)
		qsort(x->link, x->nlink, sizeof(*x->link), by_rel);
	for (uint32_t i = 0; i < x->nlink; i++)
		if (n == 0 || strcmp(x->link[n - 1].rel, x->link[i].rel) != 0)
			x->link[n++] = x->link[i];
	x->nlink = n;
}

bool is_link(const struct stage_state *x, const char *rel)
{
	struct link key = { rel, NULL };

	return x->nlink && bsearch(&key, x->link, x->nlink, sizeof(*x->link), by_rel);
}

bool link_covered(const struct stage_state *x, char *rel)
{
	for (char *p = rel; (p = strchr(p, '/')); p++) {
		bool yes;

		*p = 0;
		yes = is_link(x, rel);
		*p = '/';
		if (yes)
			return true;
	}
	return false;
}
