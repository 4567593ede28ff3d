/* hint.c - what to say about an unexpected token: a special message where people stumble, else what was expected.
 *
 * Each hint looks at the newest tokens (h[0] is the unexpected one) and at what could have followed; the first
 * that knows the case reports it. */
#include "lang/scan.h"
#include "lang/text.h"

#include "parse.h"

#include <stdio.h>
#include <string.h>

struct miss { /* an unexpected token */
	struct parser *p;
	const struct token *h; /* newest first */
	const char *got;
	const struct expected *e;
	int n;
};

static bool can(const struct miss *m, int token)
{
	for (int i = 0; i < m->n; i++)
		if (m->e[i].token == token)
			return true;
	return false;
}

static const char *text(const struct miss *m, const struct token *t)
{
	return m->p->text + (t->sp.lo - m->p->base);
}

static int length(const struct token *t)
{
	return (int)(t->sp.hi - t->sp.lo);
}

static bool is_text(const struct miss *m, const struct token *t, const char *s)
{
	return (size_t)length(t) == strlen(s) && !memcmp(text(m, t), s, strlen(s));
}

static bool is_word(const struct token *t)
{
	return t->kind == TK_NAME || (t->kind >= TK_WORKFLOW && t->kind <= TK_LABEL);
}

/* May this begin an expression? */
static bool is_value(const struct token *t)
{
	return is_word(t) || (t->kind >= TK_INT && t->kind <= TK_STR_BEGIN) || t->kind == TK_TRUE || t->kind == TK_FALSE ||
	       t->kind == '[' || t->kind == '(' || t->kind == '{';
}

static bool is_comparison(int k)
{
	return k == TK_EQ || k == TK_NE || k == '<' || k == TK_LE || k == '>' || k == TK_GE;
}

/* Is an operand complete, so that an operator could follow? */
static bool complete(const struct miss *m)
{
	return can(m, '+');
}

static bool starts(const struct miss *m, const struct token *t)
{
	return t->sp.lo - m->p->base == m->p->mark;
}

static bool in_block(const struct miss *m)
{
	return m->p->mark_depth > 0;
}

static bool is_declaration(int k)
{
	return k == TK_WORKFLOW || k == TK_PARAM || k == TK_TABLE || k == TK_LET || k == TK_DEFAULTS || k == TK_TASK ||
	       k == TK_USE;
}

#define ERROR(code, tok, ...) scan_error(m->p, code, (tok)->sp, __VA_ARGS__)
#define LABEL(...) diag_label(m->p->diags, __VA_ARGS__)
#define HELP(...) diag_help(m->p->diags, __VA_ARGS__)
#define FIX(span, ...) \
	do { \
		if (!m->p->whole) \
			diag_fix(m->p->diags, span, __VA_ARGS__); \
	} while (0)
#define TEXT(tok) length(tok), text(m, tok)

/* ---- names ---- */

/* The end of a name as it was meant: letters, digits, `_`, `-`, `.`. */
static int meant(const struct miss *m, const struct token *t)
{
	const char *s = text(m, t);
	int n = 0;

	while (word_byte(s[n]) || ((s[n] == '-' || s[n] == '.') && word_byte(s[n + 1])))
		n++;
	return n;
}

/* task log-count, param a.b, in x-y, user-data = ... */
static bool hint_name(struct miss *m)
{
	const struct token *h = m->h;
	int decl = h[2].kind, n;
	bool declares = is_declaration(decl) || decl == TK_CLUSTER || decl == TK_IN || decl == TK_OUT || decl == TK_FOR;
	struct span sp;

	if ((h[0].kind != '-' && h[0].kind != '.') || !is_word(&h[1]) || complete(m) || !(declares || starts(m, &h[1])))
		return false;
	n = meant(m, &h[1]);
	sp = (struct span){ h[1].sp.lo, h[1].sp.lo + (uint32_t)n };
	if (n <= length(&h[1]))
		return false;
	scan_error(m->p, E0111, sp, "name `%.*s` holds `%c`", n, text(m, &h[1]), text(m, &h[0])[0]);
	LABEL("names are letters, digits and `_`");
	if (decl == TK_TASK || decl == TK_CLUSTER) {
		HELP("write it with `_`, or as a string: \"%.*s\"", n, text(m, &h[1]));
		FIX(sp, "\"%.*s\"", n, text(m, &h[1]));
	} else if (!declares) {
		HELP("a key that is no name is written as a string: \"%.*s\" = ...", n, text(m, &h[1]));
	}
	return true;
}

