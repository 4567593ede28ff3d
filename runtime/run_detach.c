/* run_detach.c - weft run --detach: the driver leaves its terminal once the run has a directory.
 *
 * Who has started it reads what comes through the descriptor: "log" NUL path NUL, then "run" NUL number NUL.  Before the
 * first the driver speaks for itself; when it ends between the two, the log says why. */
#include "runtime/driver.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/io.h"
#include "runtime/ledger.h"

static void tell(const struct run *r, const char *word, const char *value)
{
	struct buf b;

	buf_init(&b, 1 << 16);
	buf_add(&b, word, strlen(word) + 1);
	buf_add(&b, value, strlen(value) + 1);
	write_all(r->opt->detach, b.p, b.len); /* when nobody listens any more the run goes on all the same */
	buf_free(&b);
}

bool detach_leave(struct run *r)
{
	const char *path;
	int log, null;

	if (!r->opt->detach)
		return true;
	path = arena_printf(r->arena, "%s/driver.log", r->dir);
	log = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
	null = open("/dev/null", O_RDONLY | O_CLOEXEC);
	if (log < 0 || null < 0)
		return diag_error(r->d, E1005, NOSPAN, "cannot write `%s`: %s", run_shown(r, path), strerror(errno));
	tell(r, "log", run_shown(r, path));
	fflush(r->opt->out);
	fflush(r->opt->err);
	setsid();
	dup2(null, STDIN_FILENO);
	dup2(log, STDOUT_FILENO);
	dup2(log, STDERR_FILENO);
	close(null);
	close(log);
	return true;
}

void detach_ready(struct run *r)
{
	if (!r->opt->detach || r->engine->forecast || !ledger_flush(r->ledger)) /* whoever attaches now must find it */
		return;
	tell(r, "run", arena_printf(r->arena, "%u", r->number));
	close(r->opt->detach);
}
