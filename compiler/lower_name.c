/* lower_name.c - what a name, `a.b`, `a[i]` and `a[*]` stand for. */
#include "compiler/lower.h"

#include <string.h>

/* ---- one name ---- */

static struct val runtime_val(struct lower *L, nid n, enum jop op, uint32_t a, uint8_t type)
{
	struct val v = val_x(jx_new(L->j, op, a, 0, 0, span_of(L, n)), type);

	v.konst = false;
	v.perinst = true;
	return v;
}

static bool loop_var(struct lower *L, nid n, struct val *out)
{
	const struct jtask *t = task_now(L);
	uint32_t i;

	if (!t || !(L->where & W_LOOP))
		return false;
	for (i = 0; i < t->ndim && t->dim[i].var != at(L, n)->name; i++)
		;
	if (i == t->ndim)
		return false;
	if (t->dim[i].kind == DIM_ROWS)
		*out = (struct val){ .kind = V_ROW, .type = JT_RECORD, .perinst = true, .a = i };
	else
		*out = runtime_val(L, n, JX_VAR, i, t->dim[i].kind == DIM_RANGE ? JT_INT :
			t->dim[i].coltype ? t->dim[i].coltype[0] : JT_FILE);
	return true;
}

static struct val port_val(struct lower *L, nid n, uint32_t i, bool out)
{
	const struct jport *p = out ? &task_now(L)->out[i] : &task_now(L)->in[i];
	bool list = p->type == JT_LIST || (out && p->count != PORT_ONE);
	struct val v = runtime_val(L, n, out ? JX_OUT : JX_IN, i, list ? JT_LIST : p->type);

	if (list)
		v.elem = p->type == JT_DIR ? JT_DIR : JT_FILE;
	return v;
}

static bool own_port(struct lower *L, nid n, struct val *out)
{
	uint32_t i;

	if (L->task == NOTASK || !(L->where & W_PORTS))
		return false;
	i = port_find(L, L->task, at(L, n)->name, false);
	if (i < L->seen_in)
		return *out = port_val(L, n, i, false), true;
	i = port_find(L, L->task, at(L, n)->name, true);
	if (i < L->seen_out)
		return *out = port_val(L, n, i, true), true;
	return false;
}

static bool builtin(struct lower *L, nid n, struct val *out)
{
	const struct { uint32_t where; name word; enum jop op; uint8_t type; enum setting set; } b[] = {
		{ W_INDEX, L->w_index, JX_INDEX, JT_INT, SET_COUNT },
		{ W_INSTANCE, L->w_instance, JX_INSTANCE, JT_INT, SET_COUNT },
		{ W_ATTEMPT, L->w_attempt, JX_ATTEMPT, JT_INT, SET_COUNT },
		{ W_SELF, L->w_cpu, JX_CPU, JT_FLOAT, SET_CPU },
		{ W_SELF, L->w_mem, JX_MEM, JT_SIZE, SET_MEM },
		{ W_SELF, L->w_time, JX_TIME, JT_DURATION, SET_TIME },
	};
	size_t i;

	for (i = 0; i < sizeof b / sizeof *b; i++)
		if (L->where & b[i].where && at(L, n)->name == b[i].word) {
			if (b[i].set != SET_COUNT && L->task != NOTASK && !task_set(task_now(L), b[i].set))
				return false;
			*out = runtime_val(L, n, b[i].op, 0, b[i].type);
			return true;
		}
	return false;
}

/* Words that mean something, but not here: say where. */
static bool misplaced(struct lower *L, nid n)
{
	name nm = at(L, n)->name;
	const struct jtask *t = task_now(L);
	uint32_t i;

	for (i = 0; t && i < t->ndim; i++)
		if (t->dim[i].var == nm) {
			diag_error(L->d, E0218, span_of(L, n), "loop variable `%s` cannot be used here", str(L, nm));
			return true;
		}
	if (t && (port_find(L, L->task, nm, true) != UINT32_MAX || port_find(L, L->task, nm, false) != UINT32_MAX)) {
		diag_error(L->d, E0313, span_of(L, n), "port `%s` cannot be used here", str(L, nm));
		diag_help(L->d, "an input may use inputs before it, an output all inputs and the outputs before it");
		return true;
	}
	if (nm == L->w_index || nm == L->w_instance || nm == L->w_attempt) {
		diag_error(L->d, E0218, span_of(L, n), "`%s` cannot be used here", str(L, nm));
		if (nm == L->w_attempt)
			diag_help(L->d, "`attempt` may stand in cpu, mem, time, `env` and the command");
		else if (nm == L->w_index)
			diag_help(L->d, "`index` is the element number in the path of an output family: out part[3] = \"~{index}.txt\"");
		return true;
	}
	return false;
}

