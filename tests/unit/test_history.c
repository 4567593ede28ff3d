/* test_history.c - records to bytes and back, also damaged ones; what a journal says about instances and files,
 * against a plain model, before and after it is read again and compacted. */
#include "runtime/history_impl.h"
#include "runtime/session.h"

#include "base/arena.h"
#include "tests/unit/tap.h"

#include <errno.h>
#include <signal.h>
#include <stddef.h>
#include <sys/resource.h>
#include <unistd.h>

static char dir[64];
static struct sources *ss;
static struct diags *d;
static struct journal *j;
static struct history *h;
static uint64_t state = 88172645463325252u;

static uint32_t below(uint32_t n)
{
	state ^= state >> 12;
	state ^= state << 25;
	state ^= state >> 27;
	return (uint32_t)((state * 2685821657736338717u) >> 33) % n;
}

static void open_journal(void)
{
	j = journal_open(dir, true, d);
	if (!j)
		abort();
	h = history_read(j);
}

static void close_journal(void)
{
	history_free(h);
	journal_close(j);
}

static void start(void)
{
	char path[96];

	snprintf(path, sizeof(path), "%s/journal", dir);
	unlink(path);
	open_journal();
}

static void again(void)
{
	journal_flush(j);
	close_journal();
	open_journal();
}

static uint64_t put(uint8_t kind, struct buf *b)
{
	uint64_t off = journal_append(j, kind, buf_str(b), b->len);

	history_note(h, off);
	buf_free(b);
	return off;
}

static struct buf empty(void)
{
	struct buf b;

	buf_init(&b, 1 << 20);
	return b;
}

/* ---- records ---- */

static struct rec_done sample(struct buf *tags, struct buf *outs)
{
	struct rec_out o = { "a/b.txt", OUT_FILE, true, UINT32_MAX, 77, { 1, 2 } }, p = { "d", OUT_DIR, false, 3, 0, { 3, ~0ull } };
	struct rec_done r = { .who = { "count", "NA1" }, .run = 7, .attempt = 2, .instance = 1ll << 40, .time_ms = -5, .wall_ms = 12,
		.cpu_ms = -1, .max_rss = INT64_MAX, .adopted = true, .action = { 5, 6 }, .inputs = { 8, 9 }, .nin = 2, .nout = 2 };

	rec_tag_write(tags, (struct digest){ 0xaabbccdd, 0 });
	rec_tag_write(tags, (struct digest){ 0x0102030411223344, 0 });
	rec_out_write(outs, &o);
	rec_out_write(outs, &p);
	for (uint32_t i = 0; i < REC_PARTS; i++)
		r.part[i] = i * 0x11111111;
	r.tag = (const unsigned char *)buf_str(tags);
	r.outs = (const unsigned char *)buf_str(outs);
	r.outs_len = outs->len;
	return r;
}

static void test_done_record(void)
{
	struct buf tags = empty(), outs = empty(), b = empty();
	struct rec_done w = sample(&tags, &outs), r;
	const unsigned char *at;
	struct rec_out o;

	rec_write_done(&b, &w);
	ok(rec_read_done((unsigned char *)b.p, b.len, &r));
	is_str(r.who.task, "count");
	is_str(r.who.key, "NA1");
	ok(r.run == 7 && r.attempt == 2 && r.instance == 1ll << 40 && r.time_ms == -5 && r.wall_ms == 12);
	ok(r.cpu_ms == -1 && r.max_rss == INT64_MAX && r.adopted && !r.stale && r.nin == 2 && r.nout == 2);
	ok(digest_equal(r.action, w.action) && digest_equal(r.inputs, w.inputs) && !memcmp(r.part, w.part, sizeof(r.part)));
	ok(rec_tag(&r, 0) == 0xaabbccdd && rec_tag(&r, 1) == 0x11223344 && !rec_tag(&r, 2));
	at = r.outs;
	ok(rec_out_next(&r, &at, &o) && !strcmp(o.path, "a/b.txt") && o.kind == OUT_FILE && o.temp && o.port == UINT32_MAX &&
	   o.stamp == 77 && o.digest.hi == 2);
	r.stale = true;
	ok(rec_out_next(&r, &at, &o) && !strcmp(o.path, "d") && o.kind == OUT_DIR && !o.temp && o.port == 3 && !o.stamp &&
	   o.digest.hi == ~0ull);
	ok(!rec_out_next(&r, &at, &o));
	for (size_t n = 0, bad = 0; n <= b.len; n++) { /* cut short it is no record */
		bad += rec_read_done((unsigned char *)b.p, n, &r) != (n == b.len);
		if (n == b.len)
			ok(!bad);
	}
	buf_addc(&b, 'x'); /* a later version may say more */
	ok(rec_read_done((unsigned char *)b.p, b.len, &r) && r.outs_len == outs.len);
	buf_free(&tags);
	buf_free(&outs);
	buf_free(&b);
}

