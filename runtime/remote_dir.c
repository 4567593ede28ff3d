/* remote_dir.c - files of the shared directory: written at once, marked by exactly one; see remote.h. */
#include "runtime/remote.h"

#include "base/io.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/magic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

enum { TABLE_MAX = 512 << 20, TASK_MAX = 4096, ROW_MIN = sizeof("0 1\n") - 1 };

static bool make_dir(const char *path)
{
	return mkdir(path, 0700) == 0 || errno == EEXIST;
}

bool remote_make(const char *dir)
{
	static const char *const sub[] = { "begun", "claim", "log", "end", "old" };
	struct arena *a = arena_new();
	bool ok = make_dir(dir);

	for (size_t i = 0; ok && i < sizeof(sub) / sizeof(*sub); i++)
		ok = make_dir(arena_printf(a, "%s/%s", dir, sub[i]));
	arena_free(a);
	return ok;
}

bool remote_write(const char *dir, const char *file, const char *p, size_t n)
{
	struct arena *a = arena_new();
	const char *path = arena_printf(a, "%s/%s", dir, file), *slash = strrchr(path, '/');
	const char *tmp = arena_printf(a, "%.*s/.%s.%ld", (int)(slash - path), path, slash + 1, (long)getpid());
	int fd = open(tmp, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600), e;
	bool ok = fd >= 0 && write_all(fd, p, n) && fsync(fd) == 0;

	if (fd >= 0)
		ok = close(fd) == 0 && ok;
	ok = ok && rename(tmp, path) == 0;
	e = errno;
	if (!ok && fd >= 0)
		unlink(tmp);
	arena_free(a);
	errno = e;
	return ok;
}

char *remote_read(struct arena *a, const char *dir, const char *file, size_t max, size_t *n)
{
	struct arena *t = arena_new();
	int fd = open(arena_printf(t, "%s/%s", dir, file), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK), e = 0;
	struct stat sb;
	char *p = NULL;
	ssize_t k = 0;

	*n = 0;
	if (fd < 0 || fstat(fd, &sb) < 0)
		e = errno;
	else if (!S_ISREG(sb.st_mode))
		e = EINVAL;
	else if ((uint64_t)sb.st_size > max)
		e = EFBIG;
	if (!e) {
		p = arena_alloc(a, (size_t)sb.st_size + 1);
		while (*n < (size_t)sb.st_size && (k = read(fd, p + *n, (size_t)sb.st_size - *n)) > 0)
			*n += (size_t)k;
		e = k < 0 ? errno : 0;
		p[*n] = 0;
	}
	if (fd >= 0)
		close(fd);
	arena_free(t);
	errno = e;
	return e ? NULL : p;
}

/* ---- tables ---- */

bool remote_table_write(const char *dir, uint32_t number, const struct remote_table *t)
{
	char file[32];
	struct buf b;
	bool ok;

	buf_init(&b, TABLE_MAX);
	buf_addf(&b, "weft-table 1 %u %u %s\n", t->generation, t->n, t->task);
	for (uint32_t i = 0; i < t->n; i++)
		buf_addf(&b, "%u %d\n", t->row[i].instance, t->row[i].attempt);
	snprintf(file, sizeof(file), "%u.tab", number);
	errno = EFBIG;
	ok = !b.over && remote_write(dir, file, buf_str(&b), b.len);
	buf_free(&b);
	return ok;
}

bool remote_table_read(struct arena *a, const char *dir, uint32_t number, struct remote_table *t)
{
	size_t n, len;
	char file[32], *p, *end;
	int used = 0;

	snprintf(file, sizeof(file), "%u.tab", number);
	p = remote_read(a, dir, file, TABLE_MAX, &n);
	if (!p || sscanf(p, "weft-table 1 %u %u %n", &t->generation, &t->n, &used) < 2 || !used || t->n > REMOTE_ROWS_MAX || t->n > n / ROW_MIN)
		return false;
	p += used;
	len = strcspn(p, "\n");
	if (!len || len > TASK_MAX || !p[len])
		return false;
	t->task = arena_strndup(a, p, len);
	t->row = arena_zalloc(a, t->n, sizeof(*t->row));
	p += len + 1;
	for (uint32_t i = 0; i < t->n; i++) {
		unsigned long inst = strtoul(p, &end, 10);
		long attempt = end > p ? strtol(end, &p, 10) : 0;

		if (inst >= UINT32_MAX || attempt < 1 || attempt > INT32_MAX || *p++ != '\n')
			return false;
		t->row[i] = (struct remote_row){ (uint32_t)inst, (int32_t)attempt };
	}
	return true;
}

