/* fuzz_shared.c - files of a run's directory, which other machines and processes write.  The first byte chooses which:
 * how an attempt ended, what a run is told, a table, a request to cancel, an answer to one.  They are read or not, and what
 * is read and written again reads the same. */
#include "place.h"

#include "runtime/cancel.h"
#include "runtime/remote.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static bool same_text(const char *a, const char *b)
{
	return a && b ? !strcmp(a, b) : a == b;
}

static void compare(const struct remote_end *e, const struct remote_end *f)
{
	check(e->cause == f->cause && e->status == f->status && e->termed == f->termed && e->wall_ms == f->wall_ms &&
		e->cpu_ms == f->cpu_ms && e->max_rss == f->max_rss, "a number has changed");
	check(same_text(e->text, f->text) && same_text(e->host, f->host) && same_text(e->out, f->out) &&
		same_text(e->err, f->err) && same_text(e->work, f->work), "a text has changed");
	check(e->noutput == f->noutput && !e->argv == !f->argv, "a list has changed");
	for (uint32_t i = 0; e->argv && (e->argv[i] || f->argv[i]); i++)
		check(same_text(e->argv[i], f->argv[i]), "a word has changed");
	for (uint32_t i = 0; i < e->noutput; i++)
		check(!strcmp(e->output[i].path, f->output[i].path) && e->output[i].port == f->output[i].port &&
			e->output[i].size == f->output[i].size, "an output has changed");
}

static void end(struct arena *a, const uint8_t *data, size_t size)
{
	struct remote_end e, f;

	mkdir(place_path("end"), 0700);
	place_put("end/1.2", data, size);
	if (!remote_end_read(a, place(), "end", 1, 2, &e))
		return;
	check(remote_end_write(place(), 1, 3, &e), "not written");
	check(remote_end_read(a, place(), "end", 1, 3, &f), "not read again");
	compare(&e, &f);
}

static void run(struct arena *a, const uint8_t *data, size_t size)
{
	struct remote_run r;

	place_put("run.json", data, size);
	if (!remote_run_read(a, place(), &r))
		return;
	check(r.workspace && r.job_id && r.env, "read by half");
	for (uint32_t i = 0; i < r.nstores; i++)
		check(r.stores[i].bucket && r.stores[i].dir, "a store by half");
	for (uint32_t i = 0; i < r.nsecret; i++)
		check(r.secret[i] && r.value[i], "a secret by half");
}

static void table(struct arena *a, const uint8_t *data, size_t size)
{
	struct remote_table t, u;

	place_put("1.tab", data, size);
	if (!remote_table_read(a, place(), 1, &t))
		return;
	check(*t.task, "a table of no task");
	check(remote_table_write(place(), 2, &t) && remote_table_read(a, place(), 2, &u), "not written");
	check(!strcmp(t.task, u.task) && t.generation == u.generation && t.n == u.n &&
		(!t.n || !memcmp(t.row, u.row, t.n * sizeof(*t.row))), "a table has changed");
}

/* ---- requests ---- */

static void took(void *ctx, const char *const *target, uint32_t n, struct cancel_answer *answer)
{
	size_t *sum = ctx;

	for (uint32_t i = 0; i < n; i++)
		*sum += strlen(target[i]) + 1;
	*answer = (struct cancel_answer){ .done = n, .running = n, .waiting = 3, .why = "none are named" };
}

static void request(struct arena *a, const uint8_t *data, size_t size)
{
	struct cancel_answer w;
	size_t sum = 0;

	place_put("cancel-1", data, size);
	cancel_take(place(), took, &sum);
	check(sum <= size, "more than there is");
	check(cancel_answered(a, place(), "cancel-1", &w), "no answer");
	check(!w.done || (w.running && w.waiting == 3), "another answer");
	check(!cancel_answered(a, place(), "cancel-1", &w), "an answer that stays");
}

static void answer(struct arena *a, const uint8_t *data, size_t size)
{
	struct cancel_answer w;

	place_put("answer-1", data, size);
	check(cancel_answered(a, place(), "cancel-1", &w) && w.why, "no answer");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static void (*const what[])(struct arena *, const uint8_t *, size_t) = { end, run, table, request, answer };
	struct arena *a;

	if (!size || size > 1 << 16)
		return 0;
	a = arena_new();
	what[data[0] % 5](a, data + 1, size - 1);
	place_clear();
	arena_free(a);
	return 0;
}
