/* slurm_conf.c - where Slurm's REST interface is: options and environment come before the site file. */
#include "runtime/slurm_conf.h"

#include <stdlib.h>

#include "job/site.h"

static const char *first_of(const char *a, const char *b, const char *c)
{
	return a && *a ? a : b && *b ? b : c;
}

bool slurm_conf_of(const struct run_options *o, struct slurm_conf *c)
{
	const struct site_block *b = site_find(o->site, SITE_ENGINE, "slurm");
	const struct site_value *command = site_value(b, SK_ENGINE_token_command);

	c->endpoint = first_of(o->endpoint, getenv("WEFT_SLURM"), site_str(b, SK_ENGINE_endpoint, NULL));
	c->token_file = first_of(o->token_file, NULL, NULL);
	c->token = c->token_file ? NULL : first_of(getenv("SLURM_JWT"), NULL, NULL);
	c->ncommand = command && !c->token_file ? command->n : 0;
	c->command = c->ncommand ? command->list : NULL;
	if (!c->token && !c->ncommand)
		c->token_file = first_of(c->token_file, site_str(b, SK_ENGINE_token_file, NULL), NULL);
	c->user = first_of(getenv("SLURM_USER_NAME"), site_str(b, SK_ENGINE_user, NULL), NULL);
	return c->endpoint != NULL;
}
