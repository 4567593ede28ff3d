/* lower_block.c - the statements of a block (task, defaults, cluster, workflow), and how blocks combine: what a block
 * says itself wins over the cluster it names, and that over `defaults`.  Arrays are shared with the block below when a
 * block adds nothing, so 100,000 tasks under one `defaults` cost nothing each. */
#include "compiler/lower.h"

#include <stdlib.h>
#include <string.h>

static void statements(struct lower *L, nid first, enum set_where where, name prefix, struct block *b);

static name path_of(struct lower *L, name prefix, name nm)
{
	return prefix ? name_ofs(L->names, arena_printf(L->tmp, "%s.%s", str(L, prefix), str(L, nm))) : nm;
}

/* ---- env { KEY = value } ---- */

static void env_add(struct lower *L, nid n)
{
	nid e = ast_kid(L->a, n);
	struct jenv v = { .name = at(L, n)->name, .span = span_of(L, n) };
	struct val val = lower_in(L, e, IN_ENV);

	if (val.kind == V_ROW || val.kind == V_CROW)
		val = as_scalar(L, e, val);
	if (val.kind == V_BAD)
		return;
	if (val.kind != V_X) {
		diag_error(L->d, E0401, span_of(L, e), "variable `%s` needs a value, not %s", str(L, v.name), val_a(&val));
		return;
	}
	v.value = val.a;
	if (L->nenv == L->envcap)
		L->env = grow(L->env, &L->envcap, L->nenv + 1, sizeof *L->env);
	L->env[L->nenv++] = v;
}

static void env_block(struct lower *L, nid n)
{
	nid kid;

	for (kid = ast_kid(L->a, n); kid; kid = ast_next(L->a, kid)) {
		if (at(L, kid)->kind == N_SET)
			env_add(L, kid);
		else if (at(L, kid)->kind != N_ERROR && at(L, kid)->kind != N_NONE)
			diag_error(L->d, E0204, span_of(L, kid), "`%s` does not belong in `env`: it holds NAME = value only",
				node_kind_text((enum node_kind)at(L, kid)->kind));
	}
}

/* ---- user_data { KEY = value } and the like ---- */

static bool pair_of(struct lower *L, nid n, name *to)
{
	nid e = ast_kid(L->a, n);
	struct val v = lower_in(L, e, 0);
	size_t from = L->text.len;

	v = as_scalar(L, e, v);
	if (v.kind == V_BAD || (!v.konst && !const_str(L, e, &v, to, N_("this value"))))
		return false;
	const_text(L, &v);
	to[0] = at(L, n)->name;
	to[1] = name_of(L->names, buf_str(&L->text) + from, L->text.len - from);
	L->text.len = from;
	return true;
}

static void map_block(struct lower *L, nid n, enum setting id)
{
	struct jval v = { .id = (uint16_t)id, .span = span_of(L, n), .name_span = ast_name_span(L->a, n) };
	uint32_t count = 0, k = 0;
	nid kid;

	for (kid = ast_kid(L->a, n); kid; kid = ast_next(L->a, kid))
		count += at(L, kid)->kind == N_SET;
	if (count > PAIRS_MAX) {
		diag_error(L->d, E0415, span_of(L, n), "`%s` has %u entries: the most is %d", settings[id].path, count, PAIRS_MAX);
		return;
	}
	v.list = arena_zalloc(L->j->arena, count, 2 * sizeof *v.list);
	for (kid = ast_kid(L->a, n); kid; kid = ast_next(L->a, kid)) {
		if (at(L, kid)->kind == N_SET)
			k += pair_of(L, kid, &v.list[2 * k]);
		else if (at(L, kid)->kind != N_NONE && at(L, kid)->kind != N_ERROR)
			diag_error(L->d, E0204, span_of(L, kid), "`%s` holds NAME = value only", settings[id].path);
	}
	v.n = (uint16_t)k;
	if (L->nset == L->setcap)
		L->set = grow(L->set, &L->setcap, L->nset + 1, sizeof *L->set);
	L->set[L->nset++] = v;
}