static bool hint_no_name(struct miss *m)
{
	const struct token *h = m->h;

	if (!(is_declaration(h[1].kind) || h[1].kind == TK_FOR) || h[1].kind == TK_DEFAULTS || h[1].kind == TK_WORKFLOW ||
	    !can(m, TK_NAME) || can(m, TK_INT))
		return false;
	if (h[0].kind == TK_PLAIN || h[0].kind == TK_STR_BEGIN) {
		ERROR(E0111, &h[0], "name of `%.*s` is a string", TEXT(&h[1]));
		HELP("write the name without quotes");
		return true;
	}
	if (h[0].kind == ':')
		return false;
	ERROR(E0112, &h[1], "`%.*s` has no name", TEXT(&h[1]));
	return true;
}

/* ---- = ---- */

/* input: "x", shell: "cp ...", as other languages have them, where changing the colon would not do. */
static bool hint_other(struct miss *m, const struct token *word)
{
	static const char *const command[] = { "shell", "script", "command", "cmd", "exec" };

	if (is_text(m, word, "input") || is_text(m, word, "inputs"))
		return HELP("inputs are written: in NAME = \"path\""), true;
	if (is_text(m, word, "output") || is_text(m, word, "outputs"))
		return HELP("outputs are written: out NAME = \"path\""), true;
	for (size_t i = 0; i < sizeof command / sizeof *command; i++)
		if (is_text(m, word, command[i]))
			return HELP("a command is written: run \"program argument\", a shell script: run { ... }"), true;
	return false;
}

static bool hint_equals(struct miss *m)
{
	const struct token *h = m->h;

	if (!can(m, '=') || (h[0].kind != TK_EQ && h[0].kind != TK_FAT_ARROW && h[0].kind != TK_ASSIGN && h[0].kind != ':') ||
	    complete(m))
		return false;
	if (h[0].kind == ':' && (is_declaration(h[1].kind) || !in_block(m)) && m->p->nbracket == 0)
		return false;
	if (h[0].kind == ':' && (h[1].kind == TK_RUN || h[1].kind == TK_IN || h[1].kind == TK_OUT || h[1].kind == TK_AFTER))
		return false;
	ERROR(E0103, &h[0], "`%.*s` instead of `=`", TEXT(&h[0]));
	if (h[0].kind == ':' && hint_other(m, &h[1]))
		return true;
	if (h[0].kind == ':')
		HELP("settings are written: %.*s = value", TEXT(&h[1]));
	FIX(h[0].sp, "%s", h[0].kind == ':' ? " =" : "=");
	return true;
}

/* cpu 8, in x "file", param n 3; and machine small, where the error shows only behind the second word. */
static bool hint_no_equals(struct miss *m)
{
	const struct token *h = m->h, *key = &h[1];

	if (key->kind == TK_AFTER && h[0].kind == '[')
		return false;
	if (can(m, '=') && is_value(&h[0]) && (is_word(key) || key->kind == ']') && !h[0].first)
		;
	else if (can(m, '{') && m->n == 1 && h[1].kind == TK_NAME && !h[1].first && starts(m, &h[2]))
		key = &h[2];
	else
		return false;
	ERROR(E0102, key, "no `=` behind `%.*s`", TEXT(key));
	if (is_text(m, key, "needs") || is_text(m, key, "depends") || is_text(m, key, "depends_on") || is_text(m, key, "requires")) {
		HELP("it is written: after OTHER, ANOTHER");
		return true;
	}
	HELP("write: %.*s = ...", TEXT(key));
	FIX(((struct span){ key->sp.hi, key->sp.hi }), " =");
	return true;
}

