/* test_stage.c - attempts from the work directory to published results, on jobs made by hand. */
#include "base/diag.h"
#include "base/op.h"
#include "job/job.h"
#include "runtime/package.h"
#include "runtime/publishing.h"
#include "runtime/stage.h"
#include "runtime/stage_fs.h"
#include "runtime/stage_impl.h"
#include "tests/unit/tap.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

static char *top; /* everything of this test lives below; removed at the end */
static struct names *names;
static struct sources *sources;
static struct diags *diags;
static struct run_options opt;
static int nrun;

/* ---- making jobs ---- */

static struct job *new_job(uint32_t ntask)
{
	struct job *j = job_new(names, sources);

	j->name = name_ofs(names, "test");
	j->dir = arena_printf(j->arena, "%s/ws", top);
	j->task = arena_zalloc(j->arena, ntask, sizeof(*j->task));
	j->ntask = ntask;
	for (uint32_t i = 0; i < ntask; i++) {
		j->task[i].name = name_ofs(names, arena_printf(j->arena, "t%u", i));
		j->task[i].count = 1;
		j->task[i].run = RUN_SCRIPT;
	}
	return j;
}

static jxid text(struct job *j, const char *s)
{
	return jx_new(j, JX_STR, name_ofs(names, s), 0, 0, NOSPAN);
}

static struct jtask *script(struct job *j, uint32_t task, const char *s)
{
	j->task[task].command = text(j, s);
	return &j->task[task];
}

static struct jport *port(struct job *j, struct jport **v, uint32_t *n, const char *nm, const char *path)
{
	struct jport *p;

	if (!*v)
		*v = arena_zalloc(j->arena, 8, sizeof(**v));
	p = &(*v)[(*n)++];
	p->name = name_ofs(names, nm);
	p->type = JT_FILE;
	p->path = text(j, path);
	return p;
}

static struct jport *in(struct job *j, uint32_t t, const char *nm, const char *path)
{
	return port(j, &j->task[t].in, &j->task[t].nin, nm, path);
}

static struct jport *out(struct job *j, uint32_t t, const char *nm, const char *path)
{
	return port(j, &j->task[t].out, &j->task[t].nout, nm, path);
}

static void map(struct job *j, uint32_t t, enum map_kind kind, const char *from, const char *to, bool write)
{
	struct jtask *k = &j->task[t];

	if (!k->map)
		k->map = arena_zalloc(j->arena, 8, sizeof(*k->map));
	k->map[k->nmap++] = (struct jmap){ .kind = (uint8_t)kind, .from = name_ofs(names, from), .to = name_ofs(names, to), .write = write };
}

static void setting(struct job *j, uint32_t t, enum setting id, const char *s)
{
	struct jtask *k = &j->task[t];
	struct jval *v;

	if (!k->set)
		k->set = arena_zalloc(j->arena, 8, sizeof(*k->set));
	v = &k->set[k->nset++]; /* callers keep the order */
	v->id = (uint16_t)id;
	v->n = 1;
	v->s = name_ofs(names, s);
	if (settings[id].type == T_LIST) {
		v->list = arena_zalloc(j->arena, 1, sizeof(name));
		v->list[0] = name_ofs(names, s);
	} else if (settings[id].type == T_BOOL) {
		v->i = 1;
	}
}

/* ---- files ---- */

static char *at(const char *rel)
{
	static char *ring[8];
	static int k;

	k = (k + 1) % 8;
	free(ring[k]);
	if (asprintf(&ring[k], "%s/%s", top, rel) < 0)
		abort();
	return ring[k];
}

static void put(const char *rel, const char *s)
{
	FILE *f;

	fs_mkparents(at(rel));
	f = fopen(at(rel), "w");
	if (!f)
		abort();
	fputs(s, f);
	fclose(f);
}

static const char *get_path(const char *path)
{
	static char b[4096];
	FILE *f = fopen(path, "r");
	size_t n = f ? fread(b, 1, sizeof(b) - 1, f) : 0;

	if (!f)
		return NULL;
	b[n] = 0;
	fclose(f);
	return b;
}

static const char *get(const char *rel)
{
	return get_path(at(rel));
}

static bool there(const char *rel)
{
	struct stat sb;

	return lstat(at(rel), &sb) == 0;
}

