/* site.c - site files into struct site: blocks and keys by the table of job/site.def, values as they are written.
 * The file that is read first is the strongest: a later one adds only what is missing. */
#include "compiler/site.h"

#include "base/deps.h"
#include "compiler/scope.h"
#include "compiler/type.h"
#include "base/deps.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct reader {
	struct session *s;
	struct site *site;
	struct ast ast;
	struct keymap known; /* kind, name -> block + 1 */
	const struct source *src;
	const char *dir; /* of the site file, absolute, with / at the end */
};

static const struct node *at(const struct reader *r, nid n)
{
	return &r->ast.v[n];
}

static const char *str(const struct reader *r, name nm)
{
	return name_str(r->s->names, nm);
}

/* ---- values ---- */

static uint8_t type_of(const struct node *n)
{
	switch ((int)n->kind) {
	case N_INT: return JT_INT;
	case N_FLOAT: return JT_FLOAT;
	case N_SIZE: return JT_SIZE;
	case N_DURATION: return JT_DURATION;
	case N_BOOL: return JT_BOOL;
	case N_STRING: return JT_STRING;
	case N_LIST: return JT_LIST;
	default: return JT_UNKNOWN;
	}
}

static uint8_t type_wanted(uint8_t type)
{
	static const uint8_t want[] = { [T_STR] = JT_STRING, [T_INT] = JT_INT, [T_NUM] = JT_FLOAT, [T_BOOL] = JT_BOOL,
		[T_DUR] = JT_DURATION, [T_SIZE] = JT_SIZE, [T_LIST] = JT_LIST };

	return want[type];
}

static bool no_value(struct reader *r, nid e, const char *key)
{
	const struct node *n = at(r, e);
	struct diags *d = r->s->diags;

	if (n->kind == N_ERROR || n->flags & NF_BAD)
		return false;
	diag_error(d, E0242, n->span, "`%s` needs a plain value: a site file computes nothing", key);
	if (n->kind != N_NAME)
		return false;
	diag_help(d, "write \"%s\"", str(r, n->name));
	diag_fix(d, n->span, "\"%s\"", str(r, n->name));
	return false;
}

static bool misfit(struct reader *r, nid e, uint8_t want, const char *key)
{
	uint8_t have = type_of(at(r, e));
	struct diags *d = r->s->diags;

	if (have == JT_UNKNOWN)
		return no_value(r, e, key);
	if (!type_numeric(have) || (want != JT_SIZE && want != JT_DURATION))
		return diag_error(d, E0401, at(r, e)->span, "`%s` needs %s, not %s", key, type_a(want), type_a(have));
	diag_error(d, E0402, at(r, e)->span, "`%s` needs %s: a number without a unit", key, type_a(want));
	diag_help(d, want == JT_SIZE ? N_("write the unit: KB, MB, GB or TB") : N_("write the unit: s, min, h or d"));
	return false;
}

static const char *text_read(struct reader *r, nid e, const char *key)
{
	name nm;

	if (at(r, e)->kind != N_STRING)
		return misfit(r, e, JT_STRING, key), NULL;
	return ast_plain(&r->ast, e, &nm) ? arena_strdup(r->site->arena, str(r, nm)) : (no_value(r, e, key), NULL);
}

static bool list_read(struct reader *r, nid e, struct site_value *v, const char *key)
{
	nid kid = at(r, e)->kind == N_LIST ? ast_kid(&r->ast, e) : e;
	bool one = kid == e;
	const char **list;
	uint32_t n = 0;

	for (nid k = kid; k && n < UINT16_MAX; k = one ? 0 : ast_next(&r->ast, k))
		n++;
	list = arena_alloc(r->site->arena, n * sizeof *list);
	v->list = list;
	for (; kid && v->n < n; kid = one ? 0 : ast_next(&r->ast, kid)) {
		list[v->n] = text_read(r, kid, key);
		if (!list[v->n++])
			return false;
	}
	return true;
}

static const char *path_read(struct reader *r, const char *p)
{
	return *p == '/' ? p : arena_printf(r->site->arena, "%s%s", r->dir, p);
}

static bool number_read(struct reader *r, nid e, struct site_value *v)
{
	int64_t i;

	if (at(r, e)->kind == N_FLOAT)
		return ast_float(&r->ast, e, &v->d, r->s->diags);
	if (!ast_int(&r->ast, e, &i, r->s->diags))
		return false;
	v->d = (double)i;
	return true;
}

