/* test_fix.c - which fixes go together, and the text they leave. */
#include "base/fix.h"
#include "tap.h"

struct place_of { /* what a fix replaces, by what */
	uint32_t lo, hi;
	const char *text;
};

/* A file of this text whose diagnostics have the fixes a (one diagnostic), then b (another). */
static char *fixed(const char *text, const struct place_of *a, int na, const struct place_of *b, int nb, bool unsafe,
	uint32_t *count)
{
	struct sources *ss = sources_new();
	struct diags *d = diags_new(ss);
	struct fixes f = { 0 };
	struct buf out;
	const struct source *src;
	char *copy = NULL;

	sources_overlay(ss, "a.weft", text, strlen(text));
	src = source_load(ss, "a.weft", d);
	diag_error(d, E0101, (struct span){ src->base, src->base + 1 }, "one");
	for (int i = 0; i < na; i++)
		diag_fix(d, (struct span){ src->base + a[i].lo, src->base + a[i].hi }, "%s", a[i].text);
	diag_error(d, E0102, (struct span){ src->base + 1, src->base + 2 }, "other");
	for (int i = 0; i < nb; i++)
		(unsafe ? diag_fix_unsafe : diag_fix)(d, (struct span){ src->base + b[i].lo, src->base + b[i].hi }, "%s", b[i].text);
	fixes_choose(&f, d, false);
	*count = f.diags;
	buf_init(&out, 1000);
	if (fixes_apply(&f, src, &out))
		copy = strdup(out.p);
	buf_free(&out);
	fixes_free(&f);
	diags_free(d);
	sources_free(ss);
	return copy;
}

#define ARRAY(x) x, (int)(sizeof x / sizeof *x)

static void is_fixed(const char *text, const struct place_of *a, int na, const struct place_of *b, int nb, bool unsafe,
	uint32_t want, const char *expected)
{
	uint32_t n;
	char *s = fixed(text, a, na, b, nb, unsafe, &n);

	is_int(n, want);
	is_str(s ? s : "(as it was)", expected);
	free(s);
}

static void test_apart(void)
{
	static const struct place_of a[] = { { 0, 1, "A" } }, b[] = { { 2, 3, "CC" } }, none[] = { { 3, 3, "" } };

	is_fixed("abc", ARRAY(a), ARRAY(b), false, 2, "AbCC");
	is_fixed("abc", ARRAY(a), ARRAY(b), true, 1, "Abc"); /* the second is not safe */
	is_fixed("abc", a, 0, ARRAY(none), false, 1, "abc");
	is_fixed("abc", a, 0, b, 0, false, 0, "(as it was)");
}

static void test_overlap(void)
{
	static const struct place_of a[] = { { 0, 2, "X" } }, b[] = { { 1, 3, "Y" } }, touching[] = { { 2, 3, "Z" } };
	static const struct place_of both[] = { { 1, 3, "Y" }, { 4, 5, "!" } }, here[] = { { 2, 2, "1" } }, there[] = { { 2, 2, "2" } };

	is_fixed("abcde", ARRAY(a), ARRAY(b), false, 1, "Xcde");
	is_fixed("abcde", ARRAY(a), ARRAY(touching), false, 2, "XZde");
	is_fixed("abcde", ARRAY(a), ARRAY(both), false, 1, "Xcde"); /* all of a diagnostic or nothing */
	is_fixed("abcde", ARRAY(here), ARRAY(there), false, 1, "ab1cde");
	is_fixed("abcde", ARRAY(a), ARRAY(a), false, 2, "Xcde"); /* the same thing twice */
}

static void test_lines(void)
{
	static const struct place_of a[] = { { 1, 1, "x\ny" } };

	is_fixed("ab\r\n", ARRAY(a), a, 0, false, 1, "ax\r\nyb\r\n");
	is_fixed("ab\n", ARRAY(a), a, 0, false, 1, "ax\nyb\n");
}

/* What was not read from a file cannot be mended. */
static void test_no_file(void)
{
	struct sources *ss = sources_new();
	struct diags *d = diags_new(ss);
	struct fixes f = { 0 };
	const struct source *src = source_add(ss, "--set", "x=1", 3, d);

	diag_error(d, E0101, (struct span){ src->base, src->base + 1 }, "one");
	diag_fix(d, (struct span){ src->base, src->base + 1 }, "y");
	fixes_choose(&f, d, true);
	is_int(f.diags, 0);
	fixes_free(&f);
	diags_free(d);
	sources_free(ss);
}

int main(void)
{
	test_apart();
	test_overlap();
	test_lines();
	test_no_file();
	return tap_end();
}