/* ---- running ---- */

static struct stager *open_stager(struct job *j)
{
	char *dir = at(arena_printf(j->arena, "ws/.weft/runs/%d", ++nrun));

	fs_mkdirs(dir);
	return stager_new(j, &opt, arena_strdup(j->arena, dir), diags);
}

static void await(struct stager *s, struct stage *st, struct stage_end *end)
{
	do {
		struct pollfd p = { .fd = st->pidfd, .events = POLLIN };

		poll(&p, 1, 10000);
	} while (!stage_reap(s, st, end));
}

static char *said; /* what the last attempt had to say */

static void say(const char *s)
{
	free(said);
	said = s ? xstrdup(s) : NULL;
}

static enum run_cause attempt(struct stager *s, uint32_t task, int64_t instance)
{
	struct attempt_id id = { task, instance, 1 };
	struct stage_error err = { .cause = R_SPAWN };
	struct stage_end end;
	struct stage st;
	enum run_cause rc;
	char *why = NULL;
	int fd;

	say(NULL);
	if (!stage_prepare(s, id, &st, &err)) {
		say(err.text);
		return err.cause;
	}
	if (stage_spawn(s, &st, &fd, &err) < 0) {
		say(err.text);
		stage_drop(s, &st, false);
		return err.cause;
	}
	await(s, &st, &end);
	rc = end.cause;
	say(end.text);
	if (rc == R_DONE) {
		rc = stage_collect(s, &st, &why);
		say(why);
	}
	stage_drop(s, &st, false);
	return rc;
}

static const char *log_of(struct stager *s, const char *stream, uint32_t task, int instance)
{
	static char *p;

	free(p);
	if (asprintf(&p, "%s/%s.%s.t%u.%d", stager_logs(s), stream, stager_job_id(s), task, instance) < 0)
		abort();
	return get_path(p);
}

static void close_all(struct stager *s, struct job *j)
{
	stager_free(s);
	job_free(j);
}

/* ---- the tests ---- */

static void test_plain(void)
{
	struct job *j = new_job(1);
	struct stager *s;

	put("ws/data/a b.txt", "hello\n");
	script(j, 0, "cat 'data/a b.txt' > res/x/out.txt; echo $a; echo oops >&2; pwd; echo $HOME; ls -A\n");
	in(j, 0, "a", "./data//a b.txt");
	out(j, 0, "o", "res/x/out.txt");
	s = open_stager(j);
	ok(s != NULL);
	is_int(attempt(s, 0, 0), R_DONE);
	is_str(get("ws/res/x/out.txt"), "hello\n");
	is_str(log_of(s, "stderr", 0, 0), "oops\n");
	ok(strncmp(log_of(s, "stdout", 0, 0), "data/a b.txt\n", 13) == 0);
	ok(!there("ws/.weft/runs/1/work/t0.0.1/w/res"));
	close_all(s, j);
	ok(!there("ws/.weft/runs/1/work"));
}

static void test_input_is_safe(void)
{
	struct job *j = new_job(2);
	struct stager *s;

	put("ws/data/in.txt", "keep\n");
	script(j, 0, "echo damaged > data/in.txt\n");
	in(j, 0, "a", "data/in.txt");
	script(j, 1, "echo x > \"$WS/new.txt\"\n");
	j->task[1].env = arena_zalloc(j->arena, 1, sizeof(struct jenv));
	j->task[1].env[0] = (struct jenv){ name_ofs(names, "WS"), text(j, at("ws")), NOSPAN };
	j->task[1].nenv = 1;
	s = open_stager(j);
	is_int(attempt(s, 0, 0), R_EXIT);
	is_str(get("ws/data/in.txt"), "keep\n");
	is_int(attempt(s, 1, 0), R_EXIT);
	ok(!there("ws/new.txt"));
	close_all(s, j);
}

