/* test_notify.c - signatures of the message service, where messages go, and the file they wait in. */
#include "runtime/mns.h"
#include "runtime/spool.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/arena.h"
#include "tests/unit/tap.h"

static const char *why;

/* ---- mns ---- */

/* The check value of the service's page on signing. */
static void signature(void)
{
	char out[MNS_SIGNATURE], date[MNS_DATE];
	struct mns_request q = { "GET", "", "", date, "x-mns-version:2015-06-06\n", "/MyQueue" };

	mns_date(1436410894, date);
	is_str(date, "Thu, 09 Jul 2015 03:01:34 GMT");
	ok(mns_sign("TestAccessSecret", &q, out, &why));
	is_str(out, "uwx3yeWoILzgmvesW0BQSgfM7b8=");
	q.resource = "/MyQueue2";
	ok(mns_sign("TestAccessSecret", &q, out, &why));
	ok(strcmp(out, "uwx3yeWoILzgmvesW0BQSgfM7b8=") != 0);
}

static void message(void)
{
	static const char text[] = "{\"a\":\"<b> & c\"}";
	char code[64];
	struct buf b;

	buf_init(&b, 1 << 12);
	ok(mns_message(&b, text, strlen(text), false, &why));
	is_str(buf_str(&b), "<?xml version=\"1.0\" encoding=\"UTF-8\"?><Message xmlns=\"http://mns.aliyuncs.com/doc/v1/\">"
			    "<MessageBody>{\"a\":\"&lt;b&gt; &amp; c\"}</MessageBody></Message>");
	buf_reset(&b);
	ok(mns_message(&b, "light w", 7, true, &why));
	ok(strstr(buf_str(&b), "<MessageBody>bGlnaHQgdw==</MessageBody>") != NULL);
	buf_reset(&b);
	mns_path(&b, "jobs-1");
	is_str(buf_str(&b), "/topics/jobs-1/messages");
	buf_reset(&b);
	mns_path(&b, "a/b\r\nX: y");
	is_str(buf_str(&b), "/topics/a%2Fb%0D%0AX%3A%20y/messages");
	mns_code("<?xml?><Error><Code>TopicNotExist</Code><Message>m</Message></Error>", code);
	is_str(code, "TopicNotExist");
	mns_code("<Code>\x1b[31m", code);
	is_str(code, "");
	mns_code("no", code);
	is_str(code, "");
	buf_free(&b);
}

static void headers(void)
{
	struct topic_key k = { "id", "TestAccessSecret", NULL };
	char out[MNS_SIGNATURE], date[MNS_DATE];
	struct buf b, want;

	buf_init(&b, 1 << 12);
	buf_init(&want, 1 << 12);
	mns_date(1436410894, date);
	ok(mns_sign(k.secret, &(struct mns_request){ "POST", "", "text/xml", date, "x-mns-version:2015-06-06\n",
		"/topics/t/messages" }, out, &why));
	ok(mns_headers(&b, &k, "/topics/t/messages", 1436410894, &why));
	buf_addf(&want, "Content-Type: text/xml\nDate: %s\nx-mns-version:2015-06-06\nAuthorization: MNS id:%s\n", date, out);
	is_str(buf_str(&b), buf_str(&want));
	ok(!strstr(buf_str(&b), k.secret));
	buf_reset(&b);
	k.token = "t0";
	ok(mns_headers(&b, &k, "/topics/t/messages", 1436410894, &why));
	ok(strstr(buf_str(&b), "\nsecurity-token: t0\n") != NULL);
	buf_free(&b);
	buf_free(&want);
}

/* ---- topics ---- */

static struct topic found(struct arena *a, const struct site *s, const char *topic, const char *endpoint, enum topic_lack want)
{
	struct topic t;

	is_int(topic_find(a, s, topic, endpoint, &t), want);
	return t;
}

