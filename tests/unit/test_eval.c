/* test_eval.c - expressions, instances, commands and their text forms, on jobs made by hand. */
#include "job/job.h"
#include "tests/unit/tap.h"

#include <math.h>

static struct job *j;
static struct arena *a;
static struct names *names;

static name nm(const char *s)
{
	return name_ofs(names, s);
}

static jxid str(const char *s)
{
	return jx_new(j, JX_STR, nm(s), 0, 0, NOSPAN);
}

static jxid num(int64_t v)
{
	return jx_new_int(j, JX_INT, v, NOSPAN);
}

static jxid size(int64_t v)
{
	return jx_new_int(j, JX_SIZE, v, NOSPAN);
}

static jxid dur(int64_t v)
{
	return jx_new_int(j, JX_DUR, v, NOSPAN);
}

static jxid flt(double v)
{
	return jx_new_num(j, v, NOSPAN);
}

static jxid boolean(bool v)
{
	return jx_new(j, JX_BOOL, v, 0, 0, NOSPAN);
}

static jxid bin(enum op op, jxid l, jxid r)
{
	jxid x = jx_new(j, JX_BIN, l, r, 0, NOSPAN);

	j->x[x].fn = (uint8_t)op;
	return x;
}

static jxid un(enum op op, jxid l)
{
	jxid x = jx_new(j, JX_UN, l, 0, 0, NOSPAN);

	j->x[x].fn = (uint8_t)op;
	return x;
}

/* Link up to five and make them the children of a list, CAT or call. */
static jxid many(enum jop op, int fn, jxid p, jxid q, jxid r, jxid s)
{
	jxid v[] = { p, q, r, s, 0 }, x;

	for (int i = 0; v[i]; i++)
		j->x[v[i]].next = v[i + 1];
	x = jx_new(j, op, p, 0, 0, NOSPAN);
	j->x[x].fn = (uint8_t)fn;
	return x;
}

static jxid value(const char *s)
{
	jxid x = str(s);

	j->x[x].flags |= JXF_VALUE;
	return x;
}

static struct jctx ctx(uint32_t task, int64_t instance)
{
	return (struct jctx){ .job = j, .arena = a, .task = task, .instance = instance, .attempt = 1 };
}

/* The text of x, or "error: ...". */
static const char *text_in(struct jctx c, jxid x)
{
	struct buf b;
	const char *s;

	buf_init(&b, 1 << 20);
	s = jx_text(&c, x, &b) ? arena_strdup(a, buf_str(&b)) : arena_printf(a, "error: %s", c.error);
	buf_free(&b);
	return s;
}

static const char *text(jxid x)
{
	return text_in(ctx(UINT32_MAX, 0), x);
}

static const char *unparsed(uint32_t task, jxid x)
{
	struct buf b;
	const char *s;

	buf_init(&b, 1 << 20);
	s = jx_unparse(j, task, x, &b) ? arena_strdup(a, buf_str(&b)) : "(no)";
	buf_free(&b);
	return s;
}

