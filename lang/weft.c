/* weft.c - the .weft front end: a whole source, or an expression or template out of another file. */
#include "lang/front.h"
#include "lang/scan.h"

#include "parse.h"

#include <stdlib.h>
#include <string.h>

enum { NODES_AHEAD = 4 << 20 };

bool parse_weft(struct ast *a, const struct source *src, struct diags *d)
{
	uint32_t errors = d->errors;
	struct parser p = { .ast = a, .diags = d, .text = src->text, .len = src->len, .base = src->base,
		.start = TK_START_FILE, .first = true, .bad = UINT32_MAX, .suspect = UINT32_MAX };

	a->root = 0;
	ast_reserve(a, src->len / 8 < NODES_AHEAD ? src->len / 8 : NODES_AHEAD);
	if (!parse_run(&p) && !a->root)
		a->root = ast_new(a, N_FILE, (struct span){ src->base, src->base + src->len }, 0);
	ast_depth_ok(a, d);
	return d->errors == errors;
}

/* Parse a copy of a text from an entry. */
static nid parse_slice(struct ast *a, int start, const char *text, size_t len, uint32_t base, struct span whole,
		       struct diags *d)
{
	uint32_t errors = d->errors;
	struct parser p = { .ast = a, .diags = d, .base = base, .start = start,
		.template = start == TK_START_TEMPLATE, .whole = !base, .at = whole,
		.first = true, .bad = UINT32_MAX, .suspect = UINT32_MAX };

	p.text = xmalloc(len + 2);
	memcpy(p.text, text, len);
	memset(p.text + len, 0, 2);
	p.len = (uint32_t)len;
	parse_run(&p);
	free(p.text);
	ast_depth_ok(a, d);
	return d->errors == errors ? p.result : 0;
}

nid parse_weft_expr(struct ast *a, const char *text, size_t len, uint32_t base, struct span whole, struct diags *d)
{
	return parse_slice(a, TK_START_EXPR, text, len, base, whole, d);
}

nid parse_weft_template(struct ast *a, const char *text, size_t len, bool script, uint32_t base, struct span whole,
			struct diags *d)
{
	nid n = parse_slice(a, TK_START_TEMPLATE, text, len, base, whole, d);

	if (n && script)
		a->v[n].kind = N_SCRIPT;
	return n;
}
