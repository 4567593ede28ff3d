/* sandbox_plan.h - the steps of an attempt's namespace, as sandbox_plan.c, sandbox_strict.c and stage_container.c put them together. */
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
/* ... and of the layers that overlayfs writes to: once the attempt's directory is in its place, where it is not read-only. */
void plan_layers(struct plan *p);
/* The i-th mount of the attempt onto its place. */
void plan_put(struct plan *p, uint32_t i);
/* plan_world for an attempt in a container. */
bool plan_container(struct plan *p);

/* ---- sandbox_strict.c ---- */
struct strict;
/* How many slots strict_take uses at most. */
uint32_t strict_slots(const struct plan *p);
/* Descriptors of what stays writable or visible on a machine that is read-only otherwise; before anything is mounted. */
struct strict *strict_take(struct plan *p);
/* Everything read-only, with what stays open over it; before the workspace and the attempt's directory are put back. */
void strict_put(struct plan *p, const struct strict *t);
/* What the site file opens inside the workspace or a store; after these. */
void strict_inner(struct plan *p, const struct strict *t);
/* Files of the kernel that root may write without any capability; after /proc. */
void strict_proc(struct plan *p, const struct strict *t);

#endif
