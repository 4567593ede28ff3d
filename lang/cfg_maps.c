/* cfg_maps.c - mount, read_mount, write_mount, log_mapping: storage in the machine (reference d.7).
 * What a task says is added to what [DEFAULT] says; equal pairs are one. */
#include "lang/cfg.h"

#include <string.h>

struct maps {
	struct cfg *c;
	struct nlist *to;
	uint32_t space; /* and the two after it: places of mounts, outputs, logs */
};

static const struct {
	enum cfg_key key;
	enum map_kind kind;
} kinds[] = {
	{ K_mount, MAP_MOUNT }, { K_read_mount, MAP_INPUT }, { K_write_mount, MAP_OUTPUT }, { K_log_mapping, MAP_LOG },
};

static struct cfg_part part_of(struct mapform_part p)
{
	return (struct cfg_part){ p.lo, p.hi };
}

static void malformed(struct maps *m, const struct cfg_val *v, const struct mapform *f)
{
	diag_error(m->c->d, E0183, cfg_at(v, part_of(f->wrong)), "value of key `%s` is malformed: %s", v->key, tr(f->why));
	diag_help(m->c->d, "%s", tr(f->help));
}

/* A flag that the key cannot mean. */
static void check_flag(struct maps *m, const struct cfg_val *v, enum map_kind key, const struct mapform *f)
{
	if (f->flag < 0 || key == MAP_MOUNT || (key == MAP_INPUT && !f->flag))
		return;
	if (key == MAP_INPUT) {
		diag_error(m->c->d, W0169, cfg_at(v, part_of(f->flag_at)), "a read_mount is made writable");
		diag_help(m->c->d, "write mount = ... for storage that is written, or leave out :true");
		return;
	}
	diag_error(m->c->d, W0169, cfg_at(v, part_of(f->flag_at)), "`%s` takes no flag: it is ignored", v->key);
	diag_help(m->c->d, "leave it out");
}

static uint64_t place_key(const struct maps *m, const struct mapform *f, name place)
{
	uint32_t kind = f->kind == MAP_MOUNT ? 0 : f->kind == MAP_OUTPUT ? 1 : 2;

	return (uint64_t)(0x80000000u + m->space + kind) << 32 | place;
}

/* Has this task the same pair already, or another one for the same place?  true: nothing to add. */
static bool known(struct maps *m, const struct cfg_val *v, const struct mapform *f, name from, name to)
{
	bool out = f->kind == MAP_OUTPUT || f->kind == MAP_LOG;
	name place = out ? from : to, store = out ? to : from;
	uint32_t have = cfg_get(m->c, place_key(m, f, place));
	const struct node *old = have ? ast_at(m->c->a, have) : NULL;
	struct span sp = cfg_at(v, part_of(f->local));
	nid was;

	if (!have)
		return false;
	was = ast_nth(m->c->a, have, out ? 1 : 0);
	if (ast_at(m->c->a, ast_kid(m->c->a, was))->name == store)
		return true;
	if (f->kind == MAP_MOUNT)
		return false; /* two sources at one place: a check says so */
	diag_error(m->c->d, W0175, sp, "`%s` is mapped twice", name_str(m->c->names, place));
	diag_label(m->c->d, "this one counts");
	diag_at(m->c->d, old->span, "also mapped here");
	m->c->a->v[ast_kid(m->c->a, was)].name = store;
	return true;
}

static void add(struct maps *m, const struct cfg_val *v, const struct mapform *f)
{
	struct cfg *c = m->c;
	bool out = f->kind == MAP_OUTPUT || f->kind == MAP_LOG;
	name from = mapform_from(f, v->t.s, c->names), to = mapform_to(f, v->t.s, c->names);
	struct span storage = cfg_at(v, part_of(f->storage)), local = cfg_at(v, part_of(f->local));
	struct nlist in = { 0, 0 };
	nid n;

	if (known(m, v, f, from, to))
		return;
	ast_append(c->a, &in, cfg_string(c, name_str(c->names, from), name_len(c->names, from), out ? local : storage));
	ast_append(c->a, &in, cfg_string(c, name_str(c->names, to), name_len(c->names, to), out ? storage : local));
	if (f->kind == MAP_MOUNT)
		ast_append(c->a, &in, ast_new(c->a, N_NAME, f->flag_at.hi ? cfg_at(v, part_of(f->flag_at)) : storage,
			name_ofs(c->names, f->write ? "rw" : "ro")));
	n = ast_new(c->a, N_MAP, storage.lo < local.lo ? (struct span){ storage.lo, local.hi } : (struct span){ local.lo, storage.hi }, 0);
	c->a->v[n].op = (uint8_t)f->kind;
	ast_adopt(c->a, n, in);
	ast_append(c->a, m->to, n);
	cfg_put(c, place_key(m, f, out ? from : to), n);
}

static void read_maps(struct maps *m, const struct cfg_val *v, enum map_kind key)
{
	struct mapform_part item;
	struct mapform f;
	size_t pos = v->all.lo;

	while (mapform_next(v->t.s, v->all.hi, &pos, &item)) {
		if (!mapform_parse(key, v->t.s, item, &f)) {
			malformed(m, v, &f);
			continue;
		}
		check_flag(m, v, key, &f);
		add(m, v, &f);
	}
}

void cfg_maps(struct cfg *c, uint32_t section, struct nlist *to)
{
	struct maps m = { .c = c, .to = to, .space = c->spaces + 1 };
	struct nlist in = { 0, 0 };
	struct cfg_val v;
	uint32_t k;
	bool b;

	c->spaces += 3;
	for (unsigned i = 0; i < sizeof kinds / sizeof *kinds; i++) {
		if (cfg_fetch_base(c, section, kinds[i].key, &v))
			read_maps(&m, &v, kinds[i].kind);
		if (cfg_fetch_own(c, section, kinds[i].key, &v))
			read_maps(&m, &v, kinds[i].kind);
		for (k = 0; cfg_fetch_option(c, kinds[i].key, &k, &v);)
			read_maps(&m, &v, kinds[i].kind);
	}
	if (!cfg_fetch(c, section, K_no_cache_support, &v) || !cfg_bool(c, &v, &b))
		return;
	ast_append(c->a, &in, cfg_set_bool(c, "cache", &v, !b));
	ast_append(c->a, to, cfg_block(c, "mounts", v.e->key_span, in));
}
