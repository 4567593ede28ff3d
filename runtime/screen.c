/* screen.c - see screen.h: what each column says, which of them fit, and the lines. */
#include "runtime/screen.h"

#include "base/source.h"
#include "runtime/text.h"

#include <string.h>

enum column { C_NAME, C_BAR, C_DONE, C_RUNNING, C_QUEUED, C_FAILED, C_RETRIED, C_ETA, COLUMNS };

enum {
	NAME_LEAST = 20,    /* a third of the line, when that is less */
	NAME_MOST = 32,
	BAR_LEAST = 6,
	BAR_GOOD = 12,
	BAR_MOST = 32,
	GAP = 2,
};

/* What is dropped last comes first. */
static const uint8_t order[] = { C_FAILED, C_RUNNING, C_BAR, C_ETA, C_RETRIED, C_QUEUED };

struct layout {
	const struct screen_style *st;
	bool brief;
	uint32_t width[COLUMNS]; /* 0: left out */
};

void screen_eta(struct buf *b, int64_t ms)
{
	long long s = (ms + 999) / 1000, min = (s + 59) / 60;

	if (s < 60)
		buf_addf(b, "%lld s", s);
	else if (min < 60)
		buf_addf(b, "%lld min", min);
	else if (min < 48 * 60)
		buf_addf(b, "%lld h %lld min", min / 60, min % 60);
	else
		buf_addf(b, "%lld days", (min + 24 * 60 - 1) / (24 * 60));
}

/* ---- what a column says of a row ---- */

static void add_number(struct buf *b, uint64_t n, const char *word)
{
	if (!n)
		return;
	text_count(b, n);
	buf_addf(b, " %s", word);
}

/* The text of a column but for the name and the bar, which are made to measure. */
static void cell(struct buf *b, const struct layout *l, enum column c, const struct screen_row *r)
{
	buf_reset(b);
	switch (c) {
	case C_DONE:
		text_count(b, r->done);
		buf_addc(b, '/');
		r->total == UINT64_MAX ? (void)buf_addc(b, '?') : text_count(b, r->total);
		break;
	case C_FAILED:
		add_number(b, r->failed, l->brief ? "fail" : "failed");
		break;
	case C_RUNNING:
		add_number(b, r->running, l->brief ? "run" : "running");
		break;
	case C_QUEUED:
		add_number(b, r->queued, l->brief ? "wait" : "queued");
		break;
	case C_RETRIED:
		add_number(b, r->retried, l->brief ? "again" : "retried");
		break;
	case C_ETA:
		buf_adds(b, "eta ");
		r->eta_ms < 0 ? (void)buf_addc(b, '-') : screen_eta(b, r->eta_ms);
		break;
	case C_NAME:
	case C_BAR:
	case COLUMNS:
		break;
	}
}

static void add_name(struct buf *b, const char *s, uint32_t width)
{
	text_elide(b, s, strlen(s), width);
}

static uint32_t widest(struct layout *l, enum column c, const struct screen_row *row, uint32_t n, struct buf *b)
{
	uint32_t most = 0;

	for (uint32_t i = 0; i < n; i++) {
		uint32_t w;

		buf_reset(b);
		c == C_NAME ? add_name(b, row[i].name, NAME_MOST) : cell(b, l, c, &row[i]);
		w = text_width(buf_str(b), b->len, 0);
		most = w > most ? w : most;
	}
	return most;
}

/* ---- which columns fit ---- */

static uint32_t smaller(uint32_t a, uint32_t b)
{
	return a < b ? a : b;
}

static uint32_t widen(uint32_t *width, uint32_t to, uint32_t left)
{
	uint32_t more = *width < to ? smaller(to - *width, left) : 0;

	*width += more;
	return more;
}

