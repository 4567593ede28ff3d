/* left.h - what a run whose driver has died may have left with its engine: ended without a driver, for weft cancel. */
#ifndef WEFT_RUNTIME_LEFT_H
#define WEFT_RUNTIME_LEFT_H

#include "base/diag.h"
#include "runtime/past.h"
#include "runtime/run.h"

/* End it, all of it or the targets (task or task[key]), and write the end into the journal when it was all.  BASE is .weft of the
 * workspace; o: engine and where it is reached.  *jobs: how many the engine was told to end.  0; 1 there was nothing; 4, 6 or
 * 64 after diagnostics. */
int left_cancel(const char *base, const struct past_run *run, const struct run_options *o, const char *const *target,
	uint32_t n, struct diags *d, uint32_t *jobs);

#endif
