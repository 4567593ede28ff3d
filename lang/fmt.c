/* fmt.c - a tree as canonical weft text: statements and declarations.
 *
 * A statement is put together in f->line and handed out as a row; consecutive rows of one group share the
 * column of their `=` and of their comments.  Comments come from the list of the tree, by their place. */
#include "lang/fmt.h"

#include "lang/front.h"

#include <stdlib.h>
#include <string.h>

enum group { GROUP_NONE, GROUP_PORT, GROUP_SET, GROUP_PARAM, GROUP_LET, GROUP_TABLE, GROUP_OTHER };

static void statements(struct fmt *f, nid first, uint32_t end, bool top);

static const struct node *at(const struct fmt *f, nid n)
{
	return &f->a->v[n];
}

static void put(struct fmt *f, const char *s)
{
	buf_adds(&f->line, s);
}

/* The first statement among n's children. */
static nid first_statement(const struct fmt *f, nid n)
{
	nid k = at(f, n)->kid;

	while (k && !fmt_is_statement((enum node_kind)at(f, k)->kind))
		k = at(f, k)->next;
	return k;
}

/* `= value`, aligned with the lines around. */
static void equals(struct fmt *f, nid value)
{
	f->eq = (uint32_t)f->line.len;
	put(f, " = ");
	fmt_expr(f, value);
}

static void type(struct fmt *f, nid n)
{
	put(f, name_str(f->a->names, at(f, n)->name));
	if (at(f, n)->kid) {
		put(f, "(");
		type(f, at(f, n)->kid);
		put(f, ")");
	}
}

/* ---- blocks ---- */

/* Comments inside n's braces? */
static bool notes_in_block(const struct fmt *f, nid n)
{
	uint32_t brace = fmt_brace(f, n);

	return brace && fmt_has_note(f, brace, at(f, n)->span.hi);
}

/* `{ key = value }` on the line, if that is all. */
static bool short_block(struct fmt *f, nid n)
{
	nid k = first_statement(f, n);
	size_t start = f->line.len;
	enum node_kind kind = (enum node_kind)at(f, n)->kind;

	if (!k || at(f, k)->next || at(f, k)->kind != N_SET || notes_in_block(f, n) ||
	    !(kind == N_BLOCK || kind == N_PORT || kind == N_PARAM))
		return false;
	put(f, " { ");
	fmt_name(f, k);
	put(f, " = ");
	fmt_flat(f, at(f, k)->kid);
	put(f, " }");
	if (fmt_columns(f->line.p, f->line.len) + (uint32_t)f->indent <= 80)
		return true;
	f->line.len = start;
	f->line.p[start] = 0;
	return false;
}

/* The line so far, a block of statements, and its }.  n holds them; brace is where its { stands. */
static void long_block(struct fmt *f, nid n, uint32_t brace)
{
	nid first = first_statement(f, n);
	uint32_t end = at(f, n)->span.hi, note = UINT32_MAX;
	bool notes = f->text && fmt_has_note(f, brace, end);

	if (!first && !notes) {
		put(f, " {}");
		return;
	}
	put(f, " {");
	if (notes)
		note = fmt_note_behind(f, brace, first ? at(f, first)->span.lo : end);
	f->eq = UINT32_MAX;
	fmt_row(f, GROUP_NONE, note);
	f->indent += FMT_INDENT;
	statements(f, first, f->text ? end : 0, false);
	f->indent -= FMT_INDENT;
	put(f, "}");
}

static void block(struct fmt *f, nid n)
{
	if (!short_block(f, n))
		long_block(f, n, f->text ? fmt_brace(f, n) : 0);
}

/* A block that may be left out when it is empty. */
static void optional_block(struct fmt *f, nid n)
{
	if (first_statement(f, n) || notes_in_block(f, n))
		block(f, n);
}

/* ---- statements ---- */

