/* ast.h - the tree every front end builds: dense nodes, 24 bytes, by index.
 *
 * Only ast.c allocates nodes.  A node's children are a linked list (kid, next).
 * Text of literals is the source slice of the span; a node made by a front end
 * that has no weft text (job.cfg, JSON) carries its text as an interned name
 * and the flag NF_SYNTH, and its span points at the place in that file.
 * Node ids start at 1; 0 is "none".  Depth of expressions is limited (AST_DEPTH)
 * where nodes are made, so walks over expressions may recurse. */
#ifndef WEFT_LANG_AST_H
#define WEFT_LANG_AST_H

#include "base/buf.h"
#include "base/diag.h"
#include "base/name.h"
#include "base/op.h"
#include "base/source.h"

enum node_kind {
#define NODE(kind, text) N_##kind,
#include "lang/ast.def"
#undef NODE
	NODE_KINDS
};

typedef uint32_t nid;

enum node_flag {
	NF_SYNTH = 1,  /* text is name_str(text), not the source slice */
	NF_QUOTED = 2, /* the name was written as a string */
	NF_BAD = 4,    /* poisoned: a diagnostic was given, stay silent */
};

enum { AST_DEPTH = 200 };

struct node {
	uint8_t kind, op, flags, depth;
	struct span span; /* the whole construct */
	name name;        /* identifier, or the literal's text when NF_SYNTH */
	nid kid, next;
};

struct namespan {
	nid node;
	struct span span;
};

struct ast {
	struct node *v; /* v[0] unused */
	uint32_t n, cap;
	nid root; /* N_FILE */
	struct names *names;
	struct sources *sources;
	struct span *comments; /* in order, only when asked for (fmt) */
	uint32_t ncomments, ccap;
	struct namespan *namespan; /* only where a front end set one; ascending node ids */
	uint32_t nnamespan, nscap;
	bool keep_comments;
	bool too_deep; /* something nested deeper than AST_DEPTH was replaced by an ERROR node */
	struct span deep; /* the first such place */
	nid gone_lo, gone_hi; /* ast_forget: nodes whose memory was not yet given back */
};

/* A list under construction: append in O(1), as left-recursive rules do. */
struct nlist {
	nid head, tail;
};

void ast_init(struct ast *a, struct names *names, struct sources *ss);
void ast_free(struct ast *a);
/* Room for n more nodes at once: spares growing step by step. */
void ast_reserve(struct ast *a, uint32_t n);
nid ast_new(struct ast *a, enum node_kind k, struct span sp, name nm);
/* A literal or text node whose text is not weft source (NF_SYNTH): INT 3, SIZE 40GB, and for TEXT
 * the plain value, which fmt escapes and ast_decode returns as it is. */
nid ast_synth(struct ast *a, enum node_kind k, struct span sp, const char *text, size_t n);
void ast_append(struct ast *a, struct nlist *l, nid child);
/* Make `l` the children of p (appended after those it has); tracks depth. */
void ast_adopt(struct ast *a, nid p, struct nlist l);
void ast_add(struct ast *a, nid p, nid child); /* O(children): for small fixed arity */
/* Where the name of a declaration, port, set, argument is written: as told by ast_set_name_span (front ends
 * without weft text, node ids ascending), else found in the weft text, else the node's span. */
void ast_set_name_span(struct ast *a, nid n, struct span sp);
struct span ast_name_span(const struct ast *a, nid n);
/* The literal's text: *len bytes, not terminated. */
const char *ast_text(const struct ast *a, nid n, size_t *len);
const char *node_kind_text(enum node_kind k);
const char *op_text(enum op op);

static inline const struct node *ast_at(const struct ast *a, nid n) { return &a->v[n]; }
static inline nid ast_kid(const struct ast *a, nid n) { return a->v[n].kid; }
static inline nid ast_next(const struct ast *a, nid n) { return a->v[n].next; }
/* The nodes [lo, hi) are not needed any more: they become NONE, and their memory goes back to the system.  For big
 * trees that are used up while the job grows. */
void ast_forget(struct ast *a, nid lo, nid hi);
/* The parts of a PORT, 0 when absent; stmts is the first of its block. */
struct port_parts {
	nid type, count, path, stmts;
};
struct port_parts ast_port(const struct ast *a, nid n);
/* The i-th child, 0 if there are fewer. */
nid ast_nth(const struct ast *a, nid n, uint32_t i);

/* Report what was too deep (E0110), once; false if something was. */
bool ast_depth_ok(struct ast *a, struct diags *d);

/* A decoded literal.  Numbers that do not fit are E0015 at the node. */
bool ast_int(const struct ast *a, nid n, int64_t *v, struct diags *d);
bool ast_float(const struct ast *a, nid n, double *v, struct diags *d);
/* bytes (1GB = 1024 MB = 2^30) or milliseconds */
bool ast_quantity(const struct ast *a, nid n, int64_t *v, struct diags *d);
/* Decode a TEXT node of a STRING (escapes) or SCRIPT (~~{ only) into b. */
bool ast_decode(const struct ast *a, nid n, bool script, struct buf *b);
/* A STRING without interpolation: its decoded value interned; 0 with false otherwise. */
bool ast_plain(const struct ast *a, nid n, name *out);

/* bytes or milliseconds of a text such as 32GB, 1.5h, 90s; 0 when read, else what is wrong with it. */
enum quantity_error { QUANTITY_OK, QUANTITY_UNIT, QUANTITY_LARGE, QUANTITY_FRACTION };
enum quantity_error quantity_read(const char *s, size_t n, enum node_kind k, int64_t *v);
/* SIZE or DURATION by a unit's text, NONE if there is no such unit. */
enum node_kind unit_kind(const char *s, size_t n);
/* The largest unit that v (bytes, milliseconds) is a whole number of. */
bool quantity_print(int64_t v, enum node_kind k, struct buf *out);

/* The same tree?  Spans, parentheses and the way a text is cut or escaped do not count. */
bool ast_equal(const struct ast *a, nid x, const struct ast *b, nid y);
/* Deterministic dump, one node a line, indented: `task count 6:1-9:2`. */
void ast_dump(const struct ast *a, FILE *f);

#endif
