/* plan_impl.h - what plan.c (comparing) and plan_recall.c (what is remembered of the last look) share. */
#ifndef WEFT_RUNTIME_PLAN_IMPL_H
#define WEFT_RUNTIME_PLAN_IMPL_H

#include "runtime/plan.h"

/* Room for what is found of each instance, which is this so far. */
void plan_room(struct plan_task *t, uint32_t count, enum verdict v);
/* Take what is remembered, and ask stat of all files in it: once, before the first pass. */
void plan_recall_begin(struct plan *p);
/* After the first pass: remember what was new, and that there was nothing to do. */
void plan_recall_end(struct plan *p);

#endif
