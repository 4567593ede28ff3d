/* diag.c - the queue of diagnostics, the codes, and the did-you-mean. */
#include "base/diag.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

static const struct {
	const char *text, *slug, *title;
} codes[CODE_COUNT] = {
#define CODE(id, slug, title) { #id, slug, title },
#include "base/codes.def"
#undef CODE
};

const char *code_text(enum code c)
{
	return codes[c].text;
}

const char *code_slug(enum code c)
{
	return codes[c].slug;
}

const char *code_title(enum code c)
{
	return codes[c].title;
}

enum severity code_severity(enum code c)
{
	char k = codes[c].text[0];

	return k == 'W' ? SEV_WARNING : k == 'N' ? SEV_NOTE : SEV_ERROR;
}

const char *severity_text(enum severity s)
{
	return s == SEV_ERROR ? N_("error") : s == SEV_WARNING ? N_("warning") : N_("note");
}

enum code code_find(const char *s)
{
	unsigned i;

	for (i = 0; i < CODE_COUNT; i++)
		if (!strcasecmp(s, codes[i].text) || !strcasecmp(s, codes[i].slug))
			break;
	return (enum code)i;
}

struct diags *diags_new(struct sources *ss)
{
	struct diags *d = xcalloc(1, sizeof(*d));

	d->arena = arena_new();
	d->sources = ss;
	return d;
}

void diags_free(struct diags *d)
{
	if (!d)
		return;
	arena_free(d->arena);
	free(d->v);
	free(d);
}

static void count(struct diags *d, enum severity s, bool kept)
{
	if (s == SEV_ERROR) {
		d->errors++;
		d->more_errors += !kept;
	} else if (s == SEV_WARNING) {
		d->warnings++;
		d->more_warnings += !kept;
	}
}

bool diag_error(struct diags *d, enum code c, struct span sp, const char *fmt, ...)
{
	va_list ap;
	struct diag *g;

	if (d->n >= DIAG_KEEP && !d->full) {
		diags_finish(d); /* the same said of many tasks is said once */
		d->full = d->n > DIAG_KEEP / 2;
	}
	d->dropping = d->full;
	count(d, code_severity(c), !d->dropping);
	if (d->dropping)
		return false;
	d->v = grow(d->v, &d->cap, d->n + 1, sizeof(*d->v));
	g = &d->v[d->n];
	*g = (struct diag){ .code = c, .severity = code_severity(c), .span = sp, .seq = d->n++ };
	va_start(ap, fmt);
	g->msg = arena_vprintf(d->arena, tr(fmt), ap);
	va_end(ap);
	return false;
}

static struct diag *last(struct diags *d)
{
	return d->n && !d->dropping ? &d->v[d->n - 1] : NULL;
}

void diag_label(struct diags *d, const char *fmt, ...)
{
	va_list ap;

	if (!last(d))
		return;
	va_start(ap, fmt);
	last(d)->label = arena_vprintf(d->arena, tr(fmt), ap);
	va_end(ap);
}

void diag_at(struct diags *d, struct span sp, const char *fmt, ...)
{
	va_list ap;
	struct diag_label *l, **at;

	if (!last(d))
		return;
	l = arena_zalloc(d->arena, 1, sizeof(*l));
	l->span = sp;
	va_start(ap, fmt);
	l->text = arena_vprintf(d->arena, tr(fmt), ap);
	va_end(ap);
	for (at = &last(d)->labels; *at; at = &(*at)->next)
		;
	*at = l;
}

static void append(struct diags *d, struct diag_text **at, const char *fmt, va_list ap)
{
	struct diag_text *t = arena_zalloc(d->arena, 1, sizeof(*t));

	t->text = arena_vprintf(d->arena, tr(fmt), ap);
	while (*at)
		at = &(*at)->next;
	*at = t;
}

void diag_note(struct diags *d, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	if (last(d))
		append(d, &last(d)->notes, fmt, ap);
	va_end(ap);
}

void diag_help(struct diags *d, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	if (last(d))
		append(d, &last(d)->helps, fmt, ap);
	va_end(ap);
}

static void add_fix(struct diags *d, struct span sp, bool unsafe, const char *fmt, va_list ap)
{
	struct diag_fix *f, **at;

	if (!last(d))
		return;
	f = arena_zalloc(d->arena, 1, sizeof(*f));
	f->span = sp;
	f->unsafe = unsafe;
	f->text = arena_vprintf(d->arena, fmt, ap);
	for (at = &last(d)->fixes; *at; at = &(*at)->next)
		;
	*at = f;
}

void diag_fix(struct diags *d, struct span sp, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	add_fix(d, sp, false, fmt, ap);
	va_end(ap);
}

void diag_fix_unsafe(struct diags *d, struct span sp, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	add_fix(d, sp, true, fmt, ap);
	va_end(ap);
}

