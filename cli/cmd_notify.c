/* cmd_notify.c - weft notify: notifications that could not be delivered: list, send, forget. */
#include "cli/cmd.h"
#include "cli/load.h"
#include "cli/look.h"
#include "compiler/site.h"
#include "runtime/notify.h"
#include "runtime/text.h"

#include <string.h>

static const struct opt notify_opts[] = {
	{ 0, "flush", NULL, "send them now, those that were refused too", NULL, false, FILL_NONE },
	{ 0, "drop", NULL, "forget them", NULL, false, FILL_NONE },
	OPT_ALL,
	OPT_JSON,
	OPT_SITE,
	OPT_ERROR_FORMAT,
	OPT_END,
};

struct notes {
	const struct opts *o;
	struct diags *d;
	uint64_t messages, left; /* there were, and are not delivered now */
	uint32_t files;
	struct jw *w;            /* NULL: text */
};

static const char *file_name(const struct parcel *p)
{
	return strrchr(spool_path(p->spool), '/') + 1;
}

/* ---- list ---- */

static void list_messages(struct notes *n, struct parcel *p)
{
	uint64_t most = opts_flag(n->o, "all") ? UINT64_MAX : LOOK_FIRST, shown = 0;
	struct spool_message m;
	struct buf text, b;

	buf_init(&text, SPOOL_TEXT_MAX);
	buf_init(&b, 1 << 10);
	while (shown < most && spool_next(p->spool, true, &m)) {
		if (!spool_text(p->spool, &m, &text))
			continue;
		buf_reset(&b);
		parcel_say(&b, text.p, text.len);
		printf("  %s%s\n", buf_str(&b), m.how == 'x' ? "  refused" : "");
		shown++;
	}
	if (shown < spool_left(p->spool))
		printf("  and %llu more: weft notify --all\n", (unsigned long long)(spool_left(p->spool) - shown));
	buf_free(&text);
	buf_free(&b);
}

static void list_text(struct notes *n, struct parcel *p)
{
	struct buf job, to;

	buf_init(&job, 1 << 10);
	buf_init(&to, 1 << 10);
	text_elide(&job, p->label.job, strlen(p->label.job), 40);
	text_elide(&to, p->label.topic, strlen(p->label.topic), 60);
	printf("run %u, %s: %llu not delivered to topic %s", p->label.run, buf_str(&job), (unsigned long long)spool_left(p->spool),
		buf_str(&to));
	if (spool_refused(p->spool))
		printf(", %llu of them refused", (unsigned long long)spool_refused(p->spool));
	putchar('\n');
	list_messages(n, p);
	buf_free(&job);
	buf_free(&to);
}

static void list(void *ctx, struct parcel *p)
{
	struct notes *n = ctx;

	if (!spool_left(p->spool))
		return;
	n->files++;
	if (!n->w) {
		list_text(n, p);
		return;
	}
	jw_open(n->w, '{');
	jw_kstr(n->w, "file", file_name(p));
	jw_kint(n->w, "run", p->label.run);
	jw_kstr(n->w, "job", p->label.job);
	jw_kstr(n->w, "job_id", p->label.job_id);
	jw_kstr(n->w, "topic", p->label.topic);
	jw_kstr(n->w, "endpoint", p->label.endpoint);
	jw_kint(n->w, "undelivered", (int64_t)spool_left(p->spool));
	jw_kint(n->w, "refused", (int64_t)spool_refused(p->spool));
	jw_close(n->w);
}

static int list_json(struct look *l, struct notes *n)
{
	struct buf b;
	struct jw w;
	int rc;

	buf_init(&b, (size_t)1 << 30);
	jw_init(&w, &b, 2);
	n->w = &w;
	jw_open(&w, '{');
	jw_kstr(&w, "schema", "weft.undelivered/1");
	jw_key(&w, "files");
	jw_open(&w, '[');
	rc = l->base ? notify_each(l->base, false, list, n, l->d) : 0;
	jw_close(&w);
	jw_close(&w);
	buf_addc(&b, '\n');
	look_put(&b);
	buf_free(&b);
	return rc;
}

/* ---- send and forget ---- */

/* The site file of the workflow that the run was of holds. */
static void flush(void *ctx, struct parcel *p)
{
	struct notes *n = ctx;
	struct load load;

	n->messages += spool_left(p->spool);
	if (!load_open(&load, n->o, false))
		return;
	load_find_site(&load, n->o);
	if (site_load(load.session, p->label.source) && !notify_flush(p, load.session->site))
		parcel_say_left(p, n->d);
	n->left += spool_left(p->spool);
	diags_finish(load.session->diags);
	load_report(load.session->diags, n->o, stderr);
	load_close(&load);
}

static void drop(void *ctx, struct parcel *p)
{
	struct notes *n = ctx;

	n->messages += spool_left(p->spool);
	notify_drop(p);
}

static int work(struct look *l, struct notes *n)
{
	int rc = 0;

	if (opts_flag(n->o, "flush") || opts_flag(n->o, "drop")) {
		bool send = opts_flag(n->o, "flush");

		if (l->base)
			rc = notify_each(l->base, true, send ? flush : drop, n, l->d);
		if (!rc)
			printf(send ? "%llu delivered, %llu not\n" : "%llu forgotten\n", (unsigned long long)(n->messages - n->left),
				(unsigned long long)n->left);
		return rc ? rc : n->left ? EXIT_UNREACHABLE : EXIT_OK;
	}
	if (opts_flag(n->o, "json"))
		return list_json(l, n);
	rc = l->base ? notify_each(l->base, false, list, n, l->d) : 0;
	if (!rc && !n->files)
		puts("everything is delivered");
	return rc;
}

static int exec(struct opts *o)
{
	struct notes n = { .o = o };
	struct look l;
	int rc;

	if (opts_flag(o, "flush") && opts_flag(o, "drop"))
		return opts_error(o, "--flush or --drop, not both");
	rc = look_open(&l, o);
	n.d = l.d;
	if (!rc)
		rc = look_fail(&l, work(&l, &n));
	look_close(&l);
	return rc;
}

const struct command cmd_notify = {
	.name = "notify",
	.usage = "[OPTIONS]",
	.summary = "list, send or forget notifications that could not be delivered",
	.help = "  weft notify                list them\n"
		"  weft notify --flush        send them now\n"
		"  weft notify --drop         forget them\n"
		"\n"
		"Notifications of a job (notify { ... } in the workflow) that its topic or endpoint did not take are kept in\n"
		".weft/notify.  The next run in this workspace sends them; --flush does it at once, and sends again what was\n"
		"refused.  Where they go and with which key stands in the site file (weft-site(5)).\n"
		"\n"
		"The status is 0, 4 when some are not delivered, 6 when a run uses the workspace.\n",
	.opts = notify_opts,
	.exec = exec,
};
