/* tally.h - a run's instances added up by task: what they took, what they had asked for, when they ran.
 *
 * Made from the journal alone.  Memory goes with tasks, not with instances.  Strings point into the journal. */
#ifndef WEFT_RUNTIME_TALLY_H
#define WEFT_RUNTIME_TALLY_H

#include "base/arena.h"
#include "runtime/past.h"

enum {
	TALLY_SLICES = 200, /* of a run's time, in which instances are counted */
	TALLY_ROWS = 100,   /* tasks that are counted so, in the order of their beginning; the others are one row */
	TALLY_FILES = 200,  /* outputs that are listed */
};

struct tally_file {
	uint32_t task;
	const char *path;
	struct digest digest;
};
struct tally_task {
	const char *name, *label;     /* label: "" */
	int64_t instances;            /* as the workflow says; -1: unknown */
	int64_t cpu, mem, limit_ms;   /* asked for: billionths of a cpu, bytes, limit of time; -1: nothing */
	uint64_t n[PAST_STATES], adopted, retried, no_memory;
	uint64_t timed, measured;     /* instances that the sums are of: wall and cpu, memory */
	int64_t wall_ms, cpu_ms, longest_ms, max_rss; /* sums, and the most of one; -1 when not measured */
	int64_t begin_ms, end_ms;     /* Unix time, -1: never */
	int64_t last_begin_ms;        /* of the instance that ended last, */
	const char *last_key;         /* and its key */
	const uint32_t *pred;         /* places of the tasks before it */
	const bool *data;
	uint32_t npred;
	double *slice;                /* [TALLY_SLICES] how many ran at once; NULL beyond TALLY_ROWS */
	uint64_t nout;
	struct digest outs;           /* of all outputs' paths and contents, in whatever order */
};
struct tally {
	struct arena *arena;
	const struct past_run *run;
	int64_t from_ms, to_ms;       /* Unix time: the run */
	struct tally_task *task;      /* those of the run's own record first, in the order of the file */
	uint32_t ntask, cap;
	bool shaped;                  /* there is such a record: a graph can be drawn */
	uint32_t *row;                /* tasks that ran, in the order of their beginning */
	uint32_t nrow;
	double *rest;                 /* [TALLY_SLICES] of the tasks beyond TALLY_ROWS */
	uint32_t *path;               /* critical path: tasks whose last instances waited for each other, the first first */
	uint32_t npath;
	const struct rec_param *param;
	uint32_t nparam;
	struct tally_file *file;
	uint32_t nfile;
	uint64_t nout;
};

/* The run outlives the tally. */
struct tally *tally_new(const struct journal *j, const struct past_run *run, const struct past *p);
void tally_free(struct tally *t);
/* Instances that ended without success for good, as a run that is over has it. */
uint64_t tally_failed(const struct tally *t, const struct tally_task *task);

#endif
