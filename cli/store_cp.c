/* store_cp.c - weft store cp and sync: files and whole trees from one place to another. */
#include "cli/store.h"

#include "job/ossname.h"
#include "runtime/stage_fs.h"
#include "runtime/text.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct copying {
	struct store_cmd *c;
	struct spot src, dst;
	struct transfer to;
	struct store_bar bar;
	struct buf rel, path; /* of the target: below the directory that is copied into; below its root */
	bool link, checksum, remove;
	bool full;            /* nothing more can be written */
	uint64_t copied, refused, same_time, same_bytes, removed;
};

static bool hopeless(int e)
{
	return e == ENOSPC || e == EDQUOT || e == EROFS || e == EIO || e == ECANCELED;
}

static const char *cause(int e)
{
	switch (e) {
	case ESTALE: return _("it was changed while it was copied");
	case ELOOP: return _("a link is in the way");
	case EINVAL: return _("it is no file any more");
	default: return strerror(e);
	}
}

/* Tell what is wrong with one file; the others go on unless nothing can be written any more. */
static void failed(struct copying *k, const char *key, bool reading)
{
	struct store_cmd *c = k->c;
	int e = errno;
	struct arena_mark mark = arena_mark(c->a);
	const char *to = spot_text(c, &k->dst, buf_str(&k->rel)), *from = spot_text(c, &k->src, key);
	k->refused++;
	k->full = k->full || (!reading && hopeless(e));
	if (e == ECANCELED)
		k->refused--;
	else if (reading)
		diag_error(c->d, E0925, NOSPAN, "cannot copy `%s`: %s", from, cause(e));
	else if (e == EISDIR || e == ENOTDIR || e == EEXIST || e == ENOTEMPTY)
		diag_error(c->d, E0927, NOSPAN, e == ENOTDIR ? N_("`%s` cannot be written: a file or link is where it needs a directory") :
			N_("`%s` cannot be written: a directory is there"), to);
	else
		diag_error(c->d, E0925, NOSPAN, "cannot copy `%s` to `%s`: %s", from, to, cause(e));
	arena_reset(c->a, mark);
}

/* Where it goes; false: that cannot be a name there. */
static bool target(struct copying *k, const char *rel)
{
	const char *why;
	buf_reset(&k->rel);
	buf_adds(&k->rel, rel);
	buf_reset(&k->path);
	buf_addf(&k->path, "%s%s%s", k->dst.key, *k->dst.key && *rel ? "/" : "", rel);
	why = k->dst.oss ? oss_key_fault(buf_str(&k->path)) : NULL;
	if (!why)
		return true;
	struct arena_mark mark = arena_mark(k->c->a);
	diag_error(k->c->d, E0922, NOSPAN, "`%s` cannot be an object's name: %s", spot_text(k->c, &k->dst, rel), tr(why));
	arena_reset(k->c->a, mark);
	k->refused++;
	return false;
}

/* "copy FROM", as -n and -v say it. */
static void say(struct copying *k, const char *verb, const struct spot *p, const char *key)
{
	if (!k->c->dry && !k->c->verbose)
		return;
	struct arena_mark mark = arena_mark(k->c->a);
	bar_close(&k->bar);
	printf("%s %s\n", verb, spot_text(k->c, p, key));
	arena_reset(k->c->a, mark);
}

/* One open file to the target. */
static void put(struct copying *k, int fd, const struct stat *sb, const char *key)
{
	bool ok = k->link ? transfer_link(&k->to, fd, buf_str(&k->path)) : transfer_put(&k->to, fd, sb, buf_str(&k->path));
	if (!ok) {
		failed(k, key, false);
		return;
	}
	k->copied++;
	bar_file(&k->bar, k->link ? sb->st_size : 0);
}

static void copy_object(struct copying *k, struct objects *from, struct object *o)
{
	if (o->kind == OBJ_ODD) {
		struct arena_mark mark = arena_mark(k->c->a);
		diag_error(k->c->d, E0923, NOSPAN, "`%s` is not copied: %s", spot_text(k->c, &k->src, o->key), tr(o->why));
		arena_reset(k->c->a, mark);
		k->refused++;
		return;
	}
	if (!target(k, o->key))
		return;
	say(k, "copy", &k->src, o->key);
	if (k->c->dry) {
		k->copied++;
		return;
	}
	int fd = objects_read(from, o);
	if (fd < 0) {
		failed(k, o->key, true);
		return;
	}
	put(k, fd, &o->sb, o->key);
	close(fd);
}

