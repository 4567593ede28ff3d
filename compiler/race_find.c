/* race_find.c - which claims meet: see race.h.
 *
 * 1. Single paths go into a table, so do all paths of sets that are not exact.  2. Exact sets are compared with those
 * whose constant part lies in the same directory or above; where that cannot tell, the smaller one goes into the table
 * too.  3. Every path of the table is looked up along its directories: paths above it, and exact sets there.
 * 4. Claims of one path, or of two of which one lies above the other, are compared in the order of the graph. */
#include "compiler/race.h"

#include "compiler/check_util.h"

#include <stdlib.h>
#include <string.h>

enum { MOST_PATHS = 1 << 20, MOST_WORK = 1 << 24, FEW_SETS = 16, FEW_PAIRS = 4096, ENOUGH = 1000, LONGEST = 4096 };

struct access { /* of a path of the table */
	uint32_t claim, next;
	int64_t instance, elem;
	bool many;
};
struct path_place { /* what a name means as a path */
	uint32_t first, n;  /* accesses + 1 */
	uint32_t sets;      /* first exact set whose constant part lies in this directory, + 1 */
	bool writes;
};
struct exact {
	uint32_t claim, next;
	name dir;
	bool gone; /* in the table */
};
struct entry { /* of the claims to be compared */
	uint32_t rank, access;
	bool below; /* of the place below the other one */
};
struct finder {
	struct session *s;
	struct order *o; /* NULL: nothing is said about order */
	struct pathsets sets;
	struct claims c;
	struct path_place *place; /* by name */
	uint32_t placecap;
	name *used;          /* names with accesses */
	uint32_t nused, usedcap;
	struct access *a;
	uint32_t na, acap;
	struct exact *x;
	uint32_t nx, xcap;
	uint32_t claim;      /* being made one by one */
	uint64_t work, paths;
	struct entry *list;
	uint32_t nlist, listcap;
	race_fn *fn;
	void *ctx;
};

static struct path_place *place_of(struct finder *f, name nm)
{
	uint32_t had = f->placecap;

	if (nm >= f->placecap) {
		f->place = grow(f->place, &f->placecap, nm + 1 > names_count(f->s->names) ? nm + 1 : names_count(f->s->names),
			sizeof *f->place);
		memset(f->place + had, 0, (f->placecap - had) * sizeof *f->place);
	}
	return &f->place[nm];
}

static const struct path_place *place_find(const struct finder *f, name nm)
{
	return nm < f->placecap ? &f->place[nm] : NULL;
}

static void access_add(struct finder *f, name path, struct access a)
{
	struct path_place *p = place_of(f, path);

	if (f->na == f->acap)
		f->a = grow(f->a, &f->acap, f->na + 1, sizeof *f->a);
	if (!p->first) {
		if (f->nused == f->usedcap)
			f->used = grow(f->used, &f->usedcap, f->nused + 1, sizeof *f->used);
		f->used[f->nused++] = path;
	}
	a.next = p->first;
	f->a[f->na++] = a;
	p->first = f->na;
	p->n++;
	p->writes |= f->c.v[a.claim].write;
}

/* ---- what two hits are ---- */

static bool port(const struct claim *c)
{
	return c->what == CLAIM_IN || c->what == CLAIM_OUT;
}

static enum code in_one_task(const struct hit *a, const struct hit *b)
{
	bool differ = a->instance != b->instance || a->many || b->many;

	if (a->claim->area || b->claim->area)
		return CODE_COUNT;
	if (a->claim == b->claim && a->claim->write)
		return a->claim->what == CLAIM_OUT ? E0703 : W0711;
	if (a->claim->what == CLAIM_OUT && b->claim->what == CLAIM_OUT)
		return E0702;
	if ((a->claim->write && b->claim->write) || !differ)
		return CODE_COUNT;
	return port(a->claim) && port(b->claim) ? E0710 : W0711;
}

