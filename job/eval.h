/* eval.h - what the files of the evaluator share; job.h has what others use. */
#ifndef WEFT_JOB_EVAL_H
#define WEFT_JOB_EVAL_H

#include "base/intl.h"
#include "job/job.h"

/* What one evaluation may cost: nested steps (paths may depend on paths of other tasks), steps in all, bytes of a
 * text, items of a list.  More is an error with a reason, never a crash or a hang. */
enum { EVAL_DEPTH = 4000, EVAL_STEPS = 1 << 26, EVAL_TEXT = 1 << 24, EVAL_ITEMS = 1 << 22 };

/* Say in the user's language what is wrong with the value; false. */
#define FAIL(c, ...) ((c)->error = fail_text((c)->arena, __VA_ARGS__), false)

/* How many values a dimension has, in the context of its task; those of a port are asked for. False with an error. */
bool dim_count(struct jctx *c, const struct jdim *d, int64_t *n);

/* jx_eval without resetting the counters. */
bool eval(struct jctx *c, jxid x, struct jvalue *out);
const char *fail_text(struct arena *a, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
bool eval_bin(struct jctx *c, const struct jx *x, struct jvalue *out);  /* evalop.c */
bool eval_un(struct jctx *c, const struct jx *x, struct jvalue *out);
bool eval_call(struct jctx *c, const struct jx *x, struct jvalue *out); /* evalfn.c */
bool eval_ref(struct jctx *c, const struct jx *x, struct jvalue *out);  /* evalref.c */
bool eval_port(struct jctx *c, uint32_t port, bool output, struct jvalue *out);
bool eval_var(struct jctx *c, uint32_t dim, bool column, uint32_t col, struct jvalue *out); /* instance.c */
/* Instance number of a selector's value in another task; false with an error. */
bool eval_select(struct jctx *c, uint32_t task, const struct jvalue *sel, int64_t *instance);

const struct jtask *eval_task(struct jctx *c); /* NULL outside a task, with an error */
struct jvalue value_str(const char *p, size_t n, uint8_t type);
struct jvalue value_int(int64_t i, uint8_t type);
bool value_is_text(const struct jvalue *v); /* string, file, dir, url */
const char *value_type(const struct jvalue *v); /* "an int", "a string"... for messages */
/* Compare numbers, texts, or two values of one type; false when they cannot be compared. */
bool value_order(const struct jvalue *l, const struct jvalue *r, int *d);
/* The context in which a port's path of this task and instance is evaluated: no sandbox names. */
struct jctx eval_inside(const struct jctx *c, uint32_t task, int64_t instance, int64_t index);

#endif
