/* job.h - the narrow waist: a checked job, all that an engine needs and nothing of the source tree.
 *
 * compiler/ makes it, job/jobwrite.c prints it as BatchCompute JSON, runtime/ runs it, graph draws it.
 * A scatter stays symbolic: one jtask with dimensions, never one entry an instance.
 * What differs between instances is an expression (jx) evaluated per instance by job/eval.c.
 * Everything is an index into an array of struct job; strings are interned names.
 * Spans point into the session's sources, for checks and for messages while running. */
#ifndef WEFT_JOB_JOB_H
#define WEFT_JOB_JOB_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/name.h"
#include "base/op.h"
#include "base/source.h"
#include "job/settings.h"

/* ---- expressions ---- */
typedef uint32_t jxid; /* index into job->x; 0 = none */

enum jop {
	JX_NONE,
	JX_STR,     /* a = name */
	JX_INT,     /* a,b = low and high half of an int64 (jx_int) */
	JX_NUM,     /* a,b = a double's halves (jx_num) */
	JX_BOOL,    /* a */
	JX_SIZE,    /* as JX_INT: bytes */
	JX_DUR,     /* as JX_INT: milliseconds */
	JX_LIST,    /* a = first item, linked by next */
	JX_CAT,     /* a = first part, linked by next: string interpolation */
	JX_VAR,     /* a = dimension: the loop variable's value (range: int, list: value, rows: the key) */
	JX_COL,     /* a = dimension, b = column */
	JX_INDEX,   /* element number inside an output family */
	JX_INSTANCE, /* instance number, from 0 */
	JX_ATTEMPT, /* attempt number, from 1 */
	JX_IN,      /* a = input port of this task: its path(s), as the task sees them */
	JX_OUT,     /* a = output port of this task */
	JX_CPU, JX_MEM, JX_TIME, /* this task's own request */
	JX_REF,     /* another task's output: a = task, b = output port, c = first selector (linked by next):
	             * one for the instance if that task is a scatter, one for the element if the port is a family;
	             * a selector is an expression or JX_ALL.  As the user wrote it: a string is the key of an instance;
	             * an int is the value of the loop variable when the other task has one dimension of ints (range,
	             * list or key column), otherwise the instance number from 0; several dimensions: the key "a,3",
	             * a JX_CAT of values and ","; a JX_ALL in place of a value takes all of that dimension, and makes a list.
	             * On a family the selector is the element number from 0 */
	JX_ALL,     /* [*] */
	JX_SECRET,  /* a = name of the parameter; resolved only when a process is started */
	JX_BIN,     /* fn = enum op of base/op.h; a, b */
	JX_UN,      /* fn = op; a */
	JX_COND,    /* a ? b : c */
	JX_ELEM,    /* a[b] */
	JX_CALL,    /* fn = enum jfn; a = first argument, linked by next */
	JX_RAW,     /* raw(a): inserted without quoting */
};
enum jx_flag {
	JXF_VALUE = 1, /* JX_STR that is a part of a command's JX_CAT: an inserted value (to be quoted, never split), not
	                * text of the template.  Every other op in such a JX_CAT is an inserted value anyway; constants
	                * that need no quoting were merged into the text, and so was raw(constant) */
	JXF_SAME = 2,  /* JX_REF from each instance to the one of the same number: its own loop variables, in order, over equal sets */
};
struct jx {
	uint8_t op, fn;
	uint16_t flags;
	uint32_t a, b, c;
	jxid next;
};

/* Pure functions: FN(name, result type, min args, max args). */
enum jfn {
#define FN(name, min, max) FN_##name,
#include "job/functions.def"
#undef FN
	FN_COUNT
};

