/* prop_race.c - on generated workflows the race check finds what a checker finds that expands every instance, every path
 * and every order, and compares each with each.  Usage: prop_race [COUNT [SEED]]; a failure prints its seed. */
#include "compiler/race.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- workflows in which paths meet ---- */

struct gen {
	uint64_t state;
	struct buf *b;
	int shape[8];
	int liked; /* the shape of most tasks */
	const char *dir; /* of most paths */
};

static uint32_t roll(struct gen *g, uint32_t n)
{
	g->state ^= g->state >> 12;
	g->state ^= g->state << 25;
	g->state ^= g->state >> 27;
	return (uint32_t)((g->state * 0x2545f4914f6cdd1dULL) >> 33) % n;
}

#define SAY(...) buf_addf(g->b, __VA_ARGS__)
#define PICK(...) pick(g, (const char *const[]){ __VA_ARGS__ }, sizeof((const char *const[]){ __VA_ARGS__ }) / sizeof(char *))

static const char *pick(struct gen *g, const char *const *v, uint32_t n)
{
	return v[roll(g, n)];
}

enum { PLAIN, COUNTED, RANGE, RANGE2, LIST, LIST2, ROWS, CROSS, SHAPES };
static const char *const header[] = { "", "", "for i in 0 .. 2", "for i in 1 .. 12", "for w in [\"a\", \"b-1\", \"1\"]",
	"for w in [\"1-1\", \"a/b\", \"b\", \"a\"]", "for s in rows by id", "for i in [1, 11, 2] for k in 1 .. 11" };

/* One piece of a name that differs between instances, as far as the shape has any. */
static const char *var(struct gen *g, int shape, bool family)
{
	if (family && roll(g, 2))
		return PICK("~{index}", "~{index}", "~{index + 1}");
	switch (shape) {
	case COUNTED: return "~{instance}";
	case RANGE: case RANGE2: return PICK("~{i}", "~{i}", "~{i + 1}", "~{i * 2}", "~{i % 2}", "~{instance}");
	case LIST: case LIST2: return PICK("~{w}", "~{w}", "~{instance}", "~{stem(w)}");
	case ROWS: return PICK("~{s.id}", "~{s.id}", "~{s.n}", "~{s.id}-~{s.n}", "~{s.n}~{s.id}", "~{s.n}/~{s.id}", "~{s.name}");
	case CROSS: return PICK("~{i}-~{k}", "~{i}-~{k}", "~{i}-~{k + 1}", "~{k}-~{i}", "~{i}~{k}", "~{i}", "~{k}", "~{instance}", "~{i}/~{k}");
	default: return PICK("0", "1", "a", "b-1", "2-1");
	}
}

static void path(struct gen *g, int shape, bool family)
{
	SAY("\"%s", roll(g, 3) ? g->dir : PICK("d/", "d/", "./d/", "d//", "d/e/../", "", "oss://b/p/", "d/a/"));
	if (roll(g, 5) == 0)
		SAY("%s", PICK("1", "a", "2-3", "1/f", "0/", "a", "e"));
	else
		SAY("%s%s%s", PICK("", "", "", "1", "x-"), var(g, shape, family), PICK("", "", "", "/f", "/", ".t", "1", "/1"));
	if (roll(g, 8) == 0)
		SAY("%s", var(g, shape, family));
	SAY("\"");
}

static void references(struct gen *g, int k)
{
	for (int from = 0; from < k; from++) {
		bool many = g->shape[from] != PLAIN;

		if (roll(g, 3))
			continue;
		if (roll(g, 3) == 0)
			SAY("  after t%d\n", from);
		else if (g->shape[from] == g->shape[k] && roll(g, 3) && (g->shape[k] == RANGE || g->shape[k] == RANGE2))
			SAY("  in r%d = t%d[i].o\n", from, from);
		else if (g->shape[from] == g->shape[k] && roll(g, 3) && g->shape[k] == ROWS)
			SAY("  in r%d = t%d[s.id].o\n", from, from);
		else if (g->shape[from] == CROSS && g->shape[k] == CROSS && roll(g, 3))
			SAY("  in r%d = t%d[i][k].o\n", from, from);
		else
			SAY("  in r%d = t%d%s.o\n", from, from, many ? "[*]" : "");
	}
}

