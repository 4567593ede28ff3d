/* mns.c - see mns.h. */
#include "runtime/mns.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/intl.h"
#include "runtime/package_lib.h"

#define VERSION "x-mns-version:2015-06-06\n"
#define TYPE "text/xml"

enum { SHA1_BYTES = 20, TEXT_MAX = 1 << 20 };

bool mns_sign(const char *secret, const struct mns_request *q, char out[MNS_SIGNATURE], const char **why)
{
	const struct lib_crypto *lib = lib_crypto(why);
	unsigned char md[EVP_MAX_MD_SIZE];
	unsigned n = 0;
	struct buf b;

	*out = 0;
	if (!lib)
		return false;
	buf_init(&b, TEXT_MAX);
	buf_addf(&b, "%s\n%s\n%s\n%s\n%s%s", q->verb, q->md5, q->type, q->date, q->headers, q->resource);
	if (!b.over && lib->HMAC(lib->EVP_sha1(), secret, (int)strlen(secret), (const unsigned char *)buf_str(&b), b.len, md, &n))
		lib->EVP_EncodeBlock((unsigned char *)out, md, SHA1_BYTES);
	buf_free(&b);
	*why = _("the signature cannot be computed");
	return n == SHA1_BYTES;
}

/* strftime would use the words of the locale. */
void mns_date(time_t t, char out[MNS_DATE])
{
	static const char day[7][4] = { "Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat" };
	static const char month[12][4] = { "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec" };
	struct tm tm;

	gmtime_r(&t, &tm);
	snprintf(out, MNS_DATE, "%s, %02d %s %04d %02d:%02d:%02d GMT", day[tm.tm_wday], tm.tm_mday, month[tm.tm_mon],
		tm.tm_year % 8100 + 1900, tm.tm_hour, tm.tm_min, tm.tm_sec);
}

void mns_path(struct buf *b, const char *topic)
{
	buf_adds(b, "/topics/");
	for (; *topic; topic++) {
		unsigned char c = (unsigned char)*topic;
		bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_';

		if (plain)
			buf_addc(b, *topic);
		else
			buf_addf(b, "%%%02X", c);
	}
	buf_adds(b, "/messages");
}

static void add_xml(struct buf *b, const char *p, size_t n)
{
	for (size_t i = 0; i < n; i++)
		switch (p[i]) {
		case '&': buf_adds(b, "&amp;"); break;
		case '<': buf_adds(b, "&lt;"); break;
		case '>': buf_adds(b, "&gt;"); break;
		default: buf_addc(b, p[i]);
		}
}

static bool add_base64(struct buf *b, const char *p, size_t n, const char **why)
{
	const struct lib_crypto *lib = lib_crypto(why);
	unsigned char *text = lib ? xmalloc(n / 3 * 4 + 8) : NULL;

	if (!lib)
		return false;
	lib->EVP_EncodeBlock(text, (const unsigned char *)p, (int)n);
	buf_adds(b, (const char *)text);
	free(text);
	return true;
}

bool mns_message(struct buf *b, const char *text, size_t n, bool base64, const char **why)
{
	buf_adds(b, "<?xml version=\"1.0\" encoding=\"UTF-8\"?><Message xmlns=\"http://mns.aliyuncs.com/doc/v1/\"><MessageBody>");
	if (!base64)
		add_xml(b, text, n);
	else if (!add_base64(b, text, n, why))
		return false;
	buf_adds(b, "</MessageBody></Message>");
	*why = _("the message is too long");
	return !b->over;
}

bool mns_headers(struct buf *b, const struct topic_key *key, const char *path, time_t now, const char **why)
{
	char date[MNS_DATE], sign[MNS_SIGNATURE];

	mns_date(now, date);
	if (!mns_sign(key->secret, &(struct mns_request){ "POST", "", TYPE, date, VERSION, path }, sign, why))
		return false;
	buf_addf(b, "Content-Type: " TYPE "\nDate: %s\n" VERSION "Authorization: MNS %s:%s\n", date, key->id, sign);
	if (key->token)
		buf_addf(b, "security-token: %s\n", key->token);
	return true;
}

void mns_code(const char *answer, char out[64])
{
	const char *p = strstr(answer, "<Code>");
	size_t n = p ? strspn(p + 6, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789.") : 0;

	n = n < 63 ? n : 63;
	if (n)
		memcpy(out, p + 6, n);
	out[n] = 0;
}
