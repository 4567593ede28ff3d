/* gen.c - random workflows that check clean: layout, comments and expressions vary, names resolve, types fit. */
#include "gen.h"

#include <stdbool.h>

enum { TASKS = 8, ROWS = 4 };
enum shape { PLAIN, RANGE, TABLE, LIST, SHAPES };

struct task {
	enum shape shape;
	bool family; /* its second output has several elements */
	int parts;
};

struct gen {
	uint64_t state;
	struct buf *b;
	int tasks;
	struct task task[TASKS];
	bool table;
};

/* xorshift64* */
static uint32_t roll(struct gen *g, uint32_t n)
{
	g->state ^= g->state >> 12;
	g->state ^= g->state << 25;
	g->state ^= g->state >> 27;
	return (uint32_t)((g->state * 0x2545f4914f6cdd1dULL) >> 33) % n;
}

static bool one_in(struct gen *g, uint32_t n)
{
	return roll(g, n) == 0;
}

#define SAY(...) buf_addf(g->b, __VA_ARGS__)
#define PICK(...) pick(g, (const char *const[]){ __VA_ARGS__ }, sizeof((const char *const[]){ __VA_ARGS__ }) / sizeof(char *))

static const char *pick(struct gen *g, const char *const *v, uint32_t n)
{
	return v[roll(g, n)];
}

/* ---- layout ---- */

static void blank(struct gen *g)
{
	SAY("%s", one_in(g, 6) ? PICK("", "  ", "\t") : "");
}

static void end_line(struct gen *g)
{
	if (one_in(g, 6))
		SAY("%s# %s", PICK(" ", "   ", "\t"), PICK("a note", "任务", "ends here", "~{no} \"string\""));
	SAY("\n");
	if (one_in(g, 8))
		SAY("%s", PICK("\n", "\n\n\n", "  \n"));
	if (one_in(g, 10))
		SAY("  # %s\n", PICK("stands alone", "{ not a block", "注释"));
}

static const char *eq(struct gen *g)
{
	return PICK(" = ", "=", "   = ", " =\n    ");
}

/* ---- expressions ---- */

static void number(struct gen *g, int depth)
{
	if (depth == 0 || one_in(g, 3)) {
		if (one_in(g, 3))
			SAY("%s", PICK("count", "step"));
		else
			SAY("%u", roll(g, 50) + 1);
		return;
	}
	switch (roll(g, 5)) {
	case 0: SAY("("); number(g, depth - 1); SAY(")"); break;
	case 1: SAY("min("); number(g, depth - 1); SAY(", "); number(g, depth - 1); SAY("%s)", one_in(g, 3) ? "," : ""); break;
	case 2: number(g, depth - 1); SAY(" %% %u", roll(g, 5) + 2); break;
	case 3: SAY("("); number(g, depth - 1); SAY(" > %u ? ", roll(g, 9)); number(g, depth - 1); SAY(" : ");
		number(g, depth - 1); SAY(")"); break;
	default: number(g, depth - 1); SAY("%s", PICK(" + ", " - ", "*", " + ")); number(g, depth - 1);
	}
}

static void truth(struct gen *g, int depth)
{
	if (depth == 0 || one_in(g, 3)) {
		SAY("%s", PICK("true", "false", "deep", "!deep", "who == \"you\"", "limit >= 2GB", "wait < 90s"));
		return;
	}
	if (one_in(g, 2)) {
		number(g, depth - 1);
		SAY(" %s ", PICK("==", "!=", "<", "<=", ">", ">="));
		number(g, depth - 1);
	} else {
		SAY("(");
		truth(g, depth - 1);
		SAY(" %s ", PICK("&&", "||"));
		truth(g, depth - 1);
		SAY(")");
	}
}

static void string(struct gen *g, int depth)
{
	SAY("\"%s", PICK("", "a", "text ", "tab\\t", "quote \\\" ", "back\\\\slash ", "\\u{4EFB}", "任务 ", "~~{plain} ", "100% ", "$HOME "));
	if (depth && one_in(g, 2)) {
		SAY("~{");
		switch (roll(g, 4)) {
		case 0: string(g, depth - 1); break;
		case 1: SAY("who"); break;
		case 2: SAY("join(words, "); string(g, 0); SAY(")"); break;
		default: number(g, depth - 1);
		}
		SAY("}%s", PICK("", ".txt", " more"));
	}
	SAY("\"");
}

