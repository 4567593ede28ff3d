/* http.c - see http.h: libcurl's multi interface, driven by descriptors and one deadline. */
#include "runtime/http.h"

#include <curl/curl.h>
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/dl.h"
#include "runtime/program.h"

#define CURL_FUNCTIONS(F)                                                                                             \
	F(curl_global_init) F(curl_easy_init) F(curl_easy_cleanup) F(curl_easy_setopt) F(curl_easy_getinfo)            \
	F(curl_easy_strerror) F(curl_slist_append) F(curl_slist_free_all) F(curl_multi_init) F(curl_multi_cleanup)     \
	F(curl_multi_setopt) F(curl_multi_add_handle) F(curl_multi_remove_handle) F(curl_multi_socket_action)          \
	F(curl_multi_info_read)

struct lib_curl {
#define F(name) __typeof__(&name) name##_;
	CURL_FUNCTIONS(F)
#undef F
};

enum {
	CONNECTIONS = 4,   /* slurmrestd stops answering above some hundred in all */
	CONNECT_MS = 5000,
	HEADER_MAX = 64 << 10, /* bytes of an answer's header */
};

struct call {
	struct call *next;
	struct http *h;
	CURL *easy;
	http_sink *sink;
	http_done *done;
	void *ctx;
	struct arena *arena;
	struct curl_slist *lines; /* its header: libcurl keeps no copy, and that of all may change meanwhile */
	struct buf reply;
	size_t got, max, header;
	bool added;         /* libcurl has it */
	bool refused;       /* the sink, or the bound, ended it */
	int listen;         /* exec: where libcurl connects, -1 */
	pid_t pid;          /* exec: the program, 0 if none */
	char error[CURL_ERROR_SIZE];
};
struct http {
	CURLM *multi;
	char *base;         /* before the path */
	char *socket;       /* unix: */
	char *command;      /* exec: */
	char *trust;        /* file of certificates, NULL: the system's */
	struct curl_slist *header;
	struct call *calls;
	uint32_t ncalls;
	struct pollfd *fds;
	uint32_t nfds, fdcap, first; /* first: their place in the loop */
	int64_t due;        /* clock_ms, -1: never */
	bool inside;        /* libcurl has called us: it takes nothing new meanwhile */
};

static struct lib_curl lib;

static bool load_curl(const char **why)
{
	static const char *const file[] = { "libcurl.so.4", "libcurl-gnutls.so.4", "libcurl.so", NULL };
	static const struct dl_symbol sym[] = {
#define F(name) { #name, offsetof(struct lib_curl, name##_) },
		CURL_FUNCTIONS(F)
#undef F
	};

	if (lib.curl_multi_init_)
		return true;
	return dl_load(file, sym, sizeof(sym) / sizeof(*sym), &lib, why) && lib.curl_global_init_(CURL_GLOBAL_ALL) == 0;
}

/* ---- what libcurl asks for ---- */

static int on_socket(CURL *easy, curl_socket_t fd, int what, void *ctx, void *unused)
{
	struct http *h = ctx;
	uint32_t i = 0;

	(void)easy, (void)unused;
	while (i < h->nfds && h->fds[i].fd != fd)
		i++;
	if (what == CURL_POLL_REMOVE) {
		if (i < h->nfds)
			h->fds[i] = h->fds[--h->nfds];
		return 0;
	}
	if (i == h->nfds) {
		h->fds = grow(h->fds, &h->fdcap, h->nfds + 1, sizeof(*h->fds));
		h->nfds++;
	}
	h->fds[i] = (struct pollfd){ .fd = fd };
	h->fds[i].events = (short)((what & CURL_POLL_IN ? POLLIN : 0) | (what & CURL_POLL_OUT ? POLLOUT : 0));
	return 0;
}

static int on_timer(CURLM *multi, long ms, void *ctx)
{
	struct http *h = ctx;

	(void)multi;
	h->due = ms < 0 ? -1 : clock_ms() + ms;
	return 0;
}

