/* plan_show.h - a plan as text and as JSON, and the chain of causes of one instance. */
#ifndef WEFT_RUNTIME_PLAN_SHOW_H
#define WEFT_RUNTIME_PLAN_SHOW_H

#include "runtime/plan.h"

/* "command changed  wc -> wc -l  log-count.weft:24" */
void plan_cause(struct plan *p, uint32_t task, uint32_t inst, const struct decision *d, struct buf *b);
void plan_print(struct plan *p, FILE *f);
/* weft.plan/1 */
void plan_json(struct plan *p, FILE *f);
/* One instance with its cause, an object. */
struct jw;
void plan_json_decision(struct plan *p, struct jw *w, uint32_t task, uint32_t inst);
/* The target, and below it what makes it run, down to first causes. */
void why_print(struct plan *p, struct target t, FILE *f);
/* weft.why/1 */
void why_json(struct plan *p, struct target t, FILE *f);

#endif
