/* container_manifest.c - the JSON of images: index of an OCI layout, lists of platforms, manifests. */
#include "runtime/container_impl.h"

#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "runtime/package.h"
#include "runtime/stage_fs.h"

enum { DEPTH = 4 /* lists in lists */ };

const char *digest_hex_of(const char *text)
{
	const char *hex = text + 7;

	if (!text || strncmp(text, "sha256:", 7) != 0)
		return NULL;
	return strlen(hex) == HEX_LEN && strspn(hex, "0123456789abcdef") == HEX_LEN ? hex : NULL;
}

/* A file of at most MANIFEST_MAX bytes. */
static const char *read_file(struct arena *a, const char *file, size_t *size, const char **why)
{
	int fd = open(file, O_RDONLY | O_CLOEXEC);
	char *p = fd >= 0 ? arena_alloc(a, MANIFEST_MAX + 1) : NULL;
	size_t n = 0;
	ssize_t got = -1;

	while (p && n < MANIFEST_MAX && (got = read(fd, p + n, MANIFEST_MAX - n)) > 0)
		n += (size_t)got;
	if (got != 0)
		*why = arena_printf(a, n == MANIFEST_MAX ? "`%s` is too long" : "`%s` cannot be read: %s", file, strerror(errno));
	if (fd >= 0)
		close(fd);
	if (got != 0)
		return NULL;
	p[n] = 0;
	*size = n;
	return p;
}

static json_t *parse(struct arena *a, const char *file, const char *text, size_t size, const char **why)
{
	json_error_t e;
	json_t *o = text ? json_loadb(text, size, JSON_REJECT_DUPLICATES, &e) : NULL;

	if (json_is_object(o))
		return o;
	if (text)
		*why = arena_printf(a, "`%s` is no manifest: %s", file, o ? "not an object" : e.text);
	json_decref(o);
	return NULL;
}

static const char *member_hex(const json_t *o)
{
	const char *text = json_string_value(json_object_get(o, "digest"));

	return text ? digest_hex_of(text) : NULL;
}

/* ---- an OCI layout ---- */

/* The tag of an entry; some write the whole name. */
static bool has_tag(const json_t *entry, const char *tag)
{
	const char *nm = json_string_value(json_object_get(json_object_get(entry, "annotations"), "org.opencontainers.image.ref.name"));
	const char *colon = nm ? strrchr(nm, ':') : NULL;

	return nm && (strcmp(nm, tag) == 0 || (colon && strcmp(colon + 1, tag) == 0));
}

const char *layout_digest(struct arena *a, const char *dir, const char *tag, const char **why)
{
	const char *file = fs_join(a, dir, "index.json"), *want = digest_hex_of(tag), *hex = NULL, *text;
	json_t *o, *list, *e;
	size_t size = 0, i, n;

	text = read_file(a, file, &size, why);
	o = parse(a, file, text, size, why);
	list = json_object_get(o, "manifests");
	n = json_array_size(list);
	if (o)
		*why = arena_printf(a, "the layout in `%s` has no tag `%s`", dir, tag);
	json_array_foreach(list, i, e) {
		const char *is = member_hex(e);

		if (is && (want ? strcmp(want, is) == 0 : n == 1 || has_tag(e, tag)))
			hex = arena_strdup(a, is);
	}
	json_decref(o);
	return hex;
}

/* ---- manifests ---- */

const char *container_architecture(void)
{
	static const char *const known[][2] = { { "x86_64", "amd64" }, { "aarch64", "arm64" }, { "riscv64", "riscv64" },
		{ "ppc64le", "ppc64le" }, { "s390x", "s390x" }, { "armv7l", "arm" }, { "i686", "386" } };
	static struct utsname u;

	uname(&u);
	for (size_t i = 0; i < sizeof(known) / sizeof(*known); i++)
		if (strcmp(known[i][0], u.machine) == 0)
			return known[i][1];
	return u.machine;
}

/* Of a list: the digest for this machine. */
static const char *pick_platform(const json_t *list)
{
	const char *arch = container_architecture();
	json_t *e;
	size_t i;

	json_array_foreach(list, i, e) {
		const json_t *p = json_object_get(e, "platform");
		const char *os = json_string_value(json_object_get(p, "os")), *of = json_string_value(json_object_get(p, "architecture"));

		if (os && of && strcmp(os, "linux") == 0 && strcmp(of, arch) == 0)
			return member_hex(e);
	}
	return NULL;
}

static bool add_blobs(struct arena *a, struct manifest *m, const json_t *o)
{
	const json_t *layers = json_object_get(o, "layers");
	size_t n = json_array_size(layers);

	m->blob = arena_zalloc(a, n + 1, sizeof(*m->blob));
	for (size_t i = 0; i <= n; i++) {
		const char *hex = member_hex(i ? json_array_get(layers, i - 1) : json_object_get(o, "config"));

		if (!hex)
			return false;
		m->blob[m->nblob++] = arena_strdup(a, hex);
	}
	return n > 0;
}

static bool honest(struct arena *a, const char *file, const char *hex, const char **why)
{
	char is[PACKAGE_DIGEST], *bad = NULL;

	if (package_digest(file, is, &bad, a) && strcmp(is, hex) == 0)
		return true;
	*why = bad ? bad : arena_printf(a, "`%s` is not what its name says", file);
	return false;
}

/* One manifest: finished, or *next is the one that a list names. */
static bool read_one(struct arena *a, const struct image *im, struct manifest *m, const char **next, const char **why)
{
	const char *file = image_blob(a, im, m->digest);
	json_t *o = NULL, *list;
	bool ok = honest(a, file, m->digest, why);

	*next = NULL;
	m->text = ok ? read_file(a, file, &m->size, why) : NULL;
	o = parse(a, file, m->text, m->size, why);
	list = json_object_get(o, "manifests");
	if (list) {
		*next = pick_platform(list);
		*next = *next ? arena_strdup(a, *next) : NULL;
		ok = *next != NULL;
		if (!ok)
			*why = arena_printf(a, "it has nothing for linux/%s", container_architecture());
	} else if (o) {
		ok = add_blobs(a, m, o);
		if (!ok)
			*why = "its manifest names no layers (schema 1 cannot be read: push it again with a newer Docker)";
	}
	json_decref(o);
	return ok && o;
}

bool manifest_read(struct arena *a, const struct image *im, struct manifest *m, const char **why)
{
	const char *next = im->c.digest;

	*m = (struct manifest){ 0 };
	for (int i = 0; i < DEPTH && next; i++) {
		m->digest = next;
		if (!read_one(a, im, m, &next, why))
			return false;
	}
	if (next)
		*why = "its lists of platforms lead nowhere";
	return !next;
}
