/* lower_use.c - files and the names they define.  Every use of a file is a scope of its own; the scopes are made
 * breadth first from a work list, each file is parsed once. */
#include "compiler/lower.h"

#include <string.h>

/* Nearly all names are of the first scope: these need no hash table. */
static uint32_t known_as(const struct lower *L, uint32_t scope, name nm)
{
	if (scope)
		return keymap_get(&L->keys, scope, nm);
	return nm && nm < L->nfirst ? L->first[nm] : 0;
}

struct sym *sym_find(struct lower *L, uint32_t scope, name nm)
{
	uint32_t i = known_as(L, scope, nm);

	return i ? &L->sym[i - 1] : NULL;
}

static void make_known(struct lower *L, name nm, uint32_t as)
{
	uint32_t had = L->nfirst;

	if (L->cur) {
		keymap_put(&L->keys, L->cur, nm, as);
		return;
	}
	if (nm >= had) {
		L->first = grow(L->first, &L->nfirst, nm + 1, sizeof *L->first);
		memset(L->first + had, 0, (L->nfirst - had) * sizeof *L->first);
	}
	L->first[nm] = as;
}

static void duplicate(struct lower *L, const struct sym *old, enum sym_kind k, nid n, name nm)
{
	if (old->kind == k)
		diag_error(L->d, E0201, ast_name_span(L->a, n), "the %s `%s` is defined twice", sym_kind_text(k), str(L, nm));
	else
		diag_error(L->d, E0201, ast_name_span(L->a, n), "the name `%s` is taken by a %s", str(L, nm),
			sym_kind_text(old->kind));
	diag_label(L->d, "defined again here");
	diag_at(L->d, ast_name_span(L->a, old->node), "first defined here");
}

static uint32_t sym_add(struct lower *L, enum sym_kind k, nid n, name nm)
{
	uint32_t have = known_as(L, L->cur, nm);

	if (have) {
		duplicate(L, &L->sym[have - 1], k, n, nm);
		return UINT32_MAX;
	}
	if (L->nsym == L->symcap)
		L->sym = grow(L->sym, &L->symcap, L->nsym + 1, sizeof *L->sym);
	L->sym[L->nsym] = (struct sym){ .name = nm, .kind = (uint8_t)k, .scope = L->cur, .node = n, .idx = UINT32_MAX };
	make_known(L, nm, ++L->nsym);
	return L->nsym - 1;
}

static uint32_t scope_new(struct lower *L, nid root, uint32_t parent, name path)
{
	struct scope *s;

	if (L->nscope == L->scopecap)
		L->scope = grow(L->scope, &L->scopecap, L->nscope + 1, sizeof *L->scope);
	s = &L->scope[L->nscope];
	*s = (struct scope){ .root = root, .parent = parent, .path = path };
	return L->nscope++;
}

/* "dir/of/including" + "part.weft", without "./" in front. */
static const char *path_join(struct lower *L, const char *from, const char *rel)
{
	const char *slash = strrchr(from, '/');

	while (!strncmp(rel, "./", 2))
		rel += 2;
	if (rel[0] == '/' || !slash)
		return rel;
	return arena_printf(L->tmp, "%.*s/%s", (int)(slash - from), from, rel);
}

static bool use_cycle(struct lower *L, name path, nid n)
{
	uint32_t s = L->cur;

	for (; s != UINT32_MAX; s = L->scope[s].parent) {
		if (L->scope[s].path != path)
			continue;
		diag_error(L->d, E0211, span_of(L, n), "file `%s` uses itself", str(L, path));
		for (s = L->cur; s != UINT32_MAX && L->scope[s].use; s = L->scope[s].parent)
			diag_at(L->d, span_of(L, L->scope[s].use), "`%s` is used here", str(L, L->scope[s].path));
		return true;
	}
	return false;
}

/* The tree of a file: parsed at its first use.  0 after a diagnostic. */
static nid file_root(struct lower *L, name path, nid n)
{
	uint32_t known = keymap_get(&L->keys, SPACE_SEEN, path);
	nid main_root = L->a->root, root = 0;
	const struct source *src;

	if (known)
		return known == UINT32_MAX ? 0 : known;
	src = source_load(L->s->sources, str(L, path), L->d);
	if (!src)
		diag_at(L->d, span_of(L, n), "used here");
	L->a->root = 0;
	if (src && source_check(src, L->d)) {
		lint_watch(L->s, src);
		front_parse(L->a, src, L->d);
		lint_collect(L->s, src);
		root = L->a->root;
	}
	L->a->root = main_root;
	keymap_put(&L->keys, SPACE_SEEN, path, root ? root : UINT32_MAX);
	return root;
}

