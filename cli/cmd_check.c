/* cmd_check.c - weft check: every diagnostic of every file; and plain `weft`, which checks the workflow here. */
#include "base/buf.h"
#include "base/json.h"
#include "cli/check_fix.h"
#include "cli/check_images.h"
#include "cli/check_list.h"
#include "cli/find.h"
#include "cli/load.h"
#include "cli/shellcheck.h"

#include <inttypes.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

enum { FIX_ROUNDS = 10 };

static const struct opt check_opts[] = {
	OPT_ERROR_FORMAT,
	OPT_LINTS,
	OPT_INPUTS,
	{ 0, "fix", NULL, "rewrite files where a diagnostic knows for certain what is meant", NULL, false, FILL_NONE },
	{ 0, "unsafe", NULL, "with --fix or --diff: also where it is likely only", NULL, false, FILL_NONE },
	{ 0, "diff", NULL, "show what --fix would change, change nothing", NULL, false, FILL_NONE },
	{ 0, "list", NULL, "list all checks: code, name, severity, title", NULL, false, FILL_NONE },
	{ 0, "json", NULL, "as --error-format json, and a last line that sums up; or with --list", NULL, false, FILL_NONE },
	{ 0, "engine", "NAME", "check for this engine: what it lacks, its limits and partitions", "local|slurm|batchcompute",
		false, FILL_NONE },
	{ 0, "shellcheck", NULL, "run ShellCheck on the scripts too, as their first instances have them", NULL, false, FILL_NONE },
	{ 0, "dump-tree", NULL, "print the syntax tree instead, one node a line", NULL, false, FILL_NONE },
	{ 'q', "quiet", NULL, "say nothing about files without errors", NULL, false, FILL_NONE },
	OPT_END,
};

static bool is_format(const struct opts *o, const char *format)
{
	return strcmp(load_format(o), format) == 0;
}

/* human and short diagnostics are messages, the other formats are this command's result */
static FILE *report_stream(const struct opts *o)
{
	return is_format(o, "human") || is_format(o, "short") ? stderr : stdout;
}

/* Instances of all tasks, as far as their number is known. */
static int64_t instances(const struct job *j, bool *known)
{
	int64_t total = 0;

	*known = true;
	for (uint32_t i = 0; i < j->ntask; i++) {
		*known = *known && j->task[i].count >= 0;
		total += j->task[i].count > 0 ? j->task[i].count : 0;
	}
	return total;
}

/* {"schema": "weft.check/1", ...}: a file without any diagnostic has a line, too. */
static void json_sum(const struct session *s, const char *path)
{
	const struct diags *d = s->diags;
	struct buf b;
	struct jw w;
	bool known;

	buf_init(&b, 1 << 20);
	jw_init(&w, &b, 0);
	jw_open(&w, '{');
	jw_kstr(&w, "schema", "weft.check/1");
	jw_kstr(&w, "file", path);
	jw_kbool(&w, "ok", !d->errors);
	jw_kint(&w, "errors", d->errors);
	jw_kint(&w, "warnings", d->warnings);
	if (s->job && !d->errors) {
		jw_kint(&w, "tasks", s->job->ntask);
		jw_kint(&w, "instances", instances(s->job, &known));
		jw_kbool(&w, "instances_known", known);
	}
	jw_close(&w);
	puts(buf_str(&b));
	buf_free(&b);
}

static void say_ok(const struct session *s, const char *path)
{
	const struct job *j = s->job;
	int64_t total;
	bool known;
	if (!j) {
		printf("%s: ok, a site file\n", path);
		return;
	}
	total = instances(j, &known);
	path = strcmp(path, "-") == 0 ? "<stdin>" : path;
	printf("%s: ok, %" PRIu32 " task%s, %s%" PRId64 " instance%s\n", path, j->ntask, j->ntask == 1 ? "" : "s",
		known ? "" : "at least ", total, total == 1 ? "" : "s");
}

/* The last line about several files. */
static void say_sum(uint32_t n, uint32_t bad, FILE *f, bool quiet)
{
	if (bad)
		fprintf(f, "%" PRIu32 " workflows, %" PRIu32 " of them with errors\n", n, bad);
	else if (!quiet)
		fprintf(f, "%" PRIu32 " workflows, all ok\n", n);
}

/* SARIF of several files: the runs of all of them in one log */
static void sarif_add(json_t **log, const struct session *s)
{
	char *text = NULL;
	size_t n = 0;
	FILE *f = open_memstream(&text, &n);
	if (!f)
		return;
	diags_print_sarif(s->diags, f);
	fclose(f);
	json_t *one = json_loadb(text, n, 0, NULL);
	free(text);
	if (!*log)
		*log = one;
	else
		json_array_extend(json_object_get(*log, "runs"), json_object_get(one, "runs")), json_decref(one);
}

static void check_scripts(struct load *l, const struct opts *o)
{
	if (!opts_flag(o, "shellcheck"))
		return;
	shellcheck_run(l->session);
	lint_apply(l->session);
}

/* Compile, and again while there is something to fix; false for wrong usage. */
static bool compile_fixed(struct load *l, const struct opts *o, const char *path, struct fixer *x)
{
	for (int round = 0;; round++) {
		if (!load_open(l, o, true))
			return false;
		fixer_prepare(x, l->session);
		session_compile(l->session, path);
		check_scripts(l, o);
		load_warn_secrets(l);
		if (round == FIX_ROUNDS || !fixer_round(x, l->session, opts_flag(o, "unsafe")))
			return true;
		load_close(l);
	}
}