static void storage(struct gen *g)
{
	const char *where = PICK("p/", "p/", "p/a", "p/d/", "q/", "");

	switch (roll(g, 6)) {
	case 0: SAY("  mount \"oss://b/%s\" -> \"/m%u/\" : rw\n", where, roll(g, 9)); break;
	case 1: SAY("  output \"/o%u%s\" -> \"oss://b/%s\"\n", roll(g, 9), where[strlen(where) - (*where != 0)] == 'a' ? "" : "/", where); break;
	case 2: SAY("  stdout = \"oss://b/%s\"\n", PICK("p/", "p/logs/", "q/")); break;
	case 3: SAY("  log \"/l/x\" -> \"oss://b/p/logs/\"\n"); break;
	default: SAY("  mount \"oss://b/%s\" -> \"/n%u/\"\n", where, roll(g, 9)); break;
	}
}

static void task(struct gen *g, int k)
{
	int shape = g->shape[k] = roll(g, 3) ? g->liked : (int)roll(g, SHAPES);
	bool family = roll(g, 4) == 0;

	SAY("task t%d %s {\n", k, header[shape]);
	if (shape == COUNTED)
		SAY("  instances = 3\n");
	references(g, k);
	for (uint32_t i = 0, n = roll(g, 3); i < n; i++) {
		SAY("  in a%u%s = ", i, roll(g, 4) ? "" : ": dir");
		if (roll(g, 6) == 0)
			SAY("[\"d/1\", "), path(g, shape, false), SAY("]\n");
		else
			path(g, shape, false), SAY("\n");
	}
	SAY("  out o = ");
	path(g, shape, false);
	SAY("\n");
	if (family)
		SAY("  out f[3] = "), path(g, shape, true), SAY("\n");
	if (roll(g, 8) == 0)
		SAY("  out g[] = glob(\"%s%s*\")\n", PICK("d/", "e/"), PICK("", "x", var(g, shape, false)));
	if (roll(g, 3) == 0)
		storage(g);
	SAY("  run \"true\"\n}\n");
}

static void workflow(uint64_t seed, struct buf *b)
{
	struct gen gen = { .state = (seed + 1) * 0x9e3779b97f4a7c15ULL | 1, .b = b }, *g = &gen;
	int tasks = 1 + (int)roll(g, 5);

	SAY("workflow \"race\"\ntable rows = [{ id = \"a\", n = 1, name = \"x\" }, { id = \"1\", n = 1, name = \"y\" }, "
		"{ id = \"2\", n = 3, name = \"x\" }]\n");
	g->liked = (int)roll(g, SHAPES);
	g->dir = PICK("d/", "d/", "", "oss://b/p/");
	for (int k = 0; k < tasks; k++)
		task(g, k);
}

/* ---- the checker that expands everything ---- */

enum { MOST = 4096 };

struct use { /* of one path by one instance */
	uint32_t task, number;
	uint8_t what;
	int64_t instance, elem;
	bool read, write, area;
	char *path;
};
struct brute {
	const struct job *j;
	struct use *v;
	uint32_t n, cap;
	uint32_t *base; /* first instance of a task among all */
	uint32_t all;
	bool *after;    /* [all * all] */
};

static char *clean(const char *s)
{
	const char *scheme = strstr(s, "://");
	char *out = xcalloc(strlen(s) + 2, 1), *copy = xstrdup(scheme ? scheme + 3 : s), *part, *save = NULL;

	if (scheme)
		memcpy(out, s, (size_t)(scheme + 3 - s));
	for (part = strtok_r(copy, "/", &save); part; part = strtok_r(NULL, "/", &save)) {
		if (!strcmp(part, "."))
			continue;
		if (!strcmp(part, "..")) {
			char *cut = strrchr(out, '/');
			*(cut ? cut : out) = 0;
			continue;
		}
		if (*out && out[strlen(out) - 1] != '/')
			strcat(out, "/");
		strcat(out, part);
	}
	free(copy);
	return out;
}

