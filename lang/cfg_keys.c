/* cfg_keys.c - which keys there are, which are unknown, and which [DEFAULT] can say for all tasks at once. */
#include "lang/cfg.h"

#include <string.h>

enum where { NOWHERE, D, J, T, M };

static const struct {
	const char *text;
	uint8_t where, group;
} keys[K_COUNT] = {
#define KEY(name, where, group, empty) { #name, where, G_##group },
#include "lang/cfg_keys.def"
#undef KEY
};

const char *cfg_key_text(enum cfg_key k)
{
	return keys[k].text;
}

bool cfg_key_adds(enum cfg_key k)
{
	return keys[k].where == M;
}

static void unknown(struct cfg *c, struct cfg_entry *e)
{
	struct suggest s = { .to = name_str(c->names, e->key) };

	for (unsigned k = 0; k < K_COUNT; k++)
		suggest_try(&s, keys[k].text);
	if (suggest_best(&s)) {
		diag_error(c->d, E0168, e->key_span, "no key is named `%s`", s.to);
		diag_suggest(c->d, &s);
		return;
	}
	diag_error(c->d, W0168, e->key_span, "key `%s` means nothing and is ignored", s.to);
	diag_help(c->d, "a value of your own is written $%s = ..., or used as %%(%s)s", s.to, s.to);
}

/* Expand what nothing else looks at, so that its mistakes are found too. */
static void look_at(struct cfg *c, struct cfg_entry *e)
{
	struct cfg_text t;

	if (e->section || !cfg_get(c, cfg_any_key(e->key)))
		cfg_value(c, e, e->section, &t);
}

void cfg_check_keys(struct cfg *c)
{
	name known[K_COUNT];

	for (unsigned k = 0; k < K_COUNT; k++)
		known[k] = name_ofs(c->names, keys[k].text);
	for (uint32_t i = 0; i < c->ne; i++) {
		struct cfg_entry *e = &c->e[i];
		unsigned k = 0;

		while (k < K_COUNT && known[k] != e->key)
			k++;
		if (k < K_COUNT || name_str(c->names, e->key)[0] == '$')
			continue;
		if (cfg_get(c, cfg_used_key(e->key)))
			look_at(c, e);
		else
			unknown(c, e);
	}
}

/* Does some %(key)s in this text name a key that a task may have otherwise?  Depth is limited. */
static bool differs(struct cfg *c, const struct cfg_entry *e, int depth)
{
	const char *p = e->raw.s, *end = p + e->raw.n;

	while (depth < CFG_DEPTH && p < end && (p = memchr(p, '%', (size_t)(end - p)))) {
		const char *close = p + 1 < end && p[1] == '(' ? memchr(p, ')', (size_t)(end - p)) : NULL;
		const struct cfg_entry *to;
		char *word;

		if (!close) {
			p++;
			continue;
		}
		word = arena_strndup(c->arena, p + 2, (size_t)(close - p) - 2);
		for (char *q = word; *q; q++)
			*q |= *q >= 'A' && *q <= 'Z' ? 32 : 0;
		if (cfg_get(c, cfg_any_key(name_ofs(c->names, word))))
			return true;
		to = cfg_own(c, 0, word);
		if (to && to != e && differs(c, to, depth + 1))
			return true;
		p = close;
	}
	return false;
}

bool cfg_group_shared(struct cfg *c, enum cfg_group g)
{
	for (unsigned k = 0; k < K_COUNT; k++) {
		const struct cfg_entry *e;

		if (keys[k].group != g)
			continue;
		if (g == G_ENV && cfg_option(c, (enum cfg_key)k)) /* stronger than a task */
			return c->nsec == 1;
		if (g != G_ENV && g != G_TIMEOUT && g != G_NODES && cfg_get(c, cfg_any_key(name_ofs(c->names, keys[k].text))))
			return false;
		e = cfg_entry_own(c, 0, (enum cfg_key)k);
		if (e && differs(c, e, 0))
			return false;
	}
	return true;
}
