/* history.c - the journal's records in tables; see history.h. */
#include "runtime/history_impl.h"

#include <stdlib.h>
#include <string.h>

/* ---- keys ---- */

/* Task and key, with which a payload begins; .a is NULL when it does not. */
struct table_key history_who(const struct history *h, const unsigned char *p, size_t n)
{
	const unsigned char *task = n ? memchr(p, 0, n) : NULL;
	size_t an = task ? (size_t)(task - p) + 1 : 0;
	const unsigned char *key = task && n > an ? memchr(p + an, 0, n - an) : NULL;

	if (!key)
		return (struct table_key){ 0 };
	return table_key(h->seed, p, an, p + an, (size_t)(key - p) + 1 - an);
}

/* The key of a question: whoever asks one has the tables filled. */
static struct table_key named(const struct history *h, const char *task, const char *key)
{
	history_fill(h);
	return table_key(h->seed, task, strlen(task) + 1, key, strlen(key) + 1);
}

static struct table_key single(const struct history *h, const char *s)
{
	history_fill(h);
	return table_key(h->seed, s, strlen(s) + 1, NULL, 0);
}

static struct table_key of_hash(const struct history *h, uint32_t hash, unsigned char at[4])
{
	history_fill_more(h);
	for (int i = 0; i < 4; i++)
		at[i] = (unsigned char)(hash >> 8 * i);
	return table_key(h->seed, at, 4, NULL, 0);
}

/* ---- records ---- */

static bool is_done(const struct history *h, uint64_t off)
{
	uint8_t kind;
	size_t n;

	return journal_at(h->j, off, &kind, &n) && kind == RK_DONE;
}

static uint64_t size_at(const struct history *h, uint64_t off)
{
	uint8_t kind;
	size_t n;

	return off && journal_at(h->j, off, &kind, &n) ? n + JOURNAL_OVERHEAD : 0;
}

static bool read_done(const struct history *h, uint64_t off, struct rec_done *r)
{
	uint8_t kind;
	size_t n;
	const unsigned char *p = journal_at(h->j, off, &kind, &n);

	if (!p || kind != RK_DONE || !rec_read_done(p, n, r))
		return false;
	r->stale = history_stale_stamp(h, off);
	return true;
}

/* One more or less of the task's instances counts. */
static void count_task(struct history *h, const struct table_key *who, uint64_t off, bool more)
{
	struct table_key k = table_key(h->seed, who->a, who->an, NULL, 0);
	uint64_t *e = h->tasks ? table_get(&h->task, h->j, &k) : NULL;

	if (!h->tasks)
		return;
	if (!e && more)
		table_set(&h->task, h->j, &k, off, 1);
	else if (e && more)
		h->task.aux[e - h->task.v]++;
	else if (e && h->task.aux[e - h->task.v])
		h->task.aux[e - h->task.v]--;
}

static void note_outs(struct history *h, uint64_t off, const unsigned char *p, size_t n)
{
	struct rec_done r;
	struct rec_out o;

	if (!rec_read_done(p, n, &r))
		return;
	for (const unsigned char *at = r.outs, *here = at; rec_out_next(&r, &at, &o); here = at) {
		struct table_key k = single(h, o.path);

		if (here - p <= UINT32_MAX)
			table_set(&h->out, h->j, &k, off, (uint32_t)(here - p));
	}
}

static void note_done(struct history *h, uint64_t off, const unsigned char *p, size_t n)
{
	struct table_key k = history_who(h, p, n);
	uint64_t old, *failed;

	if (!k.a)
		return;
	old = table_set(&h->done, h->j, &k, off, 0);
	h->live += n + JOURNAL_OVERHEAD;
	if (!old || !is_done(h, old))
		count_task(h, &k, off, true);
	else
		h->live -= size_at(h, old);
	failed = table_get(&h->failed, h->j, &k);
	if (failed) {
		if (!is_done(h, entry_off(*failed)))
			h->live -= size_at(h, entry_off(*failed));
		*failed = entry_move(*failed, off);
	}
	if (h->outs)
		note_outs(h, off, p, n);
}

/* The success counts no more. */
static void note_lost(struct history *h, uint64_t off, const unsigned char *p, size_t n)
{
	struct table_key k = history_who(h, p, n);
	uint64_t *e = k.a ? table_get(&h->done, h->j, &k) : NULL;

	if (!e || !is_done(h, entry_off(*e)))
		return;
	h->live -= size_at(h, entry_off(*e));
	*e = entry_move(*e, off);
	count_task(h, &k, off, false);
}