static void note_place(struct lower *L, const char *near)
{
	uint32_t i = port_find(L, L->task, name_ofs(L->names, near), false);
	uint32_t o = port_find(L, L->task, name_ofs(L->names, near), true);

	if (i != UINT32_MAX)
		diag_at(L->d, task_now(L)->in[i].name_span, "did you mean this one?");
	else if (o != UINT32_MAX)
		diag_at(L->d, task_now(L)->out[o].name_span, "did you mean this one?");
}

static bool ascii(const char *s)
{
	while (*s && (unsigned char)*s < 0x80)
		s++;
	return !*s;
}

static struct val unknown(struct lower *L, nid n)
{
	name nm = at(L, n)->name;
	bool cmd = L->where & W_CMD && L->task != NOTASK;
	struct suggest sg;

	if (!ascii(str(L, nm)) || said_before(L, nm) || misplaced(L, n)) /* E0014 said it */
		return val_bad();
	sg = suggest_name(L, nm);
	if (!cmd)
		diag_error(L->d, E0202, span_of(L, n), "the name `%s` is not defined", str(L, nm));
	else {
		diag_error(L->d, E0307, span_of(L, n), "no port or attribute named `%s` in task `%s`", str(L, nm),
			str(L, task_now(L)->name));
		diag_label(L->d, "not defined here");
		if (!suggest_best(&sg))
			return diag_help(L->d, "write $%s if you mean a shell variable", str(L, nm)), val_bad();
		note_place(L, suggest_best(&sg));
		diag_help(L->d, "write ~{%s}, or $%s if you mean a shell variable", suggest_best(&sg), str(L, nm));
		diag_suggest_fix(L->d, &sg, true);
		return val_bad();
	}
	diag_suggest(L->d, &sg);
	return val_bad();
}

static struct val sym_val(struct lower *L, nid n, struct sym *s)
{
	struct val v;

	if (s->bad)
		return val_bad();
	switch ((enum sym_kind)s->kind) {
	case SYM_PARAM: case SYM_LET: case SYM_TABLE:
		if (s->idx == UINT32_MAX)
			return val_bad();
		s->used = true;
		v = L->val[s->idx];
		v.shared = true;
		return v;
	case SYM_TASK:
		if (s->idx >= L->j->ntask) /* its declaration was reported: it has no name or stands where none can */
			return val_bad();
		return (struct val){ .kind = V_TASK, .type = JT_UNKNOWN, .a = s->idx };
	case SYM_USE:
		return (struct val){ .kind = V_MODULE, .type = JT_UNKNOWN, .a = s->idx };
	case SYM_CLUSTER:
		diag_error(L->d, E0401, span_of(L, n), "cluster `%s` cannot be used as a value", str(L, s->name));
		break;
	}
	return val_bad();
}

static struct val guard(struct lower *L, nid n, struct val v)
{
	if (v.kind == V_X && v.type == JT_SECRET && !(L->where & W_SECRET)) {
		diag_error(L->d, E0421, span_of(L, n), "secret `%s` cannot be used here", str(L, at(L, n)->name));
		diag_help(L->d, "a secret may stand in `env` and in a command only");
		return val_bad();
	}
	if (v.kind == V_X && L->j->x[v.a].op == JX_SECRET) { /* where it is used is what counts */
		v.a = jx_new(L->j, JX_SECRET, L->j->x[v.a].a, 0, 0, span_of(L, n));
		v.shared = false;
	}
	if (v.hasref && !(L->where & W_REF)) {
		diag_error(L->d, E0309, span_of(L, n), "the output of a task can be used only by an input port");
		diag_help(L->d, "give it a name: in x = %s", str(L, at(L, n)->name));
		return val_bad();
	}
	return v;
}

