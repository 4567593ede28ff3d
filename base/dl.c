/* dl.c - see dl.h. */
#include "base/dl.h"

#include <dlfcn.h>
#include <string.h>

bool dl_load(const char *const *file, const struct dl_symbol *sym, size_t n, void *table, const char **why)
{
	void *lib = NULL;

	for (; *file && !lib; file++)
		lib = dlopen(*file, RTLD_NOW | RTLD_LOCAL);
	if (!lib) {
		*why = dlerror();
		return false;
	}
	for (size_t i = 0; i < n; i++) {
		void *p = dlsym(lib, sym[i].name);

		if (!p) {
			*why = dlerror();
			return false;
		}
		memcpy((char *)table + sym[i].offset, &p, sizeof(p));
	}
	return true;
}
