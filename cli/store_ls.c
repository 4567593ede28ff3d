/* store_ls.c - weft store ls, stat, cat, mb: what lies there, and what is in it. */
#include "cli/store.h"

#include "base/io.h"
#include "cli/look.h"
#include "job/ossname.h"
#include "runtime/stage_fs.h"
#include "runtime/text.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { FLUSH_AT = 1 << 16 };

struct listing {
	struct store_cmd *c;
	struct buf b;
	struct jw w;
	bool tty;
	uint64_t odd; /* that are no objects; the first one: */
	char *odd_key;
	const char *odd_why;
};

static int64_t mtime_ms(const struct stat *sb)
{
	return (int64_t)sb->st_mtim.tv_sec * 1000 + sb->st_mtim.tv_nsec / 1000000;
}

static void add_size(struct buf *b, int64_t n, bool exact)
{
	if (exact)
		buf_addf(b, "%lld", (long long)n);
	else
		text_bytes(b, n);
}

/* Right-aligned in `width` columns. */
static void add_sized(struct buf *b, int64_t n, bool exact, int width)
{
	struct buf t;
	buf_init(&t, 64);
	add_size(&t, n, exact);
	buf_addf(b, "%*s", width, buf_str(&t));
	buf_free(&t);
}

static void put(struct listing *l, size_t at_least)
{
	if (l->b.len < at_least)
		return;
	fwrite(l->b.p, 1, l->b.len, stdout);
	buf_reset(&l->b);
}

static void add_name(struct listing *l, const char *s)
{
	if (l->tty)
		text_safe(&l->b, s, strlen(s), SIZE_MAX);
	else
		buf_adds(&l->b, s);
	buf_addc(&l->b, '\n');
}

static void json_object(struct listing *l, const char *key, const struct object *o)
{
	jw_open(&l->w, '{');
	jw_kstr(&l->w, o->kind == OBJ_PREFIX ? "prefix" : "key", key);
	if (o->kind != OBJ_PREFIX) {
		jw_kint(&l->w, "size", o->sb.st_size);
		look_kwhen(&l->w, "modified", mtime_ms(&o->sb));
	}
	jw_close(&l->w);
}

static void list_object(struct listing *l, const char *key, const struct object *o)
{
	bool prefix = o->kind == OBJ_PREFIX;
	if (o->kind == OBJ_ODD) {
		if (!l->odd++) {
			l->odd_key = arena_strdup(l->c->a, key);
			l->odd_why = o->why;
		}
		return;
	}
	if (l->c->json) {
		json_object(l, key, o);
	} else {
		if (opts_flag(l->c->o, "long")) {
			if (prefix)
				buf_addf(&l->b, "%*s  %19s  ", l->c->exact ? 15 : 9, "-", "-");
			else {
				add_sized(&l->b, o->sb.st_size, l->c->exact, l->c->exact ? 15 : 9);
				buf_adds(&l->b, "  ");
				look_when(&l->b, mtime_ms(&o->sb));
				buf_adds(&l->b, "  ");
			}
		}
		add_name(l, key);
	}
	put(l, FLUSH_AT);
}

static bool list_dir(struct listing *l, struct spot *p)
{
	unsigned flags = (l->c->recursive ? OBJECTS_DEEP : 0) | (p->oss ? OBJECTS_OSS : 0) |
		(l->c->json || opts_flag(l->c->o, "long") ? OBJECTS_STAT : 0);
	struct objects *all = objects_open(p->root, p->key, flags);
	struct object o;
	int rc;
	while ((rc = objects_next(all, &o)) > 0 && !ferror(stdout))
		list_object(l, o.key, &o);
	if (rc < 0)
		diag_error(l->c->d, E0901, NOSPAN, "cannot read `%s`: %s", spot_text(l->c, p, o.key), strerror(errno));
	objects_close(all);
	return rc >= 0;
}

static void warn_odd(struct listing *l, struct spot *p)
{
	const char *shown = l->odd ? spot_text(l->c, p, l->odd_key) : NULL;
	if (l->odd == 1)
		diag_error(l->c->d, W0923, NOSPAN, "`%s` is no object and not listed: %s", shown, tr(l->odd_why));
	else if (l->odd)
		diag_error(l->c->d, W0923, NOSPAN, "%llu things are no objects and not listed, `%s` for one: %s",
			(unsigned long long)l->odd, shown, tr(l->odd_why));
	l->odd = 0;
}