static void size(struct gen *g)
{
	SAY("%s", PICK("16GB", "512MB", "1.5GB", "limit", "2 * limit", "deep ? 4GB : limit", "max(limit, 3GB)", "1TB / 64"));
}

/* ---- declarations ---- */

static void params(struct gen *g)
{
	SAY("param count:int%s%u", eq(g), roll(g, 9) + 1);
	if (one_in(g, 2))
		SAY(" {%sdoc = \"how many\" min = 1 max = 99 }", PICK(" ", "\n  "));
	end_line(g);
	SAY("param who: string%s\"you\"", eq(g));
	end_line(g);
	SAY("param deep%s%s", eq(g), PICK("true", "false"));
	end_line(g);
	SAY("param limit: size%s%s", eq(g), PICK("8GB", "1024MB"));
	end_line(g);
	SAY("param wait: duration%s%s", eq(g), PICK("90s", "1.5h", "2d"));
	end_line(g);
	SAY("param words: list(string)%s[\"a\", \"b\"%s]", eq(g), PICK("", ",", ", \"c c\"", ",\n  \"d\", # last\n"));
	end_line(g);
}

static void values(struct gen *g)
{
	SAY("let step%s%u", eq(g), roll(g, 9) + 1);
	end_line(g);
	for (uint32_t i = 0, n = roll(g, 4); i < n; i++) {
		SAY("let v%u%s", i, eq(g));
		switch (roll(g, 5)) {
		case 0: number(g, 3); break;
		case 1: truth(g, 3); break;
		case 2: string(g, 3); break;
		case 3: size(g); break;
		default: SAY("[\"one\", "); string(g, 1); SAY("]");
		}
		end_line(g);
	}
	g->table = one_in(g, 2);
	if (!g->table)
		return;
	SAY("table rows%s[", eq(g));
	for (uint32_t i = 0, n = roll(g, ROWS) + 1; i < n; i++)
		SAY("%s{ id = \"k%u\", n = %u }", i ? PICK(", ", ",\n  ") : "", i, roll(g, 100));
	SAY("]");
	end_line(g);
}

static void blocks(struct gen *g)
{
	if (one_in(g, 2)) {
		SAY("defaults {%s", PICK("\n", " ", " # for all\n"));
		SAY("  machine%s\"ecs.sn1.medium\"", eq(g));
		end_line(g);
		SAY("  timeout = %s\n}", PICK("6h", "30min", "wait"));
		end_line(g);
	}
	if (one_in(g, 2)) {
		SAY("cluster pool {\n  machine = \"ecs.c5.large\" nodes = %u", roll(g, 5) + 1);
		end_line(g);
		SAY("  mount \"oss://bucket/ref/\" -> \"/ref/\"%s\n", PICK("", " : ro", ":rw"));
		SAY("  disk { system { type = \"cloud\" size = %s } }\n}", PICK("40GB", "100GB"));
		end_line(g);
	}
}

/* ---- tasks ---- */

static void header(struct gen *g, int k)
{
	struct task *t = &g->task[k];

	t->shape = (enum shape)roll(g, SHAPES);
	if (t->shape == TABLE && !g->table)
		t->shape = RANGE;
	t->family = one_in(g, 3);
	t->parts = (int)roll(g, 4) + 1;
	SAY("task t%d", k);
	switch (t->shape) {
	case RANGE: SAY(" for i in 0 .. %u", roll(g, 20)); break;
	case TABLE: SAY(" for s in rows%s", PICK("", " by id")); break;
	case LIST: SAY("%sfor w in [\"x\", \"y\"%s]", PICK(" ", "\n  "), PICK("", ", \"z\"")); break;
	case PLAIN: case SHAPES: break;
	}
	if (one_in(g, 6))
		SAY(" if %s", PICK("true", "deep || !deep", "1 < 2"));
	SAY(" {");
	end_line(g);
}

static void inputs(struct gen *g, int k)
{
	int from = k ? (int)roll(g, (uint32_t)k) : 0;
	const char *all = k && g->task[from].shape != PLAIN ? "[*]" : "";

	SAY("  in data%s = \"data/input.txt\"", PICK("", ": file"));
	if (k && one_in(g, 2))
		SAY("%s more = t%d%s.o", PICK(",", "\n  in ", ", # and\n    "), from, all);
	end_line(g);
	if (k && g->task[from].family && g->task[from].shape == PLAIN && one_in(g, 2)) {
		SAY("  in part = t%d.f%s", from, PICK("", "[0]"));
		end_line(g);
	}
}

