/* runargs.c - see runargs.h. */
#include "cli/runargs.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/detach.h"
#include "cli/find.h"
#include "lang/cfgline.h"

enum { JOBS_MOST = 100000, LAST_WORDS_S = 2 };

static bool has(const struct opts *o, const char *option)
{
	return opts_find(o->cmd, option, strlen(option)) != NULL;
}

static bool flag(const struct opts *o, const char *option)
{
	return has(o, option) && opts_flag(o, option);
}

static const char *value(const struct opts *o, const char *option)
{
	return has(o, option) ? opts_value(o, option) : NULL;
}

static bool parse_jobs(const struct opts *o, uint32_t *n)
{
	const char *v = value(o, "jobs");
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

static bool parse_seed(struct runargs *a)
{
	const char *v = value(a->o, "seed");
	char *end;
	errno = 0;
	unsigned long n = v ? strtoul(v, &end, 10) : 0;
	if (v && (errno || end == v || *end || *v == '-' || n < 1 || n > UINT32_MAX)) {
		opts_error(a->o, "--seed wants a number from 1 to %u, not %s", UINT32_MAX, v);
		return false;
	}
	a->run.seed = (uint32_t)n;
	return true;
}

/* --cpus 2.5 in billionths, --memory 24GB in bytes; 0 when not given */
static bool parse_room(struct runargs *a)
{
	const char *c = value(a->o, "cpus"), *m = value(a->o, "memory");
	char *end = NULL;
	double d = c ? strtod(c, &end) : 0;
	if (c && (end == c || *end || !(d >= 0.001) || d > 1e6)) {
		opts_error(a->o, "--cpus wants a number from 0.001 to 1000000, not %s", c);
		return false;
	}
	a->run.cpus = (int64_t)(d * 1e9 + 0.5);
	if (m && (!unit_read(m, strlen(m), true, &a->run.memory) || a->run.memory <= 0)) {
		opts_error(a->o, "--memory wants a size such as 24GB, not %s", m);
		return false;
	}
	return true;
}

static int bad_store(const struct opts *o, const char *text)
{
	return opts_error(o, "--store wants oss://BUCKET=DIR or nas://HOST:/PATH=DIR, not %s", text);
}

static void add_store(struct runargs *a, const char *bucket, const char *dir)
{
	a->stores = grow(a->stores, &a->scap, a->nstores + 1, sizeof *a->stores);
	a->stores[a->nstores++] = (struct store_map){ bucket, dir };
}

/* oss://bucket=DIR, with or without the scheme and a slash after the bucket; nas://host:/path=DIR */
bool runargs_stores(struct runargs *a)
{
	uint32_t i = 0;
	for (const char *t; (t = opts_each(a->o, "store", &i));) {
		bool nas = strncmp(t, "nas://", 6) == 0;
		const char *bucket = strncmp(t, "oss://", 6) == 0 ? t + 6 : t;
		size_t n = strcspn(bucket, nas ? "=" : "=/");
		const char *eq = bucket + n + (bucket[n] == '/');
		if ((!n && bucket == t) || *eq != '=' || !eq[1])
			return bad_store(a->o, t), false;
		add_store(a, n ? arena_strndup(a->arena, bucket, n) : "oss://", eq + 1);
	}
	return true;
}

void runargs_site_stores(struct runargs *a, const struct site *s)
{
	uint32_t given = a->nstores, n, k;
	const struct site_block *b = site_all(s, SITE_STORE, &n);
	for (uint32_t i = 0; i < n; i++) {
		const char *dir = site_str(&b[i], SK_STORE_dir, NULL), *nm = b[i].name;
		const char *bare = strncmp(nm, "oss://", 6) == 0 ? nm + 6 : nm;
		for (k = 0; k < given && strcmp(a->stores[k].bucket, bare) != 0 && strcmp(a->stores[k].bucket, nm) != 0; k++)
			;
		if (dir && k == given)
			add_store(a, nm, dir);
	}
}

/* How many instances at once the site file wants of an engine, 0 when it does not say. */
static uint32_t site_jobs(const struct site *s, const char *engine)
{
	int64_t n = site_int(site_find(s, SITE_ENGINE, engine), SK_ENGINE_jobs, 0);
	return n < 0 ? 0 : n > JOBS_MOST ? JOBS_MOST : (uint32_t)n;
}

static void find_secrets(struct runargs *a, const struct job *j)
{
	a->secrets = xcalloc(j->nsecret + 1, sizeof *a->secrets);
	for (uint32_t i = 0; i < j->nsecret; i++)
		a->secrets[i] = load_secret(&a->load, name_str(j->names, j->secret[i].name));
}

/* Options that say how to look at something, not what is looked at. */
static bool is_view(const struct runargs *a, const char *option)
{
	if (a->line && cfg_line_key(option))
		return false;
	static const char *const view[] = { "output", "json", "all", "dry-run", "detailed-exitcode", "touch", "force", "detach",
		"events", "again" };
	for (size_t i = 0; i < sizeof view / sizeof *view; i++)
		if (strcmp(view[i], option) == 0)
			return true;
	return !a->line && strcmp(option, "file") == 0;
}

/* What a proposal to run again has to repeat, as words; secrets are left out. */
static char *const *repeated(const struct runargs *a, const struct job *j)
{
	const struct opts *o = a->o;
	const char **w = arena_zalloc(a->arena, (size_t)o->ngiven * 2 + o->nargs + 2, sizeof *w);
	uint32_t n = 0, from = a->line ? 0 : a->first;
	bool first = a->line && o->rest; /* else they stand behind -- */
	for (uint32_t i = from; first && i < o->nargs; i++)
		w[n++] = o->args[i];
	for (const struct opt_given *g = o->given; g < o->given + o->ngiven; g++) {
		if (is_view(a, g->opt->name) || (!g->value && !g->on))
			continue;
		bool hide = j->nsecret && strcmp(g->opt->name, "set") == 0;
		w[n++] = arena_printf(a->arena, "--%s", g->opt->name);
		if (g->value)
			w[n++] = hide ? arena_printf(a->arena, "%.*s=...", (int)strcspn(g->value, "="), g->value) : g->value;
	}
	if (a->line && !o->rest)
		w[n++] = "--";
	for (uint32_t i = from; !first && i < o->nargs; i++)
		w[n++] = o->args[i];
	return (char *const *)(uintptr_t)w;
}

static void forced(struct runargs *a, const struct job *j)
{
	uint32_t i = 0;
	a->force = arena_zalloc(a->arena, (size_t)a->o->ngiven + j->ntask + 1, sizeof *a->force);
	for (const char *t; has(a->o, "force") && (t = opts_each(a->o, "force", &i));)
		a->force[a->run.nforce++] = t;
	for (i = 0; (flag(a->o, "again") || a->anew) && i < j->ntask; i++)
		a->force[a->run.nforce++] = name_str(j->names, j->task[i].name);
	a->run.force = a->force;
}

static void fill(struct runargs *a, const struct job *j)
{
	const struct opts *o = a->o;
	const struct site *site = a->load.session->site;
	struct run_options *r = &a->run;
	find_secrets(a, j);
	runargs_site_stores(a, site);
	forced(a, j);
	r->engine = value(o, "engine");
	r->endpoint = value(o, "slurm");
	r->token_file = value(o, "slurm-token");
	r->engine = r->engine ? r->engine : r->endpoint ? "slurm" : site_str(site_find(site, SITE_SITE, ""), SK_SITE_engine, "local");
	r->jobs = r->jobs ? r->jobs : site_jobs(site, r->engine);
	r->pools = r->pools || site_int(site_find(site, SITE_ENGINE, r->engine), SK_ENGINE_pools, 0);
	r->ui = value(o, "ui");
	r->ui = r->ui ? r->ui : "auto";
	r->site = site;
	r->stores = a->stores;
	r->nstores = a->nstores;
	r->source = a->line ? NULL : a->path;
	r->secrets = j->secret;
	r->secret_values = a->secrets;
	r->repeat = repeated(a, j);
	r->targets = o->args + a->first;
	r->ntargets = o->nargs - a->first;
	r->out = r->events && !strcmp(r->events, "-") ? stderr : stdout; /* which then holds nothing but events */
	r->err = stderr;
}

static volatile sig_atomic_t ended; /* the exit status of a run that a signal ended */

static void leave(int sig)
{
	(void)sig;
	_exit(ended);
}

/* A signal has ended the run, all of it is recorded: who does not take the last words gets two seconds. */
static void hurry(int rc)
{
	if (rc <= 128)
		return;
	ended = rc;
	signal(SIGALRM, leave);
	alarm(LAST_WORDS_S);
}

static int loaded(struct runargs *a, runargs_fn *fn)
{
	struct session *s = a->load.session;
	fill(a, s->job);
	struct diags *d = diags_new(s->job->sources); /* the check's own were shown */
	int rc = fn(a, s->job, d);
	diags_finish(d);
	hurry(rc);
	load_report(d, a->o, stderr);
	diags_free(d);
	return rc;
}

static int run(struct runargs *a, const struct job *j, struct diags *d)
{
	struct run_result res = { 0 };
	a->run.color = !a->run.detach && use_color(a->o, stderr);
	a->run.unicode = use_unicode();
	return opts_flag(a->o, "dry-run") ? plan_job(j, &a->run, d) : run_job(j, &a->run, d, &res);
}

static int compiled(struct runargs *a, runargs_fn *fn)
{
	struct load *l = &a->load;
	if (!load_open(l, a->o, has(a->o, "set")))
		return EXIT_USAGE;
	l->session->opt.line = a->line;
	if (a->line)
		session_compile(l->session, a->path);
	else
		compiled_open(l, a->o, a->path, fn == run);
	load_report(l->session->diags, a->o, stderr);
	int rc = load_status(l->session->diags);
	if (!rc)
		rc = loaded(a, fn);
	load_close(l);
	return rc;
}

/* The first operand is the workflow when it looks like one, or when there is no other; else it is a target. */
static bool first_is_file(const struct opts *o)
{
	if (!o->nargs || opts_value(o, "file") || o->rest == 0)
		return false;
	const char *a = o->args[0];
	if (strcmp(a, "-") == 0 || is_workflow_name(a))
		return true;
	uint32_t n;
	char *only = find_only(&n);
	free(only);
	return !only && (strchr(a, '/') || access(a, F_OK) == 0);
}

static int begin(struct runargs *a, runargs_fn *fn)
{
	bool ok = parse_jobs(a->o, &a->run.jobs) && parse_room(a) && parse_seed(a) && runargs_stores(a);
	int rc = ok && a->path ? compiled(a, fn) : EXIT_USAGE;
	free(a->stores);
	free(a->secrets);
	arena_free(a->arena);
	return rc;
}

int runargs_do(const struct opts *o, runargs_fn *fn, const struct run_options *more)
{
	struct runargs a = { .o = o, .arena = arena_new(), .run = *more };
	a.first = first_is_file(o);
	const char *given = a.first ? o->args[0] : opts_value(o, "file");
	char *path = given ? xstrdup(given) : only_workflow(o);
	a.path = path;
	int rc = begin(&a, fn);
	free(path);
	return rc;
}

int runargs_line(const struct opts *o, struct cfg_line *line, const char *path, runargs_fn *fn, const struct run_options *more)
{
	struct runargs a = { .o = o, .arena = arena_new(), .run = *more, .path = path, .line = line, .first = o->nargs };
	return begin(&a, fn);
}

int runargs_line_anew(const struct opts *o, struct cfg_line *line, const char *path, runargs_fn *fn, const struct run_options *more)
{
	struct runargs a = { .o = o, .arena = arena_new(), .run = *more, .path = path, .line = line, .anew = true, .first = o->nargs };
	return begin(&a, fn);
}

int runargs_run(const struct opts *o, runargs_start *start, void *arg)
{
	struct run_options more = { .keep_going = opts_flag(o, "keep-going"),
		.pools = opts_flag(o, "pools"), .no_sandbox = opts_flag(o, "no-sandbox"),
		.quiet = opts_flag(o, "quiet"), .verbose = opts_flag(o, "verbose"), .touch = flag(o, "touch"),
		.only_failed = flag(o, "failed"), .events = opts_value(o, "events") };
	const char *ui = opts_value(o, "ui");
	int fd, rc;
	if (ui && strcmp(ui, "json") == 0 && !more.events)
		more.events = "-";
	if (opts_flag(o, "detach") && !opts_flag(o, "dry-run") && !more.touch) {
		detach_fork(&fd, &rc);
		if (fd < 0)
			return rc;
		more.detach = fd;
	}
	return start(o, run, &more, arg);
}