/* The name and how far it is always; then what fits, in order; what is left over goes to the bar, the name, the bar. */
static void fit(struct layout *l, const struct screen_row *row, uint32_t n, struct buf *b)
{
	uint32_t name = widest(l, C_NAME, row, n, b), done = widest(l, C_DONE, row, n, b), left = l->st->width;

	l->width[C_DONE] = smaller(done, left);
	left -= l->width[C_DONE];
	l->width[C_NAME] = left > GAP ? smaller(smaller(name, NAME_LEAST), smaller(l->st->width / 3, left - GAP)) : 0;
	left -= l->width[C_NAME] ? l->width[C_NAME] + GAP : 0;
	for (size_t i = 0; i < sizeof(order); i++) {
		uint32_t w = order[i] == C_BAR ? BAR_LEAST : widest(l, (enum column)order[i], row, n, b);

		if (!w || w + GAP > left)
			continue;
		l->width[order[i]] = w;
		left -= w + GAP;
	}
	if (l->width[C_BAR])
		left -= widen(&l->width[C_BAR], BAR_GOOD, left);
	if (l->width[C_NAME])
		left -= widen(&l->width[C_NAME], name, left);
	if (l->width[C_BAR])
		widen(&l->width[C_BAR], BAR_MOST, left);
}

/* ---- the lines ---- */

static void paint(struct buf *b, const struct layout *l, const char *color)
{
	if (l->st->color)
		buf_adds(b, color);
}

static void fill(struct buf *b, const char *s, uint32_t n)
{
	for (uint32_t i = 0; i < n; i++)
		buf_adds(b, s);
}

static void fill_in(struct buf *b, const struct layout *l, const char *color, const char *s, uint32_t n)
{
	if (!n)
		return;
	paint(b, l, color);
	fill(b, s, n);
	paint(b, l, "\033[0m");
}

static uint32_t share(uint64_t n, uint64_t total, uint32_t width)
{
	return total && total != UINT64_MAX ? (uint32_t)((double)(n < total ? n : total) / (double)total * width) : 0;
}

/* Done, failed ("x", at least one), to do. */
static void add_bar(struct buf *b, const struct layout *l, const struct screen_row *r)
{
	uint32_t width = l->width[C_BAR] - (l->st->utf8 ? 0 : 2);
	uint32_t done = share(r->done, r->total, width), failed = share(r->failed, r->total, width);

	failed = r->failed && !failed ? 1 : failed;
	done = done < failed ? failed : done;
	buf_adds(b, l->st->utf8 ? "" : "[");
	fill_in(b, l, "\033[32m", l->st->utf8 ? "\u2588" : "#", done - failed);
	fill_in(b, l, "\033[31m", "x", failed);
	fill(b, l->st->utf8 ? "\u2591" : ".", width - done);
	buf_adds(b, l->st->utf8 ? "" : "]");
}

static void add_padded(struct buf *b, const struct layout *l, const char *color, const struct buf *text, uint32_t width, bool right)
{
	uint32_t w = text_width(buf_str(text), text->len, 0), pad = w < width ? width - w : 0;

	if (right)
		fill(b, " ", pad);
	if (color && text->len)
		fill_in(b, l, color, buf_str(text), 1);
	else
		buf_add(b, buf_str(text), text->len);
	if (!right)
		fill(b, " ", pad);
}

static void add_cell(struct buf *b, const struct layout *l, enum column c, const struct screen_row *r, struct buf *text)
{
	const char *color = c == C_FAILED && r->failed ? "\033[1;31m" : c == C_ETA ? "\033[2m" : NULL;

	if (c == C_BAR) {
		add_bar(b, l, r);
		return;
	}
	buf_reset(text);
	if (c == C_NAME)
		add_name(text, r->name, l->width[C_NAME]);
	else
		cell(text, l, c, r);
	if (c == C_DONE && text->len > l->width[C_DONE]) {
		text->len = l->width[C_DONE]; /* digits and commas */
		text->p[text->len] = 0;
	}
	add_padded(b, l, color, text, l->width[c], c != C_NAME && c != C_ETA);
}

void screen_rows(struct buf *b, const struct screen_row *row, uint32_t n, const struct screen_style *st)
{
	struct layout l = { .st = st, .brief = st->width < SCREEN_BRIEF };
	struct buf text;

	buf_init(&text, 1 << 16);
	fit(&l, row, n, &text);
	for (uint32_t i = 0; i < n; i++) {
		bool first = true;

		for (int c = 0; c < COLUMNS; c++) {
			if (!l.width[c])
				continue;
			fill(b, " ", first ? 0 : GAP);
			first = false;
			add_cell(b, &l, (enum column)c, &row[i], &text);
		}
		while (b->len && b->p[b->len - 1] == ' ')
			b->p[--b->len] = 0;
		buf_addc(b, '\n');
	}
	buf_free(&text);
}
