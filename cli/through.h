/* through.h - weft run -- COMMAND: one command as a task, with its own streams and exit status coming through. */
#ifndef WEFT_CLI_THROUGH_H
#define WEFT_CLI_THROUGH_H

#include "cli/runargs.h"

/* Run the operands as one command; its exit status, 128+n when signal n ended it, else that of a run. */
int through_run(const struct opts *o, const struct run_options *more);

#endif
