/* history_compact.c - what of a journal is kept when it is written anew, and how much would go.
 *
 * From the begin of the last run on everything stays, and of earlier runs as many as fit into the bytes that count, so
 * that `weft show` can tell of them.  Of what is before that: what tables point to, texts that a success refers to,
 * begin and end of the last KEEP_RUNS runs, sessions that say which stamps can be trusted. */
#include "runtime/history_impl.h"

#include <string.h>

enum { KEEP_RUNS = 50, DETAIL_MIN = 4 << 20, WORTH = 1 << 20 };

struct pass {
	struct history *h;
	uint64_t detail;   /* everything from here on is kept */
	uint64_t session;  /* sessions from here on, too */
	uint32_t run;      /* and runs with this number or a larger one */
	uint64_t dead;     /* bytes that go */
};

static void mark_text(struct history *h, uint32_t hash)
{
	unsigned char at[4] = { (unsigned char)hash, (unsigned char)(hash >> 8), (unsigned char)(hash >> 16),
		(unsigned char)(hash >> 24) };
	struct table_key k = table_key(h->seed, at, sizeof(at), NULL, 0);
	uint64_t *e = table_get(&h->text, h->j, &k);

	if (e)
		*e |= 1;
}

static bool mark_texts(void *ctx, const struct rec_done *r)
{
	for (int i = 0; i < REC_PARTS; i++)
		mark_text(ctx, r->part[i]);
	return true;
}

static bool text_used(const struct history *h, uint64_t off, const unsigned char *p, size_t n)
{
	struct table_key k = table_key(h->seed, p, n < 4 ? n : 4, NULL, 0);
	const uint64_t *e = table_get(&h->text, h->j, &k);

	return e && entry_off(*e) == off && entry_flag(*e);
}

static bool recent(const struct pass *s, uint8_t kind, const unsigned char *p, size_t n)
{
	struct rec_run_end end;
	struct rec_run run;

	if (kind == RK_RUN)
		return rec_read_run(p, n, &run) && run.run >= s->run;
	return rec_read_run_end(p, n, &end) && end.run >= s->run;
}

static bool keep(void *ctx, uint64_t off, uint8_t kind, const unsigned char *p, size_t n)
{
	const struct pass *s = ctx;

	if (off >= s->detail)
		return true;
	switch (kind) {
	case RK_SESSION: return off >= s->session;
	case RK_SYNCED: return off == s->h->synced;
	case RK_RUN:
	case RK_RUN_END: return recent(s, kind, p, n);
	case RK_TEXT: return text_used(s->h, off, p, n);
	default: return history_live(s->h, off, kind, p, n);
	}
}

/* From which run on everything is kept. */
static uint64_t detail_from(const struct history *h)
{
	uint64_t size = journal_size(h->j), most = h->live > DETAIL_MIN ? h->live : DETAIL_MIN;
	uint32_t i = h->nrun;

	if (!i)
		return size;
	i--;
	while (i && h->nrun - i < KEEP_RUNS && size - h->run[i - 1].off <= most)
		i--;
	return h->run[i].off;
}

/* The session in which the last RK_SYNCED was written: later ones decide about later records. */
static uint64_t session_from(const struct history *h)
{
	uint64_t from = 0;

	for (uint32_t i = 0; i < h->nsession && h->session[i].off < h->synced; i++)
		from = h->session[i].off;
	return from;
}

static struct pass prepare(struct history *h)
{
	struct pass s;

	history_fill_more(h);
	s = (struct pass){ .h = h, .detail = detail_from(h), .session = session_from(h) };
	if (h->nrun)
		s.run = h->run[h->nrun < KEEP_RUNS ? 0 : h->nrun - KEEP_RUNS].run;
	history_each(h, mark_texts, h);
	return s;
}

static bool weigh(void *ctx, uint64_t off, uint8_t kind, const unsigned char *p, size_t n)
{
	struct pass *s = ctx;

	if (!keep(s, off, kind, p, n))
		s->dead += n + JOURNAL_OVERHEAD;
	return true;
}

uint64_t history_dead(const struct history *h)
{
	uint64_t size = journal_size(h->j), most, before;
	struct pass s;

	history_fill_more(h);
	most = size > h->live ? size - h->live + h->texts : h->texts;
	before = detail_from(h);
	most = before < most ? before : most;
	if (most < WORTH || most < size / 2) /* not worth a closer look */
		return most;
	s = prepare((struct history *)(uintptr_t)h); /* marks texts, no more */
	journal_each(h->j, weigh, &s);
	return s.dead;
}

bool history_compact(struct history *h)
{
	struct pass s = prepare(h);
	struct journal *j = h->j;
	struct history *fresh;

	if (!journal_compact(j, keep, NULL, &s))
		return false;
	fresh = history_read(j);
	struct history t = *h;
	*h = *fresh;
	*fresh = t;
	history_free(fresh);
	return true;
}