static size_t on_body(char *p, size_t size, size_t n, void *ctx)
{
	struct call *c = ctx;
	long status = 0;
	bool ok;

	(void)size;
	c->got += n;
	lib.curl_easy_getinfo_(c->easy, CURLINFO_RESPONSE_CODE, &status);
	ok = c->got <= c->max && (c->sink && status == 200 ? c->sink(c->ctx, p, n) : buf_add(&c->reply, p, n));
	c->refused = c->refused || !ok;
	return ok ? n : n + 1; /* anything but n ends the transfer */
}

static size_t on_header(char *p, size_t size, size_t n, void *ctx)
{
	struct call *c = ctx;

	(void)p, (void)size;
	c->header += n;
	c->refused = c->refused || c->header > HEADER_MAX;
	return c->refused ? n + 1 : n;
}

static void start_program(struct call *c, int end)
{
	const char *argv[] = { "/bin/sh", "-c", c->h->command, NULL };

	if (program_spawn(argv, NULL, end, end, STDERR_FILENO, &c->pid) != 0)
		c->pid = 0;
}

/* exec: libcurl connects to a socket of ours that has no name in the file system; the program gets the other end. */
static bool listen_for(struct call *c)
{
	struct sockaddr_un sa = { .sun_family = AF_UNIX };
	socklen_t n = sizeof(sa);

	c->listen = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (c->listen < 0 || bind(c->listen, (struct sockaddr *)&sa, sizeof(sa.sun_family)) < 0 || listen(c->listen, 4) < 0 ||
	    getsockname(c->listen, (struct sockaddr *)&sa, &n) < 0)
		return false;
	n -= (socklen_t)offsetof(struct sockaddr_un, sun_path) + 1;
	lib.curl_easy_setopt_(c->easy, CURLOPT_ABSTRACT_UNIX_SOCKET, arena_strndup(c->arena, sa.sun_path + 1, n));
	return true;
}

/* Whoever connects must be ourselves: the program acts with our rights. */
static void accept_own(struct call *c)
{
	struct ucred peer;
	socklen_t n = sizeof(peer);
	int fd;

	while (c->listen >= 0 && (fd = accept4(c->listen, NULL, NULL, SOCK_CLOEXEC)) >= 0) {
		if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &n) == 0 && peer.pid == getpid()) {
			start_program(c, fd);
			close(c->listen);
			c->listen = -1;
		}
		close(fd);
	}
}

/* ---- endpoints ---- */

static bool read_endpoint(struct http *h, const char *endpoint, const char **why)
{
	size_t n = strlen(endpoint);

	while (n && endpoint[n - 1] == '/')
		n--;
	if (!strncmp(endpoint, "unix:/", 6)) {
		h->socket = xstrdup(endpoint + 5);
		h->base = xstrdup("http://localhost");
	} else if (!strncmp(endpoint, "exec:", 5) && endpoint[5]) {
		/* slurmrestd trusts whoever started it through pipes, but not through a socket */
		h->command = xmalloc(strlen(endpoint) + 16);
		stpcpy(stpcpy(stpcpy(h->command, "cat|{ "), endpoint + 5), "\n}|cat");
		h->base = xstrdup("http://127.0.0.1");
	} else if ((!strncmp(endpoint, "http://", 7) && n > 7) || (!strncmp(endpoint, "https://", 8) && n > 8)) {
		h->base = xstrndup(endpoint, n);
	} else {
		*why = "it is none of http://HOST:PORT, https://HOST:PORT, unix:/PATH, exec:COMMAND";
		return false;
	}
	return true;
}

struct http *http_new(const char *endpoint, const char **why)
{
	struct http *h = xcalloc(1, sizeof(*h));

	h->due = -1;
	if (!read_endpoint(h, endpoint, why) || !load_curl(why) || !(h->multi = lib.curl_multi_init_())) {
		http_free(h);
		return NULL;
	}
	lib.curl_multi_setopt_(h->multi, CURLMOPT_SOCKETFUNCTION, on_socket);
	lib.curl_multi_setopt_(h->multi, CURLMOPT_SOCKETDATA, h);
	lib.curl_multi_setopt_(h->multi, CURLMOPT_TIMERFUNCTION, on_timer);
	lib.curl_multi_setopt_(h->multi, CURLMOPT_TIMERDATA, h);
	lib.curl_multi_setopt_(h->multi, CURLMOPT_MAX_TOTAL_CONNECTIONS, (long)CONNECTIONS);
	return h;
}

