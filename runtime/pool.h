/* pool.h - clusters played by this machine: as many instances of a cluster at once as it has machines.
 *
 * BatchCompute runs one instance on one machine.  Tasks that name a cluster (by id, or `cluster NAME { ... }`) share its
 * machines; a task with machines of its own (AutoCluster) has as many as it has instances, within the quota.  The size of
 * a machine is what its instances are held to; what they ask for is still held against this machine (request.h). */
#ifndef WEFT_RUNTIME_POOL_H
#define WEFT_RUNTIME_POOL_H

#include "runtime/request.h"

struct pools;

/* Of everything that is wanted; NULL after E1019. */
struct pools *pools_new(const struct run *r);
void pools_free(struct pools *p);
/* Machines of all of them. */
uint64_t pools_machines(const struct pools *p);
/* Is a machine free for this task?  All functions take NULL for P: there are no pools. */
bool pools_free_for(const struct pools *p, uint32_t task);
/* An instance of the task takes one, or gives it back. */
void pools_take(struct pools *p, uint32_t task);
void pools_give(struct pools *p, uint32_t task);
/* Hold an attempt to the size of its machine where the task itself does not say less. */
void pools_limit(const struct pools *p, uint32_t task, struct ask *a);

#endif
