/* lower_let.c - values of parameters, lets and tables, each after those it uses.
 *
 * The order comes from a depth-first walk with a stack of its own (a chain of 100,000 lets must not be a chain of
 * calls); what it meets again while still on the stack is a cycle. */
#include "compiler/lower.h"
#include "compiler/params.h"

#include <stdlib.h>

struct step { /* of the walk: a symbol, and where it is in its list of dependencies */
	uint32_t sym, next;
};
struct order {
	struct lower *L;
	uint32_t sym0, nsym;
	uint32_t *first; /* [nsym + 1] into dep */
	uint32_t *dep, ndep, depcap;
	struct step *stack;
	uint32_t n, cap;
};

static bool is_value(const struct sym *s)
{
	return s->kind == SYM_PARAM || s->kind == SYM_LET || s->kind == SYM_TABLE;
}

/* Expressions are at most AST_DEPTH deep; lists are walked by the loop. */
static void deps_of(struct order *o, nid n)
{
	struct lower *L = o->L;
	const struct sym *s;
	nid kid;

	if (at(L, n)->kind == N_NAME) {
		s = sym_find(L, L->cur, at(L, n)->name);
		if (!s || !is_value(s))
			return;
		if (o->ndep == o->depcap)
			o->dep = grow(o->dep, &o->depcap, o->ndep + 1, sizeof *o->dep);
		o->dep[o->ndep++] = (uint32_t)(s - L->sym);
		return;
	}
	for (kid = ast_kid(L->a, n); kid; kid = ast_next(L->a, kid))
		deps_of(o, kid);
}

static void deps_collect(struct order *o)
{
	struct lower *L = o->L;
	uint32_t i;

	o->first = xcalloc((size_t)o->nsym + 1, sizeof *o->first);
	for (i = 0; i < o->nsym; i++) {
		o->first[i] = o->ndep;
		if (is_value(&L->sym[o->sym0 + i]))
			deps_of(o, L->sym[o->sym0 + i].node);
	}
	o->first[o->nsym] = o->ndep;
}

static void report_cycle(struct order *o, uint32_t sym)
{
	struct lower *L = o->L;
	struct span sp = ast_name_span(L->a, L->sym[sym].node);
	uint32_t i = o->n, shown = 0;

	while (i > 0 && o->stack[i - 1].sym != sym)
		i--;
	if (i == o->n)
		diag_error(L->d, E0704, sp, "the value of `%s` needs itself", str(L, L->sym[sym].name));
	else
		diag_error(L->d, E0704, sp, "the value of `%s` needs itself through %u other%s", str(L, L->sym[sym].name),
			o->n - i, o->n - i == 1 ? "" : "s");
	for (; i <= o->n; i++) {
		struct sym *s = &L->sym[o->stack[i - 1].sym];
		struct sym *to = &L->sym[i < o->n ? o->stack[i].sym : sym];

		s->bad = true;
		if (shown++ == 0)
			diag_label(L->d, "`%s` needs `%s`", str(L, s->name), str(L, to->name));
		else if (shown <= 20)
			diag_at(L->d, ast_name_span(L->a, s->node), "`%s` needs `%s`", str(L, s->name), str(L, to->name));
	}
}

static void push(struct order *o, uint32_t sym)
{
	if (o->n == o->cap)
		o->stack = grow(o->stack, &o->cap, o->n + 1, sizeof *o->stack);
	o->stack[o->n++] = (struct step){ sym, o->first[sym - o->sym0] };
	o->L->sym[sym].mark = 1;
}

static uint32_t val_slot(struct lower *L, struct val v)
{
	if (L->nval == L->valcap)
		L->val = grow(L->val, &L->valcap, L->nval + 1, sizeof *L->val);
	L->val[L->nval] = v;
	return L->nval++;
}

static struct val table_value(struct lower *L, struct sym *s)
{
	nid e = ast_kid(L->a, s->node);
	struct val v = lower_in(L, e, IN_LET);

	if (v.kind == V_TABLE)
		L->table[v.a].name = s->name;
	else if (v.kind != V_BAD) {
		diag_error(L->d, E0401, span_of(L, e), "table `%s` needs a table, not %s", str(L, s->name), val_a(&v));
		diag_help(L->d, "a table is read with tsv(), csv() or json(), or is a list of records");
		v = val_bad();
	}
	return v;
}

static void value_of(struct lower *L, uint32_t sym)
{
	struct sym *s = &L->sym[sym];
	struct val v;

	if (s->bad)
		v = val_bad();
	else if (s->kind == SYM_PARAM)
		v = param_value(L, s);
	else if (s->kind == SYM_TABLE)
		v = table_value(L, s);
	else
		v = lower_in(L, ast_kid(L->a, s->node), IN_LET);
	v.shared = true;
	L->sym[sym].idx = val_slot(L, v);
	L->sym[sym].mark = 2;
}

static void visit(struct order *o, uint32_t root)
{
	struct lower *L = o->L;

	push(o, root);
	while (o->n) {
		struct step *top = &o->stack[o->n - 1];
		uint32_t dep;

		if (top->next == o->first[top->sym - o->sym0 + 1]) {
			value_of(L, top->sym);
			o->n--;
			continue;
		}
		dep = o->dep[top->next++];
		if (L->sym[dep].mark == 0)
			push(o, dep);
		else if (L->sym[dep].mark == 1 && !L->sym[dep].bad)
			report_cycle(o, dep);
	}
}

void values_lower(struct lower *L)
{
	uint32_t i;

	params_begin(L);
	for (L->cur = 0; L->cur < L->nscope; L->cur++) {
		struct order o = { .L = L, .sym0 = L->scope[L->cur].sym0, .nsym = L->scope[L->cur].nsym };

		deps_collect(&o);
		params_enter(L);
		for (i = 0; i < o.nsym; i++)
			if (is_value(&L->sym[o.sym0 + i]) && L->sym[o.sym0 + i].mark == 0)
				visit(&o, o.sym0 + i);
		free(o.first);
		free(o.dep);
		free(o.stack);
	}
	params_end(L);
}