/* parm n = 3, tabel t = tsv(...): a misspelt declaration, not a setting without its `=`. */
static bool hint_declaration(struct miss *m)
{
	static const char *const decl[] = { "workflow", "param", "table", "let", "defaults", "task", "use" };
	const struct token *key = &m->h[starts(m, &m->h[1]) ? 1 : 2];
	struct suggest sg = { 0 };
	char word[16];

	if (m->p->whole || in_block(m) || key->kind != TK_NAME || !starts(m, key) || m->h[0].first || m->h[1].first == (key != &m->h[1]) ||
	    m->h[0].kind == '{' || length(key) >= (int)sizeof word)
		return false;
	snprintf(word, sizeof word, "%.*s", TEXT(key));
	sg.to = word;
	for (size_t i = 0; i < sizeof decl / sizeof *decl; i++)
		suggest_try(&sg, decl[i]);
	if (!suggest_best(&sg))
		return false;
	ERROR(E0217, key, "no declaration is called `%s`", word);
	diag_suggest(m->p->diags, &sg);
	return true;
}

/* in a = "x" b: dir = "y", out a = "x" b[3] = "y" */
static bool hint_port_comma(struct miss *m)
{
	const struct token *h = m->h;
	uint32_t at;

	if (m->p->whole || !in_block(m) || !is_word(&h[1]) || !starts(m, &h[1]) || (h[0].kind != ':' && h[0].kind != '['))
		return false;
	at = comma_due(m->p->text, h[1].sp.lo - m->p->base);
	if (!at)
		return false;
	ERROR(E0106, &h[1], "no `,` before `%.*s`", TEXT(&h[1]));
	HELP("ports of one statement are separated by commas");
	FIX(scan_span(m->p, at, at), ",");
	return true;
}

/* task: x, tasks:, all: dep */
static bool hint_colon(struct miss *m)
{
	const struct token *h = m->h;

	if (h[0].kind != ':' || complete(m) || !is_word(&h[1]) || !starts(m, &h[1]))
		return false;
	ERROR(E0115, &h[0], "`:` behind `%.*s`", TEXT(&h[1]));
	switch (h[1].kind) {
	case TK_TASK: HELP("a task is written: task NAME { ... }"); break;
	case TK_RUN: HELP("a command is written: run \"program argument\""); break;
	case TK_IN: HELP("inputs are written: in NAME = \"path\""); break;
	case TK_OUT: HELP("outputs are written: out NAME = \"path\""); break;
	case TK_WORKFLOW: HELP("it is written: workflow \"name\" { ... }"); break;
	case TK_AFTER: HELP("it is written: after OTHER, ANOTHER"); break;
	default: HELP("a task is written: task NAME { ... }, a setting: NAME = value"); break;
	}
	return true;
}

/* ---- statements ---- */

/* The rest of the line that starts at t, without trailing blanks. */
static int rest(const struct miss *m, const struct token *t)
{
	const char *s = text(m, t);
	int n = (int)strcspn(s, "\r\n#");

	while (n && (s[n - 1] == ' ' || s[n - 1] == '\t'))
		n--;
	return n;
}

static bool hint_run(struct miss *m)
{
	const struct token *h = m->h;
	int i = h[1].kind == TK_RUN ? 0 : h[1].kind == TK_NAME && h[2].kind == TK_RUN ? 1 : -1, n;

	if (i < 0 || m->p->mark_kind != TK_RUN || !starts(m, &h[i + 1]) || h[0].kind == '=' || h[0].kind == ':')
		return false;
	if (h[i].first || h[i].kind == '}' || !h[i].kind) {
		ERROR(E0113, &h[i + 1], "`run` has no command");
		HELP("write a string, or a script between `{` and `}` on lines of their own");
		return true;
	}
	n = rest(m, &h[i]);
	scan_error(m->p, E0113, (struct span){ h[i].sp.lo, h[i].sp.lo + (uint32_t)n }, "command is not a string");
	if (n && !memchr(text(m, &h[i]), '"', (size_t)n) && !memchr(text(m, &h[i]), '\\', (size_t)n)) {
		HELP("write: run \"%.*s\"", n, text(m, &h[i]));
		FIX(((struct span){ h[i].sp.lo, h[i].sp.lo + (uint32_t)n }), "\"%.*s\"", n, text(m, &h[i]));
	}
	return true;
}