static void test_shape(struct buf *b)
{
	struct rec_param p = { 3, false, "parts", "8" }, p2;
	struct rec_task t = { 3, -1, 2500000000, 1ll << 36, -1, "align", "比对", 2, NULL, 0 }, t2;
	const unsigned char *at;
	struct buf preds;
	uint32_t place;
	bool data;

	buf_reset(b);
	rec_write_param(b, &p);
	ok(rec_read_param((unsigned char *)b->p, b->len, &p2) && p2.run == 3 && !p2.secret && !strcmp(p2.value, "8"));
	buf_init(&preds, 1 << 10);
	rec_pred_write(&preds, 7, true);
	rec_pred_write(&preds, 4999, false);
	t.preds = (unsigned char *)preds.p;
	t.preds_len = preds.len;
	buf_reset(b);
	rec_write_task(b, &t);
	ok(rec_read_task((unsigned char *)b->p, b->len, &t2) && t2.instances == -1 && t2.cpu == t.cpu && t2.mem == t.mem &&
	   t2.limit_ms == -1 && !strcmp(t2.name, "align") && !strcmp(t2.label, t.label) && t2.npred == 2);
	at = t2.preds;
	ok(rec_pred_next(&t2, &at, &place, &data) && place == 7 && data);
	ok(rec_pred_next(&t2, &at, &place, &data) && place == 4999 && !data);
	ok(!rec_pred_next(&t2, &at, &place, &data));
	for (size_t n = 0; n < b->len; n++) /* cut off is not there */
		ok(!rec_read_task((unsigned char *)b->p, n, &t2));
	buf_free(&preds);
}

static void test_other_records(void)
{
	struct rec_session s = { { 1, 2, 3 }, 1700000000123, 4, 99, "1.2" }, s2;
	struct rec_run u = { 3, 5, 1000000, "job", "a.weft", "local", "weft run a.weft" }, u2;
	struct rec_run_end e = { 3, 1, 2, 3, 4, 5, 6, 7, 8, 9, -1 }, e2;
	struct rec_begin g = { { "t", "" }, 3, 1, 0, 6, true }, g2;
	struct rec_submitted m = { { "t", "k" }, 1, "slurm 4711_3" }, m2;
	struct rec_end f = { { "t", "k" }, 3, 1, -1, 7, 8, -1, -1, 4, -9, true, "why" }, f2;
	struct rec_file p = { "in.txt", 1ull << 63, { 5, 6 } }, p2;
	struct rec_text t = { 0xdeadbeef, "a\0b", 3 }, t2;
	struct buf b = empty();

	rec_write_session(&b, &s);
	ok(rec_read_session((unsigned char *)b.p, b.len, &s2) && !memcmp(s2.boot, s.boot, 16) && s2.time_ms == s.time_ms &&
	   s2.policy == 4 && s2.pid == 99 && !strcmp(s2.version, "1.2"));
	buf_reset(&b);
	rec_write_run(&b, &u);
	ok(rec_read_run((unsigned char *)b.p, b.len, &u2) && u2.run == 3 && u2.instances == 1000000 && !strcmp(u2.command, u.command));
	buf_reset(&b);
	rec_write_run_end(&b, &e);
	ok(rec_read_run_end((unsigned char *)b.p, b.len, &e2) && !memcmp(&e, &e2, offsetof(struct rec_run_end, exit)) &&
	   e2.exit == -1);
	buf_reset(&b);
	rec_write_begin(&b, &g);
	ok(rec_read_begin((unsigned char *)b.p, b.len, &g2) && g2.in_place && g2.run == 3 && g2.attempt == 1 && g2.time_ms == 6);
	buf_reset(&b);
	rec_write_submitted(&b, &m);
	ok(rec_read_submitted((unsigned char *)b.p, b.len, &m2) && m2.attempt == 1 && !strcmp(m2.id, "slurm 4711_3"));
	buf_reset(&b);
	rec_write_end(&b, &f);
	ok(rec_read_end((unsigned char *)b.p, b.len, &f2) && f2.final && f2.instance == -1 && f2.cause == 4 && f2.status == -9 &&
	   !strcmp(f2.text, "why"));
	buf_reset(&b);
	rec_write_file(&b, &p);
	ok(rec_read_file((unsigned char *)b.p, b.len, &p2) && p2.stamp == 1ull << 63 && digest_equal(p.digest, p2.digest));
	buf_reset(&b);
	test_shape(&b);
	buf_reset(&b);
	rec_write_text(&b, &t);
	ok(rec_read_text((unsigned char *)b.p, b.len, &t2) && t2.hash == 0xdeadbeef && t2.n == 3 && !memcmp(t2.text, "a\0b", 4));
	buf_free(&b);
}

