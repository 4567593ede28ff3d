/* container_source.c - from the name of an image to what holds it on this machine, and its digest. */
#include "runtime/container_impl.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "runtime/stage_fs.h"

enum { NAME_LONGEST = 255, TAG_LONGEST = 128 };

/* ---- names ---- */

static bool all_of(const char *s, size_t n, const char *chars)
{
	return n && strspn(s, chars) >= n;
}

/* "a/b-c": what a registry calls a repository; such a name is a path that leads nowhere else. */
static bool is_repo(const char *s, size_t len)
{
	size_t n;

	for (const char *p = s, *end = s + len; p <= end; p += n + 1) {
		n = strcspn(p, "/");
		n = n > (size_t)(end - p) ? (size_t)(end - p) : n;
		if (!all_of(p, n, "abcdefghijklmnopqrstuvwxyz0123456789._-") || *p == '.')
			return false;
	}
	return len <= NAME_LONGEST;
}

static bool is_tag(const char *s)
{
	return all_of(s, strlen(s), "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-") && *s != '.' && *s != '-' &&
		strlen(s) <= TAG_LONGEST;
}

/* "localhost:5000/me/bwa:1.2" -> "me/bwa", "1.2". */
static bool split_name(struct arena *a, struct image *im, const char **why)
{
	const char *s = im->c.name, *slash = strchr(s, '/'), *at, *colon;
	size_t host = slash ? (size_t)(slash - s) : 0;

	if (slash && (memchr(s, '.', host) || memchr(s, ':', host) || (host == 9 && !strncmp(s, "localhost", 9))))
		s = slash + 1;
	at = strchr(s, '@');
	colon = at ? NULL : strrchr(s, ':');
	if (colon && strchr(colon, '/'))
		colon = NULL;
	im->tag = colon ? colon + 1 : at ? at + 1 : "latest";
	im->repo = arena_strndup(a, s, at ? (size_t)(at - s) : colon ? (size_t)(colon - s) : strlen(s));
	if (is_repo(im->repo, strlen(im->repo)) && (at ? digest_hex_of(im->tag) != NULL : is_tag(im->tag)))
		return true;
	*why = "this is no name of an image";
	return false;
}

/* ---- what lies there ---- */

static bool is_dir(struct arena *a, const char *dir, const char *rel)
{
	struct stat sb;

	return stat(fs_join(a, dir, rel), &sb) == 0 && S_ISDIR(sb.st_mode);
}

static bool is_file(const char *file)
{
	struct stat sb;

	return stat(file, &sb) == 0 && S_ISREG(sb.st_mode);
}

const char *image_blob(struct arena *a, const struct image *im, const char *hex)
{
	if (im->kind == IMAGE_LAYOUT)
		return arena_printf(a, "%s/blobs/sha256/%s", im->from, hex);
	return arena_printf(a, "%s/docker/registry/v2/blobs/sha256/%.2s/%s/data", im->from, hex, hex);
}

