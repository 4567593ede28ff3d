/* cmd_sub.c - weft sub: a job out of one command line, with the options of `bcs sub`; each of them is a key of a job.cfg. */
#include "cli/render.h"
#include "cli/runargs.h"
#include "lang/cfgline.h"

#include <string.h>

static const struct opt sub_opts[] = {
	{ 0, "file", "FILE", "a job.cfg; the options then go to every task of it", NULL, false, FILL_FILE },
	{ 'n', "nodes", "N", "number of instances (1)", NULL, false, FILL_NONE },
	{ 'f', "force", NULL, "go on when an instance fails", NULL, false, FILL_NONE },
	{ 0, "auto_release", NULL, "the service removes the job when it has ended", NULL, false, FILL_NONE },
	{ 'd', "description", "TEXT", "what the job is", NULL, false, FILL_NONE },
	{ 'p', "pack", "PATH", "a directory, a file or files with commas that the command finds beside it", NULL, false, FILL_FILE },
	{ 0, "priority", "N", "0 to 1000 (1)", NULL, false, FILL_NONE },
	{ 0, "timeout", "SECONDS", "of an instance (86400)", NULL, false, FILL_NONE },
	{ 'c', "cluster", "CLUSTER", "cls-..., or img=IMAGE:type=TYPE", NULL, false, FILL_NONE },
	{ 'i', "image", "ID", "image of the machines", NULL, false, FILL_NONE },
	{ 't', "type", "TYPE", "type of the machines; digits alone are a timeout", NULL, false, FILL_NONE },
	{ 'e', "env", "NAME:VALUE,...", "environment of the command", NULL, true, FILL_NONE },
	{ 'r', "read_mount", "SRC:DST", "mount storage for reading: oss://bucket/dir/:/home/input", NULL, true, FILL_NONE },
	{ 'm', "mount", "SRC:DST", "mount storage, writable when SRC ends with /", NULL, true, FILL_NONE },
	{ 'w', "write_mount", "SRC:DST", "store what is written below DST: oss://bucket/dir/:/home/output", NULL, true, FILL_NONE },
	{ 0, "log_mapping", "SRC:DST", "likewise for log files: /home/log/:oss://bucket/log/", NULL, true, FILL_NONE },
	{ 0, "nas_access_group", "NAME,...", "access groups of network storage", NULL, false, FILL_NONE },
	{ 0, "nas_file_system", "NAME,...", "file systems of network storage", NULL, false, FILL_NONE },
	{ 0, "docker", "NAME@oss://...", "run in this image", NULL, false, FILL_NONE },
	{ 'u', "user_data", "NAME:VALUE,...", "what the machine knows about itself", NULL, true, FILL_NONE },
	{ 0, "resource_type", "TYPE", "OnDemand or Spot", NULL, false, FILL_NONE },
	{ 0, "spot_price_limit", "PRICE", "most an hour; 0 is the price of the market", NULL, false, FILL_NONE },
	{ 0, "disk", "DISK", "system:TYPE:SIZE, data:TYPE:SIZE:DIR, or both with a comma", NULL, false, FILL_NONE },
	{ 0, "lock", NULL, "file locks on mounts", NULL, false, FILL_NONE },
	{ 0, "locale", "NAME", "character set of file names: GBK, UTF-8, ...", NULL, false, FILL_NONE },
	{ 0, "notification_endpoint", "URL", "where the topic is", NULL, false, FILL_NONE },
	{ 0, "notification_topic", "NAME", "a topic that is told what happens", NULL, false, FILL_NONE },
	{ 0, "notification_events", "EVENT,...", "what it is told: OnJobFailed, ...", NULL, false, FILL_NONE },
	{ 0, "reserve_on_fail", NULL, "keep the machines when the task fails", NULL, false, FILL_NONE },
	{ 0, "no_cache_support", NULL, "mounts without a cache", NULL, false, FILL_NONE },
	{ 0, "vpc_cidr_block", "CIDR", "addresses of the machines: 192.168.0.0/16", NULL, false, FILL_NONE },
	{ 0, "vpc_id", "ID", "a network of your own, which holds that block", NULL, false, FILL_NONE },
	{ 0, "show_json", NULL, "print the job description, do nothing else", NULL, false, FILL_NONE },
	{ 0, "show_dag", NULL, "draw the tasks, do nothing else (dot, or as the ending of --output says)", NULL, false, FILL_NONE },
	{ 0, "emit", NULL, "print the same as a .weft file, do nothing else", NULL, false, FILL_NONE },
	{ 'o', "output", "FILE", "write what is printed to FILE", NULL, false, FILL_FILE },
	{ 0, "again", NULL, "run it although nothing has changed", NULL, false, FILL_NONE },
	{ 0, "dry-run", NULL, "only say what would run, as weft plan", NULL, false, FILL_NONE },
	OPT_RUN_ROOM,
	OPT_STORE,
	OPT_SITE,
	OPT_ENGINE,
	OPT_RUN_WATCH,
	OPT_ERROR_FORMAT,
	OPT_LINTS,
	OPT_END,
};

