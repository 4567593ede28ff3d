/* lexutil.c - strings, scripts and numbers for the lexer. */
#include "lang/lexutil.h"

#include "parse.h"

#include <string.h>

enum { STRING_LINES = 200 /* where the end of a string is looked for */ };

void lex_newline(struct parser *p, uint32_t from, uint32_t to)
{
	uint32_t i = to;

	while (i > from && p->text[i - 1] != '\n')
		i--;
	p->line = i;
	p->first = true;
}

void lex_comment(struct parser *p, struct span sp)
{
	struct ast *a = p->ast;

	if (!a->keep_comments || p->whole)
		return;
	if (a->ncomments == a->ccap)
		a->comments = grow(a->comments, &a->ccap, a->ncomments + 1, sizeof *a->comments);
	a->comments[a->ncomments++] = sp;
}

int lex_keyword(struct parser *p, bool run)
{
	if (p->prev == PREV_OPERATOR || p->prev == PREV_KEYWORD)
		return PREV_OPERAND;
	if (run)
		p->run = 1;
	return PREV_KEYWORD;
}

/* ---- strings and ~{ } ---- */

bool lex_enter(struct parser *p, int state, struct span sp)
{
	if (p->nframe == FRAME_MAX) {
		scan_error(p, E0018, sp, "strings in `~{ }` are nested too deeply");
		diag_label(p->diags, "more than %d strings inside one another", FRAME_MAX);
		return false;
	}
	p->frame[p->nframe++] = (struct frame){ .state = state, .open = sp.lo - p->base };
	return true;
}

int lex_end(struct parser *p)
{
	p->nframe--;
	return 0;
}

void lex_interp(struct parser *p)
{
	struct frame *f = &p->frame[p->nframe - 1];

	f->inside = true;
	f->braces = 0;
}

int lex_leave(struct parser *p)
{
	struct frame *f = &p->frame[p->nframe - 1];

	f->inside = false;
	f->braces = 0;
	return f->state;
}

/* Was there a lexical error on this line already? */
static bool line_bad(const struct parser *p)
{
	return p->bad != UINT32_MAX && p->bad >= p->line;
}

void lex_open_interp(struct parser *p, uint32_t off)
{
	if (line_bad(p))
		return;
	scan_error(p, E0017, scan_span(p, off, off), "`~{` is not closed on its line");
	diag_label(p->diags, "expected `}` before the end of the line");
	diag_help(p->diags, "write `~~{` for a plain `~{`");
}

/* Does the line before the current one hold a string without an end? */
static bool last_line_open(const struct parser *p)
{
	uint32_t i = p->line;

	if (i)
		i--;
	while (i && p->text[i - 1] != '\n')
		i--;
	return p->open_string && p->open_string >= i;
}

void lex_open_string(struct parser *p, uint32_t off)
{
	if (line_bad(p))
		return;
	if (last_line_open(p)) { /* most likely the end of the same string */
		p->bad = p->open_string = off;
		return;
	}
	p->open_string = off;
	scan_error(p, E0010, scan_span(p, p->frame[p->nframe - 1].open, off), "string is not closed on its line");
	if (p->mark_kind == TK_RUN)
		diag_help(p->diags, "end it with `\"`; a command of several lines is a script: run { ... }");
	else
		diag_help(p->diags, "end it with `\"`; a line break in a string is written \\n");
}

/* Is this quote, the first one of its line, the end of a string, not the begin of another? */
static bool ends_string(const char *quote)
{
	const char *end = quote + 1 + strspn(quote + 1, " \t\r"), *before = quote;

	while (before[-1] == ' ' || before[-1] == '\t')
		before--;
	if (strchr("=([,\\", before[-1]) || (before[-1] == 'n' && before[-2] == 'u' && before[-3] == 'r'))
		return false;
	return strchr("\n#,)]}", *end) || !strncmp(end, "//", 2); /* strchr finds the NUL, too */
}

uint32_t lex_string_end(const struct parser *p, uint32_t off)
{
	uint32_t end = lex_line_end(p, off);
	const char *quote = NULL;

	for (int n = 0; n < STRING_LINES && !p->nframe && !quote && end < p->len; n++) {
		uint32_t from = end + 1;

		end = lex_line_end(p, from);
		quote = memchr(p->text + from, '"', end - from);
	}
	return quote && ends_string(quote) ? (uint32_t)(quote + 1 - p->text) : off;
}

void lex_escape(struct parser *p, uint32_t off, struct span sp)
{
	uint32_t n = 1;

	if (off + 1 >= p->len || p->text[off + 1] == '\n' || p->text[off + 1] == '\r')
		return;
	while (off + n + 1 < p->len && (p->text[off + n + 1] & 0xc0) == 0x80)
		n++;
	sp.hi = sp.lo + 1 + n;
	scan_error(p, E0011, sp, "no escape `%.*s` in strings", (int)(1 + n), p->text + off);
	diag_help(p->diags, "the escapes are \\n \\t \\r \\\" \\\\ and \\u{20AC}; a plain backslash is \\\\");
}

