/* copybytes.c - see copybytes.h. */
#include "runtime/copybytes.h"

#include <errno.h>
#include <linux/fs.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/io.h"

enum { ROOM = 1 << 17, PIECE = 32 << 20 /* between two words to a watcher */ };

static bool tell(struct copy_ways *w, int64_t n)
{
	if (!w->more || w->more(w->ctx, n))
		return true;
	errno = ECANCELED;
	return false;
}

static char *room(struct copy_ways *w)
{
	if (!w->room)
		w->room = xmalloc(ROOM);
	return w->room;
}

/* Up to N bytes (-1: all there are) from where both stand. */
static bool by_memory(int in, int out, int64_t n, struct copy_ways *w)
{
	char *p = room(w);
	ssize_t k = 1;

	while (n != 0 && k != 0) {
		k = read(in, p, n < 0 || n > ROOM ? ROOM : (size_t)n);
		if (k < 0 && errno == EINTR)
			continue;
		if (k < 0 || !write_all(out, p, (size_t)k) || !tell(w, k))
			return false;
		n -= n > 0 ? k : 0;
	}
	return true;
}

static bool cannot(int e)
{
	return e == EXDEV || e == EINVAL || e == EOPNOTSUPP || e == ENOSYS || e == EBADF;
}

/* The same, inside the kernel where that is possible; small ones are faster through memory. */
static bool by_range(int in, int out, int64_t n, struct copy_ways *w)
{
	while (n > ROOM && !w->no_range) {
		ssize_t k = copy_file_range(in, NULL, out, NULL, n > PIECE ? PIECE : (size_t)n, 0);

		if (k < 0 && errno == EINTR)
			continue;
		if (k < 0 && !cannot(errno))
			return false;
		if (k <= 0) {
			w->no_range = k < 0;
			break;
		}
		n -= k;
		if (!tell(w, k))
			return false;
	}
	return by_memory(in, out, n, w);
}

/* Only what is not a hole. */
static bool by_extents(int in, int out, int64_t size, struct copy_ways *w)
{
	off_t at = 0, end;

	while ((at = lseek(in, at, SEEK_DATA)) >= 0 && at < size) {
		end = lseek(in, at, SEEK_HOLE);
		if (end < 0 || lseek(in, at, SEEK_SET) < 0 || lseek(out, at, SEEK_SET) < 0 ||
		    !by_range(in, out, (end < size ? end : size) - at, w))
			return false;
		at = end;
	}
	return (at >= size || errno == ENXIO) && ftruncate(out, size) == 0;
}

static bool by_clone(int in, int out, struct copy_ways *w)
{
	if (w->no_clone)
		return false;
	if (ioctl(out, FICLONE, in) == 0) {
		w->cloned++;
		return true;
	}
	w->no_clone = errno == EOPNOTSUPP || errno == EXDEV || errno == ENOTTY || errno == ENOSYS;
	return false;
}

static bool copy(int in, int out, const struct stat *sb, struct copy_ways *w)
{
	if (!S_ISREG(sb->st_mode) || sb->st_size <= 0) /* /proc: no size is stated */
		return by_memory(in, out, -1, w);
	if (by_clone(in, out, w))
		return tell(w, sb->st_size);
	if (sb->st_size > ROOM && sb->st_blocks < sb->st_size / 512)
		return by_extents(in, out, sb->st_size, w);
	return by_range(in, out, sb->st_size, w);
}

bool copy_bytes(int in, int out, const struct stat *sb, struct copy_ways *w)
{
	struct copy_ways once = { 0 };
	struct stat own;
	bool ok = sb || fstat(in, &own) == 0;

	ok = ok && copy(in, out, sb ? sb : &own, w ? w : &once);
	copy_end(&once);
	return ok;
}

void copy_end(struct copy_ways *w)
{
	int e = errno;

	free(w->room);
	w->room = NULL;
	errno = e;
}
