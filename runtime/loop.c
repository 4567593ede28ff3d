/* loop.c - poll, signalfd and a heap of timers. */
#include "runtime/loop.h"

#include "base/arena.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <time.h>
#include <unistd.h>

static int64_t fake = -1; /* the time that it is said to be */

void clock_fake(int64_t ms)
{
	fake = ms;
}

int64_t clock_ms(void)
{
	struct timespec ts;

	if (fake >= 0)
		return fake;
	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

int64_t clock_unix_us(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_REALTIME, &ts);
	return (int64_t)ts.tv_sec * 1000000 + ts.tv_nsec / 1000;
}

/* A hang-up that was ignored when we were started (nohup) stays so. */
static void add_unless_ignored(sigset_t *set, int sig)
{
	struct sigaction sa;

	if (sigaction(sig, NULL, &sa) || sa.sa_handler != SIG_IGN)
		sigaddset(set, sig);
}

bool loop_open(struct loop *l)
{
	sigset_t set;

	memset(l, 0, sizeof(*l));
	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	add_unless_ignored(&set, SIGHUP);
	sigaddset(&set, SIGWINCH);
	sigaddset(&set, SIGPIPE); /* a write to a closed pipe then says EPIPE */
	l->sigfd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	if (l->sigfd < 0)
		return false;
	sigprocmask(SIG_BLOCK, &set, &l->old);
	l->fds = grow(NULL, &l->fdcap, 16, sizeof(*l->fds));
	l->nfds = 1;
	return true;
}

void loop_close(struct loop *l)
{
	struct timespec none = { 0, 0 };
	sigset_t pipe;

	sigemptyset(&pipe);
	sigaddset(&pipe, SIGPIPE);
	while (sigtimedwait(&pipe, NULL, &none) > 0) /* else it would end us when let through */
		;
	close(l->sigfd);
	sigprocmask(SIG_SETMASK, &l->old, NULL);
	free(l->heap);
	free(l->place);
	free(l->fds);
}

/* ---- timers: a binary heap that knows where each id stands ---- */

static void put(struct loop *l, uint32_t i, struct timer t)
{
	l->heap[i] = t;
	l->place[t.id] = i + 1;
}

static void sift(struct loop *l, uint32_t i, struct timer t)
{
	for (; i && t.at < l->heap[(i - 1) / 2].at; i = (i - 1) / 2)
		put(l, i, l->heap[(i - 1) / 2]);
	for (;;) {
		uint32_t c = 2 * i + 1;

		if (c + 1 < l->ntimer && l->heap[c + 1].at < l->heap[c].at)
			c++;
		if (c >= l->ntimer || l->heap[c].at >= t.at)
			break;
		put(l, i, l->heap[c]);
		i = c;
	}
	put(l, i, t);
}

static void drop(struct loop *l, uint32_t i)
{
	struct timer last = l->heap[--l->ntimer];

	l->place[l->heap[i].id] = 0;
	if (i < l->ntimer)
		sift(l, i, last);
}

void loop_timer(struct loop *l, uint32_t id, int64_t at)
{
	uint32_t had = l->placecap;

	if (id >= had) {
		l->place = grow(l->place, &l->placecap, id + 1, sizeof(*l->place));
		memset(l->place + had, 0, (l->placecap - had) * sizeof(*l->place));
	}
	if (l->place[id])
		drop(l, l->place[id] - 1);
	if (at < 0)
		return;
	l->heap = grow(l->heap, &l->timercap, l->ntimer + 1, sizeof(*l->heap));
	l->ntimer++;
	sift(l, l->ntimer - 1, (struct timer){ at, id });
}

bool loop_due(struct loop *l, int64_t now, uint32_t *id)
{
	if (!l->ntimer || l->heap[0].at > now)
		return false;
	*id = l->heap[0].id;
	drop(l, 0);
	return true;
}

/* ---- waiting ---- */

uint32_t loop_watch(struct loop *l, int fd, short events)
{
	l->fds = grow(l->fds, &l->fdcap, l->nfds + 1, sizeof(*l->fds));
	l->fds[l->nfds] = (struct pollfd){ .fd = fd, .events = events };
	return l->nfds++;
}

static void read_signals(struct loop *l)
{
	struct signalfd_siginfo si;

	while (read(l->sigfd, &si, sizeof(si)) == (ssize_t)sizeof(si)) {
		if (si.ssi_signo == SIGWINCH) {
			l->winch = true;
		} else if (si.ssi_signo != SIGPIPE) {
			l->signals++;
			if (!l->signal)
				l->signal = (int)si.ssi_signo;
		}
	}
}

bool loop_asked(struct loop *l)
{
	uint32_t before = l->signals;

	read_signals(l);
	return l->signals != before;
}

void loop_wait(struct loop *l, int ms)
{
	if (l->ntimer) {
		int64_t d = l->heap[0].at - clock_ms();

		d = d < 0 ? 0 : d > 3600000 ? 3600000 : d;
		if (ms < 0 || d < ms)
			ms = (int)d;
	}
	if (fake >= 0 && ms >= 0) { /* it passes only by waiting */
		fake += ms;
		ms = 0;
	}
	l->fds[0] = (struct pollfd){ .fd = l->sigfd, .events = POLLIN };
	if (poll(l->fds, l->nfds, ms) < 0) /* EINTR cannot tell us more than the next turn will */
		for (uint32_t i = 0; i < l->nfds; i++)
			l->fds[i].revents = 0;
	read_signals(l);
}
