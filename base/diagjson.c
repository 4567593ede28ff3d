/* diagjson.c - diagnostics for machines: JSON lines, SARIF 2.1.0, GitHub annotations.
 * All read the same struct diag as the human printer; lines and columns count from 1, columns in characters. */
#include "base/buf.h"
#include "base/diag.h"
#include "base/json.h"

#include <stdlib.h>
#include <string.h>

enum { RECORD_MAX = 1 << 30 };

static void flush(struct buf *b, FILE *f)
{
	fwrite(buf_str(b), 1, b->len, f);
	buf_reset(b);
}

/* ---- JSON lines ---- */

/* file, lo, hi (byte offsets in it), line, col, end_line, end_col; nothing for NOSPAN */
static void json_span(struct jw *w, struct sources *ss, struct span sp)
{
	struct place a = source_place(ss, sp.lo), z = source_place(ss, sp.hi);

	if (!a.src)
		return;
	jw_kstr(w, "file", a.src->path);
	jw_kint(w, "lo", sp.lo - a.src->base);
	jw_kint(w, "hi", sp.hi - a.src->base);
	jw_kint(w, "line", a.line);
	jw_kint(w, "col", a.chr);
	jw_kint(w, "end_line", z.src == a.src ? z.line : a.line);
	jw_kint(w, "end_col", z.src == a.src ? z.chr : a.chr);
}

static void json_texts(struct jw *w, const char *key, const struct diag_text *t)
{
	jw_key(w, key);
	jw_open(w, '[');
	for (; t; t = t->next)
		jw_str(w, t->text);
	jw_close(w);
}

static void json_diag(struct jw *w, const struct diags *d, const struct diag *g)
{
	jw_open(w, '{');
	jw_kstr(w, "schema", "weft.diagnostic/1");
	jw_kstr(w, "code", code_text(g->code));
	jw_kstr(w, "name", code_slug(g->code));
	jw_kstr(w, "severity", severity_text(g->severity));
	jw_kstr(w, "message", g->msg);
	json_span(w, d->sources, g->span);
	if (g->label)
		jw_kstr(w, "label", g->label);
	jw_key(w, "labels");
	jw_open(w, '[');
	for (const struct diag_label *l = g->labels; l; l = l->next) {
		jw_open(w, '{');
		jw_kstr(w, "text", l->text);
		json_span(w, d->sources, l->span);
		jw_close(w);
	}
	jw_close(w);
	json_texts(w, "notes", g->notes);
	json_texts(w, "help", g->helps);
	jw_key(w, "fixes");
	jw_open(w, '[');
	for (const struct diag_fix *x = g->fixes; x; x = x->next) {
		jw_open(w, '{');
		jw_kstr(w, "text", x->text);
		if (x->unsafe)
			jw_kbool(w, "unsafe", true);
		json_span(w, d->sources, x->span);
		jw_close(w);
	}
	jw_close(w);
	jw_close(w);
}

void diags_print_json(const struct diags *d, FILE *f)
{
	struct buf b;
	struct jw w;

	buf_init(&b, RECORD_MAX);
	for (uint32_t i = 0; i < d->n; i++) {
		jw_init(&w, &b, 0);
		json_diag(&w, d, &d->v[i]);
		buf_addc(&b, '\n');
		flush(&b, f);
	}
	buf_free(&b);
}

/* ---- SARIF ---- */

/* A path as the uri of an artifact: what is not unreserved or a slash is percent-encoded. */
static void sarif_uri(struct jw *w, const char *path)
{
	struct buf b;

	buf_init(&b, RECORD_MAX);
	for (const char *p = path; *p; p++) {
		if ((*p >= '0' && *p <= '9') || ((*p | 32) >= 'a' && (*p | 32) <= 'z') || strchr("-._~/", *p))
			buf_addc(&b, *p);
		else
			buf_addf(&b, "%%%02X", (unsigned)(unsigned char)*p);
	}
	jw_key(w, "artifactLocation");
	jw_open(w, '{');
	jw_kstr(w, "uri", buf_str(&b));
	jw_close(w);
	buf_free(&b);
}

static void sarif_region(struct jw *w, const char *key, struct sources *ss, struct span sp)
{
	struct place a = source_place(ss, sp.lo), z = source_place(ss, sp.hi);

	jw_key(w, key);
	jw_open(w, '{');
	jw_kint(w, "startLine", a.line);
	jw_kint(w, "startColumn", a.chr);
	jw_kint(w, "endLine", z.src == a.src ? z.line : a.line);
	jw_kint(w, "endColumn", z.src == a.src ? z.chr : a.chr);
	jw_close(w);
}

