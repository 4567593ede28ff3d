/* export_sbatch.c - the directory of scripts: written under another name, then put in its place at once. */
#include "runtime/export_impl.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "runtime/stage_fs.h"

enum { FILE_MAX = 1 << 30 };

#define MARK ".weft-export"

static bool cannot(struct export *x, enum code code, const char *dir, const char *why)
{
	x->status = code == E1103 ? 4 : 3;
	return diag_error(x->d, code, NOSPAN, code == E1103 ? N_("cannot write `%s`: %s") : N_("`%s` is not replaced: %s"), dir, why);
}

/* ---- order ---- */

/* Tasks in an order in which each comes after those that it waits for; heap. */
static uint32_t *in_order(const struct job *j)
{
	uint32_t *order = xcalloc((size_t)j->ntask + 1, sizeof(*order)), *wait = xcalloc((size_t)j->ntask + 1, sizeof(*wait));
	uint32_t *first = xcalloc((size_t)j->ntask + 2, sizeof(*first)), *next = xcalloc((size_t)j->nedge + 1, sizeof(*next)), n = 0;

	for (uint32_t e = 0; e < j->nedge; e++) { /* lists by `from`, of edge numbers from 1 */
		wait[j->edge[e].to]++;
		next[e] = first[j->edge[e].from];
		first[j->edge[e].from] = e + 1;
	}
	for (uint32_t t = 0; t < j->ntask; t++)
		if (!wait[t])
			order[n++] = t;
	for (uint32_t i = 0; i < n; i++)
		for (uint32_t e = first[order[i]]; e; e = next[e - 1])
			if (!--wait[j->edge[e - 1].to])
				order[n++] = j->edge[e - 1].to;
	free(wait);
	free(first);
	free(next);
	return order;
}

/* ---- submit.sh ---- */

/* aftercorr pairs elements: both tasks are cut into arrays alike. */
static bool pairs(const struct task_script *a, const struct task_script *b)
{
	return a->ngroup == 1 && b->ngroup == 1 && a->rows == b->rows;
}

static void add_edges(struct export *x, const struct task_script *all, uint32_t task, struct buf *b)
{
	const struct job *j = x->j;

	for (uint32_t i = job_edges_into(j, task); i < j->nedge && j->edge[i].to == task; i++) {
		const struct jedge *e = &j->edge[i];

		if (!all[e->from].rows)
			continue;
		if (e->kind == EDGE_SAME && pairs(&all[e->from], &all[task]))
			buf_addf(b, "after_same \"$t%u\"\n", e->from);
		else
			buf_addf(b, "after %s \"$t%u\"\n",
				!e->data && task_int(&j->task[e->from], SET_TOLERATE) ? "afterany" : "afterok", e->from);
	}
}

static void add_group(struct export *x, const struct task_script *s, uint32_t task, const struct row_group *g, struct buf *b)
{
	struct sbatch_options o = { 0 };

	if (s->rows == 1)
		buf_adds(b, "one 0");
	else
		buf_addf(b, "rows %u %u", g->first, g->n);
	export_options(x, task, &g->ask, x->a, &o);
	for (uint32_t i = 0; i < o.n; i++)
		if (!sbatch_option_plain(&o.v[i]) || (o.v[i].asked && s->ngroup > 1)) {
			buf_addc(b, ' ');
			sbatch_option_text(&o.v[i], x->a, b);
		}
	buf_addc(b, '\n');
}

static void add_tasks(struct export *x, const struct task_script *all, const uint32_t *order, struct buf *b)
{
	for (uint32_t i = 0; i < x->j->ntask; i++) {
		const struct task_script *s = &all[order[i]];

		if (!s->rows)
			continue;
		buf_addf(b, "%stask %s\n", b->p[b->len - 2] == '\n' ? "" : "\n", name_str(x->j->names, x->j->task[order[i]].name));
		add_edges(x, all, order[i], b);
		for (uint32_t g = 0; g < s->ngroup; g++)
			add_group(x, s, order[i], &s->group[g], b);
		buf_addf(b, "t%u=$ids\n", order[i]);
	}
}

static const char *text(const char *file)
{
	for (const struct export_text *t = export_texts; t->name; t++)
		if (!strcmp(t->name, file))
			return t->text;
	return "";
}

static bool put(struct export *x, const char *file, struct buf *b, bool program)
{
	bool ok = !b->over ? export_file(x, file, buf_str(b), b->len, program) : cannot(x, E1103, file, strerror(EFBIG));

	buf_free(b);
	return ok;
}

