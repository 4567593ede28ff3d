/* sandbox_strict.c - a machine that an attempt cannot change.
 *
 * Everything is read-only but the attempt's directory, the directories of its outputs elsewhere, and what the site file names.
 * /tmp and /var/tmp are the attempt's own; of the machine's it sees what belongs to the run, and what its ports, its command
 * line and its environment name.  /dev/shm is empty.  As root it has only the devices that everybody may use.
 * A machine of a batch system protects the workspace and the stores only: what else it has is its site's. */
#include "runtime/sandbox_plan.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/intl.h"
#include "runtime/stage_fs.h"

static const char *const tmp_dir[] = { "/tmp", "/var/tmp" };
static const char *const own_dir[] = { "t", "v" }; /* for one of them that shows something of the machine's */
enum { TMP_DIRS = sizeof(tmp_dir) / sizeof(*tmp_dir), TOPS = 48, WRITES = 128, DEVICES = 48 };

struct strict_need {
	const char **write; /* directories of outputs elsewhere; real paths */
	uint32_t nwrite, cap;
	const char *top[TMP_DIRS][TOPS]; /* entries of tmp_dir[] that are to be seen, as paths */
	uint32_t ntop[TMP_DIRS];
	bool full[TMP_DIRS];             /* there were more */
};

/* ---- what the site and the machine have ---- */

static const char *cannot_open(const char *dir, const char *real)
{
	if (*dir != '/')
		return _("it is not an absolute path");
	if (!real)
		return strerror(errno);
	return strcmp(real, "/") == 0 ? _("it is the whole machine") : NULL;
}

static bool site_places(struct stager *s)
{
	const struct site_value *v = site_value(site_find(s->o->site, SITE_ENGINE, "local"), SK_ENGINE_writable);
	const char **dir = arena_zalloc(s->arena, v ? v->n + 1u : 1, sizeof(*dir));
	bool ok = true;

	for (uint16_t i = 0; v && i < v->n; i++) {
		char *real = *v->list[i] == '/' ? realpath(v->list[i], NULL) : NULL;
		const char *why = cannot_open(v->list[i], real);

		if (why)
			ok = diag_error(s->d, E0930, v->span, "`%s` cannot be made writable: %s", v->list[i], why);
		else
			dir[s->nwritable++] = arena_strdup(s->arena, real);
		free(real);
	}
	s->writable = dir;
	return ok;
}

/* Devices that everybody may read and write: neither disks nor other people's terminals. */
static void find_devices(struct stager *s)
{
	DIR *d = geteuid() == 0 ? opendir("/dev") : NULL;
	struct dirent *de;
	struct stat sb;

	s->device = arena_zalloc(s->arena, DEVICES, sizeof(*s->device));
	while (d && s->ndevice < DEVICES && (de = readdir(d)))
		if (strcmp(de->d_name, "ptmx") != 0 && fstatat(dirfd(d), de->d_name, &sb, AT_SYMLINK_NOFOLLOW) == 0 &&
			S_ISCHR(sb.st_mode) && (sb.st_mode & 0006) == 0006)
			s->device[s->ndevice++] = fs_join(s->arena, "/dev", de->d_name);
	if (d)
		closedir(d);
	s->shm = access("/dev/shm", W_OK) == 0;
	s->ptmx = access("/dev/pts/ptmx", F_OK) == 0 && access("/dev/ptmx", F_OK) == 0;
}

bool strict_site(struct stager *s)
{
	find_devices(s);
	return site_places(s);
}

/* ---- what an attempt needs ---- */

static struct strict_need *need(struct stage_state *x)
{
	if (!x->need)
		x->need = arena_zalloc(x->a, 1, sizeof(*x->need));
	return x->need;
}

/* Keep the entry of /tmp that a path lies in. */
static void see(struct stage_state *x, const char *path)
{
	for (int i = 0; i < TMP_DIRS; i++) {
		const char *rel = fs_below(tmp_dir[i], path);
		size_t n = rel ? (size_t)(rel - path) + strcspn(rel, "/") : 0;
		struct strict_need *w;
		uint32_t k = 0;

		if (!rel || !*rel || strncmp(rel, "../", 3) == 0 || strcmp(rel, "..") == 0)
			continue;
		w = need(x);
		while (k < w->ntop[i] && (strncmp(w->top[i][k], path, n) != 0 || w->top[i][k][n]))
			k++;
		if (k == TOPS)
			w->full[i] = true;
		else if (k == w->ntop[i] && access(path = arena_strndup(x->a, path, n), F_OK) == 0)
			w->top[i][w->ntop[i]++] = path;
	}
}

void strict_input(struct stage *st, const char *path)
{
	struct stat sb;
	char *real = lstat(path, &sb) == 0 && S_ISLNK(sb.st_mode) ? realpath(path, NULL) : NULL;

	see(st->state, path);
	if (real)
		see(st->state, real);
	free(real);
}

