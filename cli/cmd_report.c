/* cmd_report.c - weft report: a run as one page to keep or send, or what its tasks asked for and used. */
#include "cli/cmd.h"
#include "cli/load.h"
#include "cli/look.h"
#include "cli/out.h"
#include "cli/report.h"

#include <stdlib.h>
#include <string.h>

static const struct opt report_opts[] = {
	{ 0, "resources", NULL, "print what tasks asked for and used", NULL, false, FILL_NONE },
	OPT_JSON,
	OPT_ERROR_FORMAT,
	OPT_END,
};

/* "12 out.html", "out.html", "12": a run is a number */
static bool is_run(const char *s)
{
	return *s && !s[strspn(s, "0123456789")];
}

static int write_report(const struct look *l, const struct past_run *run, const char *path)
{
	struct past *p = past_read(l->j, run);
	struct report r = { .run = run, .past = p, .t = tally_new(l->j, run, p), .kinds = { .life = run->life },
		.sources = l->sources, .arena = arena_new() };
	struct buf b;
	int rc;

	past_each(p, kinds_add, &r.kinds);
	report_advise(&r);
	buf_init(&b, (size_t)1 << 30);
	if (opts_flag(l->o, "json"))
		report_json(&r, &b);
	else if (opts_flag(l->o, "resources"))
		report_text(&r, &b);
	else
		report_html(&r, &b);
	rc = out_write(path, buf_str(&b), b.len) ? EXIT_OK : EXIT_UNREACHABLE;
	buf_free(&b);
	free(r.advice);
	arena_free(r.arena);
	tally_free(r.t);
	past_free(p);
	return rc;
}

static int exec(struct opts *o)
{
	bool named = o->nargs && is_run(o->args[0]);
	const char *which = named ? o->args[0] : NULL, *path = o->nargs > named ? o->args[named] : NULL;
	const struct past_run *run;
	struct look l;
	int rc;

	if (o->nargs > named + 1u)
		return opts_error(o, "one run and one file, not also %s", o->args[named + 1]);
	if (!path && !opts_flag(o, "resources") && !opts_flag(o, "json"))
		return opts_error(o, "no file to write: weft report [RUN] report.html");
	rc = look_open_run(&l, o, which, &run);
	if (!rc)
		rc = write_report(&l, run, path);
	look_close(&l);
	return rc;
}

const struct command cmd_report = {
	.name = "report",
	.usage = "[OPTIONS] [RUN] [FILE]",
	.summary = "a run as one HTML page, or what its tasks asked for and used",
	.help = "  weft report report.html          the last run\n"
		"  weft report 12 report.html\n"
		"  weft report --resources\n"
		"  weft report --json | jq '.suggestions'\n"
		"\n"
		"The page needs no other file, no network and no scripts: what ran and how it ended, failures by cause, the graph\n"
		"of the tasks, when each of them ran, the critical path, cpus and memory asked for and used, parameters without\n"
		"secrets, digests of what was made.  It can be read while the run goes on.  FILE - is standard output.\n",
	.opts = report_opts,
	.exec = exec,
};