static const struct {
	const char *word, *help;
} flow[] = {
	{ "if", N_("a condition belongs to the task: task NAME if CONDITION { ... }; a value is chosen with: c ? a : b") },
	{ "for", N_("instances belong to the task: task NAME for i in 0 .. 9 { ... }") },
	{ "else", N_("a value is chosen with: c ? a : b") },
	{ "elif", N_("a value is chosen with: c ? a : b") },
	{ "while", N_("there are no loops; a task runs for many values with: task NAME for i in 0 .. 9 { ... }") },
	{ "import", N_("another file is brought in with: use \"file.weft\" as NAME") },
	{ "include", N_("another file is brought in with: use \"file.weft\" as NAME") },
	{ "def", N_("there are no functions; a value gets a name with: let NAME = ...") },
	{ "function", N_("there are no functions; a value gets a name with: let NAME = ...") },
	{ "var", N_("a value gets a name with: let NAME = ...") },
	{ "const", N_("a value gets a name with: let NAME = ...") },
	{ "rule", N_("a task is written: task NAME { ... }") },
	{ "process", N_("a task is written: task NAME { ... }") },
};

static bool hint_flow(struct miss *m)
{
	struct token first = { .sp = { m->p->base + m->p->mark, m->p->base + m->p->mark } };
	const char *s = text(m, &first);

	while (word_byte(s[first.sp.hi - first.sp.lo]))
		first.sp.hi++;
	for (size_t i = 0; i < sizeof flow / sizeof flow[0]; i++)
		if (is_text(m, &first, flow[i].word) && m->h[0].sp.lo >= first.sp.lo) {
			ERROR(E0114, &first, "no `%s` statement in weft", flow[i].word);
			HELP("%s", tr(flow[i].help));
			return true;
		}
	return false;
}

/* Statements of a task at top level. */
static bool hint_outside(struct miss *m)
{
	const struct token *h = m->h;

	if (in_block(m) || m->p->nbracket)
		return false;
	if (can(m, TK_WORKFLOW) && can(m, TK_TASK) && !can(m, TK_IN) && is_word(&h[0]) && !complete(m)) {
		ERROR(E0109, &h[0], "`%.*s` outside of a task", TEXT(&h[0]));
		HELP("it belongs between the `{` and `}` of a task");
		return true;
	}
	if (h[0].kind != '=' || h[1].kind != TK_NAME || !starts(m, &h[1]))
		return false;
	ERROR(E0109, &h[1], "setting `%.*s` outside of every block", TEXT(&h[1]));
	HELP("settings of all tasks stand in defaults { }, those of the job in workflow \"name\" { };"
	     " a value gets a name with: let %.*s = ...", TEXT(&h[1]));
	return true;
}

static bool hint_nested(struct miss *m)
{
	const struct token *h = m->h;
	int k = m->p->mark_kind;

	if (!in_block(m) || h[0].kind == '=' || h[0].kind == ':' || !(is_declaration(k) || k == TK_CLUSTER) || !starts(m, &h[1]))
		return false;
	ERROR(E0108, &h[1], "`%.*s` inside a block", TEXT(&h[1]));
	if (k == TK_CLUSTER)
		HELP("a task's own cluster has no name: cluster { ... }; a named one stands outside, used by: cluster = %.*s",
		     TEXT(&h[0]));
	else
		HELP("declarations stand side by side, none inside another");
	return true;
}

/* ---- expressions ---- */

static bool hint_word_operator(struct miss *m)
{
	static const char *const ops[][2] = { { "and", "&&" }, { "or", "||" }, { "not", "!" }, { "mod", "%" }, { "div", "/" } };

	for (int i = 0; i < 3; i++)
		for (size_t k = 0; k < sizeof ops / sizeof ops[0]; k++) {
			if (m->h[i].kind != TK_NAME || !is_text(m, &m->h[i], ops[k][0]) || m->h[i].first ||
			    m->h[i].sp.lo - m->p->base < m->p->mark)
				continue;
			ERROR(E0118, &m->h[i], "operator `%s` is written `%s`", ops[k][0], ops[k][1]);
			FIX(m->h[i].sp, "%s", ops[k][1]);
			return true;
		}
	return false;
}