struct val lower_name(struct lower *L, nid n)
{
	struct val v;
	struct sym *s;

	if (loop_var(L, n, &v) || (n != L->base && own_port(L, n, &v)))
		return v;
	s = sym_find(L, L->cur, at(L, n)->name);
	if (n == L->base && !(s && (s->kind == SYM_TASK || s->kind == SYM_USE)) && own_port(L, n, &v))
		return v;
	if (s)
		return guard(L, n, sym_val(L, n, s));
	if (builtin(L, n, &v))
		return v;
	return unknown(L, n);
}

/* What stands before `.` or `[`.  A task whose name is no word is written as a string: "last-one".sum */
static struct val lower_base(struct lower *L, nid n)
{
	struct sym *s;
	name nm;

	if (at(L, n)->kind == N_STRING && ast_plain(L->a, n, &nm)) {
		s = sym_find(L, L->cur, nm);
		if (s && s->kind == SYM_TASK)
			return sym_val(L, n, s);
	}
	return lower_expr(L, n);
}

/* ---- task.port ---- */

static void no_output(struct lower *L, nid n, uint32_t task)
{
	const struct jtask *t = &L->j->task[task];
	name nm = at(L, n)->name;
	struct suggest sg = { .to = str(L, nm) };
	uint32_t i;

	diag_error(L->d, E0308, ast_name_span(L->a, n), "task `%s` has no output `%s`", str(L, t->name), str(L, nm));
	i = port_find(L, task, nm, false);
	if (i != UINT32_MAX) {
		diag_at(L->d, t->in[i].name_span, "`%s` is an input of it", str(L, nm));
		return;
	}
	for (i = 0; i < t->nout && L->budget; i++, L->budget--)
		suggest_try(&sg, str(L, t->out[i].name));
	if (diag_suggest(L->d, &sg))
		return;
	if (t->nout == 0)
		diag_help(L->d, "it has no outputs; use `after %s` for order without data", str(L, t->name));
	else if (t->nout == 1)
		diag_help(L->d, "its output is `%s`", str(L, t->out[0].name));
}

/* A task as this file calls it: `count`, or `alias.count` for one of a used file. */
static const char *as_written(struct lower *L, uint32_t task)
{
	const struct scope *s = &L->scope[L->t[task].scope];
	const char *nm = str(L, L->j->task[task].name) + name_len(L->names, s->prefix);

	if (L->t[task].scope == L->cur || !s->use)
		return nm;
	return arena_printf(L->tmp, "%s.%s", str(L, at(L, s->use)->name), nm);
}

static const char *count_text(struct lower *L, uint32_t task)
{
	int64_t n = task_known_count(L, task);

	if (n < 0)
		return _("several instances");
	return n < 2 ? _("an instance for each item of its loop") : arena_printf(L->tmp, _("%lld instances"), (long long)n);
}

static bool no_selector(struct lower *L, nid n, uint32_t task)
{
	const struct jtask *t = &L->j->task[task];
	const char *nm = as_written(L, task), *port = str(L, at(L, n)->name);

	diag_error(L->d, E0405, span_of(L, n), "task `%s` has %s: which one is meant?", nm, count_text(L, task));
	diag_at(L->d, t->name_span, "defined here");
	diag_help(L->d, "%s[*].%s gathers all of them, %s[%s].%s takes one", nm, port, nm,
		t->ndim && task_now(L) && task_now(L)->ndim ? str(L, task_now(L)->dim[0].var) : "i", port);
	return false;
}

static bool needless_selector(struct lower *L, nid n, uint32_t task)
{
	const struct jtask *t = &L->j->task[task];

	diag_error(L->d, E0406, span_of(L, n), "task `%s` has one instance only", str(L, t->name));
	diag_at(L->d, t->name_span, "defined here");
	diag_help(L->d, "write %s.%s", as_written(L, task), str(L, at(L, n)->name));
	diag_fix(L->d, span_of(L, n), "%s.%s", as_written(L, task), str(L, at(L, n)->name));
	return false;
}

