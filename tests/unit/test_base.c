/* test_base.c - arenas, buffers, names, widths, sources, misspellings, JSON. */
#include "base/arena.h"
#include "base/buf.h"
#include "base/diag.h"
#include "base/json.h"
#include "base/name.h"
#include "base/source.h"
#include "tests/unit/tap.h"

static void test_arena(void)
{
	struct arena *a = arena_new();
	struct arena_mark m;
	char *s = arena_printf(a, "%s-%d", "x", 7), *big;
	size_t held;

	is_str(s, "x-7");
	ok((uintptr_t)arena_alloc(a, 1) % _Alignof(max_align_t) == 0);
	ok(arena_alloc(a, 0) != arena_alloc(a, 0));
	is_str(arena_strndup(a, "hello", 2), "he");
	is_str(arena_strndup(a, NULL, 0), "");
	m = arena_mark(a);
	held = arena_held(a);
	big = arena_zalloc(a, 5, 1000000);
	ok(big[4999999] == 0);
	ok(arena_held(a) > held + 5000000 - 1);
	for (int i = 0; i < 10000; i++)
		memset(arena_alloc(a, 100), i, 100);
	arena_reset(a, m);
	is_int((int64_t)arena_held(a), (int64_t)held);
	is_str(s, "x-7");
	arena_reset(a, (struct arena_mark){ NULL, 0 });
	arena_alloc(a, 1);
	ok(arena_held(a) < 100000); /* however large it was: a scratch arena is emptied for each instance */
	arena_free(a);
	arena_free(NULL);
}

static void test_grow(void)
{
	uint32_t cap = 0;
	int *v = grow(NULL, &cap, 1, sizeof(*v));

	is_int(cap, 16);
	v[0] = 5;
	v = grow(v, &cap, 1000, sizeof(*v));
	is_int(cap, 1024);
	is_int(v[0], 5);
	free(v);
}

static void test_buf(void)
{
	struct buf b;

	buf_init(&b, 10);
	is_str(buf_str(&b), "");
	ok(buf_adds(&b, "12345"));
	ok(!buf_adds(&b, "678901"));
	ok(b.over);
	is_str(buf_str(&b), "12345");
	ok(buf_addf(&b, "%03d", 7));
	ok(buf_addc(&b, 'x') && buf_addc(&b, 'y') && !buf_addc(&b, 'z'));
	is_str(buf_str(&b), "12345007xy");
	buf_reset(&b);
	ok(!b.over);
	is_str(buf_str(&b), "");
	ok(buf_add(&b, "a\0b", 3));
	is_int((int64_t)b.len, 3);
	buf_free(&b);
	is_int((int64_t)b.max, 10);
}

/* Names that lie in the caller's memory, and new ones behind them. */
static void test_frozen(void)
{
	static const uint32_t off[] = { 0, 1, 5, 6, 10 };
	struct names *t = names_frozen(off, "\0one\0\0a\0b", 4);

	is_int(names_count(t), 4);
	is_str(name_str(t, 1), "one");
	is_int(name_len(t, 1), 3);
	is_int(name_len(t, 2), 0);
	ok(name_len(t, 3) == 3 && !memcmp(name_str(t, 3), "a\0b", 4));
	is_str(name_str(t, 4), "");
	is_int(name_find(t, "a\0b", 3), 3);
	is_int(name_find(t, "two", 3), 0);
	is_int(name_ofs(t, "two"), 4);
	is_int(name_ofs(t, "one"), 1);
	is_int(name_ofs(t, "two"), 4);
	is_str(name_str(t, 4), "two");
	for (int i = 0; i < 3000; i++) {
		char s[16];

		snprintf(s, sizeof s, "n%d", i);
		name_ofs(t, s);
	}
	is_int(names_count(t), 3005);
	is_int(name_ofs(t, "n2999"), 3004);
	is_int(name_ofs(t, "one"), 1);
	names_free(t);
}

