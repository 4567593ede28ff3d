/* cmd_run.c - weft run: run a workflow on this machine. */
#include "cli/kept.h"
#include "cli/render.h"
#include "cli/runargs.h"
#include "cli/through.h"
#include "lang/cfgline.h"

#include <string.h>

static const struct opt run_opts[] = {
	{ 0, "each", "SHEET", "the operand is a command, run for each row of a .tsv or .csv; {COLUMN} is its cell", NULL, false,
		FILL_FILE },
	{ 0, "by", "COLUMN", "the column that names the instances (default: the first)", NULL, false, FILL_NONE },
	{ 0, "in", "NAME=PATH", "a file that the command reads, as {NAME}; PATH may have columns", NULL, true, FILL_NONE },
	{ 0, "out", "NAME=PATH", "a file that it makes, as {NAME}", NULL, true, FILL_NONE },
	{ 'p', "pack", "PATH", "a directory, a file or files with commas that it finds beside it", NULL, false, FILL_FILE },
	{ 0, "emit", NULL, "print that as a .weft file, run nothing", NULL, false, FILL_NONE },
	OPT_RUN_ROOM,
	OPT_RUN_INPUTS,
	{ 0, "failed", NULL, "only what did not succeed last time, and what that needs", NULL, false, FILL_NONE },
	{ 0, "touch", NULL, "run nothing; take the outputs that are there as made", NULL, false, FILL_NONE },
	{ 0, "seed", "N", "forecast another world (engine sim)", NULL, false, FILL_NONE },
	{ 'n', "dry-run", NULL, "only say what would run, as weft plan", NULL, false, FILL_NONE },
	OPT_RUN_WATCH,
	OPT_ERROR_FORMAT,
	OPT_LINTS,
	OPT_END,
};

/* ---- one-liners ---- */

static void add_options(struct cfg_line *l, const struct opts *o)
{
	static const char *const key[] = { "each", "by", "in", "out", "pack" };
	char word[16];
	for (uint32_t i = 0; i < o->ngiven; i++)
		for (size_t k = 0; k < sizeof key / sizeof *key; k++)
			if (strcmp(o->given[i].opt->name, key[k]) == 0) {
				snprintf(word, sizeof word, "--%s", key[k]);
				cfg_line_add(l, word, key[k], o->given[i].value, false);
			}
}

/* 'cmd' --each sheet.tsv */
static struct cfg_line *map_line(const struct opts *o)
{
	struct cfg_line *l = cfg_line_new("weft run");
	cfg_line_each(l);
	cfg_line_add(l, NULL, "cmd", o->args[0], false);
	add_options(l, o);
	return l;
}

static int emit(const struct opts *o, struct cfg_line *line)
{
	struct load l;
	if (!load_open(&l, o, true))
		return EXIT_USAGE;
	l.session->opt.line = line;
	session_compile(l.session, CFG_LINE_PATH);
	load_report(l.session->diags, o, stderr);
	int rc = load_status(l.session->diags);
	if (!rc)
		rc = render_weft(&l.session->ast, NULL);
	load_close(&l);
	return rc;
}

static int start_line(const struct opts *o, runargs_fn *fn, const struct run_options *more, void *arg)
{
	return runargs_line(o, arg, CFG_LINE_PATH, fn, more);
}

static int map(const struct opts *o)
{
	if (o->nargs != 1)
		return opts_error(o, "--each wants one command, quoted: weft run 'gzip -k {file}' --each sheet.tsv");
	if (opts_value(o, "file"))
		return opts_error(o, "--each is a workflow of its own: it does not go with --file");
	struct cfg_line *line = map_line(o);
	int rc = opts_flag(o, "emit") ? emit(o, line) : runargs_run(o, start_line, line);
	cfg_line_free(line);
	return rc;
}

/* -- cmd arguments */
static int start_through(const struct opts *o, runargs_fn *fn, const struct run_options *more, void *arg)
{
	(void)fn, (void)arg;
	return through_run(o, more);
}

static bool only_with_each(const struct opts *o)
{
	static const char *const option[] = { "by", "in", "out", "pack" };
	for (size_t i = 0; i < sizeof option / sizeof *option; i++)
		if (opts_value(o, option[i]))
			return opts_error(o, "--%s goes with --each", option[i]), false;
	return !opts_flag(o, "emit") || (opts_error(o, "--emit goes with --each"), false);
}

/* ---- workflows ---- */

static int start(const struct opts *o, runargs_fn *fn, const struct run_options *more, void *arg)
{
	(void)arg;
	return o->nargs == 1 && is_kept_plan(o->args[0]) ? run_kept(o, fn, more) : runargs_do(o, fn, more);
}

static int exec(struct opts *o)
{
	if (opts_value(o, "each"))
		return map(o);
	if (!o->rest && o->nargs && !opts_value(o, "file") && !opts_flag(o, "dry-run"))
		return runargs_run(o, start_through, NULL);
	return only_with_each(o) ? runargs_run(o, start, NULL) : EXIT_USAGE;
}

const struct command cmd_run = {
	.name = "run",
	.usage = "[OPTIONS] [FILE] [TARGET]... | 'COMMAND' --each SHEET | -- COMMAND [ARGUMENT]...",
	.summary = "run a workflow, on this machine or a Slurm cluster",
	.help = "  weft run                       the workflow in this directory\n"
		"  weft run job.weft --set parts=8 -j 4\n"
		"  weft run job.weft merge        only merge and what it needs\n"
		"  weft run job.weft 'count[3]'   only this instance and what it needs\n"
		"  weft run 'gzip -c {f} > {z}' --each sheet.tsv --in 'f={path}' --out 'z=out/{id}.gz'\n"
		"  weft run -- make check         one command, whose output and exit status come through\n"
		"  weft run --file job.cfg -r oss://your-bucket/log-count/:/home/input \\\n"
		"      -w oss://your-bucket/log-count/:/home/output --store oss://your-bucket=bucket\n"
		"\n"
		"Every instance starts in a fresh directory that holds its package and its declared inputs.  Outputs reach\n"
		"their places by rename, when the command has succeeded and all of them exist.  Mounts appear at their\n"
		"absolute paths, for the instance alone.  --store says which directory stands for a bucket, or for nas://HOST:/PATH;\n"
		"a site file says it once for all (weft-site(5)).\n"
		"\n"
		"A run leaves what it did in .weft/runs.  Ctrl-C stops every process; a second one leaves at once.\n"
		"\n"
		"  weft run --detach job.weft     goes on when the terminal is closed; then weft attach and weft cancel\n",
	.opts = run_opts,
	.exec = exec,
};
