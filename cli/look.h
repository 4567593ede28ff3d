/* look.h - what the commands that look back have in common: the workspace, its journal, one run, times, JSON. */
#ifndef WEFT_CLI_LOOK_H
#define WEFT_CLI_LOOK_H

#include "base/diag.h"
#include "base/json.h"
#include "cli/opts.h"
#include "runtime/past.h"

/* Rows for a command's table of options: a name means the same everywhere. */
#define OPT_JSON { 0, "json", NULL, "print JSON", NULL, false, FILL_NONE }
#define OPT_ALL { 0, "all", NULL, "show all, not only the first 20", NULL, false, FILL_NONE }

enum { LOOK_FIRST = 20 };

struct look {
	const struct opts *o;
	struct sources *sources;
	struct diags *d;
	char *base;           /* .weft here or above; NULL: nothing has run */
	struct journal *j;    /* NULL without base */
	pid_t holder;         /* as past_holder */
	struct past_run *run; /* oldest first */
	uint32_t nrun;
};

/* Find the workspace and read its runs; EXIT_OK, or the exit code after messages.  look_close in any case. */
int look_open(struct look *l, const struct opts *o);
void look_close(struct look *l);
/* Report what is queued and return its exit code. */
int look_fail(struct look *l, int rc);
/* The journal was replaced: open and read it again.  false after messages. */
bool look_again(struct look *l);
/* A run by what a person calls it, the last one for NULL; NULL after a diagnostic. */
const struct past_run *look_run(struct look *l, const char *text);
/* Both at once: open, and find the run.  EXIT_OK with *run, or the exit code after messages; look_close in any case. */
int look_open_run(struct look *l, const struct opts *o, const char *text, const struct past_run **run);
/* A number of at least 1; false after a message about the option. */
bool look_number(const struct opts *o, const char *opt, uint32_t *n);

/* "count[NA1]", harmless to a terminal. */
void look_label(struct buf *b, const struct rec_who *w);
/* "2026-11-25 22:46:16" here, "2026-11-25T22:46:16.123Z" in JSON. */
void look_when(struct buf *b, int64_t ms);
void look_kwhen(struct jw *w, const char *key, int64_t ms);
/* A duration, "-" when it is not known. */
void look_took(struct buf *b, int64_t ms);
/* ", " when something is there, then "3 done"; nothing for 0. */
void look_count(struct buf *b, uint64_t n, const char *word);
/* "exit 0", "running", "interrupted". */
const char *look_state(const struct past_run *r);
/* "3 ok, 1 failed": of its end, or of what is recorded. */
void look_sums(struct buf *b, const struct past_run *r);
/* The run as members of the open object: number, job, ... counts. */
void look_json_run(struct jw *w, const struct past_run *r);
/* The tasks of a run as "tasks": [...]. */
void look_json_tasks(struct jw *w, const struct past *p, enum past_life life);
/* Print the JSON text and forget it. */
void look_put(struct buf *b);

#endif