static void topics(void)
{
	struct arena *a = arena_new();
	struct topic t = found(a, NULL, "jobs", "http://1234.mns.cn-beijing-internal.aliyuncs.com/", TOPIC_FINE);

	ok(t.mns);
	is_str(t.base, "http://1234.mns.cn-beijing-internal.aliyuncs.com");
	is_str(t.path, "/");
	ok(topic_in_the_clear(&t));
	t = found(a, NULL, "jobs", "https://hooks.example:8443/in?k=v", TOPIC_FINE);
	ok(!t.mns && !topic_in_the_clear(&t));
	is_str(t.base, "https://hooks.example:8443");
	is_str(t.path, "/in?k=v");
	t = found(a, NULL, "jobs", "http://127.0.0.1:9", TOPIC_FINE);
	is_str(t.path, "/");
	ok(!topic_in_the_clear(&t));
	t = found(a, NULL, "jobs", "http://localhost?x", TOPIC_FINE);
	is_str(t.path, "/?x");
	ok(!topic_in_the_clear(&t));
	t = found(a, NULL, "jobs", "http://localhost.example/", TOPIC_FINE);
	ok(topic_in_the_clear(&t));
	found(a, NULL, "jobs", "exec:touch /tmp/x", TOPIC_URL);
	found(a, NULL, "jobs", "file:///etc/passwd", TOPIC_URL);
	found(a, NULL, "jobs", "http://", TOPIC_URL);
	found(a, NULL, "jobs", "http://u:p@h/", TOPIC_URL);
	found(a, NULL, "jobs", "http://h/a b", TOPIC_URL);
	found(a, NULL, "jobs", "http://h/\r\nX: y", TOPIC_URL);
	found(a, NULL, "jobs", "", TOPIC_URL);
	is_int(topic_event("OnJobWaiting"), 0);
	is_int(topic_event("OnPriorityChange"), TOPIC_EVENTS - 1);
	is_int(topic_event("OnInstanceActive"), TOPIC_EVENTS);
	is_int(topic_event(""), TOPIC_EVENTS);
	arena_free(a);
}

/* ---- spool ---- */

static char path[4096];

static struct spool *begin(void)
{
	unlink(path);
	return spool_new(path, "{\"schema\":\"weft.notify/1\"}");
}

static uint64_t size_of(void)
{
	struct stat st;

	return stat(path, &st) ? UINT64_MAX : (uint64_t)st.st_size;
}

static void add(struct spool *s, uint64_t key, const char *text)
{
	ok(spool_add(s, key, text, strlen(text)));
}

/* The texts of what is not delivered, each with a blank before it. */
static void texts(struct spool *s, bool refused, struct buf *out)
{
	struct spool_message m;
	struct buf b;

	buf_init(&b, SPOOL_TEXT_MAX);
	buf_reset(out);
	spool_rewind(s);
	while (spool_next(s, refused, &m)) {
		spool_text(s, &m, &b);
		buf_addf(out, " %s", buf_str(&b));
	}
	buf_free(&b);
}

static void spool_marks(void)
{
	struct spool *s = begin();
	struct spool_message m;
	struct buf b;
	uint64_t first;

	buf_init(&b, 1 << 20);
	ok(s != NULL);
	first = size_of();
	add(s, 1, "a");
	add(s, 0xfedcba9876543210u, "b");
	add(s, 2, "c");
	is_int(spool_left(s), 3);
	ok(spool_next(s, false, &m) && m.key == 1 && spool_mark(s, &m, '+'));
	ok(spool_next(s, false, &m) && m.key == 0xfedcba9876543210u && spool_mark(s, &m, 'x'));
	is_int(spool_left(s), 2);
	is_int(spool_refused(s), 1);
	texts(s, false, &b);
	is_str(buf_str(&b), " c");
	texts(s, true, &b);
	is_str(buf_str(&b), " b c");
	ok(!spool_add(s, 1, "a\nb", 3));
	spool_close(s);

	s = spool_open(path, true);
	is_str(spool_header(s), "{\"schema\":\"weft.notify/1\"}");
	is_int(spool_left(s), 2);
	is_int(spool_refused(s), 1);
	ok(spool_next(s, false, &m) && spool_mark(s, &m, '+'));
	ok(!spool_next(s, false, &m));
	spool_rewind(s);
	ok(spool_next(s, true, &m) && spool_mark(s, &m, '+'));
	is_int(size_of(), first); /* nothing left: cut back */
	add(s, 3, "d");
	texts(s, false, &b);
	is_str(buf_str(&b), " d");
	spool_rewind(s);
	ok(spool_next(s, false, &m) && spool_mark(s, &m, '+'));
	spool_close(s);
	is_int(size_of(), UINT64_MAX);
	buf_free(&b);
}