static void test_operators(void)
{
	is_str(text(bin(OP_ADD, num(2), bin(OP_MUL, num(3), num(4)))), "14");
	is_str(text(bin(OP_DIV, num(7), num(2))), "3");
	is_str(text(bin(OP_DIV, num(-7), num(2))), "-3");
	is_str(text(bin(OP_MOD, num(-7), num(2))), "-1");
	is_str(text(bin(OP_DIV, num(7), num(0))), "error: division by zero");
	is_str(text(bin(OP_MOD, num(7), num(0))), "error: division by zero");
	is_str(text(bin(OP_DIV, flt(7), flt(0))), "error: division by zero");
	is_str(text(bin(OP_DIV, num(INT64_MIN), num(-1))), "error: the result of `/` is too large");
	is_str(text(bin(OP_MOD, num(INT64_MIN), num(-1))), "0");
	is_str(text(bin(OP_ADD, num(INT64_MAX), num(1))), "error: the result of `+` is too large");
	is_str(text(bin(OP_SUB, num(INT64_MIN), num(1))), "error: the result of `-` is too large");
	is_str(text(bin(OP_MUL, num(INT64_MAX), num(2))), "error: the result of `*` is too large");
	is_str(text(un(OP_NEG, num(INT64_MIN))), "error: the result of `-` is too large");
	is_str(text(bin(OP_ADD, num(1), flt(0.5))), "1.5");
	is_str(text(bin(OP_MUL, flt(1e308), flt(10))), "error: the result of `*` is too large");
	is_str(text(bin(OP_MUL, size(1 << 30), num(2))), "2147483648");
	is_str(text(bin(OP_MUL, flt(1.5), size(1024))), "1536");
	is_str(text(bin(OP_DIV, size(3 << 20), size(2 << 20))), "1.5");
	is_str(text(bin(OP_DIV, size(9), num(2))), "4");
	is_str(text(bin(OP_ADD, dur(90000), dur(500))), "90.5");
	is_str(text(bin(OP_ADD, dur(1), size(1))), "error: `+` does not take a duration and a size");
	is_str(text(bin(OP_MUL, dur(INT64_MAX), flt(4))), "error: the result of `*` is too large");
	is_str(text(bin(OP_ADD, str("a"), str("b"))), "error: `+` does not take a string and a string");
	is_str(text(un(OP_NEG, dur(500))), "-0.5");
	is_str(text(un(OP_NOT, boolean(true))), "false");
	is_str(text(un(OP_NOT, num(1))), "error: `!` does not take an int");
}

static void test_logic(void)
{
	jxid bad = bin(OP_DIV, num(1), num(0));

	is_str(text(bin(OP_AND, boolean(false), bad)), "false");
	is_str(text(bin(OP_OR, boolean(true), bad)), "true");
	is_str(text(bin(OP_AND, boolean(true), boolean(false))), "false");
	is_str(text(bin(OP_LT, num(2), flt(2.5))), "true");
	is_str(text(bin(OP_GE, str("b"), str("ab"))), "true");
	is_str(text(bin(OP_EQ, str("ab"), str("ab"))), "true");
	is_str(text(bin(OP_NE, size(1), size(2))), "true");
	is_str(text(bin(OP_LT, boolean(true), boolean(false))), "error: `<` does not take a bool and a bool");
	is_str(text(bin(OP_EQ, num(1), str("1"))), "error: `==` does not take an int and a string");
	is_str(text(jx_new(j, JX_COND, boolean(true), num(1), bad, NOSPAN)), "1");
	is_str(text(jx_new(j, JX_COND, num(1), num(1), bad, NOSPAN)), "error: a condition is a bool, not an int");
}

static jxid call(enum jfn fn, jxid p, jxid q, jxid r)
{
	return many(JX_CALL, (int)fn, p, q, r, 0);
}

