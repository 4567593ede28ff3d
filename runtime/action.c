/* action.c - see action.h. */
#include "runtime/action.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "job/charset.h"
#include "runtime/container.h"
#include "runtime/content.h"
#include "runtime/temp.h"

enum { TEXT_MAX = 64 << 20, COMMON_MAX = 1 << 16 };

struct common { /* what the instances of a task share; the tasks of a workflow often share it too */
	struct common *next; /* with the same place in the table */
	uint64_t hash;
	uint32_t uses;
	uint32_t part[REC_PARTS];
	uint32_t end[REC_PARTS]; /* of each part's text in `text` */
	char text[];
};
struct actor {
	const struct job *j;
	struct disk *f;
	const struct history *h;
	const struct containers *images;
	uint64_t seed;
	glob_fn *glob;
	void *ctx;
	struct common **common; /* [ntask] NULL: not made yet */
	struct common **all;    /* [mask + 1] every one that was made, by its hash */
	uint32_t nall, mask;
	struct content *content;
	struct arena *names;
	struct buf b;
};

static const char *const part_name[REC_PARTS] = { "command", "interpreter", "environment", "image", "package", "mounts",
	"names of files", "data under mounts" };

const char *action_part_name(enum action_part p)
{
	return part_name[p];
}

struct actor *actor_new(const struct job *j, struct disk *f, const struct history *h, uint64_t seed, glob_fn *glob, void *ctx)
{
	struct actor *x = xcalloc(1, sizeof(*x));

	x->j = j;
	x->f = f;
	x->h = h;
	x->seed = seed;
	x->glob = glob;
	x->ctx = ctx;
	x->common = xcalloc((size_t)j->ntask + 1, sizeof(*x->common));
	x->mask = 15;
	x->all = xcalloc(x->mask + 1, sizeof(*x->all));
	x->content = content_new(j, f, h);
	x->names = arena_new();
	buf_init(&x->b, TEXT_MAX);
	return x;
}

void actor_images(struct actor *x, const struct containers *c)
{
	x->images = c;
}

void actor_free(struct actor *x)
{
	if (!x)
		return;
	for (uint32_t i = 0; i <= x->mask; i++)
		for (struct common *k = x->all[i], *next; k; k = next) {
			next = k->next;
			free(k);
		}
	free(x->all);
	content_free(x->content);
	arena_free(x->names);
	buf_free(&x->b);
	free(x->common);
	free(x);
}

void actor_renew(struct actor *x, uint32_t task)
{
	struct common *k = x->common[task], **at;

	if (!x->j->task[task].nmap || !k)
		return;
	x->common[task] = NULL;
	if (--k->uses)
		return;
	for (at = &x->all[k->hash & x->mask]; *at != k; at = &(*at)->next)
		;
	*at = k->next;
	x->nall--;
	free(k);
}

bool actor_reads(struct actor *x, uint32_t task, uint32_t from)
{
	return content_reads(x->content, task, from);
}

/* ---- parameters ---- */

static bool names_word(const char *text, const char *word, size_t n)
{
	for (const char *p = text; (p = strstr(p, word)); p++) {
		bool left = p == text || !(isalnum((unsigned char)p[-1]) || p[-1] == '_');

		if (left && !isalnum((unsigned char)p[n]) && p[n] != '_')
			return true;
	}
	return false;
}

/* Does a template's own text hold the word?  Depth is limited where expressions are made. */
static bool expr_names(const struct job *j, jxid x, const char *word, size_t n)
{
	const struct jx *e = &j->x[x];

	for (; x; x = e->next) {
		e = &j->x[x];
		if (e->op == JX_STR && names_word(name_str(j->names, e->a), word, n))
			return true;
		if ((e->op == JX_CAT || e->op == JX_LIST || e->op == JX_CALL) && expr_names(j, e->a, word, n))
			return true;
	}
	return false;
}

