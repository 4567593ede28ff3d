/* run_target.c - targets: task, task[key], task[3-7]. */
#include "runtime/driver.h"

#include <stdlib.h>
#include <string.h>

static bool unknown_task(struct run *r, const char *target, size_t n)
{
	char *word = arena_strndup(r->arena, target, n);
	struct suggest s = { .to = word };

	for (uint32_t t = 0; t < r->job->ntask; t++)
		suggest_try(&s, name_str(r->job->names, r->job->task[t].name));
	diag_error(r->d, E1001, NOSPAN, "no task named `%s` in this workflow", word);
	if (suggest_best(&s))
		diag_help(r->d, "did you mean `%s`?", suggest_best(&s));
	return false;
}

/* "3-7": numbers of instances; untouched when it is something else. */
static void range(const char *key, int64_t *lo, int64_t *hi)
{
	int64_t a, b;
	char *end;

	if (*key < '0' || *key > '9')
		return;
	a = strtoll(key, &end, 10);
	if (*end != '-' || end[1] < '0' || end[1] > '9')
		return;
	b = strtoll(end + 1, &end, 10);
	if (*end || a > b)
		return;
	*lo = a;
	*hi = b;
}

static bool want_key(struct run *r, uint32_t task, const char *key)
{
	const struct jtask *t = &r->job->task[task];
	const char *nm = name_str(r->job->names, t->name);
	int64_t lo, hi;

	if (t->count < 0) {
		diag_error(r->d, E1002, t->name_span, "the instances of task `%s` are known only while it runs", nm);
		diag_help(r->d, "name the whole task: %s", nm);
		return false;
	}
	lo = hi = instance_find(r->job, task, key);
	if (lo < 0)
		range(key, &lo, &hi);
	if (lo < 0 || hi >= t->count) {
		diag_error(r->d, E1002, t->name_span, "task `%s` has no instance `%s`", nm, key);
		diag_note(r->d, "it has %lld instance%s", (long long)t->count, t->count == 1 ? "" : "s");
		return false;
	}
	sched_want(r->sched, task, (uint32_t)lo, (uint32_t)hi);
	return true;
}

static bool want(struct run *r, const char *target)
{
	size_t len = strlen(target);
	const char *open = strchr(target, '[');
	bool key = open && target[len - 1] == ']';
	size_t n = key ? (size_t)(open - target) : len;
	name nm = name_find(r->job->names, target, n);
	uint32_t task = nm ? job_task(r->job, nm) : UINT32_MAX;

	if (task == UINT32_MAX)
		return unknown_task(r, target, n);
	if (key)
		return want_key(r, task, arena_strndup(r->arena, open + 1, len - n - 2));
	sched_want_task(r->sched, task);
	return true;
}

bool run_targets(struct run *r)
{
	bool ok = true;

	for (uint32_t i = 0; i < r->opt->ntargets; i++)
		ok = want(r, r->opt->targets[i]) && ok;
	return ok;
}
