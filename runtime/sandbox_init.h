/* sandbox_init.h - what runs between fork and exec; only async-signal-safe calls. */
#ifndef WEFT_RUNTIME_SANDBOX_INIT_H
#define WEFT_RUNTIME_SANDBOX_INIT_H

#include "runtime/sandbox.h"

enum sb_step { /* steps of init itself */
	ST_FDS, ST_PARENT, ST_UIDMAP, ST_PRIVATE, ST_NULL, ST_FORK, ST_CGROUP, ST_LIMIT, ST_WORKDIR,
	ST_CAPABILITIES, ST_STEPS
};
/* Signals that the driver ignores back to their defaults; none is blocked afterwards. */
void sandbox_signals(uint64_t ignored);
/* Become the command, when its streams are in place: session, control groups (descriptors above 2), limits, directory,
 * program.  Returns only when that failed, and *r says how. */
void sandbox_command(const struct sb_spawn *sp, const int *cgroup, struct sb_report *r);
/* Microseconds of processor time. */
int64_t sandbox_cpu(const struct rusage *u);
/* The child of sandbox_spawn with namespaces; never returns. */
void sandbox_init(const struct sandbox *sb, const struct sb_spawn *sp, int report) __attribute__((noreturn));

#endif
