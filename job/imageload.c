/* imageload.c - an image to a job: find the arrays, set the pointers, check everything, in place. */
#include "job/jobimage_impl.h"

#include "base/filecopy.h"

#include <stdlib.h>
#include <string.h>

/* Where the parts start; false when they do not fill the image exactly. */
static bool parts_find(struct image *im, size_t n)
{
	uint64_t at = sizeof(*im->h), bytes;

	for (int i = 0; i < IM_PARTS; i++) {
		if (im->h->count[i] >= UINT32_MAX)
			return false;
		bytes = im->h->count[i] * image_width[i];
		im->at[i] = (char *)im->h + at;
		at += bytes + (-bytes & 7);
		if (at > n)
			return false;
	}
	return at == n && im->h->count[IM_OFF] >= 2 && im->h->count[IM_X] && im->h->count[IM_TEXT] &&
	       !((char *)im->at[IM_TEXT])[im->h->count[IM_TEXT] - 1];
}

/* Every name ends in a NUL of its own, the last at the end of the texts. */
static bool names_fit(const struct image *im)
{
	const uint32_t *off = im->at[IM_OFF];
	const char *chars = im->at[IM_CHAR];
	uint64_t n = im->h->count[IM_OFF] - 1;

	if (off[0] || off[1] != 1 || off[n] != im->h->count[IM_CHAR])
		return false;
	for (uint64_t i = 0; i < n; i++)
		if (off[i + 1] <= off[i] || off[i + 1] > im->h->count[IM_CHAR] || chars[off[i + 1] - 1])
			return false;
	return true;
}

/* ---- pointers ---- */

struct cursor { /* how much of every part the tasks so far have taken */
	uint64_t used[IM_PARTS];
};

static void *take(const struct image *im, struct cursor *c, enum image_part part, uint64_t n)
{
	void *p = (char *)im->at[part] + c->used[part] * image_width[part];

	if (n > im->h->count[part] - c->used[part])
		return NULL;
	c->used[part] += n;
	return p;
}

/* The n elements that a stored "1 + place" means. */
static bool place(const struct image *im, void **p, enum image_part part, uint64_t n)
{
	uint64_t at = (uint64_t)(uintptr_t)*p;

	if (!at)
		return true;
	if (at - 1 > im->h->count[part] || n > im->h->count[part] - (at - 1))
		return false;
	*p = (char *)im->at[part] + (at - 1) * image_width[part];
	return true;
}

static bool dim_set(const struct image *im, struct jdim *d)
{
	uint64_t n;
	void *col = d->colname, *type = d->coltype, *cell = d->cell;

	if (d->index || d->count < -1 || __builtin_mul_overflow(d->count > 0 ? (uint64_t)d->count : 0, d->cols, &n) ||
	    !place(im, &col, IM_NAME, d->cols) || !place(im, &type, IM_BYTE, d->cols) || !place(im, &cell, IM_NAME, n))
		return false;
	d->colname = col;
	d->coltype = type;
	d->cell = cell;
	return true;
}

static bool val_set(const struct image *im, struct jval *v)
{
	enum set_type type;
	uint64_t n;

	if (v->id >= SET_COUNT)
		return false;
	type = (enum set_type)settings[v->id].type;
	if (type != T_LIST && type != T_MAP)
		return true;
	n = type == T_MAP ? 2 * (uint64_t)v->n : v->n;
	if (v->i < 0 || (uint64_t)v->i > im->h->count[IM_NAME] || n > im->h->count[IM_NAME] - (uint64_t)v->i)
		return false;
	v->list = (name *)im->at[IM_NAME] + v->i;
	return true;
}

static bool task_set_pointers(const struct image *im, struct cursor *c, struct jtask *t)
{
	t->dim = take(im, c, IM_DIM, t->ndim);
	t->in = take(im, c, IM_PORT, t->nin);
	t->out = take(im, c, IM_PORT, t->nout);
	t->map = take(im, c, IM_MAP, t->nmap);
	t->set = take(im, c, IM_VAL, t->nset);
	t->env = take(im, c, IM_ENV, t->nenv);
	t->cause = take(im, c, IM_CAUSE, t->ncause);
	return t->dim && t->in && t->out && t->map && t->set && t->env && t->cause;
}

