/* cause.h - run-time causes (R1xx), from causes.def. */
#ifndef WEFT_RUNTIME_CAUSE_H
#define WEFT_RUNTIME_CAUSE_H

#include <stdbool.h>
#include <stdint.h>
#include <unistd.h>
#undef R_OK /* a mode of access(); R_DONE is what an attempt that went well ended with */

enum run_cause {
#define RCAUSE(id, code, retry, text) id,
#include "runtime/causes.def"
#undef RCAUSE
	R_COUNT
};
struct jtask;
struct buf;

/* "R103" and "out of memory"; "" for R_DONE. */
const char *cause_code(enum run_cause c);
const char *cause_text(enum run_cause c);
/* The cause with its number: "exit status 3", "killed by signal 11 (SEGV)", "time limit". */
void cause_say(struct buf *b, enum run_cause c, int status);
/* " (limit 32 GB, peak 31.9 GB)" when there was a limit, bytes; peak -1: unknown. */
void cause_say_memory(struct buf *b, int64_t limit, int64_t peak);
/* How long to wait before the attempt after this one, in ms: the task's `backoff`, doubled with every attempt; without one
 * only causes that may go by themselves wait, a second at first. */
int64_t cause_backoff(const struct jtask *t, enum run_cause c, int attempt);
/* Does the task's `retry ... on` list name this end of an attempt?  Without a list everything but a cancel counts. */
bool cause_retried(const struct jtask *t, enum run_cause c, int status);

#endif