/* ---- cluster ---- */

static void no_cluster(struct lower *L, nid e)
{
	struct suggest sg = { .to = str(L, at(L, e)->name) };
	uint32_t i;

	if (said_before(L, at(L, e)->name))
		return;
	diag_error(L->d, E0212, span_of(L, e), "no cluster is named `%s`", sg.to);
	for (i = 0; i < L->scope[L->cur].nsym && L->budget; i++) {
		const struct sym *s = &L->sym[L->scope[L->cur].sym0 + i];

		if (s->kind == SYM_CLUSTER && L->budget--)
			suggest_try(&sg, str(L, s->name));
	}
	if (!diag_suggest(L->d, &sg))
		diag_help(L->d, "define it with cluster %s { ... }, or write the id of a cluster as a string", sg.to);
}

static void cluster_set(struct lower *L, nid n, struct block *b)
{
	nid e = ast_kid(L->a, n);
	struct sym *s = e && at(L, e)->kind == N_NAME ? sym_find(L, L->cur, at(L, e)->name) : NULL;

	if (!e)
		return;
	if (s)
		s->used = true;
	b->own_cluster = true;
	b->pool_span = span_of(L, e);
	if (at(L, e)->kind == N_NAME && !s) {
		no_cluster(L, e);
	} else if (s && s->kind == SYM_CLUSTER) {
		b->pool = (uint32_t)(s - L->sym) + 1;
	} else {
		b->cluster_id = true;
		set_lower(L, n, S_TASK, at(L, n)->name, ast_name_span(L->a, n));
	}
}

/* ---- statements ---- */

static void misplaced(struct lower *L, nid n, enum set_where where)
{
	static const char *const text[] = { [S_JOB] = N_("the workflow block"), [S_TASK] = "`defaults`",
		[S_CLUSTER] = N_("a cluster block") };

	diag_error(L->d, E0204, span_of(L, n), "`%s` does not belong in %s", node_kind_text((enum node_kind)at(L, n)->kind),
		tr(text[where]));
	diag_help(L->d, "it belongs in a task");
}

static bool cause_word(struct lower *L, nid n, struct jcause *c)
{
	static const char *const words[] = { "fail", "exit", "signal", "oom", "timeout", "spot", "node", "missing" };
	struct suggest sg = { .to = str(L, at(L, n)->name) };

	while (c->cause < CAUSE_COUNT && strcmp(words[c->cause], sg.to))
		suggest_try(&sg, words[c->cause++]);
	if (c->cause < CAUSE_COUNT)
		return true;
	diag_error(L->d, E0314, c->span, "there is no cause `%s`", sg.to);
	if (!diag_suggest(L->d, &sg))
		diag_help(L->d, "causes are fail exit(n) signal(n) oom timeout spot node missing");
	return false;
}

/* The n of exit(n) and signal(n): a status that is no success, a signal that there is. */
static bool cause_number(struct lower *L, nid n, struct jcause *c)
{
	const char *word = str(L, at(L, n)->name);
	int64_t number = -1, most = c->cause == CAUSE_EXIT ? 255 : c->cause == CAUSE_SIGNAL ? 64 : 0;
	nid arg = ast_kid(L->a, n);
	struct val v;

	if (!arg || at(L, arg)->kind == N_NONE)
		return true;
	v = lower_in(L, arg, 0);
	if (!val_coerce(L, arg, &v, JT_INT, JT_UNKNOWN, "`%s`", word) || !const_int(L, arg, &v, &number, N_("a cause")))
		return false;
	if (number < 1 || number > most)
		return diag_error(L->d, E0314, c->span, "`%s(%lld)` is no cause", word, (long long)number);
	c->arg = (int)number;
	return true;
}