static void test_names(void)
{
	struct names *t = names_new();
	char text[32];
	name first = name_ofs(t, "alpha");
	const char *p = name_str(t, first);
	bool same = true, found = true;

	is_int(first, 1);
	is_int(name_ofs(t, "alpha"), 1);
	is_int(name_of(t, "alphabet", 5), 1);
	ok(name_of(t, "a\0b", 3) != name_of(t, "a\0c", 3));
	is_int((int64_t)name_len(t, name_of(t, "a\0b", 3)), 3);
	is_int(name_find(t, "nope", 4), 0);
	is_str(name_str(t, 0), "");
	is_int((int64_t)name_len(t, 0), 0);
	ok(name_of(t, "", 0) != 0);
	for (int i = 0; i < 300000; i++)
		name_of(t, text, (size_t)snprintf(text, sizeof(text), "task_%d", i));
	for (int i = 0; i < 300000; i++) {
		name id = name_find(t, text, (size_t)snprintf(text, sizeof(text), "task_%d", i));

		found &= id != 0;
		same &= !strcmp(name_str(t, id), text) && name_len(t, id) == strlen(text);
	}
	ok(found);
	ok(same);
	ok(p == name_str(t, first));
	is_int(names_count(t), 300005);
	names_free(t);
	names_free(NULL);
	test_frozen();
}

static void test_width(void)
{
	is_int(text_width("abc", 3, 0), 3);
	is_int(text_width("\t", 1, 0), 8);
	is_int(text_width("\tx", 2, 5), 4);
	is_int(text_width("任务一", 9, 0), 6);
	is_int(text_width("e\xcc\x81", 3, 0), 1);
	is_int(text_width("。", 3, 0), 2);
	is_int(text_width("が", 3, 0), 2);
	is_int(text_width("か\xe3\x82\x99", 6, 0), 2);
	is_int(text_width("한글", 6, 0), 4);
	is_int(text_width("😀", 4, 0), 2);
	is_int(text_width("\xf0\xa0\x80\x80", 4, 0), 2);
	is_int(text_width("é—ü", 7, 0), 3);
	is_int(text_width("\xff\xfe", 2, 0), 2);
	is_int(text_width("\xe4\xbb", 2, 0), 1);
}

static void test_source(void)
{
	struct sources *ss = sources_new();
	struct diags *d = diags_new(ss);
	const struct source *a = source_add(ss, "a", "one\r\n任务 two\n\nlast", 22, d);
	const struct source *b = source_add(ss, "b", "", 0, d), *c = source_add(ss, "c", "x\n", 2, d);
	struct place p = source_place(ss, a->base);

	is_int(p.line, 1);
	is_int(p.col, 1);
	is_int(p.hi - p.lo, 3);
	p = source_place(ss, a->base + 12);
	is_int(p.line, 2);
	is_int(p.col, 8);
	is_int(p.chr, 4);
	p = source_place(ss, a->base + 5);
	is_int(p.chr, 1);
	p = source_place(ss, a->base + 16);
	is_int(p.line, 3);
	is_int(p.hi, p.lo);
	p = source_place(ss, a->base + a->len);
	is_int(p.line, 4);
	is_int(p.col, 6);
	ok(source_at(ss, b->base) == b);
	ok(source_at(ss, c->base) == c);
	ok(source_at(ss, c->base + 2) == c);
	is_int(source_place(ss, c->base + 2).line, 2);
	ok(!source_at(ss, c->base + 3));
	ok(!source_place(ss, 0).src);
	ok(!memcmp(source_text(ss, (struct span){ a->base + 11, a->base + 14 }), " two", 4));
	ok(!source_text(ss, NOSPAN));
	is_int(a->text[a->len] | a->text[a->len + 1], 0);
	diags_free(d);
	sources_free(ss);
}