static void note_end(struct history *h, uint64_t off, const unsigned char *p, size_t n)
{
	struct table_key k = history_who(h, p, n);
	uint64_t old;

	if (!k.a)
		return;
	old = table_set(&h->failed, h->j, &k, off, 0);
	h->live += n + JOURNAL_OVERHEAD;
	if (old && !is_done(h, old))
		h->live -= size_at(h, old);
}

static void note_gone(struct history *h, const unsigned char *p, size_t n)
{
	struct table_key k = history_who(h, p, n);
	uint64_t *e = k.a ? table_get(&h->done, h->j, &k) : NULL;

	if (e && is_done(h, entry_off(*e)))
		*e |= 1;
}

/* Records whose first `an` bytes say what they are about. */
static void note_plain(struct history *h, struct table *t, uint64_t off, const unsigned char *p, size_t an, size_t n)
{
	struct table_key k = table_key(h->seed, p, an, NULL, 0);
	uint64_t more = n + JOURNAL_OVERHEAD - size_at(h, table_set(t, h->j, &k, off, 0)); /* or less: it wraps */

	h->live += more;
	if (t == &h->text)
		h->texts += more;
}

static void note_session(struct history *h, uint64_t off, const unsigned char *p, size_t n)
{
	struct rec_session r;

	if (!rec_read_session(p, n, &r))
		return;
	h->session = grow(h->session, &h->session_cap, h->nsession + 1, sizeof(*h->session));
	h->session[h->nsession++] = (struct session){ off, h->booted && !memcmp(r.boot, h->boot, sizeof(r.boot)) };
}

static void note_run(struct history *h, uint64_t off, const unsigned char *p, size_t n)
{
	struct rec_run r;

	if (!rec_read_run(p, n, &r))
		return;
	h->run = grow(h->run, &h->run_cap, h->nrun + 1, sizeof(*h->run));
	h->run[h->nrun++] = (struct past_run){ off, r.run };
}

static bool in_place(const unsigned char *p, size_t n)
{
	struct rec_begin r;

	return rec_read_begin(p, n, &r) && r.in_place;
}

static bool note(void *ctx, uint64_t off, uint8_t kind, const unsigned char *p, size_t n)
{
	struct history *h = ctx;
	const unsigned char *nul;

	switch (kind) {
	case RK_SESSION: note_session(h, off, p, n); break;
	case RK_RUN: note_run(h, off, p, n); break;
	case RK_DONE: note_done(h, off, p, n); break;
	case RK_END: note_end(h, off, p, n); break;
	case RK_FORGET: note_lost(h, off, p, n); break;
	case RK_GONE: note_gone(h, p, n); break;
	case RK_SYNCED: h->synced = off; break;
	case RK_BEGIN:
		if (in_place(p, n))
			note_lost(h, off, p, n);
		break;
	case RK_FILE:
		if (n && (nul = memchr(p, 0, n)))
			note_plain(h, &h->file, off, p, (size_t)(nul - p) + 1, n);
		break;
	case RK_TEXT:
		if (n > 4 && h->more)
			note_plain(h, &h->text, off, p, 4, n);
		break;
	default: break; /* nothing to be found by later, or of a later version */
	}
	return true;
}

struct history *history_read(struct journal *j)
{
	struct history *h = xcalloc(1, sizeof(*h));

	h->j = j;
	h->seed = journal_seed(j);
	h->task.wide = h->out.wide = h->out.outs = true;
	h->booted = rec_boot_id(h->boot);
	return h;
}

/* Nothing that can be seen from outside changes. */
void history_fill(const struct history *unfilled)
{
	struct history *h = (struct history *)(uintptr_t)unfilled;

	if (h->filled)
		return;
	h->filled = true;
	journal_each(h->j, note, h);
	h->seen = journal_size(h->j);
}

static bool note_text(void *ctx, uint64_t off, uint8_t kind, const unsigned char *p, size_t n)
{
	return kind != RK_TEXT || note(ctx, off, kind, p, n);
}

static bool note_task(void *ctx, uint64_t off, uint8_t kind, const unsigned char *p, size_t n)
{
	struct table_key k;

	if (kind == RK_DONE && history_live(ctx, off, kind, p, n) && (k = history_who(ctx, p, n)).a)
		count_task(ctx, &k, off, true);
	return true;
}

