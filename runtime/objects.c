/* objects.c - see objects.h. */
#include "runtime/objects.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/intl.h"
#include "job/ossname.h"
#include "runtime/stage_fs.h"

enum { NAMES_MOST = 32 << 20, NAMES_LEAST = 1 << 16 }; /* bytes of names that one directory may hold at a time */

struct level { /* a directory on the way to where we are */
	char *rel;           /* from where the listing began, "" or "a/b/" */
	size_t bytes;        /* of the names */
	struct arena *arena; /* where they are: a byte of type, the name, "/" behind a directory's */
	const char **v;      /* sorted */
	uint32_t n, cap, next;
	char *after;         /* names up to this one are done; NULL: none */
	bool more;           /* larger ones were left out */
};
struct objects {
	int root, fd; /* fd: the directory of `open` */
	struct level *open;
	char *base;   /* rel of objects_open with a slash behind it, or "" */
	unsigned flags;
	struct level **v;
	uint32_t n, cap;
	struct buf key, path; /* of the object; below the root */
};

struct objects *objects_open(int root, const char *rel, unsigned flags)
{
	struct objects *l = xcalloc(1, sizeof(*l));

	l->root = root;
	l->fd = -1;
	l->flags = flags;
	buf_init(&l->key, 1 << 30);
	buf_init(&l->path, 1 << 30);
	buf_addf(&l->path, *rel ? "%s/" : "%s", rel);
	l->base = xstrdup(buf_str(&l->path));
	l->v = grow(l->v, &l->cap, 1, sizeof(*l->v));
	l->v[l->n] = xcalloc(1, sizeof(**l->v));
	l->v[l->n]->rel = xstrdup("");
	l->v[l->n++]->more = true;
	return l;
}

static void level_free(struct objects *l, struct level *x)
{
	if (l->open == x) {
		close(l->fd);
		l->open = NULL;
	}
	arena_free(x->arena);
	free(x->rel);
	free(x->v);
	free(x->after);
	free(x);
}

void objects_close(struct objects *l)
{
	if (!l)
		return;
	while (l->n)
		level_free(l, l->v[--l->n]);
	buf_free(&l->key);
	buf_free(&l->path);
	free(l->base);
	free(l->v);
	free(l);
}

/* ---- reading a directory ---- */

/* Make the directory of this level the open one. */
static bool enter(struct objects *l, struct level *x)
{
	if (l->open == x)
		return true;
	if (l->open)
		close(l->fd);
	l->open = NULL;
	buf_reset(&l->path);
	buf_addf(&l->path, "%s%s", l->base, x->rel);
	while (l->path.len && l->path.p[l->path.len - 1] == '/')
		l->path.p[--l->path.len] = 0;
	l->fd = fs_beneath(l->root, buf_str(&l->path), false);
	if (l->fd < 0)
		return false;
	l->open = x;
	return true;
}

static int by_name(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a + 1, *(const char *const *)b + 1);
}

static void sort(struct level *x)
{
	if (x->n)
		qsort(x->v, x->n, sizeof(*x->v), by_name);
}

/* Too many: keep the smaller half.  Returns what no name may be larger than. */
static const char *halve(struct level *x)
{
	struct arena *a = arena_new();

	sort(x);
	x->n = (x->n + 1) / 2;
	x->bytes = 0;
	for (uint32_t i = 0; i < x->n; i++) {
		size_t n = 1 + strlen(x->v[i] + 1);

		x->v[i] = arena_strndup(a, x->v[i], n);
		x->bytes += n + sizeof(*x->v);
	}
	arena_free(x->arena);
	x->arena = a;
	x->more = true;
	return x->v[x->n - 1] + 1;
}

static char *entry(struct level *x, const struct dirent *de, unsigned char type)
{
	size_t n = strlen(de->d_name);
	char *p = arena_alloc(x->arena, n + 3);

	p[0] = (char)type;
	memcpy(p + 1, de->d_name, n + 1);
	if (type == DT_DIR)
		memcpy(p + 1 + n, "/", 2);
	return p;
}

static unsigned char type_of(int dir, const struct dirent *de)
{
	struct stat sb;

	if (de->d_type != DT_UNKNOWN || fstatat(dir, de->d_name, &sb, AT_SYMLINK_NOFOLLOW) < 0)
		return de->d_type;
	return (unsigned char)IFTODT(sb.st_mode);
}

static bool is_hidden(const char *name)
{
	return strcmp(name, ".") == 0 || strcmp(name, "..") == 0 || strncmp(name, FS_TEMP, strlen(FS_TEMP)) == 0;
}

/* The next names of a directory, as many as fit. */
static bool fill(struct level *x, DIR *d, size_t most)
{
	const char *limit = NULL;
	struct dirent *de;

	x->more = false;
	while (errno = 0, de = readdir(d)) {
		struct arena_mark mark = arena_mark(x->arena);
		const char *p;

		if (is_hidden(de->d_name))
			continue;
		p = entry(x, de, type_of(dirfd(d), de));
		if ((x->after && strcmp(p + 1, x->after) <= 0) || (limit && strcmp(p + 1, limit) > 0)) {
			x->more = x->more || (limit && strcmp(p + 1, limit) > 0);
			arena_reset(x->arena, mark);
			continue;
		}
		x->v = grow(x->v, &x->cap, x->n + 1, sizeof(*x->v));
		x->v[x->n++] = p;
		x->bytes += strlen(p) + sizeof(*x->v);
		if (x->bytes > most && x->n > 1)
			limit = halve(x);
	}
	sort(x);
	return errno == 0;
}

