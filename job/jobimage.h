/* jobimage.h - a job as bytes that can be kept in a file: the same job again without source, tree and checks.
 *
 * The bytes are for the program that wrote them and for no other: structs lie in them as they lie in memory, and
 * what differs between builds is the caller's to compare.  Yet nothing in them is trusted: a digest over all of
 * them, and then every number of them, is checked before it is used.  Left out: where expressions and edges stand, names and
 * expressions that nothing refers to.  The texts of files are read when a place in them is asked for. */
#ifndef WEFT_JOB_JOBIMAGE_H
#define WEFT_JOB_JOBIMAGE_H

#include "job/job.h"

/* Append the image of a job that checked clean.  false: too large. */
bool job_image_write(const struct job *j, struct buf *out);
/* The job of the image that lies in a file copy (base/filecopy.h) of `size` bytes from byte `at` on, a multiple of 8,
 * up to its end.  The copy is the job's from now on and is changed; names and sources are the job's own too; job_free
 * frees all.  NULL: damaged; the copy is freed. */
struct job *job_image_load(void *copy, size_t size, size_t at);

#endif
