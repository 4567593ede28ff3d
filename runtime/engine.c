/* engine.c - which engines there are. */
#include "runtime/engine.h"

#include <string.h>

const struct engine_ops *const engine_all[] = {
#define ENGINE(id) &engine_##id,
#include "runtime/engines.def"
#undef ENGINE
	NULL,
};

const struct engine_ops *engine_named(const char *nm)
{
	for (const struct engine_ops *const *e = engine_all; *e; e++)
		if (!strcmp((*e)->name, nm))
			return *e;
	return NULL;
}
