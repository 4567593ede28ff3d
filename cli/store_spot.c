/* store_spot.c - operands of weft store: what they name, and where that lies. */
#include "cli/store.h"

#include "job/ossname.h"
#include "runtime/stage_fs.h"
#include "runtime/text.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

void spot_look(struct spot *p, bool links)
{
	struct stat sb;
	int fd;

	p->kind = SPOT_NONE;
	if (p->root < 0 || !(*p->key ? fs_lstat(p->root, p->key, &sb) : fstat(p->root, &sb) == 0))
		return;
	if (S_ISLNK(sb.st_mode) && links && (fd = fs_open(p->root, p->key, true)) >= 0) {
		if (fstat(fd, &sb) < 0 || S_ISDIR(sb.st_mode))
			sb.st_mode = S_IFLNK;
		close(fd);
	}
	p->sb = sb;
	p->why = object_fault(sb.st_mode);
	p->kind = S_ISREG(sb.st_mode) ? SPOT_FILE : S_ISDIR(sb.st_mode) ? SPOT_DIR : SPOT_ODD;
}

static const char *harmless(struct store_cmd *c, const char *s)
{
	struct buf b;
	const char *p;

	buf_init(&b, 1 << 30);
	text_safe(&b, s, strlen(s), SIZE_MAX);
	p = arena_strdup(c->a, buf_str(&b));
	buf_free(&b);
	return p;
}

static bool bad_key(struct store_cmd *c, const char *text)
{
	const char *raw = text + 6 + strcspn(text + 6, "/"), *key = fs_clean(c->a, raw), *why;

	why = oss_key_fault(*key == '/' ? key + 1 : key);
	for (size_t n; !why && *raw; raw += n + (raw[n] == '/')) { /* fs_clean has taken them away */
		n = strcspn(raw, "/");
		if (n > 0 && n < 3 && strspn(raw, ".") >= n)
			why = oss_key_fault("..");
	}
	if (!why)
		return false;
	diag_error(c->d, E0922, NOSPAN, "`%s` cannot be an object's name: %s", harmless(c, text), tr(why));
	return true;
}

static bool open_root(struct store_cmd *c, struct spot *p, const struct store_place *at)
{
	const char *slash = strrchr(at->dir, '/'), *entry, *dir;
	bool bucket = true;
	int e;

	p->root = open(at->dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (p->root >= 0)
		return true;
	e = errno;
	for (uint32_t i = 0; bucket && store_entry(c->stores, i, &entry, &dir); i++)
		bucket = strcmp(entry, at->name) != 0;
	if (bucket && e == ENOENT && slash && slash != at->dir) { /* one of a directory of buckets */
		diag_error(c->d, E0921, NOSPAN, "there is no bucket `%s`", at->name);
		diag_help(c->d, "make it: weft store mb %s", at->name);
		return false;
	}
	diag_error(c->d, E1062, NOSPAN, "directory `%s` of store `%s` cannot be used: %s", at->dir, at->name, strerror(e));
	diag_help(c->d, "make it: mkdir -p %s", at->dir);
	return false;
}

static bool open_url(struct store_cmd *c, struct spot *p)
{
	bool oss = strncmp(p->text, "oss://", 6) == 0;
	struct store_place at;
	const char *why;
	int n = (int)(oss ? 6 + strcspn(p->text + 6, "/") : strlen(p->text));

	if (oss && n == 6) {
		diag_error(c->d, E0544, NOSPAN, "storage path has no bucket");
		diag_help(c->d, "write oss://BUCKET/DIRECTORY/");
		return false;
	}
	if (oss && bad_key(c, p->text))
		return false;
	if (!store_locate(c->stores, c->a, p->text, &at, &why)) {
		diag_error(c->d, E1061, NOSPAN, "no directory stands for `%.*s`", n, p->shown);
		diag_help(c->d, "give it one: --store %.*s=DIR, or store \"%.*s\" { dir = \"DIR\" } in a site file", n, p->text, n, p->text);
		return false;
	}
	p->oss = at.oss;
	p->slash = at.slash;
	p->dir = at.dir;
	p->key = at.key;
	return open_root(c, p, &at);
}

/* The directory that holds it may be anywhere and reached by links: it is the user's own word. */
static void open_path(struct store_cmd *c, struct spot *p)
{
	size_t n = strlen(p->text);
	char *path = fs_clean(c->a, p->text), *slash;
	struct stat sb;

	p->slash = p->text[n - 1] == '/';
	if (stat(p->text, &sb) == 0 && S_ISDIR(sb.st_mode)) {
		p->dir = *path ? path : ".";
		p->key = "";
	} else {
		slash = strrchr(path, '/');
		p->key = slash ? slash + 1 : path;
		p->dir = !slash ? "." : slash == path ? "/" : arena_strndup(c->a, path, (size_t)(slash - path));
	}
	p->root = open(p->dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

bool spot_open(struct store_cmd *c, struct spot *p, const char *text, bool local)
{
	*p = (struct spot){ .text = text, .shown = harmless(c, text), .url = store_is_url(text), .root = -1 };
	if (!p->url && !local) {
		diag_error(c->d, E0921, NOSPAN, "`%s` is in no store", p->shown);
		diag_help(c->d, "write oss://BUCKET/KEY");
		return false;
	}
	if (!p->url && !*text)
		return spot_missing(c, p);
	if (!p->url)
		open_path(c, p);
	else if (!open_url(c, p))
		return false;
	spot_look(p, true);
	if (!p->url && p->kind == SPOT_ODD && stat(text, &p->sb) == 0 && S_ISREG(p->sb.st_mode))
		p->kind = SPOT_FILE; /* a link that the user has named himself */
	return true;
}

void spot_close(struct spot *p)
{
	if (p->root >= 0)
		close(p->root);
	p->root = -1;
}

int spot_read(struct store_cmd *c, struct spot *p)
{
	int fd = p->url ? fs_open(p->root, p->key, true) : open(p->text, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);

	if (fd >= 0 && fstat(fd, &p->sb) == 0 && S_ISREG(p->sb.st_mode))
		return fd;
	diag_error(c->d, E0901, NOSPAN, "cannot read `%s`: %s", p->shown, fd < 0 ? strerror(errno) : tr(object_fault(p->sb.st_mode)));
	if (fd >= 0)
		close(fd);
	return -1;
}

bool spot_missing(struct store_cmd *c, const struct spot *p)
{
	if (p->kind == SPOT_ODD)
		return diag_error(c->d, E0923, NOSPAN, "`%s` is no object: %s", p->shown, tr(p->why));
	return diag_error(c->d, E0921, NOSPAN, p->url ? N_("nothing lies at `%s`") : N_("there is no `%s`"), p->shown);
}

const char *spot_text(struct store_cmd *c, const struct spot *p, const char *key)
{
	size_t n = strlen(p->text);

	return *key ? harmless(c, arena_printf(c->a, "%s%s%s", p->text, n && p->text[n - 1] == '/' ? "" : "/", key)) : p->shown;
}
