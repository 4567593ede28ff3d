/* features.c - the table of features.def. */
#include "job/features.h"

#include "base/intl.h"

#include <string.h>

static const char *const names[ENGINES] = {
#define ENGINE(id, name) name,
#define SETTINGS(first, last, what, local, slurm, batchcompute)
#define WANTS(id, what, key, local, slurm, batchcompute)
#define OPTION(engine, word)
#include "job/features.def"
#undef OPTION
#undef ENGINE
#undef SETTINGS
#undef WANTS
};
const struct feature feature_sets[] = {
#define ENGINE(id, name)
#define SETTINGS(first, last, what, local, slurm, batchcompute) \
	{ what, SET_##first, SET_##last, SITE_KEYS, { local, slurm, batchcompute } },
#define WANTS(id, what, key, local, slurm, batchcompute)
#define OPTION(engine, word)
#include "job/features.def"
#undef OPTION
#undef ENGINE
#undef SETTINGS
#undef WANTS
};
const uint32_t nfeature_sets = sizeof feature_sets / sizeof *feature_sets;
const struct feature feature_wants[WANT_COUNT] = {
#define ENGINE(id, name)
#define SETTINGS(first, last, what, local, slurm, batchcompute)
#define WANTS(id, what, key, local, slurm, batchcompute) [WANT_##id] = { what, 0, 0, key, { local, slurm, batchcompute } },
#define OPTION(engine, word)
#include "job/features.def"
#undef OPTION
#undef ENGINE
#undef SETTINGS
#undef WANTS
};

const char *engine_name(enum engine_id e)
{
	return names[e];
}

enum engine_id engine_find(const char *name)
{
	uint32_t e;

	for (e = 0; e < ENGINES && strcmp(names[e], name); e++)
		;
	return (enum engine_id)e;
}

enum answer engine_answer(const struct site *s, enum engine_id e, const struct feature *f)
{
	enum answer a = (enum answer)f->does[e];

	if (a != SITE)
		return a;
	return site_int(site_find(s, SITE_ENGINE, names[e]), (enum site_key)f->key, 0) ? DOES : REFUSES;
}

static const struct option {
	const char *word;
	enum engine_id engine;
} options[] = {
#define ENGINE(id, name)
#define SETTINGS(first, last, what, local, slurm, batchcompute)
#define WANTS(id, what, key, local, slurm, batchcompute)
#define OPTION(engine, word) { word, ENGINE_##engine },
#include "job/features.def"
#undef OPTION
#undef ENGINE
#undef SETTINGS
#undef WANTS
};

bool engine_option(enum engine_id e, const char *word)
{
	for (size_t i = 0; i < sizeof options / sizeof *options; i++)
		if (options[i].engine == e && !strcmp(options[i].word, word))
			return true;
	return false;
}

void engine_option_suggest(enum engine_id e, struct suggest *sg)
{
	for (size_t i = 0; i < sizeof options / sizeof *options; i++)
		if (options[i].engine == e)
			suggest_try(sg, options[i].word);
}