static unsigned flags_of(const struct spot *p)
{
	return OBJECTS_DEEP | (p->oss ? OBJECTS_OSS : 0);
}

static void unreadable(struct copying *k, const struct spot *p, const struct object *o)
{
	diag_error(k->c->d, E0901, NOSPAN, "cannot read `%s`: %s", spot_text(k->c, p, o->key), strerror(errno));
	k->refused++;
}

/* How much there is, for who looks at a bar; what takes long to count stays unknown. */
static void count_source(struct copying *k)
{
	bool wanted = bar_counts(&k->bar) && !k->c->dry;
	struct objects *from = wanted ? objects_open(k->src.root, k->src.key, flags_of(&k->src) | OBJECTS_STAT) : NULL;
	uint64_t files = 0;
	int64_t bytes = 0;
	struct object o;
	int rc = 1;
	while (from && bar_counts(&k->bar) && (rc = objects_next(from, &o)) > 0)
		if (o.kind != OBJ_ODD) {
			files++;
			bytes += o.sb.st_size;
		}
	if (from && rc == 0)
		bar_whole(&k->bar, files, bytes);
	if (from)
		objects_close(from);
}

static void copy_tree(struct copying *k)
{
	count_source(k);
	struct objects *from = objects_open(k->src.root, k->src.key, flags_of(&k->src));
	struct object o;
	int rc = 0;
	while (!k->full && !bar_stopped() && (rc = objects_next(from, &o)) > 0)
		copy_object(k, from, &o);
	if (rc < 0)
		unreadable(k, &k->src, &o);
	objects_close(from);
}

static void copy_one(struct copying *k, const char *rel)
{
	if (!target(k, rel))
		return;
	say(k, "copy", &k->src, "");
	int fd = spot_read(k->c, &k->src);
	if (fd < 0) {
		k->refused++;
		return;
	}
	k->bar.total = k->src.sb.st_size;
	if (k->c->dry)
		k->copied++;
	else
		put(k, fd, &k->src.sb, "");
	close(fd);
}

/* ---- sync ---- */

enum sameness { SAME_TIME, SAME_BYTES, DIFFERENT };

static bool equal_times(const struct stat *a, const struct stat *b)
{
	return a->st_mtim.tv_sec == b->st_mtim.tv_sec && a->st_mtim.tv_nsec == b->st_mtim.tv_nsec;
}

/* What cannot be read is different: copying it says why. */
static enum sameness compare(struct copying *k, struct objects *from, struct object *a, struct objects *at, struct object *b)
{
	if (b->kind != OBJ_FILE || a->sb.st_size != b->sb.st_size)
		return DIFFERENT;
	if (!k->checksum && equal_times(&a->sb, &b->sb))
		return SAME_TIME;
	int x = objects_read(from, a), y = x < 0 ? -1 : objects_read(at, b);
	bool same = y >= 0 && transfer_same(x, y) == 1;
	if (same && !k->c->dry && !equal_times(&a->sb, &b->sb)) { /* the next time it is found to be equal by that */
		struct timespec t[2] = { a->sb.st_atim, a->sb.st_mtim };
		same = futimens(y, t) == 0 || errno == EPERM || errno == EACCES || errno == EROFS;
	}
	if (x >= 0)
		close(x);
	if (y >= 0)
		close(y);
	return same ? SAME_BYTES : DIFFERENT;
}

static void remove_extra(struct copying *k, const struct object *b)
{
	say(k, "remove", &k->dst, b->key);
	buf_reset(&k->rel);
	buf_adds(&k->rel, b->key);
	buf_reset(&k->path);
	buf_addf(&k->path, "%s%s%s", k->dst.key, *k->dst.key ? "/" : "", b->key);
	if (k->c->dry || transfer_drop(&k->to, buf_str(&k->path))) {
		k->removed++;
		return;
	}
	struct arena_mark mark = arena_mark(k->c->a);
	diag_error(k->c->d, E0925, NOSPAN, "cannot remove `%s`: %s", spot_text(k->c, &k->dst, b->key), strerror(errno));
	arena_reset(k->c->a, mark);
	k->refused++;
}

