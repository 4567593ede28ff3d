/* cgroup_find.c - /proc/self/cgroup and mountinfo put together; limits read up to the top of a hierarchy. */
#include "runtime/cgroup_find.h"

#include "base/buf.h"
#include "runtime/room.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

const char *const cg_names[CG_WHATS] = { [CG_MEMORY] = "memory", [CG_CPU] = "cpu", [CG_PIDS] = "pids" };

/* ---- reading ---- */

static char *read_file(struct arena *a, const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct buf b;
	char part[4096], *s;
	ssize_t n = -1;

	if (fd < 0)
		return NULL;
	buf_init(&b, 16 << 20);
	while ((n = read(fd, part, sizeof(part))) > 0 || (n < 0 && errno == EINTR))
		if (n > 0)
			buf_add(&b, part, (size_t)n);
	close(fd);
	s = n == 0 ? arena_strndup(a, buf_str(&b), b.len) : NULL;
	buf_free(&b);
	return s;
}

char *cgroup_read(struct arena *a, const char *dir, const char *nm)
{
	char *s = read_file(a, arena_printf(a, "%s/%s", dir, nm));
	size_t n = s ? strlen(s) : 0;

	if (n && s[n - 1] == '\n')
		s[n - 1] = 0;
	return s;
}

static int64_t number(const char *s)
{
	char *end;
	long long v;

	if (strncmp(s, "max", 3) == 0)
		return INT64_MAX;
	errno = 0;
	v = strtoll(s, &end, 10);
	return end == s ? -1 : v;
}

int64_t cgroup_number(struct arena *a, const char *dir, const char *nm, const char *key)
{
	const char *s = cgroup_read(a, dir, nm);
	size_t n = key ? strlen(key) : 0;

	while (s && key && (strncmp(s, key, n) != 0 || s[n] != ' ')) {
		s = strchr(s, '\n');
		s = s ? s + 1 : NULL;
	}
	return s ? number(key ? s + n + 1 : s) : -1;
}

static bool has_word(const char *s, const char *word, const char *sep)
{
	size_t n = strlen(word);

	while (s && *s) {
		size_t k = strcspn(s, sep);

		if (k == n && strncmp(s, word, n) == 0)
			return true;
		s += k + (s[k] != 0);
	}
	return false;
}

bool cgroup_has_word(struct arena *a, const char *dir, const char *nm, const char *word)
{
	return has_word(cgroup_read(a, dir, nm), word, " \n");
}

/* ---- where we are ---- */

/* A field of mountinfo: \040 and the like are single characters. */
static char *field(struct arena *a, const char *s, size_t n)
{
	char *t = arena_strndup(a, s, n), *to = t;

	for (const char *p = t; *p; p++) {
		if (p[0] == '\\' && p[1] >= '0' && p[1] <= '3' && p[2] >= '0' && p[2] <= '7' && p[3] >= '0' && p[3] <= '7') {
			*to++ = (char)((p[1] - '0') * 64 + (p[2] - '0') * 8 + p[3] - '0');
			p += 3;
		} else {
			*to++ = *p;
		}
	}
	*to = 0;
	return t;
}

struct mount { /* a line of mountinfo */
	const char *root, *at, *type, *opts;
};

static bool mount_line(struct arena *a, const char *line, size_t len, struct mount *m)
{
	const char *f[6], *end = line + len, *p = line, *dash;
	size_t n[6];

	for (int i = 0; i < 6; i++) {
		f[i] = p;
		p = memchr(p, ' ', (size_t)(end - p));
		if (!p)
			return false;
		n[i] = (size_t)(p++ - f[i]);
	}
	dash = memmem(p - 1, (size_t)(end - p + 1), " - ", 3);
	if (!dash)
		return false;
	m->root = field(a, f[3], n[3]);
	m->at = field(a, f[4], n[4]);
	p = dash + 3;
	dash = memchr(p, ' ', (size_t)(end - p));
	if (!dash)
		return false;
	m->type = arena_strndup(a, p, (size_t)(dash - p));
	p = memchr(dash + 1, ' ', (size_t)(end - dash - 1));
	m->opts = p ? arena_strndup(a, p + 1, (size_t)(end - p - 1)) : "";
	return true;
}

