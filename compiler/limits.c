/* limits.c - the table of limits.def. */
#include "compiler/limits.h"

const struct limit_info limits[LIM_COUNT] = {
#define LIMIT(id, value, what, rule) { value, what, rule },
#include "compiler/limits.def"
#undef LIMIT
};

int64_t limit_of(enum limit id)
{
	return limits[id].value;
}