static void use_add(struct brute *k, struct use u, const char *path)
{
	u.path = clean(path);
	if (!*u.path) {
		free(u.path);
		return;
	}
	for (uint32_t i = 0; i < k->n; i++) /* reading and writing one place is one use */
		if (u.what == CLAIM_MAP && k->v[i].what == CLAIM_MAP && k->v[i].task == u.task && k->v[i].instance == u.instance &&
		    k->v[i].area == u.area && !strcmp(k->v[i].path, u.path)) {
			k->v[i].read |= u.read;
			k->v[i].write |= u.write;
			free(u.path);
			return;
		}
	if (k->n == k->cap)
		k->v = grow(k->v, &k->cap, k->n + 1, sizeof *k->v);
	k->v[k->n++] = u;
}

static void use_value(struct brute *k, struct use u, const struct jvalue *v)
{
	struct buf b;

	if (v->type == JT_LIST) {
		for (uint32_t i = 0; i < v->list.n; i++)
			use_value(k, u, &v->list.v[i]);
		return;
	}
	buf_init(&b, 1 << 16);
	jvalue_text(v, &b);
	use_add(k, u, buf_str(&b));
	buf_free(&b);
}

static void use_path(struct brute *k, struct use u, jxid x)
{
	struct jctx c = { .job = k->j, .arena = arena_new(), .task = u.task, .instance = u.instance, .index = u.elem };
	struct jvalue v;

	if (x && k->j->x[x].op != JX_REF && jx_eval(&c, x, &v))
		use_value(k, u, &v);
	arena_free(c.arena);
}

static const char *str(const struct brute *k, name nm)
{
	return name_str(k->j->names, nm);
}

static bool slash(const char *s)
{
	return *s && s[strlen(s) - 1] == '/';
}

static void storage_of(struct brute *k, const struct jtask *t, struct use u)
{
	for (uint32_t i = 0; i < t->nmap; i++) {
		const struct jmap *m = &t->map[i];
		bool out = m->kind == MAP_OUTPUT || m->kind == MAP_LOG;

		u.what = m->kind == MAP_LOG ? CLAIM_LOG : CLAIM_MAP;
		u.area = m->kind == MAP_LOG || slash(str(k, m->from)) || slash(str(k, m->to));
		u.read = !out;
		u.write = out || m->write;
		use_add(k, u, str(k, out ? m->to : m->from));
	}
	u.what = CLAIM_LOG;
	u.area = u.write = true;
	u.read = false;
	if (task_set(t, SET_STDOUT))
		use_add(k, u, str(k, task_set(t, SET_STDOUT)->s));
}

static void uses_of(struct brute *k, uint32_t task, int64_t instance)
{
	const struct jtask *t = &k->j->task[task];
	struct use u = { .task = task, .instance = instance };

	for (u.number = 0; u.number < t->nin; u.number++) {
		u.what = CLAIM_IN;
		u.read = true;
		use_path(k, u, t->in[u.number].path);
	}
	u.read = false;
	u.write = true;
	for (u.number = 0; u.number < t->nout; u.number++) {
		const struct jport *p = &t->out[u.number];

		u.what = p->count == PORT_GLOB ? CLAIM_GLOB : CLAIM_OUT;
		for (u.elem = 0; u.elem < (p->count == PORT_FIXED ? p->n : 1); u.elem++)
			use_path(k, u, p->path);
	}
	u = (struct use){ .task = task, .instance = instance };
	storage_of(k, t, u);
}

static void order_all(struct brute *k)
{
	const struct job *j = k->j;
	uint32_t a, b, c, n;

	k->base = xcalloc(j->ntask + 1, sizeof *k->base);
	for (a = 0; a < j->ntask; a++)
		k->base[a + 1] = k->base[a] + (uint32_t)j->task[a].count;
	n = k->all = k->base[j->ntask];
	k->after = xcalloc((size_t)n * n + 1, 1);
	for (uint32_t e = 0; e < j->nedge; e++)
		for (a = k->base[j->edge[e].from]; a < k->base[j->edge[e].from + 1]; a++)
			for (b = k->base[j->edge[e].to]; b < k->base[j->edge[e].to + 1]; b++)
				if (j->edge[e].kind == EDGE_ALL || a - k->base[j->edge[e].from] == b - k->base[j->edge[e].to])
					k->after[(size_t)a * n + b] = true;
	for (c = 0; c < n; c++)
		for (a = 0; a < n; a++)
			for (b = 0; b < n && k->after[(size_t)a * n + c]; b++)
				k->after[(size_t)a * n + b] |= k->after[(size_t)c * n + b];
}

