/* jobimage.c - a job to an image: every struct is copied into the array of its kind, names and expressions are
 * numbered anew as they are met. */
#include "job/jobimage_impl.h"

#include <stdlib.h>
#include <string.h>

const char image_magic[8] = "weftjob1";
const uint8_t image_width[IM_PARTS] = {
	[IM_OFF] = sizeof(uint32_t), [IM_X] = sizeof(struct jx), [IM_TASK] = sizeof(struct jtask),
	[IM_DIM] = sizeof(struct jdim), [IM_PORT] = sizeof(struct jport), [IM_MAP] = sizeof(struct jmap),
	[IM_VAL] = sizeof(struct jval), [IM_ENV] = sizeof(struct jenv), [IM_CAUSE] = sizeof(struct jcause),
	[IM_EDGE] = sizeof(struct jedge), [IM_SECRET] = sizeof(struct jsecret), [IM_SOURCE] = sizeof(struct image_source),
	[IM_NAME] = sizeof(name), [IM_BYTE] = 1, [IM_CHAR] = 1, [IM_TEXT] = 1,
};
enum { PART_MAX = UINT32_MAX - 16 };

struct known { /* an array that was copied before: tables are shared by the tasks that loop over them */
	const void *p;
	uint64_t n, at;
};
struct imager {
	const struct job *j;
	struct buf part[IM_PARTS];
	name *name;   /* old -> new */
	uint32_t nname;
	jxid *x;      /* old -> new */
	uint32_t nx;
	jxid *chain;  /* expressions on their way */
	uint32_t nchain, chaincap;
	struct known *known;
	uint32_t nknown, knowncap; /* a power of two */
	bool ok;
};

static uint64_t put(struct imager *w, enum image_part part, const void *p, size_t n)
{
	uint64_t at = w->part[part].len / image_width[part];

	w->ok = buf_add(&w->part[part], p, n) && w->ok;
	return at;
}

static uint32_t put_text(struct imager *w, const char *s, size_t n)
{
	uint64_t at = put(w, IM_TEXT, s, n);

	put(w, IM_TEXT, "", 1);
	return (uint32_t)at;
}

/* ---- names ---- */

static void put_name(struct imager *w, name nm)
{
	uint32_t at = (uint32_t)put(w, IM_CHAR, name_str(w->j->names, nm), name_len(w->j->names, nm));

	put(w, IM_CHAR, "", 1);
	put(w, IM_OFF, &at, sizeof(at));
	w->name[nm] = w->nname++;
}

static name name_in(struct imager *w, name nm)
{
	if (nm && nm < names_count(w->j->names) && !w->name[nm])
		put_name(w, nm);
	return nm < names_count(w->j->names) ? w->name[nm] : 0;
}

static uint64_t put_names(struct imager *w, const name *v, uint64_t n)
{
	uint64_t at = w->part[IM_NAME].len / sizeof(*v);

	for (uint64_t i = 0; i < n; i++) {
		name nm = name_in(w, v[i]);

		put(w, IM_NAME, &nm, sizeof(nm));
	}
	return at;
}

/* ---- arrays that may be shared ---- */

static struct known *known_slot(struct imager *w, const void *p, uint64_t n)
{
	uint32_t last = w->knowncap - 1, i = (uint32_t)((uintptr_t)p >> 3) * 2654435769u;

	for (i = (i ^ i >> 15) & last; w->known[i].p && (w->known[i].p != p || w->known[i].n != n); i = (i + 1) & last)
		;
	return &w->known[i];
}

static void known_grow(struct imager *w)
{
	struct known *old = w->known;
	uint32_t cap = w->knowncap;

	w->knowncap = cap ? cap * 2 : 64;
	w->known = xcalloc(w->knowncap, sizeof(*w->known));
	for (uint32_t i = 0; i < cap; i++)
		if (old[i].p)
			*known_slot(w, old[i].p, old[i].n) = old[i];
	free(old);
}

/* 1 + place of an array of n names or bytes, 0 for none; as the pointer that the image holds. */
static void *shared(struct imager *w, const void *p, uint64_t n, enum image_part part)
{
	struct known *k;

	if (!p || !n)
		return NULL;
	if (w->nknown >= w->knowncap / 2)
		known_grow(w);
	k = known_slot(w, p, n);
	if (!k->p) {
		k->p = p;
		k->n = n;
		k->at = part == IM_NAME ? put_names(w, p, n) : put(w, part, p, n);
		w->nknown++;
	}
	return (void *)(uintptr_t)(k->at + 1);
}

/* ---- expressions ---- */

static jxid x_in(struct imager *w, jxid id);