static int by_place(const void *pa, const void *pb)
{
	const struct diag *a = pa, *b = pb;

	if (a->span.lo != b->span.lo)
		return a->span.lo < b->span.lo ? -1 : 1;
	return a->seq < b->seq ? -1 : a->seq > b->seq;
}

/* The same thing said twice; neighbours with one start may have another code between them. */
static bool said_before(const struct diags *d, uint32_t kept, const struct diag *g)
{
	for (uint32_t i = kept; i-- > 0 && d->v[i].span.lo == g->span.lo && kept - i <= 64;)
		if (d->v[i].code == g->code && d->v[i].span.hi == g->span.hi &&
			(g->span.lo || !strcmp(d->v[i].msg, g->msg)))
			return true;
	return false;
}

void diags_finish(struct diags *d)
{
	uint32_t kept = 0, n = d->n;

	if (n)
		qsort(d->v, n, sizeof(*d->v), by_place);
	d->n = 0;
	d->errors = d->more_errors;
	d->warnings = d->more_warnings;
	for (uint32_t i = 0; i < n; i++) {
		if (said_before(d, kept, &d->v[i]))
			continue;
		d->v[kept] = d->v[i];
		d->v[kept].seq = kept;
		count(d, d->v[kept].severity, true);
		kept++;
	}
	d->n = kept;
}

enum { CAP = 3, BAND = 2 * CAP + 1 };

static int min2(int a, int b)
{
	return a < b ? a : b;
}

/* Optimal string alignment, only the diagonals within CAP: row[j - i + CAP]. */
int misspelt(const char *a, const char *b)
{
	size_t na = strlen(a), nb = strlen(b);
	int row[3][BAND + 2];

	if ((na > nb ? na - nb : nb - na) >= CAP)
		return CAP;
	for (int r = 0; r < 3; r++)
		for (int k = 0; k < BAND + 2; k++)
			row[r][k] = CAP;
	for (size_t i = 0; i <= na; i++) {
		int *cur = row[i % 3] + 1, *up = row[(i + 2) % 3] + 1, *up2 = row[(i + 1) % 3] + 1, least = CAP;

		for (int k = 0; k < BAND; k++) {
			size_t j = i + (size_t)k - CAP;
			int v = CAP;

			if (i + (size_t)k < CAP || j > nb) {
				cur[k] = CAP;
				continue;
			}
			if (!i || !j) {
				v = min2(CAP, (int)min2(CAP, (int)(i + j)));
			} else {
				v = min2(up[k] + (a[i - 1] != b[j - 1]), min2(up[k + 1], cur[k - 1]) + 1);
				if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
					v = min2(v, up2[k] + 1);
			}
			cur[k] = min2(v, CAP);
			least = min2(least, cur[k]);
		}
		if (least >= CAP)
			return CAP;
	}
	return row[na % 3][1 + CAP + (int)nb - (int)na];
}

void suggest_try(struct suggest *s, const char *candidate)
{
	int dist;

	if (!s->best)
		s->dist = CAP;
	if (!s->to || !*candidate)
		return;
	dist = strcasecmp(s->to, candidate) ? misspelt(s->to, candidate) : 0;
	if (dist == s->dist && s->best && strcmp(s->best, candidate))
		s->unsure = true;
	if (dist < s->dist) {
		s->best = candidate;
		s->dist = dist;
		s->unsure = false;
	}
}

void suggest_copy(struct suggest *s, struct arena *a, const char *candidate)
{
	suggest_try(s, candidate);
	if (s->best == candidate)
		s->best = arena_strdup(a, candidate);
}

const char *suggest_best(const struct suggest *s)
{
	size_t n = s->to ? strlen(s->to) : 0;

	if (!s->best || s->dist > (n < 5 ? 1 : 2) || (size_t)s->dist >= n)
		return NULL;
	return s->best;
}

/* The word at the last diagnostic's place: its span without quotes, NOSPAN if something else stands there. */
static struct span word_at(const struct diags *d, const char *word)
{
	struct span sp = d->v[d->n - 1].span;
	const char *at = source_text(d->sources, sp);
	size_t n = strlen(word);

	if (at && sp.hi - sp.lo == n + 2 && *at == '"' && at[n + 1] == '"')
		sp.lo++, sp.hi--, at++;
	return at && sp.hi - sp.lo == n && !memcmp(at, word, n) ? sp : NOSPAN;
}

void diag_suggest_fix(struct diags *d, const struct suggest *s, bool unsafe)
{
	const char *best = suggest_best(s);
	struct span sp = best && last(d) ? word_at(d, s->to) : NOSPAN;

	if (sp.lo && (unsafe || s->unsure))
		diag_fix_unsafe(d, sp, "%s", best);
	else if (sp.lo)
		diag_fix(d, sp, "%s", best);
}

bool diag_suggest(struct diags *d, const struct suggest *s)
{
	const char *best = suggest_best(s);

	if (!best)
		return false;
	diag_help(d, "did you mean `%s`?", best);
	diag_suggest_fix(d, s, false);
	return true;
}
