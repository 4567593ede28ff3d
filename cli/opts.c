/* opts.c - command-line parsing from the tables of options. */
#include "cli/opts.h"

#include "base/arena.h"
#include "base/diag.h"
#include "cli/cmd.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

const struct opt common_opts[] = {
	{ 'C', "directory", "DIR", "work in DIR instead of the current directory", NULL, false, FILL_DIR },
	{ 0, "color", "WHEN", "colour: auto, always or never", "auto|always|never", false, FILL_NONE },
	{ 'h', "help", NULL, "show help: -h a short one, --help all of it", NULL, false, FILL_NONE },
	{ 0, NULL, NULL, NULL, NULL, false, FILL_NONE },
};

static bool is_named(const struct opt *p, const char *name, size_t n)
{
	size_t i = 0;
	while (i < n && (p->name[i] == name[i] || (p->name[i] == '_' && name[i] == '-') || (p->name[i] == '-' && name[i] == '_')))
		i++;
	return i == n && !p->name[n];
}

const struct opt *opts_find(const struct command *cmd, const char *name, size_t n)
{
	for (const struct opt *p = cmd->opts; p && p->name; p++)
		if (is_named(p, name, n))
			return p;
	for (const struct opt *p = common_opts; p->name; p++)
		if (is_named(p, name, n))
			return p;
	return NULL;
}

static const struct opt *find_brief(const struct command *cmd, char c)
{
	for (const struct opt *p = cmd->opts; p && p->name; p++)
		if (p->brief == c)
			return p;
	for (const struct opt *p = common_opts; p->name; p++)
		if (p->brief == c)
			return p;
	return NULL;
}

/* "weft check", or plain "weft" for the program's own options */
static void print_who(const struct command *cmd)
{
	fputs("weft", stderr);
	if (cmd && cmd->name[0])
		fprintf(stderr, " %s", cmd->name);
	fputs(": ", stderr);
}

static void print_hint(const struct command *cmd)
{
	bool own = cmd && cmd->name[0];
	fprintf(stderr, "  weft%s%s -h lists the options\n", own ? " " : "", own ? cmd->name : "");
}

int opts_error(const struct opts *o, const char *fmt, ...)
{
	va_list ap;
	print_who(o->cmd);
	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	fputc('\n', stderr);
	print_hint(o->cmd);
	return EXIT_USAGE;
}

static void suggest_table(struct suggest *s, const struct opt *table)
{
	for (const struct opt *p = table; p && p->name; p++)
		suggest_try(s, p->name);
}

/* Does it begin like this one?  --notification is near --notification_topic, and --docker_image near --docker. */
static bool begins_alike(const char *name, const char *word)
{
	size_t n = strlen(name), w = strlen(word);

	return w < n ? w > 2 && !strncasecmp(name, word, w) : n > 2 && !strncasecmp(name, word, n) && strchr("-_", word[n]);
}

static void suggest_alike(const struct opt *table, const char *word)
{
	int n = 0;

	for (const struct opt *p = table; p && p->name && n < 3; p++) {
		if (begins_alike(p->name, word))
			fprintf(stderr, n++ ? " or --%s" : "  did you mean --%s", p->name);
	}
	if (n)
		fputs("?\n", stderr);
}

static bool listed(const char *words, const char *word)
{
	size_t n = strlen(word);

	for (const char *p = words; n && (p = strstr(p, word)); p += n)
		if (p > words && p[-1] == ' ' && p[n] == ' ')
			return true;
	return false;
}

/* What others call so is said in our words; false when nothing is known. */
static bool suggest_habit(const struct command *cmd, const char *word)
{
	static const struct habit {
		const char *words, *option, *text;
	} habits[] = {
#define HABIT(words, option) { words, option, NULL },
#define SAID(words, option, text) { words, option, text },
#include "cli/habits.def"
#undef HABIT
#undef SAID
	};

	for (size_t i = 0; i < sizeof habits / sizeof *habits; i++) {
		const struct habit *h = &habits[i];
		size_t n = strcspn(h->option, "=");
		const struct opt *p = listed(h->words, word) ? opts_find(cmd, h->option, n) : NULL;

		if (!p || (h->option[n] && !p->arg))
			continue;
		if (h->text)
			fprintf(stderr, "  %s\n", h->text);
		else
			fprintf(stderr, "  did you mean --%s%s%s: %s?\n", p->name, p->arg ? " " : "", p->arg ? p->arg : "", p->help);
		return true;
	}
	return false;
}

static int unknown_brief(const struct opts *o, char c)
{
	char word[2] = { c, 0 };

	print_who(o->cmd);
	fprintf(stderr, "no option -%c\n", c);
	suggest_habit(o->cmd, word);
	print_hint(o->cmd);
	return -1;
}

static int unknown_option(const struct opts *o, const char *name, size_t n)
{
	char *word = xstrndup(name, n);
	struct suggest s = { .to = word };
	suggest_table(&s, o->cmd->opts);
	suggest_table(&s, common_opts);
	print_who(o->cmd);
	fprintf(stderr, "no option --%s\n", word);
	if (suggest_best(&s))
		fprintf(stderr, "  did you mean --%s?\n", suggest_best(&s));
	else if (!suggest_habit(o->cmd, word))
		suggest_alike(o->cmd->opts, word);
	print_hint(o->cmd);
	free(word);
	return -1;
}

