/* jobimage.h - a job as bytes that can be kept in a file: the same job again without source, tree and checks.
 *
 * The bytes are for the program that wrote them and for no other: structs lie in them as they lie in memory, and
 * what differs between builds is the caller's to compare.  Yet nothing in them is trusted: a digest over all of
 * them, and then every number of them, is checked before it is used.  Left out: where expressions stand, names and
 * expressions that nothing refers to.  The texts of files are read when a place in them is asked for. */
#ifndef WEFT_JOB_JOBIMAGE_H
#define WEFT_JOB_JOBIMAGE_H

#include "job/job.h"

/* Append the image of a job that checked clean.  false: too large. */
bool job_image_write(const struct job *j, struct buf *out);
/* The job of an image: n bytes from xmalloc, which are the job's from now on and are changed.  Its names and
 * sources are its own too; job_free frees all.  NULL: damaged; the bytes stay the caller's, but are no image now. */
struct job *job_image_load(void *image, size_t n);

#endif
