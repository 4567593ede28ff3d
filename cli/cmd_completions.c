/* cmd_completions.c - weft completions: scripts for bash, zsh and fish, made from the tables of options; and the tasks
 * that have run here, which the scripts ask for. */
#include "base/name.h"
#include "cli/cmd.h"
#include "cli/load.h"
#include "cli/look.h"
#include "runtime/engine.h"

#include <string.h>

enum { NAMES_MAX = 1000, RUNS_MAX = 20 }; /* of tasks that are proposed: names, and runs that are looked at */

static const struct opt completions_opts[] = {
	OPT_ERROR_FORMAT,
	OPT_END,
};

typedef void each_option(const struct command *c, const struct opt *p);

static void for_options(const struct command *c, each_option *f)
{
	for (const struct opt *p = c->opts; p && p->name; p++)
		f(c, p);
	for (const struct opt *p = common_opts; p->name; p++)
		f(c, p);
}

/* "a|b|c" with another separator */
static void print_values(const char *values, char sep)
{
	for (const char *v = values; *v; v++)
		putchar(*v == '|' ? sep : *v);
}

/* text for single quotes: the few quotes in help texts are left out */
static void print_quoted(const char *s, const char *avoid)
{
	for (; *s; s++)
		if (*s != '\'' && !strchr(avoid, *s))
			putchar(*s);
}

/* Can the shell say what values there are? */
static bool has_values(const struct opt *p)
{
	return p->values || p->fill == FILL_ENGINE;
}

static void option_values(const struct opt *p, char sep)
{
	if (p->values)
		print_values(p->values, sep);
	for (uint32_t i = 0; p->fill == FILL_ENGINE && engine_all[i]; i++)
		printf("%s%s", i ? " " : "", engine_all[i]->name);
}

static bool among(const char *const *list, const struct command *c)
{
	while (*list && strcmp(*list, c->name))
		list++;
	return *list;
}

/* Are operands tasks that have run, and files as well? */
static bool takes_tasks(const struct command *c)
{
	static const char *const list[] = { "run", "plan", "why", "exec", "shell", "logs", "cancel", NULL };

	return among(list, c);
}

static bool takes_files(const struct command *c)
{
	static const char *const not[] = { "logs", "cancel", NULL };

	return !among(not, c);
}

static const char *operands(const struct command *c)
{
	if (strcmp(c->name, "completions") == 0)
		return "bash zsh fish";
	return "";
}

/* ---- bash ---- */

static void bash_option(const struct command *c, const struct opt *p)
{
	(void)c;
	printf(" --%s", p->name);
	if (p->brief)
		printf(" -%c", p->brief);
}

static void bash_value(const struct command *c, const struct opt *p)
{
	if (!p->arg)
		return;
	printf("\t'%s --%s'", c->name, p->name);
	if (p->brief)
		printf("|'%s -%c'", c->name, p->brief);
	if (has_values(p)) {
		fputs(") COMPREPLY=($(compgen -W '", stdout);
		option_values(p, ' ');
		fputs("' -- \"$cur\")); return ;;\n", stdout);
	} else if (p->fill == FILL_NONE) {
		fputs(") return ;;\n", stdout);
	} else {
		printf(") mapfile -t COMPREPLY < <(compgen -%c -- \"$cur\"); return ;;\n", p->fill == FILL_DIR ? 'd' : 'f');
	}
}

static void print_command_names(void)
{
	for (const struct command *const *c = commands; *c; c++)
		printf("%s%s", c == commands ? "" : " ", (*c)->name);
}

