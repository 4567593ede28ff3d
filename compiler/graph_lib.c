/* graph_lib.c - dlopen of cgraph and gvc and the table of their functions. */
#include "compiler/graph_lib.h"

#include <dlfcn.h>
#include <string.h>

/* The versions the structs of the headers belong to. */
#ifndef WEFT_LIB_CGRAPH
#define WEFT_LIB_CGRAPH "libcgraph.so.6"
#define WEFT_LIB_GVC "libgvc.so.6"
#endif

enum { LIB_CGRAPH, LIB_GVC };

static struct gv table;

static bool missing(struct diags *d, const char *what)
{
	const char *why = dlerror();

	diag_error(d, E1092, NOSPAN, "cannot load %s: %s", what, why ? why : _("a function is missing"));
	diag_help(d, "install Graphviz (Debian: `apt install graphviz`); `--format mermaid` and `--format json` do without it");
	return false;
}

/* POSIX gives functions as void pointers; ISO C has no cast for that. */
static bool resolve(void *lib, const char *function, void *slot)
{
	void *at = dlsym(lib, function);

	memcpy(slot, &at, sizeof at);
	return at != NULL;
}

static bool resolve_all(void *lib, int which, struct diags *d)
{
#define GV(in, result, function, arguments) \
	if (LIB_##in == which && !resolve(lib, #function, &table.function)) \
		return missing(d, #function);
#include "compiler/graph_lib.def"
#undef GV
	return true;
}

static bool load(const char *path, int which, struct diags *d)
{
	void *lib = dlopen(path, RTLD_NOW | RTLD_LOCAL);

	return lib ? resolve_all(lib, which, d) : missing(d, path);
}

const struct gv *gv_load(bool layout, struct diags *d)
{
	if (!table.agopen && !load(WEFT_LIB_CGRAPH, LIB_CGRAPH, d))
		return NULL;
	if (layout && !table.gvContext && !load(WEFT_LIB_GVC, LIB_GVC, d))
		return NULL;
	return &table;
}

#ifdef __SANITIZE_ADDRESS__
const char *__lsan_default_options(void);
const char *__lsan_default_options(void)
{
	return "print_suppressions=0";
}

/* What the libraries keep until the process ends is theirs. */
const char *__lsan_default_suppressions(void);
const char *__lsan_default_suppressions(void)
{
	return "leak:libfontconfig\nleak:libgvc\nleak:libcgraph\nleak:libpango\nleak:libcairo\nleak:libgvplugin\n"
	       "leak:libglib\nleak:libgobject\n";
}
#endif
