/* load.h - what the commands that read a workflow have in common: options, parameters, diagnostics, output. */
#ifndef WEFT_CLI_LOAD_H
#define WEFT_CLI_LOAD_H

#include "cli/cmd.h"
#include "compiler/session.h"

/* Rows for a command's table of options: a name means the same everywhere. */
#define OPT_ERROR_FORMAT                                                                                              \
	{ 0, "error-format", "FORMAT", "diagnostics: human, short, json (a line each), sarif or github",               \
		"human|short|json|sarif|github", false, FILL_NONE }
#define OPT_LINTS                                                                                                     \
	{ 0, "deny", "LINT", "make a warning an error; --deny warnings: all of them", NULL, true, FILL_NONE },         \
	{ 0, "warn", "LINT", "let it be a warning again, or a note a warning", NULL, true, FILL_NONE },                \
	{ 0, "allow", "LINT", "say nothing of a warning or note: its name or code", NULL, true, FILL_NONE }
#define OPT_SITE                                                                                                      \
	{ 0, "site", "FILE", "engines, stores, quotas: read this site file and no other (weft-site(5))", NULL, false, FILL_FILE }
#define OPT_INPUTS                                                                                                    \
	{ 0, "set", "NAME=VALUE", "set a parameter; may be repeated", NULL, true, FILL_NONE },                         \
	{ 0, "params", "FILE", "read parameters from a JSON file; --set is stronger", NULL, true, FILL_FILE },         \
	{ 0, "secret", "NAME=FILE", "read a secret parameter from a file, never from the command line", NULL, true,    \
		FILL_FILE },                                                                                           \
	OPT_SITE,                                                                                                      \
	{ 'r', "read_mount", "SRC:DST", "mount storage for reading, in every task: oss://bucket/dir/:/home/input",     \
		NULL, true, FILL_NONE },                                                                               \
	{ 'w', "write_mount", "SRC:DST", "store what tasks write below DST: oss://bucket/dir/:/home/output", NULL,     \
		true, FILL_NONE },                                                                                     \
	{ 'm', "mount", "SRC:DST", "mount storage, writable when SRC ends with /, in every task", NULL, true,          \
		FILL_NONE }
#define OPT_END { 0, NULL, NULL, NULL, NULL, false, FILL_NONE }

/* A loaded workflow and the option memory that the session points into. */
struct load {
	struct session *session;
	struct arena *arena;
	struct param_set *params;
	uint32_t nparams, pcap;
	struct map_option *maps;
	uint32_t nmaps, mcap;
};

/* Make a session with what the options say (o may lack OPT_INPUTS when `inputs` is false).
 * *rc is EXIT_OK, or the exit code after a message or a diagnostic in the session. */
bool load_open(struct load *l, const struct opts *o, bool inputs);
void load_close(struct load *l);
/* Which site files hold: --site, else $WEFT_SITE (empty: none), else the project's and the user's.  load_open with `inputs`
 * does this too. */
void load_find_site(struct load *l, const struct opts *o);
/* The value of a secret parameter, NULL when none was given. */
const char *load_secret(const struct load *l, const char *param);

/* After compiling: warn about every secret parameter that was given with --set. */
void load_warn_secrets(struct load *l);

/* The format of diagnostics that the options ask for: human, short, json, sarif or github. */
const char *load_format(const struct opts *o);
/* Print diagnostics to f as --error-format says (human if the command has no such option). */
void load_report(const struct diags *d, const struct opts *o, FILE *f);
/* EXIT_INVALID when there are errors; else EXIT_OK. */
int load_status(const struct diags *d);

/* Messages in the user's language from now on (base/intl.h); costs nothing in the locale C. */
void locale_open(void);

/* Colour for this stream, as --color, NO_COLOR, CLICOLOR_FORCE and TERM say. */
bool use_color(const struct opts *o, FILE *f);
/* Is the locale's character set UTF-8? */
bool use_unicode(void);

#endif
