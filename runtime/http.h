/* http.h - HTTP requests that never block: the one CURLM of the driver, with libcurl loaded when first needed.
 *
 * Endpoints:  http://HOST:PORT, https://HOST:PORT[/PREFIX]
 *             unix:/PATH           a socket of this machine
 *             exec:COMMAND         a program that answers one request on its standard input and output
 * Every request has a deadline and its reply a largest size.  An answer is trusted in nothing. */
#ifndef WEFT_RUNTIME_HTTP_H
#define WEFT_RUNTIME_HTTP_H

#include "runtime/loop.h"

#include <stddef.h>

struct http;

enum http_end {
	HTTP_ANSWERED, /* with a status, whatever it is */
	HTTP_UNSENT,   /* no connection: the server has seen nothing */
	HTTP_LOST,     /* the server may have acted: connection broken, deadline passed, no HTTP */
	HTTP_LONG,     /* the reply is longer than allowed, or the sink refused it */
};
struct http_reply {
	enum http_end end;
	int status;
	const char *body; /* followed by a NUL; empty when there was a sink */
	size_t len;
	const char *why;  /* for a person, when not answered */
};
/* Called from http_turn or http_finish, once a request. */
typedef void http_done(void *ctx, const struct http_reply *r);
/* The body of a reply of status 200, piece by piece; false ends it (HTTP_LONG). */
typedef bool http_sink(void *ctx, const char *p, size_t n);

struct http_request {
	const char *method;      /* GET, POST, DELETE */
	const char *path;        /* begins with a slash */
	const char *body;        /* or NULL; copied */
	const char *header;      /* lines, each ended by \n, instead of those of http_headers; NULL: those; copied */
	bool twice;              /* taking effect twice does no harm: a kept connection may turn out to be dead */
	int deadline_ms;
	size_t max;              /* bytes of the reply, also with a sink */
	http_sink *sink;         /* NULL: collect */
	http_done *done;
	void *ctx;               /* of both */
};

/* NULL and *why (valid until the next call): the endpoint is none of the above, libcurl is missing. */
struct http *http_new(const char *endpoint, const char **why);
/* Requests under way end as HTTP_LOST; `done` must not begin new ones then. */
void http_free(struct http *h);
/* Header lines of all requests from now on, ended by NULL; copied. */
void http_headers(struct http *h, const char *const *line);
/* Connections at once, 4 if never called. */
void http_connections(struct http *h, uint32_t n);
/* The file of certificates that https is checked with, instead of the system's; copied. */
void http_trust(struct http *h, const char *file);
/* Begin a request. */
void http_start(struct http *h, const struct http_request *q);
/* Requests under way. */
uint32_t http_pending(const struct http *h);
/* Add descriptors to the loop; ms until http_turn is due without any of them, -1: never. */
int http_watch(struct http *h, struct loop *l);
/* Go on with what the loop saw since http_watch. */
void http_turn(struct http *h, const struct loop *l);
/* Wait until no request is under way, at most so many ms (-1: as long as it takes). */
void http_finish(struct http *h, int ms);
/* The same, but not for one of them while *one says that it is under way: its answer is not wanted. */
void http_finish_but(struct http *h, int ms, const bool *one);

#endif