/* Read what only some ask for, once. */
static void fill_once(struct history *h, bool *filled, journal_fn *note_one)
{
	history_fill(h);
	if (*filled)
		return;
	*filled = true;
	journal_each(h->j, note_one, h);
}

void history_fill_more(const struct history *unfilled)
{
	struct history *h = (struct history *)(uintptr_t)unfilled;

	fill_once(h, &h->more, note_text);
}

static void fill_tasks(const struct history *unfilled)
{
	struct history *h = (struct history *)(uintptr_t)unfilled;

	fill_once(h, &h->tasks, note_task);
}

void history_free(struct history *h)
{
	if (!h)
		return;
	table_free(&h->done);
	table_free(&h->failed);
	table_free(&h->task);
	table_free(&h->file);
	table_free(&h->out);
	table_free(&h->text);
	free(h->session);
	free(h->run);
	free(h);
}

void history_note(struct history *h, uint64_t off)
{
	history_fill(h);
	while (h->seen <= off) {
		uint8_t kind;
		size_t n;
		const unsigned char *p = journal_at(h->j, h->seen, &kind, &n);

		if (!p)
			return;
		note(h, h->seen, kind, p, n);
		h->seen += n + JOURNAL_OVERHEAD;
	}
}

/* ---- questions about instances ---- */

bool history_done(const struct history *h, const char *task, const char *key, struct rec_done *r)
{
	struct table_key k = named(h, task, key);
	const uint64_t *e = table_get(&h->done, h->j, &k);

	return e && read_done(h, entry_off(*e), r);
}

bool history_failed(const struct history *h, const char *task, const char *key, struct rec_end *r)
{
	struct table_key k = named(h, task, key);
	const uint64_t *e = table_get(&h->failed, h->j, &k);
	uint8_t kind;
	size_t n;
	const unsigned char *p = e ? journal_at(h->j, entry_off(*e), &kind, &n) : NULL;

	return p && kind == RK_END && rec_read_end(p, n, r);
}

bool history_any(const struct history *h, const char *task)
{
	struct table_key k = single(h, task);
	const uint64_t *e;

	fill_tasks(h);
	e = table_get(&h->task, h->j, &k);
	return e && h->task.aux[e - h->task.v];
}

bool history_gone(const struct history *h, const char *task, const char *key)
{
	struct table_key k = named(h, task, key);
	const uint64_t *e = table_get(&h->done, h->j, &k);

	return e && entry_flag(*e);
}

bool history_live(const struct history *h, uint64_t off, uint8_t kind, const unsigned char *p, size_t n)
{
	const unsigned char *nul = n ? memchr(p, 0, n) : NULL;
	const struct table *t = kind == RK_END ? &h->failed : kind == RK_FILE ? &h->file : kind == RK_TEXT ? &h->text : &h->done;
	const uint64_t *e;
	struct table_key k;

	if (kind == RK_DONE || kind == RK_END || kind == RK_GONE)
		k = history_who(h, p, n);
	else if (kind == RK_FILE && nul)
		k = table_key(h->seed, p, (size_t)(nul - p) + 1, NULL, 0);
	else if (kind == RK_TEXT && n > 4)
		k = table_key(h->seed, p, 4, NULL, 0);
	else
		return false;
	e = k.a ? table_get(t, h->j, &k) : NULL;
	if (kind == RK_GONE)
		return e && entry_flag(*e) && entry_off(*e) < off;
	return e && entry_off(*e) == off;
}

struct each {
	const struct history *h;
	history_fn *fn;
	void *ctx;
};

static bool each_done(void *ctx, uint64_t off, uint8_t kind, const unsigned char *p, size_t n)
{
	const struct each *e = ctx;
	struct rec_done r;

	if (kind != RK_DONE || !history_live(e->h, off, kind, p, n) || !read_done(e->h, off, &r))
		return true;
	return e->fn(e->ctx, &r);
}

void history_each(const struct history *h, history_fn *fn, void *ctx)
{
	struct each e = { h, fn, ctx };

	history_fill(h);
	journal_each(h->j, each_done, &e);
}

/* ---- about files ---- */

static bool add_outs(void *ctx, uint64_t off, uint8_t kind, const unsigned char *p, size_t n)
{
	if (kind == RK_DONE)
		note_outs(ctx, off, p, n);
	return true;
}

