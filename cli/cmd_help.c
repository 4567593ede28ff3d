/* cmd_help.c - weft help [COMMAND] */
#include "cli/cmd.h"

static const struct opt help_opts[] = {
	{ 0, "man", NULL, "print the manual page's source (troff) instead", NULL, false, FILL_NONE },
	{ 0, NULL, NULL, NULL, NULL, false, FILL_NONE },
};

static int exec(struct opts *o)
{
	if (!o->nargs) {
		help_overview(stdout);
		return EXIT_OK;
	}
	if (o->nargs > 1)
		return opts_error(o, "one command at a time, not also %s", o->args[1]);
	const struct command *c = command_find(o->args[0]);
	if (!c)
		return command_unknown(o->args[0]);
	(opts_flag(o, "man") ? help_man : help_long)(stdout, c);
	return EXIT_OK;
}

const struct command cmd_help = {
	.name = "help",
	.usage = "[OPTIONS] [COMMAND]",
	.summary = "show the commands, or all about one of them",
	.help = "  weft help              the commands\n"
		"  weft help run          all about weft run\n"
		"  weft help --man run    the source of its manual page\n",
	.opts = help_opts,
	.exec = exec,
};
