/* outlet.c - see outlet.h. */
#include "runtime/outlet.h"

#include "base/arena.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
	FILE_AT = 1 << 16, /* a file is written in pieces of this, and once a turn */
	HURRY_MS = 500,    /* for the reader, once a signal has asked for the end */
	TIMID = 256,       /* bytes a write where waiting cannot be forbidden, only made unlikely */
};

enum outlet_way {
	OW_NONE,
	OW_FILE,  /* never waits */
	OW_OWN,   /* opened again by us, without waiting: others who share the descriptor see nothing of that */
	OW_SOCK,
	OW_TIMID, /* asked before each small write */
};

struct outlet {
	int fd;
	uint8_t way; /* enum outlet_way */
	int error;
	char *p;     /* [cap] bytes from `from` on are held */
	size_t from, len, cap, max;
};

void outlet_set(struct outlet *o, int fd)
{
	struct stat st;
	char path[64];
	int own;

	o->fd = fd;
	if (fd < 0)
		return;
	if (fstat(fd, &st)) {
		o->error = errno;
		return;
	}
	o->way = S_ISREG(st.st_mode) ? OW_FILE : S_ISSOCK(st.st_mode) ? OW_SOCK : OW_TIMID;
	if (o->way != OW_TIMID)
		return;
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	own = open(path, O_WRONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	if (own < 0)
		return;
	o->fd = own;
	o->way = OW_OWN;
}

struct outlet *outlet_new(int fd, size_t max)
{
	struct outlet *o = xcalloc(1, sizeof(*o));

	o->max = max;
	outlet_set(o, fd);
	return o;
}

void outlet_free(struct outlet *o)
{
	if (o->way == OW_OWN)
		close(o->fd);
	free(o->p);
	free(o);
}

/* ---- writing ---- */

static ssize_t write_some(const struct outlet *o, const char *p, size_t n)
{
	struct pollfd pf = { .fd = o->fd, .events = POLLOUT };

	if (o->way == OW_SOCK)
		return send(o->fd, p, n, MSG_DONTWAIT | MSG_NOSIGNAL);
	if (o->way == OW_TIMID) {
		errno = EAGAIN;
		if (poll(&pf, 1, 0) <= 0)
			return -1;
		n = n < TIMID ? n : TIMID;
	}
	return write(o->fd, p, n);
}

void outlet_turn(struct outlet *o)
{
	while (o->len && o->way != OW_NONE && !o->error) {
		ssize_t k = write_some(o, o->p + o->from, o->len);

		if (k < 0 && errno == EINTR)
			continue;
		if (k < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
			return;
		if (k <= 0) {
			o->error = k ? errno : EIO;
			return;
		}
		o->from += (size_t)k;
		o->len -= (size_t)k;
	}
	if (!o->len)
		o->from = 0;
}

static void make_room(struct outlet *o, size_t n)
{
	if (o->from && o->from + o->len + n > o->cap) {
		memmove(o->p, o->p + o->from, o->len);
		o->from = 0;
	}
	while (o->len + n > o->cap)
		o->cap = o->cap ? o->cap * 2 : 4096;
	o->p = xrealloc(o->p, o->cap, 1);
}

bool outlet_put(struct outlet *o, const char *p, size_t n)
{
	if (o->error)
		return false;
	if (o->way != OW_FILE && o->len && (n > o->max || o->len > o->max - n)) {
		outlet_turn(o);
		if (o->error || (o->len && (n > o->max || o->len > o->max - n)))
			return false;
	}
	make_room(o, n);
	memcpy(o->p + o->from + o->len, p, n);
	o->len += n;
	if (o->way == OW_FILE && o->len >= FILE_AT)
		outlet_turn(o);
	return true;
}

void outlet_watch(struct outlet *o, struct loop *l)
{
	if (o->len && o->way != OW_NONE && !o->error)
		loop_watch(l, o->fd, POLLOUT);
}

bool outlet_drain(struct outlet *o, int ms, struct loop *l)
{
	int64_t end;

	if (l && (l->signal || l->hurry) && (ms < 0 || ms > HURRY_MS))
		ms = HURRY_MS;
	end = clock_ms() + ms;
	for (;;) {
		struct pollfd pf[2] = { { .fd = o->fd, .events = POLLOUT }, { .fd = l ? l->sigfd : -1, .events = POLLIN } };
		int64_t left = end - clock_ms();

		outlet_turn(o);
		if (!o->len || o->error || o->way == OW_NONE || (ms >= 0 && left <= 0))
			return !o->len;
		if (poll(pf, 2, ms < 0 ? -1 : (int)left) > 0 && (pf[1].revents & POLLIN) && loop_asked(l))
			return false;
	}
}

const char *outlet_rest(const struct outlet *o, size_t *n)
{
	*n = o->len;
	return o->p + o->from;
}

void outlet_drop(struct outlet *o)
{
	o->len = o->from = 0;
}

int outlet_error(const struct outlet *o)
{
	return o->error;
}
