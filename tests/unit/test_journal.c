/* test_journal.c - the journal as a file: what was appended comes back; cut or changed anywhere, it opens and gives a
 * prefix of what was written and never another record; failing writes, a reader beside the writer, compaction. */
#include "runtime/journal.h"

#include "base/arena.h"
#include "base/digest.h"
#include "tests/unit/tap.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

enum { RECORDS = 24, FLIPS = 2000 };

static char dir[64], file[96];

/* ---- records that can be told from their number ---- */

static size_t make(uint32_t i, unsigned char *p)
{
	size_t n = i == 7 ? 3000 : i * 5 % 61;

	for (size_t k = 0; k < n; k++)
		p[k] = (unsigned char)(i * 31 + k * 7);
	return n;
}

static uint64_t append(struct journal *j, uint32_t i)
{
	unsigned char p[4096];

	return journal_append(j, (uint8_t)(i % 13), p, make(i, p));
}

struct seen {
	uint32_t n;
	bool wrong;        /* not record n of those that were written */
	const uint64_t *off; /* where they were; NULL: anywhere */
};

static bool see(void *ctx, uint64_t off, uint8_t kind, const unsigned char *p, size_t n)
{
	struct seen *s = ctx;
	unsigned char want[4096];

	s->wrong |= n != make(s->n, want) || kind != s->n % 13 || (n && memcmp(p, want, n)) || (s->off && off != s->off[s->n]);
	s->n++;
	return true;
}

/* ---- opening ---- */

static struct sources *ss;
static struct diags *d;

static void forget_diags(void)
{
	if (d)
		diags_free(d);
	d = diags_new(ss);
}

static struct journal *opened(bool write)
{
	forget_diags();
	return journal_open(dir, write, d);
}

static bool said(enum code c)
{
	for (uint32_t i = 0; i < d->n; i++)
		if (d->v[i].code == c)
			return true;
	return false;
}

static void put_file(const unsigned char *p, size_t n)
{
	int fd = open(file, O_WRONLY | O_CREAT | O_TRUNC, 0600);

	if (fd < 0 || write(fd, p, n) != (ssize_t)n || close(fd))
		abort();
}

static size_t get_file(unsigned char **p)
{
	struct stat st;
	int fd = open(file, O_RDONLY);

	if (fd < 0 || fstat(fd, &st))
		abort();
	*p = xmalloc((size_t)st.st_size);
	if (read(fd, *p, (size_t)st.st_size) != st.st_size || close(fd))
		abort();
	return (size_t)st.st_size;
}

static void clean(void)
{
	char path[128];

	unlink(file);
	for (int i = 1; i < 12; i++) {
		snprintf(path, sizeof(path), "%s.damaged-%d", file, i);
		unlink(path);
	}
}

/* RECORDS records in the file; their places. */
static void fill(uint64_t off[RECORDS])
{
	clean();
	struct journal *j = opened(true);

	for (uint32_t i = 0; i < RECORDS; i++) {
		off[i] = append(j, i);
		if (i % 3 == 0)
			journal_flush(j);
	}
	journal_sync(j);
	journal_close(j);
}

/* ---- what holds ---- */

static void test_round(void)
{
	uint64_t off[RECORDS];
	struct seen s = { .off = off };
	uint8_t kind;
	size_t n;
	unsigned char want[4096];

	fill(off);
	struct journal *j = opened(true);
	ok(j && !d->n && journal_seed(j) && !journal_touched(j));
	ok(journal_each(j, see, &s) && !s.wrong);
	is_int(s.n, RECORDS);
	const unsigned char *p = journal_at(j, off[7], &kind, &n);
	ok(p && n == 3000 && kind == 7 && make(7, want) == n && !memcmp(p, want, n));
	uint64_t more = append(j, RECORDS); /* not written yet, and to be read all the same */
	ok(more > off[RECORDS - 1] && journal_at(j, more, &kind, &n) && kind == RECORDS % 13);
	s = (struct seen){ 0 };
	ok(journal_each(j, see, &s) && !s.wrong && s.n == RECORDS + 1);
	ok(journal_flush(j) && journal_at(j, more, &kind, &n) && kind == RECORDS % 13);
	ok(p == journal_at(j, off[7], &kind, &n) && !memcmp(p, want, n)); /* what was given out stays */
	ok(!journal_at(j, 0, &kind, &n) && !journal_at(j, journal_size(j), &kind, &n));
	journal_close(j);
	j = opened(false);
	s = (struct seen){ 0 };
	ok(journal_each(j, see, &s) && !s.wrong && s.n == RECORDS + 1 && !journal_append(j, 1, "x", 1));
	journal_close(j);
}

