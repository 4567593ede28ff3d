/* fuzz_journal.c - .weft/journal as a file from anywhere.  The first byte chooses: even, the rest is the file as it is;
 * odd, the rest is records { kind, length, payload } that are framed rightly, so that what reads their payloads is reached.
 * It opens or says why not, everything can be asked, compaction keeps what counts, and a second reading agrees. */
#include "runtime/history.h"
#include "runtime/tally.h"

#include "base/arena.h"

#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static char dir[64], file[96];

static void check(bool ok, const char *what)
{
	if (ok)
		return;
	fprintf(stderr, "fuzz_journal: %s\n", what);
	abort();
}

static void clean(void)
{
	char path[128];

	unlink(file);
	for (int i = 1; i <= 8; i++) {
		snprintf(path, sizeof(path), "%s.damaged-%d", file, i);
		unlink(path);
	}
}

static void leave(void)
{
	clean();
	rmdir(dir);
}

static void enter(void)
{
	if (*dir)
		return;
	snprintf(dir, sizeof(dir), "%s/weft-fuzz.XXXXXX", access("/dev/shm", W_OK) ? "/tmp" : "/dev/shm"); /* no disk: faster */
	check(mkdtemp(dir), "no directory");
	snprintf(file, sizeof(file), "%s/journal", dir);
	atexit(leave);
}

static void put_raw(const uint8_t *p, size_t n)
{
	int fd = open(file, O_WRONLY | O_CREAT | O_TRUNC, 0600);

	check(fd >= 0 && write(fd, p, n) == (ssize_t)n && !close(fd), "no file");
}

static void put_records(const uint8_t *p, size_t n, struct diags *d)
{
	struct journal *j = journal_open(dir, true, d);

	check(j, "no new journal");
	while (n >= 2) {
		size_t len = p[1] < n - 2 ? p[1] : n - 2;

		check(journal_append(j, p[0] % 16, p + 2, len), "no offset");
		p += 2 + len;
		n -= 2 + len;
	}
	check(journal_flush(j), "not written");
	journal_close(j);
}

struct asked {
	const struct journal *j;
	const struct history *h;
	uint64_t sum, successes, records, last;
};

static bool ask_done(void *ctx, const struct rec_done *r)
{
	struct asked *a = ctx;
	const unsigned char *at = r->outs;
	struct rec_done again;
	struct rec_who who;
	struct digest g;
	struct rec_out o;
	struct rec_end e;
	struct rec_text t;
	uint64_t stamp;
	uint32_t outs = 0;

	check(history_done(a->h, r->who.task, r->who.key, &again) && again.outs == r->outs, "a success is not found");
	check(history_any(a->h, r->who.task), "a task with a success has none");
	for (; rec_out_next(r, &at, &o); outs++) {
		history_file(a->h, o.path, &stamp, &g);
		if (history_maker(a->h, o.path, &who))
			a->sum += strlen(who.task) + strlen(who.key);
	}
	check(outs == r->nout, "outputs are lost");
	for (uint32_t i = 0; i < r->nin; i++)
		a->sum += rec_tag(r, i);
	for (int i = 0; i < REC_PARTS; i++)
		if (history_text(a->h, r->part[i], &t))
			a->sum += strlen(t.text);
	a->sum += history_failed(a->h, r->who.task, r->who.key, &e) + history_gone(a->h, r->who.task, r->who.key);
	a->successes++;
	return true;
}

static bool ask_record(void *ctx, uint64_t off, uint8_t kind, const unsigned char *p, size_t n)
{
	struct asked *a = ctx;
	uint8_t k;
	size_t m;

	check(off > a->last && journal_at(a->j, off, &k, &m) == p && k == kind && m == n, "places disagree");
	a->last = off;
	a->records++;
	a->sum += history_stale_stamp(a->h, off);
	return true;
}

/* What a report is made of: every instance is in one task, and every task that ran has its place. */
static uint64_t ask_run(const struct journal *j, const struct past_run *r)
{
	struct past *p = past_read(j, r);
	struct tally *t = tally_new(j, r, p);
	uint64_t sum = 0, all = 0;

	for (int s = 0; s < PAST_STATES; s++) {
		all += past_count(p, (enum past_state)s);
		for (uint32_t i = 0; i < t->ntask; i++)
			sum += t->task[i].n[s];
	}
	check(sum == all, "instances are lost");
	check(t->nrow <= t->ntask && t->npath <= t->ntask, "more tasks than there are");
	for (uint32_t i = 0; i < t->nrow; i++)
		check(t->task[t->row[i]].begin_ms >= t->from_ms && t->task[t->row[i]].end_ms <= t->to_ms, "it ran outside of the run");
	for (uint32_t i = 0; i < t->ntask; i++)
		for (uint32_t k = 0; k < t->task[i].npred; k++)
			check(t->task[i].pred[k] < t->ntask, "a task that is not there");
	tally_free(t);
	past_free(p);
	return sum;
}

static uint64_t ask_runs(const struct journal *j)
{
	uint32_t n;
	struct past_run *r = past_runs(j, 0, &n);
	uint64_t sum = n;

	for (uint32_t i = 0; i < n && i < 8; i++)
		sum += ask_run(j, &r[i]);
	free(r);
	return sum;
}

static struct asked ask(struct journal *j)
{
	struct history *h = history_read(j);
	struct asked a = { .j = j, .h = h };

	journal_each(j, ask_record, &a);
	history_each(h, ask_done, &a);
	a.sum += history_dead(h) & 1;
	a.sum += ask_runs(j);
	history_free(h);
	return a;
}

static void all(struct diags *d)
{
	struct journal *j = journal_open(dir, false, d);
	struct asked a = { 0 }, b;

	check(j || d->errors, "refused without a word");
	if (j)
		a = ask(j);
	journal_close(j);
	j = journal_open(dir, true, d);
	check(j || d->errors, "refused without a word");
	if (!j)
		return;
	b = ask(j);
	check(a.records == b.records && a.successes == b.successes, "reader and writer disagree");
	struct history *h = history_read(j);
	check(history_compact(h), "not compacted");
	history_free(h);
	b = ask(j);
	check(b.records <= a.records && a.successes == b.successes, "compaction changed what counts");
	journal_close(j);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct sources *ss;
	struct diags *d;

	if (!size || size > 1 << 16)
		return 0;
	enter();
	clean();
	ss = sources_new();
	d = diags_new(ss);
	if (data[0] & 1)
		put_records(data + 1, size - 1, d);
	else
		put_raw(data + 1, size - 1);
	all(d);
	diags_free(d);
	sources_free(ss);
	return 0;
}
