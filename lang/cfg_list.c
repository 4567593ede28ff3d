/* cfg_list.c - lists of key:value (env, user_data) and docker, which is environment too.
 * What a task says is added to what [DEFAULT] says; of one name the task's value counts. */
#include "lang/cfg.h"

#include <stdlib.h>
#include <string.h>

enum from { FROM_DEFAULT, FROM_TASK, FROM_OPTION };
struct pair {
	name key, value;
	struct span span, key_span, value_span;
	uint8_t from; /* enum from */
};
struct pairs {
	struct cfg *c;
	struct pair *v;
	uint32_t n, cap;
	uint32_t space;
};

/* Lists have hash spaces of their own above those of sections. */
static uint64_t pair_key(const struct pairs *l, name nm)
{
	return (uint64_t)(0x80000000u + l->space) << 32 | nm;
}

static void twice(struct pairs *l, const struct pair *old, const struct pair *p)
{
	if (old->from != p->from || old->value == p->value)
		return;
	diag_error(l->c->d, W0173, p->key_span, "`%s` is given twice", name_str(l->c->names, p->key));
	diag_label(l->c->d, "this value counts");
	diag_at(l->c->d, old->key_span, "also given here");
}

static void add(struct pairs *l, struct pair p)
{
	uint32_t have = cfg_get(l->c, pair_key(l, p.key));

	if (have) {
		twice(l, &l->v[have - 1], &p);
		l->v[have - 1] = p;
		return;
	}
	l->v = grow(l->v, &l->cap, l->n + 1, sizeof *l->v);
	l->v[l->n++] = p;
	cfg_put(l->c, pair_key(l, p.key), l->n);
}

static void no_colon(struct pairs *l, const struct cfg_val *v, struct cfg_part p)
{
	diag_error(l->c->d, W0174, cfg_at(v, p), "`%.*s` has no value in `%s`", (int)(cfg_len(p) > 80 ? 80 : cfg_len(p)),
		v->t.s + p.lo, v->key);
	diag_label(l->c->d, "taken as a name with an empty value");
	diag_help(l->c->d, "write `NAME:` for an empty value; a value cannot hold a comma");
}

/* Names with these could not be written in weft, and no shell could use them. */
static bool odd_name(const char *s, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if ((unsigned char)s[i] < 0x20 || s[i] == 0x7f || s[i] == '"' || s[i] == '\\' || (s[i] == '~' && i + 1 < n && s[i + 1] == '{'))
			return true;
	return false;
}

static bool one_pair(struct pairs *l, const struct cfg_val *v, struct cfg_part p, enum from from)
{
	const char *s = v->t.s, *colon = memchr(s + p.lo, ':', cfg_len(p)), *eq = memchr(s + p.lo, '=', cfg_len(p));
	struct cfg_part key = p, val = { p.hi, p.hi };

	if (eq && (!colon || eq < colon)) {
		diag_error(l->c->d, E0177, cfg_at(v, p), "`%s` is written NAME:VALUE, not NAME=VALUE", v->key);
		diag_help(l->c->d, "write %.*s:%.*s", (int)(eq - (s + p.lo)), s + p.lo, (int)(s + p.hi - eq - 1), eq + 1);
		return false;
	}
	if (colon) {
		key = cfg_trim(s, (struct cfg_part){ p.lo, (size_t)(colon - s) });
		val = cfg_trim(s, (struct cfg_part){ (size_t)(colon - s) + 1, p.hi });
	} else {
		no_colon(l, v, p);
	}
	if (!cfg_len(key))
		return diag_error(l->c->d, E0177, cfg_at(v, p), "an entry of `%s` has no name", v->key);
	if (odd_name(s + key.lo, cfg_len(key)))
		return diag_error(l->c->d, E0177, cfg_at(v, key), "a name in `%s` holds a character that names cannot hold", v->key);
	add(l, (struct pair){ name_of(l->c->names, s + key.lo, cfg_len(key)), name_of(l->c->names, s + val.lo, cfg_len(val)),
		cfg_at(v, p), cfg_at(v, key), cfg_at(v, val), from });
	return true;
}

static void read_pairs(struct pairs *l, const struct cfg_val *v, enum from from)
{
	struct cfg_part p;
	size_t pos = v->all.lo;

	while (cfg_next(v, ',', &pos, &p))
		if (cfg_len(p))
			one_pair(l, v, p, from);
}