static void retry_lower(struct lower *L, nid n, struct block *b)
{
	nid e = ast_kid(L->a, n), kid;
	struct val v = lower_in(L, e, 0);
	int64_t times = 0;

	b->has_retry = true;
	if (val_coerce(L, e, &v, JT_INT, JT_UNKNOWN, "the number of retries") &&
	    const_int(L, e, &v, &times, N_("the number of retries")) && (times < 0 || times > 1000000))
		diag_error(L->d, E0420, span_of(L, e), "a task cannot be retried %lld times", (long long)times);
	b->max_retry = (uint32_t)times;
	for (kid = ast_next(L->a, e); kid; kid = ast_next(L->a, kid)) {
		struct jcause c = { .arg = -1, .span = span_of(L, kid) };

		if (at(L, kid)->kind != N_CAUSE || !cause_word(L, kid, &c) || !cause_number(L, kid, &c))
			continue;
		if (L->ncause == L->causecap)
			L->cause = grow(L->cause, &L->causecap, L->ncause + 1, sizeof *L->cause);
		L->cause[L->ncause++] = c;
	}
}

static void nested(struct lower *L, nid n, enum set_where where, name prefix, struct block *b)
{
	name path = path_of(L, prefix, at(L, n)->name);
	uint32_t id = keymap_get(&L->keys, SPACE_SET | where, path);

	if (path == L->w_env && where != S_JOB)
		env_block(L, n);
	else if (path == L->w_cluster && where == S_TASK)
		statements(L, ast_kid(L->a, n), S_CLUSTER, 0, b);
	else if (id && settings[id - 1].type == T_MAP)
		map_block(L, n, (enum setting)(id - 1));
	else if (set_is_block(L, where, path))
		statements(L, ast_kid(L->a, n), where, path, b);
	else
		set_unknown(L, where, path, ast_name_span(L->a, n), true);
}

static void label_lower(struct lower *L, nid n, enum set_where where)
{
	if (where == S_CLUSTER)
		misplaced(L, n, where);
	else
		set_lower(L, n, where, L->w_label, span_of(L, n));
}

static bool once(struct lower *L, nid n, nid *slot, const char *what)
{
	if (*slot) {
		diag_error(L->d, E0205, span_of(L, n), "`%s` is given twice", what);
		diag_at(L->d, span_of(L, *slot), "first given here");
		return false;
	}
	*slot = n;
	return true;
}

static void statement(struct lower *L, nid n, enum set_where where, name prefix, struct block *b)
{
	bool task = where == S_TASK && !prefix;

	switch (at(L, n)->kind) {
	case N_SET:
		if (task && at(L, n)->name == L->w_cluster)
			cluster_set(L, n, b);
		else if (task && at(L, n)->name == L->w_instances)
			once(L, n, &b->instances, "instances");
		else
			set_lower(L, n, where, path_of(L, prefix, at(L, n)->name), ast_name_span(L->a, n));
		break;
	case N_BLOCK: nested(L, n, where, prefix, b); break;
	case N_LABEL: label_lower(L, n, where); break;
	case N_MAP:
		if (where == S_JOB)
			misplaced(L, n, where);
		else
			map_lower(L, n, where == S_CLUSTER);
		break;
	case N_RETRY:
		if (!task)
			misplaced(L, n, where);
		else if (once(L, n, &b->retry, "retry"))
			retry_lower(L, n, b);
		break;
	case N_RUN:
		if (!task || L->task == NOTASK)
			misplaced(L, n, where);
		else if (b->run) {
			diag_error(L->d, E0303, span_of(L, n), "task `%s` has two commands", str(L, task_now(L)->name));
			diag_at(L->d, span_of(L, b->run), "first given here");
		} else
			b->run = n;
		break;
	case N_IN: case N_OUT: case N_AFTER:
		if (!task || L->task == NOTASK)
			misplaced(L, n, where);
		break;
	default: break; /* N_ERROR, N_NONE */
	}
}