/* Every reader on bytes of its own size, so that a step outside is seen by AddressSanitizer. */
static uint32_t read_all(const unsigned char *p, size_t n)
{
	union {
		struct rec_session a; struct rec_run b; struct rec_run_end c; struct rec_begin d; struct rec_submitted e;
		struct rec_end f; struct rec_file g; struct rec_forget h; struct rec_text i; struct rec_param j; struct rec_task k;
	} u;
	const unsigned char *pred;
	uint32_t place;
	bool data;
	struct rec_done r;
	struct rec_out o;
	uint32_t sum = rec_read_session(p, n, &u.a) && strlen(u.a.version);

	sum += rec_read_run(p, n, &u.b) && strlen(u.b.command);
	sum += rec_read_run_end(p, n, &u.c);
	sum += rec_read_begin(p, n, &u.d) && strlen(u.d.who.key);
	sum += rec_read_submitted(p, n, &u.e) && strlen(u.e.id);
	sum += rec_read_end(p, n, &u.f) && strlen(u.f.text);
	sum += rec_read_file(p, n, &u.g) && strlen(u.g.path);
	sum += rec_read_forget(p, n, &u.h) && strlen(u.h.who.key);
	sum += rec_read_text(p, n, &u.i) && !u.i.text[u.i.n];
	sum += rec_read_param(p, n, &u.j) && strlen(u.j.value);
	if (rec_read_task(p, n, &u.k))
		for (pred = u.k.preds; rec_pred_next(&u.k, &pred, &place, &data);)
			sum += place;
	if (!rec_read_done(p, n, &r))
		return sum;
	const unsigned char *at = r.outs;
	uint32_t outs = 0;
	while (rec_out_next(&r, &at, &o))
		outs += strlen(o.path) < n;
	for (uint32_t i = 0; i < r.nin; i++)
		sum += rec_tag(&r, i) & 1;
	return sum + (outs == r.nout ? 1 : 1u << 31); /* what is read is whole */
}

static void test_fuzz(void)
{
	struct buf tags = empty(), outs = empty(), b = empty();
	struct rec_done w = sample(&tags, &outs);
	uint32_t bad = 0, whole = 0;

	rec_write_done(&b, &w);
	for (int i = 0; i < 100000; i++) {
		size_t n = below(4) ? b.len : below((uint32_t)b.len + 1);
		unsigned char *p = xmalloc(n);

		memcpy(p, b.p, n);
		for (uint32_t k = below(6); k && n; k--)
			p[below((uint32_t)n)] = (unsigned char)(below(3) ? below(256) : below(2) * 255);
		uint32_t r = read_all(p, n);
		bad += r >> 31;
		whole += r > 0;
		free(p);
	}
	ok(!bad && whole > 1000 && whole < 100000);
	buf_free(&tags);
	buf_free(&outs);
	buf_free(&b);
}

/* ---- what is known ---- */

static uint64_t done(const char *task, const char *key, const char *path, uint32_t run, uint64_t stamp)
{
	struct rec_out o = { path, OUT_FILE, false, 0, stamp, { run, stamp } };
	struct buf outs = empty(), b = empty();

	if (path)
		rec_out_write(&outs, &o);
	struct rec_done r = { .who = { task, key }, .run = run, .nout = path != NULL, .part = { run },
		.outs = (unsigned char *)outs.p, .outs_len = outs.len };
	rec_write_done(&b, &r);
	buf_free(&outs);
	return put(RK_DONE, &b);
}

static uint64_t begin(const char *task, const char *key, uint32_t run, bool in_place)
{
	struct rec_begin r = { { task, key }, run, 1, 0, 0, in_place };
	struct buf b = empty();

	rec_write_begin(&b, &r);
	return put(RK_BEGIN, &b);
}