static void test_functions(void)
{
	is_str(text(call(FN_basename, str("a/b.fastq.gz"), 0, 0)), "b.fastq.gz");
	is_str(text(call(FN_basename, str("a/b.fastq.gz"), str(".fastq.gz"), 0)), "b");
	is_str(text(call(FN_basename, str("a/b/"), 0, 0)), "b");
	is_str(text(call(FN_stem, str("a.d/b.fastq.gz"), 0, 0)), "b.fastq");
	is_str(text(call(FN_stem, str(".bashrc"), 0, 0)), ".bashrc");
	is_str(text(call(FN_ext, str("a.d/b.fastq.gz"), 0, 0)), ".gz");
	is_str(text(call(FN_ext, str("a.d/b"), 0, 0)), "");
	is_str(text(call(FN_dirname, str("a/b/c"), 0, 0)), "a/b");
	is_str(text(call(FN_dirname, str("c"), 0, 0)), ".");
	is_str(text(call(FN_dirname, str("/c"), 0, 0)), "/");
	is_str(text(call(FN_dirname, str("oss://b/c"), 0, 0)), "oss://b");
	is_str(text(call(FN_join, many(JX_LIST, 0, str("a"), num(2), str("c"), 0), str(", "), 0)), "a, 2, c");
	is_str(text(call(FN_len, str("h\xc3\xa9"), 0, 0)), "2");
	is_str(text(call(FN_len, many(JX_LIST, 0, 0, 0, 0, 0), 0, 0)), "0");
	is_str(text(call(FN_min, num(3), num(1), num(2))), "1");
	is_str(text(call(FN_max, many(JX_LIST, 0, dur(3000), dur(9000), dur(1), 0), 0, 0)), "9");
	is_str(text(call(FN_max, num(3), flt(1.5), 0)), "3");
	is_str(text(call(FN_min, many(JX_LIST, 0, 0, 0, 0, 0), 0, 0)), "error: `min` of an empty list");
	is_str(text(call(FN_range, num(3), 0, 0)), "0 1 2");
	is_str(text(call(FN_range, num(2), num(4), 0)), "2 3");
	is_str(text(call(FN_range, num(4), num(2), 0)), "");
	is_str(text(call(FN_range, num(INT64_MIN), num(INT64_MAX), 0)), "error: a range has more than 4194304 items");
	is_str(text(call(FN_tsv, str("x"), 0, 0)), "error: `tsv` reads files and is worked out while compiling");
	is_str(text(jx_new(j, JX_ELEM, many(JX_LIST, 0, num(5), num(6), 0, 0), num(1), 0, NOSPAN)), "6");
	is_str(text(jx_new(j, JX_ELEM, many(JX_LIST, 0, num(5), num(6), 0, 0), num(2), 0, NOSPAN)),
	       "error: there is no element 2 in a list of 2");
	is_int(fn_find("stem"), FN_stem);
	is_int(fn_find("nothing"), FN_COUNT);
}

/* Tasks: 0 split (family of 3), 1 count (range 1..3, one output), 2 align (rows by id), 3 cross (range x list),
 * 4 merge (takes them), 5 globber. */
static struct jport port(const char *n, jxid path)
{
	return (struct jport){ .name = nm(n), .type = JT_FILE, .path = path };
}

static void *copy(const void *p, size_t n)
{
	return memcpy(arena_alloc(j->arena, n), p, n);
}

static struct jdim range_dim(const char *var, int64_t lo, int64_t n)
{
	return (struct jdim){ .var = nm(var), .kind = DIM_RANGE, .lo = lo, .count = n, .cols = 1 };
}

static struct jdim rows_dim(void)
{
	name cols[] = { nm("r1"), nm("id"), nm("lane") };
	uint8_t types[] = { JT_FILE, JT_STRING, JT_INT };
	name cells[] = { nm("a.fq"), nm("NA1"), nm("7"), nm("b.fq"), nm("x,y"), nm("8") };

	return (struct jdim){ .var = nm("s"), .kind = DIM_ROWS, .count = 2, .cols = 3, .key = 1,
		.colname = copy(cols, sizeof cols), .coltype = copy(types, sizeof types), .cell = copy(cells, sizeof cells) };
}

static struct jdim list_dim(void)
{
	name cells[] = { nm("p"), nm("q,1") };

	return (struct jdim){ .var = nm("k"), .kind = DIM_LIST, .count = 2, .cols = 1, .cell = copy(cells, sizeof cells) };
}

static jxid var(uint32_t dim)
{
	return jx_new(j, JX_VAR, dim, 0, 0, NOSPAN);
}

static void set_out(struct jtask *t, struct jport p)
{
	t->nout = 1;
	t->out = copy(&p, sizeof p);
}

static void set_dims(struct jtask *t, struct jdim *d, uint32_t n, int64_t count)
{
	t->ndim = n;
	t->dim = copy(d, n * sizeof *d);
	t->count = count;
}

