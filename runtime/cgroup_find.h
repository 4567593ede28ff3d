/* cgroup_find.h - where this process stands in the control groups of the kernel, version 1, 2 or both. */
#ifndef WEFT_RUNTIME_CGROUP_FIND_H
#define WEFT_RUNTIME_CGROUP_FIND_H

#include "base/arena.h"

#include <stdbool.h>
#include <stdint.h>

enum cg_what { CG_MEMORY, CG_CPU, CG_PIDS, CG_WHATS };
struct cg_place {
	uint8_t version;  /* 0: this controller is nowhere to be had; 1; 2 */
	const char *top;  /* where its hierarchy is mounted */
	const char *dir;  /* the group of this process; below `top` or equal to it */
};
/* "memory", "cpu", "pids" */
extern const char *const cg_names[CG_WHATS];

/* From the texts of /proc/self/cgroup and /proc/self/mountinfo. */
void cgroup_parse(struct arena *a, const char *groups, const char *mounts, struct cg_place out[CG_WHATS]);
/* The same for this process. */
void cgroup_find(struct arena *a, struct cg_place out[CG_WHATS]);
/* A small file DIR/NAME as text without the last line feed; NULL when it cannot be read. */
char *cgroup_read(struct arena *a, const char *dir, const char *nm);
/* A number in a file, or after KEY in a file of "key number" lines; INT64_MAX for "max", -1 when there is none. */
int64_t cgroup_number(struct arena *a, const char *dir, const char *nm, const char *key);
/* Is WORD one of the words in DIR/NAME? */
bool cgroup_has_word(struct arena *a, const char *dir, const char *nm, const char *word);
/* What this process may use because of its groups: bytes, and billionths of a cpu; INT64_MAX without a limit. */
int64_t cgroup_memory(struct arena *a, const struct cg_place place[CG_WHATS]);
int64_t cgroup_cpu(struct arena *a, const struct cg_place place[CG_WHATS]);

#endif