void lex_unicode(struct parser *p, const char *s, size_t n, struct span sp)
{
	uint32_t c = 0;

	for (size_t i = 3; i + 1 < n; i++)
		c = c * 16 + (uint32_t)(s[i] <= '9' ? s[i] - '0' : (s[i] | 32) - 'a' + 10);
	if (c == 0 || c > 0x10ffff || (c >= 0xd800 && c < 0xe000)) {
		scan_error(p, E0011, sp, "no character `%.*s`", (int)n, s);
		diag_help(p->diags, "Unicode characters are \\u{1} to \\u{10FFFF} without \\u{D800} to \\u{DFFF}");
	}
}

uint32_t lex_line_end(const struct parser *p, uint32_t off)
{
	while (off < p->len && p->text[off] != '\n')
		off++;
	return off;
}

/* ---- scripts ---- */

bool lex_script_next(const struct parser *p)
{
	return p->run >= 2;
}

static bool blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r';
}

static uint32_t skip_blank(const struct parser *p, uint32_t off)
{
	while (off < p->len && blank(p->text[off]))
		off++;
	return off;
}

static uint32_t next_line(const struct parser *p, uint32_t off)
{
	const char *nl = memchr(p->text + off, '\n', p->len - off);

	return nl ? (uint32_t)(nl - p->text) + 1 : p->len;
}

/* Does a line hold only a }, and how far to the right may that be? */
static bool closes(const struct parser *p, uint32_t line, uint32_t column)
{
	uint32_t at = skip_blank(p, line), end;

	if (at == p->len || p->text[at] != '}')
		return false;
	end = skip_blank(p, at + 1);
	return (end == p->len || p->text[end] == '\n') && line_column(p, line) <= column;
}

/* Does a declaration start here, in the first column? */
static bool declares(const struct parser *p, uint32_t line)
{
	static const char *const words[] = { "task ", "workflow ", "param ", "table ", "let ", "defaults ", "cluster ",
		"use " };

	for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
		if (!strncmp(p->text + line, words[i], strlen(words[i])))
			return true;
	return false;
}

/* The script is never closed: let it end before the next declaration. */
static uint32_t give_up(struct parser *p, uint32_t line, uint32_t brace)
{
	while (line < p->len && !declares(p, line))
		line = next_line(p, line);
	p->gave_up = true;
	scan_error(p, E0117, scan_span(p, brace, brace + 1), "script is not closed");
	diag_label(p->diags, "no line below holds only a `}`, as far left as the line of `run` or further");
	return line;
}

/* Line of the closing }, from the line after the opening one on. */
static uint32_t script_end(struct parser *p, uint32_t line, uint32_t brace)
{
	uint32_t column = line_column(p, brace), at = line;

	while (at < p->len && !closes(p, at, column))
		at = next_line(p, at);
	if (at == p->len)
		return give_up(p, line, brace);
	if (line_column(p, at) < column)
		p->suspect = brace;
	return at;
}

/* Bytes of blanks that all lines of [line, end) with text begin with. */
static uint32_t script_margin(const struct parser *p, uint32_t line, uint32_t end)
{
	uint32_t first = UINT32_MAX, n = 0;

	for (; line < end; line = next_line(p, line)) {
		uint32_t k = 0;

		while (p->text[line + k] == ' ' || p->text[line + k] == '\t')
			k++;
		if (p->text[line + k] == '\n' || (p->text[line + k] == '\r' && p->text[line + k + 1] == '\n'))
			continue;
		if (first == UINT32_MAX) {
			first = line;
			n = k;
		}
		if (k < n)
			n = k;
		while (memcmp(p->text + first, p->text + line, n))
			n--;
	}
	return n;
}

/* The end of the line [lo, hi) without the blanks there. */
static uint32_t trimmed(const struct parser *p, uint32_t lo, uint32_t hi)
{
	while (hi > lo && (blank(p->text[hi - 1]) || p->text[hi - 1] == '\n'))
		hi--;
	return hi;
}

/* The text [lo, hi) stands behind a script's {: is it all of the script?  If not, say so. */
static bool closes_behind(struct parser *p, uint32_t lo, uint32_t hi)
{
	if (p->text[hi - 1] == '}')
		return true;
	scan_error(p, E0116, scan_span(p, lo, hi), "script text on the line of its `{`");
	diag_label(p->diags, "a script begins on the line below `{`, or ends with `}` on the same line");
	return false;
}

