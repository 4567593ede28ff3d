/* test_screen.c - the status area: never too wide, columns in line, the least important left out first. */
#include "base/source.h"
#include "runtime/screen.h"

#include "tests/unit/tap.h"

static struct buf b;

static const struct screen_row rows[] = {
	{ "align", 10000, 1204, 12, 8784, 0, 3, 192000 },
	{ "a_task_with_quite_a_long_name_indeed", 40, 40, 0, 0, 2, 0, -1 },
	{ "比对质量统计", UINT64_MAX, 0, 1, 0, 0, 0, -1 },
	{ "bad\033[31m\r\n\xff", 1, 0, 1, 0, 0, 0, 0 },
};
enum { ROWS = sizeof(rows) / sizeof(*rows) };

static const char *lines(uint32_t from, uint32_t n, uint32_t width, bool color, bool utf8)
{
	struct screen_style st = { width, color, utf8 };

	buf_reset(&b);
	screen_rows(&b, rows + from, n, &st);
	return buf_str(&b);
}

static void test_lines(void)
{
	is_str(lines(0, 2, 110, false, false),
		"align                     [#.........]  1,204/10,000  12 running  8,784 queued            3 retried  eta 4 min\n"
		"a_task_with...ame_indeed  [#########x]         40/40                            2 failed             eta -\n");
	is_str(lines(0, 1, 80, false, false), "align  [#........]  1,204/10,000  12 running  8,784 queued  3 retried  eta 4 min\n");
	is_str(lines(0, 1, 39, false, false), "align  [........]  1,204/10,000  12 run\n");
	is_str(lines(2, 1, 60, false, true), "比对质量统计  ░░░░░░░░░░░░░░░░░░░░░░░  0/?  1 running  eta -\n");
}

static void test_width(void)
{
	for (uint32_t w = 1; w < 220; w++)
		for (int utf8 = 0; utf8 < 2; utf8++) {
			const char *p = lines(0, ROWS, w, false, utf8);
			uint32_t n = 0;

			for (const char *nl; (nl = strchr(p, '\n')); p = nl + 1, n++)
				tap_ok(text_width(p, (size_t)(nl - p), 0) <= w && !memchr(p, '\033', (size_t)(nl - p)), "fits",
					__FILE__, (int)w);
			is_int(n, ROWS);
		}
}

static void test_color(void)
{
	struct buf plain;

	buf_init(&plain, 1 << 16);
	lines(0, ROWS, 100, true, true);
	for (size_t i = 0; i < b.len; i++) {
		while (b.p[i] == '\033')
			i += strcspn(b.p + i, "m") + 1;
		if (i < b.len)
			buf_addc(&plain, b.p[i]);
	}
	is_str(buf_str(&plain), lines(0, ROWS, 100, false, true)); /* colour adds nothing, takes nothing */
	buf_free(&plain);
}

static const char *eta(int64_t ms)
{
	buf_reset(&b);
	screen_eta(&b, ms);
	return buf_str(&b);
}

static void test_eta(void)
{
	is_str(eta(0), "0 s");
	is_str(eta(1), "1 s");
	is_str(eta(58999), "59 s");
	is_str(eta(59001), "1 min");
	is_str(eta(60001), "2 min");
	is_str(eta(3540000), "59 min");
	is_str(eta(3541000), "1 h 0 min");
	is_str(eta(8040000), "2 h 14 min");
	is_str(eta((int64_t)48 * 3600000), "2 days");
	is_str(eta(INT64_MAX / 2), "53375995584 days");
}

int main(void)
{
	buf_init(&b, 1 << 20);
	test_lines();
	test_width();
	test_color();
	test_eta();
	buf_free(&b);
	return tap_end();
}
