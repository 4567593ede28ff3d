/* sandbox_init.h - what runs between fork and exec; only async-signal-safe calls. */
#ifndef WEFT_RUNTIME_SANDBOX_INIT_H
#define WEFT_RUNTIME_SANDBOX_INIT_H

#include "runtime/sandbox.h"

enum sb_step { /* steps of init itself */
	ST_FDS, ST_PARENT, ST_UIDMAP, ST_PRIVATE, ST_NULL, ST_FORK, ST_CGROUP, ST_LIMIT, ST_WORKDIR, ST_STEPS
};
/* The child of sandbox_spawn; never returns. */
void sandbox_init(const struct sandbox *sb, const struct sb_spawn *sp, int report) __attribute__((noreturn));

#endif
