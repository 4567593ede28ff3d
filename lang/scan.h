/* scan.h - what lexer (lex.l), token filter (scan.c), messages (hint.c) and grammar (parse.y) share: one parse.
 *
 * Bytes go through flex to raw tokens; scan.c matches brackets, mends what can be mended and hands the
 * tokens to bison.  After a syntax error the grammar calls parse_resync, which skips to where the next
 * statement or declaration starts.  Positions are offsets into text plus base. */
#ifndef WEFT_LANG_SCAN_H
#define WEFT_LANG_SCAN_H

#include "lang/ast.h"

enum { FRAME_MAX = 32, HISTORY = 4 };

/* What the previous token was, as far as the next one's meaning depends on it. */
enum prev {
	PREV_OPERATOR, /* an operand must follow: operator, comma, opening bracket, start */
	PREV_OPERAND,  /* an operand or a closing bracket ended */
	PREV_KEYWORD,  /* a keyword where a statement may start */
	PREV_OPEN,     /* { */
	PREV_CLOSE,    /* } */
};

struct frame { /* a string or script whose ~{ } is being read */
	int state;     /* start condition to go back to */
	uint32_t open; /* where it starts */
	bool inside;   /* between ~{ and } */
	uint32_t braces; /* open { inside */
};

struct bracket {
	int open;        /* token */
	uint32_t pos;    /* offset */
};

union value {
	nid n;
	struct nlist l;
	name nm;
};

struct token {
	int kind;
	bool first; /* the first one on its line */
	union value v;
	struct span sp;
};

struct parser {
	struct ast *ast;
	struct diags *diags;
	char *text;
	uint32_t len, base;
	bool whole;       /* text is no slice of a source: every span is `at`, literals carry their text */
	struct span at;
	void *lex;        /* flex's scanner */
	int start;        /* the token that chooses the grammar's entry */
	bool template;    /* the text outside of every string is one */
	nid result;
	/* lexer */
	struct frame frame[FRAME_MAX + 1];
	uint32_t nframe;
	uint32_t line;    /* where the current line starts */
	bool first;       /* no token yet on this line */
	uint8_t prev;
	uint8_t run;      /* 1 `run` at hand, 2 it came last, 3 `run` and a word came last */
	bool pending;     /* text of a string or script collected since text_lo */
	uint32_t text_lo;
	uint32_t margin, script_end; /* script: bytes of common indentation, start of the closing line or end of the only one */
	bool one_line;    /* it stands between { and } on one line */
	struct span line_script; /* the last such */
	bool foreign;     /* a name was not ASCII: what may be wrong with names was said */
	bool gave_up;     /* a script had no end: blocks around it have none either */
	/* filter */
	struct bracket *bracket;
	uint32_t nbracket, cap;
	struct token queue[4]; /* to be handed out before reading on */
	uint32_t nqueue;
	struct token hist[HISTORY]; /* the last tokens, hist[0] the newest */
	uint32_t mark;    /* where the statement or declaration being read starts */
	uint32_t mark_column, mark_depth;
	int mark_kind;
	uint32_t bad;     /* where the last lexical error was; UINT32_MAX none */
	uint32_t open_string; /* where the last string without an end was */
	uint32_t synced;  /* where the last skipping ended */
	bool quiet;       /* skipping: do not report brackets */
	uint32_t suspect; /* a { that was closed by a } further left; UINT32_MAX none */
};

/* lex.l */
int raw_token(union value *v, struct span *sp, void *scanner);
bool lex_open(struct parser *p);
void lex_close(struct parser *p);
/* scan.c */
void scan_token(struct parser *p, struct token *t);
/* Report at a span of offsets-plus-base; remembers the place so that syntax errors caused by it stay silent. */
bool scan_error(struct parser *p, enum code c, struct span sp, const char *fmt, ...) __attribute__((format(printf, 4, 5)));
static inline struct span scan_span(const struct parser *p, uint32_t lo, uint32_t hi)
{
	return (struct span){ p->base + lo, p->base + hi };
}
/* Indentation of the line that holds an offset, in columns (tabs to 8). */
uint32_t line_column(const struct parser *p, uint32_t off);
/* Remember where a statement starts; first is its first token, already read. */
void scan_mark(struct parser *p, int kind, struct span sp);
/* A block's { at sp was read, its } was: errors in front of the first statement, behind the last one, belong to it. */
uint32_t scan_open_block(struct parser *p, struct span sp);
void scan_close_block(struct parser *p, uint32_t depth);
/* Skip from token t to one that may start a declaration; to one that may start a statement or closes the block. */
void scan_resync_top(struct parser *p, struct token *t);
void scan_resync(struct parser *p, struct token *t);
/* An error was dealt with on the spot: the next one is a new one. */
void scan_recovered(struct parser *p);
/* Skip from token t to the { of a block; made up, with its }, where there is none. */
void scan_resync_body(struct parser *p, struct token *t);
/* hint.c: the message for an unexpected token, which is the newest in hist. */
struct expected {
	int token;
	const char *name;
};
void syntax_error(struct parser *p, const char *got, const struct expected *e, int n);
/* A comma between two selectors, task[a, b]: said, and read on as if it were task[a][b]. */
void hint_selectors(struct parser *p, struct span comma);
/* parse.y */
bool parse_run(struct parser *p);

#endif
