/* stage_impl.h - what the files of staging share; nobody else includes it (but environ.c). */
#ifndef WEFT_RUNTIME_STAGE_IMPL_H
#define WEFT_RUNTIME_STAGE_IMPL_H

#include "base/buf.h"
#include "base/diag.h"
#include "job/idmap.h"
#include "runtime/container.h"
#include "runtime/expand.h"
#include "runtime/publish.h"
#include "runtime/recode.h"
#include "runtime/request.h"
#include "runtime/sandbox.h"
#include "runtime/stage.h"
#include "runtime/store.h"

struct glob_table;

struct spare { /* the directory of an ended attempt, with what is as good as new in it */
	char *name;
	uint8_t has; /* SPARE_* */
};
enum { SPARE_W = 1, SPARE_TMP = 2, SPARE_OUT = 4, SPARE_ERR = 8, SPARE_SCRIPT = 16, SPARE_PLACES = 32 };

struct stager {
	const struct job *j;
	const struct run_options *o;
	struct diags *d;
	struct arena *arena, *scratch; /* for the run; for error texts, reset at every call that may make one */
	const char *ws;                /* the workspace, real path */
	const char *dir, *work, *logs, *pkgs; /* RUNDIR and below it, real paths */
	const char *suffix;            /* of names in `work` that only this process uses */
	int workfd;                    /* of `work` */
	int sweeper;                   /* place of the child that clears away, -1 */
	const char *copies;            /* RUNDIR/copies */
	mode_t dirmode;                /* what mkdir makes of 0777 there */
	struct spare *spare;
	uint32_t nspare, sparecap;
	char job_id[40];
	struct stores *stores;
	struct sandbox sb;
	bool mounts;                   /* some task has mounts */
	struct containers *containers;
	struct idmap *pkgmap;          /* joined package setting -> number */
	const char **pkg;              /* unpacked package of that number */
	uint32_t npkg;
	struct glob_table *globs;
	glob_fn *known;                /* globs of instances that did not run this time */
	void *known_ctx;
	const char **writable;         /* what the site file leaves writable, real paths */
	uint32_t nwritable;
	const char **device;           /* what everybody may use of /dev; only as root */
	uint32_t ndevice;
	bool shm, ptmx;                /* there is a /dev/shm, a /dev/pts/ptmx */
	const char *shell;             /* interpreter of scripts that name none */
	int64_t most_cpu, most_mem;    /* what attempts get at most, for `cpu` and `mem` in their commands; 0: no limit */
	struct recode **recode;        /* [ncharset] made when first needed */
	struct named **named;          /* trees with converted names */
	uint32_t nnamed, namedcap;
	bool stranded;                 /* some attempt's copies may lie beside their targets still */
	bool unlean;                   /* the driver's memory was not looked at yet (sandbox_lean) */

	uint32_t task;                 /* whose paths the jctx.path callback translates */
	struct arena *names;           /* ... and where the results live */
};

struct mnt { /* storage at an absolute place */
	const char *dest;  /* clean, links resolved */
	const char *src;   /* file or directory on this machine; NULL: starts empty */
	const char *pub;   /* where changes go after success; NULL: dropped */
	const char *upper; /* private directory with the changes, or the private copy of a file; NULL: read-only */
	const char *work;  /* overlay's own; NULL: upper alone is mounted */
	bool file, exists; /* dest is there outside the sandbox */
	bool copied;       /* upper began as a copy of src */
	int slot;
	struct recode *names; /* how the task sees names below it; NULL: as they are stored */
	struct named *tree;   /* src is this tree, not the store's own */
};

struct link { /* an input in the work directory */
	const char *rel, *to;
};