static void make_tasks(void)
{
	static const char *const task[] = { "split", "count", "align", "cross", "merge", "globber" };
	struct jport p;
	struct jdim d[2];

	j->ntask = 6;
	j->task = arena_zalloc(j->arena, j->ntask, sizeof *j->task);
	for (uint32_t i = 0; i < j->ntask; i++)
		j->task[i] = (struct jtask){ .name = nm(task[i]), .count = 1 };
	p = port("part", many(JX_CAT, 0, str("parts/"), jx_new(j, JX_INDEX, 0, 0, 0, NOSPAN), str(".txt"), 0));
	p.count = PORT_FIXED;
	p.n = 3;
	set_out(&j->task[0], p);
	d[0] = range_dim("i", 1, 3);
	set_dims(&j->task[1], d, 1, 3);
	set_out(&j->task[1], port("json", many(JX_CAT, 0, str("c/"), var(0), str(".json"), 0)));
	d[0] = rows_dim();
	set_dims(&j->task[2], d, 1, 2);
	set_out(&j->task[2], port("bam", many(JX_CAT, 0, jx_new(j, JX_COL, 0, 1, 0, NOSPAN), str(".bam"), 0, 0)));
	d[0] = range_dim("i", 5, 2);
	d[1] = list_dim();
	set_dims(&j->task[3], d, 2, 4);
	p = port("o", str("part_*"));
	p.count = PORT_GLOB;
	set_out(&j->task[5], p);
}

static jxid ref(uint32_t task, jxid sel)
{
	return jx_new(j, JX_REF, task, 0, sel, NOSPAN);
}

static jxid all(void)
{
	return jx_new(j, JX_ALL, 0, 0, 0, NOSPAN);
}

static bool glob(void *c, uint32_t task, int64_t instance, uint32_t p, struct jvalue *out)
{
	static struct jvalue v[2] = { { .type = JT_FILE, .s = { "part_a", 6 } }, { .type = JT_FILE, .s = { "part_b", 6 } } };

	(void)c, (void)task, (void)instance, (void)p;
	*out = (struct jvalue){ .type = JT_LIST, .list = { v, 2 } };
	return true;
}

static void test_refs(void)
{
	struct jctx c = ctx(4, 0);

	is_str(text_in(c, ref(0, 0)), "parts/0.txt parts/1.txt parts/2.txt");
	is_str(text_in(c, ref(0, num(2))), "parts/2.txt");
	is_str(text_in(c, ref(0, num(3))), "error: `part` has no element 3: it has 3");
	is_str(text_in(c, ref(1, all())), "c/1.json c/2.json c/3.json");
	is_str(text_in(c, ref(1, num(3))), "c/3.json");
	is_str(text_in(c, ref(1, str("2"))), "c/2.json");
	is_str(text_in(c, ref(1, num(0))), "error: there is no `count[0]`");
	is_str(text_in(c, ref(2, str("NA1"))), "NA1.bam");
	is_str(text_in(c, ref(2, num(1))), "x,y.bam");
	is_str(text_in(c, ref(2, str("NA2"))), "error: there is no `align[\"NA2\"]`");
	is_str(text_in(c, ref(5, 0)), "error: the files of `globber.o` are known only when the task has run");
	c.glob = glob;
	is_str(text_in(c, ref(5, 0)), "part_a part_b");
	is_str(text_in(c, ref(5, num(1))), "part_b");
	is_str(text_in(c, ref(5, num(2))), "error: `o` has no element 2");
	is_str(text_in(ctx(1, 1), var(0)), "2");
	is_str(text_in(ctx(1, 3), var(0)), "error: task `count` has no instance 3");
	is_str(text_in(ctx(2, 1), jx_new(j, JX_COL, 0, 2, 0, NOSPAN)), "8");
	is_str(text_in(ctx(2, 1), var(0)), "x,y");
	is_str(text_in(ctx(3, 2), many(JX_CAT, 0, var(0), str("-"), var(1), 0)), "6-p");
	is_str(text(var(0)), "error: this is known only inside a task");
}

static const char *key(uint32_t task, int64_t i)
{
	struct buf b;
	const char *s;

	buf_init(&b, 1000);
	s = instance_key(j, task, i, &b) ? arena_strdup(a, buf_str(&b)) : "(no)";
	buf_free(&b);
	return s;
}

