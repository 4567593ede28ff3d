/* event_impl.h - struct events, for event.c and event_message.c only. */
#ifndef WEFT_RUNTIME_EVENT_IMPL_H
#define WEFT_RUNTIME_EVENT_IMPL_H

#include "runtime/driver.h"
#include "runtime/event.h"
#include "runtime/pending.h"

struct events {
	struct run *r;
	struct event_sink *sink;
	uint32_t wants;          /* what any sink does */
	uint64_t seq;
	int64_t created, started; /* of the job, Unix us; 0: not yet */
	int64_t *task_start;     /* [ntask] Unix us, 0: not yet */
	uint8_t *told_end;       /* [ntask] its end was told */
	struct pendings running; /* instances, for the time they began */
};

#endif
