/* cgroup.h - control groups of attempts: memory, cpu and number of processes held to a limit, for a whole process tree.
 *
 * A run that needs them makes one group below its own (version 1: in each hierarchy), locked by the driver, and in that
 * one group an attempt.  The lock dies with the driver, so whoever comes next can tell what is left behind, and removes it.
 * Version 2 wants groups with limits to be without processes of their own: when this process is alone in its group it
 * moves into a leaf of it; else the nearest group above takes the run's, if this user may. */
#ifndef WEFT_RUNTIME_CGROUP_H
#define WEFT_RUNTIME_CGROUP_H

#include "runtime/cgroup_find.h"

struct cgroups;

struct cg_limits { /* 0: no limit */
	int64_t mem;  /* bytes */
	int64_t cpu;  /* billionths of a cpu */
	int64_t pids; /* set only together with one of the others */
};
struct cgroup { /* of one attempt */
	uint64_t number; /* 0: none */
	int procs[CG_WHATS]; /* what the attempt's first process writes 0 to */
	uint32_t nprocs;
};

/* Find out what is possible, remove what dead drivers have left.  Never NULL.  FLAGS is 0; O_CREAT lets plain directories
 * stand for groups, in tests. */
struct cgroups *cgroups_open(const struct cg_place place[CG_WHATS], int flags);
/* Removes the run's groups; attempts must have ended. */
void cgroups_close(struct cgroups *c);
/* Can this be limited?  NULL, or why not. */
const char *cgroups_lack(const struct cgroups *c, enum cg_what w);
/* The directory in which groups are made for it, and the version. */
const char *cgroups_base(const struct cgroups *c, enum cg_what w, int *version);

/* Make a group with these limits, as far as they are possible; false: *why, valid until the next call. */
bool cgroup_make(struct cgroups *c, const struct cg_limits *lim, struct cgroup *g, const char **why);
/* The descriptors are not needed any more. */
void cgroup_started(struct cgroup *g);
/* Most memory that was used at once (-1 unknown), and how many processes the kernel ended for want of it. */
void cgroup_memory_used(struct cgroups *c, const struct cgroup *g, int64_t *peak, int64_t *killed);
/* Remove it; whatever is still in it is killed. */
void cgroup_drop(struct cgroups *c, struct cgroup *g);
/* Names of the run's groups begin with this. */
#define CGROUP_PREFIX "weft-"

#endif
