/* ast.c - the tree: the only place that makes nodes and links them. */
#include "lang/ast.h"

#include "lang/text.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

enum { FORGET_AT_ONCE = 1 << 20 };

static const char *const kind_text[] = {
#define NODE(kind, text) [N_##kind] = text,
#include "lang/ast.def"
#undef NODE
};

const char *node_kind_text(enum node_kind k)
{
	return (unsigned)k < NODE_KINDS ? kind_text[k] : "?";
}

const char *op_text(enum op op)
{
	static const char *const text[] = {
		[OP_NONE] = "", [OP_ADD] = "+", [OP_SUB] = "-", [OP_MUL] = "*", [OP_DIV] = "/", [OP_MOD] = "%",
		[OP_NEG] = "-", [OP_NOT] = "!", [OP_EQ] = "==", [OP_NE] = "!=", [OP_LT] = "<", [OP_LE] = "<=",
		[OP_GT] = ">", [OP_GE] = ">=", [OP_AND] = "&&", [OP_OR] = "||",
	};
	return (unsigned)op < sizeof text / sizeof text[0] ? text[op] : "?";
}

void ast_init(struct ast *a, struct names *names, struct sources *ss)
{
	*a = (struct ast){ .names = names, .sources = ss };
	a->v = grow(NULL, &a->cap, 1, sizeof *a->v);
	a->v[0] = (struct node){ 0 };
	a->n = 1;
}

void ast_free(struct ast *a)
{
	free(a->v);
	free(a->comments);
	free(a->namespan);
	*a = (struct ast){ 0 };
}

void ast_forget(struct ast *a, nid lo, nid hi)
{
	uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE), from, to;

	memset(&a->v[lo], 0, (hi - lo) * sizeof *a->v);
	if (lo != a->gone_hi)
		a->gone_lo = lo;
	a->gone_hi = hi;
	if ((hi - a->gone_lo) * sizeof *a->v < FORGET_AT_ONCE)
		return;
	from = ((uintptr_t)&a->v[a->gone_lo] + page - 1) / page * page;
	to = (uintptr_t)&a->v[hi] / page * page;
	madvise((void *)from, to - from, MADV_DONTNEED); /* zero pages, as they are now */
	a->gone_lo = (nid)((to - (uintptr_t)a->v) / sizeof *a->v);
}

void ast_reserve(struct ast *a, uint32_t n)
{
	if (n > a->cap - a->n)
		a->v = grow(a->v, &a->cap, a->n + n, sizeof *a->v);
}

nid ast_new(struct ast *a, enum node_kind k, struct span sp, name nm)
{
	if (a->n == a->cap)
		a->v = grow(a->v, &a->cap, a->n + 1, sizeof *a->v);
	a->v[a->n] = (struct node){ .kind = (uint8_t)k, .depth = 1, .span = sp, .name = nm };
	return a->n++;
}

nid ast_synth(struct ast *a, enum node_kind k, struct span sp, const char *text, size_t n)
{
	nid id = ast_new(a, k, sp, name_of(a->names, text, n));

	a->v[id].flags |= NF_SYNTH;
	return id;
}

void ast_append(struct ast *a, struct nlist *l, nid child)
{
	if (!child)
		return;
	if (l->tail)
		a->v[l->tail].next = child;
	else
		l->head = child;
	l->tail = child;
}

/* p gets a child of this depth; too deep, it loses its children and becomes an ERROR. */
static bool deepen(struct ast *a, nid p, unsigned depth)
{
	struct node *n = &a->v[p];

	if (depth < AST_DEPTH) {
		if (n->depth <= depth)
			n->depth = (uint8_t)(depth + 1);
		return true;
	}
	if (!a->too_deep)
		a->deep = n->span;
	a->too_deep = true;
	n->kind = N_ERROR;
	n->flags |= NF_BAD;
	n->kid = 0;
	n->depth = 1;
	return false;
}

static nid last_kid(const struct ast *a, nid p)
{
	nid k = a->v[p].kid;

	while (k && a->v[k].next)
		k = a->v[k].next;
	return k;
}

void ast_adopt(struct ast *a, nid p, struct nlist l)
{
	nid last;
	unsigned depth = 0;

	for (nid k = l.head; k; k = a->v[k].next)
		if (a->v[k].depth > depth)
			depth = a->v[k].depth;
	if (!l.head || !deepen(a, p, depth))
		return;
	last = last_kid(a, p);
	if (last)
		a->v[last].next = l.head;
	else
		a->v[p].kid = l.head;
}

