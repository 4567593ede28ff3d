/* lint.h - levels of warnings and notes: who says allow, warn or deny, where it holds, and applying it.
 *
 * Strongest first: a comment at the line, the command line, the file's lint block, the site file, the code's own
 * severity.  Errors keep theirs.  `warnings` stands for all warnings, weaker than a name of its own. */
#ifndef WEFT_COMPILER_LINT_H
#define WEFT_COMPILER_LINT_H

#include "base/diag.h"

struct session;
struct ast;

enum lint_level { LINT_NONE, LINT_ALLOW, LINT_WARN, LINT_DENY };
enum { LINT_WARNINGS = CODE_COUNT, LINT_NAMES }; /* the group `warnings` has the number after the last code */

struct lint_rule {
	uint32_t code; /* enum code or LINT_WARNINGS */
	uint8_t level, tier;
	bool used;
	uint32_t lo, hi;   /* holds for what begins in [lo, hi) */
	struct span span;  /* its name where it is written; NOSPAN: the command line */
	struct span whole; /* the comment, when it says nothing else */
};
struct lints {
	struct lint_rule *v;
	uint32_t n, cap;
	bool sorted;
	uint32_t node0, note0; /* the tree's nodes and comments before the source that is read now */
};

/* The number of a lint's name (slug, code, or `warnings`); LINT_NAMES if there is none. */
uint32_t lint_find(const char *word);
/* Say of a name that is no lint which one may be meant; start with {.to = name}. */
void lint_suggest(struct suggest *sg);
/* Is it an error, whose level stays? */
bool lint_is_error(uint32_t code);

/* From the command line: --allow, --warn, --deny. */
void lint_option(struct session *s, enum lint_level level, uint32_t code);
/* Before a source is parsed: keep its comments if one of them may be meant for us. */
void lint_watch(struct session *s, const struct source *src);
/* After it was parsed: its comments and lint blocks. */
void lint_collect(struct session *s, const struct source *src);
/* A declaration of a site file that is a lint block, and reading it. */
bool lint_is_block(struct session *s, const struct ast *a, uint32_t n);
void lint_site_block(struct session *s, const struct ast *a, uint32_t n);
/* Give every diagnostic the severity that was asked for, drop what is allowed.  May be called again. */
void lint_apply(struct session *s);
/* Once, after lint_apply: notes about what was allowed and did not happen. */
void lint_unused(struct session *s);
void lint_free(struct session *s);

#endif
