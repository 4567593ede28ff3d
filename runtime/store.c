/* store.c - URL to path, and what a job needs of it; see store.h. */
#include "runtime/store.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "runtime/stage_fs.h"

struct entry {
	const char *name; /* "oss://bucket", "nas://host:/path" */
	const char *dir;  /* absolute, clean */
	bool used;
};
struct stores {
	struct arena *arena;
	struct entry *v; /* sorted by name */
	uint32_t n;
	const char **dirs;
	uint32_t ndirs;
};

static int by_name(const void *a, const void *b)
{
	return strcmp(((const struct entry *)a)->name, ((const struct entry *)b)->name);
}

#define BUCKETS "oss://" /* the entry whose subdirectories are buckets */

/* "bucket", "oss://bucket/" -> "oss://bucket". */
static const char *store_name(struct arena *a, const char *s)
{
	char *p = strstr(s, "://") ? arena_strdup(a, s) : arena_printf(a, "oss://%s", s);
	size_t n = strlen(p);

	while (n > strlen(BUCKETS) && p[n - 1] == '/')
		p[--n] = 0;
	return p;
}

struct stores *stores_new(struct arena *a, const struct run_options *o, const char *base)
{
	struct stores *st = arena_zalloc(a, 1, sizeof(*st));

	st->arena = a;
	st->v = arena_zalloc(a, o->nstores + 1, sizeof(*st->v));
	st->dirs = arena_zalloc(a, o->nstores + 1, sizeof(*st->dirs));
	for (uint32_t i = 0; i < o->nstores; i++) {
		char *dir = fs_clean(a, fs_join(a, base, o->stores[i].dir)), *real = realpath(dir, NULL);

		st->v[st->n].name = store_name(a, o->stores[i].bucket);
		st->v[st->n++].dir = real ? arena_strdup(a, real) : dir;
		free(real);
	}
	qsort(st->v, st->n, sizeof(*st->v), by_name);
	return st;
}

bool store_is_url(const char *s)
{
	size_t n = 0;

	while (s[n] >= 'a' && s[n] <= 'z') /* strspn would make a table first, for every path of a job */
		n++;
	return n > 0 && s[n] == ':' && s[n + 1] == '/' && s[n + 2] == '/';
}

static bool is_buckets(const struct entry *e)
{
	return strcmp(e->name, BUCKETS) == 0;
}

/* How much of a URL names the store: the bucket of oss://, all of others (the longest entry counts). */
static size_t root_len(const char *url)
{
	return strncmp(url, "oss://", 6) == 0 ? 6 + strcspn(url + 6, "/") : strlen(url);
}

static struct entry *find(const struct stores *st, const char *url)
{
	struct entry *best = NULL;
	size_t len = root_len(url), bestlen = 0;

	for (uint32_t i = 0; i < st->n; i++) { /* stores are few */
		size_t n = strlen(st->v[i].name);

		if (n <= len && n >= bestlen && strncmp(st->v[i].name, url, n) == 0 &&
		    (url[n] == 0 || url[n] == '/' || url[n] == '!' || is_buckets(&st->v[i]))) {
			best = &st->v[i];
			bestlen = n;
		}
	}
	return best;
}

/* No component of a key may lead elsewhere. */
static bool key_ok(const char *key)
{
	while (*key) {
		size_t n = strcspn(key, "/");

		if ((n == 1 && key[0] == '.') || (n == 2 && key[0] == '.' && key[1] == '.'))
			return false;
		key += n + (key[n] == '/');
	}
	return true;
}

/* Where the store's name ends and the key begins; false: the URL names no bucket. */
static bool split(struct arena *a, const struct entry *e, const char *url, struct store_place *p)
{
	size_t n = is_buckets(e) ? root_len(url) : strlen(e->name);

	if (is_buckets(e) && n <= strlen(BUCKETS))
		return false;
	p->name = arena_strndup(a, url, n);
	p->dir = is_buckets(e) ? fs_clean(a, fs_join(a, e->dir, p->name + strlen(BUCKETS))) : e->dir;
	p->key = url + n;
	return true;
}

