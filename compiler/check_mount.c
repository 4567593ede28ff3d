/* check_mount.c - mounts and mappings: their two sides one by one (rules 2.1, 2.4 to 2.7, 2.15, 8.1 to 8.3), and places
 * of the machine that two of them claim (2.2, 2.3, 8.5). */
#include "compiler/check.h"
#include "compiler/check_util.h"
#include "compiler/limits.h"
#include "job/charset.h"
#include "job/ossname.h"

#include <stdlib.h>
#include <string.h>

static bool outward(const struct jmap *m)
{
	return m->kind == MAP_OUTPUT || m->kind == MAP_LOG;
}

static name local_of(const struct jmap *m)
{
	return outward(m) ? m->from : m->to;
}

static name storage_of(const struct jmap *m)
{
	return outward(m) ? m->to : m->from;
}

static struct span local_span(const struct jmap *m)
{
	return outward(m) ? m->from_span : m->to_span;
}

static struct span storage_span(const struct jmap *m)
{
	return outward(m) ? m->to_span : m->from_span;
}

static bool ends_slash(const struct session *s, name nm)
{
	size_t n = name_len(s->names, nm);

	return n && name_str(s->names, nm)[n - 1] == '/';
}

/* Call fn once for every mapping of the source. */
static void each_map(struct session *s, void (*fn)(struct session *s, const struct jtask *t, const struct jmap *m))
{
	struct seen seen = { 0 };
	uint32_t i, k;

	for (i = 0; i < s->job->ntask; i++) {
		const struct jtask *t = &s->job->task[i];

		for (k = 0; k < t->nmap && !t->bad && !t->skipped; k++)
			if (seen_add(&seen, 0, t->map[k].span))
				fn(s, t, &t->map[k]);
	}
	seen_free(&seen);
}

/* ---- storage ---- */

static void bucket_check(struct session *s, struct span sp, const char *bucket, size_t n)
{
	const char *why = n ? oss_bucket_fault(bucket, n) : NULL;

	if (n == 0) {
		diag_error(s->diags, E0544, sp, "storage path has no bucket");
		diag_help(s->diags, "write oss://BUCKET/DIRECTORY/");
		return;
	}
	if (why)
		diag_error(s->diags, W0544, sp, "bucket name `%.*s` is not allowed: %s", (int)(n > 80 ? 80 : n), bucket, tr(why));
}

/* The names between slashes. */
static void key_check(struct session *s, struct span sp, const char *key)
{
	int64_t most = limit_of(s, LIM_OSS_NAME), whole = limit_of(s, LIM_OSS_PATH);
	const char *p;
	size_t n;

	if ((int64_t)strlen(key) > whole)
		diag_error(s->diags, E0547, sp, "storage path is too long: %zu bytes after the bucket, at most %lld", strlen(key),
			(long long)whole);
	for (p = key; *p; p += n + (p[n] == '/')) {
		n = strcspn(p, "/");
		if ((int64_t)n <= most)
			continue;
		diag_error(s->diags, E0546, sp, "name in a storage path is too long: %zu bytes, at most %lld", n, (long long)most);
		diag_note(s->diags, "the name begins `%.40s`", p);
	}
	p = oss_key_forbidden(key);
	if (!p)
		return;
	if ((unsigned char)*p < 0x20 || *p == 0x7f)
		diag_error(s->diags, W0548, sp, "storage path holds the character U+%04X, which no mounted file can have", (unsigned)*p);
	else
		diag_error(s->diags, W0548, sp, "storage path holds `%c`, which no mounted file can have", *p);
}

static void storage_check(struct session *s, const struct jtask *t, const struct jmap *m)
{
	static const char *const schemes[] = { "nas://", "nasplus://", "smb://", "lustre://" };
	const char *p = name_str(s->names, storage_of(m)), *slash;
	size_t i;

	(void)t;
	if (!strncmp(p, "oss://", 6)) {
		bucket_check(s, storage_span(m), p + 6, strcspn(p + 6, "/"));
		slash = strchr(p + 6, '/');
		key_check(s, storage_span(m), slash ? slash + 1 : "");
		return;
	}
	for (i = 0; i < sizeof schemes / sizeof *schemes; i++)
		if (!strncmp(p, schemes[i], strlen(schemes[i])))
			return;
	diag_error(s->diags, E0545, storage_span(m), "storage `%.*s` is unknown", (int)strcspn(p, "/") + 2, p);
	diag_help(s->diags, "storage is oss://BUCKET/PATH or nas://HOST:/PATH");
}

