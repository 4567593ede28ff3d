/* stage_glob.c - outputs whose number is known only afterwards: matching, and remembering what matched. */
#include "runtime/stage_impl.h"

#include <dirent.h>
#include <errno.h>
#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "runtime/stage_fs.h"

/* ---- the table ---- */

struct glob_key {
	uint32_t task, port;
	int64_t instance;
};
struct glob_row {
	struct glob_key key;
	struct jvalue *path; /* NULL: free slot */
	uint32_t n;
};
struct glob_table {
	struct arena *arena;
	struct glob_row *row;
	uint32_t n, mask;
};

struct glob_table *globs_new(void)
{
	struct glob_table *g = xcalloc(1, sizeof(*g));

	g->arena = arena_new();
	g->mask = 63;
	g->row = xcalloc(g->mask + 1, sizeof(*g->row));
	return g;
}

void globs_free(struct glob_table *g)
{
	if (!g)
		return;
	arena_free(g->arena);
	free(g->row);
	free(g);
}

static uint32_t hash(const struct glob_key *k)
{
	uint64_t h = (uint64_t)k->instance * 0x9e3779b97f4a7c15u ^ ((uint64_t)k->task << 32 | k->port) * 0xc2b2ae3d27d4eb4fu;

	return (uint32_t)(h >> 29);
}

static struct glob_row *place(const struct glob_table *g, const struct glob_key *k)
{
	uint32_t i = hash(k) & g->mask;

	while (g->row[i].path && (g->row[i].key.task != k->task || g->row[i].key.port != k->port ||
				  g->row[i].key.instance != k->instance))
		i = (i + 1) & g->mask;
	return &g->row[i];
}

static void widen(struct glob_table *g)
{
	struct glob_row *old = g->row;
	uint32_t n = g->mask + 1;

	g->mask = g->mask * 2 + 1;
	g->row = xcalloc(g->mask + 1u, sizeof(*g->row));
	for (uint32_t i = 0; i < n; i++)
		if (old[i].path)
			*place(g, &old[i].key) = old[i];
	free(old);
}

void globs_set(struct glob_table *g, struct attempt_id id, uint32_t port, enum jtype type, const char *const *path, uint32_t n)
{
	struct glob_key k = { id.task, port, id.instance };
	struct glob_row *r;

	if ((g->n + 1) * 2 > g->mask)
		widen(g);
	r = place(g, &k);
	g->n += r->path == NULL;
	r->key = k;
	r->n = n;
	r->path = arena_zalloc(g->arena, n + 1, sizeof(*r->path));
	for (uint32_t i = 0; i < n; i++) {
		r->path[i].type = (uint8_t)type;
		r->path[i].s.n = strlen(path[i]);
		r->path[i].s.p = arena_strdup(g->arena, path[i]);
	}
}

void stager_glob_set(struct stager *s, struct attempt_id id, uint32_t port, uint8_t type, const char *const *path, uint32_t n)
{
	globs_set(s->globs, id, port, (enum jtype)type, path, n);
}

bool stager_glob(void *stager, uint32_t task, int64_t instance, uint32_t port, struct jvalue *out)
{
	const struct stager *s = stager;
	struct glob_key k = { task, port, instance };
	const struct glob_row *r = place(s->globs, &k);

	if (!r->path)
		return s->known && s->known(s->known_ctx, task, instance, port, out);
	memset(out, 0, sizeof(*out));
	out->type = JT_LIST;
	out->list.n = r->n;
	out->list.v = r->path;
	return true;
}

/* ---- matching ---- */

struct match {
	const char *pattern;
	size_t *end;        /* where each component of the pattern ends */
	uint32_t depth;     /* components */
	bool dirs;
	const char *prefix; /* literal directories before the first wildcard */
	bool (*skip)(void *ctx, const struct stage *st, const char *rel);
	void *ctx;
	const struct stage *st;
	struct arena *a;
	const char **v;
	uint32_t n, cap;
	char *part; /* a copy of the pattern to cut short */
};

static uint32_t components(const char *p)
{
	uint32_t n = 1;

	for (; (p = strchr(p, '/')); p++)
		n++;
	return n;
}

/* Does the path match the first `n` components of the pattern? */
static bool fits(struct match *m, const char *path, uint32_t n)
{
	size_t end = m->end[n - 1];
	bool yes;

	m->part[end] = 0;
	yes = fnmatch(m->part, path, FNM_PATHNAME | FNM_PERIOD) == 0;
	m->part[end] = m->pattern[end];
	return yes;
}

static enum fs_go look(void *ctx, const struct fs_entry *e)
{
	struct match *m = ctx;
	const char *path = *m->prefix ? fs_join(m->a, m->prefix, e->rel) : e->rel;
	uint32_t n = components(path);
	struct stat sb;
	bool dir = e->type == DT_DIR, file = e->type == DT_REG;

	if (n > m->depth || !fits(m, path, n))
		return FS_SKIP;
	if (n < m->depth)
		return FS_GO;
	if (e->type == DT_LNK && fstatat(e->dir, e->name, &sb, 0) == 0) {
		dir = S_ISDIR(sb.st_mode);
		file = S_ISREG(sb.st_mode);
	}
	if ((m->dirs ? dir : file) && !m->skip(m->ctx, m->st, path)) {
		m->v = grow(m->v, &m->cap, m->n + 1, sizeof(*m->v));
		m->v[m->n++] = arena_strdup(m->a, path);
	}
	return FS_SKIP;
}

static int bytewise(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* Length of the directories at the beginning that hold no wildcard. */
static size_t literal(const char *p)
{
	size_t n = strcspn(p, "*?[\\");

	while (n > 0 && p[n] != '/')
		n--;
	return n;
}

bool glob_match(int root, const char *pattern, bool dirs, bool (*skip)(void *ctx, const struct stage *st, const char *rel),
	void *ctx, const struct stage *st, struct arena *a, const char ***v, uint32_t *n)
{
	struct match m = { .pattern = pattern, .dirs = dirs, .skip = skip, .ctx = ctx, .st = st, .a = a };
	size_t k = 0;
	bool ok;

	m.depth = components(pattern);
	m.end = arena_zalloc(a, m.depth, sizeof(*m.end));
	m.part = arena_strdup(a, pattern);
	for (uint32_t i = 0; i < m.depth; i++, k++) {
		k += strcspn(pattern + k, "/");
		m.end[i] = k;
	}
	m.prefix = arena_strndup(a, pattern, literal(pattern));
	ok = fs_walk(root, m.prefix, look, &m) || errno == ENOENT;
	if (m.n)
		qsort(m.v, m.n, sizeof(*m.v), bytewise);
	*v = m.v;
	*n = m.n;
	return ok;
}