/* Where the path was made last, 0 if nowhere; its output. */
static uint64_t find_out(const struct history *h, const char *path, struct rec_out *o)
{
	struct table_key k = single(h, path);
	const uint64_t *e;
	uint8_t kind;
	size_t n;

	if (!h->outs) { /* filled when first asked for: nothing else changes */
		struct history *fill = (struct history *)(uintptr_t)h;

		fill->outs = true;
		journal_each(h->j, add_outs, fill);
	}
	e = table_get(&h->out, h->j, &k);
	if (!e)
		return 0;
	const unsigned char *p = journal_at(h->j, entry_off(*e), &kind, &n);
	return table_out(p, n, h->out.aux[e - h->out.v], o) ? entry_off(*e) : 0;
}

bool history_filed(const struct history *h, const char *path, uint64_t stamp, struct digest *digest)
{
	struct table_key k = single(h, path);
	const uint64_t *e = table_get(&h->file, h->j, &k);
	struct rec_file f;
	uint8_t kind;
	size_t n;

	if (e && !history_stale_stamp(h, entry_off(*e))) {
		const unsigned char *p = journal_at(h->j, entry_off(*e), &kind, &n);

		if (p && rec_read_file(p, n, &f) && f.stamp == stamp) {
			*digest = f.digest;
			return true;
		}
	}
	return false;
}

bool history_stamped(const struct history *h, const char *path, uint64_t stamp, struct digest *digest)
{
	uint64_t known;

	if (history_filed(h, path, stamp, digest))
		return true;
	return history_file(h, path, &known, digest) && known == stamp;
}

bool history_file(const struct history *h, const char *path, uint64_t *stamp, struct digest *digest)
{
	struct table_key k = single(h, path);
	const uint64_t *e = table_get(&h->file, h->j, &k);
	struct rec_out o = { 0 };
	struct rec_file f;
	uint64_t off = find_out(h, path, &o);
	uint8_t kind;
	size_t n;

	if (e && entry_off(*e) > off) {
		const unsigned char *p = journal_at(h->j, entry_off(*e), &kind, &n);

		if (!p || !rec_read_file(p, n, &f))
			return false;
		o = (struct rec_out){ .stamp = f.stamp, .digest = f.digest };
		off = entry_off(*e);
	}
	if (!off || o.kind == OUT_GONE)
		return false;
	*stamp = history_stale_stamp(h, off) ? 0 : o.stamp;
	*digest = o.digest;
	return true;
}

bool history_maker(const struct history *h, const char *path, struct rec_who *who)
{
	struct rec_out o;
	uint64_t off = find_out(h, path, &o);
	uint8_t kind;
	size_t n;
	const unsigned char *p = off ? journal_at(h->j, off, &kind, &n) : NULL;

	if (!p || o.kind == OUT_GONE || !history_live(h, off, kind, p, n))
		return false;
	who->task = (const char *)p;
	who->key = who->task + strlen(who->task) + 1;
	return true;
}

/* ---- the rest ---- */

bool history_text(const struct history *h, uint32_t hash, struct rec_text *r)
{
	unsigned char at[4];
	struct table_key k = of_hash(h, hash, at);
	const uint64_t *e = table_get(&h->text, h->j, &k);
	uint8_t kind;
	size_t n;
	const unsigned char *p = e ? journal_at(h->j, entry_off(*e), &kind, &n) : NULL;

	return p && rec_read_text(p, n, r);
}

bool history_stale_stamp(const struct history *h, uint64_t off)
{
	uint32_t lo = 0, hi; /* sessions before lo began before off */

	history_fill(h);
	hi = h->nsession;
	if (off <= h->synced)
		return false;
	while (lo < hi) {
		uint32_t mid = lo + (hi - lo) / 2;

		if (h->session[mid].off <= off)
			lo = mid + 1;
		else
			hi = mid;
	}
	return !lo || !h->session[lo - 1].here;
}

uint32_t history_last_run(const struct history *h)
{
	history_fill(h);
	return h->nrun ? h->run[h->nrun - 1].run : 0;
}

uint64_t history_bytes(const struct history *h)
{
	return table_bytes(&h->done) + table_bytes(&h->failed) + table_bytes(&h->task) + table_bytes(&h->file) +
	       table_bytes(&h->out) + table_bytes(&h->text) + h->session_cap * sizeof(*h->session) + h->run_cap * sizeof(*h->run);
}