static void test_failures(void)
{
	struct job *j = new_job(6);
	struct stager *s;

	script(j, 0, "echo half > o.txt; exit 3\n");
	out(j, 0, "o", "half.txt");
	script(j, 1, "true\n");
	out(j, 1, "o", "never.txt");
	out(j, 1, "d", "adir");
	script(j, 2, "kill -9 $$\n");
	script(j, 3, "true\n");
	in(j, 3, "a", "not/there.txt");
	j->task[4].run = RUN_COMMAND;
	script(j, 4, "no-such-program --x");
	script(j, 5, "echo > first.txt\n");
	out(j, 5, "a", "first.txt");
	out(j, 5, "b", "second.txt");
	s = open_stager(j);
	is_int(attempt(s, 0, 0), R_EXIT);
	is_int(attempt(s, 1, 0), R_MISSING);
	is_str(said, "`never.txt`, `adir`");
	is_int(attempt(s, 2, 0), R_SIGNAL);
	is_int(attempt(s, 3, 0), R_INPUT);
	is_str(said, "input `not/there.txt` does not exist");
	is_int(attempt(s, 4, 0), R_SPAWN);
	is_str(said, "cannot start `no-such-program`: not found on PATH");
	is_int(attempt(s, 5, 0), R_MISSING);
	ok(!there("ws/first.txt"));
	close_all(s, j);
}

static void test_outputs(void)
{
	struct job *j = new_job(3);
	struct stager *s;
	struct jport *p;
	struct jvalue v;

	put("ws/old/is/here.txt", "old");
	put("ws/d/stale.txt", "old");
	script(j, 0, "mkdir -p d/e parts; echo 1 > d/e/f; ln -s f d/e/l; echo A > parts/a.txt; echo B > parts/b.txt; echo C > parts/c.log;"
		" echo F > old; ln -s parts/a.txt link.txt\n");
	out(j, 0, "d", "d")->type = JT_DIR;
	out(j, 0, "old", "old");
	out(j, 0, "link", "link.txt");
	p = out(j, 0, "g", "parts/*.txt");
	p->count = PORT_GLOB;
	s = open_stager(j);
	is_int(attempt(s, 0, 0), R_DONE);
	is_str(said, NULL);
	is_str(get("ws/d/e/f"), "1\n");
	is_str(get("ws/d/e/l"), "1\n");
	ok(!there("ws/d/stale.txt"));
	is_str(get("ws/old"), "F\n");
	is_str(get("ws/link.txt"), "A\n");
	is_str(get("ws/parts/b.txt"), "B\n");
	ok(!there("ws/parts/c.log"));
	ok(stager_glob(s, 0, 0, 3, &v));
	is_int(v.list.n, 2);
	is_str(v.list.v[0].s.p, "parts/a.txt");
	is_str(v.list.v[1].s.p, "parts/b.txt");
	ok(!stager_glob(s, 0, 1, 3, &v));
	close_all(s, j);
}

static void test_package(void)
{
	struct job *j = new_job(3);
	struct stager *s;
	char d1[PACKAGE_DIGEST], d2[PACKAGE_DIGEST];
	char *why = NULL;

	put("ws/pkg/run.sh", "#!/bin/sh\necho from package > out.txt\necho changed > lib/x\n");
	put("ws/pkg/lib/x", "x\n");
	put("ws/pkg/skip.txt", "no output\n");
	chmod(at("ws/pkg/run.sh"), 04755);
	j->task[0].run = RUN_COMMAND;
	script(j, 0, "./run.sh");
	setting(j, 0, SET_PACKAGE, "pkg/");
	out(j, 0, "o", "out.txt");
	out(j, 0, "g", "*.txt")->count = PORT_GLOB;
	script(j, 1, "cat lib/x > second.txt\n");
	setting(j, 1, SET_PACKAGE, "pkg/");
	out(j, 1, "o", "second.txt");
	script(j, 2, "cat lib/x > third.txt\n");
	setting(j, 2, SET_PACKAGE, "oss://b/p/worker.tar.gz");
	out(j, 2, "o", "third.txt");
	ok(package_gather(&(const char *){ at("ws/pkg") }, 1, at("gathered"), d1, &why, j->arena));
	fs_mkdirs(at("store/p"));
	ok(package_pack(at("gathered"), at("store/p/worker.tar.gz"), &why, j->arena));
	ok(package_pack(at("gathered"), at("again.tar.gz"), &why, j->arena));
	ok(package_digest(at("again.tar.gz"), d1, &why, j->arena) && package_digest(at("store/p/worker.tar.gz"), d2, &why, j->arena));
	is_str(d1, d2);
	s = open_stager(j);
	ok(s != NULL);
	is_int(attempt(s, 0, 0), R_DONE);
	is_str(get("ws/out.txt"), "from package\n");
	ok(!there("ws/skip.txt"));
	is_str(get("ws/pkg/lib/x"), "x\n");
	is_int(attempt(s, 1, 0), R_DONE);
	is_str(get("ws/second.txt"), "x\n");
	is_int(attempt(s, 2, 0), R_DONE);
	is_str(get("ws/third.txt"), "x\n");
	close_all(s, j);
}

