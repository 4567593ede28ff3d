/* follow.c - see follow.h. */
#include "cli/follow.h"

#include "base/arena.h"
#include "base/name.h"
#include "runtime/cause.h"

#include <stdlib.h>
#include <string.h>

enum { ENOUGH = 5 /* done: they say how long the others take */ };

struct followed { /* a task */
	name name, label;     /* label: 0 when it has none */
	int64_t instances;    /* -1: not known */
	uint64_t begun, done, failed, retried;
	int64_t sum_ms;       /* of those that are done */
	uint64_t timed;
};
struct follow {
	uint32_t run;
	struct names *names;
	struct followed *task; /* in the order of their first record */
	uint32_t ntask, cap;
	uint32_t *place;       /* by name: place + 1 */
	uint32_t nplace, placecap;
};

struct follow *follow_new(uint32_t run)
{
	struct follow *f = xcalloc(1, sizeof *f);

	f->run = run;
	f->names = names_new();
	return f;
}

void follow_free(struct follow *f)
{
	names_free(f->names);
	free(f->task);
	free(f->place);
	free(f);
}

void follow_reset(struct follow *f)
{
	f->ntask = 0;
	if (f->place)
		memset(f->place, 0, f->nplace * sizeof *f->place);
}

static struct followed *task_of(struct follow *f, const char *nm)
{
	name id = name_ofs(f->names, nm);

	if (id >= f->nplace) {
		f->place = grow(f->place, &f->placecap, id + 1, sizeof *f->place);
		memset(f->place + f->nplace, 0, (f->placecap - f->nplace) * sizeof *f->place);
		f->nplace = f->placecap;
	}
	if (!f->place[id]) {
		f->task = grow(f->task, &f->cap, f->ntask + 1, sizeof *f->task);
		f->task[f->ntask] = (struct followed){ .name = id, .instances = -1 };
		f->place[id] = ++f->ntask;
	}
	return &f->task[f->place[id] - 1];
}

static void see_done(struct follow *f, const struct rec_done *r)
{
	struct followed *t = task_of(f, r->who.task);

	t->begun -= t->begun > 0;
	t->done++;
	if (r->wall_ms >= 0 && r->wall_ms < PAST_LONGEST_MS) {
		t->sum_ms += r->wall_ms;
		t->timed++;
	}
}

static void see_end(struct follow *f, const struct rec_end *r)
{
	struct followed *t = task_of(f, r->who.task);

	t->begun -= t->begun > 0;
	t->retried += !r->final;
	t->done += r->final;
	t->failed += r->final && r->cause != R_CANCEL;
}

void follow_see(struct follow *f, uint8_t kind, const unsigned char *p, size_t n)
{
	struct rec_begin begin;
	struct rec_done done;
	struct rec_end end;
	struct rec_task task;

	if (kind == RK_TASK && rec_read_task(p, n, &task) && task.run == f->run) {
		struct followed *t = task_of(f, task.name);

		t->instances = task.instances;
		t->label = *task.label ? name_ofs(f->names, task.label) : 0;
	} else if (kind == RK_BEGIN && rec_read_begin(p, n, &begin) && begin.run == f->run) {
		task_of(f, begin.who.task)->begun++;
	} else if (kind == RK_DONE && rec_read_done(p, n, &done) && done.run == f->run && !done.adopted) {
		see_done(f, &done);
	} else if (kind == RK_END && rec_read_end(p, n, &end) && end.run == f->run) {
		see_end(f, &end);
	}
}

static struct screen_row row_of(const struct follow *f, const struct followed *t)
{
	uint64_t known = t->done + t->begun, total = t->instances < 0 ? UINT64_MAX : (uint64_t)t->instances;
	uint64_t queued = total == UINT64_MAX || total < known ? 0 : total - known;
	int64_t mean = t->timed >= ENOUGH ? t->sum_ms / (int64_t)t->timed : -1;

	return (struct screen_row){ .name = name_str(f->names, t->label ? t->label : t->name),
		.total = total < known ? known : total, .done = t->done, .running = t->begun, .queued = queued, .failed = t->failed,
		.retried = t->retried, .eta_ms = mean < 0 || !queued ? -1 :
			(int64_t)((double)mean * ((double)queued + (double)t->begun / 2) / (double)t->begun) };
}

uint32_t follow_rows(const struct follow *f, struct screen_row *row, uint32_t most, uint32_t *more)
{
	uint32_t n = 0;

	*more = 0;
	for (uint32_t i = 0; i < f->ntask; i++) {
		if (!f->task[i].begun)
			continue;
		if (n < most)
			row[n++] = row_of(f, &f->task[i]);
		else
			++*more;
	}
	return n;
}