/* Do the selectors name this instance's own loop variables, in order? */
static bool is_identity(const struct lower *L, jxid sel, uint32_t n)
{
	uint32_t d = 0;

	for (; sel; sel = L->j->x[sel].next, d++) {
		const struct jx *x = &L->j->x[sel];

		if (x->op == JX_INSTANCE && n == 1)
			continue;
		if (x->op != JX_VAR || x->a != d)
			return false;
	}
	return true;
}

static uint32_t count_all(const struct lower *L, jxid sel)
{
	uint32_t n = 0;

	for (; sel; sel = L->j->x[sel].next)
		n += L->j->x[sel].op == JX_ALL;
	return n;
}

/* Several selectors become one: the key "a,b". */
static jxid join_selectors(struct lower *L, jxid sel, struct span sp)
{
	jxid first = sel, next, comma;

	for (; (next = L->j->x[sel].next); sel = next) {
		comma = jx_new(L->j, JX_STR, name_ofs(L->names, ","), 0, 0, sp);
		L->j->x[sel].next = comma;
		L->j->x[comma].next = next;
	}
	return jx_new(L->j, JX_CAT, first, 0, 0, sp);
}

static bool selector_of(struct lower *L, nid n, const struct val *t, jxid *sel)
{
	const struct jtask *jt = &L->j->task[t->a];
	uint32_t all = count_all(L, t->b), dims = jt->ndim ? jt->ndim : 1;

	*sel = t->b;
	if (!task_scattered(L, t->a))
		return t->c == 0 || needless_selector(L, n, t->a);
	if (t->c == 0)
		return no_selector(L, n, t->a);
	if (t->c == 1 && (all || dims == 1))
		return true;
	if (t->c != dims)
		return diag_error(L->d, E0406, span_of(L, n), "task `%s` has %u loop variable%s, not %u", str(L, jt->name), dims,
			dims == 1 ? "" : "s", t->c);
	if (all == t->c)
		return L->j->x[*sel].next = 0, true;
	*sel = join_selectors(L, *sel, span_of(L, n));
	return true;
}

static struct val lower_ref(struct lower *L, nid n, const struct val *t)
{
	uint32_t port = t->a == UINT32_MAX ? UINT32_MAX : port_find(L, t->a, at(L, n)->name, true);
	const struct jport *p;
	struct val v;
	jxid sel;
	bool same;

	if (port == UINT32_MAX) {
		if (t->a != UINT32_MAX && !L->t[t->a].partial)
			no_output(L, n, t->a);
		return val_bad();
	}
	if (!(L->where & W_REF)) {
		diag_error(L->d, E0309, span_of(L, n), "the output of a task can be used only by an input port");
		diag_help(L->d, "give it a name: in %s = %s.%s", str(L, at(L, n)->name), str(L, L->j->task[t->a].name),
			str(L, at(L, n)->name));
		return val_bad();
	}
	same = t->c > 0 && is_identity(L, t->b, t->c) && !count_all(L, t->b);
	if (!selector_of(L, n, t, &sel))
		return val_bad();
	p = &L->j->task[t->a].out[port];
	v = val_x(jx_new(L->j, JX_REF, t->a, port, sel, span_of(L, n)), p->type == JT_DIR ? JT_DIR : JT_FILE);
	if (same)
		L->j->x[v.a].flags |= JXF_SAME;
	if (p->count != PORT_ONE || count_all(L, t->b)) {
		v.elem = v.type;
		v.type = JT_LIST;
	}
	v.konst = false;
	v.hasref = true;
	return v;
}

/* ---- members ---- */

void say_columns(struct lower *L, const struct suggest *sg, const name *col, uint32_t n)
{
	if (!diag_suggest(L->d, sg))
		diag_note(L->d, "its columns: %s", names_listed(L->names, col, n, 1, L->tmp));
}

static struct val column_of(struct lower *L, nid n, uint32_t tbl, uint32_t *col)
{
	const struct table *t = &L->table[tbl];
	struct suggest sg = { .to = str(L, at(L, n)->name) };
	uint32_t i;

