/* detach.h - weft run --detach: start a driver that outlives the terminal, and wait until it is on its way. */
#ifndef WEFT_CLI_DETACH_H
#define WEFT_CLI_DETACH_H

/* In a new process: its number is 0 and *fd is run_options.detach.  In this one: wait until the driver has its run or has ended,
 * say so, and return the exit code in *rc; -1 in *fd. */
void detach_fork(int *fd, int *rc);

#endif
