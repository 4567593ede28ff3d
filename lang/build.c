/* build.c - the grammar's actions: tokens and nodes to nodes. */
#include "lang/build.h"
#include "lang/text.h"

#include <string.h>

/* What a span becomes in the tree. */
static struct span place(const struct parser *p, struct span sp)
{
	return p->whole ? p->at : sp;
}

static const char *slice(const struct parser *p, struct span sp)
{
	return p->text + (sp.lo - p->base);
}

struct nlist build_none(void)
{
	return (struct nlist){ 0, 0 };
}

struct nlist build_append(struct parser *p, struct nlist l, nid n)
{
	ast_append(p->ast, &l, n);
	return l;
}

nid build_leaf(struct parser *p, enum node_kind k, struct span sp, name nm)
{
	return ast_new(p->ast, k, place(p, sp), nm);
}

nid build_absent(struct parser *p)
{
	return ast_new(p->ast, N_NONE, NOSPAN, 0);
}

nid build_error(struct parser *p, struct span sp)
{
	nid n = build_leaf(p, N_ERROR, sp, 0);

	p->ast->v[n].flags |= NF_BAD;
	return n;
}

nid build_list(struct parser *p, enum node_kind k, struct span sp, name nm, struct nlist l)
{
	nid n = build_leaf(p, k, sp, nm);

	ast_adopt(p->ast, n, l);
	return n;
}

nid build_one(struct parser *p, enum node_kind k, struct span sp, name nm, nid a)
{
	return build_list(p, k, sp, nm, (struct nlist){ a, a });
}

nid build_first(struct parser *p, enum node_kind k, struct span sp, name nm, nid a, struct nlist l)
{
	struct nlist all = build_append(p, build_none(), a);

	if (l.head) {
		p->ast->v[a].next = l.head;
		all.tail = l.tail;
	}
	return build_list(p, k, sp, nm, all);
}

nid build_two(struct parser *p, enum node_kind k, struct span sp, name nm, nid a, nid b)
{
	return build_first(p, k, sp, nm, a, (struct nlist){ b, b });
}

nid build_quoted(struct parser *p, enum node_kind k, struct span sp, struct span key, struct nlist l)
{
	nid n = build_list(p, k, sp, 0, l);
	struct buf b;

	buf_init(&b, 1u << 30);
	text_decode(slice(p, key) + 1, key.hi - key.lo - 2, false, &b);
	p->ast->v[n].name = name_of(p->ast->names, buf_str(&b), b.len);
	p->ast->v[n].flags |= NF_QUOTED;
	buf_free(&b);
	return n;
}

nid build_op(struct parser *p, enum node_kind k, struct span sp, int op, nid a, nid b)
{
	nid n = a ? build_two(p, k, sp, 0, a, b) : build_leaf(p, k, sp, 0);

	p->ast->v[n].op = (uint8_t)op;
	return n;
}

nid build_cond(struct parser *p, struct span sp, nid c, nid a, nid b)
{
	return build_first(p, N_COND, sp, 0, c, build_append(p, build_append(p, build_none(), a), b));
}

nid build_param(struct parser *p, struct span sp, name nm, nid type, nid value, struct nlist l)
{
	struct nlist all = build_append(p, build_append(p, build_none(), type), value);

	if (l.head) {
		p->ast->v[value].next = l.head;
		all.tail = l.tail;
	}
	return build_list(p, N_PARAM, sp, nm, all);
}

nid build_port(struct parser *p, struct span sp, name nm, nid count, nid type, nid value, struct nlist l)
{
	struct nlist parts = build_append(p, build_append(p, build_none(), type), count);
	nid n = build_list(p, N_PORT, sp, nm, build_append(p, parts, value));

	ast_adopt(p->ast, n, l);
	return n;
}

nid build_map(struct parser *p, struct span sp, enum map_kind k, nid from, nid to, nid mode)
{
	nid n = build_two(p, N_MAP, sp, 0, from, to);

	p->ast->v[n].op = (uint8_t)k;
	ast_add(p->ast, n, mode);
	return n;
}

/* Did a statement of the list fail? */
static bool holds_error(const struct parser *p, struct nlist l)
{
	if (!p->diags->errors)
		return false;
	for (nid n = l.head; n; n = p->ast->v[n].next)
		if (p->ast->v[n].kind == N_ERROR)
			return true;
	return false;
}

nid build_task(struct parser *p, struct span sp, struct span body, nid head, struct nlist fors, nid cond, struct nlist l)
{
	nid b = build_list(p, N_BODY, body, 0, l);

	p->ast->v[head].span = place(p, sp);
	if (p->foreign || holds_error(p, l))
		p->ast->v[head].flags |= NF_BAD;
	ast_adopt(p->ast, head, fors);
	ast_add(p->ast, head, cond);
	ast_add(p->ast, head, b);
	return head;
}

nid build_bad_task(struct parser *p, struct span sp, struct span body, nid head, struct nlist l)
{
	nid n = build_task(p, sp, body, head, build_none(), 0, l);

	p->ast->v[n].flags |= NF_BAD;
	return n;
}

nid build_literal(struct parser *p, enum node_kind k, struct span sp)
{
	if (p->whole)
		return ast_synth(p->ast, k, p->at, slice(p, sp), sp.hi - sp.lo);
	return ast_new(p->ast, k, sp, 0);
}

/* Text that stands in no weft source carries its value. */
static nid decoded(struct parser *p, struct span sp, bool script)
{
	struct buf b;
	nid n;

	buf_init(&b, 1u << 30);
	text_decode(slice(p, sp), sp.hi - sp.lo, script, &b);
	n = ast_synth(p->ast, N_TEXT, place(p, sp), buf_str(&b), b.len);
	buf_free(&b);
	return n;
}

nid build_text(struct parser *p, struct span sp)
{
	/* the frame of the text is still open: nothing behind the token was read */
	bool template = p->template && p->nframe == 1;

	return p->whole || template ? decoded(p, sp, template) : ast_new(p->ast, N_TEXT, sp, 0);
}

nid build_script(struct parser *p, struct span sp, struct nlist parts)
{
	struct span end = { sp.hi - 1, sp.hi };

	if (parts.head && !memchr(slice(p, sp), '\n', sp.hi - sp.lo))
		ast_append(p->ast, &parts, ast_synth(p->ast, N_TEXT, place(p, end), "\n", 1));
	return build_list(p, N_SCRIPT, sp, 0, parts);
}

nid build_plain(struct parser *p, struct span sp)
{
	struct span in = { sp.lo + 1, sp.hi - 1 };
	nid n = build_leaf(p, N_STRING, sp, 0);

	if (in.lo < in.hi)
		ast_add(p->ast, n, build_text(p, in));
	return n;
}

name build_word(struct parser *p, struct span sp)
{
	return name_of(p->ast->names, slice(p, sp), sp.hi - sp.lo);
}

void build_file(struct parser *p, struct nlist decls)
{
	p->result = build_list(p, N_FILE, scan_span(p, 0, p->len), 0, decls);
	p->ast->root = p->result;
}

void build_too_deep(struct parser *p, struct span sp)
{
	if (!p->ast->too_deep)
		p->ast->deep = place(p, sp);
	p->ast->too_deep = true;
}
