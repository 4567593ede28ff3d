/* cfg_disk.c - disk = system:TYPE:SIZE, data:TYPE:SIZE:MOUNT (reference d.5). */
#include "lang/cfg.h"

#include <string.h>

enum { PARTS = 5 };

struct disk {
	struct cfg_part word, part[PARTS];
	unsigned n;
};

static bool wrong(struct cfg *c, const struct cfg_val *v, struct cfg_part p, const char *why)
{
	diag_error(c->d, E0176, cfg_at(v, p), "disk `%.*s` is malformed: %s", (int)(cfg_len(p) > 80 ? 80 : cfg_len(p)),
		v->t.s + p.lo, tr(why));
	diag_help(c->d, "write system:TYPE:SIZE, data:TYPE:SIZE:DIRECTORY, or both with a comma; SIZE in GB, TYPE may be default");
	return false;
}

/* A drive (data:cloud:40:E:) has a colon of its own. */
static void split(const struct cfg_val *v, struct cfg_part p, struct disk *d)
{
	size_t lo = p.lo;

	d->n = 0;
	for (size_t i = p.lo; i <= p.hi && d->n < PARTS; i++)
		if (i == p.hi || v->t.s[i] == ':') {
			d->part[d->n++] = cfg_trim(v->t.s, (struct cfg_part){ lo, i });
			lo = i + 1;
		}
	if (d->n == PARTS && cfg_len(d->part[3]) == 1 && !cfg_len(d->part[4])) {
		d->part[3].hi++;
		d->n--;
	}
}

static nid mount_point(struct cfg *c, const struct cfg_val *v, struct cfg_part p)
{
	char drive[3] = { v->t.s[p.lo], ':', 0 };

	return cfg_len(p) == 1 ? cfg_string(c, drive, 2, cfg_at(v, p)) : cfg_string_part(c, v, p);
}

static nid disk_block(struct cfg *c, const struct cfg_val *v, struct cfg_part all, const struct disk *d, bool data)
{
	struct nlist in = { 0, 0 };
	int64_t size;

	if (d->n != (data ? 4 : 3))
		return wrong(c, v, all, data ? N_("data has a type, a size and a directory") : N_("system has a type and a size"));
	if (!cfg_int(c, v, d->part[2], N_("disk size (in GB)"), &size))
		return 0;
	if (size <= 0)
		return wrong(c, v, d->part[2], N_("the size is not above 0"));
	if (cfg_len(d->part[1]) && !cfg_is(v, d->part[1], "default"))
		ast_append(c->a, &in, cfg_set(c, "type", cfg_at(v, d->part[1]), cfg_string_part(c, v, d->part[1])));
	ast_append(c->a, &in, cfg_set(c, "size", cfg_at(v, d->part[2]),
		cfg_literal(c, N_SIZE, cfg_at(v, d->part[2]), "%lldGB", (long long)size)));
	if (data && !cfg_len(d->part[3]))
		return wrong(c, v, all, N_("the directory is missing"));
	if (data)
		ast_append(c->a, &in, cfg_set(c, "mount", cfg_at(v, d->part[3]), mount_point(c, v, d->part[3])));
	return cfg_block(c, data ? "data" : "system", cfg_at(v, all), in);
}

nid cfg_disk(struct cfg *c, const struct cfg_val *v)
{
	struct nlist l = { 0, 0 };
	bool seen[2] = { false, false };
	struct cfg_part p;
	size_t pos = v->all.lo;
	struct disk d;

	while (cfg_next(v, ',', &pos, &p)) {
		bool data;

		if (!cfg_len(p))
			continue;
		split(v, p, &d);
		data = cfg_is(v, d.part[0], "data");
		if (!data && !cfg_is(v, d.part[0], "system"))
			wrong(c, v, p, N_("it begins with neither system nor data"));
		else if (seen[data])
			wrong(c, v, p, data ? N_("there is one data disk at most") : N_("there is one system disk only"));
		else
			ast_append(c->a, &l, disk_block(c, v, p, &d, data));
		if (cfg_is(v, d.part[0], "system") || data)
			seen[data] = true;
	}
	return cfg_block(c, "disk", v->e->key_span, l);
}
