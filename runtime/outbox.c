/* outbox.c - see outbox.h. */
#include "runtime/outbox.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "base/intl.h"
#include "base/version.h"
#include "runtime/http.h"
#include "runtime/mns.h"

enum {
	AHEAD = 256,           /* messages looked at */
	CONNECTIONS = 16,      /* and so many under way */
	DEADLINE_MS = 15000,
	BACKOFF_MIN_MS = 200, BACKOFF_MAX_MS = 30000,
	ANSWER_MAX = 64 << 10, /* bytes of an answer that are waited for */
	REQUEST_MAX = 2 * SPOOL_TEXT_MAX,
	TROUBLE_MAX = 256,
};

enum slot_state { S_FREE, S_BEHIND /* an earlier one of its key */, S_READY, S_SENT, S_WAITS /* for its time */ };

struct slot {
	struct outbox *o;
	struct spool_message m;
	uint8_t state;
	uint32_t behind;  /* slots + 1: whoever waits for this one, 0 none */
	uint64_t number;  /* in order of the spool */
	uint32_t tries;
	int64_t due;      /* S_WAITS: clock_ms */
};
struct outbox {
	const struct topic *t;
	const struct topic_key *key;
	const char *token;
	char *path;
	struct spool *spool;
	struct http *http;
	bool refused;     /* those too */
	bool stopped;
	uint64_t dry;     /* spool_added when there was nothing more to look at */
	struct slot slot[AHEAD];
	uint32_t used, sent;
	uint32_t allowed; /* under way at once */
	uint32_t fails;   /* since the last success */
	int64_t pause;    /* clock_ms: nothing is sent before */
	uint64_t number, delivered, random;
	struct buf text, body, header;
	char trouble[TROUBLE_MAX];
};

/* ---- time ---- */

static int64_t backoff_ms(struct outbox *o, uint32_t n)
{
	int64_t ms = n > 8 ? BACKOFF_MAX_MS : BACKOFF_MIN_MS << n;

	ms = ms > BACKOFF_MAX_MS ? BACKOFF_MAX_MS : ms;
	o->random ^= o->random << 13;
	o->random ^= o->random >> 7;
	o->random ^= o->random << 17;
	return ms / 2 + (int64_t)(o->random % (uint64_t)(ms / 2));
}

/* ---- what is looked at ---- */

static void put(struct outbox *o, struct slot *at, const struct spool_message *m)
{
	struct slot *last = NULL;

	for (struct slot *s = o->slot; s < o->slot + AHEAD; s++)
		if (s->state != S_FREE && s->m.key == m->key && (!last || s->number > last->number))
			last = s;
	*at = (struct slot){ .o = o, .m = *m, .number = o->number++, .state = last ? S_BEHIND : S_READY };
	if (last)
		last->behind = (uint32_t)(at - o->slot) + 1;
	o->used++;
}

static void look_ahead(struct outbox *o)
{
	struct spool_message m;

	for (struct slot *s = o->slot; s < o->slot + AHEAD && o->used < AHEAD; s++)
		if (s->state == S_FREE) {
			if (!spool_next(o->spool, o->refused, &m)) {
				o->dry = spool_added(o->spool);
				return;
			}
			put(o, s, &m);
		}
}

static void settle(struct slot *s)
{
	struct outbox *o = s->o;

	if (s->behind)
		o->slot[s->behind - 1].state = S_READY;
	s->state = S_FREE;
	o->used--;
}

/* The first that may be sent. */
static struct slot *next_ready(struct outbox *o, int64_t now)
{
	struct slot *best = NULL;

	for (struct slot *s = o->slot; s < o->slot + AHEAD; s++) {
		if (s->state == S_WAITS && s->due <= now)
			s->state = S_READY;
		if (s->state == S_READY && (!best || s->number < best->number))
			best = s;
	}
	return best;
}

/* ---- answers ---- */

enum verdict { V_DONE, V_AGAIN, V_REFUSED, V_STOP };

static enum verdict judge_status(int status)
{
	if (status >= 200 && status < 300)
		return V_DONE;
	if (status >= 500 || status == 408 || status == 425 || status == 429 || status < 200)
		return V_AGAIN;
	if (status < 400 || status == 401 || status == 403 || status == 404 || status == 405 || status == 407 || status == 410)
		return V_STOP;
	return V_REFUSED;
}

static void say(struct outbox *o, const struct http_reply *r)
{
	char code[64] = "";

	if (r->end == HTTP_ANSWERED && o->t->mns)
		mns_code(r->body, code);
	if (r->end == HTTP_ANSWERED || r->end == HTTP_LONG)
		snprintf(o->trouble, sizeof(o->trouble), _("it answers %d%s%s"), r->status, *code ? " " : "", code);
	else
		snprintf(o->trouble, sizeof(o->trouble), "%s", r->why);
}

static enum verdict judge(struct outbox *o, const struct http_reply *r)
{
	enum verdict v = r->end == HTTP_ANSWERED || r->end == HTTP_LONG ? judge_status(r->status) : V_AGAIN;
	char code[64];

	if (v == V_REFUSED && o->t->mns) { /* it says so with a 400 */
		mns_code(r->body, code);
		v = !strcmp(code, "QpsLimitExceeded") || !strcmp(code, "TimeExpired") ? V_AGAIN : v;
	}
	if (v == V_DONE)
		*o->trouble = 0;
	else
		say(o, r);
	return v;
}

static void try_again(struct slot *s)
{
	struct outbox *o = s->o;
	int64_t now = clock_ms();

	s->state = S_WAITS;
	s->due = now + backoff_ms(o, s->tries++);
	if (o->fails++) /* one alone may be the message's own fault */
		o->pause = now + backoff_ms(o, o->fails - 2);
	o->allowed = (o->allowed + 1) / 2;
}

