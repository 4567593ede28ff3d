/* limits.h - the service's limits: defaults are data (limits.def), a site file says what the account has. */
#ifndef WEFT_COMPILER_LIMITS_H
#define WEFT_COMPILER_LIMITS_H

#include "compiler/session.h"

enum limit {
#define LIMIT(id, value, key, what, rule) LIM_##id,
#include "compiler/limits.def"
#undef LIMIT
	LIM_COUNT
};
struct limit_info {
	int64_t value;
	uint16_t key; /* enum site_key, SITE_KEYS: none */
	const char *what, *rule;
};
extern const struct limit_info limits[LIM_COUNT];

/* The number: the site file's, else the default. */
int64_t limit_of(const struct session *s, enum limit id);
/* Attach to the last diagnostic where the number comes from, when a site file says it. */
void limit_origin(struct session *s, enum limit id);

#endif