static void bash(void)
{
	fputs("# bash completion for weft: weft completions bash > /etc/bash_completion.d/weft\n"
	      "_weft_tasks() {\n" /* what they are called comes from files: nothing may expand it */
	      "\tlocal t word=${cur//[\\\\\\\"\\']/}\n"
	      "\twhile IFS= read -r t; do\n"
	      "\t\tif [[ ${t:0:${#word}} == \"$word\" ]]; then COMPREPLY+=(\"$t\"); fi\n"
	      "\tdone < <(weft completions tasks 2>/dev/null)\n"
	      "}\n"
	      "_weft() {\n"
	      "\tlocal cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]} cmd= i\n"
	      "\tlocal commands='", stdout);
	print_command_names();
	fputs("'\n"
	      "\tfor ((i = 1; i < COMP_CWORD; i++)); do\n"
	      "\t\tcase \" $commands \" in *\" ${COMP_WORDS[i]} \"*) cmd=${COMP_WORDS[i]}; break ;; esac\n"
	      "\tdone\n"
	      "\tif [[ -z $cmd ]]; then\n"
	      "\t\tCOMPREPLY=($(compgen -W \"$commands --help --version --directory --color\" -- \"$cur\"))\n"
	      "\t\treturn\n"
	      "\tfi\n"
	      "\tif [[ $cur == = ]]; then cur=; elif [[ $prev == = ]]; then prev=${COMP_WORDS[COMP_CWORD-2]}; fi\n"
	      "\tcase \"$cmd $prev\" in\n", stdout);
	for (const struct command *const *c = commands; *c; c++)
		for_options(*c, bash_value);
	fputs("\tesac\n"
	      "\tlocal options= operands= tasks= files=\n"
	      "\tcase $cmd in\n", stdout);
	for (const struct command *const *c = commands; *c; c++) {
		printf("\t%s) options='", (*c)->name);
		for_options(*c, bash_option);
		printf("' operands='%s' tasks=%s files=%s ;;\n", operands(*c), takes_tasks(*c) ? "yes" : "",
			takes_files(*c) ? "yes" : "");
	}
	fputs("\tesac\n"
	      "\tif [[ $cmd == help ]]; then operands=$commands; fi\n"
	      "\tif [[ $cmd == explain ]]; then operands=$(weft explain --no-pager 2>/dev/null | cut -d' ' -f1); fi\n"
	      "\tif [[ $cur == -* ]]; then\n"
	      "\t\tCOMPREPLY=($(compgen -W \"$options\" -- \"$cur\"))\n"
	      "\telif [[ -n $operands ]]; then\n"
	      "\t\tCOMPREPLY=($(compgen -W \"$operands\" -- \"$cur\"))\n"
	      "\telse\n"
	      "\t\tif [[ $files ]]; then mapfile -t COMPREPLY < <(compgen -f -- \"$cur\"); fi\n"
	      "\t\tif [[ $tasks ]]; then _weft_tasks; fi\n"
	      "\tfi\n"
	      "}\n"
	      "complete -o filenames -F _weft weft\n", stdout);
}

/* ---- zsh ---- */

static void zsh_spec(const struct opt *p, const char *dashes, const char *word)
{
	printf("\t\t'%s%s%s%s[", p->many ? "*" : "", dashes, word, p->arg ? (dashes[1] ? "=" : "+") : "");
	print_quoted(p->help, "[]:");
	putchar(']');
	if (p->arg) {
		printf(":%s:", "value");
		if (has_values(p)) {
			putchar('(');
			option_values(p, ' ');
			putchar(')');
		} else if (p->fill != FILL_NONE) {
			fputs(p->fill == FILL_DIR ? "_files -/" : "_files", stdout);
		}
	}
	fputs("' \\\n", stdout);
}

static void zsh_option(const struct command *c, const struct opt *p)
{
	char brief[2] = { p->brief, 0 };
	(void)c;
	zsh_spec(p, "--", p->name);
	if (p->brief)
		zsh_spec(p, "-", brief);
}

static const char *zsh_operands(const struct command *c)
{
	if (strcmp(c->name, "completions") == 0)
		return "\"*:shell:(bash zsh fish)\"";
	if (strcmp(c->name, "help") == 0)
		return "\"*:command:($names)\"";
	if (strcmp(c->name, "explain") == 0)
		return "\"*:code:($(weft explain --no-pager 2>/dev/null | cut -c1-5))\"";
	if (!takes_tasks(c))
		return "\"*:file:_files\"";
	return takes_files(c) ? "'*:target:{ _weft_tasks; _files }'" : "'*:task:_weft_tasks'";
}

static void zsh(void)
{
	fputs("#compdef weft\n"
	      "# zsh completion for weft: weft completions zsh > \"${fpath[1]}/_weft\"\n"
	      "_weft_tasks() { compadd -- \"${(@f)$(weft completions tasks 2>/dev/null)}\" }\n"
	      "_weft() {\n"
	      "\tlocal -a names\n"
	      "\tnames=(", stdout);
	print_command_names();
	fputs(")\n"
	      "\tif (( CURRENT == 2 )); then\n"
	      "\t\tlocal -a described\n"
	      "\t\tdescribed=(\n", stdout);
	for (const struct command *const *c = commands; *c; c++) {
		printf("\t\t'%s:", (*c)->name);
		print_quoted((*c)->summary, ":");
		fputs("'\n", stdout);
	}
	fputs("\t\t)\n"
	      "\t\t_describe command described\n"
	      "\t\treturn\n"
	      "\tfi\n"
	      "\tlocal cmd=$words[2]\n"
	      "\tshift words; (( CURRENT-- ))\n"
	      "\tcase $cmd in\n", stdout);
	for (const struct command *const *c = commands; *c; c++) {
		printf("\t%s) _arguments -s \\\n", (*c)->name);
		for_options(*c, zsh_option);
		printf("\t\t%s ;;\n", zsh_operands(*c));
	}
	fputs("\tesac\n"
	      "}\n"
	      "if [[ $funcstack[1] == _weft ]]; then _weft \"$@\"; else compdef _weft weft; fi\n", stdout);
}