static void sarif_location(struct jw *w, struct sources *ss, struct span sp, const char *text)
{
	struct place a = source_place(ss, sp.lo);

	jw_open(w, '{');
	if (a.src) {
		jw_key(w, "physicalLocation");
		jw_open(w, '{');
		sarif_uri(w, a.src->path);
		sarif_region(w, "region", ss, sp);
		jw_close(w);
	}
	if (text) {
		jw_key(w, "message");
		jw_open(w, '{');
		jw_kstr(w, "text", text);
		jw_close(w);
	}
	jw_close(w);
}

static uint64_t fnv(uint64_t h, const char *s, size_t n)
{
	for (size_t i = 0; i < n; i++)
		h = (h ^ (unsigned char)s[i]) * 0x100000001b3u;
	return (h ^ 0xff) * 0x100000001b3u;
}

/* From the code, the message and the text of the line, not its number: it survives moving lines. */
static void sarif_fingerprint(struct jw *w, const struct diags *d, const struct diag *g)
{
	struct place p = source_place(d->sources, g->span.lo);
	uint64_t h = 0xcbf29ce484222325u;
	char t[17];

	h = fnv(h, code_text(g->code), strlen(code_text(g->code)));
	h = fnv(h, g->msg, strlen(g->msg));
	if (p.src) {
		h = fnv(h, p.src->path, strlen(p.src->path));
		h = fnv(h, p.src->text + p.lo, p.hi - p.lo);
	}
	snprintf(t, sizeof(t), "%016llx", (unsigned long long)h);
	jw_key(w, "partialFingerprints");
	jw_open(w, '{');
	jw_kstr(w, "weft/v1", t);
	jw_close(w);
}

/* All fixes of a diagnostic are one fix of several replacements. */
static void sarif_fixes(struct jw *w, const struct diags *d, const struct diag *g)
{
	if (!g->fixes || !source_at(d->sources, g->fixes->span.lo))
		return;
	for (const struct diag_fix *x = g->fixes; x; x = x->next)
		if (x->unsafe)
			return; /* who applies a fix of a log asks nobody */
	jw_key(w, "fixes");
	jw_open(w, '[');
	jw_open(w, '{');
	jw_key(w, "artifactChanges");
	jw_open(w, '[');
	for (const struct diag_fix *x = g->fixes; x; x = x->next) {
		const struct source *s = source_at(d->sources, x->span.lo);

		if (!s)
			continue;
		jw_open(w, '{');
		sarif_uri(w, s->path);
		jw_key(w, "replacements");
		jw_open(w, '[');
		jw_open(w, '{');
		sarif_region(w, "deletedRegion", d->sources, x->span);
		jw_key(w, "insertedContent");
		jw_open(w, '{');
		jw_kstr(w, "text", x->text);
		jw_close(w);
		jw_close(w);
		jw_close(w);
		jw_close(w);
	}
	jw_close(w);
	jw_close(w);
	jw_close(w);
}

/* The message, with label, notes and help as further lines. */
static void sarif_message(struct jw *w, const struct diag *g)
{
	struct buf b;

	buf_init(&b, RECORD_MAX);
	buf_adds(&b, g->msg);
	if (g->label)
		buf_addf(&b, "\n%s", g->label);
	for (const struct diag_text *t = g->notes; t; t = t->next)
		buf_addf(&b, "\nnote: %s", t->text);
	for (const struct diag_text *t = g->helps; t; t = t->next)
		buf_addf(&b, "\nhelp: %s", t->text);
	jw_key(w, "message");
	jw_open(w, '{');
	jw_kstr(w, "text", buf_str(&b));
	jw_close(w);
	buf_free(&b);
}

static void sarif_result(struct jw *w, const struct diags *d, const struct diag *g, int64_t rule)
{
	jw_open(w, '{');
	jw_kstr(w, "ruleId", code_text(g->code));
	jw_kint(w, "ruleIndex", rule);
	jw_kstr(w, "level", severity_text(g->severity));
	sarif_message(w, g);
	if (source_at(d->sources, g->span.lo) && g->span.lo) {
		jw_key(w, "locations");
		jw_open(w, '[');
		sarif_location(w, d->sources, g->span, NULL);
		jw_close(w);
	}
	if (g->labels) {
		jw_key(w, "relatedLocations");
		jw_open(w, '[');
		for (const struct diag_label *l = g->labels; l; l = l->next)
			sarif_location(w, d->sources, l->span, l->text);
		jw_close(w);
	}
	sarif_fingerprint(w, d, g);
	sarif_fixes(w, d, g);
	jw_close(w);
}

