/* words.c - split command lines, quote words.  No expansion of any kind: BatchCompute's CommandLine is no shell. */
#include "job/words.h"

#include <string.h>

enum { WORD_MAX = 1 << 24 };

void words_init(struct words *w, struct arena *a)
{
	*w = (struct words){ .a = a };
	buf_init(&w->word, WORD_MAX);
}

void words_break(struct words *w)
{
	char **bigger;

	if (!w->in_word)
		return;
	if (w->n == w->cap) {
		w->cap = w->cap ? w->cap * 2 : 16;
		bigger = arena_alloc(w->a, w->cap * sizeof *bigger);
		if (w->n)
			memcpy(bigger, w->v, w->n * sizeof *bigger);
		w->v = bigger;
	}
	w->v[w->n++] = arena_strndup(w->a, buf_str(&w->word), w->word.len);
	buf_reset(&w->word);
	w->in_word = false;
}

/* A backslash inside "..." takes only these; elsewhere it stays. */
static bool takes(char quote, char c)
{
	return !quote || c == '"' || c == '\\' || c == '$' || c == '`';
}

static bool words_byte(struct words *w, char c)
{
	if (w->escaped) {
		w->escaped = false;
		return (takes(w->quote, c) || buf_addc(&w->word, '\\')) && buf_addc(&w->word, c);
	}
	if (c == '\\' && w->quote != '\'') {
		w->escaped = w->in_word = true;
		return true;
	}
	if (w->quote ? c == w->quote : c == '\'' || c == '"') {
		w->quote = w->quote ? 0 : c;
		w->in_word = true;
		return true;
	}
	if (!w->quote && strchr(" \t\r\n", c)) {
		words_break(w);
		return true;
	}
	w->in_word = true;
	return buf_addc(&w->word, c);
}

bool words_text(struct words *w, const char *s, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (s[i] && !words_byte(w, s[i]))
			return false;
	return true;
}

bool words_value(struct words *w, const char *s, size_t n)
{
	w->escaped = false;
	w->in_word = true;
	return buf_add(&w->word, s, n);
}

bool words_finish(struct words *w, char ***argv, size_t *argc)
{
	bool ok = !w->quote && !w->escaped;

	words_break(w);
	*argc = w->n;
	*argv = arena_alloc(w->a, (w->n + 1) * sizeof **argv);
	if (w->n)
		memcpy(*argv, w->v, w->n * sizeof **argv);
	(*argv)[w->n] = NULL;
	buf_free(&w->word);
	return ok;
}

bool words_split(struct arena *a, const char *s, char ***argv, size_t *argc)
{
	struct words w;
	bool ok;

	words_init(&w, a);
	ok = words_text(&w, s, strlen(s));
	return words_finish(&w, argv, argc) && ok;
}

/* Bytes that mean nothing to a shell at any place of a word but, for some, the first. */
static bool is_safe(const char *s, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		unsigned char c = (unsigned char)s[i];

		if (!(c >= 0x80 || (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
		      (c && strchr("_@%+:,./-", c)) || (c == '=' && i)))
			return false;
	}
	return n > 0;
}

bool word_quote(struct buf *out, const char *s, size_t n)
{
	if (is_safe(s, n))
		return buf_add(out, s, n);
	if (!buf_addc(out, '\''))
		return false;
	for (size_t i = 0; i < n; i++)
		if (!(s[i] == '\'' ? buf_adds(out, "'\\''") : buf_addc(out, s[i])))
			return false;
	return buf_addc(out, '\'');
}

bool interp_is_shell(const struct job *j, name interp)
{
	static const char *const shells[] = { "sh", "bash", "dash", "ash", "ksh", "mksh", "zsh" };
	const char *s = name_str(j->names, interp), *base = s;
	size_t n;

	for (const char *p = s; *p && *p != ' '; p++)
		if (*p == '/')
			base = p + 1;
	n = strcspn(base, " ");
	for (size_t i = 0; i < sizeof shells / sizeof shells[0]; i++)
		if (strlen(shells[i]) == n && !memcmp(shells[i], base, n))
			return true;
	return !interp;
}
