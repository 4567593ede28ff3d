/* history.c - write DIR/.weft/journal as a run of N instances in T tasks, one after the other, would have left it. */
#include "base/diag.h"
#include "runtime/journal.h"
#include "runtime/record.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

enum { BASE_MS = 1000, WALL_MS = 700, STEP_MS = 3 };

static struct journal *j;
static struct buf b, outs;

static void put(uint8_t kind)
{
	journal_append(j, kind, b.p, b.len);
	buf_reset(&b);
}

static void task(uint32_t t, long n)
{
	char name[32];
	struct rec_task r = { 1, n, 2000000000, (int64_t)64 << 30, -1, name, "", t > 0, NULL, 0 };

	snprintf(name, sizeof(name), "task_%u", t);
	buf_reset(&outs);
	if (t)
		rec_pred_write(&outs, t - 1, true);
	r.preds = (const unsigned char *)buf_str(&outs);
	r.preds_len = outs.len;
	rec_write_task(&b, &r);
	put(RK_TASK);
}

static void instance(uint32_t t, long i, int64_t ms)
{
	char name[32], key[32], path[64];
	struct rec_who who = { name, key };
	struct rec_begin begin = { who, 1, 1, i, ms, false };
	struct rec_out out = { path, OUT_FILE, false, 0, 1, { (uint64_t)i, (uint64_t)ms } };
	struct rec_done done = { .who = who, .run = 1, .attempt = 1, .instance = i, .time_ms = ms + WALL_MS, .wall_ms = WALL_MS,
		.cpu_ms = WALL_MS / 2, .max_rss = (int64_t)9 << 30, .nout = 1 };

	snprintf(name, sizeof(name), "task_%u", t);
	snprintf(key, sizeof(key), "sample_%ld", i);
	snprintf(path, sizeof(path), "results/%u/%ld.bam", t, i);
	rec_write_begin(&b, &begin);
	put(RK_BEGIN);
	buf_reset(&outs);
	rec_out_write(&outs, &out);
	done.outs = (const unsigned char *)buf_str(&outs);
	done.outs_len = outs.len;
	rec_write_done(&b, &done);
	put(RK_DONE);
}

int main(int argc, char **argv)
{
	struct sources *ss = sources_new();
	struct diags *d = diags_new(ss);
	long n = argc > 3 ? strtol(argv[2], NULL, 10) : 0, tasks = argc > 3 ? strtol(argv[3], NULL, 10) : 1;
	struct rec_run run = { 1, BASE_MS, (uint64_t)n, "bench", "bench.weft", "local", "weft run bench.weft" };
	struct rec_run_end end = { .run = 1, .ok = (uint32_t)n, .time_ms = BASE_MS + n * STEP_MS + WALL_MS, .wall_ms = n * STEP_MS + WALL_MS };

	buf_init(&b, 1 << 20);
	buf_init(&outs, 1 << 16);
	if (n < 1 || tasks < 1)
		return 64;
	buf_addf(&b, "%s/.weft", argv[1]);
	mkdir(buf_str(&b), 0700);
	j = journal_open(buf_str(&b), true, d);
	buf_reset(&b);
	if (!j)
		return 1;
	rec_write_run(&b, &run);
	put(RK_RUN);
	for (long t = 0; t < tasks; t++)
		task((uint32_t)t, n / tasks);
	for (long i = 0; i < n; i++)
		instance((uint32_t)(i * tasks / n), i, BASE_MS + i * STEP_MS);
	rec_write_run_end(&b, &end);
	put(RK_RUN_END);
	bool ok = journal_flush(j);
	journal_close(j);
	return ok ? 0 : 1;
}