void http_headers(struct http *h, const char *const *line)
{
	if (h->header)
		lib.curl_slist_free_all_(h->header);
	h->header = lib.curl_slist_append_(NULL, "Content-Type: application/json");
	h->header = lib.curl_slist_append_(h->header, "Expect:");
	for (; *line; line++)
		h->header = lib.curl_slist_append_(h->header, *line);
}

void http_connections(struct http *h, uint32_t n)
{
	lib.curl_multi_setopt_(h->multi, CURLMOPT_MAX_TOTAL_CONNECTIONS, (long)n);
}

void http_trust(struct http *h, const char *file)
{
	free(h->trust);
	h->trust = xstrdup(file);
}

/* ---- a request ---- */

static void set_transport(struct http *h, struct call *c)
{
	if (h->socket)
		lib.curl_easy_setopt_(c->easy, CURLOPT_UNIX_SOCKET_PATH, h->socket);
	if (!h->command)
		return;
	if (!listen_for(c)) /* then nobody answers */
		lib.curl_easy_setopt_(c->easy, CURLOPT_ABSTRACT_UNIX_SOCKET, "-");
	lib.curl_easy_setopt_(c->easy, CURLOPT_FORBID_REUSE, 1L);
	lib.curl_easy_setopt_(c->easy, CURLOPT_FRESH_CONNECT, 1L);
}

static struct curl_slist *header_lines(struct arena *a, const char *p)
{
	struct curl_slist *l = lib.curl_slist_append_(NULL, "Expect:");

	for (size_t n; *p; p += n + (p[n] == '\n')) {
		n = strcspn(p, "\n");
		l = lib.curl_slist_append_(l, arena_strndup(a, p, n));
	}
	return l;
}

static struct curl_slist *header_copy(const struct curl_slist *from)
{
	struct curl_slist *l = NULL;

	for (; from; from = from->next)
		l = lib.curl_slist_append_(l, from->data);
	return l;
}

/* What changes something: libcurl sends it again when a kept connection turns out to be dead, and only reading may
 * happen twice unasked. */
static void set_change(struct call *c, const struct http_request *q)
{
	CURL *e = c->easy;

	if (!q->twice) {
		lib.curl_easy_setopt_(e, CURLOPT_FRESH_CONNECT, 1L);
		lib.curl_easy_setopt_(e, CURLOPT_FORBID_REUSE, 1L);
	}
	lib.curl_easy_setopt_(e, CURLOPT_CUSTOMREQUEST, q->method);
	if (!q->body)
		return;
	lib.curl_easy_setopt_(e, CURLOPT_POSTFIELDSIZE, (long)strlen(q->body));
	lib.curl_easy_setopt_(e, CURLOPT_COPYPOSTFIELDS, q->body);
}