/* A log directory is of interest to one who reads it or a directory in it, not to one who reads all around it. */
static bool reads_log(const struct claim *log, const struct claim *other, bool other_above)
{
	return log->what != CLAIM_LOG || (other->read && !other_above);
}

static enum code unordered(const struct claim *a, const struct claim *b, bool strictly_above)
{
	bool crossing = (a->write && b->read) || (a->read && b->write), both = a->read && a->write && b->read && b->write;

	if (!reads_log(a, b, false) || !reads_log(b, a, strictly_above))
		return CODE_COUNT;
	if (port(a) && port(b))
		return E0710;
	return (a->area || b->area) && (!crossing || both) ? N0712 : W0711;
}

/* a's place is b's, or strictly above it. */
static enum code judge(struct finder *f, const struct hit *a, const struct hit *b, bool strictly_above)
{
	const struct claim *x = a->claim, *y = b->claim;
	bool area = x->area || y->area;
	enum ordering o;

	if (!x->write && !y->write)
		return CODE_COUNT;
	if (x->task == y->task)
		return in_one_task(a, b);
	if (x->what == CLAIM_OUT && y->what == CLAIM_OUT)
		return E0702;
	o = f->o ? order_between(f->o, x->task, y->task) : ORDER_ALL;
	if (o == ORDER_ALL || (o == ORDER_SAME && (area || (a->instance == b->instance && !a->many && !b->many))))
		return CODE_COUNT;
	return unordered(x, y, strictly_above);
}

static bool compare(struct finder *f, const struct hit *a, const struct hit *b, bool strictly_above, const char *path)
{
	enum code c = judge(f, a, b, strictly_above);

	if (c != CODE_COUNT)
		f->fn(f->ctx, c, a, b, path);
	return c != CODE_COUNT;
}

static struct hit hit_of(const struct finder *f, const struct access *a)
{
	return (struct hit){ &f->c.v[a->claim], a->many ? -1 : a->instance, a->elem, a->many };
}

/* ---- claims of one place, or of two ---- */

/* The accesses of a place, in the order in which they were added: the last one stands first. */
static void list_add(struct finder *f, const struct path_place *p, bool below)
{
	uint32_t i = f->nlist + p->n, a;

	if (i > f->listcap)
		f->list = grow(f->list, &f->listcap, i, sizeof *f->list);
	f->nlist = i;
	for (a = p->first; a; a = f->a[a - 1].next)
		f->list[--i] = (struct entry){ 0, a - 1, below };
}

static bool pair(struct finder *f, const struct entry *x, const struct entry *y, const char *path)
{
	struct hit a = hit_of(f, &f->a[x->access]), b = hit_of(f, &f->a[y->access]);

	f->work++;
	if (x->below && !y->below)
		return compare(f, &b, &a, true, path);
	return compare(f, &a, &b, y->below && !x->below, path);
}

static int by_rank(const void *a, const void *b)
{
	const struct entry *x = a, *y = b;

	if (x->rank != y->rank)
		return x->rank < y->rank ? -1 : 1;
	return x->access < y->access ? -1 : x->access > y->access;
}

/* Many: in the order of the graph, a writer is compared with those since the writer before it, and a reader with the
 * writer before it.  If any two of them are unordered, so are two that are compared. */
static void neighbours(struct finder *f, const char *path)
{
	uint32_t i, k, writer = UINT32_MAX, races = 0;

	for (i = 0; i < f->nlist && f->o; i++)
		f->list[i].rank = f->o->rank[f->c.v[f->a[f->list[i].access].claim].task];
	qsort(f->list, f->nlist, sizeof *f->list, by_rank);
	for (i = 0; i < f->nlist && f->work < MOST_WORK && races < ENOUGH; i++) {
		bool w = f->c.v[f->a[f->list[i].access].claim].write;

		if (!w && writer != UINT32_MAX)
			races += pair(f, &f->list[writer], &f->list[i], path);
		for (k = writer == UINT32_MAX ? 0 : writer; w && k < i; k++)
			races += pair(f, &f->list[k], &f->list[i], path);
		if (w)
			writer = i;
	}
}

