/* prop_image.c - images of jobs: for generated workflows and every golden and example that checks clean, the job read
 * back writes the same description and the same image; damaged images, their checksum made right, are refused or
 * give a job that can be used without harm.  Usage: prop_image [COUNT [SEED]]; a failure prints its seed. */
#include "gen.h"
#include "base/deps.h"
#include "base/filecopy.h"
#include "compiler/session.h"
#include "job/jobimage_impl.h"

#include <glob.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

enum { HARMED = 60, IMAGE_MAX = 1 << 28 };

static uint64_t rng;

static uint32_t below(uint32_t n)
{
	rng ^= rng << 13;
	rng ^= rng >> 7;
	rng ^= rng << 17;
	return (uint32_t)((rng >> 32) % n);
}

static struct job *loaded(const struct buf *image)
{
	static int fd = -1;
	size_t at = -image->len & 4088; /* up to the end of a page: reading on would end badly */
	void *copy;

	if (fd < 0)
		fd = memfd_create("image", MFD_CLOEXEC);
	if (!image->len || ftruncate(fd, 0) || pwrite(fd, image->p, image->len, (off_t)at) != (ssize_t)image->len)
		return NULL;
	copy = file_copy(fd, at + image->len);
	return copy ? job_image_load(copy, at + image->len, at) : NULL;
}

/* ---- the same again ---- */

static bool equal(const struct buf *a, const struct buf *b)
{
	return a->len == b->len && !memcmp(buf_str(a), buf_str(b), a->len);
}

static bool same_place(struct job *a, struct job *b, struct span sp)
{
	struct place p = source_place(a->sources, sp.lo), q = source_place(b->sources, sp.lo);

	return p.src ? q.src && p.line == q.line && p.col == q.col && !strcmp(p.src->path, q.src->path) : !q.src;
}

static const char *round_trip(struct job *j, struct buf *image)
{
	struct buf text, again, image2;
	struct job *k = NULL;
	const char *what = NULL;

	buf_init(&text, IMAGE_MAX);
	buf_init(&again, IMAGE_MAX);
	buf_init(&image2, IMAGE_MAX);
	if (!job_write(j, &text) || !job_image_write(j, image))
		what = "it cannot be written";
	else if (!(k = loaded(image)))
		what = "its image is refused";
	else if (!job_write(k, &again) || !equal(&text, &again))
		what = "the description is another one";
	else if (!job_image_write(k, &image2) || !equal(image, &image2))
		what = "the image of the job read back is another one";
	for (uint32_t i = 0; !what && i < j->ntask; i++)
		if (!same_place(j, k, j->task[i].name_span) || job_task(k, k->task[i].name) != job_task(j, j->task[i].name))
			what = "a task stands elsewhere";
	buf_free(&text);
	buf_free(&again);
	buf_free(&image2);
	job_free(k);
	return what;
}

/* ---- damage ---- */

/* What runs and messages ask of a job. */
static void use(struct job *j)
{
	struct arena *a = arena_new();
	struct buf b;
	char **argv;
	size_t argc;

	buf_init(&b, IMAGE_MAX);
	job_write(j, &b);
	for (uint32_t t = 0; t < j->ntask; t++) {
		struct jctx c = { .job = j, .arena = a, .task = t };
		int64_t n = task_instances(&c, t);

		c.instance = n > 1 ? n - 1 : 0;
		buf_reset(&b);
		if (instance_key(j, t, c.instance, &b))
			instance_find(j, t, buf_str(&b));
		buf_reset(&b);
		if (j->task[t].run == RUN_COMMAND)
			task_argv(&c, &argv, &argc);
		else
			task_script(&c, &b);
		for (uint32_t i = 0; i < j->task[t].nenv; i++)
			jx_text(&c, j->task[t].env[i].value, &b);
		for (uint32_t i = 0; i < j->task[t].nin; i++)
			jx_text(&c, j->task[t].in[i].path, &b);
		source_text(j->sources, j->task[t].span);
		source_place(j->sources, j->task[t].command_span.hi);
		job_task(j, j->task[t].name);
	}
	buf_free(&b);
	arena_free(a);
}

