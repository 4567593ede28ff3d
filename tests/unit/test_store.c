/* test_store.c - stores: names, where URLs lie, listings in order within bounded memory, files whole or not at all. */
#include "job/ossname.h"
#include "runtime/objects.h"
#include "runtime/stage_fs.h"
#include "runtime/store.h"
#include "runtime/transfer.h"
#include "tests/unit/tap.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/wait.h>
#include <unistd.h>

static void test_names(void)
{
	static const char *const good[] = { "a", "a/b", "\344\270\255\346\226\207", "a b", "...", "a..", "\302\200" };
	static const char *const bad[] = { "a//b", "/a", "a/.", "..", "a\nb", "a\177", "a?", "a\\b", "\377", "\355\240\200", "a:b" };
	char key[1100];

	for (size_t i = 0; i < sizeof good / sizeof *good; i++)
		ok(oss_key_fault(good[i]) == NULL);
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		ok(oss_key_fault(bad[i]) != NULL);
	memset(key, 'x', sizeof key);
	for (int i = 255; i < 1024; i += 256)
		key[i] = '/';
	key[1023] = 0;
	ok(oss_key_fault(key) == NULL);
	key[1023] = 'x';
	key[1024] = 0;
	ok(oss_key_fault(key) != NULL);
	key[256] = 0;
	key[255] = 'x';
	ok(oss_key_fault(key) != NULL);
	ok(oss_bucket_fault("a-b", 3) == NULL && oss_bucket_fault("-a", 2) && oss_bucket_fault("A", 1));
}

static void test_locate(void)
{
	static const struct store_map map[] = { { "bkt", "/data/one" }, { "oss://", "/data/all" }, { "nas://h:/x", "/nas" } };
	struct run_options o = { .stores = map, .nstores = 3 };
	struct arena *a = arena_new();
	struct stores *st = stores_new(a, &o, "/");
	struct store_place p;
	const char *why;

	is_str(store_path(st, a, "oss://bkt/a//b/", &why), "/data/one/a/b");
	is_str(store_path(st, a, "oss://other/a", &why), "/data/all/other/a");
	is_str(store_path(st, a, "oss://bkt", &why), "/data/one");
	is_str(store_path(st, a, "nas://h:/x/y!", &why), "/nas/y");
	ok(!store_path(st, a, "oss://", &why));
	ok(!store_path(st, a, "oss://../etc/passwd", &why));
	ok(!store_path(st, a, "oss://bkt/../x", &why));
	ok(!store_path(st, a, "nas://other:/x", &why));
	is_str(store_url(st, a, "/data/all/other/a"), "oss://other/a");
	is_str(store_url(st, a, "/data/one/a"), "oss://bkt/a");
	ok(!store_url(st, a, "/data/all"));
	ok(store_locate(st, a, "oss://bkt/a/", &p, &why) && p.oss && p.slash);
	is_str(p.key, "a");
	is_str(p.name, "oss://bkt");
	ok(store_locate(st, a, "nas://h:/x", &p, &why) && !p.oss && p.slash && !*p.key);
	arena_free(a);
}

/* ---- listings ---- */

static void make(int root, const char *rel)
{
	const char *base;
	int dir = fs_parent(root, rel, true, &base), fd = openat(dir, base, O_WRONLY | O_CREAT, 0600);

	if (fd < 0)
		printf("# cannot make %s: %s\n", rel, strerror(errno));
	close(fd);
	close(dir);
}

/* Every key once and in order of its bytes; returns how many. */
static int in_order(int root, const char *rel, unsigned flags, const char *sub)
{
	struct objects *l = objects_open(root, rel, flags);
	struct object o;
	char last[5000] = "";
	int n = 0, rc;

	while ((rc = objects_next(l, &o)) > 0) {
		if (n++ && strcmp(last, o.key) >= 0)
			printf("# %s after %s\n", o.key, last), rc = n = -1000000;
		snprintf(last, sizeof last, "%s", o.key);
		if (sub && strstr(o.key, sub))
			n = -1000000;
	}
	if (rc < 0)
		printf("# %s: %s\n", o.key, strerror(errno));
	objects_close(l);
	return rc < 0 ? -1 : n;
}

