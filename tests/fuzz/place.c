/* place.c - see place.h. */
#include "place.h"

#include "base/arena.h"

#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char dir[64];

void check(bool ok, const char *what)
{
	if (ok)
		return;
	fprintf(stderr, "fuzz: %s\n", what);
	abort();
}

static int remove_one(const char *path, const struct stat *sb, int type, struct FTW *at)
{
	(void)sb, (void)type;
	return at->level ? remove(path) : 0;
}

void place_clear(void)
{
	nftw(place(), remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

static void leave(void)
{
	place_clear();
	rmdir(dir);
}

const char *place(void)
{
	if (*dir)
		return dir;
	snprintf(dir, sizeof(dir), "%s/weft-fuzz.XXXXXX", access("/dev/shm", W_OK) ? "/tmp" : "/dev/shm"); /* no disk: faster */
	check(mkdtemp(dir), "no directory");
	atexit(leave);
	return dir;
}

const char *place_path(const char *name)
{
	static char path[4][128];
	static unsigned i;

	i = (i + 1) % 4;
	snprintf(path[i], sizeof(path[i]), "%s/%s", place(), name);
	return path[i];
}

void place_put(const char *name, const void *p, size_t n)
{
	int fd = open(place_path(name), O_WRONLY | O_CREAT | O_TRUNC, 0600);

	check(fd >= 0 && write(fd, p, n) == (ssize_t)n && !close(fd), "no file");
}

struct part part_next(const uint8_t **data, size_t *size)
{
	size_t n = *size ? strnlen((const char *)*data, *size) : 0;
	struct part t = { xstrndup(*size ? (const char *)*data : "", n), n };

	n += n < *size;
	*data += n;
	*size -= n;
	return t;
}
