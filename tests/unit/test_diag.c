/* test_diag.c - the queue and its printers; expectations written by hand after ux.md section 3. */
#include "base/diag.h"
#include "tests/unit/tap.h"

static struct sources *ss;
static struct diags *d;
static const struct diag_style plain = { false, true, 0 };

static const struct source *text(const char *path, const char *s)
{
	return source_add(ss, path, s, strlen(s), d);
}

/* The n-th place (from 0) of a word. */
static struct span word(const struct source *s, const char *w, int nth)
{
	const char *p = strstr(s->text, w);

	while (p && nth-- > 0)
		p = strstr(p + 1, w);
	if (!p)
		return NOSPAN;
	return (struct span){ s->base + (uint32_t)(p - s->text), s->base + (uint32_t)(p - s->text) + (uint32_t)strlen(w) };
}

static void begin(void)
{
	ss = sources_new();
	d = diags_new(ss);
}

static void end_human(const struct diag_style *st, const char *want)
{
	char *out = NULL;

	diags_finish(d);
	captured(out, f, diags_print_human(d, f, st));
	is_str(out, want);
	free(out);
	diags_free(d);
	sources_free(ss);
}

static void test_look(void)
{
	const struct source *s;

	begin();
	s = text("log-count.weft", "1\n2\n3\n4\n5\n6\n7\n8\n  in  part = split.part[i]\n  run {\n    wc -l ~{prat} > ~{json}\n");
	diag_error(d, E0001, word(s, "prat", 0), "no port or attribute named `%s` in task `count`", "prat");
	diag_label(d, "not defined here");
	diag_at(d, word(s, "part", 0), "did you mean this one?");
	diag_help(d, "write ~{part}, or $prat if you mean a shell variable");
	end_human(&plain,
		"error[E0001]: no port or attribute named `prat` in task `count`\n"
		"  --> log-count.weft:11:13\n"
		"   |\n"
		" 9 |   in  part = split.part[i]\n"
		"   |       ---- did you mean this one?\n"
		"11 |     wc -l ~{prat} > ~{json}\n"
		"   |             ^^^^ not defined here\n"
		"   |\n"
		"   = help: write ~{part}, or $prat if you mean a shell variable\n"
		"   = more: weft explain E0001\n"
		"\n");
}

static void test_gap_and_files(void)
{
	const struct source *a, *b;

	begin();
	a = text("a.weft", "task x {}\n\n\n\n\ntask x {}\n");
	b = text("b.weft", "\ntask x {}");
	diag_error(d, E0001, word(a, "x", 1), "task `x` is defined twice");
	diag_at(d, word(a, "x", 0), "first here");
	diag_at(d, word(b, "x", 0), "and here");
	diag_note(d, "one\ntwo");
	end_human(&plain,
		"error[E0001]: task `x` is defined twice\n"
		"  --> a.weft:6:6\n"
		"   |\n"
		" 1 | task x {}\n"
		"   |      - first here\n"
		"...\n"
		" 6 | task x {}\n"
		"   |      ^\n"
		"   |\n"
		"  ::: b.weft:2:6\n"
		"   |\n"
		" 2 | task x {}\n"
		"   |      - and here\n"
		"   |\n"
		"   = note: one\n"
		"           two\n"
		"   = more: weft explain E0001\n"
		"\n");
}

static void test_width(void)
{
	const struct source *s;

	begin();
	s = text("任务.cfg", "\t任务=\"值\" x\x1b[1m\xe2\x80\xae y\r\n");
	diag_error(d, E0001, word(s, "y", 0), "bad \x1b]0;title\x07 text");
	diag_at(d, word(s, "值", 0), "宽");
	end_human(&plain,
		"error[E0001]: bad \\x1b]0;title\\x07 text\n"
		"  --> 任务.cfg:1:16\n"
		"   |\n"
		" 1 |         任务=\"值\" x\\x1b[1m\\u{202e} y\n"
		"   |               --                   ^\n"
		"   |               |\n"
		"   |               宽\n"
		"   |\n"
		"   = more: weft explain E0001\n"
		"\n");
}