static void test_encoding(void)
{
	struct sources *ss = sources_new();
	struct diags *d = diags_new(ss);
	const struct source *s = source_add(ss, "bom", "\xef\xbb\xbfok 任务", 12, d);

	ok(source_check(s, d));
	is_str(s->text, "   ok 任务");
	s = source_add(ss, "bad", "0123456789ab\0c\xff\xc0\x80z\xed\xa0\x80", 21, d);
	ok(!source_check(s, d));
	is_int(d->n, 4);
	is_str(code_text(d->v[0].code), "E0001");
	is_int(d->v[0].span.lo - s->base, 12);
	is_str(code_text(d->v[1].code), "E0002");
	is_int(d->v[1].span.lo - s->base, 14);
	is_int(d->v[3].span.lo - s->base, 18);
	s = source_add(ss, "many", "\0\0\0\0\0\0\0\0\0", 9, d);
	ok(!source_check(s, d));
	is_int(d->n, 9);
	ok(!source_load(ss, "/nonexistent/file", d));
	is_str(d->v[9].msg, "cannot read file `/nonexistent/file`: No such file or directory");
	ok(!source_load(ss, "/", d));
	diags_free(d);
	sources_free(ss);
}

static void test_misspelt(void)
{
	struct suggest s = { .to = "prat" };

	is_int(misspelt("", ""), 0);
	is_int(misspelt("abc", "abc"), 0);
	is_int(misspelt("abc", "abd"), 1);
	is_int(misspelt("abc", "acb"), 1);
	is_int(misspelt("abc", "ab"), 1);
	is_int(misspelt("ab", "abcd"), 2);
	is_int(misspelt("machine", "mahcine"), 1);
	is_int(misspelt("timeout", "time"), 3);
	is_int(misspelt("abcdef", "uvwxyz"), 3);
	is_int(misspelt("ca", "abc"), 3);
	is_int(misspelt("", "ab"), 2);
	is_int(misspelt("kitten", "sitting"), 3);
	is_int(misspelt("priority", "piroirty"), 2);
	suggest_try(&s, "json");
	ok(!suggest_best(&s));
	suggest_try(&s, "part");
	suggest_try(&s, "pa");
	is_str(suggest_best(&s), "part");
	s = (struct suggest){ .to = "i" };
	suggest_try(&s, "j");
	ok(!suggest_best(&s));
	s = (struct suggest){ .to = "ENV" };
	suggest_try(&s, "env");
	is_str(suggest_best(&s), "env");
	s = (struct suggest){ .to = "" };
	suggest_try(&s, "x");
	ok(!suggest_best(&s));
}

static void test_json(void)
{
	struct buf b;
	struct jw w;

	buf_init(&b, 10000);
	jw_init(&w, &b, 0);
	jw_open(&w, '{');
	jw_kstr(&w, "a", "q\"\\\n\t\x01\x7f/任");
	jw_kint(&w, "n", INT64_MIN);
	jw_key(&w, "v");
	jw_open(&w, '[');
	jw_num(&w, 0.1);
	jw_num(&w, 1e300);
	jw_num(&w, 3);
	jw_num(&w, 1.0 / 3);
	jw_bool(&w, true);
	jw_null(&w);
	jw_strn(&w, "\xff\xe4\xbb", 3);
	jw_close(&w);
	jw_key(&w, "e");
	jw_open(&w, '{');
	jw_close(&w);
	jw_close(&w);
	is_str(buf_str(&b), "{\"a\":\"q\\\"\\\\\\n\\t\\u0001\\u007f/任\",\"n\":-9223372036854775808,"
			    "\"v\":[0.1,1e+300,3,0.3333333333333333,true,null,\"\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\"],\"e\":{}}");
	buf_reset(&b);
	jw_init(&w, &b, 2);
	jw_open(&w, '[');
	jw_open(&w, '{');
	jw_kbool(&w, "k", false);
	jw_kstr(&w, "l", "");
	jw_close(&w);
	jw_open(&w, '[');
	jw_close(&w);
	jw_close(&w);
	is_str(buf_str(&b), "[\n  {\n    \"k\": false,\n    \"l\": \"\"\n  },\n  []\n]");
	buf_free(&b);
}

int main(void)
{
	test_arena();
	test_grow();
	test_buf();
	test_names();
	test_width();
	test_source();
	test_encoding();
	test_misspelt();
	test_json();
	return tap_end();
}
