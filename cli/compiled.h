/* compiled.h - compiled plans: a workflow that did not change since it was compiled is not parsed again.
 *
 * What a compilation gave is kept in DIR/.weft/cache, a file for each set of options, with a record of everything it
 * read (base/deps.h).  It is used when this build made it for these options, parameters and current directory, it is
 * not damaged, and all that it was made from is as it was.  Otherwise, and when nothing can be kept there, all goes
 * as if there were no cache.  What had anything to say is not kept: it says it each time.  doc/run.md. */
#ifndef WEFT_CLI_COMPILED_H
#define WEFT_CLI_COMPILED_H

#include "cli/load.h"

#define OPT_NO_CACHE { 0, "no-cache", NULL, "parse and check the workflow even when nothing changed", NULL, false, FILL_NONE }

/* session_compile and load_warn_secrets after load_open, or what they gave before: then l->session has job and site,
 * no tree and no diagnostics, and the job has names and sources of its own (job->names, job->sources).  LEAN: for a long
 * time, so that it is to be like that also when it was compiled just now, if it can be.
 * Off with the option no-cache and the environment variable WEFT_NO_CACHE; with verbose says which it was. */
void compiled_open(struct load *l, const struct opts *o, const char *path, bool lean);

#endif
