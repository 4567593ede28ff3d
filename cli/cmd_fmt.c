/* cmd_fmt.c - weft fmt: the one style of .weft files. */
#include "base/buf.h"
#include "cli/diff.h"
#include "cli/find.h"
#include "cli/load.h"
#include "cli/out.h"

#include <string.h>

static const struct opt fmt_opts[] = {
	{ 'w', "write", NULL, "rewrite the files that differ", NULL, false, FILL_NONE },
	{ 0, "check", NULL, "name the files that differ; exit status 3 if there are any", NULL, false, FILL_NONE },
	{ 0, "diff", NULL, "show what would change", NULL, false, FILL_NONE },
	OPT_ERROR_FORMAT,
	OPT_END,
};

/* What to do with one formatted text; EXIT_CHANGES never leaves this file: it stands for "differs". */
static int act(const struct opts *o, const char *path, const struct source *src, const char *old, const struct buf *b)
{
	bool same = src->len == b->len && memcmp(old, b->len ? b->p : "", b->len) == 0;
	if (opts_flag(o, "diff") && !same && !diff_show(path, "formatted", old, src->len, b->p, b->len))
		return EXIT_UNREACHABLE;
	if (opts_flag(o, "check")) {
		if (!same && !opts_flag(o, "diff"))
			printf("%s\n", path);
		return same ? EXIT_OK : EXIT_INVALID;
	}
	if (opts_flag(o, "diff"))
		return EXIT_OK;
	if (!opts_flag(o, "write") || strcmp(path, "-") == 0)
		return out_write(NULL, b->p, b->len) ? EXIT_OK : EXIT_UNREACHABLE;
	return same || out_write(path, b->p, b->len) ? EXIT_OK : EXIT_UNREACHABLE;
}

static int not_weft(const struct opts *o, const char *path, enum front_kind k)
{
	opts_error(o, "only .weft files have a style, and %s is %s: see weft convert", path, front_text(k));
	return EXIT_USAGE;
}

static int format_loaded(const struct opts *o, struct session *s, const char *path)
{
	struct buf b;
	int rc = EXIT_UNREACHABLE;
	/* the text as it was read: the scanner leaves it alone, a byte order mark was blanked */
	buf_init(&b, (size_t)1 << 30);
	if (fmt_print(&s->ast, &b))
		rc = act(o, path, s->main, s->main->text, &b);
	buf_free(&b);
	return rc;
}

static int format_one(const struct opts *o, const char *path)
{
	struct load l;
	if (!load_open(&l, o, false))
		return EXIT_USAGE;
	l.session->opt.keep_comments = true;
	l.session->opt.syntax_only = true;
	session_parse(l.session, path);
	int rc = load_status(l.session->diags);
	if (l.session->main && front_of(l.session->main) != FRONT_WEFT)
		rc = not_weft(o, path, front_of(l.session->main));
	else
		load_report(l.session->diags, o, stderr);
	if (!rc)
		rc = format_loaded(o, l.session, path);
	load_close(&l);
	return rc;
}

static int exec(struct opts *o)
{
	struct files f = { 0 };
	int rc = EXIT_OK;
	if (!files_of(&f, o, false))
		rc = EXIT_USAGE;
	for (uint32_t i = 0; i < f.n && rc != EXIT_USAGE; i++) {
		int one = format_one(o, f.v[i]);
		rc = one ? one : rc;
	}
	files_free(&f);
	return rc;
}

const struct command cmd_fmt = {
	.name = "fmt",
	.usage = "[OPTIONS] [FILE | DIRECTORY]...",
	.summary = "format .weft files",
	.help = "  weft fmt job.weft          print it formatted\n"
		"  weft fmt -w .              rewrite every .weft file below this directory that differs\n"
		"  weft fmt --check .         for scripts: name those that differ\n"
		"  weft fmt --diff job.weft   show what would change\n"
		"  weft fmt -                 from standard input to standard output\n"
		"\n"
		"There is one style and no option to change it.  Comments are kept.  A file with syntax errors is left alone.\n",
	.opts = fmt_opts,
	.exec = exec,
};
