/* httpd.h - an HTTP server for tests: a process a connection, which does with each request what the caller's function
 * says.  httpd_start gives its port; httpd_stop ends all of it. */
#ifndef WEFT_TESTS_HTTPD_H
#define WEFT_TESTS_HTTPD_H

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

enum { HTTPD_REQUEST = 64 << 10 };

/* Answer one request, its body followed by a NUL, on fd; false: close the connection. */
typedef bool httpd_fn(int fd, const char *head, const char *body);

struct httpd {
	pid_t pid;
	int port;
};

__attribute__((unused)) static bool httpd_answer(int fd, int status, const char *body)
{
	char b[512];
	int n = snprintf(b, sizeof(b), "HTTP/1.1 %d X\r\nContent-Length: %zu\r\n\r\n%s", status, strlen(body), body);

	return write(fd, b, (size_t)n) == n;
}

/* Read until the body of one request is whole; where it begins, -1 at the end. */
static int httpd_read(int fd, char *b, size_t *have)
{
	for (;;) {
		char *end, *len;
		ssize_t n;

		b[*have] = 0;
		end = strstr(b, "\r\n\r\n");
		len = end ? strcasestr(b, "content-length:") : NULL;
		if (end && *have >= (size_t)(end + 4 - b) + (len && len < end ? strtoul(len + 15, NULL, 10) : 0))
			return (int)(end + 4 - b);
		n = read(fd, b + *have, HTTPD_REQUEST - *have - 1);
		if (n <= 0)
			return -1;
		*have += (size_t)n;
	}
}

static void httpd_connection(int fd, httpd_fn *fn)
{
	char *b = malloc(HTTPD_REQUEST);
	size_t have = 0;
	int at;

	/* requests come one at a time: what was read is one of them */
	while ((at = httpd_read(fd, b, &have)) >= 0) {
		b[at - 1] = 0;
		if (!fn(fd, b, b + at))
			break;
		have = 0;
	}
	free(b);
	close(fd);
}

static struct httpd httpd_start(httpd_fn *fn)
{
	struct sockaddr_in sa = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t n = sizeof(sa);
	int s = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), one = 1;
	struct httpd h = { 0 };

	if (s < 0 || bind(s, (struct sockaddr *)&sa, n) < 0 || listen(s, 64) < 0 || getsockname(s, (struct sockaddr *)&sa, &n) < 0)
		return h;
	h.port = ntohs(sa.sin_port);
	fflush(stdout);
	h.pid = fork();
	if (h.pid) {
		close(s);
		return h;
	}
	setpgid(0, 0);
	signal(SIGCHLD, SIG_IGN);
	signal(SIGPIPE, SIG_IGN);
	for (;;) {
		int fd = accept(s, NULL, NULL);

		if (fd < 0)
			continue;
		setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
		if (fork() == 0) {
			httpd_connection(fd, fn);
			_exit(0);
		}
		close(fd);
	}
}

static void httpd_stop(struct httpd *h)
{
	if (h->pid <= 0)
		return;
	kill(-h->pid, SIGKILL);
	kill(h->pid, SIGKILL);
	waitpid(h->pid, NULL, 0);
	h->pid = 0;
}

#endif
