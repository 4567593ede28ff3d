/* lower.h - tree -> job: what the files lower_*.c share.  Nothing outside them and check.c includes this.
 *
 * Order (lower.c): files and their names (lower_use), signatures of all tasks (lower_task), values of parameters, lets
 * and tables in order of use (lower_let), dimensions (lower_for), bodies (lower_task, _port, _run, _set, _expr), edges
 * (lower_edge).  Every step goes over a flat array; only expressions are walked recursively. */
#ifndef WEFT_COMPILER_LOWER_H
#define WEFT_COMPILER_LOWER_H

#include "compiler/scope.h"
#include "compiler/session.h"
#include "compiler/table.h"
#include "compiler/type.h"

enum where { /* what an expression may refer to, by place */
	W_LOOP = 1,      /* loop variables */
	W_PORTS = 2,     /* own ports, up to L->seen_in / seen_out */
	W_REF = 4,       /* outputs of other tasks */
	W_ATTEMPT = 8,
	W_INDEX = 16,    /* element of the family whose path this is */
	W_INSTANCE = 32,
	W_SELF = 64,     /* cpu, mem, time */
	W_SECRET = 128,
	W_CMD = 256,     /* a command: an unknown name is E0307 */
	IN_LET = W_REF | W_SECRET,
	IN_FOR = W_REF,
	IN_IF = W_LOOP,
	IN_INPUT = W_LOOP | W_PORTS | W_REF | W_INSTANCE,
	IN_OUTPUT = W_LOOP | W_PORTS | W_INSTANCE,
	IN_SETTING = W_LOOP | W_PORTS | W_ATTEMPT | W_INSTANCE,
	IN_ENV = W_LOOP | W_PORTS | W_ATTEMPT | W_INSTANCE | W_SELF | W_SECRET,
	IN_COMMAND = IN_ENV | W_CMD,
};
/* of a map in one block; a task's are put together with those of defaults, each with each */
enum { PAIRS_MAX = 4096 };
enum { NOTASK = UINT32_MAX, MAX_INSTANCES = 100000000, MAX_EDGES = 1 << 24, MAX_SCOPES = 4096, MAX_USE_DEPTH = 32 };

struct block { /* settings, environment, maps of a task, defaults or cluster; arrays are shared when nothing differs */
	struct jval *set;
	struct jenv *env;
	struct jmap *map;
	struct jcause *cause;
	uint32_t nset, nenv, nmap, ncause;
	uint32_t max_retry;
	bool has_retry;
	nid run, instances, retry; /* statements kept for later, 0: none */
	uint32_t pool;     /* symbol of the named cluster + 1, 0: none */
	struct span pool_span;
	bool own_cluster;  /* says itself where it runs: id, name or block */
	bool cluster_id;
};
struct scope { /* one file, once for every use of it */
	nid root;
	uint32_t parent;   /* UINT32_MAX: the main file */
	uint32_t depth;
	name prefix;       /* "align-": names of its tasks in the job; 0 */
	name path;         /* of the file */
	nid use;           /* the N_USE that made it */
	nid workflow, defaults;
	uint32_t sym0, nsym; /* its symbols are consecutive */
	bool defaults_done;
	struct block base; /* its defaults, lowered at first need */
	bool instances;    /* defaults set instances */
};
struct tinfo { /* of a task, while lowering */
	nid node, body;
	uint32_t scope;
	bool counted; /* has `instances` */
	bool dims;    /* dimensions are lowered */
	bool partial; /* a syntax error in it: ports may be missing */
};
struct field {
	name name;
	struct val val;
	struct span span;
};

struct lower {
	struct session *s;
	struct job *j;
	struct ast *a;
	struct names *names;
	struct diags *d;
	struct arena *tmp; /* dies with the lowering */
	struct keymap keys;
	uint32_t *first;     /* [nfirst] by name: what it is in the first scope, sym + 1; 0: nothing */
	uint32_t nfirst;
	struct buf text;   /* a stack of texts under construction */
	struct sym *sym;
	uint32_t nsym, symcap;
	struct scope *scope;
	uint32_t nscope, scopecap;
	struct tinfo *t;   /* parallel to j->task */
	struct val *val;   /* of params and lets */
	uint32_t nval, valcap;
	struct table *table;
	uint32_t ntable, tablecap;
	struct block **pool; /* lowered named clusters; a symbol's idx */
	uint32_t npool, poolcap;
	struct field *field;
	uint32_t nfield, fieldcap;
	const char *what[SET_COUNT]; /* "setting `timeout`", made at first use */
	struct unused *column; /* columns that tables ask for; which are used is known at the end */
	uint32_t ncolumn, columncap;
	struct edge_made { /* becomes j->edge and j->edge_span */
		struct jedge e;
		struct span at;
	} *edge;
	uint32_t nedge, ecap;
	uint32_t spaces;   /* SPACE_SEEN numbers given out */
	uint32_t budget;   /* candidates that may still be compared for did-you-mean */
	/* where we are */
	uint32_t task;     /* NOTASK outside */
	uint32_t cur;      /* scope */
	uint32_t where;    /* enum where */
	uint32_t seen_in, seen_out;
	nid base;          /* the name a member is taken of: tasks win over ports */
	/* the block under construction */
	struct jval *set;
	struct jenv *env;
	struct jmap *map;
	struct jcause *cause;
	uint32_t nset, setcap, nenv, envcap, nmap, mapcap, ncause, causecap;
	/* words with a meaning */
	name w_index, w_instance, w_attempt, w_cpu, w_mem, w_time, w_env, w_cluster, w_instances, w_image, w_defaults,
		w_temp, w_doc, w_choices, w_min, w_max, w_fail, w_label, w_name;
};

