/* dl.h - libraries that are loaded when first needed: linking them would cost every start of weft. */
#ifndef WEFT_BASE_DL_H
#define WEFT_BASE_DL_H

#include <stdbool.h>
#include <stddef.h>

struct dl_symbol {
	const char *name;
	size_t offset; /* of its pointer in the table */
};
/* Load the first library of the list (ended by NULL) that is there and fill the table with n functions of it.
 * false, and *why, when there is none or a function is missing. */
bool dl_load(const char *const *file, const struct dl_symbol *sym, size_t n, void *table, const char **why);

#endif