/* Few: each with each; of two places, each of the one with each of the other. */
static void all_pairs(struct finder *f, bool two, const char *path)
{
	uint32_t i, k;

	for (i = 0; i < f->nlist; i++)
		for (k = i + 1; k < f->nlist; k++)
			if (!two || f->list[i].below != f->list[k].below)
				pair(f, &f->list[i], &f->list[k], path);
}

static void one_place(struct finder *f, name nm)
{
	const struct path_place *p = place_find(f, nm);

	if (!p->writes || p->n < 2)
		return;
	f->nlist = 0;
	list_add(f, p, false);
	if ((uint64_t)p->n * p->n <= 2 * FEW_PAIRS)
		all_pairs(f, false, name_str(f->s->names, nm));
	else
		neighbours(f, name_str(f->s->names, nm));
}

static void two_places(struct finder *f, const struct path_place *above, name nm)
{
	const struct path_place *p = place_find(f, nm);

	if ((!p->writes && !above->writes) || f->work >= MOST_WORK)
		return;
	f->nlist = 0;
	list_add(f, above, false);
	list_add(f, p, true);
	if ((uint64_t)p->n * above->n <= FEW_PAIRS)
		all_pairs(f, true, name_str(f->s->names, nm));
	else
		neighbours(f, name_str(f->s->names, nm));
}

/* ---- exact sets ---- */

static bool made(void *ctx, const char *path, int64_t instance, int64_t elem)
{
	struct finder *f = ctx;
	name nm = name_ofs(f->s->names, path);

	if (f->paths++ >= MOST_PATHS)
		return false;
	if (*path)
		access_add(f, nm, (struct access){ f->claim, 0, instance, elem, f->c.v[f->claim].many });
	return true;
}

/* Put every path of a set into the table, if they are not too many. */
static bool to_table(struct finder *f, uint32_t claim)
{
	const struct pathset *ps = f->c.v[claim].set;
	int64_t n = pathset_size(ps);

	if (n < 0 || f->paths + (uint64_t)n > MOST_PATHS)
		return false;
	f->claim = claim;
	pathset_each(ps, made, f);
	return true;
}

static name dir_of(struct finder *f, const struct pathset *ps)
{
	size_t n;
	const char *s = pathset_start(ps, &n);

	while (n && s[n - 1] != '/')
		n--;
	return n > 1 ? name_of(f->s->names, s, n - 1) : 0;
}

static void exact_add(struct finder *f, uint32_t claim)
{
	if (f->nx == f->xcap)
		f->x = grow(f->x, &f->xcap, f->nx + 1, sizeof *f->x);
	f->x[f->nx++] = (struct exact){ claim, 0, dir_of(f, f->c.v[claim].set), false };
}

/* Those in one directory are compared with each other and with its paths: many are made instead. */
static void exact_file(struct finder *f)
{
	uint32_t i, *many = xcalloc(names_count(f->s->names), sizeof *many);

	for (i = 0; i < f->nx; i++)
		many[f->x[i].dir]++;
	for (i = 0; i < f->nx; i++) {
		struct path_place *p;

		if (many[f->x[i].dir] > FEW_SETS && to_table(f, f->x[i].claim)) {
			f->x[i].gone = true;
			continue;
		}
		p = place_of(f, f->x[i].dir);
		f->x[i].next = p->sets;
		p->sets = i + 1;
	}
	free(many);
}

/* What order asks of two sets: whether they meet at all, or in different instances; false if it does not matter. */
static bool matters(struct finder *f, const struct claim *a, const struct claim *b, bool *differ)
{
	bool outs = a->what == CLAIM_OUT && b->what == CLAIM_OUT;
	enum ordering o;

	*differ = false;
	if ((!a->write && !b->write) || outs)
		return outs;
	if (a->task == b->task)
		return *differ = !(a->write && b->write);
	o = f->o ? order_between(f->o, a->task, b->task) : ORDER_ALL;
	*differ = o == ORDER_SAME;
	return o != ORDER_ALL;
}