static uint64_t end(const char *task, const char *key, uint32_t run)
{
	struct rec_end r = { .who = { task, key }, .run = run, .cause = 1, .status = (int32_t)run, .text = "" };
	struct buf b = empty();

	rec_write_end(&b, &r);
	return put(RK_END, &b);
}

static uint64_t forget(uint8_t kind, const char *task, const char *key)
{
	struct rec_forget r = { { task, key } };
	struct buf b = empty();

	rec_write_forget(&b, &r);
	return put(kind, &b);
}

static uint64_t file_rec(const char *path, uint64_t stamp)
{
	struct rec_file r = { path, stamp, { 1, stamp } };
	struct buf b = empty();

	rec_write_file(&b, &r);
	return put(RK_FILE, &b);
}

static uint64_t text(uint32_t hash, const char *s)
{
	struct rec_text r = { hash, s, strlen(s) };
	struct buf b = empty();

	rec_write_text(&b, &r);
	return put(RK_TEXT, &b);
}

static uint64_t session(bool here)
{
	struct rec_session r = { .version = "1" };
	struct buf b = empty();

	if (here)
		rec_boot_id(r.boot);
	rec_write_session(&b, &r);
	return put(RK_SESSION, &b);
}

static uint64_t run(uint32_t n)
{
	struct rec_run r = { .run = n, .job = "j", .source = "", .engine = "", .command = "" };
	struct buf b = empty();

	rec_write_run(&b, &r);
	return put(RK_RUN, &b);
}

static uint64_t synced(void)
{
	struct buf b = empty();

	return put(RK_SYNCED, &b);
}

static bool weigh(void *ctx, uint64_t off, uint8_t kind, const unsigned char *p, size_t n)
{
	if (kind != RK_GONE && history_live(h, off, kind, p, n))
		*(uint64_t *)ctx += n + JOURNAL_OVERHEAD;
	return true;
}

/* What is counted as live is what the tables point to. */
static bool weighed(void)
{
	uint64_t live = 0;

	history_fill_more(h);
	journal_each(j, weigh, &live);
	return live == h->live;
}

static void test_instances(void)
{
	struct rec_done r;
	struct rec_end e;

	start();
	session(true);
	ok(!history_done(h, "t", "", &r) && !history_any(h, "t") && !history_last_run(h));
	run(4);
	done("t", "", "x", 4, 1);
	ok(history_done(h, "t", "", &r) && r.run == 4 && !r.stale && !history_done(h, "t", "a", &r) && !history_done(h, "", "t", &r));
	ok(history_any(h, "t") && !history_any(h, "x") && history_last_run(h) == 4);
	end("t", "", 5);
	ok(history_done(h, "t", "", &r) && history_failed(h, "t", "", &e) && e.run == 5);
	done("t", "", "x", 6, 1);
	ok(history_done(h, "t", "", &r) && r.run == 6 && !history_failed(h, "t", "", &e));
	begin("t", "", 7, false);
	ok(history_done(h, "t", "", &r));
	forget(RK_GONE, "t", "");
	ok(history_gone(h, "t", "") && history_done(h, "t", "", &r));
	begin("t", "", 7, true);
	ok(!history_done(h, "t", "", &r) && !history_any(h, "t") && !history_gone(h, "t", ""));
	end("t", "", 8);
	ok(history_failed(h, "t", "", &e) && e.run == 8);
	done("t", "", "x", 9, 1);
	ok(history_any(h, "t") && !history_gone(h, "t", "") && !history_failed(h, "t", "", &e));
	forget(RK_FORGET, "t", "");
	ok(!history_done(h, "t", "", &r) && !history_any(h, "t") && !history_failed(h, "t", "", &e));
	again();
	ok(!history_done(h, "t", "", &r) && !history_any(h, "t") && !history_failed(h, "t", "", &e));
	close_journal();
}

static void test_files(void)
{
	struct rec_who w;
	struct digest g;
	struct rec_text t;
	uint64_t s;

	start();
	session(true);
	ok(!history_file(h, "x", &s, &g) && !history_maker(h, "x", &w));
	done("t", "k", "x", 1, 11);
	ok(history_file(h, "x", &s, &g) && s == 11 && history_maker(h, "x", &w) && !strcmp(w.task, "t") && !strcmp(w.key, "k"));
	file_rec("x", 12);
	file_rec("y", 13);
	ok(history_file(h, "x", &s, &g) && s == 12 && g.hi == 12 && history_maker(h, "x", &w));
	ok(history_file(h, "y", &s, &g) && s == 13 && !history_maker(h, "y", &w));
	done("u", "", "x", 2, 14);
	ok(history_file(h, "x", &s, &g) && s == 14 && history_maker(h, "x", &w) && !strcmp(w.task, "u"));
	forget(RK_FORGET, "u", "");
	ok(!history_maker(h, "x", &w) && history_file(h, "x", &s, &g));
	text(5, "one");
	text(5, "two");
	file_rec("y", 13);
	ok(weighed() && h->texts == 4 + 4 + JOURNAL_OVERHEAD);
	ok(history_text(h, 5, &t) && !strcmp(t.text, "two") && t.n == 3 && !history_text(h, 6, &t));
	again();
	ok(history_file(h, "x", &s, &g) && s == 14 && !history_maker(h, "x", &w));
	close_journal();
}