void check_storage(struct session *s)
{
	each_map(s, storage_check);
}

/* ---- a directory on one side only ---- */

static void help_slash(struct session *s, name nm, struct span sp)
{
	const char *p = name_str(s->names, nm);

	diag_help(s->diags, "write `%s/`", p);
	fix_value(s, sp, p, arena_printf(s->diags->arena, "%s/", p));
}

static void slash_check(struct session *s, const struct jtask *t, const struct jmap *m)
{
	bool storage = ends_slash(s, storage_of(m)), local = ends_slash(s, local_of(m));

	(void)t;
	if (strncmp(name_str(s->names, storage_of(m)), "oss://", 6) || storage)
		return;
	if (m->kind == MAP_LOG) {
		diag_error(s->diags, W0543, storage_span(m), "log goes to storage that is no directory: it does not end with /");
		diag_note(s->diags, "the name of the file is put right behind it");
	} else if (local)
		diag_error(s->diags, W0543, storage_span(m), "a directory is mapped to storage that is no directory: it does not end with /");
	else
		return;
	help_slash(s, storage_of(m), storage_span(m));
}

void check_map_slash(struct session *s)
{
	each_map(s, slash_check);
}

/* ---- the place in the machine ---- */

static bool drive(const char *p)
{
	return (p[0] | 32) >= 'a' && (p[0] | 32) <= 'z' && p[1] == ':' && (!p[2] || p[2] == '\\' || p[2] == '/');
}

static void local_check(struct session *s, const struct jtask *t, const struct jmap *m)
{
	const char *p = name_str(s->names, local_of(m));
	enum platform on = task_platform(s, t);

	if (*p == '/' && on == PLATFORM_WINDOWS) {
		diag_error(s->diags, W0550, local_span(m), "path `%s` has no drive, but the image is a Windows one", p);
		diag_help(s->diags, "write a drive, such as D:");
	} else if (drive(p) && on == PLATFORM_LINUX) {
		diag_error(s->diags, E0550, local_span(m), "path `%s` has a drive, but the machine runs Linux", p);
		diag_help(s->diags, "write a path that begins with /");
	} else if (*p != '/' && !drive(p) && !m->option) {
		diag_error(s->diags, E0549, local_span(m), "path `%s` of the machine is not absolute", p);
		diag_help(s->diags, "write a path that begins with /, or on Windows with a drive");
	}
}

void check_map_local(struct session *s)
{
	each_map(s, local_check);
}

/* ---- file servers ---- */

static bool nas_known(const struct jtask *t)
{
	return (task_set(t, SET_NAS_GROUP) || task_set(t, SET_POOL_NAS_GROUP)) &&
	       (task_set(t, SET_NAS_FS) || task_set(t, SET_POOL_NAS_FS));
}

static void nas_check(struct session *s, const struct jtask *t, const struct jmap *m)
{
	const char *p = name_str(s->names, storage_of(m));

	if (strncmp(p, "nas://", 6))
		return;
	if (p[6] == ':' || !strstr(p + 6, ":/")) {
		if (!(p[6] && strstr(p + 6, ":!/")))
			diag_error(s->diags, E0552, storage_span(m), "nas path has not the form nas://HOST:/PATH");
		return;
	}
	if (nas_known(t) || set_text(s, t, SET_CLUSTER_ID) || set_text(s, t, SET_ATTACH) || !for_service(s))
		return;
	diag_error(s->diags, E0551, storage_span(m), "nas is mounted without its access group and file system");
	diag_note(s->diags, "the file server refuses machines that are not in one of its access groups");
	diag_help(s->diags, "add access_group and file_system to the `nas` of the mounts");
}

