/* ossname.h - the names that buckets and objects of OSS can have (the user guide's limits; OSS's own for buckets). */
#ifndef WEFT_JOB_OSSNAME_H
#define WEFT_JOB_OSSNAME_H

#include <stdbool.h>
#include <stddef.h>

enum { OSS_NAME_MOST = 255, OSS_KEY_MOST = 1023 }; /* bytes between two slashes; bytes of the whole */

/* What is wrong with a bucket's name of n > 0 bytes, a phrase marked for translation; NULL: nothing. */
const char *oss_bucket_fault(const char *s, size_t n);
/* The first byte of a key that no mounted file can have: control characters and \ : * ? " < > |.  NULL if there is none. */
const char *oss_key_forbidden(const char *key);
/* What is wrong with a key, a phrase marked for translation; NULL: nothing.  Empty names (a//b) and . and .. are wrong, too:
 * no directory can hold them. */
const char *oss_key_fault(const char *key);

#endif
