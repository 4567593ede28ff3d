/* check_assign.c - shell variables that a script sets although a port or parameter has their name: every one of those is
 * an environment variable of the script, and from there on the variable is something else.
 *
 * The script is read as it stands in the source, in words, as far as shell.c follows a shell: where a command may stand,
 * NAME=value, `for NAME`, `read NAME`, `export NAME=value` set a variable. */
#include "compiler/check.h"
#include "compiler/check_util.h"
#include "job/words.h"

#include <string.h>

enum mode { COMMAND, ARGUMENTS, LOOP, READ, DECLARE };
enum { WORD = 256, PENDING = 8 };

struct set_by { /* NAME=value in front of what may be a command */
	char nm[WORD];
	uint32_t lo;
};
struct script {
	struct session *s;
	const struct jtask *t;
	struct seen *seen;
	uint8_t mode;      /* enum mode */
	char word[WORD];
	size_t len;
	uint32_t lo;       /* place of the word */
	struct set_by pending[PENDING];
	uint32_t npending;
};

static bool one_of(const char *w, const char *const *list)
{
	for (; *list && strcmp(*list, w); list++)
		;
	return *list;
}

/* The length of NAME in NAME or NAME=value, 0 if it is none. */
static size_t name_of_word(const char *w, bool needs_value)
{
	size_t n = 0;
	bool value;

	while (((w[n] | 32) >= 'a' && (w[n] | 32) <= 'z') || (w[n] >= '0' && w[n] <= '9') || w[n] == '_')
		n++;
	value = w[n] == '=' || (w[n] == '+' && w[n + 1] == '=');
	return n && !(w[0] >= '0' && w[0] <= '9') && (value || (!needs_value && !w[n])) ? n : 0;
}

static const struct jport *port_named(const struct jtask *t, name nm)
{
	uint32_t i;

	for (i = 0; i < t->nin; i++)
		if (t->in[i].name == nm)
			return &t->in[i];
	for (i = 0; i < t->nout; i++)
		if (t->out[i].name == nm)
			return &t->out[i];
	return NULL;
}

static void sets(struct script *k, const char *w, uint32_t lo, size_t n)
{
	name nm = name_find(k->s->names, w, n);
	const struct jport *p = nm ? port_named(k->t, nm) : NULL;
	struct span sp = { lo, lo + (uint32_t)n };
	uint32_t i;

	for (i = 0; nm && !p && i < k->s->job->nparam && k->s->job->param[i].name != nm; i++)
		;
	if (!nm || (!p && i == k->s->job->nparam) || !seen_add(k->seen, 0, sp))
		return;
	if (p) {
		diag_error(k->s->diags, W0341, sp, "shell variable `%.*s` hides the port of this name", (int)n, w);
		diag_at(k->s->diags, p->name_span, "the port");
	} else {
		diag_error(k->s->diags, W0341, sp, "shell variable `%.*s` hides the parameter of this name", (int)n, w);
		diag_at(k->s->diags, k->s->job->param[i].span, "the parameter");
	}
	diag_help(k->s->diags, "give the variable another name: from here on $%.*s and ~{%.*s} differ", (int)n, w, (int)n, w);
}

static void command_word(struct script *k)
{
	static const char *const before[] = { "then", "do", "else", "elif", "if", "while", "until", "!", "{", "time", NULL };
	static const char *const declare[] = { "export", "local", "declare", "typeset", "readonly", NULL };
	static const char *const loop[] = { "for", "select", NULL };
	size_t n = name_of_word(k->word, true);

	if (n && k->npending < PENDING) {
		struct set_by *b = &k->pending[k->npending++];

		memcpy(b->nm, k->word, n);
		b->nm[n] = '\0';
		b->lo = k->lo;
	} else if (!n && !one_of(k->word, before)) {
		k->npending = 0; /* only for this command */
		k->mode = one_of(k->word, loop) ? LOOP : one_of(k->word, declare) ? DECLARE : !strcmp(k->word, "read") ? READ : ARGUMENTS;
	}
}

static void word_end(struct script *k)
{
	uint8_t mode = k->mode;
	size_t n;

	k->word[k->len < WORD ? k->len : WORD - 1] = '\0';
	n = k->len < WORD ? name_of_word(k->word, mode == DECLARE) : 0;
	if (k->len && mode == COMMAND)
		command_word(k);
	else if (n && (mode == LOOP || mode == READ || mode == DECLARE))
		sets(k, k->word, k->lo, n);
	if (k->len && mode == LOOP)
		k->mode = ARGUMENTS;
	k->len = 0;
}

static void command_end(struct script *k)
{
	uint32_t i;

	word_end(k);
	for (i = 0; i < k->npending; i++)
		sets(k, k->pending[i].nm, k->pending[i].lo, strlen(k->pending[i].nm));
	k->npending = 0;
	k->mode = COMMAND;
}

static void word_add(struct script *k, char c, uint32_t lo)
{
	if (!k->len)
		k->lo = lo;
	if (k->len < WORD)
		k->word[k->len] = c;
	k->len++;
}

/* A byte of the script's own text, where no quote, comment or here-document has it. */
static void plain_byte(struct script *k, char c, uint32_t lo)
{
	if (c && strchr("\n;&|()`", c))
		command_end(k);
	else if (c && strchr(" \t\r<>", c))
		word_end(k);
	else
		word_add(k, c == '\'' || c == '"' || c == '\\' ? '?' : c, lo);
}

static void script_read(struct script *k, const char *p, size_t n, uint32_t lo, struct arena *a)
{
	struct shell sh;
	size_t i, took;

	shell_init(&sh, a);
	for (i = 0; i < n; i += took) {
		enum sh_state state = shell_state(&sh);

		if (p[i] == '~' && i + 1 < n && p[i + 1] == '{' && !(i && p[i - 1] == '~')) {
			took = insertion_len(p + i, n - i);
			sh.last = 'x';
			word_add(k, '?', lo + (uint32_t)i);
			continue;
		}
		took = shell_step(&sh, p + i, n - i);
		if (state == SH_PLAIN && shell_state(&sh) != SH_COMMENT)
			plain_byte(k, p[i], lo + (uint32_t)i);
		else if (state == SH_COMMENT && p[i] == '\n')
			command_end(k);
		else if (state == SH_SINGLE || state == SH_DOUBLE || state == SH_ANSI)
			word_add(k, '?', lo + (uint32_t)i);
	}
	command_end(k);
	shell_free(&sh);
}

/* Only where the source has the script as it is. */
static bool as_written(const struct session *s, const struct jtask *t)
{
	const struct source *src = source_at(s->sources, t->command_span.lo);

	return t->run == RUN_SCRIPT && interp_is_shell(s->job, t->interp) && src && front_of(src) == FRONT_WEFT;
}

void check_assignments(struct session *s)
{
	struct arena *a = arena_new();
	struct arena_mark m = arena_mark(a);
	struct seen seen = { 0 };
	uint32_t i;

	for (i = 0; i < s->job->ntask; i++) {
		const struct jtask *t = &s->job->task[i];
		struct script k = { .s = s, .t = t, .seen = &seen };
		struct span sp = t->command_span;
		const char *p = t->bad || t->skipped || !as_written(s, t) ? NULL : source_text(s->sources, sp);

		if (p && t->nin + t->nout + s->job->nparam)
			script_read(&k, p, sp.hi - sp.lo, sp.lo, a);
		arena_reset(a, m);
	}
	seen_free(&seen);
	arena_free(a);
}
