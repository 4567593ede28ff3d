/* cfg_node.c - the nodes that a job.cfg becomes: the same that weft text would give, with spans into the .cfg. */
#include "lang/cfg.h"
#include "lang/text.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

bool cfg_plain_name(const char *s, size_t n)
{
	if (!n || (s[0] >= '0' && s[0] <= '9'))
		return false;
	for (size_t i = 0; i < n; i++)
		if (!word_byte(s[i]))
			return false;
	return true;
}

nid cfg_string(struct cfg *c, const char *s, size_t n, struct span sp)
{
	nid str = ast_new(c->a, N_STRING, sp, 0);

	if (n)
		ast_add(c->a, str, ast_synth(c->a, N_TEXT, sp, s, n));
	return str;
}

nid cfg_string_part(struct cfg *c, const struct cfg_val *v, struct cfg_part p)
{
	return cfg_string(c, v->t.s + p.lo, cfg_len(p), cfg_at(v, p));
}

nid cfg_literal(struct cfg *c, enum node_kind k, struct span sp, const char *fmt, ...)
{
	char text[64];
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(text, sizeof text, fmt, ap);
	va_end(ap);
	return ast_synth(c->a, k, sp, text, n < 0 ? 0 : (size_t)n < sizeof text ? (size_t)n : sizeof text - 1);
}

nid cfg_duration(struct cfg *c, int64_t ms, struct span sp)
{
	struct buf b;
	nid n;

	buf_init(&b, 64);
	quantity_print(ms, N_DURATION, &b);
	n = ast_synth(c->a, N_DURATION, sp, buf_str(&b), b.len);
	buf_free(&b);
	return n;
}

static struct span join(struct span a, struct span b)
{
	return a.lo && b.lo && a.lo <= b.hi ? (struct span){ a.lo, b.hi } : b;
}

nid cfg_set(struct cfg *c, const char *word, struct span key, nid value)
{
	nid set = ast_new(c->a, N_SET, join(key, ast_at(c->a, value)->span), name_ofs(c->names, word));

	if (!cfg_plain_name(word, strlen(word)))
		c->a->v[set].flags |= NF_QUOTED;
	ast_set_name_span(c->a, set, key);
	ast_add(c->a, set, value);
	return set;
}

nid cfg_block(struct cfg *c, const char *word, struct span sp, struct nlist list)
{
	nid block;

	if (!list.head)
		return 0;
	block = ast_new(c->a, N_BLOCK, sp, name_ofs(c->names, word));
	ast_set_name_span(c->a, block, sp);
	ast_add(c->a, block, ast_new(c->a, N_NONE, NOSPAN, 0));
	ast_adopt(c->a, block, list);
	return block;
}

nid cfg_set_string(struct cfg *c, const char *word, const struct cfg_val *v)
{
	return cfg_set(c, word, v->e->key_span, cfg_string_part(c, v, v->all));
}

nid cfg_set_bool(struct cfg *c, const char *word, const struct cfg_val *v, bool b)
{
	nid n = ast_new(c->a, N_BOOL, cfg_all(v), 0);

	c->a->v[n].op = b;
	return cfg_set(c, word, v->e->key_span, n);
}

nid cfg_set_list(struct cfg *c, const char *word, const struct cfg_val *v, bool always)
{
	struct nlist l = { 0, 0 };
	struct cfg_part p;
	size_t pos = v->all.lo;
	nid list;

	while (cfg_next(v, ',', &pos, &p))
		if (cfg_len(p))
			ast_append(c->a, &l, cfg_string_part(c, v, p));
	if (l.head && l.head == l.tail && !always)
		return cfg_set(c, word, v->e->key_span, l.head);
	list = ast_new(c->a, N_LIST, cfg_all(v), 0);
	ast_adopt(c->a, list, l);
	return cfg_set(c, word, v->e->key_span, list);
}
