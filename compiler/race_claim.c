/* race_claim.c - collect what tasks read and write: ports, mounts and mappings, logs. */
#include "compiler/race.h"

struct collect {
	struct session *s;
	struct pathsets *c;
	struct claims *to;
	const struct jtask *t;
	uint32_t task;
	name raw[8], normal[8]; /* storage seen last: `defaults` give it to every task */
};

static struct claim *add(struct collect *k, enum claim_what what, uint32_t number, struct span sp)
{
	struct claims *v = k->to;

	if (v->n == v->cap)
		v->v = grow(v->v, &v->cap, v->n + 1, sizeof *v->v);
	v->v[v->n] = (struct claim){ .task = k->task, .number = number, .what = (uint8_t)what, .span = sp,
		.write_span = sp };
	return &v->v[v->n++];
}

static bool plain(const char *s, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++) /* "./", "//", "/." and a slash at the end: all have a slash beside one or a dot */
		if (s[i] == '/' && (i == 0 || i + 1 == n || s[i + 1] == '/' || s[i + 1] == '.' || s[i - 1] == '.'))
			return false;
	return n && !(n <= 2 && s[0] == '.');
}

/* The common case, one path that is written as it should be. */
static bool claim_text(struct collect *k, enum claim_what what, uint32_t number, struct span sp, jxid x, int64_t elems)
{
	const struct jx *e = &k->s->job->x[x];
	struct claim *c;

	if (e->op != JX_STR || !plain(name_str(k->s->names, e->a), name_len(k->s->names, e->a)))
		return false;
	c = add(k, what, number, sp);
	c->read = what == CLAIM_IN;
	c->write = !c->read;
	c->text = e->a;
	c->many = k->t->count != 1;
	c->elems = elems > 1;
	return true;
}

/* The claim of all paths of x. */
static void claim_paths(struct collect *k, enum claim_what what, uint32_t number, struct span sp, jxid x, int64_t elems)
{
	struct pathset ps;
	struct claim *c;

	if (claim_text(k, what, number, sp, x, elems))
		return;
	pathset_make(k->c, &ps, k->task, x, elems);
	if (ps.kind == PATHS_UNKNOWN || (ps.kind == PATHS_CONST && !name_len(k->s->names, ps.text)))
		return;
	c = add(k, what, number, sp);
	c->read = what == CLAIM_IN;
	c->write = !c->read;
	c->many = pathset_shared(&ps, &c->elems);
	c->text = ps.text;
	if (ps.kind == PATHS_CONST)
		return;
	c->set = arena_alloc(k->c->arena, sizeof ps);
	*c->set = ps;
}

/* ---- ports ---- */

static bool has_ref(const struct job *j, jxid x)
{
	const struct jx *e = &j->x[x];
	jxid kid;

	switch (e->op) {
	case JX_REF: return true;
	case JX_BIN: case JX_ELEM: return has_ref(j, e->a) || has_ref(j, e->b);
	case JX_UN: case JX_RAW: return has_ref(j, e->a);
	case JX_COND: return has_ref(j, e->a) || has_ref(j, e->b) || has_ref(j, e->c);
	case JX_CAT: case JX_CALL: case JX_LIST:
		for (kid = e->a; kid; kid = j->x[kid].next)
			if (has_ref(j, kid))
				return true;
		return false;
	default: return false;
	}
}

/* What comes from a task by reference comes after it: only plain names are of interest. */
static void input(struct collect *k, uint32_t number)
{
	const struct jport *p = &k->t->in[number];
	const struct jx *e = &k->s->job->x[p->path];
	jxid kid;

	if (!p->path || e->op == JX_REF)
		return;
	if (e->op != JX_LIST) {
		if (p->type != JT_LIST || !has_ref(k->s->job, p->path))
			claim_paths(k, CLAIM_IN, number, p->path_span, p->path, 0);
		return;
	}
	for (kid = e->a; kid; kid = k->s->job->x[kid].next)
		if (k->s->job->x[kid].op != JX_REF)
			claim_paths(k, CLAIM_IN, number, p->path_span, kid, 0);
}