static void port(struct fmt *f, nid n)
{
	struct port_parts p = ast_port(f->a, n);

	fmt_name(f, n);
	if (p.count) {
		put(f, "[");
		if (at(f, p.count)->kid)
			fmt_flat(f, at(f, p.count)->kid);
		put(f, "]");
	}
	if (p.type) {
		put(f, ": ");
		type(f, p.type);
	}
	if (f->eq == UINT32_MAX)
		f->eq = (uint32_t)f->line.len;
	put(f, " = ");
	fmt_expr(f, p.path);
	optional_block(f, n);
}

static void ports(struct fmt *f, nid n)
{
	put(f, at(f, n)->kind == N_IN ? "in  " : "out ");
	for (nid k = at(f, n)->kid; k; k = at(f, k)->next) {
		if (k != at(f, n)->kid)
			put(f, ", ");
		port(f, k);
	}
}

static void run(struct fmt *f, nid n)
{
	put(f, "run ");
	if (at(f, n)->name) {
		fmt_name(f, n);
		put(f, " ");
	}
	if (at(f, at(f, n)->kid)->kind == N_SCRIPT)
		fmt_script(f, at(f, n)->kid);
	else
		fmt_string(f, at(f, n)->kid);
}

static void retry(struct fmt *f, nid n)
{
	nid times = at(f, n)->kid;

	put(f, "retry ");
	fmt_flat(f, times);
	for (nid k = at(f, times)->next; k; k = at(f, k)->next) {
		put(f, k == at(f, times)->next ? " on " : ", ");
		fmt_name(f, k);
		if (at(f, k)->kid) {
			put(f, "(");
			fmt_flat(f, at(f, k)->kid);
			put(f, ")");
		}
	}
}

static void map(struct fmt *f, nid n)
{
	static const char *const words[] = { "mount ", "input ", "output ", "log " };
	nid from = at(f, n)->kid, to = at(f, from)->next, mode = at(f, to)->next;

	put(f, words[at(f, n)->op & 3]);
	fmt_flat(f, from);
	put(f, " -> ");
	fmt_flat(f, to);
	if (mode && at(f, mode)->kind == N_NAME) {
		put(f, " : ");
		fmt_name(f, mode);
	}
}

static void named_block(struct fmt *f, nid n)
{
	nid label = at(f, n)->kid;

	fmt_name(f, n);
	if (label && (at(f, label)->kind == N_NAME || at(f, label)->kind == N_STRING)) {
		put(f, " ");
		fmt_flat(f, label);
	}
	block(f, n);
}

/* ---- declarations ---- */

static void workflow(struct fmt *f, nid n)
{
	put(f, "workflow");
	if (at(f, at(f, n)->kid)->kind == N_STRING) {
		put(f, " ");
		fmt_string(f, at(f, n)->kid);
	}
	optional_block(f, n);
}

static void param(struct fmt *f, nid n)
{
	nid t = at(f, n)->kid, value = at(f, t)->next;

	put(f, "param ");
	fmt_name(f, n);
	if (at(f, t)->kind == N_TYPE) {
		put(f, ": ");
		type(f, t);
	}
	if (at(f, value)->kind != N_NONE)
		equals(f, value);
	optional_block(f, n);
}

static void headed(struct fmt *f, const char *word, nid n)
{
	put(f, word);
	fmt_name(f, n);
	equals(f, at(f, n)->kid);
}

static void use(struct fmt *f, nid n)
{
	nid file = at(f, n)->kid;

	put(f, "use ");
	fmt_string(f, file);
	if (at(f, n)->name) {
		put(f, " as ");
		fmt_name(f, n);
	}
	if (at(f, file)->next) {
		put(f, " (");
		fmt_items(f, at(f, file)->next);
		put(f, ")");
	}
}

