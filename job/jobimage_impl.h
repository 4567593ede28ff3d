/* jobimage_impl.h - the layout of an image, for jobimage.c (writes), imageload.c and imagecheck.c (read). */
#ifndef WEFT_JOB_JOBIMAGE_IMPL_H
#define WEFT_JOB_JOBIMAGE_IMPL_H

#include "base/digest.h"
#include "job/jobimage.h"

/* Arrays, one behind the other, each aligned to 8.  A task's parts follow those of the task before it; the job's own
 * settings and parameters stand behind those of the last task. */
enum image_part {
	IM_OFF,    /* uint32_t: where name i starts in IM_CHAR; one more at the end */
	IM_X,      /* struct jx; what one refers to has a smaller number, its `next` too */
	IM_TASK,   /* struct jtask; pointers are NULL */
	IM_DIM,    /* struct jdim; pointers are 1 + place in IM_NAME or IM_BYTE, 0 for NULL */
	IM_PORT,   /* struct jport: a task's inputs, then its outputs */
	IM_MAP,    /* struct jmap */
	IM_VAL,    /* struct jval; of lists and maps i is the place in IM_NAME */
	IM_ENV,    /* struct jenv */
	IM_CAUSE,  /* struct jcause */
	IM_EDGE,   /* struct jedge */
	IM_SECRET, /* struct jsecret */
	IM_SOURCE, /* struct image_source */
	IM_NAME,   /* name: cells, columns, lists */
	IM_BYTE,   /* uint8_t: types of columns */
	IM_CHAR,   /* texts of names, each with a NUL */
	IM_TEXT,   /* other texts, each with a NUL: the directory at 0, paths, sources that are no files */
	IM_PARTS,
};
struct image_source {
	uint32_t base, len;
	uint32_t path, text; /* places in IM_TEXT; text is 0 for a file */
	uint64_t known;      /* 0 or 1 */
	struct digest digest;
};
struct image_head {
	char magic[8];
	uint64_t bytes;      /* of the whole image */
	struct digest sum;   /* of everything behind it */
	uint64_t count[IM_PARTS];
	uint64_t seed;       /* of the digests of sources */
	struct span name_span;
	name name;
	uint32_t nset, nparam, unused;
};
extern const char image_magic[8];
extern const uint8_t image_width[IM_PARTS]; /* bytes of one element */

static inline struct digest image_sum(const void *image, size_t n)
{
	size_t from = offsetof(struct image_head, count);

	return digest_of((const char *)image + from, n - from, 0);
}

/* imagecheck.c: is everything in range?  at[]: where the parts start; all pointers are set. */
struct image {
	struct image_head *h;
	void *at[IM_PARTS];
	struct job *j;
	uint32_t *nout; /* outputs of every task, side by side: references go to tasks far apart */
};
/* Every expression refers to smaller numbers and existing names, none is too deep or too large. */
bool image_check_x(const struct image *im);
/* Names, expressions, kinds, counts and places of everything else. */
bool image_check_job(const struct image *im);

#endif
