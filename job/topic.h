/* topic.h - where the notifications of a job go: what the job declares, what the site file says of it, and whose key.
 *
 * The block of the site file is the one named like the topic, else the one named like the endpoint.  Without one
 * messages go to the endpoint: an endpoint of the message service speaks its protocol and needs an access key, any
 * other gets each message as a POST of its JSON. */
#ifndef WEFT_JOB_TOPIC_H
#define WEFT_JOB_TOPIC_H

#include "job/job.h"
#include "job/site.h"

enum { TOPIC_WAIT_MS = 10000 };

/* The environment's access key, as other programs of the service's users know it. */
#define TOPIC_ID_VAR "ALIBABA_CLOUD_ACCESS_KEY_ID"
#define TOPIC_SECRET_VAR "ALIBABA_CLOUD_ACCESS_KEY_SECRET"
#define TOPIC_TOKEN_VAR "ALIBABA_CLOUD_SECURITY_TOKEN"

struct topic {
	const char *name, *endpoint;    /* as the job has them */
	const struct site_block *block; /* of the site file, NULL */
	const char *base, *path;        /* scheme://host[:port], which may be shown; the rest, which may hold a secret */
	bool mns;                       /* the message service's protocol */
	bool base64;                    /* MNS: texts are base64 */
	int64_t wait_ms;                /* at the end of a run */
	const char *key_file, *token_file, *ca_file; /* NULL: none */
};
struct topic_key { /* of the message service */
	const char *id, *secret, *token; /* token: of temporary keys, else NULL */
};
enum topic_lack { TOPIC_FINE, TOPIC_URL /* neither http:// nor https://, or a password in it */, TOPIC_KEY /* none */,
	TOPIC_FILE /* of the site file cannot be read or used */ };

/* What goes where; texts live in a or where they came from.  TOPIC_FINE or TOPIC_URL. */
enum topic_lack topic_find(struct arena *a, const struct site *site, const char *topic, const char *endpoint, struct topic *t);
/* http[s]://ACCOUNT.mns.REGION[-internal].aliyuncs.com[/]; *internal: the private one. */
bool topic_is_mns(const char *endpoint, bool *internal);
/* Is there an access key, as far as can be told without reading files? */
bool topic_has_key(const struct topic *t);
/* Read the access key of t.  TOPIC_FINE, TOPIC_KEY, TOPIC_FILE with *why.  Never to be recorded or shown. */
enum topic_lack topic_read_key(struct arena *a, const struct topic *t, struct topic_key *k, const char **why);
/* Read t->token_file into *token. */
enum topic_lack topic_read_token(struct arena *a, const struct topic *t, const char **token, const char **why);
/* Would a token be readable on its way: plain http to another machine? */
bool topic_in_the_clear(const struct topic *t);

/* What can happen to a job: Waiting, Running, Stopped, Finished, Failed of OnJob, OnTask and OnInstance, and
 * OnPriorityChange. */
enum { TOPIC_EVENTS = 16 };
extern const char *const topic_events[TOPIC_EVENTS];
/* The place of this word among them, TOPIC_EVENTS if it is none. */
uint32_t topic_event(const char *word);

#endif
