/* target.c - see target.h. */
#include "runtime/target.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { MOST_KEYS = 100000 /* instances whose keys are compared with a misspelt one */ };

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

/* A number that is too large is no misspelt one. */
static void suggest_key(const struct job *j, uint32_t task, const char *key, struct diags *d)
{
	struct suggest s = { .to = key };
	struct buf b;

	if (!key[strspn(key, "0123456789-")])
		return;
	buf_init(&b, 1 << 16);
	for (int64_t i = 0; i < j->task[task].count && i < MOST_KEYS; i++) {
		buf_reset(&b);
		if (instance_key(j, task, i, &b))
			suggest_copy(&s, d->arena, buf_str(&b));
	}
	buf_free(&b);
	if (suggest_best(&s))
		diag_help(d, "did you mean `%s`?", arena_printf(d->arena, "%s[%s]", name_str(j->names, j->task[task].name), suggest_best(&s)));
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
		suggest_key(j, out->task, key, d);
		return false;
	}
	out->lo = (uint32_t)lo;
	out->hi = (uint32_t)hi;
	return true;
}

/* ---- files ---- */

struct wanted {
	const char *name;
	struct suggest near; /* other files that are made */
	struct arena *arena; /* of its best */
};

static bool makes(const struct action *a, struct wanted *w)
{
	for (uint32_t i = 0; i < a->nout; i++) {
		if (a->out[i].glob)
			continue;
		if (strcmp(a->out[i].name, w->name) == 0)
			return true;
		suggest_copy(&w->near, w->arena, a->out[i].name);
	}
	return false;
}

/* Which instance makes this file?  Each is asked: there is no table of all names. */
static bool find_file(const struct job *j, struct actor *x, struct wanted *w, struct target *out)
{
	struct arena *a = arena_new();
	struct action act;
	bool found = false;

	for (uint32_t t = 0; t < j->ntask && !found; t++)
		for (int64_t i = 0; i < j->task[t].count && !j->task[t].skipped && j->task[t].nout && !found; i++) {
			found = action_outputs(x, t, i, a, &act) && makes(&act, w);
			if (found)
				*out = (struct target){ t, (uint32_t)i, (uint32_t)i };
			arena_reset(a, (struct arena_mark){ 0 });
		}
	arena_free(a);
	return found;
}

/* A task or a file that is nearly the same. */
static bool unknown_target(const struct job *j, const char *word, const struct wanted *w, struct diags *d)
{
	struct suggest s = { .to = word };
	const char *near;

	for (uint32_t t = 0; t < j->ntask; t++)
		suggest_try(&s, name_str(j->names, j->task[t].name));
	near = suggest_best(&s) ? suggest_best(&s) : w->name ? suggest_best(&w->near) : NULL;
	diag_error(d, E1001, NOSPAN, "no task named `%s` in this workflow, and none makes a file of that name", word);
	if (near)
		diag_help(d, "did you mean `%s`?", near);
	else if (is_workflow(word))
		diag_help(d, "a workflow is named with its ending: %s.weft", word);
	else if (access(word, F_OK) == 0)
		diag_help(d, "that file is here, but no task makes it; the file of a workflow stands before the targets");
	return false;
}

bool target_read(const struct job *j, struct actor *x, const char *text, struct diags *d, struct target *t)
{
	size_t len = strlen(text);
	const char *open = strchr(text, '[');
	bool key = open && text[len - 1] == ']';
	size_t n = key ? (size_t)(open - text) : len;
	name nm = name_find(j->names, text, n);
	struct wanted w = { .arena = d->arena };
	char *k;
	bool ok;

	*t = (struct target){ nm ? job_task(j, nm) : UINT32_MAX, 0, UINT32_MAX };
	if (t->task == UINT32_MAX && x && *text) {
		w.name = w.near.to = actor_name(x, text);
		if (find_file(j, x, &w, t))
			return true;
	}
	if (t->task == UINT32_MAX)
		return unknown_target(j, arena_strndup(d->arena, text, n), &w, d);
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
