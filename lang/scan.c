/* scan.c - the filter between lexer and grammar: matches brackets, mends, skips after errors. */
#include "lang/scan.h"

#include "parse.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

enum { BRACKET_DEPTH = 250 };

bool scan_error(struct parser *p, enum code c, struct span sp, const char *fmt, ...)
{
	char *msg;
	va_list ap;

	va_start(ap, fmt);
	if (vasprintf(&msg, tr(fmt), ap) < 0)
		abort();
	va_end(ap);
	diag_error(p->diags, c, p->whole ? p->at : sp, "%s", msg);
	free(msg);
	p->bad = sp.lo - p->base;
	return false;
}

uint32_t line_column(const struct parser *p, uint32_t off)
{
	uint32_t col = 0;

	while (off && p->text[off - 1] != '\n')
		off--;
	for (; p->text[off] == ' ' || p->text[off] == '\t'; off++)
		col = p->text[off] == '\t' ? (col | 7) + 1 : col + 1;
	return col;
}

void scan_mark(struct parser *p, int kind, struct span sp)
{
	p->mark = sp.lo - p->base;
	p->mark_kind = kind;
	p->mark_depth = p->nbracket;
}

uint32_t scan_open_block(struct parser *p, struct span sp)
{
	scan_mark(p, '{', sp);
	return p->nbracket;
}

void scan_close_block(struct parser *p, uint32_t depth)
{
	p->mark_depth = depth - 1;
}

/* ---- brackets ---- */

static int closer(int open)
{
	switch (open) {
	case '(': return ')';
	case '[': return ']';
	case '{': return '}';
	default: return TK_INTERP_END;
	}
}

static const char *bracket_text(int token)
{
	switch (token) {
	case '(': return "(";
	case '[': return "[";
	case '{': return "{";
	case ')': return ")";
	case ']': return "]";
	case '}': return "}";
	default: return "~{";
	}
}

static void push(struct parser *p, const struct token *t)
{
	if (p->nbracket == p->cap)
		p->bracket = grow(p->bracket, &p->cap, p->nbracket + 1, sizeof *p->bracket);
	p->bracket[p->nbracket++] = (struct bracket){ .open = t->kind, .pos = t->sp.lo - p->base };
}

/* Is there a place for a message about brackets, or was this statement in error already? */
static bool silent(const struct parser *p)
{
	return p->quiet || (p->bad != UINT32_MAX && p->bad >= p->mark);
}

/* Put t back; `made` comes first. */
static void insert(struct parser *p, struct token *t, int made)
{
	struct token m = { .kind = made, .sp = { t->sp.lo, t->sp.lo } };

	p->queue[p->nqueue++] = *t;
	*t = m;
}

/* More } than {? */
static bool closes_more(const char *s, size_t n)
{
	int64_t open = 0;

	for (size_t i = 0; i < n; i++)
		open += (s[i] == '{') - (s[i] == '}');
	return open < 0;
}

/* Does a script of one line stand behind pos, and hold a } that was meant for the block? */
static bool script_behind(const struct parser *p, uint32_t pos)
{
	struct span s = p->line_script;
	uint32_t lo = s.lo - p->base;

	if (s.hi <= s.lo || lo <= pos || p->whole)
		return false;
	return memchr(p->text + pos, '\n', lo - pos) ? closes_more(p->text + lo, s.hi - s.lo)
						     : memchr(p->text + lo, '}', s.hi - s.lo) != NULL;
}

static void report_open(struct parser *p, struct span at, const struct bracket *b, const char *what)
{
	if (silent(p))
		return;
	scan_error(p, E0104, scan_span(p, b->pos, b->pos + 1), "`%s` is not closed", bracket_text(b->open));
	diag_at(p->diags, p->whole ? p->at : at, "expected `%s` before %s", bracket_text(closer(b->open)), tr(what));
	if (b->open == '{' && p->suspect != UINT32_MAX && p->suspect > b->pos)
		diag_at(p->diags, scan_span(p, p->suspect, p->suspect + 1), "perhaps it is this one: its `}` stands further left");
	else if (b->open == '{' && script_behind(p, b->pos))
		diag_at(p->diags, p->line_script, "the script goes up to the last `}` of the line");
}

