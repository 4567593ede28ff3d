/* report_fail.c - the failure screen: cause, attempts, command, end of stderr, where everything is, what was skipped. */
#include "runtime/report_fail.h"

#include "runtime/progress.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
	KEYS = 10,          /* instances of one kind that are named */
	BLOCKS = 20,        /* kinds that get a block */
	SKIPPED = 10,       /* skipped tasks that are named in a block */
	TAIL_LINES = 20,
	TAIL_BYTES = 64 << 10, /* read from the end of stderr */
	LINE_BYTES = 500,      /* shown of one line */
	COMMAND_COLUMNS = 200,
};

struct failure { /* one kind */
	struct attempt_id id; /* of the first */
	enum run_cause cause;
	int status;
	int64_t mem_limit, mem_peak, wall_ms, max_rss;
	bool cut, full;
	uint32_t count, nkey;
	int64_t key[KEYS];
	const char *text, *engine_id, *command, *out, *err, *work;
	struct failure *next; /* of the same task */
};
struct failures {
	struct failure **task; /* [ntask] kinds of each task; NULL before the first */
	struct failure **v;    /* in order of appearance */
	uint32_t n, cap;
};

struct failures *failures_new(void)
{
	struct failures *f = xcalloc(1, sizeof(*f));

	return f;
}

void failures_free(struct failures *f)
{
	free(f->task);
	free(f->v);
	free(f);
}

/* ---- collecting ---- */

static const char *command_text(struct run *r, char *const *argv)
{
	const char *s;
	struct buf b;

	buf_init(&b, 1 << 12);
	text_command(&b, run_words(r, r->arena, argv));
	s = arena_strdup(r->arena, buf_str(&b));
	buf_free(&b);
	return s;
}

static void keep_places(struct run *r, struct failure *f, const struct stage *st)
{
	if (!st)
		return;
	f->command = command_text(r, st->argv);
	f->out = run_shown(r, st->out_final);
	f->err = run_shown(r, st->err_final);
	f->work = run_shown(r, st->workdir);
}

static struct failure *kind_of(struct run *r, const struct event *ev)
{
	struct failures *fs = r->failures;
	struct failure **p, *f;

	if (!fs->task)
		fs->task = xcalloc((size_t)r->job->ntask + 1, sizeof(*fs->task));
	for (p = &fs->task[ev->id.task]; *p; p = &(*p)->next)
		if ((*p)->cause == ev->cause && (*p)->status == ev->status)
			return *p;
	f = arena_zalloc(r->arena, 1, sizeof(*f));
	f->id = ev->id;
	f->cause = ev->cause;
	f->status = ev->status;
	f->mem_limit = ev->mem_limit;
	f->mem_peak = ev->mem_peak;
	f->cut = ev->cut;
	f->full = ev->full;
	f->wall_ms = ev->wall_ms;
	f->max_rss = ev->max_rss;
	f->engine_id = ev->engine_id ? arena_strdup(r->arena, ev->engine_id) : "";
	f->text = ev->text ? arena_strdup(r->arena, ev->text) : NULL;
	keep_places(r, f, ev->stage);
	fs->v = grow(fs->v, &fs->cap, fs->n + 1, sizeof(*fs->v));
	fs->v[fs->n++] = f;
	return *p = f;
}

static void add_cause(struct buf *b, enum run_cause c, int status)
{
	buf_addf(b, "%s ", cause_code(c));
	cause_say(b, c, status);
	if (c == R_TIMEOUT) {
		buf_adds(b, " of ");
		text_time(b, (int64_t)status * 1000);
	}
}

/* Keep the smallest instance numbers, in order. */
static void add_key(struct failure *f, int64_t instance)
{
	uint32_t i = f->nkey;

	if (i == KEYS && f->key[KEYS - 1] < instance)
		return;
	f->nkey += i < KEYS;
	for (i = f->nkey - 1; i && f->key[i - 1] > instance; i--)
		f->key[i] = f->key[i - 1];
	f->key[i] = instance;
}

void failures_add(struct run *r, const struct event *ev)
{
	struct failure *f = kind_of(r, ev);
	struct buf b;

	add_key(f, ev->id.instance);
	if (++f->count > 1)
		return;
	buf_init(&b, 1 << 16);
	run_label(r, ev->id.task, ev->id.instance, &b);
	buf_adds(&b, ": failed: ");
	add_cause(&b, ev->cause, ev->status);
	cause_say_memory(&b, ev->mem_limit, ev->mem_peak);
	progress_line(r, buf_str(&b));
	buf_free(&b);
}

/* ---- the end of a file ---- */

/* The last bytes of a file, whole lines only when it was cut; *cut says so. */
static bool read_tail(const char *path, struct buf *b, bool *cut)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	struct stat st;
	char *p;
	ssize_t n;

	if (fd < 0 || fstat(fd, &st) || !S_ISREG(st.st_mode)) {
		if (fd >= 0)
			close(fd);
		return false;
	}
	*cut = st.st_size > TAIL_BYTES;
	p = xmalloc(TAIL_BYTES);
	n = pread(fd, p, TAIL_BYTES, *cut ? st.st_size - TAIL_BYTES : 0);
	if (n > 0)
		buf_add(b, p, (size_t)n);
	free(p);
	close(fd);
	return n > 0;
}

