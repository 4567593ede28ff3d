/* each.c - weft run 'cmd' --each sheet.tsv: the tree of a task over a table.
 *
 *   table sheet = tsv("sheet.tsv", id = string, ...)     the columns that are used, and the key
 *   task each for row in sheet by id { in ... out ... run { cmd } }
 *
 * In texts {word} and ~{word} are the column or the port of that name; any other ~{...} is an expression of weft, in which
 * row.COLUMN is a column; any other {...} is text, unless it is nearly such a name, and ${...} is the shell's. */
#include "lang/cfg.h"
#include "lang/front.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

enum { HEADER_MAX = 1 << 16, COLUMNS_MAX = 4096 };

struct heading {
	name name;   /* 0: it cannot be a name of weft's */
	bool used;
};
struct each {
	struct cfg *c;
	struct cfg_val path;
	bool csv;
	struct heading col[COLUMNS_MAX];
	uint32_t ncol;
	name row;
	uint64_t port; /* hash space: names of ports */
};

/* ---- the header ---- */

static void heading(struct each *e, const char *s, size_t n)
{
	while (n && (s[n - 1] == '\r' || s[n - 1] == ' '))
		n--;
	if (e->csv && n >= 2 && s[0] == '"' && s[n - 1] == '"') {
		s++;
		n -= 2;
	}
	if (e->ncol < COLUMNS_MAX)
		e->col[e->ncol++].name = cfg_plain_name(s, n) ? name_of(e->c->names, s, n) : 0;
}

static void split_header(struct each *e, const char *s, size_t n)
{
	char sep = e->csv ? ',' : '\t';

	if (n >= 3 && !memcmp(s, "\xef\xbb\xbf", 3)) {
		s += 3;
		n -= 3;
	}
	for (const char *at; (at = memchr(s, sep, n)); s = at + 1) {
		heading(e, s, (size_t)(at - s));
		n -= (size_t)(at + 1 - s);
	}
	heading(e, s, n);
}

static bool no_header(struct each *e, const char *why)
{
	diag_error(e->c->d, E0331, cfg_all(&e->path), "table `%s` cannot be used: %s", e->path.t.s, why);
	return false;
}

/* Only the first line: the table itself is read later, once. */
static bool read_header(struct each *e)
{
	char *p = arena_alloc(e->c->arena, HEADER_MAX);
	int fd = open(e->path.t.s, O_RDONLY | O_CLOEXEC);
	ssize_t n = 0, k = fd < 0 ? -1 : 1;
	char *end = NULL;

	while (k > 0 && n < HEADER_MAX && !end) {
		k = read(fd, p + n, (size_t)(HEADER_MAX - n));
		if (k > 0)
			end = memchr(p + n, '\n', (size_t)k);
		n += k > 0 ? k : 0;
	}
	if (k < 0)
		no_header(e, strerror(errno));
	if (fd >= 0)
		close(fd);
	if (k < 0)
		return false;
	if (!end && n == HEADER_MAX)
		return no_header(e, _("its first line is longer than 64 KB"));
	if (!n)
		return no_header(e, _("it is empty"));
	split_header(e, p, end ? (size_t)(end - p) : (size_t)n);
	return true;
}

/* The column of that name, NULL if there is none. */
static struct heading *column(struct each *e, name nm)
{
	for (uint32_t i = 0; nm && i < e->ncol; i++)
		if (e->col[i].name == nm)
			return &e->col[i];
	return NULL;
}

/* ---- texts ---- */

struct text { /* a STRING or SCRIPT under construction */
	struct each *e;
	const struct cfg_val *v;
	size_t hi;
	struct nlist l;
	struct buf plain;
	size_t plain_lo;
};

static void flush(struct text *t, size_t at)
{
	struct cfg *c = t->e->c;

	if (t->plain.len)
		ast_append(c->a, &t->l, ast_synth(c->a, N_TEXT, cfg_at(t->v, (struct cfg_part){ t->plain_lo, at }),
			buf_str(&t->plain), t->plain.len));
	buf_reset(&t->plain);
	t->plain_lo = at;
}

static void insert(struct text *t, nid expr, struct cfg_part whole, size_t next)
{
	struct cfg *c = t->e->c;
	nid n;

	flush(t, whole.lo);
	t->plain_lo = next;
	if (!expr)
		return;
	n = ast_new(c->a, N_INTERP, cfg_at(t->v, whole), 0);
	ast_add(c->a, n, expr);
	ast_append(c->a, &t->l, n);
}

