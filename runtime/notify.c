/* notify.c - see notify.h. */
#include "runtime/notify.h"

#include "base/digest.h"
#include "runtime/driver.h"
#include "runtime/outlet.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
	NAMES = 100,         /* for the file of a run */
	TRIED = 4,           /* files of earlier runs that could not be sent, before the others are left alone */
	SIGNAL_WAIT_MS = 1000, /* at the end of a run that a signal has ended */
	PATIENCE_MS = 500,   /* after that a person is told what the end waits for */
};

struct notify {
	struct event_sink sink;
	struct run *r;
	const char *dir;     /* .weft/notify */
	struct parcel *own;  /* of this run; NULL: the job declares none */
	struct parcel *old;  /* of an earlier one that is being sent; NULL: none */
	char **file;         /* of earlier runs */
	uint32_t nfile, next; /* next: that is looked at after `old` */
	uint32_t kept;       /* were looked at and not all delivered */
	const char *why;     /* not, for the last of them */
	struct buf text;
	uint64_t lost;       /* could not be kept */
	int error;           /* errno of that */
};

static struct notify *of(struct event_sink *s)
{
	return (struct notify *)s;
}

/* ---- files of earlier runs ---- */

/* The next of earlier runs that can be sent. */
static void next_old(struct notify *n)
{
	while (!n->old && n->next < n->nfile && n->kept < TRIED) {
		const char *path = n->file[n->next++];

		if (n->own && !strcmp(path, spool_path(n->own->spool)))
			continue;
		n->old = parcel_open(path, true);
		if (n->old && spool_left(n->old->spool) == spool_refused(n->old->spool) && spool_left(n->old->spool)) {
			parcel_close(n->old); /* all refused: only a person may send them again */
			n->old = NULL;
		}
		if (n->old)
			parcel_send(n->old, n->r->opt->site, false); /* or not, which its why says */
	}
}

/* ---- saying what is left ---- */

/* All files of earlier runs together: they may be many. */
static void say_old(struct notify *n)
{
	uint32_t files = n->kept + (n->old != NULL) + (n->nfile - n->next);

	if (n->old)
		n->why = arena_strdup(n->r->arena, parcel_trouble(n->old));
	if (!files)
		return;
	diag_error(n->r->d, W1049, NOSPAN, "notifications of earlier runs (%u) are still not delivered: %s", files,
		n->why ? n->why : _("there was no time"));
	diag_help(n->r->d, "`weft notify` lists them");
}

static void say_lost(const struct notify *n)
{
	if (n->lost)
		diag_error(n->r->d, W1049, NOSPAN, "notifications are lost (%llu): cannot write `%s`: %s", (unsigned long long)n->lost,
			n->dir, strerror(n->error));
}

/* ---- a turn ---- */

static int watch_parcel(struct parcel *p, struct loop *l, int ms)
{
	int due = p && p->outbox ? outbox_watch(p->outbox, l) : -1;

	return ms < 0 || (due >= 0 && due < ms) ? due : ms;
}

static int watch(struct event_sink *s, struct loop *l)
{
	struct notify *n = of(s);

	return watch_parcel(n->old, l, watch_parcel(n->own, l, -1));
}

static void turn(struct event_sink *s, const struct loop *l)
{
	struct notify *n = of(s);

	if (n->own && n->own->outbox)
		outbox_turn(n->own->outbox, l);
	if (n->old && n->old->outbox)
		outbox_turn(n->old->outbox, l);
	if (!n->old || !parcel_idle(n->old))
		return;
	if (spool_left(n->old->spool) > spool_refused(n->old->spool)) {
		n->why = arena_strdup(n->r->arena, parcel_trouble(n->old));
		n->kept++;
	}
	parcel_close(n->old);
	n->old = NULL;
	next_old(n);
}

