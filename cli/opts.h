/* opts.h - command-line options: one table a command gives parsing, help, man page and completion.
 *
 * GNU style: --name value, --name=value, -n value, -nvalue, clusters of short flags, --no-name for flags,
 * `--` ends the options, options and operands mix.  The common options (common_opts) belong to every command. */
#ifndef WEFT_CLI_OPTS_H
#define WEFT_CLI_OPTS_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

struct command;

enum opt_fill { FILL_NONE, FILL_FILE, FILL_DIR, FILL_ENGINE }; /* what the shell completes for an option's value */

struct opt {
	char brief;         /* the short letter, 0 if none */
	const char *name;   /* the long name without dashes; NULL ends a table */
	const char *arg;    /* what the value is called; NULL for a flag */
	const char *help;   /* one sentence, lower case, no full stop */
	const char *values; /* "auto|tty|plain" when only these are allowed */
	bool many;          /* may be given several times, every value counts */
	uint8_t fill;       /* enum opt_fill */
};
extern const struct opt common_opts[];

struct opt_given {
	const struct opt *opt;
	const char *value; /* NULL for a flag */
	bool on;           /* a flag: false when given as --no-name */
	bool brief;        /* as its letter */
};
struct opts {
	const struct command *cmd;
	struct opt_given *given; /* in the order of the command line */
	uint32_t ngiven, cap;
	const char **args; /* operands */
	uint32_t nargs, argcap;
	uint32_t rest;     /* operands from here on stood after `--`; nargs if there was none */
};

/* Parse argv[0..argc).  With `first` stop at the first operand.  Returns how many words were used, or -1 after
 * a message on stderr (a usage error). */
int opts_parse(struct opts *o, const struct command *cmd, int argc, char **argv, bool first);
void opts_free(struct opts *o);

/* Was the flag given (the last one counts)? */
bool opts_flag(const struct opts *o, const char *name);
/* The last value given, else NULL. */
const char *opts_value(const struct opts *o, const char *name);
/* Every value in order: start with *i = 0, ends with NULL. */
const char *opts_each(const struct opts *o, const char *name, uint32_t *i);
/* Is there an option of this name (- and _ are the same) in the command's table or the common one? */
const struct opt *opts_find(const struct command *cmd, const char *name, size_t n);
/* A message and a pointer to the help, on stderr; returns EXIT_USAGE. */
int opts_error(const struct opts *o, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* Texts made from the tables (help.c). */
void help_short(FILE *f, const struct command *c);
void help_long(FILE *f, const struct command *c);
void help_man(FILE *f, const struct command *c);
void help_overview(FILE *f);

#endif
