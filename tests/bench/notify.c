/* notify.c - notifications delivered to a receiver on this machine, beside a bare libcurl loop that posts the same texts over
 * one kept connection: notify MESSAGES RUNS FILE.  Prints medians: messages/s, CPU us a message, both for weft and for the
 * loop.  The receiver is a process of its own; its CPU is not counted. */
#include "runtime/outbox.h"

#include <curl/curl.h>
#include <sys/resource.h>

#include "tests/unit/httpd.h"

static const char text[] = "{\"Category\":\"Job\",\"Event\":\"OnInstanceFinished\",\"JobId\":\"job-00000000000000000000000000000000\","
			   "\"State\":\"Finished\",\"Task\":\"count\",\"InstanceId\":\"%06d\",\"StartTime\":\"2026-11-26T19:04:52.101375Z\","
			   "\"EndTime\":\"2026-11-26T19:04:53.711020Z\",\"RetryCount\":\"0\",\"Progress\":\"100\",\"StdoutRedirectPath\":\"\","
			   "\"StderrRedirectPath\":\"\",\"ExitCode\":\"0\",\"ErrorCode\":\"\",\"ErrorMessage\":\"\",\"Detail\":\"\"}";

struct took {
	double wall, cpu;
};

static bool take(int fd, const char *head, const char *body)
{
	(void)head, (void)body;
	return httpd_answer(fd, 200, "");
}

static struct took now(void)
{
	struct rusage u;
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	getrusage(RUSAGE_SELF, &u);
	return (struct took){ (double)t.tv_sec + (double)t.tv_nsec / 1e9,
		(double)(u.ru_utime.tv_sec + u.ru_stime.tv_sec) + (double)(u.ru_utime.tv_usec + u.ru_stime.tv_usec) / 1e6 };
}

static struct took since(struct took begin)
{
	struct took end = now();

	return (struct took){ end.wall - begin.wall, end.cpu - begin.cpu };
}

/* Written to the file and sent from there, as a run does. */
static struct took weft(const struct topic *t, int n, const char *path)
{
	const char *why = "";
	struct spool *s = spool_new(path, "{}");
	struct outbox *o = s ? outbox_new(t, NULL, NULL, s, false, &why) : NULL;
	struct took begin = now(), took;
	char b[1024];
	struct loop l;

	if (!o || !loop_open(&l))
		exit(1);
	for (int i = 0; i < n; i++) {
		int len = snprintf(b, sizeof(b), text, i);

		spool_add(s, (uint64_t)i, b, (size_t)len);
	}
	while (!outbox_idle(o)) {
		l.nfds = 1;
		loop_wait(&l, outbox_watch(o, &l));
		outbox_turn(o, &l);
	}
	loop_close(&l);
	took = since(begin);
	if (spool_left(s) || outbox_delivered(o) != (uint64_t)n)
		exit(1);
	outbox_free(o);
	spool_close(s);
	return took;
}

static struct took bare(const char *url, int n)
{
	CURL *e = curl_easy_init();
	struct curl_slist *head = curl_slist_append(curl_slist_append(NULL, "Content-Type: application/json"), "Expect:");
	struct took begin = now();
	char b[1024];

	curl_easy_setopt(e, CURLOPT_URL, url);
	curl_easy_setopt(e, CURLOPT_HTTPHEADER, head);
	curl_easy_setopt(e, CURLOPT_POSTFIELDS, b);
	for (int i = 0; i < n; i++) {
		snprintf(b, sizeof(b), text, i);
		if (curl_easy_perform(e))
			exit(1);
	}
	curl_slist_free_all(head);
	curl_easy_cleanup(e);
	return since(begin);
}

static int by_wall(const void *a, const void *b)
{
	double x = ((const struct took *)a)->wall, y = ((const struct took *)b)->wall;

	return (x > y) - (x < y);
}

int main(int argc, char **argv)
{
	enum { MOST = 99 };
	int n = argc > 3 ? (int)strtol(argv[1], NULL, 10) : 0, runs = argc > 3 ? (int)strtol(argv[2], NULL, 10) : 0;
	struct took a[MOST], b[MOST];
	struct arena *mem = arena_new();
	struct httpd h = httpd_start(take);
	const char *url = arena_printf(mem, "http://127.0.0.1:%d/in", h.port);
	struct topic t;

	if (n < 1 || runs < 1 || runs > MOST)
		return 2;
	topic_find(mem, NULL, "t", url, &t);
	curl_global_init(CURL_GLOBAL_ALL);
	bare(url, n / 10 + 1);
	for (int i = 0; i < runs; i++) {
		a[i] = weft(&t, n, argv[3]);
		b[i] = bare(url, n);
	}
	httpd_stop(&h);
	qsort(a, (size_t)runs, sizeof(*a), by_wall);
	qsort(b, (size_t)runs, sizeof(*b), by_wall);
	printf("%.0f %.1f %.0f %.1f\n", n / a[runs / 2].wall, a[runs / 2].cpu * 1e6 / n, n / b[runs / 2].wall,
		b[runs / 2].cpu * 1e6 / n);
	arena_free(mem);
	return 0;
}