static void test_refused(void)
{
	char path[128];

	clean();
	struct journal *j = opened(false);
	struct seen s = { 0 };
	ok(j && !d->n && journal_each(j, see, &s) && !s.n); /* none is an empty one */
	journal_close(j);
	snprintf(path, sizeof(path), "%s/missing", dir);
	forget_diags();
	j = journal_open(path, false, d);
	ok(j && !d->n);
	journal_close(j);
	ok(!journal_open(path, true, d) && said(E1070));
	mkdir(file, 0700);
	ok(!opened(true) && said(E1070));
	ok(!opened(false) && said(E1070));
	rmdir(file);
	mkfifo(file, 0600);
	ok(!opened(false) && said(E1070));
	unlink(file);
}

static void test_newer(void)
{
	uint64_t off[RECORDS], check;
	unsigned char *p;

	fill(off);
	size_t n = get_file(&p);
	p[8] = 2;
	check = digest_hash64(p, 32, 0);
	memcpy(p + 32, &check, 8);
	put_file(p, n);
	ok(!opened(true) && said(E1071));
	ok(!opened(false) && said(E1071));
	free(p);
}

/* Cut at every byte: a prefix, silently, and what is appended then is there the next time. */
static void test_cut(void)
{
	uint64_t off[RECORDS];
	uint32_t bad = 0, whole = 0;
	unsigned char *p;

	fill(off);
	size_t n = get_file(&p);
	for (size_t cut = n; cut >= 40; cut--) {
		struct seen s = { .off = off }, r = { .off = off }, again = { .off = NULL };

		clean();
		put_file(p, cut);
		while (whole < RECORDS && off[whole] < cut)
			whole++;
		while (whole && (whole == RECORDS ? n : off[whole]) > cut)
			whole--;
		struct journal *j = opened(false);
		bad += !j || d->n || !journal_each(j, see, &r) || r.wrong || r.n != whole;
		journal_close(j);
		j = opened(true);
		bad += !j || d->n || !journal_each(j, see, &s) || s.wrong || s.n != whole;
		append(j, whole);
		bad += !journal_flush(j);
		journal_close(j);
		j = opened(false);
		bad += !j || d->n || !journal_each(j, see, &again) || again.wrong || again.n != whole + 1;
		journal_close(j);
	}
	ok(bad == 0);
	for (size_t cut = 0, left = 0; cut < 40; cut++, left = 0) { /* no header: nothing is known, and that is said */
		struct seen s = { 0 };

		clean();
		put_file(p, cut);
		struct journal *j = opened(true);
		left += !j || !said(W1072) || !journal_each(j, see, &s) || s.n;
		journal_close(j);
		if (left)
			ok(!"cut in the header");
	}
	free(p);
}

static void test_zeros(void)
{
	uint64_t off[RECORDS];
	struct seen s = { .off = off };

	fill(off);
	struct stat st;
	ok(stat(file, &st) == 0 && truncate(file, st.st_size + 5000) == 0);
	struct journal *j = opened(true);
	ok(j && !d->n && journal_each(j, see, &s) && !s.wrong && s.n == RECORDS && journal_size(j) == (uint64_t)st.st_size);
	journal_close(j);
	struct stat now;
	ok(stat(file, &now) == 0 && now.st_size == st.st_size);
}

static uint64_t state;

static uint32_t below(uint32_t n)
{
	state ^= state >> 12;
	state ^= state << 25;
	state ^= state >> 27;
	return (uint32_t)((state * 2685821657736338717u) >> 33) % n;
}