static bool value_read(struct reader *r, nid e, enum site_key k, struct site_value *v)
{
	const struct site_key_info *info = &site_keys[k];
	uint8_t want = type_wanted(info->type), have = type_of(at(r, e));

	if (want == JT_LIST)
		return list_read(r, e, v, info->word);
	if (have != want && !(want == JT_FLOAT && have == JT_INT))
		return misfit(r, e, want, info->word);
	if (want == JT_STRING) {
		v->s = text_read(r, e, info->word);
		v->s = v->s && info->path ? path_read(r, v->s) : v->s;
		return v->s;
	}
	if (want == JT_BOOL)
		v->i = at(r, e)->op;
	else if (want == JT_FLOAT)
		return number_read(r, e, v);
	else if (want == JT_INT)
		return ast_int(&r->ast, e, &v->i, r->s->diags);
	else
		return ast_quantity(&r->ast, e, &v->i, r->s->diags);
	return true;
}

/* ---- keys ---- */

static void no_key(struct reader *r, nid n, enum site_kind kind)
{
	struct suggest sg = { .to = str(r, at(r, n)->name) };
	uint32_t k;

	diag_error(r->s->diags, E0241, ast_name_span(&r->ast, n), "`%s` has no setting `%s`", site_kinds[kind].word, sg.to);
	for (k = 0; k < SITE_KEYS; k++)
		if (site_keys[k].kind == kind)
			suggest_try(&sg, site_keys[k].word);
	diag_suggest(r->s->diags, &sg);
}

/* The same source as the one being read? */
static bool here(const struct reader *r, struct span sp)
{
	return sp.lo >= r->src->base && sp.lo <= r->src->base + r->src->len;
}

static void key_read(struct reader *r, nid n, uint32_t block)
{
	struct site_block *b = &r->site->b[block];
	enum site_key k = site_key_find((enum site_kind)b->kind, str(r, at(r, n)->name));
	struct site_value v = { .key = (uint16_t)k, .span = at(r, ast_kid(&r->ast, n))->span,
		.name_span = ast_name_span(&r->ast, n) };
	const struct site_value *old;

	if (k == SITE_KEYS) {
		no_key(r, n, (enum site_kind)b->kind);
		return;
	}
	old = site_value(b, k);
	if (old && here(r, old->name_span)) {
		diag_error(r->s->diags, E0205, v.name_span, "setting `%s` is given twice", site_keys[k].word);
		diag_at(r->s->diags, old->name_span, "first given here");
	} else if (value_read(r, ast_kid(&r->ast, n), k, &v) && !old)
		*site_value_add(b, k) = v;
}

/* ---- blocks ---- */

/* "bucket", "oss://bucket/" -> "oss://bucket". */
static const char *store_name(struct reader *r, const char *s)
{
	char *p = arena_printf(r->site->arena, "%s%s", strstr(s, "://") ? "" : "oss://", s);
	size_t n = strlen(p);

	while (n > 6 && p[n - 1] == '/')
		p[--n] = 0;
	return p;
}

/* The name of a block: NULL after a diagnostic. */
static const char *block_name(struct reader *r, nid n, enum site_kind k, struct span *sp)
{
	nid label = at(r, n)->kind == N_CLUSTER ? 0 : ast_kid(&r->ast, n);
	name nm = at(r, n)->kind == N_CLUSTER ? at(r, n)->name : at(r, label)->name;
	bool has = nm || at(r, label)->kind == N_STRING;

	*sp = label && has ? at(r, label)->span : ast_name_span(&r->ast, n);
	if (at(r, label)->kind == N_STRING && !ast_plain(&r->ast, label, &nm))
		return NULL;
	if (has != site_kinds[k].label) {
		diag_error(r->s->diags, E0243, *sp, has ? N_("block `%s` takes no name") : N_("block `%s` needs a name"), site_kinds[k].word);
		if (has)
			diag_help(r->s->diags, "write %s { ... }", site_kinds[k].word);
		else
			diag_help(r->s->diags, "write %s \"NAME\" { ... }", site_kinds[k].word);
		return NULL;
	}
	return k == SITE_STORE ? store_name(r, str(r, nm)) : str(r, nm);
}

static enum site_kind block_kind(struct reader *r, nid n)
{
	struct suggest sg = { .to = at(r, n)->kind == N_CLUSTER ? "cluster" : str(r, at(r, n)->name) };
	enum site_kind k = site_kind_find(sg.to);
	uint32_t i;

	if (k != SITE_KINDS)
		return k;
	diag_error(r->s->diags, E0240, ast_name_span(&r->ast, n), "a site file has no block `%s`", sg.to);
	for (i = 0; i < SITE_KINDS; i++)
		suggest_try(&sg, site_kinds[i].word);
	diag_suggest(r->s->diags, &sg);
	return k;
}