static bool is_port(const struct each *e, name nm)
{
	return nm && cfg_get(e->c, e->port | nm);
}

/* A port, or row.COLUMN; 0: neither. */
static nid name_node(struct text *t, struct cfg_part p, name nm)
{
	struct each *e = t->e;
	struct cfg *c = e->c;
	struct heading *h = column(e, nm);
	nid n;

	if (is_port(e, nm))
		return ast_new(c->a, N_NAME, cfg_at(t->v, p), nm);
	if (!h)
		return 0;
	h->used = true;
	n = ast_new(c->a, N_MEMBER, cfg_at(t->v, p), nm);
	ast_add(c->a, n, ast_new(c->a, N_NAME, cfg_at(t->v, p), e->row));
	return n;
}

static nid word_node(struct text *t, struct cfg_part p)
{
	const char *s = t->v->t.s + p.lo;

	return name_node(t, p, cfg_plain_name(s, cfg_len(p)) ? name_find(t->e->c->names, s, cfg_len(p)) : 0);
}

/* Columns that an expression uses as row.COLUMN. */
static void mark_columns(struct text *t, struct cfg_part p)
{
	const char *s = t->v->t.s + p.lo, *end = t->v->t.s + p.hi;

	while ((s = memmem(s, (size_t)(end - s), "row.", 4))) {
		size_t n = 0;
		struct heading *h;

		s += 4;
		while (s + n < end && cfg_plain_name(s, n + 1))
			n++;
		h = column(t->e, name_find(t->e->c->names, s, n));
		if (h)
			h->used = true;
	}
}

/* The columns and ports that a word may have meant. */
static struct suggest meant(struct text *t, struct cfg_part p)
{
	static const char *const keys[] = { "in", "out" };
	struct each *e = t->e;
	struct suggest s = { .to = arena_strndup(e->c->arena, t->v->t.s + p.lo, cfg_len(p)) };
	struct cfg_val v;

	for (uint32_t i = 0; i < e->ncol; i++)
		if (e->col[i].name)
			suggest_try(&s, name_str(e->c->names, e->col[i].name));
	for (size_t k = 0; k < 2 && strcmp(t->v->key, "by"); k++)
		for (uint32_t i = 0; cfg_option_named(e->c, keys[k], &i, &v);)
			suggest_try(&s, arena_strndup(e->c->arena, v.t.s, strcspn(v.t.s, "=")));
	return s;
}

static const char *columns_text(const struct each *e)
{
	name *v = arena_zalloc(e->c->arena, e->ncol, sizeof *v);
	size_t n = 0;

	for (uint32_t i = 0; i < e->ncol; i++)
		if (e->col[i].name)
			v[n++] = e->col[i].name;
	return names_listed(e->c->names, v, n, 1, e->c->arena);
}

/* Say that there is no such column; the node of the one that was meant, 0 when that is not known. */
static nid unknown_word(struct text *t, struct cfg_part p)
{
	struct each *e = t->e;
	struct suggest s = meant(t, p);

	diag_error(e->c->d, E0331, cfg_at(t->v, p), "table `%s` has no column `%s`", e->path.t.s, s.to);
	if (!diag_suggest(e->c->d, &s)) {
		diag_note(e->c->d, "its columns: %s", columns_text(e));
		return 0;
	}
	return name_node(t, p, name_ofs(e->c->names, suggest_best(&s)));
}

static bool is_awk(const char *s, size_t n)
{
	static const char *const statement[] = { "print", "next", "nextfile", "exit", "getline" };

	for (size_t i = 0; i < sizeof statement / sizeof statement[0]; i++)
		if (n == strlen(statement[i]) && !memcmp(s, statement[i], n))
			return true;
	return false;
}

/* {word} that is nearly a column's or a port's: short ones differ in case only, as `{p}` is sed's and `{print}` awk's. */
static nid near_word(struct text *t, struct cfg_part p)
{
	const char *s = t->v->t.s + p.lo, *best;
	struct suggest near;
	nid n;

	if (!cfg_plain_name(s, cfg_len(p)) || is_awk(s, cfg_len(p)))
		return 0;
	near = meant(t, p);
	best = suggest_best(&near);
	if (!best || ((strlen(best) < 3 || cfg_len(p) < 3) && strcasecmp(near.to, best)))
		return 0;
	n = unknown_word(t, p);
	diag_help(t->e->c->d, "where the braces are the command's own, write `{ %s }`", near.to);
	return n;
}

