/* lower_port.c - input and output ports: their paths, types, families. */
#include "compiler/lower.h"

#include <string.h>

static void port_block(struct lower *L, nid n, struct jport *p, bool out)
{
	struct val v;
	nid e;

	for (; n; n = ast_next(L->a, n)) {
		if (at(L, n)->kind == N_ERROR || at(L, n)->kind == N_NONE)
			continue;
		if (at(L, n)->kind != N_SET || at(L, n)->name != L->w_temp || !out) {
			diag_error(L->d, E0203, ast_name_span(L->a, n), "%s `%s` has no setting `%s`", out ? _("output") : _("input"),
				str(L, p->name), str(L, at(L, n)->name));
			if (out)
				diag_help(L->d, "an output has the setting `temp`");
			continue;
		}
		e = ast_kid(L->a, n);
		v = lower_in(L, e, 0);
		if (val_coerce(L, e, &v, JT_BOOL, JT_UNKNOWN, "setting `temp`") && v.konst)
			p->temp = L->j->x[v.a].a;
	}
}

static bool port_type(struct lower *L, nid n, const struct jport *p, bool out)
{
	const char *t;

	if (at(L, n)->kind != N_TYPE)
		return true;
	t = str(L, at(L, n)->name);
	if (!strcmp(t, "file") || !strcmp(t, "dir") || (!out && (!strcmp(t, "list") || !strcmp(t, "url"))))
		return true;
	diag_error(L->d, E0214, span_of(L, n), "%s `%s` cannot be %s", out ? _("output") : _("input"), str(L, p->name),
		type_find(t) == JT_UNKNOWN ? _("of an unknown type") : type_a(type_find(t)));
	diag_help(L->d, "a port is a file or a dir");
	return false;
}

/* ---- outputs ---- */

/* base: the file's own name, "" when it is not known. */
static void help_relative(struct lower *L, const char *base)
{
	if (*base)
		diag_help(L->d, "outputs are relative to the directory of the workflow, such as \"%s\"", base);
	else
		diag_help(L->d, "outputs are relative to the directory of the workflow");
}

static bool path_rules(struct lower *L, nid e, const struct jport *p)
{
	const struct jx *x = &L->j->x[p->path];
	const char *s;

	if (x->op == JX_CAT)
		x = &L->j->x[x->a];
	if (x->op != JX_STR)
		return true;
	s = str(L, x->a);
	if (strstr(s, "://"))
		return true;
	if (s[0] == '/') {
		diag_error(L->d, E0310, span_of(L, e), "output `%s` has an absolute path", str(L, p->name));
		help_relative(L, x == &L->j->x[p->path] ? strrchr(s, '/') + 1 : "");
		return false;
	}
	if (!*s && L->j->x[p->path].op == JX_STR)
		return diag_error(L->d, E0311, span_of(L, e), "output `%s` has an empty path", str(L, p->name));
	return true;
}

static void glob_lower(struct lower *L, nid e, struct jport *p)
{
	nid arg = at(L, e)->kind == N_CALL ? ast_kid(L->a, e) : 0;
	struct val v;

	if (!arg || at(L, e)->name != name_ofs(L->names, "glob") || ast_next(L->a, arg)) {
		diag_error(L->d, E0420, span_of(L, e), "output family `%s` has no size", str(L, p->name));
		diag_help(L->d, "write the number of elements, %s[3] = \"~{index}.txt\", or a pattern, %s[] = glob(\"*.txt\")",
			str(L, p->name), str(L, p->name));
		return;
	}
	v = lower_in(L, ast_kid(L->a, arg), IN_OUTPUT);
	if (!val_coerce(L, ast_kid(L->a, arg), &v, JT_FILE, JT_UNKNOWN, "the pattern of output `%s`", str(L, p->name)))
		return;
	p->path = v.a;
	path_rules(L, e, p);
}

static void out_lower(struct lower *L, const struct port_parts *d, struct jport *p)
{
	struct val v;

	if (p->count == PORT_GLOB) {
		glob_lower(L, d->path, p);
		return;
	}
	v = lower_in(L, d->path, IN_OUTPUT | (p->count == PORT_FIXED ? W_INDEX : 0));
	if (v.kind == V_X && v.type == JT_LIST) {
		diag_error(L->d, E0401, span_of(L, d->path), "output `%s` needs one path, not a list", str(L, p->name));
		diag_help(L->d, "several files are a family: out %s[n] = \"path-~{index}\"", str(L, p->name));
		return;
	}
	if (!val_coerce(L, d->path, &v, p->type, JT_UNKNOWN, "output `%s`", str(L, p->name)))
		return;
	p->path = v.a;
	path_rules(L, d->path, p);
}

/* ---- inputs ---- */

static void in_lower(struct lower *L, const struct port_parts *d, struct jport *p, uint32_t number)
{
	bool typed = at(L, d->type)->kind == N_TYPE;
	struct val v = lower_in(L, d->path, IN_INPUT);

	if (at(L, d->count)->kind == N_COUNT) {
		diag_error(L->d, E0319, span_of(L, d->count), "input `%s` cannot be a family", str(L, p->name));
		diag_help(L->d, "an input takes a list as it is: in %s = task.output", str(L, p->name));
	}
	if (v.kind == V_ROW || v.kind == V_CROW || v.kind == V_RANGE || v.kind == V_TASK || v.kind == V_MODULE)
		v = as_scalar(L, d->path, v);
	if (v.kind == V_X && v.type == JT_LIST) {
		if (typed && !strcmp(str(L, at(L, d->type)->name), "list") == 0 && v.elem != p->type && v.hasref)
			diag_error(L->d, E0401, span_of(L, d->path), "input `%s` needs one path, not a list", str(L, p->name));
		else if (!val_coerce(L, d->path, &v, JT_LIST, JT_FILE, "input `%s`", str(L, p->name)))
			return;
		p->type = JT_LIST;
	} else if (!val_coerce(L, d->path, &v, typed ? p->type : JT_FILE, JT_UNKNOWN, "input `%s`", str(L, p->name)))
		return;
	else if (!typed && p->type != JT_DIR)
		p->type = L->j->x[v.a].op == JX_REF ? L->j->task[L->j->x[v.a].a].out[L->j->x[v.a].b].type : p->type;
	p->path = v.a;
	if (v.hasref)
		edges_of_port(L, number, v.a);
}

void port_lower(struct lower *L, nid n, struct jport *p, bool out, uint32_t number)
{
	struct port_parts d = ast_port(L->a, n);

	if (!d.path)
		return;
	p->path_span = span_of(L, d.path);
	braces_seen(L, d.path);
	pattern_seen(L, d.path, out);
	if (!port_type(L, d.type, p, out))
		return;
	if (out)
		out_lower(L, &d, p);
	else
		in_lower(L, &d, p, number);
	port_block(L, d.stmts, p, out);
}
