/* topic.c - see topic.h. */
#include "job/topic.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/intl.h"

enum { KEY_FILE_MAX = 16 << 10 };

const char *const topic_events[TOPIC_EVENTS] = {
	"OnJobWaiting", "OnJobRunning", "OnJobStopped", "OnJobFinished", "OnJobFailed",
	"OnTaskWaiting", "OnTaskRunning", "OnTaskStopped", "OnTaskFinished", "OnTaskFailed",
	"OnInstanceWaiting", "OnInstanceRunning", "OnInstanceStopped", "OnInstanceFinished", "OnInstanceFailed",
	"OnPriorityChange",
};

uint32_t topic_event(const char *word)
{
	uint32_t i = 0;

	while (i < TOPIC_EVENTS && strcmp(word, topic_events[i]) != 0)
		i++;
	return i;
}

/* ---- endpoints ---- */

static size_t label_len(const char *p)
{
	return strspn(p, "abcdefghijklmnopqrstuvwxyz0123456789-");
}

bool topic_is_mns(const char *p, bool *internal)
{
	size_t n;

	*internal = false;
	if (strncmp(p, "http://", 7) && strncmp(p, "https://", 8))
		return false;
	p = strstr(p, "//") + 2;
	n = strspn(p, "0123456789");
	if (n == 0 || strncmp(p + n, ".mns.", 5))
		return false;
	p += n + 5;
	n = label_len(p);
	*internal = n > 9 && !strncmp(p + n - 9, "-internal", 9);
	return n && !strncmp(p + n, ".aliyuncs.com", 13) && (!p[n + 13] || !strcmp(p + n + 13, "/"));
}

/* Into base and path: no blanks or control characters, no user and password, nothing behind a #. */
static bool split_url(struct arena *a, const char *url, struct topic *t)
{
	const char *host = !strncmp(url, "http://", 7) ? url + 7 : !strncmp(url, "https://", 8) ? url + 8 : NULL;
	size_t n = host ? strcspn(host, "/?#") : 0;

	if (!n || memchr(host, '@', n) || strchr(url, '#'))
		return false;
	for (const char *p = url; *p; p++)
		if ((unsigned char)*p <= ' ' || *p == 0x7f)
			return false;
	t->base = arena_strndup(a, url, (size_t)(host - url) + n);
	t->path = host[n] == '/' ? host + n : arena_printf(a, "/%s", host + n);
	return true;
}

static const struct site_block *find_block(struct arena *a, const struct site *site, const struct topic *t)
{
	const struct site_block *b = site_find(site, SITE_TOPIC, t->name);
	size_t n = strlen(t->endpoint);

	b = b ? b : site_find(site, SITE_TOPIC, t->endpoint);
	if (!b && n && t->endpoint[n - 1] == '/')
		b = site_find(site, SITE_TOPIC, arena_strndup(a, t->endpoint, n - 1));
	return b;
}

enum topic_lack topic_find(struct arena *a, const struct site *site, const char *topic, const char *endpoint, struct topic *t)
{
	const char *url;
	bool internal;

	*t = (struct topic){ .name = topic, .endpoint = endpoint };
	t->block = find_block(a, site, t);
	url = site_str(t->block, SK_TOPIC_url, endpoint);
	t->mns = site_int(t->block, SK_TOPIC_mns, topic_is_mns(url, &internal));
	t->base64 = site_int(t->block, SK_TOPIC_base64, 0);
	t->wait_ms = site_int(t->block, SK_TOPIC_wait, TOPIC_WAIT_MS);
	t->key_file = site_str(t->block, SK_TOPIC_key_file, NULL);
	t->token_file = site_str(t->block, SK_TOPIC_token_file, NULL);
	t->ca_file = site_str(t->block, SK_TOPIC_ca_file, NULL);
	return split_url(a, url, t) ? TOPIC_FINE : TOPIC_URL;
}

bool topic_in_the_clear(const struct topic *t)
{
	const char *host = !strncmp(t->base, "http://", 7) ? t->base + 7 : NULL;
	size_t n = host ? strcspn(host, ":") : 0;

	if (!host || !strncmp(host, "[::1]", 5))
		return false;
	return (n != 9 || strncmp(host, "localhost", 9)) && strncmp(host, "127.", 4);
}

/* ---- keys ---- */

static const char *env_word(const char *var)
{
	const char *v = getenv(var);

	return v && *v ? v : NULL;
}

bool topic_has_key(const struct topic *t)
{
	return t->key_file || (env_word(TOPIC_ID_VAR) && env_word(TOPIC_SECRET_VAR));
}

/* Words of letters, digits and signs: what may stand in a header. */
static bool is_word(const char *s)
{
	for (; *s; s++)
		if (*s <= ' ' || *s > '~')
			return false;
	return true;
}

/* At most `max` words of a file, apart by blanks and line ends; how many there are, -1 when it cannot be read. */
static int read_words(struct arena *a, const char *path, const char **word, int max, const char **why)
{
	char *text = arena_zalloc(a, KEY_FILE_MAX + 1, 1);
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY), count = 0;
	ssize_t n = fd >= 0 ? read(fd, text, KEY_FILE_MAX) : -1;

	if (n < 0)
		*why = arena_printf(a, _("cannot read `%s`: %s"), path, strerror(errno));
	if (fd >= 0)
		close(fd);
	if (n < 0)
		return -1;
	text[n] = 0;
	for (char *p = text; *(p += strspn(p, " \t\r\n")); count++) {
		size_t k = strcspn(p, " \t\r\n");

		if (count < max)
			word[count] = p;
		p += k;
		if (*p)
			*p++ = 0;
	}
	return count;
}

static enum topic_lack key_from_file(struct arena *a, const struct topic *t, struct topic_key *k, const char **why)
{
	const char *word[3] = { NULL, NULL, NULL };
	int n = read_words(a, t->key_file, word, 3, why);

	if (n < 0)
		return TOPIC_FILE;
	*k = (struct topic_key){ word[0], word[1], word[2] };
	if (n >= 2 && n <= 3 && is_word(word[0]) && is_word(word[1]) && (n == 2 || is_word(word[2])))
		return TOPIC_FINE;
	*why = arena_printf(a, _("`%s` does not hold an id, a secret and perhaps a token"), t->key_file);
	return TOPIC_FILE;
}

enum topic_lack topic_read_key(struct arena *a, const struct topic *t, struct topic_key *k, const char **why)
{
	if (t->key_file)
		return key_from_file(a, t, k, why);
	*k = (struct topic_key){ env_word(TOPIC_ID_VAR), env_word(TOPIC_SECRET_VAR), env_word(TOPIC_TOKEN_VAR) };
	if (!k->id || !k->secret)
		return TOPIC_KEY;
	if (is_word(k->id) && is_word(k->secret) && (!k->token || is_word(k->token)))
		return TOPIC_FINE;
	*why = _("the access key of the environment holds blanks or control characters");
	return TOPIC_FILE;
}

enum topic_lack topic_read_token(struct arena *a, const struct topic *t, const char **token, const char **why)
{
	int n = read_words(a, t->token_file, token, 1, why);

	if (n == 1 && is_word(*token))
		return TOPIC_FINE;
	if (n >= 0)
		*why = arena_printf(a, _("`%s` does not hold one token"), t->token_file);
	return TOPIC_FILE;
}
