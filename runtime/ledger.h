/* ledger.h - what a run writes into the journal: intents, ends, successes with all that is compared next time. */
#ifndef WEFT_RUNTIME_LEDGER_H
#define WEFT_RUNTIME_LEDGER_H

#include "runtime/engine.h"
#include "runtime/plan.h"

struct ledger;

/* The plan's journal was opened for writing.  Nothing is written yet.  DRY: nor ever will be; all of it succeeds. */
struct ledger *ledger_new(struct plan *p, bool dry);
void ledger_free(struct ledger *l);
/* The run begins; its number. */
void ledger_run(struct ledger *l, uint32_t run, const char *command);
/* What the run is made of, behind its begin. */
void ledger_param(struct ledger *l, const struct rec_param *p);
void ledger_task(struct ledger *l, const struct rec_task *t);
/* About to submit; ACT is what the instance does, worked out now: kept until its end. */
void ledger_begin(struct ledger *l, struct attempt_id id, const struct action *act);
/* The engine has taken it, and knows it by this id: "slurm 4711_3". */
void ledger_submitted(struct ledger *l, struct attempt_id id, const char *engine_id);
/* An attempt ended without success. */
void ledger_end(struct ledger *l, const struct event *ev, bool final);
/* Success: outputs are in place.  Adds what an input that changed meanwhile is called, in the arena, or NULL. */
const char *ledger_done(struct ledger *l, const struct event *ev, struct arena *a);
/* --touch: the outputs that are there count as made by the action as it is.  false: *missing. */
bool ledger_adopt(struct ledger *l, uint32_t task, uint32_t inst, const char **missing, struct arena *a);
/* Bring it to the file, once a turn; to the disk now and then.  false with errno. */
bool ledger_flush(struct ledger *l);
/* The end of a run, and to the disk. */
bool ledger_run_end(struct ledger *l, const struct run_result *res, int exit_code);

#endif