static void put_x(struct imager *w, jxid id)
{
	struct jx x = w->j->x[id];

	switch ((enum jop)x.op) {
	case JX_STR: case JX_SECRET: x.a = name_in(w, x.a); break;
	case JX_LIST: case JX_CAT: case JX_CALL: case JX_UN: case JX_RAW: x.a = x_in(w, x.a); break;
	case JX_REF: x.c = x_in(w, x.c); break;
	case JX_BIN: case JX_ELEM: x.a = x_in(w, x.a); x.b = x_in(w, x.b); break;
	case JX_COND: x.a = x_in(w, x.a); x.b = x_in(w, x.b); x.c = x_in(w, x.c); break;
	case JX_NONE: case JX_INT: case JX_NUM: case JX_BOOL: case JX_SIZE: case JX_DUR: case JX_VAR: case JX_COL:
	case JX_INDEX: case JX_INSTANCE: case JX_ATTEMPT: case JX_IN: case JX_OUT: case JX_CPU: case JX_MEM: case JX_TIME:
	case JX_ALL: break;
	}
	x.next = w->x[x.next];
	put(w, IM_X, &x, sizeof(x));
	w->x[id] = w->nx++;
}

/* An expression and what follows it in its list, the last first: so all that one refers to is there before it. */
static jxid x_in(struct imager *w, jxid id)
{
	uint32_t from = w->nchain;

	for (jxid i = id; i && !w->x[i]; i = w->j->x[i].next) {
		w->chain = grow(w->chain, &w->chaincap, w->nchain + 1, sizeof(*w->chain));
		w->chain[w->nchain++] = i;
	}
	while (w->nchain > from) {
		jxid i = w->chain[--w->nchain];

		if (!w->x[i])
			put_x(w, i);
	}
	return w->x[id];
}

/* ---- parts of tasks: padding is zero, so that the same job gives the same bytes ---- */

static void put_dim(struct imager *w, const struct jdim *d)
{
	struct jdim o;
	uint64_t n = d->count > 0 ? (uint64_t)d->count * d->cols : 0;

	memset(&o, 0, sizeof(o));
	o.var = name_in(w, d->var);
	o.kind = d->kind;
	o.span = d->span;
	o.lo = d->lo;
	o.count = d->count;
	o.cols = d->cols;
	o.key = d->key;
	o.colname = shared(w, d->colname, d->cols, IM_NAME);
	o.coltype = shared(w, d->coltype, d->cols, IM_BYTE);
	o.cell = shared(w, d->cell, n, IM_NAME);
	o.port = x_in(w, d->port);
	o.table = name_in(w, d->table);
	put(w, IM_DIM, &o, sizeof(o));
}

static void put_port(struct imager *w, const struct jport *p)
{
	struct jport o;

	memset(&o, 0, sizeof(o));
	o.name = name_in(w, p->name);
	o.type = p->type;
	o.count = p->count;
	o.temp = p->temp;
	o.n = p->n;
	o.path = x_in(w, p->path);
	o.name_span = p->name_span;
	o.path_span = p->path_span;
	put(w, IM_PORT, &o, sizeof(o));
}

static void put_map(struct imager *w, const struct jmap *m)
{
	struct jmap o;

	memset(&o, 0, sizeof(o));
	o.kind = m->kind;
	o.write = m->write;
	o.pool = m->pool;
	o.option = m->option;
	o.from = name_in(w, m->from);
	o.to = name_in(w, m->to);
	o.span = m->span;
	o.from_span = m->from_span;
	o.to_span = m->to_span;
	put(w, IM_MAP, &o, sizeof(o));
}

static void put_val(struct imager *w, const struct jval *v)
{
	struct jval o;

	memset(&o, 0, sizeof(o));
	o.id = v->id;
	o.n = v->n;
	o.span = v->span;
	o.name_span = v->name_span;
	switch ((enum set_type)settings[v->id].type) {
	case T_STR: case T_ANY: o.s = name_in(w, v->s); break;
	case T_LIST: o.i = (int64_t)put_names(w, v->list, v->n); break;
	case T_MAP: o.i = (int64_t)put_names(w, v->list, 2 * (uint64_t)v->n); break;
	case T_EXPR: o.x = x_in(w, v->x); break;
	case T_NUM: o.d = v->d; break;
	case T_INT: case T_BOOL: case T_DUR: case T_GB: case T_SIZE: case T_SPECIAL: o.i = v->i; break;
	}
	put(w, IM_VAL, &o, sizeof(o));
}

static void put_env(struct imager *w, const struct jenv *e)
{
	struct jenv o = { name_in(w, e->name), x_in(w, e->value), e->span };

	put(w, IM_ENV, &o, sizeof(o));
}

static void put_cause(struct imager *w, const struct jcause *c)
{
	struct jcause o;

	memset(&o, 0, sizeof(o));
	o.cause = c->cause;
	o.arg = c->arg;
	o.span = c->span;
	put(w, IM_CAUSE, &o, sizeof(o));
}

static void put_edge(struct imager *w, const struct jedge *e)
{
	struct jedge o;

	memset(&o, 0, sizeof(o));
	o.from = e->from;
	o.to = e->to;
	o.kind = e->kind;
	o.data = e->data;
	o.port = e->port;
	put(w, IM_EDGE, &o, sizeof(o));
}

