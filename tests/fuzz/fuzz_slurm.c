/* fuzz_slurm.c - what a Slurm, or who stands in its place, answers.  The first byte chooses: a schema, a list of jobs, a token.
 *
 * A schema: a part NAME=VALUE, then its text.  It is understood or not, and what is put by it is JSON.
 * A list: how it is cut and all of it must not depend on the pieces in which it comes, and what is JSON is cut rightly. */
#include "place.h"

#include "base/json.h"
#include "runtime/slurm_json.h"
#include "runtime/slurm_schema.h"
#include "runtime/slurm_token.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

static void put(const struct slurm_schema *s, const char *name, const char *text)
{
	const char *want = NULL;
	struct buf b;
	struct jw w;
	json_t *o;

	buf_init(&b, 1 << 20);
	jw_init(&w, &b, 0);
	jw_open(&w, '{');
	if (slurm_schema_put(s, &w, name, text, &want)) {
		jw_close(&w);
		o = json_loadb(buf_str(&b), b.len, 0, NULL);
		check(b.over || o, "a value that is no JSON");
		json_decref(o);
	}
	check(want, "nothing is wanted");
	buf_free(&b);
}

static void schema(const uint8_t *data, size_t size)
{
	struct part option = part_next(&data, &size);
	char *name = (char *)(uintptr_t)option.p, *value = strchr(name, '=');
	const char *why = NULL;
	struct slurm_schema *s = slurm_schema_read((const char *)data, size, &why);

	check(!s == !!why, "refused without a word");
	if (s) {
		check(slurm_property(s, "array"), "a schema without the least");
		check(slurm_schema_version(s) && slurm_schema_versions(s), "no version");
		for (int i = 0; i < SP_PATHS; i++)
			check(slurm_path(s, (enum slurm_path_id)i)[0] == '/', "no path");
		slurm_schema_similar(s, name);
		if (value)
			*value++ = 0;
		if (value)
			put(s, name, value);
	}
	slurm_schema_free(s);
	free(name);
}

/* ---- lists ---- */

static const char *const keys[] = { "job_id", "job_state", "name", NULL };

/* What of an object is JSON has in a picked one the same members. */
static void pick(const char *text, size_t n, json_t *o)
{
	struct buf b;
	bool ok;

	buf_init(&b, 1 << 20);
	ok = json_pick(text, n, keys, &b);
	if (json_is_object(o)) {
		json_t *p = ok ? json_loadb(buf_str(&b), b.len, 0, NULL) : NULL;

		check(json_is_object(p), "nothing is picked from an object");
		for (const char *const *k = keys; *k; k++) {
			json_t *a = json_object_get(o, *k), *c = json_object_get(p, *k);

			check(a ? c && json_equal(a, c) : !c, "a member is lost, or not what it was");
		}
		json_decref(p);
	}
	buf_free(&b);
}

struct cut {
	struct buf all;
	size_t n;
	bool json; /* the whole answer is */
};

static void take(void *ctx, const char *text, size_t n)
{
	struct cut *c = ctx;
	json_t *o = json_loadb(text, n, JSON_REJECT_DUPLICATES, NULL);

	check(strlen(text) <= n && !text[n], "no text");
	pick(text, n, o);
	json_decref(o);
	buf_add(&c->all, text, n);
	buf_addc(&c->all, '\n');
	c->n++;
}

static bool split(struct cut *c, const uint8_t *data, size_t size, size_t piece)
{
	struct jsplit s;
	const char *rest;
	bool ok = true;

	c->n = 0;
	buf_init(&c->all, 1 << 24);
	jsplit_init(&s, "jobs", take, c);
	for (size_t at = 0; ok && at < size; at += piece)
		ok = jsplit_add(&s, (const char *)data + at, size - at < piece ? size - at : piece);
	rest = ok ? jsplit_rest(&s) : NULL;
	if (c->json) {
		json_t *r = rest ? json_loadb(rest, strlen(rest), JSON_REJECT_DUPLICATES, NULL) : NULL;

		check(r, "the rest of JSON is none");
		check(!json_array_size(json_object_get(r, "jobs")) || !json_is_object(json_array_get(json_object_get(r, "jobs"), 0)),
			"an object was left in the list");
		json_decref(r);
	}
	buf_adds(&c->all, rest ? rest : "none");
	jsplit_free(&s);
	return rest;
}

static void list(const uint8_t *data, size_t size)
{
	json_t *o = json_loadb((const char *)data, size, JSON_REJECT_DUPLICATES, NULL), *v, *jobs = json_object_get(o, "jobs");
	struct cut one = { .json = o }, two = { .json = o };
	size_t i, objects = 0;
	bool a = split(&one, data, size, size ? size : 1), b = split(&two, data, size, 3);

	check(a == b && one.n == two.n && (!a || !strcmp(buf_str(&one.all), buf_str(&two.all))), "it depends on the pieces");
	json_array_foreach(jobs, i, v)
		objects += json_is_object(v);
	check(!o || !json_is_array(jobs) || json_array_size(jobs) != objects || one.n == objects, "objects are lost");
	json_decref(o);
	buf_free(&one.all);
	buf_free(&two.all);
}

static void token(const uint8_t *data, size_t size)
{
	struct arena *a = arena_new();
	struct part t = part_next(&data, &size);
	const char *user = NULL;
	int64_t until = 0;

	slurm_token_read(a, t.p, &user, &until);
	check(user, "no user, not even none");
	free((char *)(uintptr_t)t.p);
	arena_free(a);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static void (*const what[])(const uint8_t *, size_t) = { schema, list, token };

	if (size && size <= 1 << 16)
		what[data[0] % 3](data + 1, size - 1);
	return 0;
}
