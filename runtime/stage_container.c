/* stage_container.c - an attempt in a container: the files of its image under a layer of its own, what is mounted there, and
 * the /proc, /sys and /dev that such a root may see.
 *
 * All places are made after the root has changed: a link in the image leads nowhere but into the image. */
#include "runtime/sandbox_plan.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "runtime/stage_fs.h"

enum { FIXED = 24 /* slots beside layers, mounts, stores and inputs */ };

/* ---- preparing ---- */

bool container_prepare(struct stager *s, struct stage *st, struct stage_error *err)
{
	static const char *const dir[] = { LAYER, LAYER "/work", LAYER "/root", LAYER "/upper" };
	struct stage_state *x = st->state;
	bool ok = true;

	x->box = containers_of(s->containers, st->id.task);
	if (!x->box)
		return true;
	for (size_t i = 0; ok && i < sizeof(dir) / sizeof(*dir); i++) { /* those of an earlier attempt are as good as new */
		x->upper = fs_join(x->a, st->dir, dir[i]);
		ok = mkdir(x->upper, 0777) == 0 || errno == EEXIST;
	}
	ok = ok && (s->dirmode == 0755 || chmod(x->upper, 0755) == 0); /* what / of the container has */
	return ok || stage_fail(s, err, R_SPAWN, "cannot make `%s`: %s", x->upper, strerror(errno));
}

/* Is it seen anyhow, with the workspace or a store? */
static bool is_seen(struct stager *s, struct stage_state *x, const char *path)
{
	const char *const *dir;
	uint32_t n = stores_dirs(s->stores, &dir);
	bool seen = fs_below(s->ws, path) != NULL;

	for (uint32_t i = 0; i < n && !seen; i++)
		seen = fs_below(dir[i], path) != NULL;
	for (uint32_t i = 0; i < x->nbind && !seen; i++) /* they are few: an instance's own */
		seen = fs_below(x->bind[i], path) != NULL;
	return seen;
}

void container_bind(struct stager *s, struct stage *st, const char *path)
{
	struct stage_state *x = st->state;
	char *real = realpath(path, NULL);
	const char *at = real ? arena_strdup(x->a, real) : NULL, **old = x->bind;

	free(real);
	if (!at || is_seen(s, x, at))
		return;
	if (x->nbind == x->bindcap) {
		x->bindcap = x->bindcap ? x->bindcap * 2 : 8;
		x->bind = arena_zalloc(x->a, x->bindcap, sizeof(*x->bind));
		if (x->nbind)
			memcpy(x->bind, old, x->nbind * sizeof(*old));
	}
	x->bind[x->nbind++] = at;
}

/* ---- what is mounted ---- */

struct spot { /* a slot and where it goes */
	const char *to;
	int slot;
	bool file, optional;
};
struct spots {
	struct plan *p;
	struct spot v[SB_SLOTS];
	uint32_t n;
};

/* A tree of this machine for the container. */
static void show(struct spots *w, const char *from, const char *to, bool readonly, bool optional)
{
	struct stat sb;

	if (stat(from, &sb) < 0 && optional)
		return;
	w->v[w->n++] = (struct spot){ to, plan_slot(w->p, SB_TREE, from, readonly), !S_ISDIR(sb.st_mode), optional };
}

static void show_all(struct spots *w)
{
	static const char *const host[] = { "/etc/resolv.conf", "/etc/hosts", "/sys" };
	struct plan *p = w->p;
	struct stage_state *x = p->x;
	const char *const *dir, *script = fs_join(p->a, p->st->dir, "script");
	uint32_t n = stores_dirs(p->s->stores, &dir);

	show(w, p->s->ws, p->s->ws, !x->in_place, false);
	for (uint32_t i = 0; i < n; i++)
		show(w, dir[i], dir[i], true, false);
	for (uint32_t i = 0; i < x->nbind; i++)
		show(w, x->bind[i], x->bind[i], true, false);
	show(w, p->st->workdir, CONTAINER_WORKDIR, false, false);
	if (p->s->j->task[p->st->id.task].run == RUN_SCRIPT)
		show(w, script, CONTAINER_SCRIPT, true, false);
	for (size_t i = 0; i < sizeof(host) / sizeof(*host); i++)
		show(w, host[i], host[i], true, true);
}

static void put_all(struct spots *w)
{
	for (uint32_t i = 0; i < w->n; i++)
		plan_move(w->p, w->v[i].slot, w->v[i].to)->flag = w->v[i].optional;
}

static void put_mounts(struct spots *w)
{
	struct stage_state *x = w->p->x;

	for (uint32_t i = 0; i < x->nmnt; i++) {
		for (uint32_t k = 0; k < w->n; k++) /* its place is hidden by what was put above it */
			if (fs_below(w->v[k].to, x->mnt[i].dest))
				plan_place(w->p, w->v[k].to, x->mnt[i].dest, x->mnt[i].file);
		plan_put(w->p, i);
	}
}

/* ---- the root ---- */