static bool write_add(struct stage_state *x, const char *dir)
{
	struct strict_need *w = need(x);
	const char **old = w->write;

	for (uint32_t i = 0; i < w->nwrite; i++)
		if (strcmp(w->write[i], dir) == 0)
			return true;
	if (w->nwrite == WRITES)
		return false;
	if (w->nwrite == w->cap) {
		w->cap = w->cap ? w->cap * 2 : 8;
		w->write = arena_zalloc(x->a, w->cap, sizeof(*w->write));
		if (w->nwrite)
			memcpy(w->write, old, w->nwrite * sizeof(*old));
	}
	w->write[w->nwrite++] = arena_strdup(x->a, dir);
	return true;
}

bool strict_output(struct stager *s, struct stage *st, const char *path, struct stage_error *err)
{
	const char *slash = strrchr(path, '/'), *root, *rel;
	bool ok = true;
	char *dir;

	if (*path != '/' || slash == path || mounts_resolve(st, path, &root, &rel))
		return true;
	dir = realpath(arena_strndup(st->arena, path, (size_t)(slash - path)), NULL);
	if (dir && strcmp(dir, "/") != 0 && fs_below(s->ws, dir) == NULL)
		ok = write_add(st->state, dir);
	free(dir);
	return ok || stage_fail(s, err, R_SPAWN, "outputs lie in more than %d directories outside the workspace", WRITES);
}

/* ---- taking ---- */

struct strict { /* slots of what is moved over the read-only machine, -1: it is not */
	bool on;
	int write, site, ws;
	const char *tmp[TMP_DIRS]; /* the attempt's own; NULL: it sees the machine's */
};

uint32_t strict_slots(const struct plan *p)
{
	return (p->x->need ? p->x->need->nwrite : 0) + p->s->nwritable + 1;
}

static void see_words(struct stage_state *x, char *const *word)
{
	for (; word && *word; word++)
		if (**word == '/')
			see(x, *word);
}

static void see_all(struct plan *p)
{
	struct stager *s = p->s;
	const char *const *store;
	uint32_t n = stores_dirs(s->stores, &store);

	see(p->x, s->ws);
	see(p->x, s->dir);
	for (uint32_t i = 0; i < n; i++)
		see(p->x, store[i]);
	for (uint32_t i = 0; i < s->nwritable; i++)
		see(p->x, s->writable[i]);
	for (uint32_t i = 0; p->x->need && i < p->x->need->nwrite; i++)
		see(p->x, p->x->need->write[i]);
	see_words(p->x, p->st->argv);
	see_words(p->x, p->x->sp.exe);
	for (char **e = p->st->env; *e; e++)
		see(p->x, strchr(*e, '=') + 1);
}

/* Can the attempt have one of its own?  Not when it is the workspace, or storage is mounted there. */
static bool can_own(const struct plan *p, int i)
{
	const char *dir = tmp_dir[i];
	const char *const *store;
	uint32_t n = stores_dirs(p->s->stores, &store);
	struct stat sb;
	bool ok = !(p->x->need && p->x->need->full[i]) && strcmp(p->s->ws, dir) != 0;

	for (uint32_t k = 0; k < n; k++)
		ok = ok && strcmp(store[k], dir) != 0;
	for (uint32_t k = 0; k < p->s->nwritable; k++)
		ok = ok && !fs_below(p->s->writable[k], dir);
	for (uint32_t k = 0; p->x->need && k < p->x->need->nwrite; k++)
		ok = ok && !fs_below(p->x->need->write[k], dir);
	for (uint32_t k = 0; k < p->x->nmnt; k++)
		ok = ok && !fs_below(dir, p->x->mnt[k].dest) && !fs_below(p->x->mnt[k].dest, dir);
	return ok && lstat(dir, &sb) == 0 && S_ISDIR(sb.st_mode);
}

static bool is_dir(const char *path)
{
	struct stat sb;

	return stat(path, &sb) == 0 && S_ISDIR(sb.st_mode);
}

static bool make_place(int fd, const char *path, bool there)
{
	const char *base = strrchr(path, '/') + 1;

	if (!is_dir(path))
		return mknodat(fd, base, S_IFREG | 0644, 0) == 0;
	return mkdirat(fd, base, 0777) == 0 || (there && errno == EEXIST);
}

static bool make_places(struct plan *p, const char *dir, int i)
{
	const struct strict_need *w = p->x->need;
	bool there = i == 0 && (p->x->has & SPARE_PLACES);
	int fd = there || mkdir(dir, 0777) == 0 ? open(dir, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC) : -1;
	bool ok = fd >= 0 && (!there || spare_only(fd, w->top[i], w->ntop[i]));

	for (uint32_t k = 0; ok && k < w->ntop[i]; k++)
		ok = make_place(fd, w->top[i][k], there);
	if (fd >= 0)
		close(fd);
	return ok;
}

