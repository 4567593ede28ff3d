/* main.c - find the command, parse its options, run it, see that the output was written. */
#include "base/diag.h"
#include "cli/cmd.h"
#include "cli/load.h"
#include "base/version.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

const struct command *const commands[] = {
#define COMMAND(id) &cmd_##id,
#define GROUP(title)
#include "cli/commands.def"
#undef GROUP
#undef COMMAND
	NULL,
};

const struct command *command_find(const char *word)
{
	for (const struct command *const *c = commands; *c; c++)
		if (strcmp((*c)->name, word) == 0)
			return *c;
	return NULL;
}

int command_unknown(const char *word)
{
	struct suggest s = { .to = word };
	for (const struct command *const *c = commands; *c; c++)
		suggest_try(&s, (*c)->name);
	fprintf(stderr, "weft: no command %s\n", word);
	if (suggest_best(&s))
		fprintf(stderr, "  did you mean weft %s?\n", suggest_best(&s));
	else if (access(word, F_OK) == 0)
		fprintf(stderr, "  did you mean weft run %s, or weft check %s?\n", word, word);
	fputs("  weft help lists the commands\n", stderr);
	return EXIT_USAGE;
}

static const struct opt own_opts[] = {
	{ 'V', "version", NULL, "show the version", NULL, false, FILL_NONE },
	{ 0, NULL, NULL, NULL, NULL, false, FILL_NONE },
};
/* `weft` alone: look at the directory's one workflow and say what to do with it */
static const struct command cmd_weft = {
	.name = "",
	.usage = "COMMAND [OPTIONS] [FILE]",
	.summary = "check, draw and run batch workflows",
	.opts = own_opts,
	.exec = weft_alone,
};

static bool change_directory(const struct opts *o)
{
	const char *dir = opts_value(o, "directory");
	if (!dir || chdir(dir) == 0)
		return true;
	fprintf(stderr, "weft: cannot change to directory %s: %s\n", dir, strerror(errno));
	return false;
}

/* Did the command line ask for help?  -h is short, --help is long. */
static bool asked_help(const struct opts *o, int argc, char **argv)
{
	if (!opts_flag(o, "help"))
		return false;
	bool full = false;
	for (int i = 0; i < argc && strcmp(argv[i], "--") != 0; i++)
		full = full || strcmp(argv[i], "--help") == 0;
	if (!o->cmd->name[0])
		help_overview(stdout);
	else
		(full ? help_long : help_short)(stdout, o->cmd);
	return true;
}

static int run_command(const struct command *c, const struct opts *before, int argc, char **argv)
{
	struct opts o = { 0 };
	for (uint32_t i = 0; i < before->ngiven; i++) { /* weft --color=never check ... */
		o.given = grow(o.given, &o.cap, o.ngiven + 1, sizeof *o.given);
		o.given[o.ngiven++] = before->given[i];
	}
	int rc = EXIT_USAGE;
	if (opts_parse(&o, c, argc, argv, false) >= 0) {
		if (asked_help(&o, argc, argv))
			rc = EXIT_OK;
		else
			rc = change_directory(&o) ? c->exec(&o) : EXIT_USAGE;
	}
	opts_free(&o);
	return rc;
}

/* Output that could not be written is a failure; a reader that went away is not worth a word. */
static int close_output(int rc)
{
	errno = 0;
	bool bad = fflush(stdout) != 0;
	if (!bad && !ferror(stdout))
		return rc;
	if (errno != EPIPE)
		fprintf(stderr, "weft: cannot write to standard output: %s\n", errno ? strerror(errno) : "write error");
	return rc ? rc : EXIT_UNREACHABLE;
}

static int dispatch(int argc, char **argv)
{
	if (argc > 0 && strcmp(argv[0], "exec-instance") == 0)
		return exec_instance(argc - 1, argv + 1);
	struct opts own = { 0 };
	int used = opts_parse(&own, &cmd_weft, argc, argv, true);
	int rc = EXIT_USAGE;
	if (used < 0) {
		rc = EXIT_USAGE;
	} else if (opts_flag(&own, "version")) {
		puts("weft " WEFT_VERSION);
		rc = EXIT_OK;
	} else if (asked_help(&own, used, argv)) {
		rc = EXIT_OK;
	} else if (used == argc) {
		rc = change_directory(&own) ? weft_alone(&own) : EXIT_USAGE;
	} else {
		const struct command *c = command_find(argv[used]);
		rc = c ? run_command(c, &own, argc - used - 1, argv + used + 1) : command_unknown(argv[used]);
	}
	opts_free(&own);
	return rc;
}

/* A closed standard stream is /dev/null: else the first file that is opened would be it, and be read and written as such. */
static bool open_streams(void)
{
	for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++) {
		if (fcntl(fd, F_GETFD) < 0 && open("/dev/null", O_RDWR) != fd)
			return false;
	}
	return true;
}

/* A mapped file, the journal or something kept, was cut by somebody or its disk failed.  What was recorded stays: it is as
 * if we had been killed, but with a word. */
static void mapping_lost(int sig, siginfo_t *si, void *context)
{
	static const char text[] = "\nweft: a file below .weft was cut or cannot be read while it is in use; the same command goes on "
		"from what is recorded\n";

	(void)context;
	if (si->si_code != BUS_ADRERR && si->si_code != BUS_MCEERR_AR) {
		signal(sig, SIG_DFL); /* a mistake of ours: happens again, and ends us */
		return;
	}
	(void)!write(STDERR_FILENO, text, sizeof(text) - 1);
	_exit(EXIT_UNREACHABLE);
}

static void watch_mappings(void)
{
	struct sigaction sa = { .sa_sigaction = mapping_lost, .sa_flags = SA_SIGINFO };

	sigemptyset(&sa.sa_mask);
	sigaction(SIGBUS, &sa, NULL);
}

int main(int argc, char **argv)
{
	if (!open_streams())
		return EXIT_UNREACHABLE;
	watch_mappings();
	return close_output(dispatch(argc - 1, argv + (argc > 0)));
}