static void set_request(struct call *c, const struct http_request *q)
{
	CURL *e = c->easy;

	lib.curl_easy_setopt_(e, CURLOPT_URL, arena_printf(c->arena, "%s%s", c->h->base, q->path));
	lib.curl_easy_setopt_(e, CURLOPT_NOPROXY, "*");
	lib.curl_easy_setopt_(e, CURLOPT_NOSIGNAL, 1L);
	lib.curl_easy_setopt_(e, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
	lib.curl_easy_setopt_(e, CURLOPT_TIMEOUT_MS, (long)q->deadline_ms);
	lib.curl_easy_setopt_(e, CURLOPT_CONNECTTIMEOUT_MS, (long)CONNECT_MS);
	c->lines = q->header ? header_lines(c->arena, q->header) : header_copy(c->h->header);
	lib.curl_easy_setopt_(e, CURLOPT_HTTPHEADER, c->lines);
	lib.curl_easy_setopt_(e, CURLOPT_WRITEFUNCTION, on_body);
	lib.curl_easy_setopt_(e, CURLOPT_WRITEDATA, c);
	lib.curl_easy_setopt_(e, CURLOPT_HEADERFUNCTION, on_header);
	lib.curl_easy_setopt_(e, CURLOPT_HEADERDATA, c);
	lib.curl_easy_setopt_(e, CURLOPT_ERRORBUFFER, c->error);
	lib.curl_easy_setopt_(e, CURLOPT_PRIVATE, c);
#if LIBCURL_VERSION_NUM >= 0x075700 /* a name server that does not answer must not hold up the end */
	lib.curl_easy_setopt_(e, CURLOPT_QUICK_EXIT, 1L);
#endif
	if (c->h->trust)
		lib.curl_easy_setopt_(e, CURLOPT_CAINFO, c->h->trust);
	if (strcmp(q->method, "GET") != 0)
		set_change(c, q);
}

static void add_new(struct http *h)
{
	for (struct call *c = h->calls; c && !h->inside; c = c->next)
		if (!c->added) {
			c->added = true;
			lib.curl_multi_add_handle_(h->multi, c->easy);
		}
}

void http_start(struct http *h, const struct http_request *q)
{
	struct call *c = xcalloc(1, sizeof(*c));

	c->h = h;
	c->listen = -1;
	c->arena = arena_new();
	c->easy = lib.curl_easy_init_();
	c->sink = q->sink;
	c->done = q->done;
	c->ctx = q->ctx;
	c->max = q->max;
	buf_init(&c->reply, q->max);
	set_request(c, q);
	set_transport(h, c);
	c->next = h->calls;
	h->calls = c;
	h->ncalls++;
	add_new(h);
}

uint32_t http_pending(const struct http *h)
{
	return h->ncalls;
}

static void unlink_call(struct call *c)
{
	struct call **at = &c->h->calls;

	while (*at != c)
		at = &(*at)->next;
	*at = c->next;
	c->h->ncalls--;
	if (c->added)
		lib.curl_multi_remove_handle_(c->h->multi, c->easy);
}

/* The connection is closed: a program that has not ended by itself has nothing more to say. */
static void end_program(struct call *c)
{
	if (c->listen >= 0)
		close(c->listen);
	if (!c->pid)
		return;
	kill(-c->pid, SIGKILL);
	while (waitpid(c->pid, NULL, 0) < 0 && errno == EINTR)
		;
}

static void free_call(struct call *c)
{
	lib.curl_easy_cleanup_(c->easy);
	if (c->lines)
		lib.curl_slist_free_all_(c->lines);
	end_program(c);
	buf_free(&c->reply);
	arena_free(c->arena);
	free(c);
}

/* Of a socket libcurl only says that port 80 of a made-up host does not answer. */
static const char *socket_trouble(struct call *c)
{
	const char *path = c->h->socket;
	struct stat st;
	long e = 0;

	lib.curl_easy_getinfo_(c->easy, CURLINFO_OS_ERRNO, &e);
	if (stat(path, &st) < 0)
		return arena_printf(c->arena, "there is no socket %s: %s", path, strerror(errno));
	if (!S_ISSOCK(st.st_mode))
		return arena_printf(c->arena, "%s is no socket", path);
	return arena_printf(c->arena, "no connection to the socket %s: %s", path, e ? strerror((int)e) : "nobody answers");
}

static const char *trouble(struct call *c, CURLcode rc)
{
	if (c->refused)
		return "the answer is too long";
	if (c->h->socket && rc == CURLE_COULDNT_CONNECT)
		return socket_trouble(c);
	return *c->error ? c->error : lib.curl_easy_strerror_(rc);
}

static void finish(struct call *c, CURLcode rc)
{
	struct http_reply r = { .end = HTTP_ANSWERED, .body = buf_str(&c->reply), .len = c->reply.len };
	long status = 0, sent = 0;

	lib.curl_easy_getinfo_(c->easy, CURLINFO_RESPONSE_CODE, &status);
	lib.curl_easy_getinfo_(c->easy, CURLINFO_REQUEST_SIZE, &sent);
	r.status = (int)status;
	if (c->refused)
		r.end = HTTP_LONG;
	else if (rc != CURLE_OK || !status)
		r.end = sent ? HTTP_LOST : HTTP_UNSENT;
	r.why = trouble(c, rc);
	unlink_call(c);
	c->done(c->ctx, &r);
	free_call(c);
}

static void take_finished(struct http *h)
{
	CURLMsg *m;
	int left;

	while ((m = lib.curl_multi_info_read_(h->multi, &left))) {
		struct call *c = NULL;
		CURLcode rc = m->data.result;

		if (m->msg != CURLMSG_DONE)
			continue;
		lib.curl_easy_getinfo_(m->easy_handle, CURLINFO_PRIVATE, (char **)&c);
		finish(c, rc);
	}
}

/* ---- turns ---- */

int http_watch(struct http *h, struct loop *l)
{
	int64_t left;

	h->first = l->nfds;
	for (uint32_t i = 0; i < h->nfds; i++)
		loop_watch(l, h->fds[i].fd, h->fds[i].events);
	if (h->due < 0)
		return -1;
	left = h->due - clock_ms();
	return left < 0 ? 0 : left > 60000 ? 60000 : (int)left;
}

/* The sockets may change while libcurl works: look at a copy of what happened. */
static void act(struct http *h, const struct pollfd *seen, uint32_t n)
{
	int running;

	h->inside = true;
	for (uint32_t i = 0; i < n; i++) {
		int what = (seen[i].revents & (POLLIN | POLLHUP) ? CURL_CSELECT_IN : 0) |
			(seen[i].revents & POLLOUT ? CURL_CSELECT_OUT : 0) |
			(seen[i].revents & (POLLERR | POLLNVAL) ? CURL_CSELECT_ERR : 0);

		if (what)
			lib.curl_multi_socket_action_(h->multi, seen[i].fd, what, &running);
	}
	if (h->due >= 0 && clock_ms() >= h->due) {
		h->due = -1;
		lib.curl_multi_socket_action_(h->multi, CURL_SOCKET_TIMEOUT, 0, &running);
	}
	h->inside = false;
	for (struct call *c = h->calls; c; c = c->next)
		accept_own(c);
	take_finished(h);
	add_new(h);
}

void http_turn(struct http *h, const struct loop *l)
{
	uint32_t n = l->nfds > h->first ? l->nfds - h->first : 0;

	/* those behind ours are others': their descriptors mean nothing to libcurl */
	n = n < h->nfds ? n : h->nfds;
	act(h, n ? l->fds + h->first : NULL, n);
}

void http_finish(struct http *h, int ms)
{
	static const bool none = false;

	http_finish_but(h, ms, &none);
}

void http_finish_but(struct http *h, int ms, const bool *one)
{
	int64_t end = clock_ms() + ms;
	struct pollfd *copy = NULL;
	uint32_t cap = 0;

	while (h->ncalls > (uint32_t)*one && (ms < 0 || clock_ms() < end)) {
		int64_t left = h->due < 0 ? 100 : h->due - clock_ms();
		uint32_t n = h->nfds;

		copy = grow(copy, &cap, n + 1, sizeof(*copy));
		if (n)
			memcpy(copy, h->fds, n * sizeof(*copy));
		if (poll(copy, n, left < 0 ? 0 : left > 100 ? 100 : (int)left) < 0)
			n = 0;
		act(h, copy, n);
	}
	free(copy);
}

void http_free(struct http *h)
{
	if (!h)
		return;
	while (h->calls) {
		struct call *c = h->calls;
		struct http_reply r = { .end = HTTP_LOST, .body = "", .why = "the driver ends" };

		unlink_call(c);
		c->done(c->ctx, &r);
		free_call(c);
	}
	if (h->multi)
		lib.curl_multi_cleanup_(h->multi);
	if (h->header)
		lib.curl_slist_free_all_(h->header);
	free(h->fds);
	free(h->base);
	free(h->socket);
	free(h->command);
	free(h->trust);
	free(h);
}
