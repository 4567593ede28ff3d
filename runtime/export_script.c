/* export_script.c - the script of one task, and the tables of what differs between its instances.
 *
 * All instances are worked out twice: first to see which texts differ, then to write those down, a row of shell text each.
 * What is the same for all of them stands in the script itself, where a person can read it. */
#include "runtime/export_impl.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/io.h"
#include "runtime/stage_fs.h"

enum { FILE_MAX = 1 << 30, TABLE_ROWS = 1000, PAUSE_MOST = 30 };

struct row {
	struct slurm_ask ask;
	uint32_t instance;
};
struct writer {
	struct export *x;
	uint32_t task;
	const struct jtask *t;
	struct arena *a;    /* as long as the task is written */
	struct bound first; /* of the first instance */
	bool *varies;       /* [first.n] */
	bool by_attempt, table;
	struct row *row;
	struct task_script *out;
};

bool export_file(struct export *x, const char *file, const void *p, size_t n, bool program)
{
	const char *path = fs_join(x->a, x->dir, file);
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, program ? 0777 : 0666);
	bool ok = fd >= 0 && write_all(fd, p, n);

	if (fd >= 0 && close(fd) == 0 && ok)
		return true;
	x->status = 4;
	return diag_error(x->d, E1103, NOSPAN, "cannot write `%s`: %s", path, strerror(errno));
}

static bool write_buf(struct export *x, const char *file, struct buf *b, bool program)
{
	bool ok = !b->over;

	if (!ok) {
		x->status = 4;
		errno = EFBIG;
		diag_error(x->d, E1103, NOSPAN, "cannot write `%s`: %s", file, strerror(errno));
	}
	ok = ok && export_file(x, file, buf_str(b), b->len, program);
	buf_free(b);
	return ok;
}

/* ---- first look: what differs ---- */

static bool same_columns(const struct bound *p, const struct bound *q)
{
	if (p->n != q->n || p->npart != q->npart)
		return false;
	for (uint32_t i = BC_FIRST + p->npart; i < p->n; i++) {
		size_t n = strcspn(p->col[i], "=") + 1;

		if (strncmp(p->col[i], q->col[i], n) != 0)
			return false;
	}
	return true;
}

static bool differ(const char *p, const char *q)
{
	return p != q && (!p || !q || strcmp(p, q) != 0);
}

static bool compare(struct writer *w, const struct bound *b, const struct bound *earlier)
{
	if (!same_columns(&w->first, b))
		return export_refuse(w->x, E1100, w->task, w->t->name_span,
			_("its instances do not have the same variables: a value is too long for some of them"));
	for (uint32_t i = 0; i < b->n; i++) {
		w->varies[i] = w->varies[i] || differ(w->first.col[i], b->col[i]);
		w->by_attempt = w->by_attempt || differ(earlier->col[i], b->col[i]);
	}
	return true;
}

/* The most that any attempt asks for; the time of all of them. */
static bool add_ask(struct writer *w, struct attempt_id id, struct arena *a, struct slurm_ask *sum)
{
	struct slurm_ask ask;
	const char *why = NULL;

	if (!slurm_need(w->x->s, w->x->j, id, &ask, a, &why))
		return export_refuse(w->x, E1100, w->task, w->t->name_span, why ? why : _("its requests cannot be told"));
	sum->cpus = ask.cpus > sum->cpus ? ask.cpus : sum->cpus;
	sum->mb = ask.mb > sum->mb ? ask.mb : sum->mb;
	sum->minutes = sum->minutes + ask.minutes < sum->minutes ? UINT32_MAX : sum->minutes + ask.minutes;
	return true;
}

static bool look_at(struct writer *w, uint32_t instance, struct arena *a)
{
	struct bound first = { 0 }, b;

	w->row[instance].instance = instance;
	for (int k = 1; k <= export_attempts(w->x, w->task); k++) {
		struct attempt_id id = { w->task, instance, k };

		if (!export_bind(w->x, id, a, &b) || !add_ask(w, id, a, &w->row[instance].ask))
			return false;
		first = k == 1 ? b : first;
		if (!compare(w, &b, &first))
			return false;
	}
	return true;
}

static bool look_at_all(struct writer *w)
{
	struct attempt_id id = { w->task, 0, 1 };
	struct arena *a = arena_new();
	bool ok = export_bind(w->x, id, w->a, &w->first);

	w->varies = arena_zalloc(w->a, (size_t)w->first.n + 1, sizeof(*w->varies));
	w->row = arena_zalloc(w->a, w->out->rows, sizeof(*w->row));
	for (uint32_t i = 0; ok && i < w->out->rows; i++) {
		ok = look_at(w, i, a);
		arena_reset(a, (struct arena_mark){ 0 });
	}
	arena_free(a);
	w->table = w->out->rows > 1 || w->by_attempt;
	return ok;
}