struct stage_state {
	struct arena *a;
	struct sb_spawn sp;
	struct sb_op *op;
	uint32_t nop, opcap;
	int slots;
	struct sb_child child;
	bool in_place, logged, started;
	bool stranded;        /* nothing goes to stores any more */
	bool plain;           /* without namespaces */
	struct strict_need *need; /* of the machine; NULL: nothing */
	uint8_t has;          /* SPARE_*: what is in its directory already */
	struct link *link;    /* inputs linked into the work directory, sorted */
	uint32_t nlink, linkcap;
	struct mnt *mnt;      /* sorted by dest */
	uint32_t nmnt;
	const struct container *box; /* its image; NULL: it sees this machine's files */
	const char *upper;    /* what it changes in there */
	const char **bind;    /* files and directories of this machine that it sees in their places */
	uint32_t nbind, bindcap;
};

/* ---- stage.c ---- */
bool stage_fail(struct stager *s, struct stage_error *err, enum run_cause c, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));
/* A context whose paths are workspace names (for us) rather than what the task sees. */
void stage_context(struct stager *s, struct attempt_id id, struct arena *a, struct jctx *c);
/* How the task sees a path of a port. */
const char *stage_seen(struct stager *s, struct arena *a, uint32_t task, const char *path);
/* The file or directory on this machine that a path of a port means; NULL: *why. */
const char *stage_final(struct stager *s, struct arena *a, const char *path, const char **why);
bool task_in_place(const struct jtask *t);
/* It has made this file, whose name lives in the stage's arena. */
void stage_made(struct stage *st, const char *path, uint32_t port, bool temp);

/* ---- stage_spare.c ---- */
bool spare_open(struct stager *s);
void spare_close(struct stager *s);
/* A directory of this name in `work`, new or used; *has is what is in it already. */
bool spare_take(struct stager *s, const char *name, uint8_t *has);
/* Nothing but these entries of a directory that was kept as SPARE_PLACES; one of them may be missing. */
bool spare_only(int dir, const char *const *path, uint32_t n);
/* The attempt of this directory is over: remove what it has left, keep the rest for another. */
void spare_give(struct stager *s, const char *name);

/* ---- stage_clean.c ---- */
#define COPIES "copies" /* in the run's directory: where copies are made beside their targets, each followed by a NUL */
#define KEPT "kept"     /* in an attempt's directory: it stays, to be looked at */
/* Clear away what dead drivers have left in this workspace; most of it while the run goes on. */
void clean_start(struct stager *s);
void clean_stop(struct stager *s);

/* ---- stage_links.c ---- */
void link_add(struct stage_state *x, const char *rel, const char *to);
/* In order, each once: a directory comes before what is in it. */
void links_sort(struct stage_state *x);
bool is_link(const struct stage_state *x, const char *rel);
/* Does it lie in a directory which is an input as well, so that it is there already?  REL is left as it was. */
bool link_covered(const struct stage_state *x, char *rel);

/* ---- stage_ports.c ---- */
struct env_list;
/* Link the inputs, make room for the outputs, export both. */
bool ports_prepare(struct stager *s, struct stage *st, struct env_list *env, struct stage_error *err);
struct port_fns { /* false: stop; the callback has said why */
	/* A file of the job, how the task sees it, where it is on this machine. */
	bool (*input)(void *ctx, const char *path, const char *seen, const char *final);
	bool (*output)(void *ctx, uint32_t port, const char *path, const char *seen);
};
/* Only tell what an instance reads and writes; id, arena and state->in_place of the stage are used. */
bool ports_walk(struct stager *s, struct stage *st, struct env_list *env, const struct port_fns *fn, void *ctx,
	struct stage_error *err);
/* How many paths an output port has; a glob port has one, its pattern. */
int64_t port_elements(const struct jport *p);
/* The path of the port's element c->index, in the context's arena; NULL: c->error. */
char *port_path(struct jctx *c, jxid x);
/* What a match of a glob port is called: SEEN, as the task sees it, or a URL like its pattern. */
const char *port_match(struct arena *a, const char *pattern, const char *seen);
/* Look for all declared outputs and queue them; R_DONE, R_MISSING or R_COLLECT. */
enum run_cause ports_collect(struct stager *s, struct stage *st, struct publish *p, char **text);

