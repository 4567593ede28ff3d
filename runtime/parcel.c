/* parcel.c - see parcel.h. */
#include "runtime/parcel.h"

#include "base/intl.h"
#include "base/json.h"

#include <errno.h>
#include <jansson.h>
#include <string.h>

#define SCHEMA "weft.notify/1"

static void write_label(struct buf *b, const struct parcel_label *l)
{
	struct jw w;

	jw_init(&w, b, 0);
	jw_open(&w, '{');
	jw_kstr(&w, "schema", SCHEMA);
	jw_kint(&w, "run", l->run);
	jw_kstr(&w, "job", l->job);
	jw_kstr(&w, "job_id", l->job_id);
	jw_kstr(&w, "source", l->source);
	jw_kstr(&w, "topic", l->topic);
	jw_kstr(&w, "endpoint", l->endpoint);
	jw_close(&w);
}

static const char *member(struct arena *a, const json_t *o, const char *key)
{
	const char *s = json_string_value(json_object_get(o, key));

	return arena_strdup(a, s ? s : "");
}

static bool read_label(struct arena *a, const char *text, struct parcel_label *l)
{
	json_t *o = json_loads(text, JSON_REJECT_DUPLICATES, NULL);
	const char *schema = json_string_value(json_object_get(o, "schema"));
	bool ok = schema && !strcmp(schema, SCHEMA);

	l->run = (uint32_t)json_integer_value(json_object_get(o, "run"));
	l->job = member(a, o, "job");
	l->job_id = member(a, o, "job_id");
	l->source = member(a, o, "source");
	l->topic = member(a, o, "topic");
	l->endpoint = member(a, o, "endpoint");
	json_decref(o);
	return ok;
}

static struct parcel *make(struct spool *s)
{
	struct parcel *p;

	if (!s)
		return NULL;
	p = xcalloc(1, sizeof(*p));
	p->arena = arena_new();
	p->spool = s;
	if (read_label(p->arena, spool_header(s), &p->label))
		return p;
	parcel_close(p);
	errno = EINVAL;
	return NULL;
}

struct parcel *parcel_open(const char *path, bool write)
{
	return make(spool_open(path, write));
}

struct parcel *parcel_new(const char *path, const struct parcel_label *l)
{
	struct spool *s;
	struct buf b;

	buf_init(&b, 64 << 10);
	write_label(&b, l);
	s = spool_new(path, buf_str(&b));
	if (!s && errno == EEXIST) /* a run that a dead driver had begun goes on */
		s = spool_open(path, true);
	buf_free(&b);
	return make(s);
}

bool parcel_way(struct parcel *p, const struct site *site)
{
	struct topic *t = &p->topic;

	p->why = _("the url is neither http:// nor https://, or holds a password");
	if (topic_find(p->arena, site, p->label.topic, p->label.endpoint, t) != TOPIC_FINE)
		return false;
	p->why = _("there is no access key");
	if (t->mns)
		return topic_read_key(p->arena, t, &p->key, &p->why) == TOPIC_FINE;
	if (!t->token_file || !t->block || !site_value(t->block, SK_TOPIC_url))
		return true;
	p->why = _("the token would be sent in the clear");
	return !topic_in_the_clear(t) && topic_read_token(p->arena, t, &p->token, &p->why) == TOPIC_FINE;
}

bool parcel_send(struct parcel *p, const struct site *site, bool refused)
{
	if (!parcel_way(p, site))
		return false;
	p->outbox = outbox_new(&p->topic, &p->key, p->token, p->spool, refused, &p->why);
	return p->outbox;
}

bool parcel_idle(const struct parcel *p)
{
	return !p->outbox || outbox_idle(p->outbox);
}

void parcel_close(struct parcel *p)
{
	if (!p)
		return;
	outbox_free(p->outbox);
	spool_close(p->spool);
	arena_free(p->arena);
	free(p);
}
