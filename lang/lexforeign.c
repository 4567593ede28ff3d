/* lexforeign.c - characters that are not weft: reported once, then skipped or taken for what was meant. */
#include "lang/lexutil.h"
#include "lang/text.h"

#include "parse.h"

#include <string.h>

void lex_foreign_comment(struct parser *p, struct span sp)
{
	scan_error(p, E0019, (struct span){ sp.lo, sp.lo + 2 }, "comments begin with `#`, not `//`");
	diag_fix(p->diags, (struct span){ sp.lo, sp.lo + 2 }, "#");
	p->bad = UINT32_MAX;
}

uint32_t lex_block_comment(struct parser *p, uint32_t off)
{
	const char *end = memmem(p->text + off + 2, p->len - off - 2, "*/", 2);

	scan_error(p, E0019, scan_span(p, off, off + 2), "comments begin with `#`, not `/*`");
	diag_help(p->diags, "begin every line of the comment with `#`");
	p->bad = UINT32_MAX;
	return end ? (uint32_t)(end - p->text) + 2 : p->len;
}

void lex_semicolon(struct parser *p, struct span sp)
{
	scan_error(p, E0012, sp, "stray `;`");
	diag_help(p->diags, "nothing is needed between statements");
	diag_fix(p->diags, sp, "%s", "");
	p->bad = UINT32_MAX;
}

void lex_return(struct parser *p, struct span sp)
{
	scan_error(p, E0020, sp, "carriage return without a line feed");
	diag_help(p->diags, "end lines with a line feed, or with both");
	lex_newline(p, sp.hi - p->base, sp.hi - p->base);
}

void lex_stray(struct parser *p, int c, struct span sp)
{
	if (c > ' ' && c < 127)
		scan_error(p, E0012, sp, "stray `%c`", c);
	else
		scan_error(p, E0012, sp, "stray control character U+%04X", (unsigned)c & 0xff);
	if (c == '$')
		diag_help(p->diags, "parameters and ports are written by their name alone");
	else if (c == '`')
		diag_help(p->diags, "strings are written with `\"`");
	else if (c == '&' || c == '|')
		diag_help(p->diags, "and, or are written `&&`, `||`");
}

int lex_single_quoted(struct parser *p, struct span sp)
{
	const char *s = p->text + (sp.lo - p->base);
	uint32_t n = sp.hi - sp.lo;

	scan_error(p, E0013, sp, "strings are written with `\"`");
	if (n < 2 || s[n - 1] != '\'' || memchr(s, '"', n) || memchr(s, '\\', n) || memchr(s, '~', n))
		return TK_BAD;
	diag_fix(p->diags, sp, "\"%.*s\"", (int)(n - 2), s + 1);
	return TK_PLAIN;
}

/* One character of UTF-8 (the text was checked); its length in *n. */
static uint32_t decode(const char *s, uint32_t *n)
{
	unsigned char c = (unsigned char)*s;
	uint32_t len = c < 0xe0 ? 2 : c < 0xf0 ? 3 : 4, v = c & (0xffu >> (len + 1));

	for (uint32_t i = 1; i < len; i++)
		v = v << 6 | ((unsigned char)s[i] & 0x3fu);
	*n = len;
	return v;
}

/* The ASCII character that a full-width or typographic one stands for, ' ' for blanks, 0 for letters. */
static int plain_of(uint32_t c)
{
	static const struct {
		uint16_t from;
		char to;
	} map[] = {
		{ 0xa0, ' ' }, { 0x2013, '-' }, { 0x2014, '-' }, { 0x2018, '"' }, { 0x2019, '"' }, { 0x201c, '"' },
		{ 0x201d, '"' }, { 0x2026, '.' }, { 0x2192, '>' }, { 0x200b, ' ' }, { 0x2060, ' ' }, { 0xfeff, ' ' },
		{ 0x3000, ' ' }, { 0x3001, ',' }, { 0x3002, '.' }, { 0x300c, '"' }, { 0x300d, '"' }, { 0x3010, '[' },
		{ 0x3011, ']' },
	};

	for (size_t i = 0; i < sizeof map / sizeof map[0]; i++)
		if (map[i].from == c)
			return map[i].to;
	if (c >= 0x2000 && c <= 0x200f)
		return ' ';
	if (c > 0xff00 && c < 0xff5f)
		return (int)(c - 0xfee0);
	return 0;
}

/* As much of [off, end) as fits into a message, in whole characters. */
static int shown(const struct parser *p, uint32_t off, uint32_t end)
{
	uint32_t n = end - off;

	if (n > 60)
		for (n = 60; n && (p->text[off + n] & 0xc0) == 0x80; n--)
			;
	return (int)n;
}

/* A name in another script: take the whole word. */
static int foreign_name(struct parser *p, uint32_t off, union value *v, struct span *sp)
{
	uint32_t end = off, n;

	while (end < p->len) {
		if (p->text[end] & 0x80) {
			uint32_t c = decode(p->text + end, &n);
			int ascii = plain_of(c);

			if (ascii && !word_byte((char)ascii))
				break;
			end += n;
		} else if (word_byte(p->text[end])) {
			end++;
		} else {
			break;
		}
	}
	*sp = scan_span(p, off, end);
	p->foreign = true;
	scan_error(p, E0014, *sp, "name `%.*s` is not ASCII", shown(p, off, end), p->text + off);
	diag_label(p->diags, "names are letters A to Z, digits and `_`");
	diag_help(p->diags, "give it an ASCII name, and show this one with: label \"%.*s\"", shown(p, off, end), p->text + off);
	v->nm = name_of(p->ast->names, p->text + off, end - off);
	return TK_NAME;
}

/* A typographic opening quote: the string ends at the closing one, or with the line. */
static int foreign_string(struct parser *p, uint32_t off, struct span *sp)
{
	uint32_t end = off, n;

	for (decode(p->text + off, &n), end += n; end < p->len && p->text[end] != '\n' && p->text[end] != '\r'; end += n) {
		n = 1;
		if (p->text[end] == '"' || (p->text[end] & 0x80 && plain_of(decode(p->text + end, &n)) == '"')) {
			end += n;
			break;
		}
	}
	*sp = scan_span(p, off, end);
	scan_error(p, E0013, *sp, "strings are written with `\"`");
	diag_label(p->diags, "these are typographic quotes");
	return TK_BAD;
}

int lex_foreign(struct parser *p, uint32_t off, union value *v, struct span *sp)
{
	uint32_t n, c;
	int ascii;

	if (!(p->text[off] & 0x80))
		return foreign_name(p, off, v, sp);
	c = decode(p->text + off, &n);
	ascii = plain_of(c);
	if (!ascii || word_byte((char)ascii))
		return foreign_name(p, off, v, sp);
	if (ascii == '"' || ascii == '\'')
		return foreign_string(p, off, sp);
	*sp = scan_span(p, off, off + n);
	if (ascii == ' ') {
		scan_error(p, E0012, *sp, "stray blank U+%04X", c);
		diag_help(p->diags, "use an ordinary space");
	} else {
		scan_error(p, E0012, *sp, "stray `%.*s`", (int)n, p->text + off);
		diag_help(p->diags, "did you mean the ASCII character `%c`?", ascii);
	}
	diag_fix(p->diags, *sp, "%c", ascii);
	return ascii != ' ' && strchr("(){}[],.:=+-*/%<>!?", ascii) ? ascii : 0;
}
