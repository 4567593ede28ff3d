/* cause.c - names of run-time causes, and which of them a task retries on. */
#include "runtime/cause.h"

#include "job/job.h"
#include "runtime/progress.h"

#include <string.h>

enum { FIRST_MS = 1000, MOST_MS = 30000 };

static const struct {
	const char *code;
	enum cause retry;
	const char *text;
} causes[R_COUNT] = {
#define RCAUSE(id, code, retry, text) { code, retry, text },
#include "runtime/causes.def"
#undef RCAUSE
};

const char *cause_code(enum run_cause c)
{
	return causes[c].code;
}

const char *cause_text(enum run_cause c)
{
	return causes[c].text;
}

void cause_say(struct buf *b, enum run_cause c, int status)
{
	buf_adds(b, causes[c].text);
	if (c == R_EXIT)
		buf_addf(b, " %d", status);
	if (c == R_SIGNAL && sigabbrev_np(status))
		buf_addf(b, " %d (SIG%s)", status, sigabbrev_np(status));
	else if (c == R_SIGNAL)
		buf_addf(b, " %d", status);
}

void cause_say_memory(struct buf *b, int64_t limit, int64_t peak)
{
	if (limit <= 0)
		return;
	buf_adds(b, " (limit ");
	text_bytes(b, limit);
	if (peak >= 0) {
		buf_adds(b, ", peak ");
		text_bytes(b, peak);
	}
	buf_addc(b, ')');
}

/* A lack of processes, memory or disk may be over in a moment; a command that failed fails again at once or never. */
static bool passes(enum run_cause c)
{
	return c == R_SPAWN || c == R_COLLECT;
}

int64_t cause_backoff(const struct jtask *t, enum run_cause c, int attempt)
{
	const struct jval *v = task_set(t, SET_BACKOFF);
	int64_t ms = v ? v->i : passes(c) ? FIRST_MS : 0, most = ms > MOST_MS ? ms : MOST_MS;

	while (ms > 0 && ms < most && --attempt > 0)
		ms *= 2;
	return ms < 0 ? 0 : ms < most ? ms : most;
}

bool cause_retried(const struct jtask *t, enum run_cause c, int status)
{
	if (c == R_DONE || c == R_CANCEL)
		return false;
	for (uint32_t i = 0; i < t->ncause; i++) {
		const struct jcause *jc = &t->cause[i];

		if (jc->cause != CAUSE_ANY && jc->cause != causes[c].retry)
			continue;
		if (jc->cause == CAUSE_ANY || jc->arg < 0 || jc->arg == status)
			return true;
	}
	return t->ncause == 0;
}
