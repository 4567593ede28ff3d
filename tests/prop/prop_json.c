/* prop_json.c - for generated workflows: the job description read back gives the same bytes, and so does the .weft
 * text that `weft convert` makes of it.  Usage: prop_json [COUNT [SEED]]; a failure prints its seed. */
#include "gen.h"
#include "compiler/session.h"

#include <stdlib.h>
#include <string.h>

static struct session *compile(const char *path, const struct buf *text, bool syntax_only)
{
	const struct session_options opt = { .syntax_only = syntax_only };
	struct session *s = session_new(&opt);

	session_compile_text(s, path, buf_str(text), text->len);
	return s;
}

/* text -> job JSON; false with the diagnostics shown. */
static bool description(const char *path, const struct buf *text, struct buf *json)
{
	struct session *s = compile(path, text, false);
	bool ok = !s->diags->errors && s->job && job_write(s->job, json);

	if (!ok)
		diags_print_short(s->diags, stdout);
	session_free(s);
	return ok;
}

static bool convert(const struct buf *json, struct buf *weft)
{
	struct session *s = compile("gen.json", json, true);
	bool ok = !s->diags->errors && fmt_print(&s->ast, weft);

	session_free(s);
	return ok;
}

static bool equal(const struct buf *a, const struct buf *b)
{
	return a->len == b->len && !memcmp(buf_str(a), buf_str(b), a->len);
}

enum { TEXT, ONCE, TWICE, WEFT, THRICE, NBUF };

static const char *fault(struct buf *b)
{
	if (!description("gen.weft", &b[TEXT], &b[ONCE]))
		return "the generated text does not compile";
	if (!description("gen.json", &b[ONCE], &b[TWICE]))
		return "the description does not compile";
	if (!equal(&b[ONCE], &b[TWICE]))
		return "the description compiles to another one";
	if (!convert(&b[ONCE], &b[WEFT]) || !description("gen.weft", &b[WEFT], &b[THRICE]))
		return "the converted text does not compile";
	return equal(&b[ONCE], &b[THRICE]) ? NULL : "the converted text compiles to another description";
}

int main(int argc, char **argv)
{
	uint64_t count = argc > 1 ? strtoull(argv[1], NULL, 10) : 200, seed = argc > 2 ? strtoull(argv[2], NULL, 10) : 1;
	int failed = 0;

	for (uint64_t end = seed + count; seed < end; seed++) {
		struct buf b[NBUF];
		const char *what;

		for (int i = 0; i < NBUF; i++)
			buf_init(&b[i], 1 << 26);
		gen_workflow(seed, &b[TEXT]);
		what = fault(b);
		if (what) {
			printf("not ok - JSON of seed %llu: %s\n", (unsigned long long)seed, what);
			failed++;
		}
		for (int i = 0; i < NBUF; i++)
			buf_free(&b[i]);
	}
	printf("%s - reading %llu job descriptions back\n1..1\n", failed ? "not ok" : "ok", (unsigned long long)count);
	return failed != 0;
}