/* Where the last `want` lines start; *lines: how many lines there are in all. */
static size_t last_lines(const char *p, size_t len, uint32_t want, uint32_t *lines)
{
	size_t start = 0, end = len;
	uint32_t n = 0;

	if (end && p[end - 1] == '\n')
		end--;
	for (size_t i = end; i-- > 0;) {
		if (p[i] == '\n' && ++n == want)
			start = i + 1;
	}
	*lines = len ? n + 1 : 0;
	return start;
}

static void print_line(FILE *f, const char *s, size_t n)
{
	struct buf b;

	buf_init(&b, 8 * LINE_BYTES);
	while (n && s[n - 1] == '\r')
		n--;
	text_safe(&b, s, n, LINE_BYTES);
	fprintf(f, "    %s%s\n", buf_str(&b), n > LINE_BYTES ? " [line cut]" : "");
	buf_free(&b);
}

static void print_lines(FILE *f, const char *p, size_t len)
{
	while (len) {
		const char *nl = memchr(p, '\n', len);
		size_t n = nl ? (size_t)(nl - p) : len;

		print_line(f, p, n);
		n += nl != NULL;
		p += n;
		len -= n;
	}
}

/* Programs say what the system says; one that speaks another language (LANG) is not understood. */
static void print_remedy(const struct run *r, FILE *f, const char *text, size_t n)
{
	static const char erofs[] = "Read-only file system";

	if (!memmem(text, n, erofs, sizeof(erofs) - 1) || r->opt->no_sandbox || strcmp(r->engine->name, "local") != 0)
		return;
	fputs("  help     a task writes to its work directory, $TMPDIR, /tmp and its declared outputs;\n"
		"           more in the site file: engine local { writable = [\"DIRECTORY\"] } (doc/run.md, The sandbox)\n", f);
}

static void print_tail(struct run *r, FILE *f, const char *path)
{
	const char *p;
	struct buf b;
	uint32_t lines;
	bool cut = false;
	size_t n, i;

	buf_init(&b, TAIL_BYTES + 1);
	if (!read_tail(path, &b, &cut)) {
		fprintf(f, "  stderr   %s (empty)\n", path);
		buf_free(&b);
		return;
	}
	n = b.len;
	p = run_public(r, r->arena, b.p, &n);
	i = last_lines(p, n, TAIL_LINES, &lines);
	fprintf(f, "  stderr   %s", path);
	if (cut)
		fputs(" (its end)", f);
	else if (lines > TAIL_LINES)
		fprintf(f, " (last %d of %u lines)", TAIL_LINES, lines);
	fputc('\n', f);
	print_lines(f, p + i, n - i);
	print_remedy(r, f, p, n);
	buf_free(&b);
}

/* ---- blocks ---- */

static void print_keys(struct run *r, FILE *o, const struct failure *f, struct buf *b)
{
	if (f->count == 1)
		return;
	buf_adds(b, "  instances ");
	for (uint32_t i = 0; i < f->nkey; i++) {
		buf_adds(b, i ? ", " : "");
		if (!instance_key(r->job, f->id.task, f->key[i], b))
			buf_addf(b, "%lld", (long long)f->key[i]);
	}
	if (f->count > f->nkey)
		buf_addf(b, " and %u more", f->count - f->nkey);
	fprintf(o, "%s\n", buf_str(b));
}

static void add_retries(struct run *r, const struct failure *f, struct buf *b)
{
	const struct jtask *t = &r->job->task[f->id.task];

	if (!t->max_retry)
		return;
	buf_addf(b, "   attempt %d of %u", f->id.attempt, t->max_retry + 1);
	if (f->cause == R_OOM && f->cut)
		buf_adds(b, ", not retried: it had all the memory there is");
	else if ((uint32_t)f->id.attempt <= t->max_retry)
		buf_adds(b, cause_retried(t, f->cause, f->status) ? ", the run was stopped" :
			", not retried: `retry` does not name this cause");
}

static void print_head(struct run *r, FILE *o, const struct failure *f)
{
	struct buf b, safe;

	buf_init(&b, 1 << 16);
	buf_init(&safe, 1 << 18);
	run_label(r, f->id.task, f->id.instance, &b);
	if (f->count > 1)
		buf_addf(&b, " and %u more", f->count - 1);
	buf_adds(&b, "   ");
	add_cause(&b, f->cause, f->status);
	cause_say_memory(&b, f->mem_limit, f->mem_peak);
	add_retries(r, f, &b);
	fprintf(o, "%sFAILED%s  %s\n", r->opt->color ? "\033[1;31m" : "", r->opt->color ? "\033[0m" : "", buf_str(&b));
	buf_reset(&b);
	print_keys(r, o, f, &b);
	if (f->text) {
		text_safe(&safe, f->text, strlen(f->text), 1 << 14);
		fprintf(o, "  why      %s%s\n", f->cause == R_MISSING ? "the command did not make " : "", buf_str(&safe));
	}
	buf_free(&b);
	buf_free(&safe);
}

