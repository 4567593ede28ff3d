/* pathset.h - all paths that the instances of a task give one port, without making them.
 *
 * A path is text with pieces that come from dimensions: "bam/~{s.id}.bam".  When the pieces can be told apart in any such
 * path, a set answers whether it holds a path, whether two instances share one, and often whether it meets another set.
 * Where it cannot, it says so, and its paths are made one by one. */
#ifndef WEFT_COMPILER_PATHSET_H
#define WEFT_COMPILER_PATHSET_H

#include "job/job.h"

enum pathset_kind {
	PATHS_UNKNOWN, /* known only while the job runs */
	PATHS_CONST,   /* one path: text */
	PATHS_EXACT,   /* pieces that can be told apart */
	PATHS_MANY,    /* to be made one by one */
};
struct piece {
	bool var;
	bool ident;       /* var: tells the values of its dimension apart */
	bool cells;       /* var: of the dimension's column `col`; else the int mul * position + add */
	uint32_t dim, col;
	int64_t mul, add;
	const char *s;    /* text */
	size_t n;
};
struct column_scan { /* what the cells of a column look like */
	const name *cell;
	uint32_t cols, col;
	bool odd;          /* one could not stand in a path as it is */
	uint32_t chars[8]; /* bytes that occur */
};
struct pathsets { /* what sets are made with */
	const struct job *j;
	struct arena *arena;
	struct column_scan scan[8];
	uint32_t nscan;
};
struct pathset {
	const struct job *j;
	struct arena *arena;
	uint32_t task;
	jxid x;
	uint8_t kind;     /* enum pathset_kind */
	bool eval;        /* PATHS_MANY: evaluate x; else put the pieces together */
	name text;        /* PATHS_CONST */
	struct piece *v;
	uint32_t n, cap;
	uint32_t ndim;    /* the task's, one for the instances of a task without, one for the elements of a family */
	bool family;
	int64_t *count;   /* [ndim]; -1: unknown */
	uint32_t uses;    /* bits of the dimensions that tell paths apart */
	uint32_t depth;   /* slashes */
};

/* The path without what means nothing: "./", "//", "a/..", a slash at the end.  The scheme of an URL stays. */
void path_normal(struct buf *out, const char *s);
/* The set of x in this task; elems: of a family with so many elements, else 0.  Pieces live in the arena. */
void pathset_make(struct pathsets *c, struct pathset *ps, uint32_t task, jxid x, int64_t elems);
/* The text before the first piece that varies, and its length. */
const char *pathset_start(const struct pathset *ps, size_t *n);
/* How many paths pathset_each makes; -1 unknown or too many to say. */
int64_t pathset_size(const struct pathset *ps);
/* Do several instances have one path, because none of the pieces tells them apart?  elems: elements of one instance? */
bool pathset_shared(const struct pathset *ps, bool *elems);
/* Every path, normal, with one instance that has it (and the element).  false: fn returned false, or a path is unknown. */
bool pathset_each(const struct pathset *ps, bool (*fn)(void *ctx, const char *path, int64_t instance, int64_t elem), void *ctx);
/* The path at these positions, one a dimension, appended; and the instance there. */
void pathset_render(const struct pathset *ps, const int64_t *pos, struct buf *b);
int64_t pathset_instance(const struct pathset *ps, const int64_t *pos);
/* PATHS_EXACT: an instance with this path, or one above or below it, -1 if there is none; more: there are others. */
int64_t pathset_find(const struct pathset *ps, const char *path, size_t n, bool *more);

enum relation { SETS_APART, SETS_MEET, SETS_UNSURE };
/* Do two exact sets have a path in common, or one a path below one of the other's?  Gives an instance of each.
 * differ: only if the two numbers can differ. */
enum relation pathset_relate(const struct pathset *a, const struct pathset *b, bool differ, int64_t *ia, int64_t *ib);

#endif