/* Blocks that begin on the line of the script. */
static uint32_t blocks_of_line(const struct parser *p)
{
	uint32_t n = 0;

	while (n < p->nbracket && p->bracket[p->nbracket - 1 - n].open == '{' && p->bracket[p->nbracket - 1 - n].pos >= p->line)
		n++;
	return n;
}

/* Is nothing in [lo, hi) but at most `n` closing braces? */
static bool only_closers(const struct parser *p, uint32_t lo, uint32_t hi, uint32_t n)
{
	for (; lo < hi; lo++)
		if (!blank(p->text[lo]) && (p->text[lo] != '}' || !n--))
			return false;
	return true;
}

/* From the end of [lo, hi) before n closing braces, if there are as many. */
static uint32_t before_closers(const struct parser *p, uint32_t lo, uint32_t hi, uint32_t n)
{
	uint32_t at = hi;

	for (; n && at > lo && (blank(p->text[at - 1]) || p->text[at - 1] == '}'); at--)
		n -= p->text[at - 1] == '}';
	return n ? hi - 1 : at;
}

/* The } that ends the script [lo, hi) on one line: the last one.  Where blocks begin on this line, too, as in
 * task t { run { x } }, the one that matches, when behind it nothing is but what may close them; else the one in front
 * of as many as close them all. */
static uint32_t line_script_end(const struct parser *p, uint32_t lo, uint32_t hi)
{
	uint32_t blocks = blocks_of_line(p), depth = 1, at = lo;

	if (!blocks)
		return hi - 1;
	for (; at < hi; at++) {
		depth += p->text[at] == '{';
		if (p->text[at] == '}' && !--depth)
			break;
	}
	return at < hi && only_closers(p, at + 1, hi, blocks) ? at : before_closers(p, lo, hi, blocks + 1);
}

/* Where [lo, hi) ends without a comment behind its last }, which is said and passed over. */
static uint32_t before_comment(struct parser *p, uint32_t lo, uint32_t hi)
{
	const char *last = memrchr(p->text + lo, '}', hi - lo);
	uint32_t end = last ? (uint32_t)(last - p->text) + 1 : hi, hash = skip_blank(p, end);

	if (end < hi && p->text[hash] == ';' && skip_blank(p, hash + 1) >= hi)
		return end; /* it is told as what it is */
	if (end == hi || p->text[hash] != '#')
		return hi;
	scan_error(p, E0116, scan_span(p, hash, hi), "a comment behind a script of one line");
	diag_help(p->diags, "write it on the line above");
	return end;
}

uint32_t lex_script(struct parser *p, uint32_t off)
{
	uint32_t line = next_line(p, off), lo = skip_blank(p, off + 1), hi = trimmed(p, off + 1, line);
	bool behind = lo < hi;

	hi = behind ? before_comment(p, lo, hi) : hi;
	p->run = 0;
	p->one_line = behind && closes_behind(p, lo, hi);
	if (p->one_line) {
		p->script_end = trimmed(p, lo, line_script_end(p, lo, hi));
		p->line_script = scan_span(p, lo, p->script_end);
		return lo;
	}
	p->script_end = script_end(p, line, off);
	p->margin = script_margin(p, line, p->script_end);
	return behind ? lo : lex_script_line(p, line);
}

uint32_t lex_script_part(const struct parser *p, uint32_t off)
{
	return off < p->script_end ? off : p->script_end;
}

void lex_open_script(struct parser *p, uint32_t off)
{
	if (line_bad(p))
		return;
	scan_error(p, E0117, scan_span(p, p->frame[p->nframe - 1].open, off), "script is not closed");
	diag_label(p->diags, "the last `}` of the line ends a `~{` in it");
}

uint32_t lex_script_line(struct parser *p, uint32_t off)
{
	uint32_t i = off;

	p->line = off;
	if (off >= p->script_end)
		return off;
	while (p->text[i] == ' ' || p->text[i] == '\t')
		i++;
	if (p->text[i] == '\n' || (p->text[i] == '\r' && p->text[i + 1] == '\n'))
		return i;
	return off + p->margin;
}

bool lex_script_over(const struct parser *p)
{
	return p->line >= p->script_end;
}

/* ---- numbers ---- */

static int too_large(struct parser *p, const char *s, size_t n, struct span sp)
{
	scan_error(p, E0015, sp, "number %.*s%s is too large", (int)(n > 40 ? 40 : n), s, n > 40 ? "..." : "");
	diag_help(p->diags, "whole numbers, bytes and milliseconds go up to 9223372036854775807");
	return TK_BAD;
}

