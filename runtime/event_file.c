/* event_file.c - see event_file.h.  A reader that is slow or dead costs events, which are counted, and never time. */
#include "runtime/event_file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "runtime/outlet.h"

enum {
	HELD = 4 << 20,   /* bytes for a reader that is behind */
	LINE = 1 << 20,   /* of one event */
	DRAIN_MS = 2000,  /* at the end */
	READER_MS = 200,  /* between two looks whether a FIFO has a reader */
};

struct event_file {
	struct event_sink sink; /* first */
	struct outlet *out;
	char *to;
	int fd;               /* ours, -1: not, or not yet */
	bool fifo;            /* waits for its reader */
	int64_t next;         /* clock_ms of the next look for it */
	uint64_t told, lost;
	struct buf line;
};

static void take(struct event_sink *s, const struct job_event *ev)
{
	struct event_file *f = (struct event_file *)s;

	buf_reset(&f->line);
	event_message(ev, true, &f->line);
	f->told++;
	if (f->line.over || !buf_addc(&f->line, '\n') || !outlet_put(f->out, f->line.p, f->line.len))
		f->lost++;
	f->line.over = false;
}

static void find_reader(struct event_file *f)
{
	if (!f->fifo || clock_ms() < f->next)
		return;
	f->fd = open(f->to, O_WRONLY | O_NONBLOCK | O_CLOEXEC);
	f->fifo = f->fd < 0;
	f->next = clock_ms() + READER_MS;
	outlet_set(f->out, f->fd);
}

static int watch(struct event_sink *s, struct loop *l)
{
	struct event_file *f = (struct event_file *)s;

	outlet_watch(f->out, l);
	return f->fifo ? READER_MS : -1;
}

static void turn(struct event_sink *s, const struct loop *l)
{
	struct event_file *f = (struct event_file *)s;

	(void)l;
	find_reader(f);
	outlet_turn(f->out);
}

/* ---- the end ---- */

static uint64_t lines(const char *p, size_t n)
{
	uint64_t k = 0;

	for (const char *nl; n && (nl = memchr(p, '\n', n)); n -= (size_t)(nl + 1 - p), p = nl + 1)
		k++;
	return k;
}

static bool tell_lost(struct event_file *f, struct diags *d)
{
	size_t n;
	const char *rest = outlet_rest(f->out, &n);
	int e = outlet_error(f->out);

	f->lost += n ? lines(rest, n) : 0;
	if (!f->lost)
		return true;
	if (e && e != EPIPE && e != ECONNRESET)
		return diag_error(d, E1050, NOSPAN, "cannot write events to `%s`: %s", f->to, strerror(e));
	diag_error(d, W1051, NOSPAN, "%llu of %llu events did not reach `%s`: %s", (unsigned long long)f->lost,
		(unsigned long long)f->told, f->to, f->fifo ? _("nobody reads it") : e ? strerror(e) : _("its reader is too slow"));
	return true;
}

static bool finish(struct event_sink *s, struct diags *d)
{
	struct event_file *f = (struct event_file *)s;
	bool ok;

	f->next = 0;
	find_reader(f);
	outlet_drain(f->out, DRAIN_MS, NULL);
	ok = tell_lost(f, d);
	outlet_free(f->out);
	if (f->fd >= 0)
		close(f->fd);
	buf_free(&f->line);
	free(f->to);
	free(f);
	return ok;
}

/* ---- opening ---- */

/* A copy of a descriptor that was given to us; -1 and EBADF. */
static int copy_number(const char *s)
{
	char *end;
	long n;

	errno = 0;
	n = strtol(s, &end, 10);
	if (!errno && end != s && !*end && n >= 0 && n < INT_MAX)
		return fcntl((int)n, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
	errno = EBADF;
	return -1;
}

/* Is it a FIFO that nobody reads yet? */
static bool lonely(const char *path)
{
	struct stat st;

	return errno == ENXIO && stat(path, &st) == 0 && S_ISFIFO(st.st_mode);
}

/* -1 and errno, or (a FIFO without a reader) -1 and *fifo. */
static int open_path(const char *path, bool *fifo)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_NONBLOCK | O_NOCTTY | O_CLOEXEC, 0666);

	*fifo = fd < 0 && lonely(path);
	return fd;
}

static int open_to(const char *to, bool *fifo)
{
	if (!strcmp(to, "-"))
		return copy_number("1");
	return strncmp(to, "fd:", 3) ? open_path(to, fifo) : copy_number(to + 3);
}

struct event_sink *event_file(const char *to, struct diags *d)
{
	struct event_file *f;
	bool fifo = false;
	int fd = open_to(to, &fifo);

	if (fd < 0 && !fifo) {
		diag_error(d, E1050, NOSPAN, "cannot write events to `%s`: %s", to,
			errno == EBADF ? _("no such descriptor is open") : strerror(errno));
		return NULL;
	}
	f = xcalloc(1, sizeof(*f));
	f->sink = (struct event_sink){ .wants = EVENT_ALL, .tell = take, .watch = watch, .turn = turn, .close = finish };
	f->to = xstrdup(to);
	f->fd = fd;
	f->fifo = fifo;
	f->out = outlet_new(fd, HELD);
	buf_init(&f->line, LINE);
	return &f->sink;
}
