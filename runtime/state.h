/* state.h - what a run leaves behind about itself: the one place that records begins and ends of attempts.
 *
 * Kept this small on purpose: now it writes run.json and events.jsonl into the run's directory, for people and
 * scripts; nothing reads them back.  The journal will take its place behind the same five functions. */
#ifndef WEFT_RUNTIME_STATE_H
#define WEFT_RUNTIME_STATE_H

#include "runtime/engine.h"
#include "runtime/run.h"

struct state;

/* All of them take NULL for S: nothing is recorded. */
/* RUNDIR exists.  NULL after a diagnostic. */
struct state *state_open(const struct job *j, const struct run_options *o, const char *rundir, struct diags *d);
/* About to submit: recorded before the engine is asked. */
void state_begin(struct state *s, struct attempt_id id);
/* An attempt ended; `final`: it will not be tried again. */
void state_end(struct state *s, const struct event *ev, bool final);
/* Bring what was recorded to the file; once a turn.  false after a diagnostic (once): the run must stop. */
bool state_flush(struct state *s);
/* The end of the run.  false after a diagnostic: the record is not complete. */
bool state_close(struct state *s, const struct run_result *res, int exit_code);

#endif