static void test_store(void)
{
	struct job *j = new_job(1);
	struct stager *s;

	put("store/in/a.txt", "from store\n");
	script(j, 0, "cat $a > $o\n");
	in(j, 0, "a", "oss://b/in/a.txt");
	out(j, 0, "o", "oss://b/out/b.txt");
	setting(j, 0, SET_STDOUT, "oss://b/logs/");
	s = open_stager(j);
	is_int(attempt(s, 0, 0), R_DONE);
	is_str(get("store/out/b.txt"), "from store\n");
	ok(there(arena_printf(j->arena, "store/logs/stdout.%s.t0.0", stager_job_id(s))));
	close_all(s, j);
	j = new_job(1);
	script(j, 0, "true\n");
	in(j, 0, "a", "oss://other/in/a.txt");
	in(j, 0, "b", "oss://more/in/a.txt");
	ok(open_stager(j) == NULL);
	is_int(diags->errors, 1);
	is_str(diags->v[0].msg, "no directory stands for `oss://other`, `oss://more`");
	is_str(diags->v[0].helps->text, "give a directory for each: weft run --store oss://other=DIR --store oss://more=DIR");
	job_free(j);
}

static bool alive(const char *rel)
{
	const char *t = get(rel);

	return t && kill((pid_t)strtol(t, NULL, 10), 0) == 0;
}

static void test_tree_dies(void)
{
	struct job *j = new_job(2);
	struct attempt_id id = { 0, 0, 1 };
	struct stage_error err;
	struct stage_end end;
	struct stage st;
	struct stager *s;
	int fd;

	script(j, 0, "setsid sleep 1000 & trap '' TERM; sleep 1000\n");
	script(j, 1, "setsid sleep 1000 & exit 0\n");
	s = open_stager(j);
	ok(stage_prepare(s, id, &st, &err));
	ok(stage_spawn(s, &st, &fd, &err) > 0);
	usleep(100000);
	stage_signal(&st, SIGTERM);
	usleep(50000);
	ok(!stage_reap(s, &st, &end));
	stage_signal(&st, SIGKILL);
	await(s, &st, &end);
	is_int(end.cause, R_SIGNAL);
	is_int(end.status, SIGKILL);
	stage_drop(s, &st, false);
	is_int(attempt(s, 1, 0), R_DONE); /* the grandchild neither stalls nor survives */
	close_all(s, j);
}

