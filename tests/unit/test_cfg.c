/* test_cfg.c - values of a job.cfg know where they stand; what no golden shows well. */
#include "lang/front.h"
#include "tests/unit/tap.h"

struct reading {
	struct sources *ss;
	struct names *names;
	struct diags *d;
	struct ast a;
	const struct source *src;
	bool ok;
};

static struct reading begin(const char *text)
{
	struct reading r = { .ss = sources_new(), .names = names_new() };

	r.d = diags_new(r.ss);
	ast_init(&r.a, r.names, r.ss);
	r.src = source_add(r.ss, "job.cfg", text, strlen(text), r.d);
	r.ok = parse_jobcfg(&r.a, r.src, r.d);
	diags_finish(r.d);
	return r;
}

static void end(struct reading *r)
{
	ast_free(&r->a);
	diags_free(r->d);
	names_free(r->names);
	sources_free(r->ss);
}

/* Where the first text node with this value stands, as text of the file. */
static void stands(struct reading *r, const char *value, const char *want)
{
	name nm = name_find(r->names, value, strlen(value));
	char *got = NULL;

	for (nid n = 1; n < r->a.n && !got; n++) {
		struct span sp = r->a.v[n].span;

		if (r->a.v[n].kind == N_TEXT && r->a.v[n].name == nm && nm)
			got = xstrndup(source_text(r->ss, sp) ? source_text(r->ss, sp) : "", sp.hi - sp.lo);
	}
	is_str(got, want);
	free(got);
}

static void test_spans(void)
{
	struct reading r = begin("[DEFAULT]\n$dir = oss://b/x\nname = n\n[a]\ncmd = run %(name)s  now\n"
				 "write_mount = $dir/o/:/home/out,\n   oss://c/:/home/c\nenv = K:  $dir , L:v%%w\n"
				 "disk = data : cloud:40 : /d\npack =\n  p.py,\n  任务.py\n");

	ok(r.ok);
	is_int(r.d->n, 0);
	stands(&r, "run n  now", "run %(name)s  now");
	stands(&r, "oss://b/x/o/", "$dir/o/");
	stands(&r, "/home/out", "/home/out");
	stands(&r, "oss://c/", "oss://c/");
	stands(&r, "oss://b/x", "$dir");
	stands(&r, "v%w", "v%%w");
	stands(&r, "/d", "/d");
	stands(&r, "任务.py", "任务.py");
	end(&r);
}

static void codes(const char *text, const char *want)
{
	struct reading r = begin(text);
	char got[200] = "";

	for (uint32_t i = 0; i < r.d->n; i++) {
		strncat(got, code_text(r.d->v[i].code), sizeof got - strlen(got) - 1);
		strncat(got, " ", sizeof got - strlen(got) - 1);
	}
	is_str(got, want);
	is_int(r.ok, !r.d->errors);
	end(&r);
}

static void test_several(void)
{
	codes("", "E0184 ");
	codes("# nothing\n\n", "E0184 ");
	codes("[a]\ncmd = x\n", "");
	codes("[a]\r\ncmd = x\r\n\ty\r\n[b]\r\ncmd = z", "");
	codes("[a]\ncmd = x\n[a\n", "E0162 ");
	codes("x=1\ny=2\n[a]\ncmd=x\n", "E0160 ");
	codes("[]\n[a]\ncmd\n= x\n:\n", "E0162 E0172 E0161 E0161 E0161 ");
	codes("[a]\ncmd = %(b)s %(c)s\nb=%(a)s\na=%(b)s\n", "E0166 ");
	codes("[a]\ncmd = %(cmd)s", "E0166 ");
	codes("[a]\ncmd = $x\n$x = $y\n$y = $x\n", "E0166 ");
	codes("[a]\ncmd = %(x\n", "W0161 ");
	codes("[a]\ncmd = %\n", "W0161 ");
	codes("[a]\ncmd = $\n$v=1\n", "");
	codes("[a]\ncmd = x\ndeps = a\n", "W0167 ");
	codes("[a]\ncmd = x\nnodes = 99999999999999999999\ntimeout = -\n", "E0170 E0170 ");
	codes("[a]\ncmd = x\nmount = :::,:true,oss://\n", "E0183 E0183 E0183 ");
	codes("[a]\ncmd = x\ncluster = :\nimage = m-1\n", "W0172 ");
	codes("[a]\ncmd = x\nvpc_cidr_block = ''\n", "");
	codes("[DEFAULT]\nvpc_cidr_block = 10.0.0.0/12\nvpc_id = v\n[a]\ncmd = x\nvpc_cidr_block = none\n", "");
}

int main(void)
{
	test_spans();
	test_several();
	return tap_end();
}
