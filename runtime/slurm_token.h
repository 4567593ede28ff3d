/* slurm_token.h - what a token (JWT) says of itself.  Nothing is believed of it: only Slurm knows whether it is good. */
#ifndef WEFT_RUNTIME_SLURM_TOKEN_H
#define WEFT_RUNTIME_SLURM_TOKEN_H

#include "base/arena.h"

#include <stdbool.h>
#include <stdint.h>

/* Its user ("" when it names none) and when it expires (seconds since 1970, 0: never).  false: it cannot be read. */
bool slurm_token_read(struct arena *a, const char *token, const char **user, int64_t *until);

#endif