static void test_order(int root)
{
	static const char *const key[] = { "a", "a-b", "a/x", "a/y/z", "a0", "b/.weft-tmp-1-1", "b/c" };
	static const char *const want[] = { "a-b", "a/x", "a/y/z", "a0", "b/c" };
	struct objects *l;
	struct object o;
	char rel[64];

	for (size_t i = 1; i < sizeof key / sizeof *key; i++)
		make(root, key[i]);
	l = objects_open(root, "", OBJECTS_DEEP);
	for (size_t i = 0; i < sizeof want / sizeof *want; i++)
		ok(objects_next(l, &o) == 1 && strcmp(o.key, want[i]) == 0);
	ok(objects_next(l, &o) == 0);
	objects_close(l);
	ok(in_order(root, "none/such", OBJECTS_DEEP, NULL) == 0);
	/* at this depth 64 KB of names are held at a time: many passes */
	for (int i = 0; i < 6000; i++) {
		snprintf(rel, sizeof rel, "1/2/3/4/5/6/7/8/9/10/11/%07d-%d", i * 7919 % 6000, i & 1);
		make(root, rel);
	}
	ok(in_order(root, "", OBJECTS_DEEP | OBJECTS_STAT, ".weft") == 6005);
	ok(in_order(root, "1/2/3/4/5/6/7/8/9/10/11", 0, NULL) == 6000);
}

static void test_links(int root)
{
	static const struct { const char *name, *to; int kind; } link[] = { { "l/abs", "/etc/passwd", OBJ_ODD }, { "l/dir", "../a", OBJ_ODD },
		{ "l/gone", "nothing", OBJ_ODD }, { "l/in", "../a0", OBJ_LINK }, { "l/loop", "loop", OBJ_ODD },
		{ "l/proc", "/proc/self/cwd/a0", OBJ_ODD }, { "l/up", "../../../../../../../../etc/passwd", OBJ_ODD } };
	struct objects *l;
	struct object o;
	int fd;

	make(root, "l/a");
	for (size_t i = 0; i < sizeof link / sizeof *link; i++)
		ok(symlinkat(link[i].to, root, link[i].name) == 0);
	ok(mkfifoat(root, "l/z", 0600) == 0);
	l = objects_open(root, "l", OBJECTS_DEEP);
	ok(objects_next(l, &o) == 1 && o.kind == OBJ_FILE);
	for (size_t i = 0; i < sizeof link / sizeof *link; i++)
		ok(objects_next(l, &o) == 1 && strcmp(o.key, link[i].name + 2) == 0 && o.kind == link[i].kind);
	ok(objects_next(l, &o) == 1 && o.kind == OBJ_ODD && o.why); /* the pipe: reading it would wait */
	ok(objects_next(l, &o) == 0);
	objects_close(l);
	ok((fd = fs_open(root, "l/in", true)) >= 0 && close(fd) == 0);
	ok(fs_open(root, "l/abs", true) < 0 && errno == ELOOP);
	ok(fs_open(root, "l/in", false) < 0 && errno == ELOOP);
	ok((fd = fs_open(root, "l/z", false)) >= 0 && close(fd) == 0);
}

/* ---- transfers ---- */

static bool stop_soon(void *ctx, int64_t n)
{
	return (*(int64_t *)ctx -= n) > 0;
}

static int entries(int root, const char *rel)
{
	int fd = fs_beneath(root, rel, false), n = 0;
	struct stat sb;

	if (fd < 0)
		return -1;
	n = fstat(fd, &sb) ? -1 : fs_is_empty(dup(fd)) ? 0 : 1;
	close(fd);
	return n;
}