#define PUT_ALL(w, put_one, v, n)                                                                                     \
	for (uint32_t i_ = 0; i_ < (n); i_++)                                                                         \
		put_one(w, &(v)[i_])

static void put_task(struct imager *w, const struct jtask *t)
{
	struct jtask o;

	memset(&o, 0, sizeof(o));
	o.name = name_in(w, t->name);
	o.span = t->span;
	o.name_span = t->name_span;
	o.bad = t->bad;
	o.counted = t->counted;
	o.skipped = t->skipped;
	o.run = t->run;
	o.interp = name_in(w, t->interp);
	o.command_span = t->command_span;
	o.count = t->count;
	o.count_span = t->count_span;
	o.max_retry = t->max_retry;
	o.ndim = t->ndim;
	o.nin = t->nin;
	o.nout = t->nout;
	o.nmap = t->nmap;
	o.nset = t->nset;
	o.nenv = t->nenv;
	o.ncause = t->ncause;
	PUT_ALL(w, put_dim, t->dim, t->ndim);
	PUT_ALL(w, put_port, t->in, t->nin);
	PUT_ALL(w, put_port, t->out, t->nout);
	o.command = x_in(w, t->command);
	PUT_ALL(w, put_map, t->map, t->nmap);
	PUT_ALL(w, put_val, t->set, t->nset);
	PUT_ALL(w, put_env, t->env, t->nenv);
	PUT_ALL(w, put_cause, t->cause, t->ncause);
	put(w, IM_TASK, &o, sizeof(o));
}

/* ---- the rest ---- */

static void put_secret(struct imager *w, const struct jsecret *s)
{
	struct jsecret o = { name_in(w, s->name), s->span };

	put(w, IM_SECRET, &o, sizeof(o));
}

static void put_sources(struct imager *w)
{
	for (uint32_t i = 0; i < sources_count(w->j->sources); i++) {
		struct source_info s = sources_info(w->j->sources, i);
		struct image_source o = { .base = s.base, .len = s.len, .known = s.known };

		if (s.known)
			o.digest = s.digest;
		o.path = put_text(w, s.path, strlen(s.path));
		if (s.text)
			o.text = put_text(w, s.text, s.len);
		put(w, IM_SOURCE, &o, sizeof(o));
	}
}

static void begin(struct imager *w, const struct job *j)
{
	static const struct jx none;

	*w = (struct imager){ .j = j, .ok = true };
	for (int i = 0; i < IM_PARTS; i++)
		buf_init(&w->part[i], PART_MAX);
	w->name = xcalloc(names_count(j->names), sizeof(*w->name));
	w->x = xcalloc(j->nx, sizeof(*w->x));
	put_name(w, 0);
	put(w, IM_X, &none, sizeof(none));
	w->nx = 1;
	put_text(w, j->dir, strlen(j->dir));
}

static void end(struct imager *w)
{
	for (int i = 0; i < IM_PARTS; i++)
		buf_free(&w->part[i]);
	free(w->name);
	free(w->x);
	free(w->chain);
	free(w->known);
}

/* The head, then every part with zeros up to a multiple of 8. */
static bool assemble(struct imager *w, struct image_head *h, struct buf *out)
{
	static const char zero[8];
	size_t from = out->len;
	struct digest sum;

	memcpy(h->magic, image_magic, sizeof(h->magic));
	h->bytes = sizeof(*h);
	for (int i = 0; i < IM_PARTS; i++) {
		h->count[i] = w->part[i].len / image_width[i];
		h->bytes += w->part[i].len + (-w->part[i].len & 7);
	}
	if (!w->ok || !buf_add(out, h, sizeof(*h)))
		return false;
	for (int i = 0; i < IM_PARTS; i++) {
		if (!buf_add(out, w->part[i].p, w->part[i].len) || !buf_add(out, zero, -w->part[i].len & 7))
			return false;
		buf_free(&w->part[i]);
	}
	sum = image_sum(out->p + from, h->bytes);
	memcpy(out->p + from + offsetof(struct image_head, sum), &sum, sizeof(sum)); /* aligned or not */
	return true;
}

bool job_image_write(const struct job *j, struct buf *out)
{
	struct imager w;
	struct image_head h;
	uint32_t last;
	bool ok;

	begin(&w, j);
	memset(&h, 0, sizeof(h));
	h.name = name_in(&w, j->name);
	h.name_span = j->name_span;
	h.nset = j->nset;
	h.nparam = j->nparam;
	h.seed = sources_seed(j->sources);
	PUT_ALL(&w, put_task, j->task, j->ntask);
	PUT_ALL(&w, put_val, j->set, j->nset);
	PUT_ALL(&w, put_env, j->param, j->nparam);
	PUT_ALL(&w, put_edge, j->edge, j->nedge);
	PUT_ALL(&w, put_secret, j->secret, j->nsecret);
	put_sources(&w);
	last = (uint32_t)w.part[IM_CHAR].len;
	put(&w, IM_OFF, &last, sizeof(last));
	ok = !j->cyclic && assemble(&w, &h, out);
	end(&w);
	return ok;
}
