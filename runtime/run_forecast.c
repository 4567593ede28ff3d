/* run_forecast.c - a run of an engine that only plays: scheduler, retries and failures are those of a run, but nothing is started,
 * written or taken as done.  The journal is read, for what is out of date and for how long things took. */
#include "runtime/driver.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/event.h"
#include "runtime/ledger.h"
#include "runtime/plan.h"
#include "runtime/progress.h"
#include "runtime/report_fail.h"

int forecast_look(struct run *r)
{
	char *base = plan_base(r->job);

	r->base = arena_strdup(r->arena, base);
	free(base);
	if (r->opt->touch) {
		diag_error(r->d, E1089, NOSPAN, "engine `%s` makes nothing that could be taken as made", r->engine->name);
		diag_help(r->d, "leave out --touch, or --engine");
		return 64;
	}
	r->journal = journal_open(r->base, false, r->d);
	r->plan = r->journal ? plan_new(r->job, r->opt, r->journal, r->d) : NULL;
	if (!r->plan)
		return 4;
	r->job = r->plan->job;
	r->ledger = ledger_new(r->plan, true);
	if (!plan_targets(r->plan))
		return 64;
	plan_decide_all(r->plan);
	return plan_expected(r->plan) ? 0 : 6;
}

int forecast_open(struct run *r)
{
	r->dir = r->shown = "";
	if (!loop_open(&r->loop)) {
		diag_error(r->d, E1008, NOSPAN, "cannot wait for signals: %s", strerror(errno));
		return 4;
	}
	r->looping = true;
	if (!r->engine->open(r))
		return 4;
	r->events = events_new(r); /* that nobody is told of */
	r->progress = progress_new(r);
	r->failures = failures_new();
	return 0;
}

int64_t forecast_unknown(struct run *r, uint32_t task)
{
	struct buf b;

	buf_init(&b, 1 << 16);
	run_label(r, task, -1, &b);
	buf_adds(&b, ": left out, its instances are known only while it runs");
	progress_line(r, buf_str(&b));
	buf_free(&b);
	r->unforeseen++;
	return 0;
}

/* "log-count: forecast 5 ok, 1 h 12 min; nothing was run" */
void forecast_conclude(struct run *r)
{
	struct buf b;

	run_sum_up(r);
	progress_end(r);
	progress_drain(r);
	failures_print(r, r->opt->err);
	fflush(r->opt->err);
	buf_init(&b, 1 << 16);
	run_add_counts(&b, r->res);
	buf_adds(&b, b.len ? ", " : "nothing to do, ");
	text_time(&b, r->res->wall_ms);
	fprintf(r->opt->out, "%s: forecast %s%s; nothing was run\n", name_str(r->job->names, r->job->name), buf_str(&b),
		r->unforeseen ? " and more" : "");
	fflush(r->opt->out);
	buf_free(&b);
}