static void test_mounts(void)
{
	struct job *j = new_job(4);
	struct stager *s;

	put("store/lc/data.txt", "one\n");
	put("store/lc/gone.txt", "x\n");
	script(j, 0, "set -e; cat /weft-test/input/data.txt > /weft-test/output/copy.txt; echo local > /weft-test/input/data.txt;"
		" mkdir /weft-test/output/sub; echo s > /weft-test/output/sub/s.txt; rm /weft-test/output/gone.txt;"
		" test ! -e /weft-test/input/copy.txt; echo log > /weft-test/my.log\n");
	map(j, 0, MAP_MOUNT, "oss://b/lc/", "/weft-test/input/", false);
	map(j, 0, MAP_MOUNT, "oss://b/lc/", "/weft-test/output/", true);
	map(j, 0, MAP_LOG, "/weft-test/my.log", "oss://b/logs/", false);
	script(j, 1, "set -e; cat /home/weft-in/copy.txt /home/weft-in/sub/s.txt; test ! -e /home/weft-in/gone.txt; echo r > /home/weft-out/r.txt;"
		" echo f > /home/weft-file.txt; test -d /usr/bin; echo $$\n");
	map(j, 1, MAP_INPUT, "oss://b/lc/", "/home/weft-in/", false);
	map(j, 1, MAP_OUTPUT, "/home/weft-out/", "oss://b/res/", false);
	map(j, 1, MAP_OUTPUT, "/home/weft-file.txt", "oss://b/file.txt", false);
	script(j, 2, "echo half > /weft-test/output/half.txt; exit 1\n");
	map(j, 2, MAP_MOUNT, "oss://b/lc/", "/weft-test/output/", true);
	script(j, 3, "echo A >> /weft-a/b/f.txt; cat /weft-a/one.txt\n");
	put("store/one.txt", "1");
	map(j, 3, MAP_INPUT, "oss://b/one.txt", "/weft-a/one.txt", false);
	map(j, 3, MAP_MOUNT, "oss://b/new/", "/weft-a/b/", true);
	s = open_stager(j);
	ok(s != NULL);
	is_int(attempt(s, 0, 0), R_DONE);
	is_str(said, NULL);
	is_str(log_of(s, "stderr", 0, 0), NULL);
	is_str(get("store/lc/copy.txt"), "one\n");
	is_str(get("store/lc/data.txt"), "one\n");
	is_str(get("store/lc/sub/s.txt"), "s\n");
	ok(!there("store/lc/gone.txt"));
	is_str(get(arena_printf(j->arena, "store/logs/my.log.%s.t0.0", stager_job_id(s))), "log\n");
	is_int(attempt(s, 1, 0), R_DONE);
	is_str(said, NULL);
	is_str(log_of(s, "stderr", 1, 0), NULL);
	is_str(log_of(s, "stdout", 1, 0), "one\ns\n2\n");
	is_str(get("store/res/r.txt"), "r\n");
	is_str(get("store/file.txt"), "f\n");
	is_int(attempt(s, 2, 0), R_EXIT);
	ok(!there("store/lc/half.txt"));
	is_int(attempt(s, 3, 0), R_DONE);
	is_str(said, NULL);
	is_str(get("store/new/f.txt"), "A\n");
	is_int(attempt(s, 3, 0), R_DONE);
	is_str(get("store/new/f.txt"), "A\nA\n");
	ok(access("/weft-test", F_OK) < 0 && access("/home/weft-in", F_OK) < 0 && access("/weft-a", F_OK) < 0);
	close_all(s, j);
}

/* Where overlayfs is not to be had: the same by private copies. */
static void test_copies(void)
{
	struct job *j = new_job(1);
	struct stager *s;

	put("store/cp/a.txt", "a\n");
	put("store/cp/b.txt", "b\n");
	script(j, 0, "set -e; echo A > /weft-cp/in/a.txt; echo B > /weft-cp/out/b.txt; echo N > /weft-cp/out/n.txt; cat /weft-cp/*/a.txt\n");
	map(j, 0, MAP_MOUNT, "oss://b/cp/", "/weft-cp/in", false);
	map(j, 0, MAP_MOUNT, "oss://b/cp/", "/weft-cp/out", true);
	s = open_stager(j);
	ok(s != NULL);
	s->sb.overlay = false;
	is_int(attempt(s, 0, 0), R_DONE);
	is_str(said, NULL);
	is_str(log_of(s, "stdout", 0, 0), "A\na\n");
	is_str(get("store/cp/a.txt"), "a\n");
	is_str(get("store/cp/b.txt"), "B\n");
	is_str(get("store/cp/n.txt"), "N\n");
	close_all(s, j);
}

/* Names in the task's character set, by an overlay and by private copies. */
static void test_names(bool overlay)
{
	struct job *j = new_job(2);
	struct stager *s;

	put("store/nm/\344\270\255/a\303\274.txt", "a\n");
	script(j, 0, "set -e; cd /weft-nm; cat \326\320/a\250\271.txt; echo A > \326\320/a\250\271.txt; echo N > \326\320.txt\n");
	map(j, 0, MAP_MOUNT, "oss://b/nm/", "/weft-nm/", true);
	setting(j, 0, SET_MOUNT_LOCALE, "GBK");
	script(j, 1, "echo x > /weft-nm/$(printf '\\377')\n");
	map(j, 1, MAP_MOUNT, "oss://b/nm/", "/weft-nm/", true);
	setting(j, 1, SET_LOCALE, "GBK");
	s = open_stager(j);
	ok(s != NULL);
	s->sb.overlay = s->sb.overlay && overlay;
	is_int(attempt(s, 0, 0), R_DONE);
	is_str(said, NULL);
	is_str(log_of(s, "stdout", 0, 0), "a\n");
	is_str(get("store/nm/\344\270\255/a\303\274.txt"), "A\n");
	is_str(get("store/nm/\344\270\255.txt"), "N\n");
	ok(!there("store/nm/\326\320.txt"));
	is_int(attempt(s, 1, 0), R_COLLECT);
	ok(said && strstr(said, "cannot store `\\xff`"));
	close_all(s, j);
}

