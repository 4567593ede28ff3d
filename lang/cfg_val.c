/* cfg_val.c - values of keys: finding them, cutting them, numbers and switches. */
#include "lang/cfg.h"

#include <string.h>
#include <strings.h>

static const bool may_be_empty[K_COUNT] = {
#define KEY(name, where, group, empty) empty,
#include "lang/cfg_keys.def"
#undef KEY
};

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

struct cfg_part cfg_trim(const char *s, struct cfg_part p)
{
	while (p.lo < p.hi && is_blank(s[p.lo]))
		p.lo++;
	while (p.hi > p.lo && is_blank(s[p.hi - 1]))
		p.hi--;
	return p;
}

struct cfg_entry *cfg_entry_own(struct cfg *c, uint32_t section, enum cfg_key k)
{
	struct cfg_entry *option = cfg_key_adds(k) ? NULL : cfg_option(c, k);

	if (option)
		return section ? NULL : option;
	return cfg_own(c, section, cfg_key_text(k));
}

struct cfg_entry *cfg_entry(struct cfg *c, uint32_t section, enum cfg_key k)
{
	struct cfg_entry *e = cfg_entry_own(c, section, k);

	return e || !section ? e : cfg_entry_own(c, 0, k);
}

bool cfg_val_of(struct cfg *c, struct cfg_entry *e, uint32_t section, enum cfg_key k, struct cfg_val *v)
{
	if (!e || !cfg_value(c, e, section, &v->t))
		return false;
	v->e = e;
	v->key = cfg_key_text(k);
	v->all = cfg_trim(v->t.s, (struct cfg_part){ 0, v->t.n });
	if (v->all.lo < v->all.hi)
		return true;
	if (!may_be_empty[k]) {
		diag_error(c->d, W0171, e->key_span, "key `%s` has no value and is taken as not set", v->key);
		diag_help(c->d, "leave the line out");
	}
	return false;
}

bool cfg_fetch(struct cfg *c, uint32_t section, enum cfg_key k, struct cfg_val *v)
{
	return cfg_val_of(c, cfg_entry(c, section, k), section, k, v);
}

bool cfg_fetch_own(struct cfg *c, uint32_t section, enum cfg_key k, struct cfg_val *v)
{
	return cfg_val_of(c, cfg_entry_own(c, section, k), section, k, v);
}

bool cfg_fetch_base(struct cfg *c, uint32_t section, enum cfg_key k, struct cfg_val *v)
{
	return section && cfg_val_of(c, cfg_entry_own(c, 0, k), section, k, v);
}

bool cfg_next(const struct cfg_val *v, char sep, size_t *pos, struct cfg_part *p)
{
	const char *at;

	if (*pos > v->all.hi)
		return false;
	at = memchr(v->t.s + *pos, sep, v->all.hi - *pos);
	*p = (struct cfg_part){ *pos, at ? (size_t)(at - v->t.s) : v->all.hi };
	*pos = p->hi + 1;
	*p = cfg_trim(v->t.s, *p);
	return true;
}

bool cfg_is(const struct cfg_val *v, struct cfg_part p, const char *word)
{
	return cfg_len(p) == strlen(word) && !strncasecmp(v->t.s + p.lo, word, cfg_len(p));
}

bool cfg_starts(const struct cfg_val *v, struct cfg_part p, const char *word)
{
	return cfg_len(p) >= strlen(word) && !memcmp(v->t.s + p.lo, word, strlen(word));
}

static int shown(struct cfg_part p)
{
	return cfg_len(p) > 80 ? 80 : (int)cfg_len(p);
}

bool cfg_int(struct cfg *c, const struct cfg_val *v, struct cfg_part p, const char *what, int64_t *out)
{
	const char *s = v->t.s + p.lo, *end = v->t.s + p.hi;
	bool minus = s < end && *s == '-';
	int64_t n = 0;

	s += minus || (s < end && *s == '+');
	if (s == end)
		return diag_error(c->d, E0170, cfg_at(v, p), "%s is no whole number: `%.*s`", tr(what), shown(p), v->t.s + p.lo);
	for (; s < end; s++) {
		if (*s < '0' || *s > '9') {
			diag_error(c->d, E0170, cfg_at(v, p), "%s is no whole number: `%.*s`", tr(what), shown(p), v->t.s + p.lo);
			return false;
		}
		n = n * 10 + (*s - '0');
		if (n > INT32_MAX)
			return diag_error(c->d, E0170, cfg_at(v, p), "%s is too large: `%.*s`", tr(what), shown(p), v->t.s + p.lo);
	}
	*out = minus ? -n : n;
	return true;
}

bool cfg_count(struct cfg *c, const struct cfg_val *v, int64_t def, int64_t *out)
{
	char what[128];

	snprintf(what, sizeof what, _("value of key `%s`"), v->key);
	if (!cfg_int(c, v, v->all, what, out)) {
		if (!strcmp(v->key, "timeout"))
			diag_help(c->d, "a timeout is written in seconds: 3600");
		return false;
	}
	if (*out > 0)
		return true;
	diag_error(c->d, W0170, cfg_all(v), "`%s = %lld` means the default, %lld", v->key, (long long)*out, (long long)def);
	diag_help(c->d, "write a number above 0, or leave the line out");
	*out = def;
	return true;
}

bool cfg_bool(struct cfg *c, const struct cfg_val *v, bool *out)
{
	static const char *const words[] = { "no", "yes", "off", "on", "false", "true", "0", "1" };

	for (unsigned i = 0; i < sizeof words / sizeof *words; i++)
		if (cfg_is(v, v->all, words[i])) {
			*out = i % 2;
			return true;
		}
	diag_error(c->d, E0182, cfg_all(v), "value of key `%s` is neither yes nor no: `%.*s`", v->key, shown(v->all),
		v->t.s + v->all.lo);
	diag_help(c->d, "write yes or no (also on off true false 1 0)");
	return false;
}