static void test_keys(void)
{
	is_str(key(0, 0), "0");
	is_str(key(1, 0), "1");
	is_str(key(1, 3), "(no)");
	is_str(key(2, 1), "x,y");
	is_str(key(3, 3), "6,q,1");
	for (int64_t i = 0; i < 4; i++)
		is_int(instance_find(j, 3, key(3, i)), i);
	is_int(instance_find(j, 1, "1"), 0);
	is_int(instance_find(j, 1, "0"), -1);
	is_int(instance_find(j, 1, "4"), -1);
	is_int(instance_find(j, 2, "x,y"), 1);
	is_int(instance_find(j, 2, "1"), 1);
	is_int(instance_find(j, 2, "2"), -1);
	is_int(instance_find(j, 3, "5,p,1"), -1);
	is_int(instance_find(j, 3, ""), -1);
	is_int(job_task(j, nm("merge")), 4);
	is_int(job_task(j, nm("nothing")), UINT32_MAX);
}

/* A million rows: every look-up must be quick. */
static void test_many_rows(void)
{
	enum { N = 1000000 };
	struct jdim *d = &j->task[1].dim[0], old = *d;
	char s[32];
	int64_t wrong = 0;

	*d = (struct jdim){ .var = nm("s"), .kind = DIM_LIST, .count = N, .cols = 1 };
	d->cell = arena_alloc(j->arena, N * sizeof *d->cell);
	for (int i = 0; i < N; i++) {
		snprintf(s, sizeof s, "sample%d", i);
		d->cell[i] = nm(s);
	}
	j->task[1].count = N;
	for (int i = 0; i < N; i++) {
		snprintf(s, sizeof s, "sample%d", i);
		wrong += instance_find(j, 1, s) != i;
	}
	is_int(wrong, 0);
	*d = old;
	j->task[1].count = 3;
}

/* Paths that depend on paths along a chain of tasks, each twice: bounded, not exponential. */
static void test_bounds(void)
{
	struct jtask *keep = j->task;
	uint32_t n = j->ntask;
	struct jport *in;
	const char *s;

	j->ntask = 6000;
	j->task = arena_zalloc(j->arena, j->ntask, sizeof *j->task);
	for (uint32_t i = 0; i < j->ntask; i++) {
		j->task[i] = (struct jtask){ .name = nm("t"), .count = 1, .nin = 1 };
		in = arena_zalloc(j->arena, 1, sizeof *in);
		*in = port("x", i ? ref(i - 1, 0) : str("seed"));
		j->task[i].in = in;
		set_out(&j->task[i], port("y", jx_new(j, JX_IN, 0, 0, 0, NOSPAN)));
	}
	is_str(text_in(ctx(500, 0), jx_new(j, JX_IN, 0, 0, 0, NOSPAN)), "seed");
	s = text_in(ctx(5999, 0), jx_new(j, JX_IN, 0, 0, 0, NOSPAN));
	ok(!strncmp(s, "error: paths depend on each other", 33));
	for (uint32_t i = 0; i < j->ntask; i++)
		j->task[i].out[0].path = many(JX_CAT, 0, call(FN_ext, jx_new(j, JX_IN, 0, 0, 0, NOSPAN), 0, 0),
					      call(FN_ext, jx_new(j, JX_IN, 0, 0, 0, NOSPAN), 0, 0), 0, 0);
	s = text_in(ctx(60, 0), jx_new(j, JX_IN, 0, 0, 0, NOSPAN));
	ok(!strncmp(s, "error: the value takes more than", 32));
	j->task = keep;
	j->ntask = n;
}

