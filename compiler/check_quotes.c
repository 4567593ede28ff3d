/* check_quotes.c - values that are inserted inside quotes of a command.  Weft quotes a value for the shell that reads the
 * script, wherever it stands; it cannot do so for a second shell that reads a word of the first, nor for a script of
 * another interpreter, and in quotes a list is one word.  And secrets that become arguments of a program. */
#include "compiler/check.h"
#include "compiler/check_util.h"
#include "compiler/shell_command.h"
#include "job/words.h"

#include <string.h>

enum { LOOK_INSTANCES = 100, LOOK_BUDGET = 100000, TAIL = 200, VALUE = 1 << 16 };

struct quotes {
	struct session *s;
	struct arena *arena;
	struct seen *seen;
	uint32_t task;
	bool line, shell;  /* a command line; read by a shell or as one reads */
	uint32_t budget;   /* values that may still be looked at, in all tasks */
	struct shell sh;   /* a script of a shell */
	struct words w;    /* a command line */
	char quote;        /* another interpreter: the quote that is open, 0 if none */
	bool triple, escaped, comment;
	char last;         /* byte of the text: an opening quote right before a value */
	char tail[TAIL];   /* the text in front of the quote */
	size_t len;
};

static const struct jtask *task_of(const struct quotes *q)
{
	return &q->s->job->task[q->task];
}

static bool in_quotes(const struct quotes *q)
{
	if (q->line)
		return q->w.quote;
	if (q->shell)
		return shell_state(&q->sh) == SH_SINGLE || shell_state(&q->sh) == SH_DOUBLE;
	return q->quote;
}

/* ---- following the text ---- */

static void tail_add(struct quotes *q, char c)
{
	if (q->len == TAIL) {
		memmove(q->tail, q->tail + TAIL / 2, TAIL / 2);
		q->len = TAIL / 2;
	}
	q->tail[q->len++] = c == '\n' || c == ';' ? '\0' : c; /* another command */
}

/* A script of another language: quotes, also three of them, backslash and comments that begin with #. */
static void other_byte(struct quotes *q, const char *p, size_t n)
{
	bool three = n > 2 && p[1] == *p && p[2] == *p;

	if (q->escaped || *p == '\\') {
		q->escaped = !q->escaped && *p == '\\';
		return;
	}
	if (q->comment)
		q->comment = *p != '\n';
	else if (!q->quote && *p == '#')
		q->comment = true;
	else if (!q->quote && (*p == '"' || *p == '\'')) {
		q->quote = *p;
		q->triple = three;
	} else if (q->quote && ((*p == q->quote && (!q->triple || three)) || (*p == '\n' && !q->triple)))
		q->quote = 0;
}

static void text_add(struct quotes *q, const char *p, size_t n)
{
	size_t i, took;

	for (i = 0; i < n; i += took) {
		if (!in_quotes(q) && p[i] != '"' && p[i] != '\'')
			tail_add(q, p[i] == '\n' && q->last == '\\' ? ' ' : p[i]);
		q->last = p[i];
		took = 1;
		if (q->line)
			words_text(&q->w, p + i, 1);
		else if (q->shell)
			took = shell_step(&q->sh, p + i, n - i);
		else {
			bool open = q->quote;

			other_byte(q, p + i, n - i);
			took = open != !!q->quote && q->triple ? 3 : 1;
		}
	}
}

static void value_add(struct quotes *q)
{
	q->last = 'x';
	if (!in_quotes(q))
		tail_add(q, '?');
	if (q->line)
		words_value(&q->w, "?", 1);
	else if (q->shell) {
		q->sh.escaped = false;
		q->sh.last = 'x';
	}
}

/* ---- what is wrong with a value ---- */

static bool is_list(const struct quotes *q, const struct jx *x)
{
	if (x->op == JX_IN)
		return task_of(q)->in[x->a].type == JT_LIST;
	if (x->op == JX_OUT)
		return task_of(q)->out[x->a].count != PORT_ONE;
	return x->op == JX_LIST;
}

