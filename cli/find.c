/* find.c - which workflow files are meant. */
#include "cli/find.h"
#include "cli/cmd.h"

#include "base/arena.h"
#include "base/buf.h"

#include <dirent.h>
#include <errno.h>
#include <fts.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static bool ends_with(const char *s, const char *end)
{
	size_t n = strlen(s), m = strlen(end);
	return n > m && strcmp(s + n - m, end) == 0;
}

bool is_workflow_name(const char *path)
{
	return ends_with(path, ".weft") || ends_with(path, ".cfg") || ends_with(path, ".ini") || ends_with(path, ".json");
}

void files_add(struct files *f, const char *path)
{
	f->v = grow(f->v, &f->cap, f->n + 1, sizeof *f->v);
	f->v[f->n++] = xstrdup(path);
}

void files_free(struct files *f)
{
	for (uint32_t i = 0; i < f->n; i++)
		free(f->v[i]);
	free(f->v);
	*f = (struct files){ 0 };
}

static int by_name(const FTSENT **a, const FTSENT **b)
{
	return strcmp((*a)->fts_name, (*b)->fts_name);
}

static bool visit(struct files *f, FTS *fts, FTSENT *e, bool cfg)
{
	bool hidden = e->fts_name[0] == '.' && e->fts_level > 0;
	if (e->fts_info == FTS_D && hidden) {
		fts_set(fts, e, FTS_SKIP);
	} else if (e->fts_info == FTS_F && !hidden) {
		if (ends_with(e->fts_name, ".weft") || (cfg && strcmp(e->fts_name, "job.cfg") == 0))
			files_add(f, e->fts_path);
	} else if (e->fts_info == FTS_DNR || e->fts_info == FTS_ERR) {
		fprintf(stderr, "weft: cannot read directory %s: %s\n", e->fts_path, strerror(e->fts_errno));
		return false;
	}
	return true;
}

/* A directory of this many is none of workflows. */
enum { FILES_MAX = 100000, NAMED = 8 };

bool find_workflows(struct files *f, const char *dir, bool cfg)
{
	char *path = xstrdup(dir);
	char *roots[2] = { path, NULL };
	FTS *fts = fts_open(roots, FTS_PHYSICAL | FTS_NOCHDIR, by_name);
	bool ok = fts != NULL;
	if (!ok)
		fprintf(stderr, "weft: cannot read directory %s: %s\n", dir, strerror(errno));
	for (FTSENT *e; ok && f->n <= FILES_MAX && (e = fts_read(fts));)
		ok = visit(f, fts, e, cfg);
	if (ok && f->n > FILES_MAX) {
		fprintf(stderr, "weft: more than %d workflows below %s\n", FILES_MAX, dir);
		ok = false;
	}
	if (fts)
		fts_close(fts);
	free(path);
	return ok;
}

static bool add_operand(struct files *f, const char *path, bool cfg)
{
	struct stat st;
	if (strcmp(path, "-") == 0 || stat(path, &st) != 0 || !S_ISDIR(st.st_mode)) {
		files_add(f, path);
		return true;
	}
	uint32_t before = f->n;
	if (!find_workflows(f, path, cfg))
		return false;
	if (f->n == before)
		fprintf(stderr, "weft: no workflow below %s (*.weft%s)\n", path, cfg ? ", job.cfg" : "");
	return f->n > before;
}

bool files_of(struct files *f, const struct opts *o, bool cfg)
{
	for (uint32_t i = 0; i < o->nargs; i++)
		if (!add_operand(f, o->args[i], cfg))
			return false;
	if (o->nargs)
		return true;
	char *only = only_workflow(o);
	if (!only)
		return false;
	files_add(f, only);
	free(only);
	return true;
}

/* *.weft files of the current directory: the first in name order behind `last`, and how many in all */
static char *first_weft(uint32_t *n, const char *last)
{
	char *first = NULL;
	DIR *d = opendir(".");
	*n = 0;
	for (struct dirent *e; d && (e = readdir(d));) {
		if (e->d_name[0] == '.' || !ends_with(e->d_name, ".weft"))
			continue;
		++*n;
		if (strcmp(e->d_name, last) > 0 && (!first || strcmp(e->d_name, first) < 0)) {
			free(first);
			first = xstrdup(e->d_name);
		}
	}
	if (d)
		closedir(d);
	return first;
}

char *find_only(uint32_t *n)
{
	char *first = first_weft(n, "");
	if (*n == 1)
		return first;
	free(first);
	return *n == 0 && access("job.cfg", F_OK) == 0 ? xstrdup("job.cfg") : NULL;
}

/* There are several: the first few are named. */
static void which_workflow(const struct opts *o, uint32_t n)
{
	char *last = xstrdup("");
	struct buf b;

	buf_init(&b, 1 << 16);
	for (uint32_t i = 0; i < n && i < NAMED; i++) {
		uint32_t all;
		char *next = first_weft(&all, last);

		buf_addf(&b, "%s%s", i ? ", " : "", next ? next : "");
		free(last);
		last = next ? next : xstrdup("");
	}
	opts_error(o, "which workflow? there are %u .weft files here: %s%s", n, buf_str(&b), n > NAMED ? ", ..." : "");
	buf_free(&b);
	free(last);
}

char *only_workflow(const struct opts *o)
{
	uint32_t n;
	char *only = find_only(&n);
	if (!only && n)
		which_workflow(o, n);
	else if (!only)
		opts_error(o, "no workflow here: name a .weft file, a job.cfg or a job description in JSON");
	return only;
}

int with_workflow(const struct opts *o, int (*run)(const struct opts *o, const char *path))
{
	if (o->nargs > 1)
		return opts_error(o, "one file at a time, not also %s", o->args[1]);
	char *path = o->nargs ? xstrdup(o->args[0]) : only_workflow(o);
	int rc = path ? run(o, path) : EXIT_USAGE;
	free(path);
	return rc;
}
