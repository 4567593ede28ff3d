/* test_outbox.c - an outbox against a receiver that does what it likes: nothing is lost, each key's messages come in
 * order, and what is refused is passed over.  The seed is printed; SEED=n repeats it. */
#include "runtime/outbox.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <time.h>

#include "tests/unit/httpd.h"
#include "tests/unit/tap.h"

enum { KEYS = 40, EACH = 25, N = KEYS * EACH };

/* What the receiver's processes share: when a message was taken, and how often it came. */
struct shared {
	uint32_t clock;
	uint32_t taken[N]; /* the clock's value when the first answer of 200 was given; 0: never */
	uint32_t came[N];
	uint32_t requests, status; /* of the last kind of test: answer this */
};
static struct shared *shared;
static char path[4096];
static uint32_t seed;

static uint32_t mix(uint32_t a, uint32_t b)
{
	uint32_t h = (a * 2654435761u ^ b * 40503u ^ seed) * 2246822519u;

	return h ^ h >> 15;
}

static void take(uint32_t i)
{
	uint32_t none = 0, now = __atomic_add_fetch(&shared->clock, 1, __ATOMIC_SEQ_CST);

	__atomic_compare_exchange_n(&shared->taken[i], &none, now, false, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST);
}

static bool raw(int fd, const char *s)
{
	return write(fd, s, strlen(s)) == (ssize_t)strlen(s) && false;
}

/* Every seventh message is refused; others get one misdeed or more before they are taken. */
static bool unruly(int fd, const char *head, const char *body)
{
	uint32_t i = (uint32_t)strtoul(strstr(body, "\"n\":") + 4, NULL, 10);
	uint32_t turn = __atomic_add_fetch(&shared->came[i], 1, __ATOMIC_SEQ_CST), r = mix(i, turn);

	(void)head;
	if (i % 7 == 3)
		return httpd_answer(fd, 422, "no");
	if (turn > 2 || r % 16 >= 4) {
		take(i);
		return httpd_answer(fd, r % 2 ? 200 : 204, "");
	}
	switch (r % 4) {
	case 0: return httpd_answer(fd, 500, "oh");
	case 1: return raw(fd, "garbage\r\n\r\n");
	case 2: return raw(fd, "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nten bytes.");
	default: return false;
	}
}

static bool fixed(int fd, const char *head, const char *body)
{
	(void)head, (void)body;
	__atomic_add_fetch(&shared->requests, 1, __ATOMIC_SEQ_CST);
	return httpd_answer(fd, (int)shared->status, "<Error><Code>TopicNotExist</Code></Error>");
}

/* A body without an end after a status that says it was taken. */
static bool endless(int fd, const char *head, const char *body)
{
	static char block[8192];
	ssize_t n = write(fd, "HTTP/1.1 200 OK\r\n\r\n", 19);

	(void)head, (void)body;
	memset(block, 'z', sizeof(block));
	while (n > 0)
		n = write(fd, block, sizeof(block));
	return false;
}

static void drive(struct outbox *o, int ms)
{
	int64_t end = clock_ms() + ms;
	struct loop l;

	loop_open(&l);
	while (!outbox_idle(o) && clock_ms() < end) {
		int wait;

		l.nfds = 1;
		wait = outbox_watch(o, &l);
		loop_wait(&l, wait < 0 || wait > 1000 ? 1000 : wait);
		outbox_turn(o, &l);
	}
	loop_close(&l);
}

static struct spool *filled(uint32_t n)
{
	struct spool *s;
	char text[64];

	unlink(path);
	s = spool_new(path, "{}");
	for (uint32_t i = 0; i < n; i++) {
		snprintf(text, sizeof(text), "{\"n\":%u}", i);
		spool_add(s, i % KEYS, text, strlen(text));
	}
	return s;
}

static struct topic topic_at(struct arena *a, int port)
{
	struct topic t;

	topic_find(a, NULL, "t", arena_printf(a, "http://127.0.0.1:%d/in", port), &t);
	return t;
}

static bool in_order(uint32_t key)
{
	uint32_t last = 0;

	for (uint32_t i = key; i < N; i += KEYS) {
		if (shared->taken[i] && shared->taken[i] < last)
			return false;
		last = shared->taken[i] ? shared->taken[i] : last;
	}
	return true;
}

static void unruly_receiver(struct arena *a)
{
	struct httpd h = httpd_start(unruly);
	struct topic t = topic_at(a, h.port);
	struct spool *s = filled(N);
	uint32_t refused = 0, lost = 0, ordered = 0;
	const char *why = "";
	struct outbox *o = outbox_new(&t, NULL, NULL, s, false, &why);

	printf("# seed %u\n", seed);
	ok(o != NULL);
	drive(o, 120000);
	ok(outbox_idle(o) && !outbox_stopped(o));
	outbox_free(o);
	for (uint32_t i = 0; i < N; i++) {
		refused += i % 7 == 3;
		lost += i % 7 != 3 && !shared->taken[i];
	}
	for (uint32_t k = 0; k < KEYS; k++)
		ordered += in_order(k);
	is_int(lost, 0);
	is_int(ordered, KEYS);
	is_int(spool_refused(s), refused);
	is_int(spool_left(s), refused);
	spool_close(s);
	httpd_stop(&h);
}