/* ---- rows that ask for the same come together ---- */

static int by_ask(const void *p, const void *q)
{
	const struct row *a = p, *b = q;

	if (a->ask.cpus != b->ask.cpus)
		return a->ask.cpus < b->ask.cpus ? -1 : 1;
	if (a->ask.mb != b->ask.mb)
		return a->ask.mb < b->ask.mb ? -1 : 1;
	if (a->ask.minutes != b->ask.minutes)
		return a->ask.minutes < b->ask.minutes ? -1 : 1;
	return a->instance < b->instance ? -1 : a->instance > b->instance;
}

static bool same_ask(const struct slurm_ask *a, const struct slurm_ask *b)
{
	return a->cpus == b->cpus && a->mb == b->mb && a->minutes == b->minutes;
}

static void group_rows(struct writer *w)
{
	struct task_script *out = w->out;

	qsort(w->row, out->rows, sizeof(*w->row), by_ask);
	for (uint32_t i = 0; i < out->rows; i++)
		out->ngroup += i == 0 || !same_ask(&w->row[i - 1].ask, &w->row[i].ask);
	out->group = arena_zalloc(w->x->a, out->ngroup, sizeof(*out->group));
	for (uint32_t i = 0, g = 0; i < out->rows; i++) {
		if (i && !same_ask(&w->row[i - 1].ask, &w->row[i].ask))
			g++;
		if (!out->group[g].n)
			out->group[g] = (struct row_group){ w->row[i].ask, i, 0 };
		out->group[g].n++;
	}
}

/* ---- texts ---- */

static void add_function(struct buf *b, const char *fn, const char *lines, bool one_line)
{
	buf_addf(b, one_line ? "%s() { " : "%s() {\n\t", fn);
	for (const char *p = *lines ? lines : ":"; *p; p++)
		if (*p != '\n')
			buf_addc(b, *p);
		else
			buf_adds(b, one_line ? "; " : "\n\t");
	buf_adds(b, one_line ? "; }" : "\n}\n");
}

