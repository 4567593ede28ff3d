/* graph_json.c - a picture as data, schema weft.graph/1: see doc/graph.md. */
#include "compiler/graph_pic.h"

#include "base/json.h"

static void span_add(struct jw *w, const struct pic *p, struct span sp)
{
	struct place a = source_place(p->job->sources, sp.lo), z = source_place(p->job->sources, sp.hi);

	if (!sp.hi || !a.src)
		return;
	jw_key(w, "span");
	jw_open(w, '{');
	jw_kstr(w, "file", a.src->path);
	jw_kint(w, "line", a.line);
	jw_kint(w, "column", a.chr);
	if (z.src == a.src) {
		jw_kint(w, "end_line", z.line);
		jw_kint(w, "end_column", z.chr);
	}
	jw_close(w);
}

static void kname(struct jw *w, const struct pic *p, const char *key, name nm)
{
	jw_key(w, key);
	jw_strn(w, name_str(p->job->names, nm), name_len(p->job->names, nm));
}

static void kcount(struct jw *w, const char *key, int64_t v)
{
	jw_key(w, key);
	if (v < 0)
		jw_null(w);
	else
		jw_int(w, v);
}

static void kid(struct jw *w, const struct pic *p, const char *key, uint32_t node)
{
	struct buf b;

	buf_init(&b, SIZE_MAX);
	pic_id(p, node, &b);
	jw_key(w, key);
	jw_strn(w, buf_str(&b), b.len);
	buf_free(&b);
}

static void kpath(struct jw *w, const struct pic *p, uint32_t task, jxid x)
{
	struct buf b;

	buf_init(&b, SIZE_MAX);
	pic_path(p, task, x, &b);
	jw_key(w, "path");
	jw_strn(w, buf_str(&b), b.len);
	buf_free(&b);
}

static void ports(struct jw *w, const struct pic *p, uint32_t task, const char *key, const struct jport *v, uint32_t n)
{
	jw_key(w, key);
	jw_open(w, '[');
	for (uint32_t i = 0; i < n; i++) {
		jw_open(w, '{');
		kname(w, p, "name", v[i].name);
		jw_kstr(w, "type", v[i].type == JT_DIR ? "dir" : "file");
		kpath(w, p, task, v[i].path);
		if (v[i].count != PORT_ONE)
			kcount(w, "count", v[i].count == PORT_GLOB ? -1 : v[i].n);
		jw_close(w);
	}
	jw_close(w);
}

static void scatter(struct jw *w, const struct pic *p, const struct jtask *t)
{
	jw_key(w, "for");
	jw_open(w, '[');
	for (uint32_t i = 0; i < t->ndim; i++) {
		jw_open(w, '{');
		kname(w, p, "var", t->dim[i].var);
		kcount(w, "count", t->dim[i].count);
		jw_close(w);
	}
	jw_close(w);
}

static void task_fields(struct jw *w, const struct pic *p, const struct pic_node *n)
{
	const struct jtask *t = &p->job->task[n->task];
	name label = task_str(t, SET_LABEL);

	if (label)
		kname(w, p, "label", label);
	scatter(w, p, t);
	jw_kbool(w, "skipped", t->skipped);
	ports(w, p, n->task, "in", t->in, t->nin);
	ports(w, p, n->task, "out", t->out, t->nout);
	span_add(w, p, t->name_span);
}

static const char *const kinds[] = { "task", "group", "instance", "more", "join" };

static void node_add(struct jw *w, const struct pic *p, uint32_t i)
{
	const struct pic_node *n = &p->node[i];
	struct buf b;

	jw_open(w, '{');
	kid(w, p, "id", i);
	jw_kstr(w, "kind", kinds[n->kind]);
	kname(w, p, "task", p->job->task[n->task].name);
	if (n->kind != PIC_JOIN)
		kcount(w, "count", n->count);
	if (n->kind == PIC_INSTANCE) {
		buf_init(&b, SIZE_MAX);
		jw_kint(w, "instance", n->instance);
		if (instance_key(p->job, n->task, n->instance, &b)) {
			jw_key(w, "key");
			jw_strn(w, buf_str(&b), b.len);
		}
		buf_free(&b);
	}
	if (n->cycle)
		jw_kbool(w, "cycle", true);
	if (n->kind == PIC_TASK)
		task_fields(w, p, n);
	jw_close(w);
}

static void files_add(struct jw *w, const struct pic *p, const struct pic_edge *e)
{
	const struct jedge *g = &p->job->edge[e->edge];
	uint32_t n;
	const struct pic_ref *r = pic_refs_of(p, g->to, g->from, &n);

	jw_key(w, "files");
	jw_open(w, '[');
	for (uint32_t i = 0; i < n; i++) {
		const struct jport *o = &p->job->task[r[i].from].out[r[i].port];
		jw_open(w, '{');
		kname(w, p, "port", o->name);
		kpath(w, p, r[i].from, o->path);
		jw_close(w);
	}
	jw_close(w);
}

static void edge_add(struct jw *w, const struct pic *p, const struct pic_edge *e)
{
	const struct jedge *g = &p->job->edge[e->edge];

	jw_open(w, '{');
	kid(w, p, "from", e->from);
	kid(w, p, "to", e->to);
	jw_kstr(w, "kind", g->data ? "data" : "order");
	jw_kstr(w, "waits", g->kind == EDGE_SAME ? "same" : "all");
	if (e->cycle)
		jw_kbool(w, "cycle", true);
	if (g->data && g->port != UINT32_MAX && g->port < p->job->task[g->to].nin)
		kname(w, p, "port", p->job->task[g->to].in[g->port].name);
	if (g->data)
		files_add(w, p, e);
	span_add(w, p, edge_span(p->job, (uint32_t)(g - p->job->edge)));
	jw_close(w);
}

void pic_json(const struct pic *p, struct buf *out)
{
	struct jw w;

	jw_init(&w, out, 1);
	jw_open(&w, '{');
	jw_kstr(&w, "schema", "weft.graph/1");
	kname(&w, p, "name", p->job->name);
	jw_kbool(&w, "cyclic", p->job->cyclic);
	jw_key(&w, "nodes");
	jw_open(&w, '[');
	for (uint32_t i = 0; i < p->n; i++)
		node_add(&w, p, i);
	jw_close(&w);
	jw_key(&w, "edges");
	jw_open(&w, '[');
	for (uint32_t i = 0; i < p->m; i++)
		edge_add(&w, p, &p->edge[i]);
	jw_close(&w);
	jw_close(&w);
	buf_addc(out, '\n');
}
