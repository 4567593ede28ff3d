/* plan_show.c - a plan for people: a line a task, the first causes with their evidence, what to do next. */
#include "runtime/plan_show.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/progress.h"

enum { SHOWN = 5 /* instances of a family in the overview */, SHOWN_TASK = 20 /* ... of a task that was asked for */,
	VALUE = 40 /* columns of a value */ };

/* ---- causes ---- */

static void add_value(struct buf *b, const char *s, size_t n)
{
	size_t len = 0;

	while (len < n && s[len] != '\n')
		len++;
	text_elide(b, s, len, VALUE);
}

struct lines { /* the last one ends like the others, whether it says so or not */
	const char *p;
	size_t n, size;
};

static struct lines lines_of(const char *p, size_t n)
{
	return (struct lines){ p, n, n + (n && p[n - 1] != '\n') };
}

static char byte(const struct lines *l, size_t i)
{
	return i < l->n ? l->p[i] : '\n';
}

/* How much of both is the same whole lines from the beginning. */
static size_t same_head(const struct lines *a, const struct lines *b)
{
	size_t head = 0;

	for (size_t i = 0; i < a->size && i < b->size && byte(a, i) == byte(b, i); i++)
		if (byte(a, i) == '\n')
			head = i + 1;
	return head;
}

static bool line_begins(const struct lines *l, size_t i, size_t head)
{
	return i == head || byte(l, i - 1) == '\n';
}

/* ... and from the end, without what is in the head. */
static size_t same_tail(const struct lines *a, const struct lines *b, size_t head)
{
	size_t tail = 0, i = 0;

	while (i < a->size - head && i < b->size - head && byte(a, a->size - 1 - i) == byte(b, b->size - 1 - i)) {
		i++;
		if (line_begins(a, a->size - i, head) && line_begins(b, b->size - i, head))
			tail = i;
	}
	return tail;
}

static void add_lines(struct buf *b, const char *what, const struct lines *l, size_t from, size_t to)
{
	size_t more = 0;

	for (size_t i = from; i < to; i++)
		more += byte(l, i) == '\n';
	buf_adds(b, what);
	add_value(b, l->p + from, l->n - from);
	if (more > 1)
		buf_addf(b, " and %zu more", more - 1);
}

/* Lines that are there in addition or no more; else the first that differs, as it was and is. */
static void add_difference(struct buf *b, const char *was, size_t nwas, const char *now, size_t nnow)
{
	struct lines o = lines_of(was, nwas), n = lines_of(now, nnow);
	size_t head = same_head(&o, &n), tail = same_tail(&o, &n, head);

	if (o.size == head + tail) {
		add_lines(b, "added: ", &n, head, n.size - tail);
	} else if (n.size == head + tail) {
		add_lines(b, "removed: ", &o, head, o.size - tail);
	} else {
		add_value(b, was + head, nwas - head);
		buf_adds(b, " -> ");
		add_value(b, now + head, nnow - head);
	}
}

/* "DIGEST NAME" lines: the name of the first that differs. */
static void add_listed(struct buf *b, const char *was, size_t nwas, const char *now, size_t nnow)
{
	size_t line = 0, i = 0, at;
	const char *p = now;

	while (i < nwas && i < nnow && was[i] == now[i])
		line = was[i++] == '\n' ? i : line;
	if (line >= nnow) {
		p = was;
		nnow = nwas;
	}
	at = line + DIGEST_TEXT;
	if (at < nnow)
		add_value(b, p + at, nnow - at);
}

static bool one_of_lists(uint32_t part)
{
	return part == AP_PACKAGE || part == AP_CONTENT;
}

/* What the part was, as recorded, and what it is. */
static void add_part(struct plan *p, uint32_t task, uint32_t inst, uint32_t part, struct buf *b)
{
	struct arena *a = arena_new();
	struct action act;
	struct rec_done done;
	struct rec_text was;

	if (action_make(p->actor, task, inst, true, a, &act) &&
	    history_done(p->h, plan_task_name(p, task), plan_key(p, task, inst), &done) &&
	    history_text(p->h, done.part[part], &was)) {
		buf_adds(b, "  ");
		(one_of_lists(part) ? add_listed : add_difference)(b, was.text, was.n, buf_str(&act.text[part]), act.text[part].len);
	}
	action_free(&act);
	arena_free(a);
}