static void output(struct collect *k, uint32_t number)
{
	const struct jport *p = &k->t->out[number];

	if (p->path)
		claim_paths(k, p->count == PORT_GLOB ? CLAIM_GLOB : CLAIM_OUT, number, p->path_span, p->path,
			p->count == PORT_FIXED ? p->n : 0);
}

/* ---- storage ---- */

static name normal_name(struct collect *k, name nm)
{
	enum { KEPT = sizeof k->raw / sizeof *k->raw };
	struct buf b;

	if (k->raw[nm % KEPT] == nm)
		return k->normal[nm % KEPT];
	buf_init(&b, 1 << 24);
	path_normal(&b, name_str(k->s->names, nm));
	k->raw[nm % KEPT] = nm;
	k->normal[nm % KEPT] = name_of(k->s->names, buf_str(&b), b.len);
	buf_free(&b);
	return k->normal[nm % KEPT];
}

static bool ends_slash(const struct session *s, name nm)
{
	return name_len(s->names, nm) && name_str(s->names, nm)[name_len(s->names, nm) - 1] == '/';
}

/* Reading and writing one place makes one claim. */
static void claim_storage(struct collect *k, enum claim_what what, name path, bool area, bool write, struct span sp)
{
	uint32_t first = k->to->n, back;
	struct claim *c;

	path = normal_name(k, path);
	if (!name_len(k->s->names, path))
		return;
	for (back = 0; back < 32 && first > back && k->to->v[first - back - 1].task == k->task; back++) {
		c = &k->to->v[first - back - 1];
		if (what == CLAIM_MAP && c->what == what && c->text == path && c->area == area) {
			c->read |= !write;
			c->write |= write;
			c->write_span = write ? sp : c->write_span;
			return;
		}
	}
	c = add(k, what, 0, sp);
	c->text = path;
	c->area = area;
	c->many = k->t->count != 1;
	c->read = !write;
	c->write = write;
}

static void map(struct collect *k, const struct jmap *m, bool own_mounts)
{
	bool out = m->kind == MAP_OUTPUT || m->kind == MAP_LOG;
	name path = out ? m->to : m->from;
	bool area = ends_slash(k->s, path) || ends_slash(k->s, out ? m->from : m->to);

	if (m->pool && own_mounts)
		return; /* W0546: it is lost */
	if (m->kind == MAP_LOG) {
		claim_storage(k, CLAIM_LOG, path, true, true, m->to_span);
		return;
	}
	claim_storage(k, CLAIM_MAP, path, area, out, out ? m->to_span : m->from_span);
	if (m->kind == MAP_MOUNT && m->write)
		claim_storage(k, CLAIM_MAP, path, area, true, m->from_span);
}

static void maps(struct collect *k)
{
	const struct jtask *t = k->t;
	bool own = false;
	uint32_t i;

	for (i = 0; i < t->nmap; i++)
		own |= t->map[i].kind == MAP_MOUNT && !t->map[i].pool;
	for (i = 0; i < t->nmap; i++)
		map(k, &t->map[i], own);
}

static void logs(struct collect *k)
{
	static const enum setting id[] = { SET_STDOUT, SET_STDERR };

	for (uint32_t i = 0; i < 2; i++) {
		const struct jval *v = task_set(k->t, id[i]);

		if (v && name_len(k->s->names, v->s))
			claim_storage(k, CLAIM_LOG, v->s, true, true, v->span);
	}
}

void claims_collect(struct session *s, struct pathsets *c, struct claims *v)
{
	struct collect k = { .s = s, .c = c, .to = v };
	uint32_t i;

	for (k.task = 0; k.task < s->job->ntask; k.task++) {
		k.t = &s->job->task[k.task];
		if (k.t->bad || k.t->skipped || k.t->count == 0)
			continue;
		for (i = 0; i < k.t->nin; i++)
			input(&k, i);
		for (i = 0; i < k.t->nout; i++)
			output(&k, i);
		maps(&k);
		logs(&k);
	}
}