static void tell(struct event_sink *s, const struct job_event *ev)
{
	static const uint32_t unwritten = EVENT_BIT(EVENT_KIND(EO_JOB, ES_WAITING)) | EVENT_BIT(EVENT_KIND(EO_TASK, ES_WAITING)) |
		EVENT_BIT(EVENT_KIND(EO_INSTANCE, ES_WAITING)); /* the journal says nothing of these */
	uint32_t who[3] = { ev->kind < EVENT_PRIORITY ? ev->kind / ES_STATES : EO_JOB, 0, 0 };
	struct notify *n = of(s);
	bool ok;

	if (who[0] != EO_JOB)
		who[1] = ev->task + 1;
	if (who[0] == EO_INSTANCE)
		who[2] = (uint32_t)ev->instance;
	buf_reset(&n->text);
	event_message(ev, false, &n->text);
	errno = ENAMETOOLONG;
	ok = !n->text.over && spool_add(n->own->spool, digest_hash64(who, sizeof(who), 0), n->text.p, n->text.len);
	if (ok && !(EVENT_BIT(ev->kind) & unwritten))
		ok = spool_flush(n->own->spool);
	n->lost += !ok;
	n->error = ok ? n->error : errno;
	n->text.over = false;
}

/* ---- the end ---- */

static bool all_done(const struct notify *n)
{
	return (!n->own || parcel_idle(n->own)) && !n->old;
}

/* Signals come to the loop now, so this must not be what waits: who does not take it at once does not get it. */
static void tell_waiting(const struct notify *n, int64_t ms)
{
	uint64_t left = (n->own ? spool_left(n->own->spool) : 0) + (n->old ? spool_left(n->old->spool) : 0);
	struct outlet *out;
	struct buf b;

	if (n->r->opt->quiet)
		return;
	fflush(n->r->opt->err);
	out = outlet_new(fileno(n->r->opt->err), 0);
	buf_init(&b, 1 << 12);
	buf_addf(&b, _("waiting at most %lld s for notifications to be delivered (%llu)\n"), (long long)(ms + 999) / 1000,
		(unsigned long long)left);
	outlet_put(out, buf_str(&b), b.len);
	outlet_turn(out);
	buf_free(&b);
	outlet_free(out);
}

/* Until all is delivered, the time is over, or a person does not want to wait. */
static void wait_for_all(struct notify *n, struct loop *l, int64_t ms)
{
	int64_t begin = clock_ms(), now = begin;
	uint32_t signals = l->signals, id;
	bool told = false;

	turn(&n->sink, l);
	for (; !all_done(n) && now - begin < ms && l->signals == signals; now = clock_ms()) {
		int64_t left = begin + ms - now;
		int due;

		if (!told && now - begin >= PATIENCE_MS) {
			tell_waiting(n, left);
			told = true;
		}
		left = !told && left > PATIENCE_MS ? PATIENCE_MS : left;
		l->nfds = 1;
		due = watch(&n->sink, l);
		loop_wait(l, due < 0 || due > left ? (int)left : due);
		while (loop_due(l, clock_ms(), &id)) /* of the run that is over */
			;
		turn(&n->sink, l);
	}
}

static int64_t wait_ms(const struct notify *n, const struct loop *l)
{
	int64_t own = n->own && n->own->outbox ? n->own->topic.wait_ms : 0, old = n->old && n->old->outbox ? n->old->topic.wait_ms : 0;
	int64_t ms = own > old ? own : old;

	return l->signal && ms > SIGNAL_WAIT_MS ? SIGNAL_WAIT_MS : ms;
}

static void free_all(struct notify *n)
{
	parcel_close(n->own);
	parcel_close(n->old);
	for (uint32_t i = 0; i < n->nfile; i++)
		free(n->file[i]);
	free(n->file);
	rmdir(n->dir); /* goes when nothing is left in it */
	buf_free(&n->text);
	free(n);
}

static bool finish(struct event_sink *s, struct diags *d)
{
	struct notify *n = of(s);

	if (n->own && !spool_flush(n->own->spool) && !n->lost) {
		n->lost = 1;
		n->error = errno;
	}
	wait_for_all(n, &n->r->loop, wait_ms(n, &n->r->loop));
	if (n->own)
		parcel_say_left(n->own, d);
	say_old(n);
	say_lost(n);
	free_all(n);
	return true; /* the run is what it is, whoever hears of it */
}

/* ---- the beginning ---- */

static const char *declared(const struct job *j, enum setting id)
{
	const struct jval *v = job_set(j, id);

	return v ? name_str(j->names, v->s) : "";
}

