/* front.h - the three front ends.  Each turns one loaded source into a tree;
 * parsing builds a tree and nothing else.  false when any error was queued
 * (the tree is then partial, with N_ERROR where it broke, and still usable). */
#ifndef WEFT_LANG_FRONT_H
#define WEFT_LANG_FRONT_H

#include "lang/ast.h"

/* .weft (parse.y, lex.l) */
bool parse_weft(struct ast *a, const struct source *src, struct diags *d);
/* One expression out of a slice of a source (a job JSON's residual expressions): its
 * node, 0 after a diagnostic.  A copy is scanned; spans are base + offset,
 * or all `whole` when base is 0. */
nid parse_weft_expr(struct ast *a, const char *text, size_t len, uint32_t base, struct span whole, struct diags *d);
/* Likewise the parts of a string or script ("text ~{expr}"): a STRING or SCRIPT node.  Outside of ~{ } only ~~{ is
 * special, whichever it is (no escapes: the file the text comes from has its own); TEXT nodes are NF_SYNTH. */
nid parse_weft_template(struct ast *a, const char *text, size_t len, bool script, uint32_t base, struct span whole, struct diags *d);
/* job.cfg of the bcs command (cfg.c) */
bool parse_jobcfg(struct ast *a, const struct source *src, struct diags *d);
/* The same from a command line (cfgline.h): over the job.cfg `src`, or alone when src is the line's own source. */
struct cfg_line;
bool parse_cfgline(struct ast *a, const struct source *src, const struct cfg_line *line, struct diags *d);
/* BatchCompute job description JSON (jobjson.c) */
bool parse_jobjson(struct ast *a, const struct source *src, struct diags *d);

enum front_kind { FRONT_WEFT, FRONT_CFG, FRONT_JSON };
/* By extension (.weft .cfg .ini .json), else by the first bytes. */
enum front_kind front_of(const struct source *src);
const char *front_text(enum front_kind k); /* "weft", "job.cfg", "job JSON" */
bool front_parse(struct ast *a, const struct source *src, struct diags *d);

/* Canonical text of a tree (fmt.c).  Comments and blank lines are kept where the tree
 * has them (parse with keep_comments).  parse(fmt(parse(x))) = parse(x). */
bool fmt_print(const struct ast *a, struct buf *out);

#endif
