/* cmd_show.c - weft show: one run in full: what failed and why, every instance with its times. */
#include "cli/cmd.h"
#include "cli/kinds.h"
#include "cli/load.h"
#include "cli/look.h"
#include "runtime/cause.h"
#include "runtime/text.h"

#include <string.h>

static const struct opt show_opts[] = {
	OPT_ALL,
	OPT_JSON,
	OPT_ERROR_FORMAT,
	OPT_END,
};

/* ---- for people ---- */

static void print_field(const char *head, const char *s)
{
	struct buf b;

	if (!*s)
		return;
	buf_init(&b, 1 << 18);
	text_safe(&b, s, strlen(s), 1 << 14);
	printf("  %-9s %s\n", head, buf_str(&b));
	buf_free(&b);
}

static void print_head(const struct past_run *r)
{
	struct buf b;

	buf_init(&b, 1 << 16);
	text_safe(&b, r->run.job, strlen(r->run.job), 4096);
	printf("%s   run %u   %s\n", buf_str(&b), r->run.run, look_state(r));
	print_field("source", r->run.source);
	print_field("command", r->run.command);
	print_field("engine", r->run.engine);
	buf_reset(&b);
	look_when(&b, r->run.time_ms);
	print_field("begun", buf_str(&b));
	buf_reset(&b);
	look_took(&b, r->life == PAST_LIVE ? -1 : r->end.wall_ms);
	print_field("took", buf_str(&b));
	buf_reset(&b);
	look_sums(&b, r);
	print_field("result", buf_str(&b));
	buf_free(&b);
}

/* "weft logs 'count[NA1]' --run 3", as it can be typed */
static void print_logs(const struct past_run *r, const struct past_attempt *a)
{
	struct buf b, label;
	char *words[] = { NULL, NULL };

	buf_init(&b, 1 << 16);
	buf_init(&label, 1 << 16);
	buf_adds(&label, a->who.task);
	if (*a->who.key)
		buf_addf(&label, "[%s]", a->who.key);
	words[0] = label.p;
	text_command(&b, words);
	buf_reset(&label);
	buf_addf(&label, "weft logs %s --run %u", buf_str(&b), r->run.run);
	print_field("logs", buf_str(&label));
	buf_free(&b);
	buf_free(&label);
}

static void print_kind(const struct past_run *r, const struct kind *k)
{
	struct buf b;

	buf_init(&b, 1 << 16);
	look_label(&b, &k->a.who);
	if (k->n > 1)
		buf_addf(&b, " and %llu more", (unsigned long long)k->n - 1);
	buf_adds(&b, "   ");
	kind_cause(&b, &k->a);
	printf("\nFAILED  %s   attempt %u\n", buf_str(&b), k->a.attempt);
	buf_reset(&b);
	for (uint64_t i = 0; k->n > 1 && i < k->n && i < KIND_KEYS; i++)
		buf_addf(&b, "%s%s", i ? ", " : "", k->key[i]);
	if (k->n > KIND_KEYS)
		buf_addf(&b, " and %llu more", (unsigned long long)k->n - KIND_KEYS);
	print_field("instances", buf_str(&b));
	buf_reset(&b);
	kind_why(&b, &k->a);
	print_field("why", buf_str(&b));
	print_field("engine id", k->a.id);
	print_logs(r, &k->a);
	buf_free(&b);
}

struct list {
	const struct past_run *r;
	uint64_t n, most;
};

static bool print_instance(void *ctx, const struct past_attempt *a)
{
	struct list *l = ctx;
	struct buf b;

	if (l->n++ >= l->most)
		return true;
	buf_init(&b, 1 << 18);
	look_label(&b, &a->who);
	buf_addf(&b, "   %s", a->adopted ? "adopted" : past_word(a->state, l->r->life));
	if (a->attempt > 1)
		buf_addf(&b, ", attempt %u", a->attempt);
	buf_adds(&b, "   begun ");
	look_when(&b, a->begin_ms);
	if (a->wall_ms >= 0)
		buf_adds(&b, "   took "), look_took(&b, a->wall_ms);
	if (a->cpu_ms >= 0)
		buf_adds(&b, "   cpu "), look_took(&b, a->cpu_ms);
	if (a->max_rss >= 0)
		buf_adds(&b, "   memory "), text_bytes(&b, a->max_rss);
	if (*a->id)
		buf_adds(&b, "   "), text_safe(&b, a->id, strlen(a->id), 4096);
	printf("  %s\n", buf_str(&b));
	buf_free(&b);
	return true;
}

/* Compaction keeps the last success of an instance, not all. */
static void print_dropped(const struct past_run *r, const struct past *p)
{
	uint64_t known = past_count(p, PAST_DONE);
	struct buf b;

	if (r->life != PAST_ENDED || known >= r->end.ok)
		return;
	buf_init(&b, 1 << 10);
	text_count(&b, r->end.ok - known);
	printf("  of %s%s nothing is kept: they have run again since\n", buf_str(&b), past_ntask(p) ? " more" : "");
	buf_free(&b);
}