bool store_locate(const struct stores *st, struct arena *a, const char *url, struct store_place *p, const char **why)
{
	struct entry *e = find(st, url);
	size_t n;

	if (!e) {
		*why = arena_printf(a, "no directory stands for `%.*s`: give --store %.*s=DIR", (int)root_len(url), url,
			(int)root_len(url), url);
		return false;
	}
	e->used = true;
	if (!key_ok(url + (is_buckets(e) ? strlen(BUCKETS) : strlen(e->name)))) {
		*why = arena_printf(a, "key of `%s` holds `.` or `..`", url);
		return false;
	}
	if (!split(a, e, url, p)) {
		*why = arena_printf(a, "`%s` names no bucket", url);
		return false;
	}
	n = strlen(p->key);
	p->oss = strncmp(url, BUCKETS, strlen(BUCKETS)) == 0;
	p->slash = n == 0 || p->key[n - 1] == '/';
	p->key = fs_clean(a, arena_strndup(a, p->key, n && p->key[n - 1] == '!' && !p->oss ? n - 1 : n));
	p->key += *p->key == '/';
	return true;
}

bool store_entry(const struct stores *st, uint32_t i, const char **url, const char **dir)
{
	if (i >= st->n)
		return false;
	*url = st->v[i].name;
	*dir = st->v[i].dir;
	return true;
}

char *store_path(const struct stores *st, struct arena *a, const char *url, const char **why)
{
	struct store_place p;

	if (!store_locate(st, a, url, &p, why))
		return NULL;
	return fs_join(a, p.dir, p.key);
}

char *store_alias(struct arena *a, const char *url)
{
	size_t n = strcspn(url, ":");
	char *p = fs_clean(a, arena_printf(a, "%.*s/%s", (int)n, url, url + n + 3));

	return *p ? p : arena_strdup(a, "url");
}

char *store_url(const struct stores *st, struct arena *a, const char *path)
{
	const struct entry *best = NULL;
	const char *rest = NULL;

	for (uint32_t i = 0; i < st->n; i++) { /* stores are few */
		const char *r = fs_below(st->v[i].dir, path);

		if (r && (!best || strlen(st->v[i].dir) > strlen(best->dir))) {
			best = &st->v[i];
			rest = r;
		}
	}
	if (best && is_buckets(best))
		return *rest ? arena_printf(a, "%s%s", best->name, rest) : NULL;
	return best ? arena_printf(a, *rest ? "%s/%s" : "%s%s", best->name, rest) : NULL;
}

uint32_t stores_dirs(const struct stores *st, const char *const **dirs)
{
	struct stores *w = (struct stores *)(uintptr_t)st;

	w->ndirs = 0;
	for (uint32_t i = 0; i < st->n; i++)
		if (st->v[i].used)
			w->dirs[w->ndirs++] = st->v[i].dir;
	*dirs = w->dirs;
	return w->ndirs;
}

/* ---- what a job needs ---- */

struct need {
	struct stores *st;
	const struct job *j;
	struct {
		name url; /* up to the bucket */
		struct span span;
	} *missing;
	uint32_t n, cap;
	name there; /* a bucket that was seen to have a directory, 0: none */
};

/* A bucket among others needs a directory of its own. */
static bool bucket_exists(struct need *w, const struct entry *e, const char *url, size_t len)
{
	name nm;
	struct arena_mark mark;
	struct stat sb;

	if (!is_buckets(e))
		return true;
	nm = name_of(w->j->names, url, len);
	if (nm == w->there) /* most paths are of the bucket of the path before */
		return true;
	mark = arena_mark(w->st->arena);
	if (len > strlen(BUCKETS) && key_ok(url + strlen(BUCKETS)) &&
	    stat(arena_printf(w->st->arena, "%s/%.*s", e->dir, (int)(len - strlen(BUCKETS)), url + strlen(BUCKETS)), &sb) == 0 &&
	    S_ISDIR(sb.st_mode))
		w->there = nm;
	arena_reset(w->st->arena, mark);
	return nm == w->there;
}

static void need(struct need *w, const char *url, size_t len, struct span sp, bool whole)
{
	struct entry *e;
	char *u;
	name nm;

	if (!store_is_url(url))
		return;
	u = xstrndup(url, len);
	len = root_len(u);
	e = find(w->st, u);
	if (e && bucket_exists(w, e, u, len)) {
		e->used = true;
	} else if (whole || u[len] == '/') {
		nm = name_of(w->j->names, u, len);
		uint32_t i = 0;
		while (i < w->n && w->missing[i].url != nm)
			i++;
		if (i == w->n && i < 64) {
			w->missing = grow(w->missing, &w->cap, w->n + 1, sizeof(*w->missing));
			w->missing[w->n].url = nm;
			w->missing[w->n++].span = sp;
		}
	}
	free(u);
}

