/* check_util.h - what several checks ask of a task, and a set that keeps a check from saying one thing twice.
 *
 * Settings and mounts of `defaults` and [DEFAULT] are in every task, with one span: a check looks at each once. */
#ifndef WEFT_COMPILER_CHECK_UTIL_H
#define WEFT_COMPILER_CHECK_UTIL_H

#include "compiler/order.h"
#include "compiler/session.h"
#include "job/features.h"

struct seen {
	uint64_t *slot;
	uint32_t cap, n;
};
/* Add (what, span); false when it was there.  The set starts zeroed. */
bool seen_add(struct seen *v, uint32_t what, struct span sp);
void seen_free(struct seen *v);

/* The graph of the job, made at first use; the session keeps it. */
struct order *order_of(struct session *s);

enum platform { PLATFORM_UNKNOWN, PLATFORM_LINUX, PLATFORM_WINDOWS };
/* The system of the machines, as far as the image's name tells. */
enum platform task_platform(const struct session *s, const struct jtask *t);
/* Does the command run in a container? */
bool task_docker(const struct session *s, const struct jtask *t);
/* The constant value of an environment variable, NULL if there is none. */
const char *task_env(const struct session *s, const struct jtask *t, const char *key, struct span *sp);
/* The text of a setting, NULL when it is unset or empty. */
const char *set_text(const struct session *s, const struct jtask *t, enum setting id);
/* The engine that is checked for, ENGINES when it is none in particular. */
enum engine_id engine_of(const struct session *s);
/* Is the job meant for the service: by its engine, else plainly: job.cfg, job JSON, or a task with a machine or a cluster? */
bool for_service(const struct session *s);
/* Call fn once for every span at which a task sets `id` (not for tasks that are bad or skipped). */
void each_setting(struct session *s, enum setting id,
	void (*fn)(struct session *s, const struct jtask *t, const struct jval *v));
/* What is wrong with a name of the service (letters, digits, - and _, no digit first), marked for tr; NULL if nothing. */
const char *name_fault(const char *s, size_t n);
/* A fix of the last diagnostic: replace the value at sp, in quotes where the file has them; nothing when the file's text
 * is not plainly `old`. */
void fix_value(struct session *s, struct span sp, const char *old, const char *text);
/* The length of the ~{ ... } that begins at p, strings in it skipped; n when it does not end. */
size_t insertion_len(const char *p, size_t n);
/* How many machines the task may have at once, as far as it is known: the nodes of its cluster, else its instances up to
 * the quota; and where that is said.  Below 0: not known. */
int64_t task_machines(const struct session *s, const struct jtask *t, struct span *sp);
/* Attach to the last diagnostic where the number of instances comes from. */
void instances_origin(struct session *s, const struct jtask *t);
/* The region of the job: its own setting, else the site's; NULL when neither says one. */
const char *job_region(const struct session *s, struct span *sp);

#endif