static bool too_many(struct lower *L, nid n)
{
	if (L->scope[L->cur].depth >= MAX_USE_DEPTH)
		return !diag_error(L->d, E0211, span_of(L, n), "files are used more than %d levels deep", MAX_USE_DEPTH);
	if (L->nscope >= MAX_SCOPES || L->nsym > 8000000) {
		if (!said_before(L, L->w_defaults))
			diag_error(L->d, E0211, span_of(L, n), "too many uses of files: more than %d", MAX_SCOPES);
		return true;
	}
	return false;
}

static void use_collect(struct lower *L, nid n)
{
	nid file = ast_kid(L->a, n);
	name path, alias = at(L, n)->name, prefix = L->scope[L->cur].prefix;
	uint32_t sym, s;
	nid root;

	if (!file || !ast_plain(L->a, file, &path)) {
		diag_error(L->d, E0409, span_of(L, n), "the file of a `use` must be a plain string");
		return;
	}
	if (!alias) {
		diag_error(L->d, E0211, span_of(L, n), "a `use` needs a name");
		diag_help(L->d, "write use \"%s\" as name", str(L, path));
		return;
	}
	sym = sym_add(L, SYM_USE, n, alias);
	path = name_ofs(L->names, path_join(L, str(L, L->scope[L->cur].path), str(L, path)));
	if (sym == UINT32_MAX)
		return;
	L->sym[sym].bad = true;
	if (too_many(L, n) || use_cycle(L, path, file) || !(root = file_root(L, path, file)))
		return;
	s = scope_new(L, root, L->cur, path);
	L->scope[s].use = n;
	L->scope[s].depth = L->scope[L->cur].depth + 1;
	L->scope[s].prefix = name_ofs(L->names, arena_printf(L->tmp, "%s%s-", str(L, prefix), str(L, alias)));
	L->sym[sym].bad = false;
	L->sym[sym].idx = s;
}

static void only_once(struct lower *L, nid n, nid *slot, const char *what)
{
	if (!*slot) {
		*slot = n;
		return;
	}
	diag_error(L->d, E0201, span_of(L, n), "a second %s block", what);
	diag_label(L->d, "given again here");
	diag_at(L->d, span_of(L, *slot), "first given here");
}

/* Levels of diagnostics may stand in a workflow; the other blocks of a site file belong there; any other word at top
 * level is a misspelt declaration. */
static void site_collect(struct lower *L, nid n)
{
	static const char *const decl[] = { "workflow", "param", "table", "let", "defaults", "cluster", "task", "use" };
	struct suggest sg = { .to = str(L, at(L, n)->name) };
	size_t i;

	if (!strcmp(sg.to, site_kinds[SITE_LINT].word))
		return;
	if (site_kind_find(sg.to) != SITE_KINDS) {
		diag_error(L->d, E0204, ast_name_span(L->a, n), "`%s` does not belong in a workflow", sg.to);
		diag_help(L->d, "it belongs in a site file: weft.site beside the workflow, or --site FILE");
		return;
	}
	for (i = 0; i < sizeof decl / sizeof *decl; i++)
		suggest_try(&sg, decl[i]);
	for (i = 0; i < SITE_KINDS; i++)
		suggest_try(&sg, site_kinds[i].word);
	diag_error(L->d, E0217, ast_name_span(L->a, n), "no declaration is called `%s`", sg.to);
	diag_suggest(L->d, &sg);
}

static void decl_collect(struct lower *L, nid n)
{
	name nm = at(L, n)->name;

	switch (at(L, n)->kind) {
	case N_PARAM: sym_add(L, SYM_PARAM, n, nm); break;
	case N_LET: sym_add(L, SYM_LET, n, nm); break;
	case N_TABLE: sym_add(L, SYM_TABLE, n, nm); break;
	case N_CLUSTER: sym_add(L, SYM_CLUSTER, n, nm); break;
	case N_TASK: sym_add(L, SYM_TASK, n, nm); break;
	case N_USE: use_collect(L, n); break;
	case N_WORKFLOW: only_once(L, n, &L->scope[L->cur].workflow, "`workflow`"); break;
	case N_DEFAULTS: only_once(L, n, &L->scope[L->cur].defaults, "`defaults`"); break;
	case N_SITE: site_collect(L, n); break;
	default: break; /* N_ERROR, N_NONE */
	}
}

bool scopes_collect(struct lower *L)
{
	nid n;

	scope_new(L, L->a->root, UINT32_MAX, name_ofs(L->names, L->s->main->path));
	for (L->cur = 0; L->cur < L->nscope; L->cur++) {
		uint32_t decls = 0;

		for (n = ast_kid(L->a, L->scope[L->cur].root); n; n = ast_next(L->a, n))
			decls++;
		if (L->cur)
			keymap_reserve(&L->keys, decls);
		L->scope[L->cur].sym0 = L->nsym;
		for (n = ast_kid(L->a, L->scope[L->cur].root); n; n = ast_next(L->a, n))
			decl_collect(L, n);
		L->scope[L->cur].nsym = L->nsym - L->scope[L->cur].sym0;
	}
	return true;
}
