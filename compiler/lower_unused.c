/* lower_unused.c - names that nothing refers to: parameters, lets, tables, their columns, clusters.  Left in the session for
 * the checks (check_unused.c); nothing is left when there were errors, because uses may be missing then. */
#include "compiler/lower.h"

#include <stdlib.h>
#include <string.h>

void unused_column(struct lower *L, name table, const struct column *c)
{
	if (L->ncolumn == L->columncap)
		L->column = grow(L->column, &L->columncap, L->ncolumn + 1, sizeof *L->column);
	L->column[L->ncolumn++] = (struct unused){ .kind = UNUSED_COLUMN, .name = c->name, .of = table, .span = c->span };
}

/* A name that begins with _ says that it is known to be unused. */
static bool meant(const struct lower *L, name nm)
{
	return str(L, nm)[0] == '_';
}

static bool unused_kind(const struct sym *s, uint8_t *kind)
{
	static const uint8_t kinds[] = { [SYM_PARAM] = UNUSED_PARAM, [SYM_LET] = UNUSED_LET, [SYM_TABLE] = UNUSED_TABLE,
		[SYM_CLUSTER] = UNUSED_CLUSTER };

	if (s->used || s->bad || s->kind == SYM_TASK || s->kind == SYM_USE)
		return false;
	*kind = kinds[s->kind];
	return true;
}

static void keep(struct lower *L, struct unused u)
{
	if (!meant(L, u.name))
		L->s->unused[L->s->nunused++] = u;
}

static bool table_unused(struct lower *L, name nm)
{
	const struct sym *s = nm ? sym_find(L, 0, nm) : NULL;

	return s && s->kind == SYM_TABLE && !s->used;
}

void unused_collect(struct lower *L)
{
	uint32_t i;
	uint8_t kind;

	if (L->d->errors || !L->j->ntask)
		return;
	L->s->unused = arena_alloc(L->j->arena, ((size_t)L->nsym + L->ncolumn) * sizeof *L->s->unused);
	for (i = 0; i < L->nsym; i++)
		if (unused_kind(&L->sym[i], &kind))
			keep(L, (struct unused){ .kind = kind, .exported = L->sym[i].scope == 0, .name = L->sym[i].name,
				.span = ast_name_span(L->a, L->sym[i].node) });
	for (i = 0; i < L->ncolumn; i++)
		if (!keymap_get(&L->keys, SPACE_COLUMN, L->column[i].name) && !table_unused(L, L->column[i].of))
			keep(L, L->column[i]);
}
