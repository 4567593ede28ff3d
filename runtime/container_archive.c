/* container_archive.c - the SHA-256 of an archive, remembered as long as the file is the same: DIR/archives/HASH holds
 * "INODE SIZE MTIME CTIME DIGEST PATH".  What cannot be read or written there is worked out again. */
#include "runtime/container_impl.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/digest.h"
#include "base/io.h"
#include "runtime/package.h"
#include "runtime/stage_fs.h"

enum { LINE_LONGEST = 8192, SETTLED_S = 2 /* a file that is younger may change without a new time */ };

static int64_t nanoseconds(struct timespec t)
{
	return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

/* What the record of this file begins with. */
static const char *mark_of(struct arena *a, const struct stat *sb)
{
	return arena_printf(a, "%" PRIu64 " %" PRId64 " %" PRId64 " %" PRId64 " ", (uint64_t)sb->st_ino, (int64_t)sb->st_size,
		nanoseconds(sb->st_mtim), nanoseconds(sb->st_ctim));
}

static const char *remembered(struct arena *a, const char *record, const char *mark, const char *file)
{
	char *line = arena_alloc(a, LINE_LONGEST + 1), *hex = line + strlen(mark);
	int fd = open(record, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	ssize_t n = fd >= 0 ? read(fd, line, LINE_LONGEST) : -1;

	if (fd >= 0)
		close(fd);
	line[n > 0 ? n : 0] = 0;
	if (strncmp(line, mark, strlen(mark)) != 0 || strlen(hex) <= HEX_LEN || strcmp(hex + HEX_LEN + 1, file) != 0)
		return NULL;
	hex[HEX_LEN] = 0;
	return strspn(hex, "0123456789abcdef") == HEX_LEN ? hex : NULL;
}

static void remember(struct arena *a, const char *record, const char *mark, const char *file, const char *hex)
{
	const char *tmp = arena_printf(a, "%s.%ld", record, (long)getpid());
	const char *line = arena_printf(a, "%s%s %s", mark, hex, file);
	int fd = fs_mkparents(record) ? open(tmp, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600) : -1;
	bool ok = fd >= 0 && write_all(fd, line, strlen(line));

	if (fd >= 0)
		close(fd);
	if (fd >= 0 && (!ok || rename(tmp, record) < 0))
		unlink(tmp);
}

const char *archive_digest(struct arena *a, const char *dir, const char *file, const char **why)
{
	const char *record = arena_printf(a, "%s/archives/%016" PRIx64, dir, digest_hash64(file, strlen(file), 0)), *mark, *known;
	char hex[PACKAGE_DIGEST], *bad = NULL;
	struct stat before, after;

	mark = stat(file, &before) == 0 ? mark_of(a, &before) : "";
	known = *mark ? remembered(a, record, mark, file) : NULL;
	if (known)
		return known;
	if (!package_digest(file, hex, &bad, a)) {
		*why = bad;
		return NULL;
	}
	if (*mark && stat(file, &after) == 0 && strcmp(mark, mark_of(a, &after)) == 0 &&
	    time(NULL) - before.st_mtim.tv_sec > SETTLED_S && time(NULL) - before.st_ctim.tv_sec > SETTLED_S)
		remember(a, record, mark, file, hex);
	return arena_strdup(a, hex);
}