static bool ordered(const struct brute *k, const struct use *x, const struct use *y)
{
	size_t a = k->base[x->task] + (uint32_t)x->instance, b = k->base[y->task] + (uint32_t)y->instance;

	return k->after[a * k->all + b] || k->after[b * k->all + a];
}

/* Is some instance of the one task before the same instance of the other? */
static bool linked(const struct brute *k, const struct use *x, const struct use *y)
{
	struct use a = *x, b = *y;

	a.instance = b.instance = 0;
	return k->j->task[x->task].count == k->j->task[y->task].count && ordered(k, &a, &b);
}

static bool within(const char *top, const char *s)
{
	size_t n = strlen(top);

	return !strncmp(top, s, n) && (!s[n] || s[n] == '/');
}

/* The rules of doc/checks.md, for two uses whose paths meet. */
static enum code verdict(const struct brute *k, const struct use *x, const struct use *y)
{
	bool outs = x->what == CLAIM_OUT && y->what == CLAIM_OUT, area = x->area || y->area;
	bool ports = (x->what == CLAIM_IN || x->what == CLAIM_OUT) && (y->what == CLAIM_IN || y->what == CLAIM_OUT);
	bool one = x->task == y->task && x->what == y->what && x->number == y->number && x->what != CLAIM_MAP;

	if (!x->write && !y->write)
		return CODE_COUNT;
	if (x->task == y->task && area)
		return CODE_COUNT;
	if (one && x->write)
		return outs ? E0703 : W0711;
	if (outs)
		return E0702;
	if (x->task == y->task && x->what == CLAIM_MAP && y->what == CLAIM_MAP && !strcmp(x->path, y->path))
		return x->instance != y->instance ? W0711 : CODE_COUNT;
	if (x->task == y->task && ((x->write && y->write) || x->instance == y->instance))
		return CODE_COUNT;
	if (x->task != y->task && (ordered(k, x, y) || (area && linked(k, x, y))))
		return CODE_COUNT;
	if (x->what == CLAIM_LOG && (!y->read || (strcmp(x->path, y->path) && within(y->path, x->path))))
		return CODE_COUNT;
	if (y->what == CLAIM_LOG && (!x->read || (strcmp(x->path, y->path) && within(x->path, y->path))))
		return CODE_COUNT;
	if (ports)
		return E0710;
	if (!area)
		return W0711;
	if (!(x->write && y->read) && !(x->read && y->write))
		return N0712;
	return x->read && x->write && y->read && y->write ? N0712 : W0711;
}

/* ---- verdicts as lines ---- */

struct found {
	char **v;
	uint32_t n, cap;
	const struct job *j;
};

static void one_side(char *s, size_t n, uint32_t task, uint8_t what, uint32_t number, const char *path)
{
	snprintf(s, n, "%u.%u.%u.%s", task, what, what >= CLAIM_MAP ? 0 : number, what >= CLAIM_MAP ? path : "");
}

static void found_add(struct found *f, enum code c, const char *a, const char *b)
{
	char line[1024];
	bool swap = strcmp(a, b) > 0;

	snprintf(line, sizeof line, "%s %s %s", code_text(c), swap ? b : a, swap ? a : b);
	for (uint32_t i = 0; i < f->n; i++)
		if (!strcmp(f->v[i], line))
			return;
	if (f->n == f->cap)
		f->v = grow(f->v, &f->cap, f->n + 1, sizeof *f->v);
	f->v[f->n++] = xstrdup(line);
}