static void test_stale(void)
{
	struct rec_done r;
	struct rec_out o;
	struct digest g;
	uint64_t s;

	start();
	session(false);
	uint64_t a = done("a", "", "x", 1, 11);
	ok(history_stale_stamp(h, a) && history_done(h, "a", "", &r) && r.stale);
	const unsigned char *at = r.outs;
	ok(rec_out_next(&r, &at, &o) && !o.stamp && history_file(h, "x", &s, &g) && !s);
	session(true);
	uint64_t b = done("b", "", "y", 2, 12);
	ok(history_stale_stamp(h, a) && !history_stale_stamp(h, b) && history_file(h, "y", &s, &g) && s == 12);
	ok(history_compact(h) && history_done(h, "a", "", &r) && r.stale && history_done(h, "b", "", &r) && !r.stale);
	synced();
	ok(history_done(h, "a", "", &r) && !r.stale && history_file(h, "x", &s, &g) && s == 11);
	session(false);
	done("c", "", "z", 3, 13);
	ok(history_compact(h) && history_done(h, "a", "", &r) && !r.stale && history_done(h, "c", "", &r) && r.stale);
	again();
	ok(history_compact(h)); /* before this process has written: its session comes all the same */
	session_begin(j);
	b = done("d", "", "w", 4, 14);
	ok(!history_stale_stamp(h, b) && history_done(h, "d", "", &r) && !r.stale);
	close_journal();
}

/* ---- a model ---- */

enum { TASKS = 5, KEYS = 4, STEPS = 3000 };
struct model {
	uint32_t done[TASKS][KEYS], failed[TASKS][KEYS]; /* run, 0 none */
	bool gone[TASKS][KEYS];
	uint64_t stamp[TASKS * KEYS];                    /* of the paths */
	uint32_t run;
};
static const char *const task_name[TASKS] = { "a", "ab", "b", "long-name", "c" }, *const key_name[KEYS] = { "", "a", "b", "b,c" };

static const char *path_name(uint32_t i)
{
	static char p[32];

	snprintf(p, sizeof(p), "dir/%u", i);
	return p;
}

static bool count(void *ctx, const struct rec_done *r)
{
	(void)r;
	++*(uint32_t *)ctx;
	return true;
}

static uint32_t differences(const struct model *m)
{
	uint32_t bad = 0, n = 0, all = 0;
	struct rec_done r;
	struct rec_end e;
	struct digest g;

	for (uint32_t t = 0; t < TASKS; t++) {
		bool any = false;

		for (uint32_t k = 0; k < KEYS; k++) {
			const char *a = task_name[t], *b = key_name[k];
			uint64_t s = 0;

			bad += history_done(h, a, b, &r) ? r.run != m->done[t][k] : m->done[t][k] != 0;
			bad += history_failed(h, a, b, &e) ? e.run != m->failed[t][k] : m->failed[t][k] != 0;
			bad += history_gone(h, a, b) != m->gone[t][k];
			if (history_file(h, path_name(t * KEYS + k), &s, &g))
				bad += s != m->stamp[t * KEYS + k];
			else
				bad += m->stamp[t * KEYS + k] && m->done[t][k];
			any |= m->done[t][k] != 0;
			all += m->done[t][k] != 0;
		}
		bad += history_any(h, task_name[t]) != any;
	}
	history_each(h, count, &n);
	return bad + (n != all) + (history_last_run(h) != m->run);
}

