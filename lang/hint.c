/* hint.c - what to say about an unexpected token. */
#include "lang/scan.h"

#include "parse.h"

#include <string.h>

void syntax_error(struct parser *p, const char *got, struct span sp, const struct expected *e, int n)
{
	(void)e; (void)n;
	if (p->bad != UINT32_MAX && p->bad >= p->mark)
		return;
	scan_error(p, E0101, sp, "unexpected %s", got);
}
