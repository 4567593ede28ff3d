/* cmd.h - a command is one file cmd_NAME.c with one const struct command, and one line in commands.def. */
#ifndef WEFT_CLI_CMD_H
#define WEFT_CLI_CMD_H

#include "cli/opts.h"

enum exit_code { EXIT_OK = 0, EXIT_FAILED = 1, EXIT_CHANGES = 2, EXIT_INVALID = 3, EXIT_UNREACHABLE = 4,
	EXIT_CANCELLED = 5, EXIT_STALE = 6, EXIT_PARTIAL = 7, EXIT_USAGE = 64, EXIT_INTERNAL = 70, EXIT_OOM = 71 };

struct command {
	const char *name;
	const char *usage;   /* "[OPTIONS] FILE" */
	const char *summary; /* one line, for weft help */
	const char *help;    /* examples first; shown by --help and used for the man page */
	const struct opt *opts;
	int (*exec)(struct opts *o);
};
/* All of them, in the order of the help screen, ended by NULL. */
extern const struct command *const commands[];
const struct command *command_find(const char *word);
/* "no command x", with a proposal; returns EXIT_USAGE. */
int command_unknown(const char *word);
/* `weft exec-instance DIR NUMBER INDEX`, for batch systems' machines (exec_instance.c). */
int exec_instance(int argc, char **argv);
/* `weft` without a command. */
int weft_alone(struct opts *o);

#define COMMAND(id) extern const struct command cmd_##id;
#define GROUP(title)
#include "cli/commands.def"
#undef GROUP
#undef COMMAND

#endif