static void task(struct fmt *f, nid n)
{
	nid k = at(f, n)->kid;

	put(f, "task ");
	fmt_name(f, n);
	for (; at(f, k)->kind == N_FOR; k = at(f, k)->next) {
		nid set = at(f, k)->kid, by = at(f, set)->next;

		put(f, " for ");
		fmt_name(f, k);
		put(f, " in ");
		fmt_flat(f, set);
		if (by && at(f, by)->kind == N_NAME) {
			put(f, " by ");
			fmt_name(f, by);
		}
	}
	if (at(f, k)->kind == N_IF) {
		put(f, " if ");
		fmt_flat(f, at(f, k)->kid);
		k = at(f, k)->next;
	}
	long_block(f, k, at(f, k)->span.lo);
}

/* ---- one statement or declaration ---- */

static enum group statement(struct fmt *f, nid n)
{
	const struct node *nd = at(f, n);

	switch ((enum node_kind)nd->kind) {
	case N_IN: case N_OUT: ports(f, n); return GROUP_PORT;
	case N_RUN: run(f, n); return GROUP_OTHER;
	case N_RETRY: retry(f, n); return GROUP_OTHER;
	case N_MAP: map(f, n); return GROUP_OTHER;
	case N_AFTER: put(f, "after "); fmt_items(f, nd->kid); return GROUP_OTHER;
	case N_LABEL: put(f, "label "); fmt_string(f, nd->kid); return GROUP_OTHER;
	case N_SET: fmt_name(f, n); equals(f, nd->kid); return GROUP_SET;
	case N_BLOCK: case N_SITE: named_block(f, n); return GROUP_OTHER;
	case N_WORKFLOW: workflow(f, n); return GROUP_OTHER;
	case N_PARAM: param(f, n); return GROUP_PARAM;
	case N_TABLE: headed(f, "table ", n); return GROUP_TABLE;
	case N_LET: headed(f, "let ", n); return GROUP_LET;
	case N_DEFAULTS: put(f, "defaults"); block(f, n); return GROUP_OTHER;
	case N_CLUSTER: put(f, "cluster "); fmt_name(f, n); block(f, n); return GROUP_OTHER;
	case N_TASK: task(f, n); return GROUP_OTHER;
	case N_USE: use(f, n); return GROUP_OTHER;
	case N_NONE: case N_FILE: case N_TYPE: case N_FOR: case N_IF: case N_BODY: case N_PORT: case N_COUNT: case N_CAUSE:
	case N_ERROR: case N_NAME: case N_INT: case N_FLOAT: case N_SIZE: case N_DURATION: case N_BOOL: case N_STRING:
	case N_SCRIPT: case N_TEXT: case N_INTERP: case N_LIST: case N_RECORD: case N_ARG: case N_CALL: case N_MEMBER:
	case N_INDEX: case N_ALL: case N_UNARY: case N_BINARY: case N_COND: case N_RANGE: case N_PAREN: case NODE_KINDS: break;
	}
	return GROUP_NONE;
}

/* Does it take several lines at top level, so that blank lines set it off? */
static bool is_big(const struct fmt *f, nid n)
{
	enum node_kind k = (enum node_kind)at(f, n)->kind;

	return k == N_TASK || k == N_DEFAULTS || k == N_CLUSTER || k == N_SITE || (k == N_WORKFLOW && first_statement(f, n));
}

static bool in_list(struct fmt *f, nid n, uint32_t pos)
{
	return at(f, n)->span.lo <= pos && pos < at(f, n)->span.hi && fmt_owns(f, n, pos);
}

/* fmt_brace, once for all the comments of a node. */
static uint32_t brace_of(struct fmt *f, nid n)
{
	if (f->brace_of != n) {
		f->brace_of = n;
		f->brace_at = fmt_brace(f, n);
	}
	return f->brace_at;
}

