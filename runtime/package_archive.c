/* package_archive.c - tar.gz and friends through libarchive.  Archives come from outside: names are taken apart
 * here and every file is opened beneath the target without following links; libarchive only decodes. */
#include "runtime/package.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "runtime/package_impl.h"
#include "runtime/package_lib.h"
#include "runtime/stage_fs.h"

enum { RATIO = 200, ENTRY = 4096 };        /* honest archives grow by less; what an entry counts for beside its contents */
static const int64_t always = INT64_C(1) << 30; /* this much may come out of any archive */

struct unpack {
	const struct lib_archive *lib;
	struct archive *ar;
	struct arena *a;
	int root;
	int64_t left; /* how many bytes may still come out */
	char **why;
};

static bool no(struct unpack *u, const char *name, const char *what)
{
	*u->why = arena_printf(u->a, "entry `%s`: %s", name ? name : "?", what);
	return false;
}

/* An archive of a few kilobytes can hold what fills a disk. */
static bool spend(struct unpack *u, const char *name, int64_t n)
{
	u->left -= n;
	return u->left >= 0 || no(u, name, "more comes out of the archive than anybody would have packed into it");
}

/* The clean relative name, NULL after a refusal; "" is the top directory itself. */
static const char *entry_name(struct unpack *u, const char *name)
{
	const char *p;

	if (!name || !*name) {
		no(u, name, "it has no name");
		return NULL;
	}
	p = fs_clean(u->a, name);
	if (*p == '/' || (p[0] == '.' && p[1] == '.' && (p[2] == 0 || p[2] == '/'))) {
		no(u, name, "its name leads out of the work directory");
		return NULL;
	}
	return p;
}

static bool write_at(int fd, const char *p, size_t n, off_t at)
{
	while (n) {
		ssize_t w = pwrite(fd, p, n, at);

		if (w < 0 && errno != EINTR)
			return false;
		if (w > 0) {
			p += w;
			n -= (size_t)w;
			at += w;
		}
	}
	return true;
}

static bool unpack_data(struct unpack *u, int fd, const char *name)
{
	const void *p;
	size_t n;
	int64_t at, end = 0;
	int rc;

	while ((rc = u->lib->archive_read_data_block(u->ar, &p, &n, &at)) == ARCHIVE_OK) {
		if (at < 0 || n > (uint64_t)(INT64_MAX - at))
			return no(u, name, "a part of it lies beyond the end of all files");
		if (!spend(u, name, (int64_t)n))
			return false;
		if (!write_at(fd, p, n, (off_t)at))
			return no(u, name, strerror(errno));
		end = at + (int64_t)n;
	}
	if (rc != ARCHIVE_EOF)
		return no(u, name, u->lib->archive_error_string(u->ar));
	return ftruncate(fd, (off_t)end) == 0 || no(u, name, strerror(errno));
}

