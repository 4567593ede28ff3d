/* fuzz_weft.c - the .weft front end on any bytes: it never crashes, always says why it fails, leaves the text as it
 * was, and what it accepts survives the formatter: parse(fmt(parse(x))) = parse(x), fmt(fmt(x)) = fmt(x), and no
 * comment is lost.  Any text is a template, too. */
#include "lang/front.h"

#include <stdlib.h>
#include <string.h>

struct reading {
	struct sources *sources;
	struct names *names;
	struct diags *diags;
	struct ast ast;
	const struct source *src;
	bool ok;
};

static void check(bool ok, const char *what)
{
	if (ok)
		return;
	fprintf(stderr, "fuzz_weft: %s\n", what);
	abort();
}

static void read_text(struct reading *r, const char *s, size_t n)
{
	r->sources = sources_new();
	r->names = names_new();
	r->diags = diags_new(r->sources);
	ast_init(&r->ast, r->names, r->sources);
	r->ast.keep_comments = true;
	r->src = source_add(r->sources, "fuzz.weft", s, n, r->diags);
	r->ok = r->src && source_check(r->src, r->diags);
	if (!r->ok)
		return;
	char *before = xstrndup(r->src->text, r->src->len);
	r->ok = parse_weft(&r->ast, r->src, r->diags);
	check(!memcmp(before, r->src->text, r->src->len), "the text was changed");
	check(r->ok == !r->diags->errors, "result and diagnostics disagree");
	free(before);
}

static void forget(struct reading *r)
{
	ast_free(&r->ast);
	diags_free(r->diags);
	names_free(r->names);
	sources_free(r->sources);
}

static void read_template(const char *s, size_t n, bool script)
{
	struct reading r = { .sources = sources_new(), .names = names_new() };
	struct span whole = { 1, 2 };

	r.diags = diags_new(r.sources);
	ast_init(&r.ast, r.names, r.sources);
	check(!parse_weft_template(&r.ast, s, n, script, 0, whole, r.diags) == !!r.diags->errors, "template without result");
	check(!parse_weft_expr(&r.ast, s, n, 0, whole, r.diags) || !memchr(s, '\0', n), "expression with NUL");
	forget(&r);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct reading a, b;
	struct buf once, twice;

	if (size > 1u << 16)
		return 0;
	read_text(&a, (const char *)data, size);
	if (a.src && source_check(a.src, a.diags)) {
		read_template((const char *)data, size, false);
		read_template((const char *)data, size, true);
	}
	if (a.ok) {
		buf_init(&once, 1u << 30);
		buf_init(&twice, 1u << 30);
		check(fmt_print(&a.ast, &once), "fmt refused a tree without errors");
		read_text(&b, buf_str(&once), once.len);
		check(b.ok, "fmt printed what cannot be parsed");
		check(ast_equal(&a.ast, a.ast.root, &b.ast, b.ast.root), "fmt changed the tree");
		check(a.ast.ncomments == b.ast.ncomments, "fmt lost a comment");
		check(fmt_print(&b.ast, &twice), "fmt refused its own text");
		check(once.len == twice.len && !memcmp(buf_str(&once), buf_str(&twice), once.len), "fmt is not idempotent");
		buf_free(&once);
		buf_free(&twice);
		forget(&b);
	}
	forget(&a);
	return 0;
}