	*col = table_column(t, at(L, n)->name);
	if (*col != UINT32_MAX)
		keymap_put(&L->keys, SPACE_COLUMN, at(L, n)->name, 1);
	if (*col != UINT32_MAX || t->bad)
		return val_bad();
	diag_error(L->d, E0206, ast_name_span(L->a, n), "table `%s` has no column `%s`", str(L, t->name), sg.to);
	for (i = 0; i < t->cols; i++)
		suggest_try(&sg, str(L, t->colname[i]));
	diag_at(L->d, t->span, "the table");
	say_columns(L, &sg, t->colname, t->cols);
	return val_bad();
}

static struct val row_member(struct lower *L, nid n, const struct val *row)
{
	const struct jdim *d = &task_now(L)->dim[row->a];
	struct suggest sg = { .to = str(L, at(L, n)->name) };
	struct val v;
	uint32_t i;

	for (i = 0; i < d->cols && d->colname[i] != at(L, n)->name; i++)
		suggest_try(&sg, str(L, d->colname[i]));
	if (i < d->cols) {
		keymap_put(&L->keys, SPACE_COLUMN, d->colname[i], 1);
		v = runtime_val(L, n, JX_COL, row->a, d->coltype[i]);
		L->j->x[v.a].b = i;
		return v;
	}
	if (said_before(L, at(L, n)->name))
		return val_bad();
	diag_error(L->d, E0206, ast_name_span(L->a, n), "%s has no column `%s`",
		d->table ? arena_printf(L->tmp, "table `%s`", str(L, d->table)) : _("the table"), sg.to);
	diag_at(L->d, d->span, "`%s` is a row of it", str(L, d->var));
	say_columns(L, &sg, d->colname, d->cols);
	return val_bad();
}

static struct val record_member(struct lower *L, nid n, const struct val *r)
{
	struct suggest sg = { .to = str(L, at(L, n)->name) };
	struct val v;
	uint32_t i;

	for (i = 0; i < r->b; i++) {
		if (L->field[r->a + i].name == at(L, n)->name) {
			v = L->field[r->a + i].val;
			v.shared = true;
			return v;
		}
		suggest_try(&sg, str(L, L->field[r->a + i].name));
	}
	diag_error(L->d, E0206, ast_name_span(L->a, n), "the record has no field `%s`", sg.to);
	diag_suggest(L->d, &sg);
	return val_bad();
}

/* A whole column as a list. */
static struct val table_member(struct lower *L, nid n, uint32_t tbl)
{
	struct val list, v;
	uint32_t col, i;
	jxid tail = 0;

	column_of(L, n, tbl, &col);
	if (col == UINT32_MAX)
		return val_bad();
	list = val_x(jx_new(L->j, JX_LIST, 0, 0, 0, span_of(L, n)), JT_LIST);
	list.elem = L->table[tbl].coltype[col];
	list.depth = 2;
	for (i = 0; i < L->table[tbl].rows; i++, tail = v.a) {
		v = val_cell(L, L->table[tbl].cell[(size_t)i * L->table[tbl].cols + col], list.elem, span_of(L, n));
		if (!val_take(L, n, &list, &v))
			return val_bad();
		*(tail ? &L->j->x[tail].next : &L->j->x[list.a].a) = v.a;
	}
	return list;
}

static struct val module_member(struct lower *L, nid n, const struct val *m, nid base)
{
	struct sym *s = sym_find(L, m->a, at(L, n)->name);
	struct suggest sg = { .to = str(L, at(L, n)->name) };
	const struct scope *sc = &L->scope[m->a];
	uint32_t i;

	(void)base;
	if (s)
		return guard(L, n, sym_val(L, n, s));
	for (i = 0; i < sc->nsym && L->budget; i++, L->budget--)
		suggest_try(&sg, str(L, L->sym[sc->sym0 + i].name));
	diag_error(L->d, E0202, ast_name_span(L->a, n), "file `%s` defines nothing named `%s`", str(L, sc->path), sg.to);
	diag_suggest(L->d, &sg);
	return val_bad();
}

