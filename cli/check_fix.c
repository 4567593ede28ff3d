/* check_fix.c - rounds of fixing in memory, then the files: a fix may make room for another one. */
#include "cli/check_fix.h"

#include "base/fix.h"
#include "cli/diff.h"
#include "cli/out.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

struct fixed {
	char *path;
	char *old, *text; /* as read, as fixed */
	size_t nold, n;
};
struct fixer {
	struct fixed *v;
	uint32_t n, cap;
	uint32_t applied, unsafe;
};

struct fixer *fixer_new(void)
{
	return xcalloc(1, sizeof(struct fixer));
}

void fixer_free(struct fixer *x)
{
	for (uint32_t i = 0; i < x->n; i++) {
		free(x->v[i].path);
		free(x->v[i].old);
		free(x->v[i].text);
	}
	free(x->v);
	free(x);
}

void fixer_prepare(const struct fixer *x, struct session *s)
{
	for (uint32_t i = 0; i < x->n; i++)
		sources_overlay(s->sources, x->v[i].path, x->v[i].text, x->v[i].n);
}

static char *copy(const char *p, size_t n)
{
	char *c = xmalloc(n + 1);
	memcpy(c, p, n);
	c[n] = 0;
	return c;
}

static void keep(struct fixer *x, const struct source *src, const struct buf *b)
{
	struct fixed *f = NULL;
	for (uint32_t i = 0; i < x->n; i++)
		if (strcmp(x->v[i].path, src->path) == 0)
			f = &x->v[i];
	if (!f) {
		x->v = grow(x->v, &x->cap, x->n + 1, sizeof *x->v);
		f = &x->v[x->n++];
		*f = (struct fixed){ .path = xstrdup(src->path), .old = copy(src->text, src->len), .nold = src->len };
	}
	free(f->text);
	f->text = copy(buf_str(b), b->len);
	f->n = b->len;
}

bool fixer_round(struct fixer *x, const struct session *s, bool unsafe)
{
	struct fixes f = { 0 };
	struct buf b;
	const struct source *last = NULL;
	fixes_choose(&f, s->diags, unsafe);
	buf_init(&b, (size_t)1 << 30);
	for (uint32_t i = 0; i < f.n; i++) {
		const struct source *src = source_at(s->sources, f.v[i].lo);
		if (src == last)
			continue;
		last = src;
		buf_reset(&b);
		if (fixes_apply(&f, src, &b))
			keep(x, src, &b);
	}
	bool any = f.diags > 0;
	x->applied += f.diags;
	x->unsafe = f.unsafe;
	buf_free(&b);
	fixes_free(&f);
	return any;
}

/* ---- the files ---- */

/* The bytes of a file; the byte order mark, which a session blanks, is blanked in the text and told. */
static bool read_again(const struct fixed *f, bool *bom)
{
	struct sources *ss = sources_new();
	struct diags *d = diags_new(ss);
	const struct source *src = source_load(ss, f->path, d);
	bool same = src && src->len == f->nold;
	*bom = src && src->len >= 3 && memcmp(src->text, "\xef\xbb\xbf", 3) == 0;
	size_t skip = *bom ? 3 : 0;
	same = same && memcmp(src->text + skip, f->old + skip, f->nold - skip) == 0;
	diags_free(d);
	sources_free(ss);
	return same;
}

static bool rewrite(struct fixed *f)
{
	struct stat st;
	bool bom;
	if (stat(f->path, &st) == 0 && !S_ISREG(st.st_mode)) {
		fprintf(stderr, "weft check: %s is no regular file and is left as it is\n", f->path);
		return false;
	}
	if (!read_again(f, &bom)) {
		fprintf(stderr, "weft check: %s has changed meanwhile and is left as it is\n", f->path);
		return false;
	}
	if (bom && f->n >= 3 && memcmp(f->text, "   ", 3) == 0)
		memcpy(f->text, "\xef\xbb\xbf", 3);
	return out_write(f->path, f->text, f->n);
}

static void count(FILE *f, const char *before, uint32_t n, const char *what)
{
	if (n)
		fprintf(f, "%s%u %s%s", before, n, what, n == 1 ? "" : "s");
}

static void sum_up(const struct fixer *x, const char *path, bool diff, const struct diags *d, FILE *f)
{
	fprintf(f, "%s: %u fix%s %s", path, x->applied, x->applied == 1 ? "" : "es", diff ? "possible" : "applied");
	count(f, "; left: ", d->errors, "error");
	count(f, d->errors ? ", " : "; left: ", d->warnings, "warning");
	fputc('\n', f);
	if (x->unsafe)
		fprintf(f, "%s: %u more with --unsafe\n", path, x->unsafe);
}

bool fixer_finish(struct fixer *x, const char *path, bool diff, const struct diags *d, FILE *f)
{
	bool ok = true;
	for (uint32_t i = 0; i < x->n; i++) {
		struct fixed *v = &x->v[i];
		ok = (diff ? diff_show(v->path, "fixed", v->old, v->nold, v->text, v->n) : rewrite(v)) && ok;
	}
	if (f && ok && (x->applied || x->unsafe))
		sum_up(x, path, diff, d, f);
	return ok;
}