/* ---- stage_glob.c ---- */
struct glob_table *globs_new(void);
void globs_free(struct glob_table *g);
/* Remember the matches (workspace-relative paths, sorted); replaces what was known. */
void globs_set(struct glob_table *g, struct attempt_id id, uint32_t port, enum jtype type, const char *const *path, uint32_t n);
/* Paths below ROOT that match PATTERN (relative), files or directories, sorted bytewise; heap array, arena strings.
 * SKIP says which entries are not outputs. */
bool glob_match(int root, const char *pattern, bool dirs, bool (*skip)(void *ctx, const struct stage *st, const char *rel),
	void *ctx, const struct stage *st, struct arena *a, const char ***v, uint32_t *n);

/* ---- stage_mount.c ---- */
/* E1064: places that cannot be mounted on; tells whether the job has mounts at all. */
bool mounts_check(struct stager *s, bool *any);
/* Work out the mounts of an attempt and the steps that make them. */
bool mounts_prepare(struct stager *s, struct stage *st, struct stage_error *err);
/* Queue what write mounts and output mappings publish. */
enum run_cause mounts_collect(struct stager *s, struct stage *st, struct publish *p, char **text);
/* Does a task publish this path of this machine through a mount or a mapping? */
bool mounts_publish(struct stager *s, struct arena *a, uint32_t task, const char *path);
/* Queue the files of the log mappings, as far as they exist. */
void mounts_logs(struct stager *s, struct stage *st, struct publish *p);
/* Where a path of the sandbox lies outside of it: root directory and the rest.  false: nowhere. */
bool mounts_resolve(struct stage *st, const char *path, const char **root, const char **rel);
/* The same of any absolute path: on a mount, in the layer of a container, or simply here. */
void stage_resolve(struct stage *st, const char *path, const char **root, const char **rel);

/* ---- stage_names.c ---- */
/* The converter of a mapping's names, *out NULL: they stay as they are. */
bool names_of(struct stager *s, const struct jtask *t, const struct jmap *m, struct recode **out, struct stage_error *err);
/* Let the mount's src be a tree whose names the task can read, if its own has others. */
bool names_convert(struct stager *s, struct mnt *t, struct stage_error *err);
/* The attempt's mounts need their trees no longer; no attempt does. */
void names_drop(struct stage_state *x);
void names_close(struct stager *s);

/* ---- sandbox_plan.c ---- */
/* Steps for the attempt's namespace: everything read-only but what is the attempt's own, mounts, /proc. */
bool plan_world(struct stager *s, struct stage *st, struct stage_error *err);

/* ---- stage_container.c ---- */
#define CONTAINER_SCRIPT "/batchcompute/script"
#define LAYER "c" /* in an attempt's directory: upper, work and root of its overlay */
/* The attempt's own layer of its image. */
bool container_prepare(struct stager *s, struct stage *st, struct stage_error *err);
/* An input that is to be seen in the container where it is here. */
void container_bind(struct stager *s, struct stage *st, const char *path);
/* ---- sandbox_strict.c ---- */
/* What the site file leaves writable (E0930), and the machine's devices. */
bool strict_site(struct stager *s);
/* The attempt needs to see this absolute path. */
void strict_input(struct stage *st, const char *path);
/* It makes a file at this path: when that is absolute, its directory, which is there, stays writable. */
bool strict_output(struct stager *s, struct stage *st, const char *path, struct stage_error *err);

/* ---- stage_pkg.c ---- */
/* Bring all packages of the job together, once each; E1063. */
bool packages_load(struct stager *s);
/* Copy a task's package into its work directory. */
bool packages_copy(struct stager *s, struct stage *st, struct stage_error *err);
/* Is this file of the work directory the package's own, unchanged? */
bool packages_has(struct stager *s, uint32_t task, int workdir, const char *rel);
/* The directory that holds a task's package, NULL when it has none. */
const char *packages_dir(struct stager *s, uint32_t task);

#endif