static void add_tags(const struct decision *d, struct buf *b)
{
	if (d->old_tag)
		buf_addf(b, "  %08" PRIx32 " -> %08" PRIx32, d->old_tag, d->new_tag);
}

static void add_place(struct plan *p, struct span sp, struct buf *b)
{
	struct place at = source_place(p->job->sources, sp.lo);

	if (sp.lo && at.src)
		buf_addf(b, "  %s:%u", at.src->path, at.line);
}

static struct span part_span(const struct jtask *t, uint32_t part)
{
	const struct jval *v = part == AP_PACKAGE ? task_set(t, SET_PACKAGE) : part == AP_IMAGE ? task_set(t, SET_IMAGE) : NULL;

	if (v)
		return v->span;
	if (part == AP_COMMAND || part == AP_INTERP)
		return t->command_span;
	if (part == AP_ENV && t->nenv)
		return t->env[0].span;
	return part == AP_MOUNTS && t->nmap ? t->map[0].span : t->span;
}

void plan_cause(struct plan *p, uint32_t task, uint32_t inst, const struct decision *d, struct buf *b)
{
	static const char *const word[] = {
		[V_CURRENT] = "current", [V_NEW] = "never ran", [V_FAILED] = "did not succeed last time",
		[V_UNFINISHED] = "was cut short", [V_POLICY] = "recorded by another version of weft", [V_INPUT] = "input changed",
		[V_NO_INPUT] = "input is missing", [V_OUTPUT] = "output is not what it made", [V_NO_OUTPUT] = "output is missing",
		[V_TEMP] = "its temp output is needed again", [V_FORCED] = "forced", [V_MAYBE] = "an input will be made again",
		[V_LATER] = "its inputs are known only later", [V_UNSEEN] = "not part of this plan",
	};

	if (d->v == V_ACTION) {
		buf_addf(b, "%s changed", action_part_name((enum action_part)d->part));
		add_part(p, task, inst, d->part, b);
		if (!one_of_lists(d->part))
			add_place(p, part_span(&p->job->task[task], d->part), b);
		return;
	}
	buf_adds(b, word[d->v]);
	if (d->file) {
		buf_adds(b, "  ");
		text_safe(b, d->file, strlen(d->file), 4096);
	}
	add_tags(d, b);
}

/* ---- the overview ---- */

struct show {
	struct plan *p;
	FILE *f;
	bool all;
	int width; /* of task names */
};

static char symbol(const struct plan_task *t, const uint32_t n[V_UNSEEN], uint32_t runs)
{
	if (t->unknown)
		return '?';
	if (!runs)
		return '=';
	if (n[V_FAILED])
		return '!';
	return n[V_NEW] == runs ? '+' : '~';
}

static void add_count(struct buf *b, uint32_t runs, uint32_t all, const char *word)
{
	text_count(b, runs);
	if (runs < all) {
		buf_adds(b, " of ");
		text_count(b, all);
	}
	buf_addf(b, " %s", word);
}

static void one_line(struct show *s, uint32_t task, uint32_t inst, const char *indent)
{
	struct arena *a = arena_new();
	struct decision d = plan_decide(s->p, task, inst, a, NULL);
	const char *label = plan_label(s->p, task, inst, a);
	struct buf b;

	buf_init(&b, 1 << 20);
	plan_cause(s->p, task, inst, &d, &b);
	fprintf(s->f, "%s%-*s  %s\n", indent, s->width, label, buf_str(&b));
	buf_free(&b);
	arena_free(a);
}