static void test_same_line(void)
{
	const struct source *s;

	begin();
	s = text("x", "aa bb cc dd\n");
	diag_error(d, E0001, word(s, "bb", 0), "m");
	diag_label(d, "second");
	diag_at(d, word(s, "aa", 0), "first");
	diag_at(d, word(s, "dd", 0), "last");
	diag_at(d, word(s, "cc", 0), "third");
	end_human(&plain,
		"error[E0001]: m\n"
		"  --> x:1:4\n"
		"   |\n"
		" 1 | aa bb cc dd\n"
		"   | -- ^^ -- -- last\n"
		"   | |  |  |\n"
		"   | |  |  third\n"
		"   | |  second\n"
		"   | first\n"
		"   |\n"
		"   = more: weft explain E0001\n"
		"\n");
}

static void test_several_lines(void)
{
	const struct source *s;

	begin();
	s = text("x", "run {\n  one\n  two\n  three\n  }");
	diag_error(d, E0001, (struct span){ s->base + 4, s->base + s->len }, "m");
	diag_label(d, "this block");
	diag_error(d, E0002, (struct span){ s->base + s->len, s->base + s->len }, "end");
	end_human(&plain,
		"error[E0001]: m\n"
		"  --> x:1:5\n"
		"   |\n"
		" 1 | run {\n"
		"   |     ^\n"
		"...\n"
		" 5 |   }\n"
		"   |   ^ this block\n"
		"   |\n"
		"   = more: weft explain E0001\n"
		"\n"
		"error[E0002]: end\n"
		"  --> x:5:4\n"
		"   |\n"
		" 5 |   }\n"
		"   |    ^\n"
		"   |\n"
		"   = more: weft explain E0002\n"
		"\n");
}

static void test_long_line(void)
{
	char line[3001], *out = NULL;
	const struct source *s;
	struct span sp;

	begin();
	memset(line, 'a', 3000);
	line[3000] = 0;
	line[1500] = '!';
	s = text("x", line);
	sp = word(s, "!", 0);
	diag_error(d, E0001, sp, "m");
	diags_finish(d);
	captured(out, f, diags_print_human(d, f, &plain));
	ok(strlen(out) < 500);
	ok(strstr(out, "   |                                                                ^\n") != NULL);
	ok(strstr(out, "\n 1 | ...aaaa") != NULL);
	ok(strstr(out, "aaa...\n") != NULL);
	free(out);
	diags_free(d);
	sources_free(ss);
}

static void test_nowhere_and_color(void)
{
	static const struct diag_style color = { true, true, 0 };
	const struct source *s;

	begin();
	s = text("x", "ab\n");
	diag_error(d, E0901, NOSPAN, "cannot read file `%s`: %s", "f", "why");
	diag_error(d, E0001, word(s, "b", 0), "m");
	diag_label(d, "l");
	diag_fix(d, word(s, "b", 0), "c");
	end_human(&color,
		"\033[1;31merror[E0901]\033[0m\033[1m: cannot read file `f`: why\033[0m\n"
		"\033[1;34m   = \033[1mmore\033[0m: weft explain E0901\n"
		"\n"
		"\033[1;31merror[E0001]\033[0m\033[1m: m\033[0m\n"
		"  \033[1;34m-->\033[0m x:1:2\n"
		"\033[1;34m   |\033[0m\n"
		"\033[1;34m 1 |\033[0m ab\n"
		"\033[1;34m   |\033[0m  \033[0m\033[1;31m^\033[0m \033[1;31ml\033[0m\n"
		"\033[1;34m   |\033[0m\n"
		"\033[1;34m   = \033[1mhelp\033[0m: write `c`\n"
		"\033[1;34m   = \033[1mmore\033[0m: weft explain E0001\n"
		"\n");
}

