/* test_slurmschema.c - which version of slurmrestd's API is chosen, and how values are written in its forms. */
#include "base/buf.h"
#include "runtime/slurm_schema.h"
#include "tests/unit/tap.h"

#include <stdio.h>
#include <string.h>

static struct buf text;

static void version(int n, const char *job)
{
	buf_addf(&text, "%s\"/slurm/v0.0.%d/job/submit\": {\"post\": {\"requestBody\": {\"content\": {\"application/json\": {\"schema\": "
		"{\"properties\": {\"job\": {\"$ref\": \"#/components/schemas/%s\"}}}}}}}}, \"/slurm/v0.0.%d/jobs\": {}",
		text.p[text.len - 1] == '{' ? "" : ", ", n, job, n);
}

/* A server's word on itself: these versions (0 ends), of which those above `fits` cannot be used. */
static const char *server(const int *v, int fits)
{
	static const char props[] = "\"name\": {\"type\": \"string\"}, \"array\": {\"type\": \"string\"}, \"current_working_directory\": "
		"{\"type\": \"string\"}, \"standard_error\": {\"type\": \"string\"}, \"open_mode\": {\"type\": \"string\", \"enum\": [\"append\", "
		"\"truncate\"]}, \"flags\": {\"type\": \"array\", \"items\": {\"type\": \"string\", \"enum\": [\"A\", \"B\"]}}, \"exclusive\": "
		"{\"type\": \"string\", \"enum\": [\"user\", \"mcs\", \"true\", \"false\"]}";

	buf_reset(&text);
	buf_adds(&text, "{\"paths\": {");
	for (; *v; v++)
		version(*v, *v <= fits ? "good" : "strange");
	buf_addf(&text, "}, \"components\": {\"schemas\": {\"good\": {\"properties\": {%s, \"environment\": {\"type\": \"object\"}}}, "
		"\"strange\": {\"properties\": {%s, \"environment\": {\"type\": \"integer\"}}}}}}", props, props);
	return buf_str(&text);
}

static struct slurm_schema *read_server(const int *v, int fits, const char **why)
{
	const char *t = server(v, fits);

	return slurm_schema_read(t, strlen(t), why);
}

static void test_choice(void)
{
	static const struct {
		int v[6], fits;
		const char *chosen, *all;
	} t[] = {
		{ { 36, 38, 37 }, 99, "v0.0.38", "v0.0.36 v0.0.37 v0.0.38" },
		{ { 38, 39, 40, 41 }, 99, "v0.0.40", "v0.0.38 v0.0.39 v0.0.40 v0.0.41" }, /* one that is known comes first */
		{ { 38, 39, 40 }, 38, "v0.0.38", "v0.0.38 v0.0.39 v0.0.40" },            /* ... that can be used */
		{ { 43, 41, 42 }, 99, "v0.0.41", "v0.0.41 v0.0.42 v0.0.43" },            /* none is: the nearest one */
		{ { 41, 40 }, 38, NULL, NULL },
		{ { 41, 35, 34 }, 38, "v0.0.35", "v0.0.34 v0.0.35 v0.0.41" },
		{ { 0 }, 99, NULL, NULL },
	};

	for (size_t i = 0; i < sizeof(t) / sizeof(*t); i++) {
		const char *why = NULL;
		struct slurm_schema *s = read_server(t[i].v, t[i].fits, &why);

		is_str(s ? slurm_schema_version(s) : "none", t[i].chosen ? t[i].chosen : "none");
		is_str(s ? slurm_schema_versions(s) : "none", t[i].all ? t[i].all : "none");
		ok(!s == !!why);
		slurm_schema_free(s);
	}
}

static void test_words(void)
{
	static const int old[] = { 38, 0 }, new[] = { 40, 0 };
	static const struct {
		const int *v;
		const char *name, *value, *json; /* or what is wanted instead */
	} t[] = {
		{ old, "open_mode", "append", "{\"open_mode\":\"append\"}" },
		{ old, "open_mode", "appends", "one of append, truncate" },
		{ old, "flags", "A,B", "{\"flags\":[\"A\",\"B\"]}" },
		{ old, "flags", "A,C", "one of A, B" },
		{ old, "name", "anything", "{\"name\":\"anything\"}" },
		{ old, "exclusive", "true", "{\"exclusive\":\"exclusive\"}" }, /* what 22.05 takes, whatever its schema says */
		{ old, "exclusive", "exclusive", "{\"exclusive\":\"exclusive\"}" },
		{ old, "exclusive", "user", "{\"exclusive\":\"user\"}" },
		{ old, "exclusive", "false", "one of user, mcs, true" },
		{ new, "exclusive", "false", "{\"exclusive\":\"false\"}" },
	};

	for (size_t i = 0; i < sizeof(t) / sizeof(*t); i++) {
		const char *why = NULL, *want = NULL;
		struct slurm_schema *s = read_server(t[i].v, 99, &why);
		struct buf b;
		struct jw w;
		bool put;

		buf_init(&b, 1 << 16);
		jw_init(&w, &b, 0);
		jw_open(&w, '{');
		put = slurm_schema_put(s, &w, t[i].name, t[i].value, &want);
		jw_close(&w);
		is_str(put ? buf_str(&b) : want, t[i].json);
		buf_free(&b);
		slurm_schema_free(s);
	}
}

int main(void)
{
	buf_init(&text, 1 << 20);
	test_choice();
	test_words();
	buf_free(&text);
	return tap_end();
}