static bool pointers_set(const struct image *im)
{
	struct cursor c = { 0 };
	struct job *j = im->j;
	struct jdim *d = im->at[IM_DIM];
	struct jval *v = im->at[IM_VAL];

	for (uint32_t i = 0; i < j->ntask; i++) {
		if (!task_set_pointers(im, &c, &j->task[i]))
			return false;
		im->nout[i] = j->task[i].nout;
	}
	for (uint64_t i = 0; i < im->h->count[IM_DIM]; i++)
		if (!dim_set(im, &d[i]))
			return false;
	for (uint64_t i = 0; i < im->h->count[IM_VAL]; i++)
		if (!val_set(im, &v[i]))
			return false;
	j->set = take(im, &c, IM_VAL, j->nset);
	j->param = take(im, &c, IM_ENV, j->nparam);
	for (int i = IM_DIM; i <= IM_CAUSE; i++)
		if (c.used[i] != im->h->count[i])
			return false;
	return j->set && j->param;
}

/* ---- sources ---- */

static const char *text_at(const struct image *im, uint64_t at)
{
	return at < im->h->count[IM_TEXT] ? (const char *)im->at[IM_TEXT] + at : NULL;
}

static bool sources_set(const struct image *im)
{
	const struct image_source *s = im->at[IM_SOURCE];

	for (uint64_t i = 0; i < im->h->count[IM_SOURCE]; i++) {
		struct source_info in = { .path = text_at(im, s[i].path), .base = s[i].base, .len = s[i].len,
			.known = s[i].known == 1, .digest = s[i].digest };

		if (!in.path || s[i].known > 1)
			return false;
		if (s[i].text) {
			in.text = text_at(im, s[i].text);
			if (!in.text || s[i].len >= im->h->count[IM_TEXT] - s[i].text)
				return false;
		}
		if (!sources_restore(im->j->sources, &in, im->h->seed))
			return false;
	}
	return true;
}

/* ---- all of it ---- */

static bool head_fits(const struct image_head *h, size_t n)
{
	struct digest sum;

	if (n < sizeof(*h) || memcmp(h->magic, image_magic, sizeof(h->magic)) || h->bytes != n)
		return false;
	sum = image_sum(h, n);
	return digest_equal(sum, h->sum);
}

static void job_set_arrays(struct image *im)
{
	struct job *j = im->j;

	j->name = im->h->name;
	j->name_span = im->h->name_span;
	j->dir = im->at[IM_TEXT];
	j->x = im->at[IM_X];
	j->nx = j->xcap = (uint32_t)im->h->count[IM_X];
	j->task = im->at[IM_TASK];
	j->ntask = (uint32_t)im->h->count[IM_TASK];
	j->edge = im->at[IM_EDGE];
	j->nedge = (uint32_t)im->h->count[IM_EDGE];
	j->nset = im->h->nset;
	j->secret = im->at[IM_SECRET];
	j->nsecret = (uint32_t)im->h->count[IM_SECRET];
	j->nparam = im->h->nparam;
}

static struct job *job_new_of(const struct image *im, void *copy, size_t size)
{
	struct arena *a = arena_new();
	struct job *j = arena_zalloc(a, 1, sizeof(*j));

	j->arena = a;
	j->image = copy;
	j->image_size = size;
	j->image_digest = im->h->sum.lo | 1;
	j->names = names_frozen(im->at[IM_OFF], im->at[IM_CHAR], (uint32_t)im->h->count[IM_OFF] - 1);
	j->sources = sources_new();
	return j;
}

struct job *job_image_load(void *copy, size_t size, size_t at)
{
	size_t n = at < size ? size - at : 0;
	struct image im = { .h = (struct image_head *)(void *)((char *)copy + (at < size ? at : 0)) };
	bool ok;

	if (at % 8 || !head_fits(im.h, n) || !parts_find(&im, n) || !names_fit(&im)) {
		file_copy_free(copy, size);
		return NULL;
	}
	im.j = job_new_of(&im, copy, size);
	job_set_arrays(&im);
	im.nout = xcalloc((size_t)im.j->ntask + 1, sizeof(*im.nout));
	ok = pointers_set(&im) && sources_set(&im) && image_check_x(&im) && image_check_job(&im);
	free(im.nout);
	if (ok)
		return im.j;
	job_free(im.j);
	return NULL;
}
