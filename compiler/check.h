/* check.h - the checks of a job: every line of checks.def is a function here. */
#ifndef WEFT_COMPILER_CHECK_H
#define WEFT_COMPILER_CHECK_H

#include "compiler/session.h"

#define CHECK(fn, topic) void fn(struct session *s);
#include "compiler/checks.def"
#undef CHECK

#endif