static bool read_names(struct objects *l, struct level *x)
{
	uint32_t depth = l->n < 10 ? l->n : 10;
	DIR *d;
	int fd, e;
	bool ok;

	if (x->n) {
		free(x->after);
		x->after = xstrdup(x->v[x->n - 1] + 1);
	}
	arena_free(x->arena);
	x->arena = arena_new();
	x->n = x->next = 0;
	x->bytes = 0;
	if (!enter(l, x))
		return errno == ENOENT && !(x->more = false);
	fd = openat(l->fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	d = fd >= 0 ? fdopendir(fd) : NULL;
	if (!d) {
		if (fd >= 0)
			close(fd);
		return false;
	}
	ok = fill(x, d, NAMES_MOST >> depth > NAMES_LEAST ? NAMES_MOST >> depth : NAMES_LEAST);
	e = errno;
	closedir(d);
	errno = e;
	return ok;
}

/* ---- one after the other ---- */

const char *object_fault(mode_t mode)
{
	switch (mode & S_IFMT) {
	case S_IFREG: return NULL;
	case S_IFDIR: return N_("it is a directory");
	case S_IFLNK: return N_("it is a link that leads elsewhere");
	case S_IFIFO: return N_("it is a named pipe");
	case S_IFSOCK: return N_("it is a socket");
	case S_IFCHR:
	case S_IFBLK: return N_("it is a device");
	default: return N_("it is no file");
	}
}

static const char *path_of(struct objects *l, const struct object *o)
{
	buf_reset(&l->path);
	buf_addf(&l->path, "%s%s", l->base, o->key);
	return buf_str(&l->path);
}

/* A link: does it lead to a file within the root? */
static void look_at_link(struct objects *l, struct object *o)
{
	int fd = fs_open(l->root, path_of(l, o), true);
	struct stat sb;

	o->kind = OBJ_ODD;
	o->why = object_fault(S_IFLNK);
	if (fd < 0)
		return;
	if (fstat(fd, &sb) == 0 && S_ISREG(sb.st_mode)) {
		o->kind = OBJ_LINK;
		o->sb = sb;
	} else {
		o->why = N_("it is a link to a directory or a special file");
	}
	close(fd);
}

/* false: it has gone meanwhile. */
static bool look_at(struct objects *l, struct object *o, unsigned char type)
{
	if (type == DT_REG && (l->flags & OBJECTS_STAT)) {
		if (fstatat(o->dir, o->name, &o->sb, AT_SYMLINK_NOFOLLOW) < 0)
			return false;
		type = (unsigned char)IFTODT(o->sb.st_mode);
	}
	o->kind = OBJ_FILE;
	o->why = NULL;
	if (type == DT_LNK) {
		look_at_link(l, o);
	} else if (type != DT_REG) {
		o->kind = OBJ_ODD;
		o->why = object_fault(DTTOIF(type));
	}
	if ((l->flags & OBJECTS_OSS) && o->kind != OBJ_ODD && (o->why = oss_key_fault(path_of(l, o))))
		o->kind = OBJ_ODD;
	return true;
}

static void descend(struct objects *l, const struct level *x, const char *name)
{
	struct level *y = xcalloc(1, sizeof(*y));
	struct buf b;

	buf_init(&b, 1 << 30);
	buf_addf(&b, "%s%s", x->rel, name);
	y->rel = b.p;
	y->more = true;
	l->v = grow(l->v, &l->cap, l->n + 1, sizeof(*l->v));
	l->v[l->n++] = y;
}

static int failed(struct objects *l, struct object *o)
{
	int e = errno;

	o->key = buf_str(&l->key);
	o->kind = OBJ_ODD;
	errno = e;
	return -1;
}

int objects_next(struct objects *l, struct object *o)
{
	while (l->n) {
		struct level *x = l->v[l->n - 1];
		const char *e;

		buf_reset(&l->key);
		buf_adds(&l->key, x->rel);
		if (x->next == x->n && x->more && !read_names(l, x)) {
			x->more = false;
			return failed(l, o);
		}
		if (x->next == x->n) {
			if (!x->more)
				level_free(l, l->v[--l->n]);
			continue;
		}
		e = x->v[x->next++];
		if (*e == DT_DIR && (l->flags & OBJECTS_DEEP)) {
			descend(l, x, e + 1);
			continue;
		}
		if (!enter(l, x))
			return failed(l, o);
		buf_adds(&l->key, e + 1);
		o->key = buf_str(&l->key);
		o->name = e + 1;
		o->dir = l->fd;
		if (*e == DT_DIR) {
			o->kind = OBJ_PREFIX;
			o->why = NULL;
			return 1;
		}
		if (look_at(l, o, (unsigned char)*e))
			return 1;
	}
	return 0;
}

int objects_read(struct objects *l, struct object *o)
{
	int fd = o->kind == OBJ_LINK ? fs_open(l->root, path_of(l, o), true) :
		openat(o->dir, o->name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);

	if (fd >= 0 && (fstat(fd, &o->sb) < 0 || !S_ISREG(o->sb.st_mode))) {
		close(fd);
		errno = EINVAL;
		return -1;
	}
	return fd;
}
