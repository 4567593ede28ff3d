/* fmt_expr.c - expressions, strings and scripts as canonical text. */
#include "lang/fmt.h"
#include "lang/text.h"

#include <string.h>

static const struct node *at(const struct fmt *f, nid n)
{
	return &f->a->v[n];
}

/* ---- names ---- */

static bool is_identifier(const char *s)
{
	if (!*s || (*s >= '0' && *s <= '9') || !strcmp(s, "true") || !strcmp(s, "false"))
		return false;
	while (word_byte(*s))
		s++;
	return !*s;
}

/* A value as it is written between quotes; `more`: ~{ } follows it. */
static void escape(struct buf *b, const char *s, size_t n, bool more)
{
	for (size_t i = 0; i < n; i++) {
		size_t t = i;

		switch (s[i]) {
		case '"': buf_adds(b, "\\\""); continue;
		case '\\': buf_adds(b, "\\\\"); continue;
		case '\n': buf_adds(b, "\\n"); continue;
		case '\t': buf_adds(b, "\\t"); continue;
		case '\r': buf_adds(b, "\\r"); continue;
		case '~':
			while (t < n && s[t] == '~')
				t++;
			if (t == n && more)
				buf_adds(b, t == i + 1 ? "\\u{7E}" : "~");
			else if (t < n && s[t] == '{' && (i == 0 || s[i - 1] != '~'))
				buf_adds(b, "~~");
			else
				buf_addc(b, '~');
			continue;
		default: break;
		}
		if ((unsigned char)s[i] < ' ' || s[i] == 127)
			buf_addf(b, "\\u{%X}", (unsigned)(unsigned char)s[i]);
		else
			buf_addc(b, s[i]);
	}
}

void fmt_name(struct fmt *f, nid n)
{
	const struct node *nd = at(f, n);
	const char *s = name_str(f->a->names, nd->name);
	bool plain = is_identifier(s) && !(nd->flags & NF_QUOTED) && !(nd->kind == N_SET && !strcmp(s, "on"));

	if (plain) {
		buf_adds(&f->line, s);
		return;
	}
	buf_addc(&f->line, '"');
	escape(&f->line, s, name_len(f->a->names, nd->name), false);
	buf_addc(&f->line, '"');
}

/* ---- strings and scripts ---- */

/* Plain script text: only ~{ is special. */
static void script_text(struct buf *b, const char *s, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		size_t t = i;

		while (t < n && s[t] == '~')
			t++;
		if (t > i && t < n && s[t] == '{' && (i == 0 || s[i - 1] != '~'))
			buf_addc(b, '~');
		buf_addc(b, s[i]);
	}
}

/* Adjacent texts from k on, as one; the node behind them. */
static nid texts(struct fmt *f, nid k, bool script)
{
	struct buf value;

	buf_init(&value, f->line.max);
	for (; k && at(f, k)->kind == N_TEXT; k = at(f, k)->next)
		ast_decode(f->a, k, script, &value);
	if (script)
		script_text(&f->line, buf_str(&value), value.len);
	else
		escape(&f->line, buf_str(&value), value.len, k != 0);
	buf_free(&value);
	return k;
}

/* Text and ~{ } of a string or script.  Weft text is kept as it was written. */
static void parts(struct fmt *f, nid k, bool script)
{
	while (k) {
		const struct node *nd = at(f, k);
		size_t len;

		if (nd->kind == N_TEXT && nd->flags & NF_SYNTH) {
			k = texts(f, k, script);
			continue;
		}
		if (nd->kind == N_TEXT) {
			const char *s = ast_text(f->a, k, &len);

			buf_add(&f->line, s, len);
		} else {
			buf_adds(&f->line, "~{");
			fmt_flat(f, nd->kid);
			buf_addc(&f->line, '}');
		}
		k = nd->next;
	}
}

void fmt_string(struct fmt *f, nid n)
{
	buf_addc(&f->line, '"');
	parts(f, at(f, n)->kid, false);
	buf_addc(&f->line, '"');
}

/* The lines of a text at the present indentation; blank ones stay empty. */
static void indented(struct fmt *f, const char *s, const char *end)
{
	while (s < end) {
		const char *nl = memchr(s, '\n', (size_t)(end - s));
		size_t len = nl ? (size_t)(nl - s) : (size_t)(end - s);

		if (strspn(s, " \t") >= len) {
			buf_addc(&f->line, '\n');
		} else {
			fmt_newline(f, &f->line);
			buf_add(&f->line, s, len);
		}
		s += len + 1;
	}
}

