/* graph_mermaid.c - a picture as a Mermaid flowchart, for Markdown pages that draw it. */
#include "compiler/graph_pic.h"

#include <inttypes.h>

/* Letters and digits stay, `_` doubles, the rest becomes _HH: unique, and no word of Mermaid's. */
static void id_add(const struct pic *p, uint32_t node, struct buf *b)
{
	const struct pic_node *n = &p->node[node];
	const char *s = name_str(p->job->names, p->job->task[n->task].name);

	if (n->kind == PIC_JOIN) {
		buf_addf(b, "j_%u_%u", n->task, (uint32_t)n->instance);
		return;
	}
	buf_adds(b, n->kind == PIC_GROUP ? "g_" : "t_");
	for (size_t i = 0, len = name_len(p->job->names, p->job->task[n->task].name); i < len; i++) {
		unsigned char c = (unsigned char)s[i];
		if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9'))
			buf_addc(b, (char)c);
		else if (c == '_')
			buf_adds(b, "__");
		else
			buf_addf(b, "_%02x", c);
	}
	if (n->kind == PIC_INSTANCE)
		buf_addf(b, "_i%" PRId64, n->instance);
	else if (n->kind == PIC_MORE)
		buf_adds(b, "_more");
}

/* A quoted text: what Mermaid or HTML would read as markup goes by its number. */
static void text_add(struct buf *out, const char *s, size_t n)
{
	buf_addc(out, '"');
	for (size_t i = 0; i < n; i++) {
		char c = s[i];
		bool list = i == 0 && (c == '-' || c == '*' || c == '+');
		if (c == '\n')
			buf_adds(out, "<br/>");
		else if (list || c == '"' || c == '#' || c == '&' || c == '<' || c == '>' || c == '`' || c == '\\')
			buf_addf(out, "#%d;", c);
		else
			buf_addc(out, c);
	}
	buf_addc(out, '"');
}

static void node_add(const struct pic *p, uint32_t i, struct buf *out)
{
	const struct pic_node *n = &p->node[i];
	const struct jtask *t = &p->job->task[n->task];
	bool many = n->kind == PIC_GROUP || (n->kind == PIC_TASK && (n->count != 1 || t->ndim));
	struct buf b;

	buf_init(&b, SIZE_MAX);
	pic_label(p, i, &b);
	buf_adds(out, "\t");
	id_add(p, i, out);
	if (n->kind == PIC_JOIN) {
		buf_adds(out, "(( ))");
	} else {
		buf_adds(out, many ? "[[" : "(");
		text_add(out, buf_str(&b), b.len);
		buf_adds(out, many ? "]]" : ")");
	}
	if (n->cycle || t->skipped || n->kind == PIC_MORE)
		buf_adds(out, n->cycle ? ":::cycle" : ":::dashed");
	buf_addc(out, '\n');
	buf_free(&b);
}

/* Open the frame around the instances of an expanded task. */
static void frame(const struct pic *p, uint32_t i, struct buf *out)
{
	uint32_t t = p->node[i].task;
	struct pic_node whole = { .kind = PIC_TASK, .task = t, .count = p->job->task[t].count, .tasks = 1 };
	struct buf b;

	buf_init(&b, SIZE_MAX);
	pic_label_of(p, &whole, &b);
	buf_addf(out, "\tsubgraph f_%u[", t);
	text_add(out, buf_str(&b), b.len);
	buf_adds(out, "]\n");
	buf_free(&b);
}

static void nodes(const struct pic *p, struct buf *out)
{
	for (uint32_t i = 0; i < p->n; i++) {
		const struct pic_node *n = &p->node[i];
		bool inside = n->kind == PIC_INSTANCE || n->kind == PIC_MORE;
		if (inside && i == p->first[n->task])
			frame(p, i, out);
		node_add(p, i, out);
		if (inside && i + 1 == p->first[n->task] + p->shown[n->task])
			buf_adds(out, "\tend\n");
	}
}

static void edge_add(const struct pic *p, const struct pic_edge *e, struct buf *out)
{
	bool data = p->job->edge[e->edge].data;
	struct buf b;

	buf_init(&b, SIZE_MAX);
	if (p->o->files && e->label)
		pic_files(p, e, 40, 3, &b);
	buf_adds(out, "\t");
	id_add(p, e->from, out);
	buf_adds(out, e->tail ? " ---" : e->cycle ? " ==>" : data ? " -->" : " -.->");
	if (b.len) {
		buf_addc(out, '|');
		text_add(out, b.p, b.len);
		buf_addc(out, '|');
	}
	buf_addc(out, ' ');
	id_add(p, e->to, out);
	buf_addc(out, '\n');
	buf_free(&b);
}

static void red_edges(const struct pic *p, struct buf *out)
{
	const char *sep = "\tlinkStyle ";

	for (uint32_t i = 0; i < p->m; i++) {
		if (!p->edge[i].cycle)
			continue;
		buf_addf(out, "%s%u", sep, i);
		sep = ",";
	}
	if (*sep == ',')
		buf_adds(out, " stroke:#d32f2f,stroke-width:3px\n");
}

/* A class that nothing uses would be noise. */
static void classes(const struct pic *p, struct buf *out)
{
	bool cycle = false, dashed = false;

	for (uint32_t i = 0; i < p->n; i++) {
		cycle |= p->node[i].cycle;
		dashed |= p->job->task[p->node[i].task].skipped || p->node[i].kind == PIC_MORE;
	}
	if (cycle)
		buf_adds(out, "\tclassDef cycle stroke:#d32f2f,stroke-width:3px\n");
	if (dashed)
		buf_adds(out, "\tclassDef dashed stroke-dasharray:5 4\n");
}

void pic_mermaid(const struct pic *p, struct buf *out)
{
	buf_adds(out, "flowchart TD\n");
	nodes(p, out);
	for (uint32_t i = 0; i < p->m; i++)
		edge_add(p, &p->edge[i], out);
	red_edges(p, out);
	classes(p, out);
}
