/* sandbox_guard.h - the children of the driver, and the process that ends them when the driver has died.
 *
 * A plain attempt has no init: its command is a child of the driver, and a subreaper, so that what it starts stays
 * below it as long as it lives.  When the driver dies, the kernel stops the command; the guard, which shares the
 * driver's descriptors (hence the pidfds of all commands, and the workspace's lock), ends everything below it and
 * then the command itself.  Until that is done the lock stays taken. */
#ifndef WEFT_RUNTIME_SANDBOX_GUARD_H
#define WEFT_RUNTIME_SANDBOX_GUARD_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

enum { GUARD_MAX = 4160 }; /* attempts at once, and some */

struct guard_child {
	int pidfd; /* of a plain command; -1: nothing that the guard has to end */
	pid_t pid; /* 0: the place is free */
};
struct guard { /* in memory that the guard shares */
	int driver;               /* pidfd of the driver */
	char mark[80];            /* "KEY=VALUE" in the environment of all that the run starts */
	pid_t pid;                /* of the guard; 0: none runs */
	int kids;                 /* the driver's list of children; -1 */
	uint32_t n, top, nfree;   /* places taken; ever used; given back */
	uint16_t free[GUARD_MAX];
	struct guard_child child[GUARD_MAX];
};

/* NULL with errno.  No process is started yet. */
struct guard *guard_new(int driver, const char *mark);
/* End the guard; the commands must have ended. */
void guard_free(struct guard *g);
/* Make sure that it runs; false with errno. */
bool guard_run(struct guard *g);
/* A place for a child to be started; -1 when there is none. */
int guard_take(struct guard *g);
void guard_give(struct guard *g, int place);
/* KILL all children of the driver that have no place: what ended commands left.  One of them, 0 when there is none. */
pid_t guard_strays(struct guard *g);

#endif