static void need_name(struct need *w, name nm, struct span sp)
{
	if (nm)
		need(w, name_str(w->j->names, nm), name_len(w->j->names, nm), sp, true);
}

/* What is known of a path before anything runs: a constant, or the constant beginning of a template. */
static void need_expr(struct need *w, jxid x, struct span sp)
{
	const struct jx *e = &w->j->x[x];
	bool whole = true;

	if (x && e->op == JX_CAT) {
		whole = false;
		e = &w->j->x[e->a];
	}
	if (x && e->op == JX_STR)
		need(w, name_str(w->j->names, e->a), name_len(w->j->names, e->a), sp, whole);
	else if (x && whole && e->op == JX_LIST)
		for (jxid i = e->a; i; i = w->j->x[i].next)
			if (w->j->x[i].op == JX_STR)
				need_name(w, w->j->x[i].a, sp);
}

static void need_task(struct need *w, const struct jtask *t)
{
	static const enum setting redirect[] = { SET_STDOUT, SET_STDERR };
	const struct jval *pk = task_set(t, SET_PACKAGE);

	for (uint32_t i = 0; i < t->nmap; i++) {
		need_name(w, t->map[i].from, t->map[i].from_span);
		need_name(w, t->map[i].to, t->map[i].to_span);
	}
	for (uint32_t i = 0; i < t->nin; i++)
		need_expr(w, t->in[i].path, t->in[i].path_span);
	for (uint32_t i = 0; i < t->nout; i++)
		need_expr(w, t->out[i].path, t->out[i].path_span);
	for (uint32_t i = 0; pk && i < pk->n; i++)
		need_name(w, pk->list[i], pk->span);
	for (int i = 0; i < 2; i++) {
		const struct jval *v = task_set(t, redirect[i]);

		if (v)
			need_name(w, v->s, v->span);
	}
	for (uint32_t i = 0; i < t->ndim; i++) {
		const struct jdim *d = &t->dim[i];
		int64_t cells = d->cell && d->count > 0 ? d->count * d->cols : 0;

		for (int64_t c = 0; c < cells; c++)
			need_name(w, d->cell[c], d->span);
	}
}

static bool report_missing(struct need *w, struct diags *d)
{
	const struct names *ns = w->j->names;
	struct arena *a = d->arena;
	const char *list = "", *opts = "";

	for (uint32_t i = 0; i < w->n; i++) {
		const char *u = name_str(ns, w->missing[i].url);

		list = arena_printf(a, "%s%s`%s`", list, i ? ", " : "", u);
		opts = arena_printf(a, "%s%s--store %s=DIR", opts, i ? " " : "", u);
	}
	diag_error(d, E1061, w->missing[0].span, "no directory stands for %s", list);
	diag_label(d, "used here");
	for (uint32_t i = 1; i < w->n; i++)
		diag_at(d, w->missing[i].span, "and `%s` here", name_str(ns, w->missing[i].url));
	diag_help(d, "give a directory for each: weft run %s", opts);
	return false;
}

static bool check_dirs(const struct stores *st, struct diags *d)
{
	bool ok = true;
	struct stat sb;

	for (uint32_t i = 0; i < st->n; i++) {
		if (!st->v[i].used)
			continue;
		if (stat(st->v[i].dir, &sb) < 0)
			ok = diag_error(d, E1062, NOSPAN, "directory `%s` of store `%s` cannot be used: %s", st->v[i].dir, st->v[i].name,
				strerror(errno));
		else if (!S_ISDIR(sb.st_mode))
			ok = diag_error(d, E1062, NOSPAN, "directory `%s` of store `%s` cannot be used: not a directory", st->v[i].dir,
				st->v[i].name);
		else
			continue;
		diag_help(d, "make it: mkdir -p %s", st->v[i].dir);
	}
	return ok;
}

bool stores_check(struct stores *st, const struct job *j, struct diags *d)
{
	struct need w = { .st = st, .j = j };
	bool ok = true;

	for (uint32_t i = 0; i < j->ntask; i++)
		if (!j->task[i].skipped)
			need_task(&w, &j->task[i]);
	if (w.n)
		ok = report_missing(&w, d);
	free(w.missing);
	return check_dirs(st, d) && ok;
}
