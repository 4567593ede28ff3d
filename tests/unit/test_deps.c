/* test_deps.c - what a result was made from: each change is seen, nothing else is; texts that are read late. */
#include "base/deps.h"
#include "base/diag.h"
#include "tap.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

static void put(const char *path, const char *text)
{
	FILE *f = fopen(path, "w");

	if (!f || fputs(text, f) < 0 || fclose(f))
		exit(1);
}

/* Times long past, the same for every file; ctime stays what the clock says. */
static void make_old(const char *path)
{
	struct timespec t[2] = { { 1000000000, 5 }, { 1000000000, 5 } };

	utimensat(AT_FDCWD, path, t, 0);
}

static void put_old(const char *path, const char *text)
{
	put(path, text);
	make_old(path);
}

static struct buf recorded(struct sources *ss, struct diags *d, uint64_t seed)
{
	struct deps *deps = deps_new(seed);
	struct buf b;
	glob_t g;

	buf_init(&b, 1 << 20);
	sources_record(ss, deps);
	ok(sources_deps(ss) == deps);
	source_load(ss, "main.weft", d);
	is_int(deps_look(deps, "dir"), S_IFDIR);
	is_int(deps_look(deps, "none"), 0);
	is_int(deps_look(deps, "none"), 0);
	is_int(deps_size(deps, "main.weft"), 3);
	is_int(deps_size(deps, "dir"), -1);
	is_int(deps_size(deps, "sized"), -1);
	is_int(deps_size(deps, "sized"), -1);
	is_int(deps_glob(deps, "dir/*.txt", &g), 0);
	globfree(&g);
	is_int(deps_glob(deps, "d*/*.csv", &g), GLOB_NOMATCH);
	globfree(&g);
	ok(deps_write(deps, &b));
	sources_record(ss, NULL);
	deps_free(deps);
	return b;
}

static bool holds(const struct buf *b, uint64_t seed)
{
	bool changed;
	char *copy = malloc(b->len);
	bool r;

	memcpy(copy, b->p, b->len);
	r = deps_hold(copy, b->len, seed, &changed);
	free(copy);
	return r;
}

static void test_hold(void)
{
	struct sources *ss = sources_new();
	struct diags *d = diags_new(ss);
	struct buf b;

	mkdir("dir", 0700);
	put_old("main.weft", "one");
	put("dir/a.txt", "a");
	b = recorded(ss, d, 7);
	ok(holds(&b, 7));
	ok(!holds(&b, 8)); /* another seed, another digest: nothing is old enough for stat alone */
	put_old("main.weft", "two"); /* same size, same mtime */
	ok(!holds(&b, 7));
	put("main.weft", "one");
	ok(holds(&b, 7)); /* content counts */
	unlink("main.weft");
	ok(!holds(&b, 7));
	symlink("other", "main.weft");
	put("other", "one");
	ok(holds(&b, 7));
	put("dir/b.txt", "b");
	ok(!holds(&b, 7));
	unlink("dir/b.txt");
	put("dir/c", "c");
	ok(holds(&b, 7)); /* no match of a pattern */
	put("dir/c.csv", "c");
	ok(!holds(&b, 7));
	unlink("dir/c.csv");
	put("none", "");
	ok(!holds(&b, 7));
	unlink("none");
	put("sized", "");
	ok(!holds(&b, 7));
	unlink("sized");
	ok(holds(&b, 7));
	buf_free(&b);
	diags_free(d);
	sources_free(ss);
}

