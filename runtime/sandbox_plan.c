/* sandbox_plan.c - the steps that give an attempt its view of the files.
 *
 * Always: everything is read-only but the attempt's directory and what sandbox_strict.c leaves open.
 * Mounts whose places exist are mounted over them.  Where a place is missing, a new root is built on a temporary
 * file system: every entry of the old root is bound there, the directories above the missing place are opened up
 * (their entries bound one by one), and the place is made; then pivot_root.  Nothing is left behind outside. */
#include "runtime/sandbox_plan.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "runtime/stage_fs.h"

enum { MANY = 400 }; /* entries of a directory that are bound one by one */

struct sb_op *plan_op(struct plan *p, enum sb_do what)
{
	struct stage_state *x = p->x;

	if (x->nop == x->opcap) {
		struct sb_op *old = x->op;

		x->opcap = x->opcap ? x->opcap * 2 : 64;
		x->op = arena_zalloc(p->a, x->opcap, sizeof(*x->op));
		if (x->nop)
			memcpy(x->op, old, x->nop * sizeof(*old));
	}
	x->op[x->nop] = (struct sb_op){ .what = (uint8_t)what, .slot = -1 };
	return &x->op[x->nop++];
}

int plan_slot(struct plan *p, enum sb_do what, const char *from, bool readonly)
{
	struct sb_op *o = plan_op(p, what);

	o->from = from;
	o->flag = readonly;
	return o->slot = p->x->slots++;
}

struct sb_op *plan_move(struct plan *p, int from, const char *to)
{
	struct sb_op *o = plan_op(p, SB_MOVE);

	o->slot = from;
	o->to = to;
	return o;
}

/* ---- a new root ---- */

