/* out.c - write a result: to standard output, or to a file by rename. */
#include "cli/out.h"

#include "base/buf.h"
#include "base/io.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static bool complain(const char *path)
{
	fprintf(stderr, "weft: cannot write %s: %s\n", path, strerror(errno));
	return false;
}

/* A device or a pipe is written to, not replaced. */
static bool write_in_place(const char *path, const void *p, size_t n)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0)
		return complain(path);
	bool ok = write_all(fd, p, n);
	int err = errno;
	close(fd);
	errno = err;
	return ok || complain(path);
}

/* Keep the mode of a file that is replaced; a new one gets what the umask leaves. */
static mode_t file_mode(const char *path)
{
	struct stat st;
	if (stat(path, &st) == 0)
		return st.st_mode & 07777;
	mode_t mask = umask(0);
	umask(mask);
	return 0666 & ~mask;
}

static bool write_temporary(char *tmp, mode_t mode, const void *p, size_t n)
{
	int fd = mkostemp(tmp, O_CLOEXEC);
	if (fd < 0)
		return false;
	bool ok = write_all(fd, p, n) && fchmod(fd, mode) == 0 && fsync(fd) == 0;
	int err = errno;
	if (close(fd) != 0 && ok) {
		ok = false;
		err = errno;
	}
	if (!ok)
		unlink(tmp);
	errno = err;
	return ok;
}

static bool replace_file(const char *path, const void *p, size_t n)
{
	struct buf tmp;
	buf_init(&tmp, PATH_MAX + 16);
	buf_addf(&tmp, "%s.XXXXXX", path);
	bool ok = !tmp.over && write_temporary(tmp.p, file_mode(path), p, n);
	if (ok && rename(tmp.p, path) != 0) {
		int err = errno;
		unlink(tmp.p);
		errno = err;
		ok = false;
	}
	buf_free(&tmp);
	return ok || complain(path);
}

bool out_write(const char *path, const void *p, size_t n)
{
	if (!path || strcmp(path, "-") == 0)
		return n == 0 || fwrite(p, 1, n, stdout) == n || ferror(stdout); /* told at exit */
	struct stat st;
	if (stat(path, &st) == 0 && !S_ISREG(st.st_mode) && !S_ISDIR(st.st_mode))
		return write_in_place(path, p, n);
	char *real = realpath(path, NULL); /* a link stays a link, its target is replaced */
	bool ok = replace_file(real ? real : path, p, n);
	free(real);
	return ok;
}
