/* test_http.c - requests under way keep the header they began with, whatever later ones have. */
#include "runtime/http.h"

#include <stdio.h>

#include "tests/unit/httpd.h"
#include "tests/unit/tap.h"

enum { REQUESTS = 12 }; /* more than there are connections: some are sent later */

static char got[REQUESTS][32];

/* Answer with what the request has as X-Token. */
static bool echo(int fd, const char *head, const char *body)
{
	const char *at = strcasestr(head, "x-token: ");
	char word[32] = "none";

	(void)body;
	if (at)
		sscanf(at + 9, "%31s", word);
	return httpd_answer(fd, 200, word);
}

static void on_reply(void *ctx, const struct http_reply *r)
{
	snprintf(ctx, sizeof(got[0]), "%s", r->end == HTTP_ANSWERED ? r->body : r->why);
}

static void change_under_way(void)
{
	struct httpd d = httpd_start(echo);
	char text[64], want[32];
	const char *why = NULL, *line[] = { text, NULL };
	struct http *h;

	snprintf(text, sizeof(text), "http://127.0.0.1:%d", d.port);
	h = http_new(text, &why);
	if (!h) {
		ok(true); /* nothing can be asked without libcurl */
		httpd_stop(&d);
		return;
	}
	for (int i = 0; i < REQUESTS; i++) {
		snprintf(text, sizeof(text), "X-Token: %d", i);
		http_headers(h, line);
		http_start(h, &(struct http_request){ .method = "GET", .path = "/", .deadline_ms = 30000, .max = 1 << 16, .done = on_reply,
			.ctx = got[i] });
	}
	http_finish(h, -1);
	for (int i = 0; i < REQUESTS; i++) {
		snprintf(want, sizeof(want), "%d", i);
		is_str(got[i], want);
	}
	http_free(h);
	httpd_stop(&d);
}

static int gate[2]; /* what is written there lets /second be answered */
static bool under_way;

static bool in_order(int fd, const char *head, const char *body)
{
	char c;

	(void)body;
	return (!strstr(head, "/second") || read(gate[0], &c, 1) == 1) && httpd_answer(fd, 200, "yes");
}

static void first_done(void *ctx, const struct http_reply *r)
{
	(void)r;
	under_way = false;
	ok(write(*(int *)ctx, "x", 1) == 1);
}

/* The one that is not waited for ends first: the other is waited for all the same. */
static void finish_but_one(void)
{
	struct http_request q = { .method = "GET", .path = "/first", .deadline_ms = 30000, .max = 1 << 16, .done = first_done, .ctx = &gate[1] };
	struct httpd d;
	char text[64];
	const char *why = NULL;
	struct http *h;

	if (pipe(gate))
		return;
	d = httpd_start(in_order);
	snprintf(text, sizeof(text), "http://127.0.0.1:%d", d.port);
	h = http_new(text, &why);
	if (h) {
		under_way = true;
		http_start(h, &q);
		q.path = "/second";
		q.done = on_reply;
		q.ctx = got[0];
		http_start(h, &q);
		http_finish_but(h, 30000, &under_way);
		is_str(got[0], "yes");
		ok(http_pending(h) == 0);
		http_free(h);
	}
	httpd_stop(&d);
}

int main(void)
{
	change_under_way();
	finish_but_one();
	return tap_end();
}
