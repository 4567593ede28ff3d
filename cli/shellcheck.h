/* shellcheck.h - what ShellCheck says of the scripts of a workflow, as diagnostics. */
#ifndef WEFT_CLI_SHELLCHECK_H
#define WEFT_CLI_SHELLCHECK_H

#include "compiler/session.h"

/* Run ShellCheck on the script of every task that is one of a shell, as its first instance would have it, and queue what it
 * finds at the places of the source (E0345, W0345, N0345); E0346 when it cannot be run.  Diagnostics are finished. */
void shellcheck_run(struct session *s);

#endif
