/* sandbox.h - start a command below an init of ours, in namespaces of its own where the kernel lets us.
 *
 * The parent precomputes everything: a list of steps (struct sb_op) that the child works off one by one with
 * plain system calls.  A step that fails travels back through a pipe with its number and errno.
 *
 * Two ways:  SB_NAMESPACES  mount and pid namespace (and user namespace when we may not otherwise): an init of ours
 *                           is the pid 1 of it, so its death is the death of every descendant.  It dies with the
 *                           driver (PR_SET_PDEATHSIG).
 *            SB_PLAIN       the command is our own child: sandbox_plain.c, sandbox_guard.c. */
#ifndef WEFT_RUNTIME_SANDBOX_H
#define WEFT_RUNTIME_SANDBOX_H

#include "base/arena.h"

#include <stdbool.h>
#include <sys/resource.h>
#include <sys/types.h>

enum sb_do {
	SB_TREE,    /* slot = a clone of the mounts below `from`; flag: read-only */
	SB_OPEN,    /* slot = an O_PATH descriptor of `from` */
	SB_NEWROOT, /* an empty file system on `to`, which becomes the current directory */
	SB_MKDIR,   /* `to` (relative: below the new root) with `mode`; existing is fine */
	SB_MKFILE,
	SB_SYMLINK, /* `to` -> `from` */
	SB_RBIND,   /* `from` and the mounts below it on `to`; a vanished `from` is fine */
	SB_PIVOT,   /* the current directory becomes the root; the old one stays reachable until the end */
	SB_MOVE,    /* the tree of a slot onto `to` */
	SB_MOUNT,   /* mount(from, to, type, flags, data) */
	SB_DETACH,  /* let go of the old root */
	SB_PROC,    /* a /proc of our own; refused is fine */
	SB_ENTER,   /* `to` becomes the current directory */
	SB_FREEZE,  /* what is at `to` becomes read-only; nothing there is fine */
	SB_HIDE,    /* something empty in the place of `to`; nothing there is fine */
	SB_READONLY, /* everything that is mounted */
	SB_WRITABLE, /* ... but what is mounted at `to` itself */
	SB_NODEV,   /* devices in the directory `to` cannot be opened; those mounted below it can */
	SB_OPS
};
struct sb_op {
	uint8_t what; /* enum sb_do */
	bool flag;       /* SB_TREE: read-only; SB_MKFILE, SB_MOVE: failing is fine */
	int slot;
	mode_t mode;
	unsigned long flags;
	const char *from, *to, *type, *data;
};
enum { SB_SLOT0 = 16, SB_SLOTS = 480 }; /* slot k is descriptor SB_SLOT0 + k in the child */

enum sb_kind { SB_PLAIN, SB_NAMESPACES };
struct guard;
struct sandbox { /* what the kernel allows; filled by sandbox_probe */
	uint8_t kind;
	bool user;       /* through a user namespace */
	bool mounts;     /* mounts work */
	bool overlay;    /* overlayfs works with upper directories in the run directory */
	const char *why; /* what is missing, for a person: "user namespaces (...)"; NULL when nothing is */
	int driver;      /* pidfd of this process */
	char pids[16];   /* processes and threads of an attempt, as the kernel reads it; "": it cannot be said here */
	int null;        /* /dev/null */
	uint64_t ignored; /* bit s - 1: signal s is ignored in this process, and must not be in a command */
	struct guard *guard;
	char uid_map[48], gid_map[48]; /* in a user namespace: ourselves; ... */
	char uid_root[48], gid_root[48]; /* ourselves as root */
};

struct sb_spawn {
	uint8_t kind;        /* enum sb_kind; not above that of the sandbox */
	char **argv, **env;
	char **exe;          /* paths to try, in order; NULL-terminated */
	const char *workdir;
	int out, err;        /* descriptors */
	int in;              /* 0: /dev/null */
	bool tty;            /* they are its controlling terminal */
	bool root;           /* SB_NAMESPACES: root of a container, with the capabilities that such a one has */
	const int *cgroup;
	uint32_t ncgroup;
	uint64_t limit_data;
	int64_t limit_cpu;
	const struct sb_op *op;
	uint32_t nop;
};

enum sb_phase { SB_P_END, SB_P_OP, SB_P_EXEC, SB_P_STEP };
struct sb_report { /* what came through the pipe */
	int32_t phase;  /* enum sb_phase */
	int32_t index;  /* SB_P_OP: number of the step; SB_P_STEP: enum sb_step */
	int32_t error;  /* errno */
	int32_t status; /* SB_P_END: wait status of the command */
	int64_t cpu_us, max_rss; /* -1: not known */
};
struct sb_child { /* what was started */
	uint8_t kind;
	pid_t pid;       /* of init or of the command */
	int fd;          /* readable when sandbox_reap has something to do; a call may change it, and the end closes it */
	int report;      /* SB_NAMESPACES: the pipe from init */
	int place;       /* in the guard's table */
	struct sb_report early; /* SB_PLAIN: what the child said before it became the command, then how that ended */
};

/* Find out by trying; SCRATCH is a directory of ours on the file system of the run.  No namespaces if !ALLOWED;
 * overlayfs is only looked for when asked. */
void sandbox_probe(struct sandbox *sb, const char *scratch, bool allowed, bool overlay, struct arena *a);
/* Instead of trying: this is what the kernel allows. */
void sandbox_allowed(struct sandbox *sb, bool user, bool overlay);
/* What was noted in DIR by another process on this machine since it was started; false: nothing that would do, so try. */
bool sandbox_known(struct sandbox *sb, const char *dir, bool overlay);
/* Note what was found, if that is worth it. */
void sandbox_note(const struct sandbox *sb, const char *dir);
/* Needed before the first spawn; MARK is a line of the environment that everything started here has and nothing else. */
bool sandbox_open(struct sandbox *sb, const char *mark);
void sandbox_close(struct sandbox *sb);
/* Let an attempt have this many processes and threads; false: pid namespaces of this kernel have no limit of their own. */
bool sandbox_limit_pids(struct sandbox *sb, int64_t n);
/* NULL when the kernel lets an attempt have a root of its own, with overlayfs and /proc; else what is missing. */
const char *sandbox_no_container(const struct sandbox *sb, const char *scratch, struct arena *a);
/* Mount data of an overlay: slots of the lower directories, the topmost first, of the upper and of overlayfs's own one. */
char *sandbox_overlay(const struct sandbox *sb, struct arena *a, int lower, uint32_t nlower, int upper, int work);
/* Start; false with errno set and *step naming what failed. */
bool sandbox_spawn(const struct sandbox *sb, const struct sb_spawn *sp, struct sb_child *ch, const char **step);
/* A signal to every process of it; KILL ends everything. */
void sandbox_signal(const struct sb_child *ch, int sig);
/* Has it ended, and all that it started?  Then how is in the report; killed before it could say: SB_P_END, signal 9. */
bool sandbox_reap(const struct sandbox *sb, struct sb_child *ch, struct sb_report *r);
/* The failing step as text. */
char *sandbox_explain(struct arena *a, const struct sb_spawn *sp, const struct sb_report *r);

#endif
