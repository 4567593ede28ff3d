/* intl.c - gettext, asked for only when the locale is another than C. */
#include "base/intl.h"

#include <libintl.h>
#include <locale.h>
#include <stdlib.h>
#include <string.h>

static bool on;

/* The variables in the order that setlocale knows them. */
static const char *wanted(void)
{
	static const char *const names[] = { "LC_ALL", "LC_MESSAGES", "LANG" };

	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		const char *v = getenv(names[i]);

		if (v && *v)
			return v;
	}
	return "C";
}

bool intl_wanted(void)
{
	const char *v = wanted(), *list = getenv("LANGUAGE");

	if (!strcmp(v, "C") || !strcmp(v, "POSIX"))
		return false;
	return strncmp(v, "C.", 2) || (list && *list);
}

void intl_open(const char *dir)
{
	if (on || !intl_wanted() || !setlocale(LC_MESSAGES, ""))
		return;
	bindtextdomain("weft", dir);
	bind_textdomain_codeset("weft", "UTF-8"); /* as the sources that are quoted, whatever the locale */
	bind_textdomain_codeset("libc", "UTF-8"); /* strerror */
	textdomain("weft");
	on = true;
}

const char *tr(const char *text)
{
	return on && *text ? gettext(text) : text;
}