static bool task_names(const struct job *j, const struct jtask *t, const char *word, size_t n)
{
	if (expr_names(j, t->command, word, n) || (t->interp && names_word(name_str(j->names, t->interp), word, n)))
		return true;
	for (uint32_t i = 0; i < t->nenv; i++)
		if (expr_names(j, t->env[i].value, word, n))
			return true;
	return false;
}

bool param_used(const struct job *j, const struct jtask *t, name param)
{
	static const char *const whole[] = { "env", "printenv", "environ", "getenv", "ENV", "export", "declare", "set" };

	if (task_names(j, t, name_str(j->names, param), name_len(j->names, param)))
		return true;
	for (size_t i = 0; i < sizeof(whole) / sizeof(*whole); i++) /* the environment as a whole */
		if (task_names(j, t, whole[i], strlen(whole[i])))
			return true;
	return false;
}

/* ---- what instances have in common ---- */

static void add_setting(const struct job *j, const struct jtask *t, enum setting id, struct buf *b)
{
	const struct jval *v = task_set(t, id);

	if (v)
		buf_addf(b, "%s\n", name_str(j->names, v->s));
}

static void common_env(struct actor *x, const struct jtask *t, struct jctx *c, struct buf *b)
{
	const struct job *j = x->j;
	const struct jval *pass = task_set(t, SET_ENV_PASS);

	for (uint32_t i = 0; i < j->nparam; i++) {
		if (!param_used(j, t, j->param[i].name))
			continue;
		buf_reset(&x->b);
		if (jx_text(c, j->param[i].value, &x->b))
			buf_addf(b, "%s=%s\n", name_str(j->names, j->param[i].name), buf_str(&x->b));
	}
	for (uint32_t i = 0; pass && i < pass->n; i++) {
		const char *key = name_str(j->names, pass->list[i]), *value = getenv(key);

		if (value)
			buf_addf(b, "%s=%s\n", key, value);
	}
}

static void common_mounts(const struct job *j, const struct jtask *t, struct buf *b)
{
	static const char *const kind[] = { "mount", "input", "output", "log" };

	for (uint32_t i = 0; i < t->nmap; i++) {
		const struct charset *c = map_charset(j, t, &t->map[i]);

		if (t->map[i].kind != MAP_LOG)
			buf_addf(b, "%s %s -> %s%s%s%s\n", kind[t->map[i].kind], name_str(j->names, t->map[i].from),
				name_str(j->names, t->map[i].to), t->map[i].write ? " : rw" : "", c ? ", names in " : "", c ? c->name : "");
	}
}

static bool list_file(void *ctx, const char *nm, struct digest d)
{
	char hex[DIGEST_TEXT];

	digest_hex(d, hex);
	return buf_addf(ctx, "%s %s\n", hex, nm);
}

/* "DIGEST NAME" for every file a package is made of. */
static void common_package(struct actor *x, const struct jtask *t, struct arena *a, struct buf *b)
{
	const struct jval *v = task_set(t, SET_PACKAGE);

	for (uint32_t i = 0; v && i < v->n; i++) {
		const char *nm = name_str(x->j->names, v->list[i]);
		const struct fstate *s;

		if (!*nm)
			continue;
		nm = disk_name(x->f, a, nm);
		s = disk_look(x->f, nm, false);
		if (s->kind == FK_DIR)
			disk_each(x->f, nm, false, list_file, b);
		else if ((s = disk_digest(x->f, nm, NULL, false)))
			list_file(b, nm, s->digest);
	}
}

/* A long list is as good as its digest, and smaller. */
static void shorten(struct buf *b)
{
	char hex[DIGEST_TEXT];

	if (b->len <= COMMON_MAX)
		return;
	digest_hex(digest_of(b->p, b->len, 0), hex);
	buf_free(b);
	buf_addf(b, "%s\n", hex);
}