/* What a row calls a value of the environment that differs: "e_" and its name where that is one for a shell. */
static const char *variable(struct writer *w, uint32_t i)
{
	const char *text = w->first.col[i];
	size_t n = strcspn(text, "=");

	if (strspn(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_") == n)
		return arena_printf(w->a, "e_%.*s", (int)n, text);
	return arena_printf(w->a, "e%u", i);
}

/* A value of the environment as one word: KEY=VALUE. */
static void add_variable(struct writer *w, struct buf *b, uint32_t i)
{
	static const char *const known[][2] = { { EXPORT_WORK, "$work" }, { EXPORT_TMP, "$tmp" }, { EXPORT_USER, "$user" } };
	const char *text = w->first.col[i], *value = strchr(text, '=') + 1;
	size_t nkey = (size_t)(value - text);

	if (!strcmp(value, EXPORT_PASS)) {
		buf_addf(b, "${%.*s+\"%.*s$%.*s\"}", (int)nkey - 1, text, (int)nkey, text, (int)nkey - 1, text);
		return;
	}
	if (!w->varies[i] && strcmp(value, stager_job_id(w->x->s)) != 0 && *value != '\001') {
		export_word(b, text);
		return;
	}
	export_word(b, arena_strndup(w->a, text, nkey));
	for (size_t k = 0; k < sizeof(known) / sizeof(*known); k++)
		if (!strcmp(value, known[k][0])) {
			buf_addf(b, "\"%s\"", known[k][1]);
			return;
		}
	if (!strcmp(value, stager_job_id(w->x->s)))
		buf_adds(b, "\"$job_id\"");
	else
		buf_addf(b, "\"$%s\"", variable(w, i));
}

static void add_start(struct writer *w, struct buf *b)
{
	buf_addf(b, "start() {\n\t%s\"$@\" env -i", w->varies[BC_WORDS] ? "words " : "");
	for (uint32_t i = BC_FIRST + w->first.npart; i < w->first.n; i++) {
		buf_adds(b, " \\\n\t\t");
		add_variable(w, b, i);
	}
	buf_addf(b, "%s%s\n}\n", w->varies[BC_WORDS] ? "" : " \\\n\t\t", w->varies[BC_WORDS] ? "" : w->first.col[BC_WORDS] + 1);
}

/* Text of an unquoted here-document that means itself. */
static void add_document_text(struct buf *b, const char *s)
{
	for (; *s; s++) {
		if (*s == '$' || *s == '`' || *s == '\\')
			buf_addc(b, '\\');
		buf_addc(b, *s);
	}
}

static bool has_line(const struct buf *b, const char *line)
{
	size_t n = strlen(line);

	for (const char *p = buf_str(b); p; p = strchr(p, '\n')) {
		p += *p == '\n';
		if (!strncmp(p, line, n) && (p[n] == '\n' || !p[n]))
			return true;
	}
	return false;
}

static void add_script(struct writer *w, struct buf *b)
{
	const struct bound *f = &w->first;
	bool varies = false, ends = true;
	struct buf text, end;

	buf_init(&text, FILE_MAX);
	buf_init(&end, FILE_MAX);
	for (uint32_t i = BC_FIRST; i < BC_FIRST + f->npart; i++)
		varies = varies || w->varies[i];
	for (uint32_t i = BC_FIRST; i < BC_FIRST + f->npart; i++)
		if (w->varies[i])
			buf_addf(&text, "${p%u}", i);
		else if (varies)
			add_document_text(&text, f->col[i]);
		else
			buf_adds(&text, f->col[i]);
	ends = text.len && text.p[text.len - 1] == '\n';
	buf_adds(&end, "SCRIPT");
	while (has_line(&text, buf_str(&end)))
		buf_addc(&end, '_');
	buf_addf(b, "scripted=yes\nscript() {\n\t%scat <<%s%s%s\n", ends ? "" : "printf %s \"$(", varies ? "" : "'", buf_str(&end),
		varies ? "" : "'");
	buf_add(b, buf_str(&text), text.len);
	buf_addf(b, "%s%s\n%s}\n", ends ? "" : "\n", buf_str(&end), ends ? "" : "\t)\"\n");
	buf_free(&text);
	buf_free(&end);
}

/* ---- the tables ---- */

static void add_row(struct writer *w, const struct bound *v, uint32_t instance, struct buf *b)
{
	static const char *const function[] = { [BC_INPUTS] = "inputs", [BC_OUTPUTS] = "outputs" };

	buf_addf(b, "instance=%u key=", instance);
	export_word(b, v->key);
	for (uint32_t i = 0; i < v->n; i++) {
		if (!w->varies[i])
			continue;
		buf_adds(b, "; ");
		if (i == BC_LIMIT)
			buf_adds(b, v->col[i]);
		else if (i == BC_WORDS)
			buf_addf(b, "words() { \"$@\"%s; }", v->col[i]);
		else if (i < BC_FIRST)
			add_function(b, function[i], v->col[i], true);
		else if (i < BC_FIRST + v->npart) {
			buf_addf(b, "p%u=", i);
			export_word(b, v->col[i]);
		} else {
			buf_addf(b, "%s=", variable(w, i));
			export_word(b, strchr(v->col[i], '=') + 1);
		}
	}
	buf_addc(b, '\n');
}

static bool write_chunk(struct writer *w, int attempt, uint32_t first, uint32_t end)
{
	struct arena *a = arena_new();
	struct bound v;
	struct buf b;
	bool ok = true;

	buf_init(&b, FILE_MAX);
	for (uint32_t i = first; ok && i < end; i++) {
		struct attempt_id id = { w->task, w->row[i].instance, attempt };

		ok = export_bind(w->x, id, a, &v);
		if (ok)
			add_row(w, &v, w->row[i].instance, &b);
		arena_reset(a, (struct arena_mark){ 0 });
	}
	arena_free(a);
	return write_buf(w->x, arena_printf(w->x->a, "tables/%s.%d.%u", name_str(w->x->j->names, w->t->name), attempt,
		first / TABLE_ROWS), &b, false) && ok;
}

static bool write_tables(struct writer *w)
{
	int attempts = w->by_attempt ? export_attempts(w->x, w->task) : 1;
	uint32_t rows = w->out->rows;

	for (int k = 1; w->table && k <= attempts; k++)
		for (uint32_t i = 0; i < rows; i += TABLE_ROWS)
			if (!write_chunk(w, k, i, rows - i < TABLE_ROWS ? rows : i + TABLE_ROWS))
				return false;
	return true;
}

/* ---- the script ---- */

static void add_options(struct writer *w, struct buf *b)
{
	struct sbatch_options o = { 0 };

	export_options(w->x, w->task, &w->out->group[0].ask, w->a, &o);
	for (uint32_t i = 0; i < o.n; i++) {
		if (!sbatch_option_plain(&o.v[i]) || (o.v[i].asked && w->out->ngroup > 1))
			continue; /* submit.sh gives it */
		buf_adds(b, "#SBATCH ");
		sbatch_option_text(&o.v[i], w->a, b);
		buf_addc(b, '\n');
	}
}

static void add_retry(struct writer *w, struct buf *b)
{
	static const char *const word[CAUSE_COUNT] = { [CAUSE_ANY] = "fail", [CAUSE_EXIT] = "exit", [CAUSE_SIGNAL] = "signal",
		[CAUSE_OOM] = "oom", [CAUSE_TIMEOUT] = "timeout", [CAUSE_SPOT] = "spot", [CAUSE_NODE] = "node", [CAUSE_MISSING] = "missing" };
	const struct jval *pause = task_set(w->t, SET_BACKOFF);

	if (!w->t->max_retry)
		return;
	buf_addf(b, "attempts=%d retry_on='%s", export_attempts(w->x, w->task), w->t->ncause ? "" : "fail");
	for (uint32_t i = 0; i < w->t->ncause; i++) {
		buf_addf(b, "%s%s", i ? " " : "", word[w->t->cause[i].cause]);
		if (w->t->cause[i].arg >= 0)
			buf_addf(b, ":%d", w->t->cause[i].arg);
	}
	buf_addf(b, "' pause=%lld requeue=%s\n", pause ? (long long)(pause->i + 999) / 1000 : 0LL, export_requeues(w->t) ? "yes" : "no");
}

static void add_stream(struct writer *w, struct buf *b, const char *variable, enum setting id)
{
	const struct jval *v = task_set(w->t, id);
	const char *why = NULL, *to = v && name_len(w->x->j->names, v->s) ? name_str(w->x->j->names, v->s) : NULL;

	to = to ? stage_final(w->x->s, w->a, to, &why) : NULL;
	if (!to)
		return;
	buf_addf(b, "%s=", variable);
	export_word(b, to);
	buf_addc(b, '\n');
}

static void add_settings(struct writer *w, struct buf *b)
{
	const char *pkg = packages_dir(w->x->s, w->task);

	buf_addf(b, "task='%s'\n", name_str(w->x->j->names, w->t->name));
	add_retry(w, b);
	if (!w->varies[BC_LIMIT])
		buf_addf(b, "%s\n", w->first.col[BC_LIMIT]);
	if (task_in_place(w->t))
		buf_adds(b, "in_place=yes\n");
	if (pkg)
		buf_addf(b, "package=%s\n", strrchr(pkg, '/') + 1);
	add_stream(w, b, "stdout_to", SET_STDOUT);
	add_stream(w, b, "stderr_to", SET_STDERR);
}

static bool tolerates(const struct export *x, const struct jedge *e)
{
	return !e->data && task_int(&x->j->task[e->from], SET_TOLERATE);
}

/* What has to have succeeded, whatever Slurm remembers of it. */
static void add_needs(struct writer *w, struct buf *b)
{
	const struct job *j = w->x->j;
	struct buf lines;

	buf_init(&lines, FILE_MAX);
	for (uint32_t i = job_edges_into(j, w->task); i < j->nedge && j->edge[i].to == w->task; i++) {
		const struct jtask *f = &j->task[j->edge[i].from];
		const char *nm = name_str(j->names, f->name);

		if (f->skipped || !f->count || tolerates(w->x, &j->edge[i]))
			continue;
		buf_adds(&lines, lines.len ? "\n" : "");
		if (j->edge[i].kind == EDGE_SAME)
			buf_addf(&lines, "needs_same %s", nm);
		else
			buf_addf(&lines, "needs_all %s %lld", nm, (long long)f->count);
	}
	add_function(b, "needs", buf_str(&lines), false);
	buf_free(&lines);
}

static bool write_script(struct writer *w)
{
	const char *nm = name_str(w->x->j->names, w->t->name);
	struct buf b;

	buf_init(&b, FILE_MAX);
	buf_addf(&b, "#!/bin/sh\n# %s.sbatch - task %s, instances: %u; submitted by submit.sh\n", nm, nm, w->out->rows);
	add_options(w, &b);
	buf_adds(&b, "# shellcheck disable=SC1091,SC2016,SC2034,SC2154,SC2317 # names of common.sh and of rows; texts with $\n"
		". \"$1/common.sh\"\n\n");
	add_settings(w, &b);
	buf_addc(&b, '\n');
	add_needs(w, &b);
	if (!w->varies[BC_INPUTS])
		add_function(&b, "inputs", w->first.col[BC_INPUTS], false);
	if (!w->varies[BC_OUTPUTS])
		add_function(&b, "outputs", w->first.col[BC_OUTPUTS], false);
	if (w->t->run == RUN_SCRIPT)
		add_script(w, &b);
	add_start(w, &b);
	buf_adds(&b, "perform\n");
	return write_buf(w->x, arena_printf(w->x->a, "%s.sbatch", nm), &b, false);
}

bool export_task(struct export *x, uint32_t task, struct task_script *out)
{
	struct writer w = { .x = x, .task = task, .t = &x->j->task[task], .a = arena_new(), .out = out };
	bool ok;

	memset(out, 0, sizeof(*out));
	out->rows = (uint32_t)w.t->count;
	ok = !out->rows || look_at_all(&w);
	if (ok && out->rows) {
		group_rows(&w);
		ok = write_script(&w) && write_tables(&w);
	}
	arena_free(w.a);
	return ok;
}