void check_nas(struct session *s)
{
	each_map(s, nas_check);
}

/* `!` in a source says that the file server speaks to Windows. */
static void bang_check(struct session *s, const struct jtask *t, const struct jmap *m)
{
	const char *p = name_str(s->names, storage_of(m));
	bool bang = strchr(p, '!');
	enum platform on = task_platform(s, t);

	if (strncmp(p, "nas://", 6) || on == PLATFORM_UNKNOWN || bang == (on == PLATFORM_WINDOWS))
		return;
	if (bang)
		diag_error(s->diags, W0554, storage_span(m), "nas path has a `!`, but the machine runs Linux");
	else
		diag_error(s->diags, W0554, storage_span(m), "nas path has no `!`, but the image is a Windows one");
	diag_at(s->diags, task_set(t, SET_IMAGE)->span, "the image");
	if (!bang)
		diag_help(s->diags, "write `%s!`", p);
}

void check_nas_bang(struct session *s)
{
	each_map(s, bang_check);
}

/* ---- machines of an access group ---- */

struct member {
	name group, cluster; /* cluster: 0 for machines made for one task */
	int64_t machines;
	struct span span, at; /* the group's, the machines' */
};

static int member_order(const void *a, const void *b)
{
	const struct member *x = a, *y = b;

	if (x->group != y->group)
		return x->group < y->group ? -1 : 1;
	if (x->cluster != y->cluster)
		return x->cluster < y->cluster ? -1 : 1;
	return x->machines != y->machines ? (x->machines > y->machines ? -1 : 1) : 0;
}

struct members {
	struct member *v;
	uint32_t n, cap;
};

static void members_add(struct session *s, struct members *g, const struct jtask *t, enum setting id)
{
	const struct jval *v = task_set(t, id), *nm = task_set(t, SET_POOL_NAME);
	struct member m = { .cluster = nm ? nm->s : 0 };
	uint32_t i;

	for (i = 0; v && i < v->n; i++) {
		m.machines = task_machines(s, t, &m.at);
		m.group = v->list[i];
		m.span = v->span;
		g->v = grow(g->v, &g->cap, g->n + 1, sizeof *g->v);
		g->v[g->n++] = m;
	}
}

/* The first of each cluster has the most machines; those of single tasks come one after the other, so the largest counts. */
static void group_check(struct session *s, const struct member *v, uint32_t n)
{
	int64_t sum = 0, most = limit_of(s, LIM_NAS_MACHINES);
	uint32_t i, top = 0;

	for (i = 0; i < n; i++)
		if (i == 0 || v[i].cluster != v[i - 1].cluster) {
			sum += v[i].machines > 0 ? v[i].machines : 0;
			top = v[i].machines > v[top].machines ? i : top;
		}
	if (sum <= most)
		return;
	diag_error(s->diags, W0553, v[top].span, "access group `%s` gets %lld machines, %lld more than it may have",
		name_str(s->names, v[top].group), (long long)sum, (long long)(sum - most));
	diag_at(s->diags, v[top].at, "%lld of them", (long long)v[top].machines);
	limit_origin(s, LIM_NAS_MACHINES);
	diag_note(s->diags, "a group has a rule for each machine, and at most %lld rules", (long long)most);
	diag_help(s->diags, "share the machines among several access groups");
}

void check_nas_machines(struct session *s)
{
	struct members g = { 0 };
	uint32_t i, lo, hi;

	for (i = 0; i < s->job->ntask; i++) {
		const struct jtask *t = &s->job->task[i];

		if (t->bad || t->skipped)
			continue;
		members_add(s, &g, t, SET_NAS_GROUP);
		members_add(s, &g, t, SET_POOL_NAS_GROUP);
	}
	if (g.n)
		qsort(g.v, g.n, sizeof *g.v, member_order);
	for (lo = 0; lo < g.n; lo = hi) {
		for (hi = lo + 1; hi < g.n && g.v[hi].group == g.v[lo].group; hi++)
			;
		group_check(s, g.v + lo, hi - lo);
	}
	free(g.v);
}

