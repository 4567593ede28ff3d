/* fuzz_each.c - weft run 'cmd' --each sheet.tsv: parts for the command, the column, an input and an output, the rest is the table.
 * The first byte chooses tab or comma and which options there are.  It compiles, or there are diagnostics, and what compiles
 * is the same job as .weft text. */
#include "place.h"

#include "base/json.h"
#include "compiler/session.h"
#include "lang/cfgline.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { CSV = 1, BY = 2, IN = 4, OUT = 8 };

static void add(struct cfg_line *l, bool there, const char *word, const char *key, const uint8_t **data, size_t *size)
{
	struct part p = part_next(data, size);

	if (there)
		cfg_line_add(l, word, key, p.p, false);
	free((char *)(uintptr_t)p.p);
}

static struct cfg_line *line(uint8_t how, const uint8_t *data, size_t size)
{
	struct cfg_line *l = cfg_line_new("weft run");
	const char *table = how & CSV ? "t.csv" : "t.tsv";

	cfg_line_each(l);
	add(l, true, NULL, "cmd", &data, &size);
	cfg_line_add(l, "--each", "each", table, false);
	add(l, how & BY, "--by", "by", &data, &size);
	add(l, how & IN, "--in", "in", &data, &size);
	add(l, how & OUT, "--out", "out", &data, &size);
	place_put(table, data, size);
	return l;
}

static void convert(struct cfg_line *l, const struct job *j)
{
	struct session *s = session_new(&(struct session_options){ .line = l, .syntax_only = true }), *again;
	struct buf weft, want, got;

	buf_init(&weft, 1 << 24);
	buf_init(&want, 1 << 24);
	buf_init(&got, 1 << 24);
	session_compile(s, CFG_LINE_PATH);
	check(fmt_print(&s->ast, &weft), "its tree cannot be printed");
	again = session_new(&(struct session_options){ 0 });
	session_compile_text(again, "again.weft", buf_str(&weft), weft.len);
	check(again->job && !again->diags->errors, "its .weft text does not compile");
	check(job_write(j, &want) && job_write(again->job, &got), "not written");
	check(want.len == got.len && !memcmp(buf_str(&want), buf_str(&got), got.len), "its .weft text is another job");
	session_free(again);
	session_free(s);
	buf_free(&weft);
	buf_free(&want);
	buf_free(&got);
}

static void print(const struct session *s)
{
	struct diag_style st = { .unicode = true };
	char *text = NULL;
	size_t n = 0;
	FILE *f = open_memstream(&text, &n);

	diags_print_human(s->diags, f, &st);
	fclose(f);
	check(!s->diags->n || n, "diagnostics print nothing");
	free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct cfg_line *l;
	struct session *s;

	if (!size || size > 1 << 16)
		return 0;
	check(!chdir(place()), "no directory");
	l = line(data[0], data + 1, size - 1);
	s = session_new(&(struct session_options){ .line = l });
	session_compile(s, CFG_LINE_PATH);
	check(s->diags->errors || s->job, "neither a job nor an error");
	print(s);
	if (!s->diags->errors)
		convert(l, s->job);
	session_free(s);
	cfg_line_free(l);
	place_clear();
	return 0;
}