static bool hint_chain(struct miss *m)
{
	int k = m->h[0].kind;

	if (is_comparison(k) && complete(m) && !can(m, k)) {
		ERROR(E0119, &m->h[0], "comparisons cannot be chained");
		HELP("write: a < b && b < c");
		return true;
	}
	if (k == TK_DOTS && complete(m) && !can(m, k)) {
		ERROR(E0119, &m->h[0], "ranges cannot be chained");
		return true;
	}
	return false;
}

static const struct bracket *innermost(const struct miss *m)
{
	return m->p->nbracket > m->p->mark_depth ? &m->p->bracket[m->p->nbracket - 1] : NULL;
}

static bool hint_bracket(struct miss *m)
{
	const struct token *h = m->h;
	const struct bracket *b = innermost(m);
	struct span open;

	if (!b || b->open == TK_INTERP_BEGIN || !is_value(&h[0]) || !complete(m))
		return false;
	open = scan_span(m->p, b->pos, b->pos + 1);
	if (h[0].first && line_column(m->p, h[0].sp.lo - m->p->base) <= line_column(m->p, m->p->mark)) {
		scan_error(m->p, E0104, open, "`%c` is not closed", b->open);
		if (!m->p->whole)
			diag_at(m->p->diags, h[0].sp, "expected `%s` before this", b->open == '(' ? ")" : b->open == '[' ? "]" : "}");
		return true;
	}
	if (!can(m, ','))
		return false;
	ERROR(E0106, &h[0], "no `,` before %s", m->got);
	HELP("items are separated by commas");
	FIX(((struct span){ h[1].sp.hi, h[1].sp.hi }), ",");
	return true;
}

static bool hint_no_value(struct miss *m)
{
	const struct token *h = m->h;

	if (!can(m, TK_INT) || h[1].kind == ',' || h[1].kind == TK_ARROW)
		return false;
	if (h[1].kind == '=') {
		ERROR(E0107, &h[1], "no value after `=`");
	} else if (strchr("+-*/%<>!?:", h[1].kind & 0x7f) && h[1].kind < 128 && h[1].kind) {
		ERROR(E0107, &h[1], "no value after `%c`", h[1].kind);
	} else if (h[1].kind >= TK_EQ && h[1].kind <= TK_DOTS) {
		ERROR(E0107, &h[1], "no value after `%.*s`", TEXT(&h[1]));
	} else if (h[1].kind == TK_INTERP_BEGIN && h[0].kind == TK_INTERP_END) {
		scan_error(m->p, E0107, (struct span){ h[1].sp.lo, h[0].sp.hi }, "`~{}` without a value");
		HELP("write `~~{` for a plain `~{`");
	} else if (h[1].kind == TK_IN || h[1].kind == TK_IF || h[1].kind == TK_RETRY) {
		ERROR(E0107, &h[1], "no value after `%.*s`", TEXT(&h[1]));
	} else {
		return false;
	}
	return true;
}

/* ---- what was expected ---- */

/* Kinds of tokens that are named together. */
static const char *group(const struct miss *m, int token)
{
	bool value = can(m, TK_INT), statement = can(m, '}') && can(m, TK_PLAIN) && !value;

	if (token == TK_BAD)
		return NULL;
	if (value && (token == TK_NAME || (token >= TK_INT && token <= TK_STR_BEGIN) || token == TK_TRUE || token == TK_FALSE ||
	    (token < 128 && token && strchr("([{!-", token)) || (token >= TK_WORKFLOW && token <= TK_LABEL)))
		return token == TK_INT ? N_("a value") : NULL;
	if (complete(m) && ((token < 128 && token && strchr("+-*/%<>?.[(", token)) || (token >= TK_EQ && token <= TK_OR) ||
	    token == TK_DOTS))
		return NULL;
	if (can(m, TK_NAME) && can(m, TK_IN) && token >= TK_WORKFLOW && token <= TK_LABEL)
		return NULL;
	if (can(m, TK_WORKFLOW) && !can(m, TK_IN) && (token == TK_NAME || (token >= TK_WORKFLOW && token <= TK_LABEL)))
		return token == TK_TASK ? N_("a declaration") : NULL;
	if (statement && token == TK_PLAIN)
		return NULL;
	if (statement && token == TK_NAME)
		return N_("a statement");
	return "";
}