/* All places in a small layer in memory, below the attempt's own: nothing has to be copied up or removed for them. */
static void make_places(struct spots *w, const char *root)
{
	static const char *const own[] = { "proc", "dev" };
	struct plan *p = w->p;

	plan_op(p, SB_NEWROOT)->to = root;
	for (uint32_t i = 0; i < w->n; i++)
		plan_place(p, "", w->v[i].to + 1, w->v[i].file);
	for (uint32_t i = 0; i < p->x->nmnt; i++)
		plan_place(p, "", p->x->mnt[i].dest + 1, p->x->mnt[i].file);
	for (size_t i = 0; i < sizeof(own) / sizeof(*own); i++)
		plan_dir(p, own[i], 0755);
	plan_dir(p, "tmp", 01777);
}

/* The slots from `lower` on: places, layers, upper, work. */
static void enter_image(struct spots *w, int lower)
{
	struct plan *p = w->p;
	const char *root = fs_join(p->a, p->st->dir, LAYER "/root");
	uint32_t n = p->x->box->nlayer + 1;
	struct sb_op *o;

	make_places(w, root);
	o = plan_op(p, SB_OPEN);
	o->from = ".";
	o->slot = lower;
	o = plan_op(p, SB_MOUNT);
	o->from = o->type = "overlay";
	o->to = root;
	o->flags = MS_NODEV | MS_NOSUID;
	o->data = sandbox_overlay(&p->s->sb, p->a, lower, n, lower + (int)n, lower + (int)n + 1);
	plan_op(p, SB_ENTER)->to = root;
	plan_op(p, SB_PIVOT);
}

static void mount_fs(struct plan *p, const char *type, const char *to, unsigned long flags, const char *data)
{
	struct sb_op *o = plan_op(p, SB_MOUNT);

	o->from = o->type = type;
	o->to = to;
	o->flags = MS_NOSUID | flags;
	o->data = data;
}

static const char *const device[] = { "null", "zero", "full", "random", "urandom", "tty" };
enum { DEVICES = sizeof(device) / sizeof(*device) };

/* Devices that belong to nobody; the terminals are its own. */
static void make_dev(struct plan *p, int first)
{
	static const char *const link[][2] = { { "/proc/self/fd", "/dev/fd" }, { "/proc/self/fd/0", "/dev/stdin" },
		{ "/proc/self/fd/1", "/dev/stdout" }, { "/proc/self/fd/2", "/dev/stderr" }, { "pts/ptmx", "/dev/ptmx" } };
	struct sb_op *o;

	mount_fs(p, "tmpfs", "/dev", MS_NOEXEC, "mode=755,size=64k");
	for (int i = 0; i < DEVICES; i++) {
		const char *to = arena_printf(p->a, "/dev/%s", device[i]);

		plan_op(p, SB_MKFILE)->to = to;
		plan_move(p, first + i, to);
	}
	for (size_t i = 0; i < sizeof(link) / sizeof(*link); i++) {
		o = plan_op(p, SB_SYMLINK);
		o->from = link[i][0];
		o->to = link[i][1];
	}
	plan_dir(p, "/dev/pts", 0755);
	mount_fs(p, "devpts", "/dev/pts", MS_NOEXEC, "newinstance,ptmxmode=0666,mode=0620");
	plan_dir(p, "/dev/shm", 0755);
	mount_fs(p, "tmpfs", "/dev/shm", MS_NOEXEC | MS_NODEV, "mode=1777");
}

/* Files of the kernel that this machine's root may write without any capability, or read secrets from. */
static void protect(struct plan *p)
{
	static const char *const frozen[] = { "/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger" };
	static const char *const hidden[] = { "/proc/acpi", "/proc/kcore", "/proc/keys", "/proc/latency_stats", "/proc/timer_list",
		"/proc/timer_stats", "/proc/sched_debug", "/proc/scsi", "/sys/firmware", "/sys/fs/selinux", "/sys/kernel/debug",
		"/sys/kernel/tracing", "/sys/kernel/security" };

	for (size_t i = 0; i < sizeof(frozen) / sizeof(*frozen); i++)
		plan_op(p, SB_FREEZE)->to = frozen[i];
	for (size_t i = 0; i < sizeof(hidden) / sizeof(*hidden); i++)
		plan_op(p, SB_HIDE)->to = hidden[i];
}

bool plan_container(struct plan *p)
{
	struct stage_state *x = p->x;
	struct spots w = { .p = p };
	const char *const *dir;
	int image, dev;

	if (x->box->nlayer + stores_dirs(p->s->stores, &dir) + 3 * x->nmnt + x->nbind + FIXED > SB_SLOTS)
		return stage_fail(p->s, p->err, R_SPAWN, "too many mounts");
	image = x->slots++;
	for (uint32_t i = 0; i < x->box->nlayer; i++)
		plan_slot(p, SB_OPEN, x->box->layer[i], false);
	plan_slot(p, SB_OPEN, x->upper, false);
	plan_slot(p, SB_OPEN, fs_join(p->a, p->st->dir, LAYER "/work"), false);
	for (uint32_t i = 0; i < x->nmnt; i++)
		plan_take(p, &x->mnt[i]);
	plan_layers(p);
	show_all(&w);
	dev = x->slots;
	for (int i = 0; i < DEVICES; i++)
		plan_slot(p, SB_TREE, arena_printf(p->a, "/dev/%s", device[i]), false);
	enter_image(&w, image);
	mount_fs(p, "proc", "/proc", MS_NODEV | MS_NOEXEC, NULL); /* overlays below are named by descriptors there */
	put_all(&w);
	put_mounts(&w);
	make_dev(p, dev);
	protect(p);
	plan_op(p, SB_DETACH);
	return true;
}
