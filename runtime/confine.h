/* confine.h - what holds an attempt to what it asked for, and tells afterwards that memory was too little.
 *
 * Control groups where this user may make them: the whole process tree counts, swap does not help, and the kernel ends
 * what is over the limit.  Else RLIMIT_DATA, which counts each process alone and lets the command fail as it likes.
 * Attempts that ask for nothing cost nothing here. */
#ifndef WEFT_RUNTIME_CONFINE_H
#define WEFT_RUNTIME_CONFINE_H

#include "runtime/cgroup.h"
#include "runtime/request.h"
#include "runtime/stage.h"

struct confine;
struct confined { /* an attempt */
	struct cgroup group;
	int64_t mem; /* limit; 0: none */
};

struct confine *confine_new(const struct run_options *o);
void confine_free(struct confine *c);
/* Between stage_prepare and stage_spawn; false: it cannot be started, *why. */
bool confine_attempt(struct confine *c, const struct ask *a, struct stage *st, struct confined *out, const char **why);
/* It runs, or could not be started. */
void confine_started(struct confined *x);
/* It has ended: R_OOM instead of what END says when the kernel ended a process of it for want of memory; fills in the limit
 * and the peak.  Text lives as long as C. */
void confine_judge(struct confine *c, const struct confined *x, const struct stage_end *end, struct event *ev);
/* Let go of it. */
void confine_drop(struct confine *c, struct confined *x);

#endif
