/* session.c - see session.h. */
#include "runtime/session.h"

#include <time.h>
#include <unistd.h>

#include "base/version.h"
#include "runtime/action.h"

void session_begin(struct journal *j)
{
	struct rec_session r = { .time_ms = (int64_t)time(NULL) * 1000, .policy = ACTION_POLICY, .pid = (uint32_t)getpid(),
		.version = WEFT_VERSION };
	struct buf b;

	if (journal_touched(j))
		return;
	buf_init(&b, 1 << 16);
	rec_boot_id(r.boot);
	rec_write_session(&b, &r);
	journal_append(j, RK_SESSION, b.p, b.len);
	buf_free(&b);
}
