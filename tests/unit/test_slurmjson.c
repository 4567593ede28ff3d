/* test_slurmjson.c - the list of jobs cut into objects, and members picked from them, in pieces of every size. */
#include "runtime/slurm_json.h"
#include "tests/unit/tap.h"

#include <stdio.h>
#include <string.h>

static struct buf seen;

static void note(void *ctx, const char *p, size_t n)
{
	(void)ctx;
	buf_add(&seen, p, n);
	buf_addc(&seen, '\n');
}

/* The text in pieces of this size; what was found, then the rest. */
static const char *split(const char *text, size_t piece)
{
	struct jsplit s;
	size_t n = strlen(text);
	bool good = true;

	buf_reset(&seen);
	jsplit_init(&s, "jobs", note, NULL);
	for (size_t at = 0; at < n && good; at += piece)
		good = jsplit_add(&s, text + at, n - at < piece ? n - at : piece);
	buf_adds(&seen, good && jsplit_rest(&s) ? jsplit_rest(&s) : "(bad)");
	jsplit_free(&s);
	return buf_str(&seen);
}

static void test_split(void)
{
	static const char text[] = "{\"meta\": {\"jobs\": [1]}, \"jobs\": [{\"a\": \"}]\\\"{\"}, {\"b\": [{}, \"\\\\\"]}], \"errors\": []}";
	static const char want[] = "{\"a\": \"}]\\\"{\"}\n{\"b\": [{}, \"\\\\\"]}\n{\"meta\": {\"jobs\": [1]}, \"jobs\": [], \"errors\": []}";

	for (size_t piece = 1; piece <= sizeof(text); piece++)
		is_str(split(text, piece), want);
	is_str(split("{\"jobs\": [{\"a\": \"", 5), "(bad)");
}

static const char *pick(const char *text)
{
	static const char *const keys[] = { "name", "id", NULL };
	static struct buf out;
	bool good;

	buf_free(&out);
	buf_init(&out, 1 << 16);
	good = json_pick(text, strlen(text), keys, &out);
	return good ? buf_str(&out) : "(none)";
}

static void test_pick(void)
{
	static const char *const t[][2] = {
		{ "{}", "{}" },
		{ " { \"name\" : \"x\" , \"more\": 3, \"id\": 7 } ", "{\"name\" : \"x\",\"id\": 7 }" },
		{ "{\"a\": {\"name\": 1, \"b\": [\"]\", {}]}, \"id\":{\"set\":true,\"n\":[1]}}", "{\"id\":{\"set\":true,\"n\":[1]}}" },
		{ "{\"a\": \"\\\\\", \"name\": \"\\\"}\\\\\\\"\", \"b\": null}", "{\"name\": \"\\\"}\\\\\\\"\"}" },
		{ "{\"nam\": 1, \"names\": 2}", "{}" },
		{ "{\"name\": 1", "(none)" },
		{ "{\"name\": \"x", "(none)" },
		{ "{\"name\" 1}", "(none)" },
		{ "{name: 1}", "(none)" },
		{ "{\"name\": [1}", "(none)" },
		{ "[1]", "(none)" },
		{ "", "(none)" },
	};

	for (size_t i = 0; i < sizeof(t) / sizeof(*t); i++)
		is_str(pick(t[i][0]), t[i][1]);
}

int main(void)
{
	buf_init(&seen, 1 << 16);
	test_split();
	test_pick();
	buf_free(&seen);
	return tap_end();
}
