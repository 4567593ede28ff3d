/* check_util.h - what several checks ask of a task, and a set that keeps a check from saying one thing twice.
 *
 * Settings and mounts of `defaults` and [DEFAULT] are in every task, with one span: a check looks at each once. */
#ifndef WEFT_COMPILER_CHECK_UTIL_H
#define WEFT_COMPILER_CHECK_UTIL_H

#include "compiler/session.h"

struct seen {
	uint64_t *slot;
	uint32_t cap, n;
};
/* Add (what, span); false when it was there.  The set starts zeroed. */
bool seen_add(struct seen *v, uint32_t what, struct span sp);
void seen_free(struct seen *v);

enum platform { PLATFORM_UNKNOWN, PLATFORM_LINUX, PLATFORM_WINDOWS };
/* The system of the machines, as far as the image's name tells. */
enum platform task_platform(const struct session *s, const struct jtask *t);
/* Does the command run in a container? */
bool task_docker(const struct session *s, const struct jtask *t);
/* The constant value of an environment variable, NULL if there is none. */
const char *task_env(const struct session *s, const struct jtask *t, const char *key, struct span *sp);
/* The text of a setting, NULL when it is unset or empty. */
const char *set_text(const struct session *s, const struct jtask *t, enum setting id);
/* Is the job plainly meant for the service: job.cfg, job JSON, or a task with a machine or a cluster? */
bool for_service(const struct session *s);
/* Call fn once for every span at which a task sets `id` (not for tasks that are bad or skipped). */
void each_setting(struct session *s, enum setting id,
	void (*fn)(struct session *s, const struct jtask *t, const struct jval *v));

#endif
