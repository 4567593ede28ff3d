/* prop_fmt.c - for generated workflows: parse(fmt(x)) = parse(x), fmt(fmt(x)) = fmt(x), no comment is lost, and the
 * text parses without errors.  Usage: prop_fmt [COUNT [SEED]]; a failure prints its seed. */
#include "gen.h"
#include "lang/front.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct reading {
	struct sources *sources;
	struct names *names;
	struct diags *diags;
	struct ast ast;
};

static bool read_text(struct reading *r, const struct buf *b)
{
	const struct source *src;

	r->sources = sources_new();
	r->names = names_new();
	r->diags = diags_new(r->sources);
	ast_init(&r->ast, r->names, r->sources);
	r->ast.keep_comments = true;
	src = source_add(r->sources, "gen.weft", buf_str(b), b->len, r->diags);
	return src && parse_weft(&r->ast, src, r->diags);
}

static void forget(struct reading *r)
{
	ast_free(&r->ast);
	diags_free(r->diags);
	names_free(r->names);
	sources_free(r->sources);
}

static const char *fault(const struct buf *text, struct buf *once, struct buf *twice)
{
	struct reading a, b;
	const char *what = NULL;

	if (!read_text(&a, text)) {
		diags_print_short(a.diags, stdout);
		forget(&a);
		return "the generated text does not parse";
	}
	fmt_print(&a.ast, once);
	if (!read_text(&b, once))
		what = "the formatted text does not parse";
	else if (!ast_equal(&a.ast, a.ast.root, &b.ast, b.ast.root))
		what = "formatting changed the tree";
	else if (a.ast.ncomments != b.ast.ncomments)
		what = "a comment was lost";
	else if (!fmt_print(&b.ast, twice) || strcmp(buf_str(once), buf_str(twice)))
		what = "formatting twice differs";
	forget(&a);
	forget(&b);
	return what;
}

int main(int argc, char **argv)
{
	uint64_t count = argc > 1 ? strtoull(argv[1], NULL, 10) : 300, seed = argc > 2 ? strtoull(argv[2], NULL, 10) : 1;
	int failed = 0;

	for (uint64_t end = seed + count; seed < end; seed++) {
		struct buf b[3];
		const char *what;

		for (int i = 0; i < 3; i++)
			buf_init(&b[i], 1 << 24);
		gen_workflow(seed, &b[0]);
		what = fault(&b[0], &b[1], &b[2]);
		if (what) {
			printf("not ok - fmt of seed %llu: %s\n", (unsigned long long)seed, what);
			failed++;
		}
		for (int i = 0; i < 3; i++)
			buf_free(&b[i]);
	}
	printf("%s - formatting %llu generated workflows\n1..1\n", failed ? "not ok" : "ok", (unsigned long long)count);
	return failed != 0;
}