/* Will the printing of n, or of its blocks, find a place for a comment at pos? */
static bool has_place(struct fmt *f, nid n, uint32_t pos)
{
	enum node_kind k = (enum node_kind)at(f, n)->kind;
	uint32_t brace;

	if (k == N_SET || k == N_LET || k == N_TABLE)
		return in_list(f, at(f, n)->kid, pos);
	if (k == N_PARAM && in_list(f, ast_nth(f->a, n, 1), pos))
		return true;
	if (k == N_IN || k == N_OUT) {
		nid p = fmt_child_at(f, n, pos);

		brace = p ? brace_of(f, p) : 0;
		return brace && pos > brace;
	}
	if (k == N_TASK)
		while (at(f, n)->kind != N_BODY)
			n = n == 0 ? 0 : at(f, n)->kind == N_TASK ? at(f, n)->kid : at(f, n)->next;
	brace = k == N_TASK ? at(f, n)->span.lo : fmt_is_statement(k) && k != N_BLOCK ? 0 : brace_of(f, n);
	return brace && pos > brace;
}

/* Comments inside n that have no place there go before it. */
static void hoist(struct fmt *f, nid n)
{
	const struct ast *a = f->a;

	for (uint32_t i = f->note; f->text && i < a->ncomments && a->comments[i].lo < at(f, n)->span.hi; i++) {
		if (f->done[i] || has_place(f, n, a->comments[i].lo))
			continue;
		fmt_flush(f);
		buf_addf(f->out, "%*s", f->indent, "");
		fmt_note_text(f, i, f->out);
		buf_addc(f->out, '\n');
		f->done[i] = 1;
	}
}

/* A blank line before n, or before the comments above it? */
static bool set_off(struct fmt *f, nid n, nid last, bool top)
{
	if (!last)
		return false;
	return fmt_blank_before(f, at(f, n)->span.lo) || (top && (is_big(f, n) || is_big(f, last)));
}

/* Comments and the blank line before n; last is the statement before it, 0 if n is the first. */
static void above(struct fmt *f, nid n, nid last, bool top)
{
	size_t len;
	bool big = last && top && (is_big(f, n) || is_big(f, last));
	uint32_t lo = at(f, n)->span.lo;
	bool notes = fmt_next_note(f) < lo;

	if (!notes && !set_off(f, n, last, top))
		return;
	fmt_flush(f);
	if (big && !(notes && fmt_blank_before(f, f->a->comments[f->note].lo)))
		buf_addc(f->out, '\n');
	len = f->out->len;
	fmt_notes_before(f, lo, !last);
	if ((len != f->out->len || (last && !big)) && fmt_blank_before(f, lo))
		buf_addc(f->out, '\n');
}

static void statements(struct fmt *f, nid first, uint32_t end, bool top)
{
	nid last = 0;

	for (nid n = first; n; last = n, n = at(f, n)->next) {
		nid next = at(f, n)->next;
		enum group g;

		above(f, n, last, top);
		hoist(f, n);
		g = statement(f, n);
		fmt_row(f, (int)g, f->text ? fmt_note_behind(f, at(f, n)->span.hi, next ? at(f, next)->span.lo : end) : UINT32_MAX);
	}
	fmt_flush(f);
	fmt_notes_before(f, end, !last);
}

static bool has_error(const struct ast *a)
{
	for (nid n = 1; n < a->n; n++)
		if (a->v[n].kind == N_ERROR)
			return true;
	return false;
}

bool fmt_print(const struct ast *a, struct buf *out)
{
	struct fmt f = { .a = a, .out = out, .eq = UINT32_MAX };
	const struct source *src = source_at(a->sources, a->v[a->root].span.lo);

	if (!a->root || has_error(a))
		return false;
	if (a->keep_comments && src && front_of(src) == FRONT_WEFT) {
		f.text = src->text;
		f.base = src->base;
		f.end = src->base + src->len;
		f.done = xcalloc(a->ncomments + 1, 1);
		f.child = xcalloc(a->n, sizeof *f.child);
	}
	buf_init(&f.line, out->max);
	buf_init(&f.rows, out->max);
	statements(&f, a->v[a->root].kid, f.end ? f.end : 0, true);
	buf_free(&f.line);
	buf_free(&f.rows);
	free(f.row);
	free(f.done);
	free(f.child);
	return !out->over;
}
