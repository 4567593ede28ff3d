/* graph_dot.c - a picture as DOT text (cgraph) or laid out as SVG, PNG or PDF (gvc).
 *
 * The ground is transparent except for PNG: boxes are pale with dark text, and what stands outside of
 * boxes has a grey that can be read on white paper and on a dark page alike. */
#include "compiler/graph_lib.h"
#include "compiler/graph_pic.h"

#include <stdlib.h>
#include <string.h>

#define FONT "Helvetica,Arial,Liberation Sans,Noto Sans CJK SC,sans-serif"
#define GREY "#757d87"
#define RED "#d32f2f"

enum {
	LAYOUT_NODES = 2000, /* more is refused: nobody could read it, and it would take minutes */
	LAYOUT_EDGES = 8000,
	QUICK_EDGES = 1500,  /* more: a coarser layout */
	SHARP_NODES = 200,   /* up to this many a PNG has two dots a pixel */
};

struct dot {
	const struct gv *gv;
	const struct pic *p;
	Agraph_t *g;
	Agnode_t **node;
	struct buf t; /* text on its way */
};

/* --- text --- */

/* The buffer's text from `at` with what labels read as markup doubled or named. */
static void escape(struct buf *b, const char *s, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (s[i] == '\n')
			buf_adds(b, "\\n");
		else if (s[i] == '\\')
			buf_adds(b, "\\\\");
		else if (s[i] == '&')
			buf_adds(b, "&amp;");
		else
			buf_addc(b, s[i]);
	}
}

static void set(struct dot *d, void *obj, const char *key, const char *value)
{
	d->gv->agsafeset(obj, (char *)key, (char *)value, (char *)"");
}

static void set_text(struct dot *d, void *obj, const char *key, const struct buf *text)
{
	struct buf b;

	buf_init(&b, SIZE_MAX);
	escape(&b, buf_str(text), text->len);
	set(d, obj, key, buf_str(&b));
	buf_free(&b);
}

static void defaults(struct dot *d, int kind, const char *const *v)
{
	for (; *v; v += 2)
		d->gv->agattr(d->g, kind, (char *)v[0], (char *)v[1]);
}