/* By what it holds: the name may come to mean another. */
static void add_container(const struct actor *x, uint32_t task, struct buf *b)
{
	const struct container *c = x->images ? containers_of(x->images, task) : NULL;

	if (c)
		buf_addf(b, "%s sha256:%s\n", c->name, c->digest ? c->digest : "?");
}

static void common_texts(struct actor *x, uint32_t task, struct jctx *c, struct buf *text)
{
	const struct jtask *t = &x->j->task[task];

	if (t->run == RUN_SCRIPT && t->interp)
		buf_adds(&text[AP_INTERP], name_str(x->j->names, t->interp));
	common_env(x, t, c, &text[AP_ENV]);
	add_setting(x->j, t, SET_IMAGE, &text[AP_IMAGE]);
	add_setting(x->j, t, SET_ECS_IMAGE, &text[AP_IMAGE]);
	add_container(x, task, &text[AP_IMAGE]);
	common_package(x, t, c->arena, &text[AP_PACKAGE]);
	common_mounts(x->j, t, &text[AP_MOUNTS]);
	content_list(x->content, task, &text[AP_CONTENT]);
}

/* One after the other, in no more memory than they need. */
static struct common *join(struct buf *text)
{
	struct common *k;
	struct digester d;
	size_t n = 0;

	for (int i = 0; i < REC_PARTS; i++) {
		shorten(&text[i]);
		n += text[i].len;
	}
	k = xmalloc(sizeof(*k) + n);
	n = 0;
	digest_begin(&d, 0);
	for (int i = 0; i < REC_PARTS; i++) {
		k->part[i] = digest_hash32(text[i].p, text[i].len);
		if (text[i].len)
			memcpy(k->text + n, text[i].p, text[i].len);
		n += text[i].len;
		k->end[i] = (uint32_t)n; /* shorten has made each at most COMMON_MAX bytes */
		digest_text(&d, text[i].p, text[i].len);
		buf_free(&text[i]);
	}
	k->hash = digest_end(&d).lo;
	return k;
}

static bool same_common(const struct common *a, const struct common *b)
{
	return a->hash == b->hash && memcmp(a->end, b->end, sizeof(a->end)) == 0 && memcmp(a->text, b->text, a->end[REC_PARTS - 1]) == 0;
}

static void more_room(struct actor *x)
{
	uint32_t mask = x->mask * 2 + 1;
	struct common **all = xcalloc((size_t)mask + 1, sizeof(*all));

	for (uint32_t i = 0; i <= x->mask; i++)
		for (struct common *k = x->all[i], *next; k; k = next) {
			next = k->next;
			k->next = all[k->hash & mask];
			all[k->hash & mask] = k;
		}
	free(x->all);
	x->all = all;
	x->mask = mask;
}

/* The one there is of those that are the same; takes k. */
static struct common *only_one(struct actor *x, struct common *k)
{
	struct common **at = &x->all[k->hash & x->mask];

	for (struct common *c = *at; c; c = c->next)
		if (same_common(c, k)) {
			free(k);
			c->uses++;
			return c;
		}
	k->uses = 1;
	k->next = *at;
	*at = k;
	if (++x->nall > x->mask)
		more_room(x);
	return k;
}

static const char *common_text(const struct common *k, enum action_part p, size_t *n)
{
	uint32_t from = p ? k->end[p - 1] : 0;

	*n = k->end[p] - from;
	return k->text + from;
}

static const struct common *common_of(struct actor *x, uint32_t task, struct jctx *c)
{
	struct buf text[REC_PARTS];

	if (x->common[task])
		return x->common[task];
	for (int i = 0; i < REC_PARTS; i++)
		buf_init(&text[i], TEXT_MAX);
	common_texts(x, task, c, text);
	return x->common[task] = only_one(x, join(text));
}

/* ---- one instance ---- */

struct making {
	struct actor *x;
	struct jctx c;
	struct action *out;
	uint32_t incap;
};

