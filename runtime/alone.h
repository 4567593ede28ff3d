/* alone.h - one instance by itself, for debugging: staged as a run stages it, with its streams on ours.
 *
 * Nothing is published and nothing recorded; no lock is taken, so it may be done beside a run.  It lives in a directory of its
 * own, .weft/debug/XXXXXX, which goes away afterwards unless it is to be kept. */
#ifndef WEFT_RUNTIME_ALONE_H
#define WEFT_RUNTIME_ALONE_H

#include "runtime/run.h"

struct alone {
	bool shell;          /* a shell in its place instead of its command */
	const char *command; /* what the shell does; NULL: what it is told */
	bool fresh;          /* not what a failed attempt has left */
	bool keep;           /* its directory */
};
/* Do it for the one target of the options.  The exit status of the command, 128+n when signal n ended it; 3, 4 or 64 after
 * diagnostics when it could not be started. */
int alone_job(const struct job *j, const struct run_options *o, const struct alone *a, struct diags *d);

#endif