static int by_text(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static void race(void *ctx, enum code c, const struct hit *a, const struct hit *b, const char *path)
{
	struct found *f = ctx;
	char x[400], y[400];

	(void)path;
	one_side(x, sizeof x, a->claim->task, a->claim->what, a->claim->number, name_str(f->j->names, a->claim->text));
	one_side(y, sizeof y, b->claim->task, b->claim->what, b->claim->number, name_str(f->j->names, b->claim->text));
	found_add(f, c, x, y);
}

static void expand(struct brute *k, struct found *f)
{
	for (uint32_t i = 0; i < k->j->ntask; i++)
		for (int64_t n = 0; n < k->j->task[i].count; n++)
			uses_of(k, i, n);
	order_all(k);
	for (uint32_t i = 0; i < k->n; i++)
		for (uint32_t m = i + 1; m < k->n; m++) {
			const struct use *x = &k->v[i], *y = &k->v[m];
			enum code c = within(x->path, y->path) || within(y->path, x->path) ? verdict(k, x, y) : CODE_COUNT;
			char s[400], t[400];

			if (c == CODE_COUNT)
				continue;
			one_side(s, sizeof s, x->task, x->what, x->number, x->path);
			one_side(t, sizeof t, y->task, y->what, y->number, y->path);
			found_add(f, c, s, t);
		}
}

static void forget(struct brute *k, struct found *f)
{
	for (uint32_t i = 0; i < k->n; i++)
		free(k->v[i].path);
	free(k->v);
	free(k->base);
	free(k->after);
	for (int side = 0; side < 2; side++) {
		for (uint32_t i = 0; i < f[side].n; i++)
			free(f[side].v[i]);
		free(f[side].v);
	}
}

/* Lines of the one that the other lacks. */
static uint32_t lacks(const struct found *a, const struct found *b, const char *who, uint64_t seed)
{
	uint32_t n = 0;

	for (uint32_t i = 0; i < a->n; i++)
		if (!b->n || !bsearch(&a->v[i], b->v, b->n, sizeof *b->v, by_text)) {
			printf("not ok - races of seed %llu: only %s finds %s\n", (unsigned long long)seed, who, a->v[i]);
			n++;
		}
	return n;
}

static bool usable(const struct session *s)
{
	for (uint32_t i = 0; s->job && i < s->job->ntask; i++)
		if (s->job->task[i].bad || s->job->task[i].count < 0)
			return false;
	return s->job != NULL;
}

struct tally {
	uint64_t used, races, failed;
};

static void one(uint64_t seed, struct tally *t)
{
	struct session *s = session_new(NULL);
	struct buf b;

	buf_init(&b, 1 << 20);
	workflow(seed, &b);
	session_compile_text(s, "gen.weft", buf_str(&b), b.len);
	if (usable(s)) {
		struct found f[2] = { { .j = s->job }, { .j = s->job } };
		struct brute k = { .j = s->job };

		races_find(s, race, &f[0]);
		expand(&k, &f[1]);
		for (int side = 0; side < 2; side++)
			if (f[side].n)
				qsort(f[side].v, f[side].n, sizeof *f[side].v, by_text);
		if (lacks(&f[0], &f[1], "the check", seed) + lacks(&f[1], &f[0], "expanding", seed)) {
			t->failed++;
			if (getenv("PROP_SHOW"))
				fputs(buf_str(&b), stdout);
		}
		t->used++;
		t->races += f[1].n > 0;
		forget(&k, f);
	} else if (getenv("PROP_SHOW"))
		diags_print_short(s->diags, stdout);
	buf_free(&b);
	session_free(s);
}

int main(int argc, char **argv)
{
	uint64_t count = argc > 1 ? strtoull(argv[1], NULL, 10) : 1000, seed = argc > 2 ? strtoull(argv[2], NULL, 10) : 1;
	struct tally t = { 0 };

	for (uint64_t end = seed + count; seed < end; seed++)
		one(seed, &t);
	if (t.used < count * 9 / 10 || t.races < count / 10 || t.races > count * 99 / 100) { /* it would show nothing */
		printf("not ok - of %llu workflows %llu compile and %llu have races\n", (unsigned long long)count,
			(unsigned long long)t.used, (unsigned long long)t.races);
		t.failed++;
	}
	printf("%s - races of %llu generated workflows, %llu with some\n1..1\n", t.failed ? "not ok" : "ok",
		(unsigned long long)t.used, (unsigned long long)t.races);
	return t.failed != 0;
}
