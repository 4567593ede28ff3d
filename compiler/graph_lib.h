/* graph_lib.h - Graphviz, loaded when a picture is drawn and not before.
 *
 * Only its headers are needed to build.  The libraries stay loaded: their own
 * caches live as long as the process. */
#ifndef WEFT_COMPILER_GRAPH_LIB_H
#define WEFT_COMPILER_GRAPH_LIB_H

#include "base/diag.h"

#include <graphviz/cgraph.h>
#include <graphviz/gvc.h>

struct gv {
#define GV(lib, result, function, arguments) result(*function) arguments;
#include "compiler/graph_lib.def"
#undef GV
};

/* The functions of cgraph, and with `layout` those of gvc; NULL after a diagnostic. */
const struct gv *gv_load(bool layout, struct diags *d);

#endif