/* Storing that is told to stop leaves nothing, neither done nor half done. */
static void test_stopped(void)
{
	struct arena *a = arena_new();
	struct publish *p = publish_new(at("notes"));
	struct publishing *g;
	struct pollfd fd;
	char *why = NULL;
	bool good = true;

	put("from/a", "a");
	put("to/b", "old");
	publish_add(p, at("from"), "a", at("to/a"), true);
	publish_drop(p, at("to/b"));
	publish_stop(p);
	g = publishing_start(p);
	fd = (struct pollfd){ .fd = publishing_fd(g), .events = POLLIN };
	ok(poll(&fd, 1, -1) == 1);
	ok(publishing_over(g, &good, &why, a));
	ok(!good && strstr(why, "stopped"));
	ok(!there("to/a") && there("to/b"));
	arena_free(a);
}

/* An attempt finds nothing of the one before it, whatever that did to its directory. */
static void test_fresh(void)
{
	static const char list[] = "cd ..; find . -name t -prune -o ! -name script -print | sort | tr '\\n' ' '; stat -c %a w tmp | tr '\\n' ' '; cat w/* tmp/* 2>/dev/null; true\n"; /* t: what of /tmp it sees */
	static const char *const deed[] = { "echo x > left; mkdir -p d/e; touch d/e/f ../extra", "cd ..; rmdir w; ln -s /etc w",
		"cd ..; rmdir tmp; echo x > tmp", "chmod 500 . ../tmp", "cd ..; rm script; ln -s stdout script; ln stderr other",
		"cd ..; chmod 0 .", "cd ..; echo 'echo no' > script; chmod 444 script", "mkfifo ../tmp/p; cd ..; mv w old; mkdir w; chmod 777 w" };
	enum { N = sizeof(deed) / sizeof(*deed) };
	struct job *j = new_job(2 * N);
	struct stager *s;
	char *first = NULL;

	for (uint32_t i = 0; i < N; i++) {
		script(j, 2 * i, list);
		script(j, 2 * i + 1, deed[i]);
	}
	s = open_stager(j);
	for (uint32_t i = 0; i < N; i++) {
		is_int(attempt(s, 2 * i, 0), R_DONE);
		if (!first)
			first = xstrdup(log_of(s, "stdout", 0, 0));
		is_str(log_of(s, "stdout", 2 * i, 0), first);
		attempt(s, 2 * i + 1, 0);
	}
	ok(strncmp(first, ". ./stderr ./stdout ./tmp ./w 7", 31) == 0);
	free(first);
	close_all(s, j);
	ok(access("/etc/passwd", F_OK) == 0);
}

/* Attempts that start while others are starting do not disturb each other. */
static void test_together(void)
{
	enum { N = 12 };
	struct job *j = new_job(N);
	struct stage st[N];
	struct stage_error err;
	struct stage_end end;
	struct stager *s;
	char *why;
	int fd;

	for (uint32_t i = 0; i < N; i++) {
		script(j, i, arena_printf(j->arena, "echo %u > o/%u\n", i, i));
		out(j, i, "o", arena_printf(j->arena, "o/%u", i));
	}
	s = open_stager(j);
	for (uint32_t i = 0; i < N; i++) {
		bool up = stage_prepare(s, (struct attempt_id){ i, 0, 1 }, &st[i], &err) && stage_spawn(s, &st[i], &fd, &err) > 0;

		ok(up);
	}
	for (uint32_t i = 0; i < N; i++) {
		await(s, &st[i], &end);
		is_int(end.cause, R_DONE);
		is_int(stage_collect(s, &st[i], &why), R_DONE);
		stage_drop(s, &st[i], false);
		is_str(get(arena_printf(j->arena, "ws/o/%u", i)), arena_printf(j->arena, "%u\n", i));
	}
	close_all(s, j);
}