/* ---- fish ---- */

static void fish_option(const struct command *c, const struct opt *p)
{
	printf("complete -c weft -n '__fish_seen_subcommand_from %s' -l %s", c->name, p->name);
	if (p->brief)
		printf(" -s %c", p->brief);
	if (has_values(p)) {
		fputs(" -xa '", stdout);
		option_values(p, ' ');
		putchar('\'');
	} else if (p->arg) {
		fputs(p->fill == FILL_NONE ? " -x" : " -r", stdout);
	}
	fputs(" -d '", stdout);
	print_quoted(p->help, "\\");
	fputs("'\n", stdout);
}

static void fish(void)
{
	fputs("# fish completion for weft: weft completions fish > ~/.config/fish/completions/weft.fish\n", stdout);
	for (const struct command *const *c = commands; *c; c++) {
		printf("complete -c weft -f -n __fish_use_subcommand -a %s -d '", (*c)->name);
		print_quoted((*c)->summary, "\\");
		fputs("'\n", stdout);
		for_options(*c, fish_option);
		if (*operands(*c))
			printf("complete -c weft -f -n '__fish_seen_subcommand_from %s' -a '%s'\n", (*c)->name, operands(*c));
		if (takes_tasks(*c))
			printf("complete -c weft%s -n '__fish_seen_subcommand_from %s' -a '(weft completions tasks 2>/dev/null)'\n",
				takes_files(*c) ? "" : " -f", (*c)->name);
	}
	fputs("complete -c weft -f -n '__fish_seen_subcommand_from help' -a '", stdout);
	print_command_names();
	fputs("'\ncomplete -c weft -f -n '__fish_seen_subcommand_from explain' "
	      "-a '(weft explain --no-pager 2>/dev/null | string split -f1 \" \")'\n", stdout);
}

/* ---- tasks ---- */

static bool is_plain(const char *s)
{
	while (*s && (unsigned char)*s >= 0x20 && *s != 0x7f)
		s++;
	return !*s;
}

/* "task", and "task[key]" where there are keys. */
static bool note_names(void *ctx, const struct past_attempt *a)
{
	struct names *t = ctx;
	struct buf b;

	buf_init(&b, 1 << 18);
	if (is_plain(a->who.task) && is_plain(a->who.key)) {
		name_ofs(t, a->who.task);
		if (*a->who.key && buf_addf(&b, "%s[%s]", a->who.task, a->who.key))
			name_of(t, buf_str(&b), b.len);
	}
	buf_free(&b);
	return names_count(t) <= NAMES_MAX;
}

/* What has run here lately, a line each. */
static int tasks(struct opts *o)
{
	struct look l;
	int rc = look_open(&l, o);
	struct names *t = names_new();

	for (uint32_t i = l.nrun; !rc && i && l.nrun - i < RUNS_MAX && names_count(t) <= NAMES_MAX; i--) {
		struct past *p = past_read(l.j, &l.run[i - 1]);

		past_each(p, note_names, t);
		past_free(p);
	}
	for (name n = 1; n < names_count(t); n++)
		puts(name_str(t, n));
	names_free(t);
	look_close(&l);
	return rc;
}

static int exec(struct opts *o)
{
	const char *shell = o->nargs ? o->args[0] : "";
	if (o->nargs > 1)
		return opts_error(o, "one shell at a time, not also %s", o->args[1]);
	if (strcmp(shell, "bash") == 0)
		bash();
	else if (strcmp(shell, "zsh") == 0)
		zsh();
	else if (strcmp(shell, "fish") == 0)
		fish();
	else if (strcmp(shell, "tasks") == 0)
		return tasks(o);
	else
		return opts_error(o, "which shell%s%s? bash, zsh or fish", *shell ? ", not " : "", shell);
	return EXIT_OK;
}

const struct command cmd_completions = {
	.name = "completions",
	.usage = "[OPTIONS] bash | zsh | fish",
	.summary = "print a completion script for a shell",
	.help = "  source <(weft completions bash)\n"
		"  weft completions zsh > \"${fpath[1]}/_weft\"\n"
		"  weft completions fish > ~/.config/fish/completions/weft.fish\n"
		"\n"
		"The scripts know commands, options and their values, codes, and the tasks and instances that ran here lately; for\n"
		"these they call weft completions tasks.\n",
	.opts = completions_opts,
	.exec = exec,
};