/* ---- parts of a task ---- */
enum dim_kind { DIM_RANGE, DIM_LIST, DIM_ROWS, DIM_PORT };
struct jdim {
	name var;
	uint8_t kind;
	struct span span;
	int64_t lo;       /* DIM_RANGE: first value */
	int64_t count;    /* number of values; -1 = known only after a task (DIM_PORT) */
	uint32_t cols;    /* DIM_ROWS: number of columns; DIM_LIST: 1 */
	uint32_t key;     /* DIM_ROWS: the column of `by` (default: the first) */
	name *colname;    /* [cols] */
	uint8_t *coltype; /* [cols] enum jtype */
	name *cell;       /* [count * cols], row-major; values as text */
	jxid port;        /* DIM_PORT: a JX_REF */
	name table;       /* name of the table or file it came from, for messages; 0 */
	struct idmap *index; /* key -> row, made by eval.c on first use; NULL at first */
};

enum jtype {
	JT_STRING, JT_INT, JT_FLOAT, JT_BOOL, JT_SIZE, JT_DURATION, JT_FILE, JT_DIR, JT_URL,
	JT_LIST, JT_RECORD, JT_TABLE, JT_SECRET, JT_UNKNOWN,
};

enum port_count { PORT_ONE, PORT_FIXED, PORT_GLOB };
struct jport {
	name name;
	uint8_t type;  /* JT_FILE or JT_DIR (JT_LIST of files for a gather) */
	uint8_t count; /* enum port_count, outputs only */
	bool temp;
	int32_t n;     /* PORT_FIXED: how many elements */
	jxid path;     /* workspace-relative path, URL or JX_REF; PORT_GLOB: the pattern */
	struct span name_span, path_span;
};

struct jmap { /* a mount or mapping */
	uint8_t kind;   /* enum map_kind: MAP_MOUNT, MAP_INPUT, MAP_OUTPUT, MAP_LOG */
	bool write;     /* MAP_MOUNT: WriteSupport */
	bool pool;      /* from the cluster's Configs.Mounts, not the task's own */
	bool option;        /* from the command line: counts more than the file */
	name from, to;  /* as written: MOUNT, INPUT: storage -> local; OUTPUT, LOG: local -> storage */
	struct span span, from_span, to_span;
};

struct jval { /* one setting */
	uint16_t id;  /* enum setting */
	uint16_t n;   /* LIST: items; MAP: pairs */
	struct span span, name_span;
	union {
		int64_t i;   /* INT DUR(ms) GB SIZE(bytes) BOOL */
		double d;
		name s;      /* STR; ANY: JSON text */
		name *list;  /* LIST: n; MAP: key, value, key, value... (2n) */
		jxid x;      /* EXPR */
	};
};

struct jenv {
	name name;
	jxid value;
	struct span span;
};

enum cause { CAUSE_ANY, CAUSE_EXIT, CAUSE_SIGNAL, CAUSE_OOM, CAUSE_TIMEOUT, CAUSE_SPOT, CAUSE_NODE, CAUSE_MISSING,
	CAUSE_COUNT };
struct jcause {
	uint8_t cause; /* `fail` is CAUSE_ANY */
	int arg;       /* exit(75), signal(9); -1 = any */
	struct span span;
};

enum run_kind { RUN_NONE, RUN_COMMAND, RUN_SCRIPT };
enum edge_kind {
	EDGE_ALL,  /* every instance of `to` waits for every instance of `from` */
	EDGE_SAME, /* instance i waits for instance i (equal dimensions, identity selector) */
};
struct jedge {
	uint32_t from, to; /* task numbers: `to` starts after `from` */
	uint8_t kind;
	bool data;         /* from a port reference; else from `after` / Dependencies */
	uint32_t port;     /* data: input port of `to`, UINT32_MAX if it stands elsewhere */
};

struct jtask {
	name name;
	struct span span, name_span;
	bool bad;         /* had an error: checks stay silent about it */
	bool counted;     /* has `instances`: others select among them, also when it is one */
	bool skipped;     /* its `if` is false: not compiled, not run */
	uint8_t run;      /* enum run_kind */
	name interp;      /* RUN_SCRIPT: interpreter, 0 = sh */
	jxid command;     /* JX_STR or JX_CAT: the command line's or the script's template */
	struct span command_span;
	int64_t count;    /* instances; -1 = known only while running */
	struct span count_span;
	uint32_t max_retry;
	uint32_t ndim, nin, nout, nmap, nset, nenv, ncause;
	struct jdim *dim;
	struct jport *in, *out;
	struct jmap *map;
	struct jval *set; /* sorted by id */
	struct jenv *env;
	struct jcause *cause;
};