/* Whatever a driver that was killed has left of its last line, the others are there. */
static void spool_cut(void)
{
	struct spool *s = begin();
	uint64_t whole;
	struct buf b;

	buf_init(&b, 1 << 20);
	add(s, 1, "first");
	add(s, 2, "second");
	ok(spool_flush(s));
	whole = size_of();
	spool_close(s);
	for (uint64_t n = whole - 1; n > whole - 26; n--) { /* a byte less each time, down to the end of the first */
		ok(truncate(path, (off_t)n) == 0);
		s = spool_open(path, true);
		is_int(spool_left(s), 1);
		texts(s, false, &b);
		is_str(buf_str(&b), " first");
		spool_close(s);
	}
	buf_free(&b);
}

static void put_file(const char *text)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);

	ok(write(fd, text, strlen(text)) == (ssize_t)strlen(text));
	close(fd);
}

static void spool_damage(void)
{
	struct spool *s;
	struct buf b;

	buf_init(&b, 1 << 20);
	unlink(path);
	ok(!spool_open(path, true) && errno == ENOENT);
	put_file("");
	ok(!spool_open(path, true) && errno == EINVAL);
	put_file("{ no end");
	ok(!spool_open(path, true) && errno == EINVAL);
	put_file("[]\n-0000000000000001 a\n");
	ok(!spool_open(path, true) && errno == EINVAL);
	put_file("{}\n-000000000000001 short\n?0000000000000001 a\n\n-000000000000000G a\n-0000000000000001 \n-0000000000000001 a\n");
	s = spool_open(path, true);
	texts(s, true, &b);
	is_str(buf_str(&b), " a");
	spool_close(s);
	buf_free(&b);
}

/* Reading fails from this place of a file on. */
static off_t bad_from = INT64_MAX;

ssize_t pread(int fd, void *p, size_t n, off_t at)
{
	errno = EIO;
	return at >= bad_from ? -1 : syscall(SYS_pread64, fd, p, n, at);
}

/* A disk that cannot be read is no end of the file: nothing is cut off. */
static void spool_unreadable(void)
{
	enum { N = 20 };
	struct spool *s = begin();
	char text[10000];
	uint64_t whole;

	memset(text, 'z', sizeof(text));
	for (uint32_t i = 0; i < N; i++)
		ok(spool_add(s, i, text, sizeof(text)));
	ok(spool_flush(s));
	whole = size_of();
	spool_close(s);
	for (bad_from = 0; bad_from + (64 << 10) < (off_t)whole; bad_from += 50000) {
		ok(!spool_open(path, true) && errno == EIO);
		is_int(size_of(), whole);
	}
	bad_from = INT64_MAX;
	s = spool_open(path, true);
	is_int(s ? spool_left(s) : 0, N);
	spool_close(s);
	unlink(path);
}

/* Long lines, many lines, read while they are written. */
static void spool_many(void)
{
	enum { N = 20000, LONG = 100000 };
	struct spool *s = begin();
	char *text = xmalloc(LONG);
	struct spool_message m;
	struct buf b;
	uint32_t got = 0;
	bool same = true;

	memset(text, 'y', LONG);
	buf_init(&b, SPOOL_TEXT_MAX);
	for (uint32_t i = 0; i < N; i++) {
		size_t n = i % 1000 == 7 ? LONG : 1 + i % 50;

		same = same && spool_add(s, i, text, n);
		while (i % 3 == 0 && spool_next(s, false, &m))
			same = same && m.key == got++ && spool_text(s, &m, &b) && b.len == m.len;
	}
	while (spool_next(s, false, &m))
		same = same && m.key == got++;
	ok(same);
	is_int(got, N);
	is_int(spool_left(s), N);
	spool_close(s);
	ok((s = spool_open(path, true)) && spool_left(s) == N);
	spool_close(s);
	unlink(path);
	free(text);
	buf_free(&b);
}

int main(void)
{
	const char *tmp = getenv("TMPDIR");

	snprintf(path, sizeof(path), "%s/weft-notify.%ld", tmp ? tmp : "/tmp", (long)getpid());
	signature();
	message();
	headers();
	topics();
	spool_marks();
	spool_cut();
	spool_damage();
	spool_unreadable();
	spool_many();
	unlink(path);
	return tap_end();
}
