/* front.c - which front end reads a file. */
#include "lang/front.h"

#include "lang/cfgline.h"

#include <string.h>
#include <strings.h>

static bool ends_in(const char *path, const char *ext)
{
	size_t n = strlen(path), m = strlen(ext);

	return n > m && !strcasecmp(path + n - m, ext);
}

/* The first byte that is neither blank nor in a comment; 0 if there is none. */
static char first_byte(const struct source *src)
{
	uint32_t i = 0;

	while (i < src->len) {
		char c = src->text[i];

		if (c == '#' || c == ';')
			while (i < src->len && src->text[i] != '\n')
				i++;
		else if (c != ' ' && c != '\t' && c != '\r' && c != '\n')
			return c;
		else
			i++;
	}
	return 0;
}

enum front_kind front_of(const struct source *src)
{
	char c;

	if (!strcmp(src->path, CFG_LINE_PATH))
		return FRONT_CFG;
	if (ends_in(src->path, ".weft"))
		return FRONT_WEFT;
	if (ends_in(src->path, ".cfg") || ends_in(src->path, ".ini"))
		return FRONT_CFG;
	if (ends_in(src->path, ".json"))
		return FRONT_JSON;
	c = first_byte(src);
	return c == '{' ? FRONT_JSON : c == '[' ? FRONT_CFG : FRONT_WEFT;
}

const char *front_text(enum front_kind k)
{
	return k == FRONT_CFG ? "job.cfg" : k == FRONT_JSON ? "job JSON" : "weft";
}

bool front_parse(struct ast *a, const struct source *src, struct diags *d)
{
	if (!source_check(src, d))
		return false;
	switch (front_of(src)) {
	case FRONT_CFG:
		return parse_jobcfg(a, src, d);
	case FRONT_JSON:
		return parse_jobjson(a, src, d);
	case FRONT_WEFT:
		break;
	}
	return parse_weft(a, src, d);
}