void fmt_script(struct fmt *f, nid n)
{
	struct buf line = f->line, text;

	buf_init(&f->line, line.max); /* the script's text is put together where expressions are written */
	parts(f, at(f, n)->kid, true);
	text = f->line;
	f->line = line;
	buf_addc(&f->line, '{');
	f->indent += FMT_INDENT;
	indented(f, buf_str(&text), buf_str(&text) + text.len);
	f->indent -= FMT_INDENT;
	fmt_newline(f, &f->line);
	buf_addc(&f->line, '}');
	f->line.over |= text.over;
	buf_free(&text);
}

/* ---- operators ---- */

/* How tightly a node binds; as the grammar's table says. */
static int binding(const struct fmt *f, nid n)
{
	const struct node *nd = at(f, n);

	if (nd->kind == N_COND)
		return 1;
	if (nd->kind == N_RANGE)
		return 2;
	if (nd->kind == N_UNARY)
		return 8;
	if ((nd->kind == N_INT || nd->kind == N_FLOAT) && nd->flags & NF_SYNTH)
		return *name_str(f->a->names, nd->name) == '-' ? 8 : 9;
	if (nd->kind != N_BINARY)
		return 9;
	if (nd->op == OP_OR || nd->op == OP_AND)
		return nd->op == OP_OR ? 3 : 4;
	if (nd->op == OP_ADD || nd->op == OP_SUB)
		return 6;
	return nd->op == OP_MUL || nd->op == OP_DIV || nd->op == OP_MOD ? 7 : 5;
}

/* An operand that must bind at least so tightly. */
static void operand(struct fmt *f, nid n, int least)
{
	bool paren = binding(f, n) < least;

	if (paren)
		buf_addc(&f->line, '(');
	fmt_flat(f, n);
	if (paren)
		buf_addc(&f->line, ')');
}

static void binary(struct fmt *f, nid n)
{
	nid l = at(f, n)->kid;
	int bind = binding(f, n);

	operand(f, l, bind == 5 || bind == 2 ? bind + 1 : bind);
	buf_addf(&f->line, " %s ", at(f, n)->kind == N_RANGE ? ".." : op_text((enum op)at(f, n)->op));
	operand(f, at(f, l)->next, bind + 1);
}

static void cond(struct fmt *f, nid n)
{
	nid c = at(f, n)->kid, x = at(f, c)->next;

	operand(f, c, 2);
	buf_adds(&f->line, " ? ");
	operand(f, x, 1);
	buf_adds(&f->line, " : ");
	operand(f, at(f, x)->next, 1);
}

static void literal(struct fmt *f, nid n)
{
	size_t len;
	const char *s = ast_text(f->a, n, &len);
	enum node_kind k = (enum node_kind)at(f, n)->kind;
	int64_t v;

	if ((k == N_SIZE || k == N_DURATION) && at(f, n)->flags & NF_SYNTH && !quantity_read(s, len, k, &v))
		quantity_print(v, k, &f->line);
	else
		buf_add(&f->line, s, len);
}

/* ---- lists ---- */

void fmt_items(struct fmt *f, nid first)
{
	for (nid k = first; k; k = at(f, k)->next) {
		if (k != first)
			buf_adds(&f->line, ", ");
		fmt_flat(f, k);
	}
}

/* The head of a list-like node, its brackets. */
static const char *open_list(struct fmt *f, nid n)
{
	enum node_kind k = (enum node_kind)at(f, n)->kind;

	if (k == N_CALL)
		buf_adds(&f->line, name_str(f->a->names, at(f, n)->name));
	return k == N_CALL ? "()" : k == N_LIST ? "[]" : "{}";
}

static void list(struct fmt *f, nid n)
{
	const char *br = open_list(f, n);
	bool wide = *br == '{' && at(f, n)->kid;

	buf_addf(&f->line, "%c%s", br[0], wide ? " " : "");
	fmt_items(f, at(f, n)->kid);
	buf_addf(&f->line, "%s%c", wide ? " " : "", br[1]);
}

