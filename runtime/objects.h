/* objects.h - what lies in a bucket or a directory, in order of its keys, one after the other.
 *
 * Keys come in the order of their bytes, as an object store lists them, whatever the size of a directory; memory stays
 * bounded (of a directory too large for it the smallest names are listed first, then it is read again for the next).  Links
 * are never followed out of the root; temporary copies (FS_TEMP) are not there. */
#ifndef WEFT_RUNTIME_OBJECTS_H
#define WEFT_RUNTIME_OBJECTS_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/stat.h>

enum object_kind {
	OBJ_FILE,
	OBJ_LINK,   /* a link to a file within the root: it reads as that file */
	OBJ_PREFIX, /* a directory, when they are not descended into */
	OBJ_ODD,    /* no object: `why` says what it is */
};
struct object {
	uint8_t kind;
	const char *key;  /* below where the listing began; a prefix ends in a slash.  Valid until the next call */
	const char *name; /* its last part, in: */
	int dir;          /* a descriptor of objects.c's own */
	const char *why;  /* OBJ_ODD: a phrase marked for translation */
	struct stat sb;   /* of the file, with OBJECTS_STAT */
};
enum { OBJECTS_DEEP = 1, OBJECTS_STAT = 2, OBJECTS_OSS = 4 /* names that OSS cannot have are odd */ };

struct objects;
/* Of directory REL ("" or "a/b") below ROOT, which is not closed.  A directory that is not there is empty. */
struct objects *objects_open(int root, const char *rel, unsigned flags);
/* 1: *o is the next one; 0: there is none; -1: errno, and *o is where it went wrong. */
int objects_next(struct objects *l, struct object *o);
/* Open the object that was last given, for reading, and set its sb; -1 with errno.  What it opens is a regular file. */
int objects_read(struct objects *l, struct object *o);
void objects_close(struct objects *l);
/* What is wrong with something of this mode as an object, a phrase marked for translation; NULL: nothing. */
const char *object_fault(mode_t mode);

#endif
