/* graph_pic.h - what a picture of a job shows, before any format: boxes and arrows by index.
 *
 * graph_pic.c makes it; graph_dot.c, graph_mermaid.c and graph_json.c print it.  Only the
 * files graph*.c include this. */
#ifndef WEFT_COMPILER_GRAPH_PIC_H
#define WEFT_COMPILER_GRAPH_PIC_H

#include "compiler/graph.h"

enum pic_kind {
	PIC_TASK,     /* a whole task */
	PIC_GROUP,    /* several tasks of like names at the same depth */
	PIC_INSTANCE, /* one instance of an expanded task */
	PIC_MORE,     /* the instances of an expanded task that are not drawn */
	PIC_JOIN,     /* a point where the instances of one task meet before those of another */
};
struct pic_node {
	uint8_t kind;
	bool cycle;
	uint32_t task;    /* PIC_GROUP: the first of its tasks; PIC_JOIN: the task whose instances meet */
	int64_t instance; /* PIC_INSTANCE */
	int64_t count;    /* instances it stands for; -1: known only while running */
	uint32_t tasks;   /* PIC_GROUP: how many tasks it stands for; else 1 */
};
struct pic_edge {
	uint32_t from, to; /* nodes */
	uint32_t edge;     /* an edge of the job that it stands for */
	bool cycle;
	bool tail;         /* leads into a PIC_JOIN: drawn without arrow head */
	bool label;        /* carries the file names, when asked for */
};
struct pic_ref { /* task `to` reads output `port` of task `from` */
	uint32_t to, from, port;
};
struct pic {
	const struct job *job;
	const struct graph_options *o;
	struct arena *arena;
	struct pic_node *node;
	uint32_t n, ncap;
	struct pic_edge *edge;
	uint32_t m, mcap;
	uint32_t *first;  /* [ntask] first node of a task */
	uint32_t *shown;  /* [ntask] its nodes: 1, or the instances and perhaps PIC_MORE */
	bool *on_cycle;   /* [nedge] */
	struct pic_ref *ref; /* sorted by (to, from, port), each once */
	uint32_t nref, refcap;
	uint32_t groups;  /* number of PIC_GROUP nodes */
	bool expanded;    /* some task is drawn instance by instance */
};

/* graph_pic.c: choose nodes and edges.  false after a diagnostic (an unknown task in o->expand). */
bool pic_make(struct pic *p, const struct job *j, const struct graph_options *o, struct diags *d);
void pic_free(struct pic *p);

/* graph_group.c: the longest way from a start to each task; UINT32_MAX for those on or behind a cycle. */
uint32_t *pic_depths(const struct job *j, struct arena *a);
/* Give each task the number of its group, from 0; returns how many there are. */
uint32_t pic_groups(const struct job *j, uint32_t *group);

/* graph_refs.c: find every reference to another task's output. */
void pic_refs(struct pic *p);
/* The first reference of `to` to an output of `from`, and how many follow each other. */
const struct pic_ref *pic_refs_of(const struct pic *p, uint32_t to, uint32_t from, uint32_t *n);

/* graph_text.c: texts for people, not yet escaped for any format. */
/* Add s with control characters made harmless; wider than `cols` columns loses its middle (0: never). */
void pic_clean(struct buf *b, const char *s, size_t n, uint32_t cols);
/* "100,000" */
void pic_number(struct buf *b, int64_t v);
/* What stands in the box: name, count, label; lines separated by '\n'. */
void pic_label(const struct pic *p, uint32_t node, struct buf *b);
/* The same for a node that is not in the picture. */
void pic_label_of(const struct pic *p, const struct pic_node *n, struct buf *b);
/* The full name, unshortened, for tool tips. */
void pic_title(const struct pic *p, uint32_t node, struct buf *b);
/* A unique name: "count", "count[17]", "count[+]", "count[*]". */
void pic_id(const struct pic *p, uint32_t node, struct buf *b);
/* An output port's path as a template: "results/~{i}.json". */
void pic_path(const struct pic *p, uint32_t task, jxid path, struct buf *b);
/* The files of an edge of the picture, one a line, at most `most` of them (0: all). */
void pic_files(const struct pic *p, const struct pic_edge *e, uint32_t cols, uint32_t most, struct buf *b);

/* printers */
bool pic_dot(const struct pic *p, const char *format, struct buf *out, struct diags *d);
void pic_mermaid(const struct pic *p, struct buf *out);
void pic_json(const struct pic *p, struct buf *out);

#endif
