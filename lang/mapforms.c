/* mapforms.c - mount forms (reference d.7), read from text without copying. */
#include "lang/mapforms.h"

#include "base/intl.h"

#include "base/buf.h"

#include <string.h>
#include <strings.h>

static bool blank(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static struct mapform_part trim(const char *s, struct mapform_part p)
{
	while (p.lo < p.hi && blank(s[p.lo]))
		p.lo++;
	while (p.hi > p.lo && blank(s[p.hi - 1]))
		p.hi--;
	return p;
}

bool mapform_next(const char *s, size_t n, size_t *pos, struct mapform_part *item)
{
	while (*pos < n) {
		const char *comma = memchr(s + *pos, ',', n - *pos);
		size_t end = comma ? (size_t)(comma - s) : n;

		*item = trim(s, (struct mapform_part){ *pos, end });
		*pos = end + 1;
		if (item->lo < item->hi)
			return true;
	}
	return false;
}

/* The first place of t in the part, or hi. */
static size_t find(const char *s, struct mapform_part p, const char *t)
{
	const char *at = memmem(s + p.lo, p.hi - p.lo, t, strlen(t));

	return at ? (size_t)(at - s) : p.hi;
}

static size_t last_colon(const char *s, struct mapform_part p)
{
	const char *at = memrchr(s + p.lo, ':', p.hi - p.lo);

	return at ? (size_t)(at - s) : p.hi;
}

static bool letter(char c)
{
	return (c | 32) >= 'a' && (c | 32) <= 'z';
}

/* Length of "oss://" and the like at the start of the part, 0 if there is none. */
static size_t scheme(const char *s, struct mapform_part p)
{
	size_t i = p.lo;

	while (i < p.hi && letter(s[i]))
		i++;
	return i > p.lo && p.hi - i >= 3 && !memcmp(s + i, "://", 3) ? i + 3 - p.lo : 0;
}

static bool wrong(struct mapform *f, struct mapform_part at, const char *why, const char *help)
{
	f->why = why;
	f->help = help;
	f->wrong = at;
	return false;
}

/* Take ":true" or ":false" off the end. */
static void take_flag(struct mapform *f, const char *s, struct mapform_part *p)
{
	size_t c = last_colon(s, *p), n = p->hi - c;

	if (c == p->hi || n < 5)
		return;
	if (n == 5 && !strncasecmp(s + c, ":true", 5))
		f->flag = 1;
	else if (n == 6 && !strncasecmp(s + c, ":false", 6))
		f->flag = 0;
	else
		return;
	f->flag_at = (struct mapform_part){ c + 1, p->hi };
	p->hi = c;
	if (p->hi - p->lo >= 2 && s[c - 1] == ':' && s[c - 2] == ':') /* :::true */
		p->hi -= 2;
}

/* storage, then local: at the last colon that is not a drive's */
static bool split_forward(struct mapform *f, const char *s, struct mapform_part p)
{
	size_t head = scheme(s, p), c = last_colon(s, p);

	if (c + 1 == p.hi && c >= p.lo + 2 && letter(s[c - 1]) && s[c - 2] == ':')
		c -= 2; /* ...:D: */
	else if (c + 1 < p.hi && (s[c + 1] == '\\' || s[c + 1] == '/') && c >= p.lo + head + 2 && letter(s[c - 1]) &&
		s[c - 2] == ':')
		c -= 2; /* ...:D:\dir */
	if (c == p.hi || c < p.lo + head)
		return wrong(f, p, N_("it says no place in the machine"), N_("write oss://bucket/dir/:/home/dir"));
	f->storage = (struct mapform_part){ p.lo, c };
	f->local = (struct mapform_part){ c + 1, p.hi };
	return true;
}

/* local, then storage: at the colon before the last scheme */
static bool split_reversed(struct mapform *f, const char *s, struct mapform_part p)
{
	for (size_t i = p.lo; i < p.hi; i++) {
		struct mapform_part rest = { i + 1, p.hi };

		if (s[i] == ':' && scheme(s, rest)) {
			f->local = (struct mapform_part){ p.lo, i };
			f->storage = rest;
			if (f->local.hi - f->local.lo == 2 && s[f->local.hi - 1] == ':')
				f->local.hi--;
			return true;
		}
	}
	return wrong(f, p, N_("it names no storage"), N_("storage begins with oss:// or nas://"));
}

static bool split_explicit(struct mapform *f, const char *s, struct mapform_part p, size_t at)
{
	struct mapform_part a = trim(s, (struct mapform_part){ p.lo, at });
	struct mapform_part b = trim(s, (struct mapform_part){ at + 3, p.hi });
	bool forward = scheme(s, a) > 0;

	if (!forward && !scheme(s, b))
		return wrong(f, p, N_("it names no storage"), N_("storage begins with oss:// or nas://"));
	f->storage = forward ? a : b;
	f->local = forward ? b : a;
	return true;
}

/* What the key makes of it. */
static void settle(enum map_kind key, const char *s, struct mapform *f)
{
	bool dir = s[f->storage.hi - 1] == '/';

	f->kind = key == MAP_INPUT ? MAP_MOUNT : key;
	if (key == MAP_MOUNT)
		f->write = f->flag >= 0 ? f->flag : dir;
	else if (key == MAP_INPUT)
		f->write = f->flag == 1;
	f->drive = f->local.hi - f->local.lo == 1 && letter(s[f->local.lo]);
}

bool mapform_parse(enum map_kind key, const char *s, struct mapform_part item, struct mapform *f)
{
	size_t three;
	bool ok;

	memset(f, 0, sizeof(*f));
	f->kind = key;
	f->flag = -1;
	take_flag(f, s, &item);
	three = find(s, item, ":::");
	if (three < item.hi)
		ok = split_explicit(f, s, item, three);
	else
		ok = scheme(s, item) ? split_forward(f, s, item) : split_reversed(f, s, item);
	if (!ok)
		return false;
	f->storage = trim(s, f->storage);
	f->local = trim(s, f->local);
	if (f->storage.hi - f->storage.lo <= scheme(s, f->storage))
		return wrong(f, item, N_("the storage has no bucket or host"), N_("write oss://bucket/dir/:/home/dir"));
	if (f->local.lo == f->local.hi)
		return wrong(f, item, N_("it says no place in the machine"), N_("write oss://bucket/dir/:/home/dir"));
	settle(key, s, f);
	return true;
}

static name storage_name(const struct mapform *f, const char *s, struct names *names)
{
	return name_of(names, s + f->storage.lo, f->storage.hi - f->storage.lo);
}

static name local_name(const struct mapform *f, const char *s, struct names *names)
{
	const char drive[2] = { s[f->local.lo], ':' };

	return f->drive ? name_of(names, drive, 2) : name_of(names, s + f->local.lo, f->local.hi - f->local.lo);
}

name mapform_from(const struct mapform *f, const char *s, struct names *names)
{
	bool out = f->kind == MAP_OUTPUT || f->kind == MAP_LOG;

	return out ? local_name(f, s, names) : storage_name(f, s, names);
}

name mapform_to(const struct mapform *f, const char *s, struct names *names)
{
	bool out = f->kind == MAP_OUTPUT || f->kind == MAP_LOG;

	return out ? storage_name(f, s, names) : local_name(f, s, names);
}
