/* container_load.c - images brought once, by podman, into a directory of weft's own.
 *
 * DIR/images/DIGEST is the record of an image: what podman calls it, its layers, its environment.  It is written last, so
 * that what it names is there.  DIR/lock is held while podman works; two runs load one after the other. */
#include "runtime/container_impl.h"

#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "base/io.h"
#include "runtime/stage_fs.h"

enum { VERSION = 1, LAYERS_MAX = 200, RECORD_MAX = 1 << 20 };

const char *image_dir(struct arena *a, const struct site *site)
{
	const char *given = site_str(site_find(site, SITE_ENGINE, "local"), SK_ENGINE_images, NULL);
	const char *cache = getenv("XDG_CACHE_HOME"), *home = getenv("HOME");

	if (given)
		return given;
	if (cache && *cache == '/')
		return fs_join(a, cache, "weft/images");
	if (home && *home == '/')
		return fs_join(a, home, ".cache/weft/images");
	return arena_printf(a, "/var/tmp/weft-%lu/images", (unsigned long)geteuid());
}

static const char *record_file(struct arena *a, const char *dir, const struct image *im)
{
	return arena_printf(a, "%s/images/%s", dir, im->c.digest);
}

/* ---- records ---- */

static const char *const *texts(struct arena *a, const json_t *list, uint32_t *n)
{
	const char **v = arena_zalloc(a, json_array_size(list) + 1, sizeof(*v));
	json_t *e;
	size_t i;

	*n = 0;
	json_array_foreach(list, i, e)
		if (json_is_string(e))
			v[(*n)++] = arena_strdup(a, json_string_value(e));
	return v;
}