/* The instances that would run, the first few. */
static void family(struct show *s, uint32_t task, uint32_t runs, uint32_t most)
{
	const struct plan_task *t = &s->p->task[task];
	uint32_t n = 0;

	for (uint32_t i = 0; i < t->count && n < most; i++)
		if (V_RUNS(t->v[i])) {
			one_line(s, task, i, "       ");
			n++;
		}
	if (n < runs)
		fprintf(s->f, "       ... and %u more\n", runs - n);
}

static void show_task(struct show *s, uint32_t task)
{
	const struct plan_task *t = &s->p->task[task];
	uint32_t n[V_UNSEEN], runs = 0;
	struct arena *a = arena_new();
	struct buf b;
	bool new;

	plan_tally(s->p, task, n);
	for (int v = V_NEW; v < V_UNSEEN; v++)
		runs += n[v];
	new = n[V_NEW] == runs;

	buf_init(&b, 1 << 20);
	if (t->unknown)
		buf_adds(&b, "known after the tasks it needs");
	else if (!runs)
		add_count(&b, n[V_CURRENT], n[V_CURRENT], "current");
	else
		add_count(&b, runs, runs + n[V_CURRENT], new ? "new" : "out of date");
	if (runs && !new && t->count == 1) {
		struct decision d = plan_decide(s->p, task, 0, a, NULL);

		buf_adds(&b, "  ");
		plan_cause(s->p, task, 0, &d, &b);
	}
	fprintf(s->f, "  %c %-*s  %s\n", symbol(t, n, runs), s->width, plan_task_name(s->p, task), buf_str(&b));
	if (runs && t->count > 1 && (s->all || !new))
		family(s, task, runs, s->all ? UINT32_MAX : s->p->ntarget ? SHOWN_TASK : SHOWN);
	buf_free(&b);
	arena_free(a);
}

static int name_width(struct plan *p)
{
	size_t w = 8;

	for (uint32_t t = 0; t < p->job->ntask; t++) {
		size_t n = strlen(plan_task_name(p, t));

		w = n > w ? n : w;
	}
	return (int)(w > 24 ? 24 : w);
}

/* "Plan: 3 to run (2 of them perhaps), 2 current" */
static void last_line(struct plan *p, FILE *f)
{
	struct buf b;

	buf_init(&b, 1 << 12);
	buf_adds(&b, "Plan: ");
	text_count(&b, p->counts.runs);
	buf_adds(&b, " to run");
	if (p->counts.maybe) {
		buf_adds(&b, " (");
		text_count(&b, p->counts.maybe);
		buf_adds(&b, " of them only if their inputs change)");
	}
	if (p->counts.unknown)
		buf_addf(&b, " and what %u task%s will turn out to be", p->counts.unknown, p->counts.unknown == 1 ? "" : "s");
	buf_adds(&b, ", ");
	text_count(&b, p->counts.current);
	fprintf(f, "%s current\n", buf_str(&b));
	buf_free(&b);
}

/* The word for "run it" with what was given here. */
static void next_lines(struct plan *p, FILE *f)
{
	struct buf b;

	buf_init(&b, 1 << 16);
	run_again(p->opt, NULL, &b);
	fprintf(f, "Run it:  %s\n", buf_str(&b));
	buf_free(&b);
}

enum { SHOW_TASKS = 200 };

void plan_print(struct plan *p, FILE *f)
{
	struct show s = { p, f, p->opt->all, name_width(p) };
	uint32_t shown = 0, current = 0;

	fprintf(f, "%s  engine: %s\n\n", p->opt->source ? p->opt->source : name_str(p->job->names, p->job->name),
		p->opt->engine ? p->opt->engine : "local");
	for (uint32_t t = 0; t < p->job->ntask; t++) {
		if (!plan_task_any(&p->task[t]))
			continue;
		if (shown >= SHOW_TASKS && !s.all) {
			current++;
			continue;
		}
		show_task(&s, t);
		shown++;
	}
	if (current)
		fprintf(f, "  ... and %u more tasks (--all shows them)\n", current);
	fputc('\n', f);
	last_line(p, f);
	if (p->counts.runs || p->counts.unknown)
		next_lines(p, f);
}
