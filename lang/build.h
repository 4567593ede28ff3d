/* build.h - the grammar's actions: each makes one node (or list) and nothing else. */
#ifndef WEFT_LANG_BUILD_H
#define WEFT_LANG_BUILD_H

#include "lang/scan.h"

struct nlist build_none(void);
struct nlist build_append(struct parser *p, struct nlist l, nid n);
/* A node without children, with a name or 0. */
nid build_leaf(struct parser *p, enum node_kind k, struct span sp, name nm);
/* A NONE node: holds the place of an absent child. */
nid build_absent(struct parser *p);
/* ERROR: a syntax error was reported here. */
nid build_error(struct parser *p, struct span sp);
nid build_one(struct parser *p, enum node_kind k, struct span sp, name nm, nid a);
nid build_two(struct parser *p, enum node_kind k, struct span sp, name nm, nid a, nid b);
nid build_list(struct parser *p, enum node_kind k, struct span sp, name nm, struct nlist l);
/* a, then the list */
nid build_first(struct parser *p, enum node_kind k, struct span sp, name nm, nid a, struct nlist l);
/* The name is the value of the plain string at key. */
nid build_quoted(struct parser *p, enum node_kind k, struct span sp, struct span key, struct nlist l);
nid build_op(struct parser *p, enum node_kind k, struct span sp, int op, nid a, nid b);
nid build_cond(struct parser *p, struct span sp, nid c, nid a, nid b);
nid build_param(struct parser *p, struct span sp, name nm, nid type, nid value, struct nlist l);
nid build_port(struct parser *p, struct span sp, name nm, nid count, nid type, nid value, struct nlist l);
nid build_map(struct parser *p, struct span sp, enum map_kind k, nid from, nid to, nid mode);
/* head becomes the whole task; NF_BAD where the name or a statement
 * of it is in error.  A bad one had an error in its first line. */
nid build_task(struct parser *p, struct span sp, struct span body, nid head, struct nlist fors, nid cond, struct nlist l);
nid build_bad_task(struct parser *p, struct span sp, struct span body, nid head, struct nlist l);
/* A literal: its text is the source slice. */
nid build_literal(struct parser *p, enum node_kind k, struct span sp);
/* A script of these parts; one on a line of its own has that line's end, too. */
nid build_script(struct parser *p, struct span sp, struct nlist parts);
/* TEXT of a string with ~{ }, a script or a template. */
nid build_text(struct parser *p, struct span sp);
/* STRING of a string without ~{ } and escapes, with its quotes. */
nid build_plain(struct parser *p, struct span sp);
/* The name that a keyword is, used as one. */
name build_word(struct parser *p, struct span sp);
void build_file(struct parser *p, struct nlist decls);
void build_too_deep(struct parser *p, struct span sp);

#endif
