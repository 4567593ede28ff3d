/* package_impl.h - shared by package*.c only. */
#ifndef WEFT_RUNTIME_PACKAGE_IMPL_H
#define WEFT_RUNTIME_PACKAGE_IMPL_H

#include "base/arena.h"

#include <stdbool.h>

struct pkg_entry {
	const char *rel;
	unsigned char type; /* DT_REG, DT_DIR, DT_LNK */
};
/* Files, links and directories of a tree sorted bytewise; names in the arena, *v is heap. */
bool pkg_list(int root, struct pkg_entry **v, uint32_t *n, struct arena *a);
/* Does a link named REL that says TO stay inside the tree, taken by the letters? */
bool pkg_link_ok(const char *rel, const char *to);

#endif
