/* temp.c - see temp.h. */
#include "runtime/temp.h"

#include <string.h>

bool temp_out(const struct job *j, uint32_t task, const struct rec_out *o)
{
	const struct jtask *t = &j->task[task];

	return o->port < t->nout && t->out[o->port].temp;
}

bool gone_digest(const struct job *j, const struct history *h, const char *file, struct digest *d, uint32_t *task, int64_t *inst)
{
	struct rec_who maker;
	struct rec_done done;
	struct rec_out o;
	uint32_t t;

	if (!h || !history_maker(h, file, &maker) || !history_done(h, maker.task, maker.key, &done))
		return false;
	t = job_task(j, name_find(j->names, maker.task, strlen(maker.task)));
	for (const unsigned char *at = done.outs; t != UINT32_MAX && rec_out_next(&done, &at, &o);)
		if (temp_out(j, t, &o) && strcmp(o.path, file) == 0) {
			*d = o.digest;
			if (task) {
				*task = t;
				*inst = *maker.key ? instance_find(j, t, maker.key) : 0;
			}
			return true;
		}
	return false;
}
