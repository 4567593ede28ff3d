/* limits.h - the service's default limits, as data (limits.def). */
#ifndef WEFT_COMPILER_LIMITS_H
#define WEFT_COMPILER_LIMITS_H

#include <stdint.h>

enum limit {
#define LIMIT(id, value, what, rule) LIM_##id,
#include "compiler/limits.def"
#undef LIMIT
	LIM_COUNT
};
struct limit_info {
	int64_t value;
	const char *what, *rule;
};
extern const struct limit_info limits[LIM_COUNT];

/* The number. */
int64_t limit_of(enum limit id);

#endif