void ast_add(struct ast *a, nid p, nid child)
{
	if (child)
		ast_adopt(a, p, (struct nlist){ child, child });
}

struct port_parts ast_port(const struct ast *a, nid n)
{
	struct port_parts p = { 0 };
	nid k = a->v[n].kid;

	if (a->v[k].kind == N_TYPE) {
		p.type = k;
		k = a->v[k].next;
	}
	if (a->v[k].kind == N_COUNT) {
		p.count = k;
		k = a->v[k].next;
	}
	p.path = k;
	p.stmts = a->v[k].next;
	return p;
}

nid ast_nth(const struct ast *a, nid n, uint32_t i)
{
	nid k = a->v[n].kid;

	while (k && i--)
		k = a->v[k].next;
	return k;
}

bool ast_depth_ok(struct ast *a, struct diags *d)
{
	if (!a->too_deep)
		return true;
	a->too_deep = false;
	a->deep.hi = a->deep.lo + 1;
	diag_error(d, E0110, a->deep, "nested too deeply");
	diag_label(d, "more than %d levels here", AST_DEPTH);
	diag_help(d, "give parts of the expression a name with `let`");
	return false;
}

void ast_set_name_span(struct ast *a, nid n, struct span sp)
{
	if (a->nnamespan == a->nscap)
		a->namespan = grow(a->namespan, &a->nscap, a->nnamespan + 1, sizeof *a->namespan);
	a->namespan[a->nnamespan++] = (struct namespan){ n, sp };
}

/* The span told for node n, NOSPAN if none was. */
static struct span told_span(const struct ast *a, nid n)
{
	uint32_t lo = 0, hi = a->nnamespan;

	while (lo < hi) {
		uint32_t mid = lo + (hi - lo) / 2;

		if (a->namespan[mid].node < n)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo < a->nnamespan && a->namespan[lo].node == n ? a->namespan[lo].span : NOSPAN;
}

/* Past blanks, comments and dots. */
static const char *skip_blank(const char *p, const char *end)
{
	while (p < end && strchr(" \t\r\n.", *p) && *p)
		p++;
	while (p < end && *p == '#') {
		while (p < end && *p != '\n')
			p++;
		while (p < end && strchr(" \t\r\n", *p) && *p)
			p++;
	}
	return p;
}

static const char *skip_word(const char *p, const char *end)
{
	while (p < end && (word_byte(*p) || *p & 0x80))
		p++;
	return p;
}

/* The word or string of length n at p. */
static struct span span_at(const struct ast *a, const struct node *nd, const char *text, const char *p)
{
	size_t n = name_len(a->names, nd->name), left = nd->span.hi - nd->span.lo - (size_t)(p - text);
	uint32_t lo = nd->span.lo + (uint32_t)(p - text);

	if (nd->flags & NF_QUOTED) {
		const char *e = p + 1;

		while (e < text + (nd->span.hi - nd->span.lo) && *e != '"')
			e += *e == '\\' ? 2 : 1;
		if (left && *p == '"')
			return (struct span){ lo, lo + (uint32_t)(e + 1 - p) };
	} else if (left >= n && !memcmp(p, name_str(a->names, nd->name), n)) {
		return (struct span){ lo, lo + (uint32_t)n };
	}
	return nd->span;
}

/* Where a node of this kind has its name, in its text [p, end). */
static const char *find_name(const struct ast *a, const struct node *nd, const char *p, const char *end)
{
	enum node_kind k = (enum node_kind)nd->kind;
	const struct node *kid = &a->v[nd->kid];

	if (k == N_TASK || k == N_PARAM || k == N_TABLE || k == N_LET || k == N_CLUSTER || k == N_FOR || k == N_RUN)
		return skip_blank(skip_word(p, end), end);
	if ((k == N_USE || k == N_MEMBER) && kid->span.lo >= nd->span.lo && kid->span.hi <= nd->span.hi)
		p = skip_blank(p + (kid->span.hi - nd->span.lo), end);
	return k == N_USE ? skip_blank(skip_word(p, end), end) : p;
}

struct span ast_name_span(const struct ast *a, nid n)
{
	const struct node *nd = &a->v[n];
	struct span told = a->nnamespan ? told_span(a, n) : NOSPAN;
	const char *text;

	if (told.hi)
		return told;
	text = nd->name ? source_text(a->sources, nd->span) : NULL;
	if (!text || nd->flags & NF_SYNTH)
		return nd->span;
	return span_at(a, nd, text, find_name(a, nd, text, text + (nd->span.hi - nd->span.lo)));
}
