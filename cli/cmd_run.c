/* cmd_run.c - weft run: run a workflow on this machine. */
#include "cli/find.h"
#include "cli/load.h"
#include "runtime/run.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const struct opt run_opts[] = {
	{ 'f', "file", "FILE", "the workflow; every operand is then a target", NULL, false, FILL_FILE },
	{ 'j', "jobs", "N", "run at most N instances at once (default: one a processor)", NULL, false, FILL_NONE },
	{ 0, "cpus", "N", "cpus that all instances together may ask for (default: those of this machine)", NULL, false, FILL_NONE },
	{ 0, "memory", "SIZE", "memory that all instances together may ask for (default: that of this machine)", NULL, false,
		FILL_NONE },
	{ 'k', "keep-going", NULL, "after a failure go on with what does not depend on it", NULL, false, FILL_NONE },
	{ 0, "store", "oss://BUCKET=DIR", "a directory of this machine stands for a bucket; may be repeated", NULL, true,
		FILL_NONE },
	OPT_INPUTS,
	{ 0, "engine", "NAME", "what runs the instances: local, this machine", NULL, false, FILL_NONE },
	{ 0, "no-sandbox", NULL, "use no namespaces; refuses tasks that need mounts", NULL, false, FILL_NONE },
	{ 0, "ui", "MODE", "progress: auto, tty (a line that updates) or plain", "auto|tty|plain", false, FILL_NONE },
	{ 'q', "quiet", NULL, "show only failures and the last line", NULL, false, FILL_NONE },
	{ 'v', "verbose", NULL, "show the commands too", NULL, false, FILL_NONE },
	OPT_ERROR_FORMAT,
	OPT_LINTS,
	OPT_END,
};

enum { JOBS_MOST = 100000 };

struct plan { /* what run_options points to */
	struct arena *arena;
	uint32_t jobs;
	int64_t cpus, memory;
	struct store_map *stores;
	uint32_t nstores, scap;
	const char **secrets;
};

static bool parse_jobs(const struct opts *o, uint32_t *n)
{
	const char *v = opts_value(o, "jobs");
	char *end;
	*n = 0;
	if (!v)
		return true;
	errno = 0;
	long k = strtol(v, &end, 10);
	if (errno || end == v || *end || k < 1 || k > JOBS_MOST) {
		opts_error(o, "--jobs wants a number from 1 to %d, not %s", JOBS_MOST, v);
		return false;
	}
	*n = (uint32_t)k;
	return true;
}

/* --cpus 2.5 in billionths, --memory 24GB in bytes; 0 when not given */
static bool parse_room(const struct opts *o, struct plan *p)
{
	const char *c = opts_value(o, "cpus"), *m = opts_value(o, "memory");
	char *end = NULL;
	double d = c ? strtod(c, &end) : 0;
	if (c && (end == c || *end || !(d >= 0.001) || d > 1e6)) {
		opts_error(o, "--cpus wants a number from 0.001 to 1000000, not %s", c);
		return false;
	}
	p->cpus = (int64_t)(d * 1e9 + 0.5);
	if (m && (!unit_read(m, strlen(m), true, &p->memory) || p->memory <= 0)) {
		opts_error(o, "--memory wants a size such as 24GB, not %s", m);
		return false;
	}
	return true;
}

static int bad_store(const struct opts *o, const char *text)
{
	return opts_error(o, "--store wants oss://BUCKET=DIR or nas://HOST:/PATH=DIR, not %s", text);
}

/* oss://bucket=DIR, with or without the scheme and a slash after the bucket; nas://host:/path=DIR */
static bool parse_stores(const struct opts *o, struct plan *p)
{
	uint32_t i = 0;
	for (const char *t; (t = opts_each(o, "store", &i));) {
		bool nas = strncmp(t, "nas://", 6) == 0;
		const char *bucket = strncmp(t, "oss://", 6) == 0 ? t + 6 : t;
		size_t n = strcspn(bucket, nas ? "=" : "=/");
		const char *eq = bucket + n + (bucket[n] == '/');
		if (!n || *eq != '=' || !eq[1])
			return bad_store(o, t), false;
		p->stores = grow(p->stores, &p->scap, p->nstores + 1, sizeof *p->stores);
		p->stores[p->nstores++] = (struct store_map){ arena_strndup(p->arena, bucket, n), eq + 1 };
	}
	return true;
}

/* The directories of the site file, for stores that no --store names. */
static void site_stores(const struct site *s, struct plan *p)
{
	uint32_t given = p->nstores, n, k;
	const struct site_block *b = site_all(s, SITE_STORE, &n);
	for (uint32_t i = 0; i < n; i++) {
		const char *dir = site_str(&b[i], SK_STORE_dir, NULL), *nm = b[i].name;
		const char *bare = strncmp(nm, "oss://", 6) == 0 ? nm + 6 : nm;
		for (k = 0; k < given && strcmp(p->stores[k].bucket, bare) != 0 && strcmp(p->stores[k].bucket, nm) != 0; k++)
			;
		if (!dir || k < given)
			continue;
		p->stores = grow(p->stores, &p->scap, p->nstores + 1, sizeof *p->stores);
		p->stores[p->nstores++] = (struct store_map){ nm, dir };
	}
}

/* How many instances at once the site file wants of an engine, 0 when it does not say. */
static uint32_t site_jobs(const struct site *s, const char *engine)
{
	int64_t n = site_int(site_find(s, SITE_ENGINE, engine), SK_ENGINE_jobs, 0);
	return n < 0 ? 0 : n > JOBS_MOST ? JOBS_MOST : (uint32_t)n;
}

