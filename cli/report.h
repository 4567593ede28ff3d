/* report.h - one run as a page, a table or JSON: what the files report_*.c share. */
#ifndef WEFT_CLI_REPORT_H
#define WEFT_CLI_REPORT_H

#include "base/diag.h"
#include "cli/kinds.h"
#include "runtime/tally.h"

struct report {
	const struct past_run *run;
	const struct past *past;
	struct tally *t;
	struct kinds kinds;
	struct sources *sources;
	struct arena *arena;
	const char **advice;   /* lines for a person, plain text */
	uint32_t nadvice, cap;
};

/* report_advice.c: what was asked for and not used, what was too little. */
void report_advise(struct report *r);
/* report_text.c: --resources */
void report_text(const struct report *r, struct buf *b);
/* report_json.c: schema weft.report/1 */
void report_json(const struct report *r, struct buf *b);
/* report_html.c: a page that needs nothing else */
void report_html(const struct report *r, struct buf *b);

/* ---- parts of the page ---- */
extern const char report_style[];
/* Text from anywhere, harmless in HTML, also within quotes. */
void html_text(struct buf *b, const char *s);
void html_textf(struct buf *b, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* report_graph.c: the tasks as inline SVG; nothing, or a sentence, when there is none. */
void report_graph(const struct report *r, struct buf *b);
/* report_gantt.c: when tasks ran, and the critical path. */
void report_gantt(const struct report *r, struct buf *b);

/* "2.5", "-" for -1: cpus of billionths. */
void report_cpus(struct buf *b, int64_t cpu);
/* Average cpus that a task's instances used, in billionths; -1 unknown. */
int64_t report_used(const struct tally_task *t);
/* Symbol and words of a task's state: "\u2713 3 done", "\u2717 1 failed, 2 done". */
void report_state(struct buf *b, const struct report *r, const struct tally_task *t);

#endif
