/* package_lib.c - see package_lib.h. */
#include "runtime/package_lib.h"

#include "base/dl.h"

const struct lib_archive *lib_archive(const char **why)
{
	static const char *const file[] = { "libarchive.so.13", "libarchive.so", NULL };
	static const struct dl_symbol sym[] = {
#define F(name) { #name, offsetof(struct lib_archive, name) },
		LIBARCHIVE(F)
#undef F
	};
	static struct lib_archive lib;
	static bool loaded;

	if (!loaded && !dl_load(file, sym, sizeof(sym) / sizeof(*sym), &lib, why))
		return NULL;
	loaded = true;
	return &lib;
}

const struct lib_crypto *lib_crypto(const char **why)
{
	static const char *const file[] = { "libcrypto.so.3", "libcrypto.so.1.1", "libcrypto.so", NULL };
	static const struct dl_symbol sym[] = {
#define F(name) { #name, offsetof(struct lib_crypto, name) },
		LIBCRYPTO(F)
#undef F
	};
	static struct lib_crypto lib;
	static bool loaded;

	if (!loaded && !dl_load(file, sym, sizeof(sym) / sizeof(*sym), &lib, why))
		return NULL;
	loaded = true;
	return &lib;
}