void fmt_flat(struct fmt *f, nid n)
{
	const struct node *nd = at(f, n);

	switch ((enum node_kind)nd->kind) {
	case N_NAME: fmt_name(f, n); break;
	case N_INT: case N_FLOAT: case N_SIZE: case N_DURATION: literal(f, n); break;
	case N_BOOL: buf_adds(&f->line, nd->op ? "true" : "false"); break;
	case N_STRING: fmt_string(f, n); break;
	case N_LIST: case N_RECORD: case N_CALL: list(f, n); break;
	case N_ARG:
		if (nd->name) {
			fmt_name(f, n);
			buf_adds(&f->line, " = ");
		}
		fmt_flat(f, nd->kid);
		break;
	case N_MEMBER:
		operand(f, nd->kid, 9);
		buf_addf(&f->line, ".%s", name_str(f->a->names, nd->name));
		break;
	case N_INDEX:
		operand(f, nd->kid, 9);
		buf_addc(&f->line, '[');
		fmt_flat(f, ast_nth(f->a, n, 1));
		buf_addc(&f->line, ']');
		break;
	case N_ALL: operand(f, nd->kid, 9); buf_adds(&f->line, "[*]"); break;
	case N_UNARY: buf_adds(&f->line, op_text((enum op)nd->op)); operand(f, nd->kid, 8); break;
	case N_BINARY: case N_RANGE: binary(f, n); break;
	case N_COND: cond(f, n); break;
	case N_PAREN: buf_addc(&f->line, '('); fmt_flat(f, nd->kid); buf_addc(&f->line, ')'); break;
	case N_TYPE: case N_COUNT: case N_CAUSE: case N_NONE: case N_FILE: case N_WORKFLOW: case N_PARAM: case N_TABLE:
	case N_LET: case N_DEFAULTS: case N_CLUSTER: case N_TASK: case N_USE: case N_SITE: case N_FOR: case N_IF:
	case N_BODY: case N_IN: case N_OUT: case N_PORT: case N_RUN: case N_RETRY: case N_AFTER: case N_MAP: case N_SET:
	case N_BLOCK: case N_LABEL: case N_ERROR: case N_SCRIPT: case N_TEXT: case N_INTERP: case NODE_KINDS: break;
	}
}

/* ---- over several lines ---- */

static bool breakable(const struct fmt *f, nid n)
{
	enum node_kind k = (enum node_kind)at(f, n)->kind;

	return (k == N_LIST || k == N_RECORD || k == N_CALL) && at(f, n)->kid;
}

static void comment_lines(struct fmt *f, uint32_t pos)
{
	const struct ast *a = f->a;

	for (; f->text && f->note < a->ncomments && a->comments[f->note].lo < pos; f->note++)
		if (!f->done[f->note]) {
			fmt_newline(f, &f->line);
			fmt_note_text(f, f->note, &f->line);
			f->done[f->note] = 1;
		}
}

static void broken(struct fmt *f, nid n)
{
	const char *br = open_list(f, n);

	buf_addc(&f->line, br[0]);
	f->indent += FMT_INDENT;
	for (nid k = at(f, n)->kid; k; k = at(f, k)->next) {
		nid next = at(f, k)->next;
		uint32_t limit = f->text ? next ? at(f, next)->span.lo : at(f, n)->span.hi : 0, note;

		comment_lines(f, at(f, k)->span.lo);
		fmt_newline(f, &f->line);
		fmt_expr(f, k);
		buf_addc(&f->line, ',');
		note = fmt_note_behind(f, at(f, k)->span.hi, limit);
		if (note != UINT32_MAX) {
			buf_adds(&f->line, "  ");
			fmt_note_text(f, note, &f->line);
		}
	}
	comment_lines(f, at(f, n)->span.hi);
	f->indent -= FMT_INDENT;
	fmt_newline(f, &f->line);
	buf_addc(&f->line, br[1]);
}

/* Bytes since the last newline of the statement. */
static uint32_t column(const struct fmt *f, size_t from)
{
	size_t i = from;

	while (i && f->line.p[i - 1] != '\n')
		i--;
	return fmt_columns(f->line.p + i, f->line.len - i) + (i ? 0 : (uint32_t)f->indent);
}

void fmt_expr(struct fmt *f, nid n)
{
	size_t start = f->line.len;
	nid in = at(f, n)->kind == N_ARG ? at(f, n)->kid : n;
	bool notes = f->text && fmt_has_note(f, at(f, in)->span.lo, at(f, in)->span.hi);

	if (!notes || !breakable(f, in)) {
		fmt_flat(f, n);
		if (!breakable(f, in) || column(f, start) <= FMT_WIDTH)
			return;
		f->line.len = start;
		f->line.p[start] = 0;
	}
	if (in != n && at(f, n)->name) {
		fmt_name(f, n);
		buf_adds(&f->line, " = ");
	}
	broken(f, in);
}
