/* cmd_doctor.c - weft doctor: what this machine lets weft do, tried out, with remedies. */
#include "base/buf.h"
#include "base/json.h"
#include "cli/doctor.h"
#include "cli/load.h"
#include "cli/out.h"
#include "runtime/text.h"

#include <errno.h>
#include <ftw.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const struct opt doctor_opts[] = {
	{ 0, "json", NULL, "as JSON", NULL, false, FILL_NONE },
	{ 'q', "quiet", NULL, "only what is not ok", NULL, false, FILL_NONE },
	{ 0, "site", "FILE", "the site file that says where Slurm is", NULL, false, FILL_FILE },
	{ 0, "slurm", "ENDPOINT", "look at the Slurm at unix:/PATH, http://HOST:PORT or exec:COMMAND", NULL, false, FILL_NONE },
	{ 0, "slurm-token", "FILE", "the token for it (else SLURM_JWT)", NULL, false, FILL_FILE },
	{ 0, "job", NULL, "submit a job to Slurm that looks at the machine it runs on", NULL, false, FILL_NONE },
	OPT_END,
};
static const struct {
	const char *name, *what;
	bool needed;
	struct finding (*fn)(struct doctor *d);
} probes[] = {
#define PROBE(id, name, needed, what) { name, what, needed, probe_##id },
#include "cli/probes.def"
#undef PROBE
};
enum { PROBES = sizeof probes / sizeof *probes, LINE_MAX_BYTES = 4096 };
static const char *const health_words[] = { [HEALTH_OK] = "ok", [HEALTH_WARN] = "warn", [HEALTH_MISSING] = "missing" };

static int drop(const char *path, const struct stat *st, int kind, struct FTW *w)
{
	(void)st, (void)kind, (void)w;
	return remove(path);
}

static void begin(struct doctor *d)
{
	struct cg_place place[CG_WHATS];
	char *cwd = realpath(".", NULL);
	*d = (struct doctor){ .a = arena_new(), .sb = { .driver = -1, .null = -1 } };
	d->workspace = arena_strdup(d->a, cwd ? cwd : ".");
	free(cwd);
	char *dir = arena_printf(d->a, "%s/.weft-doctor.XXXXXX", d->workspace);
	d->scratch = mkdtemp(dir);
	if (d->scratch && sandbox_open(&d->sb, "WEFT_DOCTOR=1"))
		sandbox_probe(&d->sb, d->scratch, true, true, d->a);
	cgroup_find(d->a, place);
	d->groups = cgroups_open(place, 0);
}

static void end(struct doctor *d)
{
	cgroups_close(d->groups);
	if (d->scratch) {
		sandbox_close(&d->sb);
		nftw(d->scratch, drop, 16, FTW_DEPTH | FTW_PHYS);
	}
	arena_free(d->a);
}

static void add_text(const struct opts *o, struct buf *b, size_t i, const struct finding *f)
{
	static const char *const color[] = { [HEALTH_OK] = "\033[32m", [HEALTH_WARN] = "\033[33m", [HEALTH_MISSING] = "\033[31m" };
	bool on = use_color(o, stdout);
	if (!f->found || (f->health == HEALTH_OK && opts_flag(o, "quiet")))
		return;
	buf_addf(b, "%s%-8s%s%-15s", on ? color[f->health] : "", health_words[f->health], on ? "\033[0m" : "", probes[i].name);
	text_safe(b, f->found, strlen(f->found), LINE_MAX_BYTES); /* some of it is a server's */
	buf_addf(b, "%s%s\n", probes[i].needed && f->health == HEALTH_MISSING ? " (needed) - for " : " - ", probes[i].what);
	if (f->means) {
		buf_addf(b, "%23s= ", "");
		text_safe(b, f->means, strlen(f->means), LINE_MAX_BYTES);
		buf_addc(b, '\n');
	}
	if (f->remedy && f->health != HEALTH_OK)
		buf_addf(b, "%23s= help: %s\n", "", f->remedy);
}

