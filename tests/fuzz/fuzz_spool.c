/* fuzz_spool.c - a file of notifications that are not delivered, as an earlier run or anything else has left it: it is refused
 * or its messages can be counted, read, marked and shown; what is opened again agrees. */
#include "place.h"

#include "runtime/parcel.h"

#include <errno.h>
#include <string.h>

static uint64_t walk(struct spool *s, bool refused)
{
	struct spool_message m;
	struct buf text, shown;
	uint64_t n = 0;

	buf_init(&text, SPOOL_TEXT_MAX);
	buf_init(&shown, 1 << 12);
	spool_rewind(s);
	for (; spool_next(s, refused, &m); n++) {
		check(m.how == '-' || (refused && m.how == 'x'), "one that is not asked for");
		check(spool_text(s, &m, &text) && text.len == m.len && m.len && m.len <= SPOOL_TEXT_MAX, "its text is lost");
		check(!memchr(text.p, '\n', text.len), "a text of two lines");
		buf_reset(&shown);
		parcel_say(&shown, text.p, text.len);
		for (size_t i = 0; i < shown.len; i++) /* a tab is let through by text_elide */
			check(((unsigned char)shown.p[i] >= 32 && shown.p[i] != 127) || shown.p[i] == '\t', "harmful to a terminal");
	}
	buf_free(&text);
	buf_free(&shown);
	return n;
}

static void counts(struct spool *s)
{
	check(walk(s, true) == spool_left(s), "not as many as counted");
	check(walk(s, false) == spool_left(s) - spool_refused(s), "refused ones are not as many as counted");
}

static void mark_all(struct spool *s, const char *hows)
{
	struct spool_message m;
	uint64_t before = spool_left(s), sent = 0;

	spool_rewind(s);
	for (uint64_t i = 0; spool_next(s, true, &m); i++) {
		char how = hows[i % strlen(hows)];

		sent += how == '+';
		check(spool_mark(s, &m, how), "not marked");
	}
	check(spool_left(s) == before - sent, "marks are not counted");
}

static void all(const char *path)
{
	struct parcel *p = parcel_open(path, false), *q;
	uint64_t left, refused;

	if (!p) {
		check(errno == EINVAL, "refused without a reason");
		q = parcel_open(path, true);
		check(!q, "refused to a reader only");
		return;
	}
	counts(p->spool);
	left = spool_left(p->spool);
	refused = spool_refused(p->spool);
	parcel_close(p);
	p = parcel_open(path, true);
	check(p && spool_left(p->spool) == left && spool_refused(p->spool) == refused, "reader and writer disagree");
	mark_all(p->spool, "-x+x");
	counts(p->spool);
	check(spool_add(p->spool, 7, "{\"Event\": \"x\"}", 14) && spool_flush(p->spool), "not added");
	counts(p->spool);
	left = spool_left(p->spool);
	parcel_close(p);
	p = parcel_open(path, true);
	check(p && spool_left(p->spool) == left, "what was added is lost");
	mark_all(p->spool, "+");
	check(!spool_left(p->spool), "something is left");
	parcel_close(p);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size > 1 << 16)
		return 0;
	place_put("spool", data, size);
	all(place_path("spool"));
	place_clear();
	return 0;
}
