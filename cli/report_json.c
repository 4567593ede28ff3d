/* report_json.c - a run added up, as JSON (weft.report/1). */
#include "cli/report.h"

#include "base/json.h"
#include "cli/look.h"

static void known(struct jw *w, const char *key, int64_t v)
{
	if (v >= 0)
		jw_kint(w, key, v);
}

static void digest(struct jw *w, const char *key, struct digest d)
{
	char text[DIGEST_TEXT];

	digest_hex(d, text);
	jw_kstr(w, key, text);
}

static void put_task(struct jw *w, const struct report *r, const struct tally_task *t)
{
	jw_open(w, '{');
	jw_kstr(w, "task", t->name);
	if (*t->label)
		jw_kstr(w, "label", t->label);
	known(w, "instances", t->instances);
	jw_kint(w, "done", (int64_t)t->n[PAST_DONE]);
	jw_kint(w, "failed", (int64_t)tally_failed(r->t, t));
	jw_kint(w, "cancelled", (int64_t)t->n[PAST_CANCELLED]);
	jw_kint(w, "retried", (int64_t)t->retried);
	known(w, "cpu_asked", t->cpu); /* billionths */
	known(w, "cpu_used", report_used(t));
	known(w, "mem_asked", t->mem);
	known(w, "mem_peak", t->max_rss);
	known(w, "limit_ms", t->limit_ms);
	jw_kint(w, "timed", (int64_t)t->timed);
	jw_kint(w, "wall_ms", t->wall_ms);
	jw_kint(w, "cpu_ms", t->cpu_ms);
	known(w, "longest_ms", t->longest_ms);
	look_kwhen(w, "begin", t->begin_ms);
	look_kwhen(w, "end", t->end_ms);
	jw_kint(w, "outputs", (int64_t)t->nout);
	if (t->nout)
		digest(w, "outputs_digest", t->outs);
	jw_close(w);
}

static void put_lists(struct jw *w, const struct report *r)
{
	jw_key(w, "critical_path");
	jw_open(w, '[');
	for (uint32_t i = 0; i < r->t->npath; i++) {
		const struct tally_task *t = &r->t->task[r->t->path[i]];

		jw_open(w, '{');
		jw_kstr(w, "task", t->name);
		jw_kstr(w, "key", t->last_key);
		look_kwhen(w, "begin", t->last_begin_ms);
		look_kwhen(w, "end", t->end_ms);
		jw_close(w);
	}
	jw_close(w);
	jw_key(w, "suggestions");
	jw_open(w, '[');
	for (uint32_t i = 0; i < r->nadvice; i++)
		jw_str(w, r->advice[i]);
	jw_close(w);
	jw_key(w, "parameters");
	jw_open(w, '{');
	for (uint32_t i = 0; i < r->t->nparam; i++)
		r->t->param[i].secret ? (jw_key(w, r->t->param[i].name), jw_null(w)) :
			jw_kstr(w, r->t->param[i].name, r->t->param[i].value);
	jw_close(w);
}

void report_json(const struct report *r, struct buf *b)
{
	struct jw w;

	jw_init(&w, b, 2);
	jw_open(&w, '{');
	jw_kstr(&w, "schema", "weft.report/1");
	look_json_run(&w, r->run);
	jw_key(&w, "tasks");
	jw_open(&w, '[');
	for (uint32_t i = 0; i < r->t->ntask; i++)
		put_task(&w, r, &r->t->task[i]);
	jw_close(&w);
	put_lists(&w, r);
	jw_close(&w);
	buf_addc(b, '\n');
}