static void test_no_directory(void)
{
	struct job *j = new_job(1);
	uint32_t n = diags->errors;

	script(j, 0, "true\n");
	ok(stager_new(j, &opt, at("not/there"), diags) == NULL);
	is_int(diags->errors, n + 1);
	is_int(diags->v[diags->n - 1].code, E1065);
	job_free(j);
}

/* A driver that was killed while it began has left what it makes first; a run that is gone on with finds it. */
static void test_begun(void)
{
	struct job *j = new_job(1);
	struct stager *s;

	script(j, 0, "true\n");
	fs_mkdirs(at(arena_printf(j->arena, "ws/.weft/runs/%d/work/.mode", nrun + 1)));
	fs_mkdirs(at(arena_printf(j->arena, "ws/.weft/runs/%d/work/.probe", nrun + 1)));
	s = open_stager(j);
	ok(s && attempt(s, 0, 0) == R_DONE);
	close_all(s, j);
}

/* What other runs have left is cleared away by who has the workspace's lock, not by a machine of a batch system: beside
 * it a later run may be alive. */
static void test_others(void)
{
	struct job *j = new_job(1);

	script(j, 0, "true\n");
	put("ws/.weft/runs/other/work/t.0.1/w/file", "x");
	opt.role = RUN_MEMBER;
	opt.job_id = "job-x";
	stager_free(open_stager(j));
	ok(there("ws/.weft/runs/other/work/t.0.1/w/file"));
	opt.role = RUN_HERE;
	opt.job_id = NULL;
	stager_free(open_stager(j));
	ok(!there("ws/.weft/runs/other/work"));
	job_free(j);
}

static void test_clean(void)
{
	static const char *const t[][2] = { { "a//b/./c/", "a/b/c" }, { "a/../b", "b" }, { "../x/..", ".." }, { "../x", "../x" },
		{ "/../a", "/a" }, { "a/..", "" }, { "/", "/" }, { "../../a/b/../c", "../../a/c" }, { "./.", "" } };
	struct arena *a = arena_new();

	for (size_t i = 0; i < sizeof(t) / sizeof(*t); i++)
		is_str(fs_clean(a, t[i][0]), t[i][1]);
	arena_free(a);
}

/* A tree deeper than descriptors and paths go. */
static void test_remove_deep(void)
{
	int fd, top_fd = open(top, O_RDONLY | O_DIRECTORY), next;

	mkdirat(top_fd, "deep", 0777);
	fd = openat(top_fd, "deep", O_RDONLY | O_DIRECTORY);
	for (int i = 0; i < 3000 && fd >= 0; i++) {
		mkdirat(fd, "d", 0755);
		next = openat(fd, "d", O_RDONLY | O_DIRECTORY);
		fchmod(fd, i % 3 ? 0755 : 0555);
		close(fd);
		fd = next;
	}
	ok(fd >= 0);
	close(fd);
	symlinkat("/etc", top_fd, "deep/link");
	ok(fs_remove(top_fd, "deep"));
	ok(!there("deep"));
	ok(access("/etc/passwd", F_OK) == 0);
	close(top_fd);
}

int main(void)
{
	char dir[] = "/tmp/weft-stage-XXXXXX";
	struct store_map st;
	char *store;
	int tmp;

	top = mkdtemp(dir);
	if (!top)
		return 1;
	store = xstrdup(at("store"));
	names = names_new();
	sources = sources_new();
	diags = diags_new(sources);
	st = (struct store_map){ "oss://b", store };
	opt.stores = &st;
	opt.nstores = 1;
	fs_mkdirs(at("ws"));
	fs_mkdirs(at("store"));
	test_clean();
	test_remove_deep();
	test_plain();
	test_failures();
	test_outputs();
	test_package();
	test_store();
	test_tree_dies();
	(void)alive;
	opt.no_sandbox = true;
	test_tree_dies();
	test_failures();
	test_fresh();
	opt.no_sandbox = false;
	test_fresh();
	test_input_is_safe();
	test_mounts();
	test_copies();
	test_stopped();
	test_names(true);
	test_names(false);
	test_together();
	test_no_directory();
	test_others();
	test_begun();
	tmp = open("/tmp", O_RDONLY | O_DIRECTORY);
	ok(fs_remove(tmp, strrchr(top, '/') + 1));
	free(store);
	free(said);
	return tap_end();
}