static bool compile(struct load *l, const struct opts *o, const char *path)
{
	if (!load_open(l, o, true))
		return false;
	if (opts_flag(o, "dump-tree")) {
		session_parse(l->session, path);
		ast_dump(&l->session->ast, stdout);
	} else {
		session_compile(l->session, path);
		check_scripts(l, o);
		load_warn_secrets(l);
		check_images(l, o);
	}
	return true;
}

/* What is left is reported where it stands in the fixed text. */
static int check_one(const struct opts *o, const char *path, json_t **log)
{
	struct load l;
	bool fix = opts_flag(o, "fix") || opts_flag(o, "diff"), quiet = opts_flag(o, "quiet") || report_stream(o) != stderr;
	struct fixer *x = fix ? fixer_new() : NULL;
	bool ok = fix ? compile_fixed(&l, o, path, x) : compile(&l, o, path), written = true;
	if (ok && fix)
		written = fixer_finish(x, path, opts_flag(o, "diff"), l.session->diags, quiet ? NULL : stderr);
	if (x)
		fixer_free(x);
	if (!ok)
		return EXIT_USAGE;
	if (log)
		sarif_add(log, l.session);
	else
		load_report(l.session->diags, o, report_stream(o));
	if (opts_flag(o, "json") && is_format(o, "json"))
		json_sum(l.session, strcmp(path, "-") == 0 ? "<stdin>" : path);
	int rc = written ? load_status(l.session->diags) : EXIT_UNREACHABLE;
	if (!rc && !quiet && !opts_flag(o, "dump-tree") && (l.session->job || l.session->site))
		say_ok(l.session, path);
	load_close(&l);
	return rc;
}

static bool wrong_options(const struct opts *o)
{
	bool fix = opts_flag(o, "fix"), diff = opts_flag(o, "diff");
	if (opts_flag(o, "unsafe") && !fix && !diff)
		return opts_error(o, "--unsafe goes with --fix or --diff") != 0;
	if ((fix || diff) && opts_flag(o, "dump-tree"))
		return opts_error(o, "--dump-tree fixes nothing") != 0;
	for (uint32_t i = 0; fix && i < o->nargs; i++)
		if (strcmp(o->args[i], "-") == 0)
			return opts_error(o, "--fix needs a file, not standard input") != 0;
	return false;
}

static int exec(struct opts *o)
{
	struct files f = { 0 };
	json_t *log = NULL;
	int rc = EXIT_OK;
	if (opts_flag(o, "list"))
		return o->nargs ? opts_error(o, "--list takes no file") : check_list(opts_flag(o, "json"));
	if (wrong_options(o) || !files_of(&f, o, true)) {
		files_free(&f);
		return EXIT_USAGE;
	}
	bool merge = f.n > 1 && is_format(o, "sarif");
	uint32_t bad = 0;
	for (uint32_t i = 0; i < f.n && rc != EXIT_USAGE; i++) {
		int one = check_one(o, f.v[i], merge ? &log : NULL);
		rc = one > rc ? one : rc; /* the worst */
		bad += one != EXIT_OK;
	}
	if (f.n > 1 && rc != EXIT_USAGE && report_stream(o) == stderr && !opts_flag(o, "dump-tree"))
		say_sum(f.n, bad, rc == EXIT_OK ? stdout : stderr, opts_flag(o, "quiet"));
	if (log) {
		json_dumpf(log, stdout, JSON_INDENT(2));
		putchar('\n');
		json_decref(log);
	}
	files_free(&f);
	return rc;
}

const struct command cmd_check = {
	.name = "check",
	.usage = "[OPTIONS] [FILE | DIRECTORY]...",
	.summary = "find all errors of a workflow, run nothing",
	.help = "  weft check                          the workflow in this directory\n"
		"  weft check job.cfg --set parts=8    with a parameter\n"
		"  weft check workflows/               every .weft and job.cfg below a directory\n"
		"  weft check --fix job.weft           and mend what is certain; --diff shows it only\n"
		"  weft check --error-format sarif job.weft > job.sarif\n"
		"\n"
		"Reads .weft files, job.cfg files and BatchCompute job descriptions in JSON, and reports every\n"
		"error at once with its place, a code and a proposal.  weft explain CODE tells more about a code.\n"
		"human and short diagnostics go to standard error, the others to standard output: JSON a diagnostic a line, with\n"
		"--json also a line a file that sums up (schema weft.check/1).\n"
		"\n"
		"--fix rewrites the file and those it uses where a diagnostic knows what is meant, then reports what is left.\n"
		"A file that has changed meanwhile is left alone.  --unsafe also takes what is likely only.\n"
		"\n"
		"What the machines here have and the account may do stands in a site file: --site, else WEFT_SITE, else\n"
		"weft.site beside the workflow and ~/.config/weft/site.weft (weft-site(5)).\n"
		"\n"
		"Warnings and notes have levels: --deny warnings, --allow NAME; lint { deny = [\"NAME\"] } in the file;\n"
		"# weft: allow(NAME) on the line above.  --list names all checks.\n"
		"\n"
		"A parameter is taken from --set, --secret, --params or the environment (WEFT_PARAM_name), the\n"
		"first of these that has it, else from its default.\n",
	.opts = check_opts,
	.exec = exec,
};

/* `weft` in a directory with one workflow */
int weft_alone(struct opts *own)
{
	uint32_t n;
	char *only = find_only(&n);
	if (!only) {
		help_overview(stdout);
		return n ? EXIT_USAGE : EXIT_OK;
	}
	struct opts o = *own;
	o.cmd = &cmd_check;
	int rc = check_one(&o, only, NULL);
	if (!rc)
		printf("Run it:  weft run %s      Draw it:  weft graph %s -o graph.svg\n", only, only);
	free(only);
	return rc;
}
