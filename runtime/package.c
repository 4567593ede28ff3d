/* package.c - gathering and digests; package_archive.c has packing and unpacking. */
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

/* ---- digests ---- */

struct digest {
	const struct lib_crypto *lib;
	EVP_MD_CTX *ctx;
};

static bool digest_open(struct digest *d, char **why, struct arena *a)
{
	const char *e = NULL;

	d->lib = lib_crypto(&e);
	d->ctx = d->lib ? d->lib->EVP_MD_CTX_new() : NULL;
	if (!d->ctx || !d->lib->EVP_DigestInit_ex(d->ctx, d->lib->EVP_sha256(), NULL)) {
		*why = arena_printf(a, "SHA-256 is not available: %s", e ? e : "no memory");
		return false;
	}
	return true;
}

static void digest_close(struct digest *d, char out[PACKAGE_DIGEST])
{
	static const char hex[] = "0123456789abcdef";
	unsigned char md[EVP_MAX_MD_SIZE];

	if (!d->ctx)
		return;
	if (d->lib->EVP_DigestFinal_ex(d->ctx, md, NULL)) {
		for (int i = 0; i < 32; i++) {
			out[2 * i] = hex[md[i] >> 4];
			out[2 * i + 1] = hex[md[i] & 15];
		}
		out[64] = 0;
	}
	d->lib->EVP_MD_CTX_free(d->ctx);
}

static bool digest_fd(struct digest *d, int fd)
{
	char *b = xmalloc(1 << 16);
	ssize_t n;
	int e;

	while ((n = read(fd, b, 1 << 16)) > 0 || (n < 0 && errno == EINTR))
		if (n > 0)
			d->lib->EVP_DigestUpdate(d->ctx, b, (size_t)n);
	e = errno;
	free(b);
	errno = e;
	return n == 0;
}

bool package_digest(const char *file, char digest[PACKAGE_DIGEST], char **why, struct arena *a)
{
	struct digest d = { 0 };
	int fd = open(file, O_RDONLY | O_CLOEXEC);
	bool ok = fd >= 0;

	if (ok && !digest_open(&d, why, a)) {
		close(fd);
		return false;
	}
	ok = ok && digest_fd(&d, fd);
	if (!ok)
		*why = arena_printf(a, "cannot read `%s`: %s", file, strerror(errno));
	digest_close(&d, digest);
	if (fd >= 0)
		close(fd);
	return ok;
}

/* ---- lists of a tree's entries ---- */

struct listing {
	struct arena *a;
	struct pkg_entry *v;
	uint32_t n, cap;
};

static enum fs_go list_entry(void *ctx, const struct fs_entry *e)
{
	struct listing *l = ctx;

	if (e->type != DT_REG && e->type != DT_DIR && e->type != DT_LNK)
		return FS_GO;
	l->v = grow(l->v, &l->cap, l->n + 1, sizeof(*l->v));
	l->v[l->n++] = (struct pkg_entry){ arena_strdup(l->a, e->rel), e->type };
	return FS_GO;
}

static int by_rel(const void *a, const void *b)
{
	return strcmp(((const struct pkg_entry *)a)->rel, ((const struct pkg_entry *)b)->rel);
}

bool pkg_list(int root, struct pkg_entry **v, uint32_t *n, struct arena *a)
{
	struct listing l = { .a = a };
	bool ok = fs_walk(root, "", list_entry, &l);

	if (l.n)
		qsort(l.v, l.n, sizeof(*l.v), by_rel);
	*v = l.v;
	*n = l.n;
	return ok;
}

bool pkg_link_ok(const char *rel, const char *to)
{
	int depth = 0;
	bool named = false;

	if (*to == '/')
		return false;
	for (; (rel = strchr(rel, '/')); rel++)
		depth++;
	while (*to) {
		size_t n = strcspn(to, "/");

		/* ".." after a name could start from wherever a link of that name leads */
		if (n == 2 && to[0] == '.' && to[1] == '.')
			depth -= named ? depth + 1 : 1;
		else if (n && !(n == 1 && to[0] == '.'))
			named = true;
		if (depth < 0)
			return false;
		to += n + (to[n] == '/');
	}
	return true;
}