static bool add_in(struct making *m, const struct jvalue *v)
{
	struct action *o = m->out;
	struct arena *a = m->c.arena;

	if (o->nin == m->incap) {
		const char **old = o->in;

		m->incap = m->incap ? m->incap * 2 : 8;
		o->in = arena_alloc(a, m->incap * sizeof(*o->in));
		if (o->nin)
			memcpy(o->in, old, o->nin * sizeof(*old));
	}
	o->in[o->nin++] = disk_name(m->x->f, a, arena_strndup(a, v->s.p, v->s.n));
	return true;
}

/* The paths of a value; lists of paths are flat. */
static bool add_value(struct making *m, jxid x)
{
	struct jvalue v;

	if (!jx_eval(&m->c, x, &v))
		return false;
	for (uint32_t i = 0; v.type == JT_LIST && i < v.list.n; i++)
		if (v.list.v[i].type != JT_LIST)
			add_in(m, &v.list.v[i]);
	return v.type == JT_LIST || add_in(m, &v);
}

static bool add_ref(void *ctx, jxid ref)
{
	return add_value(ctx, ref);
}

static bool make_inputs(struct making *m, const struct jtask *t)
{
	for (uint32_t i = 0; i < t->nin; i++)
		if (!add_value(m, t->in[i].path))
			return false;
	if (!jx_refs(m->x->j, t->command, add_ref, m))
		return false;
	for (uint32_t i = 0; i < t->nenv; i++)
		if (!jx_refs(m->x->j, t->env[i].value, add_ref, m))
			return false;
	return true;
}

static uint32_t count_outs(const struct jtask *t)
{
	int64_t n = 0;

	for (uint32_t i = 0; i < t->nout; i++)
		n += t->out[i].count == PORT_FIXED ? t->out[i].n : 1;
	return (uint32_t)n;
}

static bool make_outputs(struct making *m, const struct jtask *t)
{
	struct action *o = m->out;
	struct buf *b = &m->x->b;

	o->out = arena_alloc(m->c.arena, (count_outs(t) + 1) * sizeof(*o->out));
	for (uint32_t i = 0; i < t->nout; i++) {
		const struct jport *p = &t->out[i];

		for (int64_t k = 0; k < (p->count == PORT_FIXED ? p->n : 1); k++) {
			m->c.index = k;
			buf_reset(b);
			if (!jx_text(&m->c, p->path, b))
				return false;
			o->out[o->nout++] = (struct action_out){ disk_name(m->x->f, m->c.arena,
				arena_strndup(m->c.arena, buf_str(b), b->len)), i, p->temp, p->count == PORT_GLOB };
		}
	}
	m->c.index = 0;
	return true;
}

/* The command as it would be run, as words for a shell. */
static bool make_command(struct making *m, const struct jtask *t, struct buf *b)
{
	const struct job *j = m->x->j;
	char **argv;
	size_t n;

	if (t->run == RUN_NONE)
		return true;
	if (t->run == RUN_SCRIPT && j->x[t->command].op == JX_STR)
		return buf_add(b, name_str(j->names, j->x[t->command].a), name_len(j->names, j->x[t->command].a));
	if (t->run == RUN_SCRIPT)
		return task_script(&m->c, b);
	if (!task_argv(&m->c, &argv, &n))
		return false;
	for (size_t i = 0; i < n; i++)
		if ((i && !buf_addc(b, ' ')) || !word_quote(b, argv[i], strlen(argv[i])))
			return false;
	return true;
}

static bool make_env(struct making *m, const struct jtask *t, struct buf *b)
{
	struct buf v;
	bool ok = true;

	if (!t->nenv)
		return true;
	buf_init(&v, TEXT_MAX);
	for (uint32_t i = 0; i < t->nenv && ok; i++) {
		buf_reset(&v);
		ok = jx_text(&m->c, t->env[i].value, &v) && buf_addf(b, "%s=%s\n", name_str(m->x->j->names, t->env[i].name), buf_str(&v));
	}
	buf_free(&v);
	return ok;
}

