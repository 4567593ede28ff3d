/* lower_task.c - tasks: first the signatures of all (names, ports), then their bodies. */
#include "compiler/lower.h"

#include <stdlib.h>
#include <string.h>

enum { LINEAR_PORTS = 16 }; /* more ports than this are looked up by hash */

static uint32_t count_kids(const struct lower *L, nid n, enum node_kind k)
{
	uint32_t c = 0;
	nid kid;

	for (kid = ast_kid(L->a, n); kid; kid = ast_next(L->a, kid))
		c += at(L, kid)->kind == k;
	return c;
}

static nid first_kid(const struct lower *L, nid n, enum node_kind k)
{
	nid kid;

	for (kid = ast_kid(L->a, n); kid; kid = ast_next(L->a, kid))
		if (at(L, kid)->kind == k)
			break;
	return kid;
}

static uint32_t port_linear(const struct jport *v, uint32_t n, name nm)
{
	uint32_t i;

	for (i = 0; i < n; i++)
		if (v[i].name == nm)
			return i;
	return UINT32_MAX;
}

uint32_t port_find(struct lower *L, uint32_t task, name nm, bool out)
{
	const struct jtask *t = &L->j->task[task];
	uint32_t n = out ? t->nout : t->nin, i;

	if (t->nin + t->nout <= LINEAR_PORTS)
		return port_linear(out ? t->out : t->in, n, nm);
	i = keymap_get(&L->keys, SPACE_PORT | task, nm);
	if (!i || (i & 1) != out)
		return UINT32_MAX;
	return (i >> 1) - 1;
}

static void twice(struct lower *L, const struct jport *old, struct span sp)
{
	diag_error(L->d, E0301, sp, "task `%s` has two ports named `%s`", str(L, task_now(L)->name), str(L, old->name));
	diag_label(L->d, "defined again here");
	diag_at(L->d, old->name_span, "first defined here");
	task_now(L)->bad = true;
}

/* Ports of few are compared with those before them; of many through the hash. */
static void port_unique(struct lower *L, const struct jport *p, bool out, uint32_t i)
{
	const struct jtask *t = task_now(L);
	const struct jport *old = NULL;
	uint32_t have;

	if (t->nin + t->nout > LINEAR_PORTS) {
		have = keymap_put(&L->keys, SPACE_PORT | L->task, p->name, (i + 1) << 1 | out);
		if (have)
			old = have & 1 ? &t->out[(have >> 1) - 1] : &t->in[(have >> 1) - 1];
	} else {
		have = port_linear(t->in, out ? t->nin : i, p->name);
		old = have != UINT32_MAX ? &t->in[have] : NULL;
		have = out && !old ? port_linear(t->out, i, p->name) : UINT32_MAX;
		old = have != UINT32_MAX ? &t->out[have] : old;
	}
	if (old)
		twice(L, old, p->name_span);
}

/* A path written with a slash at its end is a directory. */
static bool looks_dir(struct lower *L, nid e)
{
	nid text = e && at(L, e)->kind == N_STRING ? ast_kid(L->a, e) : 0;
	const char *s;
	size_t n;

	if (!text || ast_next(L->a, text) || at(L, text)->kind != N_TEXT)
		return false;
	s = ast_text(L->a, text, &n);
	return n && s[n - 1] == '/';
}

static void port_declare(struct lower *L, nid n, struct jport *p)
{
	struct port_parts d = ast_port(L->a, n);
	uint8_t t = d.type ? type_find(str(L, at(L, d.type)->name)) : JT_FILE;

	p->name = at(L, n)->name;
	p->name_span = ast_name_span(L->a, n);
	p->type = t == JT_DIR || (t == JT_FILE && looks_dir(L, d.path)) ? JT_DIR : JT_FILE;
	p->n = 1;
	if (d.count)
		p->count = ast_kid(L->a, d.count) ? PORT_FIXED : PORT_GLOB;
}

static void ports_declare(struct lower *L, nid body)
{
	struct jtask *t = task_now(L);
	uint32_t in = 0, out = 0;
	nid n, p;

	for (n = ast_kid(L->a, body); n; n = ast_next(L->a, n)) {
		if (at(L, n)->kind != N_IN && at(L, n)->kind != N_OUT)
			continue;
		for (p = ast_kid(L->a, n); p; p = ast_next(L->a, p)) {
			bool o = at(L, n)->kind == N_OUT;
			struct jport *v = o ? &t->out[out] : &t->in[in];

			if (at(L, p)->kind != N_PORT)
				continue;
			port_declare(L, p, v);
			port_unique(L, v, o, o ? out++ : in++);
		}
	}
}

static void ports_alloc(struct lower *L, nid body)
{
	struct jtask *t = task_now(L);
	nid n;

	for (n = ast_kid(L->a, body); n; n = ast_next(L->a, n)) {
		if (at(L, n)->kind == N_IN)
			t->nin += count_kids(L, n, N_PORT);
		if (at(L, n)->kind == N_OUT)
			t->nout += count_kids(L, n, N_PORT);
		if (at(L, n)->kind == N_SET && at(L, n)->name == L->w_instances)
			L->t[L->task].counted = true;
	}
	t->in = arena_zalloc(L->j->arena, t->nin, sizeof *t->in);
	t->out = arena_zalloc(L->j->arena, t->nout, sizeof *t->out);
}