int lex_number(struct parser *p, const char *s, size_t n, struct span sp, int token)
{
	uint64_t v = 0;

	if (token == TK_FLOAT)
		return n > 300 ? too_large(p, s, n, sp) : token;
	for (size_t i = 0; i < n; i++) {
		if (v > (INT64_MAX - 9) / 10 && n > 18 && (v > INT64_MAX / 10 || v * 10 + (uint64_t)(s[i] - '0') > INT64_MAX))
			return too_large(p, s, n, sp);
		v = v * 10 + (uint64_t)(s[i] - '0');
	}
	return token;
}

/* What people write for our units. */
static const char *const units[][2] = {
	{ "k", "KB" }, { "m", "min" }, { "g", "GB" }, { "t", "TB" }, { "p", "PB" }, { "kib", "KB" }, { "mib", "MB" },
	{ "gib", "GB" }, { "tib", "TB" }, { "pib", "PB" }, { "ki", "KB" }, { "mi", "MB" }, { "gi", "GB" },
	{ "ti", "TB" }, { "byte", "B" }, { "bytes", "B" }, { "sec", "s" }, { "secs", "s" }, { "second", "s" },
	{ "seconds", "s" }, { "mins", "min" }, { "minute", "min" }, { "minutes", "min" }, { "hr", "h" }, { "hrs", "h" },
	{ "hour", "h" }, { "hours", "h" }, { "day", "d" }, { "days", "d" }, { "msec", "ms" }, { "b", "B" }, { "kb", "KB" },
	{ "mb", "MB" }, { "gb", "GB" }, { "tb", "TB" }, { "pb", "PB" }, { "s", "s" }, { "h", "h" }, { "d", "d" },
	{ "min", "min" }, { "ms", "ms" },
};

static const char *unit_meant(const char *s, size_t n)
{
	for (size_t i = 0; i < sizeof units / sizeof units[0]; i++)
		if (strlen(units[i][0]) == n && !strncasecmp(units[i][0], s, n))
			return n == 1 && *s == 'M' ? "MB" : units[i][1];
	return NULL;
}

/* A word that begins with digits where a name is due? */
static bool name_due(const struct parser *p)
{
	return p->prev == PREV_KEYWORD && !p->first;
}

static int bad_unit(struct parser *p, const char *s, size_t n, size_t digits, struct span sp)
{
	const char *unit = unit_meant(s + digits, n - digits);

	if (name_due(p)) {
		scan_error(p, E0111, sp, "name `%.*s` begins with a digit", (int)n, s);
		diag_help(p->diags, "names are letters, digits and `_`, and begin with a letter or `_`");
		return TK_BAD;
	}
	if (s[digits] == '_' || (digits == 1 && *s == '0' && strchr("xXoO", s[1]))) {
		scan_error(p, E0021, sp, "number `%.*s` is malformed", (int)n, s);
		diag_help(p->diags, "write plain decimal digits: 1000000");
		return TK_BAD;
	}
	scan_error(p, E0016, (struct span){ sp.lo + (uint32_t)digits, sp.hi }, "no unit `%.*s`", (int)(n - digits), s + digits);
	if (unit) {
		diag_help(p->diags, "did you mean `%.*s%s`?", (int)digits, s, unit);
		diag_fix(p->diags, (struct span){ sp.lo + (uint32_t)digits, sp.hi }, "%s", unit);
	} else {
		diag_help(p->diags, "units are B KB MB GB TB PB for sizes and ms s min h d for durations");
	}
	return TK_BAD;
}

int lex_quantity(struct parser *p, const char *s, size_t n, struct span sp)
{
	size_t digits = strspn(s, "0123456789.");
	enum node_kind k = unit_kind(s + digits, n - digits);
	int64_t v;

	if (k == N_NONE)
		return bad_unit(p, s, n, digits, sp);
	switch (quantity_read(s, n, k, &v)) {
	case QUANTITY_OK:
		break;
	case QUANTITY_LARGE:
		return too_large(p, s, n, sp);
	case QUANTITY_UNIT:
	case QUANTITY_FRACTION:
		scan_error(p, E0021, sp, "%.*s is not a whole number of %s", (int)n, s, k == N_SIZE ? _("bytes") : _("milliseconds"));
		return TK_BAD;
	}
	return k == N_SIZE ? TK_SIZE : TK_DURATION;
}

int lex_unit_apart(struct parser *p, const char *s, size_t n, struct span sp)
{
	size_t number = strcspn(s, " \t"), word = number + strspn(s + number, " \t");
	const char *unit = unit_meant(s + word, n - word);

	scan_error(p, E0022, (struct span){ sp.lo + (uint32_t)number, sp.hi }, "unit `%.*s` stands apart from its number",
		   (int)(n - word), s + word);
	diag_help(p->diags, "write `%.*s%s`", (int)number, s, unit);
	diag_fix(p->diags, (struct span){ sp.lo + (uint32_t)number, sp.hi }, "%s", unit);
	return TK_BAD;
}