/* ---- docker ---- */

static void docker(struct pairs *l, const struct cfg_val *v, enum from from)
{
	static const char local[] = "localhost:5000/", image[] = "BATCH_COMPUTE_DOCKER_IMAGE",
		registry[] = "BATCH_COMPUTE_DOCKER_REGISTRY_OSS_PATH";
	const char *s = v->t.s, *at = memmem(s + v->all.lo, cfg_len(v->all), "@oss://", 7);
	struct cfg_part nm = cfg_trim(s, (struct cfg_part){ v->all.lo, at ? (size_t)(at - s) : v->all.hi });
	struct cfg_part path = cfg_trim(s, (struct cfg_part){ at ? (size_t)(at - s) + 1 : v->all.hi, v->all.hi });
	struct pair p = { .key = name_ofs(l->c->names, image), .span = cfg_all(v), .key_span = v->e->key_span,
		.value_span = cfg_at(v, nm), .from = from };
	bool prefixed = cfg_starts(v, nm, local);

	if ((!at && !cfg_starts(v, nm, "registry")) || !cfg_len(nm) || cfg_len(path) == 6) {
		diag_error(l->c->d, E0178, cfg_all(v), "docker image is malformed");
		diag_help(l->c->d, "write NAME@oss://BUCKET/DIRECTORY/, or registry... for an image of a container registry");
		return;
	}
	p.value = name_ofs(l->c->names, arena_printf(l->c->arena, "%s%.*s", at && !prefixed ? local : "", (int)cfg_len(nm), s + nm.lo));
	add(l, p);
	if (!at)
		return;
	p.key = name_ofs(l->c->names, registry);
	p.value = name_of(l->c->names, s + path.lo, cfg_len(path));
	p.value_span = cfg_at(v, path);
	add(l, p);
}

/* ---- blocks ---- */

static nid pairs_block(struct pairs *l, const char *word)
{
	struct nlist in = { 0, 0 };

	for (uint32_t i = 0; i < l->n; i++) {
		const struct pair *p = &l->v[i];

		ast_append(l->c->a, &in, cfg_set(l->c, name_str(l->c->names, p->key), p->key_span,
			cfg_string(l->c, name_str(l->c->names, p->value), name_len(l->c->names, p->value), p->value_span)));
	}
	return cfg_block(l->c, word, l->n ? l->v[0].span : NOSPAN, in);
}

static struct pairs pairs_new(struct cfg *c)
{
	return (struct pairs){ .c = c, .space = ++c->spaces };
}

void cfg_env(struct cfg *c, uint32_t section, bool own, struct nlist *to)
{
	struct pairs l = pairs_new(c);
	struct cfg_val v;
	uint32_t i;

	if (!own && cfg_fetch_base(c, section, K_env, &v))
		read_pairs(&l, &v, FROM_DEFAULT);
	if (!own && cfg_fetch_base(c, section, K_docker, &v))
		docker(&l, &v, FROM_DEFAULT);
	if (cfg_fetch_own(c, section, K_env, &v))
		read_pairs(&l, &v, FROM_TASK);
	if (cfg_fetch_own(c, section, K_docker, &v))
		docker(&l, &v, FROM_TASK);
	for (i = 0; (!own || c->nsec == 1) && cfg_fetch_option(c, K_env, &i, &v);)
		read_pairs(&l, &v, FROM_OPTION);
	for (i = 0; (!own || c->nsec == 1) && cfg_fetch_option(c, K_docker, &i, &v);)
		docker(&l, &v, FROM_OPTION);
	ast_append(c->a, to, pairs_block(&l, "env"));
	free(l.v);
}

void cfg_user_data(struct cfg *c, uint32_t section, struct nlist *to)
{
	struct pairs l = pairs_new(c);
	struct cfg_val v;
	uint32_t i = 0;

	if (cfg_fetch_base(c, section, K_user_data, &v))
		read_pairs(&l, &v, FROM_DEFAULT);
	if (cfg_fetch_own(c, section, K_user_data, &v))
		read_pairs(&l, &v, FROM_TASK);
	while (cfg_fetch_option(c, K_user_data, &i, &v))
		read_pairs(&l, &v, FROM_OPTION);
	ast_append(c->a, to, pairs_block(&l, "user_data"));
	free(l.v);
}