/* One changed byte: what is before it stays, nothing else is ever given out, and a writer repairs. */
static void test_flips(void)
{
	uint64_t off[RECORDS];
	uint32_t bad = 0;
	unsigned char *p;
	const char *seed = getenv("SEED");

	state = seed ? strtoull(seed, NULL, 10) : 20261125;
	printf("# SEED=%llu\n", (unsigned long long)state);
	fill(off);
	size_t n = get_file(&p);
	for (int i = 0; i < FLIPS; i++) {
		size_t at = below((uint32_t)n);
		unsigned char with = (unsigned char)(1 + below(255));
		struct seen s = { .off = off }, r = { .off = off };
		uint32_t whole = 0;

		clean();
		p[at] ^= with;
		put_file(p, n);
		p[at] ^= with;
		while (whole < RECORDS && (whole + 1 < RECORDS ? off[whole + 1] : n) <= at)
			whole++;
		if (at < 40)
			whole = 0;
		struct journal *j = opened(false);
		bad += !j || !said(W1072) || !journal_each(j, see, &r) || r.wrong || r.n != whole;
		journal_close(j);
		j = opened(true);
		bad += !j || !said(W1072) || !journal_each(j, see, &s) || s.wrong || s.n != whole;
		journal_close(j);
		if (i % 50 == 0) {
			j = opened(true);
			bad += !j || d->n;
			journal_close(j);
		}
	}
	is_int(bad, 0);
	free(p);
}

static void test_kept(void)
{
	uint64_t off[RECORDS];
	char path[128];
	unsigned char *p;

	fill(off);
	size_t n = get_file(&p);
	p[off[5] + 9] ^= 1;
	for (int i = 0; i < 12; i++) {
		put_file(p, n);
		journal_close(opened(true));
	}
	snprintf(path, sizeof(path), "%s.damaged-8", file);
	ok(access(path, F_OK) == 0);
	snprintf(path, sizeof(path), "%s.damaged-9", file);
	ok(access(path, F_OK) != 0);
	clean();
	free(p);
}

/* A block of another journal, at its right place, is no record here. */
static void test_stale_block(void)
{
	uint64_t off[RECORDS], same[RECORDS];
	unsigned char *a, *b;
	struct seen s = { .off = off };

	fill(off);
	get_file(&a);
	fill(same);
	size_t n = get_file(&b);
	ok(off[10] == same[10]);
	memcpy(b + off[10], a + off[10], (size_t)(off[11] - off[10]));
	put_file(b, n);
	struct journal *j = opened(false);
	ok(j && said(W1072) && journal_each(j, see, &s) && s.n == 10 && !s.wrong);
	journal_close(j);
	free(a);
	free(b);
}

/* ---- a reader beside the writer ---- */

static int writer(uint32_t n)
{
	struct journal *j = opened(true);
	bool good = j;

	for (uint32_t i = 0; good && i < n; i++) {
		append(j, i);
		good = i % 7 || journal_flush(j);
	}
	good = good && journal_sync(j);
	journal_close(j);
	return good ? 0 : 1;
}

static void test_beside(void)
{
	enum { N = 60000 };
	struct seen s = { 0 };
	uint32_t looks = 0;
	bool good = true;
	int st = 0;

	clean();
	journal_close(opened(true));
	struct journal *j = opened(false);
	pid_t pid = fork();
	if (!pid)
		_exit(writer(N));
	while (good && s.n < N && !waitpid(pid, &st, WNOHANG)) {
		good = journal_more(j, see, &s) && !s.wrong;
		looks++;
	}
	good = good && journal_more(j, see, &s) && !s.wrong;
	if (s.n == N && !st)
		waitpid(pid, &st, 0);
	ok(good && looks && st == 0);
	is_int(s.n, N);
	struct seen all = { 0 };
	ok(journal_each(j, see, &all) && !all.wrong && all.n == N);
	journal_close(j);
}

static void test_replaced(void)
{
	uint64_t off[RECORDS];
	struct seen s = { 0 };

	fill(off);
	struct journal *r = opened(false), *w = opened(true);
	ok(journal_more(r, see, &s) && !s.n);
	ok(journal_compact(w, NULL, NULL, NULL));
	ok(!journal_more(r, see, &s) && !s.n);
	ok(journal_each(r, see, &s) && s.n == RECORDS && !s.wrong); /* what it has stays readable */
	journal_close(r);
	journal_close(w);
}

/* ---- compaction ---- */

struct moves {
	uint32_t n;
	uint64_t from[RECORDS], to[RECORDS];
};

static bool keep_odd(void *ctx, uint64_t off, uint8_t kind, const unsigned char *p, size_t n)
{
	(void)ctx, (void)off, (void)p, (void)n;
	return kind % 2;
}