/* ---- shared helpers (lower.c) ---- */
static inline const struct node *at(const struct lower *L, nid n) { return &L->a->v[n]; }
static inline struct span span_of(const struct lower *L, nid n) { return L->a->v[n].span; }
const char *str(const struct lower *L, name nm);
struct jtask *task_now(struct lower *L); /* NULL outside tasks */
/* Has this name been reported in this task (or file) before?  Remembers it. */
bool said_before(struct lower *L, name nm);
/* The nearest name among the symbols of this scope, ports, loop variables and words; NULL if none. */
struct suggest suggest_name(struct lower *L, name nm);
/* Attach to the last diagnostic the column that was meant, or all there are. */
void say_columns(struct lower *L, const struct suggest *sg, const name *col, uint32_t n);

/* Warn of {name} and ${name} in the path of a port (lower_braces.c). */
void braces_seen(struct lower *L, nid e);
/* ... and of a pattern that stands there as text; out: in an output's. */
void pattern_seen(struct lower *L, nid e, bool out);

/* ---- files and names (lower_use.c) ---- */
bool scopes_collect(struct lower *L);
struct sym *sym_find(struct lower *L, uint32_t scope, name nm);

/* ---- parameters, lets, tables (lower_let.c, params.c) ---- */
void values_lower(struct lower *L);
struct val table_of_records(struct lower *L, nid list);
struct val table_of_call(struct lower *L, nid call, name nm); /* tsv(...), csv(...), json(...) */
uint32_t table_new(struct lower *L);

/* ---- what nothing uses (lower_unused.c) ---- */
void unused_column(struct lower *L, name table, const struct column *c);
void unused_collect(struct lower *L);

/* ---- tasks ---- */
void tasks_declare(struct lower *L);  /* lower_task.c: names and ports */
void tasks_lower(struct lower *L);
void dims_lower(struct lower *L, uint32_t task);   /* lower_for.c */
void if_lower(struct lower *L, uint32_t task);
bool task_scattered(const struct lower *L, uint32_t task);
int64_t task_known_count(const struct lower *L, uint32_t task);
void port_lower(struct lower *L, nid n, struct jport *p, bool out, uint32_t number); /* lower_port.c */
uint32_t port_find(struct lower *L, uint32_t task, name nm, bool out); /* UINT32_MAX: none */
void run_lower(struct lower *L, nid n);     /* lower_run.c */

/* ---- settings (lower_set.c, lower_block.c) ---- */
void set_index(struct lower *L);
void set_lower(struct lower *L, nid n, enum set_where where, name path, struct span at_span);
bool set_is_block(struct lower *L, enum set_where where, name path);
void set_unknown(struct lower *L, enum set_where where, name path, struct span sp, bool block);
void block_lower(struct lower *L, nid first, enum set_where where, struct block *b);
void block_merge(struct lower *L, struct block *b, const struct block *base);
const struct block *defaults_of(struct lower *L, uint32_t scope);
void pools_lower(struct lower *L);
void maps_of_options(struct lower *L);      /* lower_map.c: -r -w -m */
void map_lower(struct lower *L, nid n, bool pool);
bool map_same_place(const struct jmap *a, const struct jmap *b);

/* ---- the site file (lower_site.c) ---- */
/* Tasks for the service that name no image or machine type get the site's. */
void site_defaults(struct session *s);

/* ---- expressions (lower_expr.c, lower_name.c, lower_call.c, lower_text.c) ---- */
struct val lower_expr(struct lower *L, nid n);
struct val lower_in(struct lower *L, nid n, uint32_t where);
/* A V_X: rows become their key, ranges lists; everything else is an error. */
struct val lower_scalar(struct lower *L, nid n);
struct val lower_name(struct lower *L, nid n);
struct val lower_member(struct lower *L, nid n);
struct val lower_index(struct lower *L, nid n);
struct val lower_all(struct lower *L, nid n);
struct val lower_call(struct lower *L, nid n);
struct val lower_string(struct lower *L, nid n);
struct val as_scalar(struct lower *L, nid n, struct val v);
struct val val_x(jxid x, uint8_t type);
struct val val_bad(void);
struct val val_str(struct lower *L, name s, uint8_t type, struct span sp);
struct val val_int(struct lower *L, int64_t i, struct span sp);
struct val val_cell(struct lower *L, name text, uint8_t type, struct span sp);
/* Take over what `part` depends on; false after E0415 when the value grows too large. */
bool val_take(struct lower *L, nid n, struct val *whole, const struct val *part);
/* The jx of v as a list item: a copy when it is shared. */
jxid val_item(struct lower *L, const struct val *v);
/* Compute a constant expression now. */
struct val val_fold(struct lower *L, nid n, struct val v);
/* Check the type and adapt constants (int to float); false after a diagnostic.  what: "parameter `n`". */
bool val_coerce(struct lower *L, nid n, struct val *v, uint8_t type, uint8_t elem, const char *fmt, ...)
	__attribute__((format(printf, 6, 7)));
/* Constants; false after E0409 or E0401. */
bool const_int(struct lower *L, nid n, const struct val *v, int64_t *out, const char *what);
bool const_str(struct lower *L, nid n, const struct val *v, name *out, const char *what);
/* The text of a constant (sizes in bytes, durations in seconds) appended to L->text. */
bool const_text(struct lower *L, const struct val *v);
const char *val_a(const struct val *v); /* "an int", "a row", "a task" */

/* ---- references and edges (lower_edge.c) ---- */
void edges_of_port(struct lower *L, uint32_t port, jxid x);
void edge_after(struct lower *L, nid n);
void edges_finish(struct lower *L);
bool dims_equal(const struct jtask *a, const struct jtask *b);

#endif
