/* lower_map.c - mount, input, output and log statements; and the same from the command line (-r -w -m) in the forms
 * of the old tool (lang/mapforms.h). */
#include "compiler/lower.h"
#include "lang/mapforms.h"

#include <string.h>

static void map_push(struct lower *L, struct jmap m)
{
	if (L->nmap == L->mapcap)
		L->map = grow(L->map, &L->mapcap, L->nmap + 1, sizeof *L->map);
	L->map[L->nmap++] = m;
}

static bool side(struct lower *L, nid n, const char *what, name *out)
{
	struct val v = lower_in(L, n, W_LOOP);

	return val_coerce(L, n, &v, JT_STRING, JT_UNKNOWN, "%s", tr(what)) && const_str(L, n, &v, out, what);
}

static const char *kind_text(uint8_t k)
{
	static const char *const text[] = { "mount", "input", "output", "log" };

	return text[k];
}

/* mount and input go from storage to a local path, output and log the other way. */
static bool direction(struct lower *L, const struct jmap *m)
{
	bool from = strstr(str(L, m->from), "://"), to = strstr(str(L, m->to), "://");
	bool storage_first = m->kind == MAP_MOUNT || m->kind == MAP_INPUT;

	if (from != to && from == storage_first)
		return true;
	if (from == to)
		diag_error(L->d, E0502, from ? m->to_span : m->from_span, "%s needs storage on one side and a local path on the other",
			kind_text(m->kind));
	else
		diag_error(L->d, E0502, m->from_span, "%s goes from %s", kind_text(m->kind),
			storage_first ? _("storage to a local path") : _("a local path to storage"));
	diag_help(L->d, "write %s %s", kind_text(m->kind), storage_first ? "\"oss://bucket/dir/\" -> \"/home/dir/\""
									   : "\"/home/dir/\" -> \"oss://bucket/dir/\"");
	return false;
}

static bool write_mode(struct lower *L, nid n, struct jmap *m)
{
	const char *mode = n && at(L, n)->kind == N_NAME ? str(L, at(L, n)->name) : NULL;

	if (!mode)
		return true;
	if (m->kind != MAP_MOUNT || (strcmp(mode, "rw") && strcmp(mode, "ro"))) {
		diag_error(L->d, E0503, span_of(L, n), "%s cannot be `%s`", kind_text(m->kind), mode);
		diag_help(L->d, "a mount is : ro or : rw; input, output and log have one direction only");
		return false;
	}
	m->write = mode[1] == 'w';
	return true;
}

void map_lower(struct lower *L, nid n, bool pool)
{
	nid from = ast_kid(L->a, n), to = from ? ast_next(L->a, from) : 0;
	struct jmap m = { .kind = at(L, n)->op, .pool = pool, .span = span_of(L, n) };

	if (!to)
		return;
	m.from_span = span_of(L, from);
	m.to_span = span_of(L, to);
	if (pool && m.kind != MAP_MOUNT) {
		diag_error(L->d, E0204, m.span, "`%s` does not belong in a cluster block", kind_text(m.kind));
		diag_help(L->d, "it belongs in a task or `defaults`");
		return;
	}
	if (!side(L, from, N_("the source"), &m.from) || !side(L, to, N_("the target"), &m.to))
		return;
	if (write_mode(L, ast_next(L->a, to), &m) && direction(L, &m))
		map_push(L, m);
}

/* ---- options ---- */

static const char *const option_name[] = { [MAP_MOUNT] = "--mount", [MAP_INPUT] = "--read_mount",
	[MAP_OUTPUT] = "--write_mount", [MAP_LOG] = "--log-mapping" };

static struct span part(const struct source *src, struct mapform_part p)
{
	return (struct span){ src->base + (uint32_t)p.lo, src->base + (uint32_t)p.hi };
}

static void option_bad(struct lower *L, const struct source *src, const struct mapform *f)
{
	diag_error(L->d, E0501, part(src, f->wrong), "option `%s` is no mapping: %s", src->path, tr(f->why));
	diag_help(L->d, "%s", tr(f->help));
}

static void option_lower(struct lower *L, const struct map_option *o)
{
	const struct source *src = source_add(L->s->sources, option_name[o->kind], o->text, strlen(o->text), L->d);
	struct mapform_part item;
	struct mapform f;
	size_t pos = 0;

	while (src && mapform_next(src->text, src->len, &pos, &item)) {
		struct jmap m = { .option = true, .span = part(src, item) };
		bool out;

		if (!mapform_parse(o->kind, src->text, item, &f)) {
			option_bad(L, src, &f);
			continue;
		}
		out = f.kind == MAP_OUTPUT || f.kind == MAP_LOG;
		m.kind = (uint8_t)f.kind;
		m.write = f.write;
		m.from = mapform_from(&f, src->text, L->names);
		m.to = mapform_to(&f, src->text, L->names);
		m.from_span = part(src, out ? f.local : f.storage);
		m.to_span = part(src, out ? f.storage : f.local);
		map_push(L, m);
	}
}

/* Do the two say where one place of the machine comes from (or goes to)? */
bool map_same_place(const struct jmap *a, const struct jmap *b)
{
	bool out = a->kind == MAP_OUTPUT || a->kind == MAP_LOG;

	if (out)
		return a->kind == b->kind && a->from == b->from;
	return (b->kind == MAP_MOUNT || b->kind == MAP_INPUT) && a->pool == b->pool && a->to == b->to;
}

/* The maps of a file's defaults with those of the options: for one place the option counts. */
static void options_add(struct lower *L, struct block *base, const struct jmap *opt, uint32_t n)
{
	struct jmap *v = arena_alloc(L->j->arena, (base->nmap + (size_t)n) * sizeof *v);
	uint32_t i, k, all = base->nmap;

	if (base->nmap)
		memcpy(v, base->map, base->nmap * sizeof *v);
	for (i = 0; i < n; i++) {
		for (k = 0; k < all && !map_same_place(&opt[i], &v[k]); k++)
			;
		v[k] = opt[i];
		all += k == all;
	}
	base->map = v;
	base->nmap = all;
}

/* Maps of the command line are added to the defaults of every file, and so to every task. */
void maps_of_options(struct lower *L)
{
	uint32_t i, s, map0 = L->nmap;
	struct jmap *opt;

	for (i = 0; i < L->s->opt.nmaps; i++)
		option_lower(L, &L->s->opt.maps[i]);
	if (L->nmap == map0)
		return;
	opt = arena_alloc(L->tmp, (L->nmap - map0) * sizeof *opt);
	memcpy(opt, L->map + map0, (L->nmap - map0) * sizeof *opt);
	for (s = 0; s < L->nscope; s++) {
		defaults_of(L, s);
		options_add(L, &L->scope[s].base, opt, L->nmap - map0);
	}
	L->nmap = map0;
}