/* ---- logs of the service ---- */

static void redirect_check(struct session *s, const struct jtask *t, const struct jval *v)
{
	const char *p = name_str(s->names, v->s);

	(void)t;
	if (strncmp(p, "oss://", 6) || ends_slash(s, v->s))
		return;
	diag_error(s->diags, W0549, v->span, "`%s` is no directory: it does not end with /", p);
	diag_note(s->diags, "the names of the logs are put right behind it");
	help_slash(s, v->s, v->span);
}

void check_redirect(struct session *s)
{
	each_setting(s, SET_STDOUT, redirect_check);
	each_setting(s, SET_STDERR, redirect_check);
}

/* ---- character sets of file names ---- */

static void locale_check(struct session *s, const struct jtask *t, const struct jval *v)
{
	const char *nm = name_str(s->names, v->s);
	struct suggest sg = { .to = nm };

	(void)t;
	if (!*nm || charset_find(nm))
		return;
	diag_error(s->diags, E0555, v->span, "no character set of file names is called `%s`", nm);
	for (unsigned i = 0; i < ncharset; i++)
		suggest_try(&sg, charsets[i].name);
	if (!diag_suggest(s->diags, &sg))
		diag_help(s->diags, "there are GBK, GB2312-80, BIG5, UTF-8, ANSI, EUC-JP, EUC-TW, EUC-KR, SHIFT-JIS and KSC5601");
}

void check_locale(struct session *s)
{
	each_setting(s, SET_LOCALE, locale_check);
	each_setting(s, SET_MOUNT_LOCALE, locale_check);
	each_setting(s, SET_POOL_MLOCALE, locale_check);
}

/* ---- two mappings of one task ---- */

struct claim {
	const char *path; /* of the machine, without / at the end */
	size_t n;
	const struct jmap *m;
};
struct claims {
	struct session *s;
	const struct jtask *t;
	struct seen seen;
	struct claim *v;
	uint32_t n, cap;
	bool docker;
};

/* Paths in the order of a tree: what is below a directory follows it. */
static int claim_order(const void *a, const void *b)
{
	const struct claim *x = a, *y = b;
	size_t i, n = x->n < y->n ? x->n : y->n;

	for (i = 0; i < n && x->path[i] == y->path[i]; i++)
		;
	if (i < n) {
		if (x->path[i] == '/' || y->path[i] == '/')
			return x->path[i] == '/' ? -1 : 1;
		return (unsigned char)x->path[i] < (unsigned char)y->path[i] ? -1 : 1;
	}
	if (x->n != y->n)
		return x->n < y->n ? -1 : 1;
	return x->m < y->m ? -1 : x->m > y->m;
}

static size_t bare_len(const struct session *s, name nm)
{
	size_t n = name_len(s->names, nm);

	while (n > 1 && name_str(s->names, nm)[n - 1] == '/')
		n--;
	return n;
}

static bool same_storage(const struct session *s, const struct jmap *a, const struct jmap *b)
{
	size_t n = bare_len(s, storage_of(a));

	return n == bare_len(s, storage_of(b)) && !memcmp(name_str(s->names, storage_of(a)), name_str(s->names, storage_of(b)), n);
}

static bool claim_error(struct claims *c, enum code code, const struct claim *a, const struct claim *b, const char *what)
{
	if (!seen_add(&c->seen, code, b->m->span))
		return false;
	diag_error(c->s->diags, code, local_span(b->m), "%s `%.*s`", tr(what), (int)(b->n > 200 ? 200 : b->n), b->path);
	diag_at(c->s->diags, local_span(a->m), "also here");
	return true;
}

static void twice(struct claims *c, const struct claim *a, const struct claim *b)
{
	if (same_storage(c->s, a->m, b->m))
		claim_error(c, W0540, a, b, N_("one mapping is written twice:"));
	else if (outward(b->m))
		claim_error(c, E0541, a, b, N_("two targets are given for the directory"));
	else if (claim_error(c, E0540, a, b, N_("two sources are mounted on")))
		diag_help(c->s->diags, "give each a directory of its own");
}