/* Kind, x bit, name and contents of one entry; every part ends with a NUL or has its length before it. */
static bool digest_entry(struct digest *d, int root, const struct pkg_entry *e)
{
	const char *base;
	char head[2] = { (char)('0' + e->type), '-' }, to[4097];
	int dir = fs_parent(root, e->rel, false, &base), fd, err;
	struct stat sb;
	ssize_t n;
	bool ok = dir >= 0 && fstatat(dir, base, &sb, AT_SYMLINK_NOFOLLOW) == 0;

	if (ok && S_ISREG(sb.st_mode) && (sb.st_mode & 0111))
		head[1] = 'x';
	if (ok) {
		d->lib->EVP_DigestUpdate(d->ctx, head, 2);
		d->lib->EVP_DigestUpdate(d->ctx, e->rel, strlen(e->rel) + 1);
	}
	if (ok && S_ISLNK(sb.st_mode)) {
		n = readlinkat(dir, base, to, sizeof(to) - 1);
		ok = n >= 0;
		if (ok)
			d->lib->EVP_DigestUpdate(d->ctx, to, (size_t)n);
	} else if (ok && S_ISREG(sb.st_mode)) {
		fd = openat(dir, base, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
		d->lib->EVP_DigestUpdate(d->ctx, &sb.st_size, sizeof(sb.st_size));
		ok = fd >= 0 && digest_fd(d, fd);
		if (fd >= 0)
			close(fd);
	}
	err = errno;
	if (dir >= 0)
		close(dir);
	errno = err;
	return ok;
}

/* A gathered tree: refuse links that lead out, take set-user-id bits away, digest the rest. */
static bool seal(int root, char digest[PACKAGE_DIGEST], char **why, struct arena *a)
{
	struct digest d = { 0 };
	struct pkg_entry *v = NULL;
	uint32_t n = 0;
	bool ok = pkg_list(root, &v, &n, a);

	if (!ok)
		*why = arena_printf(a, "cannot read it again: %s", strerror(errno));
	ok = ok && digest_open(&d, why, a);
	for (uint32_t i = 0; ok && i < n; i++) {
		char to[4097];
		const char *base;
		int dir = v[i].type == DT_LNK ? fs_parent(root, v[i].rel, false, &base) : -1;
		ssize_t len = dir >= 0 ? readlinkat(dir, base, to, sizeof(to) - 1) : -1;

		if (dir >= 0)
			close(dir);
		to[len > 0 ? len : 0] = 0;
		if (len > 0 && !pkg_link_ok(v[i].rel, to)) {
			*why = arena_printf(a, "link `%s` leads out of the package, to `%s`", v[i].rel, to);
			ok = false;
		} else if (!digest_entry(&d, root, &v[i])) {
			*why = arena_printf(a, "cannot read `%s`: %s", v[i].rel, strerror(errno));
			ok = false;
		}
	}
	digest_close(&d, digest);
	free(v);
	return ok;
}

/* ---- gathering ---- */

struct gather {
	int from, into;
};

static enum fs_go gather_entry(void *ctx, const struct fs_entry *e)
{
	struct gather *g = ctx;

	if (strchr(e->rel, '/'))
		return FS_SKIP;
	if (e->type != DT_REG && e->type != DT_DIR && e->type != DT_LNK)
		return FS_SKIP;
	if (strcmp(e->rel, ".weft") == 0) /* a workspace given as its own package */
		return FS_SKIP;
	fs_remove(g->into, e->name);
	return fs_copy(e->dir, e->name, g->into, e->name) ? FS_SKIP : FS_FAIL;
}

static bool gather_one(const char *path, int into)
{
	struct stat sb;
	struct gather g = { .into = into };
	const char *base = strrchr(path, '/') ? strrchr(path, '/') + 1 : path;
	char *real;
	bool ok;
	int e;

	if (stat(path, &sb) < 0)
		return false;
	if (S_ISDIR(sb.st_mode)) {
		g.from = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		ok = g.from >= 0 && fs_walk(g.from, "", gather_entry, &g);
		e = errno;
		if (g.from >= 0)
			close(g.from);
		errno = e;
		return ok;
	}
	real = realpath(path, NULL);
	fs_remove(into, base);
	ok = real && fs_copy(AT_FDCWD, real, into, base);
	e = errno;
	free(real);
	errno = e;
	return ok;
}

bool package_gather(const char *const *paths, unsigned n, const char *into, char digest[PACKAGE_DIGEST], char **why,
	struct arena *a)
{
	int fd = -1;
	bool ok = mkdir(into, 0777) == 0 && (fd = open(into, O_RDONLY | O_DIRECTORY | O_CLOEXEC)) >= 0;

	if (!ok)
		*why = arena_printf(a, "cannot make `%s`: %s", into, strerror(errno));
	for (unsigned i = 0; ok && i < n; i++) {
		ok = gather_one(fs_clean(a, paths[i]), fd);
		if (!ok)
			*why = arena_printf(a, "cannot read `%s`: %s", paths[i], strerror(errno));
	}
	ok = ok && seal(fd, digest, why, a);
	if (fd >= 0)
		close(fd);
	return ok;
}