/* ---- marks ---- */

enum remote_mark remote_mark(const char *dir, const char *what, uint32_t number, uint32_t index, const char *who)
{
	struct arena *a = arena_new();
	int fd = open(arena_printf(a, "%s/%s/%u.%u", dir, what, number, index), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	enum remote_mark m = fd >= 0 ? MARK_OURS : errno == EEXIST ? MARK_TAKEN : MARK_ERROR;

	if (fd >= 0) {
		write_all(fd, who, strlen(who)); /* for people: who made it does not matter to anybody else */
		close(fd);
	}
	arena_free(a);
	return m;
}

/* Another name for the mark that the machine has already: no file more.  An answer that was lost on a file system of the network
 * makes a second try find what the first has made. */
enum remote_mark remote_claim(const char *dir, uint32_t number, uint32_t index, const char *who)
{
	struct arena *a = arena_new();
	const char *begun = arena_printf(a, "%s/begun/%u.%u", dir, number, index);
	const char *claim = arena_printf(a, "%s/claim/%u.%u", dir, number, index);
	struct stat x, y;
	enum remote_mark m = MARK_OURS;

	if (link(begun, claim) < 0) {
		if (errno != EEXIST)
			m = remote_mark(dir, "claim", number, index, who);
		else if (lstat(begun, &x) < 0 || lstat(claim, &y) < 0)
			m = MARK_ERROR;
		else
			m = x.st_ino == y.st_ino && x.st_dev == y.st_dev ? MARK_OURS : MARK_TAKEN;
	}
	arena_free(a);
	return m;
}

bool remote_over(const char *dir)
{
	struct arena *a = arena_new();
	bool over = access(arena_printf(a, "%s/over", dir), F_OK) == 0;

	arena_free(a);
	return over;
}

bool remote_unfinished(const char *dir)
{
	struct arena *a = arena_new();
	bool yes = access(arena_printf(a, "%s/job.json", dir), F_OK) == 0 && !remote_over(dir);

	arena_free(a);
	return yes;
}

long remote_newest(const char *runs)
{
	struct arena *a = arena_new();
	DIR *d = opendir(runs);
	struct dirent *e;
	long best = 0;

	while (d && (e = readdir(d))) {
		char *end;
		long n = strtol(e->d_name, &end, 10);

		if (!*end && n > best && n < LONG_MAX && remote_unfinished(arena_printf(a, "%s/%s/remote", runs, e->d_name)))
			best = n;
		arena_reset(a, (struct arena_mark){ 0 });
	}
	if (d)
		closedir(d);
	arena_free(a);
	return best;
}

bool remote_give_up(const char *runs)
{
	struct arena *a = arena_new();
	long n = remote_newest(runs);
	bool ok = !n || remote_write(arena_printf(a, "%s/%04ld/remote", runs, n), "over", "", 0);

	arena_free(a);
	return ok;
}

bool remote_fs(const char *dir)
{
	static const long local[] = { EXT4_SUPER_MAGIC, 0x58465342 /* xfs */, BTRFS_SUPER_MAGIC, TMPFS_MAGIC, OVERLAYFS_SUPER_MAGIC,
		0x2fc12fc1 /* zfs */, F2FS_SUPER_MAGIC };
	struct statfs f;

	if (statfs(dir, &f) < 0)
		return true;
	for (size_t i = 0; i < sizeof(local) / sizeof(*local); i++)
		if ((long)f.f_type == local[i])
			return false;
	return true;
}

bool remote_program(const char *dir)
{
	struct arena *a = arena_new();
	const char *to = arena_printf(a, "%s/weft", dir), *tmp = arena_printf(a, "%s/.weft", dir);
	int in = open("/proc/self/exe", O_RDONLY | O_CLOEXEC), out = -1;
	bool there = access(to, X_OK) == 0;
	ssize_t n = -1;

	if (!there && in >= 0)
		out = open(tmp, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0700);
	while (out >= 0 && (n = sendfile(out, in, NULL, 1 << 30)) > 0)
		;
	if (in >= 0)
		close(in);
	if (out >= 0 && close(out) < 0)
		n = -1;
	there = there || (n == 0 && rename(tmp, to) == 0);
	arena_free(a);
	return there;
}