static bool list_place(struct listing *l, const char *text)
{
	struct spot p;
	struct object o = { .kind = OBJ_FILE };
	bool ok = spot_open(l->c, &p, text, false);
	if (ok && l->c->json) {
		jw_open(&l->w, '{');
		jw_kstr(&l->w, "url", text);
		jw_key(&l->w, "objects");
		jw_open(&l->w, '[');
	}
	if (ok && p.kind == SPOT_DIR) {
		ok = list_dir(l, &p);
		warn_odd(l, &p);
	} else if (ok && p.kind == SPOT_FILE && !p.slash) {
		o.sb = p.sb;
		list_object(l, p.key, &o);
	} else if (ok) {
		ok = spot_missing(l->c, &p);
	}
	if (p.root >= 0 && l->c->json) {
		jw_close(&l->w);
		jw_close(&l->w);
	}
	spot_close(&p);
	return ok;
}

/* ---- the stores themselves ---- */

static void list_store(struct listing *l, const char *url, const char *dir)
{
	if (!l->c->json) {
		buf_addf(&l->b, "%-32s  %s\n", url, dir);
		return;
	}
	jw_open(&l->w, '{');
	jw_kstr(&l->w, "url", url);
	jw_kstr(&l->w, "dir", dir);
	jw_close(&l->w);
}

static void list_buckets(struct listing *l, const char *dir)
{
	int root = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct objects *all = root < 0 ? NULL : objects_open(root, "", 0);
	struct object o;
	while (all && objects_next(all, &o) > 0) {
		size_t n = strlen(o.key) - 1;
		if (o.kind == OBJ_PREFIX && !oss_bucket_fault(o.key, n))
			list_store(l, arena_printf(l->c->a, "oss://%.*s", (int)n, o.key), arena_printf(l->c->a, "%s/%.*s", dir, (int)n, o.key));
	}
	objects_close(all);
	if (root >= 0)
		close(root);
}

static void list_stores(struct listing *l)
{
	const char *url, *dir;
	for (uint32_t i = 0; store_entry(l->c->stores, i, &url, &dir); i++)
		if (strcmp(url, "oss://") == 0)
			list_buckets(l, dir);
		else
			list_store(l, url, dir);
}

static void begin(struct listing *l, struct store_cmd *c, const char *list)
{
	*l = (struct listing){ .c = c, .tty = isatty(STDOUT_FILENO) };
	buf_init(&l->b, 1 << 30);
	jw_init(&l->w, &l->b, 0);
	if (!c->json)
		return;
	jw_open(&l->w, '{');
	jw_kstr(&l->w, "schema", "weft.store/1");
	jw_key(&l->w, list);
	jw_open(&l->w, '[');
}

static void end(struct listing *l)
{
	if (l->c->json) {
		jw_close(&l->w);
		jw_close(&l->w);
		buf_addc(&l->b, '\n');
	}
	put(l, 1);
	buf_free(&l->b);
}

int store_ls(struct store_cmd *c)
{
	struct listing l;
	bool ok = true;
	begin(&l, c, c->narg ? "listings" : "stores");
	if (!c->narg)
		list_stores(&l);
	for (uint32_t i = 0; i < c->narg; i++)
		ok = list_place(&l, c->arg[i]) && ok;
	end(&l);
	return ok ? EXIT_OK : EXIT_FAILED;
}

/* ---- stat ---- */

static bool count(struct store_cmd *c, struct spot *p, uint64_t *n, int64_t *bytes)
{
	struct objects *all = objects_open(p->root, p->key, OBJECTS_DEEP | OBJECTS_STAT | (p->oss ? OBJECTS_OSS : 0));
	struct object o;
	int rc;
	*n = 0;
	*bytes = 0;
	while ((rc = objects_next(all, &o)) > 0)
		if (o.kind != OBJ_ODD) {
			++*n;
			*bytes += o.sb.st_size;
		}
	if (rc < 0)
		diag_error(c->d, E0901, NOSPAN, "cannot read `%s`: %s", spot_text(c, p, o.key), strerror(errno));
	objects_close(all);
	return rc >= 0;
}

static void stat_text(struct listing *l, const struct spot *p, uint64_t n, int64_t bytes)
{
	bool dir = p->kind == SPOT_DIR;
	add_name(l, p->text);
	if (dir) {
		buf_adds(&l->b, "  objects   ");
		text_count(&l->b, n);
		buf_addc(&l->b, '\n');
	}
	buf_adds(&l->b, "  size      ");
	add_size(&l->b, bytes, l->c->exact);
	if (!dir) {
		buf_adds(&l->b, "\n  modified  ");
		look_when(&l->b, mtime_ms(&p->sb));
	}
	buf_adds(&l->b, "\n  lies at   ");
	add_name(l, fs_join(l->c->a, p->dir, p->key));
}

