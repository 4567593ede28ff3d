/* features.h - the engines and what each can do, as data (features.def). */
#ifndef WEFT_JOB_FEATURES_H
#define WEFT_JOB_FEATURES_H

#include "base/diag.h"
#include "job/settings.h"
#include "job/site.h"

enum engine_id {
#define ENGINE(id, name) ENGINE_##id,
#define SETTINGS(first, last, what, local, slurm, batchcompute)
#define WANTS(id, what, key, local, slurm, batchcompute)
#define OPTION(engine, word)
#include "job/features.def"
#undef OPTION
#undef ENGINE
#undef SETTINGS
#undef WANTS
	ENGINES, /* none in particular */
};
enum want {
#define ENGINE(id, name)
#define SETTINGS(first, last, what, local, slurm, batchcompute)
#define WANTS(id, what, key, local, slurm, batchcompute) WANT_##id,
#define OPTION(engine, word)
#include "job/features.def"
#undef OPTION
#undef ENGINE
#undef SETTINGS
#undef WANTS
	WANT_COUNT
};
enum answer { DOES, SKIPS, REFUSES, SITE };
struct feature { /* a row */
	const char *what; /* marked for translation */
	uint16_t first, last; /* SETTINGS: enum setting */
	uint16_t key;     /* WANTS: enum site_key */
	uint8_t does[ENGINES]; /* enum answer */
};
extern const struct feature feature_sets[];
extern const uint32_t nfeature_sets;
extern const struct feature feature_wants[WANT_COUNT];

const char *engine_name(enum engine_id e);
/* ENGINES when there is none of this name. */
enum engine_id engine_find(const char *name);
/* What the engine answers, with what the site file says of it: never SITE. */
enum answer engine_answer(const struct site *s, enum engine_id e, const struct feature *f);
/* Is this a setting of the engine's own block in a task?  Every other one as a proposal. */
bool engine_option(enum engine_id e, const char *word);
void engine_option_suggest(enum engine_id e, struct suggest *sg);

#endif
