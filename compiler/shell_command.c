/* shell_command.c - see shell_command.h. */
#include "compiler/shell_command.h"

#include <string.h>

enum { NESTED = 16 };

struct word {
	const char *p;
	size_t n;
};
struct command {
	struct word name; /* n == 0: not yet seen */
	bool target;      /* the next word is where a redirection goes */
};
struct reading {
	struct command at[NESTED]; /* inside of ( ) and ` ` */
	unsigned depth;
	bool ticks;
};

static bool one_of(struct word w, const char *const *list)
{
	for (; *list; list++)
		if (strlen(*list) == w.n && !memcmp(*list, w.p, w.n))
			return true;
	return false;
}

static bool letter(char c)
{
	return c == '_' || ((c | 32) >= 'a' && (c | 32) <= 'z');
}

static bool digit(char c)
{
	return c >= '0' && c <= '9';
}

/* NAME= or NAME+= */
static bool assigns(struct word w)
{
	size_t i = 0;

	while (i < w.n && (letter(w.p[i]) || (i && digit(w.p[i]))))
		i++;
	if (i && i + 1 < w.n && w.p[i] == '+')
		i++;
	return i && i < w.n && w.p[i] == '=';
}

/* Words before a command that are none. */
static bool leads(struct word w)
{
	static const char *const words[] = { "if", "then", "elif", "else", "while", "until", "do", "!", "{", "}", "fi", "done", "esac", "time",
		"exec", "command", NULL };

	return one_of(w, words) || assigns(w);
}

static bool redirects(struct word w, bool *bare)
{
	size_t i = 0;

	while (i < w.n && digit(w.p[i]))
		i++;
	if (i == w.n || (w.p[i] != '<' && w.p[i] != '>'))
		return false;
	while (i < w.n && w.p[i] && strchr("<>|&-", w.p[i]))
		i++;
	*bare = i == w.n;
	return true;
}

static void complete(struct reading *r, struct word w)
{
	struct command *c = &r->at[r->depth];
	bool bare = false;

	if (!w.n)
		return;
	if (c->target)
		c->target = false;
	else if (redirects(w, &bare))
		c->target = bare;
	else if (!c->name.n && !leads(w))
		c->name = w;
}

static void open_one(struct reading *r)
{
	if (r->depth + 1 < NESTED)
		r->at[++r->depth] = (struct command){ 0 };
}

/* `&` and `|` of >&2, &> and >| end nothing. */
static bool ends(const char *p, size_t i, size_t n)
{
	if (p[i] == '\0' || p[i] == ';')
		return true;
	if (p[i] == '&')
		return !(i && (p[i - 1] == '>' || p[i - 1] == '<')) && !(i + 1 < n && p[i + 1] == '>');
	return p[i] == '|' && !(i && p[i - 1] == '>');
}

/* What is not yet complete at the end. */
static struct word read_words(struct reading *r, const char *p, size_t n)
{
	struct word w = { p, 0 };
	size_t i;

	for (i = 0; i < n; i++) {
		bool open = p[i] == '(' || (p[i] == '`' && !r->ticks), close = p[i] == ')' || (p[i] == '`' && r->ticks), end = ends(p, i, n);

		if (p[i] == '`')
			r->ticks = !r->ticks;
		if (!open && !close && !end && p[i] != ' ' && p[i] != '\t') {
			w.n++;
			continue;
		}
		if (!open)
			complete(r, w);
		if (open)
			open_one(r);
		else if (close && r->depth)
			r->depth--;
		else if (end)
			r->at[r->depth] = (struct command){ 0 };
		w = (struct word){ p + i + 1, 0 };
	}
	return w;
}

bool shell_argument(const char *text, size_t n)
{
	static const char *const own[] = { "echo", "printf", ":", "[", "[[", "test", "export", "readonly", "declare", "typeset", "local", "set",
		"read", "case", "for", "select", "let", "return", "exit", "cd", "alias", "unset", "trap", "true", "false", NULL };
	struct reading r = { 0 };
	struct word w = read_words(&r, text, n);
	const struct command *c = &r.at[r.depth];
	bool bare;

	if (c->target || (w.n && redirects(w, &bare)))
		return false;
	return c->name.n ? !one_of(c->name, own) : !assigns(w);
}