/* Both sides come in order of their keys: one pass, nothing kept. */
static void sync_trees(struct copying *k)
{
	count_source(k);
	struct objects *from = objects_open(k->src.root, k->src.key, flags_of(&k->src) | OBJECTS_STAT);
	struct objects *at = objects_open(k->dst.root, k->dst.key, OBJECTS_DEEP | OBJECTS_STAT);
	struct object a, b;
	int x = objects_next(from, &a), y = k->dst.kind == SPOT_DIR ? objects_next(at, &b) : 0;
	while (x >= 0 && y >= 0 && (x || y) && !k->full && !bar_stopped()) {
		int order = !x ? 1 : !y ? -1 : strcmp(a.key, b.key);
		if (order > 0 && k->remove)
			remove_extra(k, &b);
		enum sameness s = order || a.kind == OBJ_ODD ? DIFFERENT : compare(k, from, &a, at, &b);
		if (order <= 0 && s == DIFFERENT)
			copy_object(k, from, &a);
		k->same_time += order == 0 && s == SAME_TIME;
		k->same_bytes += order == 0 && s == SAME_BYTES;
		if (s == SAME_TIME || s == SAME_BYTES)
			bar_file(&k->bar, a.sb.st_size);
		else
			bar_more(&k->bar, 0);
		x = order <= 0 ? objects_next(from, &a) : x;
		y = order >= 0 ? objects_next(at, &b) : y;
	}
	if (x < 0 || y < 0)
		unreadable(k, x < 0 ? &k->src : &k->dst, x < 0 ? &a : &b);
	objects_close(from);
	objects_close(at);
}

/* ---- where it goes ---- */

