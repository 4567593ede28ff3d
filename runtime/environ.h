/* environ.h - the environment of an instance: nothing of the caller's but what env_pass names. */
#ifndef WEFT_RUNTIME_ENVIRON_H
#define WEFT_RUNTIME_ENVIRON_H

#include "runtime/stage_impl.h"

#define JOB_ID_VAR "BATCH_COMPUTE_DAG_JOB_ID" /* different for every run */

struct env_list;

/* Later ones win. */
struct env_list *env_new(struct arena *a);
void env_add(struct env_list *e, const char *key, const char *value);
/* The base: env_machine, what env_pass names, env_job.  false with c->error. */
bool env_base(struct env_list *e, struct stager *s, struct jctx *c, const struct stage *st);
/* PATH, HOME, PWD, USER, LANG, TMPDIR. */
void env_machine(struct env_list *e, const char *user, const char *workdir, const char *tmp);
/* What the image of a container sets, and what the service sets instead of it. */
void env_container(struct env_list *e, const struct container *box);
/* The parameters that the task names, and BATCH_COMPUTE_*.  false with c->error. */
bool env_job(struct env_list *e, struct stager *s, struct jctx *c);
/* EnvVars; after ports.  false with c->error. */
bool env_user(struct env_list *e, struct jctx *c);
/* KEY=VALUE, NULL-terminated, sorted by key. */
char **env_done(struct env_list *e);
/* The value of PATH. */
const char *env_path(char *const *env);

#endif