static void add_json(struct jw *w, size_t i, const struct finding *f)
{
	if (!f->found)
		return;
	jw_open(w, '{');
	jw_kstr(w, "name", probes[i].name);
	jw_kstr(w, "state", health_words[f->health]);
	jw_kbool(w, "needed", probes[i].needed);
	jw_kstr(w, "for", probes[i].what);
	jw_kstr(w, "found", f->found);
	if (f->means)
		jw_kstr(w, "means", f->means);
	if (f->remedy)
		jw_kstr(w, "help", f->remedy);
	jw_close(w);
}

/* All probes, in order; false when something needed is missing. */
static bool examine(const struct opts *o, struct doctor *d, struct buf *b, bool json)
{
	struct jw w;
	bool ok = true;
	jw_init(&w, b, 2);
	if (json) {
		jw_open(&w, '{');
		jw_kstr(&w, "schema", "weft.doctor/1");
		jw_key(&w, "probes");
		jw_open(&w, '[');
	}
	for (size_t i = 0; i < PROBES; i++) {
		struct finding f = probes[i].fn(d);
		ok = ok && !(probes[i].needed && f.health == HEALTH_MISSING);
		if (json)
			add_json(&w, i, &f);
		else
			add_text(o, b, i, &f);
	}
	if (json) {
		jw_close(&w);
		jw_kbool(&w, "ok", ok);
		jw_close(&w);
		buf_addc(b, '\n');
	} else {
		buf_adds(b, !ok ? "something that weft needs is missing\n" : d->slurm.given ? "weft can run workflows here\n" :
			"weft can run workflows here; it sends nothing to anybody\n");
	}
	return ok;
}

/* Site files that cannot be read are said, and nothing is taken from them. */
static bool read_site(struct load *l, const struct opts *o)
{
	if (!load_open(l, o, false))
		return false;
	session_sites(l->session, "./job.weft");
	load_report(l->session->diags, o, stderr);
	return true;
}

static int exec(struct opts *o)
{
	struct run_options r = { .endpoint = opts_value(o, "slurm"), .token_file = opts_value(o, "slurm-token") };
	struct doctor d;
	struct load l;
	struct buf b;
	if (o->nargs)
		return opts_error(o, "no operand is taken, such as %s", o->args[0]);
	if (!read_site(&l, o))
		return EXIT_USAGE;
	r.site = l.session->site;
	buf_init(&b, 1 << 20);
	begin(&d);
	d.slurm.job = opts_flag(o, "job");
	doctor_slurm_open(&d, &r);
	bool ok = examine(o, &d, &b, opts_flag(o, "json"));
	doctor_slurm_close(&d);
	end(&d);
	load_close(&l);
	bool written = out_write(NULL, b.p, b.len);
	buf_free(&b);
	return !written ? EXIT_UNREACHABLE : ok ? EXIT_OK : EXIT_FAILED;
}

const struct command cmd_doctor = {
	.name = "doctor",
	.usage = "[OPTIONS]",
	.summary = "try what this machine lets weft do, and say what to do about the rest",
	.help = "  weft doctor             in the directory that is to be the workspace\n"
		"  weft -C DIR doctor\n"
		"  weft doctor --json      for scripts: schema weft.doctor/1\n"
		"\n"
		"Each line is one thing that was tried: ok, warn (weft does without, and says what that means) or missing.\n"
		"Nothing is changed: what is made for a try is removed.  Control groups that killed runs have left are removed too.\n"
		"Where Slurm is said to be (--slurm, WEFT_SLURM, engine slurm { } of a site file), it is asked too; --job submits a job\n"
		"that looks whether its machine sees this directory and what it lets weft do.\n"
		"\n"
		"The status is 0, or 1 when something is missing without which nothing runs here.\n",
	.opts = doctor_opts,
	.exec = exec,
};