/* The directory of the target, made when it is one of this machine; buckets have to be there. */
static bool make_root(struct copying *k)
{
	struct spot *d = &k->dst;
	if (d->root < 0 && !k->c->dry && fs_mkdirs(d->dir))
		d->root = open(d->dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	k->to.root = d->root;
	if (d->root >= 0 || k->c->dry)
		return true;
	k->full = true;
	return diag_error(k->c->d, E0925, NOSPAN, "cannot make `%s`: %s", d->dir, strerror(errno));
}

static char *real_of(struct store_cmd *c, const struct spot *p)
{
	char *s = realpath(fs_join(c->a, p->dir, p->key), NULL), *copy = s ? arena_strdup(c->a, s) : NULL;
	free(s);
	return copy;
}

/* A tree into itself would never end; a file onto itself is nothing. */
static bool meets_itself(struct copying *k, const char *rel)
{
	struct store_cmd *c = k->c;
	struct spot at = k->dst;
	at.key = *rel ? fs_join(c->a, *at.key ? at.key : ".", rel) : at.key;
	const char *from = real_of(c, &k->src), *to = real_of(c, &at);
	for (char *up = fs_clean(c->a, fs_join(c->a, at.dir, at.key)); !to && *up;) { /* what there is of it */
		char *slash = strrchr(up, '/');
		if (slash)
			slash[slash == up] = 0;
		else
			up = arena_strdup(c->a, ".");
		char *s = realpath(up, NULL);
		to = s ? arena_strdup(c->a, s) : NULL;
		free(s);
		if (!slash || slash == up)
			break;
	}
	bool dir = k->src.kind == SPOT_DIR;
	if (!from || !to || !(dir ? fs_below(from, to) != NULL : strcmp(from, to) == 0))
		return false;
	diag_error(c->d, E0926, NOSPAN, dir ? N_("`%s` cannot be copied to `%s`: that lies in it") :
		N_("`%s` and `%s` are the same file"), k->src.shown, k->dst.shown);
	k->refused++;
	return true;
}

static void copy_source(struct copying *k, bool into)
{
	struct store_cmd *c = k->c;
	const char *slash = strrchr(k->src.key, '/'), *rel = !into ? "" : slash ? slash + 1 : k->src.key;
	if (k->src.kind == SPOT_DIR && !c->recursive) {
		diag_error(c->d, E0924, NOSPAN, "`%s` is a directory", k->src.shown);
		diag_help(c->d, "copy what lies below it: -r");
	} else if (k->src.kind == SPOT_DIR && c->narg > 2) {
		diag_error(c->d, E0924, NOSPAN, "`%s` is a directory, and there are other sources", k->src.shown);
		diag_help(c->d, "copy one directory at a time: what lies below it goes below the target");
	} else if (k->src.kind == SPOT_DIR) {
		if (!meets_itself(k, "") && make_root(k))
			copy_tree(k);
		return;
	} else if (k->src.kind != SPOT_FILE || (k->src.slash && k->src.url)) {
		spot_missing(c, &k->src);
	} else {
		if (!meets_itself(k, rel) && make_root(k))
			copy_one(k, rel);
		return;
	}
	k->refused++;
}

static void begin(struct copying *k, struct store_cmd *c)
{
	*k = (struct copying){ .c = c, .src = { .root = -1 }, .dst = { .root = -1 }, .link = opts_flag(c->o, "link"),
		.checksum = opts_flag(c->o, "checksum"), .remove = opts_flag(c->o, "delete") };
	buf_init(&k->rel, 1 << 30);
	buf_init(&k->path, 1 << 30);
	transfer_open(&k->to, -1);
	bar_open(&k->bar, true);
}

/* A local target that is to be a directory but is not there yet. */
static void as_directory(struct copying *k)
{
	struct spot *d = &k->dst;
	if (d->url || d->kind != SPOT_NONE)
		return;
	spot_close(d);
	d->dir = fs_clean(k->c->a, d->text);
	d->key = "";
}

static bool open_target(struct copying *k, const char *text)
{
	if (!spot_open(k->c, &k->dst, text, true))
		return false;
	k->to.root = k->dst.root;
	k->to.ways.more = bar_more;
	k->to.ways.ctx = &k->bar;
	return true;
}

/* What sync has found and done. */
static void add_sum(struct buf *b, const struct copying *k)
{
	text_count(b, k->copied);
	buf_adds(b, k->c->dry ? " to copy, " : " copied, ");
	text_count(b, k->same_time + k->same_bytes);
	buf_adds(b, " equal (");
	text_count(b, k->same_time);
	buf_adds(b, " by size and time, ");
	text_count(b, k->same_bytes);
	buf_adds(b, " by content), ");
	text_count(b, k->removed);
	buf_adds(b, k->c->dry ? " to remove\n" : " removed\n");
}

static void add_shared(struct buf *b, const struct copying *k)
{
	text_count(b, k->copied);
	buf_adds(b, " copied, ");
	text_count(b, k->to.ways.cloned);
	buf_adds(b, " of them share their blocks with the source\n");
}

static int end(struct copying *k, bool sum)
{
	struct buf b;
	bar_close(&k->bar);
	transfer_close(&k->to);
	spot_close(&k->dst);
	buf_free(&k->rel);
	buf_free(&k->path);
	buf_init(&b, 4096);
	if (sum && !bar_stopped())
		add_sum(&b, k);
	if (k->c->verbose && k->copied && !k->c->dry && !bar_stopped())
		add_shared(&b, k);
	fputs(buf_str(&b), stdout);
	buf_free(&b);
	return k->full ? EXIT_UNREACHABLE : k->refused ? EXIT_FAILED : EXIT_OK;
}

static bool link_fits(struct copying *k)
{
	if (!k->link || (k->src.url && k->dst.url))
		return true;
	opts_error(k->c->o, "--link is for stores on both sides: files elsewhere are changed in place");
	return false;
}

int store_cp(struct store_cmd *c)
{
	struct copying k;
	bool ok, into;
	int rc = EXIT_OK;
	begin(&k, c);
	ok = open_target(&k, c->arg[c->narg - 1]);
	into = c->narg > 2 || k.dst.slash || k.dst.kind == SPOT_DIR;
	k.refused += !ok;
	for (uint32_t i = 0; ok && i + 1 < c->narg && !k.full && !bar_stopped() && rc == EXIT_OK; i++) {
		if (!spot_open(c, &k.src, c->arg[i], true)) {
			k.refused++;
		} else if (!link_fits(&k)) {
			rc = EXIT_USAGE;
		} else {
			if (into || k.src.kind == SPOT_DIR)
				as_directory(&k);
			copy_source(&k, into);
		}
		spot_close(&k.src);
	}
	ok = end(&k, false) == EXIT_OK;
	return rc ? rc : k.full ? EXIT_UNREACHABLE : ok ? EXIT_OK : EXIT_FAILED;
}

int store_sync(struct store_cmd *c)
{
	struct copying k;
	bool ok, usage, done = false;
	begin(&k, c);
	ok = open_target(&k, c->arg[1]) && spot_open(c, &k.src, c->arg[0], true);
	usage = ok && !link_fits(&k);
	k.refused += !ok;
	if (ok && !usage && k.src.kind != SPOT_DIR) {
		if (k.src.kind == SPOT_FILE)
			diag_error(c->d, E0924, NOSPAN, "`%s` is a file: sync is for directories", k.src.shown);
		else
			spot_missing(c, &k.src);
		k.refused++;
	} else if (ok && !usage) {
		as_directory(&k);
		done = !meets_itself(&k, "") && make_root(&k);
		if (done)
			sync_trees(&k);
	}
	spot_close(&k.src);
	int rc = end(&k, done && !k.full);
	return usage ? EXIT_USAGE : rc;
}
