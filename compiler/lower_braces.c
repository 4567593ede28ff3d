/* lower_braces.c - {name}, ${name} and *.txt in the path of a port: plain text here, a value or a pattern in other
 * languages. */
#include "compiler/lower.h"

#include "lang/text.h"

#include <string.h>

/* Is there something of this name where the path stands? */
static bool defined_here(struct lower *L, const char *s, size_t n)
{
	name nm = name_find(L->names, s, n);
	struct suggest sg = nm ? suggest_name(L, nm) : (struct suggest){ 0 };

	return nm && sg.best && !strcmp(sg.best, sg.to);
}

/* A name, perhaps with a column: row.id */
static size_t word_len(const char *s, const char *end)
{
	size_t n = 0;

	while (s + n < end && (word_byte(s[n]) || (n && s[n] == '.')))
		n++;
	return *s >= '0' && *s <= '9' ? 0 : n;
}

static void say(struct lower *L, struct span sp, const char *s, size_t n)
{
	size_t base = strcspn(s, ".") < n ? strcspn(s, ".") : n;
	int len = (int)(sp.hi - sp.lo), dollar = *(s - 1) == '{' && len > (int)n + 2;

	diag_error(L->d, W0347, sp, "`%.*s` is no value: it is a part of the name", len, s - 1 - dollar);
	diag_help(L->d, "values are written ~{%.*s}", (int)n, s);
	if (defined_here(L, s, base))
		diag_fix(L->d, sp, "~{%.*s}", (int)n, s);
}

/* The text of one TEXT node, as it stands in the source. */
static void text_braces(struct lower *L, nid n)
{
	size_t len;
	const char *s = ast_text(L->a, n, &len), *end = s + len, *at = s;
	uint32_t lo = span_of(L, n).lo;

	for (; lo && (at = memchr(at, '{', (size_t)(end - at))); at++) {
		size_t word = at + 1 < end ? word_len(at + 1, end) : 0;
		const char *from = at > s && at[-1] == '$' ? at - 1 : at;

		if (word && at + 1 + word < end && at[1 + word] == '}' && (at == s || at[-1] != '~'))
			say(L, (struct span){ lo + (uint32_t)(from - s), lo + (uint32_t)(at + 2 + word - s) }, at + 1, word);
	}
}

/* "*.txt" as a path: the name of one file. */
static void star(struct lower *L, nid e, bool out)
{
	size_t len;
	const char *s;

	for (nid kid = ast_kid(L->a, e); kid; kid = ast_next(L->a, kid)) {
		s = at(L, kid)->kind == N_TEXT && !(at(L, kid)->flags & NF_SYNTH) ? ast_text(L->a, kid, &len) : NULL;
		if (!s || !memchr(s, '*', len))
			continue;
		diag_error(L->d, W0348, span_of(L, e), "`*` in a path is a part of the name");
		if (out)
			diag_help(L->d, "as many files as there are afterwards: out NAME[] = glob(\"...\")");
		else
			diag_help(L->d, "the files that are there: files(\"...\"); those of a task: its port");
		return;
	}
}

void pattern_seen(struct lower *L, nid e, bool out)
{
	if (at(L, e)->kind == N_STRING)
		star(L, e, out);
	else if (at(L, e)->kind == N_LIST)
		for (nid kid = ast_kid(L->a, e); kid; kid = ast_next(L->a, kid))
			pattern_seen(L, kid, out); /* depth is limited where lists are made */
}

void braces_seen(struct lower *L, nid e)
{
	nid kid;

	if (at(L, e)->kind != N_STRING && at(L, e)->kind != N_LIST && at(L, e)->kind != N_CALL && at(L, e)->kind != N_ARG)
		return;
	for (kid = ast_kid(L->a, e); kid; kid = ast_next(L->a, kid))
		if (at(L, kid)->kind != N_TEXT)
			braces_seen(L, kid); /* lists and calls: depth is limited where they are made */
		else if (!(at(L, kid)->flags & NF_SYNTH))
			text_braces(L, kid);
}