/* The path of a line "7:cpu,cpuacct:/a" for a controller; "0::/a" for NULL. */
static const char *group_path(struct arena *a, const char *groups, const char *what)
{
	for (const char *l = groups, *nl; l && *l; l = nl ? nl + 1 : NULL) {
		const char *c = strchr(l, ':'), *p = c ? strchr(c + 1, ':') : NULL;
		size_t n;

		nl = strchr(l, '\n');
		n = nl ? (size_t)(nl - l) : strlen(l);
		if (!p || p >= l + n)
			continue;
		if (what ? has_word(arena_strndup(a, c + 1, (size_t)(p - c - 1)), what, ",") : p == c + 1)
			return arena_strndup(a, p + 1, (size_t)(l + n - p - 1));
	}
	return NULL;
}

/* The directory of a group in a mount that shows the hierarchy from `root` on; NULL: it is not to be seen there. */
static const char *place_of(struct arena *a, const struct mount *m, const char *path)
{
	size_t n = strcmp(m->root, "/") == 0 ? 0 : strlen(m->root);

	if (!path || strstr(path, "/..") || strncmp(path, m->root, n) != 0 || (path[n] && path[n] != '/'))
		return NULL;
	return strcmp(path + n, "/") == 0 || !path[n] ? m->at : arena_printf(a, "%s%s", m->at, path + n);
}

static void take(struct arena *a, const char *groups, const struct mount *m, struct cg_place out[CG_WHATS])
{
	bool two = strcmp(m->type, "cgroup2") == 0;

	for (int i = 0; i < CG_WHATS; i++) {
		const char *dir;

		if (out[i].version || (!two && !has_word(m->opts, cg_names[i], ",")))
			continue;
		dir = place_of(a, m, group_path(a, groups, two ? NULL : cg_names[i]));
		if (dir && (!two || cgroup_has_word(a, dir, "cgroup.controllers", cg_names[i])))
			out[i] = (struct cg_place){ two ? 2 : 1, m->at, dir };
	}
}

void cgroup_parse(struct arena *a, const char *groups, const char *mounts, struct cg_place out[CG_WHATS])
{
	struct mount m;

	memset(out, 0, CG_WHATS * sizeof(*out));
	for (const char *l = mounts, *nl; l && *l; l = nl ? nl + 1 : NULL) {
		nl = strchr(l, '\n');
		if (mount_line(a, l, nl ? (size_t)(nl - l) : strlen(l), &m) && strncmp(m.type, "cgroup", 6) == 0)
			take(a, groups, &m, out);
	}
}

void cgroup_find(struct arena *a, struct cg_place out[CG_WHATS])
{
	const char *groups = read_file(a, "/proc/self/cgroup"), *mounts = read_file(a, "/proc/self/mountinfo");

	cgroup_parse(a, groups ? groups : "", mounts ? mounts : "", out);
}

/* ---- what they leave us ---- */

/* Smallest value over the group and all above it. */
static int64_t least(struct arena *a, const struct cg_place *p, int64_t (*get)(struct arena *a, const char *dir))
{
	char *dir = arena_strdup(a, p->dir);
	size_t top = strlen(p->top);
	int64_t min = INT64_MAX;

	for (;;) {
		int64_t v = get(a, dir);
		char *slash = strrchr(dir, '/');

		min = v >= 0 && v < min ? v : min;
		if (strlen(dir) <= top || !slash)
			return min;
		*slash = 0;
	}
}

static int64_t mem_limit(struct arena *a, const char *dir)
{
	int64_t v = cgroup_number(a, dir, "memory.max", NULL);

	return v >= 0 ? v : cgroup_number(a, dir, "memory.limit_in_bytes", NULL);
}

static int64_t share(int64_t quota, int64_t period)
{
	return quota <= 0 || period <= 0 || quota > INT64_MAX / ROOM_CPU ? -1 : quota * ROOM_CPU / period;
}

static int64_t cpu_limit(struct arena *a, const char *dir)
{
	const char *s = cgroup_read(a, dir, "cpu.max"), *blank = s ? strchr(s, ' ') : NULL;

	if (blank)
		return number(s) == INT64_MAX ? -1 : share(number(s), number(blank + 1));
	return share(cgroup_number(a, dir, "cpu.cfs_quota_us", NULL), cgroup_number(a, dir, "cpu.cfs_period_us", NULL));
}

int64_t cgroup_memory(struct arena *a, const struct cg_place place[CG_WHATS])
{
	return place[CG_MEMORY].version ? least(a, &place[CG_MEMORY], mem_limit) : INT64_MAX;
}

int64_t cgroup_cpu(struct arena *a, const struct cg_place place[CG_WHATS])
{
	return place[CG_CPU].version ? least(a, &place[CG_CPU], cpu_limit) : INT64_MAX;
}
