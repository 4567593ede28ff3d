/* words.h - command lines as words, and where in a shell script a value is being inserted. */
#ifndef WEFT_JOB_WORDS_H
#define WEFT_JOB_WORDS_H

#include "job/job.h"

/* ---- splitting into words: quotes and backslash, no expansion (words.c) ---- */
struct words {
	struct arena *a;
	char **v;
	size_t n, cap;
	struct buf word;
	bool in_word, escaped;
	char quote; /* 0, ' or " */
};
void words_init(struct words *w, struct arena *a);
/* Text that is split; quotes count. */
bool words_text(struct words *w, const char *s, size_t n);
/* A value: appended to the word as it is, an empty one makes an empty word. */
bool words_value(struct words *w, const char *s, size_t n);
/* End the word under construction, if any. */
void words_break(struct words *w);
/* All words, NULL behind the last; false: a quote is not closed. */
bool words_finish(struct words *w, char ***argv, size_t *argc);

/* ---- where a shell stands after a piece of script (shell.c) ---- */
enum sh_state { SH_PLAIN, SH_SINGLE, SH_DOUBLE, SH_ANSI /* $'' */, SH_COMMENT, SH_ARITH /* (( )) */, SH_HEREDOC };
enum { SH_DEPTH = 32, SH_DOCS = 8 };
struct sh_level {
	uint8_t state;
	uint32_t parens; /* open ones of $( and $(( inside a string; 0 at the top */
};
struct sh_doc { /* << WORD */
	char *end;
	bool quoted, tabs;
};
struct shell {
	struct arena *a;
	struct sh_level level[SH_DEPTH];
	uint32_t depth;
	struct sh_doc doc[SH_DOCS]; /* announced; the first is being read in SH_HEREDOC */
	uint32_t ndoc;
	bool escaped;  /* the last byte was a backslash that takes the next */
	char last;     /* the byte before, '\n' at first */
	struct buf line; /* SH_HEREDOC: the line so far */
};
void shell_init(struct shell *s, struct arena *a);
void shell_free(struct shell *s);
/* Follow a piece of the script's own text. */
void shell_text(struct shell *s, const char *p, size_t n);
/* Follow what begins at p: one byte, or more that belong together; returns how many. */
size_t shell_step(struct shell *s, const char *p, size_t n);
enum sh_state shell_state(const struct shell *s);
/* Append a value so that it means itself where the script stands now. */
bool shell_value(struct shell *s, struct buf *out, const char *p, size_t n);
/* Is one word per list item possible here? */
bool shell_splits(const struct shell *s);

#endif