/* A few bytes or words of a random place changed, often to something near or to the edge of what fits. */
static void harm(struct buf *image)
{
	static const uint32_t edge[] = { 0, 1, 2, 0x7fffffff, 0x80000000, UINT32_MAX, UINT32_MAX - 1, 255, 65535 };
	size_t at = below((uint32_t)image->len), head = sizeof(struct image_head);
	uint32_t v;

	if (below(4) == 0)
		at = 8 + below((uint32_t)head - 8);
	if (below(2)) {
		image->p[at] = (char)(below(2) ? image->p[at] ^ (1 << below(8)) : (char)below(256));
		return;
	}
	at &= ~(size_t)3;
	if (at + 4 > image->len)
		return;
	memcpy(&v, image->p + at, 4);
	v = below(2) ? edge[below(sizeof edge / sizeof *edge)] : v + below(9) - 4;
	memcpy(image->p + at, &v, 4);
}

static void right_sum(struct buf *image)
{
	struct image_head *h = (struct image_head *)(void *)image->p;

	if (image->len < sizeof(*h))
		return;
	h->bytes = image->len;
	h->sum = image_sum(h, image->len);
}

static uint32_t taken, refused;

static void damage(const struct buf *image)
{
	struct buf b;
	struct job *j;

	buf_init(&b, IMAGE_MAX);
	buf_add(&b, image->p, image->len);
	if (below(8) == 0)
		b.len = below((uint32_t)b.len);
	for (uint32_t n = 1 + below(3); n && b.len > 200; n--)
		harm(&b);
	right_sum(&b);
	j = loaded(&b);
	*(j ? &taken : &refused) += 1;
	if (j)
		use(j);
	job_free(j);
	buf_free(&b);
}

/* Without a right checksum nothing that differs is taken. */
static bool plain_damage_refused(const struct buf *image)
{
	struct buf b;
	struct job *j;

	buf_init(&b, IMAGE_MAX);
	buf_add(&b, image->p, image->len);
	if (below(2))
		b.len = below((uint32_t)b.len);
	else
		b.p[below((uint32_t)b.len)] ^= (char)(1 << below(8));
	j = loaded(&b);
	job_free(j);
	buf_free(&b);
	return !j;
}

/* ---- */

static int fail(const char *what, const char *of, uint64_t seed)
{
	printf("not ok - image of %s (seed %llu): %s\n", of, (unsigned long long)seed, what);
	return 1;
}

/* 0, 1 failed, -1 does not check clean. */
static int try(struct session *s, const char *of, uint64_t seed)
{
	struct buf image;
	const char *what;

	if (s->diags->errors || !s->job)
		return -1;
	buf_init(&image, IMAGE_MAX);
	what = round_trip(s->job, &image);
	for (int i = 0; !what && i < HARMED; i++) {
		damage(&image);
		if (!plain_damage_refused(&image))
			what = "a damaged one is taken";
	}
	buf_free(&image);
	return what ? fail(what, of, seed) : 0;
}

static int generated(uint64_t seed)
{
	struct session *s = session_new(NULL);
	struct buf text;
	int r;

	buf_init(&text, IMAGE_MAX);
	gen_workflow(seed, &text);
	session_compile_text(s, "gen.weft", buf_str(&text), text.len);
	rng = seed * 0x9e3779b97f4a7c15u | 1;
	r = try(s, "a generated workflow", seed);
	buf_free(&text);
	session_free(s);
	return r < 0 ? fail("it does not compile", "a generated workflow", seed) : r;
}