/* The name that a.b, a[i].b, a[*].b start with: a port has no members, so a task or used file of that name is meant. */
static struct val member_base(struct lower *L, nid n)
{
	nid outer = L->base, inner = n;
	struct val v;

	while (at(L, inner)->kind == N_INDEX || at(L, inner)->kind == N_ALL || at(L, inner)->kind == N_MEMBER)
		inner = ast_kid(L->a, inner);
	L->base = inner;
	v = lower_base(L, n);
	L->base = outer;
	return v;
}

/* a.stem and the like: what other languages hang on a value is a function here. */
static struct val no_member(struct lower *L, nid n, const struct val *v)
{
	struct span sp = span_of(L, ast_kid(L->a, n));
	struct suggest sg = { .to = str(L, at(L, n)->name) };
	const char *text = source_text(L->s->sources, sp);
	unsigned i;

	diag_error(L->d, E0206, ast_name_span(L->a, n), "%s has no member `%s`", val_a(v), sg.to);
	for (i = 0; i < FN_COUNT; i++)
		suggest_try(&sg, fn_name((enum jfn)i));
	diag_note(L->d, "a value has no members; functions work on it: basename(x), stem(x), ext(x), dirname(x)");
	if (!suggest_best(&sg) || !text)
		return val_bad();
	diag_help(L->d, "write `%s(%.*s)`", sg.best, (int)(sp.hi - sp.lo), text);
	diag_fix_unsafe(L->d, span_of(L, n), "%s(%.*s)", sg.best, (int)(sp.hi - sp.lo), text);
	return val_bad();
}

struct val lower_member(struct lower *L, nid n)
{
	nid base = ast_kid(L->a, n);
	struct val v = member_base(L, base);
	uint32_t col;

	switch ((enum val_kind)v.kind) {
	case V_BAD: return v;
	case V_TASK: return lower_ref(L, n, &v);
	case V_MODULE: return module_member(L, n, &v, base);
	case V_ROW: return row_member(L, n, &v);
	case V_RECORD: return record_member(L, n, &v);
	case V_TABLE: return table_member(L, n, v.a);
	case V_CROW:
		column_of(L, n, v.a, &col);
		return col == UINT32_MAX ? val_bad() : val_cell(L, L->table[v.a].cell[(size_t)v.b * L->table[v.a].cols + col],
			L->table[v.a].coltype[col], span_of(L, n));
	case V_X: case V_RANGE: case V_DOCKER: break;
	}
	if (v.kind == V_X && v.type == JT_UNKNOWN)
		return val_bad();
	return no_member(L, n, &v);
}

/* ---- a[i], a[*] ---- */

static struct val task_select(struct lower *L, nid n, struct val t, jxid sel)
{
	jxid *end = &t.b;

	(void)n;
	while (*end)
		end = &L->j->x[*end].next;
	*end = sel;
	t.c++;
	return t;
}

/* A shared reference gets another selector: copy it with the one it has. */
static struct val ref_copy(struct lower *L, struct val v)
{
	struct val sel = { .shared = true };

	v.a = val_item(L, &v);
	v.shared = false;
	sel.a = L->j->x[v.a].c;
	if (sel.a) {
		sel.a = val_item(L, &sel);
		L->j->x[v.a].c = sel.a;
	}
	return v;
}

static struct val family_elem(struct lower *L, nid n, struct val v, const struct val *i)
{
	struct jx *x = &L->j->x[v.a];
	const struct jport *p = &L->j->task[x->a].out[x->b];
	bool gathered = x->c && count_all(L, x->c);
	jxid sel = val_item(L, i), *end;

	if (p->count == PORT_ONE || gathered) { /* an element of a gather */
		struct val e = val_x(jx_new(L->j, JX_ELEM, v.a, i->a, 0, span_of(L, n)), v.elem);

		return val_take(L, n, &e, &v) && val_take(L, n, &e, i) ? e : val_bad();
	}
	if (v.shared)
		v = ref_copy(L, v);
	for (end = &L->j->x[v.a].c; *end; end = &L->j->x[*end].next)
		;
	*end = sel;
	L->j->xspan[v.a] = span_of(L, n);
	v.type = v.elem;
	return val_take(L, n, &v, i) ? v : val_bad();
}

