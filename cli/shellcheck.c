/* shellcheck.c - run ShellCheck (a program on PATH) on rendered scripts, one after the other, each with a time limit, and
 * bring its findings back to the source.
 *
 * A rendered script is the text of the source with a value for every ~{ }.  The pieces of text between those are looked
 * for in the rendered script, in order: so a place there is a place in the source.  Findings inside of values are put at
 * their ~{ }. */
#include "cli/shellcheck.h"

#include "base/buf.h"
#include "compiler/check_util.h"
#include "runtime/loop.h"

#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

/* What only follows from a value standing where the script has ~{ }: constant comparisons, loops and patterns; files
 * that cannot be followed. */
#define EXCLUDED "SC1090,SC1091,SC2043,SC2050,SC2157,SC2193,SC2194"

enum { LIMIT_MS = 20000, OUTPUT_MAX = 16 << 20, SCRIPT_MAX = 1 << 20, FINDINGS = 1000 };

struct piece { /* text that stands in both: rendered[at .. at + n) is the source's from lo on */
	uint32_t at, n, lo;
};
struct check {
	struct session *s;
	const struct jtask *t;
	struct buf script;  /* header and rendered text */
	uint32_t header;    /* bytes and lines of the script that are ours */
	uint32_t lines;
	struct piece *v;
	uint32_t n, cap;
};

/* ---- the program ---- */

static bool pipes(int to[2], int from[2])
{
	if (pipe2(to, O_CLOEXEC) != 0)
		return false;
	if (pipe2(from, O_CLOEXEC) == 0)
		return true;
	close(to[0]);
	close(to[1]);
	return false;
}

/* Start it with pipes for input and output; 0 or an errno. */
static int start(const char *const *argv, pid_t *pid, int *in, int *out)
{
	posix_spawn_file_actions_t fa;
	int to[2], from[2], rc;
	if (!pipes(to, from))
		return errno;
	posix_spawn_file_actions_init(&fa);
	posix_spawn_file_actions_adddup2(&fa, to[0], 0);
	posix_spawn_file_actions_adddup2(&fa, from[1], 1);
	posix_spawn_file_actions_addopen(&fa, 2, "/dev/null", O_WRONLY, 0);
	rc = posix_spawnp(pid, argv[0], &fa, NULL, (char *const *)(uintptr_t)argv, environ);
	posix_spawn_file_actions_destroy(&fa);
	close(to[0]);
	close(from[1]);
	*in = to[1];
	*out = from[0];
	if (!rc)
		return 0;
	close(*in);
	close(*out);
	return rc;
}

/* Write what can be written; -1 when all is, or nobody reads. */
static int feed(int fd, const struct buf *b, size_t *done)
{
	ssize_t n = write(fd, b->p + *done, b->len - *done);
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return fd;
	*done = n < 0 ? b->len : *done + (size_t)n;
	if (*done < b->len)
		return fd;
	close(fd);
	return -1;
}

/* Both directions until its output ends; false: too slow, or too much. */
static bool talk(int in, int out, const struct buf *script, struct buf *answer)
{
	int64_t until = clock_ms() + LIMIT_MS;
	size_t done = 0;
	char part[1 << 14];
	bool ended = false;
	fcntl(in, F_SETFL, O_NONBLOCK);
	while (!ended) {
		struct pollfd p[2] = { { out, POLLIN, 0 }, { in, POLLOUT, 0 } };
		int64_t left = until - clock_ms();
		if (left <= 0 || (poll(p, 2, (int)left) < 0 && errno != EINTR))
			break;
		if (p[1].revents)
			in = feed(in, script, &done);
		if (!p[0].revents)
			continue;
		ssize_t n = read(out, part, sizeof part);
		ended = n == 0;
		if ((n < 0 && errno != EINTR) || (n > 0 && !buf_add(answer, part, (size_t)n)))
			break;
	}
	if (in >= 0)
		close(in);
	close(out);
	return ended;
}

