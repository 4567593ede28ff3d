/* test_past.c - what the journal says about runs.  `test_past DIR` only writes its world into DIR/journal: that is how
 * tests/golden/look/journal was made, which later versions have to read. */
#include "runtime/past.h"

#include "base/arena.h"
#include "runtime/cause.h"
#include "tests/unit/tap.h"

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

enum { GREET = 30, T0 = 1700000000 };
#define MS(s) (1000 * (int64_t)(T0 + (s)))

static struct journal *j;
static struct sources *ss;
static struct diags *d;
static struct buf b;

static void put(enum record_kind k)
{
	journal_append(j, (uint8_t)k, buf_str(&b), b.len);
	buf_reset(&b);
}

static void session(uint32_t pid)
{
	struct rec_session r = { .time_ms = MS(0), .policy = 1, .pid = pid, .version = "0.1.0" };

	rec_write_session(&b, &r);
	put(RK_SESSION);
}

static void run(uint32_t n, int64_t at, uint64_t instances)
{
	struct rec_run r = { n, MS(at), instances, "hello", "hello.weft", "local", "weft run hello.weft" };

	rec_write_run(&b, &r);
	put(RK_RUN);
}

static void begin(const char *task, const char *key, uint32_t n, uint32_t attempt, int64_t inst, int64_t at)
{
	struct rec_begin r = { { task, key }, n, attempt, inst, MS(at), false };
	struct rec_submitted s = { { task, key }, attempt, "slurm 4711_3" };

	rec_write_begin(&b, &r);
	put(RK_BEGIN);
	if (inst % 10 == 0 && (n == 1 || (n == 2 && attempt == 1))) { /* an id is its attempt's, not the next one's */
		rec_write_submitted(&b, &s);
		put(RK_SUBMITTED);
	}
}

static void done(const char *task, const char *key, uint32_t n, uint32_t attempt, int64_t inst, int64_t at)
{
	struct rec_done r = { .who = { task, key }, .run = n, .attempt = attempt, .instance = inst, .time_ms = MS(at), .wall_ms = 1500,
		.cpu_ms = 300, .max_rss = 12 << 20 };

	rec_write_done(&b, &r);
	put(RK_DONE);
}

static void end(const char *task, const char *key, uint32_t n, uint32_t attempt, int64_t inst, int64_t at, bool final)
{
	struct rec_end r = { .who = { task, key }, .run = n, .attempt = attempt, .instance = inst, .time_ms = MS(at), .wall_ms = 2500,
		.cpu_ms = 100, .max_rss = -1, .cause = R_EXIT, .status = 3, .final = final, .text = "" };

	rec_write_end(&b, &r);
	put(RK_END);
}

static void run_end(struct rec_run_end r)
{
	rec_write_run_end(&b, &r);
	put(RK_RUN_END);
}

/* A run with three failures, one that mends them (one at its second attempt), and one that was killed. */
static void write_world(const char *dir, uint32_t pid)
{
	char key[16];

	j = journal_open(dir, true, d);
	session(4711);
	run(1, 0, GREET + 1);
	for (int i = 0; i < GREET; i++) {
		snprintf(key, sizeof(key), "%d", i);
		begin("greet", key, 1, 1, i, i);
		if (i % 10)
			done("greet", key, 1, 1, i, i + 2);
		else
			end("greet", key, 1, 1, i, i + 3, true);
	}
	run_end((struct rec_run_end){ .run = 1, .ok = 27, .failed = 3, .skipped = 1, .time_ms = MS(40), .wall_ms = 40000, .exit = 1 });
	session(4712);
	run(2, 60, 4);
	begin("greet", "0", 2, 1, 0, 61);
	end("greet", "0", 2, 1, 0, 64, false);
	begin("greet", "10", 2, 1, 10, 61);
	done("greet", "10", 2, 1, 10, 63);
	begin("greet", "20", 2, 1, 20, 61);
	done("greet", "20", 2, 1, 20, 63);
	begin("greet", "0", 2, 2, 0, 65);
	done("greet", "0", 2, 2, 0, 67);
	begin("all", "", 2, 1, 0, 68);
	done("all", "", 2, 1, 0, 70);
	run_end((struct rec_run_end){ .run = 2, .ok = 4, .retried = 1, .current = 27, .time_ms = MS(71), .wall_ms = 11000 });
	session(pid);
	run(3, 100, 3);
	begin("greet", "5", 3, 1, 5, 101);
	done("greet", "5", 3, 1, 5, 103);
	begin("greet", "6", 3, 1, 6, 104);
	journal_flush(j);
	journal_close(j);
}