/* Depth is that of the known paths: at most three. */
static void statements(struct lower *L, nid first, enum set_where where, name prefix, struct block *b)
{
	nid n;

	for (n = first; n; n = ast_next(L->a, n))
		statement(L, n, where, prefix, b);
}

/* ---- from the lists under construction into a block ---- */

static int set_order(const void *a, const void *b)
{
	const struct jval *x = a, *y = b;

	if (x->id != y->id)
		return x->id < y->id ? -1 : 1;
	return x->name_span.lo < y->name_span.lo ? -1 : x->name_span.lo > y->name_span.lo;
}

static void set_unique(struct lower *L, struct jval *v, uint32_t *n)
{
	uint32_t i, k = 0;

	qsort(v, *n, sizeof *v, set_order);
	for (i = 0; i < *n; i++) {
		if (k == 0 || v[k - 1].id != v[i].id) {
			v[k++] = v[i];
			continue;
		}
		diag_error(L->d, E0205, v[i].name_span, "setting `%s` is given twice", settings[v[i].id].path);
		diag_at(L->d, v[k - 1].name_span, "first given here");
	}
	*n = k;
}

static void env_unique(struct lower *L, uint32_t from)
{
	uint32_t space = L->nenv - from > 1 ? SPACE_SEEN | (0x02000000 + ++L->spaces) : 0, i, old;

	for (i = from; space && i < L->nenv; i++) {
		old = keymap_put(&L->keys, space, L->env[i].name, i + 1);
		if (!old)
			continue;
		diag_error(L->d, E0205, L->env[i].span, "variable `%s` is given twice", str(L, L->env[i].name));
		diag_at(L->d, L->env[old - 1].span, "first given here");
	}
}

static void *keep(struct lower *L, const void *p, uint32_t n, size_t size)
{
	return n ? memcpy(arena_alloc(L->j->arena, n * size), p, n * size) : NULL;
}

static const struct block *pool_block(struct lower *L, uint32_t sym);

void block_lower(struct lower *L, nid first, enum set_where where, struct block *b)
{
	uint32_t set0 = L->nset, env0 = L->nenv, map0 = L->nmap, cause0 = L->ncause;

	*b = (struct block){ 0 };
	statements(L, first, where, 0, b);
	b->nset = L->nset - set0;
	if (b->nset > 1)
		set_unique(L, L->set + set0, &b->nset);
	env_unique(L, env0);
	b->set = keep(L, L->set + set0, b->nset, sizeof *b->set);
	b->nenv = L->nenv - env0;
	b->env = keep(L, L->env + env0, b->nenv, sizeof *b->env);
	b->nmap = L->nmap - map0;
	b->map = keep(L, L->map + map0, b->nmap, sizeof *b->map);
	b->ncause = L->ncause - cause0;
	b->cause = keep(L, L->cause + cause0, b->ncause, sizeof *b->cause);
	L->nset = set0;
	L->nenv = env0;
	L->nmap = map0;
	L->ncause = cause0;
}

/* ---- combining ---- */

/* user_data and the like: pairs of the base that the block does not have itself come first. */
static void pairs_merge(struct lower *L, struct jval *own, const struct jval *base)
{
	name *v = arena_alloc(L->j->arena, ((size_t)own->n + base->n) * 2 * sizeof *v);
	uint32_t n = 0, i, k;

	if (own->n + base->n > 2 * PAIRS_MAX) {
		diag_error(L->d, E0415, own->span, "`%s` has %u entries: the most is %d", settings[own->id].path,
			(unsigned)own->n + base->n, 2 * PAIRS_MAX);
		return;
	}
	for (i = 0; i < base->n; i++) {
		for (k = 0; k < own->n && own->list[2 * k] != base->list[2 * i]; k++)
			;
		if (k == own->n)
			memcpy(v + 2 * n++, base->list + 2 * i, 2 * sizeof *v);
	}
	memcpy(v + 2 * n, own->list, (size_t)own->n * 2 * sizeof *v);
	own->n = (uint16_t)(own->n + n);
	own->list = v;
}