/* Its answer to the script; what went wrong as an errno, ETIME when it was too slow. */
static int ask(const char *shell, const struct buf *script, struct buf *answer)
{
	char option[32];
	const char *const argv[] = { "shellcheck", "--format=json1", option, "--exclude=" EXCLUDED, "-", NULL };
	int in = -1, out = -1, rc, status;
	pid_t pid;
	snprintf(option, sizeof option, "--shell=%s", shell);
	rc = start(argv, &pid, &in, &out);
	if (rc)
		return rc;
	void (*old)(int) = signal(SIGPIPE, SIG_IGN);
	if (!talk(in, out, script, answer)) {
		kill(pid, SIGKILL);
		rc = ETIME;
	}
	signal(SIGPIPE, old);
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	return rc;
}

/* ---- places ---- */

/* The next piece of source text: to the end of the line, to ~{, or to an escaped ~~{. */
static uint32_t piece_len(const char *p, uint32_t n)
{
	uint32_t i = 0;
	while (i < n && p[i] != '\n' && !(p[i] == '~' && i + 1 < n && (p[i + 1] == '{' || p[i + 1] == '~')))
		i++;
	return i < n && p[i] == '\n' ? i + 1 : i;
}

static void piece_add(struct check *c, uint32_t at, uint32_t n, uint32_t lo)
{
	c->v = grow(c->v, &c->cap, c->n + 1, sizeof *c->v);
	c->v[c->n++] = (struct piece){ at, n, lo };
}

/* Find the source's text in the rendered script, piece by piece.  Indentation differs: a line's blanks are skipped. */
static void align(struct check *c)
{
	struct span sp = c->t->command_span;
	const char *p = source_text(c->s->sources, sp), *all = c->script.p;
	uint32_t n = sp.hi - sp.lo, i = 0, at = c->header;
	bool bol = true;
	while (i < n) {
		uint32_t len, skip = 0;
		if (p[i] == '~' && i + 1 < n && p[i + 1] == '{') {
			i += (uint32_t)insertion_len(p + i, n - i);
			bol = false;
			continue;
		}
		i += p[i] == '~' && i + 1 < n && p[i + 1] == '~' ? 1 : 0; /* ~~{ is ~{ */
		len = piece_len(p + i, n - i);
		len = len ? len : 1;
		while (bol && skip < len && (p[i + skip] == ' ' || p[i + skip] == '\t'))
			skip++;
		if (len > skip) {
			const char *found = memmem(all + at, c->script.len - at, p + i + skip, len - skip);
			if (found) {
				at = (uint32_t)(found - all);
				piece_add(c, at, len - skip, sp.lo + i + skip);
				at += len - skip;
			}
		}
		bol = p[i + len - 1] == '\n';
		i += len;
	}
}

/* The first piece whose text ends behind (or, `from`: begins at or behind) this byte of the script. */
static uint32_t piece_behind(const struct check *c, uint32_t at, bool from)
{
	uint32_t lo = 0, hi = c->n;
	while (lo < hi) {
		uint32_t mid = lo + (hi - lo) / 2;
		if (from ? c->v[mid].at >= at : c->v[mid].at + c->v[mid].n > at)
			hi = mid;
		else
			lo = mid + 1;
	}
	return lo;
}

/* Where something begins in the source; inside of a value: at its ~{. */
static uint32_t source_lo(const struct check *c, uint32_t at)
{
	uint32_t k = piece_behind(c, at, false);
	if (k < c->n && at >= c->v[k].at)
		return c->v[k].lo + (at - c->v[k].at);
	return k ? c->v[k - 1].lo + c->v[k - 1].n : c->t->command_span.lo;
}

/* Where something ends in the source; inside of a value: behind its }. */
static uint32_t source_hi(const struct check *c, uint32_t at)
{
	uint32_t k = piece_behind(c, at, true);
	const struct piece *b = k ? &c->v[k - 1] : NULL;
	if (b && at <= b->at + b->n)
		return b->lo + (at - b->at);
	return k < c->n ? c->v[k].lo : c->t->command_span.hi;
}

