/* export.h - a workflow written down for others to run: plain sbatch scripts, or a list of commands.
 *
 * Nothing is run and nothing is looked up in the journal: what is written is the whole workflow. */
#ifndef WEFT_RUNTIME_EXPORT_H
#define WEFT_RUNTIME_EXPORT_H

#include "base/buf.h"
#include "base/diag.h"
#include "runtime/run.h"

/* Make DIR: a script for each task, tables of what differs between instances, and submit.sh; they need no weft.  DIR is
 * new, or was made by this before; it is replaced at once.  What scripts cannot do is refused (E1100 to E1104).
 * 0, 3 or 4 after diagnostics. */
int export_sbatch(const struct job *j, const struct run_options *o, const char *dir, struct diags *d);
/* Append a JSON list of all instances: arguments or script, directory, environment, files, image, digest.  0, 3 or 4. */
int export_commands(const struct job *j, const struct run_options *o, struct buf *out, struct diags *d);

#endif
