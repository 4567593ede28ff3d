/* check_command.c - command lines that plainly want a shell (rule 1.9): a command line is a program and its arguments,
 * nothing in it is a pipe, a redirection, a variable or a pattern. */
#include "compiler/check.h"
#include "compiler/check_util.h"

#include <string.h>

struct look { /* at the text of a command, character by character */
	const struct session *s;
	char quote;      /* ' or " while inside */
	char begin;      /* first character of the word, */
	size_t len;      /* and how many it has so far */
	bool first;      /* no word is complete yet */
	bool shell;      /* the program is a shell: it expands "..." itself */
	bool find;       /* the program takes patterns itself */
	struct buf prog; /* the first word */
	char what[40];   /* what was found, "" if nothing */
};

static bool blank(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static bool letter(char c)
{
	return ((c | 32) >= 'a' && (c | 32) <= 'z') || c == '_';
}

static void found(struct look *k, const char *p, size_t n)
{
	if (k->what[0])
		return;
	if (n > sizeof k->what - 1)
		n = sizeof k->what - 1;
	memcpy(k->what, p, n);
	k->what[n] = '\0';
}

static bool one_of(const char *p, const char *const *list)
{
	for (; *list; list++)
		if (!strcmp(p, *list))
			return true;
	return false;
}

/* The first word is complete: words that only a shell knows, programs that do a shell's work. */
static void program(struct look *k)
{
	static const char *const builtin[] = { "cd", "export", "source", ".", "set", "unset", "alias", "ulimit", "eval", "exec",
		"if", "for", "while", "case", "{", "(", NULL };
	static const char *const shells[] = { "sh", "bash", "dash", "zsh", "ksh", "csh", "tcsh", NULL };
	static const char *const patterns[] = { "find", "expr", "test", "[", "rsync", "unzip", "zip", "tar", NULL };
	static const char *const variable = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_";
	const char *p = buf_str(&k->prog), *base = strrchr(p, '/'), *eq = strchr(p, '=');

	base = base ? base + 1 : p;
	k->shell = one_of(base, shells);
	k->find = one_of(base, patterns);
	if (one_of(p, builtin) || (eq && letter(*p) && strspn(p, variable) == (size_t)(eq - p)))
		found(k, p, strlen(p));
	k->first = false;
}

static void word_end(struct look *k)
{
	if (k->len && k->first)
		program(k);
	k->len = 0;
}

/* $NAME, ${, $( and `: where nothing quotes them. */
static bool expansion(struct look *k, const char *p)
{
	size_t n = 1;

	if (*p == '`')
		found(k, p, 1);
	else if (*p == '$' && (p[1] == '(' || p[1] == '{'))
		found(k, p, 2);
	else if (*p == '$' && letter(p[1])) {
		while (letter(p[n]) || (p[n] >= '0' && p[n] <= '9'))
			n++;
		found(k, p, n);
	}
	return k->what[0] != '\0';
}

/* The character at p, outside of quotes. */
static void plain(struct look *k, const char *p)
{
	bool redirects = k->len == 0 || (k->len == 1 && strchr("12&", k->begin));

	if (*p == '|')
		found(k, p, p[1] == '|' ? 2 : 1);
	else if (*p == '&' && (p[1] == '&' || (k->len == 0 && (!p[1] || blank(p[1])))))
		found(k, p, p[1] == '&' ? 2 : 1);
	else if ((*p == '>' && redirects) || (*p == '<' && k->len == 0))
		found(k, p, p[1] == *p ? 2 : 1);
	else if (*p == ';' && !k->find && (!p[1] || blank(p[1])))
		found(k, p, 1);
	else if (*p == '*' && !k->find && (k->len || (p[1] && !blank(p[1]))))
		found(k, p, 1);
	else
		expansion(k, p);
}

/* Characters, or one for a value, belong to the word. */
static void grow_word(struct look *k, const char *p, size_t n)
{
	if (k->first)
		buf_add(&k->prog, p, n);
	if (k->len == 0)
		k->begin = *p;
	k->len += n;
}

/* How many characters at p mean nothing but themselves. */
static size_t harmless(const char *p)
{
	size_t n = 0;

	while (letter(p[n]) || (p[n] >= '-' && p[n] <= '9') || p[n] == '=' || p[n] == ',')
		n++;
	return n;
}

static void quoted(struct look *k, const char *p)
{
	if (*p == k->quote)
		k->quote = '\0';
	else if (k->quote == '"' && !k->shell)
		expansion(k, p);
}

static void text(struct look *k, const char *p)
{
	size_t n;

	for (; *p && !k->what[0]; p++) {
		if (!k->quote && (n = harmless(p)) > 0) {
			grow_word(k, p, n);
			p += n - 1;
		} else if (*p == '\\' && p[1] && k->quote != '\'')
			grow_word(k, ++p, 1);
		else if (k->quote)
			quoted(k, p);
		else if (blank(*p))
			word_end(k);
		else if (*p == '\'' || *p == '"') {
			k->quote = *p;
			grow_word(k, p, 1);
		} else {
			plain(k, p);
			grow_word(k, p, 1);
		}
	}
}

static void command_text(struct look *k, jxid x)
{
	const struct jx *e = &k->s->job->x[x];
	jxid i;

	if (e->op == JX_STR)
		text(k, name_str(k->s->names, e->a));
	for (i = e->op == JX_CAT ? e->a : 0; i && !k->what[0]; i = k->s->job->x[i].next) {
		e = &k->s->job->x[i];
		if (e->op == JX_STR && !(e->flags & JXF_VALUE))
			text(k, name_str(k->s->names, e->a));
		else
			grow_word(k, "?", 1);
	}
	if (!k->what[0])
		word_end(k);
}

/* weft: the string becomes a script.  Only where its text is the command's, without escapes. */
static void script_fix(struct session *s, struct span sp)
{
	const char *at = source_text(s->sources, sp);
	size_t n = sp.hi - sp.lo;

	diag_help(s->diags, "make it a script: run { ... }");
	if (at && n > 2 && *at == '"' && at[n - 1] == '"' && !memchr(at, '\\', n))
		diag_fix(s->diags, sp, "{\n    %.*s\n  }", (int)(n - 2), at + 1);
}

/* job.cfg and JSON: the line becomes an argument of a shell. */
static void bash_fix(struct session *s, struct span sp, name line)
{
	const char *at = source_text(s->sources, sp), *text = name_str(s->names, line);
	size_t n = sp.hi - sp.lo, len = name_len(s->names, line), q = at && *at == '"' && n == len + 2;
	struct buf word;

	buf_init(&word, 1 << 16);
	if (!word_quote(&word, text, len))
		diag_help(s->diags, "put it into a script of the package");
	else {
		diag_help(s->diags, "write /bin/bash -c %s", buf_str(&word));
		if (at && n == len + 2 * q && !memcmp(at + q, text, len) && (!q || !strpbrk(buf_str(&word), "\"\\")))
			diag_fix(s->diags, sp, "%s/bin/bash -c %s%s", q ? "\"" : "", buf_str(&word), q ? "\"" : "");
	}
	buf_free(&word);
}

static void wants_shell(struct session *s, const struct jtask *t, const char *what)
{
	diag_error(s->diags, W0340, t->command_span, "command wants a shell: nothing understands `%s`", what);
	diag_note(s->diags, "a command line is a program and its arguments; no shell reads it");
	if (front_of(s->main) == FRONT_WEFT)
		script_fix(s, t->command_span);
	else if (s->job->x[t->command].op == JX_STR)
		bash_fix(s, t->command_span, s->job->x[t->command].a);
}

void check_wants_shell(struct session *s)
{
	struct seen seen = { 0 };
	struct buf prog;
	uint32_t i;

	buf_init(&prog, 1 << 16);
	for (i = 0; i < s->job->ntask; i++) {
		const struct jtask *t = &s->job->task[i];
		struct look k = { .s = s, .first = true, .prog = prog };

		if (t->bad || t->skipped || t->run != RUN_COMMAND)
			continue;
		command_text(&k, t->command);
		if (k.what[0] && seen_add(&seen, 0, t->command_span))
			wants_shell(s, t, k.what);
		prog = k.prog; /* its memory serves the next one */
		buf_reset(&prog);
	}
	buf_free(&prog);
	seen_free(&seen);
}
