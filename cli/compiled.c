/* compiled.c - see compiled.h. */
#include "cli/compiled.h"

#include "base/deps.h"
#include "base/filecopy.h"
#include "base/io.h"
#include "cli/buildid.h"
#include "compiler/site.h"
#include "job/jobimage.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum { KEPT = 4, KEPT_MOST = 1 << 30, TOUCH = 60, LEFT_OVER = 3600 }; /* files, bytes, seconds, seconds */

static const char magic[8] = "weftplan";

/* The file: this, the record, the site with padding, the job; each a multiple of 8 bytes. */
struct head {
	char magic[8];
	struct digest sum;    /* of what follows, up to the job, which has a sum of its own */
	struct digest key;    /* of what is known before anything is read: also the file's name */
	struct digest params; /* of the values that are no secrets */
	uint64_t seed, ndeps, nsite, njob;
};
struct cache {
	struct load *l;
	const struct opts *o;
	const char *path;
	const char *dir, *file; /* DIR/.weft/cache, and the file there */
	struct digest key;
};

/* ---- what it is for ---- */

/* Options that say how to run and show, not what is run.  Any other is part of the key. */
static bool is_harmless(const char *option)
{
	static const char *const v[] = { "file", "jobs", "cpus", "memory", "pools", "keep-going", "store", "no-sandbox", "ui", "quiet",
		"verbose", "color", "error-format", "json", "output", "all", "detailed-exitcode", "dry-run", "failed", "force",
		"touch" };
	for (size_t i = 0; i < sizeof v / sizeof *v; i++)
		if (strcmp(v[i], option) == 0)
			return true;
	return false;
}

static void key_options(struct digester *d, const struct opts *o)
{
	for (uint32_t i = 0; i < o->ngiven; i++) {
		const struct opt_given *g = &o->given[i];
		if (is_harmless(g->opt->name))
			continue;
		digest_strs(d, g->opt->name);
		digest_strs(d, g->value ? g->value : "");
		digest_int(d, g->on);
	}
}

/* Names of parameters and where they come from; their values may be secrets and come later. */
static void key_params(struct digester *d, const struct load *l)
{
	digest_int(d, l->nparams);
	for (uint32_t i = 0; i < l->nparams; i++) {
		digest_strs(d, l->params[i].name);
		digest_strs(d, l->params[i].origin);
	}
}

static bool key_make(struct cache *c)
{
	const struct session_options *opt = &c->l->session->opt;
	size_t n;
	const unsigned char *id = build_id(&n);
	char *cwd = getcwd(NULL, 0);
	struct digester d;
	if (id && cwd) {
		digest_begin(&d, 0);
		digest_text(&d, id, n);
		digest_strs(&d, cwd);
		digest_strs(&d, c->path);
		digest_strs(&d, opt->site ? opt->site : "");
		digest_strs(&d, opt->user_site ? opt->user_site : "");
		digest_int(&d, opt->find_site);
		key_options(&d, c->o);
		key_params(&d, c->l);
		c->key = digest_end(&d);
	}
	free(cwd);
	return id && cwd;
}

/* The values of all parameters but the secret ones: of those only that they were given (key_params). */
static struct digest params_digest(const struct load *l, const struct job *j, uint64_t seed)
{
	struct names *secret = names_new();
	struct digester d;
	for (uint32_t i = 0; i < j->nsecret; i++)
		name_ofs(secret, name_str(j->names, j->secret[i].name));
	digest_begin(&d, seed);
	for (uint32_t i = 0; i < l->nparams; i++)
		if (!name_find(secret, l->params[i].name, strlen(l->params[i].name)))
			digest_strs(&d, l->params[i].value);
	names_free(secret);
	return digest_end(&d);
}

static bool cache_open(struct cache *c, struct load *l, const struct opts *o, const char *path)
{
	const char *off = getenv("WEFT_NO_CACHE"), *slash = strrchr(path, '/');
	char hex[DIGEST_TEXT];
	*c = (struct cache){ .l = l, .o = o, .path = path };
	if ((off && *off) || (opts_find(o->cmd, "no-cache", 8) && opts_flag(o, "no-cache")) || strcmp(path, "-") == 0 ||
		site_is_name(path) || l->session->diags->n || !key_make(c))
		return false;
	digest_hex(c->key, hex);
	c->dir = arena_printf(l->arena, "%.*s.weft/cache", slash ? (int)(slash - path) + 1 : 0, path);
	c->file = arena_printf(l->arena, "%s/plan-%s", c->dir, hex);
	return true;
}

/* ---- using ---- */