static uint32_t declared_events(const struct job *j)
{
	const struct jval *v = job_set(j, SET_NOTIFY_EVENTS);
	uint32_t bits = 0, kind;

	for (uint32_t i = 0; v && i < v->n; i++)
		if (event_find(name_str(j->names, v->list[i]), &kind))
			bits |= EVENT_BIT(kind);
	return bits;
}

/* What the job declares whole: false when something is missing, which the checks have said (W0587). */
static bool declares(const struct job *j)
{
	return *declared(j, SET_NOTIFY_TOPIC) && *declared(j, SET_NOTIFY_ENDPOINT) && declared_events(j);
}

void notify_check(const struct job *j, const struct run_options *o, struct diags *d)
{
	struct parcel_label l = { .topic = declared(j, SET_NOTIFY_TOPIC), .endpoint = declared(j, SET_NOTIFY_ENDPOINT) };
	struct parcel p = { .label = l, .arena = arena_new() };

	if (declares(j) && (!o->engine || strcmp(o->engine, "batchcompute") != 0) && !parcel_way(&p, o->site)) {
		diag_error(d, W1048, job_set(j, SET_NOTIFY_TOPIC)->span, "notifications of topic `%s` are not sent: %s", l.topic, p.why);
		if (p.topic.mns)
			diag_help(d, "set %s and %s, or name a file in the site file: topic \"%s\" { key_file = ... }", TOPIC_ID_VAR,
				TOPIC_SECRET_VAR, l.topic);
	}
	arena_free(p.arena);
}

/* Messages are made only where they could be sent: without a key nobody would ever take them. */
static bool wanted(struct run *r)
{
	struct topic t;

	return declares(r->job) && topic_find(r->arena, r->opt->site, declared(r->job, SET_NOTIFY_TOPIC),
		declared(r->job, SET_NOTIFY_ENDPOINT), &t) == TOPIC_FINE && (!t.mns || topic_has_key(&t));
}

/* The file of this run: another name when one of a run before has this number. */
static struct parcel *own_file(const struct notify *n, const struct parcel_label *l)
{
	struct arena *a = n->r->arena;

	for (uint32_t i = 0; i < NAMES; i++) {
		const char *path = i ? arena_printf(a, "%s/%04u-%u", n->dir, l->run, i) : arena_printf(a, "%s/%04u", n->dir, l->run);
		struct parcel *p = parcel_new(path, l);

		if (p && !strcmp(p->label.job_id, l->job_id))
			return p;
		if (!p && errno != EINVAL)
			return NULL;
		parcel_close(p);
	}
	errno = EEXIST;
	return NULL;
}

static void open_own(struct notify *n)
{
	struct run *r = n->r;
	struct parcel_label l = { name_str(r->job->names, r->job->name), stager_job_id(r->stager), declared(r->job, SET_NOTIFY_TOPIC),
		declared(r->job, SET_NOTIFY_ENDPOINT), r->opt->source ? r->opt->source : "", r->number };

	if (mkdir(n->dir, 0700) == 0 || errno == EEXIST)
		n->own = own_file(n, &l);
	if (n->own) {
		n->sink.wants = declared_events(r->job);
		parcel_send(n->own, r->opt->site, false);
		return;
	}
	diag_error(r->d, W1049, NOSPAN, "no notifications are sent: cannot write `%s`: %s", n->dir, strerror(errno));
}

static struct notify *make(struct run *r)
{
	struct notify *n = xcalloc(1, sizeof(*n));

	n->sink = (struct event_sink){ .tell = tell, .watch = watch, .turn = turn, .close = finish };
	n->r = r;
	n->dir = arena_printf(r->arena, "%s/notify", r->base);
	n->file = notify_files(r->base, &n->nfile);
	buf_init(&n->text, SPOOL_TEXT_MAX);
	return n;
}

struct event_sink *notify_open(struct run *r)
{
	struct notify *n = make(r);

	if (wanted(r))
		open_own(n);
	next_old(n);
	if (n->own || n->old)
		return &n->sink;
	free_all(n);
	return NULL;
}

void notify_leftovers(struct run *r)
{
	struct notify *n = make(r);
	struct loop l;

	next_old(n);
	if (n->old && loop_open(&l)) {
		wait_for_all(n, &l, wait_ms(n, &l));
		loop_close(&l);
	}
	say_old(n);
	free_all(n);
}
