/* target.c - see target.h. */
#include "runtime/target.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Is there a workflow of this name, without its ending? */
static bool is_workflow(const char *word)
{
	struct buf b;
	bool there;

	buf_init(&b, 1 << 16);
	there = buf_addf(&b, "%s.weft", word) && access(buf_str(&b), F_OK) == 0;
	buf_free(&b);
	return there;
}

static bool unknown_task(const struct job *j, const char *target, size_t n, struct diags *d)
{
	char *word = xstrndup(target, n);
	struct suggest s = { .to = word };

	for (uint32_t t = 0; t < j->ntask; t++)
		suggest_try(&s, name_str(j->names, j->task[t].name));
	diag_error(d, E1001, NOSPAN, "no task named `%s` in this workflow, and none makes a file of that name", word);
	if (suggest_best(&s))
		diag_help(d, "did you mean `%s`?", suggest_best(&s));
	else if (is_workflow(word))
		diag_help(d, "a workflow is named with its ending: %s.weft", word);
	else if (access(word, F_OK) == 0)
		diag_help(d, "that file is here, but no task makes it; the file of a workflow stands before the targets");
	free(word);
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

static bool read_key(const struct job *j, const char *key, struct diags *d, struct target *out)
{
	const struct jtask *t = &j->task[out->task];
	const char *nm = name_str(j->names, t->name);
	int64_t lo, hi;

	if (t->count < 0) {
		diag_error(d, E1002, t->name_span, "the instances of task `%s` are known only while it runs", nm);
		diag_help(d, "name the whole task: %s", nm);
		return false;
	}
	lo = hi = instance_find(j, out->task, key);
	if (lo < 0)
		range(key, &lo, &hi);
	if (lo < 0 || hi >= t->count) {
		diag_error(d, E1002, t->name_span, "task `%s` has no instance `%s`", nm, key);
		diag_note(d, "it has %lld instance%s", (long long)t->count, t->count == 1 ? "" : "s");
		return false;
	}
	out->lo = (uint32_t)lo;
	out->hi = (uint32_t)hi;
	return true;
}

/* ---- files ---- */

static bool makes(const struct action *a, const char *nm)
{
	for (uint32_t i = 0; i < a->nout; i++)
		if (!a->out[i].glob && strcmp(a->out[i].name, nm) == 0)
			return true;
	return false;
}

/* Which instance makes this file?  Each is asked: there is no table of all names. */
static bool find_file(const struct job *j, struct actor *x, const char *nm, struct target *out)
{
	struct arena *a = arena_new();
	struct action act;
	bool found = false;

	for (uint32_t t = 0; t < j->ntask && !found; t++)
		for (int64_t i = 0; i < j->task[t].count && !j->task[t].skipped && j->task[t].nout && !found; i++) {
			found = action_outputs(x, t, i, a, &act) && makes(&act, nm);
			if (found)
				*out = (struct target){ t, (uint32_t)i, (uint32_t)i };
			arena_reset(a, (struct arena_mark){ 0 });
		}
	arena_free(a);
	return found;
}

bool target_read(const struct job *j, struct actor *x, const char *text, struct diags *d, struct target *t)
{
	size_t len = strlen(text);
	const char *open = strchr(text, '[');
	bool key = open && text[len - 1] == ']';
	size_t n = key ? (size_t)(open - text) : len;
	name nm = name_find(j->names, text, n);
	char *k;
	bool ok;

	*t = (struct target){ nm ? job_task(j, nm) : UINT32_MAX, 0, UINT32_MAX };
	if (t->task == UINT32_MAX && x && *text && find_file(j, x, actor_name(x, text), t))
		return true;
	if (t->task == UINT32_MAX)
		return unknown_task(j, text, n, d);
	if (!key)
		return true;
	k = xstrndup(open + 1, len - n - 2);
	ok = read_key(j, k, d, t);
	free(k);
	return ok;
}

void targets_want(struct sched *s, const struct target *t, uint32_t n)
{
	for (uint32_t i = 0; i < n; i++) {
		if (t[i].hi == UINT32_MAX)
			sched_want_task(s, t[i].task);
		else
			sched_want(s, t[i].task, t[i].lo, t[i].hi);
	}
}
