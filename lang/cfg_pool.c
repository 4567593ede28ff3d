/* cfg_pool.c - the machines of a task: cluster, image, type, spot, disk, network, user data.
 *
 * A task either runs on an existing cluster (cluster = cls-...) or says what machines it needs; the old tool sent
 * both in some cases, which the service refuses. */
#include "lang/cfg.h"

#include <stdlib.h>
#include <string.h>

struct pool {
	struct cfg *c;
	uint32_t section;
	struct nlist *to;
	struct cfg_val cluster;
	bool has_cluster, is_id;
	struct cfg_part img, type; /* of cluster = img=..:type=.. */
};

static void put(struct pool *p, nid n)
{
	ast_append(p->c->a, p->to, n);
}

/* ---- cluster ---- */

static bool bad_cluster(struct pool *p, struct cfg_part at, const char *why)
{
	const struct cfg_val *v = &p->cluster;

	diag_error(p->c->d, E0174, cfg_at(v, at), "cluster `%.*s` is malformed: %s",
		(int)(cfg_len(v->all) > 80 ? 80 : cfg_len(v->all)), v->t.s + v->all.lo, tr(why));
	diag_help(p->c->d, "write the id of a cluster (cls-...), or img=IMAGE:type=TYPE");
	return false;
}

static bool cluster_part(struct pool *p, struct cfg_part part)
{
	const struct cfg_val *v = &p->cluster;
	const char *eq = memchr(v->t.s + part.lo, '=', cfg_len(part));
	struct cfg_part key, val;

	if (!eq)
		return bad_cluster(p, part, N_("a part has no ="));
	key = cfg_trim(v->t.s, (struct cfg_part){ part.lo, (size_t)(eq - v->t.s) });
	val = cfg_trim(v->t.s, (struct cfg_part){ (size_t)(eq - v->t.s) + 1, part.hi });
	if (cfg_is(v, key, "img")) {
		p->img = val;
		if (cfg_starts(v, val, "img-") || cfg_starts(v, val, "m-"))
			return true;
		diag_error(p->c->d, E0173, cfg_at(v, val), "image id `%.*s` begins with neither img- nor m-",
			(int)(cfg_len(val) > 80 ? 80 : cfg_len(val)), v->t.s + val.lo);
		return false;
	}
	if (!cfg_is(v, key, "type"))
		return bad_cluster(p, key, N_("its parts are img= and type="));
	p->type = val;
	return cfg_len(val) ? true : bad_cluster(p, key, N_("the type is missing"));
}

static void read_cluster(struct pool *p)
{
	struct cfg_val *v = &p->cluster;
	struct cfg_part part;
	size_t pos;

	p->has_cluster = cfg_fetch(p->c, p->section, K_cluster, v);
	if (!p->has_cluster)
		return;
	p->is_id = !memchr(v->t.s + v->all.lo, '=', cfg_len(v->all));
	for (pos = v->all.lo; !p->is_id && cfg_next(v, ':', &pos, &part);)
		if (cfg_len(part))
			cluster_part(p, part);
}

/* Is this key in vain, because the task runs on an existing cluster?  Said where key and id stand side by side,
 * or where the key is the nearer one. */
static bool in_vain(struct pool *p, enum cfg_key k)
{
	const struct cfg_entry *e = cfg_entry(p->c, p->section, k);

	if (!p->is_id)
		return false;
	if (e && e->section >= p->cluster.e->section) {
		diag_error(p->c->d, W0172, e->key_span, "key `%s` is ignored: the cluster exists already", cfg_key_text(k));
		diag_at(p->c->d, cfg_all(&p->cluster), "the cluster's id");
		diag_help(p->c->d, "leave out one of the two");
	}
	return true;
}

static bool fetch(struct pool *p, enum cfg_key k, struct cfg_val *v)
{
	return !in_vain(p, k) && cfg_fetch(p->c, p->section, k, v);
}

static void image_and_type(struct pool *p)
{
	struct cfg_val v;

	if (fetch(p, K_image, &v))
		put(p, cfg_set_string(p->c, "image", &v));
	else if (cfg_len(p->img))
		put(p, cfg_set(p->c, "image", cfg_at(&p->cluster, p->img), cfg_string_part(p->c, &p->cluster, p->img)));
	if (fetch(p, K_type, &v))
		put(p, cfg_set_string(p->c, "machine", &v));
	else if (cfg_len(p->type))
		put(p, cfg_set(p->c, "machine", cfg_at(&p->cluster, p->type), cfg_string_part(p->c, &p->cluster, p->type)));
}

/* ---- spot ---- */

/* digits, a point, digits */
static bool price_ok(const struct cfg_val *v)
{
	const char *s = v->t.s + v->all.lo;
	size_t n = cfg_len(v->all), i = *s == '-' || *s == '+', digits = 0, points = 0;

	for (; i < n; i++) {
		points += s[i] == '.';
		digits += s[i] >= '0' && s[i] <= '9';
		if (s[i] != '.' && (s[i] < '0' || s[i] > '9'))
			return false;
	}
	return digits && points <= 1 && n < 40;
}