static void sets_merge(struct lower *L, struct block *b, const struct block *base)
{
	struct jval *v;
	uint32_t i = 0, k = 0, n = 0;

	if (b->nset == 0 || base->nset == 0) {
		b->set = b->nset ? b->set : base->set;
		b->nset += base->nset;
		return;
	}
	v = arena_alloc(L->j->arena, (b->nset + base->nset) * sizeof *v);
	while (i < b->nset || k < base->nset) {
		if (k == base->nset || (i < b->nset && b->set[i].id < base->set[k].id))
			v[n++] = b->set[i++];
		else if (i == b->nset || base->set[k].id < b->set[i].id)
			v[n++] = base->set[k++];
		else {
			v[n] = b->set[i++];
			if (settings[v[n].id].type == T_MAP)
				pairs_merge(L, &v[n], &base->set[k]);
			n++, k++;
		}
	}
	b->set = v;
	b->nset = n;
}

static void env_merge(struct lower *L, struct block *b, const struct block *base)
{
	uint32_t space, i, n = 0;
	struct jenv *v;

	if (b->nenv == 0 || base->nenv == 0) {
		b->env = b->nenv ? b->env : base->env;
		b->nenv += base->nenv;
		return;
	}
	space = SPACE_SEEN | (0x02000000 + ++L->spaces);
	for (i = 0; i < b->nenv; i++)
		keymap_put(&L->keys, space, b->env[i].name, 1);
	v = arena_alloc(L->j->arena, (b->nenv + base->nenv) * sizeof *v);
	for (i = 0; i < base->nenv; i++)
		if (!keymap_get(&L->keys, space, base->env[i].name))
			v[n++] = base->env[i];
	memcpy(v + n, b->env, b->nenv * sizeof *v);
	b->env = v;
	b->nenv += n;
}

/* Is the place of this map one that the command line says otherwise? */
static bool map_overridden(const struct block *base, const struct jmap *m)
{
	uint32_t i;

	for (i = base->nmap; i-- > 0 && base->nmap - i <= 64;)
		if (base->map[i].option && map_same_place(&base->map[i], m))
			return true;
	return false;
}

static void maps_merge(struct lower *L, struct block *b, const struct block *base)
{
	struct jmap *v;
	uint32_t i, n;

	if (b->nmap == 0 || base->nmap == 0) {
		b->map = b->nmap ? b->map : base->map;
		b->nmap += base->nmap;
		return;
	}
	v = arena_alloc(L->j->arena, (b->nmap + base->nmap) * sizeof *v);
	memcpy(v, base->map, base->nmap * sizeof *v);
	for (i = 0, n = base->nmap; i < b->nmap; i++)
		if (!map_overridden(base, &b->map[i]))
			v[n++] = b->map[i];
	b->map = v;
	b->nmap = n;
}

static void overlay(struct lower *L, struct block *b, const struct block *base)
{
	sets_merge(L, b, base);
	env_merge(L, b, base);
	maps_merge(L, b, base);
	if (!b->has_retry) {
		b->has_retry = base->has_retry;
		b->max_retry = base->max_retry;
		b->cause = base->cause;
		b->ncause = base->ncause;
	}
	if (!b->instances)
		b->instances = base->instances;
}

static bool of_pool(const struct jval *v)
{
	return settings[v->id].where & S_CLUSTER;
}

/* A task with a cluster id takes no machine settings from defaults, one with machine settings no cluster id. */
static struct block without(struct lower *L, const struct block *base, bool pool, bool id)
{
	struct block r = *base;
	uint32_t i;