/* "sha256:..." in a file of a registry. */
static const char *link_digest(struct arena *a, const char *file)
{
	char text[128];
	int fd = open(file, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd >= 0 ? read(fd, text, sizeof(text) - 1) : -1;
	const char *hex;

	if (fd >= 0)
		close(fd);
	text[n > 0 ? n : 0] = 0;
	text[strcspn(text, "\r\n ")] = 0;
	hex = digest_hex_of(text);
	return hex ? arena_strdup(a, hex) : NULL;
}

static bool from_registry(struct arena *a, struct image *im, const char **why)
{
	const char *repo = arena_printf(a, "%s/docker/registry/v2/repositories/%s", im->from, im->repo);

	im->kind = IMAGE_REGISTRY;
	im->c.digest = digest_hex_of(im->tag);
	if (!im->c.digest)
		im->c.digest = link_digest(a, arena_printf(a, "%s/_manifests/tags/%s/current/link", repo, im->tag));
	if (im->c.digest && is_file(image_blob(a, im, im->c.digest)))
		return true;
	*why = !is_dir(a, repo, "_manifests") ? arena_printf(a, "the registry in `%s` has no `%s`", im->from, im->repo) :
		arena_printf(a, "the registry in `%s` has no tag `%s` of `%s`", im->from, im->tag, im->repo);
	im->c.digest = NULL;
	return false;
}

static bool from_layout(struct arena *a, struct image *im, const char **why)
{
	im->kind = IMAGE_LAYOUT;
	im->c.digest = layout_digest(a, im->from, im->tag, why);
	if (!im->c.digest || is_file(image_blob(a, im, im->c.digest)))
		return im->c.digest != NULL;
	*why = arena_printf(a, "`%s` lacks a file that its index names", im->from);
	im->c.digest = NULL;
	return false;
}

/* podman says of these that they are none. */
static bool is_compressed(const char *file)
{
	static const char *const magic[] = { "\x1f\x8b", "\xfd" "7zXZ", "\x28\xb5\x2f\xfd", "BZh" };
	int fd = open(file, O_RDONLY | O_CLOEXEC);
	char head[8] = "";
	ssize_t n = fd >= 0 ? read(fd, head, sizeof(head) - 1) : 0;
	bool is = false;

	if (fd >= 0)
		close(fd);
	for (size_t i = 0; n > 0 && i < sizeof(magic) / sizeof(*magic); i++)
		is = is || strncmp(head, magic[i], strlen(magic[i])) == 0;
	return is;
}

static bool from_archive(struct arena *a, struct image *im, const char **why)
{
	if (is_compressed(im->from)) {
		*why = arena_printf(a, "`%s` is compressed, and podman reads plain archives: unpack it with gunzip, unxz or zstd", im->from);
		return false;
	}
	im->kind = IMAGE_ARCHIVE;
	im->c.digest = archive_digest(a, im->kept, im->from, why);
	return im->c.digest != NULL;
}

bool image_at(struct arena *a, struct image *im, const char *from, const char **why)
{
	struct stat sb;

	im->from = from;
	if (stat(from, &sb) < 0) {
		*why = arena_printf(a, "`%s`: %s", from, strerror(errno));
		return false;
	}
	if (S_ISREG(sb.st_mode))
		return from_archive(a, im, why);
	if (is_dir(a, from, "docker/registry/v2"))
		return from_registry(a, im, why);
	if (is_file(fs_join(a, from, "oci-layout")))
		return from_layout(a, im, why);
	*why = arena_printf(a, "`%s` is neither an archive, nor an OCI layout, nor the storage of a registry", from);
	return false;
}

/* In the directory of a registry without one: NAME/ with a layout, NAME:TAG.tar or NAME.tar. */
static bool beside(struct arena *a, struct image *im, const char *dir, const char **why)
{
	const char *tagged = arena_printf(a, "%s/%s:%s.tar", dir, im->repo, im->tag);
	const char *plain = arena_printf(a, "%s/%s.tar", dir, im->repo), *layout = arena_printf(a, "%s/%s", dir, im->repo);

	if (is_file(fs_join(a, layout, "oci-layout")))
		return image_at(a, im, layout, why);
	if (is_file(tagged) || is_file(plain))
		return image_at(a, im, is_file(tagged) ? tagged : plain, why);
	*why = arena_printf(a, "`%s` holds no registry (docker/registry/v2), and neither `%s/` nor `%s.tar`", dir, im->repo, im->repo);
	return false;
}

bool image_find_source(struct arena *a, struct image *im, const struct run_options *o, struct stores *st, const char **why,
	bool *nowhere)
{
	const struct site_block *b = site_find(o->site, SITE_CONTAINER, im->c.name);
	const char *from = site_str(b, SK_CONTAINER_from, NULL), *dir;

	*nowhere = !from && !*im->registry;
	if (*nowhere || !split_name(a, im, why))
		return false;
	if (from && containers_elsewhere(o)) {
		*why = "the site file says where, and other machines do not read it: put the image into the directory of a store";
		return false;
	}
	im->tag = site_str(b, SK_CONTAINER_tag, im->tag);
	if (from && (is_tag(im->tag) || digest_hex_of(im->tag)))
		return image_at(a, im, from, why);
	if (from) {
		*why = arena_printf(a, "`%s` is no tag", im->tag);
		return false;
	}
	dir = store_path(st, a, im->registry, why);
	if (!dir)
		return o->role == RUN_NOTHING;
	if (is_dir(a, dir, "docker/registry/v2"))
		return image_at(a, im, dir, why);
	return beside(a, im, dir, why);
}
