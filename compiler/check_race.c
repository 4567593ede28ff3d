/* check_race.c - say which tasks or instances touch one path without an order between them. */
#include "compiler/check.h"
#include "compiler/check_util.h"
#include "compiler/race.h"

#include <string.h>

struct report {
	struct session *s;
	struct seen seen;
};

static const char *task_of(const struct report *r, const struct hit *h)
{
	return name_str(r->s->names, r->s->job->task[h->claim->task].name);
}

static const struct jport *port_of(const struct report *r, const struct hit *h)
{
	const struct jtask *t = &r->s->job->task[h->claim->task];

	return h->claim->what == CLAIM_IN ? &t->in[h->claim->number] : &t->out[h->claim->number];
}

static const char *port_name(const struct report *r, const struct hit *h)
{
	return name_str(r->s->names, port_of(r, h)->name);
}

static const char *key_of(const struct report *r, const struct hit *h)
{
	struct buf b;
	const char *text;

	buf_init(&b, 4096);
	instance_key(r->s->job, h->claim->task, h->instance < 0 ? 0 : h->instance, &b);
	text = arena_strdup(r->s->diags->arena, buf_str(&b));
	buf_free(&b);
	return text;
}

/* ---- two outputs with one path ---- */

static void two_writers(struct report *r, const struct hit *a, const struct hit *b, const char *path)
{
	struct diags *d = r->s->diags;

	diag_error(d, E0702, b->claim->span, "two outputs have the path `%s`", path);
	diag_label(d, "output `%s` of task `%s`", port_name(r, b), task_of(r, b));
	diag_at(d, a->claim->span, "output `%s` of task `%s`", port_name(r, a), task_of(r, a));
}

/* ---- one output, several instances ---- */

/* Bits of the dimensions whose values stand in the path as they are. */
static uint32_t shown(const struct hit *h)
{
	const struct pathset *ps = h->claim->set;
	uint32_t i, bits = 0;

	for (i = 0; ps && !ps->eval && i < ps->n; i++)
		bits |= ps->v[i].var && ps->v[i].ident ? 1u << ps->v[i].dim : 0;
	return bits;
}

/* A dimension that the path does not show, the last one if it shows all of them. */
static uint32_t hidden_dim(const struct report *r, const struct hit *h)
{
	const struct jtask *t = &r->s->job->task[h->claim->task];
	uint32_t i;

	for (i = 0; i + 1 < t->ndim && (t->dim[i].count == 1 || shown(h) >> i & 1); i++)
		;
	return i;
}

/* The instance that differs from the first one in what the path does not show; -1 if that is not known. */
static int64_t second(const struct report *r, const struct hit *h)
{
	const struct jtask *t = &r->s->job->task[h->claim->task];
	int64_t n = 1;
	uint32_t i;

	for (i = hidden_dim(r, h) + 1; i < t->ndim; i++)
		n = t->dim[i].count > 0 && n > 0 ? n * t->dim[i].count : -1;
	return n;
}

static void propose_dim(struct report *r, const struct hit *h)
{
	const struct jtask *t = &r->s->job->task[h->claim->task];
	uint32_t i = hidden_dim(r, h);
	struct diags *d = r->s->diags;

	if (!t->ndim)
		diag_help(d, "put the instance number into the path: ~{instance}");
	else if (shown(h) >> i & 1)
		diag_help(d, "put something that no value holds between the values");
	else if (t->dim[i].kind == DIM_ROWS)
		diag_help(d, "put what tells them apart into the path: ~{%s.%s}", name_str(r->s->names, t->dim[i].var),
			name_str(r->s->names, t->dim[i].colname[t->dim[i].key]));
	else
		diag_help(d, "put what tells them apart into the path: ~{%s}", name_str(r->s->names, t->dim[i].var));
}

static void same_element(struct report *r, const struct hit *h)
{
	diag_error(r->s->diags, E0703, h->claim->span, h->claim->elems ? N_("all elements of output `%s` have the same path") :
		N_("two elements of output `%s` have the same path"), port_name(r, h));
	diag_help(r->s->diags, "put the element number into the path: ~{index}");
}