static void sarif_rule(struct jw *w, enum code c)
{
	char help[64];

	snprintf(help, sizeof(help), "weft explain %s", code_text(c));
	jw_open(w, '{');
	jw_kstr(w, "id", code_text(c));
	jw_kstr(w, "name", code_slug(c));
	jw_key(w, "shortDescription");
	jw_open(w, '{');
	jw_kstr(w, "text", code_title(c));
	jw_close(w);
	jw_key(w, "help");
	jw_open(w, '{');
	jw_kstr(w, "text", help);
	jw_close(w);
	jw_key(w, "defaultConfiguration");
	jw_open(w, '{');
	jw_kstr(w, "level", severity_text(code_severity(c)));
	jw_close(w);
	jw_close(w);
}

/* The rules that have results, in the order of the codes; index[c] is the rule's number. */
static void sarif_rules(struct jw *w, const struct diags *d, int64_t *index)
{
	int64_t n = 0;

	memset(index, 0, CODE_COUNT * sizeof(*index));
	for (uint32_t i = 0; i < d->n; i++)
		index[d->v[i].code] = 1;
	jw_key(w, "rules");
	jw_open(w, '[');
	for (unsigned c = 0; c < CODE_COUNT; c++) {
		if (!index[c])
			continue;
		index[c] = n++;
		sarif_rule(w, (enum code)c);
	}
	jw_close(w);
}

void diags_print_sarif(const struct diags *d, FILE *f)
{
	int64_t *index = xcalloc(CODE_COUNT + 1, sizeof(*index));
	struct buf b;
	struct jw w;

	buf_init(&b, RECORD_MAX);
	jw_init(&w, &b, 2);
	jw_open(&w, '{');
	jw_kstr(&w, "$schema", "https://json.schemastore.org/sarif-2.1.0.json");
	jw_kstr(&w, "version", "2.1.0");
	jw_key(&w, "runs");
	jw_open(&w, '[');
	jw_open(&w, '{');
	jw_key(&w, "tool");
	jw_open(&w, '{');
	jw_key(&w, "driver");
	jw_open(&w, '{');
	jw_kstr(&w, "name", "weft");
	sarif_rules(&w, d, index);
	jw_close(&w);
	jw_close(&w);
	jw_kstr(&w, "columnKind", "unicodeCodePoints");
	jw_key(&w, "results");
	jw_open(&w, '[');
	for (uint32_t i = 0; i < d->n; i++) {
		sarif_result(&w, d, &d->v[i], index[d->v[i].code]);
		flush(&b, f);
	}
	jw_close(&w);
	jw_close(&w);
	jw_close(&w);
	jw_close(&w);
	buf_addc(&b, '\n');
	flush(&b, f);
	buf_free(&b);
	free(index);
}

/* ---- GitHub ---- */

/* Workflow-command escapes; `more` is what a property must not hold besides. */
static void github_text(struct buf *b, const char *s, const char *more)
{
	for (; *s; s++) {
		if (strchr("%\r\n", *s) || strchr(more, *s))
			buf_addf(b, "%%%02X", (unsigned)(unsigned char)*s);
		else
			buf_addc(b, *s);
	}
}

void diags_print_github(const struct diags *d, FILE *f)
{
	struct buf b;

	buf_init(&b, RECORD_MAX);
	for (uint32_t i = 0; i < d->n; i++) {
		const struct diag *g = &d->v[i];
		struct place a = source_place(d->sources, g->span.lo), z = source_place(d->sources, g->span.hi);

		buf_addf(&b, "::%s ", g->severity == SEV_NOTE ? "notice" : severity_text(g->severity));
		if (a.src) {
			buf_adds(&b, "file=");
			github_text(&b, a.src->path, ":,");
			buf_addf(&b, ",line=%u,col=%u", (unsigned)a.line, (unsigned)a.chr);
			if (z.src == a.src)
				buf_addf(&b, ",endLine=%u,endColumn=%u", (unsigned)z.line, (unsigned)z.chr);
			buf_addc(&b, ',');
		}
		buf_addf(&b, "title=%s::", code_text(g->code));
		github_text(&b, g->msg, "");
		for (const struct diag_text *t = g->helps; t; t = t->next) {
			buf_adds(&b, "%0Ahelp: ");
			github_text(&b, t->text, "");
		}
		buf_addc(&b, '\n');
		flush(&b, f);
	}
	buf_free(&b);
}
