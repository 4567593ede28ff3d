/* cfg_deps.c - deps = a->b,c; d->e->f (reference d.3): AFTER nodes of the tasks that wait.
 *
 * An arrow joins every task on its left with every task on its right.  A name on the left that is no task becomes an
 * AFTER like any other, and the names check of the compiler reports it; one on the right has no task to stand in. */
#include "lang/cfg.h"

#include <string.h>

struct deps {
	struct cfg *c;
	struct nlist *after;
	const struct cfg_val *v;
	uint32_t section; /* whose key it is */
	uint32_t pairs;
	bool full;
};

static struct cfg_part trimmed(const struct deps *d, size_t lo, size_t hi)
{
	return cfg_trim(d->v->t.s, (struct cfg_part){ lo, hi });
}

static bool next_name(const struct deps *d, struct cfg_part list, size_t *pos, struct cfg_part *p)
{
	while (*pos < list.hi) {
		const char *comma = memchr(d->v->t.s + *pos, ',', list.hi - *pos);
		size_t end = comma ? (size_t)(comma - d->v->t.s) : list.hi;

		*p = trimmed(d, *pos, end);
		*pos = end + 1;
		if (cfg_len(*p))
			return true;
	}
	return false;
}

static name name_at(const struct deps *d, struct cfg_part p)
{
	return name_of(d->c->names, d->v->t.s + p.lo, cfg_len(p));
}

/* The section number of a task, 0 if there is none of that name. */
static uint32_t task_of(const struct deps *d, struct cfg_part p)
{
	uint32_t i = cfg_get(d->c, cfg_section_key(name_at(d, p)));

	return i > 1 ? i - 1 : 0;
}

static void no_task(struct deps *d, struct cfg_part p)
{
	struct cfg *c = d->c;
	struct suggest s = { .to = name_str(c->names, name_at(d, p)) };

	diag_error(c->d, E0208, cfg_at(d->v, p), "no task is named `%s`", s.to);
	for (uint32_t i = 1; i < c->nsec && c->budget; i++, c->budget--)
		suggest_try(&s, name_str(c->names, c->sec[i].name));
	if (!diag_suggest(c->d, &s))
		diag_help(c->d, "a task is a section: [%s]", s.to);
}

/* Could a task have this name? */
static bool legal(const struct deps *d, struct cfg_part p)
{
	for (size_t i = p.lo; i < p.hi; i++)
		if (!cfg_plain_name(d->v->t.s + i, 1) && d->v->t.s[i] != '-' && (d->v->t.s[i] < '0' || d->v->t.s[i] > '9'))
			return false;
	return true;
}

/* Is this pair new?  Remembers it. */
static bool is_new(struct deps *d, uint32_t task, name before)
{
	uint64_t key = (uint64_t)(0x40000000u + task) << 32 | before;

	if (cfg_get(d->c, key))
		return false;
	cfg_put(d->c, key, 1);
	return true;
}

/* NAME nodes of a list, as an AFTER of a task; 0 when it has them all already. */
static nid after_node(struct deps *d, struct cfg_part left, uint32_t task)
{
	struct cfg *c = d->c;
	struct nlist l = { 0, 0 };
	struct cfg_part p;
	size_t pos = left.lo;
	nid after;

	while (next_name(d, left, &pos, &p)) {
		name nm = name_at(d, p);
		nid n;

		if (!is_new(d, task, nm))
			continue;
		if (!task_of(d, p) && !legal(d, p)) {
			no_task(d, p);
			continue;
		}
		n = ast_new(c->a, N_NAME, cfg_at(d->v, p), nm);

		if (!cfg_plain_name(d->v->t.s + p.lo, cfg_len(p)))
			c->a->v[n].flags |= NF_QUOTED;
		ast_append(c->a, &l, n);
		if (++d->pairs > CFG_PAIRS_MAX)
			break;
	}
	if (!l.head)
		return 0;
	after = ast_new(c->a, N_AFTER, cfg_at(d->v, left), 0);
	ast_adopt(c->a, after, l);
	return after;
}

static bool too_many(struct deps *d)
{
	if (d->pairs <= CFG_PAIRS_MAX || d->full)
		return d->full;
	d->full = true;
	diag_error(d->c->d, E0181, cfg_all(d->v), "there are more than %d dependencies", CFG_PAIRS_MAX);
	return true;
}

