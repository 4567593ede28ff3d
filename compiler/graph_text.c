/* graph_text.c - the words in a picture: names made harmless and short, counts, file names. */
#include "compiler/graph_pic.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum { NAME_COLS = 40, LABEL_COLS = 56 };

/* --- cleaning --- */

static uint32_t decode(const unsigned char *s, size_t n, uint32_t *cp)
{
	uint32_t len = s[0] < 0x80 ? 1 : s[0] >= 0xf0 ? 4 : s[0] >= 0xe0 ? 3 : s[0] >= 0xc2 ? 2 : 0;

	*cp = 0xfffd;
	if (!len || len > n)
		return 1;
	uint32_t c = len == 1 ? s[0] : s[0] & (0xffu >> (len + 1));
	for (uint32_t i = 1; i < len; i++) {
		if ((s[i] & 0xc0) != 0x80)
			return 1;
		c = c << 6 | (s[i] & 0x3f);
	}
	*cp = c;
	return len;
}

static bool in(uint32_t c, uint32_t lo, uint32_t hi)
{
	return c >= lo && c <= hi;
}

/* Control characters, marks that turn the direction of text, and what XML cannot hold. */
static bool harmful(uint32_t c)
{
	return c < 0x20 || in(c, 0x7f, 0x9f) || in(c, 0x202a, 0x202e) || in(c, 0x2066, 0x2069) || in(c, 0xd800, 0xdfff) ||
		in(c, 0xfffe, 0xffff) || c > 0x10ffff || in(c, 0x2028, 0x2029);
}

static void clean(struct buf *b, const char *s, size_t n)
{
	for (size_t i = 0; i < n;) {
		uint32_t c, len = decode((const unsigned char *)s + i, n - i, &c);
		if (c == '\n' || c == '\t')
			buf_addc(b, ' ');
		else if (c == 0xfffd || harmful(c))
			buf_adds(b, "\xef\xbf\xbd");
		else
			buf_add(b, s + i, len);
		i += len;
	}
}

/* Bytes of s whose first or last columns fit in `cols`. */
static size_t head_of(const char *s, size_t n, uint32_t cols)
{
	uint32_t w = 0, c;
	size_t i = 0;

	while (i < n) {
		uint32_t len = decode((const unsigned char *)s + i, n - i, &c);
		w += text_width(s + i, len, w);
		if (w > cols)
			break;
		i += len;
	}
	return i;
}

static size_t tail_of(const char *s, size_t n, uint32_t cols)
{
	uint32_t w = 0;
	size_t best = n;

	for (size_t i = n; i-- > 0;) {
		if (((unsigned char)s[i] & 0xc0) == 0x80)
			continue;
		uint32_t c, len = decode((const unsigned char *)s + i, n - i, &c);
		w += text_width(s + i, len, w);
		if (w > cols)
			break;
		best = i;
	}
	return best;
}

void pic_clean(struct buf *b, const char *s, size_t n, uint32_t cols)
{
	size_t at = b->len;

	clean(b, s, n);
	if (!cols || b->over || text_width(b->p + at, b->len - at, 0) <= cols)
		return;
	struct buf whole;
	buf_init(&whole, SIZE_MAX);
	buf_add(&whole, b->p + at, b->len - at);
	b->len = at;
	buf_add(b, whole.p, head_of(whole.p, whole.len, (cols - 1) * 2 / 5));
	buf_adds(b, "\xe2\x80\xa6");
	size_t t = tail_of(whole.p, whole.len, cols - 1 - (cols - 1) * 2 / 5);
	buf_add(b, whole.p + t, whole.len - t);
	buf_free(&whole);
}

void pic_number(struct buf *b, int64_t v)
{
	char s[32];
	int n = snprintf(s, sizeof s, "%" PRId64, v);

	for (int i = 0; i < n; i++) {
		if (i && (n - i) % 3 == 0 && s[i - 1] != '-')
			buf_addc(b, ',');
		buf_addc(b, s[i]);
	}
}

/* --- boxes --- */

static void add_name(const struct pic *p, struct buf *b, name nm, uint32_t cols)
{
	pic_clean(b, name_str(p->job->names, nm), name_len(p->job->names, nm), cols);
}

/* The names of a group: digits that differ are a star. */
static void add_stem(const struct pic *p, struct buf *b, name nm, uint32_t cols)
{
	const char *s = name_str(p->job->names, nm);
	struct buf t;

	buf_init(&t, SIZE_MAX);
	for (size_t i = 0, n = name_len(p->job->names, nm); i < n; i++) {
		bool digit = s[i] >= '0' && s[i] <= '9';
		if (!digit || i + 1 == n || s[i + 1] < '0' || s[i + 1] > '9')
			buf_addc(&t, digit ? '*' : s[i]);
	}
	pic_clean(b, buf_str(&t), t.len, cols);
	buf_free(&t);
}

static void add_count(struct buf *b, const struct pic_node *n, const struct jtask *t)
{
	if (n->count < 0) {
		buf_adds(b, " \xc3\x97?");
	} else if (n->count != 1 || t->ndim) {
		buf_adds(b, " \xc3\x97");
		pic_number(b, n->count);
	}
}