/* Is the value alone between the quotes? */
static bool alone(const struct quotes *q, const struct jx *x)
{
	const struct jx *next = &q->s->job->x[x->next];

	return (q->last == '"' || q->last == '\'') && x->next && next->op == JX_STR && !(next->flags & JXF_VALUE) &&
	       name_str(q->s->names, next->a)[0] == q->last;
}

/* Take away the quotes. */
static void unquote_fix(struct quotes *q, struct span sp)
{
	struct span all = { sp.lo - 3, sp.hi + 2 };
	const char *at = sp.lo > 3 ? source_text(q->s->sources, all) : NULL;
	size_t n = all.hi - all.lo;

	if (at && *at == q->last && at[n - 1] == q->last && at[1] == '~' && at[2] == '{' && at[n - 2] == '}')
		diag_fix(q->s->diags, all, "%.*s", (int)(n - 2), at + 1);
}

static void list_report(struct quotes *q, jxid id)
{
	struct span sp = jx_span(q->s->job, id);

	if (!seen_add(q->seen, 0, sp))
		return;
	diag_error(q->s->diags, W0342, sp, "a list inside of quotes is one word");
	diag_note(q->s->diags, "outside of quotes every item is a word of its own, quoted as it needs");
	diag_help(q->s->diags, "leave out the quotes");
	unquote_fix(q, sp);
}

/* Does a shell read the word again: `sh -c`, `eval`, `ssh HOST`? */
static bool second_shell(const struct quotes *q)
{
	static const char *const shells[] = { "sh", "bash", "dash", "zsh", "ksh" };
	const char *word[3] = { "", "", "" };
	char text[TAIL + 1];
	size_t i = q->len, k;
	int n = 0;

	memcpy(text, q->tail, q->len);
	text[q->len] = '\0';
	while (i > 0 && n < 3 && text[i - 1]) {
		for (; i > 0 && text[i - 1] == ' '; i--)
			text[i - 1] = '\0';
		for (; i > 0 && text[i - 1] && text[i - 1] != ' ' && text[i - 1] != '/'; i--)
			;
		word[n++] = text + i;
		for (; i > 0 && text[i - 1] && text[i - 1] != ' '; i--) /* the directory of a program */
			text[i - 1] = text[i - 1] == '/' ? '\0' : text[i - 1];
	}
	if (!strcmp(word[0], "eval") || !strcmp(word[1], "ssh"))
		return true;
	k = strlen(word[0]);
	if (word[0][0] != '-' || word[0][k - 1] != 'c')
		return false;
	for (i = 0; i < sizeof shells / sizeof *shells; i++)
		if (!strcmp(word[1], shells[i]) || (word[1][0] == '-' && !strcmp(word[2], shells[i])))
			return true;
	return false;
}

/* Is the value, where it stands, something else than itself? */
static bool unsafe(const struct quotes *q, const char *p, size_t n)
{
	static const char *const safe = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_@%+=:,./-";
	size_t i;

	if (q->shell)
		return strspn(p, safe) < n;
	for (i = 0; i < n; i++)
		if (p[i] == q->quote || p[i] == '\\' || (p[i] == '\n' && !q->triple))
			return true;
	return false;
}

static void unsafe_report(struct quotes *q, jxid id, const char *value, size_t n)
{
	if (!seen_add(q->seen, 0, jx_span(q->s->job, id)))
		return;
	diag_error(q->s->diags, W0343, jx_span(q->s->job, id), q->shell ? N_("value `%.*s` is read by a second shell") :
		N_("value `%.*s` is not safe inside of the quotes"), (int)(n > 60 ? 60 : n), value);
	if (q->shell)
		diag_help(q->s->diags, "hand it over as an argument: sh -c 'cat \"$1\"' sh ~{...}");
	else
		diag_help(q->s->diags, "read it from the environment, where every port and parameter is, but for secrets");
}

