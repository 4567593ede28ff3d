/* package.h - what a task's package setting names, packed reproducibly and unpacked safely. */
#ifndef WEFT_RUNTIME_PACKAGE_H
#define WEFT_RUNTIME_PACKAGE_H

#include "base/arena.h"

#include <stdbool.h>

enum { PACKAGE_DIGEST = 65 }; /* 64 hexadecimal digits and a NUL */

/* Bring local files and directories together in the directory INTO (made): a directory's contents, or files by
 * their base names; set-user-id bits go, links must stay inside.  The digest covers names, x bits and contents. */
bool package_gather(const char *const *paths, unsigned n, const char *into, char digest[PACKAGE_DIGEST], char **why,
	struct arena *a);
/* Unpack an archive (tar, zip..., any compression) into INTO: nothing may get out, no devices, no set-user-id,
 * nor much more than anybody would have packed into a file of its size. */
bool package_unpack(const char *archive, const char *into, char digest[PACKAGE_DIGEST], char **why, struct arena *a);
/* Write directory FROM as tar.gz: sorted, times 0, owner 0, so that equal contents give equal bytes. */
bool package_pack(const char *from, const char *archive, char **why, struct arena *a);
/* SHA-256 of a file. */
bool package_digest(const char *file, char digest[PACKAGE_DIGEST], char **why, struct arena *a);

#endif
