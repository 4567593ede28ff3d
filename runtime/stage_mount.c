/* stage_mount.c - what a task's mounts and mappings mean on this machine, and what becomes of the changes.
 *
 * All that names one local place becomes one struct mnt: InputMapping and OutputMapping of the same directory
 * are one overlay whose changes are published.  See doc/run.md. */
#include "runtime/stage_impl.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "runtime/stage_fs.h"

static const char *local_of(const struct job *j, const struct jmap *m)
{
	return name_str(j->names, m->kind == MAP_MOUNT || m->kind == MAP_INPUT ? m->to : m->from);
}

static const char *url_of(const struct job *j, const struct jmap *m)
{
	return name_str(j->names, m->kind == MAP_MOUNT || m->kind == MAP_INPUT ? m->from : m->to);
}

static bool ends_slash(const char *s)
{
	size_t n = strlen(s);

	return n > 0 && s[n - 1] == '/';
}

/* ---- checks before the run ---- */

static const char *bad_place(struct stager *s, const char *dest)
{
	static const char *const system[] = { "/proc", "/sys", "/dev" };

	if (strcmp(dest, "/") == 0)
		return "it is the root";
	for (size_t i = 0; i < sizeof(system) / sizeof(*system); i++)
		if (fs_below(system[i], dest))
			return "it belongs to the kernel";
	if (fs_below(dest, s->dir) || fs_below(dest, s->ws))
		return "the workspace lies below it";
	return NULL;
}

static bool check_map(struct stager *s, const struct jmap *m)
{
	const char *local = local_of(s->j, m), *why;
	struct span sp = m->kind == MAP_MOUNT || m->kind == MAP_INPUT ? m->to_span : m->from_span;
	const char *clean = fs_clean(s->arena, local);

	if (m->kind == MAP_LOG)
		return true; /* any file */
	if (*local != '/')
		return diag_error(s->d, E1064, sp, "storage cannot be mounted on `%s`: it is not an absolute path", local);
	why = bad_place(s, clean);
	if (!why)
		return true;
	diag_error(s->d, E1064, sp, "storage cannot be mounted on `%s`: %s", local, why);
	diag_help(s->d, "mount it in a directory of its own, such as /home/input");
	return false;
}

bool mounts_check(struct stager *s, bool *any)
{
	bool ok = true;

	*any = false;
	for (uint32_t i = 0; i < s->j->ntask; i++)
		for (uint32_t k = 0; k < s->j->task[i].nmap && !s->j->task[i].skipped; k++) {
			*any = *any || s->j->task[i].map[k].kind != MAP_LOG;
			ok = check_map(s, &s->j->task[i].map[k]) && ok;
		}
	return ok;
}

/* ---- preparing ---- */

/* The place with the links of its existing part resolved; *exists: all of it is there. */
static const char *real_place(struct arena *a, const char *dest, bool *exists)
{
	char *p = fs_clean(a, dest), *cut = p + strlen(p), *real;
	const char *rest = "";

	*exists = true;
	while (!(real = realpath(p, NULL)) && cut > p) {
		*exists = false;
		while (cut > p && *cut != '/')
			cut--;
		rest = fs_clean(a, dest) + (cut - p);
		*cut = 0;
		if (cut == p)
			break;
		rest = arena_strdup(a, rest);
	}
	p = arena_printf(a, "%s%s", real ? real : "", rest);
	free(real);
	return fs_clean(a, *p ? p : "/");
}

/* The same as the attempt sees it: in a container nothing of this machine is there. */
static const char *place_of(struct stage *st, const char *dest, bool *exists)
{
	*exists = false;
	return st->state->box ? fs_clean(st->arena, dest) : real_place(st->arena, dest, exists);
}

static struct mnt *mnt_at(struct stage_state *x, const char *dest, bool exists)
{
	for (uint32_t i = 0; i < x->nmnt; i++) /* mounts of one task are few */
		if (strcmp(x->mnt[i].dest, dest) == 0)
			return &x->mnt[i];
	x->mnt[x->nmnt] = (struct mnt){ .dest = dest, .exists = exists, .slot = -1 };
	return &x->mnt[x->nmnt++];
}