static void outputs(struct gen *g, int k)
{
	static const char *const key[] = { [PLAIN] = "only", [RANGE] = "~{i}", [TABLE] = "~{s.id}", [LIST] = "~{w}-~{instance}" };
	const struct task *t = &g->task[k];

	SAY("  out o%s\"out/t%d/%s.txt\"%s", eq(g), k, key[t->shape], PICK("", " { temp = true }"));
	end_line(g);
	if (t->family) {
		SAY("  out f[%d]%s = \"out/t%d/%s/f~{index}\"", t->parts, PICK("", ": file"), k, key[t->shape]);
		end_line(g);
	}
}

static void settings(struct gen *g, int k)
{
	for (uint32_t i = 0, seen = 0, n = roll(g, 8); i < n; i++) {
		uint32_t what = roll(g, 9);

		if (seen & 1u << what)
			continue;
		seen |= 1u << what;
		SAY("  ");
		switch (what) {
		case 0: SAY("cpu%s", eq(g)); SAY("%s", PICK("8", "2 * attempt", "min(count, 4)")); break;
		case 1: SAY("mem = "); size(g); SAY("%s", one_in(g, 3) ? " # much" : ""); break;
		case 2: SAY("time = %s", PICK("6h", "wait", "90min")); break;
		case 3: SAY("env { A%d = ", k); string(g, 1); SAY("%s}", PICK(" ", " \"with-dash\" = \"1\" ", "\n  # why\n")); break;
		case 4: SAY("retry %s%s", PICK("2", "count"), PICK("", " on oom", " on spot, exit(75)")); break;
		case 5: SAY("label \"%s\"", PICK("任务", "a task", "step ~{count}")); break;
		case 6: SAY("mount \"oss://bucket/in/\" -> \"/home/in%d/\"%s", k, PICK("", " : ro", " : rw")); break;
		case 7: SAY("priority = %u", roll(g, 99) + 1); break;
		default: SAY("stdout = \"logs/\""); break;
		}
		end_line(g);
	}
	if (k && one_in(g, 4)) {
		SAY("  after t%d", k - 1);
		end_line(g);
	}
}

static void script(struct gen *g)
{
	SAY("  run %s{\n", PICK("", "bash ", "python "));
	for (uint32_t i = 0, n = roll(g, 5) + 1; i < n; i++)
		SAY("%s\n", PICK("    cat ~{data} > ~{o}", "", "      echo \"$HOME\" # not a comment of weft", "\techo tab",
				 "    awk '{ print $1 }' ~{data}", "    if true; then\n      echo ~{who}\n    fi", "    }", "    echo ~~{x}",
				 "    printf '%s\\n' ~{join(words, \" \")}"));
	SAY("    echo > ~{o}\n  }\n");
}

static void task(struct gen *g, int k)
{
	bool late = one_in(g, 3);

	header(g, k);
	inputs(g, k);
	outputs(g, k);
	if (!late)
		settings(g, k);
	if (one_in(g, 2)) {
		script(g);
	} else {
		SAY("  run \"%s ~{data} ~{o}%s\"", PICK("cp", "python3 work.py", "/bin/cat"), PICK("", " --n ~{count + 1}", " '~{who}'"));
		end_line(g);
	}
	if (late)
		settings(g, k);
	SAY("}");
	end_line(g);
}

void gen_workflow(uint64_t seed, struct buf *out)
{
	struct gen gen = { .state = (seed + 1) * 0x9e3779b97f4a7c15ULL | 1, .b = out }, *g = &gen;

	roll(g, 2);
	if (one_in(g, 3))
		SAY("# made from a seed\n\n");
	SAY("workflow \"gen\"%s", one_in(g, 3) ? " {\n  description = \"made up\"\n  priority = 3 # low\n}" : "");
	end_line(g);
	params(g);
	blank(g);
	values(g);
	blocks(g);
	gen.tasks = (int)roll(g, TASKS) + 1;
	for (int k = 0; k < gen.tasks; k++)
		task(g, k);
}