/* Where the ~{...} at `at` ends; *closed: with its brace. */
static size_t tilde_end(const char *s, size_t at, size_t hi, bool *closed)
{
	size_t end = at + 2, depth = 1;

	for (; end < hi && depth; end++)
		depth += (s[end] == '{') - (s[end] == '}');
	*closed = !depth;
	return end;
}

/* ~{...}, from the tilde on; where it ends. */
static size_t tilde(struct text *t, size_t at)
{
	const char *s = t->v->t.s;
	struct cfg_part in, whole;
	bool closed;
	size_t end = tilde_end(s, at, t->hi, &closed);
	nid n;

	in = cfg_trim(s, (struct cfg_part){ at + 2, end - closed });
	whole = (struct cfg_part){ at, end };
	n = word_node(t, in);
	if (!n && cfg_plain_name(s + in.lo, cfg_len(in))) {
		n = unknown_word(t, in);
	} else if (!n) {
		mark_columns(t, in);
		n = parse_weft_expr(t->e->c->a, s + in.lo, cfg_len(in), 0, cfg_at(t->v, in), t->e->c->d);
	}
	insert(t, n, whole, end);
	return end;
}

/* {word}, when it is a column or port, or was to be one; else the brace is text. */
static size_t brace(struct text *t, size_t at)
{
	const char *close = memchr(t->v->t.s + at, '}', t->hi - at);
	size_t end = close ? (size_t)(close - t->v->t.s) : at;
	nid n = close ? word_node(t, (struct cfg_part){ at + 1, end }) : 0;

	if (!n && close)
		n = near_word(t, (struct cfg_part){ at + 1, end });
	if (!n) {
		buf_addc(&t->plain, '{');
		return at + 1;
	}
	insert(t, n, (struct cfg_part){ at, end + 1 }, end + 1);
	return end + 1;
}

/* ---- lines of a script: blanks that all begin with go, and those of lines that hold nothing else, as in a .weft file ---- */

/* Behind the blanks that the line at `at` begins with; *all: there is nothing else in it. */
static size_t behind_blanks(const char *s, size_t at, size_t hi, bool *all)
{
	while (at < hi && (s[at] == ' ' || s[at] == '\t'))
		at++;
	*all = at == hi || s[at] == '\n' || (s[at] == '\r' && at + 1 < hi && s[at + 1] == '\n');
	return at;
}

/* Where the next line begins; a ~{...} is of the line in which it begins. */
static size_t line_behind(const char *s, size_t at, size_t hi)
{
	bool closed;

	while (at < hi && s[at] != '\n')
		if (s[at] == '~' && at + 2 < hi && s[at + 1] == '~' && s[at + 2] == '{')
			at += 3;
		else if (s[at] == '~' && at + 1 < hi && s[at + 1] == '{')
			at = tilde_end(s, at, hi, &closed);
		else
			at++;
	return at < hi ? at + 1 : hi;
}

static size_t margin_of(const char *s, struct cfg_part p)
{
	size_t first = p.hi, n = 0;

	for (size_t at = p.lo; at < p.hi; at = line_behind(s, at, p.hi)) {
		bool blank;
		size_t k = behind_blanks(s, at, p.hi, &blank) - at;

		if (blank)
			continue;
		if (first == p.hi) {
			first = at;
			n = k;
		}
		n = n < k ? n : k;
		while (memcmp(s + first, s + at, n))
			n--;
	}
	return n;
}

/* What of the line at `at` belongs to the script; `at` when no line begins there. */
static size_t line_text(const char *s, struct cfg_part p, size_t at, size_t margin)
{
	bool blank;
	size_t end;

	if (at > p.lo && s[at - 1] != '\n')
		return at;
	end = behind_blanks(s, at, p.hi, &blank);
	return blank ? end : at + margin;
}

