/* refs.c - the outputs of other tasks that an expression names. */
#include "job/job.h"

bool jx_refs(const struct job *j, jxid x, jx_ref_fn *fn, void *ctx)
{
	const struct jx *e = &j->x[x];

	for (; x; x = e->next) {
		e = &j->x[x];
		switch ((enum jop)e->op) { /* depth is limited where expressions are made */
		case JX_REF:
			if (!fn(ctx, x))
				return false;
			break;
		case JX_LIST: case JX_CAT: case JX_CALL: case JX_UN: case JX_RAW:
			if (!jx_refs(j, e->a, fn, ctx))
				return false;
			break;
		case JX_COND:
			if (!jx_refs(j, e->c, fn, ctx))
				return false;
			/* fall through */
		case JX_BIN: case JX_ELEM:
			if (!jx_refs(j, e->a, fn, ctx) || !jx_refs(j, e->b, fn, ctx))
				return false;
			break;
		case JX_NONE: case JX_STR: case JX_INT: case JX_NUM: case JX_BOOL: case JX_SIZE: case JX_DUR: case JX_VAR:
		case JX_COL: case JX_INDEX: case JX_INSTANCE: case JX_ATTEMPT: case JX_IN: case JX_OUT: case JX_CPU: case JX_MEM:
		case JX_TIME: case JX_ALL: case JX_SECRET: break;
		}
	}
	return true;
}
