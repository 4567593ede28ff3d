/* lower_map.c - mount, input, output and log statements; and the same from the command line (-r -w -m) in the forms
 * of the old tool: "oss://b/dir/:/home/x", "/home/x:oss://b/dir/", "SRC:::DST:::true", several with commas. */
#include "compiler/lower.h"

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

	return val_coerce(L, n, &v, JT_STRING, JT_UNKNOWN, "%s", what) && const_str(L, n, &v, out, what);
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
			storage_first ? "storage to a local path" : "a local path to storage");
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
	if (!side(L, from, "the source", &m.from) || !side(L, to, "the target", &m.to))
		return;
	if (write_mode(L, ast_next(L->a, to), &m) && direction(L, &m))
		map_push(L, m);
}

/* ---- options ---- */

static bool is_storage(const char *s)
{
	return !strncmp(s, "oss://", 6) || !strncmp(s, "nas://", 6);
}

/* Cut "...:true" and "...:false" off. */
static bool take_flag(char *s, bool *flag)
{
	size_t n = strlen(s);

	if (n > 5 && !strcmp(s + n - 5, ":true"))
		return s[n - 5] = 0, *flag = true, true;
	if (n > 6 && !strcmp(s + n - 6, ":false"))
		return s[n - 6] = 0, *flag = false, true;
	return false;
}

struct pair {
	const char *storage, *local;
};

static bool split(char *s, struct pair *p)
{
	char *c = strstr(s, ":::");

	if (c) {
		*c = 0;
		*p = is_storage(s) ? (struct pair){ s, c + 3 } : (struct pair){ c + 3, s };
		return is_storage(p->storage);
	}
	if (is_storage(s)) {
		c = strrchr(s + 6, ':');
		if (!c)
			return false;
		*c = 0;
		*p = (struct pair){ s, c + 1 };
		return true;
	}
	c = strstr(s, ":oss://") ? strstr(s, ":oss://") : strstr(s, ":nas://");
	if (!c)
		return false;
	*c = 0;
	*p = (struct pair){ c + 1, s };
	return true;
}

static void option_bad(struct lower *L, const char *text, struct span sp)
{
	diag_error(L->d, E0501, sp, "`%s` is no mapping", text);
	diag_help(L->d, "write oss://bucket/dir/:/local/dir/");
}

static void option_one(struct lower *L, enum map_kind kind, const char *text, struct span sp)
{
	bool storage_first = kind == MAP_MOUNT || kind == MAP_INPUT;
	char *s = arena_strdup(L->tmp, text);
	struct jmap m = { .kind = (uint8_t)kind, .span = sp, .from_span = sp, .to_span = sp };
	struct pair p;
	bool flagged, write = false;
	name storage, local;

	flagged = take_flag(s, &write);
	while (flagged && strlen(s) && s[strlen(s) - 1] == ':')
		s[strlen(s) - 1] = 0;
	if (!split(s, &p) || !*p.local) {
		option_bad(L, text, sp);
		return;
	}
	if (strlen(p.local) == 1) /* a Windows drive */
		p.local = arena_printf(L->tmp, "%s:", p.local);
	storage = name_ofs(L->names, p.storage);
	local = name_ofs(L->names, p.local);
	m.from = storage_first ? storage : local;
	m.to = storage_first ? local : storage;
	m.write = kind == MAP_MOUNT && (flagged ? write : p.storage[strlen(p.storage) - 1] == '/');
	map_push(L, m);
}

static void option_lower(struct lower *L, const struct map_option *o)
{
	static const char *const path[] = { "--mount", "--read-mount", "--write-mount", "--log" };
	const struct source *src = source_add(L->s->sources, path[o->kind], o->text, strlen(o->text), L->d);
	const char *s = o->text, *end;

	for (; src && *s; s = *end ? end + 1 : end) {
		uint32_t lo = src->base + (uint32_t)(s - o->text);

		end = s + strcspn(s, ",");
		if (end > s)
			option_one(L, o->kind, arena_strndup(L->tmp, s, (size_t)(end - s)), (struct span){ lo, lo + (uint32_t)(end - s) });
	}
}

/* Maps of the command line are added to the defaults of every file, and so to every task. */
void maps_of_options(struct lower *L)
{
	uint32_t i, s, map0 = L->nmap;
	struct block b = { 0 };

	for (i = 0; i < L->s->opt.nmaps; i++)
		option_lower(L, &L->s->opt.maps[i]);
	b.nmap = L->nmap - map0;
	if (!b.nmap)
		return;
	b.map = arena_alloc(L->j->arena, b.nmap * sizeof *b.map);
	memcpy(b.map, L->map + map0, b.nmap * sizeof *b.map);
	L->nmap = map0;
	for (s = 0; s < L->nscope; s++) {
		struct block *base = &L->scope[s].base;
		struct block add = b;

		defaults_of(L, s);
		add.map = b.map;
		if (base->nmap) {
			add.map = arena_alloc(L->j->arena, (base->nmap + b.nmap) * sizeof *add.map);
			memcpy(add.map, base->map, base->nmap * sizeof *add.map);
			memcpy(add.map + base->nmap, b.map, b.nmap * sizeof *add.map);
		}
		base->map = add.map;
		base->nmap += b.nmap;
	}
}
