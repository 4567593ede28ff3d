/* lexutil.h - what the lexer's actions do beyond matching: strings, scripts, numbers, foreign characters. */
#ifndef WEFT_LANG_LEXUTIL_H
#define WEFT_LANG_LEXUTIL_H

#include "lang/scan.h"

/* Positions are offsets into p->text. */

/* A newline [from, to) was read: the next line starts. */
void lex_newline(struct parser *p, uint32_t from, uint32_t to);
void lex_comment(struct parser *p, struct span sp);
/* What a keyword is for the next token; starts watching for a script behind `run`. */
int lex_keyword(struct parser *p, bool run);

/* Strings and scripts with ~{ }: enter and end one, go into ~{ } and leave it (gives the start condition). */
bool lex_enter(struct parser *p, int state, struct span sp);
int lex_end(struct parser *p);
void lex_interp(struct parser *p);
int lex_leave(struct parser *p);
void lex_open_interp(struct parser *p, uint32_t off);
void lex_open_string(struct parser *p, uint32_t off);
/* Behind the quote that ends, on a line below, a string without an end on its own; OFF when it seems to have none. */
uint32_t lex_string_end(const struct parser *p, uint32_t off);
void lex_escape(struct parser *p, uint32_t off, struct span sp);
void lex_unicode(struct parser *p, const char *s, size_t n, struct span sp);
uint32_t lex_line_end(const struct parser *p, uint32_t off);

/* Does the { at hand start a script? */
bool lex_script_next(const struct parser *p);
/* Find the end and the margin of the script whose { is at off; the offset of its first text. */
uint32_t lex_script(struct parser *p, uint32_t off);
/* A script's line starts at off: the offset of its text, behind the margin. */
uint32_t lex_script_line(struct parser *p, uint32_t off);
/* The script on one line: text was read up to off, perhaps beyond its end; where it ends. */
uint32_t lex_script_part(const struct parser *p, uint32_t off);
/* Its line ended, at off, without the } being left for it. */
void lex_open_script(struct parser *p, uint32_t off);
/* Is that line the closing one? */
bool lex_script_over(const struct parser *p);

/* The token of a number; TK_BAD after a diagnostic. */
int lex_number(struct parser *p, const char *s, size_t n, struct span sp, int token);
int lex_quantity(struct parser *p, const char *s, size_t n, struct span sp);
/* The same where blanks stand between a number and one of the units that lex.l knows: one mistake, with its fix. */
int lex_unit_apart(struct parser *p, const char *s, size_t n, struct span sp);

/* Text that is not weft: reported, then skipped or taken for what was meant. */
void lex_foreign_comment(struct parser *p, struct span sp);
uint32_t lex_block_comment(struct parser *p, uint32_t off);
void lex_semicolon(struct parser *p, struct span sp);
void lex_return(struct parser *p, struct span sp);
void lex_stray(struct parser *p, int c, struct span sp);
int lex_single_quoted(struct parser *p, struct span sp);
/* Bytes >= 0x80, perhaps behind ASCII letters; sets the span they take.  0: skip them. */
int lex_foreign(struct parser *p, uint32_t off, union value *v, struct span *sp);

#endif