struct jsecret {
	name name;
	struct span span;
};

struct job {
	struct arena *arena;
	struct names *names;
	struct sources *sources;
	name name;
	struct span name_span;
	const char *dir;        /* directory of the workflow file = the workspace on this machine */
	struct jx *x;
	struct span *xspan;     /* [nx]; NULL in a job read from an image: jx_span */
	uint32_t nx, xcap;
	struct jtask *task;
	uint32_t ntask;
	struct jedge *edge;     /* deduplicated by (from, to), sorted by (to, from) */
	struct span *edge_span; /* [nedge] where each stands; NULL in a job read from an image: edge_span */
	uint32_t nedge;
	struct jval *set;       /* job settings, sorted by id */
	uint32_t nset;
	struct jsecret *secret;
	uint32_t nsecret;
	struct jenv *param;     /* values of the parameters of the main file, without secrets: exported to every task */
	uint32_t nparam;
	uint64_t image_digest;  /* of the image it was loaded from (jobimage.h); 0: just compiled */
	bool cyclic;
	uint32_t *cycle;        /* edge numbers of one cycle, in order, when cyclic */
	uint32_t ncycle;
	struct idmap *byname;   /* task numbers, for job_task */
	void *image;            /* the file copy that job_image_load made it of; then names and sources are its own */
	size_t image_size;
};

/* ---- access (job.c) ---- */
struct job *job_new(struct names *names, struct sources *ss);
void job_free(struct job *j);
jxid jx_new(struct job *j, enum jop op, uint32_t a, uint32_t b, uint32_t c, struct span sp);
jxid jx_new_int(struct job *j, enum jop op, int64_t v, struct span sp);
jxid jx_new_num(struct job *j, double v, struct span sp);
/* Where an expression, an edge stands: for the compiler, images (job/jobimage.h) leave it out. */
struct span jx_span(const struct job *j, jxid x);
struct span edge_span(const struct job *j, uint32_t edge);
int64_t jx_int(const struct job *j, jxid x);
double jx_num(const struct job *j, jxid x);
/* The setting, NULL when unset. */
const struct jval *task_set(const struct jtask *t, enum setting id);
const struct jval *job_set(const struct job *j, enum setting id);
/* With the default of settings_default() when unset. */
int64_t task_int(const struct jtask *t, enum setting id);
name task_str(const struct jtask *t, enum setting id);
/* Task number by name, UINT32_MAX if none (hash). */
uint32_t job_task(const struct job *j, name nm);
/* The first edge into a task; those that follow with the same `to` are the others. */
uint32_t job_edges_into(const struct job *j, uint32_t to);

/* ---- instances (eval.c) ---- */
struct jvalue {
	uint8_t type; /* enum jtype */
	bool raw;
	union {
		int64_t i;
		double d;
		struct { const char *p; size_t n; } s;
		struct { struct jvalue *v; uint32_t n; } list;
	};
};
struct jctx { /* for which instance, and where facts only known while running come from */
	const struct job *job;
	struct arena *arena; /* results live here */
	uint32_t task;
	int64_t instance;    /* dimensions are mixed radix, the last varies fastest */
	int64_t index;       /* element of an output family */
	int attempt;
	void *ctx;
	/* Paths of a PORT_GLOB output of one finished instance; NULL callback: unknown. */
	bool (*glob)(void *ctx, uint32_t task, int64_t instance, uint32_t port, struct jvalue *out);
	/* A secret's value; NULL callback: "<secret>". */
	const char *(*secret)(void *ctx, name nm);
	/* How an input or output path looks to the task (sandbox, in_place); NULL: the workspace-relative path. */
	const char *(*path)(void *ctx, uint32_t port, bool out, const char *path);
	/* What there is: `cpu` and `mem` are never more than this; 0 = no limit.  Billionths of a cpu, bytes. */
	int64_t most_cpu, most_mem;
	const char *error; /* set when eval returns false: what could not be evaluated, for a person */
	uint32_t depth, steps; /* eval.c's own: against endless and explosive expressions */
};
/* Evaluate; false with c->error when a value is unknown or out of range. */
bool jx_eval(struct jctx *c, jxid x, struct jvalue *out);
/* The value as text (paths, strings; sizes in bytes, durations in seconds; list items joined by a blank). */
bool jx_text(struct jctx *c, jxid x, struct buf *out);
/* The text of a value, as jx_text. */
bool jvalue_text(const struct jvalue *v, struct buf *out);
/* Instances of a task; counts known only while running are asked of c->glob.  -1 with c->error when unknown. */
int64_t task_instances(struct jctx *c, uint32_t task);
/* Do the selectors of a JX_REF choose what there is?  false with c->error when not, or when that is unknown; *element: it is
 * an element that is missing, not an instance. */
