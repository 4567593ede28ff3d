/* test_runtext.c - texts of the progress line and the failure screen, causes, timers. */
#include "job/job.h"
#include "runtime/cause.h"
#include "runtime/loop.h"
#include "runtime/progress.h"

#include "tests/unit/tap.h"

#include <signal.h>

static struct buf b;

static const char *elide(const char *s, uint32_t width)
{
	buf_reset(&b);
	text_elide(&b, s, strlen(s), width);
	return buf_str(&b);
}

static const char *safe(const char *s, size_t n, size_t max)
{
	buf_reset(&b);
	text_safe(&b, s, n, max);
	return buf_str(&b);
}

static void test_elide(void)
{
	is_str(elide("short", 10), "short");
	is_str(elide("exactly-10", 10), "exactly-10");
	is_str(elide("abcdefghijklmnopqrstuvwxyz", 11), "abcd...wxyz");
	is_str(elide("abcdefghijklmnopqrstuvwxyz", 12), "abcde...wxyz");
	is_str(elide("abcdefgh", 3), "abc");
	is_str(elide("", 3), "");
	is_str(elide("任务一任务二任务三", 11), "任务...务三");
	is_str(elide("任务一任务二任务三", 12), "任务...务三");
	is_str(elide("任务一", 6), "任务一");
	is_str(elide("a\033[31mb", 20), "a\\x1b[31mb");
	for (uint32_t w = 0; w < 30; w++) {
		elide("ein Name, 名前, \xff\xfe und e\xcc\x81 noch mehr", w);
		tap_ok(text_width(buf_str(&b), b.len, 0) <= w, "never wider", __FILE__, (int)w);
	}
}

static void test_safe(void)
{
	is_str(safe("a\tb", 3, 99), "a\tb");
	is_str(safe("\r\n\x7f", 3, 99), "\\x0d\\x0a\\x7f");
	is_str(safe("\xc2\x9b" "31m", 5, 99), "\\xc2\\x9b31m");
	is_str(safe("\xe2\x80\xae" "x", 4, 99), "\\xe2\\x80\\xaex");
	is_str(safe("\xc3", 1, 99), "\\xc3");
	is_str(safe("\xed\xa0\x80", 3, 99), "\\xed\\xa0\\x80");
	is_str(safe("\xf4\x90\x80\x80", 4, 99), "\\xf4\\x90\\x80\\x80");
	is_str(safe("h\xc3\xa9", 3, 99), "h\xc3\xa9");
	is_str(safe("abc\0d", 5, 99), "abc\\x00d");
	is_str(safe("abcdef", 6, 3), "abc");
}

static const char *number(uint64_t n)
{
	buf_reset(&b);
	text_count(&b, n);
	return buf_str(&b);
}

static const char *duration(int64_t ms)
{
	buf_reset(&b);
	text_time(&b, ms);
	return buf_str(&b);
}

static void test_numbers(void)
{
	is_str(number(0), "0");
	is_str(number(999), "999");
	is_str(number(1000), "1,000");
	is_str(number(1234567), "1,234,567");
	is_str(duration(40), "0.0 s");
	is_str(duration(9990), "9.9 s");
	is_str(duration(59400), "59 s");
	is_str(duration(59600), "1 min 0 s");
	is_str(duration(192000), "3 min 12 s");
	is_str(duration(8040000), "2 h 14 min");
}

static void test_command(void)
{
	const char *argv[] = { "/bin/echo", "two words", "it's", "", "a=b", "~", NULL };

	buf_reset(&b);
	text_command(&b, (char *const *)argv);
	is_str(buf_str(&b), "/bin/echo 'two words' 'it'\\''s' '' a=b '~'");
}

static void test_causes(void)
{
	struct jcause c[2] = { { CAUSE_OOM, -1, NOSPAN }, { CAUSE_EXIT, 75, NOSPAN } };
	struct jtask t = { .ncause = 2, .cause = c };

	ok(cause_retried(&t, R_EXIT, 75));
	ok(!cause_retried(&t, R_EXIT, 76));
	ok(cause_retried(&t, R_OOM, 0));
	ok(!cause_retried(&t, R_TIMEOUT, 0));
	t.ncause = 0;
	ok(cause_retried(&t, R_TIMEOUT, 0));
	ok(!cause_retried(&t, R_CANCEL, 0));
	ok(!cause_retried(&t, R_DONE, 0));
	buf_reset(&b);
	cause_say(&b, R_SIGNAL, SIGSEGV);
	is_str(buf_str(&b), "killed by signal 11 (SIGSEGV)");
}

static void test_timers(void)
{
	struct loop l;
	uint32_t id, last = 0, n = 0;
	static int64_t at[1000];
	int64_t t = 0;

	ok(loop_open(&l));
	for (uint32_t i = 0; i < 1000; i++)
		loop_timer(&l, i, at[i] = (i * 7919) % 1009);
	for (uint32_t i = 0; i < 1000; i += 3)
		loop_timer(&l, i, at[i] = i % 2 ? -1 : (int64_t)(i * 104729 % 997));
	while (loop_due(&l, 2000, &id)) {
		if (at[id] < t)
			last++;
		t = at[id];
		n++;
	}
	is_int(last, 0); /* none came too early */
	is_int(n, 1000 - 167);
	ok(!loop_due(&l, 2000, &id));
	raise(SIGINT);
	loop_wait(&l, 1000);
	is_int(l.signal, SIGINT);
	loop_timer(&l, 5, clock_ms() + 20);
	loop_wait(&l, 60000);
	while (!loop_due(&l, clock_ms(), &id))
		loop_wait(&l, 60000);
	is_int(id, 5);
	loop_close(&l);
}

static void test_backoff(void)
{
	static const int64_t want[] = { 1000, 2000, 4000, 8000, 16000, 30000, 30000 };
	struct jval v = { .id = SET_BACKOFF };
	struct jtask t = { 0 };

	for (int i = 0; i < 7; i++)
		is_int(cause_backoff(&t, R_SPAWN, i + 1), want[i]);
	is_int(cause_backoff(&t, R_EXIT, 1), 0);
	t.set = &v;
	t.nset = 1;
	is_int(cause_backoff(&t, R_SPAWN, 3), 0); /* backoff = 0s */
	v.i = 20000;
	is_int(cause_backoff(&t, R_EXIT, 1), 20000);
	is_int(cause_backoff(&t, R_EXIT, 1000000), 30000);
	v.i = 60000;
	is_int(cause_backoff(&t, R_EXIT, 5), 60000);
}

static void test_bytes(void)
{
	static const struct {
		int64_t n;
		const char *text;
	} c[] = { { 0, "0 B" }, { 1023, "1023 B" }, { 1024, "1 KB" }, { 1536, "1.5 KB" }, { 34359738368 - 1, "31.9 GB" },
		{ 34359738368, "32 GB" }, { INT64_MAX, "7.9 EB" } };

	for (size_t i = 0; i < sizeof(c) / sizeof(*c); i++) {
		buf_reset(&b);
		text_bytes(&b, c[i].n);
		is_str(buf_str(&b), c[i].text);
	}
}

int main(void)
{
	buf_init(&b, 1 << 16);
	test_elide();
	test_safe();
	test_numbers();
	test_command();
	test_causes();
	test_timers();
	test_backoff();
	test_bytes();
	buf_free(&b);
	return tap_end();
}
