/* slurm_tell.c - what people are told of the token while a run goes on: before it is too late, and once. */
#include "runtime/engine_slurm.h"

#include <stdlib.h>
#include <string.h>

#include "runtime/past.h"
#include "runtime/progress.h"

enum { LIKELY_S = 3600 /* a run nothing is known of */, LAST_S = 300 };

/* How long the run takes: as the last one of this job that ended. */
static int64_t likely_s(const struct run *r)
{
	uint32_t n;
	struct past_run *v = past_runs(r->journal, 0, &n);
	const char *job = name_str(r->job->names, r->job->name);
	int64_t s = LIKELY_S;

	for (uint32_t i = 0; i < n; i++)
		if (v[i].life == PAST_ENDED && v[i].end.wall_ms >= 0 && !strcmp(v[i].run.job, job))
			s = v[i].end.wall_ms / 1000;
	free(v);
	return s;
}

static void expires(struct slurm *s, const struct slurm_renew *t, int64_t left)
{
	bool min = left >= 120;

	if (left)
		slurm_say(s, arena_printf(s->r->arena, "the token of %s expires in %lld %s, and nothing renews it but you (man weft-site: "
			"token_command)", slurm_renew_from(t), (long long)(min ? left / 60 : left), min ? "min" : "s"));
}

void slurm_tell(struct slurm *s)
{
	const struct slurm_renew *t = slurm_token(s->api);
	int64_t left = slurm_renew_lasts(t);
	const char *trouble = slurm_trouble(s->api);

	if (!s->r->progress)
		return;
	if (trouble && !s->told_trouble)
		slurm_say(s, trouble);
	s->told_trouble = trouble != NULL;
	if (!s->told_soon && left >= 0 && left < likely_s(s->r))
		expires(s, t, left);
	s->told_soon = true;
	if (!s->told_last && left >= 0 && left <= LAST_S && s->live)
		expires(s, t, left);
	s->told_last = s->told_last || (left >= 0 && left <= LAST_S);
}