static bool unpack_file(struct unpack *u, int dir, const char *base, const char *name, mode_t perm)
{
	int fd = openat(dir, base, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	bool ok;

	if (fd < 0)
		return no(u, name, strerror(errno));
	ok = unpack_data(u, fd, name);
	fchmod(fd, (perm & 0777) | 0600);
	if (close(fd) < 0 && ok)
		ok = no(u, name, strerror(errno));
	return ok;
}

/* A later entry of the same name wins, be it a file. */
static bool unpack_dir(struct unpack *u, int dir, const char *base, const char *name)
{
	struct stat sb;

	if (mkdirat(dir, base, 0777) == 0)
		return true;
	if (errno == EEXIST && fstatat(dir, base, &sb, AT_SYMLINK_NOFOLLOW) == 0 && S_ISDIR(sb.st_mode))
		return true;
	return (fs_remove(dir, base) && mkdirat(dir, base, 0777) == 0) || no(u, name, strerror(errno));
}

/* A hard link becomes one: to something unpacked before, reached without links. */
static bool unpack_hardlink(struct unpack *u, int dir, const char *base, const char *name, const char *to)
{
	const char *rel = entry_name(u, to), *tbase;
	struct stat sb;
	int tdir;
	bool ok;

	if (!rel)
		return false;
	tdir = fs_parent(u->root, rel, false, &tbase);
	ok = tdir >= 0 && fstatat(tdir, tbase, &sb, AT_SYMLINK_NOFOLLOW) == 0 && S_ISREG(sb.st_mode) &&
		linkat(tdir, tbase, dir, base, 0) == 0;
	if (!ok)
		no(u, name, "the file it is another name of is not in the package");
	if (tdir >= 0)
		close(tdir);
	return ok;
}

static bool unpack_entry(struct unpack *u, struct archive_entry *e)
{
	const char *name = u->lib->archive_entry_pathname(e), *rel = entry_name(u, name), *base;
	const char *hard = u->lib->archive_entry_hardlink(e), *soft = u->lib->archive_entry_symlink(e);
	mode_t type = u->lib->archive_entry_filetype(e);
	int dir;
	bool ok = true;

	if (!rel || !*rel)
		return rel != NULL;
	if (!spend(u, name, ENTRY))
		return false;
	dir = fs_parent(u->root, rel, true, &base);
	if (dir < 0)
		return no(u, name, strerror(errno));
	if (!S_ISDIR(type))
		fs_remove(dir, base); /* a later entry of the same name wins */
	if (hard)
		ok = unpack_hardlink(u, dir, base, name, hard);
	else if (S_ISDIR(type))
		ok = unpack_dir(u, dir, base, name);
	else if (S_ISREG(type))
		ok = unpack_file(u, dir, base, name, u->lib->archive_entry_perm(e));
	else if (!S_ISLNK(type) || !soft)
		ok = no(u, name, "it is neither a file nor a directory nor a link");
	else if (!pkg_link_ok(rel, soft))
		ok = no(u, name, "the link leads out of the package");
	else
		ok = symlinkat(soft, dir, base) == 0 || no(u, name, strerror(errno));
	close(dir);
	return ok;
}

static bool unpack_all(struct unpack *u, int fd)
{
	struct archive_entry *e;
	struct arena_mark m;
	int rc;

	u->lib->archive_read_support_filter_all(u->ar);
	u->lib->archive_read_support_format_all(u->ar);
	if (u->lib->archive_read_open_fd(u->ar, fd, 1 << 16) != ARCHIVE_OK)
		goto bad;
	for (;;) {
		rc = u->lib->archive_read_next_header(u->ar, &e);
		if (rc == ARCHIVE_EOF)
			return true;
		if (rc != ARCHIVE_OK && rc != ARCHIVE_WARN)
			goto bad;
		m = arena_mark(u->a);
		if (!unpack_entry(u, e))
			return false;
		arena_reset(u->a, m);
	}
bad:
	*u->why = arena_printf(u->a, "%s", u->lib->archive_error_string(u->ar));
	return false;
}

bool package_unpack(const char *archive, const char *into, char digest[PACKAGE_DIGEST], char **why, struct arena *a)
{
	const char *e = NULL;
	struct unpack u = { .lib = lib_archive(&e), .a = a, .root = -1, .why = why };
	struct stat sb;
	int fd;
	bool ok;

	if (!u.lib) {
		*why = arena_printf(a, "libarchive cannot be loaded: %s", e);
		return false;
	}
	if (!package_digest(archive, digest, why, a))
		return false;
	fd = open(archive, O_RDONLY | O_CLOEXEC);
	ok = fd >= 0 && fstat(fd, &sb) == 0 && mkdir(into, 0777) == 0 && (u.root = open(into, O_RDONLY | O_DIRECTORY | O_CLOEXEC)) >= 0;
	if (!ok)
		*why = arena_strdup(a, strerror(errno));
	u.left = ok && sb.st_size > always / RATIO ? (int64_t)sb.st_size * RATIO : always;
	u.ar = u.lib->archive_read_new();
	ok = ok && unpack_all(&u, fd);
	u.lib->archive_read_free(u.ar);
	if (u.root >= 0)
		close(u.root);
	if (fd >= 0)
		close(fd);
	return ok;
}

/* ---- packing ---- */

struct pack {
	const struct lib_archive *lib;
	struct archive *ar;
	struct archive_entry *e;
	int root;
};

static bool pack_data(struct pack *p, int fd, int64_t size)
{
	char *b = xmalloc(1 << 16);
	ssize_t n;

	while (size > 0 && (n = read(fd, b, 1 << 16)) > 0) {
		if (n > size)
			n = (ssize_t)size;
		if (p->lib->archive_write_data(p->ar, b, (size_t)n) != n)
			break;
		size -= n;
	}
	free(b);
	return size == 0;
}

static bool pack_entry(struct pack *p, const struct pkg_entry *e)
{
	const char *base;
	char to[4097];
	struct stat sb;
	int dir = fs_parent(p->root, e->rel, false, &base), fd = -1;
	ssize_t n;
	bool ok = dir >= 0 && fstatat(dir, base, &sb, AT_SYMLINK_NOFOLLOW) == 0;

	p->lib->archive_entry_clear(p->e);
	p->lib->archive_entry_set_pathname(p->e, e->rel);
	if (ok && S_ISLNK(sb.st_mode)) {
		n = readlinkat(dir, base, to, sizeof(to) - 1);
		to[n > 0 ? n : 0] = 0;
		p->lib->archive_entry_set_symlink(p->e, to);
		ok = n > 0;
	} else if (ok && S_ISREG(sb.st_mode)) {
		fd = openat(dir, base, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
		p->lib->archive_entry_set_size(p->e, sb.st_size);
		ok = fd >= 0;
	}
	if (ok) {
		p->lib->archive_entry_set_filetype(p->e, sb.st_mode & S_IFMT);
		p->lib->archive_entry_set_perm(p->e, S_ISREG(sb.st_mode) && !(sb.st_mode & 0111) ? 0644 : 0755);
		p->lib->archive_entry_set_mtime(p->e, 0, 0);
		p->lib->archive_entry_set_uid(p->e, 0);
		p->lib->archive_entry_set_gid(p->e, 0);
		ok = p->lib->archive_write_header(p->ar, p->e) == ARCHIVE_OK && (fd < 0 || pack_data(p, fd, sb.st_size));
	}
	if (fd >= 0)
		close(fd);
	if (dir >= 0)
		close(dir);
	return ok;
}

static bool pack_all(struct pack *p, int out, char **why, struct arena *a)
{
	struct pkg_entry *v = NULL;
	uint32_t n = 0;
	bool ok = pkg_list(p->root, &v, &n, a);

	p->lib->archive_write_add_filter_gzip(p->ar);
	p->lib->archive_write_set_format_pax_restricted(p->ar);
	p->lib->archive_write_set_options(p->ar, "gzip:!timestamp,pax:hdrcharset=BINARY");
	ok = ok && p->lib->archive_write_open_fd(p->ar, out) == ARCHIVE_OK;
	for (uint32_t i = 0; ok && i < n; i++)
		ok = pack_entry(p, &v[i]);
	ok = ok && p->lib->archive_write_close(p->ar) == ARCHIVE_OK;
	if (!ok)
		*why = arena_printf(a, "%s", p->lib->archive_error_string(p->ar) ? p->lib->archive_error_string(p->ar) : strerror(errno));
	free(v);
	return ok;
}

bool package_pack(const char *from, const char *archive, char **why, struct arena *a)
{
	const char *e = NULL;
	struct pack p = { .lib = lib_archive(&e) };
	int out;
	bool ok;

	if (!p.lib) {
		*why = arena_printf(a, "libarchive cannot be loaded: %s", e);
		return false;
	}
	p.root = open(from, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	out = open(archive, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
	ok = p.root >= 0 && out >= 0;
	if (!ok)
		*why = arena_strdup(a, strerror(errno));
	p.ar = p.lib->archive_write_new();
	p.e = p.lib->archive_entry_new();
	ok = ok && pack_all(&p, out, why, a);
	p.lib->archive_entry_free(p.e);
	p.lib->archive_write_free(p.ar);
	if (p.root >= 0)
		close(p.root);
	if (out >= 0 && close(out) < 0)
		ok = false;
	return ok;
}