/* A closing bracket: it closes the innermost one, or one that was forgotten is closed first. */
static bool close_bracket(struct parser *p, struct token *t)
{
	uint32_t i = p->nbracket;

	while (i && closer(p->bracket[i - 1].open) != t->kind && p->bracket[i - 1].open != '{' &&
	       p->bracket[i - 1].open != TK_INTERP_BEGIN)
		i--;
	if (t->kind == TK_INTERP_END || t->kind == '}')
		while (i && closer(p->bracket[i - 1].open) != t->kind)
			i--;
	if (!i || closer(p->bracket[i - 1].open) != t->kind) {
		if (!silent(p))
			scan_error(p, E0105, t->sp, "`%s` closes nothing", bracket_text(t->kind));
		return false;
	}
	if (i < p->nbracket) {
		report_open(p, t->sp, &p->bracket[p->nbracket - 1], N_("this"));
		insert(p, t, closer(p->bracket[--p->nbracket].open));
		return true;
	}
	p->nbracket--;
	if (t->kind == '}' && t->first && p->suspect == UINT32_MAX &&
	    line_column(p, t->sp.lo - p->base) < line_column(p, p->bracket[p->nbracket].pos))
		p->suspect = p->bracket[p->nbracket].pos;
	return true;
}

/* ---- tokens ---- */

static bool is_declaration(int k)
{
	return k == TK_TASK || k == TK_WORKFLOW || k == TK_PARAM || k == TK_TABLE || k == TK_LET || k == TK_DEFAULTS ||
	       k == TK_USE;
}

static bool is_word(int k)
{
	return k == TK_NAME || (k >= TK_WORKFLOW && k <= TK_LABEL);
}

/* The first character behind a token that is no blank on its line. */
static char peek(const struct parser *p, const struct token *t)
{
	uint32_t i = t->sp.hi - p->base;

	while (p->text[i] == ' ' || p->text[i] == '\t')
		i++;
	return p->text[i] == '=' && p->text[i + 1] == '=' ? '-' : p->text[i];
}

static bool word_start(char c)
{
	return ('a' <= c && c <= 'z') || ('A' <= c && c <= 'Z') || c == '_' || c == '"';
}

static bool value_due(int k)
{
	return k == '=' || (k >= TK_EQ && k <= TK_DOTS) || k == '+' || k == '-' || k == '*' || k == '/' || k == '?' ||
	       k == TK_RETRY || k == TK_MOUNT || k == TK_INPUT || k == TK_OUTPUT || k == TK_LOG;
}

/* A word first on its line where an operand is due, but it starts a statement: the operand was forgotten. */
static bool value_missing(struct parser *p, struct token *t)
{
	const struct token *last = &p->hist[0];
	char next;

	if (p->nbracket != p->mark_depth || !value_due(last->kind))
		return false;
	next = peek(p, t);
	if (!(next == '=' || word_start(next) || (next == '{' && !is_declaration(p->mark_kind))))
		return false;
	if (!silent(p)) {
		scan_error(p, E0107, last->sp, "no value after `%.*s`", (int)(last->sp.hi - last->sp.lo),
			   p->text + (last->sp.lo - p->base));
	}
	p->prev = PREV_KEYWORD;
	insert(p, t, TK_BAD);
	return true;
}

/* A declaration in the first column inside a block: the block's } was forgotten. */
static bool block_open(struct parser *p, struct token *t)
{
	const struct bracket *b = &p->bracket[p->nbracket - 1];

	if (peek(p, t) == '=' || t->sp.lo - p->base - p->line > line_column(p, b->pos))
		return false;
	report_open(p, t->sp, b, N_("this declaration"));
	insert(p, t, closer(p->bracket[--p->nbracket].open));
	return true;
}

static void at_end(struct parser *p, struct token *t)
{
	if (!p->nbracket)
		return;
	if (!p->gave_up) {
		p->bad = UINT32_MAX;
		report_open(p, t->sp, &p->bracket[p->nbracket - 1], N_("the end of the file"));
	}
	p->quiet = true;
	insert(p, t, closer(p->bracket[--p->nbracket].open));
}

