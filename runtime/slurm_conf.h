/* slurm_conf.h - where Slurm's REST interface is, for a run and for doctor. */
#ifndef WEFT_RUNTIME_SLURM_CONF_H
#define WEFT_RUNTIME_SLURM_CONF_H

#include "runtime/run.h"
#include "runtime/slurm_api.h"

/* Endpoint, token and user as --slurm, --slurm-token, the environment and the site file say, in this order.  Texts live as
 * long as those.  false: nobody says where it is. */
bool slurm_conf_of(const struct run_options *o, struct slurm_conf *c);

#endif
