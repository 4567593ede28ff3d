/* units.c - sizes and durations as text. */
#include "job/job.h"

#include <math.h>
#include <string.h>

struct unit {
	char text[4];
	int64_t is;
};
static const struct unit size_units[] = {
	{ "PB", (int64_t)1 << 50 }, { "TB", (int64_t)1 << 40 }, { "GB", 1 << 30 }, { "MB", 1 << 20 },
	{ "KB", 1 << 10 }, { "B", 1 },
};
static const struct unit time_units[] = {
	{ "d", 86400000 }, { "h", 3600000 }, { "min", 60000 }, { "s", 1000 }, { "ms", 1 },
};

static const struct unit *unit_find(const char *s, size_t n, bool size)
{
	const struct unit *u = size ? size_units : time_units;

	for (;; u++) {
		if (strlen(u->text) == n && !memcmp(u->text, s, n))
			return u;
		if (u->is == 1)
			return NULL;
	}
}

/* Digits with an optional fraction at s; *end is behind them. */
static bool digits(const char *s, size_t n, double *v, size_t *end)
{
	double scale = 1;
	size_t i = 0;

	*v = 0;
	for (; i < n && s[i] >= '0' && s[i] <= '9'; i++)
		*v = *v * 10 + (s[i] - '0');
	if (!i)
		return false;
	if (i + 1 < n && s[i] == '.' && s[i + 1] >= '0' && s[i + 1] <= '9')
		for (i++; i < n && s[i] >= '0' && s[i] <= '9'; i++)
			*v += (s[i] - '0') * (scale /= 10);
	*end = i;
	return true;
}

bool unit_read(const char *s, size_t n, bool size, int64_t *v)
{
	const struct unit *u;
	size_t end;
	double d;

	if (!digits(s, n, &d, &end))
		return false;
	u = unit_find(s + end, n - end, size);
	if (!u || d * (double)u->is >= 0x1p62)
		return false;
	*v = (int64_t)llround(d * (double)u->is);
	return true;
}

bool unit_print(int64_t v, bool size, struct buf *out)
{
	const struct unit *u = size ? size_units : time_units;

	while (u->is > 1 && v % u->is)
		u++;
	if (!v)
		return buf_adds(out, size ? "0B" : "0s");
	return buf_addf(out, "%lld%s", (long long)(v / u->is), u->text);
}
