/* shape.c - see shape.h. */
#include "runtime/shape.h"

#include "runtime/ledger.h"

#include <math.h>
#include <string.h>

enum { VALUE_MOST = 4096, CPU = 1000000000 };

static void put_param(struct run *r, const char *nm, const char *value, size_t n, bool secret)
{
	struct arena *a = arena_new();
	const char *s = run_public(r, a, value, &n);
	struct rec_param p = { .run = r->number, .secret = secret, .name = nm,
		.value = arena_strndup(a, s, n < VALUE_MOST ? n : VALUE_MOST) };

	ledger_param(r->ledger, &p);
	arena_free(a);
}

static void put_params(struct run *r, struct arena *a)
{
	const struct job *j = r->job;
	struct jctx c = { .job = j, .arena = a, .attempt = 1 };
	struct buf b;

	buf_init(&b, 1 << 20);
	for (uint32_t i = 0; i < j->nparam; i++) {
		buf_reset(&b);
		if (jx_text(&c, j->param[i].value, &b))
			put_param(r, name_str(j->names, j->param[i].name), buf_str(&b), b.len, false);
	}
	for (uint32_t i = 0; i < j->nsecret; i++)
		put_param(r, name_str(j->names, j->secret[i].name), "", 0, true);
	buf_free(&b);
}

/* What the first instance asks for, -1 when it does not, or cannot say yet. */
static int64_t asked(struct jctx *c, const struct jtask *t, enum setting set)
{
	const struct jval *v = task_set(t, set);
	struct jvalue x;

	if (!v || !jx_eval(c, v->x, &x))
		return -1;
	if (set == SET_CPU)
		return (int64_t)(llround((x.type == JT_INT ? (double)x.i : x.d) * CPU));
	return x.i;
}

static void put_task(struct run *r, struct arena *a, uint32_t task, struct buf *preds)
{
	const struct job *j = r->job;
	const struct jtask *t = &j->task[task];
	struct attempt_id id = { task, 0, 1 };
	name label = task_str(t, SET_LABEL);
	struct rec_task rec = { .run = r->number, .instances = t->count, .name = name_str(j->names, t->name),
		.label = label ? name_str(j->names, label) : "", .limit_ms = stage_time_limit(r->stager, id) };
	struct jctx c;

	stager_context(r->stager, id, a, &c);
	rec.cpu = asked(&c, t, SET_CPU);
	rec.mem = asked(&c, t, SET_MEM);
	buf_reset(preds);
	for (uint32_t e = job_edges_into(j, task); e < j->nedge && j->edge[e].to == task; e++, rec.npred++)
		rec_pred_write(preds, j->edge[e].from, j->edge[e].data);
	rec.preds = (const unsigned char *)buf_str(preds);
	rec.preds_len = preds->len;
	ledger_task(r->ledger, &rec);
}

void shape_record(struct run *r)
{
	struct arena *a;
	struct buf preds;

	if (r->job->ntask > SHAPE_TASKS || r->engine->forecast)
		return;
	a = arena_new();
	buf_init(&preds, 1 << 20);
	put_params(r, a);
	for (uint32_t t = 0; t < r->job->ntask; t++) {
		put_task(r, a, t, &preds);
		arena_reset(a, (struct arena_mark){ 0 });
	}
	buf_free(&preds);
	arena_free(a);
}
