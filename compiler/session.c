/* session.c - one compilation from path to checked job: the phases in order.  Read this first. */
#include "compiler/session.h"

#include "compiler/order.h"
#include "compiler/site.h"
#include "lang/cfgline.h"

#include <stdlib.h>
#include <string.h>

struct session *session_new(const struct session_options *opt)
{
	struct session *s = xcalloc(1, sizeof *s);

	s->sources = sources_new();
	s->names = names_new();
	s->diags = diags_new(s->sources);
	ast_init(&s->ast, s->names, s->sources);
	if (opt)
		s->opt = *opt;
	return s;
}

void session_free(struct session *s)
{
	if (!s)
		return;
	order_free(s->order);
	if (s->job)
		job_free(s->job);
	site_free(s->site);
	lint_free(s);
	ast_free(&s->ast);
	diags_free(s->diags);
	names_free(s->names);
	sources_free(s->sources);
	free(s);
}

/* The source of the path; with a command line over a job.cfg both are loaded. */
static const struct source *load(struct session *s, const char *path)
{
	const struct source *line, *src;

	if (!s->opt.line)
		return source_load(s->sources, path, s->diags);
	line = cfg_line_source(s->opt.line, s->sources, s->diags);
	if (!line || !source_check(line, s->diags) || !strcmp(path, CFG_LINE_PATH))
		return line;
	src = source_load(s->sources, path, s->diags);
	if (!src || front_of(src) == FRONT_CFG)
		return src;
	diag_error(s->diags, E0330, NOSPAN, "`%s` is no job.cfg, and these options are its keys", path);
	diag_help(s->diags, "run a workflow with weft run, or turn it the other way: weft sub --file job.cfg");
	return NULL;
}

static bool parse_front(struct session *s, const struct source *src)
{
	return s->opt.line ? parse_cfgline(&s->ast, src, s->opt.line, s->diags) : front_parse(&s->ast, src, s->diags);
}

static void parse(struct session *s, const struct source *src)
{
	s->main = src;
	s->ast.keep_comments |= s->opt.keep_comments;
	if (src && source_check(src, s->diags))
		parse_front(s, src);
}

static bool done(struct session *s)
{
	diags_finish(s->diags);
	return s->diags->errors == 0;
}

/* A file without a word is well-formed, but hardly what was meant. */
static void note_empty(struct session *s, const struct source *src)
{
	if (ast_kid(&s->ast, s->ast.root) || s->diags->errors || front_of(src) != FRONT_WEFT)
		return;
	diag_error(s->diags, N0715, (struct span){ src->base, src->base }, "the file declares nothing");
	diag_help(s->diags, "a task says what it reads, writes and runs: task hello { run \"echo hello\" }");
}

/* A tree with syntax errors is lowered all the same: what parsed is checked too. */
static bool compile(struct session *s, const struct source *src)
{
	lint_watch(s, src);
	parse(s, src);
	lint_collect(s, src);
	if (src && s->ast.root && !s->opt.syntax_only) {
		note_empty(s, src);
		lower(s);
		if (s->job)
			checks_run(s);
	}
	diags_finish(s->diags);
	lint_apply(s);
	lint_unused(s);
	return s->diags->errors == 0;
}

bool session_compile(struct session *s, const char *path)
{
	if (site_is_name(path))
		return session_site(s, path);
	site_load(s, path);
	return compile(s, load(s, path));
}

bool session_sites(struct session *s, const char *path)
{
	site_load(s, path);
	return done(s);
}
bool session_site(struct session *s, const char *path)
{
	s->opt.site = path;
	site_load(s, path);
	return done(s);
}

bool session_parse(struct session *s, const char *path)
{
	parse(s, load(s, path));
	return done(s);
}

bool session_compile_text(struct session *s, const char *path, const char *text, size_t n)
{
	return compile(s, source_add(s->sources, path, text, n, s->diags));
}
