/* term.c - see term.h. */
#include "runtime/term.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/source.h"
#include "runtime/outlet.h"

enum {
	HELD = 256 << 10, /* for a terminal that is behind */
	NO_WINDOW = 80,
};

struct term {
	struct outlet *out;
	int fd;
	uint32_t nline;            /* of the area that is drawn */
	uint32_t width[TERM_AREA]; /* of its lines */
	uint64_t lost, saying;     /* lines that were not taken; of them those that are being told of */
	struct buf b;
};

struct term *term_new(int fd)
{
	struct term *t = xcalloc(1, sizeof(*t));

	t->fd = fd;
	t->out = outlet_new(fd, HELD);
	buf_init(&t->b, (size_t)1 << 26);
	return t;
}

void term_free(struct term *t)
{
	outlet_free(t->out);
	buf_free(&t->b);
	free(t);
}

static uint32_t columns(const struct term *t)
{
	struct winsize ws;

	return ioctl(t->fd, TIOCGWINSZ, &ws) == 0 && ws.ws_col > 1 ? ws.ws_col : NO_WINDOW;
}

uint32_t term_width(const struct term *t)
{
	return columns(t) - 1;
}

/* Go up to where the area begins and clear what is below.  A window that became narrower may have broken its lines. */
static void add_erase(struct term *t)
{
	uint32_t cols = columns(t), rows = 0;

	for (uint32_t i = 0; i < t->nline; i++)
		rows += 1 + (t->width[i] ? (t->width[i] - 1) / cols : 0);
	if (!rows)
		return;
	buf_adds(&t->b, "\r");
	if (rows > 1)
		buf_addf(&t->b, "\033[%uA", rows - 1);
	buf_adds(&t->b, "\033[J");
}

/* Begin something in place of the area.  Lines that were lost are said when there is room again. */
static void begin(struct term *t)
{
	buf_reset(&t->b);
	add_erase(t);
	t->saying = t->lost && term_ready(t) ? t->lost : 0;
	if (t->saying)
		buf_addf(&t->b, "... %llu lines are not shown: they were not taken in time\n", (unsigned long long)t->saying);
}

/* All of it or nothing. */
static bool put(struct term *t)
{
	if (!outlet_put(t->out, buf_str(&t->b), t->b.len))
		return false;
	t->lost -= t->saying;
	t->nline = 0;
	return true;
}

void term_text(struct term *t, const char *s, size_t n)
{
	begin(t);
	buf_add(&t->b, s, n);
	t->lost += !put(t);
}

void term_line(struct term *t, const char *s)
{
	begin(t);
	buf_adds(&t->b, s);
	buf_addc(&t->b, '\n');
	t->lost += !put(t);
}

bool term_drawn(const struct term *t)
{
	return t->nline > 0;
}

bool term_ready(const struct term *t)
{
	size_t n;

	outlet_rest(t->out, &n);
	return !n;
}

/* Columns of a line, without what colours it. */
static uint32_t shown_width(const char *s, size_t n)
{
	uint32_t w = 0;

	for (size_t i = 0; i < n;) {
		size_t k = i;

		while (k < n && s[k] != '\033')
			k++;
		w += text_width(s + i, k - i, w);
		while (k < n && s[k] != 'm')
			k++;
		i = k + 1;
	}
	return w;
}

void term_area(struct term *t, const char *lines)
{
	uint32_t n = 0, width[TERM_AREA];

	begin(t);
	for (const char *nl; (nl = strchr(lines, '\n')) && n < TERM_AREA; lines = nl + 1) {
		if (n)
			buf_addc(&t->b, '\n');
		buf_add(&t->b, lines, (size_t)(nl - lines));
		width[n++] = shown_width(lines, (size_t)(nl - lines));
	}
	if (!put(t))
		return;
	t->nline = n;
	memcpy(t->width, width, n * sizeof(*width));
}

void term_clear(struct term *t)
{
	begin(t);
	put(t);
}

void term_turn(struct term *t)
{
	outlet_turn(t->out);
}

void term_watch(struct term *t, struct loop *l)
{
	outlet_watch(t->out, l);
}

bool term_drain(struct term *t, struct loop *l)
{
	if (outlet_drain(t->out, -1, l) && t->lost) {
		term_clear(t);
		outlet_drain(t->out, -1, l);
	}
	if (!term_ready(t))
		outlet_drop(t->out);
	errno = outlet_error(t->out);
	return !errno;
}
