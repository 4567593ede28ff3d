/* jobwrite.h - what jobwrite.c (order, settings) and jobweft.c (the parts with a form of their own) share. */
#ifndef WEFT_JOB_JOBWRITE_H
#define WEFT_JOB_JOBWRITE_H

#include "base/json.h"
#include "job/job.h"

struct writer {
	const struct job *j;
	struct arena *tmp; /* evaluation; reset after every task */
	struct jw w;
	bool ok;
	/* the objects that are open below the root or the task: a prefix of the last row's JSON path */
	const char *path;
	size_t plen[16]; /* length of the path up to each of them */
	uint32_t depth;
};

/* Is there something to write for this row of the table?  t is NULL for rows of the job. */
bool special_present(struct writer *w, const struct jtask *t, enum setting id);
/* Its value, behind the key. */
void special_write(struct writer *w, const struct jtask *t, enum setting id);
/* All rows of one object (the job's, a task's) in order. */
void rows_write(struct writer *w, const struct jtask *t);
/* text and value helpers */
void put_name(struct writer *w, name nm);
void put_key(struct writer *w, name nm);
uint32_t task_number(const struct writer *w, const struct jtask *t);

#endif