static void print_run(const struct past_run *r, const struct past *p, bool all)
{
	struct kinds kinds = { .life = r->life };
	struct list l = { .r = r, .most = all ? UINT64_MAX : LOOK_FIRST };

	print_head(r);
	past_each(p, kinds_add, &kinds);
	for (uint32_t i = 0; i < kinds.n; i++)
		print_kind(r, &kinds.v[i]);
	if (kinds.more)
		printf("\nand %llu more failures of other kinds\n", (unsigned long long)kinds.more);
	if (past_ntask(p))
		puts("\nInstances");
	past_each(p, print_instance, &l);
	if (l.n > l.most)
		printf("  and %llu more: weft show %u --all\n", (unsigned long long)(l.n - l.most), r->run.run);
	print_dropped(r, p);
}

/* ---- JSON ---- */

static void json_cause(struct jw *w, const struct past_attempt *a)
{
	if (a->cause == R_DONE || a->cause >= R_COUNT)
		return;
	jw_kstr(w, "cause", cause_code(a->cause));
	jw_kstr(w, "cause_text", cause_text(a->cause));
	jw_kint(w, "status", a->status);
	if (*a->text)
		jw_kstr(w, "detail", a->text);
}

static void json_known(struct jw *w, const char *key, int64_t v)
{
	if (v >= 0)
		jw_kint(w, key, v);
}

struct json {
	struct jw w;
	struct buf b;
	struct list l;
};

static bool json_instance(void *ctx, const struct past_attempt *a)
{
	struct json *s = ctx;
	struct jw *w = &s->w;

	if (s->l.n++ >= s->l.most)
		return true;
	jw_open(w, '{');
	jw_kstr(w, "task", a->who.task);
	jw_kstr(w, "key", a->who.key);
	jw_kint(w, "instance", a->instance);
	jw_kint(w, "attempt", a->attempt);
	jw_kstr(w, "state", a->adopted ? "adopted" : past_word(a->state, s->l.r->life));
	json_cause(w, a);
	if (*a->id)
		jw_kstr(w, "engine_id", a->id);
	look_kwhen(w, "begin", a->begin_ms);
	look_kwhen(w, "end", a->end_ms);
	json_known(w, "wall_ms", a->wall_ms);
	json_known(w, "cpu_ms", a->cpu_ms);
	json_known(w, "max_rss", a->max_rss);
	jw_close(w);
	look_put(&s->b);
	return true;
}

static void json_kinds(struct jw *w, const struct kinds *s)
{
	jw_key(w, "failures");
	jw_open(w, '[');
	for (uint32_t i = 0; i < s->n; i++) {
		jw_open(w, '{');
		jw_kstr(w, "task", s->v[i].a.who.task);
		json_cause(w, &s->v[i].a);
		jw_kint(w, "count", (int64_t)s->v[i].n);
		jw_key(w, "keys");
		jw_open(w, '[');
		for (uint64_t k = 0; k < s->v[i].n && k < KIND_KEYS; k++)
			jw_str(w, s->v[i].key[k]);
		jw_close(w);
		jw_close(w);
	}
	jw_close(w);
	jw_kint(w, "failures_of_other_kinds", (int64_t)s->more);
}

static void json_run(const struct past_run *r, const struct past *p, bool all)
{
	struct json s = { .l = { .r = r, .most = all ? UINT64_MAX : LOOK_FIRST } };
	struct kinds kinds = { .life = r->life };

	buf_init(&s.b, (size_t)1 << 30);
	jw_init(&s.w, &s.b, 2);
	jw_open(&s.w, '{');
	jw_kstr(&s.w, "schema", "weft.show/1");
	look_json_run(&s.w, r);
	look_json_tasks(&s.w, p, r->life);
	past_each(p, kinds_add, &kinds);
	json_kinds(&s.w, &kinds);
	jw_key(&s.w, "instances");
	jw_open(&s.w, '[');
	past_each(p, json_instance, &s);
	jw_close(&s.w);
	jw_kint(&s.w, "instances_total", (int64_t)s.l.n);
	jw_close(&s.w);
	buf_addc(&s.b, '\n');
	look_put(&s.b);
	buf_free(&s.b);
}

static int exec(struct opts *o)
{
	const struct past_run *r;
	struct past *p;
	struct look l;
	int rc;

	if (o->nargs > 1)
		return opts_error(o, "one run at a time, not also %s", o->args[1]);
	rc = look_open_run(&l, o, o->nargs ? o->args[0] : NULL, &r);
	if (!rc) {
		p = past_read(l.j, r);
		if (opts_flag(o, "json"))
			json_run(r, p, opts_flag(o, "all"));
		else
			print_run(r, p, opts_flag(o, "all"));
		past_free(p);
	}
	look_close(&l);
	return rc;
}

const struct command cmd_show = {
	.name = "show",
	.usage = "[OPTIONS] [RUN]",
	.summary = "one run in full: failures, instances, times",
	.help = "  weft show          the last run\n"
		"  weft show 12\n"
		"  weft show 12 --all --json | jq '.instances[] | select(.state == \"failed\") | .key'\n"
		"\n"
		"What was run and how it ended; failures with their cause, equal ones as one; the instances that ran with their\n"
		"times, the first 20 unless --all is given.  The numbers of runs are those of weft history.\n",
	.opts = show_opts,
	.exec = exec,
};
