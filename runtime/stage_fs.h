/* stage_fs.h - files and trees: opened beneath a directory without following links, copied, moved, removed.
 *
 * Trees that a task has written are hostile: every name may be a link to elsewhere.  They are reached from an
 * open directory, one component at a time, and links are never followed.  Nothing here recurses.
 * All functions return false (or -1) with errno set. */
#ifndef WEFT_RUNTIME_STAGE_FS_H
#define WEFT_RUNTIME_STAGE_FS_H

#include "base/arena.h"

#include <stdbool.h>
#include <sys/stat.h>

/* Open directory REL ("" or "a/b") below ROOT; components are made when CREATE.  ELOOP/ENOTDIR for links. */
int fs_beneath(int root, const char *rel, bool create);
/* The directory that holds REL, and REL's last component. */
int fs_parent(int root, const char *rel, bool create, const char **base);
/* Open REL below ROOT for reading, without waiting (fifos).  LINKS: follow those that stay below ROOT; where the kernel cannot
 * see to that (before 5.6), ELOOP. */
int fs_open(int root, const char *rel, bool links);
/* lstat of REL below ROOT. */
bool fs_lstat(int root, const char *rel, struct stat *sb);
/* mkdir -p; links on the way are followed. */
bool fs_mkdirs(const char *path);
/* The same for everything before the last slash. */
bool fs_mkparents(const char *path);

/* Copy a file, a link or a tree; the target must not exist.  Devices, sockets and pipes are left out of trees. */
bool fs_copy(int sdir, const char *sname, int ddir, const char *dname);
/* The same in a way of its own. */
struct copy_ways;
struct fs_copying {
	/* The name of what lies in a tree, and what its relative links are to say; NULL: stop with its errno (links stay as they are
	 * then).  May be NULL: all of it stays. */
	const char *(*as)(void *ctx, const char *rel);
	void *ctx;
	struct copy_ways *ways; /* copybytes.h; may be NULL */
};
bool fs_copy_as(int sdir, const char *sname, int ddir, const char *dname, const struct fs_copying *how);
/* Put what SNAME names in the place of DNAME, whatever is there now, by one rename; what was there is removed.  EXDEV: they
 * are on different file systems. */
bool fs_replace(int sdir, const char *sname, int ddir, const char *dname);
/* A name that no other call has given (heap); it begins with FS_TEMP. */
#define FS_TEMP ".weft-tmp-"
char *fs_temp_name(void);
/* Remove a file or a tree, also one whose directories cannot be written; a missing one is fine. */
bool fs_remove(int dir, const char *name);

/* Walk the tree below directory REL of ROOT, parents before their contents, in no order. */
enum fs_go { FS_GO, FS_SKIP /* not into this directory */, FS_FAIL };
struct fs_entry {
	int dir;          /* the directory that holds it */
	const char *name; /* in that directory */
	const char *rel;  /* from where the walk began */
	unsigned char type; /* DT_REG, DT_DIR, DT_LNK...; never DT_UNKNOWN */
};
typedef enum fs_go fs_visit(void *ctx, const struct fs_entry *e);
bool fs_walk(int root, const char *rel, fs_visit *visit, void *ctx);

/* Is nothing in this directory?  It is closed. */
bool fs_is_empty(int dir);

/* Lexical: no "//", "/./", "/../", no trailing slash.  Relative paths may begin with "..". */
char *fs_clean(struct arena *a, const char *path);
/* "dir/rel", or rel when it is absolute. */
char *fs_join(struct arena *a, const char *dir, const char *rel);
/* Is PATH the same as DIR or below it (both clean)?  What follows the slash, NULL if not. */
const char *fs_below(const char *dir, const char *path);

#endif
