/* cmd_history.c - weft history: the runs of this workspace, the newest first. */
#include "cli/cmd.h"
#include "cli/load.h"
#include "cli/look.h"
#include "runtime/text.h"

#include <string.h>

static const struct opt history_opts[] = {
	{ 'n', "number", "N", "show the last N runs (default: 20)", NULL, false, FILL_NONE },
	OPT_ALL,
	OPT_JSON,
	OPT_ERROR_FORMAT,
	OPT_END,
};

static void print_run(const struct past_run *r)
{
	struct buf when, took, sums, job;

	buf_init(&when, 1 << 10);
	buf_init(&took, 1 << 10);
	buf_init(&sums, 1 << 10);
	buf_init(&job, 1 << 10);
	look_when(&when, r->run.time_ms);
	look_took(&took, r->life == PAST_LIVE ? -1 : r->end.wall_ms);
	look_sums(&sums, r);
	text_elide(&job, r->run.job, strlen(r->run.job), 40);
	printf("%5u  %-19s  %12s  %-11s  %s: %s\n", r->run.run, buf_str(&when), buf_str(&took), look_state(r), buf_str(&job),
		buf_str(&sums));
	buf_free(&when);
	buf_free(&took);
	buf_free(&sums);
	buf_free(&job);
}

static void print_runs(const struct look *l, uint32_t most)
{
	uint32_t n = most < l->nrun ? most : l->nrun;

	if (!n) {
		puts("nothing has run here");
		return;
	}
	printf("%5s  %-19s  %12s  %-11s  %s\n", "RUN", "BEGUN", "TOOK", "END", "RESULT");
	for (uint32_t i = 0; i < n; i++)
		print_run(&l->run[l->nrun - 1 - i]);
	if (n < l->nrun)
		printf("and %u more: weft history --all\n", l->nrun - n);
}

static void json_runs(const struct look *l, uint32_t most)
{
	uint32_t n = most < l->nrun ? most : l->nrun;
	struct buf b;
	struct jw w;

	buf_init(&b, (size_t)1 << 30);
	jw_init(&w, &b, 2);
	jw_open(&w, '{');
	jw_kstr(&w, "schema", "weft.history/1");
	jw_kint(&w, "runs_total", l->nrun);
	jw_key(&w, "runs");
	jw_open(&w, '[');
	for (uint32_t i = 0; i < n; i++) {
		jw_open(&w, '{');
		look_json_run(&w, &l->run[l->nrun - 1 - i]);
		jw_close(&w);
		look_put(&b);
	}
	jw_close(&w);
	jw_close(&w);
	buf_addc(&b, '\n');
	look_put(&b);
	buf_free(&b);
}

static int exec(struct opts *o)
{
	uint32_t most = LOOK_FIRST;
	struct look l;
	int rc;

	if (o->nargs)
		return opts_error(o, "no operand is wanted, not %s", o->args[0]);
	if (!look_number(o, "number", &most))
		return EXIT_USAGE;
	most = opts_flag(o, "all") ? UINT32_MAX : most;
	rc = look_open(&l, o);
	if (!rc && opts_flag(o, "json"))
		json_runs(&l, most);
	else if (!rc)
		print_runs(&l, most);
	look_close(&l);
	return rc;
}

const struct command cmd_history = {
	.name = "history",
	.usage = "[OPTIONS]",
	.summary = "the runs of this workspace, the newest first",
	.help = "  weft history\n"
		"  weft history -n 5\n"
		"  weft history --json | jq '.runs[] | select(.exit != 0) | .number'\n"
		"\n"
		"Number, begin, duration and end of each run, and how its instances ended.  A run that was killed is called\n"
		"interrupted.  The journal keeps the last 50 runs at least.  weft show tells more about one of them.\n",
	.opts = history_opts,
	.exec = exec,
};
