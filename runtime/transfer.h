/* transfer.h - put files into a directory or a bucket: each is there whole or not at all.
 *
 * A file is written in a directory of this process below ROOT/.weft-tmp-UID, then renamed.  That directory is locked while
 * the process lives; who comes later removes what dead ones have left.  Nothing here follows a link below the root. */
#ifndef WEFT_RUNTIME_TRANSFER_H
#define WEFT_RUNTIME_TRANSFER_H

#include "runtime/copybytes.h"

struct transfer {
	int root;              /* not closed */
	struct copy_ways ways; /* the caller sets `more` */
	int stage;             /* -1 until something is put */
	char *stage_name;      /* heap: .weft-tmp-UID/NAME */
	char *dir;             /* heap: the directory of `parent`, below the root; NULL: none */
	int parent;
	bool dropped;          /* something was removed from it */
};

void transfer_open(struct transfer *t, int root);
/* Remove what is temporary, and directories that transfer_drop has emptied. */
void transfer_close(struct transfer *t);
/* The bytes of IN become ROOT/REL, with mode (as umask leaves it) and mtime of SB, which is what fstat says of IN.  Directories
 * are made.  false with errno; ESTALE: IN was changed meanwhile. */
bool transfer_put(struct transfer *t, int in, const struct stat *sb, const char *rel);
/* ROOT/REL becomes another name of what FD is open on, on the same file system. */
bool transfer_link(struct transfer *t, int fd, const char *rel);
/* Remove ROOT/REL, a file or a link; its directory goes with it when nothing else is there: object stores have none. */
bool transfer_drop(struct transfer *t, const char *rel);
/* Do both files, from their beginnings, hold the same bytes?  -1 with errno. */
int transfer_same(int a, int b);

#endif