/* Byte of a line and column (characters, from 1) of the script; UINT32_MAX: not in the script, or ours. */
static uint32_t byte_of(const struct check *c, json_int_t line, json_int_t col)
{
	const char *p = c->script.p, *end = p + c->script.len;
	if (line <= (json_int_t)c->lines || col < 1)
		return UINT32_MAX;
	for (; line > 1 && p < end; line--) {
		const char *nl = memchr(p, '\n', (size_t)(end - p));
		p = nl ? nl + 1 : end;
	}
	for (; col > 1 && p < end && *p != '\n'; col--) {
		size_t len = utf8_len((const unsigned char *)p, (size_t)(end - p));
		p += len ? len : 1;
	}
	return p < end ? (uint32_t)(p - c->script.p) : (uint32_t)c->script.len;
}

static bool range_of(const struct check *c, const json_t *v, struct span *sp)
{
	json_int_t line = json_integer_value(json_object_get(v, "line")), col = json_integer_value(json_object_get(v, "column"));
	uint32_t lo = byte_of(c, line, col);
	uint32_t hi = byte_of(c, json_integer_value(json_object_get(v, "endLine")),
		json_integer_value(json_object_get(v, "endColumn")));
	if (lo == UINT32_MAX || hi == UINT32_MAX)
		return false;
	sp->lo = source_lo(c, lo);
	sp->hi = hi > lo ? source_hi(c, hi) : sp->lo;
	if (sp->hi < sp->lo)
		sp->hi = sp->lo;
	return true;
}

/* ---- findings ---- */

struct edit {
	struct span sp;
	const char *text;
};

static int edit_order(const void *a, const void *b)
{
	const struct edit *x = a, *y = b;
	return x->sp.lo < y->sp.lo ? -1 : x->sp.lo > y->sp.lo;
}

/* Its edits, when all of them lie in the finding: the finding's new text is the fix. */
static void fix_add(struct check *c, const json_t *list, struct span sp)
{
	struct edit v[8];
	size_t n = json_array_size(list), i;
	uint32_t at = sp.lo;
	struct buf b;
	if (!n || n > sizeof v / sizeof *v)
		return;
	for (i = 0; i < n; i++) {
		const json_t *r = json_array_get(list, i);
		v[i].text = json_string_value(json_object_get(r, "replacement"));
		if (!v[i].text || !range_of(c, r, &v[i].sp) || v[i].sp.lo < sp.lo || v[i].sp.hi > sp.hi)
			return;
	}
	qsort(v, n, sizeof *v, edit_order);
	buf_init(&b, SCRIPT_MAX);
	for (i = 0; i < n && v[i].sp.lo >= at; at = v[i++].sp.hi) {
		buf_add(&b, source_text(c->s->sources, (struct span){ at, sp.hi }), v[i].sp.lo - at);
		buf_adds(&b, v[i].text);
	}
	buf_add(&b, source_text(c->s->sources, (struct span){ sp.lo, sp.hi }) + (at - sp.lo), sp.hi - at);
	if (i == n && !b.over) {
		diag_help(c->s->diags, "write %s", buf_str(&b));
		diag_fix(c->s->diags, sp, "%s", buf_str(&b));
	}
	buf_free(&b);
}

static void finding(struct check *c, const json_t *f)
{
	const char *level = json_string_value(json_object_get(f, "level"));
	const char *msg = json_string_value(json_object_get(f, "message"));
	json_int_t code = json_integer_value(json_object_get(f, "code"));
	struct span sp;
	if (!level || !msg || !range_of(c, f, &sp))
		return;
	size_t n = strlen(msg);
	enum code k = !strcmp(level, "error") ? E0345 : !strcmp(level, "warning") ? W0345 : N0345;
	diag_error(c->s->diags, k, sp, "SC%lld: %.*s", (long long)code, (int)(n && msg[n - 1] == '.' ? n - 1 : n), msg);
	diag_note(c->s->diags, "found by ShellCheck in the script of task `%s`", name_str(c->s->names, c->t->name));
	fix_add(c, json_object_get(json_object_get(f, "fix"), "replacements"), sp);
}

