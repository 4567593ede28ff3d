/* notify_files.c - what runs have left in .weft/notify: listed, sent, forgotten; see notify.h. */
#include "runtime/notify.h"

#include "runtime/driver.h"

#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Numbers of runs: the shorter is the smaller. */
static int by_number(const void *a, const void *b)
{
	const char *x = *(char *const *)a, *y = *(char *const *)b;
	size_t n = strlen(x), m = strlen(y);

	return n != m ? (n < m ? -1 : 1) : strcmp(x, y);
}

char **notify_files(const char *base, uint32_t *n)
{
	struct arena *a = arena_new();
	const char *path = arena_printf(a, "%s/notify", base);
	DIR *dir = opendir(path);
	struct dirent *e;
	char **v = NULL;
	uint32_t cap = 0;

	*n = 0;
	while (dir && (e = readdir(dir)))
		if (*e->d_name != '.') {
			v = grow(v, &cap, *n + 1, sizeof(*v));
			v[(*n)++] = xstrdup(arena_printf(a, "%s/%s", path, e->d_name));
		}
	if (dir)
		closedir(dir);
	if (*n)
		qsort(v, *n, sizeof(*v), by_number);
	arena_free(a);
	return v;
}

static void each(const char *base, bool write, notify_fn *fn, void *ctx)
{
	uint32_t n;
	char **file = notify_files(base, &n);

	for (uint32_t i = 0; i < n; i++) {
		struct parcel *p = parcel_open(file[i], write);

		if (p)
			fn(ctx, p);
		parcel_close(p);
		free(file[i]);
	}
	free(file);
}

int notify_each(const char *base, bool write, notify_fn *fn, void *ctx, struct diags *d)
{
	struct job j = { 0 };
	struct run r = { .job = &j, .d = d, .arena = arena_new(), .lock = -1 };
	int rc;

	j.dir = arena_strndup(r.arena, base, strlen(base) - strlen(".weft"));
	rc = write ? run_dir_lock(&r) : 0;
	if (!rc)
		each(base, write, fn, ctx);
	if (write && !rc)
		rmdir(arena_printf(r.arena, "%s/notify", base)); /* goes when nothing is left in it */
	if (r.lock >= 0)
		close(r.lock);
	arena_free(r.arena);
	return rc;
}

bool notify_flush(struct parcel *p, const struct site *site)
{
	struct loop l;

	if (!spool_left(p->spool) || !parcel_send(p, site, true) || !loop_open(&l))
		return !spool_left(p->spool);
	for (int64_t end = clock_ms() + p->topic.wait_ms; !parcel_idle(p) && clock_ms() < end && !l.signals;) {
		int due;

		l.nfds = 1;
		due = outbox_watch(p->outbox, &l);
		loop_wait(&l, due < 0 || due > 1000 ? 1000 : due);
		outbox_turn(p->outbox, &l);
	}
	loop_close(&l);
	return !spool_left(p->spool);
}

void notify_drop(struct parcel *p)
{
	struct spool_message m;

	while (spool_next(p->spool, true, &m))
		spool_mark(p->spool, &m, '+');
}
