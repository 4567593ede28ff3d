/* fix.h - which fixes of the diagnostics are applied together, and applying them to a text.
 *
 * The fixes of one diagnostic are applied all or not at all.  What overlaps something chosen before is left for the
 * next time; what two diagnostics ask for alike is done once. */
#ifndef WEFT_BASE_FIX_H
#define WEFT_BASE_FIX_H

#include "base/buf.h"
#include "base/diag.h"

struct fix_edit {
	uint32_t lo, hi;
	const char *text;
	uint32_t diag; /* whose it is */
};
struct fixes {
	struct fix_edit *v; /* by place, apart from each other */
	uint32_t n, cap;
	uint32_t diags;  /* diagnostics that are fixed */
	uint32_t unsafe; /* diagnostics left alone because their fix is not safe */
};

/* Choose among the fixes of d: those in files, the unsafe ones only when asked for.  Start with a zeroed f. */
void fixes_choose(struct fixes *f, const struct diags *d, bool unsafe);
/* The text of src with its fixes appended to out; false when it has none, or out is full. */
bool fixes_apply(const struct fixes *f, const struct source *src, struct buf *out);
void fixes_free(struct fixes *f);

#endif