static bool write_submit(struct export *x, const struct task_script *all)
{
	static const char mark[] = "#TASKS#\n";
	const char *t = text("submit.sh"), *at = strstr(t, mark);
	uint32_t *order = in_order(x->j);
	struct buf b;

	buf_init(&b, FILE_MAX);
	buf_add(&b, t, (size_t)(at - t));
	add_tasks(x, all, order, &b);
	buf_adds(&b, at + sizeof(mark) - 1);
	free(order);
	return put(x, "submit.sh", &b, true);
}

/* ---- the other files ---- */

/* Variables that are taken along from whoever submits. */
static void add_exported(struct export *x, struct buf *b)
{
	uint32_t n = 0;

	buf_adds(b, "exported=");
	for (uint32_t t = 0; t < x->j->ntask; t++) {
		const struct jval *v = task_set(&x->j->task[t], SET_ENV_PASS);

		for (uint32_t i = 0; v && i < v->n && !x->j->task[t].skipped; i++)
			buf_addf(b, "%s%s", n++ ? "," : "", name_str(x->j->names, v->list[i]));
	}
	buf_addc(b, '\n');
}

static bool write_settings(struct export *x)
{
	int64_t most = site_int(site_find(x->o->site, SITE_ENGINE, "slurm"), SK_ENGINE_max_array, 0);
	const char *common = text("common.sh");
	struct buf b;

	buf_init(&b, FILE_MAX);
	buf_adds(&b, "# settings.sh - what may have to be changed on another machine\n# shellcheck shell=sh disable=SC2034\nnl='\n'\n");
	buf_adds(&b, "workspace="); /* the files of the workflow are below it */
	export_word(&b, x->s->ws);
	buf_addf(&b, "\nmax_array=%lld # elements of an array at most, 0: as Slurm says\n", (long long)(most > 0 ? most : 0));
	add_exported(x, &b);
	return put(x, "settings.sh", &b, false) && export_file(x, "common.sh", common, strlen(common), false) &&
		export_file(x, MARK, "sbatch\n", 7, false);
}

static bool any(const struct job *j, bool (*is)(const struct jtask *t))
{
	for (uint32_t t = 0; t < j->ntask; t++)
		if (!j->task[t].skipped && is(&j->task[t]))
			return true;
	return false;
}

static bool has_temp(const struct jtask *t)
{
	for (uint32_t i = 0; i < t->nout; i++)
		if (t->out[i].temp)
			return true;
	return false;
}

static bool has_retry(const struct jtask *t)
{
	return t->max_retry > 0;
}

static bool has_oom(const struct jtask *t)
{
	for (uint32_t i = 0; i < t->ncause; i++)
		if (t->cause[i].cause == CAUSE_OOM)
			return true;
	return false;
}

static bool has_priority(const struct jtask *t)
{
	return task_set(t, SET_TASK_PRIORITY) != NULL;
}

/* What of this workflow the scripts do not do as weft does. */
static void add_differences(struct export *x, struct buf *b)
{
	const struct jval *fast = job_set(x->j, SET_FAIL_FAST);

	buf_adds(b, "- Everything is run, whether it is up to date or not.\n"
		"- Commands are not kept from writing elsewhere: there is no sandbox.\n"
		"- Work directories of attempts that failed, or that Slurm ended, stay until the run's directory is removed.\n");
	if (!fast || fast->i)
		buf_adds(b, "- After a failure only what needs the failed instance is cancelled; the rest goes on (`fail_fast`).\n");
	if (any(x->j, has_temp))
		buf_adds(b, "- Outputs that are `temp` stay.\n");
	if (any(x->j, has_retry))
		buf_adds(b, "- Attempts share one allocation: its time is that of all of them, its cpus and memory those of the largest.\n");
	if (any(x->j, has_oom))
		buf_adds(b, "- `retry on oom` tries again what signal 9 has ended: a script cannot see why it was sent.\n");
	if (any(x->j, has_priority))
		buf_adds(b, "- `priority` has no effect: Slurm's own rules say what runs first.\n");
}

