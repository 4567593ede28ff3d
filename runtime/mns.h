/* mns.h - requests to the message service MNS: what is signed, and the message of PublishMessage.  Nothing is sent here.
 *
 * The rules are those of the service's pages "Sign requests" and "PublishMessage", version 2015-06-06 of its API. */
#ifndef WEFT_RUNTIME_MNS_H
#define WEFT_RUNTIME_MNS_H

#include "base/buf.h"
#include "job/topic.h"

#include <time.h>

enum { MNS_SIGNATURE = 29, MNS_DATE = 30 }; /* base64 of 20 bytes, "Thu, 09 Jul 2015 03:01:34 GMT"; both with their NUL */

struct mns_request {
	const char *verb, *md5, *type, *date; /* "" for headers that are not sent */
	const char *headers;  /* those of x-mns-*: lower case, sorted, "name:value\n" each */
	const char *resource; /* the path with the query, as it is sent */
};

/* base64(HMAC-SHA1(secret, request)); false, and *why, when OpenSSL cannot be had. */
bool mns_sign(const char *secret, const struct mns_request *q, char out[MNS_SIGNATURE], const char **why);
/* The date of a request. */
void mns_date(time_t t, char out[MNS_DATE]);
/* /topics/TOPIC/messages */
void mns_path(struct buf *b, const char *topic);
/* The body that publishes n bytes of text: as they are, or base64. */
bool mns_message(struct buf *b, const char *text, size_t n, bool base64, const char **why);
/* The headers, a line each, of a POST of such a body to this path. */
bool mns_headers(struct buf *b, const struct topic_key *key, const char *path, time_t now, const char **why);
/* The text of <Code> in an error's answer, letters and digits only, "" if there is none. */
void mns_code(const char *answer, char out[64]);

#endif
