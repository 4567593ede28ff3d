/* session.h - the journal's mark that a process begins to write: its boot, its version. */
#ifndef WEFT_RUNTIME_SESSION_H
#define WEFT_RUNTIME_SESSION_H

#include "runtime/journal.h"

/* Before the first record of this process; UNTOUCHED is journal_size before it wrote anything. */
void session_begin(struct journal *j, uint64_t untouched);

#endif
