/* cfgline.h - a command line that is a job, as a source that diagnostics can point into: its options are keys of a job.cfg
 * (weft sub), or it maps a command over a table (weft run --each, each.c). */
#ifndef WEFT_LANG_CFGLINE_H
#define WEFT_LANG_CFGLINE_H

#include "base/source.h"

/* What the source is called, and how it is told from files. */
#define CFG_LINE_PATH "<command line>"

struct cfg_line;
/* Is it a key of a job.cfg? */
bool cfg_line_key(const char *word);
/* An empty one that begins with `head`: "weft sub". */
struct cfg_line *cfg_line_new(const char *head);
void cfg_line_free(struct cfg_line *l);
/* It is a map over a table; its keys are cmd, each (the table's path), by (a column), in and out (NAME=PATH), pack. */
void cfg_line_each(struct cfg_line *l);
bool cfg_line_is_each(const struct cfg_line *l);
/* The next word or option: `word` as it was typed ("-p", "--pack"; NULL for an operand), the key that it is (reference d.8;
 * NULL: none, it is only shown) and its value.  A flag's value is shown by the word alone.  Later ones count, or are added where keys are. */
void cfg_line_add(struct cfg_line *l, const char *word, const char *key, const char *value, bool flag);
/* Its text among the sources, with words quoted for a shell; NULL after a diagnostic. */
const struct source *cfg_line_source(struct cfg_line *l, struct sources *ss, struct diags *d);

#endif