static void moved(void *ctx, uint64_t from, uint64_t to)
{
	struct moves *m = ctx;

	m->from[m->n] = from;
	m->to[m->n++] = to;
}

static void test_compact(void)
{
	uint64_t off[RECORDS];
	struct moves m = { 0 };
	unsigned char want[4096];
	uint8_t kind;
	size_t n, good = 0;

	fill(off);
	struct journal *j = opened(true);
	uint64_t seed = journal_seed(j);
	const unsigned char *old = journal_at(j, off[7], &kind, &n);
	ok(journal_compact(j, keep_odd, moved, &m));
	ok(m.n && journal_seed(j) == seed && !journal_touched(j) && old[0] == (unsigned char)(7 * 31));
	for (uint32_t i = 0, k = 0; i < RECORDS; i++) {
		if (!(i % 13 % 2))
			continue;
		const unsigned char *p = journal_at(j, m.to[k], &kind, &n);
		good += p && m.from[k] == off[i] && n == make(i, want) && !memcmp(p, want, n);
		k++;
	}
	is_int(good, m.n);
	append(j, 1);
	ok(journal_sync(j) && journal_touched(j));
	journal_close(j);
	j = opened(false);
	ok(j && !d->n && journal_at(j, m.to[m.n - 1], &kind, &n));
	journal_close(j);
}

/* ---- writes that fail ---- */

/* Records go in until one does not fit; then the file holds whole ones only, and when there is room all of them. */
static void fail_and_go_on(struct journal *j, void (*room)(void), int want)
{
	struct seen s = { 0 };
	uint32_t i = 0;

	for (; i < 10000 && (append(j, i), journal_flush(j)); i++)
		;
	int e = errno;
	is_int(e, want);
	struct journal *r = opened(false);
	ok(r && !d->n && journal_each(r, see, &s) && !s.wrong && s.n == i);
	journal_close(r);
	struct stat st;
	uint64_t left = journal_size(j);
	ok(stat(file, &st) == 0 && (uint64_t)st.st_size < left); /* cut back */
	room();
	ok(journal_flush(j) && journal_sync(j));
	s = (struct seen){ 0 };
	r = opened(false);
	ok(r && !d->n && journal_each(r, see, &s) && !s.wrong && s.n == i + 1);
	journal_close(r);
}

static void unlimited(void)
{
	struct rlimit rl = { RLIM_INFINITY, RLIM_INFINITY };

	setrlimit(RLIMIT_FSIZE, &rl);
}

/* A limit of the file's size cuts a write in two, then fails. */
static void test_limit(void)
{
	struct rlimit rl = { 10007, RLIM_INFINITY };

	clean();
	signal(SIGXFSZ, SIG_IGN);
	struct journal *j = opened(true);
	setrlimit(RLIMIT_FSIZE, &rl);
	fail_and_go_on(j, unlimited, EFBIG);
	journal_close(j);
}

static void no_room_taken(void)
{
	char path[128];

	snprintf(path, sizeof(path), "%s/other", dir);
	unlink(path);
}

static void take_room(void)
{
	char path[128], block[4096] = { 0 };

	snprintf(path, sizeof(path), "%s/other", dir);
	int fd = open(path, O_WRONLY | O_CREAT, 0600);
	for (int i = 0; i < 40; i++)
		if (write(fd, block, sizeof(block)) < 0)
			break;
	close(fd);
}

static void test_full(void)
{
	clean();
	if (geteuid() || mount("none", dir, "tmpfs", 0, "size=256k")) {
		printf("ok %d - # SKIP a full disk needs a tmpfs\n", ++tap_n);
		return;
	}
	struct journal *j = opened(true);
	take_room();
	fail_and_go_on(j, no_room_taken, ENOSPC);
	journal_close(j);
	take_room();
	clean();
	ok(umount(dir) == 0);
}

int main(void)
{
	snprintf(dir, sizeof(dir), "/tmp/weft-journal.XXXXXX");
	if (!mkdtemp(dir))
		return 1;
	snprintf(file, sizeof(file), "%s/journal", dir);
	ss = sources_new();
	test_round();
	test_refused();
	test_newer();
	test_cut();
	test_zeros();
	test_flips();
	test_kept();
	test_stale_block();
	test_beside();
	test_replaced();
	test_compact();
	test_limit();
	test_full();
	clean();
	rmdir(dir);
	diags_free(d);
	sources_free(ss);
	return tap_end();
}
