/* jsonread.h - JSON text to a flat array of values with spans, all syntax errors at once.
 *
 * Own code, because jansson gives neither the place of a value nor more than the first error, and diagnostics must
 * point into the user's file.  Iterative: nesting is limited to JSON_DEPTH. */
#ifndef WEFT_LANG_JSONREAD_H
#define WEFT_LANG_JSONREAD_H

#include "base/diag.h"
#include "base/name.h"

enum { JSON_DEPTH = 64, JSON_ERRORS = 100 };
enum json_type { JSON_BAD /* reported */, JSON_NULL, JSON_BOOL, JSON_NUMBER, JSON_STRING, JSON_ARRAY, JSON_OBJECT };

struct jnode {
	uint8_t type;
	bool plain;       /* JSON_STRING without escapes: its bytes are those of the source */
	bool closed;      /* JSON_STRING: its second quote is there */
	bool value;       /* JSON_BOOL */
	struct span span; /* with quotes and brackets */
	name text;        /* JSON_STRING: decoded; JSON_NUMBER: as written */
	name key;         /* member of an object, else 0 (the key "" is 0 too) */
	struct span key_span;
	uint32_t kid, next; /* first child, next sibling; 0 = none */
};
struct jdoc {
	struct jnode *v; /* v[0] unused */
	uint32_t n, cap;
	uint32_t root; /* 0 when there is no value at all */
	struct names *names;
};

/* Read the whole source; false when errors were queued (the values are still usable).  Free with json_doc_free. */
bool json_read(struct jdoc *doc, const struct source *src, struct names *names, struct diags *d);
void json_doc_free(struct jdoc *doc);
/* "a string", "an object"... */
const char *json_type_text(const struct jnode *n);

#endif