static nid text_node(struct each *e, const struct cfg_val *v, struct cfg_part p, enum node_kind kind)
{
	struct text t = { .e = e, .v = v, .hi = p.hi, .plain_lo = p.lo };
	const char *s = v->t.s;
	size_t margin = kind == N_SCRIPT ? margin_of(s, p) : 0;
	nid n;

	buf_init(&t.plain, CFG_VALUE_MAX);
	for (size_t i = p.lo; i < p.hi;) {
		bool open = i + 1 < p.hi && s[i + 1] == '{';
		size_t next = kind == N_SCRIPT ? line_text(s, p, i, margin) : i;

		if (next > i)
			i = next;
		else if (s[i] == '~' && i + 2 < p.hi && s[i + 1] == '~' && s[i + 2] == '{') {
			buf_adds(&t.plain, "~{");
			i += 3;
		} else if (s[i] == '~' && open) {
			i = tilde(&t, i);
		} else if (s[i] == '{' && (i == p.lo || s[i - 1] != '$')) {
			i = brace(&t, i);
		} else if (kind == N_SCRIPT && s[i] == '\r' && i + 1 < p.hi && s[i + 1] == '\n') {
			i++; /* as in the text of a script */
		} else {
			buf_addc(&t.plain, s[i++]);
		}
	}
	if (kind == N_SCRIPT)
		buf_addc(&t.plain, '\n');
	flush(&t, p.hi);
	buf_free(&t.plain);
	n = ast_new(e->c->a, kind, cfg_at(v, p), 0);
	ast_adopt(e->c->a, n, t.l);
	return n;
}

/* ---- ports ---- */

/* NAME=PATH cut in two; false after a diagnostic. */
static bool cut(struct each *e, const struct cfg_val *v, struct cfg_part *nm, struct cfg_part *path)
{
	const char *eq = memchr(v->t.s, '=', v->all.hi);

	*nm = (struct cfg_part){ 0, eq ? (size_t)(eq - v->t.s) : v->all.hi };
	*path = (struct cfg_part){ nm->hi + !!eq, v->all.hi };
	if (eq && cfg_len(*path) && cfg_plain_name(v->t.s, cfg_len(*nm)))
		return true;
	diag_error(e->c->d, E0331, cfg_all(v), "option `--%s` is written NAME=PATH", v->key);
	diag_help(e->c->d, "a name is made of letters, digits and _, and the command uses it: {NAME}");
	return false;
}

static void name_ports(struct each *e, const char *key)
{
	struct cfg_part nm, path;
	struct cfg_val v;

	for (uint32_t i = 0; cfg_option_named(e->c, key, &i, &v);)
		if (cut(e, &v, &nm, &path))
			cfg_put(e->c, e->port | name_of(e->c->names, v.t.s, cfg_len(nm)), 1);
}

static nid port_list(struct each *e, const char *key, enum node_kind kind)
{
	struct cfg *c = e->c;
	struct nlist l = { 0, 0 };
	struct cfg_part nm, path;
	struct cfg_val v;
	nid n;

	for (uint32_t i = 0; cfg_option_named(c, key, &i, &v);) {
		const char *eq = memchr(v.t.s, '=', v.all.hi);
		nid expr;

		nm = (struct cfg_part){ 0, eq ? (size_t)(eq - v.t.s) : 0 };
		path = (struct cfg_part){ nm.hi + 1, v.all.hi };
		if (!cfg_get(c, e->port | name_find(c->names, v.t.s, cfg_len(nm))))
			continue; /* said by cut */
		expr = text_node(e, &v, path, N_STRING);
		n = ast_new(c->a, N_PORT, cfg_all(&v), name_of(c->names, v.t.s, cfg_len(nm)));
		ast_set_name_span(c->a, n, cfg_at(&v, nm));
		ast_add(c->a, n, expr);
		ast_append(c->a, &l, n);
	}
	if (!l.head)
		return 0;
	n = ast_new(c->a, kind, ast_at(c->a, l.head)->span, 0);
	ast_adopt(c->a, n, l);
	return n;
}

/* ---- declarations ---- */