static bool is_one_of(const char *values, const char *v)
{
	size_t n = strlen(v);
	for (const char *p = values; *p;) {
		size_t len = strcspn(p, "|");
		if (len == n && memcmp(p, v, n) == 0)
			return true;
		p += len + (p[len] == '|');
	}
	return false;
}

static int add(struct opts *o, const struct opt *p, const char *value, bool on, bool brief)
{
	if (value && p->values && !is_one_of(p->values, value)) {
		opts_error(o, "--%s is one of %s, not %s", p->name, p->values, *value ? value : "empty");
		return -1;
	}
	o->given = grow(o->given, &o->cap, o->ngiven + 1, sizeof *o->given);
	o->given[o->ngiven++] = (struct opt_given){ p, value, on, brief };
	return 0;
}

static int need_value(const struct opts *o, const struct opt *p)
{
	opts_error(o, "--%s needs a value: --%s %s", p->name, p->name, p->arg);
	return -1;
}

/* The flag that --no-NAME turns off; for a flag named no-NAME, --NAME does. */
static const struct opt *find_negated(const struct command *cmd, const char *word, size_t n)
{
	char negated[40];
	const struct opt *p = NULL;
	if (n > 3 && memcmp(word, "no-", 3) == 0)
		p = opts_find(cmd, word + 3, n - 3);
	else if (n < sizeof negated - 4)
		p = opts_find(cmd, negated, (size_t)snprintf(negated, sizeof negated, "no-%.*s", (int)n, word));
	return p && !p->arg ? p : NULL;
}

/* --name, --name=value, --name value, --no-name; returns words used after this one, or -1 */
static int parse_long(struct opts *o, const char *word, const char *next)
{
	size_t n = strcspn(word, "=");
	const char *eq = word[n] ? word + n + 1 : NULL;
	const struct opt *p = opts_find(o->cmd, word, n);
	if (!p) {
		p = find_negated(o->cmd, word, n);
		return p && !eq ? add(o, p, NULL, false, false) : unknown_option(o, word, n);
	}
	if (!p->arg) {
		if (eq)
			return opts_error(o, "--%s takes no value", p->name), -1;
		return add(o, p, NULL, true, false);
	}
	if (eq)
		return add(o, p, eq, true, false);
	if (!next)
		return need_value(o, p);
	return add(o, p, next, true, false) ? -1 : 1;
}

/* a cluster of short options; the last may have a value, attached or in the next word */
static int parse_brief(struct opts *o, const char *word, const char *next)
{
	for (const char *c = word; *c; c++) {
		const struct opt *p = find_brief(o->cmd, *c);
		if (!p)
			return unknown_brief(o, *c);
		if (!p->arg) {
			if (add(o, p, NULL, true, true))
				return -1;
			continue;
		}
		if (c[1])
			return add(o, p, c[1] == '=' ? c + 2 : c + 1, true, true);
		if (!next)
			return need_value(o, p);
		return add(o, p, next, true, true) ? -1 : 1;
	}
	return 0;
}

static void operand(struct opts *o, const char *word)
{
	o->args = grow(o->args, &o->argcap, o->nargs + 1, sizeof *o->args);
	o->args[o->nargs++] = word;
}

int opts_parse(struct opts *o, const struct command *cmd, int argc, char **argv, bool first)
{
	int i = 0;
	bool ended = false;
	o->cmd = cmd;
	for (; i < argc; i++) {
		const char *w = argv[i];
		const char *next = i + 1 < argc ? argv[i + 1] : NULL;
		int used = 0;
		if (ended || w[0] != '-' || !w[1]) {
			if (first)
				break;
			operand(o, w);
		} else if (strcmp(w, "--") == 0) {
			ended = true;
			o->rest = o->nargs;
		} else {
			used = w[1] == '-' ? parse_long(o, w + 2, next) : parse_brief(o, w + 1, next);
		}
		if (used < 0)
			return -1;
		i += used;
	}
	if (!ended)
		o->rest = o->nargs;
	return i;
}

void opts_free(struct opts *o)
{
	free(o->given);
	free(o->args);
	*o = (struct opts){ 0 };
}

/* A name that no table has is a bug of the caller. */
static const struct opt *must_find(const struct opts *o, const char *name)
{
	const struct opt *p = opts_find(o->cmd, name, strlen(name));
	if (!p) {
		fprintf(stderr, "weft: internal error: command %s has no option %s\n", o->cmd->name, name);
		exit(EXIT_INTERNAL);
	}
	return p;
}

bool opts_flag(const struct opts *o, const char *name)
{
	const struct opt *p = must_find(o, name);
	bool on = false;
	for (uint32_t i = 0; i < o->ngiven; i++)
		if (o->given[i].opt == p)
			on = o->given[i].on;
	return on;
}

const char *opts_value(const struct opts *o, const char *name)
{
	const struct opt *p = must_find(o, name);
	const char *v = NULL;
	for (uint32_t i = 0; i < o->ngiven; i++)
		if (o->given[i].opt == p)
			v = o->given[i].value;
	return v;
}

const char *opts_each(const struct opts *o, const char *name, uint32_t *i)
{
	const struct opt *p = must_find(o, name);
	while (*i < o->ngiven) {
		const struct opt_given *g = &o->given[(*i)++];
		if (g->opt == p)
			return g->value;
	}
	return NULL;
}