static void say_path(struct finder *f, const struct hit *a, const struct hit *b)
{
	struct buf text;
	int64_t pos[32] = { 0 }, rest = a->instance;
	const struct pathset *ps = a->claim->set;
	uint32_t i, n = ps->ndim - ps->family;

	for (i = n; i-- > 0 && rest >= 0;) {
		pos[i] = ps->count[i] > 0 ? rest % ps->count[i] : rest;
		rest = ps->count[i] > 0 ? rest / ps->count[i] : 0;
	}
	if (ps->family)
		pos[n] = a->elem;
	buf_init(&text, 1 << 16);
	pathset_render(ps, pos, &text);
	compare(f, a, b, false, buf_str(&text));
	buf_free(&text);
}

static void two_sets(struct finder *f, struct exact *x, struct exact *y)
{
	const struct claim *a = &f->c.v[x->claim], *b = &f->c.v[y->claim];
	struct hit p = { a, 0, 0, a->many }, q = { b, 0, 0, b->many };
	bool differ;

	f->work++;
	if (x->gone || y->gone || !matters(f, a, b, &differ))
		return;
	switch (pathset_relate(a->set, b->set, differ, &p.instance, &q.instance)) {
	case SETS_MEET:
		say_path(f, &p, &q);
		break;
	case SETS_UNSURE:
		if (pathset_size(a->set) <= pathset_size(b->set))
			x->gone = to_table(f, x->claim);
		else
			y->gone = to_table(f, y->claim);
		break;
	case SETS_APART:
		break;
	}
}

/* Call fn for the directories above a path, itself not, up to the workspace (0). */
static bool each_above(struct finder *f, const char *s, size_t n, bool (*fn)(struct finder *f, name dir, void *ctx), void *ctx)
{
	bool any = false;
	name nm;

	while (n) {
		while (n && s[n - 1] != '/')
			n--;
		n -= n > 0;
		nm = n ? name_find(f->s->names, s, n) : 0;
		if (nm || !n)
			any |= fn(f, nm, ctx);
	}
	return any;
}

static bool sets_there(struct finder *f, name dir, void *ctx)
{
	const struct path_place *p = place_find(f, dir);
	struct exact *x = ctx;
	uint32_t k = p ? p->sets : 0, next;

	for (; k && f->work < MOST_WORK; k = next) {
		struct exact *y = &f->x[k - 1];

		next = y->next;
		if (dir != x->dir || y < x)
			two_sets(f, y, x);
	}
	return k;
}

static void compare_sets(struct finder *f)
{
	uint32_t i;

	for (i = 0; i < f->nx; i++) {
		struct exact *x = &f->x[i];

		sets_there(f, x->dir, x);
		if (x->dir)
			each_above(f, name_str(f->s->names, x->dir), name_len(f->s->names, x->dir), sets_there, x);
	}
}

/* ---- the table ---- */

struct lookup {
	name path;
	const char *s;
	size_t n;
};

/* An exact set against all accesses of a path. */
static void set_meets(struct finder *f, struct exact *x, name path)
{
	const struct claim *c = &f->c.v[x->claim];
	int64_t instance;
	bool more;
	uint32_t k;

	f->work++;
	if (x->gone || (!c->write && !place_find(f, path)->writes))
		return;
	instance = pathset_find(c->set, name_str(f->s->names, path), name_len(f->s->names, path), &more);
	if (instance < 0)
		return;
	for (k = place_find(f, path)->first; k && f->work < MOST_WORK; k = f->a[k - 1].next, f->work++) {
		struct hit a = { c, instance, 0, c->many || more }, b = hit_of(f, &f->a[k - 1]);

		compare(f, b.claim < c ? &b : &a, b.claim < c ? &a : &b, false, name_str(f->s->names, path));
	}
}