static int bytewise(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static bool is_open(const struct plan *p, const char *dir)
{
	return bsearch(&dir, p->open, p->nopen, sizeof(*p->open), bytewise) != NULL;
}

static void open_up(struct plan *p, const char *dir)
{
	if (p->nopen == p->cap) {
		const char **old = p->open;

		p->cap = p->cap ? p->cap * 2 : 16;
		p->open = arena_zalloc(p->a, p->cap, sizeof(*p->open));
		if (p->nopen)
			memcpy(p->open, old, p->nopen * sizeof(*old));
	}
	p->open[p->nopen++] = dir;
}

/* The deepest part of a missing place that is there; all above it are opened up too. */
static void open_above(struct plan *p, const char *dest)
{
	char *dir = arena_strdup(p->a, dest);
	struct stat sb;

	for (char *c = dir + strlen(dir); c > dir; c--) {
		if (*c != '/')
			continue;
		*c = 0;
		if (stat(dir, &sb) == 0 && S_ISDIR(sb.st_mode))
			open_up(p, arena_strdup(p->a, dir));
	}
	open_up(p, "/");
}

static void sort_open(struct plan *p)
{
	uint32_t n = 0;

	qsort(p->open, p->nopen, sizeof(*p->open), bytewise);
	for (uint32_t i = 0; i < p->nopen; i++)
		if (n == 0 || strcmp(p->open[n - 1], p->open[i]) != 0)
			p->open[n++] = p->open[i];
	p->nopen = n;
}

void plan_dir(struct plan *p, const char *rel, mode_t mode)
{
	struct sb_op *o = plan_op(p, SB_MKDIR);

	o->to = rel;
	o->mode = mode;
}

static void link_at(struct plan *p, const char *dir, int fd, const char *nm, const char *rel)
{
	char to[4097];
	ssize_t n = readlinkat(fd, nm, to, sizeof(to) - 1);
	struct sb_op *o;

	(void)dir;
	if (n < 0)
		return;
	o = plan_op(p, SB_SYMLINK);
	o->from = arena_strndup(p->a, to, (size_t)n);
	o->to = rel;
}

/* One entry of an opened directory; with MANY of them those nobody needs under their real path become links. */
static void entry(struct plan *p, const char *dir, int fd, const char *nm, const char *hidden)
{
	const char *path = fs_join(p->a, dir, nm), *rel = path + 1;
	struct sb_op *o;
	struct stat sb;

	if (fstatat(fd, nm, &sb, AT_SYMLINK_NOFOLLOW) < 0)
		return;
	if (S_ISLNK(sb.st_mode)) {
		link_at(p, dir, fd, nm, rel);
	} else if (is_open(p, path)) {
		plan_dir(p, rel, sb.st_mode & 07777);
	} else if (hidden && !fs_below(path, p->s->ws) && !fs_below(path, p->s->dir)) {
		o = plan_op(p, SB_SYMLINK);
		o->from = arena_printf(p->a, "%s/%s", hidden, nm);
		o->to = rel;
	} else {
		if (S_ISDIR(sb.st_mode))
			plan_dir(p, rel, 0755);
		else
			plan_op(p, SB_MKFILE)->to = rel;
		o = plan_op(p, SB_RBIND);
		o->from = path;
		o->to = rel;
	}
}

static uint32_t count(const char *dir)
{
	DIR *d = opendir(dir);
	uint32_t n = 0;

	while (d && n <= MANY && readdir(d))
		n++;
	if (d)
		closedir(d);
	return n;
}

/* The whole directory, bound out of the way at /.weft/N, for the links into it. */
static const char *hide(struct plan *p, const char *dir, uint32_t number)
{
	const char *at = arena_printf(p->a, ".weft/%u", number);
	struct sb_op *o;

	plan_dir(p, ".weft", 0755);
	plan_dir(p, at, 0755);
	o = plan_op(p, SB_RBIND);
	o->from = dir;
	o->to = at;
	return arena_printf(p->a, "/%s", at);
}

static bool open_dir(struct plan *p, const char *dir, uint32_t number)
{
	const char *hidden = strcmp(dir, "/") != 0 && count(dir) > MANY ? hide(p, dir, number) : NULL;
	DIR *d = opendir(dir);
	struct dirent *de;

	if (!d)
		return stage_fail(p->s, p->err, R_SPAWN, "cannot make a mount point in `%s`: %s", dir, strerror(errno));
	while ((de = readdir(d)))
		if (strcmp(de->d_name, ".") != 0 && strcmp(de->d_name, "..") != 0)
			entry(p, dir, dirfd(d), de->d_name, hidden);
	closedir(d);
	return true;
}

/* Directories from the nearest one that is there down to the place itself; "" relative to what is mounted. */
void plan_place(struct plan *p, const char *from, const char *dest, bool file)
{
	char *path = arena_strdup(p->a, dest);

	for (char *c = path + strlen(from) + 1; (c = strchr(c, '/')); c++) {
		*c = 0;
		plan_dir(p, arena_strdup(p->a, path), 0755);
		*c = '/';
	}
	if (file)
		plan_op(p, SB_MKFILE)->to = path;
	else
		plan_dir(p, path, 0755);
}

/* The mount that a place lies in. */
static const struct mnt *outer(const struct stage_state *x, uint32_t i)
{
	for (uint32_t k = i; k-- > 0;)
		if (fs_below(x->mnt[k].dest, x->mnt[i].dest))
			return &x->mnt[k];
	return NULL;
}

static bool new_root(struct plan *p, bool *made)
{
	struct stage_state *x = p->x;
	const char *root = fs_join(p->a, p->st->dir, "root");
	struct sb_op *o;

	for (uint32_t i = 0; i < x->nmnt; i++)
		if (!x->mnt[i].exists && !outer(x, i))
			open_above(p, x->mnt[i].dest);
	*made = p->nopen > 0;
	if (!p->nopen)
		return true;
	sort_open(p);
	if (mkdir(root, 0777) < 0)
		return stage_fail(p->s, p->err, R_SPAWN, "cannot make `%s`: %s", root, strerror(errno));
	o = plan_op(p, SB_NEWROOT);
	o->to = root;
	for (uint32_t i = 0; i < p->nopen; i++)
		if (!open_dir(p, p->open[i], i))
			return false;
	for (uint32_t i = 0; i < x->nmnt; i++)
		if (!x->mnt[i].exists && !outer(x, i))
			plan_place(p, "", x->mnt[i].dest + 1, x->mnt[i].file);
	plan_op(p, SB_PIVOT);
	return true;
}

/* ---- mounts ---- */

/* Descriptors of everything that is mounted are taken first: the mounts themselves may hide it. */
void plan_take(struct plan *p, struct mnt *t)
{
	if (!t->upper)
		t->slot = plan_slot(p, SB_TREE, t->src, true);
	else if (!t->work)
		t->slot = plan_slot(p, SB_TREE, t->upper, false);
	else {
		t->slot = plan_slot(p, SB_OPEN, t->src, false);
		p->x->slots += 2;
	}
}

static void open_into(struct plan *p, const char *from, int slot)
{
	struct sb_op *o = plan_op(p, SB_OPEN);

	o->from = from;
	o->slot = slot;
}

void plan_layers(struct plan *p)
{
	for (uint32_t i = 0; i < p->x->nmnt; i++) {
		const struct mnt *t = &p->x->mnt[i];

		if (!t->work)
			continue;
		open_into(p, t->upper, t->slot + 1);
		open_into(p, t->work, t->slot + 2);
	}
}

void plan_put(struct plan *p, uint32_t i)
{
	struct mnt *t = &p->x->mnt[i];
	const struct mnt *in = outer(p->x, i);
	struct sb_op *o;

	if (in)
		plan_place(p, in->dest, t->dest, t->file);
	if (!t->work) {
		plan_move(p, t->slot, t->dest);
		return;
	}
	o = plan_op(p, SB_MOUNT);
	o->from = o->type = "overlay";
	o->to = t->dest;
	o->flags = MS_NOSUID | MS_NODEV;
	o->data = sandbox_overlay(&p->s->sb, p->a, t->slot, 1, t->slot + 1, t->slot + 2);
}

static bool inside_shield(struct plan *p, const struct mnt *t)
{
	return t->exists || !fs_below(p->s->ws, t->dest) ||
		stage_fail(p->s, p->err, R_SPAWN, "storage cannot be mounted on `%s`: it is missing in the workspace", t->dest);
}

bool plan_world(struct stager *s, struct stage *st, struct stage_error *err)
{
	struct plan p = { .s = s, .st = st, .x = st->state, .a = st->arena, .err = err };
	struct stage_state *x = st->state;
	const char *const *dir;
	uint32_t n = stores_dirs(s->stores, &dir);
	int ws = -1, own = -1, first;
	bool pivot, shield = !x->in_place && strcmp(s->ws, "/") != 0;
	struct strict *strict;

	if (x->plain)
		return true;
	if (x->box)
		return plan_container(&p);
	if (n + 3 * x->nmnt + strict_slots(&p) + 2 > SB_SLOTS)
		return stage_fail(s, err, R_SPAWN, "too many mounts");
	for (uint32_t i = 0; i < x->nmnt; i++) {
		if (!inside_shield(&p, &x->mnt[i]))
			return false;
		plan_take(&p, &x->mnt[i]);
	}
	strict = strict_take(&p);
	if (!strict)
		return false;
	if (shield)
		ws = plan_slot(&p, SB_TREE, s->ws, true);
	first = x->slots;
	for (uint32_t i = 0; i < n; i++)
		plan_slot(&p, SB_TREE, dir[i], true);
	own = plan_slot(&p, SB_TREE, st->dir, false);
	if (!new_root(&p, &pivot))
		return false;
	strict_put(&p, strict);
	if (shield)
		plan_move(&p, ws, s->ws);
	for (uint32_t i = 0; i < n; i++)
		plan_move(&p, first + (int)i, dir[i]);
	plan_move(&p, own, st->dir);
	strict_inner(&p, strict);
	plan_layers(&p);
	for (uint32_t i = 0; i < x->nmnt; i++)
		plan_put(&p, i);
	plan_op(&p, SB_PROC);
	strict_proc(&p, strict);
	if (pivot)
		plan_op(&p, SB_DETACH);
	return true;
}
