/* slurm_renew.h - the token (JWT) that requests to Slurm carry: from a text, a file or a program, and a new one in time.
 *
 * A file is read again whenever it has changed; the program is run again before the token expires by its own claims, and when
 * Slurm refuses it.  Nothing here waits, but for slurm_renew_first and slurm_renew_ask. */
#ifndef WEFT_RUNTIME_SLURM_RENEW_H
#define WEFT_RUNTIME_SLURM_RENEW_H

#include "base/arena.h"
#include "runtime/loop.h"

#include <stdint.h>

struct slurm_conf;
struct slurm_renew;

/* The texts of the configuration are to stay. */
struct slurm_renew *slurm_renew_new(const struct slurm_conf *c);
void slurm_renew_free(struct slurm_renew *t);
/* The first token, waiting for the program some seconds; true also when nothing gives one.  false: *why, in the arena. */
bool slurm_renew_first(struct slurm_renew *t, struct arena *a, const char **why);
/* The token as it is now; NULL: none. */
const char *slurm_renew_text(const struct slurm_renew *t);
/* Before a request: read the file, or start the program, if it is time.  true: there is another token now. */
bool slurm_renew_look(struct slurm_renew *t);
/* Slurm has refused it; has answered. */
void slurm_renew_refused(struct slurm_renew *t);
void slurm_renew_accepted(struct slurm_renew *t);
/* Is it the program's own, or is there no program? */
bool slurm_renew_own(const struct slurm_renew *t);
/* Run the program and wait for its token.  false: *why, in the arena. */
bool slurm_renew_ask(struct slurm_renew *t, struct arena *a, const char **why);
/* As engine_ops.watch and .turn; turn is true when there is another token now. */
int slurm_renew_watch(const struct slurm_renew *t, struct loop *l);
bool slurm_renew_turn(struct slurm_renew *t);
/* What keeps it from being renewed, or that it has expired: until the next call; NULL: nothing. */
const char *slurm_renew_trouble(struct slurm_renew *t);
/* Where it comes from, for people: "SLURM_JWT", "`scontrol token`"; until t is freed. */
const char *slurm_renew_from(const struct slurm_renew *t);
/* Seconds until it expires for good: nobody but a person renews it; -1: it does not, or nobody knows. */
int64_t slurm_renew_lasts(const struct slurm_renew *t);

#endif