	r.set = arena_alloc(L->tmp, base->nset * sizeof *r.set);
	r.map = arena_alloc(L->tmp, base->nmap * sizeof *r.map);
	r.nset = r.nmap = 0;
	for (i = 0; i < base->nset; i++)
		if (!(pool && of_pool(&base->set[i])) && !(id && base->set[i].id == SET_CLUSTER_ID))
			r.set[r.nset++] = base->set[i];
	for (i = 0; i < base->nmap; i++)
		if (!(pool && base->map[i].pool))
			r.map[r.nmap++] = base->map[i];
	if (r.nset == base->nset)
		r.set = base->set;
	else
		r.set = keep(L, r.set, r.nset, sizeof *r.set);
	r.map = r.nmap == base->nmap ? base->map : keep(L, r.map, r.nmap, sizeof *r.map);
	return r;
}

static bool has_pool_set(const struct block *b)
{
	uint32_t i;

	for (i = 0; i < b->nset; i++)
		if (of_pool(&b->set[i]))
			return true;
	return false;
}

static const struct jval *has_set(const struct block *b, enum setting id)
{
	uint32_t i;

	for (i = 0; i < b->nset; i++)
		if (b->set[i].id == id)
			return &b->set[i];
	return NULL;
}

void block_merge(struct lower *L, struct block *b, const struct block *base)
{
	bool pool = has_pool_set(b), drop_pool, drop_id;
	struct block rest;

	if (b->pool)
		overlay(L, b, pool_block(L, b->pool - 1));
	drop_pool = b->cluster_id || (b->pool && has_set(base, SET_POOL_NAME));
	drop_id = (b->pool || pool) && has_set(base, SET_CLUSTER_ID);
	if (!drop_pool && !drop_id) {
		overlay(L, b, base);
		return;
	}
	rest = without(L, base, drop_pool, drop_id);
	overlay(L, b, &rest);
}

/* A named cluster is lowered at its first use. */
static const struct block *pool_block(struct lower *L, uint32_t sym)
{
	struct block *b, own = { 0 };
	nid n = L->sym[sym].node;
	struct jval *v;
	uint32_t task = L->task;

	if (L->sym[sym].idx != UINT32_MAX)
		return L->pool[L->sym[sym].idx];
	L->task = NOTASK;
	block_lower(L, ast_kid(L->a, n), S_CLUSTER, &own);
	L->task = task;
	b = arena_alloc(L->tmp, sizeof *b);
	*b = own;
	v = arena_alloc(L->j->arena, (own.nset + 1) * sizeof *v);
	if (own.nset)
		memcpy(v, own.set, own.nset * sizeof *v);
	v[own.nset] = (struct jval){ .id = SET_POOL_NAME, .span = ast_name_span(L->a, n), .name_span = ast_name_span(L->a, n) };
	v[own.nset].s = L->sym[sym].name;
	b->set = v;
	b->nset = own.nset + 1;
	qsort(v, b->nset, sizeof *v, set_order);
	if (L->npool == L->poolcap)
		L->pool = grow(L->pool, &L->poolcap, L->npool + 1, sizeof *L->pool);
	L->sym[sym].idx = L->npool;
	L->pool[L->npool] = b;
	return L->pool[L->npool++];
}

const struct block *defaults_of(struct lower *L, uint32_t scope)
{
	struct scope *s = &L->scope[scope];
	static const struct block none;
	uint32_t task = L->task, cur = L->cur;

	if (s->defaults_done)
		return &s->base;
	L->task = NOTASK;
	L->cur = scope;
	block_lower(L, s->defaults ? ast_kid(L->a, s->defaults) : 0, S_TASK, &s->base);
	block_merge(L, &s->base, &none);
	L->task = task;
	L->cur = cur;
	s->defaults_done = true;
	return &s->base;
}

/* Clusters that no task uses are checked all the same. */
void pools_lower(struct lower *L)
{
	uint32_t i;

	for (i = 0; i < L->nsym; i++)
		if (L->sym[i].kind == SYM_CLUSTER) {
			L->cur = L->sym[i].scope;
			pool_block(L, i);
		}
}