/* ---- words of other languages ---- */

static bool one_of(const struct parser *p, const struct token *t, const char *const *words)
{
	const char *s = p->text + (t->sp.lo - p->base);
	size_t n = t->sp.hi - t->sp.lo;

	for (; *words; words++)
		if (strlen(*words) == n && !memcmp(*words, s, n))
			return true;
	return false;
}

static void say_meant(struct parser *p, const struct token *t, enum code c, const char *help, const char *word)
{
	if (p->quiet)
		return;
	if (c == E0203)
		diag_error(p->diags, c, t->sp, "a task has no block `%.*s`", (int)(t->sp.hi - t->sp.lo), p->text + (t->sp.lo - p->base));
	else
		diag_error(p->diags, c, t->sp, "`%.*s` instead of `%s`", (int)(t->sp.hi - t->sp.lo), p->text + (t->sp.lo - p->base),
			word);
	diag_help(p->diags, "%s", tr(help));
	diag_fix(p->diags, t->sp, "%s", word);
}

/* input NAME =, where only a port can follow */
static bool port_follows(const struct parser *p, const struct token *t)
{
	const char *s = p->text + (t->sp.hi - p->base);

	s += strspn(s, " \t");
	if (!word_start(*s) || *s == '"')
		return false;
	while (word_start(*s) || ('0' <= *s && *s <= '9'))
		s++;
	s += strspn(s, " \t");
	return *s == '=' && s[1] != '=';
}

/* command { in a task, whose text is a script; input x = ... ; task a foreach x in ...: said, and taken for what is meant. */
static void foreign_word(struct parser *p, struct token *t)
{
	static const char *const commands[] = { "command", "script", "shell", "exec", "cmd", NULL };
	static const char *const each[] = { "foreach", "forall", "scatter", NULL };
	bool statement = (t->first || p->hist[0].kind == '{') && p->nbracket == 1 && p->bracket[0].open == '{';

	if (p->whole || p->nframe)
		return;
	if (statement && t->kind == TK_NAME && peek(p, t) == '{' && one_of(p, t, commands)) {
		say_meant(p, t, E0203, N_("a script is written: run { ... }"), "run");
		t->kind = TK_RUN;
		p->run = 1;
		p->prev = PREV_KEYWORD;
	} else if (statement && (t->kind == TK_INPUT || t->kind == TK_OUTPUT) && port_follows(p, t)) {
		bool in = t->kind == TK_INPUT;

		say_meant(p, t, E0101, in ? N_("a file that is read is a port: in NAME = \"path\"") :
			N_("a file that is written is a port: out NAME = \"path\""), in ? "in" : "out");
		t->kind = in ? TK_IN : TK_OUT;
	} else if (!p->nbracket && !t->first && p->mark_kind == TK_TASK && t->kind == TK_NAME && p->prev == PREV_OPERAND &&
		   p->hist[1].kind == TK_TASK && one_of(p, t, each)) {
		say_meant(p, t, E0101, N_("instances are made with: task NAME for x in VALUES { ... }"), "for");
		t->kind = TK_FOR;
		p->prev = PREV_KEYWORD;
	}
}

static void read_raw(struct parser *p, struct token *t)
{
	t->kind = raw_token(&t->v, &t->sp, p->lex);
	t->first = p->first;
	p->first = false;
	foreign_word(p, t);
	if (p->run)
		p->run = p->run == 1 ? 2 : p->run == 2 && t->kind == TK_NAME ? 3 : 0;
}

/* May a statement or declaration start with t: a word first on its line, no further right than the one in error? */
static bool starts_next(const struct parser *p, const struct token *t, uint32_t column)
{
	return t->first && is_word(t->kind) && t->sp.lo > p->base + p->mark &&
	       line_column(p, t->sp.lo - p->base) <= column;
}