/* What stops everything keeps everything; what is refused is tried again only when asked for. */
static void one_status(struct arena *a, uint32_t status, bool mns, bool stops, const char *trouble)
{
	struct httpd h = httpd_start(fixed);
	struct topic t = topic_at(a, h.port);
	struct topic_key key = { "id", "secret", NULL };
	struct spool *s = filled(50);
	const char *why = "";
	struct outbox *o;

	t.mns = mns;
	shared->status = status;
	shared->requests = 0;
	o = outbox_new(&t, &key, NULL, s, false, &why);
	drive(o, 60000);
	ok(outbox_idle(o));
	is_int(outbox_stopped(o), stops);
	is_str(outbox_trouble(o), trouble);
	is_int(shared->requests, stops ? 1 : 50);
	is_int(spool_refused(s), stops || status < 300 ? 0 : 50);
	is_int(spool_left(s), status < 300 ? 0 : 50);
	outbox_free(o);
	if (status == 400) {
		spool_rewind(s);
		shared->status = 200;
		o = outbox_new(&t, &key, NULL, s, true, &why);
		drive(o, 60000);
		ok(outbox_idle(o));
		is_int(spool_left(s), 0);
		outbox_free(o);
	}
	spool_close(s);
	httpd_stop(&h);
}

static void endless_answer(struct arena *a)
{
	struct httpd h = httpd_start(endless);
	struct topic t = topic_at(a, h.port);
	struct spool *s = filled(5);
	const char *why = "";
	struct outbox *o = outbox_new(&t, NULL, NULL, s, false, &why);

	drive(o, 60000);
	is_int(spool_left(s), 0);
	is_int(outbox_delivered(o), 5);
	outbox_free(o);
	spool_close(s);
	httpd_stop(&h);
}

/* Nobody listens: few attempts, and all is kept. */
static void nobody(struct arena *a)
{
	struct httpd h = httpd_start(fixed);
	struct topic t = topic_at(a, h.port);
	struct spool *s = filled(500);
	const char *why = "";
	struct outbox *o;

	httpd_stop(&h);
	o = outbox_new(&t, NULL, NULL, s, false, &why);
	drive(o, 500);
	ok(!outbox_idle(o) && !outbox_stopped(o));
	ok(outbox_trouble(o) && strstr(outbox_trouble(o), "onnect"));
	is_int(spool_left(s), 500);
	outbox_free(o);
	spool_close(s);
}

/* The events of 100,000 instances that nobody takes: they lie in the file, not in memory. */
static void many(struct arena *a)
{
	enum { MANY = 300000, PAD = 400, MEMORY_KB = 4 << 10 };
	struct httpd h = httpd_start(fixed);
	struct topic t = topic_at(a, h.port);
	struct spool *s;
	const char *why = "";
	struct outbox *o;
	struct rusage before, after;
	char text[PAD + 64];
	bool added = true;

	httpd_stop(&h);
	unlink(path);
	s = spool_new(path, "{}");
	o = outbox_new(&t, NULL, NULL, s, false, &why);
	drive(o, 50); /* what a first message costs: libcurl */
	getrusage(RUSAGE_SELF, &before);
	for (uint32_t i = 0; i < MANY; i++) {
		snprintf(text, sizeof(text), "{\"n\":%u,\"pad\":\"%0*d\"}", i, (int)PAD, 0);
		added = added && spool_add(s, i, text, strlen(text));
	}
	ok(added);
	drive(o, 500);
	getrusage(RUSAGE_SELF, &after);
	is_int(spool_left(s), MANY);
	printf("# %ld KB more for %d messages\n", after.ru_maxrss - before.ru_maxrss, (int)MANY);
	ok(after.ru_maxrss - before.ru_maxrss < MEMORY_KB);
	outbox_free(o);
	spool_close(s);
}

int main(void)
{
	const char *tmp = getenv("TMPDIR"), *given = getenv("SEED");
	struct arena *a = arena_new();

	seed = given ? (uint32_t)strtoul(given, NULL, 10) : (uint32_t)time(NULL);
	shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	snprintf(path, sizeof(path), "%s/weft-outbox.%ld", tmp ? tmp : "/tmp", (long)getpid());
	unruly_receiver(a);
	one_status(a, 201, true, false, NULL);
	one_status(a, 400, false, false, "it answers 400");
	one_status(a, 302, false, true, "it answers 302");
	one_status(a, 403, false, true, "it answers 403");
	one_status(a, 404, true, true, "it answers 404 TopicNotExist");
	endless_answer(a);
	nobody(a);
	many(a);
	unlink(path);
	arena_free(a);
	return tap_end();
}