/* "`,`, `)` or a value" */
static void expected_list(const struct miss *m, struct buf *b)
{
	const char *list[8];
	int n = 0;

	for (int i = 0; i < m->n && n < 8; i++) {
		const char *g = group(m, m->e[i].token);

		if (g)
			list[n++] = *g ? g : m->e[i].name;
	}
	for (int i = 0; i < n; i++) {
		buf_adds(b, i == 0 ? _("expected ") : i == n - 1 ? _(" or ") : ", ");
		buf_adds(b, tr(list[i]));
	}
}

static bool plain_message(struct miss *m)
{
	struct buf b;
	const struct bracket *br = innermost(m);

	buf_init(&b, 1024);
	expected_list(m, &b);
	if (!b.len && complete(m))
		buf_adds(&b, _("expected an operator"));
	if (b.len && !b.over)
		ERROR(E0101, &m->h[0], "%s, found %s", buf_str(&b), m->got);
	else
		ERROR(E0101, &m->h[0], "unexpected %s", m->got);
	if (m->h[0].kind == '<' && is_text(m, &m->h[1], "command"))
		HELP("a command is written: run \"program argument\", a shell script: run { ... }");
	else if (m->h[0].kind == '=' && complete(m))
		HELP("two values are compared with `==`");
	else if (m->h[0].kind == ':' && can(m, '{'))
		HELP("what belongs to it stands in a block: { ... }");
	else if (can(m, TK_ARROW) && !can(m, TK_INT))
		HELP("it is written: mount \"oss://bucket/dir/\" -> \"/local/dir/\"");
	else if (m->h[1].kind == TK_AFTER)
		HELP("it is written without brackets: after ONE, OTHER");
	if (br && br->open != TK_INTERP_BEGIN && !m->p->whole && br->pos + m->p->base != m->h[0].sp.lo)
		diag_at(m->p->diags, scan_span(m->p, br->pos, br->pos + 1), "opened here");
	buf_free(&b);
	return true;
}

/* The token as it is called in a message. */
static const char *found(const struct miss *m, const char *kind, struct buf *b)
{
	int n = length(&m->h[0]);

	if (n == 0 || n > 32 || memchr(text(m, &m->h[0]), '\n', (size_t)n) || m->h[0].kind == TK_STR_BEGIN)
		return kind;
	buf_addf(b, "`%.*s`", n, text(m, &m->h[0]));
	return buf_str(b);
}

/* A token first on its line where the statement before may have ended: what is in error starts here. */
static void new_statement(const struct miss *m)
{
	const struct token *t = &m->h[0];
	struct parser *p = m->p;

	if (!t->first || !(can(m, '}') || can(m, 0)) || (p->bad != UINT32_MAX && p->bad >= p->line))
		return;
	p->mark = t->sp.lo - p->base;
	p->mark_kind = t->kind;
	p->mark_depth = p->nbracket - (t->kind == '(' || t->kind == '[' || t->kind == '{');
}

void syntax_error(struct parser *p, const char *got, const struct expected *e, int n)
{
	static bool (*const hints[])(struct miss *) = {
		hint_run, hint_flow, hint_name, hint_no_name, hint_port_comma, hint_equals, hint_colon, hint_outside, hint_nested,
		hint_word_operator, hint_declaration, hint_no_equals, hint_chain, hint_bracket, hint_no_value, plain_message,
	};
	struct miss m = { p, p->hist, NULL, e, n };
	struct buf b;

	new_statement(&m);
	if (p->bad != UINT32_MAX && p->bad >= p->mark)
		return;
	buf_init(&b, 256);
	m.got = found(&m, got, &b);
	for (size_t i = 0; !hints[i](&m); i++)
		;
	buf_free(&b);
}

void hint_selectors(struct parser *p, struct span comma)
{
	uint32_t end = comma.hi - p->base;

	diag_error(p->diags, E0101, p->whole ? p->at : comma, "`,` between selectors");
	diag_help(p->diags, "each has brackets of its own: task[a][b].port, and task[a][*].port for all of the second");
	while (!p->whole && (p->text[end] == ' ' || p->text[end] == '\t'))
		end++;
	if (!p->whole)
		diag_fix(p->diags, scan_span(p, comma.lo - p->base, end), "][");
}
