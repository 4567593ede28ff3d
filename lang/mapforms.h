/* mapforms.h - the one reader of the old tool's mount forms: keys of job.cfg and the options -r -w -m.
 *
 *   oss://bucket/dir/:/home/input   nas://host:/path:/mnt   split at the last colon
 *   /home/output:oss://bucket/dir/                          reversed
 *   ...:true, ...:false                                     WriteSupport (mount and read_mount)
 *   SRC:::DST[:::true]                                      for paths with colons
 *   oss://bucket/dir/:D                                     a Windows drive, D:
 *
 * The key says what is meant; the result says what it becomes:
 *   MAP_INPUT  read_mount, -r   -> MAP_MOUNT, read only unless :true
 *   MAP_MOUNT  mount, -m        -> MAP_MOUNT, writable when the source ends with / or :true
 *   MAP_OUTPUT write_mount, -w  -> MAP_OUTPUT (local -> storage)
 *   MAP_LOG    log_mapping      -> MAP_LOG (local -> storage) */
#ifndef WEFT_LANG_MAPFORMS_H
#define WEFT_LANG_MAPFORMS_H

#include "base/name.h"
#include "base/op.h"

#include <stdbool.h>
#include <stddef.h>

struct mapform_part { /* bytes [lo, hi) of the text parsed */
	size_t lo, hi;
};
struct mapform {
	enum map_kind kind;
	bool write;          /* MAP_MOUNT */
	int flag;            /* 1, 0, or -1 when none was written */
	struct mapform_part storage, local;
	struct mapform_part flag_at;
	bool drive;          /* the local part is a drive letter: `:` follows it */
	const char *why;     /* what is wrong, for a person; NULL when nothing is */
	const char *help;
	struct mapform_part wrong;
};

/* The next item of a comma list from *pos on, without blanks around it; false at the end.  Empty items are skipped. */
bool mapform_next(const char *s, size_t n, size_t *pos, struct mapform_part *item);
/* One item, s[item.lo .. item.hi); false with f->why. */
bool mapform_parse(enum map_kind key, const char *s, struct mapform_part item, struct mapform *f);
/* Source and target in the order of a MAP node and of struct jmap (OUTPUT, LOG: local first). */
name mapform_from(const struct mapform *f, const char *s, struct names *names);
name mapform_to(const struct mapform *f, const char *s, struct names *names);

#endif