bool jx_chosen(struct jctx *c, jxid ref, bool *element);
/* Does this depend on the instance, the attempt or anything else known only while running? */
bool jx_constant(const struct job *j, jxid x);
/* Every reference to another task's output in x and what follows it in its list; false when fn said so. */
typedef bool jx_ref_fn(void *ctx, jxid ref);
bool jx_refs(const struct job *j, jxid x, jx_ref_fn *fn, void *ctx);
/* Instance key: "17", "NA12878", "a,3" for several dimensions. */
bool instance_key(const struct job *j, uint32_t task, int64_t instance, struct buf *out);
/* Instance number of a key or number in text; -1 if none. */
int64_t instance_find(const struct job *j, uint32_t task, const char *key);
/* Position of a key in one dimension, -1 if there is none. */
int64_t dim_find(const struct job *j, struct jdim *d, const char *key, size_t n);
/* The function of this name, FN_COUNT if there is none; its name. */
enum jfn fn_find(const char *nm);
const char *fn_name(enum jfn fn);
/* Weft text of an expression (residual expressions in JSON): parse(unparse(x)) = x. */
bool jx_unparse(const struct job *j, uint32_t task, jxid x, struct buf *out);
/* The text of a template as job JSON carries it: only ~{expr} and ~~{ are special, no escapes.  command: of a
 * command or script. */
bool jx_template(const struct job *j, uint32_t task, jxid x, bool command, struct buf *out);
/* The command of an instance.  RUN_COMMAND: argv (words of the template split by quotes, values never split).
 * RUN_SCRIPT: the script text with values quoted for a shell (sh, bash...) or inserted raw for other interpreters. */
bool task_argv(struct jctx *c, char ***argv, size_t *argc);
bool task_script(struct jctx *c, struct buf *out);
/* The same, and where every part of the template ends in `out`: the script's own text, or an inserted value. */
typedef void script_part_fn(void *ctx, bool text, size_t end);
bool task_script_parts(struct jctx *c, struct buf *out, script_part_fn *each, void *ctx);
/* Is this interpreter a shell (values are quoted)?  0 is sh. */
bool interp_is_shell(const struct job *j, name interp);
/* Append s as one word for a shell and for words_split: quoted unless it is safe as it is. */
bool word_quote(struct buf *out, const char *s, size_t n);
/* Split a command line into words: quotes '...' "..." and backslash, no expansion.  false: unbalanced. */
bool words_split(struct arena *a, const char *s, char ***argv, size_t *argc);

/* bytes (B KB MB GB TB, 1024 each) or milliseconds (ms s min h d) of "32GB", "1.5h"; false when it is neither. */
bool unit_read(const char *s, size_t n, bool size, int64_t *v);
/* The largest unit that v is a whole number of: "32GB", "90s". */
bool unit_print(int64_t v, bool size, struct buf *out);

/* ---- JSON (jobwrite.c) ---- */
/* The canonical BatchCompute job description: fixed order, stable bytes. */
bool job_write(const struct job *j, struct buf *out);

#endif
