/* diff.c - show what would change, with diff -u. */
#include "cli/diff.h"

#include "base/buf.h"

#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/* An unlinked temporary file that holds n bytes, rewound; -1 on error. */
static int temporary(const void *p, size_t n)
{
	FILE *f = tmpfile();
	if (!f)
		return -1;
	int fd = -1;
	if (fwrite(p, 1, n, f) == n && fflush(f) == 0)
		fd = dup(fileno(f));
	fclose(f);
	if (fd >= 0)
		lseek(fd, 0, SEEK_SET);
	return fd;
}

/* diff -u of two descriptors, which the child sees as 3 and 4 */
static int spawn_diff(const char *path, const char *what, int a, int b, pid_t *pid)
{
	extern char **environ;
	struct buf from, to;
	posix_spawn_file_actions_t fa;
	buf_init(&from, 1 << 16);
	buf_init(&to, 1 << 16);
	buf_addf(&from, "--label=%s", path);
	buf_addf(&to, "--label=%s (%s)", path, what);
	char diff[] = "diff", u[] = "-u", three[] = "/dev/fd/3", four[] = "/dev/fd/4";
	char *argv[] = { diff, u, from.p, to.p, three, four, NULL };
	posix_spawn_file_actions_init(&fa);
	posix_spawn_file_actions_adddup2(&fa, a, 3);
	posix_spawn_file_actions_adddup2(&fa, b, 4);
	int err = posix_spawnp(pid, diff, &fa, NULL, argv, environ);
	posix_spawn_file_actions_destroy(&fa);
	buf_free(&from);
	buf_free(&to);
	return err;
}

bool diff_show(const char *path, const char *what, const char *old, size_t nold, const char *new, size_t nnew)
{
	/* the descriptors lie above 4, so that neither dup2 overwrites the other's source */
	int a0 = temporary(old, nold), b0 = temporary(new, nnew);
	int a = a0 < 0 ? -1 : dup3(a0, 100, O_CLOEXEC), b = b0 < 0 ? -1 : dup3(b0, 101, O_CLOEXEC);
	pid_t pid = 0;
	int status = 0;
	fflush(stdout);
	int err = a < 0 || b < 0 ? errno : spawn_diff(path, what, a, b, &pid);
	while (!err && waitpid(pid, &status, 0) < 0)
		err = errno == EINTR ? 0 : errno;
	close(a0);
	close(b0);
	close(a);
	close(b);
	if (err || !WIFEXITED(status) || WEXITSTATUS(status) > 1) {
		fprintf(stderr, "weft: cannot run diff: %s\n", err ? strerror(err) : "it failed");
		return false;
	}
	return true;
}
