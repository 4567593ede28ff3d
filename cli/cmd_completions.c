/* cmd_completions.c - weft completions: scripts for bash, zsh and fish, made from the tables of options. */
#include "cli/cmd.h"

#include <string.h>

static const struct opt completions_opts[] = {
	{ 0, NULL, NULL, NULL, NULL, false, FILL_NONE },
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
	if (p->values) {
		fputs(") COMPREPLY=($(compgen -W '", stdout);
		print_values(p->values, ' ');
		fputs("' -- \"$cur\")); return ;;\n", stdout);
	} else if (p->fill == FILL_NONE) {
		fputs(") return ;;\n", stdout);
	} else {
		printf(") COMPREPLY=($(compgen -%c -- \"$cur\")); return ;;\n", p->fill == FILL_DIR ? 'd' : 'f');
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
	      "\tcase \"$cmd $prev\" in\n", stdout);
	for (const struct command *const *c = commands; *c; c++)
		for_options(*c, bash_value);
	fputs("\tesac\n"
	      "\tlocal options= operands=\n"
	      "\tcase $cmd in\n", stdout);
	for (const struct command *const *c = commands; *c; c++) {
		printf("\t%s) options='", (*c)->name);
		for_options(*c, bash_option);
		printf("' operands='%s' ;;\n", operands(*c));
	}
	fputs("\tesac\n"
	      "\tif [[ $cmd == help ]]; then operands=$commands; fi\n"
	      "\tif [[ $cmd == explain ]]; then operands=$(weft explain --no-pager 2>/dev/null | cut -d' ' -f1); fi\n"
	      "\tif [[ $cur == -* ]]; then\n"
	      "\t\tCOMPREPLY=($(compgen -W \"$options\" -- \"$cur\"))\n"
	      "\telif [[ -n $operands ]]; then\n"
	      "\t\tCOMPREPLY=($(compgen -W \"$operands\" -- \"$cur\"))\n"
	      "\telse\n"
	      "\t\tCOMPREPLY=($(compgen -f -- \"$cur\"))\n"
	      "\tfi\n"
	      "}\n"
	      "complete -o filenames -F _weft weft\n", stdout);
}

/* ---- zsh ---- */

static void zsh_spec(const struct opt *p, const char *dashes, const char *name)
{
	printf("\t\t'%s%s%s%s[", p->many ? "*" : "", dashes, name, p->arg ? (dashes[1] ? "=" : "+") : "");
	print_quoted(p->help, "[]:");
	putchar(']');
	if (p->arg) {
		printf(":%s:", "value");
		if (p->values) {
			putchar('(');
			print_values(p->values, ' ');
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
		return "*:shell:(bash zsh fish)";
	if (strcmp(c->name, "help") == 0)
		return "*:command:($names)";
	if (strcmp(c->name, "explain") == 0)
		return "*:code:($(weft explain --no-pager 2>/dev/null | cut -c1-5))";
	return "*:file:_files";
}

static void zsh(void)
{
	fputs("#compdef weft\n"
	      "# zsh completion for weft: weft completions zsh > \"${fpath[1]}/_weft\"\n"
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
		printf("\t\t\"%s\" ;;\n", zsh_operands(*c));
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
	if (p->values) {
		fputs(" -xa '", stdout);
		print_values(p->values, ' ');
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
	}
	fputs("complete -c weft -f -n '__fish_seen_subcommand_from help' -a '", stdout);
	print_command_names();
	fputs("'\ncomplete -c weft -f -n '__fish_seen_subcommand_from explain' "
	      "-a '(weft explain --no-pager 2>/dev/null | string split -f1 \" \")'\n", stdout);
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
		"  weft completions fish > ~/.config/fish/completions/weft.fish\n",
	.opts = completions_opts,
	.exec = exec,
};