static bool read_all(int fd, void *p, size_t n, uint64_t at)
{
	for (char *to = p; n;) {
		ssize_t k = pread(fd, to, n, (off_t)at);
		if (k < 0 && errno == EINTR)
			continue;
		if (k <= 0)
			return false;
		to += k;
		at += (uint64_t)k;
		n -= (size_t)k;
	}
	return true;
}

static struct digest head_sum(const struct head *h)
{
	size_t from = offsetof(struct head, key);
	return digest_of((const char *)h + from, sizeof *h - from + h->ndeps + h->nsite, 0);
}

/* Head, record and site, checked; NULL when this is no compiled plan for us. */
static struct head *read_head(const struct cache *c, int fd, const struct stat *st)
{
	struct head h, *all;
	uint64_t size = (uint64_t)st->st_size;
	if (size < sizeof h || size > KEPT_MOST || !read_all(fd, &h, sizeof h, 0) || memcmp(h.magic, magic, sizeof magic) ||
		!digest_equal(h.key, c->key) || h.ndeps % 8 || h.nsite % 8 || h.ndeps > size || h.nsite > size || h.njob > size ||
		sizeof h + h.ndeps + h.nsite + h.njob != size)
		return NULL;
	all = xmalloc(sizeof h + h.ndeps + h.nsite);
	if (read_all(fd, all, sizeof h + h.ndeps + h.nsite, 0) && memcmp(all, &h, sizeof h) == 0 &&
		digest_equal(head_sum(all), all->sum))
		return all;
	free(all);
	return NULL;
}

/* What stat says of files is trusted from now on.  In place: who reads half of this sees a wrong sum, and a file that
 * has taken the place of this one in the meantime is not touched.  If it cannot be written it stays as it was. */
static void rewrite_head(int fd, struct head *h)
{
	h->sum = head_sum(h);
	ssize_t n = pwrite(fd, h, sizeof *h + h->ndeps, 0);
	(void)n;
}

static struct job *read_job(const struct cache *c, int fd, const struct head *h)
{
	size_t at = sizeof *h + h->ndeps + h->nsite;
	void *copy = file_copy(fd, at + h->njob);
	struct job *j = copy ? job_image_load(copy, at + h->njob, at) : NULL;
	if (!j || digest_equal(params_digest(c->l, j, h->seed), h->params))
		return j;
	job_free(j);
	return NULL;
}

/* All or nothing: the session is as before when this is false. */
static bool use_head(const struct cache *c, int fd, struct head *h)
{
	struct session *s = c->l->session;
	bool changed;
	if (!deps_hold(h + 1, h->ndeps, h->seed, &changed))
		return false;
	struct site *site = site_read((char *)(h + 1) + h->ndeps, h->nsite);
	s->job = site ? read_job(c, fd, h) : NULL;
	if (!s->job) {
		site_free(site);
		return false;
	}
	s->site = site;
	if (changed)
		rewrite_head(fd, h);
	return true;
}

/* Which was used last decides which is removed first. */
static void mark_used(int fd, const struct stat *st)
{
	if (st->st_mtim.tv_sec < time(NULL) - TOUCH)
		futimens(fd, NULL);
}

