/* event_impl.h - struct events, for event.c and event_message.c only. */
#ifndef WEFT_RUNTIME_EVENT_IMPL_H
#define WEFT_RUNTIME_EVENT_IMPL_H

#include "runtime/driver.h"
#include "runtime/event.h"
#include "runtime/underway.h"

struct running { /* an instance that runs */
	struct underway_key key;
	int64_t begun_us;        /* Unix time */
	char engine_id[40];      /* the engine's own name of it, "" */
};
struct events {
	struct run *r;
	struct event_sink *sink;
	uint32_t wants;          /* what any sink does */
	uint64_t seq;
	int64_t created, started; /* of the job, Unix us; 0: not yet */
	int64_t *task_start;     /* [ntask] Unix us, 0: not yet */
	uint8_t *told_end;       /* [ntask] its end was told */
	struct underway running; /* of struct running */
};

#endif