static bool findings(struct check *c, const struct buf *answer)
{
	json_t *root = json_loadb(answer->len ? answer->p : "", answer->len, 0, NULL);
	const json_t *list = json_object_get(root, "comments");
	bool ok = json_is_array(list);
	size_t i;
	json_t *f;
	json_array_foreach(list, i, f)
	{
		if (i < FINDINGS)
			finding(c, f);
	}
	json_decref(root);
	return ok;
}

/* ---- scripts ---- */

/* The shell that ShellCheck knows by this interpreter, NULL if none. */
static const char *dialect(const char *interp)
{
	static const char *const known[] = { "sh", "bash", "dash", "ksh" };
	for (size_t i = 0; i < sizeof known / sizeof *known; i++)
		if (!strcmp(interp, known[i]))
			return known[i];
	return *interp ? NULL : "sh";
}

static bool plain_name(const char *s)
{
	return *s && !(*s >= '0' && *s <= '9') &&
		!s[strspn(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_")];
}

static void declare(struct check *c, name nm)
{
	const char *s = name_str(c->s->names, nm);
	if (plain_name(s))
		buf_addf(&c->script, " %s=\"$1\"", s);
}

/* A first line of ours: ports and parameters are variables of the environment. */
static void header(struct check *c)
{
	const struct job *j = c->s->job;
	buf_adds(&c->script, "export PATH");
	for (uint32_t i = 0; i < c->t->nin; i++)
		declare(c, c->t->in[i].name);
	for (uint32_t i = 0; i < c->t->nout; i++)
		declare(c, c->t->out[i].name);
	for (uint32_t i = 0; i < j->nparam; i++)
		declare(c, j->param[i].name);
	for (uint32_t i = 0; i < c->t->nenv; i++)
		declare(c, c->t->env[i].name);
	buf_addc(&c->script, '\n');
	c->header = (uint32_t)c->script.len;
	c->lines = 1;
}

static bool unavailable(struct check *c, int rc)
{
	struct diags *d = c->s->diags;
	if (rc == ETIME) {
		diag_error(d, E0346, c->t->name_span, "ShellCheck did not answer in %d s", LIMIT_MS / 1000);
		return true;
	}
	diag_error(d, E0346, c->t->name_span, "ShellCheck cannot be run: %s", rc ? strerror(rc) : _("its answer is no JSON"));
	if (rc == ENOENT)
		diag_help(d, "install it: apt-get install shellcheck");
	return false;
}

/* false: no use in trying the next one. */
static bool script_check(struct session *s, uint32_t task)
{
	struct check c = { .s = s, .t = &s->job->task[task] };
	struct arena *a = arena_new();
	struct jctx ctx = { .job = s->job, .arena = a, .task = task, .attempt = 1 };
	struct buf answer;
	bool ok = true;
	buf_init(&c.script, SCRIPT_MAX);
	buf_init(&answer, OUTPUT_MAX);
	header(&c);
	if (task_script(&ctx, &c.script)) {
		align(&c);
		int rc = ask(dialect(name_str(s->names, c.t->interp)), &c.script, &answer);
		if (rc || !findings(&c, &answer))
			ok = unavailable(&c, rc);
	}
	buf_free(&c.script);
	buf_free(&answer);
	free(c.v);
	arena_free(a);
	return ok;
}

/* Scripts of .weft files, each place once. */
static bool wanted(const struct session *s, const struct jtask *t)
{
	const struct source *src = source_at(s->sources, t->command_span.lo);
	return !t->bad && !t->skipped && t->run == RUN_SCRIPT && dialect(name_str(s->names, t->interp)) && src &&
	       front_of(src) == FRONT_WEFT && t->count != 0;
}

void shellcheck_run(struct session *s)
{
	struct seen seen = { 0 };
	for (uint32_t i = 0; s->job && i < s->job->ntask; i++)
		if (wanted(s, &s->job->task[i]) && seen_add(&seen, 0, s->job->task[i].command_span) && !script_check(s, i))
			break;
	seen_free(&seen);
	diags_finish(s->diags);
}
