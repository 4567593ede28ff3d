/* shell.c - follow the text of a shell script far enough to know how a value must be quoted where it is inserted:
 * plain words, '...', "...", $'...', comments, $( ) inside strings, (( )) and here-documents. */
#include "job/words.h"

#include <string.h>

enum { DELIMITER_MAX = 256 };

void shell_init(struct shell *s, struct arena *a)
{
	*s = (struct shell){ .a = a, .last = '\n' };
	buf_init(&s->line, DELIMITER_MAX);
}

void shell_free(struct shell *s)
{
	buf_free(&s->line);
}

static struct sh_level *top(struct shell *s)
{
	return &s->level[s->depth];
}

static void push(struct shell *s, enum sh_state state, uint32_t parens)
{
	if (s->depth + 1 < SH_DEPTH)
		s->level[++s->depth] = (struct sh_level){ (uint8_t)state, parens };
}

static void pop(struct shell *s)
{
	if (s->depth)
		s->depth--;
}

/* p stands behind "<<": note the delimiter; returns the bytes it took. */
static size_t heredoc(struct shell *s, const char *p, size_t n)
{
	struct sh_doc d = { 0 };
	size_t i = 0, len = 0;
	char *end;

	if (i < n && p[i] == '-')
		d.tabs = i++ == 0;
	while (i < n && (p[i] == ' ' || p[i] == '\t'))
		i++;
	end = arena_alloc(s->a, n + 1);
	for (; i < n && !strchr(" \t\r\n;&|<>()", p[i]); i++)
		if (p[i] == '\'' || p[i] == '"' || p[i] == '\\')
			d.quoted = true;
		else
			end[len++] = p[i];
	end[len] = 0;
	d.end = end;
	if (len && s->ndoc < SH_DOCS)
		s->doc[s->ndoc++] = d;
	return i;
}

/* At a line's end inside a here-document: was it the delimiter? */
static void heredoc_line(struct shell *s)
{
	const char *line = buf_str(&s->line);

	while (s->doc[0].tabs && *line == '\t')
		line++;
	if (!s->line.over && !strcmp(line, s->doc[0].end)) {
		memmove(s->doc, s->doc + 1, --s->ndoc * sizeof s->doc[0]);
		if (!s->ndoc)
			pop(s);
	}
	buf_reset(&s->line);
}

static void newline(struct shell *s)
{
	if (top(s)->state == SH_COMMENT)
		pop(s);
	if (top(s)->state == SH_PLAIN && s->ndoc) {
		push(s, SH_HEREDOC, 0);
		buf_reset(&s->line);
	}
}

/* `(`, `)` of $( ) and (( )) */
static void paren(struct shell *s, char c)
{
	struct sh_level *l = top(s);

	if (c == '(' && s->last == '(' && l->state == SH_PLAIN) {
		if (l->parens)
			l->parens--;
		push(s, SH_ARITH, 2);
	} else if (l->parens) {
		l->parens += c == '(' ? 1 : -1u;
		if (!l->parens)
			pop(s);
	}
}

/* One byte of plain text or arithmetic; returns how many further bytes it took. */
static size_t plain(struct shell *s, const char *p, size_t n)
{
	bool arith = top(s)->state == SH_ARITH;

	if (*p == '\'')
		push(s, s->last == '$' ? SH_ANSI : SH_SINGLE, 0);
	else if (*p == '"')
		push(s, SH_DOUBLE, 0);
	else if (*p == '(' || *p == ')')
		paren(s, *p);
	else if (*p == '#' && !arith && strchr(" \t\n;&|()", s->last) && s->last)
		push(s, SH_COMMENT, 0);
	else if (*p == '<' && s->last == '<' && !arith) {
		if (n > 1 && p[1] == '<') /* <<< word */
			return 1;
		return heredoc(s, p + 1, n - 1);
	}
	return 0;
}

static size_t step(struct shell *s, const char *p, size_t n)
{
	enum sh_state state = (enum sh_state)top(s)->state;

	if (state == SH_HEREDOC) {
		if (*p == '\n')
			heredoc_line(s);
		else
			buf_addc(&s->line, *p);
		return 0;
	}
	if (s->escaped || (*p == '\\' && state != SH_SINGLE && state != SH_COMMENT)) {
		s->escaped = !s->escaped;
		return 0;
	}
	if (*p == '\n')
		newline(s);
	else if ((*p == '\'' && (state == SH_SINGLE || state == SH_ANSI)) || (*p == '"' && state == SH_DOUBLE))
		pop(s);
	else if (*p == '(' && state == SH_DOUBLE && s->last == '$')
		push(s, SH_PLAIN, 1);
	else if (state == SH_PLAIN || state == SH_ARITH)
		return plain(s, p, n);
	return 0;
}

size_t shell_step(struct shell *s, const char *p, size_t n)
{
	size_t took = step(s, p, n);

	s->last = took < n ? p[took] : ' ';
	return took + 1;
}

void shell_text(struct shell *s, const char *p, size_t n)
{
	for (size_t i = 0; i < n;)
		i += shell_step(s, p + i, n - i);
}

enum sh_state shell_state(const struct shell *s)
{
	return (enum sh_state)s->level[s->depth].state;
}

bool shell_splits(const struct shell *s)
{
	return s->level[s->depth].state == SH_PLAIN || s->level[s->depth].state == SH_ARITH;
}

/* Each byte of `special` gets a backslash. */
static bool escaped(struct buf *out, const char *p, size_t n, const char *special)
{
	for (size_t i = 0; i < n; i++)
		if ((p[i] && strchr(special, p[i]) && !buf_addc(out, '\\')) || !buf_addc(out, p[i]))
			return false;
	return true;
}

/* Each byte c is replaced by a text. */
static bool replaced(struct buf *out, const char *p, size_t n, char c, const char *by)
{
	for (size_t i = 0; i < n; i++)
		if (!(p[i] == c ? buf_adds(out, by) : buf_addc(out, p[i])))
			return false;
	return true;
}

bool shell_value(struct shell *s, struct buf *out, const char *p, size_t n)
{
	s->escaped = false;
	s->last = 'x';
	switch ((enum sh_state)top(s)->state) {
	case SH_SINGLE:
		return replaced(out, p, n, '\'', "'\\''");
	case SH_DOUBLE:
		return escaped(out, p, n, "\"$\\`");
	case SH_ANSI:
		return escaped(out, p, n, "'\\");
	case SH_COMMENT:
		return replaced(out, p, n, '\n', " ");
	case SH_HEREDOC:
		buf_addc(&s->line, 'x');
		return s->doc[0].quoted ? buf_add(out, p, n) : escaped(out, p, n, "$\\`");
	case SH_PLAIN:
	case SH_ARITH:
		break;
	}
	return word_quote(out, p, n);
}
