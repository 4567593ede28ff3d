/* kept.c - see kept.h. */
#include "cli/kept.h"

#include <errno.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct kept {
	struct arena *arena;
	char **argv;
	int argc;
	const char *dir;
	struct digest digest;
	uint64_t *task;
	uint32_t ntask;
};

bool is_kept_plan(const char *path)
{
	size_t n = strlen(path);
	return n > 9 && strcmp(path + n - 9, ".weftplan") == 0;
}

static bool read_hex(const char *s, size_t n, uint64_t *v)
{
	if (!s || strlen(s) < n || strspn(s, "0123456789abcdef") < n)
		return false;
	*v = 0;
	for (size_t i = 0; i < n; i++)
		*v = *v << 4 | (uint64_t)(s[i] <= '9' ? s[i] - '0' : s[i] - 'a' + 10);
	return true;
}

static bool read_words(struct kept *k, const json_t *list)
{
	size_t n = json_array_size(list);
	k->argv = arena_zalloc(k->arena, n + 1, sizeof *k->argv);
	for (size_t i = 0; i < n; i++) {
		const char *s = json_string_value(json_array_get(list, i));
		if (!s)
			return false;
		k->argv[k->argc++] = arena_strdup(k->arena, s);
	}
	return n > 0;
}

static bool read_tasks(struct kept *k, const json_t *list)
{
	k->ntask = (uint32_t)json_array_size(list);
	k->task = arena_zalloc(k->arena, k->ntask + 1, sizeof *k->task);
	for (uint32_t i = 0; i < k->ntask; i++)
		if (!read_hex(json_string_value(json_array_get(list, i)), 16, &k->task[i]))
			return false;
	return true;
}

static bool read_kept(struct kept *k, const json_t *j)
{
	const char *schema = json_string_value(json_object_get(j, "schema"));
	const char *dir = json_string_value(json_object_get(j, "dir"));
	const char *hex = json_string_value(json_object_get(j, "digest"));
	if (!schema || strcmp(schema, "weft.keptplan/1") != 0 || !dir || !hex || strlen(hex) != 32)
		return false;
	k->dir = arena_strdup(k->arena, dir);
	return read_hex(hex, 16, &k->digest.hi) && read_hex(hex + 16, 16, &k->digest.lo) &&
		read_words(k, json_object_get(j, "arguments")) && read_tasks(k, json_object_get(j, "tasks"));
}

static int refuse(const struct opts *o, const char *path, const char *why)
{
	struct sources *ss = sources_new();
	struct diags *d = diags_new(ss);
	diag_error(d, E1013, NOSPAN, "`%s` holds no plan that can be read: %s", path, why);
	diag_help(d, "make it again: weft plan -o %s", path);
	diags_finish(d);
	load_report(d, o, stderr);
	diags_free(d);
	sources_free(ss);
	return EXIT_INVALID;
}

/* The options of this command line stay; the workflow, its options and targets are those that were kept. */
static int run_it(const struct opts *o, struct kept *k, runargs_fn *fn, const struct run_options *more)
{
	struct opts again = { 0 };
	struct run_options r = *more;
	int rc = EXIT_USAGE;
	r.expect = &k->digest;
	r.expect_task = k->task;
	r.nexpect = k->ntask;
	if (opts_parse(&again, o->cmd, k->argc, k->argv, false) >= 0)
		rc = runargs_do(&again, fn, &r);
	opts_free(&again);
	return rc;
}

int run_kept(const struct opts *o, runargs_fn *fn, const struct run_options *more)
{
	struct kept k = { .arena = arena_new() };
	json_error_t e;
	json_t *j = json_load_file(o->args[0], JSON_REJECT_DUPLICATES, &e);
	int rc;
	if (!j)
		rc = refuse(o, o->args[0], e.text);
	else if (!read_kept(&k, j))
		rc = refuse(o, o->args[0], "it is of another kind");
	else if (chdir(k.dir))
		rc = refuse(o, o->args[0], strerror(errno));
	else
		rc = run_it(o, &k, fn, more);
	json_decref(j);
	arena_free(k.arena);
	return rc;
}
