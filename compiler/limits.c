/* limits.c - the table of limits.def, and the site file's numbers. */
#include "compiler/limits.h"

enum { NONE = SITE_KEYS };

const struct limit_info limits[LIM_COUNT] = {
#define LIMIT(id, value, key, what, rule) { value, key, what, rule },
#include "compiler/limits.def"
#undef LIMIT
};

static const struct site_value *own(const struct session *s, enum limit id)
{
	return limits[id].key == NONE ? NULL : site_value(site_find(s->site, SITE_QUOTA, ""), (enum site_key)limits[id].key);
}

int64_t limit_of(const struct session *s, enum limit id)
{
	const struct site_value *v = own(s, id);

	if (!v)
		return limits[id].value;
	return site_keys[v->key].type == T_DUR ? v->i / 1000 : site_keys[v->key].type == T_SIZE ? v->i >> 30 : v->i;
}

void limit_origin(struct session *s, enum limit id)
{
	const struct site_value *v = own(s, id);

	if (v)
		diag_at(s->diags, v->span, "what this site allows");
}
