/* event_file.h - events as JSON lines into a file, a FIFO or a descriptor (--events). */
#ifndef WEFT_RUNTIME_EVENT_FILE_H
#define WEFT_RUNTIME_EVENT_FILE_H

#include "runtime/event.h"

/* TO: "-" (standard output), "fd:N", or a path; a file that is there is written anew.  NULL after a diagnostic. */
struct event_sink *event_file(const char *to, struct diags *d);

#endif