static char found[256];

static bool look_at(void *ctx, const struct past_attempt *a)
{
	if (!strcmp(a->who.key, ctx))
		snprintf(found, sizeof(found), "%s %s attempt %u instance %d begin %lld wall %lld id %s", a->who.task,
			past_word(a->state, PAST_LIVE), a->attempt, (int)a->instance, (long long)a->begin_ms - MS(0), (long long)a->wall_ms, a->id);
	return true;
}

static const char *instance(const struct past *p, const char *key)
{
	*found = 0;
	past_each(p, look_at, (void *)(uintptr_t)key);
	return found;
}

static void test_runs(const char *dir)
{
	uint32_t n;

	j = journal_open(dir, false, d);
	struct past_run *r = past_runs(j, 0, &n);
	is_int(n, 3);
	ok(r[0].life == PAST_ENDED && r[0].end.failed == 3 && r[0].end.exit == 1 && r[0].pid == 4711);
	ok(r[1].life == PAST_ENDED && r[1].end.current == 27 && r[1].pid == 4712);
	ok(r[2].life == PAST_CUT && r[2].end.ok == 1 && r[2].end.time_ms == MS(104) && r[2].end.wall_ms == 4000);
	struct past *p = past_read(j, &r[0]);
	ok(past_ntask(p) == 1 && past_count(p, PAST_FAILED) == 3 && past_count(p, PAST_DONE) == 27);
	is_int(past_task(p, 0)->wall_ms, 27 * 1500);
	is_str(instance(p, "10"), "greet failed attempt 1 instance 10 begin 10500 wall 2500 id slurm 4711_3");
	past_free(p);
	p = past_read(j, &r[1]);
	ok(past_ntask(p) == 2 && past_count(p, PAST_DONE) == 4 && !past_count(p, PAST_AGAIN));
	is_str(instance(p, "0"), "greet done attempt 2 instance 0 begin 65500 wall 1500 id ");
	is_str(instance(p, "1"), "");
	past_free(p);
	p = past_read(j, &r[2]);
	ok(past_count(p, PAST_RUNNING) == 1 && past_count(p, PAST_DONE) == 1);
	is_str(past_word(PAST_RUNNING, PAST_CUT), "lost");
	past_free(p);
	free(r);
	journal_close(j);
}

/* Holds the lock until the pipe is closed; its pid is the last session's. */
static int hold(const char *dir, int ready, int until)
{
	struct flock fl = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
	char path[128], c = 1;

	snprintf(path, sizeof(path), "%s/lock", dir);
	int fd = open(path, O_RDWR | O_CREAT, 0600);
	bool good = fd >= 0 && fcntl(fd, F_SETLK, &fl) == 0 && write(ready, &c, 1) == 1;
	return good && read(until, &c, 1) == 0 ? 0 : 1;
}

static void test_live(const char *dir)
{
	int a[2], z[2], st;
	uint32_t n;
	char c;

	is_int(past_holder(dir), 0);
	ok(pipe(a) == 0 && pipe(z) == 0);
	pid_t pid = fork();
	if (!pid) {
		close(z[1]);
		_exit(hold(dir, a[1], z[0]));
	}
	close(z[0]);
	ok(read(a[0], &c, 1) == 1);
	is_int(past_holder(dir), pid);
	write_world(dir, (uint32_t)pid);
	j = journal_open(dir, false, d);
	struct past_run *r = past_runs(j, past_holder(dir), &n);
	ok(r[n - 1].life == PAST_LIVE && r[n - 2].life == PAST_ENDED && r[2].life == PAST_CUT);
	free(r);
	close(z[1]);
	ok(waitpid(pid, &st, 0) == pid && st == 0);
	is_int(past_holder(dir), 0);
	r = past_runs(j, past_holder(dir), &n);
	ok(r[n - 1].life == PAST_CUT);
	free(r);
	journal_close(j);
}

int main(int argc, char **argv)
{
	char dir[] = "/tmp/weft-past.XXXXXX", path[128];

	ss = sources_new();
	d = diags_new(ss);
	buf_init(&b, 1 << 20);
	if (argc > 1) {
		write_world(argv[1], 4713);
	} else if (mkdtemp(dir)) {
		write_world(dir, 4713);
		test_runs(dir);
		test_live(dir);
		snprintf(path, sizeof(path), "%s/journal", dir);
		unlink(path);
		snprintf(path, sizeof(path), "%s/lock", dir);
		unlink(path);
		rmdir(dir);
	}
	buf_free(&b);
	diags_free(d);
	sources_free(ss);
	return argc > 1 ? 0 : tap_end();
}
