/* action.h - what an instance does, as a digest, and what it reads and writes, as names: what "out of date" compares.
 *
 * Part of it: the command after interpolation (attempt 1, secrets as "<secret>"), interpreter, environment given by
 * the workflow, image, what the package holds, mounts and what read mounts hold, names of inputs and outputs.  Not:
 * resources, limits, priority, retries, comments, layout, the task's place in the file. */
#ifndef WEFT_RUNTIME_ACTION_H
#define WEFT_RUNTIME_ACTION_H

#include "job/job.h"
#include "runtime/expand.h"
#include "runtime/disk.h"

enum { ACTION_POLICY = 1 }; /* version of what an action is and how it is compared; in the journal */
enum action_part { AP_COMMAND, AP_INTERP, AP_ENV, AP_IMAGE, AP_PACKAGE, AP_MOUNTS, AP_PORTS, AP_CONTENT };

struct action_out {
	const char *name;  /* canonical; the pattern when glob */
	uint32_t port;
	bool temp, glob;
};
struct action {
	struct digest digest;
	uint32_t part[REC_PARTS];     /* hashes of the parts' texts */
	struct buf text[REC_PARTS];   /* in want of explanations; see action_free */
	const char **in;              /* canonical names, in the order of ports */
	uint32_t nin;
	struct action_out *out;
	uint32_t nout;
	const char *error;            /* why action_make failed */
};

struct containers;
struct actor; /* knows a job, a workspace and its history; remembers what tasks have in common */

/* GLOB answers for outputs known only afterwards. */
struct actor *actor_new(const struct job *j, struct disk *f, const struct history *h, uint64_t seed, glob_fn *glob, void *ctx);
void actor_free(struct actor *x);
/* The images that tasks run in; kept. */
void actor_images(struct actor *x, const struct containers *c);
/* What tasks published meanwhile is to be looked at again for this task. */
void actor_renew(struct actor *x, uint32_t task);
/* Work out one instance; everything in the arena but texts, which stay empty unless asked for.  false: a->error, a
 * file that is known only later for example. */
bool action_make(struct actor *x, uint32_t task, int64_t inst, bool texts, struct arena *a, struct action *out);
void action_free(struct action *a);
/* Only the outputs; cheaper. */
bool action_outputs(struct actor *x, uint32_t task, int64_t inst, struct arena *a, struct action *out);
/* The canonical name of a path as a person gives it, relative to the workspace; kept as long as the actor. */
const char *actor_name(struct actor *x, const char *path);
/* Digest of the inputs' names and contents, and their tags (rec_tag_write) into `tags` unless NULL.
 * false: *missing is the first that is not there. */
bool action_inputs(struct actor *x, const struct action *a, struct digest *d, struct buf *tags, const char **missing);
/* Does an object this task reads through mounts come from that task?  For who runs again because of whom. */
bool actor_reads(struct actor *x, uint32_t task, uint32_t from);
/* "command", "environment"... */
const char *action_part_name(enum action_part p);
/* Is a parameter exported to a task?  It is when the task's command or environment names it, or the environment as a
 * whole (env, printenv, environ...): what a task cannot see need not make it run again. */
bool param_used(const struct job *j, const struct jtask *t, name param);

#endif
