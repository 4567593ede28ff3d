/* find.h - which workflow files are meant: operands, directories, or the only one here. */
#ifndef WEFT_CLI_FIND_H
#define WEFT_CLI_FIND_H

#include "cli/opts.h"

struct files {
	char **v;
	uint32_t n, cap;
};

/* Does the name look like a workflow: *.weft, *.cfg, *.ini, *.json? */
bool is_workflow_name(const char *path);
/* Every *.weft below a directory, and every job.cfg when `cfg`; hidden directories are left out.  Sorted.
 * false after a message: unreadable, or more than 100,000. */
bool find_workflows(struct files *f, const char *dir, bool cfg);
/* The operands, directories replaced by what is in them; none: this directory's workflow.  false after a message. */
bool files_of(struct files *f, const struct opts *o, bool cfg);
void files_add(struct files *f, const char *path);
void files_free(struct files *f);
/* The only workflow of this directory: a *.weft, else job.cfg; to be freed.  NULL when there is none or when
 * *n, the number of *.weft files, is above 1. */
char *find_only(uint32_t *n);
/* The same; NULL after a message. */
char *only_workflow(const struct opts *o);
/* Run a command on its one operand, or on the only workflow here; its exit code. */
int with_workflow(const struct opts *o, int (*run)(const struct opts *o, const char *path));

#endif
