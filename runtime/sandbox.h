/* sandbox.h - start a command below an init of ours, in namespaces of its own where the kernel lets us.
 *
 * The parent precomputes everything: a list of steps (struct sb_op) that the child works off one by one with
 * plain system calls.  A step that fails travels back through a pipe with its number and errno.
 *
 * Two ways:  SB_NAMESPACES  mount and pid namespace (and user namespace when we may not otherwise): init is the
 *                           pid 1 of it, so its death is the death of every descendant.
 *            SB_PLAIN       init is a subreaper in a session of its own and hunts its descendants down.
 * Either way init dies with the driver (PR_SET_PDEATHSIG). */
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
	SB_OPS
};
struct sb_op {
	uint8_t what; /* enum sb_do */
	bool flag;
	int slot;
	mode_t mode;
	unsigned long flags;
	const char *from, *to, *type, *data;
};
enum { SB_SLOT0 = 16, SB_SLOTS = 480 }; /* slot k is descriptor SB_SLOT0 + k in the child */

enum sb_kind { SB_PLAIN, SB_NAMESPACES };
struct sandbox { /* what the kernel allows; filled by sandbox_probe */
	uint8_t kind;
	bool user;       /* through a user namespace */
	bool mounts;     /* mounts work */
	bool overlay;    /* overlayfs works with upper directories in the run directory */
	const char *why; /* what is missing, for a person: "user namespaces (...)"; NULL when nothing is */
	int driver;      /* pidfd of this process */
	char pids[16];   /* processes and threads of an attempt, as the kernel reads it; "": it cannot be said here */
	char uid_map[48], gid_map[48];
};

struct sb_spawn {
	char **argv, **env;
	char **exe;          /* paths to try, in order; NULL-terminated */
	const char *workdir;
	int out, err;        /* descriptors; stdin is /dev/null */
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
	int64_t cpu_us, max_rss;
};

/* Find out by trying; SCRATCH is a directory of ours on the file system of the run.  No namespaces if !ALLOWED;
 * overlayfs is only looked for when asked. */
void sandbox_probe(struct sandbox *sb, const char *scratch, bool allowed, bool overlay, struct arena *a);
void sandbox_close(struct sandbox *sb);
/* Let an attempt have this many processes and threads; false: pid namespaces of this kernel have no limit of their own. */
bool sandbox_limit_pids(struct sandbox *sb, int64_t n);
/* Mount data of an overlay of three slots. */
char *sandbox_overlay(const struct sandbox *sb, struct arena *a, int lower, int upper, int work);
/* Start; -1 with errno set and *step naming what failed.  *report is the pipe's end to read from after the end. */
pid_t sandbox_spawn(const struct sandbox *sb, const struct sb_spawn *sp, int *pidfd, int *report, const char **step);
/* Read the report; false when init was killed before it could say anything. */
bool sandbox_report(int fd, struct sb_report *r);
/* The failing step as text. */
char *sandbox_explain(struct arena *a, const struct sb_spawn *sp, const struct sb_report *r);
/* Ask init to pass on a signal; KILL ends everything. */
void sandbox_signal(const struct sandbox *sb, int pidfd, int sig);

#endif