static bool write_readme(struct export *x, const struct task_script *all)
{
	struct buf b;

	buf_init(&b, FILE_MAX);
	buf_addf(&b, "# %s\n\nA workflow as scripts for Slurm, made by `weft export sbatch`. They need no weft.\n\n"
		"    sh submit.sh           submit everything, or nothing; prints the directory of the run\n"
		"    sh submit.sh --wait    and wait for its end\n"
		"    scancel $(cat RUN/jobs)\n\n"
		"RUN/logs has the streams of commands and what the scripts say, RUN/ok a file for each instance that has succeeded.\n"
		"settings.sh says where the workspace is: every machine has to see it there. The machines need a POSIX sh and the GNU\n"
		"coreutils. Partition, account and so on are in the `#SBATCH` lines, or in submit.sh where they differ.\n\n",
		name_len(x->j->names, x->j->name) ? name_str(x->j->names, x->j->name) : "workflow");
	buf_adds(&b, "| Task | Instances |\n|---|---|\n");
	for (uint32_t t = 0; t < x->j->ntask; t++)
		if (all[t].rows)
			buf_addf(&b, "| %s | %u |\n", name_str(x->j->names, x->j->task[t].name), all[t].rows);
	buf_adds(&b, "\n## What is not as with weft\n\n");
	add_differences(x, &b);
	return put(x, "README.md", &b, false);
}

/* ---- the directory ---- */

/* What the stager has brought together; its own directories are not needed any more. */
static bool keep_packages(struct export *x)
{
	const char *from = fs_join(x->a, x->dir, "stage/packages"), *to = fs_join(x->a, x->dir, "packages");

	if (rmdir(from) == 0) /* there are none */
		return true;
	return rename(from, to) == 0 || cannot(x, E1103, to, strerror(errno));
}

static bool write_all_files(struct export *x)
{
	struct task_script *all = xcalloc((size_t)x->j->ntask + 1, sizeof(*all));
	bool ok = mkdir(fs_join(x->a, x->dir, "tables"), 0777) == 0 || cannot(x, E1103, x->dir, strerror(errno));

	for (uint32_t t = 0; ok && t < x->j->ntask; t++)
		ok = x->j->task[t].skipped || export_task(x, t, &all[t]);
	ok = ok && write_submit(x, all) && write_settings(x) && write_readme(x, all) && keep_packages(x);
	free(all);
	return ok;
}

static void remove_tree(const char *dir)
{
	fs_remove(AT_FDCWD, dir);
}

static bool fill(struct export *x)
{
	const char *stage = fs_join(x->a, x->dir, "stage");
	bool ok = mkdir(stage, 0700) == 0 || cannot(x, E1103, x->dir, strerror(errno));

	x->s = ok ? stager_new(x->j, x->o, stage, x->d) : NULL;
	if (ok && !x->s)
		x->status = 3;
	ok = x->s && export_check(x) && write_all_files(x);
	stager_free(x->s);
	x->s = NULL;
	remove_tree(stage);
	return ok;
}

/* Everything on disk before it gets its name; what was there goes away behind it. */
static bool put_in_place(struct export *x, const char *dir)
{
	int fd = open(x->dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	bool ok = fd >= 0 && syncfs(fd) == 0;

	if (fd >= 0)
		close(fd);
	ok = ok && (renameat2(AT_FDCWD, x->dir, AT_FDCWD, dir, RENAME_NOREPLACE) == 0 ||
		(errno == EEXIST && renameat2(AT_FDCWD, x->dir, AT_FDCWD, dir, RENAME_EXCHANGE) == 0));
	return ok || cannot(x, E1103, dir, strerror(errno));
}

/* New, empty, or made by this before. */
static bool may_replace(struct export *x, const char *dir)
{
	struct stat sb;
	int fd;

	if (lstat(dir, &sb) < 0)
		return errno == ENOENT || cannot(x, E1103, dir, strerror(errno));
	if (!S_ISDIR(sb.st_mode))
		return cannot(x, E1104, dir, _("it is no directory"));
	if (access(fs_join(x->a, dir, MARK), F_OK) == 0)
		return true;
	fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd >= 0 && fs_is_empty(fd))
		return true;
	cannot(x, E1104, dir, _("it was not made by `weft export`"));
	diag_help(x->d, "name a directory that is not there yet");
	return false;
}

int export_sbatch(const struct job *j, const struct run_options *o, const char *dir, struct diags *d)
{
	struct run_options own = *o;
	struct export x = { .j = j, .o = &own, .d = d, .a = arena_new() };
	const char *clean = fs_clean(x.a, dir);
	char *tmp = arena_printf(x.a, "%s.weft-XXXXXX", clean);

	own.role = RUN_NOTHING;
	if (may_replace(&x, clean)) {
		x.dir = fs_mkparents(clean) && mkdtemp(tmp) ? tmp : NULL;
		if (!x.dir)
			cannot(&x, E1103, clean, strerror(errno));
		else if (chmod(x.dir, 0755) == 0 && fill(&x))
			put_in_place(&x, clean);
		if (x.dir)
			remove_tree(x.dir); /* what was there before, or what could not be finished */
	}
	arena_free(x.a);
	return x.status;
}
