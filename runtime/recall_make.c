/* recall_make.c - writing what recall.c reads. */
#include "runtime/recall.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/io.h"
#include "runtime/recall_impl.h"

enum { MADE_MAX = 1 << 22 /* instances; more are worked out each time */ };

struct made { /* in the order they came */
	uint32_t task, inst;
	struct recall_inst i;
	uint32_t nout;
};
struct recall_maker {
	const struct job *j;
	struct made *v;
	uint32_t n, cap;
	uint32_t *ref, nref, refcap;
	uint32_t *off, nname, offcap;
	struct buf text;
	uint32_t *slot, mask;     /* name + 1 */
	bool *partial;            /* [ntask] not all of it came in order */
	uint32_t *next;           /* [ntask] the instance that is due */
	bool over;
};

struct recall_maker *recall_begin(const struct job *j)
{
	struct recall_maker *m = xcalloc(1, sizeof(*m));

	m->j = j;
	m->mask = 1023;
	m->slot = xcalloc(m->mask + 1, sizeof(*m->slot));
	m->partial = xcalloc((size_t)j->ntask + 1, sizeof(*m->partial));
	m->next = xcalloc((size_t)j->ntask + 1, sizeof(*m->next));
	buf_init(&m->text, UINT32_MAX);
	return m;
}

static void maker_free(struct recall_maker *m)
{
	free(m->v);
	free(m->ref);
	free(m->off);
	free(m->slot);
	free(m->partial);
	free(m->next);
	buf_free(&m->text);
	free(m);
}

static uint32_t *place(struct recall_maker *m, const char *nm)
{
	uint32_t i = (uint32_t)digest_hash64(nm, strlen(nm), 0) & m->mask;

	while (m->slot[i] && strcmp(m->text.p + m->off[m->slot[i] - 1], nm) != 0)
		i = (i + 1) & m->mask;
	return &m->slot[i];
}

static void widen(struct recall_maker *m)
{
	free(m->slot);
	m->mask = m->mask * 2 + 1;
	m->slot = xcalloc((size_t)m->mask + 1, sizeof(*m->slot));
	for (uint32_t i = 0; i < m->nname; i++)
		*place(m, m->text.p + m->off[i]) = i + 1;
}

static void add_ref(struct recall_maker *m, const char *nm)
{
	uint32_t *s;

	if ((m->nname + 1) * 2 > m->mask)
		widen(m);
	s = place(m, nm);
	if (!*s) {
		m->off = grow(m->off, &m->offcap, m->nname + 2, sizeof(*m->off));
		m->off[m->nname++] = (uint32_t)m->text.len;
		m->over = !buf_add(&m->text, nm, strlen(nm) + 1) || m->over;
		*s = m->nname;
	}
	m->ref = grow(m->ref, &m->refcap, m->nref + 1, sizeof(*m->ref));
	m->ref[m->nref++] = *s - 1;
}

/* What lies under mounts or in a package, and what the caller's environment says, is looked at each time. */
static bool lasting(const struct job *j, uint32_t task)
{
	const struct jtask *t = &j->task[task];

	return !t->nmap && !task_set(t, SET_PACKAGE) && !task_set(t, SET_ENV_PASS);
}

void recall_add(struct recall_maker *m, uint32_t task, uint32_t inst, const struct action *a)
{
	struct made *x;

	m->partial[task] = m->partial[task] || inst != m->next[task]++ || !lasting(m->j, task);
	for (uint32_t i = 0; i < a->nout; i++)
		m->partial[task] = m->partial[task] || a->out[i].glob;
	if (m->n >= MADE_MAX || m->partial[task] || m->over)
		return;
	m->v = grow(m->v, &m->cap, m->n + 1, sizeof(*m->v));
	x = &m->v[m->n++];
	*x = (struct made){ task, inst, { a->digest, m->nref, 0 }, a->nout };
	for (uint32_t i = 0; i < a->nin; i++)
		add_ref(m, a->in[i]);
	x->i.out = m->nref;
	for (uint32_t i = 0; i < a->nout; i++)
		add_ref(m, a->out[i].name);
}

/* ---- the file ---- */

static int by_place(const void *a, const void *b)
{
	const struct made *x = a, *y = b;

	if (x->task != y->task)
		return x->task < y->task ? -1 : 1;
	return x->inst < y->inst ? -1 : x->inst > y->inst;
}

static void put(struct buf *b, const void *p, size_t n)
{
	static const char zero[8];

	buf_add(b, p, n);
	buf_add(b, zero, -b->len & 7);
}

/* Instances and references in the order of tasks; only tasks that came whole. */
static void put_instances(struct recall_maker *m, struct recall_head *h, struct buf *b)
{
	recall_first *first = xcalloc((size_t)m->j->ntask + 1, sizeof(*first));
	uint32_t *ref = xcalloc((size_t)m->nref + 1, sizeof(*ref)), nref = 0, t = 0;
	struct recall_inst end = { 0 };

	for (uint32_t i = 0; i < m->n; i++) {
		const struct made *x = &m->v[i];
		struct recall_inst o = x->i;
		uint32_t len = x->i.out - x->i.in;

		if (m->partial[x->task] || m->next[x->task] != m->j->task[x->task].count)
			continue;
		while (t <= x->task)
			first[t++] = h->ninst;
		o.in = nref;
		o.out = nref + len;
		for (uint32_t k = 0; k < len + x->nout; k++)
			ref[nref++] = m->ref[x->i.in + k];
		buf_add(b, &o, sizeof(o));
		h->ninst++;
	}
	while (t <= m->j->ntask)
		first[t++] = h->ninst;
	end.in = end.out = nref;
	put(b, &end, sizeof(end));
	put(b, first, ((size_t)m->j->ntask + 1) * sizeof(*first));
	put(b, ref, nref * sizeof(*ref));
	h->nref = nref;
	free(first);
	free(ref);
}

static bool write_file(const char *file, const void *p, size_t n)
{
	struct buf tmp;
	int fd;
	bool ok;

	buf_init(&tmp, 1 << 16);
	buf_addf(&tmp, "%s.%ld", file, (long)getpid());
	fd = open(buf_str(&tmp), O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600);
	ok = fd >= 0 && write_all(fd, p, n);
	if (fd >= 0)
		ok = close(fd) == 0 && ok;
	ok = ok && rename(buf_str(&tmp), file) == 0;
	if (fd >= 0 && !ok)
		unlink(buf_str(&tmp));
	buf_free(&tmp);
	return ok;
}

void recall_keep(struct recall_maker *m, const char *file, uint64_t key)
{
	struct recall_head h = { .magic = RECALL_MAGIC, .key = key, .ntask = m->j->ntask, .nname = m->nname,
		.ntext = m->text.len };
	struct buf b;

	buf_init(&b, (size_t)1 << 32);
	buf_add(&b, &h, sizeof(h));
	if (m->n)
		qsort(m->v, m->n, sizeof(*m->v), by_place);
	put_instances(m, &h, &b);
	if (m->nname) {
		m->off[m->nname] = (uint32_t)m->text.len;
		put(&b, m->off, ((size_t)m->nname + 1) * sizeof(*m->off));
		put(&b, m->text.p, m->text.len);
	}
	if (!m->over && !b.over && m->nname) {
		h.sum = digest_of(b.p + sizeof(h), b.len - sizeof(h), key);
		memcpy(b.p, &h, sizeof(h));
		write_file(file, b.p, b.len);
	}
	buf_free(&b);
	maker_free(m);
}

void settled_keep(const char *file, struct digest d)
{
	write_file(file, &d, sizeof(d));
}