/* "local, 2 h 14 min, peak 3.1 GB" */
static void print_engine(struct run *r, FILE *o, const struct failure *f)
{
	struct buf b;

	buf_init(&b, 1 << 12);
	buf_adds(&b, *f->engine_id ? f->engine_id : r->engine->name);
	if (f->wall_ms >= 0) {
		buf_adds(&b, ", ");
		text_time(&b, f->wall_ms);
	}
	if (f->max_rss > 0) {
		buf_adds(&b, ", peak ");
		text_bytes(&b, f->max_rss);
	}
	fprintf(o, "  engine   %s\n", buf_str(&b));
	buf_free(&b);
}

static void print_command(FILE *o, const struct failure *f)
{
	struct buf b;

	if (!f->command)
		return;
	buf_init(&b, 1 << 14);
	text_elide(&b, f->command, strlen(f->command), COMMAND_COLUMNS);
	fprintf(o, "  command  %s\n", buf_str(&b));
	buf_free(&b);
}

static void print_skipped(struct run *r, FILE *o, const struct failure *f)
{
	uint32_t n = 0;

	if (!r->root || r->failures->task[f->id.task] != f)
		return;
	for (uint32_t t = 0; t < r->job->ntask; t++) {
		if (r->root[t] != f->id.task || t == f->id.task)
			continue;
		if (++n <= SKIPPED)
			fprintf(o, "%s%s", n == 1 ? "  skipped  " : ", ", name_str(r->job->names, r->job->task[t].name));
	}
	if (n > SKIPPED)
		fprintf(o, " and %u more", n - SKIPPED);
	if (n)
		fprintf(o, " (need%s it)\n", n == 1 ? "s" : "");
}

static void print_block(struct run *r, FILE *o, const struct failure *f)
{
	struct stat st;

	fputc('\n', o);
	print_head(r, o, f);
	if (f->full)
		fprintf(o, "  disk     full: no room was left for work directories, logs and results\n");
	print_engine(r, o, f);
	print_command(o, f);
	if (f->err)
		print_tail(r, o, f->err);
	if (f->out && (stat(f->out, &st) < 0 || st.st_size))
		fprintf(o, "  stdout   %s\n", f->out);
	if (f->work && stat(f->work, &st) == 0)
		fprintf(o, "  work     %s\n", f->work);
	print_skipped(r, o, f);
}

void failures_print(struct run *r, FILE *o)
{
	const struct failures *fs = r->failures;

	for (uint32_t i = 0; i < fs->n && i < BLOCKS; i++)
		print_block(r, o, fs->v[i]);
	if (fs->n > BLOCKS)
		fprintf(o, "\n... and %u more kinds of failure: weft show %u --all\n", fs->n - BLOCKS, r->number);
	if (fs->n)
		fputc('\n', o);
}

/* Would -k have done more?  What does not need the failed ones waits for nothing, or was ended with the run. */
static bool more_to_do(const struct run *r)
{
	return r->stop == STOP_FAILURE && sched_sum(r->sched, I_READY) + sched_sum(r->sched, I_CANCEL) > 0;
}

/* "weft run [-k] FILE OPTIONS", as it can be typed */
static void add_again(struct run *r, struct buf *b)
{
	bool more = more_to_do(r);

	buf_adds(b, "       ");
	run_again(r->opt, more ? "-k" : NULL, b);
	buf_adds(b, more ? "    (do what does not need it)\n" : "    (again)\n");
}

/* "weft logs 'count[3]'", "weft shell FILE ...", as it can be typed */
static void add_look(struct run *r, const char *command, const struct failure *f, struct buf *b)
{
	struct buf label, word;

	buf_init(&label, 1 << 16);
	buf_init(&word, 1 << 18);
	run_label(r, f->id.task, f->id.instance, &label);
	text_command(&word, (char *[]){ label.p, NULL });
	buf_addf(b, "       %s %s\n", command, buf_str(&word));
	buf_free(&label);
	buf_free(&word);
}

void failures_next(struct run *r, FILE *o)
{
	const struct failures *fs = r->failures;
	const struct failure *f = fs->n ? fs->v[0] : NULL;
	struct buf b;

	if (!f)
		return;
	buf_init(&b, 1 << 16);
	if (f->err)
		add_look(r, "weft logs", f, &b);
	if (!r->opt->source || text_plain(r->opt->source))
		add_again(r, &b);
	if (f->work && r->opt->source && text_plain(r->opt->source) && r->opt->repeat && !r->opt->repeat[0])
		add_look(r, arena_printf(r->arena, "weft shell %s", r->opt->source), f, &b);
	if (b.len)
		fprintf(o, "Next:  %s", buf_str(&b) + 7);
	buf_free(&b);
}