static void test_queue(void)
{
	const struct diag_style two = { false, true, 2 };
	const struct source *s;
	char *out = NULL;

	begin();
	s = text("x", "a b c d\n");
	ok(!diag_error(d, E0002, word(s, "d", 0), "four"));
	diag_error(d, E0002, word(s, "a", 0), "one");
	diag_error(d, E0001, word(s, "a", 0), "one of another code");
	diag_error(d, E0002, word(s, "a", 0), "one again");
	diag_error(d, E0002, word(s, "c", 0), "three");
	is_int(d->errors, 5);
	diags_finish(d);
	is_int(d->errors, 4);
	captured(out, f, diags_print_short(d, f));
	is_str(out, "x:1:1: error[E0002]: one\nx:1:1: error[E0001]: one of another code\n"
		    "x:1:5: error[E0002]: three\nx:1:7: error[E0002]: four\n");
	free(out);
	captured(out, f, diags_print_human(d, f, &two));
	ok(strstr(out, "\n2 more errors\n") != NULL);
	ok(!strstr(out, "three"));
	free(out);
	for (int i = 0; i < 20000; i++) {
		diag_error(d, E0001, (struct span){ s->base, s->base + 1 + (uint32_t)i }, "%d", i);
		diag_help(d, "%d", i);
	}
	/* when it was full, the one that was there already was dropped as a double, and the rest only counted */
	is_int(d->errors, 20003);
	is_int(d->n, DIAG_KEEP - 1);
	diags_finish(d);
	ok(d->errors > 10000);
	diags_free(d);
	sources_free(ss);
}

static void machine(void)
{
	const struct source *s;

	begin();
	s = text("a b,c.weft", "任 x\ny\n");
	diag_error(d, E0001, word(s, "x", 0), "100%% \"bad\"");
	diag_label(d, "here");
	diag_at(d, word(s, "y", 0), "there");
	diag_note(d, "n");
	diag_help(d, "h\ni");
	diag_fix(d, word(s, "x", 0), "z");
	diag_error(d, E0901, NOSPAN, "nowhere");
	diags_finish(d);
}

static void test_machine(void)
{
	char *out = NULL;

	machine();
	captured(out, f, diags_print_json(d, f));
	is_str(out,
		"{\"schema\":\"weft.diagnostic/1\",\"code\":\"E0901\",\"name\":\"cannot-read\",\"severity\":\"error\","
		"\"message\":\"nowhere\",\"labels\":[],\"notes\":[],\"help\":[],\"fixes\":[]}\n"
		"{\"schema\":\"weft.diagnostic/1\",\"code\":\"E0001\",\"name\":\"nul-byte\",\"severity\":\"error\","
		"\"message\":\"100% \\\"bad\\\"\",\"file\":\"a b,c.weft\",\"lo\":4,\"hi\":5,\"line\":1,\"col\":3,\"end_line\":1,"
		"\"end_col\":4,\"label\":\"here\",\"labels\":[{\"text\":\"there\",\"file\":\"a b,c.weft\",\"lo\":6,\"hi\":7,"
		"\"line\":2,\"col\":1,\"end_line\":2,\"end_col\":2}],\"notes\":[\"n\"],\"help\":[\"h\\ni\"],"
		"\"fixes\":[{\"text\":\"z\",\"file\":\"a b,c.weft\",\"lo\":4,\"hi\":5,\"line\":1,\"col\":3,\"end_line\":1,"
		"\"end_col\":4}]}\n");
	free(out);
	captured(out, f, diags_print_github(d, f));
	is_str(out, "::error title=E0901::nowhere\n"
		    "::error file=a b%2Cc.weft,line=1,col=3,endLine=1,endColumn=4,title=E0001::100%25 \"bad\"%0Ahelp: h%0Ai\n");
	free(out);
	captured(out, f, diags_print_sarif(d, f));
	ok(strstr(out, "\"uri\": \"a%20b%2Cc.weft\"") != NULL);
	ok(strstr(out, "\"ruleIndex\": 1") != NULL);
	ok(strstr(out, "\"startColumn\": 3") != NULL);
	ok(strstr(out, "\"text\": \"100% \\\"bad\\\"\\nhere\\nnote: n\\nhelp: h\\ni\"") != NULL);
	ok(strstr(out, "\"insertedContent\": {") != NULL);
	free(out);
	diags_free(d);
	sources_free(ss);
}

static void test_codes(void)
{
	is_int(code_find("e0901"), E0901);
	is_int(code_find("cannot-read"), E0901);
	is_int(code_find("E9999"), CODE_COUNT);
	is_str(code_text(E0001), "E0001");
	is_int(code_severity(E0001), SEV_ERROR);
	ok(*code_title(E0902) != 0);
}

int main(void)
{
	test_look();
	test_gap_and_files();
	test_width();
	test_same_line();
	test_several_lines();
	test_long_line();
	test_nowhere_and_color();
	test_queue();
	test_machine();
	test_codes();
	return tap_end();
}