static bool storage(struct stager *s, struct stage *st, const char *url, const char **path, struct stage_error *err)
{
	const char *why = NULL;

	*path = stage_final(s, st->arena, url, &why);
	return *path || stage_fail(s, err, R_SPAWN, "`%s`: %s", url, why);
}

/* A file that is written at an absolute place: its directory becomes private, so that instances do not meet there. */
static void private_parent(struct stager *s, struct stage *st, const char *file)
{
	struct stage_state *x = st->state;
	const char *slash = strrchr(file, '/'), *dir, *root, *rel;
	bool exists;

	if (st->state->box || *file != '/' || slash == file || mounts_resolve(st, file, &root, &rel))
		return;
	dir = real_place(st->arena, arena_strndup(st->arena, file, (size_t)(slash - file)), &exists);
	if (bad_place(s, dir) || fs_below(s->ws, dir) || fs_below(s->dir, dir))
		return;
	mnt_at(x, dir, exists)->src = exists ? dir : NULL;
}

static bool add_read(struct stager *s, struct stage *st, const struct jmap *m, struct stage_error *err)
{
	const char *url = url_of(s->j, m), *src, *dest;
	struct stat sb;
	struct mnt *t;
	bool exists, slash = ends_slash(url) || ends_slash(local_of(s->j, m));

	if (!storage(s, st, url, &src, err))
		return false;
	dest = place_of(st, local_of(s->j, m), &exists);
	t = mnt_at(st->state, dest, exists);
	if (!names_of(s, &s->j->task[st->id.task], m, &t->names, err))
		return false;
	if (stat(src, &sb) == 0) {
		t->src = src;
		t->file = !S_ISDIR(sb.st_mode);
	} else if (!slash && !m->write) {
		return stage_fail(s, err, R_INPUT, "input `%s` does not exist", url);
	}
	if (m->kind == MAP_MOUNT && m->write)
		t->pub = src;
	return true;
}

static bool add_write(struct stager *s, struct stage *st, const struct jmap *m, struct stage_error *err)
{
	const char *url = url_of(s->j, m), *local = local_of(s->j, m), *to;
	struct mnt *t;
	bool exists;

	if (!ends_slash(url) && !ends_slash(local)) { /* a file: published by mounts_collect from wherever it lies */
		private_parent(s, st, local);
		return true;
	}
	if (!storage(s, st, url, &to, err))
		return false;
	local = place_of(st, local, &exists);
	t = mnt_at(st->state, local, exists);
	t->pub = to;
	return t->names || names_of(s, &s->j->task[st->id.task], m, &t->names, err);
}

static int by_dest(const void *a, const void *b)
{
	return strcmp(((const struct mnt *)a)->dest, ((const struct mnt *)b)->dest);
}

