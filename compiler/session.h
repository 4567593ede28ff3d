/* session.h - one compilation: owns sources, names, diagnostics, tree and job; runs the phases in order. */
#ifndef WEFT_COMPILER_SESSION_H
#define WEFT_COMPILER_SESSION_H

#include "compiler/lint.h"
#include "job/job.h"
#include "job/site.h"
#include "lang/front.h"

struct param_set { /* --set a=b, parameter file, environment: strongest first */
	const char *name, *value;
	const char *origin; /* "--set", "WEFT_PARAM_a", or the file's path */
};
struct map_option { /* -r, -w, -m of the guide's command line */
	enum map_kind kind;
	const char *text; /* "oss://bucket/dir/:/home/input" in any form of reference d.7 */
};
struct session_options {
	const struct param_set *params;
	uint32_t nparams;
	const struct map_option *maps;
	uint32_t nmaps;
	struct cfg_line *line; /* a command line over a job.cfg, or instead of one when the path is CFG_LINE_PATH; NULL: none */
	const char *engine;    /* the engine to check for, NULL: none in particular */
	const char *site;      /* --site, $WEFT_SITE: the only site file; NULL: those below */
	bool find_site;        /* read weft.site of the workflow's directory, if it is there */
	const char *user_site; /* the user's own, weaker, if it is there; NULL: none */
	bool keep_comments;
	bool syntax_only; /* fmt: no names, no types */
};
enum unused_kind { UNUSED_PARAM, UNUSED_LET, UNUSED_TABLE, UNUSED_COLUMN, UNUSED_CLUSTER };
struct unused { /* a name of the source that nothing refers to */
	uint8_t kind;   /* enum unused_kind */
	bool exported;  /* commands see it as a variable */
	name name, of;  /* of: the table of a column */
	struct span span;
};
struct again { /* an `after` of a task whose output is an input, too */
	uint32_t from, to;
	struct span span;
};
struct session {
	struct sources *sources;
	struct names *names;
	struct diags *diags;
	struct ast ast;
	struct job *job; /* NULL when the tree could not be lowered at all */
	struct order *order; /* of its tasks, see order_of; NULL until a check asks */
	struct set_index *sets; /* settings of all tasks, for each_setting; in the job's arena */
	/* Left by the lowering for checks, in the job's arena. */
	struct unused *unused;
	uint32_t nunused;
	struct again *again;
	uint32_t nagain;
	const struct source *main;
	struct site *site; /* what the site files say; NULL or empty: nothing */
	struct session_options opt;
	struct lints lints;
};

struct session *session_new(const struct session_options *opt);
void session_free(struct session *s);
/* Load, parse, lower, check; a site file (*.site) is only read.  true when no error was queued.  Diagnostics are finished (sorted). */
bool session_compile(struct session *s, const char *path);
/* Only read a site file into s->site. */
bool session_site(struct session *s, const char *path);
/* Only read the site files that a workflow at this path would have. */
bool session_sites(struct session *s, const char *path);
/* Only load and parse (fmt, convert, --dump-tree). */
bool session_parse(struct session *s, const char *path);
/* The same for text that is already in memory, as if the file had that path (tests, fuzzers, explain). */
bool session_compile_text(struct session *s, const char *path, const char *text, size_t n);

/* phases (for the phases' own files) */
bool lower(struct session *s);      /* lower.c: tree -> job; names, types, values */
void checks_run(struct session *s); /* check.c: every line of checks.def */

#endif