static struct val list_elem(struct lower *L, nid n, struct val v, const struct val *i)
{
	struct val e = val_x(jx_new(L->j, JX_ELEM, v.a, i->a, 0, span_of(L, n)), v.elem);

	if (!val_take(L, n, &e, &v) || !val_take(L, n, &e, i))
		return val_bad();
	if (!e.konst)
		return e;
	e.weight = 1;
	e.depth = 1;
	return val_fold(L, n, e);
}

/* First rows of all keys, made at the first look-up. */
static uint32_t table_row(struct lower *L, uint32_t tbl, name key)
{
	struct table *t = &L->table[tbl];
	uint32_t i, row;

	for (i = 0; !t->space && i < t->rows; i++)
		keymap_put(&L->keys, SPACE_TABLE | tbl, t->cell[(size_t)i * t->cols], i + 1);
	t->space = 1;
	row = keymap_get(&L->keys, SPACE_TABLE | tbl, key);
	return row ? row - 1 : UINT32_MAX;
}

static struct val table_elem(struct lower *L, nid n, const struct val *t, nid in, struct val i)
{
	const struct table *tbl = &L->table[t->a];
	int64_t row;

	if (!i.konst)
		return diag_error(L->d, E0409, span_of(L, in), "a row of a table must be chosen by a constant"), val_bad();
	row = i.type == JT_INT ? jx_int(L->j, i.a) : table_row(L, t->a, L->j->x[i.a].a);
	if (i.type == JT_INT ? row >= 0 && row < tbl->rows : row != UINT32_MAX)
		return (struct val){ .kind = V_CROW, .type = JT_RECORD, .konst = true, .a = t->a, .b = (uint32_t)row };
	if (i.type == JT_INT)
		diag_error(L->d, E0407, span_of(L, in), "table `%s` has %u rows: no row %lld", str(L, tbl->name), tbl->rows,
			(long long)row);
	else
		diag_error(L->d, E0408, span_of(L, in), "table `%s` has no row `%s`", str(L, tbl->name),
			str(L, L->j->x[i.a].a));
	(void)n;
	return val_bad();
}

static struct val not_indexable(struct lower *L, nid n, const struct val *v)
{
	diag_error(L->d, E0406, span_of(L, n), "%s has no elements", val_a(v));
	return val_bad();
}

struct val lower_index(struct lower *L, nid n)
{
	nid base = ast_kid(L->a, n), in = ast_next(L->a, base);
	struct val v = lower_base(L, base), i = lower_scalar(L, in);
	bool key = type_stringy(i.type) || i.type == JT_INT || i.type == JT_UNKNOWN;

	if (v.kind == V_RANGE)
		v = as_scalar(L, base, v);
	if (v.kind == V_BAD || i.kind == V_BAD)
		return val_bad();
	if (v.kind == V_TASK && key)
		return task_select(L, n, v, val_item(L, &i));
	if (v.kind == V_TABLE && key)
		return table_elem(L, n, &v, in, i);
	if (v.kind != V_X || v.type != JT_LIST)
		return v.kind == V_TASK || v.kind == V_TABLE ?
			(diag_error(L->d, E0401, span_of(L, in), "an index is an int or a key, not %s", val_a(&i)), val_bad()) :
			not_indexable(L, n, &v);
	if (!val_coerce(L, in, &i, JT_INT, JT_UNKNOWN, "an index"))
		return val_bad();
	return L->j->x[v.a].op == JX_REF ? family_elem(L, n, v, &i) : list_elem(L, n, v, &i);
}

struct val lower_all(struct lower *L, nid n)
{
	struct val v = lower_base(L, ast_kid(L->a, n));

	if (v.kind == V_TASK)
		return task_select(L, n, v, jx_new(L->j, JX_ALL, 0, 0, 0, span_of(L, n)));
	if (v.kind == V_BAD || v.kind == V_TABLE || v.kind == V_RANGE || (v.kind == V_X && v.type == JT_LIST))
		return v;
	return not_indexable(L, n, &v);
}