static void on_answer(void *ctx, const struct http_reply *r)
{
	struct slot *s = ctx;
	struct outbox *o = s->o;
	enum verdict v = judge(o, r);

	o->sent--;
	if (v == V_STOP) {
		s->state = S_READY;
		o->stopped = true;
		return;
	}
	if (v == V_AGAIN || !spool_mark(o->spool, &s->m, v == V_DONE ? '+' : 'x')) {
		try_again(s);
		return;
	}
	o->delivered += v == V_DONE;
	o->fails = 0;
	o->pause = 0;
	o->allowed += o->allowed < CONNECTIONS;
	settle(s);
}

/* ---- requests ---- */

static bool make_request(struct outbox *o, const struct slot *s, const char **why)
{
	buf_reset(&o->body);
	buf_reset(&o->header);
	*why = _("the kept messages cannot be read");
	if (!spool_text(o->spool, &s->m, &o->text))
		return false;
	buf_adds(&o->header, "User-Agent: weft/" WEFT_VERSION "\n");
	if (o->t->mns)
		return mns_message(&o->body, o->text.p, o->text.len, o->t->base64, why) &&
			mns_headers(&o->header, o->key, o->path, time(NULL), why);
	buf_add(&o->body, o->text.p, o->text.len);
	buf_adds(&o->header, "Content-Type: application/json\n");
	if (o->token)
		buf_addf(&o->header, "Authorization: Bearer %s\n", o->token);
	return true;
}

static bool send(struct outbox *o, struct slot *s)
{
	const char *why = NULL;

	if (!make_request(o, s, &why)) {
		snprintf(o->trouble, sizeof(o->trouble), "%s", why);
		o->stopped = true;
		return false;
	}
	s->state = S_SENT;
	o->sent++;
	http_start(o->http, &(struct http_request){ .method = "POST", .path = o->path, .body = buf_str(&o->body),
		.header = buf_str(&o->header), .twice = true, .deadline_ms = DEADLINE_MS, .max = ANSWER_MAX, .done = on_answer,
		.ctx = s });
	return true;
}

static void send_ready(struct outbox *o)
{
	int64_t now = clock_ms();
	struct slot *s;

	while (!o->stopped && o->sent < o->allowed && o->pause <= now) {
		look_ahead(o);
		s = next_ready(o, now);
		if (!s || !send(o, s))
			return;
	}
}

/* ---- turns ---- */

/* ms until a message's or the pause's time. */
static int next_due(const struct outbox *o)
{
	int64_t now = clock_ms(), first = INT64_MAX;

	if (o->stopped || o->sent >= o->allowed || !o->used)
		return -1;
	for (const struct slot *s = o->slot; s < o->slot + AHEAD; s++) {
		int64_t due = s->state == S_READY ? now : s->state == S_WAITS ? s->due : INT64_MAX;

		first = due < first ? due : first;
	}
	first = first < o->pause ? o->pause : first;
	return first == INT64_MAX ? -1 : first <= now ? 0 : (int)(first - now);
}

int outbox_watch(struct outbox *o, struct loop *l)
{
	int a, b;

	send_ready(o);
	a = http_watch(o->http, l);
	b = next_due(o);
	return a < 0 || (b >= 0 && b < a) ? b : a;
}

void outbox_turn(struct outbox *o, const struct loop *l)
{
	http_turn(o->http, l);
	send_ready(o);
}

bool outbox_idle(const struct outbox *o)
{
	return o->stopped ? !o->sent : !o->used && o->dry == spool_added(o->spool);
}

bool outbox_stopped(const struct outbox *o)
{
	return o->stopped;
}

uint64_t outbox_delivered(const struct outbox *o)
{
	return o->delivered;
}

const char *outbox_trouble(const struct outbox *o)
{
	return *o->trouble ? o->trouble : NULL;
}

/* ---- beginning and end ---- */

static char *request_path(const struct topic *t)
{
	struct buf b;
	size_t n = strlen(t->path);
	char *s;

	buf_init(&b, REQUEST_MAX);
	if (t->mns && n && t->path[n - 1] == '/')
		n--;
	buf_add(&b, t->path, n);
	if (t->mns)
		mns_path(&b, t->name);
	s = xstrdup(buf_str(&b));
	buf_free(&b);
	return s;
}

struct outbox *outbox_new(const struct topic *t, const struct topic_key *key, const char *token, struct spool *s, bool refused,
	const char **why)
{
	struct outbox *o;
	struct http *h = http_new(t->base, why);

	if (!h)
		return NULL;
	o = xcalloc(1, sizeof(*o));
	*o = (struct outbox){ .t = t, .key = key, .token = token, .spool = s, .http = h, .refused = refused, .allowed = 1,
		.path = request_path(t) };
	http_headers(h, (const char *[]){ NULL });
	http_connections(h, CONNECTIONS);
	if (t->ca_file)
		http_trust(h, t->ca_file);
	if (getrandom(&o->random, sizeof(o->random), GRND_NONBLOCK) != sizeof(o->random) || !o->random)
		o->random = (uint64_t)clock_ms() | 1;
	buf_init(&o->text, SPOOL_TEXT_MAX);
	buf_init(&o->body, REQUEST_MAX);
	buf_init(&o->header, 64 << 10);
	return o;
}

void outbox_free(struct outbox *o)
{
	if (!o)
		return;
	o->stopped = true;
	http_free(o->http);
	buf_free(&o->text);
	buf_free(&o->body);
	buf_free(&o->header);
	free(o->path);
	free(o);
}