static void test_transfer(int root, int src)
{
	struct transfer t;
	struct stat sb, to;
	int64_t left = 100000; /* bytes until it is stopped */
	int in, again;

	/* a hole of 1 GB stays one */
	in = openat(src, "sparse", O_RDWR | O_CREAT, 0755);
	ok(in >= 0 && pwrite(in, "begin", 5, 4096) == 5 && pwrite(in, "end", 3, 1 << 30) == 3);
	transfer_open(&t, root);
	ok(fstat(in, &sb) == 0 && transfer_put(&t, in, &sb, "d/e/sparse"));
	ok(fstatat(root, "d/e/sparse", &to, 0) == 0 && to.st_size == sb.st_size && to.st_blocks < 10000 && (to.st_mode & 0100));
	ok(to.st_mtim.tv_sec == sb.st_mtim.tv_sec && to.st_mtim.tv_nsec == sb.st_mtim.tv_nsec);
	again = fs_open(root, "d/e/sparse", false);
	ok(lseek(in, 0, SEEK_SET) == 0 && transfer_same(in, again) == 1);
	ok(pwrite(in, "E", 1, 1 << 30) == 1 && lseek(in, 0, SEEK_SET) == 0 && lseek(again, 0, SEEK_SET) == 0 && transfer_same(in, again) == 0);
	close(again);
	/* stopped in the middle: the old one is there, and nothing else */
	ok(ftruncate(in, 0) == 0);
	for (int i = 0; i < 64; i++)
		ok(pwrite(in, &t, sizeof t, (off_t)i << 16) == (ssize_t)sizeof t);
	t.ways.more = stop_soon;
	t.ways.ctx = &left;
	ok(fstat(in, &sb) == 0 && lseek(in, 0, SEEK_SET) == 0 && !transfer_put(&t, in, &sb, "d/e/sparse") && errno == ECANCELED);
	ok(fstatat(root, "d/e/sparse", &to, 0) == 0 && to.st_size == (1 << 30) + 3);
	t.ways.more = NULL;
	/* changed while it is copied */
	sb.st_mtim.tv_sec--;
	ok(lseek(in, 0, SEEK_SET) == 0 && !transfer_put(&t, in, &sb, "d/f") && errno == ESTALE && faccessat(root, "d/f", F_OK, 0) < 0);
	ok(fstat(in, &sb) == 0 && lseek(in, 0, SEEK_SET) == 0 && !transfer_put(&t, in, &sb, "d/e") && errno == EISDIR);
	ok(symlinkat("/tmp", root, "d/away") == 0 && !transfer_put(&t, in, &sb, "d/away/x") && (errno == ELOOP || errno == ENOTDIR));
	ok(transfer_drop(&t, "d/e/sparse") && transfer_drop(&t, "d/away") && transfer_drop(&t, "d/never"));
	transfer_close(&t);
	ok(entries(root, "d") < 0); /* emptied directories go */
	close(in);
}

/* A child dies in the middle of a copy; the next one clears away. */
static void test_killed(int root, int src)
{
	char own[40];
	struct transfer t;
	struct stat sb;
	int ready[2], in = openat(src, "sparse", O_RDONLY), status;
	pid_t pid;

	ok(in >= 0 && pipe(ready) == 0 && fstat(in, &sb) == 0);
	pid = fork();
	if (pid == 0) {
		transfer_open(&t, root);
		if (transfer_put(&t, in, &sb, "k/one") && openat(t.stage, "new", O_WRONLY | O_CREAT, 0600) >= 0 && write(ready[1], "x", 1) == 1)
			pause();
		_exit(1);
	}
	close(ready[1]);
	ok(read(ready[0], own, 1) == 1);
	snprintf(own, sizeof own, FS_TEMP "%ld", (long)geteuid());
	transfer_open(&t, root); /* beside the living: it is left alone */
	ok(lseek(in, 0, SEEK_SET) == 0 && transfer_put(&t, in, &sb, "k/two"));
	transfer_close(&t);
	ok(entries(root, own) == 1);
	ok(in_order(root, "", OBJECTS_DEEP, ".weft") > 0);
	ok(kill(pid, SIGKILL) == 0 && waitpid(pid, &status, 0) == pid && WIFSIGNALED(status));
	ok(entries(root, own) == 1);
	transfer_open(&t, root);
	ok(lseek(in, 0, SEEK_SET) == 0 && transfer_put(&t, in, &sb, "k/three"));
	transfer_close(&t);
	ok(entries(root, own) < 0);
	close(in);
	close(ready[0]);
}

int main(void)
{
	char dir[] = "/tmp/weft-test-store.XXXXXX", *root = mkdtemp(dir);
	int top = root ? open(root, O_RDONLY | O_DIRECTORY) : -1, bucket, src;

	test_names();
	test_locate();
	ok(top >= 0 && mkdirat(top, "bucket", 0700) == 0 && mkdirat(top, "src", 0700) == 0);
	bucket = openat(top, "bucket", O_RDONLY | O_DIRECTORY);
	src = openat(top, "src", O_RDONLY | O_DIRECTORY);
	test_order(bucket);
	test_links(bucket);
	test_transfer(bucket, src);
	test_killed(bucket, src);
	ok(fs_remove(AT_FDCWD, dir));
	return tap_end();
}