static name task_name(struct lower *L, name nm)
{
	name prefix = L->scope[L->cur].prefix;

	return prefix ? name_ofs(L->names, arena_printf(L->tmp, "%s%s", str(L, prefix), str(L, nm))) : nm;
}

static void task_declare(struct lower *L, nid n)
{
	struct jtask *t = task_now(L);
	struct sym *sym = sym_find(L, L->cur, at(L, n)->name);
	nid body = first_kid(L, n, N_BODY);

	t->name = task_name(L, at(L, n)->name);
	t->span = span_of(L, n);
	t->name_span = ast_name_span(L->a, n);
	t->bad = at(L, n)->flags & NF_BAD; /* a syntax error in it */
	t->count = 1;
	t->ndim = count_kids(L, n, N_FOR);
	t->dim = t->ndim ? arena_zalloc(L->j->arena, t->ndim, sizeof *t->dim) : NULL; /* filled by dims_lower */
	if (sym && sym->node == n)
		sym->idx = L->task;
	else
		t->bad = true; /* a second definition, reported */
	L->t[L->task] = (struct tinfo){ .node = n, .body = body, .scope = L->cur,
		.partial = at(L, n)->flags & NF_BAD };
	ports_alloc(L, body);
	ports_declare(L, body);
}

static bool defaults_count(struct lower *L, nid defaults)
{
	nid n;

	for (n = defaults ? ast_kid(L->a, defaults) : 0; n; n = ast_next(L->a, n))
		if (at(L, n)->kind == N_SET && at(L, n)->name == L->w_instances)
			return true;
	return false;
}

void tasks_declare(struct lower *L)
{
	uint64_t total = 0;
	nid n;

	for (L->cur = 0; L->cur < L->nscope; L->cur++) {
		L->scope[L->cur].instances = defaults_count(L, L->scope[L->cur].defaults);
		total += count_kids(L, L->scope[L->cur].root, N_TASK);
	}
	L->j->task = arena_zalloc(L->j->arena, total, sizeof *L->j->task);
	L->t = xcalloc(total ? total : 1, sizeof *L->t);
	for (L->cur = 0; L->cur < L->nscope; L->cur++)
		for (n = ast_kid(L->a, L->scope[L->cur].root); n; n = ast_next(L->a, n))
			if (at(L, n)->kind == N_TASK) {
				L->task = L->j->ntask++;
				task_declare(L, n);
			}
	L->task = NOTASK;
}

bool task_scattered(const struct lower *L, uint32_t task)
{
	const struct tinfo *ti = &L->t[task];

	return L->j->task[task].ndim > 0 || ti->counted || L->scope[ti->scope].instances;
}

int64_t task_known_count(const struct lower *L, uint32_t task)
{
	return L->t[task].dims ? L->j->task[task].count : -1;
}

/* ---- sizes of output families: before anything that asks for len(task.family) ---- */

static void family_size(struct lower *L, nid n, struct jport *p)
{
	nid e = ast_kid(L->a, ast_port(L->a, n).count);
	struct val v = lower_in(L, e, 0);
	int64_t size;

	p->n = -1;
	if (!val_coerce(L, e, &v, JT_INT, JT_UNKNOWN, "the size of output `%s`", str(L, p->name)) ||
	    !const_int(L, e, &v, &size, N_("the size of an output family")))
		task_now(L)->bad = true;
	else if (size < 1 || size > MAX_INSTANCES) {
		diag_error(L->d, E0420, span_of(L, e), "output `%s` cannot have %lld elements", str(L, p->name),
			(long long)size);
		task_now(L)->bad = true;
	} else
		p->n = (int32_t)size;
}

static void families_lower(struct lower *L, nid body)
{
	uint32_t out = 0;
	nid n, p;

	for (n = ast_kid(L->a, body); n; n = ast_next(L->a, n)) {
		if (at(L, n)->kind != N_OUT)
			continue;
		for (p = ast_kid(L->a, n); p; p = ast_next(L->a, p))
			if (at(L, p)->kind == N_PORT && task_now(L)->out[out++].count == PORT_FIXED)
				family_size(L, p, &task_now(L)->out[out - 1]);
	}
}

/* ---- bodies ---- */

static void ports_lower(struct lower *L, nid body, bool out)
{
	struct jtask *t = task_now(L);
	uint32_t i = 0;
	nid n, p;

	for (n = ast_kid(L->a, body); n; n = ast_next(L->a, n)) {
		if (at(L, n)->kind != (out ? N_OUT : N_IN))
			continue;
		for (p = ast_kid(L->a, n); p; p = ast_next(L->a, p)) {
			if (at(L, p)->kind != N_PORT)
				continue;
			*(out ? &L->seen_out : &L->seen_in) = i;
			port_lower(L, p, out ? &t->out[i] : &t->in[i], out, i);
			i++;
		}
	}
	*(out ? &L->seen_out : &L->seen_in) = i;
}

