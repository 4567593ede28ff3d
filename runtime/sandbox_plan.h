/* sandbox_plan.h - the steps of an attempt's namespace, as sandbox_plan.c and stage_container.c put them together. */
#ifndef WEFT_RUNTIME_SANDBOX_PLAN_H
#define WEFT_RUNTIME_SANDBOX_PLAN_H

#include "runtime/stage_impl.h"

struct plan {
	struct stager *s;
	struct stage *st;
	struct stage_state *x;
	struct arena *a;
	struct stage_error *err;
	const char **open; /* directories to be opened up: real paths, sorted */
	uint32_t nopen, cap;
};

/* One more step; the caller fills it in before the next. */
struct sb_op *plan_op(struct plan *p, enum sb_do what);
/* SB_TREE or SB_OPEN of `from` into a new slot, whose number is returned. */
int plan_slot(struct plan *p, enum sb_do what, const char *from, bool readonly);
/* The tree of a slot onto `to`. */
struct sb_op *plan_move(struct plan *p, int from, const char *to);
void plan_dir(struct plan *p, const char *rel, mode_t mode);
/* Make DEST, which lies below FROM, and the directories between them. */
void plan_place(struct plan *p, const char *from, const char *dest, bool file);
/* Descriptors of what a mount needs; before anything is mounted. */
void plan_take(struct plan *p, struct mnt *t);
/* The i-th mount of the attempt onto its place. */
void plan_put(struct plan *p, uint32_t i);
/* plan_world for an attempt in a container. */
bool plan_container(struct plan *p);

#endif
