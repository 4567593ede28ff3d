/* run_temp.c - temp outputs go when the last task that reads them has finished. */
#include "runtime/driver.h"

#include <fcntl.h>

#include "runtime/plan.h"
#include "runtime/stage_fs.h"
#include "runtime/temp.h"

static bool has_temp(const struct jtask *t)
{
	for (uint32_t i = 0; i < t->nout; i++)
		if (t->out[i].temp)
			return true;
	return false;
}

/* Tasks that read the files of `from` and were not asked for never finish: their files stay. */
void temps_begin(struct run *r)
{
	const struct job *j = r->job;

	r->readers = arena_zalloc(r->arena, (size_t)j->ntask + 1, sizeof(*r->readers));
	for (uint32_t e = 0; e < j->nedge; e++)
		if (j->edge[e].data && has_temp(&j->task[j->edge[e].from]))
			r->readers[j->edge[e].from]++;
}

static void remove_temps(struct run *r, uint32_t task)
{
	struct arena *a = arena_new();
	struct rec_done done;
	struct rec_out o;

	for (uint32_t i = 0; i < r->plan->task[task].count; i++) {
		if (!history_done(r->plan->h, plan_task_name(r->plan, task), plan_key(r->plan, task, i), &done))
			continue;
		for (const unsigned char *at = done.outs; rec_out_next(&done, &at, &o);)
			if (temp_out(r->job, task, &o) && fs_remove(AT_FDCWD, disk_place(r->plan->disk, a, o.path)))
				disk_changed(r->plan->disk, o.path);
		arena_reset(a, (struct arena_mark){ 0 });
	}
	arena_free(a);
}

void temps_done(struct run *r, uint32_t task)
{
	const struct job *j = r->job;

	if (!r->readers || sched_task(r->sched, task)->failed)
		return;
	for (uint32_t e = job_edges_into(j, task); e < j->nedge && j->edge[e].to == task; e++) {
		uint32_t from = j->edge[e].from;

		if (j->edge[e].data && r->readers[from] && --r->readers[from] == 0)
			remove_temps(r, from);
	}
}
