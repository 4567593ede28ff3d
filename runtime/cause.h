/* cause.h - run-time causes (R1xx), from causes.def. */
#ifndef WEFT_RUNTIME_CAUSE_H
#define WEFT_RUNTIME_CAUSE_H

enum run_cause {
#define RCAUSE(id, code, retry, text) id,
#include "runtime/causes.def"
#undef RCAUSE
	R_COUNT
};
const char *cause_code(enum run_cause c); /* "R103" */
const char *cause_text(enum run_cause c);

#endif
