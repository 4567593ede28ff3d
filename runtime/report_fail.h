/* report_fail.h - what failed, grouped, and the screen that says so. */
#ifndef WEFT_RUNTIME_REPORT_FAIL_H
#define WEFT_RUNTIME_REPORT_FAIL_H

#include "runtime/driver.h"

#include <stdio.h>

struct failures *failures_new(void);
void failures_free(struct failures *f);
/* A final failure: kept in full for the first of its kind (task, cause, status), as a number for the others. */
void failures_add(struct run *r, const struct event *ev);
/* The blocks of all kinds, and nothing when nothing failed. */
void failures_print(struct run *r, FILE *o);
/* "Next:" lines after the blocks. */
void failures_next(struct run *r, FILE *o);

#endif