static bool look_above(struct finder *f, name dir, void *ctx)
{
	const struct lookup *l = ctx;
	const struct path_place *p = place_find(f, dir);
	uint32_t k = p ? p->sets : 0;
	bool any = p && (p->sets || p->first);

	if (p && p->first && dir)
		two_places(f, p, l->path);
	for (; k && f->work < MOST_WORK; k = f->x[k - 1].next)
		set_meets(f, &f->x[k - 1], l->path);
	return any;
}

/* Every path along its directories; one in the directory of the one before it, where nothing was, is done. */
static void look_up(struct finder *f)
{
	struct lookup l = { 0 };
	const char *dir = NULL;
	size_t len = 0, n;
	uint32_t i;

	for (i = 0; i < f->nused && f->work < MOST_WORK; i++) {
		one_place(f, f->used[i]);
		l.path = f->used[i];
		l.s = name_str(f->s->names, l.path);
		l.n = name_len(f->s->names, l.path);
		for (n = l.n; n && l.s[n - 1] != '/'; n--)
			;
		if (l.n > LONGEST || (dir && n == len && !memcmp(dir, l.s, n)))
			continue;
		dir = each_above(f, l.s, l.n, look_above, &l) ? NULL : l.s;
		len = n;
	}
}

static bool path_there(struct finder *f, name dir, void *ctx)
{
	const struct path_place *p = place_find(f, dir);

	if (p && p->first && dir)
		set_meets(f, ctx, dir);
	return false;
}

/* Single paths above exact sets. */
static void look_below(struct finder *f)
{
	uint32_t i;

	for (i = 0; i < f->nx && f->work < MOST_WORK; i++) {
		name dir = f->x[i].dir;

		if (f->x[i].gone || !dir || name_len(f->s->names, dir) > LONGEST)
			continue;
		path_there(f, dir, &f->x[i]);
		each_above(f, name_str(f->s->names, dir), name_len(f->s->names, dir), path_there, &f->x[i]);
	}
}

/* ---- one claim ---- */

/* Instances or elements that have one path because nothing in it tells them apart. */
static void alone(struct finder *f, uint32_t i)
{
	const struct claim *c = &f->c.v[i];
	struct hit all = { c, -1, 0, true };

	if (c->write && !c->area && (c->many || c->elems))
		compare(f, &all, &all, false, name_str(f->s->names, c->text));
}

static void file_claims(struct finder *f)
{
	uint32_t i;

	for (i = 0; i < f->c.n; i++) {
		struct claim *c = &f->c.v[i];

		alone(f, i);
		if (!c->set)
			access_add(f, c->text, (struct access){ i, 0, 0, 0, c->many });
		else if (c->set->kind == PATHS_EXACT)
			exact_add(f, i);
		else
			to_table(f, i);
	}
	exact_file(f);
}

static bool any_bad(const struct job *j)
{
	uint32_t i;

	for (i = 0; i < j->ntask; i++)
		if (j->task[i].bad)
			return true;
	return false;
}

void races_find(struct session *s, race_fn *fn, void *ctx)
{
	struct finder f = { .s = s, .fn = fn, .ctx = ctx, .sets = { .j = s->job, .arena = arena_new() } };

	f.placecap = names_count(s->names);
	f.place = xcalloc(f.placecap, sizeof *f.place);
	if (order_of(s)->nsorted == s->job->ntask && !any_bad(s->job))
		f.o = order_of(s);
	claims_collect(s, &f.sets, &f.c);
	file_claims(&f);
	compare_sets(&f);
	look_up(&f);
	look_below(&f);
	free(f.c.v);
	free(f.place);
	free(f.used);
	free(f.a);
	free(f.x);
	free(f.list);
	arena_free(f.sets.arena);
}