static void both_ways(struct claims *c, const struct claim *in, const struct claim *out)
{
	const struct claim *a = in->m < out->m ? in : out, *b = in->m < out->m ? out : in;
	bool same = same_storage(c->s, in->m, out->m);

	if (in->m->kind == MAP_INPUT && (same || c->docker))
		claim_error(c, E0542, a, b, c->docker && !same ? N_("in a container one directory cannot be read and written:")
							       : N_("one mapping is read and written:"));
	else if (same)
		claim_error(c, W0542, a, b, N_("storage is mounted and written back through one directory:"));
	else
		return;
	diag_help(c->s->diags, "write into a directory of its own");
}

/* All claims of one path: the first reader and the first writer stand for the others. */
static void group(struct claims *c, uint32_t lo, uint32_t hi)
{
	const struct claim *in = NULL, *out = NULL;
	uint32_t i;

	for (i = lo; i < hi; i++) {
		const struct claim *e = &c->v[i];
		const struct claim **first = e->m->kind == MAP_OUTPUT ? &out : &in;

		if (e->m->kind == MAP_LOG)
			continue;
		if (*first)
			twice(c, *first, e);
		else
			*first = e;
	}
	if (in && out)
		both_ways(c, in, out);
}

static bool below(const struct claim *a, const struct claim *b)
{
	return a->n < b->n && !memcmp(a->path, b->path, a->n) && (b->path[a->n] == '/' || a->path[a->n - 1] == '/');
}

/* A mount inside another: the last one above it in the order of the tree is enough. */
static void nested(struct claims *c, const struct claim **top, const struct claim *e)
{
	if (outward(e->m))
		return;
	if (!*top || !below(*top, e)) {
		*top = e;
		return;
	}
	if (!seen_add(&c->seen, W0541, e->m->span))
		return;
	diag_error(c->s->diags, W0541, local_span(e->m), "mount lies inside of another one");
	diag_at(c->s->diags, local_span((*top)->m), "the outer one");
	diag_note(c->s->diags, "the order in which the service mounts is not documented: the outer one may hide it");
}

static void claims_of(struct claims *c, const struct jtask *t)
{
	bool own = false;
	uint32_t i;

	c->t = t;
	c->n = 0;
	c->docker = task_docker(c->s, t);
	for (i = 0; i < t->nmap; i++)
		own |= t->map[i].kind == MAP_MOUNT && !t->map[i].pool;
	for (i = 0; i < t->nmap; i++) {
		const struct jmap *m = &t->map[i];

		if (m->pool && own) {
			if (seen_add(&c->seen, W0546, m->span))
				diag_error(c->s->diags, W0546, m->span, "mount of the cluster is lost: the task's own mounts replace it");
			continue;
		}
		if (c->n == c->cap)
			c->v = grow(c->v, &c->cap, c->n + 1, sizeof *c->v);
		c->v[c->n++] = (struct claim){ name_str(c->s->names, local_of(m)), bare_len(c->s, local_of(m)), m };
	}
}

static void places_check(struct claims *c)
{
	const struct claim *top = NULL;
	uint32_t lo, hi, i;

	qsort(c->v, c->n, sizeof *c->v, claim_order);
	for (lo = 0; lo < c->n; lo = hi) {
		for (hi = lo + 1; hi < c->n && c->v[hi].n == c->v[lo].n && !memcmp(c->v[hi].path, c->v[lo].path, c->v[lo].n); hi++)
			;
		group(c, lo, hi);
	}
	for (i = 0; i < c->n; i++)
		nested(c, &top, &c->v[i]);
}

void check_map_places(struct session *s)
{
	struct claims c = { .s = s };
	uint32_t i;

	for (i = 0; i < s->job->ntask; i++) {
		const struct jtask *t = &s->job->task[i];

		if (t->bad || t->skipped || t->nmap < 2)
			continue;
		claims_of(&c, t);
		if (c.n > 1)
			places_check(&c);
	}
	free(c.v);
	seen_free(&c.seen);
}