/* Everything on the right waits for everything on the left. */
static void arrow(struct deps *d, struct cfg_part left, struct cfg_part right)
{
	struct cfg_part p;
	size_t pos = right.lo;

	while (!too_many(d) && next_name(d, right, &pos, &p)) {
		uint32_t task = task_of(d, p);

		if (task)
			ast_append(d->c->a, &d->after[task], after_node(d, left, task));
		else
			no_task(d, p);
	}
}

static bool one_side(struct deps *d, struct cfg_part side, struct cfg_part chain)
{
	const char *s = d->v->t.s + side.lo;
	size_t n = cfg_len(side);

	if (!n) {
		diag_error(d->c->d, E0180, cfg_at(d->v, chain), "an arrow has no task on one side");
		diag_help(d->c->d, "write before->after");
		return false;
	}
	if (!memchr(s, '>', n) && !memmem(s, n, "<-", 2) && !memmem(s, n, "\xe2\x86\x92", 3))
		return true;
	diag_error(d->c->d, E0180, cfg_at(d->v, side), "`%.*s` is no list of tasks", (int)(n > 80 ? 80 : n), s);
	diag_help(d->c->d, "the arrow is written ->, and points from the task before to the task after");
	return false;
}

/* a->b,c->d */
static void chain(struct deps *d, struct cfg_part p, const char *first)
{
	struct cfg_part left = trimmed(d, p.lo, (size_t)(first - d->v->t.s));
	size_t pos = (size_t)(first - d->v->t.s) + 2;
	bool ok = one_side(d, left, p);

	while (pos <= p.hi) {
		const char *at = memmem(d->v->t.s + pos, p.hi - pos, "->", 2);
		size_t end = at ? (size_t)(at - d->v->t.s) : p.hi;
		struct cfg_part right = trimmed(d, pos, end);
		bool right_ok = one_side(d, right, p);

		if (ok && right_ok)
			arrow(d, left, right);
		left = right;
		ok = right_ok;
		pos = end + 2;
	}
}

static void no_arrow(struct deps *d, struct cfg_part p)
{
	if (!one_side(d, p, p))
		return;
	if (d->section) {
		ast_append(d->c->a, &d->after[d->section], after_node(d, p, d->section));
		return;
	}
	diag_error(d->c->d, W0176, cfg_at(d->v, p), "`%.*s` has no arrow and orders nothing", (int)(cfg_len(p) > 80 ? 80 : cfg_len(p)),
		d->v->t.s + p.lo);
	diag_help(d->c->d, "write before->after");
}

/* Does the line break at i end a chain?  Not when a comma or an arrow stands before or behind it. */
static bool ends_line(const struct deps *d, size_t lo, size_t i)
{
	const char *s = d->v->t.s;
	struct cfg_part before = trimmed(d, lo, i), behind = trimmed(d, i, d->v->all.hi);

	if (cfg_len(before) && (s[before.hi - 1] == ',' || s[before.hi - 1] == '>'))
		return false;
	return !cfg_len(behind) || (s[behind.lo] != ',' && s[behind.lo] != '-');
}

static void one_chain(struct deps *d, size_t lo, size_t hi)
{
	struct cfg_part p = trimmed(d, lo, hi);
	const char *first = memmem(d->v->t.s + p.lo, cfg_len(p), "->", 2);

	if (first)
		chain(d, p, first);
	else if (cfg_len(p))
		no_arrow(d, p);
}

/* Chains end at ; and at the ends of lines. */
static void read_deps(struct deps *d)
{
	const char *s = d->v->t.s;
	size_t lo = d->v->all.lo;

	for (size_t i = lo; i < d->v->all.hi; i++)
		if (s[i] == ';' || (s[i] == '\n' && s[i + 1] != '\n' && ends_line(d, lo, i))) {
			one_chain(d, lo, i);
			lo = i + 1;
		}
	one_chain(d, lo, d->v->all.hi);
}

void cfg_deps(struct cfg *c, struct nlist *after)
{
	struct deps d = { .c = c, .after = after };
	struct cfg_val v;

	d.v = &v;
	if (cfg_fetch_own(c, 0, K_deps, &v))
		read_deps(&d);
	for (d.section = 1; cfg_get(c, cfg_any_key(name_ofs(c->names, "deps"))) && d.section < c->nsec; d.section++) {
		if (!cfg_own(c, d.section, "deps"))
			continue;
		if (!cfg_fetch_own(c, d.section, K_deps, &v))
			continue;
		diag_error(c->d, W0167, v.e->key_span, "key `deps` belongs in [DEFAULT]; the old tool ignores it here");
		diag_note(c->d, "it is honoured all the same");
		read_deps(&d);
	}
}
