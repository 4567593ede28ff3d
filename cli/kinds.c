/* kinds.c - see kinds.h. */
#include "cli/kinds.h"

#include "runtime/cause.h"

#include <string.h>

static bool is_failure(const struct past_attempt *a, enum past_life life)
{
	return a->state == PAST_FAILED || (a->state == PAST_AGAIN && life != PAST_LIVE);
}

bool kinds_add(void *ctx, const struct past_attempt *a)
{
	struct kinds *s = ctx;
	uint32_t i = 0;

	if (!is_failure(a, s->life))
		return true;
	while (i < s->n && (s->v[i].a.cause != a->cause || s->v[i].a.status != a->status || strcmp(s->v[i].a.who.task, a->who.task)))
		i++;
	if (i == KINDS) {
		s->more++;
		return true;
	}
	if (i == s->n)
		s->v[s->n++] = (struct kind){ .a = *a };
	if (s->v[i].n < KIND_KEYS)
		s->v[i].key[s->v[i].n] = a->who.key;
	s->v[i].n++;
	return true;
}

void kind_cause(struct buf *b, const struct past_attempt *a)
{
	if (a->cause == R_DONE || a->cause >= R_COUNT)
		return;
	buf_addf(b, "%s ", cause_code(a->cause));
	cause_say(b, a->cause, a->status);
}

void kind_why(struct buf *b, const struct past_attempt *a)
{
	if (a->cause == R_MISSING && *a->text)
		buf_adds(b, "the command did not make ");
	buf_adds(b, a->text);
}