static void make_ports(const struct action *o, struct buf *b)
{
	for (uint32_t i = 0; i < o->nin; i++)
		buf_addf(b, "in %s\n", o->in[i]);
	for (uint32_t i = 0; i < o->nout; i++)
		buf_addf(b, "out %s\n", o->out[i].name);
}

/* A part's own text joins the digest; kept when somebody wants to read it. */
static void finish_part(struct making *m, struct digester *d, enum action_part p, const struct common *k, struct buf *own, bool texts)
{
	struct action *o = m->out;
	bool has = own->len > 0;
	size_t n;
	const char *text = common_text(k, p, &n);

	digest_text(d, text, n);
	digest_text(d, own->p, own->len);
	o->part[p] = has ? digest_hash32(own->p, own->len) ^ k->part[p] * 31u : k->part[p];
	if (!texts)
		return;
	buf_add(&o->text[p], text, n);
	if (has)
		buf_add(&o->text[p], own->p, own->len);
}

static bool make(struct making *m, const struct jtask *t, bool texts)
{
	struct buf own[REC_PARTS];
	const struct common *k = common_of(m->x, m->c.task, &m->c);
	struct digester d;
	bool ok;

	for (int i = 0; i < REC_PARTS; i++)
		buf_init(&own[i], TEXT_MAX);
	ok = make_inputs(m, t) && make_outputs(m, t) && make_command(m, t, &own[AP_COMMAND]) && make_env(m, t, &own[AP_ENV]);
	if (ok) {
		make_ports(m->out, &own[AP_PORTS]);
		digest_begin(&d, m->x->seed);
		for (int i = 0; i < REC_PARTS; i++)
			finish_part(m, &d, (enum action_part)i, k, &own[i], texts);
		m->out->digest = digest_end(&d);
	}
	for (int i = 0; i < REC_PARTS; i++)
		buf_free(&own[i]);
	return ok;
}

static struct making making(struct actor *x, uint32_t task, int64_t inst, struct arena *a, struct action *out)
{
	struct making m = { .x = x, .out = out };

	memset(out, 0, sizeof(*out));
	for (int i = 0; i < REC_PARTS; i++)
		buf_init(&out->text[i], TEXT_MAX);
	m.c = (struct jctx){ .job = x->j, .arena = a, .task = task, .instance = inst, .attempt = 1, .ctx = x->ctx, .glob = x->glob };
	return m;
}

bool action_outputs(struct actor *x, uint32_t task, int64_t inst, struct arena *a, struct action *out)
{
	struct making m = making(x, task, inst, a, out);

	return make_outputs(&m, &x->j->task[task]);
}

const char *actor_name(struct actor *x, const char *path)
{
	return disk_name(x->f, x->names, path);
}

bool action_make(struct actor *x, uint32_t task, int64_t inst, bool texts, struct arena *a, struct action *out)
{
	struct making m = making(x, task, inst, a, out);

	if (make(&m, &x->j->task[task], texts))
		return true;
	out->error = m.c.error ? m.c.error : "a value is too long";
	return false;
}

void action_free(struct action *a)
{
	for (int i = 0; i < REC_PARTS; i++)
		buf_free(&a->text[i]);
}

bool action_inputs(struct actor *x, const struct action *a, struct digest *out, struct buf *tags, const char **missing)
{
	struct digester d;

	digest_begin(&d, x->seed);
	for (uint32_t i = 0; i < a->nin; i++) {
		const struct fstate *s = disk_digest(x->f, a->in[i], NULL, true);
		struct digest got = s ? s->digest : (struct digest){ 0, 0 };

		if (!s && !gone_digest(x->j, x->h, a->in[i], &got, NULL, NULL)) {
			*missing = a->in[i];
			return false;
		}
		digest_int(&d, got.lo);
		digest_int(&d, got.hi);
		if (tags)
			rec_tag_write(tags, got);
	}
	*out = digest_end(&d);
	return true;
}