static void step(struct model *m)
{
	uint32_t t = below(TASKS), k = below(KEYS);
	const char *a = task_name[t], *b = key_name[k];

	switch (below(8)) {
	case 0:
	case 1:
		m->stamp[t * KEYS + k] = 1 + below(1000);
		done(a, b, path_name(t * KEYS + k), m->run, m->stamp[t * KEYS + k]);
		m->done[t][k] = m->run, m->failed[t][k] = 0, m->gone[t][k] = false;
		break;
	case 2: end(a, b, m->run); m->failed[t][k] = m->run; break;
	case 3: forget(RK_FORGET, a, b); m->done[t][k] = 0, m->gone[t][k] = false; break;
	case 4: begin(a, b, m->run, true); m->done[t][k] = 0, m->gone[t][k] = false; break;
	case 5: begin(a, b, m->run, false); break;
	case 6: forget(RK_GONE, a, b); m->gone[t][k] = m->done[t][k] != 0; break;
	default: run(++m->run); break;
	}
}

static void test_model(void)
{
	struct model m = { .run = 1 };
	uint32_t bad = 0, kept = 0;

	start();
	session(true);
	run(1);
	for (uint32_t i = 0; i < STEPS; i++) {
		step(&m);
		if (i % 10 == 0)
			bad += differences(&m);
		if (i % 31 == 0)
			journal_flush(j);
		if (i % 97 == 0)
			again();
		if (i % 397 == 0) {
			bad += !weighed() || !history_compact(h);
			bad += differences(&m) + !weighed();
			kept++;
		}
	}
	is_int(bad, 0);
	ok(kept > 5);
	again();
	is_int(differences(&m), 0);
	close_journal();
}

/* ---- compaction makes it small, and a large history takes little ---- */

/* A file that may not grow is a disk that becomes full while the new journal is written: the old one stays, nothing is left. */
static bool no_room_to_compact(uint64_t size)
{
	struct rlimit all = { RLIM_INFINITY, RLIM_INFINITY };
	char path[128];
	uint32_t done = 0;

	signal(SIGXFSZ, SIG_IGN);
	snprintf(path, sizeof(path), "%s/journal.new", dir);
	for (uint64_t room = 0; room < size; room += size / 16) {
		struct rlimit rl = { room, RLIM_INFINITY };

		setrlimit(RLIMIT_FSIZE, &rl);
		done += history_compact(h) || errno != EFBIG || access(path, F_OK) == 0;
	}
	setrlimit(RLIMIT_FSIZE, &all);
	return !done;
}

static void test_dead(void)
{
	struct rec_text t;
	struct rec_done got;
	char key[32];

	start();
	session(true);
	for (uint32_t r = 1; r <= 60; r++) {
		run(r);
		for (uint32_t i = 0; i < 2000; i++) {
			snprintf(key, sizeof(key), "%u", i);
			begin("task", key, r, false);
			done("task", key, key, r, 1);
		}
		text(r, "a command's text");
	}
	journal_flush(j);
	uint64_t before = journal_size(j), dead = history_dead(h);
	ok(dead > before / 2 && before > 10 << 20);
	ok(no_room_to_compact(before - dead));
	ok(journal_size(j) == before && history_dead(h) == dead && history_done(h, "task", "7", &got) && journal_flush(j));
	ok(history_compact(h));
	is_int(journal_size(j), before - dead);
	ok(history_dead(h) < 1 << 20 || history_dead(h) < journal_size(j) / 2);
	ok(history_text(h, 60, &t) && !history_text(h, 1, &t));
	close_journal();
}

static void test_size(void)
{
	enum { N = 200000 };
	char key[32];
	struct rec_done r;
	uint32_t found = 0;

	start();
	for (uint32_t i = 0; i < N; i++) {
		snprintf(key, sizeof(key), "%u", i);
		done("task", key, NULL, 1, 0);
		if (i % 1000 == 0)
			journal_flush(j);
	}
	again();
	for (uint32_t i = 0; i < N; i += 7) {
		snprintf(key, sizeof(key), "%u", i);
		found += history_done(h, "task", key, &r);
	}
	is_int(found, (N + 6) / 7);
	ok(history_bytes(h) <= 16ull * N + 4096);
	printf("# %u instances, %llu bytes of tables\n", N, (unsigned long long)history_bytes(h));
	close_journal();
}

int main(void)
{
	char path[96];

	snprintf(dir, sizeof(dir), "/tmp/weft-history.XXXXXX");
	if (!mkdtemp(dir))
		return 1;
	ss = sources_new();
	d = diags_new(ss);
	test_done_record();
	test_other_records();
	test_fuzz();
	test_instances();
	test_files();
	test_stale();
	test_model();
	test_dead();
	test_size();
	snprintf(path, sizeof(path), "%s/journal", dir);
	unlink(path);
	rmdir(dir);
	diags_free(d);
	sources_free(ss);
	return tap_end();
}
