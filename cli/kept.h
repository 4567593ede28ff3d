/* kept.h - a plan kept in a file by weft plan -o, to be run as it was. */
#ifndef WEFT_CLI_KEPT_H
#define WEFT_CLI_KEPT_H

#include "cli/runargs.h"

/* Does the name look like one (.weftplan)? */
bool is_kept_plan(const char *path);
/* Do what the command line that was kept says, in its directory, if the plan is still the same. */
int run_kept(const struct opts *o, runargs_fn *fn, const struct run_options *more);

#endif