static void spot(struct pool *p)
{
	struct cfg_val type, price;
	bool has_type = fetch(p, K_resource_type, &type), on_spot = has_type && cfg_is(&type, type.all, "Spot");
	struct nlist in = { 0, 0 };
	double limit;

	if (has_type)
		put(p, cfg_set_string(p->c, "resource_type", &type));
	if (!fetch(p, K_spot_price_limit, &price))
		return;
	if (!price_ok(&price)) {
		diag_error(p->c->d, E0170, cfg_all(&price), "value of key `spot_price_limit` is no number");
		return;
	}
	if (!on_spot) {
		diag_error(p->c->d, E0175, price.e->key_span, "key `spot_price_limit` counts only for spot machines");
		if (has_type)
			diag_at(p->c->d, cfg_all(&type), "this asks for other machines");
		diag_help(p->c->d, "write resource_type = Spot, or leave the limit out");
		return;
	}
	limit = strtod(price.t.s + price.all.lo, NULL);
	ast_append(p->c->a, &in, cfg_set(p->c, "strategy", price.e->key_span,
		cfg_string(p->c, limit > 0 ? "SpotWithPriceLimit" : "SpotAsPriceGo", limit > 0 ? 18 : 13, cfg_all(&price))));
	if (limit > 0) {
		bool whole = !memchr(price.t.s + price.all.lo, '.', cfg_len(price.all));

		ast_append(p->c->a, &in, cfg_set(p->c, "price_limit", price.e->key_span,
			cfg_literal(p->c, whole ? N_INT : N_FLOAT, cfg_all(&price), whole ? "%.0f" : "%.15g", limit)));
	}
	put(p, cfg_block(p->c, "spot", price.e->key_span, in));
}

/* ---- network ---- */

static bool off(const struct cfg_val *v)
{
	static const char *const words[] = { "''", "\"\"", "null", "none", "false", "0" };

	for (unsigned i = 0; i < sizeof words / sizeof *words; i++)
		if (cfg_is(v, v->all, words[i]))
			return true;
	return false;
}

static void network(struct pool *p)
{
	struct nlist in = { 0, 0 };
	struct cfg_val cidr, vpc;
	bool has_cidr = fetch(p, K_vpc_cidr_block, &cidr) && !off(&cidr), has_vpc = fetch(p, K_vpc_id, &vpc);
	const struct cfg_entry *e = cfg_entry(p->c, p->section, K_vpc_cidr_block);

	if (has_vpc && !has_cidr && e && e->section > vpc.e->section)
		return; /* the task switches off what [DEFAULT] has */
	if (has_cidr)
		ast_append(p->c->a, &in, cfg_set_string(p->c, "cidr", &cidr));
	if (has_vpc) {
		ast_append(p->c->a, &in, cfg_set_string(p->c, "vpc", &vpc));
		if (!has_cidr) {
			diag_error(p->c->d, E0179, vpc.e->key_span, "key `vpc_id` needs `vpc_cidr_block`");
			diag_help(p->c->d, "write the address block of that VPC: vpc_cidr_block = 192.168.0.0/16");
		}
	}
	put(p, cfg_block(p->c, "network", has_cidr ? cidr.e->key_span : has_vpc ? vpc.e->key_span : NOSPAN, in));
}

/* NAS groups belong to the machines; on an existing cluster only the task's mounts are left for them. */
static void nas(struct pool *p)
{
	struct nlist l = { 0, 0 };
	struct span sp = NOSPAN;
	struct cfg_val v;
	nid n;

	if (cfg_fetch(p->c, p->section, K_nas_access_group, &v)) {
		ast_append(p->c->a, &l, cfg_set_list(p->c, "access_group", &v, true));
		sp = v.e->key_span;
	}
	if (cfg_fetch(p->c, p->section, K_nas_file_system, &v)) {
		ast_append(p->c->a, &l, cfg_set_list(p->c, "file_system", &v, true));
		sp = v.e->key_span;
	}
	n = cfg_block(p->c, "nas", sp, l);
	n = n ? cfg_block(p->c, "mounts", sp, (struct nlist){ n, n }) : 0;
	if (n && !p->is_id)
		n = cfg_block(p->c, "cluster", sp, (struct nlist){ n, n });
	put(p, n);
}

void cfg_pool(struct cfg *c, uint32_t section, struct nlist *to)
{
	struct pool p = { .c = c, .section = section, .to = to };
	struct cfg_val v;
	bool b;

	read_cluster(&p);
	if (p.is_id)
		put(&p, cfg_set_string(c, "cluster", &p.cluster));
	image_and_type(&p);
	spot(&p);
	if (fetch(&p, K_disk, &v))
		put(&p, cfg_disk(c, &v));
	network(&p);
	nas(&p);
	if (!in_vain(&p, K_user_data))
		cfg_user_data(c, section, to);
	if (fetch(&p, K_reserve_on_fail, &v) && cfg_bool(c, &v, &b))
		put(&p, cfg_set_bool(c, "reserve_on_fail", &v, b));
}
