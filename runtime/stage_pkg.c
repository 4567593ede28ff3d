/* stage_pkg.c - packages of a run: brought together once, copied into every work directory. */
#include "runtime/stage_impl.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/digest.h"
#include "runtime/package.h"
#include "runtime/stage_fs.h"

/* The setting as one name: equal settings share one package.  0: no package. */
static name joined(const struct job *j, const struct jtask *t)
{
	const struct jval *v = task_set(t, SET_PACKAGE);
	struct buf b;
	name nm = 0;

	if (!v)
		return 0;
	buf_init(&b, 1 << 20);
	for (uint32_t i = 0; i < v->n; i++)
		if (name_len(j->names, v->list[i])) {
			buf_add(&b, name_str(j->names, v->list[i]), name_len(j->names, v->list[i]));
			buf_addc(&b, 0);
		}
	if (b.len)
		nm = name_of(j->names, b.p, b.len);
	buf_free(&b);
	return nm;
}

static bool load(struct stager *s, const char *const *list, uint32_t n, uint32_t number, char **why)
{
	const char *tmp = arena_printf(s->arena, "%s/new-%u", s->pkgs, number), *final;
	const char **path = arena_zalloc(s->scratch, n + 1, sizeof(*path)), *bad = NULL;
	char digest[PACKAGE_DIGEST];
	struct stat sb;
	bool archive = n == 1 && store_is_url(list[0]), ok;

	for (uint32_t i = 0; i < n; i++) {
		path[i] = stage_final(s, s->scratch, list[i], &bad);
		if (!path[i]) {
			*why = arena_strdup(s->scratch, bad);
			return false;
		}
	}
	archive = archive && stat(path[0], &sb) == 0 && !S_ISDIR(sb.st_mode);
	ok = archive ? package_unpack(path[0], tmp, digest, why, s->scratch) : package_gather(path, n, tmp, digest, why, s->scratch);
	if (!ok)
		return false;
	final = arena_printf(s->arena, "%s/%.16s", s->pkgs, digest);
	if (rename(tmp, final) < 0 && errno != ENOTEMPTY && errno != EEXIST) {
		*why = arena_strdup(s->scratch, strerror(errno));
		return false;
	}
	s->pkg[number] = final;
	return true;
}

/* Where other machines find the package of a setting. */
static const char *known_place(struct stager *s, name nm)
{
	return arena_printf(s->arena, "%s/of-%016llx", s->pkgs,
		(unsigned long long)digest_hash64(name_str(s->j->names, nm), name_len(s->j->names, nm), 0));
}

static bool tell_place(struct stager *s, name nm, const char *pkg, char **why)
{
	const char *at = known_place(s, nm);

	if (s->o->role != RUN_DRIVER || symlink(strrchr(pkg, '/') + 1, at) == 0 || errno == EEXIST)
		return true;
	*why = arena_strdup(s->scratch, strerror(errno));
	return false;
}

static bool load_task(struct stager *s, const struct jtask *t)
{
	const struct jval *v = task_set(t, SET_PACKAGE);
	name nm = joined(s->j, t);
	const char **list;
	char *why = NULL;
	uint32_t n = 0;

	if (!nm || !idmap_add(s->pkgmap, nm, s->npkg))
		return true;
	list = arena_zalloc(s->arena, v->n, sizeof(*list));
	for (uint32_t i = 0; i < v->n; i++)
		if (name_len(s->j->names, v->list[i]))
			list[n++] = name_str(s->j->names, v->list[i]);
	if (s->o->role == RUN_MEMBER) {
		s->pkg[s->npkg++] = known_place(s, nm);
		return true;
	}
	if (load(s, list, n, s->npkg++, &why) && tell_place(s, nm, s->pkg[s->npkg - 1], &why))
		return true;
	return diag_error(s->d, E1063, v->span, "package of task `%s` cannot be used: %s", name_str(s->j->names, t->name), why);
}

bool packages_load(struct stager *s)
{
	uint32_t n = 0;
	bool ok = true;

	for (uint32_t i = 0; i < s->j->ntask; i++)
		n += task_set(&s->j->task[i], SET_PACKAGE) != NULL;
	s->pkgmap = idmap_new(s->arena, n);
	s->pkg = arena_zalloc(s->arena, (size_t)n + 1, sizeof(*s->pkg));
	for (uint32_t i = 0; i < s->j->ntask; i++)
		if (!s->j->task[i].skipped && (s->o->role != RUN_ALONE || s->o->alone == i) && !load_task(s, &s->j->task[i]))
			ok = false;
	return ok;
}

const char *packages_dir(struct stager *s, uint32_t task)
{
	name nm = joined(s->j, &s->j->task[task]);
	uint32_t k = nm ? idmap_get(s->pkgmap, nm) : UINT32_MAX;

	return k == UINT32_MAX ? NULL : s->pkg[k];
}

struct copy {
	int into;
};

static enum fs_go copy_top(void *ctx, const struct fs_entry *e)
{
	struct copy *c = ctx;

	return fs_copy(e->dir, e->name, c->into, e->name) ? FS_SKIP : FS_FAIL;
}

bool packages_copy(struct stager *s, struct stage *st, struct stage_error *err)
{
	const char *pkg = packages_dir(s, st->id.task);
	struct copy c;
	int from;
	bool ok;

	if (!pkg)
		return true;
	from = open(pkg, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	c.into = open(st->workdir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	ok = from >= 0 && c.into >= 0 && fs_walk(from, "", copy_top, &c);
	if (!ok)
		stage_fail(s, err, R_SPAWN, "cannot copy the package to `%s`: %s", st->workdir, strerror(errno));
	if (from >= 0)
		close(from);
	if (c.into >= 0)
		close(c.into);
	return ok;
}

bool packages_has(struct stager *s, uint32_t task, int workdir, const char *rel)
{
	const char *pkg = packages_dir(s, task);
	struct stat a, b;
	bool same = false;
	int fd;

	if (!pkg)
		return false;
	fd = open(pkg, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd >= 0) {
		same = fs_lstat(fd, rel, &a) && fs_lstat(workdir, rel, &b) && a.st_mode == b.st_mode && a.st_size == b.st_size &&
			a.st_mtim.tv_sec == b.st_mtim.tv_sec && a.st_mtim.tv_nsec == b.st_mtim.tv_nsec;
		close(fd);
	}
	return same;
}