static nid table_node(struct each *e, name sheet)
{
	struct cfg *c = e->c;
	struct span sp = cfg_all(&e->path);
	struct nlist l = { 0, 0 };
	nid call, arg, n;

	arg = ast_new(c->a, N_ARG, sp, 0);
	ast_add(c->a, arg, cfg_string_part(c, &e->path, e->path.all));
	ast_append(c->a, &l, arg);
	for (uint32_t i = 0; i < e->ncol; i++) {
		if (!e->col[i].used)
			continue;
		arg = ast_new(c->a, N_ARG, sp, e->col[i].name);
		ast_set_name_span(c->a, arg, sp);
		ast_add(c->a, arg, ast_new(c->a, N_NAME, sp, name_ofs(c->names, "string")));
		ast_append(c->a, &l, arg);
	}
	call = ast_new(c->a, N_CALL, sp, name_ofs(c->names, e->csv ? "csv" : "tsv"));
	ast_adopt(c->a, call, l);
	n = ast_new(c->a, N_TABLE, sp, sheet);
	ast_set_name_span(c->a, n, sp);
	ast_add(c->a, n, call);
	return n;
}

/* Instances are known by this column: a row that changes, comes or goes leaves the others as they are. */
static nid key_node(struct each *e)
{
	struct cfg_val v = e->path;
	uint32_t i = 0;
	struct heading *h = NULL;

	while (cfg_option_named(e->c, "by", &i, &v))
		h = column(e, name_of(e->c->names, v.t.s, v.all.hi));
	if (i && v.key && !strcmp(v.key, "by") && !h) {
		struct text t = { .e = e, .v = &v };

		unknown_word(&t, v.all);
		return 0;
	}
	if (!h)
		h = column(e, e->col[0].name);
	if (!h) {
		no_header(e, _("its first column has no name that can be used"));
		diag_help(e->c->d, "name it, or say which column has the names of the instances: --by COLUMN");
		return 0;
	}
	h->used = true;
	return ast_new(e->c->a, N_NAME, cfg_all(&v), h->name);
}

static nid task_node(struct each *e, name sheet, nid key)
{
	struct cfg *c = e->c;
	struct nlist body = { 0, 0 };
	struct cfg_val cmd = { 0 }, pack;
	struct span sp = cfg_all(&e->path);
	uint32_t i = 0;
	nid loop, n, run;

	ast_append(c->a, &body, port_list(e, "in", N_IN));
	ast_append(c->a, &body, port_list(e, "out", N_OUT));
	if (cfg_fetch(c, 0, K_pack, &pack))
		ast_append(c->a, &body, cfg_set_list(c, "package", &pack, false));
	cfg_option_named(c, "cmd", &i, &cmd);
	run = ast_new(c->a, N_RUN, cfg_all(&cmd), 0);
	ast_add(c->a, run, text_node(e, &cmd, cmd.all, N_SCRIPT));
	ast_append(c->a, &body, run);
	n = ast_new(c->a, N_BODY, cfg_all(&cmd), 0);
	ast_adopt(c->a, n, body);
	loop = ast_new(c->a, N_FOR, sp, e->row);
	ast_set_name_span(c->a, loop, sp);
	ast_add(c->a, loop, ast_new(c->a, N_NAME, sp, sheet));
	if (key)
		ast_add(c->a, loop, key);
	run = ast_new(c->a, N_TASK, cfg_all(&cmd), name_ofs(c->names, "each"));
	ast_set_name_span(c->a, run, cfg_all(&cmd));
	ast_add(c->a, run, loop);
	ast_add(c->a, run, n);
	return run;
}

void cfg_each(struct cfg *c, struct nlist *file)
{
	struct each *e = arena_zalloc(c->arena, 1, sizeof(*e));
	name sheet = name_ofs(c->names, "sheet");
	uint32_t i = 0;
	nid key, flow, table, task;
	size_t n;

	e->c = c;
	e->row = name_ofs(c->names, "row");
	e->port = (uint64_t)(0x80000000u + ++c->spaces) << 32;
	while (cfg_option_named(c, "each", &i, &e->path))
		;
	n = e->path.t.n;
	e->csv = n > 4 && !strcasecmp(e->path.t.s + n - 4, ".csv");
	if (n > 5 && !strcasecmp(e->path.t.s + n - 5, ".json")) {
		no_header(e, _("it is to have columns: tab-separated, or .csv"));
		return;
	}
	if (!read_header(e))
		return;
	name_ports(e, "in");
	name_ports(e, "out");
	key = key_node(e);
	task = task_node(e, sheet, key);
	table = table_node(e, sheet);
	flow = ast_new(c->a, N_WORKFLOW, cfg_all(&e->path), 0);
	ast_add(c->a, flow, cfg_string(c, "each", 4, NOSPAN));
	ast_append(c->a, file, flow);
	ast_append(c->a, file, table);
	ast_append(c->a, file, task);
}
