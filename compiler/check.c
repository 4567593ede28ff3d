/* check.c - run every check of checks.def over the job. */
#include "compiler/check.h"

void checks_run(struct session *s)
{
#define CHECK(fn, topic) fn(s);
#include "compiler/checks.def"
#undef CHECK
}
