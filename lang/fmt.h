/* fmt.h - the formatter's parts: fmt.c statements, fmt_line.c lines and alignment, fmt_expr.c expressions,
 * fmt_note.c comments and blank lines. */
#ifndef WEFT_LANG_FMT_H
#define WEFT_LANG_FMT_H

#include "base/buf.h"
#include "base/arena.h"
#include "lang/ast.h"

enum { FMT_WIDTH = 100, FMT_INDENT = 2 };

struct fmt_row { /* a line that waits for the others of its group */
	uint32_t at, len; /* in rows */
	uint32_t eq;      /* bytes before the `=`; UINT32_MAX none */
	uint32_t columns, eq_columns;
	uint32_t note;    /* its comment, UINT32_MAX none */
};

struct fmt {
	const struct ast *a;
	struct buf *out;
	struct buf line;  /* the statement being put together */
	uint32_t eq;      /* where its `=` goes, UINT32_MAX none */
	int indent;
	const char *text; /* the weft text and its base; NULL when the tree came from elsewhere */
	uint32_t base, end;
	uint32_t note;    /* the next comment not yet passed */
	uint8_t *done;    /* per comment: printed */
	nid *child;       /* per node: its child found last by fmt_child_at, where the next search begins */
	nid brace_of;     /* the node asked last for its {, and the answer */
	uint32_t brace_at;
	struct buf rows;  /* texts of the group */
	struct fmt_row *row;
	uint32_t nrow, cap;
	int group;        /* what the rows have in common; 0 nothing */
};

/* ---- expressions: into f->line ---- */
void fmt_flat(struct fmt *f, nid n);
/* Over several lines when it is too long, or when comments stand inside. */
void fmt_expr(struct fmt *f, nid n);
void fmt_name(struct fmt *f, nid n);
void fmt_string(struct fmt *f, nid n);
/* The lines of a script, indented. */
void fmt_script(struct fmt *f, nid n);
/* The items of a list, call or record; commas between. */
void fmt_items(struct fmt *f, nid first);

/* ---- comments ---- */
/* Comments before pos that were not printed yet, and the blank lines around them: own lines. */
void fmt_notes_before(struct fmt *f, uint32_t pos, bool first);
/* Where the next comment stands that was not printed yet; UINT32_MAX if there is none. */
uint32_t fmt_next_note(struct fmt *f);
/* A comment behind pos on its line, before limit; UINT32_MAX if there is none.  It counts as printed. */
uint32_t fmt_note_behind(struct fmt *f, uint32_t pos, uint32_t limit);
/* Does a comment that was not printed yet stand in [lo, hi)? */
bool fmt_has_note(const struct fmt *f, uint32_t lo, uint32_t hi);
/* The child of n that holds pos, 0 if none does; fast when pos grows from call to call. */
nid fmt_child_at(struct fmt *f, nid n, uint32_t pos);
/* Is pos inside the lists that fmt_expr(n) prints an item a line? */
bool fmt_owns(struct fmt *f, nid n, uint32_t pos);
/* A blank line before pos in the text? */
bool fmt_blank_before(const struct fmt *f, uint32_t pos);
void fmt_note_text(const struct fmt *f, uint32_t note, struct buf *b);
bool fmt_is_statement(enum node_kind k);
/* Where the { of n's block stands; 0 if there is none. */
uint32_t fmt_brace(const struct fmt *f, nid n);

/* ---- lines ---- */
void fmt_newline(struct fmt *f, struct buf *b);
/* Hand out f->line as a line of a group (0: of none), with its comment. */
void fmt_row(struct fmt *f, int group, uint32_t note);
/* Print the group's lines, aligned. */
void fmt_flush(struct fmt *f);
/* Columns that a text takes. */
uint32_t fmt_columns(const char *s, size_t n);

#endif
