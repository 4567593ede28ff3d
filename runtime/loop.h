/* loop.h - the one wait of a run: descriptors, signals and timers together. */
#ifndef WEFT_RUNTIME_LOOP_H
#define WEFT_RUNTIME_LOOP_H

#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>

struct timer {
	int64_t at;  /* clock_ms */
	uint32_t id;
};
struct loop {
	int sigfd;
	sigset_t old;        /* the signal mask to restore */
	int signal;          /* the first of INT, TERM, HUP that came; 0 */
	uint32_t signals;    /* how many of them came */
	bool hurry;          /* the end was asked for in another way: what is still to be said may wait no longer than after a signal */
	bool winch;          /* the window changed; whoever looks clears it */
	struct timer *heap;
	uint32_t ntimer, timercap;
	uint32_t *place;     /* [ids] place in the heap + 1; 0 = not set */
	uint32_t placecap;
	struct pollfd *fds;
	uint32_t nfds, fdcap; /* fds[0] is the signal descriptor */
};

/* The sooner of two waits in milliseconds; -1 is never. */
static inline int loop_sooner(int a, int b)
{
	return a < 0 || (b >= 0 && b < a) ? b : a;
}
/* Milliseconds on a clock that never jumps. */
int64_t clock_ms(void);
/* Unix time in microseconds. */
int64_t clock_unix_us(void);
/* From now on it is this time, and time passes only in loop_wait, which does not wait; -1: as it really is. */
void clock_fake(int64_t ms);
/* Take over INT, TERM, HUP, WINCH; ignore PIPE.  false with errno set. */
bool loop_open(struct loop *l);
/* Give the signals back and free. */
void loop_close(struct loop *l);
/* Set, move or (at < 0) remove the timer with this small number. */
void loop_timer(struct loop *l, uint32_t id, int64_t at);
/* A timer that is due, removed; false when there is none. */
bool loop_due(struct loop *l, int64_t now, uint32_t *id);
/* Has another INT, TERM or HUP come since?  Asked by what waits elsewhere, for as long as the loop's sigfd is quiet. */
bool loop_asked(struct loop *l);
/* Wait for a descriptor too; returns its place in fds. */
uint32_t loop_watch(struct loop *l, int fd, short events);
/* Wait for the descriptors fds[1 .. nfds), a signal, a timer, or `ms` milliseconds (-1: no limit). */
void loop_wait(struct loop *l, int ms);

#endif
