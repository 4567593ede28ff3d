/* help.c - help screens and manual pages, made from the tables of commands and options. */
#include "cli/cmd.h"
#include "base/version.h"

#include <stdlib.h>
#include <string.h>

enum { OPTION_COLUMN = 30 };

static const char *const exit_texts[] = {
	"0      success, or nothing to do",
	"1      one or more tasks failed",
	"3      the workflow or its parameters are not valid",
	"4      storage or engine out of reach, output could not be written",
	"5      ended by weft cancel",
	"6      another run has the workspace",
	"7      partial: failures that were tolerated",
	"64     wrong usage",
	"70     internal error",
	"128+n  ended by signal n",
	NULL,
};

/* "-o, --output FILE" */
static int option_name(char *out, size_t n, const struct opt *p)
{
	char brief[8] = "    ";
	if (p->brief)
		snprintf(brief, sizeof brief, "-%c, ", p->brief);
	return snprintf(out, n, "%s--%s%s%s", brief, p->name, p->arg ? " " : "", p->arg ? p->arg : "");
}

static void print_options(FILE *f, const struct opt *table)
{
	for (const struct opt *p = table; p && p->name; p++) {
		char left[80];
		int n = option_name(left, sizeof left, p);
		fprintf(f, "  %s", left);
		if (n > OPTION_COLUMN - 4)
			fprintf(f, "\n%*s", OPTION_COLUMN, "");
		else
			fprintf(f, "%*s", OPTION_COLUMN - 2 - n, "");
		fprintf(f, "%s\n", p->help);
	}
}

static void print_head(FILE *f, const struct command *c)
{
	fprintf(f, "weft %s - %s\n\nUsage: weft %s %s\n", c->name, c->summary, c->name, c->usage);
}

static void print_all_options(FILE *f, const struct command *c)
{
	fputs("\nOptions:\n", f);
	print_options(f, c->opts);
	print_options(f, common_opts);
}

void help_short(FILE *f, const struct command *c)
{
	print_head(f, c);
	print_all_options(f, c);
	fprintf(f, "\nMore: weft %s --help\n", c->name);
}

void help_long(FILE *f, const struct command *c)
{
	print_head(f, c);
	fprintf(f, "\n%s", c->help);
	print_all_options(f, c);
	fputs("\nExit status:\n", f);
	for (const char *const *t = exit_texts; *t; t++)
		fprintf(f, "  %s\n", *t);
}

/* The lines of the help screen: titles and commands. */
static const struct line {
	const char *title;
	const struct command *c;
} lines[] = {
#define GROUP(title) { title, NULL },
#define COMMAND(id) { NULL, &cmd_##id },
#include "cli/commands.def"
#undef COMMAND
#undef GROUP
};

void help_overview(FILE *f)
{
	fputs("weft - check, draw and run batch workflows\n\n"
	      "Usage: weft COMMAND [OPTIONS] [FILE]\n\n"
	      "  weft check job.cfg                 all errors at once\n"
	      "  weft graph job.cfg -o job.svg      draw it\n"
	      "  weft run job.cfg                   run it on this machine\n"
	      "  weft run job.cfg --slurm ENDPOINT  run it on a Slurm cluster\n", f);
	for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
		if (lines[i].title)
			fprintf(f, "\n%s:\n", lines[i].title);
		else
			fprintf(f, "  %-14s%s\n", lines[i].c->name, lines[i].c->summary);
	}
	fputs("\nOptions:\n", f);
	print_options(f, common_opts);
	fputs("  -V, --version               show the version\n\n"
	      "FILE is a .weft file, a job.cfg or a BatchCompute job description (JSON); - is standard input.\n"
	      "More: weft COMMAND -h, weft COMMAND --help, weft help COMMAND, weft explain CODE\n", f);
}

/* ---- manual pages (man(7)) ---- */

/* Text for troff: escape what it would take for its own. */
static void man_text(FILE *f, const char *s, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (s[i] == '\\')
			fputs("\\e", f);
		else if (s[i] == '-')
			fputs("\\-", f);
		else if ((s[i] == '.' || s[i] == '\'') && i == 0)
			fprintf(f, "\\&%c", s[i]);
		else
			fputc(s[i], f);
	}
}

static void man_texts(FILE *f, const char *s)
{
	man_text(f, s, strlen(s));
}

/* Paragraphs; lines that start with blanks are shown as they are. */
static void man_body(FILE *f, const char *s)
{
	bool literal = false;
	while (*s) {
		size_t n = strcspn(s, "\n");
		bool indented = n && s[0] == ' ';
		if (indented != literal && n) {
			fputs(indented ? ".PP\n.nf\n" : ".fi\n", f);
			literal = indented;
		}
		if (!n)
			fputs(literal ? "\n" : ".PP\n", f);
		else
			man_text(f, s, n), fputc('\n', f);
		s += n + (s[n] == '\n');
	}
	if (literal)
		fputs(".fi\n", f);
}

static void man_options(FILE *f, const struct opt *table)
{
	for (const struct opt *p = table; p && p->name; p++) {
		fputs(".TP\n", f);
		if (p->brief)
			fprintf(f, "\\fB\\-%c\\fR, ", p->brief);
		fputs("\\fB\\-\\-", f);
		man_texts(f, p->name);
		fputs("\\fR", f);
		if (p->arg)
			fprintf(f, " \\fI%s\\fR", p->arg);
		fputc('\n', f);
		man_texts(f, p->help);
		fputs(".\n", f);
	}
}

static void man_exit_status(FILE *f)
{
	fputs(".SH EXIT STATUS\n", f);
	for (const char *const *t = exit_texts; *t; t++) {
		size_t n = strcspn(*t, " ");
		fprintf(f, ".TP\n%.*s\n", (int)n, *t);
		man_texts(f, *t + n + strspn(*t + n, " "));
		fputs(".\n", f);
	}
}

void help_man(FILE *f, const struct command *c)
{
	char upper[32] = "";
	for (size_t i = 0; c->name[i] && i + 1 < sizeof upper; i++)
		upper[i] = (char)(c->name[i] >= 'a' && c->name[i] <= 'z' ? c->name[i] - 32 : c->name[i]);
	fprintf(f, ".\\\" made by: make man\n.TH WEFT\\-%s 1 \"\" \"weft %s\" \"weft manual\"\n", upper, WEFT_VERSION);
	fprintf(f, ".SH NAME\nweft\\-%s \\- ", c->name);
	man_texts(f, c->summary);
	fprintf(f, "\n.SH SYNOPSIS\n\\fBweft %s\\fR ", c->name);
	man_texts(f, c->usage);
	fputs("\n.SH DESCRIPTION\n", f);
	man_body(f, c->help);
	fputs(".SH OPTIONS\n", f);
	man_options(f, c->opts);
	man_options(f, common_opts);
	man_exit_status(f);
	fputs(".SH SEE ALSO\n.BR weft (1),\n.BR weft\\-language (5),\n.BR weft\\-jobcfg (5)\n", f);
}
