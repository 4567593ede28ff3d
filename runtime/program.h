/* program.h - programs that weft asks for something: started without a shell, read without waiting, ended in time.
 *
 * A program runs in a process group of its own with no signal blocked; whatever of the group is left when it ends is killed. */
#ifndef WEFT_RUNTIME_PROGRAM_H
#define WEFT_RUNTIME_PROGRAM_H

#include "base/arena.h"
#include "runtime/loop.h"

#include <stddef.h>
#include <sys/types.h>

/* Start one that is looked for on PATH, on these descriptors (-1: /dev/null); env NULL: that of this process.  0 or an errno. */
int program_spawn(const char *const *argv, char *const *env, int in, int out, int err, pid_t *pid);

struct program;

/* Start one that may print `max` bytes and run for so many ms.  NULL with errno. */
struct program *program_start(const char *const *argv, char *const *env, size_t max, int ms);
/* Add its descriptors to the loop; ms until program_turn is due without them. */
int program_watch(const struct program *p, struct loop *l);
/* Go on with it, without waiting; true: it has ended, by itself or because its time was over. */
bool program_turn(struct program *p);
/* Wait for its end. */
void program_finish(struct program *p);
/* What it has printed, when it has ended with status 0; else NULL and *why, in the arena: how it ended and its last words. */
const char *program_said(const struct program *p, struct arena *a, const char **why);
/* End it if it runs, free it.  NULL is allowed. */
void program_free(struct program *p);

#endif