static void stat_json(struct listing *l, const struct spot *p, uint64_t n, int64_t bytes)
{
	jw_open(&l->w, '{');
	jw_kstr(&l->w, "url", p->text);
	jw_kstr(&l->w, "kind", p->kind == SPOT_DIR ? "prefix" : "object");
	if (p->kind == SPOT_DIR)
		jw_kint(&l->w, "objects", (int64_t)n);
	jw_kint(&l->w, "size", bytes);
	if (p->kind != SPOT_DIR)
		look_kwhen(&l->w, "modified", mtime_ms(&p->sb));
	jw_kstr(&l->w, "path", fs_join(l->c->a, p->dir, p->key));
	jw_close(&l->w);
}

static bool stat_place(struct listing *l, const char *text)
{
	struct spot p;
	uint64_t n = 1;
	int64_t bytes;
	bool ok = spot_open(l->c, &p, text, false);
	if (ok && p.kind != SPOT_DIR && (p.kind != SPOT_FILE || p.slash))
		ok = spot_missing(l->c, &p);
	bytes = ok ? p.sb.st_size : 0;
	ok = ok && (p.kind != SPOT_DIR || count(l->c, &p, &n, &bytes));
	if (ok)
		(l->c->json ? stat_json : stat_text)(l, &p, n, bytes);
	spot_close(&p);
	return ok;
}

int store_stat(struct store_cmd *c)
{
	struct listing l;
	bool ok = true;
	begin(&l, c, "places");
	for (uint32_t i = 0; i < c->narg; i++)
		ok = stat_place(&l, c->arg[i]) && ok;
	end(&l);
	return ok ? EXIT_OK : EXIT_FAILED;
}

/* ---- cat ---- */

/* 1: all of it; 0: it cannot be read, after a diagnostic; -1: standard output cannot be written. */
static int show(struct store_cmd *c, struct spot *p, int fd)
{
	enum { PART = 1 << 17 };
	char *part = xmalloc(PART);
	ssize_t n = 0;
	int rc = 1;
	while (rc > 0 && ((n = read(fd, part, PART)) > 0 || (n < 0 && errno == EINTR)))
		if (n > 0 && !write_all(STDOUT_FILENO, part, (size_t)n))
			rc = -1;
	if (rc < 0 && errno != EPIPE) /* a reader that went away is not worth a word */
		fprintf(stderr, "weft: cannot write to standard output: %s\n", strerror(errno));
	if (rc > 0 && n < 0)
		rc = diag_error(c->d, E0901, NOSPAN, "cannot read `%s`: %s", p->shown, strerror(errno));
	free(part);
	return rc;
}

int store_cat(struct store_cmd *c)
{
	bool ok = true;
	for (uint32_t i = 0; i < c->narg; i++) {
		struct spot p;
		int fd = -1, rc = 0;
		if (spot_open(c, &p, c->arg[i], false)) {
			if (p.kind == SPOT_DIR)
				diag_error(c->d, E0924, NOSPAN, "`%s` is a directory", p.shown);
			else if (p.kind != SPOT_FILE || p.slash)
				spot_missing(c, &p);
			else
				fd = spot_read(c, &p);
		}
		if (fd >= 0) {
			rc = show(c, &p, fd);
			close(fd);
		}
		spot_close(&p);
		if (rc < 0)
			return EXIT_UNREACHABLE;
		ok = ok && rc > 0;
	}
	return ok ? EXIT_OK : EXIT_FAILED;
}

/* ---- mb ---- */

static bool bad_bucket(struct store_cmd *c, const char *url)
{
	size_t n = strncmp(url, "oss://", 6) == 0 ? strcspn(url + 6, "/") : 0;
	const char *why = n ? oss_bucket_fault(url + 6, n) : N_("it is not written oss://BUCKET");
	if (n && !why && url[6 + n] && url[7 + n])
		why = N_("something follows it");
	if (n && !why && n < 3)
		why = N_("it is shorter than 3 characters");
	if (why)
		diag_error(c->d, E0928, NOSPAN, "`%s` cannot be a bucket's name: %s", url, tr(why));
	return why != NULL;
}

static bool make_bucket(struct store_cmd *c, const char *url)
{
	struct store_place at;
	const char *why;
	if (bad_bucket(c, url))
		return false;
	if (!store_locate(c->stores, c->a, url, &at, &why)) {
		diag_error(c->d, E1061, NOSPAN, "no directory stands for `%s`", url);
		diag_help(c->d, "name a directory of buckets: --store oss://=DIR, or store \"oss://\" { dir = \"DIR\" } in a site file");
		return false;
	}
	if (fs_mkdirs(at.dir))
		return true;
	return diag_error(c->d, E1062, NOSPAN, "directory `%s` of store `%s` cannot be used: %s", at.dir, at.name, strerror(errno));
}

int store_mb(struct store_cmd *c)
{
	bool ok = true;
	for (uint32_t i = 0; i < c->narg; i++)
		ok = make_bucket(c, c->arg[i]) && ok;
	return ok ? EXIT_OK : EXIT_FAILED;
}
