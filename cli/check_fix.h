/* check_fix.h - weft check --fix: apply what diagnostics propose, file by file. */
#ifndef WEFT_CLI_CHECK_FIX_H
#define WEFT_CLI_CHECK_FIX_H

#include "cli/load.h"

/* The texts of a workflow's files while they are being fixed. */
struct fixer;
struct fixer *fixer_new(void);
void fixer_free(struct fixer *x);
/* Before a session loads anything: it reads the fixed texts instead of the files. */
void fixer_prepare(const struct fixer *x, struct session *s);
/* After it compiled: apply the fixes that it proposes to the texts in memory; false when there was none. */
bool fixer_round(struct fixer *x, const struct session *s, bool unsafe);
/* At the end: rewrite the files, each only if it is still what was read, or (diff) show the difference, and sum up on
 * f (NULL: silent): how many fixes, and what of d is left.  false after a message. */
bool fixer_finish(struct fixer *x, const char *path, bool diff, const struct diags *d, FILE *f);

#endif