static void add_instance(const struct pic *p, struct buf *b, const struct pic_node *n, uint32_t cols)
{
	struct buf key;

	buf_init(&key, SIZE_MAX);
	if (!instance_key(p->job, n->task, n->instance, &key))
		buf_addf(&key, "%" PRId64, n->instance);
	pic_clean(b, buf_str(&key), key.len, cols);
	buf_free(&key);
}

static void add_group(const struct pic *p, struct buf *b, const struct pic_node *n, uint32_t cols)
{
	add_stem(p, b, p->job->task[n->task].name, cols);
	buf_addc(b, '\n');
	pic_number(b, n->tasks);
	buf_adds(b, " tasks");
	if (n->count < 0 || n->count != n->tasks)
		add_count(b, n, &p->job->task[n->task]);
}

static void label_of(const struct pic *p, const struct pic_node *n, struct buf *b, uint32_t cols)
{
	const struct jtask *t = &p->job->task[n->task];

	switch ((enum pic_kind)n->kind) {
	case PIC_TASK:
		add_name(p, b, t->name, cols);
		add_count(b, n, t);
		break;
	case PIC_GROUP:
		add_group(p, b, n, cols);
		break;
	case PIC_INSTANCE:
		add_instance(p, b, n, cols);
		break;
	case PIC_MORE:
		buf_adds(b, "+ ");
		pic_number(b, n->count);
		buf_adds(b, " more");
		break;
	case PIC_JOIN:
		break;
	}
}

void pic_label_of(const struct pic *p, const struct pic_node *n, struct buf *b)
{
	name label = task_str(&p->job->task[n->task], SET_LABEL);

	label_of(p, n, b, NAME_COLS);
	if (n->kind == PIC_TASK && label) {
		buf_addc(b, '\n');
		add_name(p, b, label, LABEL_COLS);
	}
	if (n->kind == PIC_TASK && p->o->state && p->o->state[n->task].text) {
		buf_addc(b, '\n');
		pic_clean(b, p->o->state[n->task].text, strlen(p->o->state[n->task].text), LABEL_COLS);
	}
}

void pic_label(const struct pic *p, uint32_t node, struct buf *b)
{
	pic_label_of(p, &p->node[node], b);
}

void pic_title(const struct pic *p, uint32_t node, struct buf *b)
{
	const struct pic_node *n = &p->node[node];

	if (n->kind == PIC_INSTANCE || n->kind == PIC_MORE) {
		add_name(p, b, p->job->task[n->task].name, 0);
		buf_addc(b, ' ');
	}
	label_of(p, n, b, 0);
	if (p->job->task[n->task].skipped)
		buf_adds(b, " (skipped)");
}

void pic_id(const struct pic *p, uint32_t node, struct buf *b)
{
	const struct pic_node *n = &p->node[node];
	name nm = p->job->task[n->task].name;

	if (n->kind == PIC_JOIN)
		buf_addf(b, "%u>%u", n->task, (uint32_t)n->instance);
	else if (n->kind == PIC_GROUP)
		add_stem(p, b, nm, 0);
	else
		buf_add(b, name_str(p->job->names, nm), name_len(p->job->names, nm));
	if (n->kind == PIC_MORE)
		buf_adds(b, "[+]");
	else if (n->kind == PIC_INSTANCE)
		buf_addf(b, "[%" PRId64 "]", n->instance);
}

/* --- files --- */

static void add_part(const struct pic *p, uint32_t task, jxid x, struct buf *b)
{
	if (p->job->x[x].op == JX_STR) {
		buf_add(b, name_str(p->job->names, p->job->x[x].a), name_len(p->job->names, p->job->x[x].a));
		return;
	}
	buf_adds(b, "~{");
	jx_unparse(p->job, task, x, b);
	buf_addc(b, '}');
}

void pic_path(const struct pic *p, uint32_t task, jxid path, struct buf *b)
{
	const struct jx *x = &p->job->x[path];

	if (x->op != JX_CAT) {
		if (path)
			add_part(p, task, path, b);
		return;
	}
	for (jxid k = x->a; k; k = p->job->x[k].next)
		add_part(p, task, k, b);
}

/* One file of an instance: its own path when it has one, else the template. */
static void add_file(const struct pic *p, const struct pic_node *n, const struct pic_ref *r, struct buf *b)
{
	const struct jport *o = &p->job->task[r->from].out[r->port];
	size_t at = b->len;

	if (n->kind == PIC_INSTANCE && n->task == r->from && o->count == PORT_ONE) {
		struct jctx c = { .job = p->job, .arena = p->arena, .task = r->from, .instance = n->instance, .attempt = 1 };
		if (jx_text(&c, o->path, b))
			return;
		b->len = at;
	}
	pic_path(p, r->from, o->path, b);
}

void pic_files(const struct pic *p, const struct pic_edge *e, uint32_t cols, uint32_t most, struct buf *b)
{
	const struct jedge *g = &p->job->edge[e->edge];
	struct buf t;
	uint32_t n;
	const struct pic_ref *r = pic_refs_of(p, g->to, g->from, &n);

	buf_init(&t, SIZE_MAX);
	for (uint32_t i = 0; i < n && (!most || i < most); i++) {
		buf_reset(&t);
		add_file(p, &p->node[e->from], &r[i], &t);
		if (i)
			buf_addc(b, '\n');
		pic_clean(b, buf_str(&t), t.len, cols);
	}
	if (most && n > most)
		buf_addf(b, "\n+ %u more", n - most);
	buf_free(&t);
}
