/* engine_slurm.c - instances as elements of Slurm's job arrays, through slurmrestd; see engine_slurm.h. */
#include "runtime/engine_slurm.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <unistd.h>

#include "job/site.h"
#include "runtime/slurm_conf.h"

enum { CLOSE_MS = 3000 };

/* ---- opening ---- */

static int64_t array_max(int64_t n)
{
	return n < 1 ? 1 : n > REMOTE_ROWS_MAX ? REMOTE_ROWS_MAX : n;
}

static int64_t patience(void)
{
	const char *v = getenv("WEFT_SLURM_PATIENCE");
	long n = v ? strtol(v, NULL, 10) : 0;

	return (n > 0 && n < 100000000 ? n : PATIENCE_S) * INT64_C(1000);
}

bool slurm_configure(struct slurm *s, struct slurm_conf *c)
{
	const struct run_options *o = s->r->opt;
	const struct site_block *b = site_find(o->site, SITE_ENGINE, "slurm");

	s->partition = site_str(b, SK_ENGINE_partition, NULL);
	s->account = site_str(b, SK_ENGINE_account, NULL);
	s->qos = site_str(b, SK_ENGINE_qos, NULL);
	s->patience = patience();
	s->array_max = s->chunk = (uint32_t)array_max(site_int(b, SK_ENGINE_max_array, ARRAY_MAX));
	if (slurm_conf_of(o, c))
		return true;
	diag_error(s->r->d, E1080, NOSPAN, "it is not said where Slurm's REST interface is");
	diag_help(s->r->d, "--slurm unix:/run/slurmrestd.sock, --slurm http://HOST:6820, or `engine slurm { endpoint = ... }` in a site file");
	return false;
}

static void ignore(void *ctx, const struct slurm_answer *a)
{
	(void)ctx, (void)a;
}

static void cancel_stale(void *ctx, const struct slurm_job *j)
{
	struct slurm *s = ctx;

	if (strstr(j->name, s->stale) && j->state < SJ_COMPLETED)
		slurm_drop(s, j->array);
}

/* Jobs of a run whose workflow was changed since: nobody wants their results. */
static void drop_stale(struct slurm *s)
{
	if (!s->stale)
		return;
	slurm_jobs(s->api, s->stale, 0, cancel_stale, ignore, s);
	http_finish(slurm_http(s->api), -1);
}

static void free_all(struct slurm *s)
{
	for (uint32_t i = 0; i < s->nbatch; i++)
		free(s->batch[i].el);
	for (uint32_t i = 1; i < s->nsub; i++)
		if (s->sub[i]) {
			free((char *)(uintptr_t)s->sub[i]->text);
			free(s->sub[i]->el);
			free(s->sub[i]);
		}
	free(s->batch);
	free(s->sub);
	free(s->fixed);
	free(s->open_task);
	free(s->globbed);
	free(s->ready);
	free(s->adopted);
}

static bool slurm_engine_open(struct run *r)
{
	struct slurm *s = r->engine_data; /* slurm_resume made it */
	struct slurm_conf c;

	s->r = r;
	s->begin = clock_ms();
	s->api = slurm_configure(s, &c) ? slurm_open(&c, r->d) : NULL;
	if (s->api && slurm_ask_check(s)) {
		drop_stale(s);
		if (slurm_dir_open(s))
			return true;
	}
	s->leave = true;
	slurm_dir_close(s);
	slurm_close(s->api);
	free_all(s);
	return false;
}

/* ---- operations ---- */

static bool slurm_engine_submit(struct run *r, struct attempt_id id)
{
	struct slurm *s = r->engine_data;
	const struct adopted *e = slurm_adopted(s, id.task, (uint32_t)id.instance);
	struct sub *u = e ? slurm_sub(s, e->number) : NULL;
	struct elem *el = u ? &u->el[e->index] : NULL;

	if (!el || el->state != EL_FOUND) {
		slurm_enqueue(s, id, 0);
		return true;
	}
	el->state = EL_SENT;
	el->attempt = id.attempt;
	if (u->id)
		slurm_known(s, u, el);
	slurm_look(s, e->number, e->index);
	return true;
}

static int until(int64_t at)
{
	int64_t ms = at - clock_ms();

	return ms < 0 ? 0 : ms > 3600000 ? 3600000 : (int)ms;
}

static int slurm_engine_watch(struct run *r)
{
	struct slurm *s = r->engine_data;
	int ms = s->nready ? 0 : -1;

	ms = loop_sooner(ms, slurm_send(s));
	ms = loop_sooner(ms, slurm_poll(s));
	ms = loop_sooner(ms, slurm_watch(s->api, &r->loop));
	if (s->due_at)
		ms = loop_sooner(ms, until(s->due_at));
	if (s->live && (s->remote_fs || s->scan_at))
		ms = loop_sooner(ms, until(s->scan_at));
	if (s->cancelling)
		ms = loop_sooner(ms, until(s->cancel_by));
	if (s->notify >= 0)
		s->notify_at = loop_watch(&r->loop, s->notify, POLLIN);
	return ms;
}

static void slurm_engine_timer(struct run *r, uint32_t id)
{
	(void)r, (void)id; /* it has none: watch says when it wants a turn */
}

/* Which records have come: their names need not be looked at one by one. */
static void read_notices(struct slurm *s)
{
	char b[16384] __attribute__((aligned(8)));
	ssize_t n;

	if (s->notify < 0 || !s->r->loop.fds[s->notify_at].revents)
		return;
	while ((n = read(s->notify, b, sizeof(b))) > 0)
		for (ssize_t at = 0; at < n;) {
			const struct inotify_event *e = (const void *)(b + at);

			if (e->len)
				slurm_notice(s, e->name);
			if (e->mask & IN_Q_OVERFLOW)
				s->scan_at = 1;
			at += (ssize_t)sizeof(*e) + e->len;
		}
}

static void slurm_engine_turn(struct run *r, event_fn *emit, void *ctx)
{
	struct slurm *s = r->engine_data;
	int64_t now = clock_ms();

	slurm_turn(s->api, &r->loop);
	slurm_tell(s);
	read_notices(s);
	if (s->live && (s->remote_fs || s->scan_at) && now >= s->scan_at)
		slurm_scan(s);
	if (s->cancelling)
		for (uint32_t i = 1; i < s->nsub; i++)
			if (s->sub[i])
				slurm_cancel_sub(s, s->sub[i], now >= s->cancel_by);
	slurm_settle(s, emit, ctx);
}

static void slurm_engine_close(struct run *r)
{
	struct slurm *s = r->engine_data;

	for (uint32_t i = 1; i < s->nsub; i++)
		if (s->sub[i] && s->sub[i]->left) { /* of an earlier driver, and not asked for any more */
			slurm_cancel_job(s, s->sub[i]);
			s->zombies = true;
		}
	http_finish_but(slurm_http(s->api), CLOSE_MS, &s->polling); /* nobody wants to know the state of jobs any more */
	slurm_dir_close(s);
	slurm_close(s->api);
	free_all(s);
}

const struct engine_ops engine_slurm = { .name = "slurm", .remote = true, .open = slurm_engine_open,
	.submit = slurm_engine_submit, .cancel = slurm_engine_cancel,
	.cancel_some = slurm_engine_cancel_some, .watch = slurm_engine_watch, .timer = slurm_engine_timer,
	.turn = slurm_engine_turn, .close = slurm_engine_close, .resume = slurm_resume, .left = slurm_left };
