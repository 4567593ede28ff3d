/* ast_dump.c - the tree as text, one node a line: `task count 6:1-9:2`. */
#include "lang/ast.h"

static void dump_text(const struct ast *a, nid n, FILE *f)
{
	size_t len;
	const char *s = ast_text(a, n, &len);

	fputs(" \"", f);
	for (size_t i = 0; i < len; i++) {
		unsigned char c = (unsigned char)s[i];

		if (c == '\n')
			fputs("\\n", f);
		else if (c < ' ' || c == 127)
			fprintf(f, "\\x%02x", c);
		else
			fputc(c, f);
	}
	fputc('"', f);
}

static void dump_head(const struct ast *a, nid n, FILE *f)
{
	static const char *const maps[] = { "mount", "input", "output", "log" };
	const struct node *nd = &a->v[n];
	enum node_kind k = (enum node_kind)nd->kind;

	fputs(node_kind_text(k), f);
	if (k == N_INT || k == N_FLOAT || k == N_SIZE || k == N_DURATION || k == N_TEXT)
		dump_text(a, n, f);
	else if (nd->name)
		fprintf(f, " %s", name_str(a->names, nd->name));
	if (k == N_MAP)
		fprintf(f, " %s", maps[nd->op & 3]);
	else if (k == N_BOOL)
		fputs(nd->op ? " true" : " false", f);
	else if (nd->op)
		fprintf(f, " %s", op_text((enum op)nd->op));
	if (nd->flags & NF_QUOTED)
		fputs(" quoted", f);
	if (nd->flags & NF_BAD)
		fputs(" bad", f);
}

/* Depth is limited (AST_DEPTH). */
static void dump(const struct ast *a, nid n, int depth, FILE *f)
{
	const struct node *nd = &a->v[n];

	fprintf(f, "%*s", 2 * depth, "");
	dump_head(a, n, f);
	if (nd->span.hi) {
		struct place lo = source_place(a->sources, nd->span.lo), hi = source_place(a->sources, nd->span.hi);

		fprintf(f, " %u:%u-%u:%u", lo.line, lo.col, hi.line, hi.col);
	}
	fputc('\n', f);
	for (nid k = nd->kid; k; k = a->v[k].next)
		dump(a, k, depth + 1, f);
}

void ast_dump(const struct ast *a, FILE *f)
{
	if (a->root)
		dump(a, a->root, 0, f);
}