static int files(const char *pattern, int *good)
{
	glob_t g;
	int failed = 0;

	if (glob(pattern, 0, NULL, &g))
		return 0;
	for (size_t i = 0; i < g.gl_pathc; i++) {
		struct session *s = session_new(NULL);
		struct deps *deps = deps_new(i);
		int r;

		sources_record(s->sources, deps);
		session_compile(s, g.gl_pathv[i]);
		rng = (i + 1) * 0x9e3779b97f4a7c15u | 1;
		r = try(s, g.gl_pathv[i], i + 1);
		*good += r == 0;
		failed += r == 1;
		session_free(s);
		deps_free(deps);
	}
	globfree(&g);
	return failed;
}

/* ---- site files: the same again, and no harm from damage ---- */

static struct site *site_again(const struct buf *b)
{
	char *copy = xmalloc(b->len + 1); /* no more than the bytes: a sanitizer sees what is read behind them */
	struct site *s;

	copy = xrealloc(copy, b->len ? b->len : 1, 1);
	if (b->len)
		memcpy(copy, b->p, b->len);
	s = site_read(copy, b->len);
	free(copy);
	return s;
}

static const char *site_fault(const struct site *s, struct buf *b)
{
	struct site *t;
	struct buf again;
	bool same;

	site_write(s, b);
	t = site_again(b);
	buf_init(&again, IMAGE_MAX);
	same = t && site_write(t, &again) && equal(b, &again);
	buf_free(&again);
	site_free(t);
	for (int i = 0; same && i < 10 * HARMED && b->len; i++) {
		uint32_t at = below((uint32_t)b->len), len = (uint32_t)b->len;
		char old = b->p[at];

		b->p[at] = (char)(below(2) ? old ^ (1 << below(8)) : (char)below(256));
		b->len = below(4) ? len : below(len);
		site_free(site_again(b));
		b->len = len;
		b->p[at] = old;
	}
	return same ? NULL : "what it says is read back differently";
}

static int sites(const char *pattern)
{
	glob_t g;
	int failed = 0, rich = 0;

	glob(pattern, 0, NULL, &g);
	for (size_t i = 0; i < g.gl_pathc; i++) {
		struct session *s = session_new(NULL);
		struct buf b;
		const char *what;

		session_site(s, g.gl_pathv[i]);
		rng = (i + 1) * 0x9e3779b97f4a7c15u | 1;
		buf_init(&b, IMAGE_MAX);
		what = site_fault(s->site, &b);
		rich += s->site && s->site->n > 3;
		failed += what ? fail(what, g.gl_pathv[i], i + 1) : 0;
		buf_free(&b);
		session_free(s);
	}
	globfree(&g);
	return failed + (rich ? 0 : fail("none with more than three blocks: not a test", "site files", 0));
}

int main(int argc, char **argv)
{
	static const char *const patterns[] = { "tests/golden/*/*.weft", "tests/golden/*/*.cfg", "tests/golden/*/*.json",
		"tests/golden/*/*/*.weft", "tests/golden/*/*/*.cfg", "examples/*/*.weft", "examples/*/*.cfg", "examples/*/*.json" };
	uint64_t count = argc > 1 ? strtoull(argv[1], NULL, 10) : 200, seed = argc > 2 ? strtoull(argv[2], NULL, 10) : 1;
	int failed = 0, good = 0;

	for (uint64_t end = seed + count; seed < end; seed++)
		failed += generated(seed);
	for (size_t i = 0; i < sizeof patterns / sizeof *patterns; i++)
		failed += files(patterns[i], &good);
	failed += sites("tests/golden/site/*.site");
	if (good < 50)
		failed += fail("fewer than 50 of them found: is this the top directory?", "goldens and examples", 0);
	if (!taken || !refused)
		failed += fail("damage was always taken, or always refused: not a test", "anything", 0);
	printf("%s - images of %llu generated jobs and %d files; of the damaged %u were refused, %u used\n1..1\n",
		failed ? "not ok" : "ok", (unsigned long long)count, good, refused, taken);
	return failed != 0;
}