static void test_unparse(void)
{
	jxid tilde = many(JX_CAT, 0, str("a~"), var(0), str("~{~~{\"\n\001"), 0);

	is_str(unparsed(4, bin(OP_MUL, bin(OP_ADD, num(1), num(2)), num(-3))), "(1 + 2) * -3");
	is_str(unparsed(4, bin(OP_SUB, num(1), bin(OP_SUB, num(2), num(3)))), "1 - (2 - 3)");
	is_str(unparsed(4, bin(OP_SUB, bin(OP_SUB, num(1), num(2)), num(3))), "1 - 2 - 3");
	is_str(unparsed(4, un(OP_NEG, bin(OP_ADD, num(1), num(2)))), "-(1 + 2)");
	is_str(unparsed(4, num(INT64_MIN)), "-9223372036854775807 - 1");
	is_str(unparsed(4, jx_new(j, JX_COND, bin(OP_EQ, num(1), num(2)), size(32LL << 30), dur(90000), NOSPAN)),
	       "1 == 2 ? 32GB : 90s");
	is_str(unparsed(4, flt(2)), "2.0");
	is_str(unparsed(4, flt(0.1)), "0.1");
	is_str(unparsed(4, ref(1, all())), "count[*].json");
	is_str(unparsed(4, ref(2, str("NA1"))), "align[\"NA1\"].bam");
	is_str(unparsed(4, ref(0, num(1))), "split.part[1]");
	is_str(unparsed(4, ref(0, all())), "split.part");
	is_str(unparsed(2, jx_new(j, JX_COL, 0, 2, 0, NOSPAN)), "s.lane");
	is_str(unparsed(1, tilde), "\"a\\u{7E}~{i}~~{~~~{\\\"\\n\\u{1}\"");
	is_str(unparsed(4, many(JX_LIST, 0, str("a"), boolean(true), 0, 0)), "[\"a\", true]");
	is_str(unparsed(4, call(FN_stem, str("x"), 0, 0)), "stem(\"x\")");
}

static const char *argv_of(struct jctx c, jxid command)
{
	char **argv;
	size_t n;
	struct buf b;
	const char *s;

	j->task[c.task].command = command;
	if (!task_argv(&c, &argv, &n))
		return arena_printf(a, "error: %s", c.error);
	buf_init(&b, 10000);
	for (size_t i = 0; i < n; i++)
		buf_addf(&b, "<%s>", argv[i]);
	s = arena_strdup(a, buf_str(&b));
	buf_free(&b);
	return s;
}

static void test_argv(void)
{
	struct jctx c = ctx(4, 0);

	is_str(argv_of(c, str("python3  split.py 'a b' \"c\\\"d\" e\\ f ''")), "<python3><split.py><a b><c\"d><e f><>");
	is_str(argv_of(c, str("a 'b")), "error: a quote of the command is not closed");
	is_str(argv_of(c, str("  ")), "error: the command is empty");
	is_str(argv_of(c, many(JX_CAT, 0, str("cat x"), value("a b"), str("y"), 0)), "<cat><xa by>");
	is_str(argv_of(c, many(JX_CAT, 0, str("cat "), value(""), str(" y"), 0)), "<cat><><y>");
	is_str(argv_of(c, many(JX_CAT, 0, str("cat -i"), ref(1, all()), str("z"), 0)),
	       "<cat><-ic/1.json><c/2.json><c/3.jsonz>");
	is_str(argv_of(c, many(JX_CAT, 0, str("cat '"), ref(1, all()), str("'"), 0)), "<cat><c/1.json c/2.json c/3.json>");
	is_str(argv_of(c, many(JX_CAT, 0, str("cat "), jx_new(j, JX_RAW, value("a 'b c'"), 0, 0, NOSPAN), 0, 0)),
	       "<cat><a><b c>");
	is_str(argv_of(c, many(JX_CAT, 0, str("cat "), many(JX_LIST, 0, 0, 0, 0, 0), str(" x"), 0)), "<cat><x>");
	is_str(argv_of(c, many(JX_CAT, 0, str("p "), jx_new(j, JX_SECRET, nm("token"), 0, 0, NOSPAN), 0, 0)), "<p><<secret>>");
}

int main(void)
{
	names = names_new();
	j = job_new(names, NULL);
	a = arena_new();
	test_operators();
	test_logic();
	test_functions();
	make_tasks();
	test_refs();
	test_keys();
	test_many_rows();
	test_unparse();
	test_argv();
	test_bounds();
	arena_free(a);
	job_free(j);
	names_free(names);
	return tap_end();
}
