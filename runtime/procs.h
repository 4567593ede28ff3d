/* procs.h - other processes, as /proc shows them.  Takes no memory and calls only what is safe after a fork. */
#ifndef WEFT_RUNTIME_PROCS_H
#define WEFT_RUNTIME_PROCS_H

#include <stdbool.h>
#include <sys/types.h>

typedef void procs_fn(void *ctx, pid_t pid);

/* The pids of a list of children ("12 34 "), read from the beginning of FD; false: it cannot be read. */
bool procs_list(int fd, procs_fn *fn, void *ctx);
/* Every child of each of PID's threads. */
void procs_children(pid_t pid, procs_fn *fn, void *ctx);
/* Is there such a process, and has it not ended (a zombie has)? */
bool procs_alive(pid_t pid);
/* Every process whose environment at its start had the line KEY=VALUE; not this one. */
void procs_marked(const char *line, procs_fn *fn, void *ctx);
/* The process that a pidfd of this process stands for; 0: it has ended and was waited for. */
pid_t procs_of_pidfd(int pidfd);

#endif
