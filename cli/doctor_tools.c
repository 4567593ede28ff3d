/* doctor_tools.c - probes of programs and libraries. */
#include "cli/doctor.h"
#include "cli/load.h"
#include "compiler/graph_lib.h"
#include "runtime/http.h"
#include "runtime/package_lib.h"

#include <iconv.h>
#include <langinfo.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct finding finding_of(enum health h, const char *found, const char *means, const char *remedy)
{
	return (struct finding){ h, found, means, remedy };
}

struct finding finding_ok(const char *found)
{
	return finding_of(HEALTH_OK, found, NULL, NULL);
}

const char *doctor_program(struct doctor *d, const char *nm)
{
	const char *p = getenv("PATH");
	for (size_t n; p && *p; p += n + (p[n] == ':')) {
		n = strcspn(p, ":");
		const char *file = arena_printf(d->a, "%.*s/%s", (int)(n ? n : 1), n ? p : ".", nm);
		struct stat st;
		if (stat(file, &st) == 0 && S_ISREG(st.st_mode) && access(file, X_OK) == 0)
			return file;
	}
	return NULL;
}

static struct finding program(struct doctor *d, const char *nm, const char *means, const char *remedy)
{
	const char *path = doctor_program(d, nm);
	return path ? finding_ok(path) : finding_of(HEALTH_MISSING, "not on PATH", means, remedy);
}

struct finding probe_locale(struct doctor *d)
{
	const char *set = nl_langinfo(CODESET);
	iconv_t cd = iconv_open("UTF-8", "GBK");
	if (cd == (iconv_t)-1)
		return finding_of(HEALTH_WARN, "names cannot be converted from GBK", "locale = \"GBK\" of a task does not work",
			"install the conversions of the C library (libc-bin, gconv)");
	iconv_close(cd);
	if (use_unicode())
		return finding_ok(arena_strdup(d->a, "UTF-8, names can be converted"));
	return finding_of(HEALTH_WARN, set, "names and symbols outside of ASCII are shown escaped", "LC_ALL=C.UTF-8");
}

struct finding probe_shell(struct doctor *d)
{
	(void)d; /* tasks have a PATH of their own */
	if (access("/bin/bash", X_OK) == 0 || access("/usr/bin/bash", X_OK) == 0)
		return finding_ok("bash");
	if (access("/bin/sh", X_OK) == 0 || access("/usr/bin/sh", X_OK) == 0)
		return finding_of(HEALTH_WARN, "sh, no bash", "scripts run in sh", "install bash");
	return finding_of(HEALTH_MISSING, "neither bash nor sh", "scripts without an interpreter cannot run", "install bash");
}

struct finding probe_archive(struct doctor *d)
{
	const char *why = "";
	(void)d;
	return lib_archive(&why) ? finding_ok("can be loaded") :
		finding_of(HEALTH_MISSING, arena_strdup(d->a, why), "packages that are archives cannot be read", "apt install libarchive13");
}

struct finding probe_crypto(struct doctor *d)
{
	const char *why = "";
	return lib_crypto(&why) ? finding_ok("can be loaded") :
		finding_of(HEALTH_MISSING, arena_strdup(d->a, why), "packages cannot be read", "apt install libssl3");
}

struct finding probe_curl(struct doctor *d)
{
	const char *why = "";
	struct http *h = http_new("http://localhost", &why);
	if (!h)
		return finding_of(HEALTH_MISSING, arena_strdup(d->a, why), "no notifications are sent, Slurm cannot be asked",
			"apt install libcurl4");
	http_free(h);
	return finding_ok("can be loaded");
}

struct finding probe_graphviz(struct doctor *d)
{
	struct sources *ss = sources_new();
	struct diags *diags = diags_new(ss);
	bool ok = gv_load(true, diags) != NULL;
	diags_free(diags);
	sources_free(ss);
	if (ok)
		return finding_ok("libgvc can be loaded");
	return finding_of(HEALTH_MISSING, "libcgraph or libgvc cannot be loaded",
		doctor_program(d, "dot") ? "weft graph writes dot and Mermaid only; dot is on PATH and draws them" :
		"weft graph writes dot and Mermaid only", "apt install libgvc6");
}

struct finding probe_bubblewrap(struct doctor *d)
{
	return program(d, "bwrap", NULL, NULL);
}

struct finding probe_slurm(struct doctor *d)
{
	const char *sinfo = doctor_program(d, "sinfo"), *sbatch = doctor_program(d, "sbatch");
	if (sinfo && sbatch)
		return finding_ok(arena_printf(d->a, "%s, %s", sinfo, sbatch));
	return finding_of(HEALTH_MISSING, sinfo || sbatch ? "some of its commands are not on PATH" : "not on PATH", NULL,
		"apt install slurm-client");
}

struct finding probe_slurmrestd(struct doctor *d)
{
	static const char *const sockets[] = { "/run/slurmrestd/slurmrestd.socket", "/run/slurmrestd.sock", "/var/run/slurmrestd.sock" };
	struct stat st;
	for (size_t i = 0; i < sizeof sockets / sizeof *sockets; i++)
		if (stat(sockets[i], &st) == 0 && S_ISSOCK(st.st_mode))
			return finding_ok(sockets[i]);
	return program(d, "slurmrestd", "the engine has to be told where it listens (site file, engine \"slurm\")", "apt install slurmrestd");
}
