/* tap.h - the whole harness of the unit tests: TAP on standard output, status 1 when something failed. */
#ifndef WEFT_TESTS_TAP_H
#define WEFT_TESTS_TAP_H

#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int tap_n, tap_failed;

__attribute__((unused)) static bool tap_ok(bool ok, const char *what, const char *file, int line)
{
	printf("%sok %d - %s\n", ok ? "" : "not ", ++tap_n, what);
	if (!ok) {
		tap_failed++;
		printf("# %s:%d\n", file, line);
	}
	return ok;
}

__attribute__((unused)) static bool tap_int(int64_t a, int64_t b, const char *what, const char *file, int line)
{
	if (!tap_ok(a == b, what, file, line))
		printf("# got %" PRId64 ", want %" PRId64 "\n", a, b);
	return a == b;
}

/* Both texts, each line of them as a comment. */
__attribute__((unused)) static void tap_show(const char *head, const char *s)
{
	printf("# %s\n#  |", head);
	for (; s && *s; s++) {
		putchar(*s);
		if (*s == '\n')
			printf("#  |");
	}
	putchar('\n');
}

__attribute__((unused)) static bool tap_str(const char *a, const char *b, const char *what, const char *file, int line)
{
	bool same = a && b ? !strcmp(a, b) : a == b;

	if (!tap_ok(same, what, file, line)) {
		tap_show("got", a ? a : "(null)");
		tap_show("want", b ? b : "(null)");
	}
	return same;
}

__attribute__((unused)) static int tap_end(void)
{
	printf("1..%d\n", tap_n);
	return tap_failed ? 1 : 0;
}

#define ok(cond) tap_ok(cond, #cond, __FILE__, __LINE__)
#define is_int(a, b) tap_int(a, b, #a " == " #b, __FILE__, __LINE__)
#define is_str(a, b) tap_str(a, b, #a, __FILE__, __LINE__)

/* What a function prints to a FILE, as text to free. */
#define captured(var, f, call)                        \
	do {                                          \
		size_t tap_len;                       \
		FILE *f = open_memstream(&(var), &tap_len); \
		call;                                 \
		fclose(f);                            \
	} while (0)

#endif
