/* charset.h - the character set of file names that a program sees on its mounts (the user guide's locale; charset.def). */
#ifndef WEFT_JOB_CHARSET_H
#define WEFT_JOB_CHARSET_H

#include "job/job.h"

struct charset {
	const char *name;  /* in a workflow */
	const char *iconv; /* NULL: names stay as they are */
};
extern const struct charset charsets[];
extern const unsigned ncharset;

/* The set of this name, in letters of any size, as the user guide has them; NULL: there is none. */
const struct charset *charset_find(const char *word);
/* What the names below a mapping of the task are to be seen in; NULL: they stay as they are.  Mounts go by `mounts.locale`, theirs
 * or their cluster's, and without it by `locale`, as mappings do (the tool's --locale sets that one and is meant for mounts). */
const struct charset *map_charset(const struct job *j, const struct jtask *t, const struct jmap *m);

#endif
