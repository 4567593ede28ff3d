/* progress_text.c - texts for a terminal: cut in the middle, made harmless, numbers and times for people. */
#include "runtime/text.h"

#include "base/source.h"

#include <stdio.h>
#include <string.h>

/* C0, DEL, C1 and the characters that turn the direction of text. */
static bool harmful(const unsigned char *s, size_t k)
{
	if (k == 1)
		return s[0] < 0x20 || s[0] == 0x7F;
	if (k == 2)
		return s[0] == 0xC2 && s[1] < 0xA0;
	return k == 3 && s[0] == 0xE2 && ((s[1] == 0x80 && s[2] >= 0xA8 && s[2] <= 0xAE) || (s[1] == 0x81 && s[2] >= 0xA6 && s[2] <= 0xA9));
}

void text_safe(struct buf *b, const char *s, size_t n, size_t max)
{
	const unsigned char *p = (const unsigned char *)s;

	n = n > max ? max : n;
	while (n) {
		size_t k = utf8_len(p, n);

		if (k && (*p == '\t' || !harmful(p, k)))
			buf_add(b, p, k);
		else
			for (size_t i = 0; i < (k ? k : 1); i++)
				buf_addf(b, "\\x%02x", p[i]);
		k = k ? k : 1;
		p += k;
		n -= k;
	}
}

/* Bytes from the start (or the end) that fit a width. */
static size_t fit(const char *s, size_t n, uint32_t width)
{
	size_t i = 0;
	uint32_t w = 0;

	while (i < n) {
		size_t k = utf8_len((const unsigned char *)s + i, n - i);

		k = k ? k : 1;
		w += text_width(s + i, k, w);
		if (w > width)
			break;
		i += k;
	}
	return i;
}

static size_t fit_end(const char *s, size_t n, uint32_t width)
{
	size_t i = n, from = n;
	uint32_t w = 0;

	while (i > 0 && w <= width) {
		from = i;
		do
			i--;
		while (i > 0 && ((unsigned char)s[i] & 0xC0) == 0x80);
		w += text_width(s + i, from - i, 0);
		if (w <= width)
			from = i;
	}
	while (from < n && text_width(s + from, 1, 0) == 0 && ((unsigned char)s[from] & 0xC0) == 0x80)
		from++;
	return n - from;
}

void text_elide(struct buf *b, const char *s, size_t n, uint32_t width)
{
	struct buf safe;
	size_t head, tail;

	buf_init(&safe, 1 << 16);
	text_safe(&safe, s, n, 1 << 14);
	s = buf_str(&safe);
	n = safe.len;
	if (text_width(s, n, 0) <= width) {
		buf_add(b, s, n);
	} else if (width < 8) {
		buf_add(b, s, fit(s, n, width));
	} else {
		head = fit(s, n, (width - 3) / 2 + (width - 3) % 2);
		tail = fit_end(s + head, n - head, (width - 3) / 2);
		buf_add(b, s, head);
		buf_adds(b, "...");
		buf_add(b, s + n - tail, tail);
	}
	buf_free(&safe);
}

bool text_plain(const char *s)
{
	return *s && !s[strspn(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-+=./:,@%")];
}

static void add_word(struct buf *b, const char *s)
{
	if (text_plain(s)) {
		buf_adds(b, s);
		return;
	}
	buf_addc(b, '\'');
	for (; *s && !b->over; s++)
		*s == '\'' ? buf_adds(b, "'\\''") : buf_addc(b, *s);
	buf_addc(b, '\'');
}

void text_command(struct buf *b, char *const *argv)
{
	for (; argv && *argv && !b->over; argv++) {
		if (b->len)
			buf_addc(b, ' ');
		add_word(b, *argv);
	}
}

void text_count(struct buf *b, uint64_t n)
{
	char digits[32];
	int len = snprintf(digits, sizeof(digits), "%llu", (unsigned long long)n);

	for (int i = 0; i < len; i++) {
		if (i && (len - i) % 3 == 0)
			buf_addc(b, ',');
		buf_addc(b, digits[i]);
	}
}

void text_bytes(struct buf *b, int64_t n)
{
	static const char *const unit[] = { "B", "KB", "MB", "GB", "TB", "PB", "EB" };
	int64_t whole = n, part = 0; /* part: 1024ths of the unit */
	int u = 0;

	for (; whole >= 1024 && u < 6; u++) {
		part = whole % 1024;
		whole /= 1024;
	}
	part = part * 10 / 1024;
	if (part && whole < 1000)
		buf_addf(b, "%lld.%lld %s", (long long)whole, (long long)part, unit[u]);
	else
		buf_addf(b, "%lld %s", (long long)whole, unit[u]);
}

void text_time(struct buf *b, int64_t ms)
{
	long long s = (ms + 500) / 1000;

	if (ms < 10000)
		buf_addf(b, "%lld.%lld s", (long long)ms / 1000, (long long)ms % 1000 / 100);
	else if (s < 60)
		buf_addf(b, "%lld s", s);
	else if (s < 3600)
		buf_addf(b, "%lld min %lld s", s / 60, s % 60);
	else
		buf_addf(b, "%lld h %lld min", s / 3600, s % 3600 / 60);
}