/* A private copy, where overlayfs is not to be had. */
static bool private_copy(struct stager *s, struct stage *st, struct mnt *t, const char *at, struct stage_error *err)
{
	const char *base = strrchr(at, '/') + 1;
	int dir = open(fs_join(st->arena, st->dir, "m"), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	bool ok = dir >= 0 && fs_copy(AT_FDCWD, t->src, dir, base);

	if (!ok)
		stage_fail(s, err, R_SPAWN, "cannot copy `%s` for mount `%s`: %s", t->src, t->dest, strerror(errno));
	if (dir >= 0)
		close(dir);
	t->upper = at;
	t->copied = true;
	return ok;
}

/* Give a mount the private directories it needs. */
static bool furnish(struct stager *s, struct stage *st, struct mnt *t, uint32_t number, struct stage_error *err)
{
	struct arena *a = st->arena;
	const char *at = arena_printf(a, "%s/m/%u", st->dir, number);

	if (!fs_mkdirs(fs_join(a, st->dir, "m")))
		return stage_fail(s, err, R_SPAWN, "cannot make `%s`: %s", at, strerror(errno));
	if (t->file && !t->pub)
		return true; /* read-only bind */
	if (t->names && t->src && !t->file && !names_convert(s, t, err))
		return false;
	if (t->file || (t->src && !s->sb.overlay))
		return private_copy(s, st, t, at, err);
	t->upper = at;
	if (mkdir(at, 0777) < 0)
		return stage_fail(s, err, R_SPAWN, "cannot make `%s`: %s", at, strerror(errno));
	if (!t->src)
		return true;
	t->work = arena_printf(a, "%s/m/%u.work", st->dir, number);
	return mkdir(t->work, 0777) == 0 || stage_fail(s, err, R_SPAWN, "cannot make `%s`: %s", t->work, strerror(errno));
}

bool mounts_prepare(struct stager *s, struct stage *st, struct stage_error *err)
{
	const struct jtask *t = &s->j->task[st->id.task];
	struct stage_state *x = st->state;

	if (!t->nmap || s->sb.kind != SB_NAMESPACES)
		return true;
	x->mnt = arena_zalloc(x->a, t->nmap, sizeof(*x->mnt));
	for (uint32_t i = 0; i < t->nmap; i++)
		if ((t->map[i].kind == MAP_MOUNT || t->map[i].kind == MAP_INPUT) && !add_read(s, st, &t->map[i], err))
			return false;
	for (uint32_t i = 0; i < t->nmap; i++)
		if (t->map[i].kind == MAP_OUTPUT && !add_write(s, st, &t->map[i], err))
			return false;
	for (uint32_t i = 0; i < t->nmap; i++)
		if (t->map[i].kind == MAP_LOG)
			private_parent(s, st, local_of(s->j, &t->map[i]));
	if (x->nmnt)
		qsort(x->mnt, x->nmnt, sizeof(*x->mnt), by_dest);
	for (uint32_t i = 0; i < x->nmnt; i++)
		if (!furnish(s, st, &x->mnt[i], i, err))
			return false;
	return true;
}

/* ---- afterwards ---- */

bool mounts_resolve(struct stage *st, const char *path, const char **root, const char **rel)
{
	struct stage_state *x = st->state;
	const struct mnt *best = NULL;
	const char *below, *rest = NULL;
	struct stat sb;
	bool exists;

	if (!x->nmnt || *path != '/')
		return false;
	path = place_of(st, path, &exists);
	for (uint32_t i = 0; i < x->nmnt; i++) /* sorted or not: the longest place wins */
		if ((below = fs_below(x->mnt[i].dest, path)) && (!best || strlen(x->mnt[i].dest) > strlen(best->dest))) {
			best = &x->mnt[i];
			rest = below;
		}
	if (!best)
		return false;
	*root = best->upper;
	*rel = rest;
	if (!best->upper || (best->src && !best->copied && lstat(fs_join(x->a, best->upper, rest), &sb) < 0))
		*root = best->src;
	if (*root && best->file) { /* the file itself */
		*rel = strrchr(*root, '/') + 1;
		*root = arena_strndup(x->a, *root, (size_t)(*rel - 1 - *root));
	}
	return *root != NULL;
}

void stage_resolve(struct stage *st, const char *path, const char **root, const char **rel)
{
	path = fs_clean(st->arena, path);
	if (mounts_resolve(st, path, root, rel))
		return;
	*root = st->state->box ? st->state->upper : "/";
	*rel = path + 1;
}

struct changes { /* of a private copy against what it was copied from */
	struct publish *p;
	const struct mnt *t;
	struct arena *a;
	int src;
	char *why; /* not all of it can be stored */
};

static enum fs_go changed(void *ctx, const struct fs_entry *e)
{
	struct changes *c = ctx;
	struct stat a, b;
	const char *rel;

	if (e->type != DT_REG && e->type != DT_LNK)
		return FS_GO;
	if (c->src >= 0 && fs_lstat(c->src, e->rel, &a) && fstatat(e->dir, e->name, &b, AT_SYMLINK_NOFOLLOW) == 0 &&
	    a.st_mode == b.st_mode && a.st_size == b.st_size && a.st_mtim.tv_sec == b.st_mtim.tv_sec &&
	    a.st_mtim.tv_nsec == b.st_mtim.tv_nsec)
		return FS_GO;
	rel = recode_stored(c->t->names, e->rel);
	if (!rel) {
		c->why = recode_refused(c->t->names, c->a, e->rel, c->t->pub);
		return FS_FAIL;
	}
	publish_add(c->p, c->t->upper, e->rel, fs_join(c->a, c->t->pub, rel), false);
	return FS_GO;
}

/* NULL, or why not. */
static char *publish_copy(struct stage *st, struct publish *p, const struct mnt *t)
{
	struct changes c = { p, t, st->arena, open(t->src, O_RDONLY | O_DIRECTORY | O_CLOEXEC), NULL };
	int fd = open(t->upper, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd >= 0)
		fs_walk(fd, "", changed, &c);
	if (fd >= 0)
		close(fd);
	if (c.src >= 0)
		close(c.src);
	return c.why;
}

/* An output mapping of one file. */
static enum run_cause collect_file(struct stager *s, struct stage *st, const struct jmap *m, struct publish *p, char **text)
{
	const char *local = local_of(s->j, m), *why = NULL, *root, *rel;
	const char *to = stage_final(s, st->arena, url_of(s->j, m), &why);
	struct stat sb;

	stage_resolve(st, local, &root, &rel);
	if (to && stat(fs_join(st->arena, root, rel), &sb) == 0 && S_ISREG(sb.st_mode)) {
		publish_add(p, root, rel, to, true);
		return R_DONE;
	}
	*text = arena_printf(st->arena, "`%s`", fs_clean(st->arena, local));
	return R_MISSING;
}

enum run_cause mounts_collect(struct stager *s, struct stage *st, struct publish *p, char **text)
{
	const struct jtask *t = &s->j->task[st->id.task];
	struct stage_state *x = st->state;
	enum run_cause rc = R_DONE;

	for (uint32_t i = 0; i < x->nmnt; i++) {
		const struct mnt *m = &x->mnt[i];
		const char *base;

		if (!m->pub)
			continue;
		if (m->file) {
			base = strrchr(m->upper, '/');
			publish_add(p, arena_strndup(x->a, m->upper, (size_t)(base - m->upper)), base + 1, m->pub, false);
		} else if (m->copied ? (*text = publish_copy(st, p, m)) != NULL :
		           !publish_upper(p, m->upper, m->pub, m->names, text, x->a)) {
			return R_COLLECT;
		}
	}
	for (uint32_t i = 0; i < t->nmap && rc == R_DONE; i++)
		if (t->map[i].kind == MAP_OUTPUT && !ends_slash(url_of(s->j, &t->map[i])) && !ends_slash(local_of(s->j, &t->map[i])))
			rc = collect_file(s, st, &t->map[i], p, text);
	return rc;
}

bool mounts_publish(struct stager *s, struct arena *a, uint32_t task, const char *path)
{
	const struct jtask *t = &s->j->task[task];

	for (uint32_t i = 0; *path == '/' && i < t->nmap; i++) {
		const struct jmap *m = &t->map[i];
		const char *why, *to;

		if (m->kind != MAP_OUTPUT && (m->kind != MAP_MOUNT || !m->write))
			continue;
		to = stage_final(s, a, url_of(s->j, m), &why);
		if (to && fs_below(fs_clean(a, to), fs_clean(a, path)))
			return true;
	}
	return false;
}

/* Log mappings copy a file whatever the attempt came to; the service adds job, task and instance to its name. */
static void queue_log(struct stager *s, struct stage *st, const struct jmap *m, struct publish *p)
{
	struct arena *a = st->arena;
	const char *local = local_of(s->j, m), *why = NULL, *to = stage_final(s, a, url_of(s->j, m), &why), *root, *rel;
	const char *tname = name_str(s->j->names, s->j->task[st->id.task].name);
	struct stat sb;

	if (*local != '/') {
		root = st->workdir;
		rel = fs_clean(a, local);
	} else {
		stage_resolve(st, local, &root, &rel);
	}
	if (!to || lstat(fs_join(a, root, rel), &sb) < 0 || !S_ISREG(sb.st_mode))
		return;
	local = strrchr(rel, '/') ? strrchr(rel, '/') + 1 : rel;
	publish_add(p, root, rel, arena_printf(a, "%s/%s.%s.%s.%lld", to, local, s->job_id, tname, (long long)st->id.instance), true);
}

void mounts_logs(struct stager *s, struct stage *st, struct publish *p)
{
	const struct jtask *t = &s->j->task[st->id.task];

	for (uint32_t i = 0; i < t->nmap; i++)
		if (t->map[i].kind == MAP_LOG)
			queue_log(s, st, &t->map[i], p);
}