/* One that shows nothing of the machine's can be the directory for temporary files itself. */
static bool take_tmp(struct plan *p, struct strict *t, int i)
{
	const struct strict_need *w = p->x->need;
	bool shows = w && w->ntop[i];

	if (!can_own(p, i))
		return true;
	t->tmp[i] = fs_join(p->a, p->st->dir, shows ? own_dir[i] : "tmp");
	return !shows || make_places(p, t->tmp[i], i) ||
		stage_fail(p->s, p->err, R_SPAWN, "cannot make `%s`: %s", t->tmp[i], strerror(errno));
}

static void take_places(struct plan *p, struct strict *t)
{
	const struct strict_need *w = p->x->need;

	t->write = p->x->slots;
	for (uint32_t i = 0; w && i < w->nwrite; i++)
		plan_slot(p, SB_TREE, w->write[i], false);
	t->site = p->x->slots;
	for (uint32_t i = 0; i < p->s->nwritable; i++)
		plan_slot(p, SB_TREE, p->s->writable[i], false);
	t->ws = p->x->in_place ? plan_slot(p, SB_TREE, p->s->ws, false) : -1;
}

struct strict *strict_take(struct plan *p)
{
	struct strict *t = arena_zalloc(p->a, 1, sizeof(*t));
	bool ok = true;

	t->on = p->s->o->role != RUN_MEMBER;
	if (!t->on)
		return t;
	see_all(p);
	take_places(p, t);
	for (int i = 0; i < TMP_DIRS; i++)
		ok = ok && take_tmp(p, t, i);
	return ok ? t : NULL;
}

/* ---- putting ---- */

static void bind(struct plan *p, const char *from, const char *to)
{
	struct sb_op *o = plan_op(p, SB_RBIND);

	o->from = from;
	o->to = to;
}

static void put_tmp(struct plan *p, const struct strict *t)
{
	const struct strict_need *w = p->x->need;

	for (int i = 0; i < TMP_DIRS; i++) {
		if (!t->tmp[i])
			continue;
		for (uint32_t k = 0; w && k < w->ntop[i]; k++)
			bind(p, w->top[i][k], fs_join(p->a, t->tmp[i], strrchr(w->top[i][k], '/') + 1));
		bind(p, t->tmp[i], tmp_dir[i]);
	}
}

/* Devices that are mounted one by one stay what they are. */
static void put_devices(struct plan *p)
{
	if (!p->s->ndevice)
		return;
	for (uint32_t i = 0; i < p->s->ndevice; i++)
		bind(p, p->s->device[i], p->s->device[i]);
	if (p->s->ptmx)
		bind(p, "/dev/pts/ptmx", "/dev/ptmx");
	plan_op(p, SB_NODEV)->to = "/dev";
}

static void put_shm(struct plan *p)
{
	struct sb_op *o = plan_op(p, SB_MOUNT);

	o->from = "weft";
	o->to = "/dev/shm";
	o->type = "tmpfs";
	o->flags = MS_NOSUID | MS_NODEV;
	o->data = "mode=1777";
}

static bool is_inner(const struct plan *p, const char *dir)
{
	const char *rel = fs_below(p->s->ws, dir);

	return rel && *rel;
}

void strict_put(struct plan *p, const struct strict *t)
{
	const struct strict_need *w = p->x->need;

	if (!t->on)
		return;
	put_tmp(p, t);
	put_devices(p);
	plan_op(p, SB_READONLY);
	for (int i = 0; i < TMP_DIRS; i++)
		if (t->tmp[i])
			plan_op(p, SB_WRITABLE)->to = tmp_dir[i];
	if (p->s->shm)
		put_shm(p);
	for (uint32_t i = 0; w && i < w->nwrite; i++)
		plan_move(p, t->write + (int)i, w->write[i]);
	for (uint32_t i = 0; i < p->s->nwritable; i++)
		if (!is_inner(p, p->s->writable[i]))
			plan_move(p, t->site + (int)i, p->s->writable[i]);
	if (t->ws >= 0)
		plan_move(p, t->ws, p->s->ws);
}

void strict_inner(struct plan *p, const struct strict *t)
{
	for (uint32_t i = 0; t->on && i < p->s->nwritable; i++)
		if (is_inner(p, p->s->writable[i]))
			plan_move(p, t->site + (int)i, p->s->writable[i]);
}

void strict_proc(struct plan *p, const struct strict *t)
{
	static const char *const frozen[] = { "/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger" };

	for (size_t i = 0; t->on && geteuid() == 0 && i < sizeof(frozen) / sizeof(*frozen); i++)
		plan_op(p, SB_FREEZE)->to = frozen[i];
}
