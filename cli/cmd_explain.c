/* cmd_explain.c - weft explain: the page of a code. */
#include "base/buf.h"
#include "base/diag.h"
#include "cli/load.h"
#include "cli/pages.h"

#include <errno.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/wait.h>
#include <unistd.h>

static const struct opt explain_opts[] = {
	{ 0, "no-pager", NULL, "no pager on a terminal (else WEFT_PAGER, PAGER or less)", NULL, false, FILL_NONE },
	OPT_END,
};

static const struct page *find_page(const char *code)
{
	for (const struct page *p = pages; p->code; p++)
		if (strcasecmp(p->code, code) == 0)
			return p;
	return NULL;
}

/* The title: the first line without "# E0307: ". */
static void add_title(struct buf *b, const struct page *p)
{
	const char *s = p->text + strspn(p->text, "# ");
	const char *colon = strstr(s, ": ");
	s = colon ? colon + 2 : s;
	buf_add(b, s, strcspn(s, "\n"));
}

static const char *slug_of(const struct page *p)
{
	enum code c = code_find(p->code);
	return c == CODE_COUNT ? "" : code_slug(c);
}

static void add_list(struct buf *b)
{
	for (const struct page *p = pages; p->code; p++) {
		buf_addf(b, "%-7s%-28s ", p->code, slug_of(p));
		add_title(b, p);
		buf_addc(b, '\n');
	}
}

static void add_line(struct buf *b, const char *s, size_t n, bool code, bool title, bool color)
{
	if (code)
		buf_adds(b, n ? "    " : "");
	if (title && color)
		buf_adds(b, "\033[1m");
	buf_add(b, s, n);
	if (title && color)
		buf_adds(b, "\033[0m");
	buf_addc(b, '\n');
}

/* Markdown for a terminal: the title bold, fenced blocks indented. */
static void add_page(struct buf *b, const struct page *p, bool color)
{
	bool code = false;
	for (const char *s = p->text; *s;) {
		size_t n = strcspn(s, "\n");
		bool title = !code && s[0] == '#';
		size_t skip = title ? strspn(s, "# ") : 0;
		if (n >= 3 && memcmp(s, "```", 3) == 0)
			code = !code;
		else
			add_line(b, s + skip, n - skip, code, title, color);
		s += n + (s[n] == '\n');
	}
}

/* The pager's words: WEFT_PAGER, PAGER, or less; split at blanks, no shell. */
static char **pager_argv(struct arena *a)
{
	const char *cmd = getenv("WEFT_PAGER");
	char **argv;
	size_t argc;
	if (!cmd)
		cmd = getenv("PAGER");
	if (!cmd)
		cmd = "less -FRX";
	return *cmd && words_split(a, cmd, &argv, &argc) && argc ? argv : NULL;
}

static bool page_out(const struct buf *b)
{
	extern char **environ;
	struct arena *a = arena_new();
	char **argv = pager_argv(a);
	posix_spawn_file_actions_t fa;
	pid_t pid;
	FILE *f = tmpfile();
	bool ok = argv && f && fwrite(b->p, 1, b->len, f) == b->len && fflush(f) == 0;
	if (ok) {
		rewind(f);
		posix_spawn_file_actions_init(&fa);
		posix_spawn_file_actions_adddup2(&fa, fileno(f), 0);
		ok = posix_spawnp(&pid, argv[0], &fa, NULL, argv, environ) == 0;
		posix_spawn_file_actions_destroy(&fa);
	}
	int status = 0;
	while (ok && waitpid(pid, &status, 0) < 0 && errno == EINTR)
		continue;
	if (f)
		fclose(f);
	arena_free(a);
	return ok && WIFEXITED(status) && WEXITSTATUS(status) != 127;
}

static int show(const struct opts *o, struct buf *b)
{
	bool paged = isatty(STDOUT_FILENO) && !opts_flag(o, "no-pager");
	if (!paged || !page_out(b))
		fwrite(b->p, 1, b->len, stdout);
	buf_free(b);
	return EXIT_OK;
}

static int no_page(const char *word)
{
	struct suggest s = { .to = word };
	for (const struct page *p = pages; p->code; p++) {
		suggest_try(&s, p->code);
		suggest_try(&s, slug_of(p));
	}
	fprintf(stderr, "weft explain: there is no code %s\n", word);
	if (suggest_best(&s))
		fprintf(stderr, "  did you mean %s?\n", suggest_best(&s));
	fputs("  weft explain lists all codes\n", stderr);
	return EXIT_USAGE;
}

static int exec(struct opts *o)
{
	struct buf b;
	buf_init(&b, 1 << 24);
	if (!o->nargs)
		add_list(&b);
	for (uint32_t i = 0; i < o->nargs; i++) {
		enum code c = code_find(o->args[i]);
		const struct page *p = find_page(c == CODE_COUNT ? o->args[i] : code_text(c));
		if (!p) {
			buf_free(&b);
			return no_page(o->args[i]);
		}
		if (i)
			buf_addc(&b, '\n');
		add_page(&b, p, use_color(o, stdout));
	}
	return show(o, &b);
}

const struct command cmd_explain = {
	.name = "explain",
	.usage = "[OPTIONS] [CODE]...",
	.summary = "tell about a diagnostic's code, with a wrong and a right example",
	.help = "  weft explain E0307           by code\n"
		"  weft explain unknown-name    by name\n"
		"  weft explain                 all codes\n",
	.opts = explain_opts,
	.exec = exec,
};