/* Too many open brackets: skip what is inside the innermost one; where nothing closes it, up to the next statement. */
static void skip_deep(struct parser *p, struct token *t)
{
	uint32_t depth = 1, column = line_column(p, p->mark);

	if (!p->ast->too_deep)
		p->ast->deep = p->whole ? p->at : t->sp;
	p->ast->too_deep = true;
	p->bad = t->sp.lo - p->base;
	while (depth && t->kind) {
		read_raw(p, t);
		if (starts_next(p, t, column)) {
			p->nbracket = p->mark_depth;
			p->queue[p->nqueue++] = *t;
			break;
		}
		if (t->kind == '(' || t->kind == '[' || t->kind == '{' || t->kind == TK_INTERP_BEGIN)
			depth++;
		else if (t->kind == ')' || t->kind == ']' || t->kind == '}' || t->kind == TK_INTERP_END)
			depth--;
	}
	t->kind = t->kind ? TK_BAD : 0;
}

/* What brackets and lines say about a token; false: drop it. */
static bool filter(struct parser *p, struct token *t)
{
	switch (t->kind) {
	case 0:
		at_end(p, t);
		return true;
	case '(': case '[': case '{': case TK_INTERP_BEGIN:
		if (p->nbracket >= BRACKET_DEPTH)
			skip_deep(p, t);
		else
			push(p, t);
		return true;
	case ')': case ']': case '}': case TK_INTERP_END:
		return close_bracket(p, t);
	default:
		break;
	}
	if (!t->first || !is_word(t->kind))
		return true;
	if (p->prev != PREV_CLOSE && value_missing(p, t))
		return true;
	if (p->nbracket && is_declaration(t->kind))
		block_open(p, t);
	return true;
}

void scan_token(struct parser *p, struct token *t)
{
	if (p->start) {
		*t = (struct token){ .kind = p->start, .sp = scan_span(p, 0, 0) };
		p->start = 0;
		return;
	}
	for (;;) {
		if (p->nqueue)
			*t = p->queue[--p->nqueue];
		else
			read_raw(p, t);
		if (filter(p, t))
			break;
		p->first |= t->first;
	}
	memmove(p->hist + 1, p->hist, sizeof p->hist - sizeof p->hist[0]);
	p->hist[0] = *t;
}

/* ---- after a syntax error ---- */

static bool closes_block(const struct token *t, uint32_t nbracket, uint32_t depth)
{
	return t->kind == '}' && nbracket < depth;
}

/* The look-ahead at the error, or the first token if there was none. */
static void take_up(struct parser *p, struct token *t)
{
	p->quiet = true;
	if (t->kind < 0)
		scan_token(p, t);
	else
		t->first = p->hist[0].first;
	if (t->kind && t->sp.lo + 1 == p->synced) /* the last skipping ended here: go on, or it never ends */
		scan_token(p, t);
}

static void settle(struct parser *p, const struct token *t)
{
	p->synced = t->sp.lo + 1;
	scan_recovered(p);
}

void scan_recovered(struct parser *p)
{
	p->quiet = false;
	p->bad = UINT32_MAX;
}

void scan_resync_top(struct parser *p, struct token *t)
{
	uint32_t column = line_column(p, p->mark);

	take_up(p, t);
	while (t->kind && !starts_next(p, t, column))
		scan_token(p, t);
	p->nbracket = 0;
	settle(p, t);
}

void scan_resync(struct parser *p, struct token *t)
{
	uint32_t column = line_column(p, p->mark), depth = p->mark_depth;
	bool again = p->synced == t->sp.lo + 1;

	take_up(p, t);
	while (t->kind && !closes_block(t, p->nbracket, depth)) {
		if (starts_next(p, t, column)) {
			p->nbracket = depth;
			break;
		}
		scan_token(p, t);
	}
	if (!t->kind && again) /* the end of the file once more: leave the block */
		t->kind = '}';
	settle(p, t);
}

void scan_resync_body(struct parser *p, struct token *t)
{
	uint32_t column = line_column(p, p->mark);

	take_up(p, t);
	while (t->kind && t->kind != '{' && !starts_next(p, t, column))
		scan_token(p, t);
	if (t->kind != '{') { /* no body: make one */
		insert(p, t, '}');
		p->queue[p->nqueue++] = *t;
		t->kind = '{';
		p->nbracket = p->mark_depth;
		push(p, t);
	}
	settle(p, t);
}
