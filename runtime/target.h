/* target.h - what was asked for: task, task[key], task[3-7], or a file that some task makes. */
#ifndef WEFT_RUNTIME_TARGET_H
#define WEFT_RUNTIME_TARGET_H

#include "base/diag.h"
#include "runtime/action.h"
#include "runtime/sched.h"

struct target { /* instances lo..hi of a task; hi == UINT32_MAX: all of it */
	uint32_t task, lo, hi;
};
/* Understand one target; ACTOR finds files.  false after a diagnostic (E1001, E1002). */
bool target_read(const struct job *j, struct actor *x, const char *text, struct diags *d, struct target *t);
/* Tell the scheduler; no targets: everything stays wanted. */
void targets_want(struct sched *s, const struct target *t, uint32_t n);

#endif
