/* session.h - the journal's mark that a process begins to write: its boot, its version. */
#ifndef WEFT_RUNTIME_SESSION_H
#define WEFT_RUNTIME_SESSION_H

#include "runtime/journal.h"

/* Before every record; the first of this process says who writes. */
void session_begin(struct journal *j);

#endif
