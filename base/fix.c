/* fix.c - choosing fixes that go together, and putting them into the text. */
#include "base/fix.h"

#include <stdlib.h>
#include <string.h>

/* Are all of a diagnostic's fixes in files, and none unsafe unless that is wanted? */
static bool eligible(struct fixes *f, const struct diags *d, const struct diag *g, bool unsafe)
{
	for (const struct diag_fix *x = g->fixes; x; x = x->next) {
		const struct source *src = x->span.lo ? source_at(d->sources, x->span.lo) : NULL;

		if (!src || !source_is_file(src) || x->span.hi < x->span.lo || x->span.hi > src->base + src->len)
			return false;
		if (x->unsafe && !unsafe) {
			f->unsafe++;
			return false;
		}
	}
	return g->fixes != NULL;
}

static int by_place(const void *pa, const void *pb)
{
	const struct fix_edit *a = pa, *b = pb;

	if (a->lo != b->lo)
		return a->lo < b->lo ? -1 : 1;
	if (a->hi != b->hi)
		return a->hi < b->hi ? -1 : 1;
	return a->diag < b->diag ? -1 : a->diag > b->diag;
}

static bool alike(const struct fix_edit *a, const struct fix_edit *b)
{
	return a->lo == b->lo && a->hi == b->hi && !strcmp(a->text, b->text);
}

/* Do two edits, a not behind b, touch the same text, or insert at one place? */
static bool collide(const struct fix_edit *a, const struct fix_edit *b)
{
	return b->lo < a->hi || b->lo == a->lo;
}

/* Mark whoever comes second; an edit stays apart from the last one that was not given up. */
static void resolve(struct fixes *f, bool *dropped)
{
	uint32_t last = UINT32_MAX;

	for (uint32_t i = 0; i < f->n; i++) {
		if (dropped[f->v[i].diag])
			continue;
		if (last != UINT32_MAX && collide(&f->v[last], &f->v[i]) && !alike(&f->v[last], &f->v[i]))
			dropped[f->v[i].diag] = true;
		else
			last = i;
	}
}

void fixes_choose(struct fixes *f, const struct diags *d, bool unsafe)
{
	bool *dropped = xcalloc(d->n + 1, sizeof *dropped);
	uint32_t kept = 0;

	for (uint32_t i = 0; i < d->n; i++)
		if (eligible(f, d, &d->v[i], unsafe))
			for (const struct diag_fix *x = d->v[i].fixes; x; x = x->next) {
				f->v = grow(f->v, &f->cap, f->n + 1, sizeof *f->v);
				f->v[f->n++] = (struct fix_edit){ x->span.lo, x->span.hi, x->text, i };
			}
	if (f->n)
		qsort(f->v, f->n, sizeof *f->v, by_place);
	resolve(f, dropped);
	for (uint32_t i = 0; i < f->n; i++) {
		uint32_t g = f->v[i].diag;

		if (dropped[g])
			continue;
		f->diags += f->v[i].text == d->v[g].fixes->text;
		if (!kept || !alike(&f->v[kept - 1], &f->v[i]))
			f->v[kept++] = f->v[i];
	}
	f->n = kept;
	free(dropped);
}

/* A fix of several lines has the line ends of the file. */
static void add_text(struct buf *out, const char *text, bool crlf)
{
	for (; *text; text++) {
		if (crlf && *text == '\n')
			buf_addc(out, '\r');
		buf_addc(out, *text);
	}
}

bool fixes_apply(const struct fixes *f, const struct source *src, struct buf *out)
{
	const char *nl = memchr(src->text, '\n', src->len);
	bool crlf = nl && nl > src->text && nl[-1] == '\r', any = false;
	uint32_t at = 0;

	for (uint32_t i = 0; i < f->n; i++) {
		const struct fix_edit *e = &f->v[i];

		if (e->lo < src->base || e->lo > src->base + src->len)
			continue;
		buf_add(out, src->text + at, e->lo - src->base - at);
		add_text(out, e->text, crlf);
		at = e->hi - src->base;
		any = true;
	}
	buf_add(out, src->text + at, src->len - at);
	return any && !out->over;
}

void fixes_free(struct fixes *f)
{
	free(f->v);
	*f = (struct fixes){ 0 };
}
