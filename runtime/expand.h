/* expand.h - tasks over the elements of a glob output: their instances are known when the producer has ended. */
#ifndef WEFT_RUNTIME_EXPAND_H
#define WEFT_RUNTIME_EXPAND_H

#include "job/job.h"

typedef bool glob_fn(void *ctx, uint32_t task, int64_t instance, uint32_t port, struct jvalue *out);

/* A job whose tasks of unknown count can be filled in; the same job when there are none. */
const struct job *expandable(struct arena *a, const struct job *j);
/* Nothing of COPY, which was made of J, is filled in any more. */
void expand_none(const struct job *copy, const struct job *j);
/* Fill in the dimensions of one such task; the number of its instances, -1 and *why when they are not known. */
int64_t expand_task(const struct job *j, uint32_t task, glob_fn *glob, void *ctx, struct arena *a, const char **why);

#endif
