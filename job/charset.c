/* charset.c - see charset.h. */
#include "job/charset.h"

#include <string.h>
#include <strings.h>

#define CHARSET(name, iconv) { name, iconv },
const struct charset charsets[] = {
#include "job/charset.def"
};
#undef CHARSET
const unsigned ncharset = sizeof(charsets) / sizeof(*charsets);

const struct charset *charset_find(const char *word)
{
	unsigned i;

	for (i = 0; i < ncharset; i++)
		if (!strcasecmp(charsets[i].name, word))
			return &charsets[i];
	return NULL;
}

static const char *set_name(const struct job *j, const struct jtask *t, enum setting id)
{
	const struct jval *v = task_set(t, id);

	return v ? name_str(j->names, v->s) : "";
}

const struct charset *map_charset(const struct job *j, const struct jtask *t, const struct jmap *m)
{
	const char *nm = m->kind != MAP_MOUNT ? "" : set_name(j, t, m->pool ? SET_POOL_MLOCALE : SET_MOUNT_LOCALE);
	const struct charset *c = charset_find(*nm ? nm : set_name(j, t, SET_LOCALE));

	return c && c->iconv ? c : NULL;
}
