/* slurm_need.h - what an instance asks Slurm for: the engine submits it, an export writes it down (slurm_ask.c). */
#ifndef WEFT_RUNTIME_SLURM_NEED_H
#define WEFT_RUNTIME_SLURM_NEED_H

#include "runtime/stage.h"

struct slurm_ask { /* what an instance asks for */
	uint32_t cpus, minutes;
	uint64_t mb; /* 0: nothing */
};

/* What this attempt asks for, in Slurm's units, rounded up; minutes: two more than its time limit.  false: *why, in the
 * arena. */
bool slurm_need(struct stager *st, const struct job *j, struct attempt_id id, struct slurm_ask *out, struct arena *a,
	const char **why);

#endif