static bool cache_use(const struct cache *c)
{
	struct stat st;
	int fd = open(c->file, O_RDWR | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	if (fd < 0)
		fd = open(c->file, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	if (fd < 0)
		return false;
	bool ours = fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && st.st_uid == geteuid();
	struct head *h = ours ? read_head(c, fd, &st) : NULL;
	bool ok = h && use_head(c, fd, h);
	if (ok)
		mark_used(fd, &st);
	free(h);
	close(fd);
	return ok;
}

/* ---- keeping ---- */

struct old {
	char *name;
	struct timespec at;
};

static int by_age(const void *a, const void *b)
{
	const struct timespec *x = &((const struct old *)a)->at, *y = &((const struct old *)b)->at;
	return x->tv_sec != y->tv_sec ? (x->tv_sec < y->tv_sec ? -1 : 1) : (x->tv_nsec > y->tv_nsec) - (x->tv_nsec < y->tv_nsec);
}

/* Leave the few that were used last, and nothing that a process left behind half-written. */
static void prune(int dir)
{
	int fd = openat(dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *d = fd < 0 ? NULL : fdopendir(fd);
	struct old *v = NULL;
	uint32_t n = 0, cap = 0;
	struct stat st;
	for (struct dirent *e; d && (e = readdir(d));) {
		bool plan = strncmp(e->d_name, "plan-", 5) == 0;
		if ((!plan && strncmp(e->d_name, "new-", 4) != 0) || fstatat(dir, e->d_name, &st, AT_SYMLINK_NOFOLLOW))
			continue;
		if (!plan && st.st_mtim.tv_sec < time(NULL) - LEFT_OVER)
			unlinkat(dir, e->d_name, 0);
		if (!plan)
			continue;
		v = grow(v, &cap, n + 1, sizeof *v);
		v[n++] = (struct old){ xstrdup(e->d_name), st.st_mtim };
	}
	if (n > KEPT)
		qsort(v, n, sizeof *v, by_age);
	for (uint32_t i = 0; i < n; i++) {
		if (i + KEPT < n)
			unlinkat(dir, v[i].name, 0);
		free(v[i].name);
	}
	free(v);
	if (d)
		closedir(d);
	else if (fd >= 0)
		close(fd);
}

/* The directory, made if need be, hidden from version control; -1 when there can be none. */
static int open_dir(const struct cache *c)
{
	char *weft = xstrndup(c->dir, strlen(c->dir) - strlen("/cache"));
	mkdir(weft, 0700);
	free(weft);
	mkdir(c->dir, 0700);
	int dir = open(c->dir, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	int fd = dir < 0 ? -1 : openat(dir, ".gitignore", O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd >= 0) {
		write_all(fd, "*\n", 2);
		close(fd);
	}
	return dir;
}

/* A new file takes the place of an old one at once; what fails leaves nothing. */
static bool keep_file(const struct cache *c, const struct buf *b)
{
	char *tmp = arena_printf(c->l->arena, "new-%ld", (long)getpid());
	int dir = open_dir(c);
	if (dir < 0)
		return false;
	unlinkat(dir, tmp, 0);
	int fd = openat(dir, tmp, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	bool ok = fd >= 0 && write_all(fd, b->p, b->len);
	if (fd >= 0)
		ok = close(fd) == 0 && ok;
	ok = ok && renameat(dir, tmp, dir, strrchr(c->file, '/') + 1) == 0;
	if (fd >= 0 && !ok)
		unlinkat(dir, tmp, 0);
	if (ok)
		prune(dir);
	close(dir);
	return ok;
}

static bool cache_keep(const struct cache *c, const struct deps *deps)
{
	static const char zero[8];
	struct session *s = c->l->session;
	struct head h, *p;
	struct buf b;
	memset(&h, 0, sizeof h);
	memcpy(h.magic, magic, sizeof magic);
	h.key = c->key;
	h.seed = deps_seed(deps);
	h.params = params_digest(c->l, s->job, h.seed);
	buf_init(&b, KEPT_MOST);
	bool ok = buf_add(&b, &h, sizeof h) && deps_write(deps, &b);
	h.ndeps = b.len - sizeof h;
	ok = ok && site_write(s->site, &b) && buf_add(&b, zero, -b.len & 7);
	h.nsite = b.len - sizeof h - h.ndeps;
	ok = ok && job_image_write(s->job, &b);
	if (ok) {
		h.njob = b.len - sizeof h - h.ndeps - h.nsite;
		p = memcpy(b.p, &h, sizeof h);
		p->sum = head_sum(p);
		ok = keep_file(c, &b);
	}
	buf_free(&b);
	return ok;
}

/* What was kept in the place of what it was made of, which is several times as large. */
static void go_lean(struct cache *c)
{
	struct session *full = c->l->session, *lean = session_new(&full->opt);
	bool ok;
	c->l->session = lean;
	ok = cache_use(c);
	c->l->session = ok ? lean : full;
	session_free(ok ? full : lean);
}

/* ---- */

static uint64_t random_seed(void)
{
	uint64_t v = 0;
	if (getrandom(&v, sizeof v, GRND_NONBLOCK) != sizeof v)
		v = (uint64_t)time(NULL) << 32 ^ (uint64_t)getpid();
	return v;
}

static void say(const struct opts *o, const char *what)
{
	if (opts_find(o->cmd, "verbose", 7) && opts_flag(o, "verbose"))
		fprintf(stderr, "compiled plan: %s\n", what);
}

void compiled_open(struct load *l, const struct opts *o, const char *path, bool lean)
{
	struct session *s = l->session;
	struct cache c;
	bool cached = cache_open(&c, l, o, path);
	if (cached && cache_use(&c)) {
		say(o, "reused");
		return;
	}
	struct deps *deps = cached ? deps_new(random_seed()) : NULL;
	sources_record(s->sources, deps);
	session_compile(s, path);
	load_warn_secrets(l);
	sources_record(s->sources, NULL);
	if (deps && s->job && !s->diags->n && cache_keep(&c, deps) && lean)
		go_lean(&c);
	deps_free(deps);
	say(o, "made");
}