static void instances_lower(struct lower *L, nid n)
{
	struct jtask *t = task_now(L);
	nid e = ast_kid(L->a, n);
	struct val v = lower_in(L, e, 0);

	if (t->ndim) {
		diag_error(L->d, E0205, span_of(L, n), "task `%s` has both `for` and `instances`", str(L, t->name));
		diag_at(L->d, t->dim[0].span, "scattered here");
		return;
	}
	if (!val_coerce(L, e, &v, JT_INT, JT_UNKNOWN, "setting `instances`") ||
	    !const_int(L, e, &v, &t->count, N_("setting `instances`")))
		return;
	t->count_span = span_of(L, e);
	if (t->count < 1 || t->count > MAX_INSTANCES) {
		diag_error(L->d, E0420, t->count_span, "a task cannot have %lld instances", (long long)t->count);
		t->count = 1;
	}
}

static void task_settle(struct lower *L, const struct block *b)
{
	struct jtask *t = task_now(L);

	t->set = b->set;
	t->nset = b->nset;
	t->env = b->env;
	t->nenv = b->nenv;
	t->map = b->map;
	t->nmap = b->nmap;
	t->cause = b->cause;
	t->ncause = b->ncause;
	t->max_retry = b->max_retry;
}

static void after_lower(struct lower *L, nid body)
{
	nid n;

	for (n = ast_kid(L->a, body); n; n = ast_next(L->a, n))
		if (at(L, n)->kind == N_AFTER)
			edge_after(L, n);
}

static void no_run(struct lower *L, const struct jtask *t)
{
	bool json = L->s->main && front_of(L->s->main) == FRONT_JSON;

	diag_error(L->d, E0302, t->name_span, "task `%s` has no `%s`", str(L, t->name), json ? "CommandLine" : "run");
	diag_help(L->d, "%s", json ? _("say what it does: \"Parameters\": {\"Command\": {\"CommandLine\": \"program arguments\"}}") :
		_("say what it does: run \"program arguments\", or run { a shell script }"));
}

static void body_lower(struct lower *L)
{
	struct jtask *t = task_now(L);
	nid body = L->t[L->task].body;
	const struct block *base = defaults_of(L, L->cur);
	struct block b = { 0 };

	ports_lower(L, body, false);
	ports_lower(L, body, true);
	block_lower(L, ast_kid(L->a, body), S_TASK, &b);
	block_merge(L, &b, base);
	task_settle(L, &b);
	after_lower(L, body);
	if (b.run)
		run_lower(L, b.run);
	else if (body && at(L, body)->kind == N_BODY && !(at(L, L->t[L->task].node)->flags & NF_BAD))
		no_run(L, t);
}

static void task_enter(struct lower *L, uint32_t i)
{
	L->task = i;
	L->cur = L->t[i].scope;
	L->seen_in = L->seen_out = 0;
}

/* A task that had an error while it was lowered is `bad`: checks stay silent about it. */
static void task_body(struct lower *L, uint32_t i)
{
	uint32_t before = L->d->errors;

	task_enter(L, i);
	body_lower(L);
	if (L->d->errors > before)
		L->j->task[i].bad = true;
}

static void task_shape(struct lower *L, uint32_t i)
{
	uint32_t before = L->d->errors;
	const struct block *base = defaults_of(L, L->t[i].scope);
	nid n = L->t[i].body, set = 0;

	task_enter(L, i);
	dims_lower(L, i);
	for (n = L->t[i].counted ? ast_kid(L->a, n) : 0; n; n = ast_next(L->a, n))
		if (at(L, n)->kind == N_SET && at(L, n)->name == L->w_instances)
			set = n;
	if (!set && !L->j->task[i].ndim)
		set = base->instances;
	L->j->task[i].counted = set != 0;
	if (set)
		instances_lower(L, set);
	if_lower(L, i);
	L->t[i].dims = true;
	if (L->d->errors > before)
		L->j->task[i].bad = true;
}

/* The tree of a task that is lowered is not read again.  Only in single files of weft: a file that is used several times
 * is lowered several times, and other front ends make nodes in their own order.  And only where nothing else stands
 * between this task and the one before it, so that every node between the two is the task's own. */
static void task_forget(struct lower *L, uint32_t i, nid *before, nid *expected)
{
	nid n = L->t[i].node, next = ast_next(L->a, n);

	if (n == *expected && n > *before)
		ast_forget(L->a, *before + 1, n + 1);
	*before = n;
	*expected = next;
}

void tasks_lower(struct lower *L)
{
	bool forget = L->nscope == 1 && front_of(L->s->main) == FRONT_WEFT;
	nid before = 0, expected = 0;
	uint32_t i;

	for (i = 0; i < L->j->ntask; i++) {
		task_enter(L, i);
		families_lower(L, L->t[i].body);
	}
	for (i = 0; i < L->j->ntask; i++)
		task_shape(L, i);
	for (i = 0; i < L->j->ntask; i++) {
		task_body(L, i);
		if (forget)
			task_forget(L, i, &before, &expected);
	}
	L->task = NOTASK;
}