/* Are all layers there?  And is there a bash in one? */
static bool look_at_layers(struct arena *a, struct container *c)
{
	static const char *const bash[] = { "bin/bash", "usr/bin/bash" };
	bool there = c->nlayer > 0 && c->nlayer <= LAYERS_MAX;

	c->bash = false;
	for (uint32_t i = 0; there && i < c->nlayer; i++) {
		int fd = open(c->layer[i], O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		struct stat sb;

		there = fd >= 0;
		for (size_t k = 0; there && k < sizeof(bash) / sizeof(*bash); k++)
			c->bash = c->bash || (fs_lstat(fd, bash[k], &sb) && !S_ISCHR(sb.st_mode));
		if (fd >= 0)
			close(fd);
	}
	(void)a;
	return there;
}

bool image_loaded(struct arena *a, struct image *im)
{
	json_t *o;
	uint32_t n;
	bool ok;

	if (im->c.nlayer || !im->c.digest)
		return im->c.nlayer > 0;
	o = json_load_file(record_file(a, im->kept, im), JSON_REJECT_DUPLICATES, NULL);
	ok = json_integer_value(json_object_get(o, "version")) == VERSION;
	im->c.layer = texts(a, json_object_get(o, "layers"), &im->c.nlayer);
	im->c.env = texts(a, json_object_get(o, "env"), &n);
	json_decref(o);
	ok = ok && look_at_layers(a, &im->c);
	if (!ok)
		im->c.nlayer = 0;
	return ok;
}

static bool write_record(struct arena *a, const char *dir, const struct image *im, json_t *o, const char **why)
{
	const char *file = record_file(a, dir, im), *tmp = arena_printf(a, "%s.%ld", file, (long)getpid());
	bool ok = fs_mkparents(file) && json_dump_file(o, tmp, JSON_INDENT(1)) == 0 && rename(tmp, file) == 0;

	if (ok)
		return true;
	*why = arena_printf(a, "`%s` cannot be written: %s", file, strerror(errno));
	unlink(tmp);
	return false;
}

/* ---- podman ---- */

/* A registry's or layout's image as podman reads it: a directory with the manifest and links to the blobs. */
static const char *lay_out(struct arena *a, const char *dir, const struct image *im, const char **why)
{
	char *at = arena_printf(a, "%s/tmp/image.XXXXXX", dir);
	struct manifest m;
	bool ok = fs_mkparents(at) && mkdtemp(at);
	int fd;

	if (!ok)
		*why = arena_printf(a, "`%s` cannot be made: %s", at, strerror(errno));
	if (!ok || !manifest_read(a, im, &m, why))
		return ok ? rmdir(at), NULL : NULL;
	fd = open(fs_join(a, at, "manifest.json"), O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	ok = fd >= 0 && write_all(fd, m.text, m.size);
	ok = fd >= 0 && close(fd) == 0 && ok;
	fd = open(fs_join(a, at, "version"), O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	ok = ok && fd >= 0 && write_all(fd, "Directory Transport Version: 1.1\n", 33);
	if (fd >= 0)
		close(fd);
	for (uint32_t i = 0; ok && i < m.nblob; i++)
		ok = symlink(image_blob(a, im, m.blob[i]), fs_join(a, at, m.blob[i])) == 0 || errno == EEXIST;
	if (ok)
		return at;
	*why = arena_printf(a, "`%s` cannot be written: %s", at, strerror(errno));
	fs_remove(AT_FDCWD, at);
	return NULL;
}

/* "Loaded image: NAME" for each image of an archive. */
static const char *loaded_name(struct arena *a, const char *said, const char **why)
{
	static const char word[] = "Loaded image: ";
	const char *at = said ? strstr(said, word) : NULL;

	if (!said)
		return NULL;
	if (at && !strchr(at, '\n') && !strstr(at, ","))
		return arena_strdup(a, at + strlen(word));
	*why = at ? "the archive holds several images: save one alone" : "podman has loaded nothing";
	return NULL;
}

/* What podman calls it now. */
static const char *bring(struct arena *a, const char *dir, const struct image *im, const char **why)
{
	const char *policy = fs_join(a, dir, "policy.json"), *at, *id;

	if (im->kind == IMAGE_ARCHIVE)
		return loaded_name(a, podman_run(a, dir, (const char *const[]){ "load", "--signature-policy", policy, "-q", "-i", im->from,
			NULL }, why), why);
	at = lay_out(a, dir, im, why);
	id = at ? podman_run(a, dir, (const char *const[]){ "pull", "--signature-policy", policy, "-q",
		arena_printf(a, "dir:%s", at), NULL }, why) : NULL;
	if (at)
		fs_remove(AT_FDCWD, at);
	return id;
}

/* "/a/diff:/b/diff" below the topmost layer. */
static void add_lower(json_t *layers, const char *list)
{
	for (size_t n; list && *list; list += n + (list[n] == ':')) {
		n = strcspn(list, ":");
		if (n)
			json_array_append_new(layers, json_stringn(list, n));
	}
}

static json_t *layers_of(struct arena *a, const char *dir, const char *id, const json_t *image, const char **why)
{
	const json_t *data = json_object_get(json_object_get(image, "GraphDriver"), "Data");
	const char *top = json_string_value(json_object_get(data, "UpperDir"));
	json_t *layers = json_array();

	if (!top) /* vfs: all layers in one directory */
		top = podman_run(a, dir, (const char *const[]){ "image", "mount", id, NULL }, why);
	add_lower(layers, top);
	add_lower(layers, json_string_value(json_object_get(data, "LowerDir")));
	return layers;
}

static bool record(struct arena *a, const char *dir, struct image *im, const char *id, const char **why)
{
	const char *said = podman_run(a, dir, (const char *const[]){ "image", "inspect", id, NULL }, why);
	json_t *all = said ? json_loads(said, 0, NULL) : NULL, *image = json_array_get(all, 0), *layers, *env, *o;
	bool ok = json_is_object(image);

	if (said && !ok)
		*why = "what podman says of it cannot be read";
	if (ok) {
		layers = layers_of(a, dir, id, image, why);
		env = json_object_get(json_object_get(image, "Config"), "Env");
		o = json_pack("{s:i, s:O?, s:s, s:s, s:o, s:O*}", "version", VERSION, "id", json_object_get(image, "Id"),
			"name", im->c.name, "from", im->from, "layers", layers, "env", json_is_array(env) ? env : NULL);
		ok = write_record(a, dir, im, o, why);
		json_decref(o);
	}
	json_decref(all);
	return ok;
}

static int take_lock(struct arena *a, const char *dir, const char **why)
{
	int fd = fs_mkdirs(dir) ? open(fs_join(a, dir, "lock"), O_RDWR | O_CREAT | O_CLOEXEC, 0600) : -1;

	if (fd >= 0) {
		while (flock(fd, LOCK_EX) < 0 && errno == EINTR)
			;
		return fd;
	}
	*why = arena_printf(a, "directory `%s` cannot be used: %s", dir, strerror(errno));
	return -1;
}

/* overlayfs cannot lie on itself: there podman keeps whole copies. */
static bool without_overlay(struct arena *a, const char *dir, const char *why)
{
	const char *mark = fs_join(a, dir, "vfs");
	int fd = strstr(why, "overlay") && access(mark, F_OK) < 0 ? open(mark, O_WRONLY | O_CREAT | O_CLOEXEC, 0600) : -1;

	if (fd < 0)
		return false;
	close(fd);
	return fs_remove(AT_FDCWD, fs_join(a, dir, "storage"));
}

bool image_load(struct arena *a, struct image *im, const char **why)
{
	const char *dir = im->kept, *id;
	int lock = take_lock(a, dir, why);
	bool ok;

	if (lock < 0)
		return false;
	ok = image_loaded(a, im); /* another run was quicker */
	if (!ok) {
		id = bring(a, dir, im, why);
		if (!id && without_overlay(a, dir, *why))
			id = bring(a, dir, im, why);
		ok = id && record(a, dir, im, id, why);
	}
	close(lock);
	if (ok && !image_loaded(a, im)) {
		*why = "podman has not kept its layers";
		return false;
	}
	return ok;
}