static void find_secrets(const struct load *l, const struct job *j, struct plan *p)
{
	p->secrets = xcalloc(j->nsecret + 1, sizeof *p->secrets);
	for (uint32_t i = 0; i < j->nsecret; i++)
		p->secrets[i] = load_secret(l, name_str(j->names, j->secret[i].name));
}

/* What a proposal to run again has to repeat, as words; secrets are left out. */
static char *const *repeated(const struct opts *o, const struct job *j, uint32_t first, struct plan *p)
{
	const char **w = arena_zalloc(p->arena, (size_t)o->ngiven * 2 + o->nargs + 1, sizeof *w);
	uint32_t n = 0;
	for (const struct opt_given *g = o->given; g < o->given + o->ngiven; g++) {
		if (strcmp(g->opt->name, "file") == 0 || (!g->value && !g->on))
			continue;
		bool hide = j->nsecret && strcmp(g->opt->name, "set") == 0;
		w[n++] = arena_printf(p->arena, "--%s", g->opt->name);
		if (g->value)
			w[n++] = hide ? arena_printf(p->arena, "%.*s=...", (int)strcspn(g->value, "="), g->value) : g->value;
	}
	for (uint32_t i = first; i < o->nargs; i++)
		w[n++] = o->args[i];
	return (char *const *)(uintptr_t)w;
}

static int run_loaded(const struct opts *o, struct load *l, const char *path, uint32_t first, struct plan *p)
{
	const struct job *j = l->session->job;
	struct run_result res = { 0 };
	struct run_options r = { .engine = opts_value(o, "engine"), .keep_going = opts_flag(o, "keep-going"),
		.no_sandbox = opts_flag(o, "no-sandbox"), .ui = opts_value(o, "ui"), .color = use_color(o, stderr),
		.quiet = opts_flag(o, "quiet"), .verbose = opts_flag(o, "verbose"), .source = path,
		.secrets = j->secret, .out = stdout, .err = stderr };
	find_secrets(l, j, p);
	r.engine = r.engine ? r.engine : site_str(site_find(l->session->site, SITE_SITE, ""), SK_SITE_engine, "local");
	r.ui = r.ui ? r.ui : "auto";
	r.jobs = p->jobs ? p->jobs : site_jobs(l->session->site, r.engine);
	site_stores(l->session->site, p);
	r.site = l->session->site;
	r.cpus = p->cpus;
	r.memory = p->memory;
	r.stores = p->stores;
	r.nstores = p->nstores;
	r.secret_values = p->secrets;
	r.repeat = repeated(o, j, first, p);
	r.targets = o->args + first;
	r.ntargets = o->nargs - first;
	struct diags *d = diags_new(l->session->sources); /* the check's own were shown */
	int rc = run_job(j, &r, d, &res);
	diags_finish(d);
	load_report(d, o, stderr);
	diags_free(d);
	return rc;
}

static int run_file(const struct opts *o, const char *path, uint32_t first, struct plan *p)
{
	struct load l;
	if (!load_open(&l, o, true))
		return EXIT_USAGE;
	session_compile(l.session, path);
	load_warn_secrets(&l);
	load_report(l.session->diags, o, stderr);
	int rc = load_status(l.session->diags);
	if (!rc)
		rc = run_loaded(o, &l, path, first, p);
	load_close(&l);
	return rc;
}

/* The first operand is the file when it looks like one; else this directory's workflow is meant. */
static bool first_is_file(const struct opts *o)
{
	if (!o->nargs || opts_value(o, "file") || o->rest == 0)
		return false;
	const char *a = o->args[0];
	return strcmp(a, "-") == 0 || is_workflow_name(a) || strchr(a, '/') || access(a, F_OK) == 0;
}

static int exec(struct opts *o)
{
	bool operand = first_is_file(o);
	const char *given = operand ? o->args[0] : opts_value(o, "file");
	struct plan p = { .arena = arena_new() };
	bool ok = parse_jobs(o, &p.jobs) && parse_room(o, &p) && parse_stores(o, &p);
	char *path = !ok ? NULL : given ? xstrdup(given) : only_workflow(o);
	int rc = path ? run_file(o, path, operand, &p) : EXIT_USAGE;
	free(path);
	free(p.stores);
	free(p.secrets);
	arena_free(p.arena);
	return rc;
}

const struct command cmd_run = {
	.name = "run",
	.usage = "[OPTIONS] [FILE] [TARGET]...",
	.summary = "run a workflow on this machine",
	.help = "  weft run                       the workflow in this directory\n"
		"  weft run job.weft --set parts=8 -j 4\n"
		"  weft run job.weft merge        only merge and what it needs\n"
		"  weft run job.weft 'count[3]'   only this instance and what it needs\n"
		"  weft run --file job.cfg -r oss://your-bucket/log-count/:/home/input \\\n"
		"      -w oss://your-bucket/log-count/:/home/output --store oss://your-bucket=bucket\n"
		"\n"
		"Every instance starts in a fresh directory that holds its package and its declared inputs.  Outputs reach\n"
		"their places by rename, when the command has succeeded and all of them exist.  Mounts appear at their\n"
		"absolute paths, for the instance alone.  --store says which directory stands for a bucket, or for nas://HOST:/PATH;\n"
		"a site file says it once for all (weft-site(5)).\n"
		"\n"
		"A run leaves what it did in .weft/runs.  Ctrl-C stops every process; a second one leaves at once.\n",
	.opts = run_opts,
	.exec = exec,
};
