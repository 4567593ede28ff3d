/* recall.h - actions remembered in .weft/cache: what an unchanged workflow's instances do, without working it out again.
 *
 * Deciding is the commonest thing done, and most instances are current: for these a digest, the names of inputs and
 * the names of outputs are enough.  A recalled action says "current", or that nothing but inputs changed; anything else
 * is worked out afresh (plan.c).  Made for one compiled job (job->image_digest), workspace seed and set of stores;
 * checked before it is believed. */
#ifndef WEFT_RUNTIME_RECALL_H
#define WEFT_RUNTIME_RECALL_H

#include "runtime/action.h"

struct recall;
struct recalled {
	struct digest digest;
	const uint32_t *in, *out; /* numbers of names */
	uint32_t nin, nout;
};

/* What FILE holds for this KEY; NULL when it is missing, damaged or made for something else. */
struct recall *recall_open(const char *file, uint64_t key, const struct job *j);
void recall_free(struct recall *r);
/* Ask at once what stat says of every file named. */
void recall_stat(struct recall *r, struct disk *d);
/* Instances of a task that are remembered: all or none. */
uint32_t recall_count(const struct recall *r, uint32_t task);
uint32_t recall_all(const struct recall *r);
/* What stat said, of all files together. */
struct digest recall_stamps(const struct recall *r, uint64_t seed);
/* Is that still what the digests given out (recall_state) belong to, and was every file's? */
bool recall_steady(const struct recall *r);
/* false: not remembered. */
bool recall_get(const struct recall *r, uint32_t task, uint32_t inst, struct recalled *out);
const char *recall_name(const struct recall *r, uint32_t nm);
/* disk_digest of a name, asked once. */
const struct fstate *recall_state(struct recall *r, uint32_t nm, struct disk *d, const struct fstate *hint);

/* Making one: all instances of a task in order, tasks in any order. */
struct recall_maker;
struct recall_maker *recall_begin(const struct job *j);
void recall_add(struct recall_maker *m, uint32_t task, uint32_t inst, const struct action *a);
/* Write what was added, by rename; nothing is said when it cannot be kept.  Frees the maker. */
void recall_keep(struct recall_maker *m, const char *file, uint64_t key);

/* That everything was current, kept beside the actions as one digest of all this depended on: the actions, the journal,
 * the boot of the machine, the stamps of all files.  While it is the same everything still is. */
bool settled_is(const char *file, struct digest d);
void settled_keep(const char *file, struct digest d);

#endif