/* The first value among the instances that is not safe is shown. */
static void value_check(struct quotes *q, jxid id)
{
	int64_t n = task_of(q)->count < LOOK_INSTANCES ? task_of(q)->count : LOOK_INSTANCES, i;
	struct arena_mark m = arena_mark(q->arena);
	struct buf b;

	buf_init(&b, VALUE);
	for (i = 0; i < n && q->budget; i++, q->budget--) {
		struct jctx c = { .job = q->s->job, .arena = q->arena, .task = q->task, .instance = i, .attempt = 1 };

		buf_reset(&b);
		if (!jx_text(&c, id, &b))
			break;
		if (unsafe(q, buf_str(&b), b.len)) {
			unsafe_report(q, id, buf_str(&b), b.len);
			break;
		}
		arena_reset(q->arena, m);
	}
	buf_free(&b);
}

/* ---- secrets ---- */

/* Does it stand in what others read with ps(1)?  A script does not, whatever its interpreter. */
static bool in_argument(const struct quotes *q)
{
	if (q->line || !q->shell)
		return q->line;
	switch (shell_state(&q->sh)) {
	case SH_COMMENT: case SH_ARITH: case SH_HEREDOC: return false;
	case SH_PLAIN: case SH_SINGLE: case SH_DOUBLE: case SH_ANSI: break;
	}
	return shell_argument(q->tail, q->len);
}

static void secret_check(struct quotes *q, jxid id)
{
	const struct jx *x = &q->s->job->x[id];
	const char *nm = name_str(q->s->names, x->a);

	if (!in_argument(q) || !seen_add(q->seen, 0, jx_span(q->s->job, id)))
		return;
	diag_error(q->s->diags, W0344, jx_span(q->s->job, id), "secret `%s` is an argument of a program", nm);
	diag_note(q->s->diags, "everybody on the machine sees arguments (ps)");
	diag_help(q->s->diags, "let the program read it from its environment: env { %s = %s }; or from a file or its standard input",
		nm, nm);
}

static void part(struct quotes *q, jxid id)
{
	const struct jx *x = &q->s->job->x[id];

	if (x->op == JX_STR && !(x->flags & JXF_VALUE)) {
		text_add(q, name_str(q->s->names, x->a), name_len(q->s->names, x->a));
		return;
	}
	if (x->op == JX_SECRET)
		secret_check(q, id);
	else if (in_quotes(q) && x->op != JX_RAW) {
		if (q->shell && is_list(q, x) && alone(q, x))
			list_report(q, id);
		else if (!q->shell || second_shell(q))
			value_check(q, id);
	}
	value_add(q);
}

static void task_quotes(struct quotes *q)
{
	const struct jx *x = &q->s->job->x[task_of(q)->command];
	jxid i;

	q->line = task_of(q)->run == RUN_COMMAND;
	q->shell = q->line || interp_is_shell(q->s->job, task_of(q)->interp);
	shell_init(&q->sh, q->arena);
	words_init(&q->w, q->arena);
	q->quote = 0;
	q->triple = q->escaped = q->comment = false;
	q->last = ' ';
	q->len = 0;
	for (i = x->a; i; i = q->s->job->x[i].next)
		part(q, i);
	shell_free(&q->sh);
	words_break(&q->w);
	buf_free(&q->w.word);
}

void check_quotes(struct session *s)
{
	struct seen seen = { 0 };
	struct quotes q = { .s = s, .arena = arena_new(), .seen = &seen, .budget = LOOK_BUDGET };
	struct arena_mark m = arena_mark(q.arena);

	for (q.task = 0; q.task < s->job->ntask; q.task++) {
		const struct jtask *t = task_of(&q);

		if (t->bad || t->skipped || t->run == RUN_NONE || s->job->x[t->command].op != JX_CAT)
			continue;
		task_quotes(&q);
		arena_reset(q.arena, m);
	}
	seen_free(&seen);
	arena_free(q.arena);
}