/* The block of this kind and name: a new one, or that of a stronger file.  UINT32_MAX after a diagnostic. */
static uint32_t block_open(struct reader *r, nid n, enum site_kind k)
{
	struct span sp;
	const char *nm = block_name(r, n, k, &sp);
	name id = nm ? name_ofs(r->s->names, nm) : 0;
	uint32_t old = nm ? keymap_put(&r->known, k, id, r->site->n + 1) : 0;

	if (!nm)
		return UINT32_MAX;
	if (!old) {
		struct site_block *b = site_block_add(r->site, k, nm);

		b->span = at(r, n)->span;
		b->name_span = sp;
		return r->site->n - 1;
	}
	if (!here(r, r->site->b[old - 1].span))
		return old - 1;
	diag_error(r->s->diags, E0201, sp, *nm ? N_("%s `%s` is given twice") : N_("block `%s` is given twice%s"),
		site_kinds[k].word, nm);
	diag_at(r->s->diags, r->site->b[old - 1].name_span, "first given here");
	return UINT32_MAX;
}

static void block_read(struct reader *r, nid n)
{
	enum site_kind k = block_kind(r, n);
	uint32_t b = k == SITE_KINDS ? UINT32_MAX : block_open(r, n, k);
	nid kid = ast_kid(&r->ast, n);

	if (b == UINT32_MAX)
		return;
	for (kid = at(r, n)->kind == N_CLUSTER ? kid : ast_next(&r->ast, kid); kid; kid = ast_next(&r->ast, kid)) {
		if (at(r, kid)->kind == N_SET)
			key_read(r, kid, b);
		else if (at(r, kid)->kind != N_ERROR && at(r, kid)->kind != N_NONE)
			diag_error(r->s->diags, E0204, at(r, kid)->span, "`%s` does not belong in `%s`: it holds NAME = value only",
				node_kind_text((enum node_kind)at(r, kid)->kind), site_kinds[k].word);
	}
}

static void decl_read(struct reader *r, nid n)
{
	enum node_kind k = (enum node_kind)at(r, n)->kind;

	if (lint_is_block(r->s, &r->ast, n))
		lint_site_block(r->s, &r->ast, n);
	else if (k == N_SITE || k == N_CLUSTER)
		block_read(r, n);
	else if (k != N_ERROR && k != N_NONE) {
		diag_error(r->s->diags, E0204, ast_name_span(&r->ast, n), "`%s` does not belong in a site file", node_kind_text(k));
		diag_help(r->s->diags, "it belongs in a workflow; a site file says where workflows run");
	}
}

/* ---- files ---- */

/* The directory of a file, absolute as far as the current one is known, with / at the end. */
static const char *dir_of(struct reader *r, const char *path)
{
	const char *slash = strrchr(path, '/');
	int n = slash ? (int)(slash - path) + 1 : 0;
	char *cwd = *path == '/' ? NULL : getcwd(NULL, 0), *dir;

	dir = arena_printf(r->site->arena, "%s%s%.*s", cwd ? cwd : "", cwd ? "/" : "", n, path);
	free(cwd);
	return dir;
}

static void file_read(struct reader *r, const char *path)
{
	nid n;

	r->src = source_load(r->s->sources, path, r->s->diags);
	if (!r->src)
		return;
	r->site->path[r->site->npath++] = arena_strdup(r->site->arena, path);
	r->dir = dir_of(r, path);
	ast_init(&r->ast, r->s->names, r->s->sources);
	if (source_check(r->src, r->s->diags)) {
		parse_weft(&r->ast, r->src, r->s->diags);
		for (n = ast_kid(&r->ast, r->ast.root); r->ast.root && n; n = ast_next(&r->ast, n))
			decl_read(r, n);
	}
	ast_free(&r->ast);
}

/* weft.site beside the workflow. */
static const char *beside(struct reader *r, const char *workflow)
{
	const char *slash = strrchr(workflow, '/');

	return arena_printf(r->site->arena, "%.*sweft.site", slash ? (int)(slash - workflow) + 1 : 0, workflow);
}

bool site_load(struct session *s, const char *workflow)
{
	uint32_t errors = s->diags->errors;
	struct reader r = { .s = s, .site = site_new() };
	const char *own = s->opt.find_site ? beside(&r, workflow) : NULL;

	if (s->opt.site)
		file_read(&r, s->opt.site);
	else if (own && deps_look(sources_deps(s->sources), own))
		file_read(&r, own);
	if (!s->opt.site && s->opt.user_site && deps_look(sources_deps(s->sources), s->opt.user_site))
		file_read(&r, s->opt.user_site);
	keymap_free(&r.known);
	site_sort(r.site);
	site_free(s->site);
	s->site = r.site;
	return s->diags->errors == errors;
}

bool site_is_name(const char *path)
{
	size_t n = strlen(path);

	return n > 5 && !strcmp(path + n - 5, ".site");
}