/* Letters, digits and what the instance adds; any other name goes by the number of its node. */
static void id_of(struct dot *d, uint32_t i)
{
	const struct pic_node *n = &d->p->node[i];
	const char *s = name_str(d->p->job->names, d->p->job->task[n->task].name);
	size_t len = name_len(d->p->job->names, d->p->job->task[n->task].name);

	buf_reset(&d->t);
	if (len == strspn(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_") && len)
		pic_id(d->p, i, &d->t);
	else
		buf_addf(&d->t, "#%u", i);
}

/* --- nodes --- */

static const char *const graph_style[] = {
	"bgcolor", "transparent", "fontname", FONT, "fontsize", "11", "fontcolor", GREY, "color", GREY,
	"rankdir", "TB", "nodesep", "0.3", "ranksep", "0.45", "pad", "0.15", "style", "rounded", NULL,
};
static const char *const node_style[] = {
	"shape", "box", "style", "rounded,filled", "fillcolor", "#eef3f9", "color", "#5580ab", "fontcolor", "#15202b",
	"fontname", FONT, "fontsize", "12", "height", "0.36", "margin", "0.16,0.07", NULL,
};
static const char *const edge_style[] = {
	"color", GREY, "fontcolor", GREY, "fontname", FONT, "fontsize", "9", "arrowsize", "0.7", NULL,
};

static void node_look(struct dot *d, Agnode_t *v, const struct pic_node *n)
{
	const struct jtask *t = &d->p->job->task[n->task];

	if (n->kind == PIC_JOIN) {
		set(d, v, "shape", "point");
		set(d, v, "width", "0.06");
		set(d, v, "height", "0.06");
		set(d, v, "fillcolor", GREY);
		set(d, v, "color", GREY);
		return;
	}
	if (n->kind == PIC_GROUP || (n->kind == PIC_TASK && (n->count != 1 || t->ndim)))
		set(d, v, "peripheries", "2");
	if (t->skipped || n->kind == PIC_MORE)
		set(d, v, "style", "rounded,filled,dashed");
	if (t->skipped) {
		set(d, v, "fillcolor", "#f4f4f4");
		set(d, v, "color", "#808080");
		set(d, v, "fontcolor", "#5a5a5a");
	}
	if (n->kind == PIC_TASK && d->p->o->state && d->p->o->state[n->task].fill) {
		set(d, v, "fillcolor", d->p->o->state[n->task].fill);
		set(d, v, "color", d->p->o->state[n->task].line);
	}
	if (n->cycle) {
		set(d, v, "fillcolor", "#fdeaea");
		set(d, v, "color", RED);
		set(d, v, "penwidth", "2");
	}
}

static void node_add(struct dot *d, Agraph_t *in, uint32_t i)
{
	const struct pic_node *n = &d->p->node[i];

	id_of(d, i);
	Agnode_t *v = d->node[i] = d->gv->agnode(in, d->t.p, 1);
	buf_reset(&d->t);
	pic_label(d->p, i, &d->t);
	set_text(d, v, "label", &d->t);
	buf_reset(&d->t);
	pic_title(d->p, i, &d->t);
	set_text(d, v, "tooltip", &d->t);
	node_look(d, v, n);
}

/* The instances of an expanded task stand in a frame with its name. */
static Agraph_t *frame(struct dot *d, uint32_t task)
{
	struct pic_node whole = { .kind = PIC_TASK, .task = task, .count = d->p->job->task[task].count, .tasks = 1 };

	buf_reset(&d->t);
	buf_addf(&d->t, "cluster_%u", task);
	Agraph_t *sub = d->gv->agsubg(d->g, d->t.p, 1);
	buf_reset(&d->t);
	pic_label_of(d->p, &whole, &d->t);
	set_text(d, sub, "label", &d->t);
	return sub;
}

static void nodes(struct dot *d)
{
	Agraph_t *in = NULL;

	for (uint32_t i = 0; i < d->p->n; i++) {
		const struct pic_node *n = &d->p->node[i];
		bool inside = n->kind == PIC_INSTANCE || n->kind == PIC_MORE;
		if (inside && i == d->p->first[n->task])
			in = frame(d, n->task);
		node_add(d, inside ? in : d->g, i);
	}
}

/* --- edges --- */

static void edge_look(struct dot *d, Agedge_t *v, const struct pic_edge *e)
{
	const struct jedge *g = &d->p->job->edge[e->edge];

	if (!g->data)
		set(d, v, "style", "dashed");
	if (e->tail)
		set(d, v, "arrowhead", "none");
	if (e->cycle) {
		set(d, v, "color", RED);
		set(d, v, "penwidth", "2");
	}
}

/* Blanks keep the text off the line. */
static void edge_files(struct dot *d, Agedge_t *v, const struct pic_edge *e)
{
	struct buf b;

	buf_init(&b, SIZE_MAX);
	pic_files(d->p, e, 32, 3, &b);
	buf_reset(&d->t);
	buf_adds(&d->t, "  ");
	for (size_t i = 0; i < b.len; i++) {
		buf_addc(&d->t, b.p[i]);
		if (b.p[i] == '\n')
			buf_adds(&d->t, "  ");
	}
	buf_adds(&d->t, "  ");
	if (b.len)
		set_text(d, v, "label", &d->t);
	buf_free(&b);
}

static void edges(struct dot *d)
{
	for (uint32_t i = 0; i < d->p->m; i++) {
		const struct pic_edge *e = &d->p->edge[i];
		Agedge_t *v = d->gv->agedge(d->g, d->node[e->from], d->node[e->to], NULL, 1);
		if (d->p->o->files && e->label)
			edge_files(d, v, e);
		edge_look(d, v, e);
	}
}

static void title(struct dot *d)
{
	name nm = d->p->job->name;

	buf_reset(&d->t);
	pic_clean(&d->t, name_str(d->p->job->names, nm), name_len(d->p->job->names, nm), 80);
	if (!d->t.len)
		return;
	set_text(d, d->g, "label", &d->t);
	set(d, d->g, "labelloc", "t");
}

static uint32_t label_columns(const struct pic *p)
{
	uint64_t sum = 0;
	struct buf b;

	buf_init(&b, SIZE_MAX);
	for (uint32_t i = 0; i < p->n; i++) {
		buf_reset(&b);
		pic_label(p, i, &b);
		sum += text_width(buf_str(&b), strcspn(buf_str(&b), "\n"), 0);
	}
	buf_free(&b);
	return p->n ? (uint32_t)(sum / p->n) : 0;
}

/* Many boxes abreast make a strip nobody can print: let such a graph grow from left to right, where boxes
 * stack more densely.  An estimate: boxes a depth, and a column of text is about 7 points wide. */
static bool sideways(const struct pic *p)
{
	struct arena *a = arena_new();
	uint32_t *depth = pic_depths(p->job, a), *abreast = arena_zalloc(a, (size_t)p->job->ntask + 1, sizeof *abreast);
	uint64_t widest = 0, ranks = 0, box = (uint64_t)label_columns(p) * 7 + 24;

	for (uint32_t i = 0; i < p->n; i++) {
		uint32_t at = depth[p->node[i].task];
		if (at == UINT32_MAX)
			continue;
		abreast[at]++;
		widest = abreast[at] > widest ? abreast[at] : widest;
		ranks = at + 1 > ranks ? at + 1 : ranks;
	}
	arena_free(a);
	uint64_t down = widest * (box + 22), right = ranks * (box + 40), tall = widest * 50;
	return down > 1500 && down > 2 * (right > tall ? right : tall);
}

static void build(struct dot *d, const char *format)
{
	defaults(d, AGRAPH, graph_style);
	defaults(d, AGNODE, node_style);
	defaults(d, AGEDGE, edge_style);
	if (strcmp(format, "png") == 0) {
		set(d, d->g, "bgcolor", "white");
		set(d, d->g, "dpi", d->p->n <= SHARP_NODES ? "144" : "96");
	}
	if (d->p->expanded || sideways(d->p))
		set(d, d->g, "rankdir", "LR");
	if (d->p->m > QUICK_EDGES) {
		set(d, d->g, "splines", "line");
		set(d, d->g, "nslimit", "0.1");
		set(d, d->g, "nslimit1", "0.1");
		set(d, d->g, "mclimit", "0.01");
	}
	title(d);
	nodes(d);
	edges(d);
}

/* --- output --- */

static struct buf *complaints; /* Graphviz reports through a function without context */

static int complain(char *text)
{
	if (complaints && complaints->len < 4096)
		buf_adds(complaints, text);
	return 0;
}

static int put(void *chan, const char *s)
{
	return buf_adds(chan, s) ? 0 : -1;
}

static int flush(void *chan)
{
	(void)chan;
	return 0;
}

static bool failed(const struct buf *said, struct diags *ds)
{
	struct buf b;

	const char *text = buf_str(said);
	size_t n = strcspn(text, "\n"), skip = strncmp(text, "Error: ", 7) == 0 ? 7 : 0;

	buf_init(&b, SIZE_MAX);
	pic_clean(&b, text + skip, n - skip, 200);
	diag_error(ds, E1093, NOSPAN, "Graphviz cannot draw the graph: %s", b.len ? b.p : _("it does not say why"));
	diag_help(ds, "`dot -V` shows whether Graphviz works here; `--format mermaid` and `--format json` do without it");
	buf_free(&b);
	return false;
}

static bool layout(struct dot *d, const char *format, struct buf *out)
{
	GVC_t *gvc = d->gv->gvContext();
	char *data = NULL;
	unsigned n = 0;
	bool ok = gvc && d->gv->gvLayout(gvc, d->g, "dot") == 0;

	if (ok) {
		ok = d->gv->gvRenderData(gvc, d->g, format, &data, &n) == 0 && data && n;
		if (ok)
			ok = buf_add(out, data, n);
		if (data)
			d->gv->gvFreeRenderData(data);
		d->gv->gvFreeLayout(gvc, d->g);
	}
	if (gvc)
		d->gv->gvFreeContext(gvc);
	return ok;
}

static bool print(struct dot *d, const char *format, struct buf *out, struct diags *ds)
{
	struct buf said;

	buf_init(&said, 1 << 16);
	complaints = &said;
	agusererrf before = d->gv->agseterrf(complain);
	bool ok = strcmp(format, "dot") == 0 ? d->gv->agwrite(d->g, out) == 0 : layout(d, format, out);
	d->gv->agseterrf(before);
	complaints = NULL;
	if (!ok)
		failed(&said, ds);
	buf_free(&said);
	return ok;
}

static bool drawable(const struct pic *p, struct diags *ds)
{
	if (p->n <= LAYOUT_NODES && p->m <= LAYOUT_EDGES)
		return true;
	diag_error(ds, E1095, NOSPAN, "the graph is too large to lay out: %u boxes and %u arrows", p->n, p->m);
	diag_help(ds, "`--format dot`, `mermaid` and `json` have no limit; up to %d boxes and %d arrows are laid out",
		LAYOUT_NODES, LAYOUT_EDGES);
	return false;
}

bool pic_dot(const struct pic *p, const char *format, struct buf *out, struct diags *ds)
{
	bool text = strcmp(format, "dot") == 0;
	Agiodisc_t io = { .putstr = put, .flush = flush };
	Agdisc_t disc = { .io = &io };
	Agdesc_t kind = { .directed = 1, .maingraph = 1 };
	struct dot d = { .gv = text || drawable(p, ds) ? gv_load(!text, ds) : NULL, .p = p };

	if (!d.gv)
		return false;
	d.g = d.gv->agopen((char *)"weft", kind, &disc);
	d.node = xcalloc((size_t)p->n + 1, sizeof *d.node);
	buf_init(&d.t, SIZE_MAX);
	build(&d, format);
	bool ok = print(&d, format, out, ds);
	d.gv->agclose(d.g);
	free(d.node);
	buf_free(&d.t);
	return ok;
}