/* The old tool takes `-t 3600` for a timeout. */
static const char *key_of(const struct opt_given *g)
{
	const char *v = g->value;
	bool digits = v && *v && !v[strspn(v, "0123456789")];
	return digits && strcmp(g->opt->name, "type") == 0 ? "timeout" : g->opt->name;
}

static void add_option(struct cfg_line *l, const struct opt_given *g)
{
	char word[64];
	if (g->brief)
		snprintf(word, sizeof word, "-%c", g->opt->brief);
	else
		snprintf(word, sizeof word, "--%s%s", g->value || g->on ? "" : "no-", g->opt->name);
	cfg_line_add(l, word, key_of(g), g->value ? g->value : g->on ? "yes" : "no", !g->value);
}

/* The command line again, as far as it is about the job. */
static struct cfg_line *line_of(const struct opts *o)
{
	static const char *const operand[] = { "cmd", "job_name" };
	struct cfg_line *l = cfg_line_new("weft sub");
	if (opts_value(o, "file"))
		cfg_line_add(l, "--file", NULL, opts_value(o, "file"), false);
	for (uint32_t i = 0; i < o->nargs; i++)
		cfg_line_add(l, NULL, operand[i], o->args[i], false);
	for (uint32_t i = 0; i < o->ngiven; i++)
		if (cfg_line_key(o->given[i].opt->name))
			add_option(l, &o->given[i]);
	return l;
}

static const char *path_of(const struct opts *o)
{
	const char *file = opts_value(o, "file");
	return file ? file : CFG_LINE_PATH;
}

/* ---- looking at it ---- */

static int print(const struct opts *o, const struct session *s)
{
	const char *to = opts_value(o, "output"), *format = render_format(to);
	struct graph_options g = { .format = format ? format : "dot" };
	if (opts_flag(o, "show_dag"))
		return render_graph(o, s, &g, to);
	return opts_flag(o, "emit") ? render_weft(&s->ast, to) : render_json(o, s->job, to);
}

static int show(const struct opts *o, struct cfg_line *line)
{
	struct load l;
	if (!load_open(&l, o, false))
		return EXIT_USAGE;
	l.session->opt.line = line;
	session_compile(l.session, path_of(o));
	load_report(l.session->diags, o, stderr);
	int rc = load_status(l.session->diags);
	if (!rc)
		rc = print(o, l.session);
	load_close(&l);
	return rc;
}

/* ---- running it ---- */

static int start(const struct opts *o, runargs_fn *fn, const struct run_options *more, void *arg)
{
	struct run_options r = *more;
	r.word = "sub";
	return runargs_line(o, arg, path_of(o), fn, &r);
}

static int exec(struct opts *o)
{
	bool views = opts_flag(o, "show_json") || opts_flag(o, "show_dag") || opts_flag(o, "emit");
	if (!o->nargs && !opts_value(o, "file"))
		return opts_error(o, "it wants a command: weft sub 'python3 test.py' -p ./test.py");
	if (o->nargs > 2)
		return opts_error(o, "a command and the job's name, not also %s: a command of several words is quoted", o->args[2]);
	if (opts_value(o, "output") && !views)
		return opts_error(o, "--output goes with --show_json, --show_dag or --emit");
	struct cfg_line *line = line_of(o);
	int rc = views ? show(o, line) : runargs_run(o, start, line);
	cfg_line_free(line);
	return rc;
}

const struct command cmd_sub = {
	.name = "sub",
	.usage = "[OPTIONS] COMMAND [NAME] | --file JOB.CFG [OPTIONS]",
	.summary = "run one command as a job, with the options of bcs sub",
	.help = "  weft sub 'python3 test.py' -p ./test.py\n"
		"  weft sub 'python3 count.py' count -n 3 -p . -r oss://bucket/in/:/home/input \\\n"
		"      -w oss://bucket/out/:/home/output --store oss://bucket=./bucket\n"
		"  weft sub --file job.cfg --timeout 600\n"
		"  weft sub 'python3 test.py' -p ./test.py --emit > job.weft\n"
		"\n"
		"COMMAND is a program and its arguments, without a shell.  It is checked, planned and run like a workflow of one\n"
		"task, `task`: here, or where --engine or the site file says.  What the run needs to be found again is kept in\n"
		".weft of the current directory (with --file, of the file's), so weft status, show and logs task find it.\n"
		"\n"
		"The options are keys of a job.cfg (weft-jobcfg(5)) and mean the same; - may be written for _.  With --file they\n"
		"go to every task of the file, and are stronger than what it says; env, user_data and mounts are added to it.\n",
	.opts = sub_opts,
	.exec = exec,
};