static void same_path(struct report *r, struct hit a, struct hit b)
{
	const struct jtask *t = &r->s->job->task[a.claim->task];
	struct diags *d = r->s->diags;

	if (a.claim->elems || (a.instance == b.instance && a.elem != b.elem)) {
		same_element(r, &a);
		return;
	}
	if (a.claim->set && a.instance < 0 && second(r, &a) > 0)
		a.instance = 0, b.instance = second(r, &a);
	if (a.claim->set && a.instance >= 0)
		diag_error(d, E0703, a.claim->span, "instances `%s` and `%s` of task `%s` write the same path", key_of(r, &a), key_of(r, &b),
			task_of(r, &a));
	else
		diag_error(d, E0703, a.claim->span, a.claim->set ? N_("several instances of task `%s` write the same path") :
			N_("all instances of task `%s` write the same path"), task_of(r, &a));
	if (t->ndim)
		diag_at(d, t->dim[hidden_dim(r, &a)].span, "scattered here");
	propose_dim(r, &a);
}

/* ---- reading what is written meanwhile ---- */

static void read_meanwhile(struct report *r, const struct hit *reader, const struct hit *writer, const char *path)
{
	struct diags *d = r->s->diags;
	bool one = reader->claim->task == writer->claim->task;

	if (one)
		diag_error(d, E0710, reader->claim->span, "an instance of task `%s` reads what another one may be writing: `%s`",
			task_of(r, reader), path);
	else
		diag_error(d, E0710, reader->claim->span, "task `%s` reads what task `%s` may be writing: `%s`", task_of(r, reader),
			task_of(r, writer), path);
	if (!one)
		diag_label(d, "`%s` does not wait for `%s`", task_of(r, reader), task_of(r, writer));
	diag_at(d, writer->claim->span, "output `%s` of task `%s`", port_name(r, writer), task_of(r, writer));
	if (one)
		diag_help(d, "read from a task of its own, which comes before");
	else if (r->s->job->task[writer->claim->task].count == 1)
		diag_help(d, "pass the file: %s.%s, or wait for `%s`", task_of(r, writer), port_name(r, writer), task_of(r, writer));
	else
		diag_help(d, "pass the files: %s[*].%s or one of them, or wait for `%s`", task_of(r, writer), port_name(r, writer),
			task_of(r, writer));
}

static void storage_meanwhile(struct report *r, const struct hit *a, const struct hit *b, const char *path)
{
	const struct hit *writer = a->claim->write && b->claim->read ? a : b, *other = writer == a ? b : a;
	struct diags *d = r->s->diags;

	if (a->claim->task == b->claim->task)
		diag_error(d, W0711, b->claim->span, "instances of task `%s` may write one file: `%s`", task_of(r, b), path);
	else if (other->claim->read)
		diag_error(d, W0711, other->claim->span, "task `%s` reads storage that task `%s` may be writing: `%s`", task_of(r, other),
			task_of(r, writer), path);
	else
		diag_error(d, W0711, other->claim->span, "tasks `%s` and `%s` may write one file at once: `%s`", task_of(r, other),
			task_of(r, writer), path);
	if (writer->claim->write_span.lo != other->claim->span.lo)
		diag_at(d, writer->claim->write_span, "written here");
	if (a->claim->task == b->claim->task)
		diag_help(d, "give each a path of its own");
	else
		diag_help(d, "let one wait for the other, or give each a path of its own");
}

static void shared_storage(struct report *r, const struct hit *a, const struct hit *b, const char *path)
{
	struct diags *d = r->s->diags;

	diag_error(d, N0712, b->claim->write_span, "tasks `%s` and `%s` may write into one directory at once: `%s`", task_of(r, a),
		task_of(r, b), path);
	if (a->claim->write_span.lo != b->claim->write_span.lo)
		diag_at(d, a->claim->write_span, "by the other task");
	diag_note(d, "that is right as long as neither needs a file of the other, and their files have names of their own");
}

static void report(void *ctx, enum code code, const struct hit *a, const struct hit *b, const char *path)
{
	struct report *r = ctx;
	const struct hit *reader = code == E0710 && a->claim->read ? a : b;

	if (!seen_add(&r->seen, code, code == E0703 ? a->claim->span : reader->claim->span))
		return;
	if (code == E0702)
		two_writers(r, a, b, path);
	else if (code == E0703)
		same_path(r, *a, *b);
	else if (code == E0710)
		read_meanwhile(r, reader, reader == a ? b : a, path);
	else if (code == W0711)
		storage_meanwhile(r, a, b, path);
	else
		shared_storage(r, a, b, path);
}

void check_races(struct session *s)
{
	struct report r = { .s = s };

	races_find(s, report, &r);
	seen_free(&r.seen);
}
