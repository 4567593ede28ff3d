/* package_lib.c - see package_lib.h. */
#include "runtime/package_lib.h"

#include <dlfcn.h>
#include <stddef.h>
#include <string.h>

struct symbol {
	const char *name;
	size_t offset;
};

static bool load(const char *const *file, const struct symbol *sym, size_t n, void *table, const char **why)
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

const struct lib_archive *lib_archive(const char **why)
{
	static const char *const file[] = { "libarchive.so.13", "libarchive.so", NULL };
	static const struct symbol sym[] = {
#define F(name) { #name, offsetof(struct lib_archive, name) },
		LIBARCHIVE(F)
#undef F
	};
	static struct lib_archive lib;
	static bool loaded;

	if (!loaded && !load(file, sym, sizeof(sym) / sizeof(*sym), &lib, why))
		return NULL;
	loaded = true;
	return &lib;
}

const struct lib_crypto *lib_crypto(const char **why)
{
	static const char *const file[] = { "libcrypto.so.3", "libcrypto.so.1.1", "libcrypto.so", NULL };
	static const struct symbol sym[] = {
#define F(name) { #name, offsetof(struct lib_crypto, name) },
		LIBCRYPTO(F)
#undef F
	};
	static struct lib_crypto lib;
	static bool loaded;

	if (!loaded && !load(file, sym, sizeof(sym) / sizeof(*sym), &lib, why))
		return NULL;
	loaded = true;
	return &lib;
}
