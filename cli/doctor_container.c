/* doctor_container.c - probes of tasks in containers: an image is unpacked by podman, a root is changed. */
#include "base/io.h"
#include "cli/doctor.h"
#include "runtime/container.h"
#include "runtime/package.h"
#include "runtime/stage_fs.h"

#include <fcntl.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

static const char install[] = "apt install --no-install-recommends podman";

/* ---- an image of nothing ---- */

static bool put(const char *file, const void *p, size_t n)
{
	int fd = open(file, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	bool ok = fd >= 0 && write_all(fd, p, n);

	return fd >= 0 && close(fd) == 0 && ok;
}

/* A blob under its digest, and how a manifest names it; NULL when it cannot be written. */
static const char *blob(struct doctor *d, const char *dir, const char *type, const void *p, size_t n)
{
	const char *file = arena_printf(d->a, "%s/blobs/sha256/new", dir);
	char hex[PACKAGE_DIGEST], *why = NULL;

	if (!put(file, p, n) || !package_digest(file, hex, &why, d->a) ||
	    rename(file, arena_printf(d->a, "%s/blobs/sha256/%s", dir, hex)) < 0)
		return NULL;
	return arena_printf(d->a, "{\"mediaType\":\"application/vnd.oci.image.%s\",\"digest\":\"sha256:%s\",\"size\":%zu}", type, hex, n);
}

static const char *text_blob(struct doctor *d, const char *dir, const char *type, const char *text)
{
	return blob(d, dir, type, text, strlen(text));
}

/* An OCI layout whose only layer is an empty archive; NULL when it cannot be written. */
static const char *nothing(struct doctor *d)
{
	static const char empty[1024], digest[] = "5f70bf18a086007016e948b04aed3b82103a36bea41755b6cddfaf10ace3c6ef";
	const char *dir = arena_printf(d->a, "%s/image", d->scratch), *layer, *config, *manifest, *index;

	if (!fs_mkdirs(arena_printf(d->a, "%s/blobs/sha256", dir)))
		return NULL;
	layer = blob(d, dir, "layer.v1.tar", empty, sizeof(empty));
	config = text_blob(d, dir, "config.v1+json", arena_printf(d->a, "{\"architecture\":\"%s\",\"os\":\"linux\",\"config\":{},"
		"\"rootfs\":{\"type\":\"layers\",\"diff_ids\":[\"sha256:%s\"]}}", container_architecture(), digest));
	manifest = layer && config ? text_blob(d, dir, "manifest.v1+json", arena_printf(d->a, "{\"schemaVersion\":2,"
		"\"mediaType\":\"application/vnd.oci.image.manifest.v1+json\",\"config\":%s,\"layers\":[%s]}", config, layer)) : NULL;
	index = manifest ? arena_printf(d->a, "{\"schemaVersion\":2,\"manifests\":[%s]}", manifest) : NULL;
	if (!index || !put(arena_printf(d->a, "%s/index.json", dir), index, strlen(index)) ||
	    !put(arena_printf(d->a, "%s/oci-layout", dir), "{\"imageLayoutVersion\":\"1.0.0\"}", 30))
		return NULL;
	return dir;
}

/* Why podman cannot unpack an image; NULL: it can.  Tried once. */
static const char *not_unpacked(struct doctor *d)
{
	const char *image;

	if (d->podman_tried)
		return d->not_unpacked;
	d->podman_tried = true;
	d->not_unpacked = "the workspace cannot be written";
	image = d->scratch ? nothing(d) : NULL;
	if (image && container_try(d->a, arena_printf(d->a, "%s/images", d->scratch), image, &d->not_unpacked))
		d->not_unpacked = NULL;
	return d->not_unpacked;
}

struct finding probe_podman(struct doctor *d)
{
	static const char means[] = "only images that are unpacked can be used (E1032, E1033)";
	const char *path = doctor_program(d, "podman"), *said, *why;

	if (!path)
		return finding_of(HEALTH_MISSING, "not on PATH", means, install);
	said = doctor_output(d, (const char *const[]){ path, "--version", NULL });
	if (!said)
		return finding_of(HEALTH_WARN, arena_printf(d->a, "%s does not say its version", path), means, install);
	said = arena_strndup(d->a, said, strcspn(said, "\n"));
	if (!d->scratch)
		return finding_ok(arena_printf(d->a, "%s, %s; not tried", path, said));
	why = not_unpacked(d);
	if (why)
		return finding_of(HEALTH_WARN, arena_printf(d->a, "%s, %s, cannot unpack an image: %s", path, said, why), means, NULL);
	return finding_ok(arena_printf(d->a, "%s, %s: an image was unpacked", path, said));
}

struct finding probe_containers(struct doctor *d)
{
	static const char means[] = "tasks with a container image are refused (E1034)";
	const char *why, *place;

	if (!d->scratch)
		return finding_of(HEALTH_WARN, "not tried: the workspace cannot be written", NULL, NULL);
	place = arena_printf(d->a, "%s/root", d->scratch);
	why = fs_mkdirs(place) ? sandbox_no_container(&d->sb, place, d->a) : "the workspace cannot be written";
	if (why)
		return finding_of(HEALTH_WARN, arena_printf(d->a, "not possible: %s", why), means, "see namespaces and overlayfs above");
	if (!doctor_program(d, "podman"))
		return finding_of(HEALTH_WARN, "a root can be changed; nothing unpacks images", "only images that are unpacked can be used",
			install);
	if (not_unpacked(d))
		return finding_of(HEALTH_WARN, "a root can be changed; podman does not unpack images",
			"only images that are unpacked can be used", "see podman above");
	return finding_ok("an image was unpacked, a root was changed");
}
