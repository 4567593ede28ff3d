/* whole.c - see whole.h. */
#include "whole.h"

#include "base/buf.h"
#include "compiler/session.h"

#include <stdlib.h>
#include <string.h>

static struct session *compile(const char *path, const char *text, size_t n, bool syntax_only)
{
	const struct session_options opt = { .syntax_only = syntax_only };
	struct session *s = session_new(&opt);

	session_compile_text(s, path, text, n);
	return s;
}

/* Every printer must stand every diagnostic. */
static const char *print_all(const struct session *s)
{
	struct diag_style st = { .unicode = true, .limit = 0 };
	char *text = NULL;
	size_t n = 0;
	FILE *f = open_memstream(&text, &n);

	diags_print_human(s->diags, f, &st);
	diags_print_short(s->diags, f);
	diags_print_json(s->diags, f);
	diags_print_sarif(s->diags, f);
	fclose(f);
	free(text);
	return s->diags->n && !n ? "diagnostics print nothing" : NULL;
}

static const char *check_messages(const struct session *s)
{
	for (uint32_t i = 0; i < s->diags->n; i++)
		if (!s->diags->v[i].msg || !*s->diags->v[i].msg)
			return "a diagnostic without a message";
	if (!s->diags->errors && !s->job)
		return "neither a job nor an error";
	return print_all(s);
}

/* The same job out of another text of it. */
static const char *same(const char *path, const struct buf *text, const struct buf *want, const char *fault)
{
	struct session *s = compile(path, buf_str(text), text->len, false);
	struct buf got;
	bool ok;

	buf_init(&got, 1u << 30);
	ok = !s->diags->errors && s->job && job_write(s->job, &got) && got.len == want->len &&
	     (!got.len || !memcmp(got.p, want->p, got.len));
	if (!ok && getenv("WHOLE_SHOW")) {
		struct diag_style st = { .unicode = true };

		fprintf(stderr, "--- first job\n%s--- second text (%s)\n%s--- second job\n%s", buf_str(want), path, buf_str(text),
			buf_str(&got));
		diags_print_human(s->diags, stderr, &st);
	}
	buf_free(&got);
	session_free(s);
	return ok ? NULL : fault;
}

/* As `weft convert` does: the tree of another front end printed as .weft. */
static const char *check_convert(const char *path, const char *text, size_t n, const struct buf *json)
{
	struct session *s = compile(path, text, n, true);
	struct buf weft;
	const char *fault = NULL;

	buf_init(&weft, 1u << 30);
	if (front_of(s->main) != FRONT_WEFT)
		fault = fmt_print(&s->ast, &weft) ? same("again.weft", &weft, json, "the .weft text compiles to another job")
						  : "a tree without errors cannot be printed";
	buf_free(&weft);
	session_free(s);
	return fault;
}

const char *whole(const char *path, const char *text, size_t n)
{
	struct session *s = compile(path, text, n, false);
	const char *fault = check_messages(s);
	struct buf json;

	buf_init(&json, 1u << 30);
	if (!fault && !s->diags->errors)
		fault = job_write(s->job, &json) ? same("again.json", &json, &json, "the JSON does not compile to itself")
						 : "a job without errors cannot be written";
	if (!fault && !s->diags->errors)
		fault = check_convert(path, text, n, &json);
	buf_free(&json);
	session_free(s);
	return fault;
}
