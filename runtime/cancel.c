/* cancel.c - see cancel.h.
 *
 *   RUNDIR/cancel-HEX   "weft-cancel 1" NUL, then each target NUL
 *   RUNDIR/answer-HEX   "+ RUNNING WAITING", or "- " and why not */
#include "runtime/cancel.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "runtime/remote.h"

#define REQUEST "cancel-"
#define ANSWER "answer-"
#define HEAD "weft-cancel 1"

enum { REQUEST_MAX = 8 << 20 /* more than a command line holds */, ANSWER_MAX = 1 << 20 };

const char *cancel_ask(struct arena *a, const char *rundir, const char *const *target, uint32_t n)
{
	struct timespec t;
	const char *file;
	struct buf b;
	bool ok;

	clock_gettime(CLOCK_REALTIME, &t);
	file = arena_printf(a, REQUEST "%llx%08lx-%lx", (unsigned long long)t.tv_sec, (unsigned long)t.tv_nsec, (unsigned long)getpid());
	buf_init(&b, REQUEST_MAX);
	buf_add(&b, HEAD, sizeof(HEAD));
	for (uint32_t i = 0; i < n; i++)
		buf_add(&b, target[i], strlen(target[i]) + 1);
	errno = EFBIG;
	ok = !b.over && remote_write(rundir, file, b.p, b.len);
	buf_free(&b);
	return ok ? file : NULL;
}

static const char *answer_to(struct arena *a, const char *request)
{
	return arena_printf(a, ANSWER "%s", request + strlen(REQUEST));
}

static void take_away(const char *rundir, const char *file)
{
	struct arena *a = arena_new();

	unlink(arena_printf(a, "%s/%s", rundir, file));
	arena_free(a);
}

bool cancel_answered(struct arena *a, const char *rundir, const char *request, struct cancel_answer *out)
{
	const char *file = answer_to(a, request);
	size_t n;
	char *p = remote_read(a, rundir, file, ANSWER_MAX, &n);

	*out = (struct cancel_answer){ .why = p && n > 2 ? p + 2 : "" };
	if (!p)
		return false;
	out->done = sscanf(p, "+ %llu %llu", &out->running, &out->waiting) == 2;
	take_away(rundir, file);
	return true;
}

void cancel_withdraw(const char *rundir, const char *request)
{
	take_away(rundir, request);
}

/* ---- the driver's side ---- */

static void answer(struct arena *a, const char *rundir, const char *request, const struct cancel_answer *w)
{
	const char *text = w->done ? arena_printf(a, "+ %llu %llu", w->running, w->waiting) :
		arena_printf(a, "- %s", w->why ? w->why : "");

	if (!remote_write(rundir, answer_to(a, request), text, strlen(text)))
		errno = 0; /* who asked sees what becomes of the run */
}

static void take_one(struct arena *a, const char *rundir, const char *file, cancel_fn *fn, void *ctx)
{
	struct cancel_answer w = { .why = "the request cannot be read" };
	const char **target = NULL;
	uint32_t k = 0, cap = 0;
	size_t n;
	char *p = remote_read(a, rundir, file, REQUEST_MAX, &n);

	take_away(rundir, file);
	if (p && n >= sizeof(HEAD) && !memcmp(p, HEAD, sizeof(HEAD)) && !p[n - 1]) {
		for (size_t at = sizeof(HEAD); at < n; at += strlen(p + at) + 1) {
			target = grow(target, &cap, k + 1, sizeof(*target));
			target[k++] = p + at;
		}
		fn(ctx, target, k, &w);
		free(target);
	}
	answer(a, rundir, file, &w);
}

void cancel_take(const char *rundir, cancel_fn *fn, void *ctx)
{
	DIR *d = opendir(rundir);
	struct dirent *e;

	while (d && (e = readdir(d))) {
		struct arena *a;

		if (strncmp(e->d_name, REQUEST, strlen(REQUEST)) != 0)
			continue;
		a = arena_new();
		take_one(a, rundir, e->d_name, fn, ctx);
		arena_free(a);
	}
	if (d)
		closedir(d);
}
