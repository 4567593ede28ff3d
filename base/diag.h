/* diag.h - diagnostics are data: made anywhere, queued, sorted, printed once.
 *
 * A check that fails is one line: `return diag_error(d, E0301, span, ...)`.
 * Labels, notes, help and fixes attach to the diagnostic made last.  Severity
 * is the code's own (codes.def).  Nothing here prints or exits. */
#ifndef WEFT_BASE_DIAG_H
#define WEFT_BASE_DIAG_H

#include "base/arena.h"
#include "base/intl.h"
#include "base/source.h"

#include <stdio.h>

enum severity { SEV_ERROR, SEV_WARNING, SEV_NOTE };

enum code {
#define CODE(id, slug, title) id,
#include "base/codes.def"
#undef CODE
	CODE_COUNT
};

struct diag_label {
	struct span span;
	const char *text;
	struct diag_label *next;
};
struct diag_text {
	const char *text;
	struct diag_text *next;
};
struct diag_fix { /* replace span by text; all fixes of a diagnostic belong together */
	struct span span;
	const char *text;
	bool unsafe; /* perhaps not what was meant: only with --unsafe */
	struct diag_fix *next;
};
struct diag {
	enum code code;
	enum severity severity;
	struct span span; /* primary */
	const char *msg;  /* one lower-case line without full stop */
	const char *label; /* under the primary caret; may be NULL */
	struct diag_label *labels; /* other places */
	struct diag_text *notes, *helps;
	struct diag_fix *fixes;
	uint32_t seq;
};

struct diags {
	struct arena *arena;
	struct sources *sources;
	struct diag *v;
	uint32_t n, cap;
	uint32_t errors, warnings;
	uint32_t more_errors, more_warnings; /* counted, not kept: past DIAG_KEEP */
	bool full; /* no more are kept */
	bool dropping; /* the last one was not kept, nor is what attaches to it */
};
enum { DIAG_KEEP = 10000 };

struct diags *diags_new(struct sources *ss);
void diags_free(struct diags *d);

/* Queue a diagnostic.  Returns false always, so that a check can return it. */
bool diag_error(struct diags *d, enum code c, struct span sp, const char *fmt, ...) __attribute__((format(printf, 4, 5)));
/* Attach to the last diagnostic queued. */
void diag_label(struct diags *d, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void diag_at(struct diags *d, struct span sp, const char *fmt, ...) __attribute__((format(printf, 3, 4)));
void diag_note(struct diags *d, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void diag_help(struct diags *d, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void diag_fix(struct diags *d, struct span sp, const char *fmt, ...) __attribute__((format(printf, 3, 4)));
void diag_fix_unsafe(struct diags *d, struct span sp, const char *fmt, ...) __attribute__((format(printf, 3, 4)));
/* Sort by place, drop doubles (same code and span), recount. */
void diags_finish(struct diags *d);

/* The code's text ("E0307", "W0210", "N0703"), slug, title, severity. */
const char *code_text(enum code c);
const char *code_slug(enum code c);
const char *code_title(enum code c);
enum severity code_severity(enum code c);
/* "error", "warning", "note": marked for the catalogue, not translated. */
const char *severity_text(enum severity s);
/* Find "E0307" or "e0307" or a slug; CODE_COUNT if none. */
enum code code_find(const char *s);

/* Edit distance with transpositions (Damerau, restricted), capped at 3. */
int misspelt(const char *a, const char *b);
struct suggest { /* best candidate so far; start with {.to = word} */
	const char *to;
	const char *best;
	int dist;
	bool unsure; /* another candidate is as near, or the caller is not sure: no safe fix */
};
void suggest_try(struct suggest *s, const char *candidate);
/* The same with one that does not last: the best one is copied into the arena. */
void suggest_copy(struct suggest *s, struct arena *a, const char *candidate);
/* The candidate within distance 2 (1 for words under 5 bytes), or NULL. */
const char *suggest_best(const struct suggest *s);
/* Help for the last diagnostic: did you mean ...?  And the fix.  false when there is nothing to suggest. */
bool diag_suggest(struct diags *d, const struct suggest *s);
/* Only the fix: where the word stands at the last diagnostic's span, in quotes or without, the candidate is put in its
 * place; safe when no other candidate is as near. */
void diag_suggest_fix(struct diags *d, const struct suggest *s, bool unsafe);

/* Printers (diagtext.c, diagjson.c).  `limit` errors then a count; 0 = all. */
struct diag_style {
	bool color;
	bool unicode; /* else ASCII */
	uint32_t limit;
};
void diags_print_human(const struct diags *d, FILE *f, const struct diag_style *st);
void diags_print_short(const struct diags *d, FILE *f); /* file:line:col: error[E0307]: text */
void diags_print_json(const struct diags *d, FILE *f);  /* one object a line, schema weft.diagnostic/1 */
void diags_print_sarif(const struct diags *d, FILE *f); /* SARIF 2.1.0 */
void diags_print_github(const struct diags *d, FILE *f); /* ::error file=... annotations */

#endif
