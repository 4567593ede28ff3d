/* settings.c - the table of settings.def and look-ups in it by weft path and by JSON path.
 *
 * A hundred rows: look-ups compare strings row by row after a first-byte test; that is under a microsecond. */
#include "job/settings.h"

#include "base/diag.h"

#include <string.h>

enum { REQ = 1 };

const struct setting_info settings[SET_COUNT] = {
#define SET(id, where, path, type, json, flags) [SET_##id] = { #id, path, json, where, T_##type, (flags) == REQ },
#include "job/settings.def"
#undef SET
};

int64_t setting_default(enum setting id)
{
	if (id == SET_PRIORITY || id == SET_FAIL_FAST)
		return 1;
	if (id == SET_TIMEOUT)
		return 6 * 3600 * (int64_t)1000;
	return 0;
}

static const char *text_of(const struct setting_info *s, bool json)
{
	return json ? s->json : s->path;
}

static enum setting by_text(int where, const char *path, bool json)
{
	if (!*path)
		return SET_COUNT;
	for (unsigned i = 0; i < SET_COUNT; i++) {
		const char *s = text_of(&settings[i], json);

		if (settings[i].where & where && s[0] == path[0] && !strcmp(s, path))
			return (enum setting)i;
	}
	return SET_COUNT;
}

/* The part of a row's path below the block, NULL if it does not lie there. */
static const char *below(const char *path, const char *block, size_t n)
{
	if (!n)
		return path;
	return !strncmp(path, block, n) && path[n] == '.' ? path + n + 1 : NULL;
}

static bool is_inner(int where, const char *block, bool json)
{
	size_t n = strlen(block);

	for (unsigned i = 0; n && i < SET_COUNT; i++)
		if (settings[i].where & where && below(text_of(&settings[i], json), block, n))
			return true;
	return false;
}

static void suggest_words(struct suggest *s, struct arena *a, int where, const char *block, bool json)
{
	size_t n = strlen(block);

	for (unsigned i = 0; i < SET_COUNT; i++) {
		const char *w = settings[i].where & where ? below(text_of(&settings[i], json), block, n) : NULL;

		if (w && *w)
			suggest_try(s, arena_strndup(a, w, strcspn(w, ".")));
	}
}

enum setting setting_by_path(int where, const char *path)
{
	return by_text(where, path, false);
}

enum setting setting_by_json(int where, const char *path)
{
	return by_text(where, path, true);
}

bool setting_has_path(int where, const char *path)
{
	return is_inner(where, path, false);
}

bool setting_has_json(int where, const char *path)
{
	return is_inner(where, path, true);
}

void setting_suggest(struct suggest *s, struct arena *a, int where, const char *block)
{
	suggest_words(s, a, where, block, false);
}

void setting_suggest_json(struct suggest *s, struct arena *a, int where, const char *object)
{
	suggest_words(s, a, where, object, true);
}