/* Every cut and every changed byte: no crash, and no reading past the end (asan sees that). */
static void test_damage(void)
{
	struct sources *ss = sources_new();
	struct diags *d = diags_new(ss);
	struct buf b = recorded(ss, d, 7);
	bool changed, all = true;

	for (size_t n = 0; n < b.len; n++) {
		char *copy = malloc(n ? n : 1);

		memcpy(copy, b.p, n);
		deps_hold(copy, n, 7, &changed);
		free(copy);
		all &= n % 8 == 0 || !holds(&(struct buf){ .p = b.p, .len = n }, 7);
		b.p[n] ^= 0x21;
		holds(&b, 7);
		b.p[n] ^= 0x21;
	}
	ok(all);
	ok(holds(&b, 7));
	buf_free(&b);
	diags_free(d);
	sources_free(ss);
}

/* A file that has been there for long is believed by what stat says: its content is not asked for. */
static void test_stat(void)
{
	struct deps *deps = deps_new(1);
	struct stat st;
	struct buf b;

	buf_init(&b, 1 << 20);
	ok(stat("/bin/sh", &st) == 0);
	deps_file(deps, "/bin/sh", &st, "not its content", 15);
	ok(deps_write(deps, &b) && holds(&b, 1));
	buf_reset(&b);
	st.st_mtim.tv_nsec ^= 1;
	deps_file(deps, "/bin/sh", &st, "not its content", 15);
	ok(deps_write(deps, &b) && !holds(&b, 1));
	deps_free(deps);
	buf_free(&b);
}

static void test_lost(void)
{
	struct deps *deps = deps_new(1);
	struct stat st = { .st_mode = S_IFIFO };
	struct buf b;

	buf_init(&b, 1 << 20);
	ok(deps_write(deps, &b) && !b.len);
	deps_file(deps, "pipe", &st, "x", 1);
	ok(!deps_write(deps, &b));
	deps_lost(NULL);
	is_int(deps_look(NULL, "/"), S_IFDIR);
	deps_free(deps);
	buf_free(&b);
}

static struct sources *restored(const struct sources *from, uint64_t seed)
{
	struct sources *ss = sources_new();

	for (uint32_t i = 0; i < sources_count(from); i++) {
		struct source_info in = sources_info(from, i);

		ok(sources_restore(ss, &in, seed));
	}
	return ss;
}

static void test_late(void)
{
	struct sources *ss = sources_new(), *late;
	struct diags *d = diags_new(ss);
	struct deps *deps = deps_new(3);
	const struct source *unseen, *text, *s;
	struct source_info in = { .path = "x", .base = 1, .len = 5 };

	put("unseen", "one\ntwo\n");
	put("file", "\xef\xbb\xbfuno\ndos\n");
	unseen = source_load(ss, "unseen", d);
	sources_record(ss, deps);
	s = source_load(ss, "file", d);
	text = source_add(ss, "<set>", "a=1", 3, d);
	late = restored(ss, sources_seed(ss));
	ok(!source_at(late, unseen->base + 1)); /* not recorded: its digest is not known */
	is_int(source_place(late, s->base + 7).line, 2);
	is_str(source_place(late, s->base).src->path, "file");
	ok(!memcmp(source_text(late, (struct span){ s->base, s->base + 3 }), "   uno", 6));
	is_str(source_place(late, text->base).src->text, "a=1");
	ok(!sources_restore(late, &in, 3)); /* not behind the others */
	sources_free(late);
	late = restored(ss, sources_seed(ss));
	put("file", "\xef\xbb\xbfuno\ntre\n");
	ok(!source_place(late, s->base + 7).src);
	ok(!source_place(late, s->base + 7).src);
	ok(!source_text(late, (struct span){ s->base, s->base + 3 }));
	sources_free(late);
	diags_free(d);
	sources_free(ss);
	deps_free(deps);
}

int main(void)
{
	char dir[] = "/tmp/weft-deps.XXXXXX", cmd[64];

	if (!mkdtemp(dir) || chdir(dir))
		return 1;
	test_hold();
	test_damage();
	test_stat();
	test_lost();
	test_late();
	snprintf(cmd, sizeof cmd, "rm -rf %s", dir);
	if (chdir("/") || system(cmd))
		return 1;
	return tap_end();
}
